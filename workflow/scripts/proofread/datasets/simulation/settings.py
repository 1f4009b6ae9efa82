"""A dataset's settings, checked against each other, with their matrices."""

import math
from dataclasses import dataclass, replace

import numpy as np

from proofread.configuration import effects as effect_settings
from proofread.configuration.logic import parse
from proofread.configuration.names import decoy_name
from proofread.datasets.simulation import (
    backgrounds,
    matrices,
    pair_settings,
    pool_settings,
)
from proofread.datasets.simulation.effects import Effects, effects_of
from proofread.datasets.simulation.pair_settings import Pairs, pairs_of
from proofread.datasets.simulation.pool_settings import (
    NATURAL,
    Pool,
    check_natural,
    pool_of,
)
from proofread.datasets.simulation.subsets import all_subsets
from proofread.errors import InputError
from proofread.progress import log

# Below this the truncated Poisson hardly resembles the one in the settings.
MIN_POISSON_MASS = 1e-6
# simdna's random state takes 32 bits.
MAX_SIMDNA_SEED = 2**32 - 1
SIMDNA_RULES = ("presence", "order", "logic")

# Settings of some rules alone. The files of other datasets do not name them.
KEYS_OF_RULES = {
    "pool": pool_settings.KEYS,
    "pairs": pair_settings.KEYS,
    "effects": effect_settings.KEYS,
}
# Their values where nothing is set.
_NOT_SET = (None, [], False, 0, "none", "binary")


@dataclass(frozen=True)
class Design:
    """A dataset's validated settings, with its matrices.

    The counts are those of the whole dataset, or of one of its shards.
    """

    where: str
    rule: str
    motifs: dict  # name -> (width, 4); planted by the plan
    negative_motifs: dict  # name -> (width, 4); of the negatives' pool (pool only)
    decoys: dict  # name -> (width, 4); planted independent of the label
    rates: np.ndarray  # (decoys,): fraction of the sequences with each
    positive: np.ndarray  # columns of the positive motifs (presence only)
    expressions: dict  # target -> logic.Expression (logic, or a pool with targets)
    pool: Pool | None  # of rules pool and effects
    pairs: Pairs | None  # of rule pairs
    effects: Effects | None  # of rule effects
    sequences: int
    positives: int | None  # None: as many as the rule gives (natural)
    hard: int | None  # hard negatives; None: as many as a pool gives (natural)
    length: int
    background: object
    either_strand: bool
    min_gap: int
    max_gap: int
    mean_gap: float

    @property
    def widths(self):
        """Width of each motif, (motifs,)."""
        return np.array([len(matrix) for matrix in self.motifs.values()])

    @property
    def matrices(self):
        """Matrices of all motifs and decoys, by name, in the order of the plan."""
        return self.motifs | self.negative_motifs | self.decoys

    @property
    def negatives(self):
        """Number of negatives, including hard ones; None if natural."""
        return None if self.positives is None else self.sequences - self.positives

    @property
    def targets(self):
        """Names of the predictions."""
        return list(self.expressions) or [self.rule]

    @property
    def causal(self):
        """Names of the motifs in the rule."""
        names = list(self.motifs)
        if self.rule in ("none", "gc"):
            return set()
        if self.rule == "presence":
            return {names[column] for column in self.positive}
        if self.effects is not None:
            return self.effects.causal
        if self.expressions:
            return {
                name
                for expression in self.expressions.values()
                for name in expression.names()
            }
        return set(names)

    def shard(self, number, shards):
        """The design of one of several parts, whose counts add up to the whole."""

        def part(total):
            return total * (number + 1) // shards - total * number // shards

        if self.positives is None:
            return replace(self, sequences=part(self.sequences))
        positives = part(self.positives)
        if self.hard is None:
            total = positives + part(self.negatives)
            return replace(self, sequences=total, positives=positives)
        hard = part(self.hard)
        plain = part(self.negatives - self.hard)
        return replace(
            self, sequences=positives + plain + hard, positives=positives, hard=hard
        )


