"""The page: everything of a run in one file."""

from pathlib import Path

import jinja2
from markupsafe import Markup

from proofread.configuration.anchors import anchored
from proofread.configuration.known_motifs import kmer_comparison
from proofread.report import (
    cautions,
    data,
    matrix,
    methods,
    methods_text,
    network,
    over_seeds,
    quantities,
    run,
    sentence,
    truth,
    tuned,
)
from proofread.report.results import Experiment

TEMPLATES = Path(methods.__file__).parent
# In this order; the theme is set before anything is drawn, and what the address names
# is scrolled to when the tables and figures have their buttons.
SCRIPTS = ("text", "contents", "tables", "figures", "search", "copying", "folds")


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
        item.random_labels = (
            configuration["datasets"][item.dataset].get("rule") == "none"
        )
        item.standing = network.standing(item.table("metrics.tsv"), item.random_labels)
        item.databases = configuration.get("databases", {})
        if item.quantitative:
            model = configuration["models"][item.model]
            item.monitor = quantities.monitor(results, item.dataset, item.model, model)
    names = list(dict.fromkeys(item.dataset for item in networks))
    scorecard = results.table("scorecard.tsv")
    for item in networks:
        item.scorecard = scorecard
    scores = truth.describe(
        scorecard, {name: results.dataset(name).simulated for name in names}
    )
    for score in scores:
        score["findings"] = methods.findings(
            [one for one in networks if one.dataset == score["name"]]
        )
    styles = ["page.css", "controls.css"]
    if any(item.quantitative for item in networks):
        styles.append("quantities.css")
    text = templates.get_template("page.html.j2").render(
        first=_first(results, networks, configuration),
        learned=[
            _learned(group, _on(configuration, name))
            for name in names
            for group in _by_model(networks, name)
            if any(map(methods.has_overview, analyses))
        ],
        truth=[item for item in scores if item["simulated"]],
        sites=[item for item in scores if not item["simulated"]],
        scored=[item["name"] for item in scores],
        controls=truth.controls(scorecard),
        scorecard=results.link("scorecard.tsv"),
        binary=any(not item.quantitative for item in networks),
        over_seeds=over_seeds.describe(
            results.table("summary.tsv"),
            results.table("comparisons.tsv"),
            [
                (name, group[0].model, len(group))
                for name in names
                for group in _by_model(networks, name)
            ],
        ),
        summary=results.link("summary.tsv"),
        comparisons=results.link("comparisons.tsv"),
        datasets=[
            {
                **data.describe(
                    results,
                    name,
                    configuration["datasets"][name],
                    next(one for one in networks if one.dataset == name).table(
                        "metrics.tsv"
                    ),
                    kmer_comparison(configuration)["q_threshold"],
                ),
                "networks": [
                    {
                        **_network(templates, group, _on(configuration, name)),
                        "tuned": tuned.describe(
                            group[0], configuration.get("evaluation")
                        ),
                    }
                    for group in _by_model(networks, name)
                ],
            }
            for name in names
        ],
        paper=methods_text.describe(results, networks, configuration),
        run=run.describe(results, networks, configuration),
        glyphs=Markup(_read("glyphs.svg")),
        css=Markup("".join(map(_read, styles))),
        theme=Markup(_read("script/theme.js")),
        script=Markup("\n".join(_read(f"script/{name}.js") for name in SCRIPTS)),
    )
    return text.lstrip()


def _read(name):
    return (TEMPLATES / name).read_text(encoding="utf-8")


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


def _first(results, networks, configuration):
    """The first screen: sentences, warnings and a number of each method."""
    names = list(dict.fromkeys(item.dataset for item in networks))
    settings = {name: _on(configuration, name) for name in names}
    groups = {name: list(_by_model(networks, name)) for name in names}
    with_truth = [
        seeds
        for name in names
        for seeds in groups[name]
        # Sites are a truth where something is there to compare a score with.
        if seeds[0].simulated or matrix.compared(seeds)
    ]
    others = [
        seeds for name in names for seeds in groups[name] if not seeds[0].simulated
    ]
    scores = networks[0].scorecard if networks else {}
    analyses = configuration["analyses"]
    return {
        "datasets": [
            {
                "name": name,
                "sentences": sentence.describe(groups[name], settings[name]),
            }
            for name in names
        ],
        "warnings": [
            {"dataset": name, **item}
            for name in names
            for item in cautions.describe(results, groups[name], settings[name])
        ],
        "truth": matrix.of_truth(with_truth) if with_truth and analyses else None,
        "own": matrix.without_truth(others, settings) if others else None,
        "explained": bool(analyses)
        or any(not seeds[0].quantitative for seeds in others),
        "positive": "positive_control" in scores
        and bool(scores["positive_control"].notna().any()),
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
            "stated": experiment.standing["stated"],
            "titles": " · ".join(
                methods.title(method) for method in experiment.methods
            ),
            "methods": [
                {
                    **methods.render(templates, experiment, method, settings[method]),
                    **methods.judged(experiment, method, settings[method]),
                }
                for method in experiment.methods
            ],
            "files": experiment.files(),
        }
        for experiment in experiments
    ]
    return described
