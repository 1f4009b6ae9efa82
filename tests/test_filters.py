"""Sites and statistics of first-layer filters, on networks whose answer is known."""

import numpy as np
import pytest
import torch
from torch import nn

from proofread.dna.encoding import both_strands, decode, encode
from proofread.errors import InputError
from proofread.methods.filter_pfms.activations import (
    activation_histogram,
    number_of_segments,
    segment_maxima,
)
from proofread.methods.filter_pfms.counts import BaseCounter
from proofread.methods.filter_pfms.heat_maps import z_scores
from proofread.methods.filter_pfms.sites import (
    Sites,
    find_sites,
    forward_sites,
    site_bases,
)
from proofread.methods.filter_pfms.thresholds import Thresholds, thresholds
from proofread.models.first_layer import FirstLayer, Geometry, activation_statistics


class Toy(nn.Module):
    """A convolution, an activation, and a sum over everything."""

    first_convolution = "convolution"
    first_activation = "activation"

    def __init__(self, *filters, activation=None, **options):
        """Each filter is (k-mer, bias): one point per matching base, plus the bias."""
        super().__init__()
        width = len(filters[0][0])
        self.convolution = nn.Conv1d(4, len(filters), width, **options)
        weight = torch.zeros(len(filters), 4, width)
        for index, (kmer, _) in enumerate(filters):
            for position, base in enumerate(encode(kmer)):
                if base < 4:
                    weight[index, base, position] = 1
        self.convolution.weight.data = weight
        self.convolution.bias.data = torch.tensor([float(bias) for _, bias in filters])
        self.activation = activation or nn.ReLU()
        self.eval()

    def forward(self, one_hot):
        return self.activation(self.convolution(one_hot)).sum(dim=(1, 2))[:, None]


class RandomToy(Toy):
    """Random weights, in float64."""

    def __init__(self, filters=5, width=7, seed=0, **options):
        super().__init__(*[("N" * width, 0)] * filters, **options)
        generator = torch.Generator().manual_seed(seed)
        shape = self.convolution.weight.shape
        self.convolution.weight.data = torch.randn(shape, generator=generator)
        self.convolution.bias.data = torch.randn(filters, generator=generator)
        self.double()


class Given:
    """A first layer of width 1 whose activations are given: (sequences, positions)."""

    lower_bound = -np.inf

    def __init__(self, rows):
        self._values = torch.tensor(rows)[..., None]
        self.geometry, self.filters = Geometry(1), 1
        self.positions = self.length = self._values.shape[1]

    def activation(self, index):
        return self._values[: len(index)]

    def batches(self, index, batch_size=None):
        for row in range(len(index)):
            yield slice(row, row + 1), self._values[row : row + 1]


GOLDEN = [[0.0, 0, 0, 0, 1], [0.5, 0.6, 0.7, 0.2, 0]]


def sequences(*texts):
    """Indices padded with 4 to the longest, and lengths."""
    length = np.array([len(text) for text in texts])
    index = np.full((len(texts), length.max()), 4, dtype=np.uint8)
    for row, text in enumerate(texts):
        index[row, : len(text)] = encode(text)
    return index, length


def random_sequences(n=20, length=40, seed=0, unknown=0.0):
    generator = np.random.default_rng(seed)
    index = generator.integers(0, 4, (n, length)).astype(np.uint8)
    index[generator.random(index.shape) < unknown] = 4
    return index, np.full(n, length)


def sites_of(layer, index, length, rule="half_max", find=None, **options):
    """All sites, and the statistics and thresholds they follow from."""
    statistics = activation_statistics(layer, index)
    limits = thresholds(layer, index, length, statistics, rule=rule, **options)
    unknown = options.get("unknown_bases", "skip")
    batches = find_sites(
        layer, index, length, limits, unknown_bases=unknown, **find or {}
    )
    return Sites.concatenate(list(batches)), limits


def starts(sites):
    return set(zip(sites.sequence.tolist(), sites.start.tolist(), strict=True))


def golden_sites(rule, **options):
    index = np.zeros((2, 5), dtype=np.uint8)
    return starts(sites_of(Given(GOLDEN), index, np.array([5, 5]), rule, **options)[0])


