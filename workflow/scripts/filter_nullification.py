"""What a network loses when filters of its first layer are made to say nothing."""

import numpy as np

from proofread.datasets.dataset import read_split
from proofread.datasets.sampling import examined
from proofread.errors import InputError
from proofread.job import start
from proofread.methods.filter_nullification.figures import write_figures
from proofread.methods.filter_nullification.groups import (
    held_together,
    motif_groups,
    random_sets,
    same_filters,
)
from proofread.methods.filter_nullification.nullify import nullify
from proofread.methods.filter_nullification.tables import (
    chosen_targets,
    correlation_table,
    filter_table,
    group_table,
    influence_columns,
    logit_sizes,
    loss_changes,
    scores,
    target_table,
)
from proofread.models.checkpoint import load_model
from proofread.progress import log
from proofread.statistics.bootstrap import Resampling
from proofread.tables import read_table, write_score, write_table, write_values
from proofread.truth.roles import by_role, motif_roles


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
    roles, (causal, decoys) = motif_roles(dataset), by_role(dataset)
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


if "snakemake" in globals():
    main(snakemake)
