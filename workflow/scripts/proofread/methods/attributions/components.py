"""Principal components of attributions."""

import numpy as np


def principal_components(values, index, most):
    """Sequences in the directions in which their attributions vary most.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, length)
        One number per base. Each is placed in the row of its base, so that two
        sequences are similar if the same bases matter at the same positions.
    index : numpy.ndarray, shape (n, length), uint8
    most : int
        Components at most.

    Returns
    -------
    scores : numpy.ndarray, shape (n, components)
        The largest loading of each component is positive.
    explained : numpy.ndarray, shape (components,)
        Fraction of the variance; 0 where nothing varies.
    """
    n, length = values.shape
    cells = np.zeros((n, 4, length))
    for base in range(4):
        cells[:, base] = np.where(index == base, values, 0)
    cells = cells.reshape(n, -1)  # (n, 4, length) -> (n, 4 * length)
    cells -= cells.mean(axis=0, keepdims=True) if n else 0
    kept = min(most, n, cells.shape[1])
    # The smaller of the two products of the matrix with itself is enough.
    if n <= cells.shape[1]:
        power, left = np.linalg.eigh(cells @ cells.T)
    else:
        power, right = np.linalg.eigh(cells.T @ cells)
        left = cells @ right
    order = np.argsort(-power, kind="stable")[:kept]
    power = np.clip(power, 0, None)
    total = power.sum()
    if total <= 1e-20:
        return np.zeros((n, kept)), np.zeros(kept)
    scores = left[:, order]
    if n <= cells.shape[1]:
        scores = scores * np.sqrt(power[order])
    loadings = scores.T @ cells  # (components, 4 * length), up to a factor
    largest = np.abs(loadings).argmax(axis=1)
    sign = np.sign(loadings[np.arange(kept), largest])
    return scores * np.where(sign == 0, 1, sign), power[order] / total
