"""Finished runs side by side: which scores differ beyond the noise of seeds.

The unit is the network: the spread of a score over the seeds of a run is the noise with
which a difference between runs is compared.
"""

from math import comb
from pathlib import Path

import numpy as np
import pandas as pd

from proofread.configuration.compare import PARTS, SCORECARD
from proofread.errors import InputError
from proofread.statistics.multiple_testing import holm
from proofread.statistics.paired_tests import sign_flip
from proofread.statistics.student import mean_and_sd, t_interval, welch
from proofread.tables import DIGITS, UNBOUNDED_METRICS, read_table
from proofread.truth.label_free import RAW_UNITS
from proofread.truth.summary import (
    NETWORK,
    SCORE,
    SCORES_OVER_SEEDS,
    collect_networks,
    join_scores,
)

NAMES = ["dataset", "model", *SCORE]
HIGHER, LOWER = "higher", "lower"
WITHIN, CANNOT_SAY = "within seed noise", "cannot say"
ONLY_IN = "only in "
ALPHA = 0.05  # bounds the adjusted p of a difference beyond seed noise
COLUMNS = [
    *(*NAMES, "better", "first", "first_n", "first_mean", "first_sd"),
    *("second", "second_n", "second_mean", "second_sd", "pairs"),
    *("difference", "ci_low", "ci_high", "p", "p_holm", "verdict", "note"),
]
DIFFERING = ["item", "first", "first_text", "second", "second_text"]
_ROUNDING = 10.0 ** (1 - DIGITS)  # of the numbers in a table, as a fraction of them
_PERMUTATIONS, _SEED = 10_000, 0  # up to 13 seeds the sign-flip test is exact


def read_scores(run):
    """The scores of a run, or of the part of it that was chosen.

    Parameters
    ----------
    run : dict
        From `proofread.configuration.compare.find_runs`.

    Returns
    -------
    pandas.DataFrame
        `SCORES_OVER_SEEDS`: of predictions, of methods against the truth, and of
        faithfulness, whose variant is the kind of map and the window.
    """
    paths = {name: [] for name in ("metrics", "table", Path(SCORECARD).stem)}
    for path in map(Path, run["tables"]):
        paths.setdefault(path.stem, []).append(path)
    _, of_networks = collect_networks(paths["metrics"])
    (path,) = paths[Path(SCORECARD).stem]
    # That of another version may lack columns that are not looked at here.
    scorecard = read_table(path)[[*NETWORK, *SCORE, "better", "value"]]
    # Without a direction neither run is the better one.
    scorecard = scorecard.dropna(subset="better")
    scorecard = scorecard.reindex(columns=SCORES_OVER_SEEDS)
    parts = [join_scores(of_networks, scorecard), *map(_faithfulness, paths["table"])]
    scores = pd.concat([part for part in parts if len(part)] or parts[:1])
    for part in PARTS:
        if run[part] is not None:
            scores = scores[scores[part] == str(run[part])]
    return scores.reset_index(drop=True)


def _faithfulness(path):
    """The numbers of faithfulness of a network as scores, without those in raw units.

    Networks have outputs of different size; the same quantity is there in units of
    their standard deviation.
    """
    dataset, model, seed, method = path.parts[-5:-1]
    table = read_table(path)
    table = table[~table["unit"].isin(RAW_UNITS)]
    window = table["window"].map(
        lambda width: "" if np.isnan(width) else f"{width:.0f}"
    )
    variant = table["kind"].where(window == "", table["kind"] + " window" + window)
    table = table.assign(
        **{"dataset": dataset, "model": model, "seed": seed.removeprefix("seed")},
        **{"method": method, "metric": table["quantity"], "motif": ""},
        **{"variant": variant, "target": table["target"].fillna("")},
    )
    return table.reindex(columns=SCORES_OVER_SEEDS)


