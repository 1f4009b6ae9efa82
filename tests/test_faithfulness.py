"""Faithfulness of maps on networks whose answers are known by hand."""

from types import SimpleNamespace

import jinja2
import numpy as np
import pytest
import torch

import attributions as attributions_script
import faithfulness as script
import kmer_perturbation as kmer_script
import proofread
import saturation_mutagenesis as mutagenesis_script
from perturbation_runs import Outputs, settings_of, tiny_dataset, tiny_job
from proofread.configuration.check import check_configuration
from proofread.configuration.companions import controls_of, other_seeds
from proofread.configuration.method_settings import settings_of as checked_settings
from proofread.configuration.schema import SCHEMAS
from proofread.dna.encoding import UNKNOWN, encode
from proofread.errors import InputError
from proofread.methods.faithfulness.agreement import compare_kinds, compare_seeds
from proofread.methods.faithfulness.figures import (
    draw_agreement,
    draw_curves,
    draw_randomisation,
    draw_summary,
)
from proofread.methods.faithfulness.files import choose, read_all, read_seeds
from proofread.methods.faithfulness.maps import Explainer, Kind, kinds_of
from proofread.methods.faithfulness.measure import deviation, measure
from proofread.methods.faithfulness.parameters import (
    layers_from_output,
    randomised,
    why_not,
)
from proofread.methods.faithfulness.perturbation import (
    Perturbation,
    Subsets,
    sequences_of,
)
from proofread.methods.faithfulness.remade import OWN
from proofread.methods.faithfulness.sample import (
    CONSTANT_MAP,
    FEW_BASES,
    NEW_MAP,
    NO_BASE,
    ONE_SEQUENCE,
    SAME_BACKGROUND,
    SAME_DROPS,
    Maps,
)
from proofread.methods.faithfulness.similarity import (
    is_constant,
    pearson_rows,
    spearman_rows,
    top_overlap,
)
from proofread.methods.faithfulness.stability import max_sensitivity, neutral_copies
from proofread.methods.faithfulness.tables import (
    QUANTITIES,
    Summary,
    left_out,
    tables_of,
    with_controls,
)
from proofread.methods.faithfulness.windows import (
    random_ranks,
    rank_of,
    replaced,
    window_means,
    window_sums,
)
from proofread.models.predictor import Predictor, predictor_of
from proofread.report.page import TEMPLATES
from proofread.report.sections import faithfulness as section
from proofread.tables import read_table
from test_configuration import SMALL

METHODS = ("attributions", "saturation_mutagenesis", "kmer_perturbation")
# What an A adds to the logit at each position; other bases add nothing.
WEIGHTS = np.array([3.0, -1, 2, 0])


def linear(index):
    """Logit: the sum of the weights where an A is."""
    return (WEIGHTS * (index == 0)).sum(axis=1)


def all_a(n=1):
    return np.zeros((n, 4), dtype=np.uint8)


def without_effect(index, backgrounds=2):
    """Backgrounds of unknown bases, which add nothing to the logit."""
    return np.full((len(index), backgrounds, index.shape[1]), UNKNOWN, dtype=np.uint8)


def perturbation(width=1, **changed):
    index = all_a()
    sequences = sequences_of(linear, index, without_effect(index))
    settings = {"steps": 4, "keep": 0.25, "orders": 5} | changed
    rng = np.random.default_rng(1)
    return Perturbation(sequences, width, rng=rng, **settings)


# -- similarity ---------------------------------------------------------------------


def test_correlations_of_rows_by_hand():
    first = np.array([[1.0, 2, 3], [1, 1, 1], [1, 2, np.nan], [0, 1, 2]])
    second = np.array([[1.0, 3, 2], [1, 2, 3], [1, 2, 3], [4, 2, 0]])
    # Row 1: covariance 1, both sums of squares 2. Row 2 is constant, row 3 has two.
    expected = [0.5, np.nan, np.nan, -1]
    np.testing.assert_allclose(pearson_rows(first, second), expected)


def test_ties_share_their_rank_and_unknown_positions_take_no_part():
    first = np.array([[5.0, 5, 9, 100]])
    second = np.array([[1.0, 2, 3, -100]])
    known = np.array([[True, True, True, False]])
    # Ranks 1.5, 1.5, 3 and 1, 2, 3: covariance 1.5 of sums of squares 1.5 and 2.
    expected = 1.5 / np.sqrt(1.5 * 2)
    assert spearman_rows(first, second, known)[0] == pytest.approx(expected)


def test_a_correlation_with_a_multiple_is_one_however_small_the_numbers():
    row = np.array([[1e-30, 3e-30, 2e-30]])
    assert pearson_rows(row, 1e40 * row).tolist() == [1]


def test_rounding_is_no_spread():
    assert is_constant(np.array([[0.3, 0.1 + 0.2], [0.3, 0.31]])).tolist() == [
        True,
        False,
    ]
    assert is_constant(np.array([[np.nan, np.nan]])).tolist() == [True]


def test_the_overlap_of_the_highest_positions():
    known = np.ones((1, 5), dtype=bool)
    first = np.array([[5.0, 4, 3, 2, 1]])
    assert top_overlap(first, np.array([[5.0, 0, 4, 0, 0]]), known, 2) == [0.5]
    assert top_overlap(first, first, known, 2) == [1]
    # A constant map has each position at the top with probability 2/5: chance.
    assert top_overlap(first, np.ones((1, 5)), known, 2) == pytest.approx([0.4])
    # Both positions that are known are highest: nothing is compared.
    known = np.array([[True, True, False, False, False]])
    assert np.isnan(top_overlap(first, first, known, 2)).all()


