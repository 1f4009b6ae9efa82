"""The sequences that a method uses, where using all would take too long.

`balanced_rows` balances the classes, for methods that compare them. `random_rows` draws
rows at random, for methods that need the sequences as they are.
"""

import numpy as np

from proofread.datasets.dataset import read_dataset, rows_of_split
from proofread.datasets.groups import groups
from proofread.errors import InputError
from proofread.progress import log

BOTH, POSITIVE = "both", "positive"  # the setting `classes` of a method


def balanced_rows(dataset, n, seed, *, target=None, classes=BOTH):
    """Choose rows: as many positives as negatives of each target, while they last.

    Quantitative targets have no classes: rows are drawn at random from all.

    Targets take turns, each with a positive and a negative sequence, in a random order
    that the seed fixes. If a class runs out, the others fill the rest. The rows of a
    smaller `n` are among those of a larger one; n positives alone are those among
    2 n rows of both classes of a target, if these do not run out.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        A split. A label of 0.5 or more is a positive. A sequence whose label of a
        target is missing is in neither class of it; one without a label of any target
        that is looked at is not chosen, unless no sequence has labels.
    n : int
        Maximum number of rows.
    seed : int
    target : str, list of str or None
        Look at the classes of this target, or of these, alone; None: of every target.
    classes : str
        `BOTH`, or `POSITIVE`: positives of a target alone.

    Returns
    -------
    numpy.ndarray, shape (at most n,), int64
        Sorted row numbers of `dataset`, each once.

    Raises
    ------
    ValueError
        If the dataset has no such target, or none at all; or if positives are asked of
        quantitative targets.
    """
    wanted = [target] if isinstance(target, str) else target or dataset.target
    if not set(wanted) <= set(dataset.target) or not wanted:
        raise ValueError(f"target: expected one of {dataset.target}, got {target!r}")
    if dataset.quantitative:
        if classes != BOTH:
            raise ValueError(f"classes: expected {BOTH!r}, as targets are quantitative")
        return np.sort(np.random.default_rng(seed).permutation(len(dataset))[:n])
    columns = [column for column, name in enumerate(dataset.target) if name in wanted]
    label = np.asarray(dataset.label)
    some_known = not np.isnan(label).all()
    positive = label[:, columns] >= 0.5
    negative = ~positive
    rows = np.arange(len(dataset))
    if some_known:
        negative &= ~np.isnan(label[:, columns])
        rows = rows[(positive | negative).any(axis=1)]
    if classes == POSITIVE:
        rows = rows[positive[rows].any(axis=1)]
    if len(rows) <= n:
        return rows
    order = np.random.default_rng(seed).permutation(len(dataset))
    queues = [
        iter(order[members].tolist())
        for pair in zip(positive[order].T, negative[order].T, strict=True)
        for members in (pair[:1] if classes == POSITIVE else pair)
    ]
    chosen = {}
    while len(chosen) < n:
        for queue in queues:
            # A row that another target took already does not count for this one.
            new = next((row for row in queue if row not in chosen), None)
            if new is not None and len(chosen) < n:
                chosen[new] = None
    return np.array(sorted(chosen), dtype=np.int64)


def random_rows(n, max_rows, seed):
    """Choose rows at random, without replacement.

    Parameters
    ----------
    n : int
        Number of rows.
    max_rows : int or None
        Maximum number of chosen rows; None chooses all.
    seed : int

    Returns
    -------
    numpy.ndarray, shape (at most max_rows,), int64
        Sorted row numbers, each once.
    """
    if max_rows is None or n <= max_rows:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, max_rows, replace=False))


def example_rows(dataset, max_rows):
    """Sequences to draw: a positive and a negative of each target in turn.

    Of a quantitative target, one of each half. Of a missing label or value, neither.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        A label of 0.5 or more is a positive.
    max_rows : int

    Returns
    -------
    list of tuple
        (row, column of the target); each row once, the first of its class or half.
    """
    queues = []
    for column, target in enumerate(dataset.target):
        for of_group in groups(dataset, target).values():
            queues.append([(int(row), column) for row in np.flatnonzero(of_group)])
    chosen, taken = [], set()
    while any(queues) and len(chosen) < max_rows:
        for queue in queues:
            while queue and queue[0][0] in taken:
                queue.pop(0)
            if queue and len(chosen) < max_rows:
                chosen.append(queue.pop(0))
                taken.add(chosen[-1][0])
    return chosen


def read_balanced(
    dataset, splits, split, n, seed, *, target=None, classes=BOTH, key="split"
):
    """Read the sequences that `balanced_rows` chooses, and no others, into memory.

    Some of their labels may be missing.

    Parameters
    ----------
    dataset : str or path
        The dataset file.
    splits : str or path
        The splits file beside it.
    split : str
        `train`, `validation`, `test`, or `all` for every row.
    n, seed, target, classes
        As of `balanced_rows`.
    key : str
        The setting that names the split, for the message.

    Returns
    -------
    dataset : proofread.datasets.dataset.Dataset
    rows : numpy.ndarray, shape (at most n,), int64
        Their rows in the dataset file.

    Raises
    ------
    InputError
        If the split has no sequences, or none with a label or of the chosen class.
    """
    return _read_chosen(
        dataset,
        splits,
        split,
        lambda whole: balanced_rows(whole, n, seed, target=target, classes=classes),
        key,
        positive=classes == POSITIVE,
    )


def read_sample(dataset, splits, split, max_sequences, seed, *, key="split"):
    """Read the sequences that `random_rows` chooses, and no others, into memory.

    Some of their labels may be missing.

    Parameters
    ----------
    dataset, splits, split, key
        As of `read_balanced`.
    max_sequences, seed
        As of `random_rows`.

    Returns
    -------
    dataset : proofread.datasets.dataset.Dataset
    rows : numpy.ndarray, shape (at most max_sequences,), int64
        Their rows in the dataset file.

    Raises
    ------
    InputError
        If the split has no sequences.
    """
    return _read_chosen(
        dataset,
        splits,
        split,
        lambda whole: random_rows(len(whole), max_sequences, seed),
        key,
    )


def _read_chosen(dataset, splits, split, choose, key, *, positive=False):
    """The rows of a split that a function chooses, in memory, and their numbers."""
    whole = read_dataset(dataset, streamed=True)
    rows = rows_of_split(whole, splits, split)
    if len(rows) == 0:
        raise InputError(
            f"{splits} (split {split!r})",
            "0 sequences",
            "at least one sequence",
            f"choose another {key}, or give the split a larger fraction",
        )
    of_split = choose(whole.subset(rows))
    if len(of_split) == 0:
        raise InputError(
            f"{splits} (split {split!r})",
            f"no {'positive' if positive else 'label'} among {len(rows)} sequences",
            f"at least one sequence with a label{' of 1' if positive else ''}",
            f"{'set classes: both, or ' if positive else ''}choose another {key}",
        )
    log.info("%d of %d sequences of split %s", len(of_split), len(rows), split)
    rows = rows[of_split]
    chosen = whole.subset(rows)
    chosen.index = np.asarray(chosen.index)
    return chosen, rows
