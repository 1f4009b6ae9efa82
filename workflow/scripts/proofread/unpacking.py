"""How much a small file may unpack to: enough for data, too little for a bomb."""

from proofread.errors import InputError

# Bytes that any file may unpack to.
FREE = 1 << 28
# A larger one may unpack to so many times its own size. Bases are compressed 4 times,
# one-hot ones at most 128 times (8 bytes for each of four numbers, 2 bits in a base);
# gzip reaches 1,032 times with a file of zeros.
RATIO = 200


def check_unpacked(path, unpacked, packed):
    """Refuse a file that unpacks to far more than data of its size can.

    Parameters
    ----------
    path : str or path
    unpacked : int
        Bytes, as stated or as counted so far.
    packed : int
        Bytes of the file.

    Raises
    ------
    InputError
    """
    limit = max(FREE, RATIO * packed)
    if unpacked > limit:
        raise InputError(
            path,
            f"a file of {packed:,} bytes that unpacks to more than {limit:,}",
            f"at most {FREE:,} bytes, or {RATIO} times the size of the file",
            "check that this is the right file; if it is, give it uncompressed",
        )
