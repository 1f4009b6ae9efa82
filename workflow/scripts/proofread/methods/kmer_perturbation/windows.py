"""Windows of k bases exchanged for other words: draws, effects and their summaries.

A window is [start, start + k), 0-based and half-open; its effect is the prediction with
the window exchanged minus the prediction of the sequence as it is. A window with an
unknown base, or beyond the end of a sequence, is not exchanged, and its numbers are
NaN.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from proofread.dna.encoding import UNKNOWN
from proofread.models.local_edits import on_scale, strand_logits
from proofread.truth.roles import causal_motifs

SCALES = ("logit", "probability")
DRAWS = ("uniform", "background", "dinucleotide")
# Edits predicted at a time, and with them the words that are held.
_EDITS = 100_000


def draw_words(old, before, rng, *, frequencies, force_change):
    """Random words, base by base.

    Parameters
    ----------
    old : numpy.ndarray, shape (m, k), uint8
        The words that stand there; all known.
    before : numpy.ndarray, shape (m,), uint8
        The base before each word; 4 where there is none.
    rng : numpy.random.Generator
    frequencies : numpy.ndarray, shape (4,) or (5, 4)
        Of the bases, or of the bases after each base (`transition_frequencies`).
    force_change : bool
        Whether every base is another than the one that stands there.

    Returns
    -------
    numpy.ndarray, shape (m, k), uint8
    """
    # (before, old, new)
    table = np.broadcast_to(np.asarray(frequencies)[..., None, :], (UNKNOWN + 1, 4, 4))
    if force_change:
        table = table * (1 - np.eye(4))
    limits = np.cumsum(table, axis=2)
    limits = limits / limits[:, :, -1:]
    words = np.empty_like(old)
    for place in range(old.shape[1]):
        bounds = limits[before, old[:, place]]  # (m, 4)
        draw = rng.random(len(old))
        before = (draw[:, None] >= bounds[:, :3]).sum(axis=1).astype(np.uint8)
        words[:, place] = before
    return words


# --- Effects --------------------------------------------------------------------------


@dataclass(frozen=True)
class Windows:
    """Effects of the windows of one length.

    Attributes
    ----------
    size : int
        Bases of a window.
    start : numpy.ndarray, shape (windows,), int
    draws : int
        Words for each window.
    intact : dict of str to numpy.ndarray, shape (n, targets)
        By scale: predictions of the sequences as they are.
    mean, sd, low, high, least : dict of str to numpy.ndarray (n, targets, windows)
        By scale: of the effects of a window's words their mean, standard deviation
        (ddof 1; NaN of one word), 95 % t interval of the mean, and minimum.
    """

    size: int
    start: np.ndarray
    draws: int
    intact: dict
    mean: dict
    sd: dict
    low: dict
    high: dict
    least: dict

    @property
    def centre(self):
        """Where a window is plotted: start + k / 2, as Genomic-ULMFiT does."""
        return self.start + self.size / 2


def starts_of(length, size, *, stride=1, most=None):
    """Starts of the windows of a sequence.

    Parameters
    ----------
    length, size : int
        Of the sequence and of a window, in bases.
    stride : int
        Bases from one window to the next.
    most : int or None
        Most windows: the stride grows until they are no more.

    Returns
    -------
    numpy.ndarray of int
        Empty where a window is longer than the sequence.
    """
    possible = max(0, length - size + 1)
    if most is not None:
        stride = max(stride, -(-possible // most))
    return np.arange(0, possible, stride)


def perturb_windows(
    editor,
    index,
    length,
    size,
    *,
    start,
    words,
    draws,
    strands="forward",
    label="windows",
    progress=None,
    keep=(),
):
    """Exchange every window of one length, several times.

    Parameters
    ----------
    editor : proofread.models.local_edits.EditedLogits
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    size : int
    start : numpy.ndarray, shape (windows,), int
        From `starts_of`.
    words : callable
        ``words(row, start, old, before)`` gives a word for each edit, (m, size) uint8.
    draws : int
        Words for each window.
    strands : str
        `forward`, or `both`: predictions are means over both strands.
    progress : callable or None
        ``progress(items, label)`` iterates with a bar.
    keep : collection of int
        Rows whose single variants are kept.

    Returns
    -------
    Windows
    pandas.DataFrame
        Of the rows in `keep`, one row per variant: row, start, word, and a column
        ``<scale>_<column of target>`` each.
    """
    n, targets = len(index), len(editor.predictor.targets)
    shape = (n, targets, len(start))
    found = {
        name: {scale: np.full(shape, np.nan, np.float32) for scale in SCALES}
        for name in ("mean", "sd", "low", "high", "least")
    }
    intact = {scale: np.zeros((n, targets)) for scale in SCALES}
    kept = []
    at_once = max(1, _EDITS // max(1, len(start) * draws))
    chunks = range(0, n, at_once)
    for first in chunks if progress is None else progress(chunks, label):
        part = index[first : first + at_once]
        known = np.lib.stride_tricks.sliding_window_view(
            np.pad(part != UNKNOWN, ((0, 0), (0, size))), size, axis=1
        )[:, start].all(axis=2)
        row, window = np.nonzero(known)
        row, window = np.repeat(row, draws), np.repeat(window, draws)
        begin = start[window]
        old = part[row[:, None], begin[:, None] + np.arange(size)]
        before = np.where(begin > 0, part[row, begin - 1], UNKNOWN)
        word = words(first + row, begin, old, before)
        parts = strand_logits(
            editor,
            *(part, length[first : first + at_once], row, begin, word),
            strands=strands,
        )
        effects = {}
        for scale in SCALES:
            whole, edited = on_scale(parts, scale)
            intact[scale][first : first + at_once] = whole
            effects[scale] = edited
            # (windows, draws, targets)
            delta = (edited - whole[row]).reshape(-1, draws, targets)
            for name, values in summarise(delta).items():
                found[name][scale][first + row[::draws], :, window[::draws]] = values
        wanted = np.isin(first + row, list(keep))
        kept.append(
            pd.DataFrame(
                {
                    "row": first + row[wanted],
                    "start": begin[wanted],
                    "word": list(word[wanted]),
                    **{
                        f"{scale}_{column}": effects[scale][wanted, column]
                        for scale in SCALES
                        for column in range(targets)
                    },
                }
            )
        )
    return Windows(size, start, draws, intact, **found), pd.concat(kept)


def summarise(delta):
    """Summaries over the draws of each window.

    Parameters
    ----------
    delta : numpy.ndarray, shape (windows, draws, ...)

    Returns
    -------
    dict of str to numpy.ndarray, shape (windows, ...)
        mean, sd, low, high, least; see `Windows`.
    """
    draws = delta.shape[1]
    mean = delta.mean(axis=1)
    sd = half = np.full_like(mean, np.nan)
    if draws > 1:
        sd = delta.std(axis=1, ddof=1)
        half = stdtrit(draws - 1, 0.975) * sd / np.sqrt(draws)
    return {
        "mean": mean,
        "sd": sd,
        "low": mean - half,
        "high": mean + half,
        "least": delta.min(axis=1),
    }


def base_importance(windows, length, scale="logit"):
    """Mean effect of all windows that cover each base.

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
    mean = windows.mean[scale]
    usable = ~np.isnan(mean)
    total = np.zeros((*mean.shape[:2], length + 1))
    count = np.zeros_like(total)
    for values, sums in ((np.where(usable, mean, 0), total), (usable, count)):
        sums[:, :, windows.start] += values
        sums[:, :, windows.start + windows.size] -= values
    total, count = (np.cumsum(each, axis=2)[:, :, :-1] for each in (total, count))
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


