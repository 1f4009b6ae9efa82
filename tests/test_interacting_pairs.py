"""The study of interacting pairs: ranks, scores and summaries by hand."""

import copy
import math
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

import interacting_pairs as script
import runs
from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.configuration.pair_study import METHODS
from proofread.configuration.schema import SCHEMAS
from proofread.datasets.dataset import TRUTH_COLUMNS, Dataset, write_dataset
from proofread.errors import InputError
from proofread.statistics.metrics import auprc, random_auprc
from proofread.studies.interacting_pairs import (
    motifs_held,
    network_scores,
    over_seeds,
    pair_scores,
    predicted_scores,
)
from proofread.studies.interacting_pairs_figure import draw_interacting_pairs
from proofread.studies.interacting_pairs_table import markdown
from proofread.tables import read_table, write_table

ROOT = Path(__file__).parents[1]
DATASETS = {"d": {"motifs": ["a", "b", "c"], "interacting_pairs": [["b", "a"]]}}
NAN = float("nan")


@pytest.fixture
def write(tmp_path):
    """Write a table of pairs, and give its path."""

    def write_pairs(values, model="m", seed=1, method="motif_tests"):
        rows = [
            {"target": "pairs", "first": first, "second": second, "n": 9}
            | {"interaction": value, "ci_low": value - 1, "ci_high": value + 1}
            for (first, second), value in values.items()
        ]
        path = tmp_path / "d" / model / f"seed{seed}" / method / "pairs.tsv"
        path.parent.mkdir(parents=True)
        columns = ["target", "first", "second", "n", "interaction"]
        columns += ["ci_low", "ci_high"]
        write_table(path, pd.DataFrame(rows, columns=columns))
        return path

    return write_pairs


def scores_of(path, test_auroc=0.9):
    table = network_scores(pair_scores([path], DATASETS), {("d", "m", "1"): test_auroc})
    return table.iloc[0]


# -- one network ----------------------------------------------------------------------


def test_planted_pairs_rank_among_all_pairs(write):
    # Ranks: a-c 1, a-b (planted) 2, b-c 3. At rank 2 half of the pairs are planted, and
    # one of the two others is below.
    scores = pair_scores(
        [write({("a", "b"): 1, ("a", "c"): 2, ("b", "c"): 0.5})], DATASETS
    )
    assert scores["rank"].tolist() == [2, 1, 3]
    assert scores["planted"].tolist() == [True, False, False]
    row = network_scores(scores, {("d", "m", "1"): 0.9}).iloc[0]
    assert (row["auprc"], row["auroc"]) == (1 / 2, 1 / 2)
    assert (row["pairs"], row["planted"], row["not_measured"]) == (3, 1, 0)
    assert row["test_auroc"] == 0.9


def test_the_order_of_names_does_not_matter(write):
    row = scores_of(write({("b", "a"): 3, ("c", "a"): 2, ("c", "b"): 1}))
    assert (row["auprc"], row["auroc"]) == (1, 1)


def test_interactions_are_signed(write):
    # -5 is a large interaction, but it lowers the logit: the last rank, 1 of 3.
    row = scores_of(write({("a", "b"): -5, ("a", "c"): 0, ("b", "c"): 1}))
    assert row["auprc"] == pytest.approx(1 / 3)
    assert row["auroc"] == 0


def test_ties_share_a_threshold(write):
    # a-b and a-c tie: one of two is planted. A tie counts half in the AUROC, 1.5 of 2.
    scores = pair_scores(
        [write({("a", "b"): 1, ("a", "c"): 1, ("b", "c"): 0})], DATASETS
    )
    assert scores["rank"].tolist() == [1.5, 1.5, 3]
    row = network_scores(scores, {}).iloc[0]
    assert (row["auprc"], row["auroc"]) == (1 / 2, 3 / 4)
    assert np.isnan(row["test_auroc"])


