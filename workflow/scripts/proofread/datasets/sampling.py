"""Which sequences of a split a method looks at, where looking at all is too much."""

import numpy as np

from proofread.datasets.dataset import read_dataset, read_splits


def examined(dataset, n, seed, *, target=None):
    """Rows to look at: as many positives as negatives of each target, where they last.

    Targets take turns, and of each target a positive and a negative sequence, every
    one drawn in an order that the seed fixes; what one class lacks the others fill. So
    the rows of a smaller `n` are among those of a larger one.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        A split. A label of 0.5 or more is a positive.
    n : int
        Most rows.
    seed : int
    target : str or None
        Look at this target's classes alone; None: at those of every target.

    Returns
    -------
    numpy.ndarray, shape (at most n,), int64
        Sorted row numbers of `dataset`, each once.

    Raises
    ------
    ValueError
        If the dataset has no such target, or none at all.
    """
    if target not in (None, *dataset.target) or not dataset.target:
        raise ValueError(f"target: expected one of {dataset.target}, got {target!r}")
    rows = len(dataset)
    if rows <= n:
        return np.arange(rows)
    order = np.random.default_rng(seed).permutation(rows)
    columns = [
        column
        for column, name in enumerate(dataset.target)
        if target is None or name == target
    ]
    positive = np.asarray(dataset.label)[order][:, columns] >= 0.5
    queues = [
        iter(order[members].tolist())
        for column in positive.T
        for members in (column, ~column)
    ]
    chosen = {}
    while len(chosen) < n:
        for queue in queues:
            # A row that another target took already does not count for this one.
            new = next((row for row in queue if row not in chosen), None)
            if new is not None and len(chosen) < n:
                chosen[new] = None
    return np.array(sorted(chosen), dtype=np.int64)


def read_examined(dataset, splits, split, n, seed, *, target=None):
    """Read the sequences to look at, and no others, into memory.

    Parameters
    ----------
    dataset : str or path
        The dataset file.
    splits : str or path
        The splits file beside it.
    split : str
        `train`, `validation`, `test`, or `all` for every row.
    n, seed, target
        As of `examined`.

    Returns
    -------
    dataset : proofread.datasets.dataset.Dataset
    rows : numpy.ndarray, shape (at most n,), int64
        Their rows in the dataset file.
    """
    whole = read_dataset(dataset, streamed=True)
    rows = np.arange(len(whole)) if split == "all" else read_splits(splits)[split]
    rows = rows[examined(whole.subset(rows), n, seed, target=target)]
    chosen = whole.subset(rows)
    chosen.index = np.asarray(chosen.index)
    return chosen, rows


def sample_rows(n, most, seed):
    """All rows, or `most` of them without replacement, sorted."""
    if most is None or n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
