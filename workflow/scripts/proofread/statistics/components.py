"""Principal components."""

import math

import numpy as np


def principal_components(vectors):
    """Directions in which vectors vary most, and the vectors' coordinates on them.

    Parameters
    ----------
    vectors : numpy.ndarray, shape (n, dimensions)

    Returns
    -------
    scores : numpy.ndarray, shape (n, components), float64
        Coordinates in the vectors' units, at most min(n, dimensions) of them; their
        sign is arbitrary (see `oriented`).
    directions : numpy.ndarray, shape (components, dimensions), float64
        Of length 1.
    fraction : numpy.ndarray, shape (components,), float64
        Of the variance, 0-1, in falling order; all 0 where all vectors are the same.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    centred = vectors - (vectors.mean(axis=0) if len(vectors) else 0)
    left, extent, directions = np.linalg.svd(centred, full_matrices=False)
    # Rounding errors are no components.
    limit = max(vectors.shape) * np.finfo(float).eps * np.abs(vectors).max(initial=0)
    extent = np.where(extent > limit * math.sqrt(len(vectors)), extent, 0)
    variance = extent**2
    total = variance.sum()
    return left * extent, directions, variance / total if total > 0 else variance


def oriented(scores, deciding):
    """Scores with the sign that makes the largest of the deciding numbers positive.

    Parameters
    ----------
    scores : numpy.ndarray, shape (n, components)
    deciding : numpy.ndarray, shape (m, components)
        The scores themselves, or the transposed directions.

    Returns
    -------
    numpy.ndarray, shape (n, components)
    """
    if len(deciding) == 0:
        return scores
    components = np.arange(scores.shape[1])
    largest = deciding[np.abs(deciding).argmax(axis=0), components]
    return scores * np.where(largest < 0, -1, 1)