def test_pairs_that_were_not_measured_rank_last(write):
    # Below -3, and together: of three pairs, 1 is planted at the last threshold.
    row = scores_of(write({("a", "c"): -3, ("a", "b"): NAN}))
    assert row["not_measured"] == 2
    assert row["auprc"] == pytest.approx(1 / 3)
    assert row["auroc"] == pytest.approx(0.5 / 2)


def test_nothing_measured_is_no_score(write):
    row = scores_of(write({}))
    assert row["not_measured"] == 3
    assert np.isnan(row["auprc"]) and np.isnan(row["auroc"])


def test_decoys_are_no_pairs(write):
    row = scores_of(
        write({("a", "b"): 1, ("a", "c"): 0, ("b", "c"): 0, ("a", "decoy"): 9})
    )
    assert (row["pairs"], row["auprc"]) == (3, 1)


def test_a_random_order_of_four_with_two_planted():
    """Of ranks 12, 13, 14, 23, 24, 34: 1, 5/6, 3/4, 7/12, 1/2 and 5/12."""
    by_hand = (1 + 5 / 6 + 3 / 4 + 7 / 12 + 1 / 2 + 5 / 12) / 6
    assert random_auprc(4, 2) == pytest.approx(by_hand)
    every = [
        auprc(np.isin(np.arange(4), ranks).astype(int), -np.arange(4.0))
        for ranks in combinations(range(4), 2)
    ]
    assert np.mean(every) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("n", "planted", "by_hand"), [(66, 10, 0.201), (190, 40, 0.231)]
)
def test_a_random_order_of_the_shipped_settings(n, planted, by_hand):
    # (h + (P - 1) / (n - 1) (n - h)) / n, with h = 1 + 1/2 + ... + 1/n from Euler's
    # constant: 4.7744 of 66, 5.8268 of 190.
    h = math.log(n) + 0.57721566 + 1 / (2 * n) - 1 / (12 * n**2)
    expected = (h + (planted - 1) / (n - 1) * (n - h)) / n
    assert expected == pytest.approx(by_hand, abs=5e-4)
    assert random_auprc(n, planted) == pytest.approx(expected, abs=1e-7)


def test_a_random_order_is_the_mean_over_shuffles_at_the_published_size():
    label = np.zeros(190, dtype=int)
    label[:40] = 1
    generator = np.random.default_rng(1)
    rank = -np.arange(190.0)
    shuffles = [auprc(generator.permutation(label), rank) for _ in range(400)]
    error = np.std(shuffles) / 400**0.5
    assert np.mean(shuffles) == pytest.approx(random_auprc(190, 40), abs=4 * error)
    assert error < 0.002


def test_a_random_order_in_which_all_or_one_are_planted():
    assert random_auprc(1, 1) == random_auprc(5, 5) == 1
    # One of three: (1 + 1/2 + 1/3) / 3.
    assert random_auprc(3, 1) == pytest.approx(11 / 18)


@pytest.fixture
def data():
    """Four sequences: a and b, a and c, b and c, a alone."""
    settings = {"source": "simulate", "rule": "pairs", **DATASETS["d"]}
    plans = ["ab", "ac", "bc", "a"]
    rows = [
        (row, name, 9 * place, 9 * place + 1, "+", "causal", "A")
        for row, plan in enumerate(plans)
        for place, name in enumerate(plan)
    ]
    truth = pd.DataFrame(rows, columns=list(TRUTH_COLUMNS)).astype(TRUTH_COLUMNS)
    names = [f"s{row}" for row in range(4)]
    return Dataset(
        index=np.zeros((4, 20), dtype=np.uint8),
        length=np.full(4, 20),
        name=names,
        label=np.array([[1], [0], [0], [0]], dtype=np.float32),
        target=["pairs"],
        group=names,
        stratum=["positive", *["hard_negative"] * 3],
        truth=truth,
        motifs={name: np.full((1, 4), 0.25) for name in "abc"},
        settings=settings,
    )


