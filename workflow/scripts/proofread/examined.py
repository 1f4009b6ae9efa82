"""Which sequences of a split a method looks at, where looking at all is too much."""

import numpy as np


def examined(dataset, n, seed, *, target=None):
    """Rows to look at: as many positives as negatives of each target, where they last.

    Targets take turns, and of each target a positive and a negative sequence, every
    one drawn in an order that the seed fixes; what one class lacks the others fill. So
    the rows of a smaller `n` are among those of a larger one.

    Parameters
    ----------
    dataset : proofread.dataset.Dataset
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
    """
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
