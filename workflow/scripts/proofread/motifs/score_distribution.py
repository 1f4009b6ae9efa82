"""The exact distribution of Tomtom's alignment scores, which are sums of integers.

The choices that fix the printed digits (integer bins, the lower median) are Tomtom's.
"""

import numpy as np

BINS = 100  # the largest bin; there are BINS + 1
_SAMPLE = 512  # values that say where to look for a median
_MARGIN = 10  # ranks in the sample: about 3 standard deviations


def discretise(similarities, complete):
    """Similarities as integers from 0 to 100.

    Parameters
    ----------
    similarities : numpy.ndarray, shape (width, N)
        Overwritten.
    complete : bool
        Subtract each query column's lower median.

    Returns
    -------
    bins : numpy.ndarray, shape (width, N), int16
    unmatched : int
        Added to a bin it gives 0 for the similarity 0: the median, when complete.
    """
    medians = np.zeros(len(similarities))
    least, most = np.inf, -np.inf
    # Row by row, as a row stays in the processor's cache and all of them do not.
    for i, row in enumerate(similarities):
        if complete:
            medians[i] = lower_median(row)
        # Rounding keeps the order, so the extremes may be centred alone.
        least = min(least, row.min() - medians[i])
        most = max(most, row.max() - medians[i])
    if least == most:
        least = most - 1
    origin = int(np.floor(least))
    scale = int(BINS / (most - origin))
    bins = np.empty(similarities.shape, dtype=np.int16)
    for row, median, out in zip(similarities, medians, bins, strict=True):
        if complete:
            row -= median
        row -= origin
        row *= scale
        row += 0.5
        out[:] = row
    return bins, origin * scale


