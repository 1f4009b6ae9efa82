"""Compare motifs with Tomtom's statistics, number for number, with NumPy alone.

The method is that of Gupta et al. 2007 (doi:10.1186/gb-2007-8-2-r24): a query is laid
over a target at every offset, the similarities of the overlapping columns are summed,
and the sum is compared with its distribution when the target's columns are drawn at
random from all columns of all targets. The choices that fix the printed digits (integer
bins, the lower median, single precision, the random numbers of the q-values) are those
of the MEME Suite's Tomtom 5, so p, E and q agree with it in all six digits.

Words: a *column* is one position of a motif, four probabilities. An *entry* is one
target on one strand. A *range* is a contiguous block of query columns. An *alignment*
is one offset of a query on an entry; offset 0 lays both first columns on each other.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from proofread.motifs.column_similarity import DISTANCES, SIMILARITIES
from proofread.motifs.motif import UNIFORM, Motif, reverse_complement_matrix

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

_DEFAULT_SITES = 20  # assumed of a motif that does not tell
_BINS = 100  # the largest bin; there are _BINS + 1
_SAMPLE = 512  # values that say where to look for a median
_MARGIN = 10  # places in the sample: about 3 standard deviations
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
    both_strands : bool
        Compare with the targets' reverse complements too.
    minimum_overlap : int
        Columns that must overlap, or all of the shorter motif's.
    internal : bool
        Only alignments in which one motif lies within the other; `minimum_overlap`
        is then not looked at.
    threshold : float
        Hits have at most this q (or E).
    threshold_on : str
        ``"q"`` or ``"E"``.
    q_values : str
        ``"bootstrap"``: the share of true nulls from Tomtom's own random numbers,
        which run on from query to query. ``"expectation"``: the same without random
        numbers, so that a query's q does not depend on those before it.
    """

    distance: str = "pearson"
    complete: bool = True
    pseudocount: float = 0.1
    both_strands: bool = True
    minimum_overlap: int = 1
    internal: bool = False
    threshold: float = 0.5
    threshold_on: str = "q"
    q_values: str = "bootstrap"

    def __post_init__(self):
        _check("distance", self.distance, DISTANCES)
        _check("threshold_on", self.threshold_on, ("q", "E"))
        _check("q_values", self.q_values, ("bootstrap", "expectation"))
        if self.pseudocount < 0:
            raise ValueError(f"pseudocount: expected >= 0, got {self.pseudocount}")
        if self.minimum_overlap < 1:
            raise ValueError(
                f"minimum_overlap: expected >= 1, got {self.minimum_overlap}"
            )
        if self.threshold < 0 or (self.threshold_on == "q" and self.threshold > 1):
            raise ValueError(
                f"threshold: expected 0-1 on q, >= 0 on E, got {self.threshold}"
            )


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
        Place in ``targets.motifs``.
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
    draws = Draws()
    return [_compare(query, pool, settings, backgrounds, draws) for query in queries]


def write_comparisons(path, comparisons, comments=()):
    """Write hits as Tomtom 5 does: a header, rows, an empty line, ``#`` lines."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for comparison in comparisons:
            file.writelines("\t".join(row) + "\n" for row in comparison.rows())
        file.write("\n")
        file.writelines(f"# {comment}\n" for comment in comments)


def _check(name, value, known):
    if value not in known:
        raise ValueError(f"{name}: expected one of {', '.join(known)}, got {value!r}")


# Columns -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Backgrounds:
    """Base frequencies for the queries, the targets and the formulas; each (4,)."""

    queries: np.ndarray
    targets: np.ndarray
    formulas: np.ndarray

    @classmethod
    def choose(cls, given=None, of_queries=None):
        """Take what is given, else the query file's, else uniform."""
        if given is None and of_queries is not None:
            frequencies = np.asarray(of_queries, dtype=np.float64)
            once = regularise(frequencies / frequencies.sum())
            # Read, averaged over the strands and put to use: each time 5e-7 more. The
            # digits of Tomtom 5.0.3 need three times for the targets.
            twice = regularise((once + once[::-1]) / 2)
            return cls(twice, regularise(twice), twice)
        given = np.asarray(UNIFORM if given is None else given, dtype=np.float64)
        once = regularise(given)
        return cls(once, once, given)


