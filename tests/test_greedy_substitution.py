"""Greedy substitution: linear networks, whose best edits are read off the weights."""

import inspect
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyfaidx
import pytest
import torch
import yaml

import greedy_substitution as script
from perturbation_runs import Outputs
from proofread.configuration.check import check_configuration
from proofread.configuration.schema import SCHEMAS
from proofread.datasets import dataset as datasets_dataset
from proofread.datasets.dataset import (
    TRUTH_COLUMNS,
    Dataset,
    empty_truth,
    write_dataset,
    write_splits,
)
from proofread.datasets.simulation.generate import simulate
from proofread.dna.encoding import UNKNOWN, decode, encode, one_hot
from proofread.errors import InputError
from proofread.methods.attributions.baselines import draw_baselines
from proofread.methods.attributions.gradients import integrated_gradients
from proofread.methods.greedy_substitution import guides
from proofread.methods.greedy_substitution.guides import exact_gains, gradient_gains
from proofread.methods.greedy_substitution.moves import best_moves, first_base_moves
from proofread.methods.greedy_substitution.search import (
    Search,
    Trajectories,
    check_rules,
    greedy_search,
    random_edits,
    substitute,
)
from proofread.methods.greedy_substitution.sequences import choose, composed
from proofread.methods.greedy_substitution.tables import (
    area_between,
    edited_fasta,
    planted_fraction,
    scores,
)
from proofread.models.checkpoint import build_model, save_model
from proofread.models.local_edits import EditedLogits
from proofread.models.predictor import Predictor, predictor_of
from proofread.tables import Score, read_table
from proofread.training.train import train
from proofread.truth.position_scores import observed
from test_configuration import load

# Change of the logit of `Linear` by each base.
A, C, G, T = WEIGHTS = [-1.0, 1.0, 2.0, -1.0]
DEFAULTS = {
    name: part["default"]
    for name, part in yaml.safe_load(
        (SCHEMAS / "methods/greedy_substitution.schema.yaml").read_text()
    )["properties"].items()
} | {"device": "cpu"}


class Linear(torch.nn.Module):
    """Logit = sum over the positions of what their bases add."""

    def __init__(self, length, weights=WEIGHTS):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor([weights], dtype=torch.float64))
        self.length, self.targets = length, ["bound"]

    def forward(self, one_hot):
        """(n, 4, length) -> (n, 1)."""
        return (self.weight @ one_hot.to(self.weight)).sum(dim=2)


class Pairs(torch.nn.Module):
    """Not linear: a convolution of width 3, squashed, and summed."""

    def __init__(self, length, seed=1):
        super().__init__()
        torch.manual_seed(seed)
        self.convolution = torch.nn.Conv1d(4, 5, 3, padding="same")
        self.length, self.targets = length, ["bound"]
        self.double()

    def forward(self, one_hot):
        """(n, 4, length) -> (n, 1)."""
        return torch.tanh(self.convolution(one_hot.double())).sum(dim=(1, 2))[:, None]


def indices(*texts):
    return np.stack([encode(text) for text in texts])


def run(network, texts, up, *, rule="exact", steps=20, **options):
    """Trajectories of some texts, all in one direction."""
    network.eval()
    index = indices(*texts)
    editor = EditedLogits(predictor_of(network))
    zeros = draw_baselines("zero", index, 1, np.random.default_rng(1))
    if rule == "faithful":
        moves = first_base_moves(network, 0, zeros, steps=50)
        options = {"revisit": True, "improving": False} | options
    else:
        guide = exact_gains(editor, 0)
        if rule == "path_gradient":
            guide = gradient_gains(network, 0, zeros, steps=4)
        if rule == "integrated_gradients":
            shuffles = draw_baselines("shuffled", index, 3, np.random.default_rng(1))
            guide = gradient_gains(network, 0, shuffles, steps=4)
        moves = best_moves(guide, options.pop("candidates", 10))
    ups = np.full(len(index), up)
    return substitute(editor, moves, index, ups, 0, steps=steps, **options)


GUIDED = pytest.mark.parametrize(
    "rule", ["exact", "path_gradient", "integrated_gradients"]
)


