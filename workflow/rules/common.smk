"""What all rules share: the checked configuration, the experiments, the digests."""

import re
from functools import partial

from snakemake.exceptions import WorkflowError

from proofread.configuration import negative_controls, stored_files, tuning
from proofread.configuration.adapter import adapter_digest
from proofread.configuration.anchors import with_anchor
from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.configuration.figure_files import siblings
from proofread.configuration.files import ConfigurationFiles, section_of
from proofread.configuration.method_settings import scored
from proofread.configuration.provenance import library_digest
from proofread.configuration.resources import growing
from proofread.configuration.user_files import files_of, of_wildcard
from proofread.errors import InputError

# The `config` of a module statement may be any part of the calling workflow's, or none.
given = workflow.modifier.skip_configfile
section = section_of(config, workflow.modifier_stack[0].globals["config"])
try:
    files = ConfigurationFiles.read(
        reversed(workflow.configfiles),
        section if given else (),
        f"the config of module {__name__}",
    )
except InputError as error:
    raise WorkflowError(str(error)) from None

try:
    config = check_configuration(config, WORKFLOW / "schemas", config_path=str(files))
    experiments = read_experiments(config["experiments"], config)
except InputError as error:
    # A user's mistake: its message alone, without the traceback of our code.
    raise WorkflowError(str(files.located(error))) from None


def library(script):
    """Digest of the library modules a script imports.

    Snakemake reruns a rule when its script changes, but does not look at what the
    script imports; as a parameter of the rule the digest makes it do so.
    """
    return library_digest(WORKFLOW / "scripts" / f"{script}.py")


def any_of(names):
    """A pattern of these names; of none, one that matches nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


def without_split(wildcards):
    """A dataset's settings but for what is used later, whose change reruns that alone."""
    settings = config["datasets"][wildcards.dataset]
    return {key: settings[key] for key in settings if key not in ("split", "anchor")}


def shards_of(wildcards):
    """Files of a dataset's shards; none where one job makes the whole."""
    shards = config["datasets"][wildcards.dataset]["shards"]
    return [
        f"<results>/{wildcards.dataset}/shards/{shard}.h5"
        for shard in range(shards if shards > 1 else 0)
    ]


SOURCES = {name: dataset["source"] for name, dataset in config["datasets"].items()}
SIMULATED = any_of(name for name in SOURCES if SOURCES[name] == "simulate")
READ = any_of(name for name in SOURCES if SOURCES[name] != "simulate")
# User models are imported, the others trained: with their own settings, or chosen ones.
ADAPTER_DIGESTS = {
    name: adapter_digest(model["import"]["adapter"])
    for name, model in config["models"].items()
    if "import" in model
}
IMPORTED = any_of(ADAPTER_DIGESTS)
TRAINED = any_of(name for name in config["models"] if name not in ADAPTER_DIGESTS)
# Negative controls are trained like the others, or not at all.
CONTROL_MODELS = negative_controls.control_models(
    config["models"], config["negative_controls"]
)
MODELS_AND_CONTROLS = config["models"] | CONTROL_MODELS
NETWORKS = any_of(config["models"])
CONTROLS = any_of([*CONTROL_MODELS, "oracle"])
CONTROL_EXPERIMENTS = negative_controls.control_experiments(
    experiments, config["datasets"], CONTROL_MODELS
)
untrained_of = partial(negative_controls.untrained_file, CONTROL_MODELS)
as_written = partial(
    stored_files.as_written, prefix=workflow.storage_settings.default_storage_prefix
)
other_formats = partial(siblings, config["figures"]["formats"])
FILES = {name: files_of(dataset) for name, dataset in config["datasets"].items()}
DATASETS = [each["dataset"] for each in experiments]
MODELS = [each["model"] for each in experiments]
SEEDS = [each["seed"] for each in experiments]