# -- windows ------------------------------------------------------------------------


def test_windows_lie_side_by_side_and_the_last_may_be_shorter():
    values = np.array([[1.0, 3, 5, 7, 9], [1, 2, 3, 4, 5]])
    known = np.array([[True] * 5, [False, False, True, False, True]])
    total, bases = window_sums(values, known, 2)
    assert total.tolist() == [[4, 12, 9], [0, 3, 5]]
    assert bases.tolist() == [[2, 2, 1], [0, 1, 1]]
    means = window_means(values, known, 2)
    np.testing.assert_array_equal(means, [[2, 6, 9], [np.nan, 3, 5]])
    assert rank_of(means).tolist() == [[2, 1, 0], [2, 1, 0]]


def test_windows_without_a_base_are_never_replaced():
    scored = np.array([[False, True, True]])
    ranks = random_ranks(scored, 20, np.random.default_rng(0))
    assert (ranks[:, 0, 0] == 2).all()
    assert set(ranks[:, 0, 1]) == {0, 1}


def test_the_first_windows_of_an_order_have_the_bases_of_the_background():
    index, background = encode("AAAAA")[None], encode("CGTCG")[None, None]
    rank = np.array([[2, 0, 1]])
    mixed = replaced(index, background, rank, np.array([[0, 1, 2, 3]]), 2)
    expected = [encode(text) for text in ("AAAAA", "AATCA", "AATCG", "CGTCG")]
    assert mixed.tolist() == [[[item.tolist() for item in expected]]]


# -- deletion, insertion, sufficiency, correlation ----------------------------------


def test_deletion_of_a_linear_network_sums_its_sorted_contributions():
    curves = perturbation().curves(WEIGHTS[None])
    # Highest first: 3, 2, 0, -1. Lowest first: -1, 0, 2, 3.
    assert curves.deletion["top"].tolist() == [[0, -3, -5, -5, -4]]
    assert curves.deletion["lowest"].tolist() == [[0, 1, 1, -1, -4]]
    assert curves.insertion["top"].tolist() == [[0, 3, 5, 5, 4]]
    assert curves.insertion["lowest"].tolist() == [[0, -1, -1, 1, 4]]
    # Straight lines between 0, 1/4, ..., 1: (3 + 5 + 5 + 4 / 2) / 4.
    assert curves.areas("top") == {"deletion": [3.75], "insertion": [3.75]}


def test_sufficiency_is_the_logit_that_the_kept_windows_lack():
    curves = perturbation().curves(WEIGHTS[None])
    # The sequence has 4; its best window alone has 3, its worst -1.
    assert curves.sufficiency["top"].tolist() == [1]
    assert curves.sufficiency["lowest"].tolist() == [5]
    # Three of four are kept: 3 + 2 + 0.
    curves = perturbation(keep=0.75).curves(WEIGHTS[None])
    assert curves.sufficiency["top"].tolist() == [-1]


def test_windows_of_two_bases_are_replaced_together():
    curves = perturbation(width=2, steps=2).curves(WEIGHTS[None])
    # Windows 3 - 1 = 2 and 2 + 0 = 2: a tie, the first stands first.
    assert curves.deletion["top"].tolist() == [[0, -2, -4]]
    assert curves.fraction["deletion"].tolist() == [[0, 0.5, 1]]


def test_random_orders_lie_between_the_best_and_the_worst():
    of_random = perturbation(orders=200).random_curves()
    area = of_random.areas("random")["deletion"][0]
    # On average a window of 4 / 4 is lost with each: half of 4.
    assert area == pytest.approx(2, abs=0.3)
    assert of_random.areas("random")["insertion"][0] == pytest.approx(4 - area)


def test_steps_are_as_many_windows_as_there_are():
    # One step of a half is 2.5 of 5 windows: numpy rounds to even, and the area takes
    # the fraction that was replaced.
    index = np.zeros((1, 5), dtype=np.uint8)

    def ones(index):
        return (index == 0).sum(axis=1).astype(np.float64)

    item = Perturbation(
        sequences_of(ones, index, without_effect(index)),
        1,
        steps=2,
        keep=0.5,
        orders=1,
        rng=np.random.default_rng(0),
    )
    curves = item.curves(np.arange(5.0)[None])
    np.testing.assert_allclose(curves.fraction["deletion"], [[0, 0.4, 1]])
    assert curves.areas("top")["deletion"][0] == pytest.approx(2.5)


def test_faithfulness_correlation_of_a_linear_network_is_one():
    index = all_a(3)
    index[1, 0] = 1  # C: without its largest contribution
    sequences = sequences_of(linear, index, without_effect(index))
    rng = np.random.default_rng(2)
    subsets = Subsets(sequences, 1, subsets=30, fraction=0.5, rng=rng)
    assert (subsets.chosen.sum(axis=2) == 2).all()
    contributions = WEIGHTS * (index == 0)
    np.testing.assert_allclose(subsets.correlation(contributions), 1)
    np.testing.assert_allclose(subsets.correlation(-2 * contributions), -1)
    # Sums of a constant map are all the same.
    assert np.isnan(subsets.correlation(np.ones((3, 4)))).all()