@GUIDED
def test_a_single_base_goes_to_the_best_one(rule):
    # T to G is +3; the best of the three, and nothing improves on G.
    result = run(Linear(1), ["T"], True, rule=rule)
    assert decode(result.index[0]) == "G"
    assert result.made.tolist() == [1]
    assert result.predicted[0, 0] == pytest.approx(G - T)
    assert result.logit[0, :3] == pytest.approx([T, G, G])
    assert (result.position[0, 0], result.old[0, 0], result.new[0, 0]) == (0, 3, 2)
    assert result.rank[0, :2].tolist() == [1, 0]


def test_the_published_rule_takes_the_first_base_of_the_alphabet():
    # IG of T is -1 and of the others 0: T is the worst cell, and the first of the
    # absent bases is A, which is no better.
    result = run(Linear(1), ["T"], True, rule="faithful", steps=1)
    assert decode(result.index[0]) == "A"
    assert result.logit[0].tolist() == [-1, -1]


def test_the_published_rule_changes_a_sequence_with_an_unknown_base():
    result = run(Linear(2), ["TN", "NN"], True, rule="faithful", steps=1)
    assert [decode(row) for row in result.index] == ["AN", "NN"]
    assert result.made.tolist() == [1, 0]


def test_gains_of_sequences_predicted_together_are_those_of_each_alone(monkeypatch):
    index = indices("TGC", "CAA", "GTN")
    allowed = (one_hot(index) == 0) & (index != UNKNOWN)[:, None]
    # What the new base adds less what the present one does.
    weights = np.array(WEIGHTS)
    present = np.append(weights, 0)[index]
    logit = present.sum(axis=1)
    expected = np.where(allowed, weights[:, None] - present[:, None], 0)
    for at_once in (1, 2, 32):
        monkeypatch.setattr(guides, "_CHUNK", at_once)
        gains = exact_gains(EditedLogits(predictor_of(Linear(3))), 0)
        result = gains(index, np.arange(3), allowed, logit)
        assert result == pytest.approx(expected), at_once


def test_the_published_rule_flips_a_position_forever():
    # A is worst (-1) and becomes C, the first of the largest; C is then the only cell
    # above 0 at its place, but A of the other position is the smallest.
    result = run(Linear(2), ["AG"], True, rule="faithful", steps=1)
    assert decode(result.index[0]) == "CG"
    # With a weight below 0 for C as well, neither is good and A and C alternate.
    result = run(
        Linear(1, [-1.0, -1.0, 2.0, -1.0]), ["A"], True, rule="faithful", steps=4
    )
    assert result.new[0].tolist() == [1, 0, 1, 0]


def test_the_published_rule_lowers_by_the_first_absent_base():
    # G has the largest IG; the absent bases have 0, and A is the first of them.
    result = run(Linear(3), ["TGC"], False, rule="faithful", steps=1)
    assert decode(result.index[0]) == "TAC"


@GUIDED
def test_every_position_is_changed_once_and_then_it_stops(rule):
    result = run(Linear(4), ["TTTT"], True, rule=rule)
    assert decode(result.index[0]) == "GGGG"
    assert result.made.tolist() == [4]
    assert result.position[0, :5].tolist() == [0, 1, 2, 3, -1]  # ties: the first
    assert result.logit[0, [0, 1, 4, 20]].tolist() == [-4, -1, 8, 8]


@GUIDED
def test_destroying_takes_the_first_of_equal_bases(rule):
    # A and T both take 3 from G.
    result = run(Linear(1), ["G"], False, rule=rule)
    assert decode(result.index[0]) == "A"
    assert np.diff(result.logit[0, :2]) == [-3]


@pytest.mark.parametrize("improving", [True, False])
def test_evolution_changes_one_position_in_each_round(improving):
    result = run(Linear(10), ["T" * 10], True, steps=5, improving=improving)
    assert (result.index[0] != encode("T" * 10)).sum() == 5
    assert (result.new[0] == 2).all()
    assert result.logit[0, -1] - result.logit[0, 0] == 15


def test_without_improving_it_goes_on_until_no_position_is_left():
    # G is the best base already: whatever is done lowers the logit, C (-1) the least.
    result = run(Linear(3), ["GGG"], True, improving=False)
    assert decode(result.index[0]) == "CCC"
    assert result.made.tolist() == [3]
    # If positions may be changed again, C goes back to G.
    result = run(Linear(1), ["G"], True, improving=False, revisit=True, steps=4)
    assert result.logit[0].tolist() == [2, 1, 2, 1, 2]