def write_predictions(tmp_path):
    """Of three of the sequences, in another order."""
    path = tmp_path / "d" / "m" / "seed1" / "predictions.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [("s1", -1.0), ("s0", 2.0), ("s3", 9.0)]
    write_table(path, pd.DataFrame(rows, columns=["id", "logit"]))
    return path


def test_what_the_network_itself_predicts_of_a_pair(data, tmp_path):
    held = motifs_held(data)
    assert held.loc["s2"].to_dict() == {"a": False, "b": True, "c": True}
    path = write_predictions(tmp_path)
    scores = predicted_scores([path], {"d": held}, DATASETS)
    assert scores["method"].tolist() == ["predictions"] * 3
    # Means over the sequences with both: 2, -1, and none of b and c.
    assert scores["n"].tolist() == [1, 1, 0]
    assert scores["interaction"].tolist()[:2] == [2, -1]
    assert np.isnan(scores["interaction"][2])
    assert scores["rank"].tolist() == [1, 2, 3]


# -- over networks --------------------------------------------------------------------


@pytest.fixture
def several(write):
    good = {("a", "b"): 2, ("a", "c"): 0, ("b", "c"): 1}
    half = {("a", "b"): 1, ("a", "c"): 2, ("b", "c"): 0}
    last = {("a", "b"): 0, ("a", "c"): 2, ("b", "c"): 1}
    paths = [
        write(good),
        write(half, seed=2),
        write(last, model="m.untrained"),
        write(half, model="m.shuffled"),
        write(last, method="motif_insertion"),
    ]
    return pair_scores(paths, DATASETS)


def test_summary_over_seeds_beside_negative_controls(several):
    table = network_scores(several, {("d", "m", "1"): 0.9, ("d", "m", "2"): 0.8})
    assert table["negative_control"].tolist() == ["", "", "untrained", "shuffled", ""]
    assert set(table["model"]) == {"m"}
    rows = over_seeds(table).set_index(["method", "metric"])
    row = rows.loc[("motif_tests", "auprc")]
    # 1 and 1/2: their sd is 1/2 / sqrt 2, and t(0.975; 1) is 12.7062.
    assert (row["n"], row["mean"]) == (2, 3 / 4)
    assert row["sd"] == pytest.approx(0.5 / 2**0.5)
    assert row["ci_high"] - row["mean"] == pytest.approx(12.7062 / 4, rel=1e-5)
    assert (row["lowest"], row["highest"]) == (1 / 2, 1)
    assert row["untrained"] == pytest.approx(1 / 3)
    assert row["shuffled"] == 1 / 2
    assert row["chance"] == pytest.approx(11 / 18)
    other = rows.loc[("motif_insertion", "auroc")]
    assert (other["n"], other["mean"], other["chance"]) == (1, 0, 0.5)
    assert np.isnan(other["sd"]) and np.isnan(other["untrained"])


def test_markdown_says_how_well_networks_predict(several):
    table = network_scores(several, {("d", "m", "1"): 0.9, ("d", "m", "2"): 0.8})
    text = markdown(table, over_seeds(table))
    assert "1 of 3 pairs of motifs interact" in text
    # 3/4 + 12.7062 / 4.
    assert "-2.427 to 3.927" in text and "A t interval may end above 1." in text
    assert "| m | motif_tests | auprc | 0.750 ± 0.354 |" in text
    assert "Test AUROC of m: mean 0.850 (0.800 to 0.900)." in text
    assert "not measured" not in text
    assert "–" not in text


def test_pairs_that_were_not_measured_are_counted_in_networks_and_methods(
    write, data, tmp_path
):
    some, none = {("a", "b"): 1, ("a", "c"): 0}, {}
    paths = [write(some), write(none, seed=2), write(none, model="m.untrained")]
    scores = pair_scores(paths, DATASETS)
    # `predictions` lacks the pair of b and c.
    predictions = [write_predictions(tmp_path)]
    predicted = predicted_scores(predictions, {"d": motifs_held(data)}, DATASETS)
    table = network_scores(pd.concat([scores, predicted]), {})
    assert table["not_measured"].tolist() == [1, 3, 3, 1]
    text = markdown(table, over_seeds(table))
    assert "4 pairs of all networks and methods were not measured" in text