def test_a_background_that_equals_its_sequence_is_left_out():
    index = all_a(2)
    background = without_effect(index)
    background[0, 0] = index[0]  # one of two
    background[1] = index[1]  # both
    sequences = sequences_of(linear, index, background)
    assert sequences.usable.tolist() == [[False, True], [False, False]]
    np.testing.assert_array_equal(sequences.empty, [0, np.nan])
    item = Perturbation(
        sequences, 1, steps=4, keep=0.25, orders=1, rng=np.random.default_rng(0)
    )
    curves = item.curves(np.tile(WEIGHTS, (2, 1)))
    np.testing.assert_array_equal(curves.areas("top")["deletion"], [3.75, np.nan])
    np.testing.assert_array_equal(curves.sufficiency["top"], [1, np.nan])


def test_how_many_are_predicted_together_changes_nothing(monkeypatch):
    name = "proofread.methods.faithfulness.perturbation._AT_ONCE"
    before = perturbation().curves(WEIGHTS[None]).deletion["top"]
    monkeypatch.setattr(name, 1)
    after = perturbation().curves(WEIGHTS[None]).deletion["top"]
    assert before.tolist() == after.tolist()


# -- parameters ---------------------------------------------------------------------


class Own(torch.nn.Module):
    """Weights that PyTorch does not know how to draw."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.arange(16.0).reshape(4, 4) ** 2)

    def forward(self, one_hot):
        return (one_hot * self.weight).sum(dim=(1, 2))[:, None]


class Scaled(torch.nn.Module):
    """Two times the sum of weights at the bases, plus one."""

    length, targets = 4, ["t"]

    def __init__(self):
        super().__init__()
        self.output = torch.nn.Linear(1, 1)  # named before what runs before it
        self.output.weight.data.fill_(2)
        self.output.bias.data.fill_(1)
        self.sum = Own()

    def forward(self, one_hot):
        return self.output(self.sum(one_hot))


def test_layers_are_ordered_from_the_output_as_they_run():
    assert layers_from_output(Scaled(), 4) == [("output", ["output"]), ("sum", ["sum"])]


def test_weights_that_no_module_runs_belong_to_the_module_around_them():
    layer = torch.nn.MultiheadAttention(4, 1, batch_first=True)

    class Attention(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = layer

        def forward(self, one_hot):
            turned = one_hot.transpose(1, 2)
            return self.attention(turned, turned, turned)[0].sum(dim=(1, 2))[:, None]

    ((name, parts),) = layers_from_output(Attention().eval(), 4)
    assert name == "attention"
    assert parts == ["attention", "attention.out_proj"]


def test_running_statistics_alone_are_a_layer():
    class Normed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = torch.nn.BatchNorm1d(4, affine=False)
            self.norm.running_mean.fill_(3)

        def forward(self, one_hot):
            return self.norm(one_hot).sum(dim=(1, 2))[:, None]

    network = Normed().eval()
    assert layers_from_output(network, 4) == [("norm", ["norm"])]
    ((name, drawn),) = randomised(network, 4, 1)
    assert (name, drawn.norm.running_mean.tolist()) == ("norm", [0] * 4)
    assert network.norm.running_mean.tolist() == [3] * 4
    # Without statistics nothing is learned.
    network.norm = torch.nn.BatchNorm1d(4, affine=False, track_running_stats=False)
    assert layers_from_output(network, 4) == []


def test_one_more_layer_is_drawn_at_each_step_and_the_network_stays():
    network = Scaled().eval()
    before = [item.clone() for item in network.state_dict().values()]
    state = torch.get_rng_state()
    steps = list(randomised(network, 4, 7))
    assert torch.equal(torch.get_rng_state(), state)
    assert [name for name, _ in steps] == ["output", "sum"]
    first, second = (dict(item.named_parameters()) for _, item in steps)
    original = dict(network.named_parameters())
    assert not torch.equal(first["output.weight"], original["output.weight"])
    assert torch.equal(first["sum.weight"], original["sum.weight"])
    assert torch.equal(second["output.weight"], first["output.weight"])
    # In another order: the same numbers.
    assert not torch.equal(second["sum.weight"], original["sum.weight"])
    ordered = second["sum.weight"].flatten().sort().values
    assert torch.equal(ordered, torch.arange(16.0) ** 2)
    after = list(network.state_dict().values())
    assert all(map(torch.equal, before, after))


def test_the_same_seed_draws_the_same_weights():
    first, second = (
        [item.output.weight.item() for _, item in randomised(Scaled(), 4, 3)]
        for _ in range(2)
    )
    assert first == second


def test_why_layers_cannot_be_drawn():
    function = Predictor(lambda batch: batch[:, 0].sum(axis=1), 4, ["t"], "f")
    assert "function" in why_not(function)

    class Nothing(torch.nn.Module):
        length, targets = 4, ["t"]

        def forward(self, one_hot):
            return one_hot[:, 0].sum(dim=1, keepdim=True)

    assert "no layer with weights" in why_not(predictor_of(Nothing()))

    class Uncopied(Scaled):
        def __deepcopy__(self, memo):
            raise TypeError("cannot pickle a lock")

    assert "cannot pickle a lock" in why_not(predictor_of(Uncopied()))
    assert why_not(predictor_of(Scaled())) == ""


# -- neutral substitutions ----------------------------------------------------------


def test_neutral_substitutions_are_at_the_lowest_positions():
    index = encode("ACGTN")[None]
    values = np.array([[-5.0, 1, -0.5, 2, 0]])
    rng = np.random.default_rng(0)
    changed, kept = neutral_copies(index, values, fraction=0.5, copies=30, rng=rng)
    # Two of four known positions: 1 and 0.5 are the smallest. N stays.
    assert kept.tolist() == [[True, False, False, True, False]]
    assert (changed[:, :, [0, 3, 4]] == index[:, [0, 3, 4]]).all()
    assert (changed[:, :, [1, 2]] != index[:, [1, 2]]).all()
    assert set(changed[:, 0, 1]) == {0, 2, 3}


def test_max_sensitivity_by_hand():
    values = np.array([[3.0, 4, 9], [0, 0, 1]])
    kept = np.array([[True, True, False]] * 2)
    of_copies = values + np.array([[[0, 1, 50]] * 2, [[3, 4, 0]] * 2])
    # Norms of the changes 1 and 5; of the map 5; the second map is 0 where it counts.
    result = max_sensitivity(values, of_copies, kept)
    np.testing.assert_array_equal(result, [1, np.nan])


# -- the whole ----------------------------------------------------------------------


def small(**changed):
    return settings_of(
        "faithfulness",
        **{
            "windows": [1],
            "resamples": 20,
            "remade_sequences": 4,
            "subsets": 10,
            # Few sequences as short as these have another order.
            "background": "uniform",
        }
        | changed,
    )


def mutagenesis():
    method = "saturation_mutagenesis"
    settings = checked_settings(method, {"methods": {}})
    return Kind(method, method, SimpleNamespace(**settings))


def maps_for(kinds, index, values, of_seeds=()):
    length = np.full(len(index), index.shape[1])
    remade = np.arange(len(index))
    return Maps(kinds, index, length, values, list(of_seeds), remade)


def by_quantity(summary):
    """Rows of the table by quantity, in logits or in their only unit."""
    table = tables_of([summary])["table"]
    table = table[(table["unit"] != "sd") & (table["kind"] != "random")]
    return table.set_index("quantity")


def random_index(n=6, length=4):
    return np.random.default_rng(5).integers(4, size=(n, length), dtype=np.uint8)


def test_a_new_scale_at_the_output_changes_no_order():
    """The ranks of |map| survive the output layer, and not the weights of the bases."""
    network, index = Scaled().eval(), random_index(8)
    predictor, kind = predictor_of(network), mutagenesis()
    values = Explainer(predictor, 0).map(kind, index, np.full(8, 4), seed=1)
    # The mean drop over the other three bases.
    weight = 2 * np.arange(16.0).reshape(4, 4) ** 2
    present = weight[index, np.arange(4)]
    expected = (4 * present - weight.sum(axis=0)) / 3
    np.testing.assert_allclose(values, expected, atol=1e-5)
    maps = maps_for([kind], index, {kind.name: values})
    summary = measure(predictor, 0, maps, small())
    rows = tables_of([summary])["randomisation"]
    assert rows["layer"].tolist() == ["output", "sum"]
    assert rows["layers"].tolist() == [1, 2]
    assert rows["similarity"].iloc[0] == pytest.approx(1)
    assert rows["similarity"].iloc[1] < 0.9
    table = by_quantity(summary)
    last = table.loc["randomisation_similarity", "value"]
    assert last == rows["similarity"].iloc[1]
    # The effect of a base does not depend on its neighbours: nothing moves.
    assert table.loc["max_sensitivity", "value"] == pytest.approx(0, abs=1e-5)
    assert table.loc["faithfulness_correlation", "value"] > 0.5
    note = table.loc["agreement_over_backgrounds", "note"]
    assert note == "nothing of it is drawn at random"


@pytest.mark.parametrize("name", ["deeplift_shap", "gradient_shap", "smoothgrad"])
def test_copies_have_the_backgrounds_and_the_noise_of_their_sequence(name):
    """Else random numbers would move the map of a network without interactions."""
    settings = checked_settings("attributions", {"methods": {}})
    kind = Kind(name, "attributions", SimpleNamespace(**settings))
    network, index = Scaled().eval(), random_index(8)
    predictor, length = predictor_of(network), np.full(8, 4)
    values = Explainer(predictor, 0).map(kind, index, length, seed=1)
    maps = maps_for([kind], index, {name: values})
    table = by_quantity(measure(predictor, 0, maps, small(copies=2)))
    assert table.loc["max_sensitivity", "value"] == pytest.approx(0, abs=1e-5)
    assert table.loc["agreement_over_backgrounds", "n"] > 0


def test_a_function_is_judged_without_its_weights():
    predictor = Predictor(
        lambda batch: (batch[:, 0] * WEIGHTS).sum(axis=1, keepdims=True), 4, ["t"], "f"
    )
    index = random_index(12)
    values = WEIGHTS * (index == 0)
    own = Kind("mine")
    summary = measure(
        predictor,
        0,
        maps_for(
            [own, mutagenesis()],
            index,
            {"mine": values, "saturation_mutagenesis": values},
        ),
        small(),
    )
    table = tables_of([summary])["table"].set_index(["kind", "quantity"]).sort_index()
    row = table.loc[("saturation_mutagenesis", "randomisation_similarity")].iloc[0]
    assert row["note"] == "a function has no weights to draw anew"
    assert np.isnan(row["value"])
    assert table.loc[("mine", "max_sensitivity"), "note"].tolist() == [OWN]
    assert tables_of([summary])["randomisation"].empty
    agreement = tables_of([summary])["agreement"]
    assert agreement["spearman"].tolist() == [1]
    assert agreement["compared"].tolist() == ["signed"]


def test_constant_outputs_are_said_to_be_constant(caplog):
    predictor = Predictor(lambda batch: np.ones((len(batch), 1)), 4, ["t"], "f")
    index, kind = random_index(), mutagenesis()
    values = np.zeros(index.shape)
    maps = maps_for([kind], index, {kind.name: values})
    tables = tables_of([measure(predictor, 0, maps, small())])
    # Undefined numbers are drawn without a warning.
    draw_summary(tables["table"])
    draw_curves(tables["curves"])
    table = tables["table"]
    assert (table[table["unit"] == "sd"]["note"] != "").all()
    row = table[(table["quantity"] == "deletion") & (table["kind"] == kind.name)].iloc[
        0
    ]
    assert (row["n"], row["note"]) == (0, f"left out of 6: 6 ({CONSTANT_MAP})")
    assert "the logit is the same for all sequences" in caplog.text
    assert np.isnan(deviation(np.array([1.0, 1, 1])))
    assert deviation(np.array([0.0, 2])) == pytest.approx(np.sqrt(2))


def test_sequences_that_say_nothing_are_counted_in_table_and_log(caplog):
    """One that each shuffle gives back, one of N alone, and an ordinary one."""
    texts = ("ACTGACTG", "NNNNNNNN", "AACAGTCA", "CAATGACA")
    index = np.stack([encode(text) for text in texts])
    predictor = Predictor(
        lambda batch: batch[:, 0, :4].sum(axis=1, keepdims=True), 8, ["t"], "f"
    )
    kind = mutagenesis()
    values = np.where(index == UNKNOWN, 0, (index == 0) * np.arange(8.0, 0, -1))
    maps = maps_for([kind], index, {kind.name: values})
    summary = measure(
        predictor, 0, maps, small(windows=[1, 4], background="dinucleotide_shuffled")
    )
    row = by_quantity(summary).loc["deletion"].iloc[0]
    assert row["n"] == 2
    assert row["note"] == f"left out of 4: 1 ({SAME_BACKGROUND}), 1 ({NO_BASE})"
    assert row["left_out"] == 2
    table = tables_of([summary])["table"]
    random = table[(table["kind"] == "random") & (table["quantity"] == "deletion")]
    notes = random.drop_duplicates("window").set_index("window")["note"]
    assert notes[1].startswith("8 of 32 windows without a known base; left out")
    assert notes[4].startswith("2 of 8 windows without a known base; left out")
    assert "backgrounds equal their sequence and are left out" in caplog.text
    assert SAME_BACKGROUND in caplog.text


def a_counter():
    """A function whose logit is the number of A: its map is the A of a sequence."""
    return Predictor(
        lambda batch: batch[:, 0].sum(axis=1, keepdims=True), 4, ["t"], "f"
    )


def of_mutagenesis(predictor, index, values, **changed):
    """Rows of the map of saturation_mutagenesis, by quantity and unit."""
    kind = mutagenesis()
    maps = maps_for([kind], index, {kind.name: values})
    table = tables_of([measure(predictor, 0, maps, small(**changed))])["table"]
    return table[table["kind"] == kind.name].set_index(["quantity", "unit"])


def test_one_sequence_has_no_deviation(caplog):
    rows = of_mutagenesis(a_counter(), encode("ACCA")[None], np.array([[1.0, 0, 0, 1]]))
    assert rows.loc[("deletion", "sd"), "note"] == ONE_SEQUENCE
    assert ONE_SEQUENCE in caplog.text


def test_one_window_gives_one_drop():
    """All subsets are the whole sequence, whose logit does change."""
    index = np.stack([encode("AACA"), encode("CAAA")])
    values = 1.0 * (index == 0)
    rows = of_mutagenesis(a_counter(), index, values, windows=[4])
    row = rows.loc[("faithfulness_correlation", "correlation")]
    assert (row["n"], row["note"]) == (0, f"left out of 2: 2 ({SAME_DROPS})")


def test_constant_maps_and_unknown_bases_have_no_sensitivity():
    """Each A adds one: of AAAA the map is 1 everywhere, of N it is nothing."""
    index = np.stack([encode(text) for text in ("AAAA", "NNNN", "ACGA", "AACA")])
    rows = of_mutagenesis(a_counter(), index, 1.0 * (index == 0))
    said = f"left out of 4: 1 ({CONSTANT_MAP}), 1 ({NO_BASE})"
    for place in (("max_sensitivity", "ratio"), ("neutral_change", "logit")):
        assert (rows.loc[place, "n"], rows.loc[place, "note"]) == (2, said)


@pytest.mark.parametrize("broken", ["constant", "not finite"])
def test_networks_drawn_anew_may_have_no_map(broken):
    """Not the map is constant, but that of the network with other weights."""

    class Broken(torch.nn.Linear):
        def reset_parameters(self):
            value = 0 if broken == "constant" else torch.inf
            torch.nn.init.constant_(self.weight, value)

    class Breaking(Scaled):
        def __init__(self):
            super().__init__()
            self.output = Broken(1, 1, bias=False)
            self.output.weight.data.fill_(1)

    index = np.stack([encode(text) for text in ("NNNN", "ACGT", "TTAC")])
    network = Breaking().eval()
    predictor, kind = predictor_of(network), mutagenesis()
    values = Explainer(predictor, 0).map(kind, index, np.full(3, 4), seed=1)
    summary = measure(
        predictor, 0, maps_for([kind], index, {kind.name: values}), small()
    )
    said = f"left out of 3: 1 ({NO_BASE}), 2 ({NEW_MAP})"
    rows = tables_of([summary])["randomisation"]
    assert rows["note"].tolist() == [said] * 2 and rows["n"].tolist() == [0, 0]
    assert by_quantity(summary).loc["randomisation_similarity", "note"] == said


def test_there_is_no_chance_where_all_known_bases_are_at_the_top():
    index = np.stack([encode("ACGT"), encode("ACNN"), encode("NNNN")])
    values = np.array([[1.0, 2, 3, 4]] * 3)
    maps = maps_for([Kind("a"), Kind("b")], index, dict.fromkeys("ab", values))
    maps.of_seeds.append({"a": values})
    summary = Summary("t", resamples=20, seed=1, sd=1.0)
    compare_kinds(summary, maps, 2)
    compare_seeds(summary, maps, 2)
    said = f"left out of 3: 1 ({FEW_BASES}), 1 ({NO_BASE})"
    pair = tables_of([summary])["agreement"].iloc[0]
    # Two of four are at the top of the first sequence.
    assert (pair["overlap"], pair["chance"]) == (1, 0.5)
    assert pair["note"] == f"overlap {said}"
    row = by_quantity(summary).loc["overlap_over_seeds"].iloc[0]
    assert (row["n"], row["note"]) == (1, f"over 1 other seed; {said}")
    compare_kinds(summary, maps, 4)
    agreement = tables_of([summary])["agreement"]
    assert np.isnan(agreement["chance"].iloc[1])
    titles = [axes.get_title() for axes in draw_agreement(agreement[1:]).axes]
    assert titles[1] == "overlap at the top"


def test_agreement_over_seeds_and_between_kinds():
    index = random_index(3)
    first = np.array([[1.0, 2, 3, 4]] * 3)
    kinds = [Kind("a"), Kind("saliency")]
    other = {"a": first[:, ::-1]}
    constant = np.vstack([first[:2], np.ones((1, 4))])
    maps = maps_for(kinds, index, {"a": first, "saliency": constant}, [other])
    summary = Summary("t", resamples=20, seed=1, sd=1.0)
    compare_seeds(summary, maps, 2)
    compare_kinds(summary, maps, 2)
    table = tables_of([summary])["table"].set_index(["kind", "quantity"]).sort_index()
    assert table.loc[("a", "agreement_over_seeds"), "value"] == -1
    assert table.loc[("a", "overlap_over_seeds"), "value"] == 0
    assert table.loc[("a", "agreement_over_seeds"), "note"] == "over 1 other seed"
    missing = table.loc[("saliency", "agreement_over_seeds")]
    assert (missing["n"], missing["note"][:13]) == (0, "no other seed")
    row = table.loc[("saliency", "agreement_between_kinds")]
    assert (row["value"], row["n"]) == (1, 2)
    assert row["note"] == f"left out of 3: 1 ({CONSTANT_MAP})"
    pair = tables_of([summary])["agreement"].iloc[0]
    assert pair["compared"] == "absolute"
    # 1 for two sequences, and half by chance where all positions tie.
    assert pair["overlap"] == pytest.approx((1 + 1 + 0.5) / 3)
    assert pair["chance"] == 0.5


def test_numbers_of_negative_controls_stand_beside():
    summary = Summary("t", resamples=20, seed=1, sd=2.0)
    summary.add("a", "deletion", np.array([2.0, 4]), window=9)
    control = tables_of([summary])["table"].copy()
    control["value"] /= 3
    table = with_controls(tables_of([summary])["table"], {"shuffled": control})
    assert table["unit"].tolist() == ["logit", "sd"]
    assert table["value"].tolist() == [3, 1.5]
    assert table["shuffled"].tolist() == [1, 0.5]
    assert table["untrained"].isna().all()


def test_the_first_reason_that_holds_is_said():
    values = np.array([1.0, np.nan, np.nan, np.nan])
    reasons = {
        "early": np.array([True, True, False, False]),
        "late": np.array([False, True, True, False]),
    }
    said = left_out(values, reasons)
    assert said == "left out of 4: 1 (early), 1 (late), 1 (undefined)"
    assert left_out(values[:1], reasons) == ""


# -- files, figures, script ---------------------------------------------------------


def all_settings(method, changed):
    """Settings of a method for all sequences on the CPU."""
    checked = checked_settings(method, {"methods": {method: changed}})
    return checked | {"split": "all", "device": "cpu"}


def explained(settings):
    """Settings of the methods whose maps are judged."""
    return {name: all_settings(name, settings.get(name, {})) for name in METHODS}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Three methods and this one on twelve sequences, one shorter, one with an N."""
    folder = tmp_path_factory.mktemp("faithfulness") / "seed1"
    dataset = tiny_dataset()
    settings = {
        "attributions": {"kinds": ["saliency", "deeplift_shap"], "baselines": 4},
        "kmer_perturbation": {"lengths": [5], "replicates": 2},
    }
    modules = (attributions_script, mutagenesis_script, kmer_script)
    outputs = {
        "table": "table.tsv",
        "score": "score.tsv",
        "values": "values.h5",
    }
    drawn = {
        "saturation_mutagenesis": ("positions.tsv", "figure.svg"),
        "kmer_perturbation": (
            *("windows.tsv", "variants.tsv", "bases.tsv", "robustness_table.tsv"),
            *("aligned_table.tsv", "examples.svg", "map.svg", "robustness.svg"),
            "aligned.svg",
        ),
    }
    with pytest.MonkeyPatch.context() as patched:
        for method, module in zip(METHODS, modules, strict=True):
            patched.setattr(module, "start", lambda job: None)
            more = {name.split(".")[0]: name for name in drawn.get(method, ())}
            files = outputs | more
            job = tiny_job(folder, "kmer_perturbation", files, dataset)
            job.params = SimpleNamespace(
                **all_settings(method, settings.get(method, {}))
            )
            job.input.intervals = []
            job.output = Outputs(
                **{key: folder / method / file for key, file in files.items()}
            )
            module.main(job)
    return folder, settings


