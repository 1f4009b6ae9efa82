"""A text for the methods section of a paper: what ran, how, and whom to cite.

Its parts are the files of ``texts/``, and for each method ``sections/<method>.txt``: a
paragraph, filled from the settings, and after it the references, each as "how the
paragraph cites it: what the list of references says". A reference that no paragraph
cites is not listed.
"""

import ast
import re
from pathlib import Path

import jinja2

from proofread import __version__
from proofread.configuration.labels import is_quantitative
from proofread.configuration.negative_controls import KINDS
from proofread.configuration.objectives import AUTO, LOSSES, MONITORS
from proofread.models import architectures
from proofread.report import data, methods, run
from proofread.report.measures import CLASSES, NUMBERS, measure_of
from proofread.report.names import words
from proofread.report.network import BASELINES
from proofread.report.numbers import listed
from proofread.statistics.transforms import NONE
from proofread.statistics.units import OUTPUT

ROOM = Path(__file__).parent
ARCHITECTURES = Path(architectures.__file__).parent
JASPAR = {
    "JASPAR2014": "Mathelier et al. 2014",
    "JASPAR2016": "Mathelier et al. 2016",
    "JASPAR2018": "Khan et al. 2018",
    "JASPAR2020": "Fornes et al. 2020",
    "JASPAR2022": "Castro-Mondragon et al. 2022",
    "JASPAR2024": "Rauluseviciute et al. 2024",
    "JASPAR2026": "Ovek Baydar et al. 2026",
}
LOSS_NAMES = {
    "cross_entropy": "cross-entropy",
    "mse": "mean squared error",
    "huber": "Huber loss",
    "poisson": "Poisson likelihood (log link)",
}
_DOI = re.compile(r"doi:\s*10\.\S+?(?=[),;]*(?:\s|$))")


def describe(results, networks, configuration):
    """The text and its references.

    Parameters
    ----------
    results : proofread.report.results.Results
    networks : list of proofread.report.results.Experiment
    configuration : dict
        The checked configuration.

    Returns
    -------
    dict
        paragraphs: list of (subject, text); references: list of str, in alphabetical
        order.
    """
    names = list(dict.fromkeys(item.dataset for item in networks))
    models = list(dict.fromkeys(item.model for item in networks))
    ran = run.used(configuration, names, models)
    parts = [
        _workflow(ran),
        *(_dataset(results, name, ran["datasets"][name]) for name in names),
        *(
            _model(networks, name, ran["models"][name], ran["datasets"])
            for name in models
        ),
        _evaluation(networks, ran.get("evaluation")),
    ]
    # Of numbers without methods nothing was scored.
    if any(
        item.simulated for item in networks if item.methods or not item.quantitative
    ):
        parts.append(("Truth", *filled(ROOM / "texts/truth.txt", _controls(ran))))
    if ran.get("databases"):
        values = {"databases": ran["databases"], "papers": JASPAR}
        parts.append(("Motifs", *filled(ROOM / "texts/databases.txt", values)))
    types = {is_quantitative(ran["datasets"][name]) for name in names}
    parts += [
        of_method(name, _of_types(ran["methods"][name], types))
        for name in ran["analyses"]
    ]
    return {
        "paragraphs": [(subject, text) for subject, text, _ in parts],
        "references": sorted({line for *_, cited in parts for line in cited}),
    }


def of_method(name, settings):
    """What a paper says of one method.

    Parameters
    ----------
    name : str
    settings : dict
        Its entry of the configuration.

    Returns
    -------
    subject : str
    text : str
    references : list of str
    """
    path = ROOM / f"sections/{name}.txt"
    if path.is_file():
        return methods.title(name), *filled(path, settings)
    text = f"The method {name} was run with the settings of the configuration."
    return methods.title(name), text, []


def _of_types(settings, types):
    """A method's settings; the scale of quantitative targets is that of the output.

    `binary` and `quantitative` say whether some of the targets are.
    """
    settings = {**settings, "binary": False in types, "quantitative": True in types}
    if True not in types or "scale" not in settings:
        return settings
    both = f"{settings['scale']} (of quantitative targets, the output)"
    return settings | {"scale": both if False in types else OUTPUT}


def filled(path, values, undefined=jinja2.ChainableUndefined):
    """A file's paragraph with the values put in, and the references that it cites.

    Parameters
    ----------
    path : path
    values : dict or None
    undefined : type
        jinja2's class for what a paragraph names and `values` lacks.

    Returns
    -------
    text : str
    references : list of str
    """
    paragraph, *references = path.read_text(encoding="utf-8").strip().split("\n\n")
    environment = jinja2.Environment(undefined=undefined)
    environment.filters |= {"words": lambda name: words(str(name)), "listed": listed}
    text = " ".join(environment.from_string(paragraph).render(values or {}).split())
    cited = [" ".join(line.split()).partition(": ") for line in references]
    return text, [full for name, _, full in cited if name in text]


