"""Attributions of every other kind: saliency, DeepLIFT/SHAP, GradientSHAP and more."""

import numpy as np

from proofread.errors import InputError
from proofread.job import start
from proofread.methods.attributions.baselines import draw_baselines
from proofread.methods.attributions.explain import COMPLETE, explain
from proofread.methods.attributions.results import Explained, ask, write_results
from proofread.models.checkpoint import load_model


def main(job):
    """Read, attribute, write."""
    start(job)
    params = job.params
    if params.export not in params.kinds:
        raise InputError(
            "methods.attributions.export",
            f"{params.export} is not among the kinds that are computed",
            "one of " + ", ".join(params.kinds),
            "name one of them, or add it to methods.attributions.kinds",
        )
    network = load_model(job.input.model)
    question = ask(job, network)
    baselines = draw_baselines(
        params.baseline,
        question.dataset.index,
        params.baselines,
        np.random.default_rng(params.seed),
    )
    explained = [
        Explained(
            kind,
            kind in COMPLETE,
            explain(
                *(kind, network, question.one_hot, baselines, question.columns),
                params,
            ),
        )
        for kind in params.kinds
    ]
    write_results(job, question, explained, output=params.output, several=True)


if "snakemake" in globals():
    main(snakemake)
