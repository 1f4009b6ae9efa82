"""Filters ablated: numbers by hand, and equal ways."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from torch import nn

import filter_nullification
from filter_nullification import main
from proofread.configuration.schema import check
from proofread.datasets.dataset import (
    TRUTH_COLUMNS,
    Dataset,
    read_dataset,
    write_dataset,
    write_splits,
)
from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.methods.filter_nullification import figures
from proofread.methods.filter_nullification import nullify as nullification
from proofread.methods.filter_nullification import tables as filter_nullification_tables
from proofread.methods.filter_nullification.figures import (
    Columns,
    draw_relations,
    draw_targets,
    z_within,
)
from proofread.methods.filter_nullification.groups import (
    Group,
    motif_groups,
    random_sets,
)
from proofread.methods.filter_nullification.null_values import NULLS, other_sequence
from proofread.methods.filter_nullification.nullify import nullify
from proofread.methods.filter_nullification.tables import (
    chosen_targets,
    correlation_table,
    filter_table,
    loss_changes,
    quotient,
    ranks,
    scores,
    target_table,
    widest_spread,
)
from proofread.models.checkpoint import build_model, save_model
from proofread.statistics.bootstrap import Resampling
from proofread.statistics.logits import cross_entropy
from proofread.statistics.rank_correlations import rank_correlations
from proofread.tables import read_table, read_values, write_table
from test_filter_pfms import Outputs

WAYS = ("linear", "tail", "network")
ROOT = filter_nullification.__file__.rsplit("/", 2)[0]


@pytest.fixture(autouse=True)
def no_log_file(monkeypatch):
    """`start` takes over the process: its log, its warnings, its exceptions."""
    monkeypatch.setattr(filter_nullification, "start", lambda job: None)


def sequences(*texts):
    return np.stack([encode(text) for text in texts])


class Letters(nn.Module):
    """One filter whose activations are A 0, C 2, G 4, T 6; the logit sums them."""

    first_convolution = "convolution"
    first_activation = "activation"
    targets = ("one",)

    def __init__(self, length=2):
        super().__init__()
        self.convolution = nn.Conv1d(4, 1, 1, bias=False)
        self.convolution.weight.data = torch.tensor([[[0.0], [2], [4], [6]]])
        self.activation = nn.ReLU()
        self.flatten = nn.Flatten()
        self.linear = nn.Linear(length, 1, bias=False)
        nn.init.ones_(self.linear.weight)
        self.double().eval()

    def forward(self, one_hot):
        activation = self.activation(self.convolution(one_hot))
        return self.linear(self.flatten(activation))


class Threshold(Letters):
    """The logit is relu(sum - 5)."""

    def __init__(self):
        super().__init__()
        self.linear.bias = nn.Parameter(torch.tensor([-5.0], dtype=torch.float64))
        self.last = nn.ReLU()

    def forward(self, one_hot):
        return self.last(super().forward(one_hot))


class ThresholdAndSum(Threshold):
    """A second target whose logit is the sum itself."""

    targets = ("one", "two")

    def forward(self, one_hot):
        total = Letters.forward(self, one_hot)
        return torch.cat([self.last(total), total], dim=1)


AC_GT = sequences("AC", "GT")  # activations [[0, 2], [4, 6]]
LABEL = np.array([[0.0], [1.0]])


# -- What holding does, by hand ------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_filter_is_ablated_at_its_global_mean(way):
    result = nullify(Letters(), AC_GT, [[0]], way=way)
    assert result.mean.tolist() == [3]
    assert result.std[0] == pytest.approx(np.sqrt(5))  # of 0, 2, 4, 6, ddof 0
    assert result.logit.tolist() == [[2], [10]]
    assert result.ablated.tolist() == [[[6]], [[6]]]
    # log(1 + e^2) + log(1 + e^-10) = 2.126973; log(1 + e^6) + log(1 + e^-6) = 6.004951
    assert cross_entropy(result.logit, LABEL).sum() == pytest.approx(2.126973, abs=1e-6)
    ablated = cross_entropy(result.ablated[:, 0], LABEL)
    assert ablated.sum() == pytest.approx(6.004951, abs=1e-6)
    influence = loss_changes(result.logit, result.ablated, LABEL).mean()
    assert influence == pytest.approx(1.938989, abs=1e-6)


def test_the_loss_is_the_mean_over_the_targets():
    # Cross-entropies of label 1: log(1 + e^-logit). Intact log(2) each; ablated
    # log(1 + e^0), log(1 + e^1) and log(1 + e^4).
    change = loss_changes(
        np.zeros((1, 3)), np.array([[[0.0, -1, -4]]]), np.ones((1, 3))
    )
    expected = (1.313262 - 0.693147 + 4.018150 - 0.693147) / 3
    assert change == pytest.approx(np.array([[expected]]), abs=1e-6)
    # The other way round: what is intact is the mean too.
    change = loss_changes(
        np.array([[0.0, -1, -4]]), np.zeros((1, 1, 3)), np.ones((1, 3))
    )
    assert change == pytest.approx(np.array([[-expected]]), abs=1e-6)


def test_a_missing_label_has_no_part_in_the_loss():
    # As above: 1.313262 less 0.693147 of the second target, 4.018150 of the third.
    ablated = np.tile([0.0, -1, -4], (2, 1, 1))  # (n, sets, targets)
    label = np.array([[1, 1, np.nan], [np.nan, 1, 1]])
    change = loss_changes(np.zeros((2, 3)), ablated, label)
    first = (0 + 1.313262 - 0.693147) / 2
    second = (1.313262 - 0.693147 + 4.018150 - 0.693147) / 2
    assert change[:, 0] == pytest.approx([first, second], abs=1e-6)


def by_target(model, targets=("one",)):
    result = nullify(model, AC_GT, [[0]])
    resampling = Resampling(2, 10, 1)
    table = target_table(
        ["filter0"], list(targets), result.logit, result.ablated, LABEL, resampling
    )
    return table.iloc[0]


def test_a_linear_head_has_a_signed_change_of_exactly_zero():
    row = by_target(Letters())
    assert row["signed"] == row["signed_by_variance"] == row["signed_by_std"] == 0
    # The logits move by 2 - 6 and by 10 - 6.
    assert (row["absolute"], row["rms"]) == (4, 4)


def test_change_by_variance_is_basset_s_and_by_std_is_what_it_meant():
    # Logits relu(2 - 5), relu(10 - 5) become relu(6 - 5) twice: -1 and 4, mean 1.5.
    result = nullify(Threshold(), AC_GT, [[0]])
    assert (result.logit.tolist(), result.ablated.tolist()) == ([[0], [5]], [[[1]]] * 2)
    row = by_target(Threshold())
    assert row["signed"] == 1.5
    assert row["absolute"] == 2.5
    assert row["rms"] == pytest.approx(np.sqrt((1 + 16) / 2))
    assert row["signed_by_variance"] == pytest.approx(0.12)  # 1.5 / 12.5
    assert row["signed_by_std"] == pytest.approx(0.4243, abs=1e-4)


@pytest.mark.parametrize(
    ("model", "norm"),
    # 0.12 squared; the mean of that and of the 0 of a linear target.
    [(Threshold(), 0.0144), (ThresholdAndSum(), 0.0072)],
)
def test_basset_s_norm_is_the_mean_square_over_the_targets(model, norm):
    result, label = nullify(model, AC_GT, [[0]]), np.tile(LABEL, len(model.targets))
    by_target = target_table(
        *(["filter0"], list(model.targets), result.logit, result.ablated, label),
        Resampling(2, 10, 1),
    )
    filters = pd.DataFrame({"filter": ["filter0"], "status": "ok", "ic": 1.0})
    groups = [Group("filter0", "alone", (0,))]
    table = filter_table(filters, matches(NO), groups, result, {}, by_target)
    assert table["squared_by_variance"].tolist() == pytest.approx([norm])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("batch_size", [1, 2])
def test_the_batch_does_not_change_the_mean(way, batch_size):
    result = nullify(Letters(), AC_GT, [[0]], way=way, batch_size=batch_size)
    assert result.ablated.tolist() == [[[6]], [[6]]]


@pytest.mark.parametrize("way", WAYS)
def test_the_means_of_batches_are_basset_s(way):
    # Batches of one: means 1 and 5, sums 2 and 10, as they were.
    result = nullify(Letters(), AC_GT, [[0]], null="batch_mean", null_batch=1, way=way)
    assert result.ablated.tolist() == [[[2]], [[10]]]
    result = nullify(Letters(), AC_GT, [[0]], null="batch_mean", null_batch=2, way=way)
    assert result.ablated.tolist() == [[[6]], [[6]]]


@pytest.mark.parametrize(
    ("null_batch", "std", "influence"),
    # Of 0, 2, 4, 6 together: 20 / 3. Of 0, 2 and of 4, 6: 2 each; held at their own
    # means they say what they said.
    [(2, 2.58199, 1.938989), (1, 1.41421, 0)],
)
def test_basset_s_numbers_depend_on_its_batches(null_batch, std, influence):
    options = {"null": "batch_mean", "null_batch": null_batch}
    result = nullify(Letters(), AC_GT, [[0]], **options)
    assert (result.mean[0], result.std[0]) == (3, pytest.approx(std, abs=1e-5))
    change = loss_changes(result.logit, result.ablated, LABEL).mean()
    assert change == pytest.approx(influence, abs=1e-6)
    # Ours do not.
    result = nullify(Letters(), AC_GT, [[0]], batch_size=null_batch)
    assert (result.mean[0], result.std[0]) == (3, pytest.approx(np.sqrt(5)))
    change = loss_changes(result.logit, result.ablated, LABEL).mean()
    assert change == pytest.approx(1.938989, abs=1e-6)


def test_a_batch_of_one_activation_has_no_spread():
    index = sequences("A", "T")  # activations 0 and 6
    options = {"null": "batch_mean", "null_batch": 1}
    result = nullify(Letters(length=1), index, [[0]], **options)
    assert (result.mean.tolist(), result.std.tolist()) == ([3], [0])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("null", "expected"),
    [("zero", [0, 0]), ("permuted", [10, 2]), ("position_mean", [6, 6])],
)
def test_other_null_values(way, null, expected):
    result = nullify(Letters(), AC_GT, [[0]], null=null, way=way)
    assert result.ablated[:, 0, 0].tolist() == expected


def test_the_mean_at_each_position_keeps_the_positions_apart():
    model = Letters()
    # Weights 1 and 10: the means 2 and 4 of the positions give 42, the mean 3 gives 33.
    model.linear.weight.data = torch.tensor([[1.0, 10.0]], dtype=torch.float64)
    ablated = nullify(model, AC_GT, [[0]], null="position_mean").ablated
    assert ablated[:, 0, 0].tolist() == [42, 42]
    assert nullify(model, AC_GT, [[0]]).ablated[:, 0, 0].tolist() == [33, 33]


@pytest.mark.parametrize("n", [2, 3, 50])
def test_every_sequence_gets_another_s_activations(n):
    donor = other_sequence(n, seed=1)
    assert sorted(donor) == list(range(n))
    assert (donor != np.arange(n)).all()


def test_one_sequence_can_only_give_to_itself():
    assert other_sequence(1, seed=1).tolist() == [0]


class Two(nn.Module):
    """Filters: 1 at A, 1 at A too, never. The logit is max(sum 0, sum 1) + bias."""

    first_convolution = "convolution"
    first_activation = "activation"
    targets = ("one",)

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv1d(4, 3, 1, bias=False)
        self.convolution.weight.data = torch.tensor(
            [[[1.0], [0], [0], [0]], [[1.0], [0], [0], [0]], [[-1.0], [0], [0], [-1]]]
        )
        self.activation = nn.ReLU()
        self.calls = 0
        self.eval()

    def forward(self, one_hot):
        activation = self.activation(self.convolution(one_hot))
        self.calls += 1
        return activation.sum(dim=2).amax(dim=1, keepdim=True)


def test_filters_that_stand_in_for_each_other_matter_only_together():
    # A's: 4 and 0, means 2. Alone the other still says max(2, 4) and max(2, 0).
    result = nullify(Two(), sequences("AAAA", "CCCC"), [[0], [1], [0, 1]])
    assert result.logit[:, 0].tolist() == [4, 0]
    assert (
        result.ablated[:, 0, 0].tolist() == result.ablated[:, 1, 0].tolist() == [4, 2]
    )
    assert result.ablated[:, 2, 0].tolist() == [2, 2]


def test_a_dead_filter_changes_nothing_and_is_not_run():
    model, index = Two(), sequences("AAAA", "CCCC")
    nullify(model, index, [], way="network")
    without, model.calls = model.calls, 0
    result = nullify(model, index, [[2]], way="network")
    assert model.calls == without
    assert (result.ablated[:, 0] == result.logit).all()
    assert result.constant.tolist() == [False, False, True]


@pytest.mark.parametrize("way", ["linear", "tail"])
def test_a_dead_filter_is_not_run_by_the_fast_ways(way):
    model = build_model("koo_cnn", {"filters": 3, "dense": 4}, 60, ["one"]).eval()
    model.features.norm1.bias.data[1] = -1000
    calls = []
    model.head.output.register_forward_hook(lambda *_: calls.append(1))
    index = np.random.default_rng(0).integers(0, 4, (4, 60)).astype(np.uint8)
    nullify(model, index, [], way=way)
    without = len(calls)
    result = nullify(model, index, [[1]], way=way)
    assert len(calls) == 2 * without
    assert (result.ablated[:, 0] == result.logit).all()


# -- Three ways, one answer ----------------------------------------------------------

NETWORKS = {
    "basset": (
        {"filters": 6, "filters2": 5, "filters3": 4, "width3": 3, "dense": 7}
        | {"width2": 5, "pool2": 2, "pool3": 2},
        120,
    ),
    "deepg_cnn_lstm": ({"filters": 6}, 60),
    "eraslan2019": ({"filters": 6, "width": 9, "width2": 7}, 80),
    "kmer_embedding": ({"filters": 6, "width": 6, "dense": 5}, 50),
    "koo_cnn": ({"filters": 6, "dense": 5, "activation": "exponential"}, 60),
    "koo_dist": ({"filters": 6, "filters2": 5, "activation": "exponential"}, 200),
    "koo_local": ({"filters": 6, "filters2": 5, "dense": 5}, 200),
    "motif_counts": ({"filters": 3, "width": 6, "units": 4}, 50),
    "residual_dilated": ({"filters": 6, "width": 6, "layers": 2}, 50),
    "conv_attention": ({"filters": 6, "width": 6, "heads": 2, "dense": 5}, 50),
}
# Behind whose pool is no single linear layer: a mean, a sum, a norm by position.
NOT_LINEAR = ("motif_counts", "residual_dilated", "conv_attention")
SETS = [[0], [3], [1, 2, 5], []]


def network(name, targets=("one",), exclusive=False):
    torch.manual_seed(1)
    settings, length = NETWORKS[name]
    model = build_model(name, settings, length, list(targets), exclusive=exclusive)
    # Running statistics that are not the identity, and leave the small layers alive.
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.uniform_(module.running_mean, -0.5, 0)
            nn.init.uniform_(module.running_var, 0.5, 2)
    generator = np.random.default_rng(2)
    index = generator.integers(0, 5, (5, length)).astype(np.uint8)
    index[0, length // 2 :] = 4  # a shorter sequence
    return model.double().eval(), index


def answers(model, index, ways=WAYS, **options):
    return {way: nullify(model, index, SETS, way=way, **options) for way in ways}


@pytest.mark.parametrize("null", NULLS)
@pytest.mark.parametrize("name", NETWORKS)
def test_all_ways_are_equal_in_float64(name, null):
    model, index = network(name)
    ways = WAYS[1:] if name in NOT_LINEAR else WAYS
    result = answers(model, index, ways, null=null, null_batch=2)
    plain = result["network"]
    assert np.abs(plain.ablated - plain.logit[:, None]).max() > 1e-6
    assert (plain.ablated[:, 3] == plain.logit).all()
    for item in result.values():
        assert np.abs(item.logit - plain.logit).max() < 1e-12
        assert np.abs(item.ablated - plain.ablated).max() < 1e-12


def test_all_ways_are_equal_for_classes_that_exclude_each_other():
    model, index = network("eraslan2019", ("a", "b", "c"), exclusive=True)
    result = answers(model, index)
    for item in result.values():
        # The sigmoids are the softmax, ablated or not.
        assert (1 / (1 + np.exp(-item.ablated))).sum(axis=2) == pytest.approx(1)
        assert np.abs(item.ablated - result["network"].ablated).max() < 1e-12


@pytest.mark.parametrize("way", WAYS)
def test_the_batch_size_does_not_change_the_result(way):
    model, index = network("eraslan2019")
    whole = nullify(model, index, SETS, null="permuted", way=way)
    parts = nullify(model, index, SETS, null="permuted", way=way, batch_size=2)
    assert np.abs(whole.ablated - parts.ablated).max() < 1e-12


def test_the_order_of_the_sequences_does_not_change_the_result():
    model, index = network("koo_local")
    one, other = nullify(model, index, SETS), nullify(model, index[::-1], SETS)
    assert np.abs(one.ablated - other.ablated[::-1]).max() < 1e-12


@pytest.mark.parametrize("name", NETWORKS)
def test_the_fastest_way_is_taken_for_every_architecture(name):
    model, index = network(name)
    fastest = "tail" if name in NOT_LINEAR else "linear"
    assert nullify(model, index, SETS).way == fastest


@pytest.mark.parametrize("way", WAYS)
def test_the_model_is_left_unchanged(way):
    model, index = network("deepg_cnn_lstm")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    nullify(model, index, SETS, way=way)
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())
    assert not model.training


class Own(nn.Module):
    """A user's network; `forward` differs."""

    first_convolution = "convolution"
    first_activation = "activation"
    targets = ("one",)

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.convolution, self.pool = nn.Conv1d(4, 6, 5), nn.MaxPool1d(2)
        self.activation = nn.ReLU()
        self.second = nn.Conv1d(6, 3, 3)
        self.inplace = nn.ReLU(inplace=True)
        self.output = nn.Linear(3, 1)
        self.double().eval()

    def forward(self, one_hot):
        hidden = self.pool(self.activation(self.convolution(one_hot)))
        return self.output(self.inplace(self.second(hidden)).mean(dim=2))


