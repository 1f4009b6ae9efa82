"""What a predictor loses when motifs are replaced, swapped or moved apart.

Each test changes motifs in the sequences that hold them, and, as its control, does the
same to bases of the same sequences that belong to no motif. Only predictions are asked
for, so that any predictor will do.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from proofread.datasets.sampling import balanced_rows
from proofread.dna.encoding import UNKNOWN
from proofread.methods.motif_tests.edits import (
    free_pair,
    free_shift,
    free_windows,
    joints,
    matched_shifts,
    moved,
    placements,
    positions_of_gaps,
    random_bases,
    replaced,
    swapped,
)
from proofread.models.predictor import without_rounding
from proofread.statistics.logits import cross_entropy
from proofread.truth.expectation import (
    DISTANCE,
    INTERACTION,
    ORDER,
    PRESENCE,
    SAME_SIDE,
    named_motifs,
    pair_range,
)
from proofread.truth.instances import Instances
from proofread.truth.planted_effects import first_copies

_NAMES = {
    PRESENCE: "presence_of_{}",
    ORDER: "order_of_{}_&_{}",
    DISTANCE: "dist_btwn_{}_&_{}",
    SAME_SIDE: "dist_same_side_{}_&_{}",
    INTERACTION: "interact_btwn_{}_&_{}",
}


@dataclass(frozen=True)
class MotifTest:
    """A question about one motif or two.

    Attributes
    ----------
    kind : str
        One of `proofread.truth.expectation`'s.
    motifs : tuple of str
    """

    kind: str
    motifs: tuple

    @property
    def name(self):
        """What MAI calls it."""
        return _NAMES[self.kind].format(*self.motifs)


@dataclass(frozen=True, eq=False)
class Subject:
    """A predictor, the sequences it is asked about, and how.

    Attributes
    ----------
    predict : callable
        Maps index arrays (n, length) to logits (n, targets), or to outputs of
        quantities.
    dataset : proofread.datasets.dataset.Dataset
        A split.
    instances : proofread.truth.instances.Instances
        Of the motifs in its sequences.
    frequencies : numpy.ndarray, shape (4,)
        Of the bases that replace others.
    logits : numpy.ndarray, shape (n, targets), float64
        Of the sequences as they are.
    replicates : int
        Random perturbations of each sequence, averaged before anything is tested.
    max_sequences : int
        For each test.
    seed : int
    scale : proofread.models.output_scale.OutputScale or None
        Of a predictor of quantities; None: it gives logits.
    """

    predict: object
    dataset: object
    instances: object
    frequencies: np.ndarray
    logits: np.ndarray
    replicates: int
    max_sequences: int
    seed: int
    scale: object = None

    @cached_property
    def size(self):
        """What rounding is relative to, of an output near 0: (targets,) or 1."""
        return 1 if self.scale is None else self.logits.std(axis=0)


@dataclass(frozen=True, eq=False)
class Change:
    """What became worse for each sequence and target; positive: worse.

    Attributes
    ----------
    loss : numpy.ndarray, shape (n, targets), float64
        Increase of the cross-entropy of the true label, in nats. Of quantities that of
        the error (`OutputScale.error`). NaN where the label or the value is missing.
    margin : numpy.ndarray, shape (n, targets), float64
        Decrease of the margin: minus the logit where the label is 0, else the logit. Of
        quantities the decrease of the output: what the changed bases added to it.
    """

    loss: np.ndarray
    margin: np.ndarray


@dataclass(frozen=True, eq=False)
class Measured:
    """One test, measured.

    Attributes
    ----------
    rows : numpy.ndarray, shape (m,), int64
        Sequences of the split.
    test, control, mai : Change
        Of these sequences. The control's are NaN where a sequence has no room for one.
        `mai` is by the perturbation that MAI makes, which for distances differs.
    """

    rows: np.ndarray
    test: Change
    control: Change
    mai: Change


def all_tests(motifs):
    """A test of each motif and three of each pair: M + 3 M (M - 1) / 2, in MAI's order.

    Parameters
    ----------
    motifs : list of str

    Returns
    -------
    list of MotifTest
    """
    pairs = [
        (first, second)
        for position, first in enumerate(motifs)
        for second in motifs[position + 1 :]
    ]
    return [MotifTest(PRESENCE, (motif,)) for motif in motifs] + [
        MotifTest(kind, pair)
        for kind in (ORDER, DISTANCE, INTERACTION)
        for pair in pairs
    ]


def copy_tests(motifs):
    """Tests of whether copies of a motif add up: an interaction of it with itself."""
    return [MotifTest(INTERACTION, (motif, motif)) for motif in motifs]


def tests_of(dataset, motifs):
    """All tests of a dataset.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    motifs : list of str

    Returns
    -------
    tests : list of MotifTest
        `all_tests`. If the rule is known, also whether both motifs of a pair with a
        planted range of gaps are on the same side, and `copy_tests` of the motifs of
        planted interactions: whether copies saturate tells their form.
    ranges : dict of (str, str) to tuple
        The planted range of the gap of each pair that has one.
    """
    tests, ranges = all_tests(motifs), {}
    if not dataset.simulated:
        return tests, ranges
    for pair in [test.motifs for test in tests if test.kind == DISTANCE]:
        gaps = pair_range(*pair, dataset.settings)
        if gaps is not None:
            ranges[pair] = gaps
    named = [name for name in named_motifs(dataset.settings) if name in motifs]
    same_side = [MotifTest(SAME_SIDE, pair) for pair in ranges]
    return [*tests, *same_side, *copy_tests(named)], ranges


def measure(subject, test, rng, *, gaps=None):
    """Perturb the sequences that a test is about, and others' bases as its control.

    Parameters
    ----------
    subject : Subject
    test : MotifTest
    rng : numpy.random.Generator
    gaps : tuple of int or None
        The planted range of the gap, smallest and largest. Known, `DISTANCE` moves a
        pair to the other side of it, every placement alike; unknown, to any gap, as MAI
        does. `SAME_SIDE`, which needs it, moves a pair to the gap of another pair in
        the same order and on the same side.

    Returns
    -------
    Measured
        Without rows where no sequence holds the motifs.
    """
    measures = {
        PRESENCE: _presence,
        ORDER: _order,
        DISTANCE: _distance,
        SAME_SIDE: _distance,
        INTERACTION: _interaction,
    }
    subject, test = _of_copies(subject, test)
    rows = qualifying(subject, test)
    return measures[test.kind](subject, test, rows, rng, gaps)


def _of_copies(subject, test):
    """A test of two copies as one of two motifs: the first copy, and all others."""
    if len(set(test.motifs)) == len(test.motifs):
        return subject, test
    table = subject.instances.table.copy()
    motif = test.motifs[0]
    rows = np.flatnonzero(table["motif"] == motif)
    others = rows[~first_copies(table.iloc[rows])]
    name = f"{motif}\tother copies"  # no motif has a tab in its name
    table.iloc[others, table.columns.get_loc("motif")] = name
    instances = Instances(table, subject.instances.occupied)
    return replace(subject, instances=instances), MotifTest(test.kind, (motif, name))


def qualifying(subject, test):
    """Rows of the sequences that a test is about, at most `subject.sequences`.

    They hold all its motifs; for order and distance each once, and no unknown base,
    which would be moved as well.
    """
    counts = [subject.instances.counts(motif) for motif in test.motifs]
    holds = np.logical_and.reduce([count > 0 for count in counts])
    if test.kind in (ORDER, DISTANCE, SAME_SIDE):
        holds &= np.logical_and.reduce([count == 1 for count in counts])
        holds &= _known(subject.dataset).all(axis=1)
    rows = np.flatnonzero(holds)
    chosen = balanced_rows(
        subject.dataset.subset(rows), subject.max_sequences, subject.seed
    )
    return rows[chosen]


def _known(dataset):
    """Bases that are known, or that are padding: (n, length) bool."""
    position = np.arange(dataset.index.shape[1])
    return (dataset.index < UNKNOWN) | (position >= dataset.length[:, None])


def _free(subject, rows):
    """Bases that are known and of no motif, (rows, length) bool."""
    occupied = subject.instances.occupied[rows]
    return ~occupied & (subject.dataset.index[rows] < UNKNOWN)


def _presence(subject, test, rows, rng, _):
    mask = subject.instances.cover(test.motifs[0])[rows]
    (control,), placed = _control_masks(subject, test.motifs, rows, rng)
    before, after = (
        _change(subject, rows, _replacements(subject, rows, item, rng))
        for item in (mask, control)
    )
    return Measured(rows, before, _only(after, placed), before)


def _order(subject, test, rows, rng, _):
    index = subject.dataset.index[rows]
    first, second = (subject.instances.single(motif, rows) for motif in test.motifs)
    # Nothing is drawn: one swap is all of them.
    change = _change(subject, rows, [swapped(index, first, second)])
    windows = np.zeros((len(rows), 2, 2), dtype=np.int64)
    placed = np.zeros(len(rows), dtype=bool)
    for row, free in enumerate(_free(subject, rows)):
        left, right = sorted([tuple(first[row]), tuple(second[row])])
        widths = (left[1] - left[0], right[1] - right[0])
        result = free_pair(free, widths, right[0] - left[1], rng)
        if result is not None:
            windows[row], placed[row] = result, True
    control = index.copy()
    control[placed] = swapped(index[placed], windows[placed, 0], windows[placed, 1])
    control = _only(_change(subject, rows, [control]), placed)
    return Measured(rows, change, control, change)


def _distance(subject, test, rows, rng, gaps):
    """Move the pair apart or together; the control moves it as a whole."""
    first, second = (subject.instances.single(motif, rows) for motif in test.motifs)
    pairs = np.stack([first, second], axis=1)  # (rows, 2, start and end)
    pairs = np.take_along_axis(pairs, pairs[:, :, :1].argsort(axis=1), axis=1)
    length = subject.dataset.length[rows]
    gap = _gaps(pairs)
    occupied = subject.instances.occupied[rows]
    free = [
        joints(item[:total], pair)
        for item, total, pair in zip(occupied, length, pairs, strict=True)
    ]
    positions = [positions_of_gaps(item) for item in free]
    weights = [
        _gap_weights(item, int(g), gaps if test.kind == DISTANCE else None)
        for g, item in zip(gap, positions, strict=True)
    ]
    if test.kind == SAME_SIDE:
        groups = _sides(first, second, gap, gaps)
        weights = [
            _observed(item, int(g), gap[groups == group])
            for g, item, group in zip(gap, positions, groups, strict=True)
        ]
    plans = [
        _moves(pair, where, item, subject.replicates, rng)
        for pair, where, item in zip(pairs, free, weights, strict=True)
    ]
    kept = np.array([plan is not None for plan in plans], dtype=bool)
    rows, pairs = rows[kept], pairs[kept]
    plans = [plan for plan in plans if plan is not None]
    starts, shifts = (
        np.array([plan[part] for plan in plans], dtype=np.int64).reshape(
            len(rows), subject.replicates, width
        )
        for part, width in ((0, 2), (1, 1))
    )
    placed = (shifts != 0).all(axis=(1, 2))
    change = _change(subject, rows, _moved_replicates(subject, rows, pairs, starts))
    shifted = pairs[:, None, :, 0] + shifts
    control = _change(subject, rows, _moved_replicates(subject, rows, pairs, shifted))
    mai = change
    if gaps is not None and test.kind == DISTANCE:
        # (rows, replicates, 2): as MAI moves them, to any gap
        anywhere = [
            _moves(pair, free[row], positions[row], subject.replicates, rng)
            for pair, row in zip(pairs, np.flatnonzero(kept), strict=True)
        ]
        starts = np.array([plan[0] for plan in anywhere], dtype=np.int64)
        starts = starts.reshape(len(rows), subject.replicates, 2)
        mai = _change(subject, rows, _moved_replicates(subject, rows, pairs, starts))
    return Measured(rows, change, _only(control, placed), mai)


def _gaps(pairs):
    """Bases between the two of each pair, (rows,)."""
    return pairs[:, 1, 0] - pairs[:, 0, 1]


def _gap_weights(positions, gap, gaps):
    """Weight of each gap from 0: its placements, `positions`, where it is allowed.

    Allowed are all gaps or, with a planted range, those on the other side of it.
    """
    if gaps is None:
        return positions
    every = np.arange(len(positions))
    inside = (every >= gaps[0]) & (every <= gaps[1])
    return positions * (inside != inside[gap])


def _sides(first, second, gap, gaps):
    """Which pairs the rule treats alike: same order, same side of the range."""
    inside = (gap >= gaps[0]) & (gap <= gaps[1])
    return 2 * (first[:, 0] < second[:, 0]) + inside


def _observed(positions, gap, others):
    """Weight of each gap that has a position: how many of the other pairs have it."""
    room = len(positions) - 1
    counts = np.bincount(others, minlength=room + 1)[: room + 1].astype(np.float64)
    counts[gap] = 0
    counts[positions == 0] = 0
    return counts


def _moves(pair, free, weights, replicates, rng):
    """New starts (replicates, 2) of a pair, and shifts (replicates, 1) of its control.

    Nothing is put into another instance (`free`, of `joints`). None where the sequence
    has no room for such a gap; shifts of 0 where the pair cannot be moved as a whole.
    """
    widths = pair[:, 1] - pair[:, 0]
    drawn = placements(weights, free, replicates, rng)
    if drawn is None:
        return None
    starts = np.stack([drawn[0], drawn[0] + widths[0] + drawn[1]], axis=1)
    distance = np.abs(starts - pair[:, 0]).sum(axis=1)
    gap = int(pair[1, 0] - pair[0, 1])
    shifts = matched_shifts(distance, int(pair[0, 0]), free, gap, rng)
    if shifts is None:
        shifts = np.zeros(replicates, dtype=np.int64)
    return starts, shifts[:, None]


def _moved_replicates(subject, rows, pairs, starts):
    """Sequences of each replicate; starts (rows, replicates, 2), pairs (rows, 2, 2)."""
    index = subject.dataset.index[rows]
    for replicate in range(subject.replicates):
        new = starts[:, replicate]
        yield moved(index, pairs[:, 0], pairs[:, 1], new[:, 0], new[:, 1])


def _interaction(subject, test, rows, rng, _):
    masks = [subject.instances.cover(motif)[rows] for motif in test.motifs]
    # Bases interact with their neighbours, so the control has the motifs' distances.
    controls, placed = _control_masks(subject, test.motifs, rows, rng, together=True)
    change = _non_additivity(subject, rows, masks, rng)
    control = _non_additivity(subject, rows, controls, rng)
    return Measured(rows, change, _only(control, placed), change)


def _non_additivity(subject, rows, masks, rng):
    """Loss that adding up the effects of two replacements expects, less the real one.

    The random bases are shared: those that replace the first alone replace it where
    both are replaced, so that a predictor that adds up gives exactly 0.
    """
    index = subject.dataset.index[rows]
    alone, other, both = (np.zeros((len(rows), len(subject.dataset.target))),) * 3
    for _ in range(subject.replicates):
        bases = random_bases(rng, index.shape, subject.frequencies)
        alone = alone + subject.predict(replaced(index, masks[0], bases))
        other = other + subject.predict(replaced(index, masks[1], bases))
        both = both + subject.predict(replaced(index, masks[0] | masks[1], bases))
    alone, other, both = (item / subject.replicates for item in (alone, other, both))
    expected = without_rounding(
        alone + other - subject.logits[rows], both, subject.size
    )
    return Change(
        _loss(subject, rows, expected) - _loss(subject, rows, both),
        _sign(subject, rows) * (both - expected),
    )


def _replacements(subject, rows, mask, rng):
    index = subject.dataset.index[rows]
    for _ in range(subject.replicates):
        yield replaced(index, mask, random_bases(rng, index.shape, subject.frequencies))


def _control_masks(subject, motifs, rows, rng, *, together=False):
    """For each motif, windows of no motif as wide as its instances.

    One position for all replicates, as the motif has one: test and control would
    otherwise differ in spread, and their difference would not be symmetric where there
    is none. `together`: the windows are as far apart as the instances, if that fits
    anywhere.

    Returns
    -------
    masks : list of numpy.ndarray, each (rows, length), bool
    placed : numpy.ndarray, shape (rows,), bool
        Whether the sequence had room for all of them.
    """
    masks = [
        np.zeros((len(rows), subject.dataset.index.shape[1]), bool) for _ in motifs
    ]
    placed = np.zeros(len(rows), dtype=bool)
    instances = [_intervals(subject, motif, rows) for motif in motifs]
    for position, free in enumerate(_free(subject, rows)):
        groups = [item[position] for item in instances]
        original = np.concatenate(groups)
        windows = free_shift(free, original, rng) if together else None
        if windows is None:
            windows = free_windows(
                free, (original[:, 1] - original[:, 0]).tolist(), rng
            )
        if windows is None:
            continue
        placed[position] = True
        ends = np.cumsum([len(item) for item in groups])
        for mask, group in zip(masks, np.split(windows, ends[:-1]), strict=True):
            for start, end in group:
                mask[position, start:end] = True
    return masks, placed


def _intervals(subject, motif, rows):
    """Start and end of the instances of a motif in each of the rows."""
    table = subject.instances.of(motif).sort_values("sequence", kind="stable")
    sequence, ends = table["sequence"].to_numpy(), table[["start", "end"]].to_numpy()
    first, last = (np.searchsorted(sequence, rows, side) for side in ("left", "right"))
    return [ends[a:b] for a, b in zip(first, last, strict=True)]


def _change(subject, rows, sequences):
    """Mean change over replicates, arrays (rows, length) of perturbed sequences."""
    original = subject.logits[rows]
    logits = np.stack(
        [
            without_rounding(subject.predict(index), original, subject.size)
            for index in sequences
        ]
    )  # (replicates, rows, targets)
    # The mean of differences, not the difference of means: no change is exactly 0.
    loss = _loss(subject, rows, logits) - _loss(subject, rows, original)
    margin = _sign(subject, rows) * (original - logits)
    return Change(loss.mean(axis=0), margin.mean(axis=0))


def _label(subject, rows):
    """True labels, 0 or 1; NaN of a missing one: (rows, targets)."""
    label = subject.dataset.label[rows]
    return np.where(np.isnan(label), np.nan, label >= 0.5)


def _loss(subject, rows, outputs):
    """Cross-entropy of logits, or error of quantities: (..., rows, targets)."""
    if subject.scale is None:
        return cross_entropy(outputs, _label(subject, rows))
    return subject.scale.error(outputs, subject.dataset.label[rows])


def _sign(subject, rows):
    """-1 for a negative; 1 for a positive, without a label, and for quantities."""
    if subject.scale is not None:
        return 1.0
    return np.where(_label(subject, rows) == 0, -1.0, 1.0)


def _only(change, kept):
    """NaN for the other sequences."""
    return Change(
        *(
            np.where(kept[:, None], item, np.nan)
            for item in (change.loss, change.margin)
        )
    )
