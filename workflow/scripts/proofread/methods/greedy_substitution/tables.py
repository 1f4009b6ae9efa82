"""Tables, scores and sequences of greedy substitution."""

from dataclasses import replace

import numpy as np
import pandas as pd

from proofread.datasets.groups import label_column
from proofread.dna.encoding import BASES, UNKNOWN, decode
from proofread.files.fasta import fasta_record
from proofread.statistics.bootstrap import bootstrap
from proofread.statistics.logits import probability
from proofread.statistics.units import LOGIT, OUTPUT
from proofread.tables import Score
from proofread.truth.position_scores import planted_columns

PERCENTILES = (2.5, 97.5)
_DIRECTIONS = ("improve", "destroy")


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


def planted_fraction(trajectories, planted, first):
    """Fraction of the first substitutions of each sequence in planted columns.

    Parameters
    ----------
    trajectories : proofread.methods.greedy_substitution.search.Trajectories
    planted : numpy.ndarray, shape (m, length), bool
    first : int
        Substitutions that count; of fewer substitutions all do.

    Returns
    -------
    numpy.ndarray, shape (m,)
        0 where no substitution was made.
    """
    position = trajectories.position[:, :first]
    made = position >= 0
    hit = np.take_along_axis(planted, np.maximum(position, 0), axis=1) & made
    return hit.sum(axis=1) / np.maximum(made.sum(axis=1), 1)


def summary_table(dataset, search):
    """One row per sequence and direction of a search.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    search : proofread.methods.greedy_substitution.search.Search

    Returns
    -------
    pandas.DataFrame
        Of probabilities and of logits; of a quantity, of its output alone.
    """
    table = _of_probabilities if search.unit == LOGIT else _of_outputs
    n = len(dataset)
    label = np.asarray(dataset.label)[:, dataset.target.index(search.target)]
    changed = search.trajectories.index != np.tile(dataset.index, (2, 1))
    return pd.DataFrame(
        {
            "sequence": [*dataset.name, *dataset.name],
            "target": search.target,
            label_column(dataset): np.tile(label, 2),
            "rule": search.rule,
            "direction": np.repeat(_DIRECTIONS, n),
            **table(search, np.arange(2 * n) < n, changed.sum(axis=1)),
        }
    )


def _of_outputs(search, up, changed):
    """The columns of a quantity."""
    output = search.trajectories.logit
    control = np.tile(search.control.mean(axis=1), (2, 1))
    goal = np.where(up, search.goals.up, search.goals.down)
    reached = np.where(up[:, None], output >= goal[:, None], output <= goal[:, None])
    return {
        "start": output[:, 0],
        "end": output[:, -1],
        "control_end": control[:, -1],
        "unit": search.unit,
        "steps": search.trajectories.made,
        "changed": changed,
        "goal": goal,
        "steps_to_goal": _first_step(reached),
        "area": area_between(output, control, up),
    }


def _first_step(there):
    """The first step at which something holds, (m,); missing where it never does."""
    steps = pd.array(there.argmax(axis=1), dtype="Int64")
    steps[~there.any(axis=1)] = pd.NA
    return steps


def _of_probabilities(search, up, changed):
    """The columns of a binary target."""
    trajectories = search.trajectories
    certain = probability(trajectories.logit)
    control, control_p = (
        np.tile(values.mean(axis=1), (2, 1))
        for values in (search.control, probability(search.control))
    )
    beyond = np.where(up[:, None], certain >= 0.5, certain < 0.5)
    return {
        "start": certain[:, 0],
        "end": certain[:, -1],
        "control_end": control_p[:, -1],
        "steps": trajectories.made,
        "changed": changed,
        "steps_to_half": _first_step(beyond),
        "area": area_between(certain, control_p, up),
        "start_logit": trajectories.logit[:, 0],
        "end_logit": trajectories.logit[:, -1],
        "control_end_logit": control[:, -1],
        "area_logit": area_between(trajectories.logit, control, up),
    }