class SkipsLayer(Own):
    def forward(self, one_hot):
        hidden = self.pool(self.activation(self.convolution(one_hot)))
        around = hidden.mean(dim=(1, 2), keepdim=True)
        return self.output((self.second(hidden) + around).mean(dim=2))


class ReadsSequence(Own):
    def forward(self, one_hot):
        return super().forward(one_hot) + one_hot[:, :1].mean(dim=2)


class Decides(Own):
    def forward(self, one_hot):
        logits = super().forward(one_hot)
        return -logits if logits.sum() > 1e9 else logits


class SharesActivation(Own):
    def forward(self, one_hot):
        hidden = self.pool(self.activation(self.convolution(one_hot)))
        return self.output(self.activation(self.second(hidden)).mean(dim=2))


class FunctionalPool(Own):
    def forward(self, one_hot):
        hidden = self.activation(self.convolution(one_hot))
        hidden = nn.functional.max_pool1d(hidden, 2)
        return self.output(self.second(hidden).mean(dim=2))


class WorksInPlace(Own):
    def forward(self, one_hot):
        hidden = self.inplace(self.activation(self.convolution(one_hot)) - 0.1)
        return self.output(self.second(self.inplace(hidden)).mean(dim=2))


class KeepsNumber(Own):
    """A hook's note, which tracing takes for a constant."""

    def __init__(self):
        super().__init__()
        self.note = 0.0
        self.second.register_forward_hook(self.write)

    def write(self, module, inputs, output):
        self.note = float(output.abs().mean())

    def forward(self, one_hot):
        return super().forward(one_hot) + self.note


