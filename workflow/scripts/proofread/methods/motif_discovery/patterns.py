"""Patterns that recur in attributions, by TF-MoDISco (package modisco-lite).

A *seqlet* is a short stretch of a sequence with a high attribution. A *pattern* is a
group of aligned, similar seqlets.
"""

import contextlib
from dataclasses import dataclass

import numpy as np

from proofread.errors import InputError
from proofread.progress import log

SIGNS = {"positive": 1, "negative": -1}
# A seqlet's sign needs an attribution above this quantile of all windows' (the
# package's default).
_SIGN_QUANTILE = 0.8


@dataclass(frozen=True)
class Search:
    """Settings of the search; the method's schema has the meanings.

    Attributes
    ----------
    window, flank, core, extension : int
        Bases.
    fdr, min_passing_fraction, max_passing_fraction : float
        Fractions, 0-1.
    min_seqlets, max_seqlets, leiden_runs, min_pattern_seqlets : int
    """

    window: int = 15
    flank: int = 5
    fdr: float = 0.2
    min_passing_fraction: float = 0.03
    max_passing_fraction: float = 0.2
    min_seqlets: int = 20
    max_seqlets: int = 2000
    leiden_runs: int = 10
    min_pattern_seqlets: int = 20
    core: int = 20
    extension: int = 5

    @property
    def min_length(self):
        """Bases that a sequence needs for one seqlet and for one pattern."""
        seqlet = self.window + 2 * self.flank
        return max(seqlet, self.core + 2 * self.extension)

    @property
    def max_core(self):
        """Bases that every cluster has: a seqlet and those added on both sides."""
        return self.window + 2 * self.flank + 2 * self.extension


@dataclass(frozen=True, eq=False)
class Pattern:
    """A group of aligned seqlets.

    Attributes
    ----------
    name : str
        ``positive0``, ``positive1``, ...: sign and rank by the number of seqlets.
    sign : str
        One of `SIGNS`: whether it raises or lowers the output.
    frequency : numpy.ndarray, shape (width, 4), float64
        Frequency of each base among the seqlets; rows sum to 1.
    contribution : numpy.ndarray, shape (width, 4), float64
        Mean attribution of each base that is present (contribution weight matrix).
    hypothetical : numpy.ndarray, shape (width, 4), float64
        Mean hypothetical attribution of each base.
    row, start, end : numpy.ndarray, shape (seqlets,), int64
        Sequence and interval of each seqlet, 0-based and half-open, forward strand.
    reverse : numpy.ndarray, shape (seqlets,), bool
        Whether the seqlet is aligned by its reverse complement.
    """

    name: str
    sign: str
    frequency: np.ndarray
    contribution: np.ndarray
    hypothetical: np.ndarray
    row: np.ndarray
    start: np.ndarray
    end: np.ndarray
    reverse: np.ndarray

    def core(self, fraction):
        """First and past-the-last position after trimming of weak ends.

        Parameters
        ----------
        fraction : float
            An end stays if its contribution (absolute, summed over the bases) reaches
            this fraction of the highest position's, as in the package's own report.
        """
        height = np.abs(self.contribution).sum(axis=1)
        kept = np.flatnonzero(height >= fraction * height.max())
        return int(kept[0]), int(kept[-1]) + 1

    def positions(self, first, last):
        """Start and end of positions `first` to `last` in each seqlet, (n,) each."""
        start = np.where(self.reverse, self.end - last, self.start + first)
        return start, start + (last - first)


@dataclass(frozen=True)
class Result:
    """The result of a search.

    Attributes
    ----------
    patterns : list of Pattern
        Positive ones first, each sign by falling number of seqlets.
    reasons : list of str
        Why a sign, or all, has no pattern: one sentence each.
    """

    patterns: list
    reasons: list