# --- Summaries over sequences ---------------------------------------------------------


def interval_of_mean(values):
    """Mean of values and its 95 % t interval: NaN ends where there are less than 2."""
    values = np.asarray(values, dtype=np.float64)
    n = len(values)
    if n == 0:
        return np.nan, np.nan, np.nan
    mean = values.mean()
    if n == 1:
        return mean, np.nan, np.nan
    half = stdtrit(n - 1, 0.975) * values.std(ddof=1) / np.sqrt(n)
    return mean, mean - half, mean + half


def robustness(many, label, targets):
    """How much a window of each length changes the prediction, on average.

    Parameters
    ----------
    many : list of Windows
    label : numpy.ndarray, shape (n, targets)
        0.5 or more is a positive.
    targets : list of str

    Returns
    -------
    pandas.DataFrame
        Per target, class, scale and length: n sequences; mean_delta, the mean over
        sequences of the mean over windows, and mean_absolute_delta, of the absolute
        window means; each with a 95 % t interval over sequences.
    """
    rows = []
    for column, target in enumerate(targets):
        positive = np.asarray(label)[:, column] >= 0.5
        for name, members in (("positive", positive), ("negative", ~positive)):
            for scale in SCALES:
                for windows in many:
                    mean = windows.mean[scale][members, column]
                    count = (~np.isnan(mean)).sum(axis=1)
                    mean, count = mean[count > 0], count[count > 0]
                    row = {
                        "target": target,
                        "class": name,
                        "scale": scale,
                        "length": windows.size,
                        "n": len(mean),
                    }
                    for what, values in (
                        ("mean_delta", mean),
                        ("mean_absolute_delta", np.abs(mean)),
                    ):
                        each = np.nansum(values, axis=1, dtype=np.float64) / count
                        row[what], low, high = interval_of_mean(each)
                        row |= {f"{what}_low": low, f"{what}_high": high}
                    rows.append(row)
    return pd.DataFrame(rows)


