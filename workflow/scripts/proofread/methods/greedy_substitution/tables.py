"""Tables of greedy substitution."""

import numpy as np
import pandas as pd

from proofread.dna.encoding import BASES, UNKNOWN
from proofread.methods.greedy_substitution.search import area_between, share_planted
from proofread.statistics.bootstrap import bootstrap
from proofread.statistics.logits import probability
from proofread.truth.position_scores import planted_columns

_DIRECTIONS = ("improve", "destroy")
_PERCENTILES = (2.5, 97.5)


# --- Tables ---------------------------------------------------------------------------


def _direction(m):
    return np.repeat(_DIRECTIONS, m // 2)


def summary_table(dataset, label, each):
    """One row per sequence and direction of a `Search`."""
    found, n = each.found, len(dataset)
    up = np.arange(2 * n) < n
    certain = probability(found.logit)
    control = each.control.mean(axis=1)
    control_p = probability(each.control).mean(axis=1)
    control, control_p = (np.tile(part, (2, 1)) for part in (control, control_p))
    beyond = np.where(up[:, None], certain >= 0.5, certain < 0.5)
    return pd.DataFrame(
        {
            "sequence": [*dataset.name, *dataset.name],
            "target": each.target,
            "label": np.tile(label, 2),
            "rule": each.rule,
            "direction": _direction(2 * n),
            "start": certain[:, 0],
            "end": certain[:, -1],
            "control_end": control_p[:, -1],
            "steps": found.made,
            "changed": (found.index != np.tile(dataset.index, (2, 1))).sum(axis=1),
            "steps_to_half": pd.array(
                np.where(beyond.any(axis=1), beyond.argmax(axis=1), -1), dtype="Int64"
            ),
            "area": area_between(certain, control_p, up),
            "start_logit": found.logit[:, 0],
            "end_logit": found.logit[:, -1],
            "control_end_logit": control[:, -1],
            "area_logit": area_between(found.logit, control, up),
        }
    ).assign(steps_to_half=lambda table: table["steps_to_half"].replace(-1, pd.NA))


def step_table(dataset, each):
    """One row per step that was made, and one for the start, of a `Search`."""
    found = each.found
    m, steps = found.position.shape
    row, step = np.nonzero(np.arange(steps + 1) <= found.made[:, None])
    before = np.maximum(step - 1, 0)
    is_start = step == 0
    logit = found.logit[row, step]
    letters = np.array([*BASES, ""])
    names = np.array([*dataset.name, *dataset.name], dtype=object)
    position = pd.array(found.position[row, before], dtype="Int64")
    rank = pd.array(found.rank[row, before], dtype="Int64")
    position[is_start] = rank[is_start] = pd.NA
    return pd.DataFrame(
        {
            "sequence": names[row],
            "target": each.target,
            "rule": each.rule,
            "direction": _direction(m)[row],
            "step": step,
            "position": position,
            "old": np.where(is_start, "", letters[found.old[row, before]]),
            "new": np.where(is_start, "", letters[found.new[row, before]]),
            "predicted_gain": np.where(is_start, np.nan, found.predicted[row, before]),
            "realised_gain": np.where(
                is_start, np.nan, logit - found.logit[row, before]
            ),
            "rank": rank,
            "logit": logit,
            "probability": probability(logit),
        }
    )


def control_table(dataset, target, control):
    """One row per sequence and step: mean and spread of the random trajectories."""
    n, _, points = control.shape
    columns = {
        "sequence": np.repeat(np.array(dataset.name, dtype=object), points),
        "target": target,
        "step": np.tile(np.arange(points), n),
    }
    for name, values in (("logit", control), ("probability", probability(control))):
        low, high = np.percentile(values, _PERCENTILES, axis=1)
        columns |= {
            name: values.mean(axis=1).ravel(),
            f"{name}_low": low.ravel(),
            f"{name}_high": high.ravel(),
        }
    return pd.DataFrame(columns)


def scores(dataset, searches, *, first, resamples, seed):
    """How many of the first substitutions that lower a positive hit what was planted.

    Returns
    -------
    list of tuple
        (metric, value, n, ci_low, ci_high): ``destroy_edits_planted``, the mean over
        the positives that hold a causal instance; of rules after the first with
        ``_<rule>``, of several targets with the target in brackets.
    """
    rows = []
    for each in searches:
        planted = planted_columns(dataset, each.target)
        label = np.asarray(dataset.label)[:, dataset.target.index(each.target)]
        positive = np.flatnonzero((label >= 0.5) & planted.any(axis=1))
        if len(positive) == 0:
            continue
        # The second half of the rows was lowered.
        share = share_planted(each.found, np.tile(planted, (2, 1)), first)
        share = share[len(dataset) + positive]
        suffix = "" if each.rule == searches[0].rule else f"_{each.rule}"
        suffix += f"[{each.target}]" if len(dataset.target) > 1 else ""
        interval = bootstrap(np.mean, (share,), resamples=resamples, seed=seed)
        metric = f"destroy_edits_planted{suffix}"
        rows.append((metric, float(share.mean()), len(share), *interval))
    return rows


# --- The job --------------------------------------------------------------------------


def edited_fasta(dataset, searches):
    """FASTA text of the sequences at the end of each search, without padding."""
    lines = []
    letters = np.array([*BASES, "N"])
    for each in searches:
        for place, index in enumerate(each.found.index):
            row = place % len(dataset)
            direction = _DIRECTIONS[place // len(dataset)]
            bases = letters[np.minimum(index[: dataset.length[row]], UNKNOWN)]
            lines.append(
                f">{dataset.name[row]} target={each.target} rule={each.rule} "
                f"direction={direction} steps={each.found.made[place]}\n"
                + "".join(bases)
            )
    return "".join(f"{line}\n" for line in lines)
