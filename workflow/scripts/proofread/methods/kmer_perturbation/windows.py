"""Windows of k bases, replaced by other k-mers, and the effects on the prediction.

A window is [start, start + k), 0-based and half-open. Its effect is the prediction with
the window replaced minus the prediction of the intact sequence. A window with an
unknown base, or beyond the end of a sequence, is not replaced, and its numbers are NaN.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from proofread.dna.encoding import UNKNOWN
from proofread.methods.kmer_perturbation.kmers import kmer_maker
from proofread.models.local_edits import on_scale, strand_logits
from proofread.progress import progress
from proofread.statistics.units import LOGIT, OUTPUT

SCALES = ("logit", "probability")  # of the effects; quantities have their output alone
STATISTICS = ("mean", "sd", "low", "high", "min")
# Edits predicted at a time: bounds the memory of their k-mers.
_EDITS = 100_000


@dataclass(frozen=True)
class Windows:
    """Effects of the windows of one length.

    Attributes
    ----------
    size : int
        Bases of a window.
    start : numpy.ndarray, shape (windows,), int
    replicates : int
        K-mers for each window.
    intact : dict of str to numpy.ndarray, shape (n, targets)
        By scale: predictions of the intact sequences.
    mean, sd, low, high, min : dict of str to numpy.ndarray (n, targets, windows)
        By scale: mean, standard deviation (ddof 1; NaN of one k-mer), 95 % t interval
        of the mean, and minimum of the effects of a window's k-mers.
    unit : str
        In what the network's outputs are.
    """

    size: int
    start: np.ndarray
    replicates: int
    intact: dict
    mean: dict
    sd: dict
    low: dict
    high: dict
    min: dict
    unit: str = LOGIT

    @property
    def scales(self):
        """`SCALES`; of quantities ``output`` alone."""
        return tuple(self.intact)

    @property
    def scale(self):
        """The scale of the network's outputs, on which bases are compared."""
        return self.scales[0]

    @property
    def centre(self):
        """Position at which a window is plotted, start + k / 2 as Genomic-ULMFiT's."""
        return self.start + self.size / 2


