"""Sequence formats that cannot be read, and the command that converts each.

Imported by the Snakefile's own process: nothing but the standard library.
"""

from proofread.errors import InputError

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
}
# First bytes of a file.
_BEGINNINGS = {
    b"LOCUS ": "GenBank",
    b"ID   ": "EMBL",
    b"@": "FASTQ",
    b"\x43\x27\x41\x1a": "2bit",
    b"\x1a\x41\x27\x43": "2bit",
}
_SOURCES = {"genbank": "GenBank", "gb": "GenBank", "gbk": "GenBank", "embl": "EMBL"}


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


def conversion_for(source):
    """The remedy for `source: genbank` and the like; None for other names."""
    name = _SOURCES.get(str(source).lower())
    return f"{_REMEDIES[name]} to source: fasta" if name else None