class KeepsTensor(KeepsNumber):
    """The same, one note for each sequence: what was traced does not run."""

    def write(self, module, inputs, output):
        self.note = output.abs().mean(dim=(1, 2))[:, None].detach()


class HasConstant(Own):
    """A tensor that is no buffer."""

    def __init__(self):
        super().__init__()
        self.scale = torch.tensor(2.0, dtype=torch.float64)

    def forward(self, one_hot):
        return super().forward(one_hot) * self.scale


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        (Own, "linear"),
        (SharesActivation, "linear"),
        (SkipsLayer, "tail"),
        (FunctionalPool, "tail"),
        (WorksInPlace, "tail"),
        (ReadsSequence, "network"),
        (Decides, "network"),
        (HasConstant, "linear"),
        (KeepsNumber, "network"),
        (KeepsTensor, "network"),
    ],
)
def test_a_way_that_does_not_apply_is_not_taken(kind, way):
    index = np.random.default_rng(4).integers(0, 4, (5, 40)).astype(np.uint8)
    model = kind()
    attributes = set(vars(model))
    result = nullify(model, index, SETS)
    assert set(vars(model)) == attributes
    plain = nullify(model, index, SETS, way="network")
    assert result.way == way
    assert np.abs(result.ablated - plain.ablated).max() < 1e-12
    for faster in WAYS[: WAYS.index(way)]:
        with pytest.raises(ValueError, match="does not follow"):
            nullify(model, index, SETS, way=faster)


