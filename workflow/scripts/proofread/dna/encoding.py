"""DNA as text, as indices and as one-hot.

Indices are uint8: 0-3 for A, C, G, T and 4 for anything else, which is also the
padding of shorter sequences. A 4 is an all-zero column in one-hot.
"""

import numpy as np

BASES = "ACGT"
UNKNOWN = 4
# IUPAC's codes for more than one base: read as unknown.
AMBIGUOUS = "NRYSWKMBDHV"
_NOT_A_LETTER = 255
_TO_INDEX = bytearray([_NOT_A_LETTER] * 256)
for _index, _base in enumerate(BASES):
    _TO_INDEX[ord(_base)] = _TO_INDEX[ord(_base.lower())] = _index
_TO_INDEX[ord("U")] = _TO_INDEX[ord("u")] = BASES.index("T")
for _letter in AMBIGUOUS:
    _TO_INDEX[ord(_letter)] = _TO_INDEX[ord(_letter.lower())] = UNKNOWN
_TO_INDEX = bytes(_TO_INDEX)
_TO_LETTER = bytes(b"ACGTN" + b"?" * 251)
_COMPLEMENT = np.array([3, 2, 1, 0, 4], dtype=np.uint8)
# One-hot columns by index; an unknown base has none.
COLUMNS = np.vstack([np.eye(4), np.zeros(4)]).astype(np.float32)


def encode(text):
    """Indices of a sequence's letters.

    Upper and lower case (soft-masked) are the same; U is T; IUPAC's ambiguous
    letters are 4.

    Parameters
    ----------
    text : str or bytes
        Letters only, no white space.

    Returns
    -------
    numpy.ndarray, shape (len(text),), uint8

    Raises
    ------
    ValueError
        If a letter is not a base, U or an IUPAC code; its position is 0-based.
    """
    raw = text.encode("latin-1", "replace") if isinstance(text, str) else text
    index = np.frombuffer(raw.translate(_TO_INDEX), dtype=np.uint8)
    if _NOT_A_LETTER in index:
        position = int(np.argmax(index == _NOT_A_LETTER))
        raise ValueError(
            f"letter {chr(raw[position])!r} at position {position} (0-based) "
            f"is not one of {BASES}, U or {AMBIGUOUS}"
        )
    return index.copy()


def decode(index):
    """Text of one sequence of indices; 4 is written N."""
    return np.asarray(index, dtype=np.uint8).tobytes().translate(_TO_LETTER).decode()


def reverse_complement(index):
    """Reverse complement along the last axis: of indices, not of one-hot."""
    return _COMPLEMENT[index[..., ::-1]]


def one_hot(index):
    """One-hot columns of indices.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8

    Returns
    -------
    numpy.ndarray, shape (n, 4, length), float32
        In the order A, C, G, T; an unknown base is an all-zero column.
    """
    # (n, length) -> (n, length, 4) -> (n, 4, length), contiguous for convolutions
    return np.ascontiguousarray(COLUMNS[index].transpose(0, 2, 1))


def letters(batch):
    """Texts of one-hot sequences, the reverse of `one_hot`; unknown bases are N.

    Parameters
    ----------
    batch : array, shape (n, 4, length)

    Returns
    -------
    list of str, n
        With the padding, which is N too.
    """
    batch = np.asarray(batch)
    index = np.where(batch.max(axis=1) > 0, batch.argmax(axis=1), UNKNOWN)
    return [decode(sequence) for sequence in index]


def reverse_strand(index, length):
    """Reverse complements, padded at the end as the sequences are.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, width), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.

    Returns
    -------
    numpy.ndarray, shape (n, width), uint8
    """
    # Reversal brings the padding to the front; each row is moved back by its own.
    width = index.shape[1]
    column = np.arange(width) + (width - np.asarray(length))[:, None]
    return np.take_along_axis(reverse_complement(index), column % width, axis=1)


def both_strands(index, length):
    """The sequences, then their reverse complements, padded at the end alike.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, width), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.

    Returns
    -------
    numpy.ndarray, shape (2 n, width), uint8
    numpy.ndarray, shape (2 n,), int
    """
    both = np.concatenate([index, reverse_strand(index, length)])
    return both, np.concatenate([length, length])
