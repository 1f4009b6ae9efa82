"""Tables of filter nullification."""

import numpy as np
import pandas as pd

from proofread.configuration.suggestions import advice
from proofread.errors import InputError
from proofread.statistics.bootstrap import percentile_interval
from proofread.statistics.correlation import spearman
from proofread.statistics.logits import cross_entropy
from proofread.statistics.metrics import auroc
from proofread.statistics.multiple_testing import benjamini_hochberg
from proofread.statistics.paired_tests import sign_flip

# Groups at this rank or better count as found.
TOP = 3
# What `targets.tsv` says of a filter and a target; any of them makes a heat map.
MEASURES = (
    "loss_change",
    "signed",
    "absolute",
    "rms",
    "signed_by_std",
    "signed_by_variance",
)
# Columns of a heat map, unless the targets are chosen by name.
MOST_TARGETS = 60


def loss_changes(logit, held, label):
    """Extra loss of each sequence when a set of filters is held.

    Parameters
    ----------
    logit, label : numpy.ndarray, shape (n, targets)
    held : numpy.ndarray, shape (n, sets, targets)
        Logits with the set held.

    Returns
    -------
    numpy.ndarray, shape (n, sets), float64
        Binary cross-entropy held less intact, mean over the targets; above 0 where
        holding the filters hurts. (Basset's is the sum over the targets.)
    """
    intact = cross_entropy(logit, label).mean(axis=1)
    changes = np.empty(held.shape[:2])
    for place in range(held.shape[1]):
        changes[:, place] = cross_entropy(held[:, place], label).mean(axis=1) - intact
    return changes


def logit_sizes(logit, held):
    """Size of the logits' change in each sequence, mean over the targets: (n, sets)."""
    sizes = np.empty(held.shape[:2])
    for place in range(held.shape[1]):
        # In float64: the difference of near equal numbers.
        change = logit - held[:, place].astype(np.float64)
        sizes[:, place] = np.abs(change).mean(axis=1)
    return sizes


def quotient(value, scale):
    """`value / scale`; by a scale of 0 it is 0 where the value is 0, else unknown."""
    known = scale > 0
    divided = value / np.where(known, scale, 1)
    return np.where(known, divided, np.where(value == 0, 0.0, np.nan))


def ranks(influence):
    """Rank from 1, the highest first; all that are equal have the last of their ranks.

    So that a network that no filter moves puts nothing first. Along the last axis.
    """
    return (influence[..., None, :] >= influence[..., :, None]).sum(axis=-1)


# --- Tables ---------------------------------------------------------------------


def target_table(names, targets, logit, held, label, resampling):
    """What holding each filter does to each target.

    Parameters
    ----------
    names, targets : list of str
    logit, label : numpy.ndarray, shape (n, targets)
    held : numpy.ndarray, shape (n, filters, targets)
    resampling : Resampling

    Returns
    -------
    pandas.DataFrame
        A row per filter and target. `loss_change`: extra binary cross-entropy, and its
        interval. Of the change of the logit, intact less held: `signed`, its mean, and
        its interval, in which changes up and down cancel; `absolute`, the mean of its
        size; `rms`, the root of its mean square; `signed_by_std` and `absolute_by_std`,
        in standard deviations (ddof 1) of the intact logit; `signed_by_variance`,
        which is Basset's influence on a target.
    """
    logit = logit.astype(np.float64)
    intact = cross_entropy(logit, label)
    variance = logit.var(axis=0, ddof=1) if len(logit) > 1 else np.zeros(len(targets))
    blocks = []
    for place, name in enumerate(names):
        change = logit - held[:, place]
        loss = cross_entropy(held[:, place], label) - intact
        signed, absolute = change.mean(axis=0), np.abs(change).mean(axis=0)
        loss_low, loss_high = resampling.interval(loss)
        low, high = resampling.interval(change)
        blocks.append(
            pd.DataFrame(
                {
                    "filter": name,
                    "target": targets,
                    "loss_change": loss.mean(axis=0),
                    "loss_change_ci_low": loss_low,
                    "loss_change_ci_high": loss_high,
                    "signed": signed,
                    "signed_ci_low": low,
                    "signed_ci_high": high,
                    "absolute": absolute,
                    "rms": np.sqrt((change**2).mean(axis=0)),
                    "signed_by_std": quotient(signed, np.sqrt(variance)),
                    "absolute_by_std": quotient(absolute, np.sqrt(variance)),
                    "signed_by_variance": quotient(signed, variance),
                }
            )
        )
    return pd.concat(blocks, ignore_index=True)