def test_a_hook_of_the_user_s_on_the_network_is_kept():
    model, index = Own(), sequences("ACGTACGTAC", "CCGTTAGTAA")
    plain = nullify(model, index, SETS, way="network")
    model.register_forward_hook(lambda module, inputs, output: 2 * output)
    result = nullify(model, index, SETS)
    assert result.way == "network"
    assert result.ablated == pytest.approx(2 * plain.ablated)


# -- Both strands --------------------------------------------------------------------


class BothStrands(nn.Module):
    """Whether AC stands on either strand: the same layers run twice."""

    first_convolution = "convolution"
    first_activation = "activation"
    targets = ("one",)

    def __init__(self, reverse_first=False, normalised=False):
        super().__init__()
        self.convolution = nn.Conv1d(4, 1, 2)
        self.convolution.weight.data = torch.tensor(
            [[[1.0, 0], [0, 1], [0, 0], [0, 0]]]
        )
        self.convolution.bias.data.fill_(-1)
        self.normalisation = nn.BatchNorm1d(1, eps=0) if normalised else nn.Identity()
        self.activation, self.reverse_first = nn.ReLU(), reverse_first
        self.eval()

    def strand(self, one_hot):
        hidden = self.normalisation(self.convolution(one_hot))
        return self.activation(hidden).amax(dim=2)

    def forward(self, one_hot):
        strands = [one_hot, one_hot.flip(1, 2)]
        if self.reverse_first:
            strands.reverse()
        return torch.maximum(*map(self.strand, strands))


class Shifted(BothStrands):
    def forward(self, one_hot):
        return torch.maximum(self.strand(one_hot), self.strand(one_hot.roll(1, 2)))


