"""Position frequency matrices: counts of the bases at the sites of each filter."""

import numpy as np

from proofread.dna.encoding import UNKNOWN

_K = 2  # bases of a k-mer; longer ones need more counters than a batch has sites


class BaseCounter:
    """Counts the bases of each filter's sites, a batch of sites at a time.

    It counts 2-mers, half the look-ups of single bases, and takes them apart at the
    end.

    Parameters
    ----------
    geometry : proofread.models.first_layer.Geometry
    filters : int
        Number of filters.
    """

    def __init__(self, geometry, filters):
        self._geometry, self._filters = geometry, filters
        self._kmers = [
            (first, min(_K, geometry.width - first))
            for first in range(0, geometry.width, _K)
        ]
        self._counts = [
            np.zeros(filters * 5**size, np.int64) for _, size in self._kmers
        ]

    def add(self, index, sites):
        """Count the bases of some sites.

        Parameters
        ----------
        index : numpy.ndarray, shape (n, length), uint8
            The sequences in which the sites were found.
        sites : proofread.methods.filter_pfms.sites.Sites
        """
        if len(sites) == 0:
            return
        first, dilation = sites.sequence.min(), self._geometry.dilation
        bases = index[first : sites.sequence.max() + 1].astype(np.int64)
        codes = {1: bases}
        if self._geometry.width > 1:
            codes[2] = 5 * bases[:, :-dilation] + bases[:, dilation:]
        row = sites.sequence - first
        start = {
            size: row * code.shape[1] + sites.start for size, code in codes.items()
        }
        for (position, size), counts in zip(self._kmers, self._counts, strict=True):
            # The same starts, seen from the k-mer's first base.
            seen = codes[size].ravel()[position * dilation :]
            slot = seen[start[size]]
            slot += sites.filter * 5**size
            counts += np.bincount(slot, minlength=len(counts))

    def counts(self):
        """Counts so far; an unknown base has counted a quarter of each.

        Returns
        -------
        numpy.ndarray, shape (filters, width, 4), float64
        """
        counts = np.empty((self._filters, self._geometry.width, 5))
        for (position, size), counted in zip(self._kmers, self._counts, strict=True):
            # (filters * 5^size) -> (filters, 5, ..., 5), one axis per base
            kmers = counted.reshape(self._filters, *[5] * size)
            for base in range(size):
                others = tuple(1 + axis for axis in range(size) if axis != base)
                counts[:, position + base] = kmers.sum(axis=others)
        return counts[..., :UNKNOWN] + counts[..., UNKNOWN:] / 4
