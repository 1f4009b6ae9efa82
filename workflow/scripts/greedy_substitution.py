"""Which few substitutions raise, and lower, a prediction most."""

from pathlib import Path

import numpy as np
import pandas as pd

from proofread.atomic import atomic
from proofread.configuration.names import known_targets
from proofread.datasets.dataset import read_split
from proofread.job import draws, start
from proofread.methods.greedy_substitution.goals import goals_of
from proofread.methods.greedy_substitution.search import (
    Search,
    check_rules,
    greedy_search,
    random_edits,
)
from proofread.methods.greedy_substitution.sequences import choose
from proofread.methods.greedy_substitution.tables import (
    control_table,
    edited_fasta,
    scores,
    step_table,
    summary_table,
)
from proofread.models.checkpoint import load_predictor
from proofread.models.local_edits import EditedLogits
from proofread.progress import log
from proofread.statistics.units import LOGIT
from proofread.tables import write_score, write_table


def main(job):
    """Read, search, write tables, score and figures."""
    start(job)
    params, output = job.params, job.output
    predictor = load_predictor(job.input.model, job.params.device)
    check_rules(params.rules, predictor)
    split = read_split(job.input.dataset, job.input.splits, params.split)
    targets = known_targets(
        params.targets, split.target, "methods.greedy_substitution.targets"
    )
    dataset = choose(
        split,
        predictor.length,
        max_sequences=params.max_sequences,
        targets=targets,
        composition=params.composition,
        order_seed=params.composition_seed,
        seed=params.seed,
        classes=params.classes,
    )
    editor = EditedLogits(predictor)
    log.info(
        "%d sequences; computed anew: %s",
        len(dataset),
        "only what an edit changes" if editor.fast else "the whole network",
    )
    # A sequence whose prediction is not finite is refused.
    editor.intact(np.asarray(dataset.index), names=dataset.name)
    goals = {}
    if predictor.output_unit != LOGIT:
        goals = goals_of(predictor, split, targets, params.seed)
    searches = search_all(editor, dataset, targets, goals, params)
    write_table(
        output.table,
        pd.concat([summary_table(dataset, search) for search in searches]),
    )
    rows = []
    if dataset.has_truth:
        rows = scores(
            dataset,
            searches,
            first=params.first,
            resamples=params.resamples,
            seed=params.seed,
        )
    write_score(output.score, rows)
    if not draws(job, "curves", "edits"):
        return
    write_table(
        output.steps, pd.concat([step_table(dataset, search) for search in searches])
    )
    of_targets = {search.target: search for search in searches}.values()
    write_table(
        output.controls,
        pd.concat([control_table(dataset, search) for search in of_targets]),
    )
    with atomic(output.sequences) as temporary:
        Path(temporary).write_text(edited_fasta(dataset, searches), encoding="utf-8")

    # Imported here: without matplotlib a rule that draws nothing starts faster.
    from proofread.figures.style import save_figure
    from proofread.methods.greedy_substitution import figures

    examples = figures.chosen_examples(dataset, targets, params.examples)
    save_figure(figures.draw_curves(dataset, searches, examples), output.curves)
    save_figure(figures.draw_edits(dataset, searches, examples), output.edits)


def search_all(editor, dataset, targets, goals, params):
    """Every rule for every target, with random trajectories of each target."""
    index, unit = np.asarray(dataset.index), editor.predictor.output_unit
    searches = []
    for target in targets:
        column = dataset.target.index(target)
        control = random_edits(
            editor,
            index,
            column,
            steps=params.steps,
            controls=params.controls,
            rng=np.random.default_rng(params.seed),
        )
        # A quantity may be of any size.
        min_gain = params.min_gain * (goals[target].spread if goals else 1)
        for rule in params.rules:
            trajectories = greedy_search(
                editor,
                index,
                column,
                rule,
                steps=params.steps,
                revisit=params.revisit,
                improving=params.improving,
                min_gain=min_gain,
                candidates=params.candidates,
                baseline=params.baseline,
                baselines=params.baselines,
                path_steps=params.path_steps,
                megabytes=params.megabytes,
                seed=params.seed,
                label=f"{rule}, {target}",
            )
            goal = goals.get(target)
            searches.append(Search(rule, target, trajectories, control, unit, goal))
    return searches


if "snakemake" in globals():
    main(snakemake)