def influence_columns(changes, resampling, permutations, seed):
    """Influence, its interval, p, q and rank of each set of filters.

    Parameters
    ----------
    changes : numpy.ndarray, shape (n, sets)
        From `loss_changes`.

    Returns
    -------
    dict of str to numpy.ndarray, each (sets,)
    """
    influence = changes.mean(axis=0)
    low, high = resampling.interval(changes)
    p = sign_flip(changes, permutations=permutations, seed=[seed, 3])
    return {
        "influence": influence,
        "ci_low": low,
        "ci_high": high,
        "p": p,
        "q": benjamini_hochberg(p),
        "rank": ranks(influence),
    }


def filter_table(filters, matches, groups, found, columns, by_target):
    """One row per filter, in the order of the layer, dead ones too.

    Parameters
    ----------
    filters : pandas.DataFrame
        filter_pfms' table.
    matches : pandas.DataFrame
        tomtom's table.
    groups : list of Group
    found : proofread.methods.filter_nullification.nullify.Nullified
    columns : dict
        From `influence_columns`.
    by_target : pandas.DataFrame
        From `target_table`.

    Returns
    -------
    pandas.DataFrame
        `absolute` is the mean over targets of the mean size of the logit's change, and
        `squared_by_variance` that of the square of `signed_by_variance`, Basset's norm.
    """
    belongs = [
        ",".join(group.name for group in groups if place in group.filters)
        for place in range(len(filters))
    ]
    per_filter = by_target.groupby("filter", sort=False)
    basset = by_target["signed_by_variance"] ** 2
    return pd.DataFrame(
        {
            "filter": filters["filter"],
            "status": filters["status"],
            "group": belongs,
            "planted_hits": matches["planted_hits"],
            **columns,
            "absolute": per_filter["absolute"].mean().to_numpy(),
            "squared_by_variance": basset.groupby(by_target["filter"], sort=False)
            .mean()
            .to_numpy(),
            "mean": found.mean,
            "std": found.std,
            "ic": filters["ic"],
        }
    )


def group_table(names, groups, columns, single, absolute, random):
    """One row per group of filters.

    Parameters
    ----------
    names : list of str
        Of the filters.
    groups : list of Group
    columns : dict
        From `influence_columns`, of the groups.
    single : numpy.ndarray, shape (filters,)
        Influence of each filter alone.
    absolute : numpy.ndarray, shape (groups,)
        Mean size of the logit's change.
    random : dict of int to numpy.ndarray
        Influences of random sets of as many filters, by the group's place.

    Returns
    -------
    pandas.DataFrame
        `best_single` and `sum_of_singles` are of the group's filters held one at a
        time; `random_mean` and `random_highest` of the random sets, empty where there
        are none.
    """
    nothing = np.array([np.nan])
    return pd.DataFrame(
        {
            "group": [group.name for group in groups],
            "kind": [group.kind for group in groups],
            "n_filters": [len(group.filters) for group in groups],
            **columns,
            "absolute": absolute,
            "best_single": [single[list(group.filters)].max() for group in groups],
            "sum_of_singles": [single[list(group.filters)].sum() for group in groups],
            "random_mean": [
                random.get(place, nothing).mean() for place in range(len(groups))
            ],
            "random_highest": [
                random.get(place, nothing).max() for place in range(len(groups))
            ],
            "filters": [
                ",".join(names[each] for each in group.filters) for group in groups
            ],
        }
    )


