"""Which rule made the data? Features from the answers of two methods, by network.

The true rule is in the table, but no feature is computed from it, nor from columns of
the methods that know it: `expected`, `verdict`, the planted range, and the effect of a
test of distance, which moves pairs out of that range.
"""

import math
from pathlib import Path

import pandas as pd

from proofread.configuration.recovered import METHODS
from proofread.tables import read_table
from proofread.truth.expectation import ORDER, PRESENCE

FIT, TEST = "fit", "test"
# Each is asked in this order (proofread.studies.recovered_decision.STEPS).
FEATURES = ["largest_effect", "second_motif", "order", "gap"]
TEST_AUROC = "test_auroc"  # of the network, in the same table; no step asks it
NETWORK = ["method", "rule", "dataset", "model", "seed", "simulation_seed", "half"]


def half_of(seed):
    """The half of a dataset by the seed of its simulation: odd fits, even tests."""
    return FIT if seed % 2 else TEST


def collect_features(paths, datasets, *, max_gap):
    """The features of all networks, by each of the two methods.

    Parameters
    ----------
    paths : list of tuple of str
        Of each network the tables `metrics.tsv`, `table.tsv` and `gaps.tsv` of
        motif_tests, `table.tsv` and `spacing.tsv` of motif_insertion. The first is
        ``.../{dataset}/{model}/seed{seed}/metrics.tsv``.
    datasets : dict of str to dict
        From `proofread.configuration.recovered.recovered_datasets`. Networks of others
        are left out.
    max_gap : int
        Largest gap that is looked at, bp, the same for all rules.

    Returns
    -------
    pandas.DataFrame
        `NETWORK`, `FEATURES` and `TEST_AUROC`; what cannot be computed is NaN.
    """
    rows = []
    for metrics, tests, gaps, insertions, spacing in paths:
        dataset, model, seed = Path(metrics).parts[-4:-1]
        if dataset not in datasets:
            continue
        truth = datasets[dataset]
        network = {
            **{"rule": truth["rule"], "dataset": dataset, "model": model},
            **{"seed": seed.removeprefix("seed"), "simulation_seed": truth["seed"]},
            "half": half_of(truth["seed"]),
            TEST_AUROC: network_auroc(read_table(metrics)),
        }
        answers = (
            of_tests(read_table(tests), read_table(gaps), max_gap=max_gap),
            of_insertions(read_table(insertions), read_table(spacing), max_gap=max_gap),
        )
        for method, features in zip(METHODS, answers, strict=True):
            rows.append({"method": method} | network | features)
    return pd.DataFrame(rows, columns=[*NETWORK, *FEATURES, TEST_AUROC])


def network_auroc(metrics):
    """The network's test AUROC; NaN where there is none."""
    network = (metrics["predictor"] == "network") & (metrics["metric"] == "auroc")
    return _only(metrics.loc[network, "value"])


def of_tests(table, gaps, *, max_gap):
    """What motif_tests says of two motifs.

    Parameters
    ----------
    table : pandas.DataFrame
        Its `table.tsv`. Effects are increases of the loss over the control, in nats.
    gaps : pandas.DataFrame
        Its `gaps.tsv`: the mean probability with the pair at each gap, in both orders.
    max_gap : int
        bp.

    Returns
    -------
    dict of str to float
        `largest_effect`: the larger effect of presence, nats, which may be below 0.
        `second_motif`: the smaller effect of presence, and `order`: the effect of the
        swap, both divided by the larger one. `gap`: the highest less the lowest
        probability over the gaps, in the order that has the highest.
    """
    presence = table.loc[table["kind"] == PRESENCE, "effect"].dropna()
    swap = _only(table.loc[table["kind"] == ORDER, "effect"])
    largest = presence.max() if len(presence) == 2 else math.nan
    curves = _highest_first(gaps[gaps["gap"] <= max_gap], "left", "probability")
    span = curves[0].max() - curves[0].min() if curves else math.nan
    return {
        "largest_effect": float(largest),
        "second_motif": _fraction(presence.min(), largest),
        "order": _fraction(swap, largest),
        "gap": span,
    }


def of_insertions(table, spacing, *, max_gap):
    """What motif_insertion says of two motifs.

    Parameters
    ----------
    table : pandas.DataFrame
        Its `table.tsv`: mean logits of the backgrounds, and the effect of each motif.
    spacing : pandas.DataFrame
        Its `spacing.tsv`: the mean logit with both motifs at each distance.
    max_gap : int
        bp.

    Returns
    -------
    dict of str to float
        Drops from the highest mean logit with both motifs, over gaps and orders:
        `largest_effect`, to the background, in logits, which may be below 0. The others
        are divided by it: `second_motif`, to the higher logit with one motif, mean over
        positions; `order`, to the highest logit in the other order; `gap`, to the
        lowest logit in the same order. The logit of a gap is the mean of both roles:
        one motif in the middle of the sequence, or the other. Gaps of one role alone
        are left out: there the other motif is at an end.
    """
    near = spacing[spacing["gap"] <= max_gap]
    near = near.assign(left=near["fixed"].where(near["distance"] > 0, near["tiled"]))
    by_gap = near.dropna(subset=["both"]).groupby(["left", "gap"], as_index=False)
    means = by_gap["both"].agg(both="mean", roles="count")
    curves = _highest_first(means[means["roles"] == 2], "left", "both")
    if len(curves) != 2 or len(table) != 2:
        return dict.fromkeys(FEATURES, math.nan)
    background = table["background"].iloc[0]
    alone = background + table["effect"].max()
    best, other = curves
    room = best.max() - background
    return {
        "largest_effect": float(room),
        "second_motif": _fraction(best.max() - alone, room),
        "order": _fraction(best.max() - other.max(), room),
        "gap": _fraction(best.max() - best.min(), room),
    }


def _only(values):
    return float(values.iloc[0]) if len(values) == 1 else math.nan


def _fraction(part, whole):
    """NaN where the whole is not above 0: there is nothing to compare with."""
    return float(part / whole) if whole > 0 else math.nan


def _highest_first(table, by, column):
    """The known values of each group, the group with the highest value first."""
    curves = [values.dropna() for _, values in table.groupby(by, sort=False)[column]]
    curves = [values for values in curves if len(values)]
    return sorted(curves, key=lambda values: -values.max())
