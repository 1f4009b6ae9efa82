"""Sites and genes on a genome, from BED, GFF3 or GenBank, with their strand.

A site is one base: the start of a gene or transcript. On the minus strand that is the
last base of the interval, not the first.
"""

import io
from dataclasses import dataclass

import numpy as np

from proofread.configuration.foreign_formats import interval_format
from proofread.errors import InputError
from proofread.files.bed import has_summits, read_bed
from proofread.files.gzipped import check_line, read_bytes


@dataclass(frozen=True)
class Feature:
    """An interval of a genome.

    Attributes
    ----------
    where : str
        File and line, or record.
    contig, name : str
    start, end : int
        0-based, half-open: from the lowest to the highest base.
    strand : str
        ``+``, ``-`` or ``.`` if it is not known.
    parts : tuple of (int, int)
        Start and end of each part of a joined GenBank feature, in reading order; empty
        for one piece. A gene across the origin of a circular contig has one part at the
        end of the contig and the next at its beginning.
    summit : int or None
        The base of a peak's summit, 0-based, where narrowPeak has one.
    """

    where: str
    contig: str
    name: str
    start: int
    end: int
    strand: str
    parts: tuple = ()
    summit: int | None = None

    @property
    def pieces(self):
        """Start and end of each part, in reading order."""
        return self.parts or ((self.start, self.end),)

    def site(self, *, faithful=False):
        """Position of the summit, else of the first base on its own strand, 0-based.

        Of several parts the first counts. Without a strand it is the middle. With
        `faithful` it is the lower coordinate on either strand, as in Genomic-ULMFiT;
        that is the end of a gene on the minus strand.
        """
        if faithful:
            return self.start
        if self.summit is not None:
            return self.summit
        start, end = self.pieces[0]
        if self.strand == "+":
            return start
        return end - 1 if self.strand == "-" else (start + end - 1) // 2


def read_features(path, kind="gene"):
    """Read all intervals of a BED file, or those of one type of a GFF3 or GenBank file.

    Parameters
    ----------
    path : str or path
        Plain or gzip. The ending of the name gives the format, as of
        `proofread.configuration.foreign_formats.INTERVAL_ENDINGS`. The site of a peak
        in narrowPeak is its summit.
    kind : str
        Type of the features: gene, CDS, mRNA, ... Not used by BED.

    Returns
    -------
    list of Feature

    Raises
    ------
    InputError
        If the file cannot be read, or holds no such feature.
    """
    format_ = interval_format(path)
    if format_ == "BED":
        return _read_bed(path)
    read = _read_gff if format_ == "GFF3" else _read_genbank
    features = read(path, kind)
    if not features:
        raise InputError(
            path,
            f"no feature of type {kind!r}",
            "at least one",
            "write another 'feature', as in the third column of GFF3",
        )
    return features


def _read_bed(path):
    intervals = read_bed(path)
    at_summit = has_summits(path, intervals)
    return [
        Feature(
            interval.where,
            interval.contig,
            interval.cells[3] if len(interval.cells) > 3 else "",
            interval.start,
            interval.end,
            interval.strand,
            summit=interval.summit if at_summit else None,
        )
        for interval in intervals
    ]


def _read_gff(path, kind):
    features = []
    lines = read_bytes(path, "a GFF3 file").decode("utf-8", "replace").splitlines()
    for number, line in enumerate(lines, start=1):
        if line.startswith("##FASTA"):
            break
        check_line(line, path, number)
        if not line.strip() or line.startswith("#"):
            continue
        where = f"{path}, line {number}"
        cells = line.split("\t")
        if len(cells) != 9:
            raise InputError(
                where,
                f"{len(cells)} column(s): {line[:40]!r}",
                "GFF3: nine columns, separated by tabs",
                "correct the line; convert GTF and GFF2 to GFF3",
            )
        contig, _, feature, start, end, _, strand, _, attributes = cells
        if feature != kind:
            continue
        if not (start.isdigit() and end.isdigit() and 1 <= int(start) <= int(end)):
            raise InputError(
                where,
                f"the positions {start!r} and {end!r}",
                "whole numbers, 1 <= start <= end: GFF3 counts from 1",
                "correct the line",
            )
        strand = strand if strand in ("+", "-") else "."
        features.append(
            # 1-based and closed -> 0-based and half-open
            Feature(where, contig, _label(attributes), int(start) - 1, int(end), strand)
        )
    return features


