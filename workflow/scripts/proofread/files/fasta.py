"""FASTA files of users: gzip or plain, wrapped, CRLF, soft-masked."""

from dataclasses import dataclass

import numpy as np

from proofread.configuration.foreign_formats import refuse_foreign
from proofread.dna.encoding import AMBIGUOUS, BASES, encode
from proofread.errors import InputError
from proofread.files.gzipped import read_bytes

_LINE = 60  # bases per line of a file we write
# Bytes of a header. The longest of public DNA sequences have some hundreds.
_HEADER = 10_000


@dataclass(frozen=True, eq=False)
class Record:
    """One FASTA record.

    Attributes
    ----------
    path : str
        Its file.
    line : int
        Line of its header, counted from 1.
    header : str
        The header without ``>``.
    index : numpy.ndarray, shape (length,), uint8
        0-3 for A, C, G, T in either case (U is T); 4 for N and IUPAC's others.
    soft_masked : bool
        Whether some bases were lower-case.
    """

    path: str
    line: int
    header: str
    index: np.ndarray
    soft_masked: bool

    @property
    def where(self):
        """File, line and record, as a message names them."""
        return f"{self.path}, line {self.line}, record '{self.header}'"


def read_fasta(path):
    """Read all records of a FASTA file, gzip or plain.

    Parameters
    ----------
    path : str or path
        Sequences may be wrapped over lines of any length, with blank lines between.

    Returns
    -------
    list of Record

    Raises
    ------
    InputError
        If the file cannot be read, has another format, holds no record or text before
        the first one, or if a record has no sequence, a letter that is not a base, or a
        header of over 10,000 bytes.
    """
    raw = read_bytes(path, "a FASTA file")
    refuse_foreign(path, raw, "FASTA")
    lines = raw.splitlines()
    starts = [number for number, line in enumerate(lines) if line[:1] == b">"]
    first = starts[0] if starts else len(lines)
    for number, line in enumerate(lines[:first]):
        if line.strip():
            raise InputError(
                f"{path}, line {number + 1}",
                repr(line[:40].decode("utf-8", "replace")),
                "FASTA: a header line that begins with '>' before any sequence",
                "check that this is the right file",
            )
    if not starts:
        raise InputError(
            path,
            "no record",
            "at least one: a line that begins with '>', then its bases",
            "name the file that has the sequences",
        )
    for number in starts:
        if len(lines[number]) > _HEADER:
            raise InputError(
                f"{path}, line {number + 1}",
                f"a header of {len(lines[number]):,} bytes",
                f"at most {_HEADER:,}",
                "shorten the header; check that the sequence is on a line of its own",
            )
    ends = [*starts[1:], len(lines)]
    return [
        _record(str(path), lines, start, end)
        for start, end in zip(starts, ends, strict=True)
    ]


def fasta_record(header, text):
    """One record as the text of a FASTA file, 60 bases on a line.

    Parameters
    ----------
    header : str
        Without ``>``; readers take its first word as the name.
    text : str
        The bases.
    """
    lines = [text[first : first + _LINE] for first in range(0, len(text), _LINE)]
    return "\n".join([f">{header}", *lines, ""])


def _record(path, lines, start, end):
    header = lines[start][1:].decode("utf-8", "replace").strip()
    text = b"".join(line.strip() for line in lines[start + 1 : end])
    try:
        index = encode(text)
    except ValueError:
        raise _unknown_letter(path, lines, start, end, header) from None
    record = Record(path, start + 1, header, index, not text.isupper())
    if len(text) == 0:
        raise InputError(
            record.where,
            "no sequence",
            "at least one base below the header",
            "complete or remove the record",
        )
    return record


def _unknown_letter(path, lines, start, end, header):
    """The error for the first line of a record with an unknown letter."""
    for number in range(start + 1, end):
        try:
            encode(lines[number].strip())
        except ValueError as error:
            return InputError(
                f"{path}, line {number + 1}, record '{header}'",
                str(error).split(" is not ")[0] + " of the line",
                f"{', '.join(BASES)} or U in either case, or an IUPAC code "
                f"({AMBIGUOUS})",
                "correct the letter, or write N for an unknown base",
            )
    raise ValueError(f"{path}, line {start + 1}: every letter is known")
