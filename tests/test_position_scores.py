"""Per-base answers against planted truth: known areas under known curves."""

import numpy as np
import pandas as pd
import pytest

from proofread.datasets.dataset import TRUTH_COLUMNS, Dataset
from proofread.dna.encoding import encode
from proofread.tables import Score
from proofread.truth.position_scores import (
    attribution_answers,
    centred,
    decoy_columns,
    effect_answers,
    observed,
    planted_columns,
    position_scores,
    scores_at,
    smoothed,
)
from proofread.truth.roles import by_role, causal_instances, causal_motifs, motif_roles

# Three columns; the second is uniform and holds no information.
MATRIX = np.array([[0.97, 0.01, 0.01, 0.01], [0.25] * 4, [0.01, 0.01, 0.01, 0.97]])


def dataset_of(rows, labels, *, target=("bound",), settings=None, texts=None):
    texts = texts or ["ACGTACGT"] * len(labels)
    return Dataset(
        index=np.stack([encode(text) for text in texts]),
        length=np.full(len(labels), 8),
        name=[f"s{row}" for row in range(len(labels))],
        label=np.array(labels, dtype=np.float32).reshape(len(labels), -1),
        target=list(target),
        group=["g"] * len(labels),
        stratum=["positive"] * len(labels),
        truth=pd.DataFrame(rows, columns=list(TRUTH_COLUMNS)).astype(TRUTH_COLUMNS),
        motifs={"M": MATRIX, "D": MATRIX},
        settings=settings or {},
    )


@pytest.fixture
def dataset():
    rows = [
        (0, "M", 1, 4, "+", "causal", "ACT"),
        (0, "D", 5, 8, "+", "decoy", "ACT"),
        (1, "M", 1, 4, "+", "causal", "ACT"),
    ]
    return dataset_of(rows, [1, 0])


def test_columns_without_information_are_not_planted(dataset):
    expected = np.zeros((2, 8), dtype=bool)
    expected[:, [1, 3]] = True
    assert np.array_equal(planted_columns(dataset, "bound"), expected)


def test_a_column_is_planted_from_a_hundredth_of_a_bit_on():
    # Two bases d above a quarter and two d below: about 16 d^2 / (2 ln 2) bits, 0.0104
    # for 0.03 and 0.0097 for 0.029.
    columns = [0.25 + np.array([d, -d, d, -d]) for d in (0.03, 0.029)]
    dataset = dataset_of([(0, "M", 2, 4, "+", "causal", "AA")], [1])
    dataset.motifs["M"] = np.array(columns)
    assert np.flatnonzero(planted_columns(dataset, "bound")[0]).tolist() == [2]


def test_an_instance_without_effect_is_not_planted(dataset):
    dataset.truth["effect"] = [0.5, 0.0, 0.0]
    expected = np.zeros((2, 8), dtype=bool)
    expected[0, [1, 3]] = True
    assert np.array_equal(planted_columns(dataset, "bound"), expected)
    # Decoys never have an effect.
    assert decoy_columns(dataset, "bound")[0].nonzero()[0].tolist() == [5, 7]


def test_the_other_strand_reads_the_matrix_backwards():
    uneven = np.vstack([MATRIX, [0.25] * 4])
    dataset = dataset_of([(0, "M", 2, 6, "-", "causal", "ACTA")], [1])
    dataset.motifs["M"] = uneven  # informative: 0 and 2 of 4, so 3 and 1 reversed
    assert np.flatnonzero(planted_columns(dataset, "bound")[0]).tolist() == [3, 5]


def test_a_motif_without_an_instance_is_a_decoy():
    rows = [(0, "M", 0, 3, "+", "causal", "ACT")]
    dataset = dataset_of(rows, [1])
    assert motif_roles(dataset) == {"M": "causal", "D": "decoy"}
    assert by_role(dataset) == (["M"], ["D"])


def test_a_target_has_the_motifs_of_its_expression():
    settings = {
        "rule": "logic",
        "motifs": ["M", "D"],
        "targets": {"one": "M", "both": {"all": ["M", {"not": "D"}]}},
    }
    rows = [
        (0, "M", 0, 3, "+", "causal", "ACT"),
        (0, "D", 5, 8, "+", "causal", "ACT"),
    ]
    dataset = dataset_of(rows, [[1, 1]], target=("one", "both"), settings=settings)
    assert causal_motifs(dataset, "one") == ["M"]
    assert causal_motifs(dataset, "both") == ["M", "D"]
    assert by_role(dataset, "one") == (["M"], ["D"])
    assert np.flatnonzero(planted_columns(dataset, "one")[0]).tolist() == [0, 2]
    assert len(np.flatnonzero(planted_columns(dataset, "both")[0])) == 4


