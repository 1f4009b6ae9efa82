"""The report on a small results tree: its numbers, its links, its HTML."""

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import report
from proofread.dataset import Dataset, write_dataset, write_splits
from proofread.report import charts, methods, network, numbers
from proofread.report.results import Results
from proofread.tables import write_score, write_table

STAT = np.array([[0.97, 0.01, 0.01, 0.01], [0.01, 0.01, 0.97, 0.01]] * 4)
CTCF = np.array([[0.01, 0.97, 0.01, 0.01], [0.25, 0.25, 0.25, 0.25]] * 3)
METRICS = [*network.METRICS]
HOSTILE = "<script>alert('x')</script>&\"q\""


class Page(HTMLParser):
    """Elements of a page, checked to be nested as HTML demands."""

    VOID = frozenset({"meta", "link", "img", "br", "hr", "input"})

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
        stratum=["positive" if each else "negative" for each in label],
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
    for place, predictor in enumerate(("network", "gc", "kmer6")):
        for column, metric in enumerate(METRICS):
            value = auroc - 0.2 * place - 0.01 * column - 0.001 * seed
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
        for curve in ("roc", "precision_recall")
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
        (name, stratum, 4 + place, 4)
        for place, name in enumerate(names)
        for stratum in ("negative", "positive")
    ]
    columns = ["split", "stratum", "sequences", "groups"]
    write_table(folder / "splits.tsv", pd.DataFrame(rows, columns=columns))
    for name in ("sequences.tsv", "truth.json"):
        (folder / name).write_text("x")


SCORE_COLUMNS = "dataset model seed method metric value n ci_low ci_high".split()


def write_scorecard(path, rows):
    write_table(path, pd.DataFrame(rows, columns=SCORE_COLUMNS))


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
    text = report.page(results, job.params.experiments, job.params.configuration)
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


@pytest.fixture(params=["simulated_run", "user_run"])
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
    assert "scorecard.tsv" in links or run.folder.name.startswith("user")
    assert len(links) > 5
    for link in links:
        assert (run.folder / link).is_file(), link


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
        table = simulated_run.metrics[seed].query("predictor == @predictor")
        for metric, (attributes, shown) in zip(METRICS, by_name[name], strict=True):
            row = table.query("metric == @metric").iloc[0]
            assert attributes["data-value"] == f"{row['value']:.6g}"
            expected = f"{row['value']:.3f}[{row['ci_low']:.3f}, {row['ci_high']:.3f}]"
            assert shown == expected


def test_scores_are_those_of_the_scorecard(simulated_run):
    rows = simulated_run.page.table("scores", dataset="rule1")
    assert [name for _, name in rows[0]] == ["score", "method", "seed 1", "seed 2"]
    auroc, hits = rows[1], rows[2]
    assert [attributes["data-value"] for attributes, _ in auroc[2:]] == [
        "0.822346",
        "0.832346",
    ]
    assert auroc[2][1].split() == ["0.822", "[0.700,", "0.900]n", "=", "24"]
    assert [text.split("n")[0] for _, text in hits[2:]] == ["17.0", "17.0"]


def test_only_shares_are_drawn_on_the_axis_from_0_to_1(simulated_run):
    labels = simulated_run.page.attribute("aria-label")
    assert any(label.startswith("Scores on rule1") for label in labels)
    assert simulated_run.text.count('class="seed" cx="5" cy="5"') == 1  # the key's
    # auroc of two seeds; hits (17) has no place there
    assert len(re.findall(r'class="seed" cx="\d', simulated_run.text)) == 2 + 1


def test_truth_comes_first_and_this_run_last(simulated_run):
    headings = re.findall(r'<h2 id="([^"]+)"', simulated_run.text)
    assert headings == ["truth", "dataset-rule1", "run"]


def test_without_truth_the_page_says_so_and_has_no_truth_section(user_run):
    assert 'id="truth"' not in user_run.text
    assert "No truth is known for these sequences" in user_run.page.text


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
    assert digest(methods={"toy": {"threshold": 0.6}}) != before


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


def test_one_class_only_is_said_in_words():
    table = metrics_table(1, "t", auroc=np.nan)
    said = network.verdict(table, "t", None, False)
    assert "one class only" in said["text"]


def test_a_method_without_a_section_shows_its_table_and_figures(simulated_run):
    images = [src for src in simulated_run.page.attribute("src")]
    assert len(images) == 2  # one per seed
    assert all(src.startswith("data:image/svg+xml;base64,") for src in images)
    assert "3e-14" in simulated_run.page.text


def test_only_declared_files_can_be_read(simulated_run):
    folder = simulated_run.folder
    results = Results(folder, [folder / "scorecard.tsv"])
    assert len(results.table("scorecard.tsv")) == 4
    with pytest.raises(ValueError, match=r"rule1/splits\.tsv is not an input"):
        results.table("rule1", "splits.tsv")


def test_captions_are_read_as_restructured_text(tmp_path, monkeypatch):
    (tmp_path / "toy.rst").write_text(
        "Seed {{ snakemake.wildcards.seed }}, ``x < 1``,\n*as* planned.\n\nMore at "
        '{{ snakemake.params["threshold"] }}.'
    )
    monkeypatch.setattr(methods, "CAPTIONS", tmp_path)
    experiment = SimpleNamespace(dataset="d", model="m", seed="7")
    assert methods.caption(experiment, "toy", {"threshold": 0.5}) == (
        "<p>Seed 7, <code>x &lt; 1</code>, <em>as</em> planned.</p><p>More at 0.5.</p>"
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
    ],
)
def test_numbers_are_written_for_a_reader(write, value, text):
    assert write(value) == text


def test_letters_are_as_tall_as_their_information():
    # A certain base has 2 bits: the full 30 pixels. An even column has none.
    certain, even = [1.0, 0, 0, 0], [0.25] * 4
    uses = re.findall(r"<use [^>]+>", charts.logo(np.array([certain, even]), "x"))
    assert uses == ['<use href="#A" x="0" y="0" width="11" height="30"/>']


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
    assert "<circle" not in charts.dot_plot([("a", [score])], x_label="x", label="l")
