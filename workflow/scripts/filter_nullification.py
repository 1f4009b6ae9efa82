"""What a network loses when filters of its first layer are made to say nothing."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.dataset import read_split
from proofread.errors import InputError
from proofread.examined import examined
from proofread.job import log, start
from proofread.metrics import auroc
from proofread.model import load_model
from proofread.multiple_testing import benjamini_hochberg
from proofread.nullification import nullify
from proofread.paired_statistics import sign_flip
from proofread.suggestions import advice
from proofread.tables import read_table, write_score, write_table, write_values

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
_DRAWS = 200  # resamples at a time: all together would be resamples x n numbers


@dataclass(frozen=True)
class Group:
    """Filters that match one motif.

    Attributes
    ----------
    name : str
        Of the motif; of the filter where it matches none.
    kind : str
        `planted`, `known`, or `alone`: a filter without a match.
    filters : tuple of int
    """

    name: str
    kind: str
    filters: tuple


def motif_groups(matches, group_by="protein"):
    """Filters that match one motif, together; a filter without a match alone.

    Parameters
    ----------
    matches : pandas.DataFrame
        tomtom's table: `filter`, `best_hit`, `protein` and `planted_hits`, in the order
        of the filters.
    group_by : str
        What names a known motif: `protein`, or `motif`, its identifier.

    Returns
    -------
    list of Group
        A filter with a planted motif among its hits belongs to that motif's group, and
        to several if it has several; any other one to that of its best hit. In the
        order of the first filter of each.
    """
    named = {"protein": "protein", "motif": "best_hit"}[group_by]
    members = {}
    for place, row in enumerate(matches.to_dict("records")):
        if isinstance(row["planted_hits"], str) and row["planted_hits"]:
            keys = [(name, "planted") for name in row["planted_hits"].split(",")]
        elif isinstance(row["best_hit"], str):
            keys = [(row[named], "known")]
        else:
            keys = [(row["filter"], "alone")]
        for key in keys:
            members.setdefault(key, []).append(place)
    return [Group(*key, tuple(filters)) for key, filters in members.items()]


def random_sets(groups, varies, copies, seed):
    """For each group, as many filters that are not in it, drawn at random.

    Parameters
    ----------
    groups : list of Group
    varies : numpy.ndarray, shape (filters,), bool
        Filters whose activations are not all the same; no others are drawn or counted.
    copies : int
        Sets per group.
    seed : int

    Returns
    -------
    dict of int to list of list of int
        By the group's place. None for groups of fewer than two such filters, which
        have all other filters to be compared with, and where the others do not suffice.
    """
    generator = np.random.default_rng([seed, 1])
    live = np.flatnonzero(varies)
    drawn = {}
    for place, group in enumerate(groups):
        size = int(varies[list(group.filters)].sum())
        others = np.setdiff1d(live, group.filters)
        if copies and 2 <= size <= len(others):
            drawn[place] = [
                sorted(generator.choice(others, size, replace=False).tolist())
                for _ in range(copies)
            ]
    return drawn


# --- Numbers --------------------------------------------------------------------


def cross_entropy(logit, label):
    """Binary cross-entropy in nats of logits and labels (0-1), element by element."""
    logit = np.asarray(logit, dtype=np.float64)
    return np.logaddexp(0, logit) - label * logit


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


class Resampling:
    """Bootstrap samples of sequences, the same for everything that is asked.

    Parameters
    ----------
    n : int
        Sequences.
    resamples : int
    seed : int
    """

    def __init__(self, n, resamples, seed):
        generator = np.random.default_rng([seed, 2])
        self.n = n
        # How often each sequence is in each resample: about 1, hardly ever above 12.
        self.counts = np.empty((resamples, n), dtype=np.uint8)
        for draw in range(resamples):
            rows = generator.integers(n, size=n)
            self.counts[draw] = np.bincount(rows, minlength=n)

    def means(self, values):
        """Mean over the sequences in each resample: (n, m) -> (resamples, m)."""
        return (
            np.concatenate(
                [
                    self.counts[first : first + _DRAWS].astype(np.float64) @ values
                    for first in range(0, len(self.counts), _DRAWS)
                ]
            )
            / self.n
        )

    def interval(self, values):
        """95 % percentile interval of the mean: low and high, each (m,)."""
        return np.percentile(self.means(values), [2.5, 97.5], axis=0)


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


def rank_correlation(one, other):
    """Spearman's rho and its two-sided p, from Student's t with n - 2 degrees.

    Returns
    -------
    rho, p : float
        NaN where either is constant or n is below 3.
    """
    # Not scipy.stats, which takes longer to import than all the rest to run.
    from scipy.special import stdtr

    n = len(one)
    first, second = (pd.Series(each).rank().to_numpy() for each in (one, other))
    if n < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return np.nan, np.nan
    rho = np.clip(np.corrcoef(first, second)[0, 1], -1, 1)
    with np.errstate(divide="ignore"):
        statistic = np.abs(rho) * np.sqrt((n - 2) / (1 - rho**2))
    return float(rho), float(2 * stdtr(n - 2, -statistic))


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
    p = sign_flip(changes, draws=permutations, seed=[seed, 3])
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
    found : proofread.nullification.Nullified
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
        rho, p = rank_correlation(part[column].to_numpy(), part["influence"].to_numpy())
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
            interval = _interval([auroc(true, each) for each in drawn[column]])
            yield metric, value, len(table), *interval
        group_ranks = ranks(drawn["groups"])
        found = 0
        for name in causal:
            rank, interval = np.nan, (np.nan, np.nan)
            if name in place:
                rank = by_group["rank"][place[name]]
                interval = _interval(group_ranks[:, place[name]])
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


def _interval(values):
    values = np.asarray(values, dtype=np.float64)
    values = values[~np.isnan(values)]
    if len(values) == 0:
        return np.nan, np.nan
    return tuple(float(each) for each in np.percentile(values, [2.5, 97.5]))


# --- Input ----------------------------------------------------------------------


def same_filters(filters, matches, n, job):
    """Say so if the tables are not of this network's filters."""
    for table, path in ((filters, job.input.filters), (matches, job.input.matches)):
        expected = [f"filter{place}" for place in range(n)]
        if table["filter"].tolist() != expected:
            raise InputError(
                path,
                f"{len(table)} rows, from {table['filter'].tolist()[:1]}",
                f"one row for each of the network's {n} filters, filter0 first",
                "delete it and run again: the workflow makes it anew",
            )


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


