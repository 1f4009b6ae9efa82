"""Saturation mutagenesis: golden values, tables, figure and whole runs."""

import numpy as np
import pytest

import saturation_mutagenesis as method
from perturbation_runs import MOTIF, position_values, tiny_dataset, tiny_job
from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.methods.saturation_mutagenesis import figures, substitutions
from proofread.models.local_edits import EditedLogits
from proofread.models.predictor import Predictor
from proofread.tables import read_table, read_values
from proofread.truth.published_scores import SIGNAL_TO_NOISE

OUTPUTS = {
    "table": "table.tsv",
    "positions": "positions.tsv.gz",
    "values": "values.h5",
    "score": "score.tsv",
    "figure": "examples.svg",
}
WEIGHT = np.array([-1.0, 1.0, 2.0, -1.0])  # of A, C, G, T


def linear(length, *, targets=1):
    """Logit = sum of the bases' weights; a second target has -4/3 of it."""
    scales = np.array([1.0, -4 / 3])[:targets]

    def call(batch):
        return np.einsum("nbl,b,t->nt", batch, WEIGHT, scales).astype(np.float32)

    return EditedLogits(Predictor(call, length, ["a", "b"][:targets], "linear"))


def mutate(*texts, lengths=None, targets=1, **options):
    """Mutate every known base of some texts of one length."""
    index = np.stack([encode(text) for text in texts])
    length = np.array(lengths or [index.shape[1]] * len(index))
    return substitutions.saturation_mutagenesis(
        linear(index.shape[1], targets=targets),
        index,
        length,
        substitutions.positions_to_mutate(index, length, None),
        **options,
    )


# The numbers: reference T: A 0, C +2, G +3, T 0; loss 0, gain 3. Reference G: loss 3.


def test_golden_substitutions_of_a_linear_model():
    intact, delta = mutate("TG")
    assert intact.tolist() == [[1.0]]
    assert delta[0, 0, :, 0].tolist() == [0, 2, 3, 0]
    assert delta[0, 0, :, 1].tolist() == [-3, -1, 0, -3]
    loss, gain = substitutions.loss_and_gain(delta)
    assert loss[0, 0].tolist() == [0, 3]
    assert gain[0, 0].tolist() == [3, 0]


def test_golden_sum_l1_and_l2_over_targets():
    # T to G: +3 and -4 in the two targets.
    _, delta = mutate("T", targets=2)
    assert delta[0, :, 2, 0] == pytest.approx([3, -4])
    result = substitutions.over_targets(delta)
    assert [result[name][0, 2, 0] for name in ("sum", "l1", "l2")] == pytest.approx(
        [-1, 7, 5]
    )


def test_only_known_bases_of_the_sequence_are_changed():
    _, delta = mutate("GNGN", "GGNN", lengths=[4, 2])
    changed = np.abs(delta[:, 0]).sum(axis=1) > 0
    assert changed.tolist() == [[True, False, True, False], [True, True, False, False]]


@pytest.mark.parametrize("at_once", [1, 2])
def test_sequences_of_a_chunk_change_no_number(monkeypatch, at_once):
    monkeypatch.setattr(substitutions, "_CHUNK", at_once)
    intact, delta = mutate("TG", "CN", "GG", lengths=[2, 1, 2])
    assert intact.ravel().tolist() == [1, 1, 4]
    assert delta[0, 0].T.tolist() == [[0, 2, 3, 0], [-3, -1, 0, -3]]
    assert delta[1, 0].T.tolist() == [[-2, 0, 1, -2], [0, 0, 0, 0]]
    assert delta[2, 0].T.tolist() == [[-3, -1, 0, -3]] * 2


def test_the_centre_is_that_of_the_sequence_without_padding():
    index = np.stack([encode("GGGGGG"), encode("GGGGNN")])
    result = substitutions.positions_to_mutate(index, np.array([6, 4]), 2)
    assert result[0].tolist() == [False, False, True, True, False, False]
    assert result[1].tolist() == [False, True, True, False, False, False]
    everything = substitutions.positions_to_mutate(index, np.array([6, 4]), 50)
    assert everything.sum(axis=1).tolist() == [6, 4]