def test_the_script_writes_the_same_bytes_twice(write, data, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "start", lambda job: None)
    pairs = [write({("a", "b"): 2, ("a", "c"): 0, ("b", "c"): 1})]
    metrics = tmp_path / "d" / "m" / "seed1" / "metrics.tsv"
    columns = ["predictor", "target", "metric", "value"]
    rows = [("network", "pairs", "auroc", 0.75), ("gc", "pairs", "auroc", 0.5)]
    write_table(metrics, pd.DataFrame(rows, columns=columns))
    write_dataset(tmp_path / "d" / "dataset.h5", data)
    inputs = {"pairs": pairs, "controls": [], "metrics": [metrics]}
    inputs |= {"predictions": [write_predictions(tmp_path)]}
    inputs |= {"datasets": [tmp_path / "d" / "dataset.h5"]}
    written = []
    for turn in ("first", "second"):
        folder = tmp_path / turn
        folder.mkdir()
        outputs = {
            **{"table": "a.tsv", "scores": "b.tsv", "summary": "c.tsv"},
            **{"markdown": "d.md", "figure": "e.svg"},
        }
        outputs = {key: str(folder / name) for key, name in outputs.items()}
        script.main(
            SimpleNamespace(
                input=SimpleNamespace(**inputs),
                output=SimpleNamespace(**outputs),
                params=SimpleNamespace(datasets=DATASETS),
            )
        )
        written.append([Path(path).read_bytes() for path in outputs.values()])
    assert written[0] == written[1]
    table = read_table(outputs["table"])
    assert table["method"].tolist() == ["motif_tests", "predictions"]
    assert table["test_auroc"].tolist() == [0.75, 0.75]


def test_the_figure_marks_planted_pairs_and_both_methods(several):
    figure = draw_interacting_pairs(several)
    matrix, curves, _ = figure.axes
    (image,) = matrix.get_images()
    # Means 1.5, 1, 0.5 of a-b, a-c, b-c below the diagonal; 0, 2, 1 above it.
    expected = [[NAN, 0, 1], [1, NAN, 1 / 2], [2 / 3, 1 / 3, NAN]]
    assert np.asarray(image.get_array().filled(NAN)) == pytest.approx(
        np.array(expected), nan_ok=True
    )
    (marks,) = matrix.get_lines()
    assert sorted(map(tuple, marks.get_xydata().tolist())) == [(0, 1), (1, 0)]
    assert "below the diagonal: motif_tests" in matrix.get_xlabel()
    # Five networks, the fraction, and the entries of the legend.
    assert sum(len(line.get_xdata()) > 2 for line in curves.get_lines()) == 5


def test_the_label_of_the_colour_bar_is_apart_from_the_next_axis(several):
    figure = draw_interacting_pairs(several)
    figure.draw_without_rendering()
    _, curves, bar = figure.axes
    right = bar.get_tightbbox().x1
    left = curves.get_tightbbox().x0
    # 8.5 points are a line of its text.
    assert (left - right) / figure.dpi * 72 > 8.5


def test_a_network_without_a_measured_pair_has_no_curve(write):
    values = {("a", "b"): 2, ("a", "c"): 0, ("b", "c"): 1}
    paths = [write(values), write({}, seed=2), write({}, model="m.untrained")]
    _, curves, _ = draw_interacting_pairs(pair_scores(paths, DATASETS)).axes
    assert sum(len(line.get_xdata()) > 2 for line in curves.get_lines()) == 1


# -- the configuration ----------------------------------------------------------------


@pytest.fixture
def config(monkeypatch):
    monkeypatch.chdir(ROOT)
    return yaml.safe_load((ROOT / "config/pairs.yaml").read_text())


