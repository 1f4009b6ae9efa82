"""Principal components of attributions."""

import numpy as np

from proofread.statistics.components import oriented, principal_components


def attribution_components(values, index, most):
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
    cells = np.stack([np.where(index == base, values, 0) for base in range(4)], axis=1)
    cells = cells.reshape(len(cells), -1)  # (n, 4, length) -> (n, 4 * length)
    scores, directions, explained = principal_components(cells)
    return oriented(scores, directions.T)[:, :most], explained[:most]
