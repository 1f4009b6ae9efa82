"""Attributions: the contribution of each base to the prediction, by several methods."""

from functools import partial

from proofread.datasets.dataset import read_dataset
from proofread.datasets.sampling import read_balanced
from proofread.errors import InputError
from proofread.job import draws, start
from proofread.methods.attributions.answers import Sample, choose_examples
from proofread.methods.attributions.checks import check_table
from proofread.methods.attributions.explain import explain_all, rule_of
from proofread.methods.attributions.export import write_npz
from proofread.methods.attributions.intervals import all_intervals, interval_table
from proofread.methods.attributions.profiles import profile_table
from proofread.methods.attributions.tables import (
    arrays,
    by_answer,
    component_table,
    example_table,
    layer_columns,
    layer_table,
    scores,
    sequence_table,
)
from proofread.models.checkpoint import load_model
from proofread.progress import log
from proofread.tables import write_score, write_table, write_values


def main(job):
    """Read, attribute, write; draw where the rule has figures."""
    start(job)
    params = job.params
    network = load_model(job.input.model, job.params.device)
    targets = params.targets or list(network.targets)
    for target in targets:
        if target not in network.targets:
            raise InputError(
                "methods.attributions.targets",
                f"the network has no target {target!r}",
                "some of " + ", ".join(network.targets),
                "correct the name, or remove the line to explain all",
            )
    rules = {kind: rule_of(kind, params) for kind in params.kinds}
    sizes = dict.fromkeys(rule.max_sequences for rule in rules.values())
    answers = explain_all(
        network,
        {n: read_sample(job, n) for n in sizes},
        rules,
        targets,
        window=params.window,
        seed=params.seed,
        steps=params.integrated_gradients["steps"],
        noise=(params.smoothgrad["replicates"], params.smoothgrad["noise"]),
        megabytes=params.megabytes,
        layer=params.layer,
    )
    table = by_answer(answers, partial(sequence_table, tolerance=params.tolerance))
    write_table(job.output.table, table)
    write_score(
        job.output.score, scores(answers, resamples=params.resamples, seed=params.seed)
    )
    write_values(job.output.values, arrays(answers))
    checks = check_table(answers, params.tolerance)
    if draws(job, "logos"):
        write_table(job.output.checks, checks)
        summarise(job, answers, table)


def read_sample(job, n):
    """The sequences to explain, `n` at most, and the intervals within them."""
    params = job.params
    dataset, rows = read_balanced(
        job.input.dataset,
        job.input.splits,
        params.split,
        n,
        params.seed,
        target=params.targets,
        classes=params.classes,
        key="methods.attributions.split",
    )
    log.info("%d sequences of %s", len(dataset), params.split)
    names = ()
    if job.input.intervals:
        names = read_dataset(job.input.dataset, streamed=True).name
    path = str(job.input.intervals) if job.input.intervals else None
    return Sample(dataset, rows, all_intervals(dataset, path, names))


def summarise(job, answers, table):
    """Write the tables and figures that are not needed of a negative control."""
    # matplotlib: a second of imports, for which no negative control waits.
    from proofread.figures.style import save_figure
    from proofread.methods.attributions import figures

    params, output = job.params, job.output
    titles = figures.titles_of(answers)
    save_figure(
        figures.draw_completeness(table, titles, params.tolerance),
        output.completeness,
    )

    profile = by_answer(answers, partial(profile_table, flank=params.flank))
    write_table(output.profile, profile)
    widths = {name: len(matrix) for name, matrix in answers[0].dataset.motifs.items()}
    marks = {} if params.anchor is None else {params.anchor: "anchor"}
    figure = figures.draw_profiles(profile, titles, widths=widths, marks=marks)
    save_figure(figure, output.profile_figure)

    components = {
        (answer.kind, answer.target): component_table(answer, params.components)
        for answer in answers
    }
    table = by_answer(answers, lambda answer: components[answer.kind, answer.target][0])
    write_table(output.components, table)
    explained = {key: fractions for key, (_, fractions) in components.items()}
    figure = figures.draw_components(table, titles, explained)
    save_figure(figure, output.components_figure)

    table = by_answer(
        answers,
        lambda answer: interval_table(
            answer.numbers, answer.dataset, answer.sample.intervals
        ),
    )
    write_table(output.intervals, table)
    table = by_answer(answers, partial(layer_table, layer=params.layer))
    columns = layer_columns(answers[0].dataset)
    write_table(output.layer, table.reindex(columns=columns))

    examples = choose_examples(answers)
    logos = figures.examples_of_kinds(answers, examples, most=params.examples)
    save_figure(figures.draw_logos(logos, params.anchor), output.logos)
    maps = figures.examples_of_kinds(answers, examples, most=2)
    save_figure(figures.draw_heat_maps(maps, params.anchor), output.heat_map_figure)
    write_table(output.heat_map, example_table(maps))

    by_kind = {answer.kind: answer for answer in reversed(answers)}
    for number, kind in enumerate(params.export):
        one_hot = by_kind[kind].dataset.one_hot()
        write_npz(output.one_hot[number], one_hot)
        write_npz(output.hypothetical[number], by_kind[kind].hypothetical)


if "snakemake" in globals():
    main(snakemake)