def compare_runs(runs, scores):
    """Compare each run with the first, score by score.

    Parameters
    ----------
    runs : list of dict
        From `proofread.configuration.compare.find_runs`; at least two.
    scores : list of pandas.DataFrame
        From `read_scores`, of each run.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: a row for each score and each run after the first, if the first or
        that run has it. `first_n`, `second_n`: seeds with a value. `difference`: mean
        of the second minus mean of the first, with its 95 % t interval. `pairs`: seeds
        by which the test is paired; 0 is Welch's test. `p_holm`: p adjusted for all
        rows. `verdict`: of the second run, `HIGHER` or `LOWER` at `p_holm` of at most
        `ALPHA`; else `WITHIN` if the interval includes 0, and `CANNOT_SAY` if it
        excludes 0 or a run has fewer than two seeds; `ONLY_IN` and the name of the one
        run that has the score. A difference that the rounding of the tables explains
        is none.

    Raises
    ------
    InputError
        If no run has a score in common with the first.
    """
    names = [run["name"] for run in runs]
    named = _renamed(runs, scores)
    groups = [dict(list(table.groupby(NAMES, sort=False))) for table in named]
    rows = []
    for name, others in zip(names[1:], groups[1:], strict=True):
        for key in dict.fromkeys([*groups[0], *others]):
            both = {names[0]: groups[0].get(key), name: others.get(key)}
            rows.append(dict(zip(NAMES, key, strict=True)) | _row(both))
    table = pd.DataFrame(rows, columns=COLUMNS)
    if not _is_shared(table).any():
        raise InputError(
            f"compare: {', '.join(names)}",
            "no score that another run has in common with the first ("
            + "; ".join(map(_networks_of, names, named))
            + ")",
            "runs with the same names of datasets and models",
            "if they have other names, choose one dataset or model of each run: "
            "{folder: ..., model: ...} (docs/compare.md)",
        )
    table["p_holm"] = holm(table["p"])
    tested = table["p"].notna()
    sign = np.where(table["difference"] > 0, HIGHER, LOWER)
    # Of many equal scores some intervals exclude 0: neither a difference nor none.
    excluded = (table["ci_low"] > 0) | (table["ci_high"] < 0)
    undecided = np.where(excluded & (table["p"] < 1), CANNOT_SAY, WITHIN)
    verdicts = np.where(table["p_holm"] <= ALPHA, sign, undecided)
    table.loc[tested, "verdict"] = verdicts[tested]
    unsure = tested & (table["verdict"] == CANNOT_SAY) & (table["note"] == "")
    table.loc[unsure, "note"] = "the interval excludes 0, but one of so many may"
    return table


def _renamed(runs, scores):
    """Scores with one name for a dataset or model that every run chooses.

    Chosen datasets with one target each may call it by other names, as simulated ones
    do; it has one name then, too.
    """
    for part in ("dataset", "model"):
        chosen = [run[part] for run in runs]
        if all(chosen):
            name = " / ".join(dict.fromkeys(chosen))
            scores = [table.assign(**{part: name}) for table in scores]
    targets = [set(table["target"]) - {""} for table in scores]
    if all(run["dataset"] for run in runs) and all(
        len(names) == 1 for names in targets
    ):
        name = " / ".join(dict.fromkeys(each for (each,) in targets))
        scores = [
            table.assign(target=table["target"].where(table["target"] == "", name))
            for table in scores
        ]
    return scores


def _networks_of(name, scores):
    pairs = scores[["dataset", "model"]].drop_duplicates()
    of = [f"{dataset} {model}" for dataset, model in pairs.itertuples(index=False)]
    return f"{name} has {', '.join(of) or 'no score'}"


def _is_shared(table):
    return ~table["verdict"].str.startswith(ONLY_IN)


def _row(both):
    """What a row says of two runs, either of which may lack the score."""
    row, values = {"pairs": 0, "verdict": "", "note": ""}, []
    for side, (name, rows) in zip(("first", "second"), both.items(), strict=True):
        by_seed = pd.Series(dtype=float)
        if rows is not None:
            by_seed = rows.groupby("seed", sort=False)["value"].mean().dropna()
            row["better"] = rows["better"].iloc[0]
        n, mean, sd = mean_and_sd(by_seed)
        row |= {side: name, f"{side}_n": n, f"{side}_mean": mean, f"{side}_sd": sd}
        values.append(by_seed)
    having = [name for name, rows in both.items() if rows is not None]
    if len(having) == 1:
        return row | {"verdict": ONLY_IN + having[0]}
    row["difference"] = row["second_mean"] - row["first_mean"]
    few = {name: len(each) for name, each in zip(both, values, strict=True)}
    few = [f"{n or 'no'} seed in {name}" for name, n in few.items() if n < 2]
    if few:
        return row | {"verdict": CANNOT_SAY, "note": ", ".join(few)}
    return row | _tested(*values)


