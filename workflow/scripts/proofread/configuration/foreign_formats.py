"""Formats of users' files: those that cannot be read, and the ending of each other.

Imported by the Snakefile's own process: nothing but the standard library.
"""

import gzip
import zlib

from proofread.errors import InputError

# First bytes of a file that gzip or bgzip compressed, and of text from some editors.
GZIP = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PEEKED = 4096  # bytes
_BIOPYTHON = (
    "convert it once with Biopython, which the environment of proofread contains: "
    'python -c "from Bio import SeqIO; '
    "SeqIO.convert('my.{suffix}', '{name}', 'my.fa', 'fasta')\", "
    "and give my.fa"
)
_REMEDIES = {
    "GenBank": _BIOPYTHON.format(suffix="gb", name="genbank"),
    "EMBL": _BIOPYTHON.format(suffix="embl", name="embl"),
    "FASTQ": _BIOPYTHON.format(suffix="fq", name="fastq"),
    "2bit": "convert it once: twoBitToFa my.2bit my.fa, and give my.fa",
    "UTF-16": "save it as UTF-8 in an editor, or convert it once: "
    "iconv -f UTF-16 -t UTF-8 my.fa > new.fa",
}
# First bytes of a file.
_BEGINNINGS = {
    b"LOCUS ": "GenBank",
    b"ID   ": "EMBL",
    b"@": "FASTQ",
    b"\x43\x27\x41\x1a": "2bit",
    b"\x1a\x41\x27\x43": "2bit",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
# Endings of the names of files of intervals, perhaps followed by .gz.
INTERVAL_ENDINGS = {
    "BED": (".bed", ".narrowpeak", ".broadpeak"),
    "GFF3": (".gff", ".gff3"),
    "GenBank": (".gb", ".gbk", ".gbff", ".genbank"),
}
# Of files of a signal along a genome; bigWig is compressed already.
SIGNAL_ENDINGS = {
    "bigWig": (".bw", ".bigwig"),
    "bedGraph": (".bedgraph", ".bdg", ".bg", ".bedgraph.gz", ".bdg.gz", ".bg.gz"),
}
_SOURCES = {"genbank": "GenBank", "gb": "GenBank", "gbk": "GenBank", "embl": "EMBL"}
_POINTER = b"version https://git-lfs.github.com/spec/"


def refuse_pointer(where, content):
    """Refuse the text that Git LFS puts in place of a file that was not downloaded.

    Parameters
    ----------
    where : str
        What a message calls the file.
    content : bytes
        Its first bytes, or all.

    Raises
    ------
    InputError
    """
    if content.startswith(_POINTER):
        raise InputError(
            where,
            "a pointer of Git LFS: the file itself was not downloaded",
            "the content of the file",
            "run `git lfs pull` in its repository, or download the file from its page",
        )


def refuse_foreign(path, beginning, expected):
    """Refuse a file of a format that cannot be read, by its first bytes.

    Parameters
    ----------
    path : str or path
    beginning : bytes
        At least the first six bytes of the file, decompressed.
    expected : str
        The expected format.

    Raises
    ------
    InputError
        With the command that converts the file.
    """
    for mark, name in _BEGINNINGS.items():
        if beginning.startswith(mark):
            raise InputError(path, f"a {name} file", expected, _REMEDIES[name])


def refuse_byte_order_mark(path, beginning, expected):
    """Refuse FASTA that an index cannot be made of: a mark stands before its first '>'.

    Parameters
    ----------
    path, beginning, expected
        As of `refuse_foreign`.

    Raises
    ------
    InputError
    """
    if beginning.startswith(BYTE_ORDER_MARK):
        raise InputError(
            path,
            "a byte-order mark before '>'",
            expected,
            "save the file as UTF-8 without BOM",
        )


def interval_format(path):
    """The format of a file of intervals, by the ending of its name.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    str
        A key of `INTERVAL_ENDINGS`.

    Raises
    ------
    InputError
        If the ending is none of them.
    """
    name = str(path).lower().removesuffix(".gz")
    for format_, endings in INTERVAL_ENDINGS.items():
        if name.endswith(endings):
            return format_
    known = [ending for endings in INTERVAL_ENDINGS.values() for ending in endings]
    raise InputError(
        path,
        "a name without the ending of a format of intervals",
        "one of " + ", ".join(known) + ", or these with .gz",
        "give the file the ending of its format",
    )


def signal_format(path):
    """The format of a file of a signal, by the ending of its name.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    str
        A key of `SIGNAL_ENDINGS`.

    Raises
    ------
    InputError
        If the ending is none of them.
    """
    for format_, endings in SIGNAL_ENDINGS.items():
        if str(path).lower().endswith(endings):
            return format_
    known = [ending for endings in SIGNAL_ENDINGS.values() for ending in endings]
    raise InputError(
        path,
        "a name without the ending of a format of a signal",
        "one of " + ", ".join(known),
        "give the file the ending of its format",
    )


def check_fasta(path):
    """Refuse a file that is not FASTA, by its first bytes.

    Parameters
    ----------
    path : str or path
        Plain or gzip.

    Raises
    ------
    InputError
        If it is empty, cannot be read or begins as another format does.
    """
    try:
        with open(path, "rb") as file:
            compressed = file.read(2) == GZIP
    except OSError as error:
        raise InputError(
            path,
            f"not readable ({error.strerror})",
            "FASTA, plain or gzip",
            "correct the permissions or the path",
        ) from error
    try:
        with (gzip.open if compressed else open)(path, "rb") as file:
            beginning = file.read(_PEEKED)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            path,
            f"not readable ({error})",
            "FASTA, plain or gzip",
            "check that the file is complete",
        ) from error
    refuse_foreign(path, beginning, "FASTA")
    refuse_byte_order_mark(path, beginning, "FASTA")
    text = beginning.lstrip()
    if not text.startswith((b">", b";")):  # some have comments first
        raise InputError(
            path,
            repr(text[:40].decode("utf-8", "replace")) if text else "an empty file",
            "FASTA: a header line that begins with '>' before any sequence",
            "check that this is the right file",
        )


def conversion_for(source):
    """The remedy for `source: genbank` and the like; None for other names."""
    name = _SOURCES.get(str(source).lower())
    return f"{_REMEDIES[name]} to source: fasta" if name else None