def test_the_shipped_configuration_tests_all_pairs(config):
    checked = check_configuration(config, SCHEMAS)
    assert checked["interacting_pairs"] is True
    assert len(read_experiments(checked["experiments"], checked)) == 10


def test_a_dataset_of_pairs_without_a_network_is_no_study(config, tmp_path):
    config["datasets"]["gc"] = {"source": "simulate", "rule": "gc"}
    checked = check_configuration(config, SCHEMAS)
    path = tmp_path / "e.tsv"
    path.write_text("dataset\tmodel\tseed\ngc\tconv_attention\t1\n")
    with pytest.raises(InputError, match="no dataset of rule pairs") as caught:
        read_experiments(path, checked)
    assert caught.value.where == str(path)
    checked["interacting_pairs"] = False
    assert len(read_experiments(path, checked)) == 1


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"methods": {"motif_tests": {"max_motifs": 11}}}, "max_motifs: 11"),
        (
            {"methods": {"motif_insertion": {"motifs": ["STAT_known2"]}}},
            "motif_insertion.motifs: not SRF_known10",
        ),
        ({"analyses": ["filter_pfms"]}, "no method of pairs"),
        (
            {"datasets": {"pairs": {"source": "simulate", "rule": "gc"}}},
            "no dataset of rule",
        ),
    ],
    ids=["max_motifs", "motifs", "analyses", "datasets"],
)
def test_a_study_without_all_pairs_is_refused(config, change, found):
    changed = copy.deepcopy(config)
    for key, value in change.items():
        if key == "methods":
            for method, settings in value.items():
                changed["methods"][method] |= settings
        else:
            changed[key] = value
    with pytest.raises(InputError) as error:
        read_experiments("config/pairs.tsv", check_configuration(changed, SCHEMAS))
    assert found in str(error.value)
    assert "what to do: " in str(error.value)


# -- a whole run ----------------------------------------------------------------------

MOTIFS = ["SRF_known10", "TAL1_known1", "E2F_known1", "IRF_known1"]
SMALL = runs.TINY | {
    "analyses": ["motif_tests", "motif_insertion"],
    "interacting_pairs": True,
    "negative_controls": ["untrained"],
    "datasets": {
        "pairs": {
            "source": "simulate",
            "rule": "pairs",
            "motifs": MOTIFS,
            "interacting_pairs": [MOTIFS[:2], MOTIFS[2:]],
            "sequences": 400,
            "length": 80,
        }
    },
    "methods": {
        "motif_tests": {
            **{"max_motifs": 4, "permutations": 100, "resamples": 10},
            **{"replicates": 1, "max_gap": 5, "max_gap_sequences": 5},
        },
        "motif_insertion": {
            **{"max_motifs": 4, "backgrounds": 4, "step": 20, "resamples": 10},
            **{"controls": 19, "control_positions": 1},
        },
    },
}


@pytest.mark.slow
def test_the_target_figures_scores_the_pairs_of_a_small_run(tmp_path):
    folder = runs.prepare(tmp_path, SMALL)
    experiments = "dataset\tmodel\tseed\npairs\ttiny\t1\n"
    (folder / "config/experiments.tsv").write_text(experiments)
    runs.run(folder, "--cores", 2, "figures")
    figures = folder / "results/figures"
    table = read_table(figures / "interacting_pairs.tsv")
    found = list(
        zip(table["method"], table["negative_control"].fillna(""), strict=True)
    )
    each = [(name, kind) for name in METHODS for kind in ("", "untrained")]
    assert sorted(found) == sorted([*each, ("predictions", "")])
    assert set(table["pairs"]) == {6} and set(table["planted"]) == {2}
    assert not table["not_measured"].any()
    scores = read_table(figures / "interacting_pairs_scores.tsv")
    assert len(scores) == 5 * 6
    assert "2 of 6 pairs" in (figures / "interacting_pairs.md").read_text()
    before = runs.results(folder)
    (figures / "interacting_pairs.tsv").unlink()
    runs.run(folder, "--cores", 1, "figures")
    assert runs.results(folder) == before
