"""Tables of filter nullification."""

import numpy as np
import pandas as pd

from proofread.configuration.suggestions import advice
from proofread.errors import InputError
from proofread.methods.filter_nullification.losses import losses, sequence_losses
from proofread.statistics.bootstrap import known_means, percentile_interval
from proofread.statistics.metrics import auroc
from proofread.statistics.multiple_testing import benjamini_hochberg
from proofread.statistics.paired_tests import sign_flip
from proofread.statistics.rank_correlations import rank_correlations
from proofread.tables import Score
from proofread.truth.roles import causal_instances
from proofread.truth.signs import planted_signs, sign_scores

# Groups at this rank or better are at the top.
TOP = 3
# Columns of targets.tsv that a heat map can show.
MEASURES = (
    "loss_change",
    "signed",
    "absolute",
    "rms",
    "signed_by_std",
    "signed_by_variance",
)
# Columns of a heat map, unless the targets are chosen by name.
MAX_TARGETS = 60


def loss_changes(logit, ablated, label, scale=None):
    """Increase of the loss of each sequence when a set of filters is ablated.

    Parameters
    ----------
    logit, label : numpy.ndarray, shape (n, targets)
    ablated : numpy.ndarray, shape (n, sets, targets)
        Logits with the set ablated.
    scale : proofread.models.output_scale.OutputScale or None
        Of quantities, whose outputs stand in place of logits.

    Returns
    -------
    numpy.ndarray, shape (n, sets), float64
        Ablated minus intact, mean over the targets; above 0 where ablation hurts. The
        binary cross-entropy (Basset's is the sum over the targets), or the loss of
        quantities, `proofread.methods.filter_nullification.losses.sequence_losses`; NaN
        of a sequence without a value.
    """
    loss = sequence_losses(label, scale)
    intact = loss(logit)
    changes = np.empty(ablated.shape[:2])
    for column in range(ablated.shape[1]):
        changes[:, column] = loss(ablated[:, column]) - intact
    return changes


def measured_rows(changes, split, path):
    """The sequences that have a loss: those with a value.

    Parameters
    ----------
    changes : numpy.ndarray, shape (n, sets)
        From `loss_changes`.
    split, path : str
        Where the sequences are from, for the message.

    Returns
    -------
    numpy.ndarray, shape (n,), bool

    Raises
    ------
    InputError
        If no sequence has one.
    """
    measured = ~np.isnan(changes).any(axis=1)
    if not measured.any():
        raise InputError(
            path,
            f"no target with two different values among {len(changes)} sequences of "
            f"the split {split}",
            "values, with which the predictions are compared",
            "choose another methods.filter_nullification.split, or raise max_sequences",
        )
    return measured


def logit_sizes(logit, ablated):
    """Size of the logits' change in each sequence, mean over the targets: (n, sets)."""
    sizes = np.empty(ablated.shape[:2])
    for column in range(ablated.shape[1]):
        # In float64: the difference of near equal numbers.
        change = logit - ablated[:, column].astype(np.float64)
        sizes[:, column] = np.abs(change).mean(axis=1)
    return sizes


def quotient(value, scale):
    """`value / scale`; where the scale is 0, 0 if the value is 0, else NaN."""
    positive = scale > 0
    divided = value / np.where(positive, scale, 1)
    return np.where(positive, divided, np.where(value == 0, 0.0, np.nan))


def ranks(influence):
    """Rank from 1, the highest first; all that are equal have the last of their ranks.

    So nothing comes first in a network that no filter changes. Along the last axis.
    """
    return (influence[..., None, :] >= influence[..., :, None]).sum(axis=-1)


