"""What all rules share: the checked configuration, the experiments, the digests."""

import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

WORKFLOW = Path(workflow.basedir) / "workflow"
sys.path.insert(0, str(WORKFLOW / "scripts"))

from proofread.configuration import check_configuration, read_experiments
from proofread.errors import InputError
from proofread.provenance import library_digest
from proofread.user_files import files_of

# For messages: the files the configuration came from, the user's own last.
CONFIGURATION = " + ".join(
    str(path).removeprefix(f"{Path.cwd()}/")
    for path in dict.fromkeys(reversed(workflow.configfiles))
)

try:
    config = check_configuration(
        config, WORKFLOW / "schemas", config_path=CONFIGURATION or "the configuration"
    )
    experiments = read_experiments(config["experiments"], config)
except InputError as error:
    # A user's mistake: its message alone, without the traceback of our code.
    raise WorkflowError(str(error)) from None


def library(script):
    """Digest of the library modules a script imports.

    Snakemake reruns a rule when its script changes, but does not look at what the
    script imports; as a parameter of the rule the digest makes it do so.
    """
    return library_digest(WORKFLOW / "scripts" / f"{script}.py")


def names_of(source):
    """A pattern of the datasets with this source; one that matches nothing if none."""
    names = [
        name
        for name, dataset in config["datasets"].items()
        if (dataset["source"] == "simulate") == (source == "simulate")
    ]
    return "|".join(map(re.escape, names)) or "(?!)"


SIMULATED = names_of("simulate")
READ = names_of("read")
# A new source may have files under keys that no rule knows.
FILES = {name: files_of(dataset) for name, dataset in config["datasets"].items()}
DATASETS = [each["dataset"] for each in experiments]
MODELS = [each["model"] for each in experiments]
SEEDS = [each["seed"] for each in experiments]


wildcard_constraints:
    dataset=r"[A-Za-z0-9_.-]+",
    model=r"[A-Za-z0-9_.-]+",
    seed=r"\d+",