def test_probability_and_both_strands():
    # G has weight 2 and its complement C weight 1: the mean logit is 1.5.
    intact, delta = mutate("G", strands="both")
    assert intact.tolist() == [[1.5]]
    # A and T are -1 on either strand; C is as G.
    assert delta[0, 0, :, 0].tolist() == [-2.5, 0, 0, -2.5]
    intact, delta = mutate("T", scale="probability")
    logistic = 1 / (1 + np.exp(-np.array([-1.0, 1.0, 2.0, -1.0])))
    assert intact[0, 0] == pytest.approx(logistic[3])
    assert delta[0, 0, :, 0] == pytest.approx(logistic - logistic[3], abs=1e-6)


def test_the_answer_is_the_mean_decrease_and_absolute_changes_do_not_cancel():
    _, delta = mutate("TGC")  # C to A -2, G +1, T -2
    answers = substitutions.answers(delta[:, 0], np.ones((1, 3), dtype=bool))
    assert answers["signed"][0] == pytest.approx([-5 / 3, 7 / 3, 1])
    assert answers["absolute"][0] == pytest.approx([5 / 3, 7 / 3, 5 / 3])
    assert answers["l2"][0, 2] == pytest.approx(3)  # of -2, 1 and -2
    assert set(answers) == {
        f"{name}{window}"
        for name in ("signed", "absolute", "l2")
        for window in ("", "_window9")
    }


def test_substitutions_are_all_three_in_order():
    index = np.stack([encode("TA")])
    row, position, base = substitutions.substitutions(
        index, np.ones((1, 2), dtype=bool)
    )
    assert row.tolist() == [0] * 6
    assert position.tolist() == [0, 0, 0, 1, 1, 1]
    assert base.tolist() == [0, 1, 2, 1, 2, 3]


def test_the_window_that_is_drawn_is_where_most_changes():
    delta = np.zeros((4, 20))
    delta[1, 12:15] = -1
    assert figures.drawn_window(delta, 3) == (12, 15)
    assert figures.drawn_window(delta, 50) == (0, 20)
    assert figures.drawn_window(np.zeros((4, 20)), 5) == (0, 5)


@pytest.fixture(autouse=True)
def no_takeover(monkeypatch):
    """`start` takes over the process: its log, its warnings, its exceptions."""
    monkeypatch.setattr(method, "start", lambda job: None)


def run(folder, dataset, outputs=OUTPUTS, **options):
    job = tiny_job(folder, "saturation_mutagenesis", outputs, dataset, **options)
    method.main(job)
    return job.output


def test_a_network_that_detects_the_motif_is_explained(tmp_path):
    dataset = tiny_dataset()
    output = run(tmp_path, dataset, resamples=20)
    table = read_table(output.table)
    assert len(table) == len(dataset)
    # 2 * (7 - 4) - 3 with the motif; every change of one of its bases costs 2.
    positive = table[table["label"] == 1]
    assert (positive["logit"] >= 3).all()
    first = positive.iloc[0]
    assert first["sequence"] == dataset.name[0]
    assert first["max_loss"] == pytest.approx(2)
    assert 3 <= first["loss_position"] < 10
    assert first["loss_mutation"][0] == MOTIF[int(first["loss_position"]) - 3]
    score = position_values(output.score)["position_auroc"]
    assert score["signed"] > 0.9
    positions = read_table(output.positions)
    # 3 x positions: all but the unknown base and the padding.
    assert len(positions) == 12 * 40 - 1 - 10
    assert list(positions["sequence"].drop_duplicates()) == dataset.name
    one = positions[positions["sequence"] == dataset.name[0]].set_index("position")
    assert one.loc[3, ["base", "loss"]].tolist() == ["G", 2.0]
    assert one.loc[3, "delta_G"] == 0
    arrays = read_values(output.values)
    assert arrays["delta"].shape == (12, 1, 4, 40)
    assert arrays["delta_l1"].shape == (12, 4, 40)
    assert output.figure.stat().st_size < 100_000


