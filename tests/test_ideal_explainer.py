"""An ideal explainer, a scan and chance, on sequences whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from proofread.datasets.dataset import TRUTH_COLUMNS, Dataset
from proofread.dna.encoding import encode
from proofread.truth.ideal_explainer import (
    COLUMNS,
    explainers_answers,
    ideal_scores,
    planted_log_odds,
    scan_scores,
)
from proofread.truth.published_scores import AUPRC_01, AUROC_01, SIGNAL_TO_NOISE

UNIFORM = np.full(4, 0.25)
ACG = np.array(
    [[0.97, 0.01, 0.01, 0.01], [0.01, 0.97, 0.01, 0.01], [0.01, 0.01, 0.97, 0.01]]
)
HIGH, LOW = np.log2(0.98 / 1.04 / 0.25), np.log2(0.02 / 1.04 / 0.25)


def dataset_of(texts, rows, labels):
    n = len(texts)
    return Dataset(
        index=np.stack([encode(text) for text in texts]),
        length=np.full(n, len(texts[0])),
        name=[f"s{row}" for row in range(n)],
        label=np.array(labels, dtype=np.float32)[:, None],
        target=["bound"],
        group=["g"] * n,
        stratum=["positive"] * n,
        truth=pd.DataFrame(rows, columns=list(TRUTH_COLUMNS)).astype(TRUTH_COLUMNS),
        motifs={"M": ACG},
    )


def test_the_ideal_explainer_knows_the_planted_strand():
    dataset = dataset_of(
        ["TTACGTT", "TCGTTTT"],
        [
            (0, "M", 2, 5, "+", "causal", "ACG"),
            (1, "M", 1, 4, "-", "causal", "ACG"),
        ],
        [1, 1],
    )
    ideal = planted_log_odds(dataset, "bound", UNIFORM)
    assert ideal[0, :, 2].tolist() == pytest.approx([HIGH, LOW, LOW, LOW])
    # CGT is ACG on the other strand: C, then G, then T are what is wanted.
    assert [int(ideal[1, :, position].argmax()) for position in (1, 2, 3)] == [1, 2, 3]
    outside = [0, 4, 5, 6]
    assert not ideal[1][:, outside].any()


def test_effects_are_shared_by_bits_against_equal_frequencies():
    rows = [(0, "M", 2, 5, "+", "causal", "ACT")]
    dataset = dataset_of(["TTACTTT"], rows, [1])
    dataset.truth["effect"] = [1.5]
    # Against these frequencies, ACT would have other bits.
    background = np.array([0.1, 0.1, 0.1, 0.7])
    ideal = planted_log_odds(dataset, "bound", background)[0]
    of_instance = 2 * HIGH + LOW
    shares = [1.5 * bits / of_instance for bits in (HIGH, HIGH, LOW)]
    assert ideal[[0, 1, 3], [2, 3, 4]].tolist() == pytest.approx(shares)


def test_a_scan_smears_the_best_match_over_its_bases():
    dataset = dataset_of(["TTACGTT"], [(0, "M", 2, 5, "+", "causal", "ACG")], [1])
    scanned = scan_scores(dataset, "bound", UNIFORM)[0]
    assert scanned[2:5].tolist() == pytest.approx([3 * HIGH] * 3)
    # CGT at 3 is the other strand's ACG, so base 5 is covered by a perfect match too.
    assert scanned[5] == pytest.approx(3 * HIGH)
    assert scanned[0] < 3 * HIGH


def test_explainers_have_the_columns_of_the_methods_scores():
    rng = np.random.default_rng(1)
    index = rng.integers(4, size=(40, 60), dtype=np.uint8)
    index[:20, 30:33] = [0, 1, 2]
    bases = np.array(list("ACGT"))
    texts = ["".join(bases[row]) for row in index]
    rows = [(row, "M", 30, 33, "+", "causal", "ACG") for row in range(20)]
    dataset = dataset_of(texts, rows, [1] * 20 + [0] * 20)
    table = ideal_scores(dataset, max_sequences=40, resamples=50, seed=1)
    assert list(table.columns) == COLUMNS
    ours = ["position_auroc", "position_auprc"]
    assert set(table["metric"]) == {*ours, AUROC_01, AUPRC_01, SIGNAL_TO_NOISE}
    published = table[~table["metric"].isin(ours)]
    assert set(published["variant"]) == {"signed_raw", "l2"}
    ideal = published[published["explainer"] == "log_odds"]
    # Outside the motif every log-odds is 0: there is no noise to divide by.
    assert set(ideal["metric"]) == {AUROC_01, AUPRC_01}
    assert ideal["value"].tolist() == [1] * 4
    precision = table[table["metric"] == "position_auprc"]
    # Three of the 60 bases of each sequence are planted.
    assert precision["chance"].tolist() == pytest.approx([0.05] * len(precision))
    precision = precision.set_index(["explainer", "variant"])["value"]
    assert precision["log_odds", "signed_raw"] == 1
    assert 0.05 < precision["random", "signed_raw"] < 0.3
    table = table[table["metric"] == "position_auroc"]
    scores = table.set_index(["explainer", "variant"])["value"]
    # Every planted base is ACG itself, so its log-odds is above all others' zero.
    assert scores["log_odds", "signed_raw"] == 1
    assert scores["log_odds", "signed"] == scores["log_odds", "l2"] == 1
    assert scores["scan", "signed_raw"] > 0.9
    # 20 sequences of 3 planted bases: four standard errors of an area are 0.15.
    assert abs(scores["random", "signed_raw"] - 0.5) < 0.15
    assert set(table["n"]) == {20}


def test_unplanted_data_have_no_ideal_explainer():
    dataset = dataset_of(["ACGT"], [], [1])
    table = ideal_scores(dataset, max_sequences=9, resamples=10, seed=1)
    assert list(table.columns) == COLUMNS
    assert len(table) == 0


def test_an_unknown_base_adds_nothing_to_a_match():
    dataset = dataset_of(["ANG"], [(0, "M", 0, 3, "+", "causal", "ANG")], [1])
    scanned = scan_scores(dataset, "bound", UNIFORM)[0]
    assert scanned.tolist() == pytest.approx([2 * HIGH] * 3)


def test_a_motif_that_does_not_fit_matches_nowhere():
    dataset = dataset_of(["AC"], [(0, "M", 0, 2, "+", "causal", "AC")], [1])
    assert scan_scores(dataset, "bound", UNIFORM).tolist() == [[0, 0]]


def test_the_answers_of_an_ideal_explainer_by_hand():
    # Each base twice: the background is a quarter each.
    dataset = dataset_of(["ACGTACGT"], [(0, "M", 0, 3, "+", "causal", "ACG")], [1])
    answers = explainers_answers(dataset, "bound", 1)
    assert set(answers) == {"log_odds", "scan", "random"}
    ideal = {name: values[0] for name, values in answers["log_odds"].items()}
    # The mean of a column is (HIGH + 3 LOW) / 4, and any other base costs HIGH - LOW.
    drop = HIGH - LOW
    for name, value in (
        ("signed_raw", HIGH),
        ("signed_centred", drop * 3 / 4),
        ("signed", drop),
    ):
        assert ideal[name].tolist() == pytest.approx([value] * 3 + [0] * 5)