def regularise(frequencies):
    """Add Tomtom's 5e-7 to each base, so that none is 0."""
    raised = frequencies + 5e-7
    return raised / (frequencies.sum() + len(frequencies) * 5e-7)


def smooth(motif, background, pseudocount):
    """Columns of a motif with the pseudocount.

    Parameters
    ----------
    motif : Motif
    background : numpy.ndarray, shape (4,)
    pseudocount : float

    Returns
    -------
    numpy.ndarray, shape (width, 4)
    """
    sums = motif.matrix.sum(axis=1, keepdims=True)
    columns = np.where(np.abs(1 - sums) > 1e-5, motif.matrix / sums, motif.matrix)
    if pseudocount == 0:
        return columns
    sites = int(motif.sites) if motif.sites else _DEFAULT_SITES
    # The order of operations is Tomtom's: near-uniform columns hang on it.
    return (columns * sites + pseudocount * background) / (sites + pseudocount)


def single_precision_consensus(columns):
    """Letters of the most probable bases, as Tomtom finds them.

    The maximum so far is kept in single precision while the next letter is compared
    in double, so a tie gives the later letter where single precision rounded down.

    Parameters
    ----------
    columns : numpy.ndarray, shape (n, 4)

    Returns
    -------
    str
    """
    best = np.zeros(len(columns), dtype=np.intp)
    highest = np.float32(columns[:, 0])
    for letter in (1, 2, 3):
        higher = columns[:, letter] > highest
        best[higher] = letter
        highest = np.where(higher, np.float32(columns[:, letter]), highest)
    return "".join("ACGT"[letter] for letter in best)


