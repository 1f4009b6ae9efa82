"""Sequences changed base by base, each time where it moves a prediction most.

A guide says what every single substitution would add to a logit, exactly or by
gradients; the best of them that really moves the logit the right way is made, and the
guide is asked again about the changed sequence. Many sequences go at once.

deepG's tutorial, where this comes from, reads the best base from Integrated Gradients
with a baseline of zeros. These are 0 at every base that is absent, so that they cannot
tell the three alternatives apart and its search takes the first in the alphabet:
`first_base_moves`, kept for comparison.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from proofread.datasets.sampling import examined
from proofread.dna.encoding import BASES, UNKNOWN, one_hot
from proofread.errors import InputError
from proofread.methods.attributions.baselines import draw_baselines
from proofread.methods.attributions.gradients import average_path_gradient
from proofread.models.cut import MEGABYTES, cut
from proofread.progress import progress
from proofread.truth.position_scores import observed

# Sequences whose substitutions are predicted at once: bounds memory.
_CHUNK = 32
# Share of the largest number below which two differ by rounding alone: gains nearer to
# each other are ties.
_ROUNDING = 1e-5


@dataclass(frozen=True)
class Trajectories:
    """Sequences on their way, one row for each.

    Attributes
    ----------
    logit : numpy.ndarray, shape (m, steps + 1), float64
        Before the first substitution and after each; what has stopped stays.
    position : numpy.ndarray, shape (m, steps), int64
        Where each substitution was made; -1 once the search has stopped.
    old, new : numpy.ndarray, shape (m, steps), uint8
        The bases; `UNKNOWN` where there was no substitution.
    predicted : numpy.ndarray, shape (m, steps), float64
        What the guide expected; NaN where there was no substitution. The realised
        gain is the difference of two logits.
    rank : numpy.ndarray, shape (m, steps), int64
        1: the guide's first choice was made; 2: its second, as the first did not move
        the logit the right way; and so on. 0: none was.
    made : numpy.ndarray, shape (m,), int64
        Substitutions.
    index : numpy.ndarray, shape (m, length), uint8
        The sequences at the end.
    """

    logit: np.ndarray
    position: np.ndarray
    old: np.ndarray
    new: np.ndarray
    predicted: np.ndarray
    rank: np.ndarray
    made: np.ndarray
    index: np.ndarray


# --- Guides: (index, rows, allowed, logit) -> gains (m, 4, length) --------------------


def exact_gains(editor, column):
    """A guide that predicts every substitution.

    Parameters
    ----------
    editor : proofread.models.local_edits.EditedLogits
    column : int
        Of the logits.

    Returns
    -------
    callable
        (index, rows, allowed, logit) -> (m, 4, length): what each substitution adds to
        the logit; 0 where `allowed` is False.
    """

    def gains(index, _, allowed, logit):
        found = np.zeros(allowed.shape)
        for first in range(0, len(index), _CHUNK):
            part = slice(first, first + _CHUNK)
            row, base, position = np.nonzero(allowed[part])
            edited = editor.edited(index[part], row, position, base[:, None])
            change = edited[:, column] - logit[part][row]
            found[first + row, base, position] = change
        return found

    return gains


def gradient_gains(network, column, baselines, *, steps, megabytes=MEGABYTES):
    """A guide that estimates every substitution by the average path gradient.

    ``G[new base] - G[present base]`` where G is the mean gradient of the logit on
    straight paths from the baselines to the sequence. It is also the difference of
    their hypothetical Integrated Gradients, averaged over the baselines: what a
    baseline itself takes away is the same for all bases of a position.

    Parameters
    ----------
    network : torch.nn.Module
    column : int
        Of the logits.
    baselines : proofread.methods.attributions.baselines.Baselines
        Of the sequences as they were at the start.
    steps : int
        Intervals on each path.
    megabytes : float
        Of activations in one pass.

    Returns
    -------
    callable
        As that of `exact_gains`; estimates, also where `allowed` is False.
    """
    mean_gradient = _mean_gradient(network, column, baselines, steps, megabytes)

    def gains(index, rows, _, __):
        found = mean_gradient(index, rows, "logit")
        return found - observed(found, index)[:, None]

    return gains


def _mean_gradient(network, column, baselines, steps, megabytes):
    place = cut(network)
    like = next(place.network.parameters(), torch.empty(0))

    def mean_gradient(index, rows, output):
        found = average_path_gradient(
            place,
            torch.from_numpy(one_hot(index)).to(like),
            baselines[rows].to(like),
            column,
            steps,
            scale=output,
            megabytes=megabytes,
        )
        return found.detach().cpu().numpy().astype(np.float64)

    return mean_gradient


# --- Moves: which substitutions to try, in which order --------------------------------


def best_moves(guide, candidates):
    """The substitutions that promise most, by a guide.

    Parameters
    ----------
    guide : callable
        From `exact_gains` or `gradient_gains`.
    candidates : int
        Of each sequence.

    Returns
    -------
    callable
        (index, rows, allowed, logit, sign) -> row, position, base, predicted: arrays of
        one length, by row and then from the best on. Of equal gains the first position
        and the first base of the alphabet come first.
    """

    def moves(index, rows, allowed, logit, sign):
        gains = guide(index, rows, allowed, logit)
        promise = np.where(allowed, sign[:, None, None] * gains, -np.inf)
        # Gains that differ by rounding alone are ties, whatever batch they were in.
        size = np.abs(np.where(allowed, gains, 0)).max(axis=(1, 2))
        unit = _ROUNDING * np.maximum(size, _ROUNDING)
        promise = np.round(promise / unit[:, None, None])
        # (m, 4, length) -> (m, length * 4): ties by position, then by base
        flat = promise.transpose(0, 2, 1).reshape(len(index), -1)
        order = np.argsort(-flat, axis=1, kind="stable")[:, :candidates]
        row, rank = np.nonzero(np.take_along_axis(flat, order, axis=1) > -np.inf)
        position, base = np.divmod(order[row, rank], 4)
        return row, position, base.astype(np.uint8), gains[row, base, position]

    return moves


def first_base_moves(network, column, baselines, *, steps, megabytes=MEGABYTES):
    """The published rule of deepG, which cannot see the bases that are absent.

    Integrated Gradients of the probability. To raise it: the cell with the smallest,
    and at its position the base with the largest; to lower it the other way round. The
    first of equal ones, by position and then in the order A, C, G, T; as absent bases
    have 0, that is A wherever A is not the base itself. The base may be the one that is
    there: then nothing changes, ever again.

    Parameters
    ----------
    network, column, steps, megabytes
        As for `gradient_gains`.
    baselines : proofread.methods.attributions.baselines.Baselines
        Zeros, in the original.

    Returns
    -------
    callable
        As that of `best_moves`, one move for each sequence with a known base;
        `predicted` is the difference of the two attributions, in probability.
    """
    mean_gradient = _mean_gradient(network, column, baselines, steps, megabytes)

    def moves(index, rows, _, __, sign):
        # The baseline of zeros takes nothing away: (m, 4, length)
        found = one_hot(index) * mean_gradient(index, rows, "probability")
        ordered = (sign[:, None, None] * found).transpose(0, 2, 1)  # (m, length, 4)
        known = index != UNKNOWN
        cells = np.where(known[:, :, None], ordered, np.inf).reshape(len(index), -1)
        position = cells.argmin(axis=1) // 4
        row = np.flatnonzero(known.any(axis=1))
        position = position[row]
        base = ordered[row, position].argmax(axis=1).astype(np.uint8)
        there = index[row, position]
        return (
            row,
            position,
            base,
            found[row, base, position] - found[row, there, position],
        )

    return moves


# --- The search -----------------------------------------------------------------------


def substitute(
    editor,
    moves,
    index,
    up,
    column,
    *,
    steps,
    revisit=False,
    improving=True,
    least_gain=1e-4,
    label="substitutions",
):
    """Change sequences step by step.

    Parameters
    ----------
    editor : proofread.models.local_edits.EditedLogits
    moves : callable
        From `best_moves` or `first_base_moves`.
    index : numpy.ndarray, shape (m, length), uint8
        Unknown bases and padding are never changed.
    up : numpy.ndarray, shape (m,), bool
        Whether a sequence's logit is to be raised or lowered.
    column : int
        Of the logits.
    steps : int
        Most substitutions.
    revisit : bool
        Whether a position may be changed again.
    improving : bool
        True: the first of the moves that shifts the logit the right way by more than
        `least_gain` is made, and where there is none the search stops. False: the first
        move is made, whatever it does.
    least_gain : float
        Logits.
    label : str
        Of the progress bar.

    Returns
    -------
    Trajectories
    """
    m = len(index)
    state, free = np.array(index), np.asarray(index) != UNKNOWN
    sign = np.where(up, 1.0, -1.0)
    logit = np.empty((m, steps + 1))
    logit[:, 0] = editor.intact(state)[:, column]
    position = np.full((m, steps), -1, dtype=np.int64)
    old = np.full((m, steps), UNKNOWN, dtype=np.uint8)
    new = old.copy()
    predicted = np.full((m, steps), np.nan)
    rank = np.zeros((m, steps), dtype=np.int64)
    active = np.arange(m)
    bases = np.arange(4)[:, None]
    for step in progress(range(steps), label):
        logit[:, step + 1] = logit[:, step]
        if len(active) == 0:
            continue
        now, before = state[active], logit[active, step]
        allowed = free[active][:, None] & (now[:, None] != bases)
        row, place, base, promised = moves(now, active, allowed, before, sign[active])
        after = editor.edited(now, row, place, base[:, None])[:, column]
        realised = sign[active][row] * (after - before[row])
        accepted = np.flatnonzero(realised > least_gain if improving else row >= 0)
        # Rows are sorted, and in each the moves: the first accepted of each row.
        _, first = np.unique(row[accepted], return_index=True)
        chosen = accepted[first]
        row_of, place, base = row[chosen], place[chosen], base[chosen]
        who = active[row_of]
        position[who, step], old[who, step] = place, state[who, place]
        new[who, step], predicted[who, step] = base, promised[chosen]
        rank[who, step] = chosen - np.searchsorted(row, row_of) + 1
        logit[who, step + 1] = after[chosen]
        state[who, place] = base
        if not revisit:
            free[who, place] = False
        active = who
    made = (position >= 0).sum(axis=1)
    return Trajectories(logit, position, old, new, predicted, rank, made, state)


def random_edits(editor, index, column, *, steps, controls, rng):
    """What substitutions do that nothing guides: other positions, any other base.

    Parameters
    ----------
    editor, column, steps
        As for `substitute`.
    index : numpy.ndarray, shape (n, length), uint8
    controls : int
        Random trajectories of each sequence.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (n, controls, steps + 1), float64
        Logits. No position is changed twice; where all known ones are changed already,
        the last logit stays.
    """
    n, length = index.shape
    state = np.repeat(index, controls, axis=0)  # (n * controls, length)
    known = state != UNKNOWN
    # Unknown positions sort behind all others.
    order = np.argsort(np.where(known, rng.random(state.shape), 2.0), axis=1)
    shift = rng.integers(1, 4, size=(len(state), steps), dtype=np.uint8)
    left = known.sum(axis=1)
    logit = np.empty((len(state), steps + 1))
    logit[:, 0] = np.repeat(editor.intact(index)[:, column], controls)
    for step in range(steps):
        rows = np.flatnonzero(left > step)
        place = order[rows, min(step, length - 1)]
        state[rows, place] = (state[rows, place] + shift[rows, step]) % 4
        logit[:, step + 1] = logit[:, step]
        logit[rows, step + 1] = editor.intact(state[rows])[:, column]
    return logit.reshape(n, controls, steps + 1)


def area_between(curve, control, up):
    """Mean distance of trajectories from their controls, over all steps.

    Parameters
    ----------
    curve, control : numpy.ndarray, shape (m, steps + 1)
        Logits or probabilities; `control` is the mean of the random trajectories.
    up : numpy.ndarray, shape (m,), bool

    Returns
    -------
    numpy.ndarray, shape (m,)
        The area between the two by the trapezoidal rule, divided by the number of
        steps; positive where the curve is further in its own direction.
    """
    distance = np.where(up, 1, -1)[:, None] * (curve - control)
    return (distance[:, 1:] + distance[:, :-1]).mean(axis=1) / 2


def baselines_of(kind, index, repeats, seed):
    """Baselines of the starting sequences; see `draw_baselines`."""
    return draw_baselines(kind, index, repeats, np.random.default_rng(seed))


def share_planted(found, planted, first):
    """Share of the first substitutions of each sequence that hit what was planted.

    Parameters
    ----------
    found : Trajectories
    planted : numpy.ndarray, shape (m, length), bool
    first : int
        How many count; of fewer substitutions all do.

    Returns
    -------
    numpy.ndarray, shape (m,)
        0 where no substitution was made.
    """
    position = found.position[:, :first]
    made = position >= 0
    hit = np.take_along_axis(planted, np.maximum(position, 0), axis=1) & made
    return hit.sum(axis=1) / np.maximum(made.sum(axis=1), 1)


WHERE = "methods.greedy_substitution"
EXACT, PATH, INTEGRATED, FAITHFUL = (
    *("exact", "path_gradient"),
    *("integrated_gradients", "faithful"),
)
FAITHFUL_STEPS = 50  # deepG's m_steps
COMPOSED = "composition"  # name of the sequence of the setting


@dataclass(frozen=True)
class Search:
    """What one rule did to one target of every sequence.

    Attributes
    ----------
    rule, target : str
    found : Trajectories
        2 n rows: the n sequences to raise, and the same to lower.
    control : numpy.ndarray, shape (n, controls, steps + 1)
        Logits of the random trajectories.
    """

    rule: str
    target: str
    found: Trajectories
    control: np.ndarray


# --- What is asked --------------------------------------------------------------------


def composed(composition, length, seed):
    """A sequence with given numbers of each base, in random order.

    Parameters
    ----------
    composition : dict of str to int
    length : int
        Of the model's input.
    seed : int

    Returns
    -------
    numpy.ndarray, shape (length,), uint8

    Raises
    ------
    InputError
        If the numbers do not sum to the length.
    """
    counts = [composition[base] for base in BASES]
    if sum(counts) != length:
        raise InputError(
            f"{WHERE}.composition",
            f"{sum(counts)} bases",
            f"{length}, the length of the model's input",
            "change the numbers of A, C, G and T",
        )
    bases = np.repeat(np.arange(4, dtype=np.uint8), counts)
    return np.random.default_rng(seed).permutation(bases)


def with_composed(dataset, index):
    """A dataset with one more sequence at its end, of which nothing is known.

    Raises
    ------
    InputError
        If a sequence has its name already.
    """
    if COMPOSED in dataset.name:
        raise InputError(
            f"{WHERE}.composition",
            f"a sequence of the dataset is called {COMPOSED!r}, too",
            "names that differ",
            "rename that sequence, or leave 'composition' out",
        )
    return replace(
        dataset,
        index=np.vstack([dataset.index, index[None]]),
        length=np.append(dataset.length, len(index)),
        name=[*dataset.name, COMPOSED],
        label=np.vstack(
            [dataset.label, np.full((1, len(dataset.target)), np.nan, np.float32)]
        ),
        group=[*dataset.group, COMPOSED],
        stratum=[*dataset.stratum, COMPOSED],
    )


def asked(params, dataset, predictor):
    """The sequences and the targets that the settings name.

    Returns
    -------
    dataset : proofread.datasets.dataset.Dataset
    targets : list of str

    Raises
    ------
    InputError
        If there is no such target, a rule needs gradients that the model has not, or no
        sequence is asked for.
    """
    if params.target is not None and params.target not in predictor.targets:
        raise InputError(
            f"{WHERE}.target",
            f"the model has no target {params.target!r}",
            "one of " + ", ".join(predictor.targets),
            "correct the name, or leave it out for all",
        )
    by_gradient = [rule for rule in params.rules if rule != EXACT]
    if by_gradient and predictor.network is None:
        raise InputError(
            f"{WHERE}.rules",
            f"{by_gradient[0]} needs gradients, and {predictor.name} is a callable",
            f"{EXACT} alone, which asks for predictions only",
            f"write 'rules: [{EXACT}]', or take the model out of the experiments",
        )
    if params.sequences == 0 and params.composition is None:
        raise InputError(
            f"{WHERE}.sequences",
            "0, and no composition",
            "at least one sequence to change",
            "raise it, or give a composition",
        )
    targets = list(predictor.targets) if params.target is None else [params.target]
    chosen = examined(dataset, params.sequences, params.seed, target=params.target)
    dataset = dataset.subset(chosen)
    if params.composition is not None:
        one = composed(params.composition, predictor.length, params.composition_seed)
        dataset = with_composed(dataset, one)
    return dataset, targets


# --- The search -----------------------------------------------------------------------


def search(params, editor, index, rule, column, label):
    """Both directions of one rule.

    Parameters
    ----------
    params : namespace
        The settings.
    editor : proofread.models.local_edits.EditedLogits
    index : numpy.ndarray, shape (n, length), uint8
    rule : str
    column : int
        Of the logits.
    label : str
        Of the progress bar.

    Returns
    -------
    Trajectories
        2 n rows: all sequences to raise, then all to lower.
    """
    both = np.concatenate([index, index])
    up = np.arange(len(both)) < len(index)
    options = {
        "steps": params.steps,
        "revisit": params.revisit,
        "improving": params.improving,
        "least_gain": params.least_gain,
    }
    if rule == EXACT:
        guide = exact_gains(editor, column)
    else:
        # Both directions of a sequence start from the same baselines.
        kind, repeats, steps = {
            PATH: ("zero", 1, params.path_steps),
            INTEGRATED: (params.baseline, params.baselines, params.path_steps),
            FAITHFUL: ("zero", 1, FAITHFUL_STEPS),
        }[rule]
        baselines = baselines_of(kind, index, repeats, params.seed)
        baselines = _Twice(baselines, len(index))
        network = cut(editor.predictor.network)
        size = {"steps": steps, "megabytes": params.megabytes}
    if rule == FAITHFUL:
        moves = first_base_moves(network, column, baselines, **size)
        options |= {"revisit": True, "improving": False}
    else:
        if rule != EXACT:
            guide = gradient_gains(network, column, baselines, **size)
        moves = best_moves(guide, params.candidates)
    return substitute(editor, moves, both, up, column, label=label, **options)


class _Twice:
    """Baselines of sequences that stand in the rows of a first and a second half."""

    def __init__(self, baselines, n):
        self.baselines, self.n = baselines, n

    def __getitem__(self, rows):
        return self.baselines[rows % self.n]
