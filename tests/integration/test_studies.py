"""`snakemake figures` of the shipped studies, small: all outputs, the same bytes twice.

Two are made in every run of the tests: koo2021, of the published ones, and the
leaderboard with the methods that take least. The others are slow.

The sizes are lowered by `small_studies`, everything else is as shipped. So few
sequences and epochs teach a network nothing: the tests ask for what a study measures,
not for how good it is.
"""

import re
import shutil
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import yaml

import runs
import small_studies
from proofread.studies.leaderboard import ONE_SEED
from proofread.studies.published import AS_GOOD, NO_SPREAD, WITHIN, WORSE
from proofread.tables import read_table

STUDIES = {
    "koo2021": {
        "models": ["dist_exponential"],
        "datasets": ["core_motifs"],
        "seeds": 1,
    },
    "ghotra2021": {
        "models": ["cnn2_exponential"],
        "datasets": ["twelve_motifs"],
        "seeds": 2,
    },
    "ghotra2021_task2": {
        "models": ["cnn_exponential"],
        "datasets": ["core_motifs"],
        "seeds": 1,
    },
    "leaderboard": {
        "models": ["koo_local"],
        "datasets": ["order"],
        "seeds": 1,
        "controls": ["untrained"],  # of two kinds: all methods take their time
    },
}
# Methods of the leaderboard: those with maps, which take least.
LIGHT = ["kmer_perturbation", "saturation_mutagenesis", "attributions"]
PUBLISHED = {"published.tsv", "published.md", "published.svg"}
LEADERBOARD = {
    *("leaderboard.tsv", "leaderboard.md", "leaderboard.svg"),
    *("ranks.tsv", "ranks.svg", "win_matrix.tsv", "preferences.tsv"),
    *("ranks_without_mean.tsv", "interpretable.tsv", "interpretable.svg"),
    *("interpretable_curve.tsv", "interpretable_thresholds.tsv"),
    "interpretable_rules.tsv",
}
# The score of each method, by docs/studies.md. On the rule `order` no motif counts
# alone, so motif_insertion has none.
POSITIONS = "position_auroc"
HEADLINE = {
    **dict.fromkeys(("integrated_gradients", "saliency", "smoothgrad"), POSITIONS),
    **dict.fromkeys(("gradient_x_input", "deeplift_shap", "gradient_shap"), POSITIONS),
    **dict.fromkeys(("saturation_mutagenesis", "kmer_perturbation"), POSITIONS),
    **dict.fromkeys(("tomtom", "motif_discovery"), "planted_motifs_found"),
    "filter_nullification": "influence_auroc",
    "motif_tests": "tests_recovered",
    "greedy_substitution": "destroy_edits_planted",
}
LIGHT_HEADLINE = {
    method: metric for method, metric in HEADLINE.items() if metric == POSITIONS
}
# Networks, and negative controls (one of each kind for each dataset and model): four
# models with ten seeds; eight with ten and eight with three; four with ten, twice;
# six rules, six models, five seeds and two kinds; five rules with ten simulations,
# without controls; two models, five seeds and two kinds, twice.
NETWORKS = {
    "koo2021": (4 * 10, 4),
    "koo2021_activations": (8 * 10 + 8 * 3, 16),
    "ghotra2021": (4 * 10, 4),
    "ghotra2021_task2": (4 * 10, 4),
    "leaderboard": (6 * 6 * 5, 6 * 6 * 2),
    "recovered": (5 * 10, 0),
    "pairs": (2 * 5, 2 * 2),
    "pairs_full": (2 * 5, 2 * 2),
}
# The rule that makes the tables of a study.
LAST = {
    **{"leaderboard": "leaderboard", "recovered": "recovered"},
    **{"pairs": "interacting_pairs", "pairs_full": "interacting_pairs"},
}
# A cell of the Markdown has at least three digits after the point.
HALF_A_DIGIT = 0.00051


def made(folder, name, cores, **changes):
    """A folder with the results of a small study."""
    small_studies.prepare(folder, name, **STUDIES[name], **changes)
    small_studies.run(folder, name, "--cores", str(cores))
    return folder


@pytest.fixture(scope="module")
def task2(tmp_path_factory):
    return made(tmp_path_factory.mktemp("task2") / "run", "ghotra2021_task2", 2)


@pytest.fixture(scope="module")
def koo2021(tmp_path_factory):
    return made(tmp_path_factory.mktemp("koo2021") / "run", "koo2021", 2)


@pytest.fixture(scope="module")
def ghotra2021(tmp_path_factory):
    return made(tmp_path_factory.mktemp("ghotra2021") / "run", "ghotra2021", 2)


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaderboard") / "run"
    return made(folder, "leaderboard", 2, analyses=LIGHT)


