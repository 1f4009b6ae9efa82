"""Scores over seeds: mean, standard deviation, interval and rank of each score.

The interval of a score in the scorecard is over the sequences of one network. Here a
network is one observation: intervals say how much a score changes when the network is
trained again with another seed.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from proofread.statistics.student import mean_and_sd, t_interval
from proofread.tables import read_table
from proofread.truth.comparisons import RANK_COLUMNS
from proofread.truth.headline import COMPARED, EVALUATE, METHOD

NETWORK = ["dataset", "model", "seed"]
SCORE = ["method", "metric", "motif", "target", "variant"]
BOUNDS = ["negative_control", "ideal_explainer", "chance"]
SCORES_OVER_SEEDS = [*NETWORK, *SCORE, "better", "value", *BOUNDS]
_RANKS = RANK_COLUMNS[len([*COMPARED, *METHOD]) :]
_NAMES = ["dataset", "model", *SCORE]
COLUMNS = [
    *_NAMES,
    "better",
    "n",
    "missing",
    "mean",
    "sd",
    "ci_low",
    "ci_high",
    *BOUNDS,
    *_RANKS,
    "note",
]
_LOWER = ("brier", "calibration_error", "rmse")
_GAINS = ("auroc_gain", "r2_gain")
_CHANCE = {"auroc": 0.5, "auroc_hard": 0.5}


def collect_networks(paths):
    """The networks, and how well they predict the test split.

    Parameters
    ----------
    paths : iterable of str or path
        ``.../{dataset}/{model}/seed{seed}/metrics.tsv``.

    Returns
    -------
    networks : list of tuple of str
        dataset, model, seed, in the order of `paths`.
    scores : pandas.DataFrame
        `SCORES_OVER_SEEDS`, of the method `evaluate`. The metrics of the network are
        called ``test_<metric>``; `test_auroc_gain` and `test_r2_gain` have the baseline
        as their variant. Baselines themselves, and the noise ceiling, depend on no
        seed.
    """
    networks, rows = [], []
    for path in map(Path, paths):
        dataset, model, seed = path.parts[-4:-1]
        network = (dataset, model, seed.removeprefix("seed"))
        networks.append(network)
        for row in read_table(path).to_dict("records"):
            of_network, metric = row["predictor"] == "network", row["metric"]
            if of_network or metric in _GAINS:
                variant = "" if of_network else row["predictor"]
                names = (EVALUATE, f"test_{metric}", "", row["target"], variant)
                better = "lower" if metric in _LOWER else "higher"
                bounds = (np.nan, np.nan, _CHANCE.get(metric, np.nan))
                rows.append((*network, *names, better, row["value"], *bounds))
    return networks, pd.DataFrame(rows, columns=SCORES_OVER_SEEDS)


def join_scores(of_networks, scorecard):
    """The scores of networks and those of methods in one table.

    Parameters
    ----------
    of_networks : pandas.DataFrame
        From `collect_networks`.
    scorecard : pandas.DataFrame
        From `results/scorecard.tsv`.

    Returns
    -------
    pandas.DataFrame
        `SCORES_OVER_SEEDS`; an empty name is ``""``.
    """
    scorecard = scorecard[SCORES_OVER_SEEDS].assign(seed=scorecard["seed"].astype(str))
    tables = [table for table in (of_networks, scorecard) if len(table)]
    joined = pd.concat(tables, ignore_index=True) if tables else of_networks
    return joined.fillna(dict.fromkeys(SCORE, ""))


def summarise(scores, headline, ranks, networks):
    """Describe each score over the seeds of a network.

    Parameters
    ----------
    scores : pandas.DataFrame
        From `join_scores`.
    headline : pandas.DataFrame
        From `proofread.truth.headline.headline_scores`.
    ranks : pandas.DataFrame
        From `proofread.truth.comparisons.rank`.
    networks : list of tuple of str
        From `collect_networks`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`. `n`: seeds with a value; `missing`: seeds of the experiments without
        one. `sd` and the 95 % t interval are NaN for one seed. The negative control,
        the ideal explainer and chance are means over seeds. Ranks are of headline
        scores alone. A headline score over several motifs or targets has a row of its
        own, with empty names.
    """
    seeds = pd.DataFrame(networks, columns=NETWORK).groupby(["dataset", "model"]).size()
    means = headline[headline["subjects"] != 1]
    subjects = {}
    for row in means.itertuples():
        subjects[row.dataset, row.model, row.method, row.metric] = row.subjects
    every = pd.concat([scores, means[scores.columns]]) if len(means) else scores
    rows = []
    for key, group in every.groupby(_NAMES, sort=False):
        names = dict(zip(_NAMES, key, strict=True))
        n, mean, sd = mean_and_sd(group["value"])
        low, high = t_interval(n, mean, sd)
        of_mean = "" if names["motif"] or names["target"] else subjects.get(key[:4])
        rows.append(
            {
                **names,
                "better": group["better"].iloc[0],
                "n": n,
                "missing": seeds[names["dataset"], names["model"]] - n,
                "mean": mean,
                "sd": sd,
                "ci_low": low,
                "ci_high": high,
                **{bound: mean_and_sd(group[bound])[1] for bound in BOUNDS},
                "note": _note(n, sd, of_mean),
            }
        )
    table = pd.DataFrame(rows, columns=[*COLUMNS[: -len(_RANKS) - 1], "note"])
    # The rows that were ranked, by their motif and target.
    subject = [*COMPARED, *METHOD, "motif", "target"]
    ranked = headline[subject].drop_duplicates().merge(ranks, on=[*COMPARED, *METHOD])
    table = table.merge(ranked, on=subject, how="left")
    position = {network: place for place, network in enumerate(networks_of(networks))}
    order = [position[pair] for pair in zip(table.dataset, table.model, strict=True)]
    table = table.iloc[np.argsort(order, kind="stable")]
    return table[COLUMNS].reset_index(drop=True)


def networks_of(networks):
    """Datasets and models in the order of the experiments, each pair once."""
    return list(dict.fromkeys(network[:2] for network in networks))


def _note(n, sd, subjects):
    """What the numbers of a row do not say."""
    parts = [f"mean over {subjects} motifs or targets"] if subjects else []
    if n == 0:
        parts.append("no value")
    elif n == 1:
        parts.append("one seed: no interval")
    elif sd == 0:
        parts.append("the same value in all seeds")
    return "; ".join(parts)
