"""What the filters of a network's first layer respond to: activations and sites.

A site is the stretch of a sequence that one output position of the first
convolution sees, where the activation is high. Sites are 0-based, half-open and in
forward coordinates. Everything is streamed: memory depends on the batch, not on the
number of sequences.

Conventions: ``activation[i, p, f]`` is the output of the network's first activation
module (after batch normalisation if there is one, before pooling) for sequence i,
output position p and filter f.
"""

import contextlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from proofread.dna.encoding import UNKNOWN, one_hot
from proofread.errors import InputError

RULES = ("mean_max", "half_max", "quantile", "top_n")

# Bytes of activations held at a time: they stay in the processor's cache, and the
# allocator does not map and unmap memory at each step.
_BATCH_BYTES = 3_000_000
# Bases per table row: 5^4 rows are small enough for the cache, and a filter of 20
# bases is then a sum of 5 rows.
_WORD = 4
# Applied to each value alone, so the layout of the values does not matter.
_ELEMENTWISE = (
    nn.ELU,
    nn.GELU,
    nn.Identity,
    nn.LeakyReLU,
    nn.ReLU,
    nn.Sigmoid,
    nn.SiLU,
    nn.Softplus,
    nn.Tanh,
)
# Bits of one step of the search for a quantile: 2,048 counters per filter.
_DIGIT = 11


@dataclass(frozen=True)
class Geometry:
    """Where on a sequence the outputs of a convolution look.

    Attributes
    ----------
    width : int
        Bases a filter weighs.
    stride, dilation : int
        Bases between outputs, and between the bases of one output.
    pad_left, pad_right : int
        Positions the convolution itself adds at either end.
    """

    width: int
    stride: int = 1
    dilation: int = 1
    pad_left: int = 0
    pad_right: int = 0

    @property
    def span(self):
        """Bases from the first to the last that a filter weighs, inclusive."""
        return (self.width - 1) * self.dilation + 1

    def positions(self, length):
        """Number of output positions for a sequence of `length` bases."""
        return (length + self.pad_left + self.pad_right - self.span) // self.stride + 1

    def start(self, position):
        """First base that output `position` sees; negative within the padding."""
        return position * self.stride - self.pad_left

    def inside(self, position, length):
        """Whether all that output `position` sees lies within the sequence."""
        start = self.start(position)
        return (start >= 0) & (start + self.span <= length)


