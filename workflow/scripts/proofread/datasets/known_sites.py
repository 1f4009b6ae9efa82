"""Known sites of a user's sequences: a BED file, or matches of motifs.

They are in the truth table as planted instances are, with the role `known`. They are
never all sites there are: a position outside them is not known, which does not say that
it has no function.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from proofread.datasets.dataset import KNOWN, TRUTH_COLUMNS
from proofread.dna.encoding import BASES, decode, reverse_complement
from proofread.errors import InputError
from proofread.files.bed import read_bed
from proofread.motifs.files import read_motifs
from proofread.motifs.motif import probabilities
from proofread.motifs.occurrences import all_matches, without_overlaps
from proofread.progress import log

UNNAMED = "site"  # the name of sites that have none
# More names are those of single sites; a motif has several sites.
MAX_NAMES = 100
_COUNTS = ("sites", "in_sequences", "over_edges", "elsewhere")


@dataclass(frozen=True)
class Place:
    """Where a sequence is, in the coordinates of the sites.

    Attributes
    ----------
    contig : str
        Of the genome; the name of the sequence itself where it has no position.
    start, end : int
        0-based, half-open, forward.
    strand : str
        ``-`` if the sequence is the reverse complement; ``+`` or ``.`` if it is not.
    """

    contig: str
    start: int
    end: int
    strand: str = "+"


def own_places(sequences, length):
    """Places of sequences without a position in a genome, and their whole lengths.

    Positions count from the first base of the sequence in the user's file, also where
    only its centre is used (trim).

    Parameters
    ----------
    sequences : list of proofread.datasets.assembly.Sequence
    length : int or None
        Of the model's input; None: nothing is trimmed.

    Returns
    -------
    places : dict of str to Place
        By name of the sequence.
    sizes : dict of str to int
        bp, by name.
    """
    places, sizes = {}, {}
    for sequence in sequences:
        size = len(sequence.index)
        kept = size if length is None else min(size, length)
        begin = (size - kept) // 2
        places[sequence.name] = Place(sequence.name, begin, begin + kept)
        sizes[sequence.name] = size
    return places, sizes


def with_known_sites(dataset, settings, where, places, sizes):
    """The dataset with the known sites that its settings name.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    settings : dict
        Of the dataset; `truth` is read here: None, `sites` (a BED file), or
        `motifs_file` and `p_threshold`.
    where : str
        The settings' place in the configuration, for error messages.
    places : dict of str to Place
        By name of the sequence; a sequence without one, such as a shuffled negative,
        has no sites.
    sizes : dict of str to int
        bp of each contig of the places.

    Returns
    -------
    proofread.datasets.dataset.Dataset
        With `truth`, `motifs` and, under `known_sites` of its settings, counts: `sites`
        of the file, `in_sequences` within at least one sequence, `over_edges` of a
        sequence (left out) and `elsewhere`, in no sequence; of matches, the number
        alone.

    Raises
    ------
    InputError
        With file and line: if a site is beyond its contig, if no site is within a
        sequence, or if no motif matches.
    """
    chosen = settings["truth"]
    if chosen is None:
        return dataset
    where = f"{where}.truth"
    if "sites" in chosen:
        truth, counts = _sites_of(dataset, chosen["sites"], where, places, sizes)
        motifs = _counted_matrices(truth)
    else:
        truth, motifs = _matches_of(dataset, chosen, where)
        counts = {"sites": len(truth)}
    return replace(
        dataset,
        truth=truth,
        motifs=motifs,
        settings={**dataset.settings, "known_sites": counts},
    )


def _sites_of(dataset, path, where, places, sizes):
    """The truth table of a BED file, and how many of its sites are in it."""
    intervals = list(
        {
            (one.contig, one.start, one.end, one.strand, _name_of(one)): one
            for one in read_bed(path)
        }.values()
    )
    names = _names_of(intervals, path)
    found = _Places(dataset, places)
    rows, counts = [], Counter(dict.fromkeys(_COUNTS, 0), sites=len(intervals))
    for interval, name in zip(intervals, names, strict=True):
        _check_within(interval, sizes)
        inside, over = found.of(interval)
        rows += [(row, name, *span) for row, *span in inside]
        counts["in_sequences" if inside else "over_edges" if over else "elsewhere"] += 1
    log.info(
        "%s: %d known sites, %d of them within a sequence; left out: %d that hang over "
        "the edge of a sequence, %d in no sequence",
        path,
        *(counts[name] for name in _COUNTS),
    )
    if not rows:
        raise _nowhere(path, where, intervals, counts, places)
    table = pd.DataFrame(rows, columns=["sequence", "motif", "start", "end", "strand"])
    return _truth_table(dataset, table), dict(counts)


class _Places:
    """The sequences of a dataset by their place, to look up what covers a site."""

    def __init__(self, dataset, places):
        by_contig = {}
        for row, name in enumerate(dataset.name):
            if name in places:
                by_contig.setdefault(places[name].contig, []).append(
                    (places[name].start, places[name].end, row, places[name].strand)
                )
        self.by_contig = {name: sorted(rows) for name, rows in by_contig.items()}
        self.starts = {
            name: np.array([start for start, *_ in rows])
            for name, rows in self.by_contig.items()
        }
        self.longest = {
            name: max(end - start for start, end, *_ in rows)
            for name, rows in self.by_contig.items()
        }

    def of(self, site):
        """Row, start, end and strand in each sequence around a site.

        Returns
        -------
        inside : list of tuple
        over : bool
            Whether the site hangs over the edge of a sequence.
        """
        inside, over = [], False
        starts = self.starts.get(site.contig, np.empty(0))
        if len(starts) == 0:
            return inside, over
        first = np.searchsorted(starts, site.start - self.longest[site.contig], "right")
        last = np.searchsorted(starts, site.end, "left")
        for start, end, row, strand in self.by_contig[site.contig][first:last]:
            if end <= site.start:
                continue
            if site.start < start or site.end > end:
                over = True
            elif strand == "-":
                opposite = {"+": "-", "-": "+", ".": "."}[site.strand]
                inside.append((row, end - site.end, end - site.start, opposite))
            else:
                inside.append((row, site.start - start, site.end - start, site.strand))
        return inside, over


def _name_of(interval):
    name = interval.cells[3] if len(interval.cells) > 3 else ""
    return UNNAMED if name in ("", ".") else name


def _names_of(intervals, path):
    """The motif that each site is of: its name, or one for all."""
    names = [_name_of(interval) for interval in intervals]
    different = len(set(names))
    if different > MAX_NAMES:
        log.warning(
            "%s: %d different names in column 4 are those of single sites, not of "
            "motifs (at most %d): all sites are called '%s'; write the name of a motif "
            "there to tell motifs apart",
            path,
            different,
            MAX_NAMES,
            UNNAMED,
        )
        return [UNNAMED] * len(names)
    for interval, name in zip(intervals, names, strict=True):
        _check_name(name, interval.where)
    return names


def _check_name(name, where):
    if "/" in name:
        raise InputError(
            where,
            f"the name {name!r}",
            "a name without a slash, under which a matrix can be stored",
            "write another character in its place",
        )


def _check_within(interval, sizes):
    """Refuse a site that begins beyond its contig: it is of another genome."""
    size = sizes.get(interval.contig)
    if size is not None and interval.start >= size:
        raise InputError(
            interval.where,
            f"the site {interval.start}-{interval.end}, beyond {interval.contig}",
            f"positions below {size}, its length in bp",
            "correct the line; positions are 0-based, of the genome of the dataset's "
            "intervals or, without a genome, of the sequence in your file",
        )


def _nowhere(path, where, intervals, counts, places):
    known = sorted({place.contig for place in places.values()})[:3]
    return InputError(
        path,
        f"no site within a sequence: {counts['over_edges']} hang over an edge and "
        f"{counts['elsewhere']} are in none; the first is in {intervals[0].contig!r}",
        f"sites within the sequences, in {', '.join(map(repr, known))}, ...",
        f"name the contig of the genome or, without one, the sequence in column 1, as "
        f"sequences.tsv does; or remove {where}",
    )


def _matches_of(dataset, chosen, where):
    """The truth table of the matches of motifs in the positives, and the matrices.

    Without classes, of the matches in all sequences.
    """
    path, p = chosen["motifs_file"], chosen["p_threshold"]
    motifs = read_motifs(path, distinct=None)
    for motif in motifs:
        _check_name(motif.name, f"{path}, motif {motif.name}")
    classes = dataset.labelled and not dataset.quantitative
    rows = np.arange(len(dataset))
    if classes:
        rows = np.flatnonzero((np.asarray(dataset.label) >= 0.5).any(axis=1))
    table = without_overlaps(all_matches(np.asarray(dataset.index)[rows], motifs, p))
    counts = Counter(table["motif"])
    log.info(
        "%s: %d matches at p < %g in %d %s: %s",
        path,
        len(table),
        p,
        len(rows),
        "positive sequences" if classes else "sequences",
        ", ".join(f"{motif.name} {counts[motif.name]}" for motif in motifs),
    )
    if not len(table):
        raise InputError(
            path,
            f"no match of {len(motifs)} motifs at p < {p:g} in {len(rows)} sequences",
            "at least one: a short motif has no match so rare",
            f"raise {where}.p_threshold, or check that this is the right file",
        )
    without = [motif.name for motif in motifs if not counts[motif.name]]
    if without:
        log.warning(
            "%s: no match at p < %g of %s: no site of %s is known",
            path,
            p,
            ", ".join(without),
            "it" if len(without) == 1 else "them",
        )
    table = table.assign(sequence=rows[table["sequence"]]).drop(columns="score")
    matrices = {
        motif.name: motif.matrix for motif in motifs if motif.name not in without
    }
    return _truth_table(dataset, table), matrices


def _truth_table(dataset, table):
    """A table of sites as the truth of a dataset."""
    table = table.drop_duplicates().sort_values(
        ["sequence", "start", "end"], kind="stable", ignore_index=True
    )
    bases = []
    for row in table.itertuples():
        index = np.asarray(dataset.index[row.sequence, row.start : row.end])
        bases.append(decode(reverse_complement(index) if row.strand == "-" else index))
    table = table.assign(role=KNOWN, instance=bases)
    return table[list(TRUTH_COLUMNS)].astype(TRUTH_COLUMNS)


def _counted_matrices(truth):
    """Frequencies of the bases in the sites of each name that can be aligned.

    They have one width and a strand, and at each position a known base.

    Returns
    -------
    dict of str to numpy.ndarray, shape (width, 4)
    """
    matrices = {}
    for name, sites in truth.groupby("motif", sort=False):
        widths = set(sites["end"] - sites["start"])
        if len(widths) > 1 or (sites["strand"] == ".").any():
            continue
        # (sites, width)
        bases = np.array([list(text) for text in sites["instance"]])
        counts = np.stack([(bases == base).sum(axis=0) for base in BASES], axis=1)
        if counts.any(axis=1).all():
            matrices[name] = probabilities(counts)
    return matrices