def step_table(dataset, search):
    """One row per substitution of a search, and one for the start.

    Parameters
    ----------
    dataset, search
        As of `summary_table`.
    """
    trajectories = search.trajectories
    m, steps = trajectories.position.shape
    row, step = np.nonzero(np.arange(steps + 1) <= trajectories.made[:, None])
    before = np.maximum(step - 1, 0)
    is_start = step == 0
    logit = trajectories.logit[row, step]
    realised = logit - trajectories.logit[row, before]
    bases = np.array([*BASES, ""])
    names = np.array([*dataset.name, *dataset.name], dtype=object)
    position = pd.array(trajectories.position[row, before], dtype="Int64")
    rank = pd.array(trajectories.rank[row, before], dtype="Int64")
    position[is_start] = rank[is_start] = pd.NA
    return pd.DataFrame(
        {
            "sequence": names[row],
            "target": search.target,
            "rule": search.rule,
            "direction": np.repeat(_DIRECTIONS, m // 2)[row],
            "step": step,
            "position": position,
            "old": np.where(is_start, "", bases[trajectories.old[row, before]]),
            "new": np.where(is_start, "", bases[trajectories.new[row, before]]),
            "predicted_gain": np.where(
                is_start, np.nan, trajectories.predicted[row, before]
            ),
            "realised_gain": np.where(is_start, np.nan, realised),
            "rank": rank,
            **_on_scales(logit, search.unit),
        }
    )


def _on_scales(logit, unit):
    """Logits and probabilities, by their names; of quantities outputs alone."""
    if unit != LOGIT:
        return {OUTPUT: logit}
    return {"logit": logit, "probability": probability(logit)}


def control_table(dataset, search):
    """One row per sequence and step: mean and spread of the random trajectories.

    Parameters
    ----------
    dataset, search
        As of `summary_table`.
    """
    control = search.control
    n, _, points = control.shape
    columns = {
        "sequence": np.repeat(np.array(dataset.name, dtype=object), points),
        "target": search.target,
        "step": np.tile(np.arange(points), n),
    }
    for name, values in _on_scales(control, search.unit).items():
        low, high = np.percentile(values, PERCENTILES, axis=1)
        columns |= {
            name: values.mean(axis=1).ravel(),
            f"{name}_low": low.ravel(),
            f"{name}_high": high.ravel(),
        }
    return pd.DataFrame(columns)


def scores(dataset, searches, *, first, resamples, seed):
    """How many of the first substitutions that lower a positive are in the truth.

    Of a quantitative target all sequences count, no matter their value. Instances whose
    effect is known not to raise the value are left out: to destroy one lowers nothing.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    searches : list of proofread.methods.greedy_substitution.search.Search
    first : int
        Substitutions that count.
    resamples, seed : int
        Of the bootstrap over sequences.

    Returns
    -------
    list of proofread.tables.Score
        ``destroy_edits_planted`` or, of known sites, ``destroy_edits_known``: the mean
        fraction in their columns, over the sequences that hold one. The variant is the
        rule where there are several.
    """
    several = len({search.rule for search in searches}) > 1
    metric = "destroy_edits_known" if dataset.known else "destroy_edits_planted"
    raising = dataset
    if "effect" in dataset.truth:
        truth = dataset.truth[dataset.truth["effect"] > 0]
        raising = replace(dataset, truth=truth)
    rows = []
    for search in searches:
        planted = planted_columns(raising, search.target)
        there = planted.any(axis=1)
        if not dataset.quantitative:
            column = dataset.target.index(search.target)
            there &= np.asarray(dataset.label)[:, column] >= 0.5
        positive = np.flatnonzero(there)
        if len(positive) == 0:
            continue
        fraction = planted_fraction(
            search.trajectories, np.tile(planted, (2, 1)), first
        )
        # The second half of the rows was lowered.
        fraction = fraction[len(dataset) + positive]
        interval = bootstrap(np.mean, (fraction,), resamples=resamples, seed=seed)
        rows.append(
            Score(
                metric,
                float(fraction.mean()),
                len(fraction),
                *interval,
                target=search.target,
                variant=search.rule if several else "",
            )
        )
    return rows


def edited_fasta(dataset, searches):
    """FASTA text of the sequences at the end of each search, without padding.

    Names are ``<sequence>|<target>|<rule>|<direction>``, each once.
    """
    records = []
    for search in searches:
        trajectories = search.trajectories
        for number, index in enumerate(trajectories.index):
            direction, row = divmod(number, len(dataset))
            parts = [
                dataset.name[row],
                search.target,
                search.rule,
                _DIRECTIONS[direction],
            ]
            # Readers end a name at the first white space.
            name = "|".join("_".join(part.split()) for part in parts)
            bases = np.minimum(index[: dataset.length[row]], UNKNOWN)
            header = f"{name} steps={trajectories.made[number]}"
            records.append(fasta_record(header, decode(bases)))
    return "".join(records)
