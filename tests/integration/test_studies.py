"""`snakemake figures` of the shipped studies, small: all outputs, the same bytes twice.

The sizes are lowered by `small_studies`, everything else is as shipped. So few
sequences and epochs teach a network nothing: the tests ask for what a study measures,
not for how good it is.
"""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

import runs
import small_studies
from proofread.studies.published import ABOVE, BELOW, NO_SPREAD, WITHIN
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
        "datasets": ["order", "none"],
        "seeds": 1,
    },
}
PUBLISHED = {"published.tsv", "published.md", "published.svg"}
LEADERBOARD = {
    *("leaderboard.tsv", "leaderboard.md", "leaderboard.svg"),
    *("ranks.tsv", "ranks.svg", "win_matrix.tsv", "preferences.tsv"),
    *("interpretable.tsv", "interpretable.svg"),
    *("interpretable_curve.tsv", "interpretable_thresholds.tsv"),
}
# A cell of the Markdown has at least three digits after the point.
HALF_A_DIGIT = 0.00051


def made(folder, name, cores):
    """A folder with the results of a small study."""
    small_studies.prepare(folder, name, **STUDIES[name])
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
    return made(tmp_path_factory.mktemp("leaderboard") / "run", "leaderboard", 2)


def bytes_of(folder, name):
    """Bytes of the figures and tables of a study, by file."""
    paths = sorted(small_studies.figures(folder, name).iterdir())
    return {path.name: path.read_bytes() for path in paths}


def markdown_tables(text):
    """The tables of Markdown by the heading above them; cells are text."""
    tables, heading = {}, ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if line.startswith("| "):
            tables.setdefault(heading, []).append(line.strip("| ").split(" | "))
    return {
        heading: pd.DataFrame(rows, columns=[cell.strip() for cell in header])
        for heading, (header, _, *rows) in tables.items()
    }


def assert_drawn(paths):
    """Each SVG is well-formed and has lines in it."""
    svg = "{http://www.w3.org/2000/svg}"
    for path in paths:
        root = ElementTree.parse(path).getroot()
        assert root.tag == f"{svg}svg", path
        assert float(root.get("width").removesuffix("pt")) > 100, path
        assert len(list(root.iter(f"{svg}path"))) > 10, path


def assert_compared(folder, name, scores):
    """Published scores of one kept model, each measured, the same in the Markdown.

    Parameters
    ----------
    scores : dict of str to (str, str)
        Of the scores that a published table has of this model: method and metric.
    """
    figures = small_studies.figures(folder, name)
    assert {path.name for path in figures.iterdir()} == PUBLISHED
    assert_drawn(figures.glob("*.svg"))
    table = read_table(figures / "published.tsv")
    assert set(scores) <= set(table["score"])
    (model,), seeds = STUDIES[name]["models"], STUDIES[name]["seeds"]
    assert set(table["model"]) == {model}
    assert (table["n"] == seeds).all()
    assert table["sd"].notna().all() == (seeds > 1)
    (text,) = markdown_tables((figures / "published.md").read_text()).items()
    shown = pd.concat(markdown_tables((figures / "published.md").read_text()).values())
    assert len(shown) == len(table)
    for row, cells in zip(
        table.to_dict("records"), shown.to_dict("records"), strict=True
    ):
        where = f"{name}: {row['score']}"
        assert (row["method"], row["metric"]) == scores[row["score"]], where
        assert row["lowest"] <= row["mean"] <= row["highest"], where
        assert row["verdict"] == expected_verdict(row), where
        assert (cells["network"], cells["score"]) == (model, row["score"])
        assert (cells["n"], cells["verdict"]) == (str(seeds), row["verdict"])
        for column, key in (("published", "published"), ("ours", "mean")):
            value = float(cells[column].split(" ± ")[0])
            assert value == pytest.approx(row[key], abs=HALF_A_DIGIT), where
        control = cells["negative control"]
        assert (control == "") == np.isnan(row["negative_control"]), where


def expected_verdict(row):
    """By docs/studies.md."""
    ours = row["mean"] if np.isnan(row["best_runs"]) else row["best_mean"]
    worse = row["published"] - ours
    if row["better"] == "lower":
        worse = -worse
    spread = row["sd"] if np.isnan(row["published_sd"]) else row["published_sd"]
    if worse <= row["rounding"]:
        return ABOVE
    if np.isnan(spread):
        return NO_SPREAD
    return WITHIN if worse <= spread else BELOW