class OneActivated(BothStrands):
    def forward(self, one_hot):
        other = self.convolution(one_hot.flip(1, 2)).relu().amax(dim=2)
        return torch.maximum(self.strand(one_hot), other)


@pytest.mark.parametrize("reverse_first", [False, True])
@pytest.mark.parametrize("normalised", [False, True])
@pytest.mark.parametrize(
    ("null", "expected"),
    [
        # AC once in 3 sequences of 3 positions on either strand: 2 of 18.
        ("mean", [1 / 9] * 3),
        ("zero", [0, 0, 0]),
        # AC stands at 0 of one sequence, and at 2 of the complement of one.
        ("position_mean", [1 / 3] * 3),
        # Batches of one sequence: 1 of 6 positions of both strands.
        ("batch_mean", [1 / 6, 1 / 6, 0]),
    ],
)
def test_a_filter_is_ablated_on_both_strands(null, expected, normalised, reverse_first):
    model = BothStrands(reverse_first, normalised)
    index = sequences("ACAA", "GTAA", "AAAA")  # AC forward, AC reverse, none
    result = nullify(model, index, [[0]], null=null, null_batch=1)
    assert result.way == "network"
    assert result.logit[:, 0].tolist() == [1, 1, 0]
    assert result.ablated[:, 0, 0].tolist() == pytest.approx(expected)


def test_both_strands_of_the_same_other_sequence_are_exchanged():
    # In two sequences each is the other's only donor.
    index = sequences("ACAA", "AAAA")
    result = nullify(BothStrands(), index, [[0]], null="permuted")
    assert result.logit[:, 0].tolist() == [1, 0]
    assert result.ablated[:, 0, 0].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Shifted, "call 2 of convolution reads neither the sequence nor its reverse"),
        (OneActivated, "call 1 of convolution has no call of activation for itself"),
    ],
)
def test_a_call_that_cannot_be_ablated_is_an_error(kind, message):
    with pytest.raises(InputError, match=message):
        nullify(kind(), sequences("ACAA", "AAAA"), [[0]])


# -- Groups --------------------------------------------------------------------------


def matches(*rows):
    """tomtom's table from (best hit, protein, planted hits)."""
    return pd.DataFrame(
        [(f"filter{i}", *row) for i, row in enumerate(rows)],
        columns=["filter", "best_hit", "protein", "planted_hits"],
    )


NO = (np.nan, np.nan, np.nan)
MATCHES = matches(
    ("planted:S", "S", "S"),
    ("MA1.1", "Sp1", np.nan),
    ("MA9.1", "Stat3", "S,C"),
    NO,
    ("MA1.2", "Sp1", np.nan),
)


def test_filters_that_match_one_motif_are_a_group():
    assert motif_groups(MATCHES) == [
        Group("S", "planted", (0, 2)),
        Group("Sp1", "known", (1, 4)),
        Group("C", "planted", (2,)),
        Group("filter3", "alone", (3,)),
    ]


def test_known_motifs_may_be_told_apart_by_identifier():
    names = [group.name for group in motif_groups(MATCHES, "motif")]
    assert names == ["S", "MA1.1", "C", "filter3", "MA1.2"]


def test_random_sets_have_as_many_filters_and_none_of_the_group():
    groups = [Group("S", "planted", (0, 1, 2)), Group("a", "alone", (3,))]
    varies = np.array([True, True, False, True, True, True, False])
    (sets,) = random_sets(groups, varies, 20, seed=1).values()
    # Filter 2 is dead, so two others of 3, 4 and 5 are drawn.
    assert {len(item) for item in sets} == {2}
    assert set(np.concatenate(sets)) == {3, 4, 5}
    assert random_sets(groups, varies, 0, seed=1) == {}
    assert random_sets([Group("S", "planted", (0, 1, 3, 4))], varies, 3, 1) == {}


# -- Statistics ----------------------------------------------------------------------


def test_equal_influences_share_the_last_rank():
    assert ranks(np.array([0.5, 2, 0.5, -1])).tolist() == [3, 1, 3, 4]
    assert ranks(np.zeros((2, 3))).tolist() == [[3, 3, 3]] * 2


def test_a_quotient_by_nothing():
    assert quotient(np.array([1.0, 0, 3]), np.array([0.0, 0, 2]))[1:].tolist() == [
        0,
        1.5,
    ]
    assert np.isnan(quotient(np.array([1.0]), np.array([0.0])))


def test_rank_correlation_by_hand():
    # Differences of ranks 0, 1, 1, 0: 1 - 6 x 2 / (4 x 15) = 0.8.
    rho, p = rank_correlations(np.array([1, 2, 3, 4]), np.array([10, 30, 20, 40]))
    assert rho == pytest.approx(0.8)
    assert p == pytest.approx(0.2)  # t = 1.8856 with 2 degrees: 1 - t / sqrt(2 + t^2)
    assert np.isnan(rank_correlations(np.ones(5), np.arange(5))).all()
    assert np.isnan(rank_correlations(np.arange(2), np.arange(2))).all()


def test_the_interval_of_a_mean():
    rows = np.random.default_rng(1).normal(size=(400, 1)) + 5
    resampling = Resampling(400, 2000, seed=1)
    low, high = resampling.interval(np.hstack([rows, np.full((400, 1), 7.0)]))
    assert (low[1], high[1]) == (7, 7)
    error = rows.std(ddof=1) / 20
    assert low[0] == pytest.approx(rows.mean() - 1.96 * error, abs=0.3 * error)
    assert high[0] == pytest.approx(rows.mean() + 1.96 * error, abs=0.3 * error)


def test_correlations_leave_out_what_says_nothing():
    table = pd.DataFrame(
        {
            "influence": [1.0, 2, 3, 4, 0],
            "ic": [1.0, 2, 3, 0, 0],
            "std": [4.0, 3, 2, 1, 0],
            "squared_by_variance": [1.0, 1, 1, 1, 0],
        }
    )
    result = correlation_table(table).set_index("with")
    assert result["n"].tolist() == [3, 4, 4]
    assert result["rho"][["ic", "std"]].tolist() == pytest.approx([1, -1])
    assert np.isnan(result["rho"]["squared_by_variance"])