def faithfulness_job(run, out, *, maps=METHODS, figures=True, controls=(), **changed):
    folder, settings = run
    names = ["table", "curves", "agreement", "randomisation", "families"]
    tables = [*names, "score", "families_agreement", "families_precision"]
    files = {name: f"{name}.tsv" for name in tables}
    if figures:
        files |= {"summary": "summary.svg"}
        files |= {f"{name}_figure": f"{name}.svg" for name in names[1:]}
    params = small(windows=[1, 9], steps=4, copies=1, **changed)
    params.explained = explained(settings)
    return SimpleNamespace(
        input=SimpleNamespace(
            model=folder / "model.ckpt",
            dataset=folder / "dataset.h5",
            splits=folder / "splits.h5",
            maps=[folder / method / "values.h5" for method in maps],
            named=[],
            families=[],
            seeds=[folder / method / "values.h5" for method in METHODS],
            controls=list(controls),
        ),
        output=Outputs(**{key: out / file for key, file in files.items()}),
        params=params,
    )


def test_the_rule_judges_every_kind_that_ran(run, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "start", lambda job: None)
    control = tmp_path / "d/m.untrained/seed1/faithfulness"
    script.main(faithfulness_job(run, control, figures=False, maps=["attributions"]))
    out = tmp_path / "d/m/seed1/faithfulness"
    job = faithfulness_job(run, out, controls=[control / "table.tsv"])
    script.main(job)
    table = read_table(out / "table.tsv")
    assert set(table["kind"]) == {
        *("random", "saliency", "deeplift_shap"),
        *("saturation_mutagenesis", "kmer_perturbation"),
    }
    assert len(read_table(out / "score.tsv")) == 0
    rows = table[(table["kind"] == "saturation_mutagenesis") & (table["unit"] != "sd")]
    rows = rows.set_index(["quantity", rows["window"].fillna(0)])["value"].sort_index()
    # The network reads the planted motif, and mutagenesis sees what it reads.
    assert rows["deletion_above_random", 1] > 0
    assert rows["insertion_above_random", 9] > 0
    # The "other seed" is the network itself.
    assert rows["agreement_over_seeds", 0] == pytest.approx(1)
    # A control's mutagenesis, made anew, is that of the file of the same network.
    both = table[table["kind"].isin(["saturation_mutagenesis", "random"])]
    both = both[both["quantity"].str.contains("deletion|insertion|sufficiency")]
    np.testing.assert_allclose(both["untrained"], both["value"], rtol=1e-4, atol=1e-5)
    assert table["shuffled"].isna().all()
    for name in ("summary", "curves", "agreement", "randomisation", "families"):
        assert "<svg" in (out / f"{name}.svg").read_text()
    again = tmp_path / "again"
    controls = [control / "table.tsv"]
    script.main(faithfulness_job(run, again, figures=False, controls=controls))
    for file in again.iterdir():
        assert (out / file.name).read_bytes() == file.read_bytes()


