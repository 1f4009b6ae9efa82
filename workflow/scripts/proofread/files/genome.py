"""A genome, read window by window through an index."""

import contextlib
import gzip
import shutil
import tempfile
import zlib
from pathlib import Path

from proofread.configuration.foreign_formats import refuse_foreign
from proofread.configuration.suggestions import advice
from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.files.gzipped import GZIP, unreadable
from proofread.progress import log

_WHAT = "a genome in FASTA"
_SHOWN = 5


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
        # 'chr1' in one source is '1' in another: too different for a suggestion.
        other = contig.removeprefix("chr") if contig[:3] == "chr" else f"chr{contig}"
        raise InputError(
            where,
            f"the contig {contig!r}, which {self.path} does not have",
            "one of " + ", ".join(names[:_SHOWN]) + more,
            f"write {other!r}, as the genome does"
            if other in self.lengths
            else advice(contig, names, "give the genome that the intervals are of"),
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

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, "genome.fa")
        try:
            _provide(Path(path), plain)
        except (OSError, EOFError, zlib.error) as error:
            raise unreadable(path, error, _WHAT) from error
        with plain.open("rb") as file:
            refuse_foreign(path, file.read(16), _WHAT)
        try:
            faidx = pyfaidx.Faidx(
                plain, indexname=f"{folder}/genome.fai", as_raw=True, strict_bounds=True
            )
        except Exception as error:  # pyfaidx raises many kinds, also AssertionError
            reason = str(error).replace(str(plain), str(path))
            raise InputError(
                path,
                f"a genome that cannot be indexed ({reason})",
                "FASTA with unique names, and lines of one length within each record "
                "(except the last line)",
                "rewrite it, for example: seqkit seq -w 60 my.fa > wrapped.fa",
            ) from error
        with contextlib.closing(faidx):
            yield Genome(path, faidx)


def _provide(path, plain):
    with path.open("rb") as file:
        compressed = file.read(2) == GZIP
    if not compressed:
        plain.symlink_to(path.resolve())
        return
    log.info("%s: decompressed into a temporary folder", path)
    with gzip.open(path, "rb") as source, plain.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