def lower_median(values):
    """The lower median of an even number of values; the mean of two of an odd one.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)

    Returns
    -------
    float
        Of the sorted values, the mean of numbers ``n // 2 - 1`` and
        ``(n + 1) // 2 - 1``, counted from 0.
    """
    n = len(values)
    low, high = max(n // 2 - 1, 0), max((n + 1) // 2 - 1, 0)
    below = 0
    if n > 16 * _SAMPLE:
        # NumPy's partition is slow on some processors. An even sample, put right by
        # the number of values below its own median, says between which values the
        # median lies, so that only those are left to part. The step is odd, as the
        # two strands of a target take turns.
        sample = np.sort(values[:: n // _SAMPLE | 1])
        rank = len(sample) // 2
        excess = np.count_nonzero(values < sample[rank]) - low
        rank -= excess * len(sample) // n
        least = sample[max(rank - _MARGIN, 0)]
        most = sample[min(rank + _MARGIN, len(sample) - 1)]
        less = values < least
        between = values.compress(less != (values <= most))
        below_least = np.count_nonzero(less)
        if below_least <= low and high < below_least + len(between):
            values, below = between, below_least
    parted = np.partition(values, sorted({low - below, high - below}))
    return (parted[low - below] + parted[high - below]) / 2


class RangeDistributions:
    """Distribution of the sum of bins over every range of query columns.

    The bins of a query column are those of all N target columns, each equally likely,
    and columns are independent. Sums are direct, not by Fourier transform, so that
    tails far below 1e-45 keep their relative precision.

    Parameters
    ----------
    bins : numpy.ndarray, shape (width, N), int
    max_length : int
        Longer ranges are not needed: no target is wider.
    """

    def __init__(self, bins, max_length):
        self.low = int(bins.min())
        self.width = len(bins)
        size = int(bins.max()) - self.low + 1
        histograms = histograms_of(bins, self.low, size)
        # densities[k - 1][a, x]: P(sum over columns a .. a + k - 1 = x + k * low)
        self.densities = [histograms]
        products = _toeplitz(histograms)
        for length in range(2, min(self.width, max_length) + 1):
            # Blocks of `size` bins times the next column's matrix, then overlap-add.
            blocks = self.densities[-1].reshape(-1, length - 1, size)
            blocks = blocks[:-1] @ products[length - 1 :]
            density = np.zeros((len(blocks), length, size))
            density[:, :-1] = blocks[..., :size]
            density[:, 1:] += blocks[..., size:]
            self.densities.append(density.reshape(len(density), -1))

    def at_least(self, sums, first, length):
        """Look up the tail of one range per element; three equal-shaped arrays."""
        # Tails of all ranges, one after the other.
        tails = [_tails(density) for density in self.densities]
        ends = np.cumsum([tail.size for tail in tails])
        begins = np.array([0, *ends[:-1]])[length - 1]
        steps = np.array([tail.shape[1] for tail in tails])[length - 1]
        column = np.clip(sums - length * self.low, 0, steps - 1)
        flat = np.concatenate([tail.ravel() for tail in tails])
        return flat[begins + first * steps + column]

    def p_of_best(self, scores, widths, unmatched, strands):
        """p-value of the best of all alignments with a target.

        Alignments and strands are taken as independent: p is 1 minus the product
        over all of the chance to stay below the score.

        Parameters
        ----------
        scores : numpy.ndarray, shape (s,), int
            Rising.
        widths : numpy.ndarray, shape (t,), int
            Of targets.
        unmatched : int
            What the scores contain per overlapping column beside its bin.
        strands : int

        Returns
        -------
        numpy.ndarray, shape (t, s)
        """
        full = np.minimum(widths, self.width)
        # log of the chance that no range of this length reaches the score: for the
        # two ranges at the query's ends, and, if some target is as wide, for all.
        ends, windows = [np.zeros(len(scores))], np.zeros((self.width + 1, len(scores)))
        with np.errstate(divide="ignore"):  # log 0: a score that is always reached
            for length, density in enumerate(self.densities, start=1):
                inside = length in full
                column = scores - length * (unmatched + self.low)
                column = np.clip(column, 0, density.shape[1])
                tails = _tails(density if inside else density[[0, -1]], column[0])
                below = np.log1p(-tails.take(column - column[0], axis=1))
                ends.append(ends[-1] + below[0] + below[-1])
                if inside:
                    windows[length] = below.sum(axis=0)
        # A target wider than the query holds it at several offsets.
        offsets = np.maximum(widths - self.width, 0) + 1
        log_below = np.array(ends)[full - 1] + offsets[:, None] * windows[full]
        return -np.expm1(strands * log_below)


def histograms_of(bins, low, size):
    """Fraction of each bin, per row.

    Parameters
    ----------
    bins : numpy.ndarray, shape (width, N), int
        From `low` to ``low + size - 1``.
    low, size : int
        ``size**2`` fits the type of `bins`.

    Returns
    -------
    numpy.ndarray, shape (width, size)
    """
    counts = np.empty((len(bins), size), dtype=np.intp)
    # To count pairs takes as long as to count one row, and gives the counts of two.
    for i in range(0, len(bins) - 1, 2):
        pairs = (bins[i] - low) * size + (bins[i + 1] - low)
        table = np.bincount(pairs, minlength=size**2).reshape(size, size)
        counts[i], counts[i + 1] = table.sum(axis=1), table.sum(axis=0)
    if len(bins) % 2:
        counts[-1] = np.bincount(bins[-1] - low, minlength=size)
    return counts / bins.shape[1]


def _toeplitz(histograms):
    """Matrices that convolve a block with a histogram: (w, size) -> (w, size, 2 size).

    Row b holds the histogram shifted to the right by b.
    """
    width, size = histograms.shape
    padded = np.zeros((width, 3 * size - 1))
    padded[:, size - 1 : 2 * size - 1] = histograms
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * size, axis=1)
    return np.ascontiguousarray(windows[:, ::-1])


def _tails(density, start=0):
    """P(sum >= x) for every x from `start` to one beyond the end of a density.

    That of 0 is exactly 1 and the last 0, so a clipped index needs no further thought.

    Parameters
    ----------
    density : numpy.ndarray, shape (ranges, n)
    start : int
        From 0 to n.

    Returns
    -------
    numpy.ndarray, shape (ranges, n - start + 1)
    """
    tails = np.zeros((len(density), density.shape[1] - start + 1))
    np.cumsum(density[:, start:][:, ::-1], axis=1, out=tails[:, -2::-1])
    np.minimum(tails, 1, out=tails)
    if start == 0:
        tails[:, 0] = 1
    return tails
