"""Which number that needs no truth says how much of the truth a map has found.

On simulated data both are known: the numbers of faithfulness, and the position score of
the same kind of map. Their rank correlation says which number a user without a truth
may believe, and for what. Only maps of the same dataset are ranked together: over
several datasets the correlation would be that of easy and difficult rules.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from proofread.configuration.negative_controls import kind_of
from proofread.statistics.correlation import spearman
from proofread.statistics.student import mean_and_sd, t_interval
from proofread.studies.leaderboard import POSITIONS
from proofread.tables import read_table
from proofread.truth.headline import ANSWERS
from proofread.truth.label_free import (
    AGREES,
    ALL,
    COLUMNS,
    CONTRADICTS,
    QUESTIONS,
    RAW_UNITS,
    SEEDS,
    TRAINED,
    UNDECIDED,
    WITHIN,
    WITHOUT_KMERS,
)

NETWORK = ["dataset", "model", "seed"]
POINTS = [
    *(*NETWORK, "negative_control", "kind", "target"),
    *("quantity", "window", "unit", "better", "value", POSITIONS),
]
MIN_MAPS = 3  # maps that are ranked together; two are always in order or in reverse
_RANDOM = "random"  # the kind of no map
_KMERS = "kmer_perturbation"
# Maps that are ranked together have the same of these.
_TOGETHER = {
    ALL: ["dataset", "target", "kind"],
    TRAINED: ["dataset", "target", "kind"],
    SEEDS: ["dataset", "model", "target", "kind"],
    WITHIN: [*NETWORK, "target"],
    WITHOUT_KMERS: [*NETWORK, "target"],
}


def collect_points(tables, scores):
    """Each number of each map, beside the position score of the same map.

    Parameters
    ----------
    tables : iterable of str or path
        ``.../{dataset}/{model}/seed{seed}/faithfulness/table.tsv``, of networks and of
        their negative controls.
    scores : iterable of str or path
        ``.../{dataset}/{model}/seed{seed}/{method}/score.tsv`` of the methods with
        maps.

    Returns
    -------
    pandas.DataFrame
        `POINTS`, without maps that lack one of the two.
    """
    tables, scores = list(tables), list(scores)
    if not tables or not scores:
        return pd.DataFrame(columns=POINTS)
    numbers = pd.concat([_of_network(path) for path in tables])
    positions = pd.concat([_position_scores(path) for path in scores])
    points = numbers.merge(positions, on=[*NETWORK, "kind", "target"])
    points = points.dropna(subset=["value", POSITIONS])
    control = points["model"].map(lambda name: kind_of(name) or "")
    return points.assign(negative_control=control)[POINTS].reset_index(drop=True)


def _named(table, path):
    dataset, model, seed = Path(path).parts[-5:-2]
    names = (dataset, model, seed.removeprefix("seed"))
    return table.assign(**dict(zip(NETWORK, names, strict=True)))


def _of_network(path):
    table = read_table(path, ("note",))
    # Changes of the output are compared between networks in its standard deviation.
    rows = table[~table["unit"].isin(RAW_UNITS) & (table["kind"] != _RANDOM)]
    columns = ["kind", "target", "quantity", "window", "unit", "better", "value"]
    return _named(rows[columns].assign(target=rows["target"].astype(str)), path)


def _position_scores(path):
    """The headline score of each kind: (kind, target) with the first of `ANSWERS`."""
    table = read_table(path)
    table = table[table["metric"] == POSITIONS]
    variants = [str(name).rpartition(" ") for name in table["variant"]]
    rows = pd.DataFrame(
        {
            "kind": [kind or Path(path).parent.name for kind, *_ in variants],
            "target": table["target"].astype(str).to_numpy(),
            "answer": [answer for *_, answer in variants],
            POSITIONS: table["value"].to_numpy(float),
        }
    )
    rows = rows[rows["answer"].isin(ANSWERS)]
    rows = rows.sort_values("answer", key=lambda item: item.map(ANSWERS.index))
    rows = rows.drop_duplicates(["kind", "target"])
    return _named(rows.drop(columns="answer"), path)


def rank_correlations(points):
    """How each number ranks maps as the position score does, for each question.

    Parameters
    ----------
    points : pandas.DataFrame
        From `collect_points`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`. Spearman's correlation of maps of one dataset and target. `ALL`: over
        the networks and the negative controls, for each kind. `TRAINED`: the same
        without negative controls. `SEEDS`: over the seeds of a model, for each kind.
        `WITHIN`: over the kinds of a trained network. `WITHOUT_KMERS`: the same without
        that of k-mers. The mean is over the correlations of a dataset, then over the
        datasets. Fewer than `MIN_MAPS` maps have no correlation, nor have maps with the
        same number or the same score; of `ALL` nor have kinds whose number no negative
        control has. `kinds`, `networks` and `datasets` count what has a correlation; a
        question without one has no row. A number whose low values are better is taken
        with the other sign: above 0, better maps have better numbers. The interval is
        the 95 % t interval of the mean over the datasets, cut at -1 and 1; NaN of one
        dataset. `verdict`: `AGREES` or `CONTRADICTS` where the interval is above or
        below 0, else `UNDECIDED`.
    """
    keys = ["quantity", "window", "unit", "better"]
    rows = [
        dict(zip(keys, key, strict=True)) | {"question": question} | measured
        for key, group in points.groupby(keys, sort=False, dropna=False)
        for question in QUESTIONS
        if (measured := _correlate(group, question, sign=_sign(key[-1])))
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _sign(better):
    return 1 if better == "higher" else -1


def _correlate(points, question, *, sign):
    """The mean correlation of one number, its interval, and what it is of."""
    points = _asked(points, question)
    value = sign * points["value"].to_numpy(float)
    score = points[POSITIONS].to_numpy(float)
    dataset = points["dataset"].to_numpy()
    ranked, results = np.zeros(len(points), bool), []
    for rows in points.groupby(_TOGETHER[question], sort=False).indices.values():
        result = spearman(value[rows], score[rows])
        if len(rows) >= MIN_MAPS and not np.isnan(result):
            ranked[rows] = True
            results.append((dataset[rows[0]], result))
    if not results:
        return {}
    correlations = pd.DataFrame(results, columns=["dataset", "spearman"])
    by_dataset = correlations.groupby("dataset")["spearman"].mean().to_numpy()
    n, mean, sd = mean_and_sd(by_dataset)
    # The t interval knows no bounds, a correlation does.
    low, high = np.clip(t_interval(n, mean, sd), -1, 1)
    ranked = points[ranked]
    return {
        "kinds": ranked["kind"].nunique(),
        "networks": len(ranked[NETWORK].drop_duplicates()),
        "datasets": n,
        "spearman": mean,
        "ci_low": low,
        "ci_high": high,
        "verdict": AGREES if low > 0 else CONTRADICTS if high < 0 else UNDECIDED,
    }


def _asked(points, question):
    """The maps that a question compares."""
    control = points["negative_control"] != ""
    if question == ALL:
        # Without controls these are the trained networks once more.
        return points[_with(control, points, question)]
    points = points[~control]
    if question == WITHOUT_KMERS:
        kmers = points["kind"] == _KMERS
        return points[~kmers & _with(kmers, points, question)]
    return points


def _with(chosen, points, question):
    """Whether a chosen map is among those that a map is ranked with."""
    together = [points[name] for name in _TOGETHER[question]]
    return chosen.groupby(together).transform("any")