def test_scores_by_hand():
    groups = motif_groups(MATCHES)
    table = pd.DataFrame(
        {
            "planted_hits": MATCHES["planted_hits"],
            "influence": [0.5, 0.1, -0.1, 0.2, 0.0],
            "absolute": [0.5, 0.1, 0.4, 0.2, 0.0],
        }
    )
    by_group = pd.DataFrame(
        {"rank": [1, 2, 4, 3], "ci_low": [1, 0, -1, 0], "ci_high": [2, 0, 1, 1]}
    )
    drawn = {
        "influence": table[["influence"]].to_numpy().T,
        "absolute": table[["absolute"]].to_numpy().T,
        "groups": np.array([[9.0, 3, 1, 2], [3.0, 9, 1, 2]]),
    }
    rows = scores(table, groups, by_group, drawn, ["S", "X"], ["C", "none"])
    result = {(row.metric, row.motif): row[1:5] for row in rows}
    # Filters 0 and 2 hold S: pairs won against 1, 3 and 4: 3 + 0 of 6, and 3 + 3.
    assert result["influence_auroc", ""] == (0.5, 5, 0.5, 0.5)
    assert result["absolute_change_auroc", ""][0] == 1
    rank, n, low, high = result["rank_grouped_influence", "S"]
    assert (rank, n) == (1, 4)
    assert (low, high) == pytest.approx((1.025, 1.975))  # of ranks 1 and 2
    assert np.isnan(result["rank_grouped_influence", "X"][0])  # no filter matches it
    assert result["causal_groups_in_top_3", ""][:2] == (0.5, 2)
    assert result["decoys_with_influence_0", ""][:2] == (1, 2)


def test_filters_of_motifs_that_tell_the_label_do_not_count_against_causal_ones():
    # Q is neither causal nor a decoy: filter 1, of Q alone, is left out. Filter 0 has
    # more influence than filter 3, of a decoy, and less than filter 2, without a match.
    table = pd.DataFrame(
        {"planted_hits": ["S,Q", "Q", np.nan, "C"], "influence": [0.3, 0.9, 0.5, 0.1]}
    ).assign(absolute=[0.6, 0.9, 0.5, 0.1])
    drawn = {name: table[[name]].to_numpy().T for name in ("influence", "absolute")}
    drawn["groups"] = np.zeros((1, 0))
    by_group = pd.DataFrame({"rank": [], "ci_low": [], "ci_high": []})
    rows = scores(table, [], by_group, drawn, ["S"], ["C"])
    result = {row.metric: row[1:5] for row in rows if not row.motif}
    # Of the pairs with filters 2 and 3 one is won by influence, and both by absolute.
    assert result["influence_auroc"] == (0.5, 3, 0.5, 0.5)
    assert result["absolute_change_auroc"] == (1, 3, 1, 1)


def test_a_network_that_no_filter_moves_puts_nothing_first():
    groups = [Group(f"M{i}", "planted", (i,)) for i in range(4)]
    table = pd.DataFrame(
        {"planted_hits": [f"M{i}" for i in range(4)], "influence": 0.0, "absolute": 0.0}
    )
    nothing = np.zeros(4)
    by_group = pd.DataFrame({"rank": ranks(nothing), "ci_low": 0.0, "ci_high": 0.0})
    drawn = dict.fromkeys(("influence", "absolute", "groups"), nothing[None])
    decoys = ["M1", "M2", "M3"]
    rows = scores(table, groups, by_group, drawn, ["M0"], decoys)
    result = {row.metric: row.value for row in rows}
    assert result["influence_auroc"] == 0.5
    assert result["causal_groups_in_top_3"] == 0


def test_scores_without_truth_are_none():
    groups = motif_groups(MATCHES)
    assert list(scores(pd.DataFrame(), groups, pd.DataFrame(), {}, [], [])) == []


# -- Heat maps -----------------------------------------------------------------------


def test_z_scores_within_a_filter():
    scaled = z_within(np.array([[1.0, 3.0], [2.0, 2.0]]))
    assert scaled.tolist() == [[-1, 1], [0, 0]]


def test_the_targets_on_which_filters_differ_most_are_shown(monkeypatch):
    monkeypatch.setattr(filter_nullification_tables, "MAX_TARGETS", 2)
    matrix = np.array([[0.0, 5, 1, 0], [0.0, 5, -1, 3]])
    assert widest_spread(matrix, [0, 1, 2, 3]) == [2, 3]


MEASURED = np.array([[1.0, 3, 8], [2, 2, 2], [0, -4, 1]])
THREE = pd.DataFrame(
    {
        **{"filter": ["filter0", "filter1", "filter2"], "group": ["S", "filter1", "K"]},
        **{"planted_hits": ["S", np.nan, np.nan], "influence": [0.3, 0.2, 0.1]},
        **{"std": 1.0, "ic": [3.0, 0, 2], "squared_by_variance": [0.3, 0.1, 0.2]},
    }
)


