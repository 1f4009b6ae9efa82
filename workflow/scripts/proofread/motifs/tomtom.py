"""Compare motifs with Tomtom's statistics, number for number, with NumPy alone.

The method is that of Gupta et al. 2007 (doi:10.1186/gb-2007-8-2-r24): a query is laid
over a target at every offset, the similarities of the overlapping columns are summed,
and the sum is compared with its distribution when the target's columns are drawn at
random from all columns of all targets. The choices that fix the printed digits (integer
bins, the lower median, single precision, the random numbers of the q-values) are those
of the MEME Suite's Tomtom 5, so p, E and q agree with it in all six digits.

Terms: a *column* is one position of a motif, four probabilities. An *entry* is one
target on one strand. A *range* is a contiguous block of query columns. An *alignment*
is one offset of a query on an entry; offset 0 lays both first columns on each other.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from proofread.motifs.column_similarity import DISTANCES, SIMILARITIES
from proofread.motifs.columns import (
    DEFAULT_SITES,
    Backgrounds,
    single_precision_consensus,
    smooth,
)
from proofread.motifs.motif import Motif, reverse_complement_matrix
from proofread.motifs.q_values import RandomNumbers, null_fraction, q_values
from proofread.motifs.score_distribution import BINS, RangeDistributions, discretise

COLUMNS = (
    "Query_ID",
    "Target_ID",
    "Optimal_offset",
    "p-value",
    "E-value",
    "q-value",
    "Overlap",
    "Query_consensus",
    "Target_consensus",
    "Orientation",
)

_CERTAIN = 1 - 1e-9  # a p-value this near 1 is 1


@dataclass(frozen=True)
class Settings:
    """How motifs are compared.

    Attributes
    ----------
    distance : str
        One of `DISTANCES`.
    complete : bool
        True: a query column that overhangs the target scores the median of its
        similarities. False: it is ignored (``-incomplete-scores``).
    pseudocount : float
        Sites added to each column, spread as the background.
    strands : str
        ``"both"``: compare with the targets' reverse complements too; or
        ``"forward"``.
    min_overlap : int
        Columns that must overlap, or all of the shorter motif's.
    internal : bool
        Only alignments in which one motif lies within the other; `min_overlap` is
        then not used.
    q_threshold, e_threshold : float or None
        Hits have at most this q, or this E; one of the two is None.
    q_values : str
        ``"bootstrap"``: the fraction of true nulls from Tomtom's own random numbers,
        which run on from query to query. ``"expectation"``: the same without random
        numbers, so that a query's q does not depend on those before it.

    Raises
    ------
    ValueError
        If a setting is none of these, or both thresholds or none of them are given.
    """

    distance: str = "pearson"
    complete: bool = True
    pseudocount: float = 0.1
    strands: str = "both"
    min_overlap: int = 1
    internal: bool = False
    q_threshold: float | None = 0.5
    e_threshold: float | None = None
    q_values: str = "bootstrap"

    def __post_init__(self):
        _check("distance", self.distance, DISTANCES)
        _check("strands", self.strands, ("forward", "both"))
        _check("q_values", self.q_values, ("bootstrap", "expectation"))
        if self.pseudocount < 0:
            raise ValueError(f"pseudocount: expected >= 0, got {self.pseudocount}")
        if self.min_overlap < 1:
            raise ValueError(f"min_overlap: expected >= 1, got {self.min_overlap}")
        if (self.q_threshold is None) == (self.e_threshold is None):
            raise ValueError(
                "q_threshold, e_threshold: expected one number and one None, got "
                f"{self.q_threshold} and {self.e_threshold}"
            )
        if self.q_threshold is not None and not 0 <= self.q_threshold <= 1:
            raise ValueError(f"q_threshold: expected 0-1, got {self.q_threshold}")
        if self.e_threshold is not None and self.e_threshold < 0:
            raise ValueError(f"e_threshold: expected >= 0, got {self.e_threshold}")

    @property
    def threshold(self):
        """Which statistic has a threshold, ``"q"`` or ``"E"``, and the threshold."""
        if self.q_threshold is None:
            return "E", self.e_threshold
        return "q", self.q_threshold


@dataclass(frozen=True, eq=False)
class Comparison:
    """The hits of one query, best first; all arrays have one element per hit.

    Attributes
    ----------
    query : Motif
    targets : Targets
    consensus : str
        Of the query, after the pseudocount.
    target : numpy.ndarray, int
        Index of ``targets.motifs``.
    reverse : numpy.ndarray, bool
        Whether the target is reverse-complemented.
    offset : numpy.ndarray, int
        Target column (on the strand reported) under query column 0; negative where
        the query overhangs on the left.
    overlap : numpy.ndarray, int
        Columns.
    p, e, q : numpy.ndarray, float64
        p-value of the best alignment, expected number of targets as good, and false
        discovery rate among all targets on both strands.
    """

    query: Motif
    targets: "Targets"
    consensus: str
    target: np.ndarray
    reverse: np.ndarray
    offset: np.ndarray
    overlap: np.ndarray
    p: np.ndarray
    e: np.ndarray
    q: np.ndarray

    def __len__(self):
        """Return the number of hits."""
        return len(self.target)

    def rows(self):
        """Yield each hit as text, in the order of `COLUMNS`."""
        consensus = self.targets.consensus
        # Tomtom prints single precision.
        numbers = np.float32([self.p, self.e, self.q]).T.tolist()
        for i, (target, reverse, (p, e, q)) in enumerate(
            zip(self.target.tolist(), self.reverse.tolist(), numbers, strict=True)
        ):
            yield (
                self.query.name,
                self.targets.motifs[target].name,
                str(self.offset[i]),
                f"{p:g}",
                f"{e:g}",
                f"{q:g}",
                str(self.overlap[i]),
                self.consensus,
                consensus[2 * target + reverse],
                "-" if reverse else "+",
            )


def compare_motifs(
    queries, targets, settings=None, *, background=None, query_background=None
):
    """Compare each query with every target.

    Parameters
    ----------
    queries, targets : list of Motif
        Names are unique within a source. Targets of several sources form one pool.
    settings : Settings, optional
    background : numpy.ndarray, shape (4,), optional
        Base frequencies, explicitly given.
    query_background : numpy.ndarray, shape (4,), optional
        Base frequencies of the file of the queries; used, averaged over the strands,
        if `background` is not given. Uniform if neither is.

    Returns
    -------
    list of Comparison
        One per query, in their order.
    """
    settings = settings or Settings()
    if not targets:
        raise ValueError("targets: expected at least one motif")
    backgrounds = Backgrounds.choose(background, query_background)
    pool = Targets(targets, settings, backgrounds)
    numbers = RandomNumbers()
    return [_compare(query, pool, settings, backgrounds, numbers) for query in queries]


def write_comparisons(path, comparisons, comments=()):
    """Write hits as Tomtom 5 does: a header, rows, an empty line, ``#`` lines."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for comparison in comparisons:
            file.writelines("\t".join(row) + "\n" for row in comparison.rows())
        file.write("\n")
        file.writelines(f"# {comment}\n" for comment in comments)