def test_unknown_bases_are_never_changed():
    for rule in ("exact", "path_gradient", "faithful"):
        result = run(Linear(4), ["TNNT", "NNNN"], True, rule=rule, steps=6)
        assert (result.index[:, 1:3] == UNKNOWN).all()
        assert result.made[1] == 0
        assert set(result.position[0, result.position[0] >= 0]) <= {0, 3}


def test_the_first_candidate_that_improves_is_made():
    # The guide expects most of position 0 to C, which does nothing: the second is made.
    def misled(index, *_):
        gains = np.zeros((len(index), 4, 2))
        gains[:, 0, 0] = 5  # T to A, by which nothing is won
        gains[:, 2, 1] = 4  # T to G
        return gains

    editor = EditedLogits(predictor_of(Linear(2).eval()))
    up, index = np.array([True]), indices("TT")
    result = substitute(editor, best_moves(misled, 2), index, up, 0, steps=1)
    assert decode(result.index[0]) == "TG"
    assert (result.rank[0, 0], result.predicted[0, 0]) == (2, 4)
    # With a single candidate the search stops instead.
    result = substitute(editor, best_moves(misled, 1), index, up, 0, steps=1)
    assert result.made.tolist() == [0]


def test_exact_greedy_search_is_monotone_and_finds_the_best_single_edit():
    network, texts = Pairs(12).eval(), ["ACGTTGCATCAG", "GGATCCATTACG"]
    index = indices(*texts)
    editor = EditedLogits(predictor_of(network))
    for up in (True, False):
        result = run(network, texts, up, min_gain=0)
        steps = np.diff(result.logit) * (1 if up else -1)
        assert (steps >= 0).all()
        for row, made in enumerate(result.made):
            assert len(set(result.position[row, :made])) == made
        # By brute force, one whole forward pass for each of 36 edits.
        for row in range(2):
            logits = []
            for position in range(12):
                for base in range(4):
                    edited = index[row].copy()
                    edited[position] = base
                    logits.append(editor.predictor.predict(edited[None])[0, 0])
            best = max(logits) if up else min(logits)
            assert result.logit[row, 1] == pytest.approx(best, abs=1e-6)


def test_a_sequence_has_the_same_trajectory_in_any_batch():
    texts = [
        "".join(np.random.default_rng(k).permutation(list("ACGT" * 3)))
        for k in range(5)
    ]
    network = Pairs(12)
    for rule in ("exact", "path_gradient", "faithful"):
        whole = run(network, texts, True, rule=rule, steps=5)
        for row, text in enumerate(texts):
            alone = run(network, [text], True, rule=rule, steps=5)
            assert (alone.position[0] == whole.position[row]).all()
            assert alone.logit[0] == pytest.approx(whole.logit[row])


def test_gains_are_differences_of_hypothetical_integrated_gradients():
    network, index = Pairs(12).eval(), indices("ACGTTGCATCAG", "GGATCCATTACG")
    baselines = draw_baselines("shuffled", index, 4, np.random.default_rng(1))
    guide = gradient_gains(network, 0, baselines, steps=10)
    gains = guide(index, np.arange(2), None, None)
    columns = np.stack([one_hot(baselines.index[:, k]) for k in range(4)], axis=1)
    result = integrated_gradients(
        network,
        torch.from_numpy(one_hot(index)).double(),
        torch.from_numpy(columns).double(),
        [0],
        steps=10,
    ).hypothetical[0]
    assert gains == pytest.approx(result - observed(result, index)[:, None], abs=1e-6)


def test_a_constant_network_is_left_alone():
    for rule in ("exact", "path_gradient", "integrated_gradients"):
        result = run(Linear(5, [0.0] * 4), ["ACGTA"], True, rule=rule)
        assert result.made.tolist() == [0]
        assert (result.logit == 0).all()