def design_of(settings, where):
    """Check the settings against each other, which the schema cannot do.

    Parameters
    ----------
    settings : dict
        As described by ``workflow/schemas/datasets/simulate.schema.yaml``, complete.
    where : str
        Their position in the configuration, for messages.

    Returns
    -------
    Design

    Raises
    ------
    InputError
        If the settings contradict each other.
    """
    settings = effect_settings.with_effects(settings, where)
    rule, names = settings["rule"], settings["motifs"]
    _check_keys(settings, where)
    check_natural(settings, where)
    _check_number_of_motifs(rule, names, where)
    for key in ("motifs", "negative_motifs"):
        _check_unique(settings[key], f"{where}.{key}", rule)
        _check_storable(settings[key], f"{where}.{key}")
    by_name, decoys = _read_matrices(settings, where)
    design = Design(
        where=where,
        rule=rule,
        motifs={name: by_name[name] for name in names},
        negative_motifs={name: by_name[name] for name in settings["negative_motifs"]},
        decoys=decoys,
        rates=np.array([decoy["rate"] for decoy in settings["decoys"]]),
        positive=_positive_columns(settings, where),
        expressions=_expressions(settings, where),
        pool=pool_of(settings, where),
        pairs=pairs_of(settings, where),
        effects=effects_of(settings, by_name, where),
        sequences=settings["sequences"],
        positives=_positives(settings),
        hard=0,
        length=settings["length"],
        background=_background(settings, where),
        either_strand=settings["strand"] == "either",
        min_gap=settings["min_gap"],
        max_gap=settings["max_gap"],
        mean_gap=settings["mean_gap"],
    )
    if design.pool is not None:
        _check_room_of_pools(design)
    elif design.pairs is not None:
        _check_room_of_pairs(design)
    else:
        together = sum(map(len, design.matrices.values()))
        _check_room(design, together, "the motifs together")
    if rule == "distance":
        wants_hard = design.positives is not None and settings["hard_fraction"] > 0
        _check_distance(design, settings["hard_fraction"] if wants_hard else None)
    _check_classes(design, settings, where)
    _check_shards(design, settings["shards"], where)
    if settings["engine"] == "simdna":
        _check_simdna(design, settings, where)
    return replace(design, hard=_hard(design, settings["hard_fraction"]))


def half_up(number):
    """Round, with 0.5 up; Python's `round` rounds 0.5 to the even number."""
    return math.floor(number + 0.5)


def truncated_poisson(mean, low, high):
    """Probabilities of low..high under a Poisson, before they are scaled to sum 1.

    Their sum is the probability that the Poisson falls inside.
    """
    gaps = np.arange(low, high + 1)
    log_factorial = np.array([math.lgamma(gap + 1) for gap in gaps])
    return np.exp(gaps * math.log(mean) - mean - log_factorial)


def _positives(settings):
    """Number of positives; None if the rule gives it, or with several targets."""
    fraction = settings["positive_fraction"]
    if fraction == "natural" or settings["rule"] == "effects":
        return None
    return half_up(settings["sequences"] * fraction)


def _hard(design, fraction):
    if design.positives is None or design.rule in ("none", "gc"):
        return 0
    if design.rule == "presence" and len(design.motifs) == 1:
        # Without the motif a sequence has no motif at all.
        log.info("one motif: rule presence has no hard negatives")
        return 0
    if design.rule == "pairs":  # one motif more would make any of them positive
        return design.negatives
    if fraction == NATURAL:
        return None
    return half_up(design.negatives * fraction)


def _check_keys(settings, where):
    """Refuse settings of one rule under another."""
    for key in dict.fromkeys(key for keys in KEYS_OF_RULES.values() for key in keys):
        rules = [rule for rule, keys in KEYS_OF_RULES.items() if key in keys]
        if settings["rule"] not in rules and settings[key] not in _NOT_SET:
            raise InputError(
                f"{where}.{key}",
                f"{key} under rule {settings['rule']}",
                f"{key} for rule {' and '.join(rules)} only",
                f"remove the key, or write rule: {rules[0]}",
            )