def test_targets_of_a_table_are_names_of_columns():
    settings = {"source": "table", "targets": ["one", "two"]}
    dataset = dataset_of([], [[1, 1]], target=("one", "two"), settings=settings)
    assert causal_motifs(dataset, "one") == []
    assert len(causal_instances(dataset, "one")) == 0


def test_observed_is_the_base_that_is_there():
    hypothetical = np.arange(12.0).reshape(1, 4, 3)
    result = observed(hypothetical, encode("GAN")[None])
    assert result.tolist() == [[6.0, 1.0, 0.0]]


def test_centred_leaves_no_mean():
    hypothetical = np.array([[[1.0], [2.0], [3.0], [6.0]]])
    assert centred(hypothetical)[0, :, 0].tolist() == [-2, -1, 0, 3]


def test_smoothed_at_the_ends_uses_what_is_there():
    values = np.array([[3.0, 0.0, 6.0, 3.0]])
    assert smoothed(values, 3).tolist() == [[1.5, 3.0, 3.0, 4.5]]
    assert smoothed(values, 1).tolist() == values.tolist()


def test_the_sign_is_taken_away_before_smoothing():
    answers = effect_answers(np.array([[1.0, -1.0, 0.0]]))
    assert answers["absolute"].tolist() == [[1, 1, 0]]
    assert answers["signed_window9"].tolist() == [[0, 0, 0]]
    np.testing.assert_allclose(answers["absolute_window9"], 2 / 3)


def test_names_of_answers():
    answers = attribution_answers(np.zeros((1, 4, 8)), encode("ACGTACGT")[None])
    kinds = [f"{s}_{c}" for s in ("signed", "absolute") for c in ("raw", "centred")]
    assert set(answers) == {*kinds, *(f"{kind}_window9" for kind in kinds)}


def score(dataset, answer, target="bound"):
    return position_scores({"x": answer}, dataset, target, resamples=50, seed=1)


def test_a_perfect_answer_and_its_opposite(dataset):
    answer = planted_columns(dataset, "bound").astype(float)
    of = {"target": "bound", "variant": "x"}
    assert score(dataset, answer) == [
        Score("position_auroc", 1, 1, 1, 1, **of, chance=0.5),
        # Two of the eight bases are the motif's, two are the decoy's. At the top are
        # those of the motif.
        Score("position_auprc", 1, 1, 1, 1, **of, chance=0.25),
        Score("position_decoy_fraction", 0, 1, 0, 0, **of, better="lower", chance=0.25),
    ]
    # The six others are on top: at the only threshold with more recall the precision is
    # that of all eight bases. Of the two at the top a third is of the decoy.
    values = [row.value for row in score(dataset, -answer)]
    assert values == pytest.approx([0, 0.25, 1 / 3])
    values = [row.value for row in score(dataset, 0 * answer)]
    assert values == pytest.approx([0.5, 0.25, 0.25])


def test_an_answer_that_points_at_the_decoy(dataset):
    """From the highest: decoy 5, motif 1, decoy 7, motif 3, then the others."""
    assert np.flatnonzero(decoy_columns(dataset, "bound")[0]).tolist() == [5, 7]
    answer = np.array([[0.0, 8, 0, 6, 0, 9, 0, 7]] * 2)
    # Of the 2 x 6 pairs of a motif's base and another, 1 is above all but 5: 5 pairs,
    # and 3 is above all but 5 and 7: 4. Half of the recall at 1 of 2, half at 2 of 4.
    # Of the two at the top one is the decoy's.
    values = [row.value for row in score(dataset, answer)]
    assert values == pytest.approx([9 / 12, 0.5, 0.5])


def test_the_decoy_s_base_that_is_the_motif_s_too_is_no_decoy():
    rows = [
        (0, "M", 1, 4, "+", "causal", "ACT"),
        (0, "D", 3, 6, "+", "decoy", "ACT"),
    ]
    dataset = dataset_of(rows, [1])
    assert np.flatnonzero(planted_columns(dataset, "bound")[0]).tolist() == [1, 3]
    assert np.flatnonzero(decoy_columns(dataset, "bound")[0]).tolist() == [5]


def test_a_sequence_without_a_decoy_says_nothing_about_decoys():
    rows = [
        (0, "M", 1, 4, "+", "causal", "ACT"),
        (1, "M", 1, 4, "+", "causal", "ACT"),
        (1, "D", 5, 8, "+", "decoy", "ACT"),
    ]
    answer = np.array([[0.0, 1, 0, 1, 0, 0, 0, 0], [0.0, 0, 0, 0, 0, 1, 0, 1]])
    by_metric = {row.metric: row for row in score(dataset_of(rows, [1, 1]), answer)}
    decoys = by_metric["position_decoy_fraction"]
    assert (decoys.value, decoys.n, decoys.chance) == (1, 1, 0.25)
    assert by_metric["position_auroc"].n == 2
    metrics = [row.metric for row in score(dataset_of(rows[:1], [1, 1]), answer)]
    assert metrics == ["position_auroc", "position_auprc"]