# Targets -----------------------------------------------------------------------------


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
        Place of the entry among those of the same p and overlap.
    similarity : callable
        (columns, sites) of a query to similarities (width, N).
    """

    def __init__(self, motifs, settings, backgrounds):
        self.motifs = list(motifs)
        self.strands = 2 if settings.both_strands else 1
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
        sites = np.array([motif.sites or _DEFAULT_SITES for motif in motifs])
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

    Entries lie one after the other on one axis with ``width - 1`` empty places before
    each, so that place s + i under query column i, for every s, runs through all
    offsets of all entries and a query never touches two of them.

    Attributes
    ----------
    columns : numpy.ndarray, shape (N,)
        Place of each target column.
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
            self.allowed = self.overlap >= np.minimum(settings.minimum_overlap, shorter)
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


# One query ---------------------------------------------------------------------------


def _compare(query, pool, settings, backgrounds, draws):
    columns = smooth(query, backgrounds.queries, settings.pseudocount)
    _refuse_zeros(columns, settings)
    layout = pool.layout(len(query))
    similarities = pool.similarity(columns, query.sites or _DEFAULT_SITES)
    bins, unmatched = discretise(similarities, settings.complete)
    null = _RangeDistributions(bins, max_length=int(pool.width.max()))
    score = _complete if settings.complete else _incomplete
    best, p, e = score(bins, unmatched, null, pool, layout)

    ordered = np.sort(p)
    sorted_p = ordered.astype(np.float64)
    q = q_values(sorted_p, null_share(sorted_p, settings.q_values, draws))

    # Both rise with p, so the hits are those of the smallest p.
    judged = q if settings.threshold_on == "q" else np.sort(e)
    n_passing = np.count_nonzero(judged <= settings.threshold)
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


def discretise(similarities, complete):
    """Similarities as integers from 0 to 100.

    Parameters
    ----------
    similarities : numpy.ndarray, shape (width, N)
        Overwritten.
    complete : bool
        Subtract each query column's lower median.

    Returns
    -------
    bins : numpy.ndarray, shape (width, N), int16
    unmatched : int
        Added to a bin it gives 0 for the similarity 0: the median, when complete.
    """
    medians = np.zeros(len(similarities))
    least, most = np.inf, -np.inf
    # Row by row, as a row stays in the processor's cache and all of them do not.
    for i, row in enumerate(similarities):
        if complete:
            medians[i] = lower_median(row)
        # Rounding keeps the order, so the extremes may be centred alone.
        least = min(least, row.min() - medians[i])
        most = max(most, row.max() - medians[i])
    if least == most:
        least = most - 1
    origin = int(np.floor(least))
    scale = int(_BINS / (most - origin))
    bins = np.empty(similarities.shape, dtype=np.int16)
    for row, median, out in zip(similarities, medians, bins, strict=True):
        if complete:
            row -= median
        row -= origin
        row *= scale
        row += 0.5
        out[:] = row
    return bins, origin * scale


def lower_median(values):
    """The lower median of an even number of values; the mean of two of an odd one.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)

    Returns
    -------
    float
        Of the sorted values, the mean of numbers ``n // 2 - 1`` and
        ``(n + 1) // 2 - 1``, counted from 0.
    """
    n = len(values)
    low, high = max(n // 2 - 1, 0), max((n + 1) // 2 - 1, 0)
    below = 0
    if n > 16 * _SAMPLE:
        # NumPy's partition is slow on some processors. An even sample, put right by
        # the number of values below its own median, says between which values the
        # median lies, so that only those are left to part. The step is odd, as the
        # two strands of a target take turns.
        sample = np.sort(values[:: n // _SAMPLE | 1])
        place = len(sample) // 2
        excess = np.count_nonzero(values < sample[place]) - low
        place -= excess * len(sample) // n
        least = sample[max(place - _MARGIN, 0)]
        most = sample[min(place + _MARGIN, len(sample) - 1)]
        less = values < least
        between = values.compress(less != (values <= most))
        below_least = np.count_nonzero(less)
        if below_least <= low and high < below_least + len(between):
            values, below = between, below_least
    parted = np.partition(values, sorted({low - below, high - below}))
    return (parted[low - below] + parted[high - below]) / 2


def _complete(bins, unmatched, null, pool, layout):
    """Best alignment, p and E of each entry, with complete scores."""
    # An unmatched query column adds 0, the median, to the sum.
    bins += unmatched
    sums = _sums(bins, layout)
    small = layout.width * _BINS * layout.levels < np.iinfo(np.int32).max
    best = layout.best(sums, np.int32 if small else np.int64)
    scores, score_of_entry = different(sums[best])
    widths, width_of_entry = different(pool.width)
    p = null.p_of_best(scores, widths, unmatched, pool.strands)
    p = np.float32(p[width_of_entry, score_of_entry])
    e = p * np.float32(len(pool)) / np.float32(pool.strands)
    return best, p, e


def different(values):
    """The different values in order, and each value's place among them.

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
    dtype = np.int16 if width * _BINS <= np.iinfo(np.int16).max else np.int32
    n_alignments = len(layout.offset)
    sums = np.zeros(n_alignments, dtype=dtype)
    spread = np.zeros(n_alignments + width - 1, dtype=dtype)
    for shift, row in enumerate(values):
        # The empty places between entries stay 0 from row to row.
        spread[layout.columns] = row
        # Shifted to the left, element s of every row belongs to alignment s.
        sums += spread[shift : shift + n_alignments]
    return sums


