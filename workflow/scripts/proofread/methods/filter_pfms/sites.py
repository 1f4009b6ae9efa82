"""Stretches of sequence that activate a filter.

A site is the stretch that one output position of the first convolution sees, where the
activation is high. Sites are 0-based, half-open and in forward coordinates. They are
found a batch of sequences at a time.
"""

from dataclasses import dataclass

import numpy as np

from proofread.methods.filter_pfms.thresholds import possible_positions


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
            np.concatenate([sites.filter for sites in batches]),
            np.concatenate([sites.sequence for sites in batches]),
            np.concatenate([sites.start for sites in batches]),
            np.concatenate([sites.activation for sites in batches]),
        )

    def take(self, which):
        """The sites of the given rows, or where a mask is true."""
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

    Parameters
    ----------
    layer : proofread.models.first_layer.FirstLayer
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    limits : proofread.methods.filter_pfms.thresholds.Thresholds
    unknown_bases : str
        As in `proofread.methods.filter_pfms.thresholds.possible_positions`.
    max_sites_per_sequence : int, optional
        Per filter; the highest activations are kept, the leftmost of equal ones.
    batch_size : int, optional
        Sequences at a time; changes memory, never the result.

    Yields
    ------
    Sites
        In the order of sequences, positions and filters.
    """
    remaining = limits.ties.copy()
    compare = np.greater_equal if remaining.any() else np.greater
    # Half way from a tanh's mean to its maximum may be below 0, where nothing is found.
    lowest, value = np.maximum(limits.value, 0), None
    for rows, activation in layer.batches(index, batch_size):
        activation = activation.numpy()
        if value is None:
            value = _round_down(lowest, activation.dtype)
        # Flat indices: faster than three coordinates for millions of sites.
        high = np.flatnonzero(compare(activation, value))
        position = high // layer.filters
        possible = possible_positions(layer, index[rows], length[rows], unknown_bases)
        if not possible.all():
            kept = possible.ravel()[position]
            high, position = high[kept], position[kept]
        row = position // layer.positions
        sites = Sites(
            high - position * layer.filters,
            rows.start + row,
            layer.geometry.start(position - row * layer.positions),
            activation.reshape(-1)[high],
        )
        if compare is np.greater_equal:
            sites = sites.take(_above_or_tied(sites, lowest, remaining))
        if max_sites_per_sequence is not None:
            sites = sites.take(_strongest(sites, max_sites_per_sequence))
        yield sites


def _round_down(value, kind):
    """Thresholds in the activations' type, so that `>` compares as in float64."""
    near = value.astype(kind)
    return np.where(near > value, np.nextafter(near, kind.type(-np.inf)), near)


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
    """Rows of each filter's n strongest sites in each sequence, in order."""
    order = np.lexsort((sites.start, -sites.activation, sites.filter, sites.sequence))
    pair = sites.sequence[order] * (sites.filter.max(initial=0) + 1)
    rank = _rank_in_run(pair + sites.filter[order])
    return np.sort(order[rank < n])


def _rank_in_run(values):
    """How many equal values stand directly before each."""
    row = np.arange(len(values))
    first = np.ones(len(values), dtype=bool)
    first[1:] = values[1:] != values[:-1]
    return row - np.maximum.accumulate(np.where(first, row, 0))


def site_bases(geometry, index, sites):
    """The bases each filter weighs at its sites.

    Parameters
    ----------
    geometry : proofread.models.first_layer.Geometry
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


def forward_sites(sites, length, span):
    """Sites on sequences and then on their reverse complements, in forward coordinates.

    Parameters
    ----------
    sites : Sites
        Their sequences from n on are reverse complements.
    length : numpy.ndarray, shape (n,), int
        Of the n sequences.
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