def test_random_controls_change_other_positions_to_other_bases():
    # All are G: of a linear network every random edit lowers the logit, by 1 or 3.
    editor = EditedLogits(predictor_of(Linear(6).eval()))
    rng = np.random.default_rng(1)
    index = indices("GGGGGG", "GGNGNN")
    control = random_edits(editor, index, 0, steps=8, controls=50, rng=rng)
    assert control.shape == (2, 50, 9)
    assert (control[:, :, 0] == [[12], [6]]).all()
    steps = -np.diff(control)
    assert set(np.unique(steps[0, :, :6])) == {1, 3}
    assert (steps[0, :, 6:] == 0).all()  # no position is left
    assert (steps[1, :, :3] > 0).all()
    assert (steps[1, :, 3:] == 0).all()
    # C, A and T are equally likely: -1, -3, -3 is -7/3; sd of a mean of 300 is 0.05.
    assert steps[0, :, :6].mean() == pytest.approx(7 / 3, abs=0.25)


def test_area_is_the_mean_distance_in_the_own_direction():
    # Distances 0, 1, 2: trapezoids 0.5 and 1.5, on average 1.
    curve = np.array([[0.0, 1, 2], [0, 1, 2]])
    area = area_between(curve, np.zeros((2, 3)), np.array([True, False]))
    assert area.tolist() == [1, -1]


def test_planted_fraction_counts_the_first_substitutions():
    position = np.array([[2, 0, 3], [-1, -1, -1], [3, -1, -1]])
    filler = np.zeros((3, 3))
    result = Trajectories(*[filler, position, *[filler] * 5, filler])
    planted = np.zeros((3, 4), dtype=bool)
    planted[:, 2:] = True
    # Of the first two, one; of none, none; of one, one.
    assert planted_fraction(result, planted, 2).tolist() == [0.5, 0, 1]