def held_together(groups, found, held):
    """Logits with each group held; of a group of one filter they are known already.

    Parameters
    ----------
    groups : list of Group
    found : proofread.nullification.Nullified
        Of each filter alone.
    held : callable
        Gives the same of sets of filters.

    Returns
    -------
    numpy.ndarray, shape (n, groups, targets)
    """
    several = [place for place, group in enumerate(groups) if len(group.filters) > 1]
    logits = found.held[:, [group.filters[0] for group in groups]]
    if several:
        logits[:, several] = held([groups[place].filters for place in several]).held
    return logits


def main(job):
    """Read, hold filters and groups of filters, write tables, score and figures."""
    start(job)
    settings, output = dict(job.params.items()), job.output
    seed = settings["seed"]
    dataset = read_split(job.input.dataset, job.input.splits, settings["split"])
    if len(dataset) == 0:
        raise InputError(
            job.input.splits,
            f"the split {settings['split']} has no sequences",
            "at least one sequence",
            "choose another methods.filter_nullification.split",
        )
    # Of the whole split: a motif may be rare among the sequences that are looked at.
    roles = dict(zip(dataset.truth["motif"], dataset.truth["role"], strict=True))
    dataset = dataset.subset(examined(dataset, settings["max_sequences"], seed))
    model = load_model(job.input.model)
    shown = chosen_targets(model.targets, settings)
    filters, matches = read_table(job.input.filters), read_table(job.input.matches)
    n_filters = model.get_submodule(model.first_convolution).out_channels
    same_filters(filters, matches, n_filters, job)
    groups = motif_groups(matches, settings["group_by"])

    def held(sets):
        return nullify(
            model,
            dataset.index,
            sets,
            null=settings["null_value"],
            null_batch=settings["null_batch"],
            seed=seed,
        )

    names = filters["filter"].tolist()
    label = dataset.label
    found = held([[each] for each in range(n_filters)])
    log.info("held by the way '%s'", found.way)
    together = held_together(groups, found, held)
    single_changes = loss_changes(found.logit, found.held, label)
    group_changes = loss_changes(found.logit, together, label)
    random = {
        place: loss_changes(found.logit, held(sets).held, label).mean(axis=0)
        for place, sets in random_sets(
            groups, ~found.constant, settings["random_groups"], seed
        ).items()
    }

    resampling = Resampling(len(dataset), settings["resamples"], seed)
    test = (resampling, settings["permutations"], seed)
    by_target = target_table(
        names, model.targets, found.logit, found.held, label, resampling
    )
    single = influence_columns(single_changes, *test)
    table = filter_table(filters, matches, groups, found, single, by_target)
    by_group = group_table(
        names,
        groups,
        influence_columns(group_changes, *test),
        single["influence"],
        logit_sizes(found.logit, together).mean(axis=0),
        random,
    )
    correlations = correlation_table(table)
    write_table(output.table, table)
    write_table(output.groups, by_group)
    write_table(output.targets, by_target)
    write_table(output.correlations, correlations)
    write_values(
        output.values,
        {
            "sequence": dataset.name,
            "target": model.targets,
            "filter": names,
            "group": [f"{group.kind}:{group.name}" for group in groups],
            "logit": found.logit,
            "logit_change": found.logit[:, None] - found.held,
            "group_logit_change": found.logit[:, None] - together,
            "loss_change": single_changes.astype(np.float32),
            "group_loss_change": group_changes.astype(np.float32),
        },
        null_value=settings["null_value"],
    )
    causal = [name for name in dataset.motifs if roles.get(name) == "causal"]
    decoys = [name for name in dataset.motifs if name not in causal]
    write_score(
        output.score,
        scores(
            table,
            groups,
            by_group,
            {
                "influence": resampling.means(single_changes),
                "absolute": resampling.means(logit_sizes(found.logit, found.held)),
                "groups": resampling.means(group_changes),
            },
            causal,
            decoys,
        ),
    )
    write_figures(
        output, settings, dataset, roles, table, by_group, by_target, found, shown
    )


