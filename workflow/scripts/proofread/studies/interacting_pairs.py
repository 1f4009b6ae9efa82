"""Pairs that interact: how well they are found among all pairs of motifs."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from proofread.configuration.negative_controls import KINDS, kind_of
from proofread.statistics.metrics import auprc, auroc, random_auprc
from proofread.statistics.student import mean_and_sd, t_interval
from proofread.tables import read_table
from proofread.truth.summary import NETWORK

METRICS = {"auprc": auprc, "auroc": auroc}
PREDICTIONS = "predictions"  # in place of a method: what the network itself predicts
ANSWER = ["dataset", "model", "negative_control", "seed", "method"]
PAIR_SCORES = [
    *ANSWER,
    "first",
    "second",
    "planted",
    "n",
    "interaction",
    "ci_low",
    "ci_high",
    "rank",
]
COLUMNS = [
    *ANSWER,
    "test_auroc",
    "pairs",
    "planted",
    "not_measured",
    "auprc",
    "auroc",
    "chance_auprc",
    "chance_auroc",
]
SUMMARY = [
    "dataset",
    "model",
    "method",
    "metric",
    "n",
    "mean",
    "sd",
    "ci_low",
    "ci_high",
    "lowest",
    "highest",
    *KINDS,
    "chance",
]


def pair_scores(paths, datasets):
    """Every pair of motifs of every network, with its measured interaction.

    Parameters
    ----------
    paths : iterable of str or path
        ``.../{dataset}/{model}/seed{seed}/{method}/pairs.tsv``.
    datasets : dict of str to dict
        `motifs` and `interacting_pairs` of each dataset.

    Returns
    -------
    pandas.DataFrame
        `PAIR_SCORES`. `planted`: whether the pair interacts. `rank` is among the pairs
        of the network and method, from 1, the highest interaction; ties share their
        mean. A pair that was not measured has n = 0, no interaction, and the last rank.
    """
    parts = []
    for path in map(Path, paths):
        dataset, *names = path.parts[-5:-1]
        table = _all_pairs(read_table(path), datasets[dataset])
        parts.append(_named(table, dataset, *names))
    return pd.concat(parts, ignore_index=True)[PAIR_SCORES]


def predicted_scores(paths, held, datasets):
    """Every pair of motifs with what each network itself predicts of it.

    Parameters
    ----------
    paths : iterable of str or path
        ``.../{dataset}/{model}/seed{seed}/predictions.tsv``.
    held : dict of str to pandas.DataFrame
        Of each dataset, from `motifs_held`.
    datasets : dict of str to dict
        As for `pair_scores`.

    Returns
    -------
    pandas.DataFrame
        `PAIR_SCORES`, with the method `PREDICTIONS`; `interaction` is the mean logit of
        the n sequences that hold both motifs, without interval.
    """
    parts = []
    for path in map(Path, paths):
        dataset, model, seed = path.parts[-4:-1]
        predictions = read_table(path).set_index("id")["logit"]
        present = held[dataset].loc[predictions.index]
        rows = []
        for first, second in combinations(datasets[dataset]["motifs"], 2):
            both = (present[first] & present[second]).to_numpy()
            mean = predictions[both].mean() if both.any() else np.nan
            rows.append((first, second, int(both.sum()), mean))
        table = pd.DataFrame(rows, columns=["first", "second", "n", "interaction"])
        table = _all_pairs(table, datasets[dataset])
        parts.append(_named(table, dataset, model, seed, PREDICTIONS))
    return pd.concat(parts, ignore_index=True)[PAIR_SCORES]


def motifs_held(dataset):
    """Which planted motifs each sequence of a dataset holds.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset

    Returns
    -------
    pandas.DataFrame of bool
        A row for each sequence, by name, and a column for each motif.
    """
    names = list(dataset.motifs)
    present = np.zeros((len(dataset), len(names)), dtype=bool)
    columns = dataset.truth["motif"].map({name: i for i, name in enumerate(names)})
    present[dataset.truth["sequence"], columns] = True
    return pd.DataFrame(present, index=dataset.name, columns=names)


def _all_pairs(table, settings):
    """A row for each pair of motifs, from a table that may lack some or have others."""
    measured = {
        frozenset((row["first"], row["second"])): row
        for row in table.to_dict("records")
    }
    planted = {frozenset(pair) for pair in settings["interacting_pairs"]}
    rows = []
    for first, second in combinations(settings["motifs"], 2):
        pair = frozenset((first, second))
        row = measured.get(pair, {"n": 0})
        numbers = {
            name: row.get(name, np.nan) for name in ("interaction", "ci_low", "ci_high")
        }
        row = {"first": first, "second": second, "n": row["n"], **numbers}
        rows.append(row | {"planted": pair in planted})
    return pd.DataFrame(rows)


def _named(table, dataset, model, seed, method):
    """The table with its ranks and the names of its network and method."""
    control = kind_of(model) or ""
    return table.assign(
        dataset=dataset,
        model=model.removesuffix(f".{control}") if control else model,
        negative_control=control,
        seed=seed.removeprefix("seed"),
        method=method,
        rank=ranked(table["interaction"]).rank(ascending=False),
    )


def ranked(interaction):
    """Interactions to rank by: signed, a pair that was not measured below all others.

    Parameters
    ----------
    interaction : pandas.Series
        NaN: not measured.

    Returns
    -------
    pandas.Series
        NaN throughout if nothing was measured.
    """
    return interaction.fillna(interaction.min() - 1)


def network_scores(scores, test_aurocs):
    """How well each network and method finds the planted pairs.

    Parameters
    ----------
    scores : pandas.DataFrame
        From `pair_scores`.
    test_aurocs : dict of tuple to float
        Of each network: dataset, model and seed. Negative controls have none.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: average precision and AUROC of the planted pairs, and what a random
        order is expected to reach. NaN if no pair was measured.
    """
    rows = []
    for names, group in scores.groupby(ANSWER, sort=False):
        row = dict(zip(ANSWER, names, strict=True))
        label = group["planted"].to_numpy().astype(int)
        values = ranked(group["interaction"]).to_numpy(float)
        row |= {name: metric(label, values) for name, metric in METRICS.items()}
        network = tuple(row[name] for name in NETWORK)
        known = not row["negative_control"] and network in test_aurocs
        row["test_auroc"] = test_aurocs[network] if known else np.nan
        row |= {"pairs": len(group), "planted": label.sum()}
        row["not_measured"] = group["interaction"].isna().sum()
        row["chance_auprc"] = random_auprc(len(group), int(label.sum()))
        row["chance_auroc"] = 0.5
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def over_seeds(table):
    """Mean, standard deviation and 95 % t interval over the networks of a model.

    Parameters
    ----------
    table : pandas.DataFrame
        From `network_scores`.

    Returns
    -------
    pandas.DataFrame
        `SUMMARY`; each kind of negative control has a column with its score, NaN where
        there is none.
    """
    rows = []
    networks = table[table["negative_control"] == ""]
    controls = table[table["negative_control"] != ""]
    for names, group in networks.groupby(["dataset", "model", "method"], sort=False):
        row = dict(zip(("dataset", "model", "method"), names, strict=True))
        same = (controls[list(row)] == pd.Series(row)).all(axis=1)
        for metric in METRICS:
            n, mean, sd = mean_and_sd(group[metric])
            low, high = t_interval(n, mean, sd)
            of_kinds = {
                kind: mean_and_sd(
                    controls.loc[same & (controls["negative_control"] == kind), metric]
                )[1]
                for kind in KINDS
            }
            rows.append(
                {
                    **row,
                    **{"metric": metric, "n": n, "mean": mean, "sd": sd},
                    **{"ci_low": low, "ci_high": high},
                    **{"lowest": group[metric].min(), "highest": group[metric].max()},
                    **of_kinds,
                    "chance": group[f"chance_{metric}"].iloc[0],
                }
            )
    return pd.DataFrame(rows, columns=SUMMARY)