def _workflow(ran):
    versions = dict(run.versions(ran))
    values = {
        "proofread": __version__,
        "packages": ", ".join(f"{name} {number}" for name, number in versions.items()),
        **{name: versions.get(name) for name in ("snakemake", "torch")},
    }
    return "Workflow", *filled(ROOM / "texts/workflow.txt", values)


def _evaluation(networks, settings):
    """How predictions were measured; with `split: all` there are no baselines."""
    tables = [item.table("metrics.tsv") for item in networks]
    predictors = {name for table in tables for name in table["predictor"].unique()}
    measures = [measure_of(table) for table in tables if len(table)]
    values = {
        **(settings or {}),
        "labelled": bool(predictors),
        "classes": CLASSES in measures,
        "numbers": NUMBERS in measures,
        "baselines": not predictors.isdisjoint(BASELINES),
    }
    return "Evaluation", *filled(ROOM / "texts/evaluation.txt", values)


def _dataset(results, name, settings):
    sentence = data.sentence(results.dataset(name), settings)
    split = data.split_sentence(
        settings["split"],
        results.table(name, "splits.tsv"),
        quantitative=is_quantitative(settings),
    )
    seed = f" Seed of the simulation: {settings['seed']}." if "seed" in settings else ""
    return f"Dataset {name}", f"{sentence}{seed} Split: {split}", []


def _model(networks, name, settings, datasets):
    """The architecture, how it was trained, and with which seeds."""
    seeds = list(dict.fromkeys(item.seed for item in networks if item.model == name))
    seeds = f"{'Seed' if len(seeds) == 1 else 'Seeds'}: {listed(seeds)}."
    if "import" in settings:
        text = f"The network was imported, not trained. {seeds}"
        return f"Network {name}", text, []
    if "tune" in settings:
        made = (
            "Architecture and settings were chosen among candidates by their"
            " predictions of the validation split."
        )
    else:
        made = _architecture(settings["architecture"], settings.get("settings") or {})
    training, references = "", []
    if settings.get("training"):
        values = settings["training"]
        names = [item.dataset for item in networks if item.model == name]
        if values.get("monitor") == AUTO:
            monitors = _defaults(MONITORS, datasets, names)
            values = values | {"monitor": " or ".join(monitors)}
        losses = [values.get("loss", AUTO)]
        if losses == [AUTO]:
            losses = _defaults(LOSSES, datasets, names)
        values = values | {
            "loss_name": " or ".join(LOSS_NAMES[loss] for loss in losses),
            "transforms": {
                name: datasets.get(name, {}).get("transform", NONE)
                for name in dict.fromkeys(names)
            },
        }
        training, references = filled(ROOM / "texts/training.txt", values)
    text = " ".join(filter(None, [made, training, seeds]))
    return f"Network {name}", text, references


def _defaults(choices, datasets, names):
    """The losses or monitors by default on these datasets, one for each type."""
    types = {is_quantitative(datasets.get(name, {})) for name in names}
    return [choices[quantitative][0] for quantitative in sorted(types)]


def _architecture(name, settings):
    """The first sentence of the architecture's own description, and its papers."""
    files = sorted(ARCHITECTURES.glob("*.py"))
    sources = {path.stem: path.read_text(encoding="utf-8") for path in files}
    source = sources.get(name) or next(
        (text for text in sources.values() if f'"{name}": {{' in text), ""
    )
    docstring = " ".join((ast.get_docstring(ast.parse(source)) or "").split())
    sentence = re.match(r".*?(?:(?<!et al)\.(?= |$)|$)", docstring)[0].rstrip(".")
    dois = list(dict.fromkeys(_DOI.findall(docstring)))
    given = listed(f"{words(key)} {value}" for key, value in settings.items())
    text = f"The architecture is {name}{f' with {given}' if given else ''}"
    text += f" ({'; '.join(dois)})" if dois else ""
    return f"{text}{f': {sentence}' if sentence else ''}."


def _controls(ran):
    names = {
        "untrained": "untrained networks",
        "shuffled": "networks trained on shuffled labels",
    }
    kinds = [kind for kind in KINDS if kind in (ran.get("negative_controls") or ())]
    return {
        "controls": [names.get(kind, f"{words(kind)} networks") for kind in kinds],
        "positive": ran.get("positive_control"),
    }