def test_methods_without_common_sequences_are_refused(run):
    folder, settings = run
    kinds = kinds_of(explained(settings))
    kinds[0].settings.max_sequences = 1
    kinds[-1].settings.max_sequences = 1
    kinds[-1].settings.seed = 2
    chosen = small()
    with pytest.raises(InputError, match="the same split and the same seed"):
        choose(folder / "dataset.h5", folder / "splits.h5", kinds, chosen)


def test_kinds_of_positives_alone_judge_positives(run):
    folder, settings = run
    kinds = kinds_of(explained(settings))
    kinds[0].settings.classes = "positive"
    sample, _ = choose(folder / "dataset.h5", folder / "splits.h5", kinds, small())
    assert np.asarray(sample.label).tolist() == [[1]] * 6


def test_maps_are_read_by_sequence_and_target(run):
    folder, settings = run
    kinds = kinds_of(explained(settings))
    stored = read_all([folder / method / "values.h5" for method in METHODS], kinds)
    assert list(stored) == [kind.name for kind in kinds]
    one = stored["saturation_mutagenesis"]
    pair = one.of([one.sequence[3], one.sequence[1]], "target0")
    np.testing.assert_array_equal(pair, one.values[0, [3, 1]])
    with pytest.raises(InputError, match="no sequence 'absent'"):
        one.of(["absent"], "target0")
    (seed,) = read_seeds([folder / "attributions/values.h5"], kinds)
    assert list(seed) == ["saliency", "deeplift_shap"]