def find_patterns(one_hot, hypothetical, search):
    """Sequence patterns that recur at high attributions.

    TF-MoDISco (Shrikumar et al. 2018, arXiv:1811.00416) with modisco-lite's code:
    windows whose summed attribution is unlikely under a Laplace distribution are
    seqlets, if they lie within a sequence. Seqlets of each sign are clustered by
    similarity, clusters are merged or split, and small ones dropped. Every step is the
    package's ``TFMoDISco``. This function only leaves out seqlets that reach into the
    padding of a shorter sequence, begins no pattern with a seqlet at the end of its
    sequence, and makes a sign without seqlets, or constant attributions, a result and
    not an error. It runs on one thread: the order of the package's sums, and its forks,
    depend on the number of threads.

    Parameters
    ----------
    one_hot : numpy.ndarray, shape (n, length, 4), float32
        0 in all four at an unknown base and in padding.
    hypothetical : numpy.ndarray, shape (n, length, 4), float32
        The contribution that each base would have. Length is at least
        ``search.min_length``.
    search : Search

    Returns
    -------
    Result

    Raises
    ------
    ValueError
        If the arrays have not the same shape, the sequences are too short, or the core
        is too large.
    """
    if one_hot.shape != hypothetical.shape or one_hot.shape[1] < search.min_length:
        raise ValueError(
            f"one_hot, hypothetical: expected (n, length >= {search.min_length}, 4) of "
            f"both, got {one_hot.shape} and {hypothetical.shape}"
        )
    if search.core > search.max_core:
        raise ValueError(f"core: expected at most {search.max_core}, got {search.core}")
    contribution = np.multiply(one_hot, hypothetical)
    reason = _nothing_to_find(contribution.sum(axis=2), search.window)
    if reason:
        return Result([], [reason])
    # Seconds of imports.
    from modiscolite.core import TrackSet

    from proofread.methods.motif_discovery.kernels import kept_kernels

    with kept_kernels(), _one_thread(), np.errstate(all="ignore"):
        tracks = TrackSet(
            one_hot=one_hot,
            contrib_scores=contribution,
            hypothetical_contribs=hypothetical,
        )
        of_sign = _seqlets(tracks, contribution, search)
        if of_sign is None:
            reason = "The attributions of nearly all windows have one sign, or are 0."
            return Result([], [reason])
        patterns, reasons = [], []
        for sign, seqlets in of_sign.items():
            log.info("%d %s seqlets", len(seqlets), sign)
            groups, reason = _groups(tracks, seqlets, sign, search)
            patterns += [
                _pattern(f"{sign}{number}", sign, group)
                for number, group in enumerate(groups)
            ]
            reasons += [reason] if reason else []
    return Result(patterns, reasons)


def _nothing_to_find(attribution, window):
    """Why no seqlet can be distinguished from chance; empty where one may be."""
    if not attribution.any():
        return "All attributions are 0."
    sums = np.lib.stride_tricks.sliding_window_view(attribution, window, axis=1)
    sums = sums.sum(axis=2, dtype=np.float64)
    # The null distribution has a side below 0 and one above.
    if sums.min() >= 0 or sums.max() <= 0:
        return f"The attributions of all windows of {window} bases have one sign."
    return ""


@contextlib.contextmanager
def _one_thread():
    """Keep numba, and with it what the package forks, to one thread."""
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def _seqlets(tracks, contribution, search):
    """Seqlets of each sign, as ``TFMoDISco`` takes them; None without a null."""
    from modiscolite.extract_seqlets import extract_seqlets

    try:
        positions, threshold = extract_seqlets(
            attribution_scores=contribution.sum(axis=2),
            window_size=search.window,
            flank=search.flank,
            suppress=int(0.5 * search.window) + search.flank,
            target_fdr=search.fdr,
            min_passing_windows_frac=search.min_passing_fraction,
            max_passing_windows_frac=search.max_passing_fraction,
            weak_threshold_for_counting_sign=_SIGN_QUANTILE,
        )
    except (IndexError, ZeroDivisionError):
        # One side of the mode has no window, or the null distribution no value of one
        # sign: the package takes a percentile, or a fraction, of nothing.
        return None
    ends = _ends(tracks.one_hot)
    within = [window for window in positions if window.end <= ends[window.example_idx]]
    seqlets = tracks.create_seqlets(within)
    inner = slice(search.flank, -search.flank)
    sums = [np.sum(seqlet.contrib_scores[inner]) for seqlet in seqlets]
    pairs = list(zip(seqlets, sums, strict=True))
    return {
        sign: [seqlet for seqlet, value in pairs if factor * value > threshold]
        for sign, factor in SIGNS.items()
    }


def _ends(one_hot):
    """The position behind the last known base of each sequence, (n,)."""
    known = one_hot.any(axis=2)
    return (known * np.arange(1, known.shape[1] + 1)).max(axis=1)


class _Endless(Exception):
    """Patterns that the package would merge again and again."""


@contextlib.contextmanager
def _merging_ends():
    """Make the package's merging of similar patterns raise where it would not end.

    It merges until no two are similar. Where no seqlet of a merged pattern fits in its
    sequence, the package keeps the two patterns and merges them again, endlessly. Then
    all pairs have been compared before: there are several patterns and no new pair.

    Raises
    ------
    _Endless
    """
    from modiscolite import aggregator

    plain = aggregator._pair_map

    def pair_map(patterns, subsamples, cache, pairs, *others):
        if len(patterns) > 1 and not pairs:
            raise _Endless
        return plain(patterns, subsamples, cache, pairs, *others)

    aggregator._pair_map = pair_map
    try:
        yield
    finally:
        aggregator._pair_map = plain


