"""The sequences that are changed: those of a split, and one of a given composition."""

from dataclasses import replace

import numpy as np

from proofread.datasets.sampling import BOTH, balanced_rows
from proofread.dna.encoding import BASES
from proofread.errors import InputError

_WHERE = "methods.greedy_substitution"
COMPOSED = "composition"  # name of the sequence with the given composition


def composed(composition, length, seed):
    """A sequence with given numbers of each base, in random order.

    Parameters
    ----------
    composition : dict of str to int
    length : int
        Of the model's input.
    seed : int

    Returns
    -------
    numpy.ndarray, shape (length,), uint8

    Raises
    ------
    InputError
        If the numbers do not sum to the length.
    """
    counts = [composition[base] for base in BASES]
    if sum(counts) != length:
        raise InputError(
            f"{_WHERE}.composition",
            f"{sum(counts)} bases",
            f"{length}, the length of the model's input",
            "change the numbers of A, C, G and T",
        )
    bases = np.repeat(np.arange(4, dtype=np.uint8), counts)
    return np.random.default_rng(seed).permutation(bases)


def with_composed(dataset, index):
    """The dataset with one more sequence at its end, without a label.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    index : numpy.ndarray, shape (length,), uint8
        From `composed`.

    Raises
    ------
    InputError
        If another sequence has its name.
    """
    if COMPOSED in dataset.name:
        raise InputError(
            f"{_WHERE}.composition",
            f"a sequence of the dataset is also called {COMPOSED!r}",
            "different names",
            "rename that sequence, or leave 'composition' out",
        )
    return replace(
        dataset,
        index=np.vstack([dataset.index, index[None]]),
        length=np.append(dataset.length, len(index)),
        name=[*dataset.name, COMPOSED],
        label=np.vstack(
            [dataset.label, np.full((1, len(dataset.target)), np.nan, np.float32)]
        ),
        group=[*dataset.group, COMPOSED],
        stratum=[*dataset.stratum, COMPOSED],
        place=dataset.place and [*dataset.place, ""],
    )


def choose(
    dataset,
    length,
    *,
    max_sequences,
    targets,
    composition,
    order_seed,
    seed,
    classes=BOTH,
):
    """The sequences to change.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        A split.
    length : int
        Of the model's input.
    max_sequences : int
        Of the split; positives and negatives of each target take turns.
    targets : list of str
        Whose classes take turns.
    composition : dict of str to int, or None
        Numbers of each base of one more sequence.
    order_seed : int
        Of the order of its bases.
    seed : int
        Of the choice.
    classes : str
        As of `balanced_rows`.

    Returns
    -------
    proofread.datasets.dataset.Dataset
        With all its targets.

    Raises
    ------
    InputError
        If no sequence is asked for, or the composition does not fit.
    """
    if max_sequences == 0 and composition is None:
        raise InputError(
            f"{_WHERE}.max_sequences",
            "0, and no composition",
            "at least one sequence to change",
            "raise it, or give a composition",
        )
    columns = [dataset.target.index(target) for target in targets]
    labels = np.asarray(dataset.label)[:, columns]
    rows = balanced_rows(
        replace(dataset, target=targets, label=labels),
        max_sequences,
        seed,
        classes=classes,
    )
    if len(rows) == 0 and composition is None:
        raise InputError(
            f"{_WHERE}.classes",
            f"{classes}, and no positive among {len(dataset)} sequences",
            "at least one sequence with a label of 1",
            "set classes: both, or choose another split",
        )
    chosen = dataset.subset(rows)
    if composition is None:
        return chosen
    return with_composed(chosen, composed(composition, length, order_seed))
