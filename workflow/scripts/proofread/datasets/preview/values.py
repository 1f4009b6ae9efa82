"""Quantitative targets: their values, and what GC content and length say of them."""

from itertools import combinations

import numpy as np
import pandas as pd

from proofread.datasets.preview.composition import GC_BINS, composition
from proofread.statistics.correlation import pearson, spearman

BINS = 40  # of values
MAX_TARGETS = 4  # with densities, and in the figure; the other tables have more
MAX_PAIRED = 20  # targets whose pairs are in the table
PAIR_COLUMNS = ["first", "second", "sequences", "pearson", "spearman"]
DENSITY_COLUMNS = [
    "measure",
    "against",
    "target",
    "against_low",
    "against_high",
    "low",
    "high",
    "sequences",
]


def value_table(dataset, rows):
    """Number, distribution and correlations of the values of each target and split.

    Parameters
    ----------
    dataset : Dataset
    rows : dict of str to numpy.ndarray
        From `read_splits`.

    Returns
    -------
    pandas.DataFrame
        Columns target, split (`all` for all sequences), sequences, values, missing,
        left_out (sequences of the file without a value of any target, which are not in
        the dataset; of `all` only), mean, sd, minimum, q25, median, q75, maximum, and
        Spearman's correlation of the value with GC content and length; empty where it
        is not defined.
    """
    gc, _ = composition(dataset)
    splits = {"all": np.arange(len(dataset)), **rows}
    table = []
    for column, target in enumerate(dataset.target):
        for split, members in splits.items():
            label = dataset.label[members, column].astype(np.float64)
            used = members[~np.isnan(label)]
            values = label[~np.isnan(label)]
            some = len(values) > 0
            quartiles = np.percentile(values, [0, 25, 50, 75, 100]) if some else []
            names = ("minimum", "q25", "median", "q75", "maximum")
            table.append(
                {
                    "target": target,
                    "split": split,
                    "sequences": len(members),
                    "values": len(values),
                    "missing": len(members) - len(values),
                    "left_out": dataset.settings.get("without_value", 0)
                    if split == "all"
                    else None,
                    "mean": values.mean() if some else None,
                    "sd": values.std() if some else None,
                    **dict(zip(names, quartiles, strict=bool(some))),
                    "spearman_gc": _correlation(spearman, gc[used], values),
                    "spearman_length": _correlation(
                        spearman, dataset.length[used], values
                    ),
                }
            )
    return pd.DataFrame(table).astype({"left_out": "Int64"})


def value_bins(dataset):
    """The values of each target in bins of one width.

    Returns
    -------
    pandas.DataFrame
        Columns target, low, high (half-open, the last bin includes its end), sequences.
    """
    tables = []
    for column, target in enumerate(dataset.target):
        values = dataset.label[:, column].astype(np.float64)
        counts, edges = np.histogram(values[~np.isnan(values)], BINS)
        tables.append(
            pd.DataFrame(
                {
                    "target": target,
                    "low": edges[:-1],
                    "high": edges[1:],
                    "sequences": counts,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def pair_table(dataset):
    """Correlations between the values of each two targets, where both are known.

    Returns
    -------
    pandas.DataFrame
        Columns of `PAIR_COLUMNS`, for pairs of the first `MAX_PAIRED` targets;
        correlations are empty where they are not defined.
    """
    rows = []
    for one, other in combinations(range(len(dataset.target[:MAX_PAIRED])), 2):
        first, second = _both(dataset, one, other)
        rows.append(
            (
                dataset.target[one],
                dataset.target[other],
                len(first),
                _correlation(pearson, first, second),
                _correlation(spearman, first, second),
            )
        )
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def density_table(dataset):
    """Sequences in bins of a value and of GC content, length, or another target.

    Returns
    -------
    pandas.DataFrame
        Columns of `DENSITY_COLUMNS`: measure is gc, length or target, against the name
        of that target (else the measure again); bins without sequences have no row. Of
        the first `MAX_TARGETS` targets.
    """
    gc, _ = composition(dataset)
    tables = []
    measures = {
        "gc": (gc, np.linspace(0, 1, GC_BINS + 1)),
        "length": (dataset.length.astype(np.float64), _whole_edges(dataset.length)),
    }
    shown = dataset.target[:MAX_TARGETS]
    for column, target in enumerate(shown):
        values = dataset.label[:, column].astype(np.float64)
        for measure, (other, edges) in measures.items():
            known = ~np.isnan(values) & ~np.isnan(other)
            x, y = other[known], values[known]
            tables.append(_density(measure, measure, target, x, y, edges))
    for one, other in combinations(range(len(shown)), 2):
        first, second = _both(dataset, one, other)
        tables.append(_density("target", shown[one], shown[other], first, second))
    return pd.concat(tables, ignore_index=True)[DENSITY_COLUMNS]


def _whole_edges(length):
    """Edges of bins of one width, a whole number of bases."""
    low, high = int(length.min()), int(length.max()) + 1
    step = -(-(high - low) // BINS)
    return np.arange(low, high + step, step)


def _density(measure, against, target, x, y, edges=BINS):
    if len(x) == 0:
        return pd.DataFrame(columns=DENSITY_COLUMNS)
    counts, x_edges, y_edges = np.histogram2d(x, y, [edges, BINS])
    column, row = np.nonzero(counts)
    return pd.DataFrame(
        {
            "measure": measure,
            "against": against,
            "target": target,
            "against_low": x_edges[column],
            "against_high": x_edges[column + 1],
            "low": y_edges[row],
            "high": y_edges[row + 1],
            "sequences": counts[column, row].astype(np.int64),
        }
    )


def _both(dataset, one, other):
    """Values of two targets in the sequences that have both."""
    pair = dataset.label[:, [one, other]].astype(np.float64)
    return pair[~np.isnan(pair).any(axis=1)].T


def _correlation(correlation, first, second):
    """None where it is not defined: of two sequences it is always 1 or -1."""
    known = ~np.isnan(first)
    if known.sum() < 3:
        return None
    value = correlation(first[known], second[known])
    return None if np.isnan(value) else value