def starts_of(length, size, *, stride=1, max_windows=None):
    """Starts of the windows of a sequence.

    Parameters
    ----------
    length, size : int
        Of the sequence and of a window, in bases.
    stride : int
        Bases from one window to the next.
    max_windows : int or None
        The stride grows until there are no more windows than this.

    Returns
    -------
    numpy.ndarray of int
        Empty where a window is longer than the sequence.
    """
    possible = max(0, length - size + 1)
    if max_windows is not None:
        stride = max(stride, -(-possible // max_windows))
    return np.arange(0, possible, stride)


def perturb_windows(
    editor,
    index,
    length,
    size,
    *,
    start,
    kmers,
    replicates,
    strands="forward",
    keep=(),
):
    """Replace every window of one length, several times.

    Parameters
    ----------
    editor : proofread.models.local_edits.EditedLogits
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    size : int
    start : numpy.ndarray, shape (windows,), int
        From `starts_of`.
    kmers : callable
        ``kmers(row, present, before)`` gives the new k-mer of each edit, (m, size)
        uint8, from the rows, the present k-mers and the bases before them (4: none).
    replicates : int
        K-mers for each window.
    strands : str
        `forward`, or `both`: predictions are means over both strands.
    keep : collection of int
        Rows whose single variants are kept.

    Returns
    -------
    Windows
    pandas.DataFrame
        Of the rows in `keep`, one row per variant: row, start, kmer, and a column
        ``<scale>_<column of target>`` each.
    """
    n, targets = len(index), len(editor.predictor.targets)
    unit = editor.predictor.output_unit
    scales = SCALES if unit == LOGIT else (OUTPUT,)
    shape = (n, targets, len(start))
    statistics = {
        name: {scale: np.full(shape, np.nan, np.float32) for scale in scales}
        for name in STATISTICS
    }
    intact = {scale: np.zeros((n, targets)) for scale in scales}
    kept = []
    at_once = max(1, _EDITS // max(1, len(start) * replicates))
    for first in progress(range(0, n, at_once), f"windows of {size}"):
        part = index[first : first + at_once]
        known = np.lib.stride_tricks.sliding_window_view(
            np.pad(part != UNKNOWN, ((0, 0), (0, size))), size, axis=1
        )[:, start].all(axis=2)
        row, window = np.nonzero(known)
        row, window = np.repeat(row, replicates), np.repeat(window, replicates)
        begin = start[window]
        present = part[row[:, None], begin[:, None] + np.arange(size)]
        before = np.where(begin > 0, part[row, begin - 1], UNKNOWN)
        kmer = kmers(first + row, present, before)
        logits = strand_logits(
            editor,
            part,
            length[first : first + at_once],
            row,
            begin,
            kmer,
            strands=strands,
        )
        predicted = {}
        for scale in scales:
            whole, predicted[scale] = on_scale(logits, scale)
            intact[scale][first : first + at_once] = whole
            # (windows, replicates, targets)
            delta = (predicted[scale] - whole[row]).reshape(-1, replicates, targets)
            rows, columns = first + row[::replicates], window[::replicates]
            for name, values in summarise(delta).items():
                statistics[name][scale][rows, :, columns] = values
        wanted = np.isin(first + row, list(keep))
        kept.append(
            pd.DataFrame(
                {
                    "row": first + row[wanted],
                    "start": begin[wanted],
                    "kmer": list(kmer[wanted]),
                    **{
                        f"{scale}_{column}": predicted[scale][wanted, column]
                        for scale in scales
                        for column in range(targets)
                    },
                }
            )
        )
    windows = Windows(size, start, replicates, intact, **statistics, unit=unit)
    return windows, pd.concat(kept)


def perturb_lengths(
    editor,
    index,
    length,
    *,
    lengths,
    stride,
    max_variants,
    replicates,
    mode,
    kmers_from,
    force_change,
    inserts,
    strands,
    seed,
    keep,
):
    """Replace every window of every length.

    Parameters
    ----------
    editor, index, length, strands, keep
        As of `perturb_windows`.
    lengths : list of int
        Of the windows.
    stride : int
        Bases from one window to the next.
    max_variants : int or None
        Of one sequence and length; the stride grows until there are no more.
    replicates : int
        K-mers for each window, from `kmers_per_window`.
    mode, kmers_from, force_change
        As of `kmer_maker`.
    inserts : dict of int to numpy.ndarray
        From `read_inserts`.
    seed : int

    Returns
    -------
    list of Windows
        One for each length.
    list of pandas.DataFrame
        Single variants of the rows in `keep`, one for each length.
    """
    per_length, kept = [], []
    for size in lengths:
        # Each length has a generator of its own: the others do not change its k-mers.
        rng = np.random.default_rng([seed, size])
        max_windows = max_variants and max_variants // replicates
        windows, variants = perturb_windows(
            editor,
            index,
            length,
            size,
            start=starts_of(
                index.shape[1], size, stride=stride, max_windows=max_windows
            ),
            kmers=kmer_maker(
                index,
                size,
                rng,
                mode=mode,
                kmers_from=kmers_from,
                force_change=force_change,
                insert=inserts.get(size),
            ),
            replicates=replicates,
            strands=strands,
            keep=keep,
        )
        per_length.append(windows)
        kept.append(variants)
    return per_length, kept


def summarise(delta):
    """Summarise the effects of the k-mers of each window.

    Parameters
    ----------
    delta : numpy.ndarray, shape (windows, replicates, ...)

    Returns
    -------
    dict of str to numpy.ndarray, shape (windows, ...)
        By statistic; see `Windows`.
    """
    replicates = delta.shape[1]
    mean = delta.mean(axis=1)
    sd = half = np.full_like(mean, np.nan)
    if replicates > 1:
        sd = delta.std(axis=1, ddof=1)
        half = stdtrit(replicates - 1, 0.975) * sd / np.sqrt(replicates)
    return {
        "mean": mean,
        "sd": sd,
        "low": mean - half,
        "high": mean + half,
        "min": delta.min(axis=1),
    }


def base_importance(windows, length):
    """Mean effect on the output of all windows that cover each base.

    Parameters
    ----------
    windows : Windows
    length : int
        Positions.

    Returns
    -------
    numpy.ndarray, shape (n, targets, length), float64
        NaN where no window covers a base.
    """
    mean = windows.mean[windows.scale]
    usable = ~np.isnan(mean)
    total = np.zeros((*mean.shape[:2], length + 1))
    count = np.zeros_like(total)
    for values, sums in ((np.where(usable, mean, 0), total), (usable, count)):
        sums[:, :, windows.start] += values
        sums[:, :, windows.start + windows.size] -= values
    total, count = (np.cumsum(sums, axis=2)[:, :, :-1] for sums in (total, count))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, total / count, np.nan)


def mean_importance(importances):
    """The mean of the importances of several lengths, each with the same weight.

    Parameters
    ----------
    importances : list of numpy.ndarray, shape (n, targets, length)

    Returns
    -------
    numpy.ndarray, shape (n, targets, length)
        0 where no window of any length covers a base.
    """
    stacked = np.stack(importances)
    count = (~np.isnan(stacked)).sum(axis=0)
    return np.nansum(stacked, axis=0) / np.maximum(count, 1)