def test_figures_of_nothing_say_so():
    tables = tables_of([])
    for figure in (
        draw_summary(tables["table"]),
        draw_curves(tables["curves"]),
        draw_agreement(tables["agreement"]),
        draw_randomisation(tables["randomisation"], tables["table"]),
    ):
        assert any(text.get_text() for axes in figure.axes for text in axes.texts)


# -- from Python --------------------------------------------------------------------


def test_from_python_with_a_map_of_one_s_own():
    texts = ["".join(np.array(list("ACGT"))[row]) for row in random_index(10)]
    own = np.random.default_rng(0).normal(size=(10, 4))
    found = proofread.faithfulness(
        Scaled(),
        texts,
        kinds=["saliency", "saturation_mutagenesis"],
        maps={"mine": own},
        background="uniform",
        windows=1,
        resamples=20,
    )
    assert set(found.table["kind"]) == {
        *("random", "saliency", "saturation_mutagenesis", "mine")
    }
    assert len(found.agreement) == 3
    assert found.randomisation["layer"].unique().tolist() == [
        "network.output",
        "network.sum",
    ]
    assert set(found.curves["curve"]) == {"deletion", "insertion"}


def test_one_sequence_is_refused():
    with pytest.raises(InputError, match="at least two"):
        proofread.faithfulness(Scaled(), ["ACGT"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kinds": ["saliencey"]}, "saliency"),
        ({"kinds": []}, "none, and no maps"),
        ({"maps": {"mine": np.zeros((2, 3))}}, "a number for each base"),
        ({"maps": {"mine": np.full((2, 4), np.nan)}}, "not finite"),
        ({"maps": {"random": np.zeros((2, 4))}}, "another kind has"),
        ({"windows": [0]}, "at least 1"),
        ({"keep": 1}, "a number from 0 to 1"),
        ({"background": "zeros"}, "uniform"),
    ],
)
def test_wrong_arguments_are_named(wrong, said):
    with pytest.raises(InputError, match=said):
        proofread.faithfulness(Scaled(), ["ACGT", "AAAA"], **wrong)