# --- Thresholds: methods.md 7b.1 and 7b.2


def test_mean_max_is_half_way_between_mean_and_maximum():
    # mean 0.30, maximum 1: threshold 0.65
    assert golden_sites("mean_max") == {(0, 4), (1, 2)}


def test_half_max_leaves_out_ties_unless_asked():
    assert golden_sites("half_max") == {(0, 4), (1, 1), (1, 2)}
    assert golden_sites("half_max", strict=False) == {(0, 4), (1, 0), (1, 1), (1, 2)}


def test_deepram_takes_065_of_the_way():
    # 0.30 + 0.65 * 0.70 = 0.755
    assert golden_sites("mean_max", activation_threshold=0.65) == {(0, 4)}


def test_threshold_zero_takes_all_that_is_above_zero():
    expected = {(0, 4), (1, 0), (1, 1), (1, 2), (1, 3)}
    assert golden_sites("mean_max", activation_threshold=0) == expected
    # and an activation of 0 is never a site, even where ties count
    assert golden_sites("half_max", activation_threshold=0, strict=False) == expected


def test_top_n_takes_the_highest():
    assert golden_sites("top_n", n_sites=2) == {(0, 4), (1, 2)}


def test_top_n_gives_ties_to_the_first():
    index = np.zeros((2, 3), dtype=np.uint8)
    layer = Given([[1.0, 2, 1], [1, 1, 0]])
    sites, _ = sites_of(layer, index, np.array([3, 3]), "top_n", n_sites=3)
    assert starts(sites) == {(0, 0), (0, 1), (0, 2)}


def test_top_n_never_takes_zeros():
    assert len(golden_sites("top_n", n_sites=10)) == 5


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "rule", [{"rule": "mean_max"}, {"rule": "quantile", "quantile": 0.5}]
)
def test_what_is_not_above_zero_is_no_site(rule, strict):
    # Mean -3, maximum 1: half way is -1, below -0.5, 0 and 1. The median is -0.5.
    rows = [[-8.0, -0.5, 0.0, 1.0, -7.5]]
    item = sites_of(
        *(Given(rows), np.zeros((1, 5), np.uint8), np.array([5])),
        rule["rule"],
        strict=strict,
        **{key: value for key, value in rule.items() if key != "rule"},
    )
    assert starts(item[0]) == {(0, 3)}
    assert item[1].value.tolist() == [-1 if rule["rule"] == "mean_max" else -0.5]


def test_statistics_are_of_the_population():
    statistics = activation_statistics(Given(GOLDEN), np.zeros((2, 5), np.uint8))
    assert statistics.mean == pytest.approx(0.3)
    # the sample standard deviation would be 0.371184
    assert statistics.std == pytest.approx(0.352136, abs=1e-6)
    assert statistics.maximum == 1 and statistics.minimum == 0
    np.testing.assert_allclose(statistics.sequence_mean[:, 0], [0.2, 0.4])
    np.testing.assert_allclose(statistics.sequence_maximum[:, 0], [1, 0.7])


@pytest.mark.parametrize("rule", ["mean_max", "half_max", "quantile", "top_n"])
@pytest.mark.parametrize("strict", [True, False])
def test_a_dead_filter_has_no_sites_whatever_the_rule(rule, strict):
    model = Toy(("AC", -3))  # at most 2 matches
    index, length = random_sequences()
    layer = FirstLayer(model, 40)
    sites, limits = sites_of(layer, index, length, rule, strict=strict)
    statistics = activation_statistics(layer, index)
    assert statistics.dead.tolist() == [True] and not statistics.constant.any()
    assert np.isinf(limits.value).all()
    assert len(sites) == 0


def test_a_constant_filter_has_no_sites_above_its_mean():
    # 0.4 is no float: the mean of thousands of them must not fall below them.
    model = Toy(("NN", 0.4))
    index, length = random_sequences(50)
    layer = FirstLayer(model, 40)
    assert activation_statistics(layer, index).constant.tolist() == [True]
    assert activation_statistics(layer, index).std.tolist() == [0]
    assert len(sites_of(layer, index, length, "mean_max")[0]) == 0
    assert len(sites_of(layer, index, length, "half_max")[0]) == 50 * 39