@contextlib.contextmanager
def _begun_inside(room):
    """Make the package begin each pattern with a seqlet that has room on both sides.

    It begins with the strongest seqlet of a cluster, aligns the others to it one by
    one, and makes the pattern longer where they extend beyond it. If the strongest one
    lies at the end of its sequence, it cannot be made longer: the package then leaves
    out the others, and the pattern is lost.

    Parameters
    ----------
    room : int
        Bases. Where no seqlet has them, the strongest one is the first.
    """
    from modiscolite import aggregator
    from modiscolite.core import SeqletSet

    plain = aggregator.merge_in_seqlets_filledges

    def merge(parent_pattern, seqlets_to_merge, track_set, **options):
        if len(parent_pattern.seqlets) == 1:
            seqlets = [*parent_pattern.seqlets, *seqlets_to_merge]
            within = (
                number
                for number, seqlet in enumerate(seqlets)
                if room <= seqlet.start and seqlet.end + room <= track_set.length
            )
            first = seqlets.pop(next(within, 0))
            parent_pattern, seqlets_to_merge = SeqletSet([first]), seqlets
        return plain(
            parent_pattern=parent_pattern,
            seqlets_to_merge=seqlets_to_merge,
            track_set=track_set,
            **options,
        )

    aggregator.merge_in_seqlets_filledges = merge
    try:
        yield
    finally:
        aggregator.merge_in_seqlets_filledges = plain


def _groups(tracks, seqlets, sign, search):
    """The package's patterns of one sign, and why there are none."""
    from modiscolite.tfmodisco import seqlets_to_patterns

    if len(seqlets) <= search.min_seqlets:
        limit = f"{search.min_seqlets} or fewer are not clustered"
        return [], f"{len(seqlets)} {sign} seqlets; {limit}."
    try:
        with _merging_ends(), _begun_inside(search.extension):
            groups = seqlets_to_patterns(
                seqlets=seqlets[: search.max_seqlets],
                track_set=tracks,
                track_signs=SIGNS[sign],
                n_leiden_runs=search.leiden_runs,
                trim_to_window_size=search.core,
                initial_flank_to_add=search.extension,
                final_min_cluster_size=search.min_pattern_seqlets,
            )
    except _Endless:
        merged = f"a merged pattern of the {len(seqlets)} {sign} seqlets"
        return [], f"No sequence has room for {merged}."
    except BaseException as error:
        # No seqlet passed the filter: there is not one cluster, and the package asks
        # for the number of the last.
        none_left = isinstance(error, ValueError) and str(error).startswith("max() ")
        # Windows without a known base, such as a run of N, have no similarity: 0 / 0.
        # The clustering's error is a plain BaseException.
        undefined = type(error) in (ValueError, BaseException) and "NaN" in str(error)
        if not none_left and not undefined:
            raise
        if undefined:
            return (
                [],
                f"Some of {len(seqlets)} {sign} seqlets have too few known bases.",
            )
        groups = None
    if groups:
        return groups, ""
    n = search.min_pattern_seqlets
    return [], f"Of {len(seqlets)} {sign} seqlets no {n} are similar enough."


def _pattern(name, sign, group):
    """One of the package's patterns as a `Pattern`."""
    counted = group.sequence.sum(axis=1, keepdims=True)
    # Where no seqlet has a known base, all bases are equally likely.
    frequency = np.divide(
        group.sequence,
        counted,
        out=np.full(group.sequence.shape, 0.25),
        where=counted > 0,
    )
    column = {
        key: np.array([getattr(seqlet, key) for seqlet in group.seqlets], dtype=kind)
        for key, kind in [
            ("example_idx", np.int64),
            ("start", np.int64),
            ("end", np.int64),
            ("is_revcomp", bool),
        ]
    }
    return Pattern(
        name,
        sign,
        frequency,
        np.asarray(group.contrib_scores, dtype=np.float64),
        np.asarray(group.hypothetical_contribs, dtype=np.float64),
        column["example_idx"],
        column["start"],
        column["end"],
        column["is_revcomp"],
    )


def check_widths(length, search, dataset):
    """Refuse sequences that cannot hold a pattern, and cores beyond a cluster's ends.

    Parameters
    ----------
    length : int
        Bases of the longest sequence.
    search : Search
    dataset : str
        The path of the dataset, for the message.

    Raises
    ------
    InputError
    """
    if length < search.min_length:
        raise InputError(
            dataset,
            f"sequences of {length} bases",
            f"at least {search.min_length}: a window of {search.window} with a flank "
            f"of {search.flank} on both sides, and a core of {search.core} with an "
            f"extension of {search.extension}",
            "lower methods.motif_discovery.window or flank, or core or extension",
        )
    if search.core > search.max_core:
        raise InputError(
            "methods.motif_discovery.core",
            f"{search.core} bases",
            f"at most {search.max_core}: a window of {search.window} with a flank "
            f"of {search.flank} and an extension of {search.extension} on both sides",
            "lower core, or raise window, flank or extension",
        )