def test_sequences_in_blocks_have_the_scores_of_all_together(monkeypatch):
    rng = np.random.default_rng(3)
    planted = rng.random((7, 30)) < 0.2
    decoys = ~planted & (rng.random((7, 30)) < 0.2)
    arguments = {"x": rng.normal(size=(7, 30))}, planted, np.ones((7, 30), bool)
    chosen = {"resamples": 20, "seed": 1, "decoys": decoys}
    together = scores_at(*arguments, **chosen)
    monkeypatch.setattr("proofread.truth.position_scores._AT_ONCE", 60)
    assert scores_at(*arguments, **chosen) == together


def test_kinds_of_answers_are_variants(dataset):
    answer = planted_columns(dataset, "bound").astype(float)
    given = {"resamples": 50, "seed": 1, "kind": "saliency"}
    scores = position_scores({"x": answer, "y": answer}, dataset, "bound", **given)
    variants = [row.variant for row in scores]
    assert variants == ["saliency x"] * 3 + ["saliency y"] * 3


def test_only_positives_are_scored_and_every_one_counts_alike():
    rows = [(row, "M", 1, 4, "+", "causal", "ACT") for row in range(3)]
    dataset = dataset_of(rows, [1, 1, 0])
    planted = planted_columns(dataset, "bound").astype(float)
    # Right in the first, wrong (and a thousand times larger) in the second.
    answer = planted * [[1.0], [-1000.0], [1.0]]
    row, precision = score(dataset, answer)
    assert (row.value, row.n) == (0.5, 2)
    # Right at 1; wrong where all eight bases have two of the motif.
    assert (precision.value, precision.n) == ((1 + 0.25) / 2, 2)


def test_unknown_bases_are_neither_planted_nor_not():
    dataset = dataset_of(
        [(0, "M", 1, 4, "+", "causal", "ACT")], [1], texts=["NANTACGT"]
    )
    answer = np.array([[9.0, 1, 9, 1, 0, 0, 0, 0]])
    assert score(dataset, answer)[0][1] == 1


def test_no_truth_no_score():
    assert score(dataset_of([], [1, 0]), np.zeros((2, 8))) == []


def test_several_targets_are_named():
    settings = {"motifs": ["M"], "targets": {"one": "M", "two": "M"}}
    rows = [(0, "M", 1, 4, "+", "causal", "ACT")]
    dataset = dataset_of(rows, [[1, 0]], target=("one", "two"), settings=settings)
    answer = planted_columns(dataset, "one").astype(float)
    assert {row.target for row in score(dataset, answer, "one")} == {"one"}
    assert score(dataset, answer, "two") == []


def test_a_moving_mean_is_over_what_is_known():
    values = np.array([[3.0, 9.0, 6.0, 3.0]])
    known = np.array([[True, False, True, True]])
    assert smoothed(values, 3, known).tolist() == [[3.0, 4.5, 4.5, 4.5]]
    known = np.array([[True, False, False, False]])
    assert smoothed(values, 3, known).tolist() == [[3.0, 3.0, 0.0, 0.0]]


def test_unknown_bases_do_not_lower_the_means_beside_them():
    hypothetical = np.zeros((1, 4, 3))
    hypothetical[:, 0] = 4
    answers = attribution_answers(hypothetical, encode("AAN")[None])
    assert answers["signed_raw"].tolist() == [[4, 4, 0]]
    assert answers["signed_raw_window9"].tolist() == [[4, 4, 4]]
    assert answers["signed_centred_window9"].tolist() == [[3, 3, 3]]
    known = np.array([[True, True, False]])
    effects = effect_answers(np.array([[1.0, -3.0, 0.0]]), known)
    assert effects["signed_window9"].tolist() == [[-1, -1, -1]]
    assert effects["absolute_window9"].tolist() == [[2, 2, 2]]


def test_positions_without_an_answer_are_not_scored(dataset):
    # Planted are 1 and 3: 1 is above all others, 3 ties with them.
    answer = np.array([[0.0, 1, 0, 0, 0, 0, 0, 0]] * 2)
    scored = np.ones((2, 8), dtype=bool)

    def value(scored):
        return position_scores(
            *({"x": answer}, dataset, "bound"), resamples=50, seed=1, scored=scored
        )

    assert value(scored)[0][1] == value(None)[0][1] == 0.75
    scored[:, 3] = False
    assert value(scored)[0][1] == 1
    scored[:, 1] = False
    assert value(scored) == []