class FirstLayer:
    """The first convolution and activation of a network, read by batches.

    Where the convolution sees the one-hot sequence itself and nothing stands between
    it and an elementwise activation (one of PyTorch's own), the convolution is
    computed by table look-up: one-hot columns select weights, so a filter's output is
    a sum of rows of a table over all words of four letters. Any other network (batch
    normalisation in between, an activation of the user's own, a GPU) is run as it is
    and its activation is taken by a hook.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode; `first_convolution` and `first_activation` name its
        modules. Left unchanged.
    length : int
        Bases per sequence.
    fast : bool
        False: always run the network.

    Attributes
    ----------
    geometry : Geometry
    weight : numpy.ndarray, shape (filters, width, 4), float64
    filters, positions : int
    fast : bool
        Whether the look-up is used.

    Raises
    ------
    InputError
        If the modules are not a convolution over the sequence and an activation
        with one value per filter and position.
    """

    def __init__(self, model, length, *, fast=True):
        if model.training:
            raise ValueError("model: expected evaluation mode, got training mode")
        self.model, self.length = model, length
        self._convolution = _submodule(model, "first_convolution")
        self._activation = _submodule(model, "first_activation")
        convolution = self._convolution
        if not isinstance(convolution, nn.Conv1d) or convolution.in_channels != 4:
            raise InputError(
                f"model {type(model).__name__}",
                f"first_convolution is {convolution}",
                "a torch.nn.Conv1d with 4 input channels",
                "name the convolution that reads the one-hot sequence",
            )
        self.geometry = _geometry(convolution)
        self.filters = convolution.out_channels
        self.positions = self.geometry.positions(length)
        # (filters, 4, width) -> (filters, width, 4)
        self.weight = (
            convolution.weight.detach().cpu().double().numpy().transpose(0, 2, 1)
        )
        self.fast = self._probe() and fast
        if self.fast:
            self._table, self._words = self._look_up_table()

    @property
    def batch_size(self):
        """Sequences whose activations fit the processor's cache."""
        size = self._convolution.weight.element_size()
        return max(1, _BATCH_BYTES // (size * self.positions * self.filters))

    @torch.no_grad()
    def activation(self, index):
        """Activations of a batch.

        Parameters
        ----------
        index : numpy.ndarray, shape (n, length), uint8

        Returns
        -------
        torch.Tensor, shape (n, positions, filters)
            On the CPU, in the type of the weights.
        """
        if self.fast:
            return self._look_up(index)
        return self._run(index)[-1].cpu().transpose(1, 2)

    def batches(self, index, batch_size=None):
        """Rows and activations of a batch at a time: (slice, tensor)."""
        size = batch_size or self.batch_size
        for first in range(0, len(index), size):
            rows = slice(first, min(first + size, len(index)))
            yield rows, self.activation(index[rows])

    def _run(self, index):
        """The network's input, the convolution's in- and output, the activation's."""
        seen = {}

        def note(module, inputs, output):
            seen.setdefault(module, (inputs[0], output))
            if module is self._activation:
                raise _Reached

        weight = self._convolution.weight
        batch = torch.from_numpy(one_hot(index)).to(weight.device, weight.dtype)
        hooks = [
            each.register_forward_hook(note)
            for each in (self._convolution, self._activation)
        ]
        try:
            # The rest of the network is not needed.
            with contextlib.suppress(_Reached):
                self.model(batch)
        finally:
            for hook in hooks:
                hook.remove()
        if self._convolution not in seen or self._activation not in seen:
            raise InputError(
                f"model {type(self.model).__name__}",
                f"{self.model.first_convolution} is not run before "
                f"{self.model.first_activation}",
                "a forward pass through the first convolution, then its activation",
                "name the modules in the order in which they are used",
            )
        return (batch, *seen[self._convolution], *seen[self._activation])

    @torch.no_grad()
    def _probe(self):
        """Check the shapes with one sequence; say whether the look-up is exact."""
        sequence = np.arange(self.length, dtype=np.uint8)[None] % 4
        given, entered, convolved, received, activated = self._run(sequence)
        if not torch.equal(given, entered):
            raise InputError(
                f"model {type(self.model).__name__}",
                f"{self.model.first_convolution} does not see the sequence itself "
                f"(its input has shape {tuple(entered.shape)})",
                f"the one-hot sequence, {tuple(given.shape)}",
                "pad within the convolution (padding=...) and leave the one-hot "
                "sequence as it is",
            )
        expected = (1, self.filters, self.positions)
        if activated.shape != expected:
            raise InputError(
                f"model {type(self.model).__name__}",
                f"{self.model.first_activation} gives {tuple(activated.shape)}",
                f"(sequences, filters, positions) = {expected}",
                "name the activation that follows the first convolution directly, "
                "before any pooling",
            )
        convolution = self._convolution
        return (
            received is convolved
            and type(self._activation) in _ELEMENTWISE
            and type(convolution) is nn.Conv1d
            and convolution.groups == 1
            and convolution.padding_mode == "zeros"
            and convolution.weight.device.type == "cpu"
        )

    def _look_up_table(self):
        """Sums of weights of all words, and where each word starts.

        Returns
        -------
        torch.Tensor, shape (rows, filters)
        list of tuple
            (bases before the word, its length, its first row).
        """
        convolution = self._convolution
        weight = convolution.weight.detach()
        # (filters, 4, width) -> (width, 5, filters); the fifth letter weighs nothing
        column = nn.functional.pad(weight, (0, 0, 0, 1)).permute(2, 1, 0)
        tables, words, row = [], [], 0
        for start in range(0, self.geometry.width, _WORD):
            table = column.new_zeros(1, self.filters)
            if start == 0 and convolution.bias is not None:
                table = table + convolution.bias.detach()
            letters = column[start : start + _WORD]
            for letter in letters:
                # (words, 1, filters) + (5, filters) -> (words * 5, filters)
                table = (table[:, None] + letter).flatten(0, 1)
            tables.append(table)
            words.append((start, len(letters), row))
            row += len(table)
        return torch.cat(tables), words

    def _look_up(self, index):
        geometry = self.geometry
        padded = index.astype(np.int32)
        if geometry.pad_left or geometry.pad_right:
            ends = (geometry.pad_left, geometry.pad_right)
            padded = np.pad(padded, ((0, 0), ends), constant_values=UNKNOWN)
        last = (self.positions - 1) * geometry.stride + 1
        rows = np.empty((len(index), self.positions, len(self._words)), np.int32)
        codes = {}  # words of the same length have the same codes
        for slot, (start, size, first_row) in enumerate(self._words):
            if size not in codes:
                width = padded.shape[1] - (size - 1) * geometry.dilation
                code = padded[:, :width]
                for letter in range(1, size):
                    shift = letter * geometry.dilation
                    code = 5 * code + padded[:, shift : shift + width]
                codes[size] = code
            shift = start * geometry.dilation
            seen = codes[size][:, shift : shift + last : geometry.stride]
            np.add(seen, first_row, out=rows[:, :, slot])
        summed = nn.functional.embedding_bag(
            torch.from_numpy(rows).flatten(0, 1), self._table, mode="sum"
        )
        # (n * positions, filters) -> (n, positions, filters)
        activation = self._activation
        activated = (
            summed.relu_() if type(activation) is nn.ReLU else activation(summed)
        )
        return activated.view(len(index), self.positions, self.filters)


class _Reached(Exception):
    """Ends a forward pass once the activation is known."""


def _submodule(model, attribute):
    name = getattr(model, attribute, None)
    known = [each for each, _ in model.named_modules() if each]
    if name not in known:
        raise InputError(
            f"model {type(model).__name__}",
            f"its attribute {attribute} is {name!r}",
            "the name of one of its modules: " + ", ".join(known),
            f"set {attribute} on the network",
        )
    return model.get_submodule(name)


def _geometry(convolution):
    width, dilation = convolution.kernel_size[0], convolution.dilation[0]
    if convolution.padding == "same":
        # PyTorch puts the odd one on the right.
        total = (width - 1) * dilation
        left, right = total // 2, total - total // 2
    elif convolution.padding == "valid":
        left = right = 0
    else:
        left = right = convolution.padding[0]
    return Geometry(width, convolution.stride[0], dilation, left, right)


# --- Statistics -----------------------------------------------------------------


@dataclass(frozen=True)
class Statistics:
    """What is known of each filter's activations over all sequences and positions.

    Attributes
    ----------
    maximum : numpy.ndarray, shape (filters,), float64
    minimum : numpy.ndarray, shape (filters,), float64
        None, like all below, if not asked for.
    mean, std : numpy.ndarray, shape (filters,), float64
        Of the population (ddof 0), summed in float64.
    sequence_mean, sequence_maximum : numpy.ndarray, shape (n, filters), float32
        Over the positions of each sequence.
    """

    maximum: np.ndarray
    minimum: np.ndarray | None = None
    mean: np.ndarray | None = None
    std: np.ndarray | None = None
    sequence_mean: np.ndarray | None = None
    sequence_maximum: np.ndarray | None = None

    @property
    def dead(self):
        """Filters that are never above zero: bool, shape (filters,)."""
        return self.maximum <= 0

    @property
    def constant(self):
        """Live filters that say the same everywhere: bool, shape (filters,)."""
        return (self.maximum == self.minimum) & ~self.dead


def activation_statistics(layer, index, *, maximum_only=False, batch_size=None):
    """Extremes, mean and standard deviation of each filter.

    Parameters
    ----------
    layer : FirstLayer
    index : numpy.ndarray, shape (n, length), uint8
        Padded positions take part, as they do in the network.
    maximum_only : bool
        Which is faster, and all that `half_max` needs.
    batch_size : int, optional
        Sequences at a time; changes memory, never the result beyond the last bits.

    Returns
    -------
    Statistics
    """
    if len(index) == 0:
        raise ValueError("index: expected at least one sequence, got none")
    maximum = torch.full((layer.filters,), -torch.inf, dtype=torch.float64)
    minimum = torch.full((layer.filters,), torch.inf, dtype=torch.float64)
    total = torch.zeros(layer.filters, dtype=torch.float64)
    squares = torch.zeros(layer.filters, dtype=torch.float64)
    if not maximum_only:
        sequence_mean = np.empty((len(index), layer.filters), np.float32)
        sequence_maximum = np.empty_like(sequence_mean)
    for rows, activation in layer.batches(index, batch_size):
        highest = activation.amax(dim=1)
        maximum = torch.maximum(maximum, highest.amax(dim=0))
        if maximum_only:
            continue
        minimum = torch.minimum(minimum, activation.amin(dim=(0, 1)))
        exact = activation.double()
        sums = exact.sum(dim=1)
        total += sums.sum(dim=0)
        squares += exact.square_().sum(dim=(0, 1))
        sequence_mean[rows] = sums / layer.positions
        sequence_maximum[rows] = highest
    maximum, minimum = maximum.numpy(), minimum.numpy()
    if maximum_only:
        return Statistics(maximum)
    n = len(index) * layer.positions
    # Rounding must not put a constant filter's mean below its maximum.
    mean = np.clip(total.numpy() / n, minimum, maximum)
    variance = np.maximum(squares.numpy() / n - mean**2, 0)
    std = np.where(maximum == minimum, 0.0, np.sqrt(variance))
    return Statistics(maximum, minimum, mean, std, sequence_mean, sequence_maximum)


# --- Thresholds -----------------------------------------------------------------


@dataclass(frozen=True)
class Thresholds:
    """Which activations make a site.

    Attributes
    ----------
    value : numpy.ndarray, shape (filters,), float64
        A site's activation is above it. Infinite for a dead filter.
    ties : numpy.ndarray, shape (filters,), int64
        How many activations equal to `value` are sites as well, in the order of
        sequences and positions.
    """

    value: np.ndarray
    ties: np.ndarray


def thresholds(
    layer,
    index,
    length,
    statistics,
    *,
    rule,
    threshold=0.5,
    quantile=0.999,
    n_sites=100,
    strict=True,
    unknown_bases="skip",
):
    """The activation above which each filter's sites lie.

    Parameters
    ----------
    layer : FirstLayer
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    statistics : Statistics
        Of the same sequences.
    rule : str
        `mean_max`: mean + threshold * (maximum - mean), half way between the mean
        and the maximum in Basset (Kelley et al. 2016, doi:10.1101/gr.200535.115).
        `half_max`: threshold * maximum (Alipanahi et al. 2015,
        doi:10.1038/nbt.3300). `quantile`: the smallest activation that at least the
        share `quantile` of all does not exceed. `top_n`: such that the `n_sites`
        highest activations are sites; ties go to the earlier sequence and position.
    threshold : float
        Share of the way to the maximum, 0-1; 0: every activation above zero.
    strict : bool
        False: an activation equal to the threshold is a site too, unless it is 0.
        `top_n` has its own rule for ties.
    unknown_bases : str
        As in `find_sites`; `top_n` counts only what can be a site.

    Returns
    -------
    Thresholds
    """
    if rule not in RULES:
        raise ValueError(f"rule: expected one of {RULES}, got {rule!r}")
    n = len(index) * layer.positions
    ties = np.full(layer.filters, 0 if strict else n)
    if rule == "top_n":
        value, ties = _lowest_of_highest(layer, index, length, n_sites, unknown_bases)
    elif rule == "quantile":
        rank = min(max(int(np.ceil(quantile * n)), 1), n)
        value = _order_statistic(layer, index, rank)
    elif threshold == 0:
        value = np.zeros(layer.filters)
    elif rule == "mean_max":
        value = statistics.mean + threshold * (statistics.maximum - statistics.mean)
    else:
        value = threshold * statistics.maximum
    # A filter that says nothing has no sites: with ReLU most activations are 0.
    ties = np.where(value > 0, ties, 0)
    return Thresholds(np.where(statistics.dead, np.inf, value), ties)


def _lowest_of_highest(layer, index, length, n, unknown_bases):
    """The n-th highest activation among possible sites, and its share of the n."""
    highest = torch.empty((0, layer.filters), dtype=torch.float64)
    for rows, activation in layer.batches(index):
        possible = _possible(layer, index[rows], length[rows], unknown_bases)
        # (batch, positions, filters) -> (possible sites, filters)
        values = torch.cat([highest, activation[torch.from_numpy(possible)].double()])
        highest = values.topk(min(n, len(values)), dim=0).values
    if len(highest) == 0:
        return np.full(layer.filters, np.inf), np.zeros(layer.filters, np.int64)
    value = np.maximum(highest.numpy().min(axis=0), 0)
    return value, n - (highest.numpy() > value).sum(axis=0)


def _order_statistic(layer, index, rank):
    """The rank-th smallest activation of each filter, exactly.

    Digit by digit of the floats' bits, whose order as integers is that of the
    values: a few passes over the sequences and 2,048 counters per filter, whatever
    the number of sequences.

    Parameters
    ----------
    rank : int
        From 1.

    Returns
    -------
    numpy.ndarray, shape (filters,), float64
    """
    shift = bits = 8 * layer.activation(index[:1]).element_size()
    kind = torch.int32 if bits == 32 else torch.int64
    positive = torch.iinfo(kind).max
    column = torch.arange(layer.filters, dtype=torch.int64)
    remaining = np.full(layer.filters, rank)
    prefix = torch.zeros(layer.filters, dtype=kind)
    while shift > 0:
        known, digit = shift, min(_DIGIT, shift)
        shift -= digit
        # The first digit holds the sign: from -half to half - 1.
        half = 2 ** (digit - 1) if known == bits else 0
        counts = torch.zeros(layer.filters << digit, dtype=torch.int64)
        for _, activation in layer.batches(index):
            key = activation.contiguous().flatten(0, 1).view(kind)
            key = key ^ ((key >> (bits - 1)) & positive)
            slot = (column << digit) + ((key >> shift) - (prefix << digit)) + half
            # The first digit: all values are candidates.
            slot = slot if half else slot[(key >> known) == prefix]
            counts += torch.bincount(slot.flatten(), minlength=len(counts))
        # (filters * values) -> (filters, values)
        running = counts.view(layer.filters, -1).cumsum(dim=1).numpy()
        found = (running < remaining[:, None]).sum(axis=1)
        before = np.where(found > 0, running[np.arange(len(found)), found - 1], 0)
        remaining = remaining - before
        prefix = (prefix << digit) | torch.from_numpy(found - half).to(kind)
    key = prefix ^ ((prefix >> (bits - 1)) & positive)
    return key.view(torch.float32 if bits == 32 else torch.float64).double().numpy()


# --- Sites ----------------------------------------------------------------------


@dataclass(frozen=True)
class Sites:
    """Stretches of sequence that activate a filter; one entry each.

    Attributes
    ----------
    filter, sequence, start : numpy.ndarray, shape (sites,), int64
        Rows of the sequences searched; starts are 0-based. The site ends at
        start + the geometry's span.
    activation : numpy.ndarray, shape (sites,), float32 or float64
        As the network computes it.
    """

    filter: np.ndarray
    sequence: np.ndarray
    start: np.ndarray
    activation: np.ndarray

    def __len__(self):
        return len(self.filter)

    @classmethod
    def concatenate(cls, batches):
        """All sites of some batches, in their order."""
        return cls(
            np.concatenate([each.filter for each in batches]),
            np.concatenate([each.sequence for each in batches]),
            np.concatenate([each.start for each in batches]),
            np.concatenate([each.activation for each in batches]),
        )

    def take(self, which):
        """The sites at the given places, or where a mask is true."""
        return Sites(
            self.filter[which],
            self.sequence[which],
            self.start[which],
            self.activation[which],
        )


def find_sites(
    layer,
    index,
    length,
    limits,
    *,
    unknown_bases="skip",
    max_sites_per_sequence=None,
    batch_size=None,
):
    """Sites of every filter, a batch of sequences at a time.

    Only windows that lie wholly within the sequence are sites: not those over the
    convolution's padding, nor over that of a short sequence.

    Parameters
    ----------
    layer : FirstLayer
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    limits : Thresholds
    unknown_bases : str
        `skip`: a window with an unknown base is not a site. `quarter`: it is, and
        counts as a quarter of each base.
    max_sites_per_sequence : int, optional
        Per filter; the highest activations are kept, the leftmost of equal ones.
    batch_size : int, optional
        Sequences at a time; changes memory, never the result.

    Yields
    ------
    Sites
        In the order of sequences, positions and filters.
    """
    if unknown_bases not in ("skip", "quarter"):
        raise ValueError(
            f"unknown_bases: expected skip or quarter, got {unknown_bases!r}"
        )
    remaining = limits.ties.copy()
    compare = np.greater_equal if remaining.any() else np.greater
    value = None
    for rows, activation in layer.batches(index, batch_size):
        activation = activation.numpy()
        if value is None:
            value = _round_down(limits.value, activation.dtype)
        # Flat places: faster than three coordinates for millions of sites.
        found = np.flatnonzero(compare(activation, value))
        place = found // layer.filters
        possible = _possible(layer, index[rows], length[rows], unknown_bases)
        if not possible.all():
            kept = possible.ravel()[place]
            found, place = found[kept], place[kept]
        row = place // layer.positions
        sites = Sites(
            found - place * layer.filters,
            rows.start + row,
            layer.geometry.start(place - row * layer.positions),
            activation.reshape(-1)[found],
        )
        if compare is np.greater_equal:
            sites = sites.take(_above_or_tied(sites, limits.value, remaining))
        if max_sites_per_sequence is not None:
            sites = sites.take(_strongest(sites, max_sites_per_sequence))
        yield sites


def _round_down(value, kind):
    """Thresholds in the activations' type, so that `>` compares as in float64."""
    near = value.astype(kind)
    return np.where(near > value, np.nextafter(near, kind.type(-np.inf)), near)


def _possible(layer, index, length, unknown_bases):
    """Which output positions can be sites: bool, shape (n, positions)."""
    geometry = layer.geometry
    start = geometry.start(np.arange(layer.positions))
    fits = (start >= 0) & (start + geometry.span <= length[:, None])
    if unknown_bases == "quarter" or not (index == UNKNOWN).any():
        return fits
    inside = np.flatnonzero(fits.any(axis=0))
    unknown = index == UNKNOWN
    for letter in range(geometry.width):
        seen = start[inside] + letter * geometry.dilation
        fits[:, inside] &= ~unknown[:, seen]
    return fits


def _above_or_tied(sites, value, remaining):
    """Which sites are above the threshold, or equal to it while ties are left."""
    kept = sites.activation > value[sites.filter]
    tied = np.flatnonzero(sites.activation == value[sites.filter])
    # Stable: of one filter's ties the order of sequences and positions stays.
    tied = tied[np.argsort(sites.filter[tied], kind="stable")]
    rank = _rank_in_run(sites.filter[tied])
    taken = tied[rank < remaining[sites.filter[tied]]]
    kept[taken] = True
    np.subtract.at(remaining, sites.filter[taken], 1)
    return kept


def _strongest(sites, n):
    """Places of each filter's n strongest sites in each sequence, in order."""
    order = np.lexsort((sites.start, -sites.activation, sites.filter, sites.sequence))
    pair = sites.sequence[order] * (sites.filter.max(initial=0) + 1)
    rank = _rank_in_run(pair + sites.filter[order])
    return np.sort(order[rank < n])


def _rank_in_run(values):
    """How many equal values stand directly before each."""
    place = np.arange(len(values))
    first = np.ones(len(values), dtype=bool)
    first[1:] = values[1:] != values[:-1]
    return place - np.maximum.accumulate(np.where(first, place, 0))


def site_letters(geometry, index, sites):
    """The bases each filter weighs at its sites.

    Parameters
    ----------
    geometry : Geometry
    index : numpy.ndarray, shape (n, length), uint8
        The sequences in which the sites were found.
    sites : Sites

    Returns
    -------
    numpy.ndarray, shape (sites, width), uint8
        All of the site unless the convolution is dilated.
    """
    weighed = np.arange(geometry.width) * geometry.dilation
    return index[sites.sequence[:, None], sites.start[:, None] + weighed]


# --- Both strands ---------------------------------------------------------------


def forward_sites(sites, length, span):
    """Sites found on `both_strands`, in forward coordinates.

    Parameters
    ----------
    sites : Sites
    length : numpy.ndarray, shape (n,), int
        Of the n sequences before they were doubled.
    span : int
        Bases a site covers.

    Returns
    -------
    Sites
    numpy.ndarray of str, shape (sites,)
        The strand, + or -.
    """
    n = len(length)
    reverse = sites.sequence >= n
    sequence = sites.sequence % n
    start = np.where(reverse, length[sequence] - sites.start - span, sites.start)
    moved = Sites(sites.filter, sequence, start, sites.activation)
    return moved, np.where(reverse, "-", "+")


# --- What the global figures show -----------------------------------------------


def activation_histogram(layer, index, statistics, *, bins=40):
    """How often each filter's activation has which height.

    Parameters
    ----------
    bins : int
        Equal ones from a filter's minimum to its maximum.

    Returns
    -------
    edges : numpy.ndarray, shape (filters, bins + 1), float64
    counts : numpy.ndarray, shape (filters, bins), int64
        Of all sequences and positions.
    """
    low = torch.from_numpy(statistics.minimum)
    extent = torch.from_numpy(statistics.maximum) - low
    scale = torch.where(extent > 0, bins / extent, 0.0)
    column = torch.arange(layer.filters) * bins
    counts = torch.zeros(layer.filters * bins, dtype=torch.int64)
    for _, activation in layer.batches(index):
        # (batch, positions, filters) of bins; the maximum belongs to the last
        place = ((activation.double() - low) * scale).long().clamp_(0, bins - 1)
        counts += torch.bincount((place + column).flatten(), minlength=len(counts))
    edges = np.linspace(statistics.minimum, statistics.maximum, bins + 1, axis=1)
    return edges, counts.view(layer.filters, bins).numpy()


def number_of_segments(positions):
    """The smallest number of at least 5 that divides `positions`, as in Basset.

    A prime number of positions, or one below 5, gives segments of one position.
    """
    for segments in range(5, positions):
        if positions % segments == 0:
            return segments
    return positions


def segment_maxima(layer, index):
    """Highest activation in each of the equal segments of each sequence.

    Returns
    -------
    numpy.ndarray, shape (n, segments, filters), float32
    """
    segments = number_of_segments(layer.positions)
    maxima = np.empty((len(index), segments, layer.filters), np.float32)
    for rows, activation in layer.batches(index):
        # (batch, positions, filters) -> (batch, segments, in segment, filters)
        split = activation.reshape(len(activation), segments, -1, layer.filters)
        maxima[rows] = split.amax(dim=2)
    return maxima
