"""How few substitutions raise, and lower, a prediction, and which ones they are."""

from pathlib import Path

import numpy as np
import pandas as pd

from proofread.atomic import atomic
from proofread.datasets.dataset import read_split
from proofread.figures.style import save_figure
from proofread.job import start
from proofread.methods.greedy_substitution.figures import (
    draw_curves,
    draw_edits,
    examples,
)
from proofread.methods.greedy_substitution.search import (
    Search,
    asked,
    random_edits,
    search,
)
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
from proofread.tables import write_score, write_table


def main(job):
    """Read, search, write tables, score and figures."""
    start(job)
    params, output = job.params, job.output
    predictor = load_predictor(job.input.model)
    split = read_split(job.input.dataset, job.input.splits, params.split)
    dataset, targets = asked(params, split, predictor)
    editor = EditedLogits(predictor)
    log.info("%d sequences; local recompute: %s", len(dataset), editor.fast)
    index = np.asarray(dataset.index)
    searches = []
    for target in targets:
        column = predictor.targets.index(target)
        control = random_edits(
            *(editor, index, column),
            steps=params.steps,
            controls=params.controls,
            rng=np.random.default_rng(params.seed),
        )
        for rule in params.rules:
            label = f"{rule}, {target}"
            found = search(params, editor, index, rule, column, label)
            searches.append(Search(rule, target, found, control))
    columns = [dataset.target.index(each.target) for each in searches]
    label = np.asarray(dataset.label)
    write_table(
        output.table,
        pd.concat(
            [
                summary_table(dataset, label[:, column], each)
                for column, each in zip(columns, searches, strict=True)
            ],
            ignore_index=True,
        ),
    )
    write_table(
        output.steps,
        pd.concat([step_table(dataset, each) for each in searches], ignore_index=True),
    )
    first_rule = [each for each in searches if each.rule == params.rules[0]]
    write_table(
        output.controls,
        pd.concat(
            [control_table(dataset, each.target, each.control) for each in first_rule],
            ignore_index=True,
        ),
    )
    with atomic(output.sequences) as temporary:
        Path(temporary).write_text(edited_fasta(dataset, searches), encoding="utf-8")
    found = []
    if dataset.simulated:
        found = scores(
            dataset,
            searches,
            first=params.first,
            resamples=params.resamples,
            seed=params.seed,
        )
    write_score(output.score, found)
    chosen = examples(dataset, targets, params.examples)
    save_figure(draw_curves(dataset, searches, chosen), output.curves)
    save_figure(draw_edits(dataset, searches, chosen), output.edits)


if "snakemake" in globals():
    main(snakemake)