# -- the page -----------------------------------------------------------------------


def test_the_page_has_each_kind_beside_the_negative_controls():
    rng = np.random.default_rng(1)
    summary = Summary("t", resamples=20, seed=1, sd=2.0)
    for name in ("a_map", "another"):
        for quantity in QUANTITIES:
            values = rng.normal(size=5)
            reasons = {}
            if name == "another" and quantity == "max_sensitivity":
                values[0], reasons = np.nan, {CONSTANT_MAP: np.ones(5, dtype=bool)}
            window = 9 if "random" in quantity else np.nan
            summary.add(name, quantity, values, window=window, reasons=reasons)
    table = tables_of([summary])["table"]
    table["untrained"] = 0.25
    experiment = SimpleNamespace(
        table=lambda *_: table.assign(window=table["window"].astype(float)),
        has=lambda *_: False,
        quantitative=False,
    )
    values = section.section(experiment, {})
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    text = templates.get_template("sections/faithfulness.html.j2").render(values)
    assert [row["kind"] for row in values["rows"]] == ["a map", "another"]
    cell = values["rows"][0]["cells"][0]
    value = table[(table["quantity"] == "deletion_above_random")]["value"].iloc[1]
    assert float(cell["exact"]) == pytest.approx(value, rel=1e-5)  # in sd
    assert cell["interval"].endswith("untrained 0.250")
    assert f"t, another: left out of 5: 1 ({CONSTANT_MAP})." in text
    assert text.count("<tr>") == 3