@pytest.fixture(scope="module")
def whole_board(tmp_path_factory):
    return made(tmp_path_factory.mktemp("whole") / "run", "leaderboard", 2)


def bytes_of(folder, name):
    """Bytes of the figures and tables of a study, by file."""
    paths = sorted(small_studies.figures(folder, name).iterdir())
    return {path.name: path.read_bytes() for path in paths}


def rows_of(text, column):
    """Rows of the Markdown's tables that have a column, as mappings of text."""
    rows, header = [], None
    for line in text.splitlines():
        if not line.startswith("|"):
            header = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if header is None:
            header = cells
        elif column in header and set(cells) != {"---"}:
            rows.append(dict(zip(header, cells, strict=True)))
    return rows


def assert_complete(figures, expected):
    """A folder has these files, and none is empty."""
    sizes = {path.name: path.stat().st_size for path in figures.iterdir()}
    assert expected <= sizes.keys()
    assert min(sizes.values()) > 0


def assert_drawn(paths):
    """Each SVG is well-formed and has lines in it."""
    svg = "{http://www.w3.org/2000/svg}"
    for path in paths:
        root = ElementTree.parse(path).getroot()
        assert root.tag == f"{svg}svg", path
        assert float(root.get("width").removesuffix("pt")) > 100, path
        assert len(list(root.iter(f"{svg}path"))) > 10, path


def assert_compared(folder, name, scores):
    """Published scores of the kept model, each measured, the same in the Markdown.

    Parameters
    ----------
    scores : set of (str, str)
        Methods and metrics that a published table has of this model.
    """
    figures = small_studies.figures(folder, name)
    assert_complete(figures, PUBLISHED)
    assert_drawn(figures.glob("*.svg"))
    table = read_table(figures / "published.tsv")
    assert set(zip(table["method"], table["metric"], strict=True)) == scores
    (model,), seeds = STUDIES[name]["models"], STUDIES[name]["seeds"]
    assert set(table["model"]) == {model}
    assert (table["n"] == seeds).all()
    assert (table["sd"].notna() == (seeds > 1)).all()
    # Predictions of a negative control are not measured.
    of_methods = table["method"] != "evaluate"
    assert (table["negative_control"].notna() == of_methods).all()
    text = (figures / "published.md").read_text()
    cells = rows_of(text, "verdict")
    for row, cell in zip(table.to_dict("records"), cells, strict=True):
        assert f"### {row['table']}\n" in text
        assert row["lowest"] <= row["mean"] <= row["highest"]
        assert row["verdict"] == expected_verdict(row)
        lower = " (lower is better)" if row["better"] == "lower" else ""
        assert (cell["network"], cell["score"]) == (model, f"{row['score']}{lower}")
        assert (cell["n"], cell["verdict"]) == (str(seeds), row["verdict"])
        for column, key in (("published", "published"), ("ours", "mean")):
            value = float(cell[column].split(" ± ")[0])
            assert value == pytest.approx(row[key], abs=HALF_A_DIGIT)


def expected_verdict(row):
    """As docs/studies.md defines it."""
    ours = row["mean"] if np.isnan(row["best_runs"]) else row["best_mean"]
    worse = row["published"] - ours
    if row["better"] == "lower":
        worse = -worse
    spread = row["sd"] if np.isnan(row["published_sd"]) else row["published_sd"]
    worse -= row["rounding"]
    if worse <= 0:
        return AS_GOOD
    if np.isnan(spread):
        return NO_SPREAD
    return WITHIN if worse <= spread else WORSE


def ideal_of(folder, name):
    """The scores of the ideal explainer, by metric and answer."""
    table = small_studies.table(folder, name, "published.tsv")
    answers = table["variant"].str.rpartition(" ")[2]
    keys = zip(table["metric"], answers, strict=True)
    return dict(zip(keys, table["ideal"], strict=True))