def _tested(first, second):
    """Difference, interval, p and note of two series of values by seed."""
    rounding = _ROUNDING * max(first.abs().max(), second.abs().max())
    if set(first.index) == set(second.index):
        return _paired(second[first.index].to_numpy() - first.to_numpy(), rounding)
    first, second = first.to_numpy(), second.to_numpy()
    spread = max(np.ptp(first), np.ptp(second))
    if spread > rounding:
        difference, low, high, p = welch(first, second)
        return {"difference": difference, "ci_low": low, "ci_high": high, "p": p}
    difference = mean_and_sd(second)[1] - mean_and_sd(first)[1]
    if abs(difference) <= rounding:
        p, note = 1.0, "equal at all seeds"
    else:
        # Of all divisions into two groups of this size, one is as extreme; of two
        # equal groups also its mirror image.
        p = (1 + (len(first) == len(second))) / comb(
            len(first) + len(second), len(first)
        )
        note = "the same value at all seeds of each run: p of a permutation test"
    return _without_spread(difference, p, note)


def _paired(differences, rounding):
    """The same of seeds that both runs have."""
    n, mean, sd = mean_and_sd(differences)
    if np.abs(differences).max() <= rounding:
        result = _without_spread(mean, 1.0, "equal at all seeds")
    elif np.ptp(differences) <= rounding:
        p = float(sign_flip(differences, permutations=_PERMUTATIONS, seed=_SEED))
        note = "the same difference at all seeds: p of the sign-flip test"
        result = _without_spread(mean, p, note)
    else:
        from scipy import stats

        low, high = t_interval(n, mean, sd)
        p = float(stats.ttest_1samp(differences, 0).pvalue)
        result = {"difference": mean, "ci_low": low, "ci_high": high, "p": p}
    return {**result, "pairs": n}


def _without_spread(difference, p, note):
    ends = {"ci_low": difference, "ci_high": difference}
    return {"difference": difference, **ends, "p": p, "note": note}


def beyond_noise(table):
    """Rows whose difference is beyond seed noise, the largest first.

    Parameters
    ----------
    table : pandas.DataFrame
        From `compare_runs`.

    Returns
    -------
    pandas.DataFrame
        The same columns and `fraction`: whether the score has a scale from 0 to 1 (or
        -1 to 1), as far as name and means show. These come first, as differences on
        other scales are not to be compared with theirs.
    """
    rows = table[table["verdict"].isin([HIGHER, LOWER])]
    means = rows[["first_mean", "second_mean"]].abs().max(axis=1)
    fraction = ~rows["metric"].isin(UNBOUNDED_METRICS) & (means <= 1)
    rows = rows.assign(fraction=fraction, size=rows["difference"].abs())
    rows = rows.sort_values(["fraction", "size"], ascending=False, kind="stable")
    return rows.drop(columns="size").reset_index(drop=True)


def differing_settings(runs, provenances):
    """Versions, seeds and methods that differ from those of the first run.

    Parameters
    ----------
    runs : list of dict
    provenances : list of (pandas.DataFrame or None)
        ``figures/provenance.tsv`` of each run; None where there is none.

    Returns
    -------
    pandas.DataFrame
        `DIFFERING`; an item that one run lacks is ``""``. Nothing of a run without the
        table.
    """
    texts = [
        None if table is None else dict(zip(table["item"], table["text"], strict=True))
        for table in provenances
    ]
    rows = []
    for run, other in zip(runs[1:], texts[1:], strict=True):
        if texts[0] is None or other is None:
            continue
        for item in dict.fromkeys([*texts[0], *other]):
            first, second = texts[0].get(item, ""), other.get(item, "")
            if first != second:
                rows.append((item, runs[0]["name"], first, run["name"], second))
    return pd.DataFrame(rows, columns=DIFFERING)