def anchors_of(dataset, target, position=None):
    """Where the positives of a target are laid over each other.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    target : str
    position : int or None
        The same position in all, such as a transcription start; None: where the
        target's causal motifs were planted.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name of the anchor: row, position, strand, and the motif's width (0 of a
        position). Empty where nothing is planted.
    """
    label = np.asarray(dataset.label)[:, dataset.target.index(target)]
    positive = np.flatnonzero(label >= 0.5)
    if position is not None:
        name = f"position {position}"
        frame = pd.DataFrame({"row": positive, "position": position})
        return {name: frame.assign(strand="+", width=0)}
    truth = dataset.truth
    if len(truth) == 0:
        return {}
    truth = truth[truth["sequence"].isin(positive)]
    anchors = {}
    for motif in causal_motifs(dataset, target):
        found = truth[truth["motif"] == motif]
        if len(found):
            forward = found["strand"] == "+"
            anchors[motif] = pd.DataFrame(
                {
                    "row": found["sequence"].to_numpy(),
                    # The motif's own first base; of the other strand it is the last.
                    "position": found["start"].where(forward, found["end"]).to_numpy(),
                    "strand": found["strand"].to_numpy(),
                    "width": (found["end"] - found["start"]).to_numpy(),
                }
            )
    return anchors


def aligned_effects(windows, column, anchor, flank):
    """Mean effect of windows by their distance from an anchor.

    Parameters
    ----------
    windows : Windows
    column : int
        Of the target.
    anchor : pandas.DataFrame
        From `anchors_of`.
    flank : int
        Most bases between a window's centre and the anchor.

    Returns
    -------
    pandas.DataFrame
        length, offset (of the window's centre, start + k / 2, along the anchor's
        strand), n (anchors, of which a sequence may have several), and for each scale
        mean_delta with its 95 % t interval.
    """
    row = anchor["row"].to_numpy()
    sign = np.where(anchor["strand"] == "+", 1, -1)[:, None]
    # In half bases, so that it is a whole number: (instances, windows)
    twice = sign * (
        2 * windows.start + windows.size - 2 * anchor["position"].to_numpy()[:, None]
    )
    usable = ~np.isnan(windows.mean["logit"][row, column])
    usable &= np.abs(twice) <= 2 * flank
    key, inverse = np.unique(twice[usable], return_inverse=True)
    n = np.bincount(inverse, minlength=len(key))
    table = {"length": windows.size, "offset": key / 2, "n": n}
    for scale in SCALES:
        values = windows.mean[scale][row, column][usable].astype(np.float64)
        mean = np.bincount(inverse, values, len(key)) / np.maximum(n, 1)
        squares = np.bincount(inverse, (values - mean[inverse]) ** 2, len(key))
        several = n > 1
        half = np.full(len(key), np.nan)
        variance = squares[several] / (n[several] - 1)
        half[several] = stdtrit(n[several] - 1, 0.975) * np.sqrt(variance / n[several])
        table |= {
            f"mean_delta_{scale}": mean,
            f"{scale}_low": mean - half,
            f"{scale}_high": mean + half,
        }
    return pd.DataFrame(table)
