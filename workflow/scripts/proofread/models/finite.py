"""Numbers of a network that are no numbers: refused, with the sequences they are of."""

import numpy as np

from proofread.errors import InputError

_SHOWN = 5  # sequences that a message names
PREDICTIONS = "its predictions"


def check_finite(values, where, what=PREDICTIONS, *, names=None, logits=True):
    """Refuse infinite values and NaN.

    One such value spoils every mean and rank that it enters, mostly without a sign, so
    that no method goes on with it.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, ...)
        Of n sequences.
    where : str
        What a message calls the network.
    what : str
        What the values are, in the plural.
    names : sequence of str, optional
        Of the sequences; None: they are numbered from 0.
    logits : bool
        Whether the values are, or are made of, logits, and not quantities.

    Raises
    ------
    InputError
        If a value is not finite: with the number of sequences and some of their names.
    """
    values = np.asarray(values)
    finite = np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
    if finite.all():
        return
    rows = np.flatnonzero(~finite)
    shown = [str(row if names is None else names[row]) for row in rows[:_SHOWN]]
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    by = "number (from 0) " if names is None else ""
    raise InputError(
        where,
        f"{what} of {len(rows)} of {len(values)} sequences are not finite numbers: "
        f"{by}{', '.join(shown)}{more}",
        "finite numbers"
        + ("; a logit is positive for the positive class" if logits else ""),
        "look for a division by zero, the logarithm of zero or an overflow for these "
        "sequences; an unknown base is an all-zero column",
    )
