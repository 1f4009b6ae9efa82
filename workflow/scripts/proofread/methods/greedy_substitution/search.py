"""Sequences changed base by base, each time where the prediction changes most.

A guide gives the expected change of a logit by every single substitution, exactly or by
gradients. The best of them that changes the logit in the wanted direction is made, and
the guide is applied again to the changed sequence. Many sequences are changed at once.

Of a network of quantities, its output takes the place of the logit throughout.
"""

from dataclasses import dataclass

import numpy as np

from proofread.dna.encoding import UNKNOWN
from proofread.errors import InputError
from proofread.methods.attributions.baselines import draw_baselines
from proofread.methods.greedy_substitution.goals import Goals
from proofread.methods.greedy_substitution.guides import exact_gains, gradient_gains
from proofread.methods.greedy_substitution.moves import best_moves, first_base_moves
from proofread.progress import progress
from proofread.statistics.units import LOGIT

EXACT = "exact"
PATH = "path_gradient"
INTEGRATED = "integrated_gradients"
FAITHFUL = "faithful"
_FAITHFUL_STEPS = 50  # deepG's m_steps


@dataclass(frozen=True)
class Trajectories:
    """The substitutions made in sequences, one row for each.

    Attributes
    ----------
    logit : numpy.ndarray, shape (m, steps + 1), float64
        Before the first substitution and after each; constant once the search has
        stopped.
    position : numpy.ndarray, shape (m, steps), int64
        Of each substitution; -1 once the search has stopped.
    old, new : numpy.ndarray, shape (m, steps), uint8
        The bases; `UNKNOWN` where there was no substitution.
    predicted : numpy.ndarray, shape (m, steps), float64
        The change that the guide expected; NaN where there was no substitution. The
        realised gain is the difference of two logits.
    rank : numpy.ndarray, shape (m, steps), int64
        1: the guide's first choice was made; 2: its second, because the first did not
        change the logit in the wanted direction; and so on. 0: none was made.
    made : numpy.ndarray, shape (m,), int64
        Number of substitutions.
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
    min_gain=1e-4,
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
        True: the logit is raised; False: it is lowered.
    column : int
        Of the logits.
    steps : int
        Maximum number of substitutions.
    revisit : bool
        Whether a position may be changed again.
    improving : bool
        True: the first of the moves that changes the logit in the wanted direction by
        more than `min_gain` is made; where there is none the search stops. False: the
        first move is made, whatever its effect.
    min_gain : float
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
        row, where, base, expected = moves(now, active, allowed, before, sign[active])
        after = editor.edited(now, row, where, base[:, None])[:, column]
        realised = sign[active][row] * (after - before[row])
        accepted = np.flatnonzero(realised > min_gain if improving else row >= 0)
        # Moves are sorted by row, then by rank: the first accepted of each row.
        _, first = np.unique(row[accepted], return_index=True)
        chosen = accepted[first]
        chosen_row, where, base = row[chosen], where[chosen], base[chosen]
        active = active[chosen_row]
        position[active, step], old[active, step] = where, state[active, where]
        new[active, step], predicted[active, step] = base, expected[chosen]
        rank[active, step] = chosen - np.searchsorted(row, chosen_row) + 1
        logit[active, step + 1] = after[chosen]
        state[active, where] = base
        if not revisit:
            free[active, where] = False
    made = (position >= 0).sum(axis=1)
    return Trajectories(logit, position, old, new, predicted, rank, made, state)


def random_edits(editor, index, column, *, steps, controls, rng):
    """Logits along random trajectories: random positions, random other bases.

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
        No position is changed twice; once all known ones are changed, the logit stays.
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
        position = order[rows, min(step, length - 1)]
        state[rows, position] = (state[rows, position] + shift[rows, step]) % 4
        logit[:, step + 1] = logit[:, step]
        logit[rows, step + 1] = editor.intact(state[rows])[:, column]
    return logit.reshape(n, controls, steps + 1)


@dataclass(frozen=True)
class Search:
    """The search by one rule for one target of every sequence.

    Attributes
    ----------
    rule, target : str
    trajectories : Trajectories
        2 n rows: the n sequences to raise, and the same to lower.
    control : numpy.ndarray, shape (n, controls, steps + 1)
        Logits of the random trajectories.
    unit : str
        In what the network's outputs are.
    goals : proofread.methods.greedy_substitution.goals.Goals or None
        Of a quantity: the outputs to reach.
    """

    rule: str
    target: str
    trajectories: Trajectories
    control: np.ndarray
    unit: str = LOGIT
    goals: Goals | None = None


def check_rules(rules, predictor):
    """Every rule can be applied to the model.

    Parameters
    ----------
    rules : list of str
    predictor : proofread.models.predictor.Predictor

    Raises
    ------
    InputError
        If a rule needs gradients and the model is a callable.
    """
    by_gradient = [rule for rule in rules if rule != EXACT]
    if by_gradient and predictor.network is None:
        raise InputError(
            "methods.greedy_substitution.rules",
            f"{by_gradient[0]} needs gradients, and {predictor.name} is a callable",
            f"{EXACT} alone, which needs predictions only",
            f"write 'rules: [{EXACT}]', or take the model out of the experiments",
        )


def greedy_search(
    editor,
    index,
    column,
    rule,
    *,
    steps,
    revisit,
    improving,
    min_gain,
    candidates,
    baseline,
    baselines,
    path_steps,
    megabytes,
    seed,
    label,
):
    """Change sequences by one rule, in both directions.

    Parameters
    ----------
    editor : proofread.models.local_edits.EditedLogits
    index : numpy.ndarray, shape (n, length), uint8
    column : int
        Of the logits.
    rule : str
        `exact`, `path_gradient`, `integrated_gradients` or `faithful`.
    steps, revisit, improving, min_gain, label
        As of `substitute`; `faithful` revisits and does not ask for improvement.
    candidates : int
        Substitutions tried at each step; `faithful` has one.
    baseline, baselines : str, int
        Kind and number per sequence, of `integrated_gradients`.
    path_steps : int
        Intervals on each path of `path_gradient` and `integrated_gradients`.
    megabytes : float
        Of activations in one pass.
    seed : int
        Of the baselines.

    Returns
    -------
    Trajectories
        2 n rows: all sequences to raise, then all to lower.
    """
    if rule == EXACT:
        moves = best_moves(exact_gains(editor, column), candidates)
    else:
        kind, repeats, intervals = {
            PATH: ("zero", 1, path_steps),
            INTEGRATED: (baseline, baselines, path_steps),
            FAITHFUL: ("zero", 1, _FAITHFUL_STEPS),
        }[rule]
        rng = np.random.default_rng(seed)
        starts = _Twice(draw_baselines(kind, index, repeats, rng), len(index))
        gradient = (editor.predictor.network, column, starts)
        size = {"steps": intervals, "megabytes": megabytes}
        if rule == FAITHFUL:
            moves = first_base_moves(*gradient, **size)
            revisit, improving = True, False
        else:
            moves = best_moves(gradient_gains(*gradient, **size), candidates)
    both = np.concatenate([index, index])
    return substitute(
        editor,
        moves,
        both,
        np.arange(len(both)) < len(index),
        column,
        steps=steps,
        revisit=revisit,
        improving=improving,
        min_gain=min_gain,
        label=label,
    )


class _Twice:
    """Baselines of n sequences, for 2 n rows: both directions share them."""

    def __init__(self, baselines, n):
        self.baselines, self.n = baselines, n

    def __getitem__(self, rows):
        return self.baselines[rows % self.n]
