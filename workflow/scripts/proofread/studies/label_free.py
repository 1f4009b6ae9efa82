"""Which number that needs no truth says how much of the truth a map has found.

On simulated data both are known: the numbers of faithfulness, and the position score of
the same kind of map. Their rank correlation says which number a user without a truth
may believe, and for what.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from proofread.configuration.negative_controls import kind_of
from proofread.statistics.bootstrap import percentile_interval
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
    UNDECIDED,
    WITHIN,
)

NETWORK = ["dataset", "model", "seed"]
POINTS = [
    *(*NETWORK, "negative_control", "kind", "target"),
    *("quantity", "window", "unit", "better", "value", POSITIONS),
]
RESAMPLES, SEED = 1000, 1
_RANDOM = "random"  # the kind of no map


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
    """How each number ranks maps as the position score does, for three questions.

    Parameters
    ----------
    points : pandas.DataFrame
        From `collect_points`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`. `ALL`: Spearman's correlation over networks, negative controls among
        them, for each kind, mean over the kinds. `TRAINED`: the same without negative
        controls. `WITHIN`: the correlation over the kinds of a trained network, mean
        over the networks. A number whose low values are better is taken with the other
        sign: above 0, better maps have better numbers. The interval, 2.5 to 97.5
        percentile, is over `RESAMPLES` resamples of the datasets, each with all its
        networks; NaN of one dataset. `verdict`: `AGREES` or `CONTRADICTS` where the
        interval is above or below 0, else `UNDECIDED`.
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
    if question != ALL:
        points = points[points["negative_control"] == ""]
    if len(points) == 0:
        return {}
    datasets, cluster = np.unique(points["dataset"], return_inverse=True)
    drawn = _draws(len(datasets))
    # Maps that are ranked together: those of a kind, or those of a network.
    together = [*NETWORK, "target"] if question == WITHIN else ["kind"]
    value = sign * points["value"].to_numpy(float)
    score = points[POSITIONS].to_numpy(float)
    total, weight = np.zeros(len(drawn)), np.zeros(len(drawn))
    for rows in points.groupby(together, sort=False).indices.values():
        counts = drawn[:, cluster[rows]]
        if question == WITHIN:
            # All of its maps are drawn with a network: it counts as often as it is.
            one = weighted_spearman(value[rows], score[rows], np.ones((1, len(rows))))
            result, often = one, counts[:, 0]
        else:
            result, often = weighted_spearman(value[rows], score[rows], counts), 1
        known = ~np.isnan(result)
        total += np.where(known, result, 0) * often
        weight += known * often
    mean = np.where(weight > 0, total / np.maximum(weight, 1), np.nan)
    low, high = (np.nan, np.nan)
    if len(datasets) > 1:
        low, high = percentile_interval(mean[1:])
    return {
        "kinds": points["kind"].nunique(),
        "networks": len(points[NETWORK].drop_duplicates()),
        "datasets": len(datasets),
        "spearman": mean[0],
        "ci_low": low,
        "ci_high": high,
        "verdict": AGREES if low > 0 else CONTRADICTS if high < 0 else UNDECIDED,
    }


def _draws(datasets):
    """How often each dataset is in the sample itself, then in each resample."""
    generator = np.random.default_rng(SEED)
    counts = generator.multinomial(
        datasets, np.full(datasets, 1 / datasets), size=RESAMPLES
    )
    return np.vstack([np.ones((1, datasets)), counts])


def weighted_spearman(first, second, counts):
    """Spearman's correlation of values that are drawn so many times.

    Parameters
    ----------
    first, second : numpy.ndarray, shape (n,)
    counts : numpy.ndarray, shape (resamples, n)

    Returns
    -------
    numpy.ndarray, shape (resamples,)
        Ties share their mean rank. NaN where fewer than three different items are
        drawn, or either side is constant among them.
    """
    number = counts.sum(axis=1)
    centred = []
    for values in (first, second):
        _, group = np.unique(values, return_inverse=True)
        member = np.eye(group.max() + 1)[group]  # (n, groups)
        of_group = counts @ member
        rank = (np.cumsum(of_group, axis=1) - (of_group - 1) / 2)[:, group]
        mean = (counts * rank).sum(axis=1) / np.maximum(number, 1)
        centred.append(rank - mean[:, None])
    product, *squares = (
        (counts * one * other).sum(axis=1)
        for one, other in (centred, (centred[0],) * 2, (centred[1],) * 2)
    )
    scale = np.sqrt(squares[0] * squares[1])
    enough = ((counts > 0).sum(axis=1) >= 3) & (scale > 1e-9)
    return np.where(enough, product / np.where(enough, scale, 1), np.nan)