class _RangeDistributions:
    """Distribution of the sum of bins over every range of query columns.

    The bins of a query column are those of all N target columns, each equally likely,
    and columns are independent. Sums are direct, not by Fourier transform, so that
    tails far below 1e-45 keep their relative precision.

    Parameters
    ----------
    bins : numpy.ndarray, shape (width, N), int
    max_length : int
        Longer ranges are not needed: no target is wider.
    """

    def __init__(self, bins, max_length):
        self.low = int(bins.min())
        self.width = len(bins)
        size = int(bins.max()) - self.low + 1
        histograms = histograms_of(bins, self.low, size)
        # densities[k - 1][a, x]: P(sum over columns a .. a + k - 1 = x + k * low)
        self.densities = [histograms]
        products = _toeplitz(histograms)
        for length in range(2, min(self.width, max_length) + 1):
            # Blocks of `size` bins times the next column's matrix, then overlap-add.
            blocks = self.densities[-1].reshape(-1, length - 1, size)
            blocks = blocks[:-1] @ products[length - 1 :]
            density = np.zeros((len(blocks), length, size))
            density[:, :-1] = blocks[..., :size]
            density[:, 1:] += blocks[..., size:]
            self.densities.append(density.reshape(len(density), -1))

    def at_least(self, sums, first, length):
        """Look up the tail of one range per element; three equal-shaped arrays."""
        # Tails of all ranges, one after the other.
        tails = [_tails(density) for density in self.densities]
        ends = np.cumsum([tail.size for tail in tails])
        begins = np.array([0, *ends[:-1]])[length - 1]
        steps = np.array([tail.shape[1] for tail in tails])[length - 1]
        place = np.clip(sums - length * self.low, 0, steps - 1)
        flat = np.concatenate([tail.ravel() for tail in tails])
        return flat[begins + first * steps + place]

    def p_of_best(self, scores, widths, unmatched, strands):
        """p-value of the best of all alignments with a target.

        Alignments and strands are taken as independent: p is 1 minus the product
        over all of the chance to stay below the score.

        Parameters
        ----------
        scores : numpy.ndarray, shape (s,), int
            Rising.
        widths : numpy.ndarray, shape (t,), int
            Of targets.
        unmatched : int
            What the scores contain per overlapping column beside its bin.
        strands : int

        Returns
        -------
        numpy.ndarray, shape (t, s)
        """
        full = np.minimum(widths, self.width)
        # log of the chance that no range of this length reaches the score: for the
        # two ranges at the query's ends, and, if some target is as wide, for all.
        ends, windows = [np.zeros(len(scores))], np.zeros((self.width + 1, len(scores)))
        with np.errstate(divide="ignore"):  # log 0: a score that is always reached
            for length, density in enumerate(self.densities, start=1):
                inside = length in full
                place = scores - length * (unmatched + self.low)
                place = np.clip(place, 0, density.shape[1])
                tails = _tails(density if inside else density[[0, -1]], place[0])
                below = np.log1p(-tails.take(place - place[0], axis=1))
                ends.append(ends[-1] + below[0] + below[-1])
                if inside:
                    windows[length] = below.sum(axis=0)
        # A target wider than the query holds it in several places.
        places = np.maximum(widths - self.width, 0) + 1
        log_below = np.array(ends)[full - 1] + places[:, None] * windows[full]
        return -np.expm1(strands * log_below)


def histograms_of(bins, low, size):
    """Share of each bin, per row.

    Parameters
    ----------
    bins : numpy.ndarray, shape (width, N), int
        From `low` to ``low + size - 1``.
    low, size : int
        ``size**2`` fits the type of `bins`.

    Returns
    -------
    numpy.ndarray, shape (width, size)
    """
    counts = np.empty((len(bins), size), dtype=np.intp)
    # To count pairs takes as long as to count one row, and gives the counts of two.
    for i in range(0, len(bins) - 1, 2):
        pairs = (bins[i] - low) * size + (bins[i + 1] - low)
        table = np.bincount(pairs, minlength=size**2).reshape(size, size)
        counts[i], counts[i + 1] = table.sum(axis=1), table.sum(axis=0)
    if len(bins) % 2:
        counts[-1] = np.bincount(bins[-1] - low, minlength=size)
    return counts / bins.shape[1]


def _toeplitz(histograms):
    """Matrices that convolve a block with a histogram: (w, size) -> (w, size, 2 size).

    Row b holds the histogram shifted to the right by b.
    """
    width, size = histograms.shape
    padded = np.zeros((width, 3 * size - 1))
    padded[:, size - 1 : 2 * size - 1] = histograms
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * size, axis=1)
    return np.ascontiguousarray(windows[:, ::-1])


def _tails(density, start=0):
    """P(sum >= x) for every x from `start` to one beyond the end of a density.

    That of 0 is exactly 1 and the last 0, so a clipped index needs no further thought.

    Parameters
    ----------
    density : numpy.ndarray, shape (ranges, n)
    start : int
        From 0 to n.

    Returns
    -------
    numpy.ndarray, shape (ranges, n - start + 1)
    """
    tails = np.zeros((len(density), density.shape[1] - start + 1))
    np.cumsum(density[:, start:][:, ::-1], axis=1, out=tails[:, -2::-1])
    np.minimum(tails, 1, out=tails)
    if start == 0:
        tails[:, 0] = 1
    return tails


# q-values ----------------------------------------------------------------------------

_LAMBDAS = np.arange(1, 101) / 100 * 0.5
_RESAMPLES, _DRAWS_EACH = 100, 1000
_AT_ONCE = 20  # resamples


