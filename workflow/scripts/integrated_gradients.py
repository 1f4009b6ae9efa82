"""Integrated gradients: how much of the logit each base carries."""

import numpy as np

from proofread.job import start
from proofread.methods.attributions.baselines import draw_baselines
from proofread.methods.attributions.explain import rule_of
from proofread.methods.attributions.gradients import integrated_gradients
from proofread.methods.attributions.results import Explained, ask, write_results
from proofread.models.checkpoint import load_model
from proofread.models.cut import cut


def main(job):
    """Read, attribute, write."""
    start(job)
    params = job.params
    rule = rule_of(params)
    network = load_model(job.input.model)
    question = ask(job, network)
    baselines = draw_baselines(
        rule["baseline"],
        question.dataset.index,
        rule["baselines"],
        np.random.default_rng(params.seed),
    )
    found = integrated_gradients(
        cut(network),
        question.one_hot,
        baselines,
        question.columns,
        steps=params.steps,
        output=rule["output"],
        megabytes=params.megabytes,
        layer=params.layer,
    )
    explained = [Explained("integrated_gradients", True, found)]
    write_results(job, question, explained, output=rule["output"], several=False)


if "snakemake" in globals():
    main(snakemake)
