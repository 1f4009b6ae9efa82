"""Which filters respond to which sequences, and where in them: clustered matrices."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.datasets.sampling import random_rows
from proofread.figures.heat_map import Strip, cluster_order, most_variable
from proofread.methods.filter_pfms.activations import segment_maxima

_FILTERS = 64  # standardised at once


@dataclass(frozen=True)
class HeatMap:
    """A matrix of filters by columns, both in the order of their clusters.

    Attributes
    ----------
    filters, columns : list of str
    matrix : numpy.ndarray, shape (filters, columns)
    total : int
        Filters there would be to show.
    label, of : str
        Names of the values and of the columns.
    diverging : bool
        Whether the values have a middle, 0.
    strip : proofread.figures.heat_map.Strip or None
    """

    filters: list
    columns: list
    matrix: np.ndarray
    total: int
    label: str
    of: str
    diverging: bool
    strip: Strip | None

    def table(self):
        """The matrix as a table: `filter`, then one column per column."""
        table = pd.DataFrame(self.matrix, columns=self.columns)
        table.insert(0, "filter", self.filters)
        return table


def clustered(result, matrix, columns, metric, *, label, of, strip=None):
    """Choose the filters to show and put rows and columns in the order of clusters.

    Parameters
    ----------
    result : proofread.methods.filter_pfms.pfms.FilterPfms
    matrix : numpy.ndarray, shape (filters, columns)
    columns : list of str
    metric : str
        As in `proofread.figures.heat_map.cluster_order`; with `euclidean` the values
        are z-scores.
    label, of, strip
        As in `HeatMap`.

    Returns
    -------
    HeatMap
    """
    varies = ~result.statistics.dead & (np.ptp(matrix, axis=1) > 0)
    rows = most_variable(result.statistics.std, varies)
    rows = rows[cluster_order(matrix[rows], metric)]
    across = cluster_order(matrix[rows].T, metric) if len(rows) else []
    if strip is not None:
        strip = strip._replace(values=np.asarray(strip.values)[across])
    return HeatMap(
        [result.names[row] for row in rows],
        [columns[column] for column in across],
        matrix[np.ix_(rows, across)],
        int(varies.sum()),
        label,
        of,
        metric == "euclidean",
        strip,
    )


def heat_maps(result, dataset, max_columns, seed):
    """Heat maps of sequences and of segments of sequences.

    Parameters
    ----------
    result : proofread.methods.filter_pfms.pfms.FilterPfms
    dataset : proofread.datasets.dataset.Dataset
        Its sequences.
    max_columns : int
        Sequences, and segments, to show; sampled with `seed`.
    seed : int

    Yields
    ------
    tuple
        (name, HeatMap) of `sequences`, `segments` and `segments_raw`.
    """
    rows = random_rows(len(dataset), max_columns, seed)
    strip = None
    if len(dataset.target) == 1 and dataset.labelled:
        label = dataset.label[rows, 0]
        strip = Strip(label, dataset.target[0], dataset.quantitative)
    yield (
        "sequences",
        clustered(
            result,
            sequence_means(result, rows),
            [dataset.name[row] for row in rows],
            "euclidean",
            label="mean activation (z-score)",
            of=f"{len(rows)} sequences",
            strip=strip,
        ),
    )
    raw, z, sequence, segment = segment_activations(
        result, dataset.index, rows, max_columns, seed
    )
    columns = [
        f"{dataset.name[rows[row]]}:{part}"
        for row, part in zip(sequence, segment, strict=True)
    ]
    for name, matrix, metric, label in (
        ("segments", z, "euclidean", "highest activation (z-score)"),
        ("segments_raw", raw, "cosine", "highest activation"),
    ):
        of = f"{len(columns)} segments of sequences"
        yield name, clustered(result, matrix, columns, metric, label=label, of=of)


def z_scores(values, rows):
    """Some rows of a matrix whose columns are standardised over all rows.

    A few columns at a time: a copy of all in double precision would be large.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, filters)
        A column without spread becomes 0.
    rows : numpy.ndarray of int

    Returns
    -------
    numpy.ndarray, shape (len(rows), filters), float64
    """
    filters = values.shape[1]
    z = np.empty((len(rows), filters))
    for part in np.array_split(np.arange(filters), -(-filters // _FILTERS)):
        columns = slice(part[0], part[-1] + 1)
        block = np.array(values[:, columns], dtype=np.float64, order="C")
        std = block.std(axis=0)
        z[:, columns] = (block[rows] - block.mean(axis=0)) / np.where(std > 0, std, 1)
    return z


def sequence_means(result, rows):
    """Mean activation of each sequence, as z-scores of each filter.

    Parameters
    ----------
    result : FilterPfms
    rows : numpy.ndarray of int
        Sequences to show; the z-scores are over all.

    Returns
    -------
    numpy.ndarray, shape (filters, len(rows))
    """
    return z_scores(result.statistics.sequence_mean, rows).T


def segment_activations(result, index, rows, max_columns, seed):
    """Highest activation in segments of sequences, each a column of its own.

    Parameters
    ----------
    result : FilterPfms
    index : numpy.ndarray, shape (n, length), uint8
    rows : numpy.ndarray of int
        Sequences whose segments are taken; the z-scores are over all of these.
    max_columns : int
        Columns to show, sampled at random.
    seed : int
        Of the columns.

    Returns
    -------
    raw, z : numpy.ndarray, shape (filters, columns)
    sequence, segment : numpy.ndarray, shape (columns,), int
        What each column is; the sequence as an index of `rows`.
    """
    # (sequences, segments, filters) -> (sequences * segments, filters)
    maxima = segment_maxima(result.layer, index[rows])
    segments = maxima.shape[1]
    maxima = maxima.reshape(-1, maxima.shape[2])
    shown = random_rows(len(maxima), max_columns, seed)
    sequence, segment = np.divmod(shown, segments)
    return maxima[shown].T, z_scores(maxima, shown).T, sequence, segment