def _label(attributes):
    values = dict(
        part.strip().split("=", 1) for part in attributes.split(";") if "=" in part
    )
    keys = (key for key in ("Name", "gene", "locus_tag", "ID") if key in values)
    return next((values[key] for key in keys), "")


def _read_genbank(path, kind):
    from Bio import SeqIO

    text = read_bytes(path, "a GenBank file").decode("utf-8", "replace")
    if not text.startswith("LOCUS "):
        raise InputError(
            path,
            repr(text[:20]),
            "a GenBank file, which begins with LOCUS",
            "check that this is the right file",
        )
    strands = {1: "+", -1: "-"}
    features = []
    try:
        records = list(SeqIO.parse(io.StringIO(text), "genbank"))
    except (ValueError, AssertionError) as error:
        raise InputError(
            path,
            f"not readable as GenBank ({error})",
            "a complete GenBank file",
            "download the file again",
        ) from error
    for record in records:
        for feature in record.features:
            if feature.type != kind:
                continue
            names = (
                feature.qualifiers[key][0]
                for key in ("gene", "locus_tag")
                if key in feature.qualifiers
            )
            location = feature.location
            # Biopython has the parts in the order in which they are read: those of
            # complement(join(a,b)) as b, a.
            parts = [(int(part.start), int(part.end)) for part in location.parts]
            features.append(
                Feature(
                    f"{path}, record {record.id}",
                    record.id,
                    next(names, ""),
                    int(location.start),
                    int(location.end),
                    strands.get(location.parts[0].strand, "."),
                    tuple(parts) if len(parts) > 1 else (),
                )
            )
    return features


@dataclass(frozen=True, eq=False)
class Sites:
    """The sites of one contig, by ascending position.

    Attributes
    ----------
    name : list of str
    position : numpy.ndarray, shape (n,), int64
        0-based.
    strand : numpy.ndarray, shape (n,), text
        ``+``, ``-``, or ``.`` for a site on either strand.
    """

    name: list
    position: np.ndarray
    strand: np.ndarray

    def __len__(self):
        return len(self.position)

    def subset(self, chosen):
        """The sites where a mask is true."""
        rows = np.flatnonzero(chosen)
        return Sites(
            [self.name[row] for row in rows], self.position[rows], self.strand[rows]
        )


def sites_of(features, lengths, *, faithful=False):
    """Sites by contig.

    Parameters
    ----------
    features : list of Feature
    lengths : dict of str to int
        bp of each contig; every contig gets an entry.
    faithful : bool
        The lower coordinate on either strand, and no strand.

    Raises
    ------
    InputError
        If a feature lies outside its contig.
    """
    rows = {contig: [] for contig in lengths}
    for feature in features:
        if feature.end > lengths[feature.contig]:
            raise InputError(
                feature.where,
                f"the end {feature.end} (0-based, half-open)",
                f"at most {lengths[feature.contig]}, the length of {feature.contig}",
                "give the genome of the intervals",
            )
        strand = "." if faithful else feature.strand
        site = (feature.site(faithful=faithful), strand, feature.name)
        rows[feature.contig].append(site)
    sites = {}
    for contig, of_contig in rows.items():
        of_contig.sort(key=lambda row: row[:2])
        sites[contig] = Sites(
            [name for _, _, name in of_contig],
            np.array([position for position, _, _ in of_contig], dtype=np.int64),
            np.array([strand for _, strand, _ in of_contig], dtype="U1"),
        )
    return sites