# -- configuration ------------------------------------------------------------------


def test_a_method_with_maps_has_to_run():
    config = SMALL | {"analyses": ["faithfulness"]}
    with pytest.raises(InputError, match="faithfulness without any of attributions"):
        check_configuration(config, SCHEMAS)
    config = SMALL | {"analyses": ["faithfulness", "kmer_perturbation"]}
    assert check_configuration(config, SCHEMAS)["methods"]["faithfulness"]["top"] == 20


def test_files_of_other_seeds_and_of_negative_controls():
    rows = [("d", "m", "3"), ("d", "m", "1"), ("d", "n", "1"), ("e", "m", "1")]
    names = ("dataset", "model", "seed")
    experiments = [dict(zip(names, row, strict=True)) for row in rows]
    wildcards = SimpleNamespace(dataset="d", model="m", seed="1")
    seeds = other_seeds(experiments, ["a/values.h5"])(wildcards)
    assert seeds == ["<results>/d/m/seed3/a/values.h5"]
    controls = ["m.untrained", "m.shuffled", "n.untrained"]
    # Of the first seed, whatever the seed of the network.
    assert controls_of(experiments, controls, "table.tsv")(wildcards) == [
        "<results>/d/m.untrained/seed3/table.tsv",
        "<results>/d/m.shuffled/seed3/table.tsv",
    ]