def _check_number_of_motifs(rule, names, where):
    where = f"{where}.motifs"
    if rule == "gc" and names:
        raise InputError(
            where,
            f"{', '.join(names)} under rule gc",
            "no motifs: the classes differ in base composition only",
            "remove the key, or plant them as decoys",
        )
    if rule != "gc" and not names:
        raise InputError(
            where,
            "no motif",
            f"at least one for rule {rule}",
            "name the motifs to plant, or choose rule gc, which needs none",
        )
    if rule == "pairs" and len(names) < 3:
        raise InputError(
            where,
            f"{len(names)} motifs ({', '.join(names)})",
            "at least 3 for rule pairs: some interact and some do not",
            "add motifs",
        )
    if rule in ("order", "distance") and len(names) != 2:
        raise InputError(
            where,
            f"{len(names)} motifs ({', '.join(names)})",
            f"exactly 2 for rule {rule}: the first, then the second",
            "give two motifs, or choose rule presence",
        )


def _check_unique(names, where, rule=None):
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated and rule in ("pool", "pairs"):
        more = {"pool": "motif_weights makes one", "pairs": "more pairs make it"}
        raise InputError(
            where,
            f"{', '.join(repeated)} more than once",
            f"each motif once: {more[rule]} more frequent",
            "remove the repetition",
        )
    if repeated:
        raise InputError(
            where,
            f"{', '.join(repeated)} more than once",
            "each motif once: a motif is planted at most once per sequence",
            "remove the repetition",
        )


def _check_names_of_decoys(names, motifs, where):
    """Refuse a decoy that the truth could not tell from a motif or another decoy."""
    for number, name in enumerate(names):
        if name in [*motifs, *names[:number]]:
            raise InputError(
                where,
                f"{name}, as {'a motif' if name in motifs else 'another decoy'}",
                "a decoy with another name than the motifs and the other decoys",
                "remove it, or name another motif",
            )


def _check_storable(names, where):
    """Refuse a slash, which would divide the name into groups of HDF5."""
    for name in names:
        if "/" in name or name == ".":
            raise InputError(
                where,
                f"{name!r}",
                "names without a slash: they are names in the dataset file",
                "rename the motif in your motif file and here",
            )


def _read_matrices(settings, where):
    """Matrices of all motifs and of the decoys, each by its name in the truth."""
    decoys = settings["decoys"]
    names = [decoy_name(decoy) for decoy in decoys]
    _check_storable(names, f"{where}.decoys")
    motifs = [*settings["motifs"], *settings["negative_motifs"]]
    _check_unique(motifs, f"{where}.negative_motifs")
    _check_names_of_decoys(names, motifs, f"{where}.decoys")
    wanted = [*motifs, *(decoy["motif"] for decoy in decoys)]
    by_name = matrices.load_matrices(
        list(dict.fromkeys(wanted)),
        settings["motifs_file"],
        settings["pseudo_probability"],
        where,
        jaspar=settings["jaspar"],
    )
    # Of the whole dataset, so that all shards have the same matrices; the first
    # children of the seed are the streams of the draws.
    rng = np.random.default_rng(np.random.SeedSequence(settings["seed"]).spawn(5)[4])
    made = {}
    for number, (name, decoy) in enumerate(zip(names, decoys, strict=True), start=1):
        matrix = by_name[decoy["motif"]]
        if decoy["as"] == matrices.GC_MATCHED:
            matrix = matrices.gc_matched(matrix)
        elif decoy["as"] == matrices.SHUFFLED:
            try:
                matrix = matrices.reordered_columns(matrix, rng)
            except ValueError as error:
                raise InputError(
                    f"{where}.decoys, item {number}",
                    f"{decoy['motif']} as shuffled, but {error}",
                    "a motif with columns that differ",
                    "choose as: gc, or another motif",
                ) from None
        made[name] = matrix
    return by_name, made


