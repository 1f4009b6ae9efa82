"""Similar sequences: copies, reverse complements and near-identical ones.

Two sequences are *near-identical* if, on either strand and at some shift without
gaps, they share a stretch in which at least `identity` of the bases are the same and
which covers at least `coverage` of the shorter one and at least 32 bases. Bases
outside the stretch may differ, so neighbouring windows of a genome count once they
overlap enough. An unknown base equals no other.

Not all pairs are compared. Two spaced seeds, k-mers of some fixed positions (Ma et al.
2002, doi:10.1093/bioinformatics/18.3.440), are indexed in the smaller of the readings
of both strands. Sequences that share a k-mer at some shift are then compared base by
base. Reported pairs are exact; pairs that share no k-mer are missed.
"""

from dataclasses import dataclass
from hashlib import blake2b
from itertools import product

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from proofread.datasets.on_disk import Rows, blocks
from proofread.dna.encoding import UNKNOWN, reverse_complement
from proofread.progress import progress

KINDS = ("exact", "reverse_complement", "near")

# Shorter stretches are similar by chance: of 10^5 random sequences, 7 in 10,000 sets
# would hold a pair with 29 of 32 equal bases.
MIN_STRETCH = 32

# Two symmetric seeds for each number of compared positions, so that both strands have
# the same k-mers; chosen by simulation for 64 bases of which a tenth differ.
_SEEDS = {
    10: ("110100110011001011", "1111100000000011111"),
    11: ("11011010101011011", "1011100011100011101"),
    12: ("11101010100101010111", "1110110110110111"),
    13: ("110110101010101011011", "110010101111101010011"),
    14: ("11111011011011111", "100111010011110010111001"),
    15: ("1101011000111110001101011", "111101101010101101111"),
    16: ("11111011100111011111", "11111001010100101010011111"),
}
_MAX_KMERS = 30_000_000  # in memory at once; more are sorted in several passes
_MAX_HITS = 10_000_000  # pairs of equal k-mers of one pass
_MAX_KEYS = 1_000_000  # pairs of equal k-mers processed at once
_BATCH = 4_000_000  # bases compared at once
_CHUNK = 200_000  # bases whose k-mers are made at once: they stay in the cache
_UNIT = 10_000  # identity and coverage are whole ten-thousandths, so sums are exact