def target_table(names, targets, logit, ablated, label, resampling, scale=None):
    """Change of each target's predictions when each filter is ablated.

    Parameters
    ----------
    names, targets : list of str
    logit, label : numpy.ndarray, shape (n, targets)
    ablated : numpy.ndarray, shape (n, filters, targets)
    resampling : Resampling
    scale : proofread.models.output_scale.OutputScale or None
        Of quantities, whose outputs stand in place of logits.

    Returns
    -------
    pandas.DataFrame
        A row per filter and target. `loss_change`: increase of the binary
        cross-entropy, or of the error of a quantity, over the sequences whose value is
        known, and its interval. Of the change of the logit, intact minus
        ablated: `signed`, its mean, and its interval, in which changes up and down
        cancel; `absolute`, the mean of its size; `rms`, the root of its mean square;
        `signed_by_std` and `absolute_by_std`, in standard deviations (ddof 1) of the
        intact logit; `signed_by_variance`, which is Basset's influence on a target.
    """
    logit = logit.astype(np.float64)
    intact = losses(logit, label, scale)
    variance = logit.var(axis=0, ddof=1) if len(logit) > 1 else np.zeros(len(targets))
    blocks = []
    for column, name in enumerate(names):
        change = logit - ablated[:, column]
        loss = losses(ablated[:, column], label, scale) - intact
        signed, absolute = change.mean(axis=0), np.abs(change).mean(axis=0)
        loss_mean, loss_low, loss_high = _of_known(loss, resampling)
        low, high = resampling.interval(change)
        blocks.append(
            pd.DataFrame(
                {
                    "filter": name,
                    "target": targets,
                    "loss_change": loss_mean,
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


def _of_known(values, resampling):
    """Mean of each column and its interval, over the rows with a value: (m,) each."""
    known = ~np.isnan(values)
    if known.all():
        return values.mean(axis=0), *resampling.interval(values)
    n, mean = known_means(values)
    with np.errstate(invalid="ignore"):
        means = resampling.means(np.where(known, values, 0.0)) / resampling.means(known)
    low, high = np.full((2, len(mean)), np.nan)
    for column in np.flatnonzero(n):
        low[column], high[column] = percentile_interval(means[:, column])
    return mean, low, high


def influence_columns(changes, resampling, permutations, seed):
    """Influence, its interval, p, q and rank of each set of filters.

    Parameters
    ----------
    changes : numpy.ndarray, shape (n, sets)
        From `loss_changes`.
    resampling : Resampling
    permutations : int
        Random flips of signs, for p.
    seed : int
        Of the permutations.

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


def filter_table(filters, matches, groups, single, columns, by_target):
    """One row per filter, in the order of the layer, dead ones too.

    Parameters
    ----------
    filters : pandas.DataFrame
        filter_pfms' table.
    matches : pandas.DataFrame
        tomtom's table.
    groups : list of Group
    single : proofread.methods.filter_nullification.nullify.Nullified
        Of each filter alone.
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
    memberships = [
        ",".join(group.name for group in groups if number in group.filters)
        for number in range(len(filters))
    ]
    per_filter = by_target.groupby("filter", sort=False)
    basset = by_target["signed_by_variance"] ** 2
    return pd.DataFrame(
        {
            "filter": filters["filter"],
            "status": filters["status"],
            "group": memberships,
            "planted_hits": matches["planted_hits"],
            **columns,
            "absolute": per_filter["absolute"].mean().to_numpy(),
            "squared_by_variance": basset.groupby(by_target["filter"], sort=False)
            .mean()
            .to_numpy(),
            "mean": single.mean,
            "std": single.std,
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
        Influences of random sets of as many filters, by the group's index.

    Returns
    -------
    pandas.DataFrame
        `best_single` and `sum_of_singles` are of the group's filters, ablated one at a
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
                random.get(index, nothing).mean() for index in range(len(groups))
            ],
            "random_highest": [
                random.get(index, nothing).max() for index in range(len(groups))
            ],
            "filters": [
                ",".join(names[number] for number in group.filters) for group in groups
            ],
        }
    )


def correlation_table(table):
    """Spearman correlations of influence with other properties of the filters.

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
        rho, p = rank_correlations(
            part[column].to_numpy(), part["influence"].to_numpy()
        )
        rows.append((column, which, len(part), rho, p))
    return pd.DataFrame(rows, columns=["with", "filters", "n", "rho", "p"])


def scores(table, groups, by_group, resampled, causal, decoys):
    """How well influence points to the causal motifs and not to the decoys.

    Parameters
    ----------
    table, by_group : pandas.DataFrame
        From `filter_table` and `group_table`.
    groups : list of Group
    resampled : dict of str to numpy.ndarray, shape (resamples, filters or groups)
        In each bootstrap sample of the sequences: `influence` and `absolute` of the
        filters, and the influence of the `groups`.
    causal, decoys : list of str
        Planted motifs by their role.

    Yields
    ------
    proofread.tables.Score
        A causal motif that no filter matches has no rank; a decoy that no filter
        matches has an influence of 0. A filter that matches no causal motif, but one
        that is no decoy either, has no part in the AUROC: the presence of that motif
        tells the label (`proofread.truth.roles.by_role`), so that a network may use it.
    """
    index = {group.name: i for i, group in enumerate(groups) if group.kind == "planted"}
    if causal:
        hits = table["planted_hits"].fillna("").str.split(",").map(set)
        true = hits.map(lambda names: bool(names & set(causal))).to_numpy()
        known = {"", *decoys}
        scored = true | hits.map(lambda names: names <= known).to_numpy()
        for column, metric in (
            ("influence", "influence_auroc"),
            ("absolute", "absolute_change_auroc"),
        ):
            value = auroc(true[scored], table[column].to_numpy()[scored])
            interval = percentile_interval(
                [auroc(true[scored], row[scored]) for row in resampled[column]]
            )
            yield Score(metric, value, int(scored.sum()), *interval)
        group_ranks = ranks(resampled["groups"])
        in_top = 0
        for name in causal:
            rank, interval = np.nan, (np.nan, np.nan)
            if name in index:
                rank = by_group["rank"][index[name]]
                interval = percentile_interval(group_ranks[:, index[name]])
                in_top += rank <= TOP
            yield Score(
                "rank_grouped_influence",
                rank,
                len(groups),
                *interval,
                motif=name,
                better="lower",
            )
        fraction = in_top / len(causal)
        yield Score(
            f"causal_groups_in_top_{TOP}", fraction, len(causal), np.nan, np.nan
        )
    if decoys:
        quiet = [
            name not in index
            or by_group["ci_low"][index[name]] <= 0 <= by_group["ci_high"][index[name]]
            for name in decoys
        ]
        fraction = sum(quiet) / len(decoys)
        yield Score("decoys_with_influence_0", fraction, len(decoys), np.nan, np.nan)


def group_signs(dataset, groups, change):
    """Whether filters of a motif change the output in the direction of its effect.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        The sequences.
    groups : list of Group
    change : numpy.ndarray, shape (n, groups, targets)
        Of the output, intact minus ablated.

    Yields
    ------
    proofread.tables.Score
        From `proofread.truth.signs.sign_scores`, of each target whose effects are
        known. Measured is the mean change of the sequences that hold an instance of the
        group's motif less that of the others.
    """
    for column, target in enumerate(dataset.target):
        planted, measured = planted_signs(dataset, target), {}
        if not planted:
            continue
        truth = causal_instances(dataset, target)
        for number, group in enumerate(groups):
            rows = truth["sequence"][truth["motif"] == group.name]
            holds = np.isin(np.arange(len(dataset)), rows)
            if group.kind == "planted" and holds.any() and not holds.all():
                of_group = change[:, number, column].astype(np.float64)
                difference = of_group[holds].mean() - of_group[~holds].mean()
                measured[group.name] = difference
        yield from sign_scores(measured, planted, target)


def chosen_targets(targets, settings):
    """Columns of the targets that heat maps show.

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
    return [column for column, name in enumerate(targets) if name in wanted]


def widest_spread(matrix, shown):
    """Of more targets than a heat map can show, those on which filters differ most.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (filters, targets)
    shown : list of int
        Columns of the targets to choose from.

    Returns
    -------
    list of int
        At most `MAX_TARGETS`, in the order given.
    """
    spread = np.nan_to_num(matrix).std(axis=0)[shown]
    best = np.argsort(-spread, kind="stable")[:MAX_TARGETS]
    return [shown[rank] for rank in sorted(best)]