def test_targets_are_shown_as_they_are_within_each_filter_and_of_named_filters():
    columns = Columns(["liver", "kidney", "brain"], ["organ", "organ", "nerve"])
    size = {"width": 120, "height": 80, "font_size": 4.5}
    options = {"measure": "signed_by_std"} | size
    figure = draw_targets(THREE, MEASURED, columns, {"S": "causal"}, **options)
    result = figure.get_size_inches() * 25.4
    assert result.tolist() == pytest.approx([120, 80])
    images = [image for axes in figure.axes for image in axes.images]
    maps = [item for item in images if item.axes.axison]
    strips = [item for item in images if item not in maps]
    names = ["filter0 S", "filter1", "filter2 K"]
    expected = [MEASURED, z_within(MEASURED), z_within(MEASURED)]
    shown = [names, names, ["filter0 S", "filter2 K"]]
    for image, values, rows in zip(maps, expected, shown, strict=True):
        labels = image.axes.get_yticklabels(), image.axes.get_xticklabels()
        assert {item.get_fontsize() for part in labels for item in part} == {4.5}
        down, across = ([item.get_text() for item in part] for part in labels)
        assert sorted(down) == rows
        position = [names.index(item) for item in down]
        across = [columns.labels.index(item) for item in across]
        np.testing.assert_array_equal(
            image.get_array(), values[np.ix_(position, across)]
        )
        assert image.get_clim()[0] == -image.get_clim()[1]
    # Two targets of one class have its colour, the third has another.
    for strip in strips:
        liver, kidney, brain = np.asarray(strip.get_array())[0][np.argsort(across)]
        assert (liver == kidney).all() and (liver != brain).any()
    assert len(strips) == 3
    (legend,) = figure.legends
    assert [get_text.get_text() for get_text in legend.get_texts()] == [
        "nerve",
        "organ",
    ]


def test_information_is_drawn_beside_influence_where_there_is_any():
    figure = draw_relations(THREE, correlation_table(THREE), {"S": "causal"})

    def points(panel):
        lines = [line for line in panel.lines if line.get_linestyle() == "None"]
        return {xy for line in lines for xy in zip(*line.get_data(), strict=True)}

    # filter1 has no motif.
    assert points(figure.axes[0]) == {(3, 0.3), (2, 0.1)}
    assert points(figure.axes[1]) == {(1, 0.3), (1, 0.2), (1, 0.1)}
    assert points(figure.axes[2]) == {(0.3, 0.3), (0.1, 0.2), (0.2, 0.1)}


def settings(**given):
    path = f"{ROOT}/schemas/methods/filter_nullification.schema.yaml"
    with open(path, encoding="utf-8") as file:
        return check(given, yaml.safe_load(file), "config.yaml")


def test_targets_are_chosen_by_name_in_the_model_s_order():
    assert chosen_targets(["a", "b", "c"], settings(targets=["c", "a"])) == [0, 2]
    assert chosen_targets(["a", "b", "c"], settings()) == [0, 1, 2]


@pytest.mark.parametrize(
    "given",
    [
        {"targets": ["liver"]},
        {"target_labels": {"liver": "x"}},
        {"target_classes": {"liver": "x"}},
    ],
)
def test_a_target_that_the_model_does_not_have_is_refused(given):
    with pytest.raises(InputError, match="no target 'liver'") as caught:
        chosen_targets(["Liver1", "lung"], settings(**given))
    assert next(iter(given)) in caught.value.where


# -- The whole -----------------------------------------------------------------------


def job(folder, *, targets=("one",), motifs=("S",), dead=False, rows=None, **given):
    """Twelve sequences of 40 bases, a network of six filters, and their matches."""
    folder.mkdir(exist_ok=True)
    generator = np.random.default_rng(5)
    n, length = 12, 40
    index = generator.integers(0, 4, (n, length)).astype(np.uint8)
    index[1, 30:] = 4
    truth = pd.DataFrame(
        [(0, "S", 3, 9, "+", "causal", "ACGTAC")], columns=list(TRUTH_COLUMNS)
    ).astype(TRUTH_COLUMNS)
    dataset = Dataset(
        index=index,
        length=np.where(np.arange(n) == 1, 30, length),
        name=[f"s{i}" for i in range(n)],
        label=generator.integers(0, 2, (n, len(targets))).astype(np.float32),
        target=list(targets),
        group=[f"s{i}" for i in range(n)],
        stratum=["positive"] * n,
        truth=truth if motifs else truth.iloc[:0],
        motifs={name: np.full((6, 4), 0.25) for name in motifs},
    )
    write_dataset(folder / "dataset.h5", dataset)
    splits = {"train": [], "validation": [], "test": range(n)}
    write_splits(folder / "splits.h5", splits)
    torch.manual_seed(6)
    architecture = {"filters": 6, "filters2": 4, "width": 7, "width2": 5}
    model = build_model("eraslan2019", architecture, length, list(targets)).eval()
    if dead:
        for value in model.parameters():
            nn.init.zeros_(value)
    save_model(folder / "model.ckpt", model, "eraslan2019", architecture)
    names = [f"filter{i}" for i in range(rows or 6)]
    planted = "S" if motifs else np.nan
    table = pd.DataFrame({"filter": names, "status": "ok", "ic": np.arange(len(names))})
    write_table(folder / "filters.tsv", table)
    result = matches(
        *[("planted:S", "S", planted) if i in (0, 2) else NO for i in range(len(names))]
    )
    write_table(folder / "matches.tsv", result)
    outputs = {
        **{name: f"{name}.tsv" for name in ("table", "groups", "targets", "score")},
        **{"correlations": "correlations.tsv", "values": "values.h5"},
        **{name: f"{name}.svg" for name in ("influence", "relations", "sequences")},
        "heat_maps": "heat_maps.svg",
    }
    return SimpleNamespace(
        input=SimpleNamespace(
            model=folder / "model.ckpt",
            dataset=folder / "dataset.h5",
            splits=folder / "splits.h5",
            filters=folder / "filters.tsv",
            matches=folder / "matches.tsv",
        ),
        output=Outputs(**{k: folder / v for k, v in outputs.items()}),
        params={"device": "cpu"}
        | settings(**{"resamples": 50, "permutations": 100} | given),
    )


@pytest.fixture
def no_figures(monkeypatch):
    """Drawing takes longer than all the rest."""
    monkeypatch.setattr(figures, "figures", lambda *_: [])