class Draws:
    """Tomtom's uniform random numbers, which run on from query to query.

    They are those of MT19937 with the seeding of its first publication (1998), two
    outputs to a number.
    """

    def __init__(self):
        words = np.empty(624, dtype=np.uint64)
        word = 4357
        for i in range(len(words)):
            words[i] = word
            word = 69069 * word % 2**32
        outputs = np.random.MT19937()
        outputs.state = {
            "bit_generator": "MT19937",
            "state": {"key": words.astype(np.uint32), "pos": 624},
        }
        self._generator = np.random.Generator(outputs)

    def uniform(self, n):
        """Return the next `n` numbers in 0-1."""
        return self._pairs(n) * 2.0**-64

    def places(self, n, count):
        """Return ``floor(u * count)`` of the next `n` numbers u; `count` if u is 1.

        Parameters
        ----------
        n, count : int

        Returns
        -------
        numpy.ndarray, shape (n,), int
        """
        pairs = self._pairs(n)
        # In whole numbers, from the first output of each pair alone. What it leaves
        # out, the second output and a number's rounding, adds less than `count`, so
        # it matters only this near to the next place. That happens to one number in
        # 2**32 / count. (Above 2**21 the rounding of u * count matters too.)
        products = (pairs >> 32) * count
        if count > 2**21 or products.astype(np.uint32).max() >= 2**32 - count:
            return (pairs * 2.0**-64 * count).astype(np.intp)
        return (products >> 32).view(np.int64)

    def _pairs(self, n):
        """Return the next `n` pairs of outputs, the first one as the upper half."""
        return self._generator.integers(2**64, size=n, dtype=np.uint64)


def null_share(sorted_p, rule, draws):
    """Share of true nulls (pi0) among p-values, from how many are large.

    The share of p above lambda, over 1 - lambda, estimates it for any lambda. Of 100
    values of lambda the one with the least squared error is taken.

    Parameters
    ----------
    sorted_p : numpy.ndarray, shape (M,)
    rule : str
        `Settings.q_values`.
    draws : Draws

    Returns
    -------
    float
        1 if there are at most 100 p-values, too few to tell.
    """
    n = len(sorted_p)
    if n <= 100:
        return 1.0
    above = n - np.searchsorted(sorted_p, _LAMBDAS)
    estimates = _estimates(above, n)
    least = estimates.min()
    if rule == "bootstrap":
        errors = ((_resampled(sorted_p, draws) - least) ** 2).sum(axis=0)
    else:
        share = above / n
        variance = share * (1 - share) / (_DRAWS_EACH * (1 - _LAMBDAS) ** 2)
        errors = variance + (estimates - least) ** 2
    return float(np.clip(estimates[np.argmin(errors)], 0, 1))


def _estimates(above, n):
    return np.where(above > 0, above / n / (1 - _LAMBDAS), np.inf)


def _resampled(sorted_p, draws):
    """Return estimates at each lambda in each resample, shape (100, 100)."""
    n_lambdas = len(_LAMBDAS)
    passed = np.searchsorted(_LAMBDAS, sorted_p, side="right")  # lambdas <= p
    passed = np.append(passed, passed[-1])  # the last p again, should u be 1
    counts = np.empty((_RESAMPLES, n_lambdas + 1), dtype=np.intp)
    # A few at a time: short arrays stay in the processor's cache.
    for some in np.split(counts, _RESAMPLES // _AT_ONCE):
        drawn = draws.places(len(some) * _DRAWS_EACH, len(sorted_p))
        drawn = passed.take(drawn).reshape(len(some), _DRAWS_EACH)
        drawn += (n_lambdas + 1) * np.arange(len(some))[:, None]
        some[:] = np.bincount(drawn.ravel(), minlength=some.size).reshape(some.shape)
    # A draw is above lambda j if it passed j or more of them.
    above = counts[:, :0:-1].cumsum(axis=1)[:, ::-1]
    return _estimates(above, _DRAWS_EACH)


def q_values(sorted_p, share):
    """Smallest false discovery rate at which each p-value is a hit.

    Parameters
    ----------
    sorted_p : numpy.ndarray, shape (M,)
    share : float
        Of true nulls, from `null_share`.

    Returns
    -------
    numpy.ndarray, shape (M,)
    """
    rank = np.arange(1, len(sorted_p) + 1)
    rates = np.minimum(share * sorted_p * len(sorted_p) / rank, 1)
    return np.minimum.accumulate(rates[::-1])[::-1]
