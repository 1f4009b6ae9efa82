"""Integrated gradients: how much of the logit each base carries."""

import numpy as np

from proofread.attribution_baselines import draw_baselines
from proofread.attribution_results import Explained, ask, write_results
from proofread.gradients import cut, integrated_gradients
from proofread.job import start
from proofread.model import load_model

# What deepG's integrated_gradients() computes (GenomeNet).
FAITHFUL = {"output": "probability", "baseline": "zero", "baselines": 1}


def rule_of(params):
    """What is differentiated, and from where the paths begin.

    Parameters
    ----------
    params : namespace
        `faithful`, `output`, `baseline` and `baselines`.

    Returns
    -------
    dict
        `output`, `baseline` and `baselines`; deepG's where `faithful` is set.
    """
    own = {name: getattr(params, name) for name in FAITHFUL}
    return dict(FAITHFUL) if params.faithful else own


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
