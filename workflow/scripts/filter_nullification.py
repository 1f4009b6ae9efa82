"""How predictions change when filters of the first layer are ablated."""

import numpy as np

from proofread.datasets.dataset import read_split
from proofread.datasets.sampling import balanced_rows
from proofread.errors import InputError
from proofread.job import draws, start
from proofread.methods.filter_nullification.groups import (
    ablated_together,
    motif_groups,
    random_sets,
    same_filters,
)
from proofread.methods.filter_nullification.nullify import nullify
from proofread.methods.filter_nullification.tables import (
    chosen_targets,
    correlation_table,
    filter_table,
    group_signs,
    group_table,
    influence_columns,
    logit_sizes,
    loss_changes,
    measured_rows,
    scores,
    target_table,
)
from proofread.methods.filter_nullification.words import words_of
from proofread.models.checkpoint import load_model
from proofread.models.output_scale import scale_of
from proofread.progress import log
from proofread.statistics.bootstrap import Resampling
from proofread.tables import read_table, write_score, write_table, write_values
from proofread.truth.roles import by_role, motif_roles


def main(job):
    """Read, ablate filters and groups of filters, write tables, score and figures."""
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
    # Of the whole split: a motif may be rare among the sequences that are used.
    roles, causal, decoys = {}, [], []
    if dataset.simulated:  # known motifs are not among those that filters match
        roles, (causal, decoys) = motif_roles(dataset), by_role(dataset)
    dataset = dataset.subset(balanced_rows(dataset, settings["max_sequences"], seed))
    model = load_model(job.input.model, settings["device"])
    shown = chosen_targets(model.targets, settings)
    filters, matches = read_table(job.input.filters), read_table(job.input.matches)
    n_filters = model.get_submodule(model.first_convolution).out_channels
    same_filters(filters, job.input.filters, n_filters)
    same_filters(matches, job.input.matches, n_filters)
    groups = motif_groups(matches, settings["group_by"])

    def ablate(sets):
        return nullify(
            model,
            dataset.index,
            sets,
            null=settings["null_value"],
            null_batch=settings["null_batch"],
            seed=seed,
            names=dataset.name,
        )

    names = filters["filter"].tolist()
    label, scale = dataset.label, scale_of(model)
    single = ablate([[number] for number in range(n_filters)])
    log.info("filters are ablated by the way '%s'", single.way)
    together = ablated_together(groups, single, ablate)

    def changes(ablated):
        return loss_changes(single.logit, ablated, label, scale)

    single_changes, group_changes = changes(single.ablated), changes(together)
    rows = measured_rows(single_changes, settings["split"], job.input.splits)
    random = {
        index: changes(ablate(sets).ablated)[rows].mean(axis=0)
        for index, sets in random_sets(
            groups, ~single.constant, settings["random_groups"], seed
        ).items()
    }

    resampling = Resampling(len(dataset), settings["resamples"], seed)
    of_loss = Resampling(rows.sum(), settings["resamples"], seed)
    test = (of_loss, settings["permutations"], seed)
    by_target = target_table(
        names, model.targets, single.logit, single.ablated, label, resampling, scale
    )
    columns = influence_columns(single_changes[rows], *test)
    table = filter_table(filters, matches, groups, single, columns, by_target)
    by_group = group_table(
        names,
        groups,
        influence_columns(group_changes[rows], *test),
        columns["influence"],
        logit_sizes(single.logit, together).mean(axis=0),
        random,
    )
    write_table(output.table, table)
    resampled = {
        "influence": of_loss.means(single_changes[rows]),
        "absolute": resampling.means(logit_sizes(single.logit, single.ablated)),
        "groups": of_loss.means(group_changes[rows]),
    }
    scored = scores(table, groups, by_group, resampled, causal, decoys)
    change = single.logit[:, None] - together
    write_score(output.score, [*scored, *group_signs(dataset, groups, change)])
    if not draws(job, "influence"):
        return

    write_table(output.groups, by_group)
    write_table(output.targets, by_target)
    write_table(output.correlations, correlation_table(table))
    word = words_of(scale).output
    write_values(
        output.values,
        {
            "sequence": dataset.name,
            "target": model.targets,
            "filter": names,
            "group": [f"{group.kind}:{group.name}" for group in groups],
            word: single.logit,
            f"{word}_change": single.logit[:, None] - single.ablated,
            f"group_{word}_change": change,
            "loss_change": single_changes.astype(np.float32),
            "group_loss_change": group_changes.astype(np.float32),
        },
        null_value=settings["null_value"],
    )
    from proofread.figures.style import save_figure
    from proofread.methods.filter_nullification.figures import figures

    tables = (table, by_group, by_target)
    drawn = figures(settings, dataset, roles, *tables, single, shown, scale)
    for name, figure in drawn:
        save_figure(figure, getattr(output, name))


if "snakemake" in globals():
    main(snakemake)