def _positive_columns(settings, where):
    names, positive = settings["motifs"], settings["positive_motifs"]
    where = f"{where}.positive_motifs"
    if settings["rule"] != "presence":
        if positive:
            raise InputError(
                where,
                f"{', '.join(positive)} under rule {settings['rule']}",
                "positive_motifs for rule presence only",
                "remove the key: the other rules use all motifs or none",
            )
        return np.array([], dtype=int)
    if not positive:
        raise InputError(
            where,
            "no motif",
            f"the motifs that make a sequence positive, of {', '.join(names)}",
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


def _expressions(settings, where):
    """The expression of each target of rule logic, or of a pool; else empty."""
    logic, targets, motifs = (settings[key] for key in ("logic", "targets", "motifs"))
    rules = {"logic": ["logic"], "targets": ["logic", "pool"]}
    for key, allowed in rules.items():
        if settings[key] is not None and settings["rule"] not in allowed:
            raise InputError(
                f"{where}.{key}",
                f"{key} under rule {settings['rule']}",
                f"{key} for rule {' and '.join(allowed)} only",
                "remove the key, or write rule: logic",
            )
    if settings["rule"] != "logic" and targets is None:
        return {}
    if (logic is None) == (targets is None):
        raise InputError(
            f"{where}.logic",
            "neither logic nor targets" if logic is None else "both logic and targets",
            "logic, one expression, or targets, an expression for each",
            "write logic: {all: [...]}"
            if logic is None
            else "move the expression of logic to targets, under a name",
        )
    if targets is None:
        return {"logic": parse(logic, motifs, f"{where}.logic")}
    return {
        name: parse(value, motifs, f"{where}.targets.{name}")
        for name, value in targets.items()
    }


def _background(settings, where):
    if settings["rule"] == "gc":
        return backgrounds.ByClass(
            *(
                np.array([1 - gc, gc, gc, 1 - gc]) / 2
                for gc in (settings["negative_gc"], settings["positive_gc"])
            )
        )
    return backgrounds.read_background(
        settings["background"], settings["length"], f"{where}.background"
    )


def _check_room(design, needed, what):
    if needed > design.length:
        listed = ", ".join(
            f"{name} {len(matrix)}" for name, matrix in design.matrices.items()
        )
        raise InputError(
            f"{design.where}.length",
            f"{design.length} bp",
            f"at least {needed} bp: {what} ({listed} bp)",
            "make the sequences longer, or use fewer or shorter motifs",
        )


def _check_room_of_pools(design):
    """Refuse a length into which even the narrowest motifs of a pool do not fit.

    Wider ones are drawn again.
    """
    number = int(design.pool.numbers[-1])
    decoys = sum(map(len, design.decoys.values()))
    pools = [pool for pool in (design.motifs, design.negative_motifs) if pool]
    narrowest = max(min(map(len, pool.values())) for pool in pools)
    needed = number * narrowest + decoys
    if needed > design.length:
        raise InputError(
            f"{design.where}.length",
            f"{design.length} bp",
            f"at least {needed} bp: {number} motifs (motifs_per_sequence) of "
            f"{narrowest} bp, the narrowest, and {decoys} bp of decoys",
            "make the sequences longer, or use fewer or shorter motifs",
        )


def _check_room_of_pairs(design):
    """Refuse a length into which the widest pairs do not fit at the largest gap.

    If they were drawn again, wide motifs would be rarer in one of the classes.
    """
    number = int(design.pairs.numbers[-1])
    pair = int(np.sort(design.widths)[-2:].sum()) + design.max_gap
    decoys = sum(map(len, design.decoys.values()))
    needed = number * pair + decoys
    if needed > design.length:
        raise InputError(
            f"{design.where}.length",
            f"{design.length} bp",
            f"at least {needed} bp: {number} pairs (pairs_per_sequence) of up to "
            f"{pair} bp, the two widest motifs and max_gap, and {decoys} bp of decoys",
            "make the sequences longer, lower max_gap, or use shorter motifs",
        )


def _check_distance(design, hard_fraction):
    """`hard_fraction` is None where there will be no hard negatives."""
    low, high = design.min_gap, design.max_gap
    if low > high:
        raise InputError(
            f"{design.where}.min_gap",
            f"{low}, above max_gap, {high}",
            "min_gap <= max_gap",
            "swap them",
        )
    pair = int(design.widths.sum())
    _check_room(design, pair + high, "both motifs and the largest gap, max_gap")
    mass = truncated_poisson(design.mean_gap, low, high).sum()
    if mass < MIN_POISSON_MASS:
        raise InputError(
            f"{design.where}.mean_gap",
            f"{design.mean_gap:g}: a Poisson with this mean is within {low}..{high} "
            f"with probability {mass:.1g}",
            f"at least {MIN_POISSON_MASS:g}",
            "choose a mean within min_gap..max_gap, or nearer to it",
        )
    no_gap_outside = low == 0 and pair + high + 1 > design.length
    if no_gap_outside and hard_fraction is not None:
        raise InputError(
            f"{design.where}.hard_fraction",
            f"{hard_fraction}, but every gap that fits into {design.length} bp is "
            f"within {low}..{high}",
            "room for a gap out of range",
            "make the sequences longer, narrow the range, or set hard_fraction: 0",
        )


def _check_classes(design, settings, where):
    """Refuse settings without both classes of every target."""
    if design.rule == "gc" and settings["positive_gc"] == settings["negative_gc"]:
        raise InputError(
            f"{where}.positive_gc",
            f"{settings['positive_gc']:g}, the same as negative_gc",
            "two GC contents that differ, otherwise there is nothing to learn",
            "change one of them, or choose rule none for random labels",
        )
    for target, expression in design.expressions.items():
        key = f"targets.{target}" if settings["targets"] else "logic"
        holds = expression.holds(_possible_subsets(design, expression.names()))
        if holds.all() or not holds.any():
            raise InputError(
                f"{where}.{key}",
                f"{expression.words()}: {'true' if holds.all() else 'false'} for every "
                "sequence, with any planted motifs",
                "an expression that some sequences fulfil and some do not",
                "correct the expression",
            )
    fraction = settings["positive_fraction"]
    if settings["targets"] is not None and fraction not in (0.5, "natural"):
        raise InputError(
            f"{where}.positive_fraction",
            f"{fraction:g} with several targets",
            "0.5, all combinations of labels equally often, or natural",
            "remove the key, or write natural",
        )
    if design.positives is not None and not 0 < design.positives < design.sequences:
        raise InputError(
            f"{where}.positive_fraction",
            f"{fraction} of {design.sequences} sequences makes "
            f"{design.positives} positives",
            "at least one sequence of each class",
            "raise sequences, or move positive_fraction towards 0.5",
        )


def _possible_subsets(design, names):
    """Presence of each of some motifs in every subset of them that can be planted."""
    subsets = all_subsets(names)
    if design.pool is None:
        return subsets
    size = sum(subsets.values())
    possible = size <= design.pool.numbers[-1]
    if set(names) == set(design.motifs):
        possible &= size >= min(1, design.pool.numbers[0])
    return {name: present[possible] for name, present in subsets.items()}


def _check_shards(design, shards, where):
    max_shards = design.sequences
    if design.positives is not None:
        max_shards = min(design.positives, design.negatives)
    if shards > max_shards:
        raise InputError(
            f"{where}.shards",
            f"{shards} shards for {design.sequences} sequences",
            f"at most {max_shards}, so that each has a sequence of each class",
            "lower shards; 1 is one job for the whole dataset",
        )


def _check_simdna(design, settings, where):
    where = f"{where}.engine"

    def refuse(found, expected, remedy="write engine: numpy"):
        raise InputError(where, found, expected, remedy)

    if design.rule not in SIMDNA_RULES:
        refuse(f"simdna under rule {design.rule}", f"rule {' or '.join(SIMDNA_RULES)}")
    if design.positives is not None:
        refuse(
            f"simdna with positive_fraction {settings['positive_fraction']}",
            "positive_fraction: natural, because simdna does not select sequences",
            "write positive_fraction: natural, or engine: numpy",
        )
    if design.decoys or not isinstance(design.background, backgrounds.ZeroOrder):
        refuse(
            "simdna with decoys, or with a background other than base probabilities",
            "motifs in a background {A: ..., C: ..., G: ..., T: ...}",
        )
    if settings["seed"] > MAX_SIMDNA_SEED:
        refuse(
            f"simdna with seed {settings['seed']}",
            f"a seed of at most {MAX_SIMDNA_SEED}, the limit of its random state",
            "lower the seed, or write engine: numpy",
        )
    # The last motif fits if one of the gaps between the others is as wide.
    widths = design.widths
    needed = int(widths.sum() + len(widths) * (widths.max() - 1))
    if design.length < needed:
        refuse(
            f"simdna with length {design.length}",
            f"at least {needed} bp: without room it would never end",
            "make the sequences longer, or write engine: numpy",
        )