def test_a_target_without_a_positive_to_score_leaves_the_others_their_scores():
    rows = [(0, "m", 1, 3, "+", "causal", "GG")]
    # The first target is positive where nothing is planted, the last one nowhere.
    dataset = Dataset(
        index=indices("AGGA", "ACCA"),
        length=np.full(2, 4),
        name=["s0", "s1"],
        label=np.array([[0, 1, 0], [1, 0, 0]], dtype=np.float32),
        target=["bare", "bound", "never"],
        group=["s0", "s1"],
        stratum=["positive"] * 2,
        truth=pd.DataFrame(rows, columns=list(TRUTH_COLUMNS)).astype(TRUTH_COLUMNS),
        motifs={"m": np.array([[0, 0, 1, 0], [0, 0, 1, 0]], dtype=float)},
    )
    # Raised and lowered: s0's first substitutions are at 1 and 3, half of them planted.
    position = np.array([[0, 3], [0, 3], [1, 3], [0, 3]])
    filler = np.zeros((4, 2))
    result = Trajectories(*[filler, position, *[filler] * 5, filler])
    searches = [
        Search("exact", target, result, np.zeros((2, 1, 3)))
        for target in dataset.target
    ]
    found = scores(dataset, searches, first=2, resamples=10, seed=1)
    assert [(item.target, item.value, item.n) for item in found] == [("bound", 0.5, 1)]


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A job with a small network on sequences with a planted motif."""
    monkeypatch.setattr(script, "start", lambda _: None)
    rng = np.random.default_rng(1)
    index = rng.integers(4, size=(8, 30), dtype=np.uint8)
    index[:4, 10:14] = encode("GGGG")
    index[7, 20:] = UNKNOWN
    rows = [(row, "m", 10, 14, "+", "causal", "GGGG") for row in range(4)]
    truth = pd.DataFrame(rows, columns=list(TRUTH_COLUMNS)).astype(TRUTH_COLUMNS)
    names = [f"s{row}" for row in range(8)]
    dataset = Dataset(
        index=index,
        length=np.array([30] * 7 + [20]),
        name=names,
        label=np.repeat([1, 0], 4)[:, None].astype(np.float32),
        target=["bound"],
        group=names,
        stratum=["positive"] * 4 + ["negative"] * 4,
        truth=truth,
        motifs={"m": np.eye(4)[[2, 2, 2, 2]]},
    )
    torch.manual_seed(1)
    model = build_model("deepg_cnn_lstm", {}, 30, ["bound"])
    return make_job(tmp_path, dataset, model)


def make_job(tmp_path, dataset, model):
    write_dataset(tmp_path / "dataset.h5", dataset)
    parts = {"train": [], "validation": [], "test": np.arange(len(dataset))}
    write_splits(
        tmp_path / "splits.h5", {k: np.asarray(v, int) for k, v in parts.items()}
    )
    save_model(tmp_path / "model.ckpt", model, "deepg_cnn_lstm", {})
    output = {
        "table": "table.tsv",
        "steps": "steps.tsv",
        "controls": "controls.tsv",
        "sequences": "sequences.fa",
        "score": "score.tsv",
        "curves": "curves.svg",
        "edits": "edits.svg",
    }
    return SimpleNamespace(
        input=SimpleNamespace(
            model=tmp_path / "model.ckpt",
            dataset=tmp_path / "dataset.h5",
            splits=tmp_path / "splits.h5",
        ),
        output=Outputs(**{k: tmp_path / v for k, v in output.items()}),
        params=SimpleNamespace(**DEFAULTS | {"steps": 4, "controls": 5}),
        log=[str(tmp_path / "log")],
    )


def test_tables_agree_with_each_other(job, tmp_path):
    job.params.rules = ["exact", "path_gradient", "integrated_gradients", "faithful"]
    job.params.composition = {"A": 6, "C": 9, "G": 9, "T": 6}
    script.main(job)
    table = read_table(job.output.table)
    steps = read_table(job.output.steps)
    controls = read_table(job.output.controls)
    assert len(table) == 9 * 2 * 4
    assert len(controls) == 9 * 5
    key = ["sequence", "rule", "direction"]
    last = steps.groupby(key).last()
    whole = table.set_index(key)
    assert last["probability"].to_numpy() == pytest.approx(
        whole["end"].loc[last.index].to_numpy(), abs=1e-5
    )
    assert (last["step"] == whole["steps"].loc[last.index]).all()
    # Predicted and realised are the same where every substitution is predicted.
    exact = steps[(steps["rule"] == "exact") & (steps["step"] > 0)]
    assert exact["predicted_gain"].to_numpy() == pytest.approx(
        exact["realised_gain"].to_numpy(), abs=1e-5
    )
    fixed = table[table["rule"] != "faithful"]
    up = fixed["direction"] == "improve"
    assert (fixed.loc[up, "end"] >= fixed.loc[up, "start"]).all()
    assert (fixed.loc[~up, "end"] <= fixed.loc[~up, "start"]).all()
    # Each changed base is one of the sequence at the end.
    ends = dict(pyfaidx.Fasta(str(job.output.sequences)).items())
    assert len(ends) == len(table)
    end = str(ends["composition|bound|exact|destroy"])
    start = composed(job.params.composition, 30, 321)
    row = whole.loc["composition", "exact", "destroy"]
    differ = np.count_nonzero(encode(end) != start)
    assert differ == row["changed"] == row["steps"]
    assert np.isnan(row["label"])
    # Padding is not among the letters.
    assert {len(end) for name, end in ends.items() if name.startswith("s7|")} == {20}
    score = read_table(job.output.score)
    assert set(score["metric"]) == {"destroy_edits_planted"}
    assert set(score["target"]) == {"bound"}
    assert score["variant"].tolist() == job.params.rules
    assert (score["n"] == 4).all()
    assert score["value"].between(0, 1).all()


def test_sequences_have_unique_names_and_lines_of_60_bases(tmp_path):
    index = np.random.default_rng(1).integers(4, size=(4, 130), dtype=np.uint8)
    names = ["one", "two, with a space"]
    dataset = Dataset(
        index=index[:2],
        length=np.array([130, 121]),
        name=names,
        label=np.zeros((2, 2), dtype=np.float32),
        target=["bound", "open"],
        group=names,
        stratum=names,
        truth=empty_truth(),
    )
    filler = np.zeros((4, 3))
    trajectories = Trajectories(*[filler] * 6, np.array([3, 2, 1, 0]), index)
    searches = [
        Search(rule, target, trajectories, filler)
        for target in ("bound", "open")
        for rule in ("exact", "faithful")
    ]
    path = tmp_path / "sequences.fa"
    path.write_text(edited_fasta(dataset, searches))
    sequences = pyfaidx.Fasta(str(path))
    assert len(sequences.keys()) == 4 * 4
    name = "two,_with_a_space|open|faithful|destroy"
    assert str(sequences[name]) == decode(index[3, :121])
    assert sequences[name].long_name == f"{name} steps=0"
    lines = path.read_text().split("\n")
    assert [len(line) for line in lines[1:4]] == [60, 60, 10]


def test_a_single_rule_is_no_variant_and_every_score_has_its_target(job):
    dataset = datasets_dataset.read_split(job.input.dataset, job.input.splits, "test")
    filler = np.zeros((16, 3))
    position = np.full((16, 3), 11)  # in the motif at 10-14
    trajectories = Trajectories(filler, position, *[filler] * 5, filler)
    one = [Search("exact", "bound", trajectories, filler)]
    (score,) = scores(dataset, one, first=3, resamples=10, seed=1)
    assert score == Score("destroy_edits_planted", 1, 4, 1, 1, target="bound")


def test_a_negative_control_has_its_table_and_score_alone(job):
    script.main(job)
    whole = job.output
    job.output = Outputs(
        table=whole.table.with_name("few.tsv"), score=whole.score.with_name("no.tsv")
    )
    for name, path in vars(whole).items():
        if name not in ("table", "score"):
            path.unlink()
    script.main(job)
    assert job.output.table.read_bytes() == whole.table.read_bytes()
    assert job.output.score.read_bytes() == whole.score.read_bytes()
    assert not whole.steps.exists()


def test_the_same_settings_give_the_same_bytes(job):
    job.params.rules = ["integrated_gradients"]
    files = [job.output.table, job.output.controls, job.output.curves, job.output.edits]
    script.main(job)
    first = [path.read_bytes() for path in files]
    script.main(job)
    assert [path.read_bytes() for path in files] == first


def test_a_users_sequences_have_no_score_and_two_targets_are_moved_apart(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(script, "start", lambda _: None)
    names = [f"s{row}" for row in range(6)]
    dataset = Dataset(
        index=np.random.default_rng(1).integers(4, size=(6, 30), dtype=np.uint8),
        length=np.full(6, 30),
        name=names,
        label=np.array([[1, 0], [0, 1]] * 3, dtype=np.float32),
        target=["one", "two"],
        group=names,
        stratum=names,
        truth=empty_truth(),
    )
    model = build_model("deepg_cnn_lstm", {}, 30, ["one", "two"], exclusive=True)
    job = make_job(tmp_path, dataset, model)
    script.main(job)
    table = read_table(job.output.table)
    assert table["target"].value_counts().to_dict() == {"one": 12, "two": 12}
    assert len(read_table(job.output.score)) == 0
    job.params.targets = ["two"]
    script.main(job)
    assert set(read_table(job.output.table)["target"]) == {"two"}
    job.params.targets = ["three"]
    with pytest.raises(InputError, match="no target 'three'"):
        script.main(job)


def test_the_sequences_are_of_the_classes_of_the_targets_alone(job):
    dataset = datasets_dataset.read_split(job.input.dataset, job.input.splits, "test")
    label = np.zeros((8, 3), dtype=np.float32)
    label[:4, 0] = label[6, 2] = 1
    dataset = replace(dataset, label=label, target=["a", "b", "c"])
    chosen = choose(
        dataset,
        30,
        max_sequences=2,
        targets=["c"],
        composition=None,
        order_seed=1,
        seed=1,
    )
    assert "s6" in chosen.name
    assert chosen.target == ["a", "b", "c"]


def test_mistakes_of_the_user_are_answered(job):
    callable_model = Predictor(lambda batch: None, 30, ["bound"], "mine.py")
    with pytest.raises(InputError, match="gradients, and mine"):
        check_rules(["exact", "path_gradient"], callable_model)

    def mistake(**changed):
        job.params = SimpleNamespace(**DEFAULTS | changed)
        with pytest.raises(InputError) as error:
            script.main(job)
        return str(error.value)

    assert "no target 'other'" in mistake(targets=["bound", "other"])
    assert "30, the length" in mistake(composition={"A": 1, "C": 1, "G": 1, "T": 1})
    assert "at least one sequence" in mistake(max_sequences=0)


def test_a_short_search_of_positives_is_the_beginning_of_the_whole(job):
    """Three steps are scored, of positives: the others change nothing of the score."""
    key = ["sequence", "direction", "step"]
    steps, labels, number = [], [], []
    for changed in (
        {"max_sequences": 4},
        {"max_sequences": 2, "classes": "positive", "steps": 3, "controls": 2},
    ):
        job.params = SimpleNamespace(**DEFAULTS | changed)
        script.main(job)
        steps.append(read_table(job.output.steps).set_index(key)["position"])
        labels.append(set(read_table(job.output.table)["label"]))
        number.append(read_table(job.output.score)["n"].tolist())
    assert labels == [{0, 1}, {1}]
    assert number == [[2], [2]]
    whole, short = steps
    pd.testing.assert_series_equal(whole.loc[short.index], short)


def test_a_callable_has_its_substitutions_predicted(job):
    # Of a callable that counts G, G everywhere is the end.
    def count(batch):
        return batch[:, 2].sum(axis=1, keepdims=True)

    predictor = Predictor(count, 6, ["bound"], "mine.py")
    settings = {
        name: vars(job.params)[name]
        for name in inspect.signature(greedy_search).parameters
        if name in vars(job.params)
    }
    editor, index = EditedLogits(predictor), indices("ACGTAC")
    result = greedy_search(editor, index, 0, "exact", label="exact", **settings)
    assert result.logit[:, -1].tolist() == [5, 0]  # 1 + 4 steps; 1 - 1
    assert result.made.tolist() == [4, 1]


def test_the_composition_has_the_counts_that_were_asked_for():
    counts = {"A": 8, "C": 17, "G": 17, "T": 8}
    index = composed(counts, 50, 321)
    assert np.bincount(index).tolist() == [8, 17, 17, 8]
    assert (index != composed(counts, 50, 322)).any()


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    """deepG's tutorial, config/gc.yaml as it is shipped.

    The history of the network's training, and every rule on its test split.
    """
    config = check_configuration(load("gc.yaml"), SCHEMAS)
    dataset = simulate(config["datasets"]["gc"])
    rows = np.random.default_rng(1).permutation(len(dataset))
    training, validation, test = (
        dataset.subset(np.sort(part)) for part in np.split(rows, [3200, 3600])
    )
    network, history = train(
        training, validation, config["models"]["deepg_cnn_lstm"], seed=1
    )
    job = make_job(tmp_path_factory.mktemp("gc"), test, network)
    few = {"max_sequences": 6, "controls": 2}
    settings = config["methods"]["greedy_substitution"] | few
    job.params = SimpleNamespace(device="cpu", **settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script, "start", lambda _: None)
        script.main(job)
    return history, read_table(job.output.table), read_table(job.output.steps)


def test_the_tutorial_s_network_learns_composition(tutorial):
    history, *_ = tutorial
    assert history["validation_accuracy"].max() > 0.95


def test_positives_are_destroyed_and_nothing_is_improved_downwards(tutorial):
    _, table, _ = tutorial
    fixed = table[table["rule"] != "faithful"]
    assert set(fixed["rule"]) == {"exact", "path_gradient", "integrated_gradients"}
    down = fixed[fixed["direction"] == "destroy"]
    of_class = down[(down["sequence"] == "composition") | (down["label"] == 1)]
    assert len(of_class) == 3 * (1 + 3)
    assert (of_class["end"] < 0.5).all()
    up = fixed[fixed["direction"] == "improve"]
    assert (up["end"] >= up["start"]).all()


def test_the_published_rule_makes_its_20_steps_to_the_first_base(tutorial):
    *_, steps = tutorial
    published = steps[steps["rule"] == "faithful"]
    for _, rows in published.groupby(["sequence", "direction"]):
        assert rows["step"].tolist() == list(range(21))
    down = published[published["direction"] == "destroy"]
    made = down[(down["sequence"] == "composition") & (down["step"] > 0)]
    # Every base that the published run changed was C or G and became A.
    changed = made[made["old"] != made["new"]]
    assert len(changed) >= 2
    assert set(changed["old"]) <= {"C", "G"}
    assert set(changed["new"]) == {"A"}