def correlation_table(table):
    """Spearman correlations of influence with what else is known of the filters.

    Parameters
    ----------
    table : pandas.DataFrame
        From `filter_table`.

    Returns
    -------
    pandas.DataFrame
        with, filters (which), n, rho, p: with `ic` over the filters that have a motif
        (ic above 0), with `std` and `squared_by_variance` over those that vary.
    """
    rows = []
    for column, allowed, which in (
        ("ic", table["ic"] > 0, "ic above 0"),
        ("std", table["std"] > 0, "not constant"),
        ("squared_by_variance", table["std"] > 0, "not constant"),
    ):
        part = table[allowed & table[column].notna()]
        rho, p = spearman(part[column].to_numpy(), part["influence"].to_numpy())
        rows.append((column, which, len(part), rho, p))
    return pd.DataFrame(rows, columns=["with", "filters", "n", "rho", "p"])


def scores(table, groups, by_group, drawn, causal, decoys):
    """How far influence leads to the causal motifs and past the decoys.

    Parameters
    ----------
    table, by_group : pandas.DataFrame
        From `filter_table` and `group_table`.
    groups : list of Group
    drawn : dict of str to numpy.ndarray, shape (resamples, filters or groups)
        In each bootstrap sample of the sequences: `influence` and `absolute` of the
        filters, and the influence of the `groups`.
    causal, decoys : list of str
        Planted motifs by their role.

    Yields
    ------
    tuple
        (metric, value, n, ci_low, ci_high). A causal motif that no filter matches has
        no rank; a decoy that none matches has an influence of 0.
    """
    place = {group.name: i for i, group in enumerate(groups) if group.kind == "planted"}
    if causal:
        hits = table["planted_hits"].fillna("").str.split(",")
        true = hits.map(lambda names: bool(set(names) & set(causal))).to_numpy()
        for column, metric in (
            ("influence", "influence_auroc"),
            ("absolute", "absolute_change_auroc"),
        ):
            value = auroc(true, table[column].to_numpy())
            low, high = percentile_interval([auroc(true, row) for row in drawn[column]])
            yield metric, value, len(table), low, high
        group_ranks = ranks(drawn["groups"])
        found = 0
        for name in causal:
            rank, interval = np.nan, (np.nan, np.nan)
            if name in place:
                rank = by_group["rank"][place[name]]
                interval = percentile_interval(group_ranks[:, place[name]])
                found += rank <= TOP
            yield f"rank_grouped_influence_{name}", rank, len(groups), *interval
        share = found / len(causal)
        yield f"causal_groups_in_top_{TOP}", share, len(causal), np.nan, np.nan
    if decoys:
        quiet = [
            name not in place
            or by_group["ci_low"][place[name]] <= 0 <= by_group["ci_high"][place[name]]
            for name in decoys
        ]
        share = sum(quiet) / len(decoys)
        yield "decoys_with_influence_0", share, len(decoys), np.nan, np.nan


def chosen_targets(targets, settings):
    """Places of the targets that heat maps show.

    Parameters
    ----------
    targets : list of str
        Of the model.
    settings : dict
        `targets` (None: all), `target_labels` and `target_classes`, which must name
        targets of the model.

    Raises
    ------
    InputError
    """
    for key in ("targets", "target_labels", "target_classes"):
        for name in settings[key] or []:
            if name not in targets:
                raise InputError(
                    f"methods.filter_nullification.{key}",
                    f"no target {name!r}",
                    "one of " + ", ".join(targets),
                    advice(name, targets, "correct or remove it"),
                )
    wanted = settings["targets"] or targets
    return [place for place, name in enumerate(targets) if name in wanted]


def widest_spread(matrix, shown):
    """Of more targets than a heat map can show, those on which filters differ most.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (filters, targets)
    shown : list of int
        Places of the targets to choose from.

    Returns
    -------
    list of int
        At most `MOST_TARGETS`, in the order given.
    """
    spread = np.nan_to_num(matrix).std(axis=0)[shown]
    best = np.argsort(-spread, kind="stable")[:MOST_TARGETS]
    return [shown[place] for place in sorted(best)]