def _check(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name}: expected one of {', '.join(allowed)}, got {value!r}")


class Targets:
    """All targets on all strands, made ready once for any number of queries.

    Entries are in the order target 0 forward, target 0 reverse, target 1 forward, ...

    Attributes
    ----------
    motifs : list of Motif
    consensus : list of str
        Two per target, forward and reverse, after the pseudocount.
    strands : int
        1 or 2.
    target, reverse, width : numpy.ndarray, shape (entries,)
        Of each entry.
    rank : numpy.ndarray, shape (entries,)
        Rank of the entry among those of the same p and overlap.
    similarity : callable
        (columns, sites) of a query to similarities (width, N).
    """

    def __init__(self, motifs, settings, backgrounds):
        self.motifs = list(motifs)
        self.strands = 2 if settings.strands == "both" else 1
        forward = [
            smooth(motif, backgrounds.targets, settings.pseudocount) for motif in motifs
        ]
        stranded = [
            columns
            for matrix in forward
            for columns in (matrix, reverse_complement_matrix(matrix))
        ]
        self.consensus = _split(
            single_precision_consensus(np.concatenate(stranded)), stranded
        )
        entries = stranded if self.strands == 2 else forward
        self.width = np.array([len(columns) for columns in entries])
        self.target = np.arange(len(entries)) // self.strands
        self.reverse = np.arange(len(entries)) % self.strands == 1
        self.rank = self._ranks()
        sites = np.array([motif.sites or DEFAULT_SITES for motif in motifs])
        columns = np.concatenate(entries)
        _refuse_zeros(columns, settings)
        self.similarity = SIMILARITIES[settings.distance](
            columns, np.repeat(sites[self.target], self.width), backgrounds.formulas
        )
        self._settings = settings
        self.layout = lru_cache(maxsize=8)(self._layout)

    def __len__(self):
        """Return the number of entries."""
        return len(self.width)

    def _ranks(self):
        """Order by file, then strand, then identifier in byte order."""
        files = {}
        keys = []
        for target, reverse in zip(self.target, self.reverse, strict=True):
            motif = self.motifs[target]
            file = files.setdefault(motif.source, len(files))
            keys.append((file, bool(reverse), motif.name.encode()))
        ranks = np.empty(len(keys), dtype=np.int64)
        ranks[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
        return ranks

    def _layout(self, width):
        return _Layout(width, self.width, self._settings)


def _split(text, pieces):
    ends = np.cumsum([len(piece) for piece in pieces]).tolist()
    return [text[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def _refuse_zeros(columns, settings):
    if settings.distance in ("allr", "kullback") and (columns == 0).any():
        raise ValueError(
            f"pseudocount: {settings.distance} takes logarithms and some probability "
            f"is 0; expected a pseudocount > 0, got {settings.pseudocount}"
        )


class _Layout:
    """Where every alignment of a query of one width with every entry is kept.

    Entries lie one after the other on one axis with ``width - 1`` empty elements
    before each, so that element s + i under query column i, for every s, runs through
    all offsets of all entries and a query never touches two of them.

    Attributes
    ----------
    columns : numpy.ndarray, shape (N,)
        Index of each target column on that axis.
    starts : numpy.ndarray, shape (entries,)
        First alignment of each entry, the one of offset ``1 - width``.
    offset, overlap, first : numpy.ndarray, shape (alignments,)
        Offset, number of overlapping columns and the first query column of them.
    allowed : numpy.ndarray, shape (alignments,), bool
    per_entry : numpy.ndarray, shape (entries,)
        Number of allowed alignments.
    preference : numpy.ndarray, shape (alignments,)
        Larger for larger overlaps, then for smaller offsets; non-negative.
    levels : int
        Preferences lie below this.
    """

    def __init__(self, width, entry_widths, settings):
        n_alignments = entry_widths + width - 1
        self.width = width
        self.starts = np.cumsum(n_alignments) - n_alignments
        self.columns = np.arange(entry_widths.sum()) + np.repeat(
            (width - 1) * np.arange(1, len(entry_widths) + 1), entry_widths
        )
        total = n_alignments.sum()
        number = np.arange(total) - np.repeat(self.starts, n_alignments)
        target_width = np.repeat(entry_widths, n_alignments)
        self.offset = number - (width - 1)
        self.first = np.maximum(0, -self.offset)
        self.overlap = np.minimum(width, target_width - self.offset) - self.first
        shorter = np.minimum(width, target_width)
        if settings.internal:
            self.allowed = self.overlap == shorter
        else:
            self.allowed = self.overlap >= np.minimum(settings.min_overlap, shorter)
        self.per_entry = np.add.reduceat(self.allowed, self.starts, dtype=np.int64)
        self._most = int(n_alignments.max())
        self.preference = self.overlap * self._most + (self._most - 1 - number)
        self.levels = (width + 1) * self._most

    def best(self, values, dtype):
        """Index of each entry's best alignment: largest value, then preference.

        `values` are integers (alignments,); `dtype` holds them times `levels`.
        """
        keys = values.astype(dtype)
        keys *= self.levels
        keys += self.preference.astype(dtype)
        keys[~self.allowed] = np.iinfo(dtype).min
        preference = np.maximum.reduceat(keys, self.starts) % self.levels
        return self.starts + (self._most - 1 - preference % self._most)


def _compare(query, pool, settings, backgrounds, numbers):
    columns = smooth(query, backgrounds.queries, settings.pseudocount)
    _refuse_zeros(columns, settings)
    layout = pool.layout(len(query))
    similarities = pool.similarity(columns, query.sites or DEFAULT_SITES)
    bins, unmatched = discretise(similarities, settings.complete)
    null = RangeDistributions(bins, max_length=int(pool.width.max()))
    score = _complete if settings.complete else _incomplete
    best, p, e = score(bins, unmatched, null, pool, layout)

    ordered = np.sort(p)
    sorted_p = ordered.astype(np.float64)
    q = q_values(sorted_p, null_fraction(sorted_p, settings.q_values, numbers))

    # Both rise with p, so the hits are those of the smallest p.
    statistic, limit = settings.threshold
    judged = q if statistic == "q" else np.sort(e)
    n_passing = np.count_nonzero(judged <= limit)
    hits = np.flatnonzero(p <= ordered[n_passing - 1]) if n_passing else np.arange(0)
    overlap = layout.overlap[best[hits]]
    order = np.lexsort((pool.rank[hits], -overlap, p[hits]))
    # A target is reported once, on its better strand.
    _, kept = np.unique(pool.target[hits[order]], return_index=True)
    kept.sort()
    shown = hits[order[kept]]
    return Comparison(
        query=query,
        targets=pool,
        consensus=single_precision_consensus(columns),
        target=pool.target[shown],
        reverse=pool.reverse[shown],
        offset=layout.offset[best[shown]],
        overlap=layout.overlap[best[shown]],
        p=sorted_p[kept],
        e=e[shown].astype(np.float64),
        q=q[kept],
    )


def _complete(bins, unmatched, null, pool, layout):
    """Best alignment, p and E of each entry, with complete scores."""
    # An unmatched query column adds 0, the median, to the sum.
    bins += unmatched
    sums = _sums(bins, layout)
    small = layout.width * BINS * layout.levels < np.iinfo(np.int32).max
    best = layout.best(sums, np.int32 if small else np.int64)
    scores, score_of_entry = different(sums[best])
    widths, width_of_entry = different(pool.width)
    p = null.p_of_best(scores, widths, unmatched, pool.strands)
    p = np.float32(p[width_of_entry, score_of_entry])
    e = p * np.float32(len(pool)) / np.float32(pool.strands)
    return best, p, e


def different(values):
    """The different values in order, and each value's index among them.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,), int
        Memory and time rise with their range.
    """
    least = int(values.min())
    above = np.subtract(values, least, dtype=np.intp)
    there = np.bincount(above) > 0
    return np.flatnonzero(there) + least, (np.cumsum(there) - 1)[above]


def _incomplete(bins, unmatched, null, pool, layout):
    """Best alignment, p and E of each entry, over the matched columns only."""
    sums = _sums(bins, layout)
    p = null.at_least(sums, layout.first, layout.overlap)
    p[p > _CERTAIN] = 1
    smallest = np.minimum.reduceat(np.where(layout.allowed, p, np.inf), layout.starts)
    n_alignments = np.diff(np.append(layout.starts, len(p)))
    best = layout.best(p == np.repeat(smallest, n_alignments), np.int64)
    p = best_of(smallest, pool.strands * layout.per_entry)
    return best, p, p * (len(pool) // pool.strands)


def best_of(p, trials):
    """p-value of the smallest of several p-values, as Tomtom corrects it.

    Parameters
    ----------
    p : numpy.ndarray
        The smallest.
    trials : numpy.ndarray, int
        How many there are.
    """
    return np.where(trials * p < 0.001, trials * p, 1 - (1 - p) ** trials)


def _sums(values, layout):
    """Sum over the query's columns in every alignment.

    Parameters
    ----------
    values : numpy.ndarray, shape (width, N), int
    layout : _Layout

    Returns
    -------
    numpy.ndarray, shape (alignments,), int
    """
    width = len(values)
    dtype = np.int16 if width * BINS <= np.iinfo(np.int16).max else np.int32
    n_alignments = len(layout.offset)
    sums = np.zeros(n_alignments, dtype=dtype)
    spread = np.zeros(n_alignments + width - 1, dtype=dtype)
    for shift, row in enumerate(values):
        # The empty elements between entries stay 0 from row to row.
        spread[layout.columns] = row
        # Shifted to the left, element s of every row belongs to alignment s.
        sums += spread[shift : shift + n_alignments]
    return sums
