"""A genome, read window by window through an index."""

import contextlib
import re

from proofread.configuration.foreign_formats import (
    refuse_byte_order_mark,
    refuse_foreign,
)
from proofread.configuration.names import check_visible
from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.files.gzipped import decompressed

_WHAT = "a genome in FASTA"
_SHOWN = 5
# Accession and version, such as NC_000001.11; a new assembly raises the version.
_ACCESSION = re.compile(r"([A-Z]{1,4}_?[0-9]+)\.[0-9]+")


class Genome:
    """The contigs of a FASTA file.

    Attributes
    ----------
    path : str
        As the user named it.
    lengths : dict of str to int
        bp of each contig, in the order of the file.
    """

    def __init__(self, path, faidx):
        self.path = str(path)
        self.lengths = {name: entry.rlen for name, entry in faidx.index.items()}
        self._faidx = faidx

    def check_contig(self, contig, where):
        """Refuse a contig that the genome does not have."""
        if contig in self.lengths:
            return
        names = list(self.lengths)
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise InputError(
            where,
            f"the contig {contig!r}, which {self.path} does not have",
            "one of " + ", ".join(names[:_SHOWN]) + more,
            _advice(contig, names),
        )

    def fetch(self, contig, start, end):
        """Bases of an interval, 0-based and half-open, on the forward strand.

        Parameters
        ----------
        contig : str
        start, end : int
            Within the contig.

        Returns
        -------
        numpy.ndarray, shape (end - start,), uint8
        """
        text = str(self._faidx.fetch(contig, start + 1, end))
        try:
            return encode(text)
        except ValueError as error:
            raise InputError(
                f"{self.path}, contig {contig}, {start}-{end} (0-based)",
                str(error).split(" is not ")[0] + " of the interval",
                "bases and IUPAC codes",
                "correct the genome file",
            ) from error


def window_name(contig, start, end, strand):
    """An interval as text, such as chr1:10-20(+); a strand of . is left out."""
    return f"{contig}:{start}-{end}" + ("" if strand == "." else f"({strand})")


def parsed_window(name):
    """Contig, start, end and strand of a name that `window_name` gave."""
    contig, _, rest = name.rpartition(":")
    span, _, strand = rest.removesuffix(")").partition("(")
    start, end = map(int, span.split("-"))
    return contig, start, end, strand or "."


@contextlib.contextmanager
def open_genome(path):
    """Open a genome for random access.

    The index is made anew in a temporary folder: nothing is written next to the user's
    file, and an outdated index is never used. A compressed genome, gzip or bgzip, is
    decompressed into the same folder while it is open.

    Parameters
    ----------
    path : str or path

    Yields
    ------
    Genome

    Raises
    ------
    InputError
        If the file is missing, has another format or cannot be indexed.
    """
    import pyfaidx

    with decompressed(path, _WHAT) as plain:
        with plain.open("rb") as file:
            beginning = file.read(16)
        refuse_foreign(path, beginning, _WHAT)
        refuse_byte_order_mark(path, beginning, _WHAT)
        try:
            faidx = pyfaidx.Faidx(
                plain, indexname=f"{plain}.fai", as_raw=True, strict_bounds=True
            )
        except Exception as error:  # pyfaidx raises many kinds, also AssertionError
            _check_records(plain, path)
            reason = str(error).replace(str(plain), str(path))
            raise InputError(
                path,
                f"a genome that cannot be indexed ({reason})",
                "FASTA with unique names, and lines of one length within each record "
                "(except the last line)",
                "rewrite it, for example: seqkit seq -w 60 my.fa > wrapped.fa",
            ) from error
        with contextlib.closing(faidx):
            for name in faidx.index:
                check_visible(name, "name of a contig", path, "rename the contig")
            genome = Genome(path, faidx)
            if not all(genome.lengths.values()):
                _check_records(plain, path)
            yield genome


def _advice(contig, names):
    """What to do about a contig that a genome does not have.

    The nearest name by spelling would be another chromosome: chr1 is as near to chr11
    as to Chr1. So only other spellings of the same chromosome are suggested, and never
    that of another assembly (NC_000001.10 and NC_000001.11).
    """
    same = [name for name in names if _plain(name) == _plain(contig)]
    if len(same) == 1:
        return f"write {same[0]!r}, as the genome does"
    accession = _ACCESSION.fullmatch(contig)
    versions = [
        name
        for name in names
        if accession and name.startswith(f"{accession[1]}.") and name != contig
    ]
    remedy = "give the genome that the intervals are of"
    if versions:
        remedy += f": {versions[0]} is the same sequence of another assembly"
    return remedy


def _plain(contig):
    """A contig's name without the differences between sources: chrM, MT, chr1, 1."""
    name = contig.lower().removeprefix("chr")
    return "m" if name == "mt" else name


def _check_records(plain, path):
    """Refuse a genome without records, or with one that is empty or has a name again.

    Parameters
    ----------
    plain : pathlib.Path
        The decompressed file.
    path : str or path
        As the user named it.
    """
    lines = {}
    name, bases = None, True
    with plain.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.startswith(b">"):
                bases = bases or bool(line.strip())
                continue
            _check_bases(bases, name, lines, path)
            name = (line[1:].split() or [b""])[0].decode("utf-8", "replace")
            if name in lines:
                raise InputError(
                    f"{path}, line {number}",
                    f"the name {name!r} again; first in line {lines[name]}",
                    "a unique name for each contig",
                    "rename or remove one of the two records",
                )
            lines[name], bases = number, False
    _check_bases(bases, name, lines, path)
    if not lines:
        raise InputError(
            path,
            "no line that begins with '>'",
            "FASTA: at least one record",
            "check that this is the right file",
        )


def _check_bases(bases, name, lines, path):
    if not bases:
        raise InputError(
            f"{path}, line {lines[name]}",
            f"the record {name!r} has no sequence",
            "at least one base below each header",
            "complete or remove the record",
        )