@pytest.mark.usefixtures("no_figures")
def test_tables_hold_every_filter_group_and_target(tmp_path):
    item = job(tmp_path)
    main(item)
    table = read_table(item.output.table)
    assert table["filter"].tolist() == [f"filter{i}" for i in range(6)]
    assert table["group"].tolist() == ["S", "filter1", "S", *table["filter"][3:]]
    groups = read_table(item.output.groups).set_index("group")
    assert groups.loc["S", "filters"] == "filter0,filter2"
    assert groups.loc["S", "n_filters"] == 2
    assert np.isfinite(groups.loc["S", "random_mean"])
    # A group of one filter is that filter.
    single = table.set_index("filter")["influence"]
    assert groups.loc["filter1", "influence"] == single["filter1"]
    both = single[["filter0", "filter2"]]
    assert groups.loc["S", "best_single"] == both.max()
    assert groups.loc["S", "sum_of_singles"] == pytest.approx(both.sum(), rel=1e-4)
    assert len(read_table(item.output.targets)) == 6
    score = read_table(item.output.score)["metric"].tolist()
    assert score == [
        "influence_auroc",
        "absolute_change_auroc",
        "rank_grouped_influence",
        "causal_groups_in_top_3",
    ]


@pytest.mark.usefixtures("no_figures")
def test_neither_the_order_of_sequences_nor_batches_change_the_table(
    tmp_path, monkeypatch
):
    one, other = job(tmp_path / "one"), job(tmp_path / "other")
    dataset = read_dataset(other.input.dataset)
    write_dataset(other.input.dataset, dataset.subset(np.arange(12)[::-1]))
    main(one)
    monkeypatch.setattr(nullification, "_BATCH_BYTES", 1)  # a sequence at a time
    main(other)
    # Intervals and p are of resampled rows.
    drawn = ["ci_low", "ci_high", "p", "q"]
    tables = [
        read_table(item.output.table).drop(columns=drawn) for item in (one, other)
    ]
    pd.testing.assert_frame_equal(*tables, rtol=1e-4, atol=1e-6)
    tables = [
        read_table(item.output.targets).filter(regex="^(?!.*_ci_)")
        for item in (one, other)
    ]
    pd.testing.assert_frame_equal(*tables, rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("no_figures")
def test_values_hold_every_sequence(tmp_path):
    item = job(tmp_path, targets=("one", "two"))
    main(item)
    values = read_values(item.output.values)
    assert values["logit_change"].shape == (12, 6, 2)
    assert values["group_logit_change"].shape == (12, 5, 2)
    assert values["group"][0] == "planted:S"
    by_target = read_table(item.output.targets)
    mean = values["logit_change"].astype(float).mean(axis=0).ravel()
    assert by_target["signed"].to_numpy() == pytest.approx(mean, rel=1e-3, abs=1e-7)
    influence = values["loss_change"].mean(axis=0)
    table = read_table(item.output.table)
    assert table["influence"].to_numpy() == pytest.approx(influence, rel=1e-3, abs=1e-7)
    # The loss of a filter is the mean over the targets.
    loss = by_target.groupby("filter", sort=False)["loss_change"].mean()
    assert table["influence"].to_numpy() == pytest.approx(loss.to_numpy(), rel=1e-4)


def test_the_same_job_gives_the_same_bytes(tmp_path):
    result = []
    for name in ("one", "two"):
        item = job(tmp_path / name, null_value="permuted")
        main(item)
        result.append([path.read_bytes() for path in vars(item.output).values()])
    assert result[0] == result[1]


def test_a_negative_control_has_the_same_tables_and_no_figures(tmp_path):
    whole, control = job(tmp_path / "whole"), job(tmp_path / "control")
    names = ("table", "score")
    control.output = Outputs(**{name: getattr(control.output, name) for name in names})
    main(whole)
    main(control)
    for name in names:
        one, other = (getattr(item.output, name) for item in (whole, control))
        assert one.read_bytes() == other.read_bytes(), name
    assert not list((tmp_path / "control").glob("*.svg"))


def test_a_dead_network_gives_valid_tables(tmp_path):
    item = job(tmp_path, dead=True)
    main(item)
    table = read_table(item.output.table)
    assert (table[["influence", "absolute", "std"]] == 0).all(axis=None)
    assert (table[["p", "q"]] == 1).all(axis=None)
    assert (read_table(item.output.targets)["signed_by_variance"] == 0).all()
    score = read_table(item.output.score).set_index("metric")["value"]
    assert score["influence_auroc"] == 0.5
    assert score["rank_grouped_influence"] == 5


@pytest.mark.usefixtures("no_figures")
def test_a_user_s_own_sequences_have_no_score(tmp_path):
    item = job(tmp_path, motifs=())
    main(item)
    assert len(read_table(item.output.score)) == 0
    assert read_table(item.output.groups)["kind"].tolist() == ["known"] + ["alone"] * 4


def test_a_choice_of_targets_changes_the_heat_maps_and_no_table(tmp_path):
    targets = ("one", "two", "three")
    whole = job(tmp_path / "whole", targets=targets)
    part = job(tmp_path / "part", targets=targets)
    part.params = {"device": "cpu"} | settings(
        resamples=50,
        permutations=100,
        targets=["three", "one"],
        target_labels={"three": "kidney"},
        target_classes={"three": "organ"},
    )
    main(whole)
    main(part)
    for name in ("table", "groups", "targets", "correlations"):
        one, other = (getattr(item.output, name).read_bytes() for item in (whole, part))
        assert one == other
    one, other = (item.output.heat_maps.read_bytes() for item in (whole, part))
    assert one != other


@pytest.mark.parametrize("n", [5, 7])
def test_tables_of_another_network_are_refused(tmp_path, n):
    item = job(tmp_path, rows=n)
    with pytest.raises(InputError, match="network's 6 filters"):
        main(item)


def test_an_empty_split_is_refused(tmp_path):
    with pytest.raises(InputError, match="has no sequences"):
        main(job(tmp_path, split="train"))