def write_figures(
    output, settings, dataset, roles, table, by_group, by_target, found, shown
):
    """Rankings, what influence goes with, heat maps of targets and of sequences."""
    from proofread.figures import save_figure
    from proofread.nullification_figures import (
        Columns,
        draw_influence,
        draw_relations,
        draw_sequences,
        draw_targets,
    )

    save_figure(draw_influence(by_group, table, roles), output.influence)
    correlations = correlation_table(table)
    save_figure(draw_relations(table, correlations, roles), output.relations)
    targets = dataset.target
    measure = settings["measure"]
    # (filters * targets,) -> (filters, targets)
    matrix = by_target[measure].to_numpy().reshape(len(table), len(targets))
    if settings["targets"] is None:
        shown = widest_spread(matrix, shown)
    names = [targets[place] for place in shown]
    columns = Columns(
        [settings["target_labels"].get(name, name) for name in names],
        [settings["target_classes"].get(name, "") for name in names],
    )
    figure = draw_targets(
        table,
        matrix[:, shown],
        columns,
        roles,
        measure=measure,
        width=settings["figure_width"],
        height=settings["figure_height"],
        font_size=settings["font_size"],
        targets=len(targets),
    )
    save_figure(figure, output.heat_maps)
    first, most = shown[0], settings["heat_map_sequences"]
    rows = examined(dataset, most, settings["seed"], target=targets[first])
    change = found.logit[rows, None, first] - found.held[rows, :, first]
    figure = draw_sequences(table, change.T, dataset.label[rows, first], names[0])
    save_figure(figure, output.sequences)


if "snakemake" in globals():
    main(snakemake)
