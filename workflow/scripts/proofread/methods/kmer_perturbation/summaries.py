"""Effects of windows, averaged over sequences: by group, and around an anchor."""

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from proofread.datasets.labels import UNLABELLED, classes
from proofread.statistics.units import LOGIT
from proofread.truth.roles import causal_motifs


def interval_of_mean(values):
    """Mean of values and its 95 % t interval.

    Parameters
    ----------
    values : sequence of float

    Returns
    -------
    tuple of float
        Mean, low and high end; NaN ends of fewer than 2 values, all NaN of none.
    """
    values = np.asarray(values, dtype=np.float64)
    n = len(values)
    if n == 0:
        return np.nan, np.nan, np.nan
    mean = values.mean()
    if n == 1:
        return mean, np.nan, np.nan
    half = stdtrit(n - 1, 0.975) * values.std(ddof=1) / np.sqrt(n)
    return mean, mean - half, mean + half


def mean_over_windows(values):
    """Mean of each row without its NaN; NaN where a row has no number."""
    count = (~np.isnan(values)).sum(axis=1)
    total = np.nansum(values, axis=1, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def robustness(per_length, members_of, column_name="class"):
    """How much a window of each length changes the prediction, on average.

    Parameters
    ----------
    per_length : list of proofread.methods.kmer_perturbation.windows.Windows
    members_of : dict of str to dict
        By target: its groups, from `proofread.datasets.groups.groups`.
    column_name : str
        Of the column with the groups.

    Returns
    -------
    pandas.DataFrame
        Per target, group, scale and length: n sequences; mean_delta, the mean over
        sequences of the mean over windows, and mean_absolute_delta, of the absolute
        window means; each with a 95 % t interval over sequences.
    """
    rows = []
    for column, (target, of_target) in enumerate(members_of.items()):
        for name, members in of_target.items():
            for scale in per_length[0].scales:
                for windows in per_length:
                    mean = windows.mean[scale][members, column]
                    mean = mean[~np.isnan(mean).all(axis=1)]
                    row = {
                        "target": target,
                        column_name: name,
                        "scale": scale,
                        **({} if windows.unit == LOGIT else {"unit": windows.unit}),
                        "length": windows.size,
                        "n": len(mean),
                    }
                    for statistic, values in (
                        ("mean_delta", mean),
                        ("mean_absolute_delta", np.abs(mean)),
                    ):
                        (
                            row[statistic],
                            row[f"{statistic}_low"],
                            row[f"{statistic}_high"],
                        ) = interval_of_mean(mean_over_windows(values))
                    rows.append(row)
    return pd.DataFrame(rows)


def anchors_of(dataset, target, position=None):
    """Where the positives of a target are aligned, or all sequences without classes.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    target : str
    position : int or None
        The same position in all, such as a transcription start; None: where the
        target's causal motifs were planted, or its known sites are; instances whose
        effect is known to be 0 are left out.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name of the anchor: row, position, strand, and the motif's width (0 of a
        position). Empty without a truth.
    """
    positive = np.arange(len(dataset))
    if not dataset.quantitative:
        members = classes(np.asarray(dataset.label)[:, dataset.target.index(target)])
        positive = np.flatnonzero(members.get("positive", members.get(UNLABELLED)))
    if position is not None:
        name = f"position {position}"
        frame = pd.DataFrame({"row": positive, "position": position})
        return {name: frame.assign(strand="+", width=0)}
    truth = dataset.truth
    if len(truth) == 0:
        return {}
    truth = truth[truth["sequence"].isin(positive)]
    if "effect" in truth:
        truth = truth[truth["effect"] != 0]
    anchors = {}
    for motif in causal_motifs(dataset, target):
        planted = truth[truth["motif"] == motif]
        if len(planted):
            start, end = planted["start"], planted["end"]
            forward = planted["strand"] != "-"
            anchors[motif] = pd.DataFrame(
                {
                    "row": planted["sequence"].to_numpy(),
                    # The motif's own first base; on the other strand it is the last.
                    "position": start.where(forward, end).to_numpy(),
                    "strand": planted["strand"].to_numpy(),
                    "width": (end - start).to_numpy(),
                }
            )
    return anchors


def aligned_effects(windows, column, anchor, flank):
    """Mean effect of windows by their distance from an anchor.

    Parameters
    ----------
    windows : proofread.methods.kmer_perturbation.windows.Windows
    column : int
        Of the target.
    anchor : pandas.DataFrame
        From `anchors_of`.
    flank : int
        Maximum number of bases between a window's centre and the anchor.

    Returns
    -------
    pandas.DataFrame
        length, offset (of the window's centre, start + k / 2, along the anchor's
        strand), n (anchors, of which a sequence may have several), and for each scale
        mean_delta with its 95 % t interval.
    """
    row = anchor["row"].to_numpy()
    sign = np.where(anchor["strand"] == "-", -1, 1)[:, None]
    # In half bases, so that it is a whole number: (instances, windows)
    twice = sign * (
        2 * windows.start + windows.size - 2 * anchor["position"].to_numpy()[:, None]
    )
    usable = ~np.isnan(windows.mean[windows.scale][row, column])
    usable &= np.abs(twice) <= 2 * flank
    key, inverse = np.unique(twice[usable], return_inverse=True)
    n = np.bincount(inverse, minlength=len(key))
    table = {"length": windows.size, "offset": key / 2, "n": n}
    for scale in windows.scales:
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