@pytest.mark.parametrize("quantile", [0.001, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_quantile_is_an_order_statistic(quantile, kind):
    # Identity: negative activations too
    model = RandomToy(activation=nn.Identity()).to(kind)
    index, length = random_sequences()
    layer = FirstLayer(model, 40)
    values = layer.activation(index).double().numpy().reshape(-1, 5)
    expected = np.quantile(values, quantile, axis=0, method="inverted_cdf")
    _, limits = sites_of(layer, index, length, "quantile", quantile=quantile)
    assert limits.value.tolist() == expected.tolist()


def test_thresholds_are_compared_in_float64():
    # Between 1 and the next float32, nearer to that: it is above the threshold.
    above = 1 + 2.0**-23
    limits = Thresholds(np.array([1 + 0.9 * 2.0**-23]), np.array([0]))
    layer, index = Given([[1.0, above]]), np.zeros((1, 2), np.uint8)
    (sites,) = find_sites(layer, index, np.array([2]), limits)
    assert sites.start.tolist() == [1]


def test_an_unknown_rule_is_named():
    with pytest.raises(ValueError, match=r"rule: expected one of .* got 'median'"):
        golden_sites("median")


def test_no_sequences_is_an_error():
    layer = FirstLayer(Toy(("ACG", -2)), 9)
    with pytest.raises(ValueError, match="at least one sequence"):
        activation_statistics(layer, np.zeros((0, 9), np.uint8))


# --- Geometry: methods.md 7b.9


def test_same_padding_starts_before_the_sequence():
    geometry = Geometry(width=3, pad_left=1, pad_right=1)
    assert geometry.positions(10) == 10
    assert geometry.start(5) == 4
    inside = [geometry.inside(position, 10) for position in range(10)]
    assert inside == [False] + [True] * 8 + [False]


def test_without_padding_every_position_is_inside():
    geometry = Geometry(width=3)
    assert geometry.positions(10) == 8
    assert [geometry.start(p) for p in range(8)] == list(range(8))
    assert all(geometry.inside(p, 10) for p in range(8))


@pytest.mark.parametrize(
    ("options", "positions"),
    [
        ({}, 7),
        ({"padding": 1}, 9),
        ({"padding": "same"}, 9),
        ({"stride": 2}, 4),
        ({"padding": 2, "stride": 2}, 6),
    ],
)
def test_the_site_is_where_the_kmer_stands(options, positions):
    # Only the whole k-mer gives 3 - 2 = 1 point.
    model = Toy(("ACG", -2), **options)
    index, length = sequences("TTACGTTTT", "TTTTTTACG")
    layer = FirstLayer(model, 9)
    assert layer.positions == positions
    sites, _ = sites_of(layer, index, length)
    assert starts(sites) == {(0, 2), (1, 6)}
    bases = site_bases(layer.geometry, index, sites)
    assert [decode(item) for item in bases] == ["ACG", "ACG"]


def test_a_dilated_filter_skips_bases():
    model = Toy(("ACG", -2), dilation=2, padding=4)
    index, length = sequences("TTATCTGTT")
    layer = FirstLayer(model, 9)
    assert layer.geometry.span == 5
    sites, _ = sites_of(layer, index, length)
    assert starts(sites) == {(0, 2)}
    assert decode(site_bases(layer.geometry, index, sites)[0]) == "ACG"


# PyTorch says that it may copy the input.
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_an_even_filter_with_same_padding_is_complete():
    # PyTorch puts the odd zero on the right: pad_left = (4 - 1) // 2 = 1.
    model = Toy(("ACGT", -3), padding="same")
    index, length = sequences("ACGTTACGT")
    layer = FirstLayer(model, 9)
    assert (layer.geometry.pad_left, layer.geometry.pad_right) == (1, 2)
    sites, _ = sites_of(layer, index, length)
    assert starts(sites) == {(0, 0), (0, 5)}


def test_windows_over_padding_are_no_sites():
    # Two matching bases suffice: ACG would fit half outside the sequence.
    model = Toy(("ACG", -1), padding=2)
    index, length = sequences("CGTTTTAC", "TTAC")
    sites, _ = sites_of(FirstLayer(model, 8), index, length, activation_threshold=0)
    for sequence, start in starts(sites):
        assert start >= 0 and start + 3 <= length[sequence]
    assert (1, 2) not in starts(sites)  # AC, then the padding of the short one


# --- Unknown bases and the cap


def test_unknown_bases_are_skipped_or_quartered():
    model = Toy(("ACG", -1))
    index, length = sequences("TTACNTTACGTT")
    layer = FirstLayer(model, 12)
    sites, _ = sites_of(layer, index, length, activation_threshold=0)
    assert starts(sites) == {(0, 7)}
    sites, _ = sites_of(
        layer, index, length, activation_threshold=0, unknown_bases="quarter"
    )
    assert starts(sites) == {(0, 2), (0, 7)}
    counter = BaseCounter(layer.geometry, 1)
    counter.add(index, sites)
    assert counter.counts()[0].tolist() == [
        [2, 0, 0, 0],
        [0, 2, 0, 0],
        [0.25, 0.25, 1.25, 0.25],
    ]


@pytest.mark.parametrize("rule", ["half_max", "top_n"])
def test_a_batch_of_unknown_bases_alone_has_no_site_and_hides_none(rule):
    model = Toy(("ACG", -1))
    index, length = sequences("NNNNN", "TACGT", "NNNNN")
    layer = FirstLayer(model, 5)
    options = {"find": {"batch_size": 1}, "n_sites": 1}
    sites, _ = sites_of(layer, index, length, rule, **options)
    assert starts(sites) == {(1, 1)}
    nothing = index[[0, 2]], length[[0, 2]]
    sites, _ = sites_of(layer, *nothing, rule, **options)
    assert len(sites) == 0


def test_top_n_counts_only_what_can_be_a_site():
    model = Toy(("ACG", -1))
    index, length = sequences("TTACNTTACATT")
    sites, _ = sites_of(FirstLayer(model, 12), index, length, "top_n", n_sites=1)
    assert starts(sites) == {(0, 7)}


def test_the_cap_keeps_the_strongest_of_each_sequence():
    model = Toy(("ACG", -1))
    index, length = sequences("ACTACGACTACG", "ACTACTTTTTTT")
    layer = FirstLayer(model, 12)
    find = {"max_sites_per_sequence": 1}
    sites, _ = sites_of(layer, index, length, activation_threshold=0, find=find)
    assert starts(sites) == {(0, 3), (1, 0)}  # the leftmost of equal ones
    find = {"max_sites_per_sequence": 3}
    sites, _ = sites_of(layer, index, length, activation_threshold=0, find=find)
    assert starts(sites) == {(0, 0), (0, 3), (0, 9), (1, 0), (1, 3)}


# --- Both strands


def test_a_site_on_the_other_strand_has_forward_coordinates():
    # CGTAA holds TTACG on the other strand: ACG, whose forward bases are CGT.
    index, length = sequences("CGTAATTT", "TTACG")
    layer = FirstLayer(Toy(("ACG", -2)), 8)
    read, read_length = both_strands(index, length)
    assert decode(read[3]) == "CGTAANNN"  # padded at the end, as TTACG is
    result, _ = sites_of(layer, read, read_length)
    bases = site_bases(layer.geometry, read, result)
    assert {decode(item) for item in bases} == {"ACG"}
    sites, strand = forward_sites(result, length, layer.geometry.span)
    assert sorted(zip(sites.sequence, sites.start, strand, strict=True)) == [
        (0, 0, "-"),
        (1, 2, "+"),
    ]


# --- The fast path and the plain one

LAYERS = [
    {},
    {"padding": "same"},
    {"padding": 3, "stride": 2},
    {"padding": 5, "dilation": 2},
    {"width": 1},
    {"width": 4, "stride": 3},
    {"width": 20},
    {"activation": nn.Sigmoid()},
    {"activation": nn.Identity()},
]


@pytest.mark.parametrize("options", LAYERS)
def test_look_up_equals_the_network(options):
    model = RandomToy(**options)
    index, _ = random_sequences(unknown=0.05)
    fast, plain = FirstLayer(model, 40), FirstLayer(model, 40, fast=False)
    assert fast.fast and not plain.fast
    np.testing.assert_allclose(
        fast.activation(index), plain.activation(index), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("options", LAYERS[:4])
def test_sites_and_statistics_equal_a_plain_loop(options):
    model = RandomToy(**options)
    index, length = random_sequences(n=6, unknown=0.02)
    length[0], index[0, 30:] = 30, 4
    layer = FirstLayer(model, 40)
    geometry = layer.geometry
    weight = model.convolution.weight.detach().numpy()
    bias = model.convolution.bias.detach().numpy()

    expected, values = set(), np.zeros((6, layer.positions, 5))
    for row in range(6):
        for position in range(layer.positions):
            start = position * geometry.stride - geometry.pad_left
            values[row, position] = bias
            for base in range(geometry.width):
                place = start + base * geometry.dilation
                if 0 <= place < 40 and index[row, place] < 4:
                    values[row, position] += weight[:, index[row, place], base]
    values = np.maximum(values, 0)
    limit = values.mean(axis=(0, 1))
    limit = limit + 0.5 * (values.max(axis=(0, 1)) - limit)
    for row, position, which in np.argwhere(values > limit):
        start = position * geometry.stride - geometry.pad_left
        seen = start + np.arange(geometry.width) * geometry.dilation
        if start >= 0 and seen[-1] < length[row] and (index[row, seen] < 4).all():
            expected.add((which, row, start))

    for fast in (True, False):
        layer = FirstLayer(model, 40, fast=fast)
        statistics = activation_statistics(layer, index)
        np.testing.assert_allclose(statistics.mean, values.mean(axis=(0, 1)))
        np.testing.assert_allclose(statistics.std, values.std(axis=(0, 1)))
        np.testing.assert_allclose(statistics.minimum, values.min(axis=(0, 1)))
        sites, limits = sites_of(layer, index, length, "mean_max")
        np.testing.assert_allclose(limits.value, limit)
        result = zip(sites.filter, sites.sequence, sites.start, strict=True)
        assert set(result) == expected
        assert len(sites) == len(expected) > 10


@pytest.mark.parametrize("options", LAYERS[:4])
def test_weights_give_back_the_activation_of_each_site(options):
    model = RandomToy(**options)
    index, length = random_sequences()
    layer = FirstLayer(model, 40)
    sites, _ = sites_of(layer, index, length)
    bases = site_bases(layer.geometry, index, sites)
    weight = layer.weight[sites.filter[:, None], np.arange(layer.geometry.width), bases]
    bias = model.convolution.bias.detach().numpy()[sites.filter]
    np.testing.assert_allclose(sites.activation, weight.sum(axis=1) + bias)


@pytest.mark.parametrize("fast", [True, False])
def test_the_batch_size_changes_nothing(fast):
    model = RandomToy()
    index, length = random_sequences(unknown=0.01)
    layer = FirstLayer(model, 40, fast=fast)
    whole = activation_statistics(layer, index, batch_size=20)
    for rule in ("half_max", "top_n"):
        limits = thresholds(layer, index, length, whole, rule=rule, n_sites=30)
        everything = Sites.concatenate(
            list(find_sites(layer, index, length, limits, batch_size=20))
        )
        for size in (1, 3, 7):
            part = activation_statistics(layer, index, batch_size=size)
            np.testing.assert_allclose(part.mean, whole.mean, rtol=1e-13)
            np.testing.assert_allclose(part.std, whole.std, rtol=1e-13)
            sites = Sites.concatenate(
                list(find_sites(layer, index, length, limits, batch_size=size))
            )
            for column in ("filter", "sequence", "start"):
                assert np.array_equal(
                    getattr(sites, column), getattr(everything, column)
                )


def test_a_batch_is_small_however_many_sequences():
    layer = FirstLayer(RandomToy(filters=64).float(), 2000)
    index = np.zeros((50, 2000), dtype=np.uint8)
    sizes = [activation.numel() * 4 for _, activation in layer.batches(index)]
    assert max(sizes) < 4e6 and len(sizes) > 1


def test_letters_are_counted_as_a_loop_counts_them():
    model = RandomToy(width=8, dilation=2)
    index, length = random_sequences(unknown=0.05)
    layer = FirstLayer(model, 40)
    batches, counter = [], BaseCounter(layer.geometry, 5)
    statistics = activation_statistics(layer, index)
    limits = thresholds(layer, index, length, statistics, rule="half_max")
    for sites in find_sites(
        layer, index, length, limits, unknown_bases="quarter", batch_size=3
    ):
        counter.add(index, sites)
        batches.append(sites)
    sites = Sites.concatenate(batches)
    expected = np.zeros((5, 8, 4))
    for which, bases in zip(
        sites.filter, site_bases(layer.geometry, index, sites), strict=True
    ):
        for position, base in enumerate(bases):
            expected[which, position] += np.eye(4)[base] if base < 4 else 0.25
    assert counter.counts().tolist() == expected.tolist()


# --- Networks that read both strands, and convolutions of images


class BothStrands(Toy):
    """The same layers on the sequence and on its reverse complement, in some order."""

    def __init__(self, *filters, order="forward first", normalised=False, **options):
        super().__init__(*filters, **options)
        self.order = order
        self.normalisation = nn.Identity()
        if normalised:
            self.normalisation = nn.BatchNorm1d(len(filters)).eval()

    def strand(self, one_hot):
        return self.activation(self.normalisation(self.convolution(one_hot)))

    def forward(self, one_hot):
        strands = [one_hot, one_hot.flip(1, 2)]
        if self.order == "reverse first":
            strands.reverse()
        maxima = [self.strand(strand).amax(dim=2) for strand in strands]
        return torch.maximum(*maxima).sum(dim=1)[:, None]


class ConvolvesFirst(BothStrands):
    """Both convolutions run before both activations."""

    def forward(self, one_hot):
        reverse, forward = (self.convolution(s) for s in (one_hot.flip(1, 2), one_hot))
        reverse, forward = self.activation(reverse), self.activation(forward)
        return torch.maximum(reverse.amax(dim=2), forward.amax(dim=2)).sum(dim=1)[
            :, None
        ]


class MixesStrands(BothStrands):
    def forward(self, one_hot):
        both = [self.convolution(strand) for strand in (one_hot, one_hot.flip(1, 2))]
        return self.activation(torch.maximum(*both)).amax(dim=2).sum(dim=1)[:, None]


class BothInOneBatch(BothStrands):
    def forward(self, one_hot):
        both = self.strand(torch.cat([one_hot, one_hot.flip(1, 2)])).amax(dim=2)
        return both.view(2, len(one_hot), -1).amax(dim=0).sum(dim=1)[:, None]


class ReverseOnly(BothStrands):
    def forward(self, one_hot):
        return self.strand(one_hot.flip(1, 2)).amax(dim=2).sum(dim=1)[:, None]


@pytest.mark.parametrize("length", [8, 9, 10])  # ACGTACGT is its own complement
@pytest.mark.parametrize("normalised", [False, True])
@pytest.mark.parametrize("order", ["forward first", "reverse first"])
def test_activations_are_of_the_strand_that_is_asked_for(order, normalised, length):
    model = BothStrands(("AAC", -2), order=order, normalised=normalised)
    layer = FirstLayer(model, length)
    # AAC stands at 3 on the given strand; its complement GTT does not count.
    index, _ = sequences("GTTAACTTTT"[:length])
    expected = np.zeros(length - 2)
    expected[3] = 1
    activation = layer.activation(index)[0, :, 0]
    np.testing.assert_allclose(activation, expected, atol=1e-4)
    strands = ["forward", "reverse"]
    if order == "reverse first":
        strands.reverse()
    assert [call.strand for call in layer.calls] == strands


def test_an_activation_belongs_to_the_convolution_that_it_reads():
    layer = FirstLayer(ConvolvesFirst(("AAC", -2)), 9)
    assert [(call.strand, call.activation) for call in layer.calls] == [
        ("reverse", 0),
        ("forward", 1),
    ]
    assert layer.fast
    index, _ = sequences("TTTAACTTT")
    for fast in (True, False):
        layer = FirstLayer(ConvolvesFirst(("AAC", -2)), 9, fast=fast)
        assert layer.activation(index)[0, :, 0].tolist() == [0, 0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (MixesStrands, r"reads several calls of convolution[\s\S]*combine the strands"),
        (BothInOneBatch, r"2 versions of each sequence[\s\S]*one_hot\.flip\(1, 2\)"),
        (ReverseOnly, r"the reverse complement of the sequence only"),
    ],
)
def test_strands_that_cannot_be_told_apart_are_an_error(kind, message):
    with pytest.raises(InputError, match=message):
        FirstLayer(kind(("AAC", -2)), 9)


class Image(RandomToy):
    """The filters of `RandomToy` as a two-dimensional convolution."""

    def __init__(self, layout, **options):
        super().__init__(**options)
        plain = self.convolution
        # (filters, 4, width) -> (filters, channels, height, width of the image)
        self.view, weight = {
            "n4L1": (lambda x: x[..., None], plain.weight[..., None]),
            "n41L": (lambda x: x[:, :, None], plain.weight[:, :, None]),
            "n14L": (lambda x: x[:, None], plain.weight[:, None]),
            "n1L4": (
                lambda x: x.transpose(1, 2)[:, None],
                plain.weight.transpose(1, 2)[:, None],
            ),
        }[layout]
        along = (
            (lambda one: (one, 1 - one))
            if layout in ("n4L1", "n1L4")
            else (lambda one: (1 - one, one))
        )
        padding = tuple(plain.padding[0] * item for item in along(1))
        self.convolution = nn.Conv2d(
            weight.shape[1], 5, weight.shape[2:], padding=padding
        ).double()
        self.convolution.weight.data = weight.detach().clone()
        self.convolution.bias.data = plain.bias.detach().clone()
        self.eval()

    def forward(self, one_hot):
        hidden = self.activation(self.convolution(self.view(one_hot)))
        return hidden.flatten(1).sum(dim=1)[:, None]


@pytest.mark.parametrize("padding", [0, 2])
@pytest.mark.parametrize("layout", ["n4L1", "n41L", "n14L", "n1L4"])
def test_a_convolution_of_images_has_the_filters_of_a_plain_one(layout, padding):
    plain = FirstLayer(RandomToy(padding=padding), 40)
    layer = FirstLayer(Image(layout, padding=padding), 40)
    assert layer.geometry == plain.geometry
    np.testing.assert_array_equal(layer.weight, plain.weight)
    index, _ = random_sequences(unknown=0.02)
    np.testing.assert_allclose(layer.activation(index), plain.activation(index))


def test_a_convolution_of_pictures_is_an_error():
    model = Image("n14L")
    model.convolution = nn.Conv2d(1, 5, (3, 7)).double()
    with pytest.raises(InputError, match=r"Conv2d of height 1 with 4"):
        FirstLayer(model, 40)


# --- Networks that are run as they are


class Normalised(Toy):
    """Batch normalisation between the convolution and its activation."""

    def __init__(self, *filters, **options):
        super().__init__(*filters, **options)
        self.normalisation = nn.BatchNorm1d(len(filters)).eval()
        self.normalisation.running_mean[:] = 1

    def forward(self, one_hot):
        hidden = self.normalisation(self.convolution(one_hot))
        return self.activation(hidden).sum(dim=(1, 2))[:, None]


class Cube(nn.Module):
    """An activation of the user's own."""

    def forward(self, values):
        return values.relu() ** 3


def test_batch_normalisation_is_run_as_it_is():
    # ACG scores 3, less the running mean 1 is 2; two matches: 1; the rest 0.
    layer = FirstLayer(Normalised(("ACG", 0)), 9)
    assert not layer.fast
    index, length = sequences("TTACGTTTT")
    assert activation_statistics(layer, index).maximum == pytest.approx(2, rel=1e-4)
    assert starts(sites_of(layer, index, length)[0]) == {(0, 2)}


def test_an_activation_of_ones_own_is_run_as_it_is():
    layer = FirstLayer(Toy(("ACG", 0), activation=Cube()), 9)
    assert not layer.fast
    index, _ = sequences("TTACGTTTT")
    assert activation_statistics(layer, index).maximum.tolist() == [27]


@pytest.mark.parametrize("fast", [True, False])
def test_the_network_is_left_as_it_was(fast):
    model = Toy(("ACG", -2))
    before = {name: item.clone() for name, item in model.state_dict().items()}
    index, length = random_sequences()
    sites_of(FirstLayer(model, 40, fast=fast), index, length)
    after = model.state_dict()
    assert all(torch.equal(after[name], item) for name, item in before.items())
    assert not model.training
    assert not any(module._forward_hooks for module in model.modules())


def test_hooks_are_removed_when_the_network_fails():
    class Broken(Toy):
        def forward(self, one_hot):
            self.convolution(one_hot)
            raise RuntimeError("broken on purpose")

    model = Broken(("ACG", -2))
    with pytest.raises(RuntimeError, match="on purpose"):
        FirstLayer(model, 9)
    assert not any(module._forward_hooks for module in model.modules())


def test_a_network_in_training_is_refused():
    with pytest.raises(ValueError, match="evaluation mode"):
        FirstLayer(Toy(("ACG", -2)).train(), 9)


def test_a_missing_module_is_named():
    model = Toy(("ACG", -2))
    model.first_activation = "relu1"
    with pytest.raises(InputError, match=r"'relu1'[\s\S]*convolution, activation"):
        FirstLayer(model, 9)


def test_pooling_before_the_activation_is_an_error():
    class PooledFirst(Toy):
        def forward(self, one_hot):
            pooled = nn.functional.max_pool1d(self.convolution(one_hot), 2)
            return self.activation(pooled).sum(dim=(1, 2))[:, None]

    with pytest.raises(InputError, match=r"gives \(1, 1, 3\)"):
        FirstLayer(PooledFirst(("ACG", -2)), 9)


def test_padding_outside_the_convolution_is_an_error():
    class Padded(Toy):
        def forward(self, one_hot):
            return super().forward(nn.functional.pad(one_hot, (2, 2)))

    with pytest.raises(InputError, match="does not see the sequence itself"):
        FirstLayer(Padded(("ACG", -2)), 9)


def test_another_layer_than_a_convolution_is_an_error():
    model = Toy(("ACG", -2))
    model.first_convolution = "activation"
    with pytest.raises(InputError, match=r"torch\.nn\.Conv1d"):
        FirstLayer(model, 9)


def test_modules_in_the_wrong_order_are_an_error():
    class Reversed(Toy):
        def forward(self, one_hot):
            return self.convolution(self.activation(one_hot)).sum(dim=(1, 2))[:, None]

    with pytest.raises(InputError, match="is not run before"):
        FirstLayer(Reversed(("ACG", -2)), 9)


# --- What the global figures show: methods.md 7b.10


@pytest.mark.parametrize(
    ("positions", "segments"), [(600, 5), (50, 5), (601, 601), (181, 181), (4, 4)]
)
def test_segments_divide_the_positions(positions, segments):
    assert number_of_segments(positions) == segments


def test_segment_maxima():
    rows = [[0.0, 1, 2, 0, 0, 5, 4, 4, 3, 0]]
    maxima = segment_maxima(Given(rows), np.zeros((1, 10), np.uint8))
    assert maxima[0, :, 0].tolist() == [1, 2, 5, 4, 3]


def test_histograms_count_every_position():
    # AC scores 0, 1 or 2; the bias keeps 1 as an activation of 0.
    layer = FirstLayer(Toy(("AC", -1), ("NN", 0.5)), 7)
    index, _ = sequences("ACGTACT", "GGGGGGG")
    statistics = activation_statistics(layer, index)
    edges, counts = activation_histogram(layer, index, statistics, bins=4)
    assert counts.tolist() == [[10, 0, 0, 2], [12, 0, 0, 0]]
    assert edges[0].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert edges[1].tolist() == [0.5] * 5


def test_z_scores_are_over_all_rows_and_each_filter_has_its_own():
    """Mean j + 1 and standard deviation 1 for filter j; the last one never varies."""
    values = np.arange(130) + np.array([[0], [2], [0], [2]], dtype=np.float32)
    values[:, -1] = 7
    z = z_scores(values, np.array([1, 0]))
    assert (z[:, :-1] == [[1], [-1]]).all()
    assert (z[:, -1] == 0).all()