def test_a_negative_control_has_its_table_and_score_alone(tmp_path):
    settings = {"max_sequences": 5, "resamples": 20}
    whole = run(tmp_path / "one", tiny_dataset(), **settings)
    few = {name: OUTPUTS[name] for name in ("table", "score")}
    output = run(tmp_path / "two", tiny_dataset(), outputs=few, **settings)
    assert output.table.read_bytes() == whole.table.read_bytes()
    assert output.score.read_bytes() == whole.score.read_bytes()
    assert len(list(output.table.parent.iterdir())) == 2


def test_a_negative_control_keeps_what_motif_discovery_reads(tmp_path):
    settings = {"max_sequences": 5, "resamples": 20}
    whole = run(tmp_path / "one", tiny_dataset(), **settings)
    few = {name: OUTPUTS[name] for name in ("table", "score", "values")}
    output = run(tmp_path / "two", tiny_dataset(), outputs=few, **settings)
    kept, arrays = read_values(output.values), read_values(whole.values)
    assert set(kept) == {"row", "target", "delta"}
    for name in kept:
        assert np.array_equal(kept[name], arrays[name])
    # The row of each sequence in the dataset file.
    names = np.array(tiny_dataset().name)
    assert names[kept["row"]].tolist() == arrays["sequence"].tolist()


def test_positives_alone_have_the_score_of_both_classes(tmp_path):
    """Half of six balanced sequences are positives, and these alone are scored."""
    both = run(tmp_path / "both", tiny_dataset(), max_sequences=6, resamples=20)
    settings = {"classes": "positive", "max_sequences": 3, "resamples": 20}
    output = run(tmp_path / "alone", tiny_dataset(), **settings)
    assert read_table(output.table)["label"].tolist() == [1, 1, 1]
    assert output.score.read_bytes() == both.score.read_bytes()
    assert "<svg" in output.figure.read_text()


def test_the_same_job_gives_the_same_bytes(tmp_path):
    result = []
    for name in ("one", "two"):
        output = run(tmp_path / name, tiny_dataset(), max_sequences=5, resamples=20)
        result.append([path.read_bytes() for path in vars(output).values()])
    assert result[0] == result[1]


def test_a_users_sequences_have_no_score(tmp_path):
    output = run(
        tmp_path, tiny_dataset(simulated=False), examples=3, letter_height="either"
    )
    assert len(read_table(output.score)) == 0
    assert len(read_table(output.table)) == 12


def test_a_dead_network_gives_valid_tables(tmp_path):
    output = run(tmp_path, tiny_dataset(), dead=True, resamples=20)
    table = read_table(output.table)
    assert (table["max_loss"] == 0).all()
    assert table["loss_position"].isna().all()
    assert table["loss_mutation"].isna().all()
    score = position_values(output.score)["position_auroc"]
    assert score["signed"] == 0.5
    precision = read_table(output.score).query("metric == 'position_auprc'")
    # All positions tie, so that the precision is that of chance.
    np.testing.assert_allclose(precision["value"], precision["chance"], rtol=1e-5)


def test_targets_are_chosen_by_name(tmp_path):
    output = run(tmp_path / "one", tiny_dataset(targets=2), targets=["target1"])
    assert set(read_table(output.table)["target"]) == {"target1"}
    score = read_table(output.score)
    assert {"position_auroc", "position_auprc"} < set(score["metric"])
    assert set(score["target"]) == {"target1"}
    with pytest.raises(InputError, match="no target 'other'"):
        run(tmp_path / "two", tiny_dataset(targets=2), targets=["other"])


def test_rows_that_do_not_fit_are_left_out_by_sequence(tmp_path):
    output = run(tmp_path, tiny_dataset(), max_rows=100, centre=30)
    positions = read_table(output.positions)
    # 30, then 29 where one base is unknown, then 30; the fourth would be too much.
    assert positions.groupby("sequence", sort=False).size().tolist() == [30, 29, 30]


def test_positions_outside_the_centre_are_not_scored(tmp_path):
    # Of the motifs at 3-10, 5-12, ..., 13-20 all but the first reach into 10-30.
    output = run(tmp_path, tiny_dataset(), centre=20)
    score = read_table(output.score).set_index("metric")["n"]
    # Six answers with two areas each, one of them with two more.
    areas = score[score.index != SIGNAL_TO_NOISE]
    assert areas.tolist() == [5] * (6 * 2 + 2)