def assert_ranked(folder, headline):
    """Each method has its score, and all of positions their ranks, of one network.

    Parameters
    ----------
    headline : dict of str to str
        The metric of each method.
    """
    figures = small_studies.figures(folder, "leaderboard")
    assert_complete(figures, LEADERBOARD)
    assert_drawn(figures.glob("*.svg"))
    table = small_studies.table(folder, "leaderboard", "leaderboard.tsv")
    assert dict(zip(table["method"], table["metric"], strict=True)) == headline
    assert (table["n"] + table["missing"] == 1).all()
    positions = table[table["metric"] == POSITIONS]
    assert (positions["n"] == 1).all()
    assert (positions["note"] == ONE_SEED).all()
    by_method = table.set_index("method")
    cells = rows_of((figures / "leaderboard.md").read_text(), "koo_local")
    assert len(cells) == len(headline)
    for cell in cells:
        row = by_method.loc[cell["method"]]
        assert cell["metric"] == row["metric"]
        if row["note"] == ONE_SEED:
            fraction = float(cell["koo_local"])
            assert fraction == pytest.approx(row["fraction"], abs=HALF_A_DIGIT)
        else:
            assert cell["koo_local"] == f"not defined: {row['note']}"
    # One network: the ranks of eight methods are 1 to 8, ties share their mean.
    ranks = small_studies.table(folder, "leaderboard", "ranks.tsv")
    assert ranks.loc[ranks["metric"] == POSITIONS, "rank"].sum() == 36
    points = small_studies.table(folder, "leaderboard", "interpretable.tsv")
    assert len(points) == 8
    assert points["test_auroc"].nunique() == 1


def test_attributions_beside_published_scores(koo2021):
    methods = ("attributions", "saturation_mutagenesis")
    scores = {(method, "position_auroc") for method in methods}
    assert_compared(koo2021, "koo2021", scores)
    ideal = ideal_of(koo2021, "koo2021")
    # Computed for these data; here for 30 positives.
    assert ideal["position_auroc", "signed_raw"] == pytest.approx(0.847, abs=0.03)
    # Every column with information changes something.
    assert ideal["position_auroc", "l2"] == 1


def test_what_all_studies_have(koo2021):
    results = small_studies.figures(koo2021, "koo2021").parent
    assert_drawn([results / "scorecard.svg", results / "summary.svg"])
    assert not (results / "report.html").exists()


def test_the_leaderboard(board):
    assert_ranked(board, LIGHT_HEADLINE)


@pytest.mark.parametrize(
    ("study", "name"), [("koo2021", "koo2021"), ("board", "leaderboard")]
)
def test_the_same_figures_from_the_kept_answers(study, name, request):
    folder = request.getfixturevalue(study)
    before = bytes_of(folder, name)
    shutil.rmtree(small_studies.figures(folder, name))
    small_studies.run(folder, name, "--cores", "1")
    assert bytes_of(folder, name) == before


@pytest.mark.slow
def test_the_same_figures_from_nothing_with_another_number_of_cores(koo2021, tmp_path):
    again = made(tmp_path / "again", "koo2021", 1)
    assert bytes_of(again, "koo2021") == bytes_of(koo2021, "koo2021")


@pytest.mark.slow
def test_gradient_x_input_beside_published_scores(task2):
    metrics = ("auroc_0.1_bit", "auprc_0.1_bit", "signal_to_noise")
    scores = {("attributions", f"position_{metric}") for metric in metrics}
    scores.add(("evaluate", "test_auroc"))
    assert_compared(task2, "ghotra2021_task2", scores)
    # Computed for these data; here for 30 positives.
    ideal = ideal_of(task2, "ghotra2021_task2")
    auroc = ideal["position_auroc_0.1_bit", "signed_raw"]
    auprc = ideal["position_auprc_0.1_bit", "signed_raw"]
    assert (auroc, auprc) == pytest.approx((0.867, 0.892), abs=0.03)


@pytest.mark.slow
def test_filters_beside_published_scores(ghotra2021):
    metrics = ("filter_true_rate", "filter_other_rate")
    scores = {("tomtom", metric) for metric in metrics}
    assert_compared(
        ghotra2021, "ghotra2021", scores | {("evaluate", "test_auprc_pooled")}
    )


@pytest.mark.slow
def test_the_leaderboard_of_all_methods(whole_board):
    assert_ranked(whole_board, HEADLINE)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_the_plan_of_the_whole_study(name, tmp_path):
    shutil.copytree(runs.ROOT / "config", tmp_path / "config")
    (tmp_path / "resources").symlink_to(runs.ROOT / "resources")
    # The logger of make prints no plan.
    said = small_studies.run(tmp_path, name, "-n", "--quiet", "rules", logger=False)
    stats = said.split("Job stats:")[1].split("total")[0]
    jobs = {rule: int(n) for rule, n in re.findall(r"^(\w+) +(\d+)$", stats, re.M)}
    networks, controls = NETWORKS[name]
    study = yaml.safe_load((runs.ROOT / f"config/{name}.yaml").read_text())
    for rule in ("train", *study["analyses"]):
        of_controls = jobs.get(f"{rule}_control", 0)
        assert (jobs[rule], of_controls) == (networks, controls), rule
    assert jobs["evaluate"] == networks
    assert jobs["simulate"] == jobs["ideal_explainer"] == len(study["datasets"])
    last = LAST.get(name, "published")
    assert [jobs[rule] for rule in ("scorecard", "summary", last, "figures")] == [1] * 4
