"""What made the page: settings, seeds and versions of what ran."""

import hashlib
import importlib.metadata
import os
import platform

import yaml

from proofread import __version__
from proofread.configuration.truth import has_truth
from proofread.report.numbers import counted, listed

# Packages that every run needs, and those of one part of it.
_ALWAYS = (
    "h5py",
    "jinja2",
    "logomaker",
    "matplotlib",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
    "snakemake",
    "torch",
)
# Of the commands compare_motifs, motif_from_sites and compare, which no network reads.
_COMMANDS = ("query", "target", "sites", "compare")
# Settings of the comparison with a truth.
_OF_TRUTH = ("negative_controls", "positive_control", "ideal_explainer")
# What is off by default, and no part of a run then.
_EXTRAS = ("positive_control", "interacting_pairs", "recovered")
_OF_METHODS = {
    "long_sequence_scan": ("pybigwig", "pyfaidx"),
    "motif_discovery": ("modisco-lite", "numba"),
}


def describe(results, networks, configuration):
    """What ran, as the last section of the page shows it.

    Parameters
    ----------
    results : proofread.report.results.Results
    networks : list of proofread.report.results.Experiment
    configuration : dict
        The checked configuration.

    Returns
    -------
    dict
    """
    names = list(dict.fromkeys(item.dataset for item in networks))
    models = list(dict.fromkeys(item.model for item in networks))
    seeds = list(dict.fromkeys(item.seed for item in networks))
    ran = used(configuration, names, models)
    settings = yaml.safe_dump(
        _without_folders(
            {
                # Where results are written, and in which formats, does not change them.
                **{
                    key: value
                    for key, value in ran.items()
                    if key not in ("pathvars", "figures")
                },
                "experiments": [
                    f"{item.dataset}, {item.model}, seed {item.seed}"
                    for item in networks
                ],
            }
        ),
        sort_keys=True,
        allow_unicode=True,
    )
    return {
        "subject": " · ".join(
            [listed(names), listed(models), counted(len(seeds), "seed")]
        ),
        "digest": hashlib.sha256(settings.encode()).hexdigest()[:12],
        "experiments": f"{len(networks)}: {listed(models)} on {listed(names)}; "
        f"{'seed' if len(seeds) == 1 else 'seeds'} {listed(seeds)}",
        "methods": listed(configuration["analyses"]) or "none",
        "versions": [
            ("proofread", __version__),
            *(
                (f"{name} made with", _versions(made.items()))
                for name in names
                if (made := results.dataset(name).settings.get("versions"))
            ),
            ("packages", _versions(versions(ran))),
        ],
        "settings": settings,
    }


def used(configuration, datasets, models):
    """The part of a configuration that some job of the run took.

    Parameters
    ----------
    configuration : dict
    datasets, models : list of str
        Those of the experiments.

    Returns
    -------
    dict
        Without the datasets, models, methods, databases and settings that nothing used.
    """
    unused = set(_COMMANDS)
    unused.update(key for key in _EXTRAS if not configuration.get(key))
    if not any(has_truth(configuration["datasets"][name]) for name in datasets):
        unused.update(_OF_TRUTH)
    kept = {key: value for key, value in configuration.items() if key not in unused}
    kept["methods"] = _only(configuration, "methods", "analyses")
    databases = {
        name
        for settings in kept["methods"].values()
        for name in settings.get("databases") or ()
    }
    chosen = {"datasets": datasets, "models": models, "databases": databases}
    for section, names in chosen.items():
        if section in configuration:
            kept[section] = {
                name: settings
                for name, settings in configuration[section].items()
                if name in names
            }
    return kept


def _only(configuration, section, names):
    return {name: configuration[section][name] for name in configuration[names]}


def packages(configuration):
    """The packages that decide the numbers of a run.

    Parameters
    ----------
    configuration : dict
        From `used`.

    Returns
    -------
    list of str
        Without those that made the datasets, which a dataset names itself.
    """
    names = set(_ALWAYS)
    if any("import" not in model for model in configuration["models"].values()):
        names.add("pytorch-lightning")
    databases = configuration.get("databases", {})
    if any("release" in database for database in databases.values()):
        names.add("pyjaspar")
    for method, own in _OF_METHODS.items():
        if method in configuration["analyses"]:
            names.update(own)
    return sorted(names)


def versions(configuration):
    """Names and versions of Python and of the packages that decide a run's numbers.

    Parameters
    ----------
    configuration : dict
        From `used`.

    Returns
    -------
    list of (str, str)
        In the order of the names.
    """
    python = ("python", platform.python_version())
    return sorted(
        [python, *((name, _version(name)) for name in packages(configuration))]
    )


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        # With conda each rule has an environment of its own; the page's is small.
        return "(version in envs/)"


def _versions(versions):
    return ", ".join(f"{name} {version}" for name, version in versions)


def _without_folders(value):
    """The same settings with absolute paths shortened to their file's name."""
    if isinstance(value, dict):
        return {key: _without_folders(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_folders(item) for item in value]
    if isinstance(value, str) and os.path.isabs(value):
        return os.path.basename(value)
    return value
