"""Position frequency matrices: what a filter's sites have in common.

Counts become probabilities with a pseudo-count per base, as in Basset (Kelley et al.
2016, doi:10.1101/gr.200535.115). Information is computed by `proofread.motifs.motif`.
"""

import numpy as np

from proofread.dna.encoding import BASES, UNKNOWN
from proofread.motifs.motif import Motif, trim

# Basset multiplies weights by it, for Possum reads scores with few decimals.
_POSSUM_SCALE = 200
_WORD = 2  # letters; longer words need more counters than a batch has sites


class LetterCounter:
    """Counts the bases of each filter's sites, a batch of sites at a time.

    It counts words of two letters, half the look-ups of single letters, and takes them
    apart at the end.

    Parameters
    ----------
    geometry : proofread.methods.filter_pfms.first_layer.Geometry
    filters : int
        Number of filters.
    """

    def __init__(self, geometry, filters):
        self._geometry, self._filters = geometry, filters
        self._words = [
            (first, min(_WORD, geometry.width - first))
            for first in range(0, geometry.width, _WORD)
        ]
        self._found = [np.zeros(filters * 5**size, np.int64) for _, size in self._words]

    def add(self, index, sites):
        """Count the letters of some sites.

        Parameters
        ----------
        index : numpy.ndarray, shape (n, length), uint8
            The sequences in which the sites were found.
        sites : proofread.methods.filter_pfms.first_layer.Sites
        """
        if len(sites) == 0:
            return
        first, dilation = sites.sequence.min(), self._geometry.dilation
        letters = index[first : sites.sequence.max() + 1].astype(np.int64)
        codes = {1: letters}
        if self._geometry.width > 1:
            codes[2] = 5 * letters[:, :-dilation] + letters[:, dilation:]
        row = sites.sequence - first
        place = {
            size: row * code.shape[1] + sites.start for size, code in codes.items()
        }
        for (position, size), found in zip(self._words, self._found, strict=True):
            # The same places, seen from the word's first letter.
            seen = codes[size].ravel()[position * dilation :]
            slot = seen[place[size]]
            slot += sites.filter * 5**size
            found += np.bincount(slot, minlength=len(found))

    def counts(self):
        """Counts so far; an unknown base has counted a quarter of each.

        Returns
        -------
        numpy.ndarray, shape (filters, width, 4), float64
        """
        counts = np.empty((self._filters, self._geometry.width, 5))
        for (position, size), found in zip(self._words, self._found, strict=True):
            # (filters * 5^size) -> (filters, 5, ..., 5), one axis per letter
            words = found.reshape(self._filters, *[5] * size)
            for letter in range(size):
                others = tuple(1 + axis for axis in range(size) if axis != letter)
                counts[:, position + letter] = words.sum(axis=others)
        return counts[..., :UNKNOWN] + counts[..., UNKNOWN:] / 4


def probabilities(counts, pseudocount=1.0):
    """Probabilities from counts; the counts stay as they are.

    Parameters
    ----------
    counts : numpy.ndarray, shape (..., width, 4)
    pseudocount : float
        Added to each base, so four times that to each position.

    Returns
    -------
    numpy.ndarray, shape (..., width, 4)
        Uniform at a position without counts and pseudo-count.
    """
    counts = np.asarray(counts, dtype=np.float64) + pseudocount
    total = counts.sum(axis=-1, keepdims=True)
    return np.where(total > 0, counts / np.where(total > 0, total, 1), 0.25)


def weight_consensus(weight):
    """The base with the highest weight at each position; N where none is positive.

    Parameters
    ----------
    weight : numpy.ndarray, shape (width, 4)
        The first of A, C, G, T on a tie.
    """
    best = np.argmax(weight, axis=1)
    positive = np.max(weight, axis=1) > 0
    return "".join(
        BASES[base] if above else "N"
        for base, above in zip(best, positive, strict=True)
    )


def trimmed_motif(name, matrix, information, *, limit, sites):
    """The matrix without its uninformative ends, or None if less than 2 bases stay.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (width, 4)
        Probabilities.
    information : numpy.ndarray, shape (width,)
        Bits of each position.
    limit : float
        Bits that an end needs to stay.
    sites : int
        Number of sites the matrix comes from.

    Returns
    -------
    proofread.motifs.motif.Motif or None
        One base alone is no motif.
    """
    motif = trim(Motif(name, matrix, sites=sites), information, limit=limit)
    return motif if motif is not None and len(motif) >= 2 else None


def possum_text(name, weight, *, limit=None):
    """A filter's weights as a matrix of the Possum program.

    Parameters
    ----------
    weight : numpy.ndarray, shape (width, 4)
    limit : float, optional
        Drop ends where the highest and the lowest weight differ by less; Basset
        takes 0.3.

    Returns
    -------
    str
        Weights times 200 with two decimals; empty if less than 2 bases stay.
    """
    first, last = 0, len(weight)
    if limit is not None:
        informative = np.flatnonzero(np.ptp(weight, axis=1) >= limit)
        if len(informative) == 0:
            return ""
        first, last = informative[0], informative[-1] + 1
    if last - first < 2:
        return ""
    rows = [
        "MA " + " ".join(f"{_POSSUM_SCALE * value:.2f}" for value in row)
        for row in weight[first:last]
    ]
    head = ["BEGIN GROUP", "BEGIN FLOAT", f"ID {name}", "AP DNA", f"LE {last - first}"]
    return "\n".join([*head, *rows, "END", "END"]) + "\n"