@dataclass
class Similar:
    """Pairs of similar sequences; copies are kept once, by their first row.

    Attributes
    ----------
    first_copy : numpy.ndarray, shape (n,), int64
        The first row with the same sequence on either strand; itself if none.
    reversed : numpy.ndarray, shape (n,), bool
        Whether the row is the reverse complement of its first copy.
    pairs : numpy.ndarray, shape (m, 2), int64
        Near-identical first copies, the smaller row first, in order, each once.
    """

    first_copy: np.ndarray
    reversed: np.ndarray
    pairs: np.ndarray

    def clusters(self):
        """Single-linkage cluster of each row; pairs of any kind join rows.

        Returns
        -------
        numpy.ndarray, shape (n,), int64
            Numbers from 0; a row that is similar to no other is a cluster of one.
        """
        n = len(self.first_copy)
        joined = coo_array(
            (np.ones(len(self.pairs), dtype=np.int8), self.pairs.T), shape=(n, n)
        )
        _, component = connected_components(joined, directed=False)
        return component[self.first_copy].astype(np.int64)

    def count_sequences(self):
        """Number of rows, by kind, that are in a pair of that kind."""
        n = len(self.first_copy)
        copies = np.bincount(self.first_copy, minlength=n)
        backward = np.bincount(self.first_copy[self.reversed], minlength=n)
        forward = copies - backward
        near = copies[np.unique(self.pairs)]
        return {
            "exact": int(sum(n[n > 1].sum() for n in (forward, backward))),
            "reverse_complement": int(copies[(forward > 0) & (backward > 0)].sum()),
            "near": int(near.sum()),
        }

    def count_pairs(self, code=None):
        """Number of pairs of rows by kind; with a code, of pairs that differ in it.

        Parameters
        ----------
        code : numpy.ndarray, shape (n,), int64, optional
            For example the part or the class of each row, from 0.

        Returns
        -------
        dict of str to int
            By kind. Pairs of copies of near-identical sequences count too.
        """
        n = len(self.first_copy)
        everywhere = np.zeros(n, dtype=np.int64)
        total = self._pairs_within(everywhere)
        if code is None:
            return total
        within = self._pairs_within(np.asarray(code, dtype=np.int64))
        return {kind: total[kind] - within[kind] for kind in KINDS}

    def _pairs_within(self, code):
        """Pairs of rows with the same code, by kind."""
        n, n_codes = len(self.first_copy), int(code.max(initial=0)) + 1
        # (first copies, codes): how many rows
        forward, backward = (
            coo_array(
                (on_strand.astype(np.int64), (self.first_copy, code)),
                shape=(n, n_codes),
            ).tocsr()
            for on_strand in (~self.reversed, self.reversed)
        )
        copies = forward + backward
        near = copies[self.pairs[:, 0]].multiply(copies[self.pairs[:, 1]])
        return {
            "exact": sum(
                int((counts.data * (counts.data - 1) // 2).sum())
                for counts in (forward, backward)
            ),
            "reverse_complement": int(forward.multiply(backward).sum()),
            "near": int(near.sum()),
        }


def find_similar(index, length, *, identity, coverage):
    """Find copies, reverse complements and near-identical pairs.

    Parameters
    ----------
    index : array, shape (n, width), uint8
        0-3 for A, C, G, T; 4 for anything else and for padding at the end. If it is
        on disk (`proofread.datasets.on_disk`), it stays there.
    length : numpy.ndarray, shape (n,), int64
        Bases of each sequence.
    identity : float
        Minimum fraction of equal bases in the stretch, 0.8-1.
    coverage : float
        Minimum length of the stretch as a fraction of the shorter sequence, 0-1.

    Returns
    -------
    Similar
        The same sequences always give the same pairs.

    Raises
    ------
    ValueError
        If `identity` or `coverage` is out of range.
    """
    if not 0.8 <= identity <= 1 or not 0 < coverage <= 1:
        raise ValueError(
            "identity must be within 0.8-1 and coverage within 0-1, "
            f"got {identity} and {coverage}"
        )
    length = np.asarray(length, dtype=np.int64)
    first_copy, is_reversed = _copies(index, length)
    unique = np.flatnonzero(first_copy == np.arange(len(index)))
    unique = unique[length[unique] >= MIN_STRETCH]
    pairs = np.empty((0, 2), dtype=np.int64)
    if len(unique) > 1:
        kept = Rows(index, unique)
        compared = _Comparison(kept, length[unique], identity, coverage)
        pairs = unique[compared.pairs()]
    return Similar(first_copy, is_reversed, pairs)


def _copies(index, length):
    """First row with the same sequence on either strand, and the strand."""
    n, width = index.shape
    is_smaller = np.empty(n, dtype=bool)
    digests = []
    for start, block in blocks(index, _BATCH):
        # The reverse complement of a padded row begins with the padding.
        opposite = reverse_complement(block)
        for row, (one, other) in enumerate(zip(block, opposite, strict=True), start):
            forward = one[: length[row]].tobytes()
            backward = other[width - length[row] :].tobytes()
            is_smaller[row] = forward <= backward
            # A digest, because the sequences themselves would be in memory twice.
            smaller = min(forward, backward)
            digests.append(blake2b(smaller, digest_size=16).digest())
    # (n, 2): half a digest each
    digest = np.frombuffer(b"".join(digests), dtype=np.uint64).reshape(n, 2)
    order = np.lexsort(digest.T)  # stable: copies stay in the order of the rows
    is_new = np.ones(n, dtype=bool)
    is_new[1:] = (digest[order[1:]] != digest[order[:-1]]).any(axis=1)
    first_copy = np.empty(n, dtype=np.int64)
    first_copy[order] = order[is_new][np.cumsum(is_new) - 1]
    # A palindrome is its own reverse complement, and the smaller one in every copy.
    return first_copy, is_smaller != is_smaller[first_copy]


class _Comparison:
    """Near-identical pairs among sequences of which none is a copy of another."""

    def __init__(self, index, length, identity, coverage):
        self.index, self.length = index, length
        self.identity = round(identity * _UNIT)
        self.coverage = round(coverage * _UNIT)

    def pairs(self):
        """Array (m, 2) of rows, the smaller first, sorted, each pair once."""
        n, width = self.index.shape
        kmers = int(self.length.sum())
        position_bits = int(n * width).bit_length() + 1
        # Four times as many possible k-mers as there are: this avoids most k-mers that
        # two sequences share by chance, and few of those that similar ones share.
        weight = int(np.ceil(np.log2(max(kmers, 2)) / 2)) + 1
        weight = min(max(weight, min(_SEEDS)), max(_SEEDS), (64 - position_bits) // 2)
        n_passes = -(-kmers // _MAX_KMERS)
        patterns = [
            np.array([mark == "1" for mark in seed])
            for seed in _SEEDS[weight]
            if len(seed) <= width
        ]
        passes = list(product(patterns, range(n_passes)))
        pairs = [np.empty(0, dtype=np.int64)]
        for pattern, number in progress(passes, "passes over the sequences"):
            hits = self._hits(pattern, number, n_passes, position_bits)
            pairs.append(self._verified(*hits))
        return np.stack(np.divmod(np.unique(np.concatenate(pairs)), n), axis=1)

    def _kmers(self, pattern, number, n_passes, position_bits):
        """Sorted k-mers of one pass, with position and strand in their low bits."""
        n, width = self.index.shape
        # Memory is taken only as it is filled, so that more is asked for than needed.
        kmers = np.empty(n * width // n_passes * 5 // 4 + _CHUNK, dtype=np.uint64)
        filled = 0
        for start, block in blocks(self.index, _BATCH):
            rows = max(1, _CHUNK // width)
            for first in range(0, len(block), rows):
                chunk = block[first : first + rows]
                forward, backward, known = _spaced_kmers(chunk, pattern)
                kmer = np.minimum(forward, backward)
                if n_passes > 1:
                    # As `kmer % n_passes`, which is several times slower.
                    known &= kmer - kmer // n_passes * n_passes == number
                kept = np.flatnonzero(known)
                row, position = np.divmod(kept, forward.shape[1])
                where = (row + (start + first)) * width + position
                strand = (backward < forward).ravel()[kept]
                if filled + len(kept) > len(kmers):
                    kmers = np.concatenate([kmers, np.empty_like(kmers)])
                kmers[filled : filled + len(kept)] = (
                    (kmer.ravel()[kept].astype(np.uint64) << np.uint64(position_bits))
                    | (where.astype(np.uint64) << np.uint64(1))
                    | strand.astype(np.uint64)
                )
                filled += len(kept)
        kmers = kmers[:filled]
        kmers.sort()
        return kmers

    def _hits(self, pattern, number, n_passes, position_bits):
        """Pairs of rows that share a k-mer, with strand and shift, each once.

        Returns
        -------
        a, b : numpy.ndarray, int64
            Rows, a < b.
        opposite : numpy.ndarray, bool
            Whether b is read as its reverse complement.
        shift : numpy.ndarray, int64
            Where position 0 of b, or of its reverse complement with the padding
            first, falls on a.
        """
        n, width = self.index.shape
        kmers = self._kmers(pattern, number, n_passes, position_bits)
        kmer = np.empty(len(kmers), dtype=np.uint32)
        np.right_shift(kmers, np.uint64(position_bits), out=kmer, casting="unsafe")
        shared = np.zeros(len(kmer) + 1, dtype=bool)
        shared[1:-1] = kmer[1:] == kmer[:-1]
        shared = shared[1:] | shared[:-1]
        kmer, kmers = kmer[shared], kmers[shared]
        position = (
            (kmers & np.uint64((1 << position_bits) - 1)) >> np.uint64(1)
        ).astype(np.int64)
        strand = (kmers & np.uint64(1)).astype(bool)
        keys, n_hits = [], 0
        left = np.arange(len(kmer))
        # K-mers at a distance in the sorted list: all pairs of equal k-mers, unless
        # they are so many (repeats) that only the nearest in the file are used.
        for distance in range(1, len(kmer)):
            left = left[left + distance < len(kmer)]
            left = left[kmer[left] == kmer[left + distance]]
            n_hits += len(left)
            if len(left) == 0 or (n_hits > _MAX_HITS and distance > 8):
                break
            for start in range(0, len(left), _MAX_KEYS):
                part = left[start : start + _MAX_KEYS]
                keys.append(
                    self._keys(position, strand, part, part + distance, len(pattern))
                )
            # Neighbouring k-mers of two sequences are one hit: they are kept once.
            if sum(map(len, keys)) > _MAX_HITS:
                keys = [np.unique(np.concatenate(keys))]
        key = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *keys]))
        key, shift = np.divmod(key, 2 * width)
        key, opposite = np.divmod(key, 2)
        a, b = np.divmod(key, n)
        return a, b, opposite.astype(bool), shift - width

    def _keys(self, position, strand, left, right, span):
        """Rows, strand and shift of pairs of equal k-mers, as one number each."""
        n, width = self.index.shape
        a, p = np.divmod(position[left], width)
        b, q = np.divmod(position[right], width)
        # Within a k-mer the positions rise with the rows, so a <= b.
        opposite = strand[left] != strand[right]
        shift = p - np.where(opposite, width - q - span, q)
        key = ((a * n + b) * 2 + opposite) * (2 * width) + shift + width
        return key[(a != b) & (self._overlap(a, b, opposite, shift) >= 0)]

    def _overlap(self, a, b, opposite, shift):
        """Bases of the overlap beyond those the stretch needs."""
        width = self.index.shape[1]
        # On a: b begins at `shift`, its reverse complement after its padding.
        start = shift + np.where(opposite, width - self.length[b], 0)
        overlap = np.minimum(self.length[a], start + self.length[b]) - np.maximum(
            0, start
        )
        return overlap - self._needed(a, b)

    def _needed(self, a, b):
        """Bases of the shortest stretch that counts."""
        shorter = np.minimum(self.length[a], self.length[b])
        return np.maximum(-(-shorter * self.coverage // _UNIT), MIN_STRETCH)

    def _verified(self, a, b, opposite, shift):
        """Numbers a * n + b of the pairs that are near-identical."""
        n, width = self.index.shape
        rows = max(1, _BATCH // width)
        pairs = [np.empty(0, dtype=np.int64)]
        for start in range(0, len(a), rows):
            part = slice(start, start + rows)
            one, two = a[part], b[part]
            same = self._matches(one, two, opposite[part], shift[part])
            needed = self._needed(one, two)
            enough = same.sum(axis=1) * _UNIT >= needed * self.identity
            same, needed = same[enough], needed[enough]
            similar = self._has_stretch(same, needed)
            pairs.append((one[enough] * n + two[enough])[similar])
        return np.unique(np.concatenate(pairs))

    def _matches(self, a, b, opposite, shift):
        """Whether each base of a equals the base of b below it: (pairs, width)."""
        width = self.index.shape[1]
        # Each b between unknown bases, which equal nothing, for any shift.
        padded = np.full((len(b), 3, width), UNKNOWN, dtype=np.uint8)
        padded[:, 1] = self.index[b]
        windows = np.lib.stride_tricks.sliding_window_view(padded.ravel(), width)
        begin = width + np.where(opposite, shift, -shift)
        second = windows[np.arange(len(b)) * 3 * width + begin]
        second[opposite] = reverse_complement(second[opposite])
        first = self.index[a]
        return (first == second) & (first < UNKNOWN)

    def _has_stretch(self, same, needed):
        """Whether a stretch of at least `needed` bases has the wanted identity.

        A stretch from i to j has it if its sum of (1 - identity) for an equal and
        -identity for another base is not negative: the difference of two prefix
        sums, of which the first is the smallest that lies far enough back.
        """
        width = same.shape[1]
        total = np.zeros((len(same), width + 1), dtype=np.int64)
        np.cumsum(same * np.int64(_UNIT) - self.identity, axis=1, out=total[:, 1:])
        lowest = np.minimum.accumulate(total, axis=1)
        # A stretch that ends at j begins at j - needed or before.
        begin = np.arange(width + 1) - needed[:, None]
        before = np.take_along_axis(lowest, np.maximum(begin, 0), axis=1)
        return ((total >= before) & (begin >= 0)).any(axis=1)


def _spaced_kmers(index, pattern):
    """The bases at a pattern's positions, as numbers, from every position of each row.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, width), uint8
    pattern : numpy.ndarray, shape (span,), bool
        Symmetric, at most 16 positions, the width at least.

    Returns
    -------
    forward, backward : numpy.ndarray, shape (n, width - span + 1), uint32
        Two bits for each base, on this strand and on the other.
    known : numpy.ndarray, shape (n, width - span + 1), bool
        Whether no base is unknown; otherwise the k-mers are meaningless.
    """
    positions = index.shape[1] - len(pattern) + 1
    offsets = np.flatnonzero(pattern)
    unknown = index >= UNKNOWN
    known = np.ones((len(index), positions), dtype=bool)
    if unknown.any():
        for offset in offsets:
            known &= ~unknown[:, offset : offset + positions]
    bases = index.astype(np.uint32) & np.uint32(3)
    forward = np.zeros((len(index), positions), dtype=np.uint32)
    for offset in offsets:
        forward <<= np.uint32(2)
        forward |= bases[:, offset : offset + positions]
    # The pattern is symmetric: the other strand has the complements, 3 - base, in the
    # opposite order. Neighbouring bases change places, then pairs of them, then bytes.
    backward = ~forward
    for bits, mask in ((2, 0x33333333), (4, 0x0F0F0F0F)):
        swapped = (backward >> np.uint32(bits)) & np.uint32(mask)
        backward = ((backward & np.uint32(mask)) << np.uint32(bits)) | swapped
    backward = backward.byteswap() >> np.uint32(32 - 2 * len(offsets))
    return forward, backward, known
