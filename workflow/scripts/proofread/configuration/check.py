"""The whole configuration, checked before any job runs.

Imported by the Snakefile's own process, so it costs milliseconds: no torch, no
pandas, and no data is read.
"""

import re
from pathlib import Path

from proofread.configuration.anchors import check_anchor
from proofread.configuration.candidates import candidate_name
from proofread.configuration.effects import with_effects
from proofread.configuration.existing_files import check_files
from proofread.configuration.foreign_formats import conversion_for
from proofread.configuration.label_checks import check_labels
from proofread.configuration.labels import with_split
from proofread.configuration.logic import parse
from proofread.configuration.method_settings import fill_methods
from proofread.configuration.model_settings import fill_models
from proofread.configuration.negative_controls import kind_of
from proofread.configuration.pair_study import check_pair_study
from proofread.configuration.positive_control import ORACLE
from proofread.configuration.quantities import check_quantities
from proofread.configuration.recovered import check_recovered
from proofread.configuration.schema import check, schema_names, schema_of
from proofread.configuration.suggestions import advice
from proofread.configuration.tuning import tuned_models
from proofread.errors import InputError

# Names become folders and parts of file names, which have at most 255 bytes.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
# Names of folders that the workflow makes next to those of the user's names.
_TAKEN = {
    "datasets": ["databases"],
    "models": [
        "baselines",
        "ideal_explainer",
        "long_sequence_scan",
        ORACLE,
        "preview",
        "shards",
        "summary",
    ],
}


def check_configuration(config, schemas_folder, *, config_path="the configuration"):
    """Check the merged configuration and fill in every default.

    Parameters
    ----------
    config : dict
        As Snakemake merged it; left unchanged.
    schemas_folder : str or path
        workflow/schemas.
    config_path : str
        What to call it in a message: the path of the configuration file.

    Returns
    -------
    dict
        Complete: no key that a rule reads is absent.

    Raises
    ------
    InputError
        For the first mistake.
    """
    schemas = Path(schemas_folder)
    checked = check(config, schema_of("config", schemas), config_path)
    for section in ("datasets", "models", "databases", "downloads", "compare"):
        _check_names(checked[section], section, config_path)
    _fill_datasets(checked["datasets"], schemas, config_path)
    fill_models(checked["models"], schemas, config_path)
    _check_candidate_names(checked["models"], config_path)
    for section in ("databases", "downloads"):
        schema = schema_of(section.removesuffix("s"), schemas)
        _fill_entries(checked[section], schema, config_path, section)
    fill_methods(checked, schemas, config_path)
    check_pair_study(checked, config_path)
    check_recovered(checked, config_path)
    check_files(checked, config_path)
    return checked


def _check_names(entries, section, config_path):
    for name in entries:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            expected = "at most 100 letters, digits, _ - and . after a letter or digit"
            if section != "compare":
                expected += ": it names a file"
            remedy = "rename it; a number or a word such as no or on goes in quotes"
        elif name in _TAKEN.get(section, []):
            expected = f"a name other than that of the results' own folder {name}"
            remedy = "rename it"
        elif section.split(".")[0] == "models" and kind_of(name):
            expected = (
                f"a name that does not end in .{kind_of(name)}: negative controls' do"
            )
            remedy = "rename it"
        elif (section, name) == ("databases", "planted"):
            expected = "a name other than that of the motifs planted in simulated data"
            remedy = "rename it"
        else:
            continue
        raise InputError(
            f"{config_path}: {section}", f"the name {name!r}", expected, remedy
        )


def _check_candidate_names(models, config_path):
    """Each candidate is trained as a model of its own, whose name must be free."""
    taken = set(models)
    for model, tune in tuned_models(models).items():
        key = f"models.{model}.tune.candidates"
        _check_names(tune["candidates"], key, config_path)
        names = {candidate_name(model, candidate) for candidate in tune["candidates"]}
        if twice := sorted(taken & names):
            raise InputError(
                f"{config_path}: models",
                f"the name {twice[0]!r}",
                "a name other than <model>.<candidate> of a tuned model, whose "
                "candidates are trained under these names",
                "rename the model or the candidate",
            )
        taken |= names


def _fill_entries(entries, schema, where, section):
    for name, entry in entries.items():
        entries[name] = check(entry, schema, where, f"{section}.{name}")


def _fill_datasets(datasets, schemas, config_path):
    sources = schema_names(schemas / "datasets")
    for name, entry in datasets.items():
        key = f"datasets.{name}"
        where = f"{config_path}: {key}"
        source = entry.get("source") if isinstance(entry, dict) else None
        if source not in sources:
            raise InputError(
                where,
                f"source {source!r}" if source else "no 'source'",
                "source: one of " + ", ".join(sources),
                conversion_for(source)
                or advice(source, sources, "add where the sequences come from"),
            )
        if source == "simulate" and "truth" in entry:
            raise InputError(
                f"{where}.truth",
                "known sites of simulated sequences",
                "truth of sequences from files; here the planted motifs are the truth",
                "remove it, or read the sequences from a file (source: fasta, ...)",
            )
        schema = schema_of(source, schemas / "datasets")
        dataset = check(with_split(entry), schema, config_path, key)
        if source == "simulate":
            dataset = with_effects(dataset, where)
            _check_logic(dataset, where)
        datasets[name] = dataset
        check_quantities(dataset, where)
        check_labels(dataset, where)
        check_anchor(dataset.get("anchor"), dataset.get("length"), where)


def _check_logic(settings, where):
    """Check the expressions of rule logic, whose form the schema cannot describe."""
    for target, expression in (settings["targets"] or {}).items():
        parse(expression, settings["motifs"], f"{where}.targets.{target}")
    if settings["logic"] is not None:
        parse(settings["logic"], settings["motifs"], f"{where}.logic")
