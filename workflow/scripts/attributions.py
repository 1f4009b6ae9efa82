"""Attributions of every other kind: saliency, DeepLIFT/SHAP, GradientSHAP and more."""

from dataclasses import replace

import numpy as np

from proofread.attribution_baselines import draw_baselines
from proofread.attribution_results import Explained, ask, write_results
from proofread.deep_lift import deep_lift_shap
from proofread.errors import InputError
from proofread.gradients import cut, gradient_shap, plain_gradients, stratified_points
from proofread.job import start
from proofread.model import load_model

# The kinds that should sum to the change of the logit from a baseline.
COMPLETE = ("deeplift_shap", "gradient_shap")


def explain(kind, network, one_hot, baselines, columns, params):
    """Attributions of one kind.

    Parameters
    ----------
    kind : str
        `saliency`: the absolute gradient. `gradient_x_input`. `smoothgrad`: the mean
        gradient over copies with noise. `deeplift_shap`. `gradient_shap`.
    network : torch.nn.Module
    one_hot : torch.Tensor, shape (n, 4, length)
    baselines : proofread.attribution_baselines.Baselines
    columns : list of int
        Of the targets among the logits.
    params : namespace
        `seed`, `draws`, `noise`, `output`, `correct`, `megabytes` and `layer`.

    Returns
    -------
    proofread.gradients.Attributions
        `attribution` is ``|gradient|``, ``gradient x input``, the mean gradient (of
        each the gradient without its mean over the bases, if `correct` is set), or
        what sums to the change of the logit.
    """
    options = {
        "output": params.output,
        "megabytes": params.megabytes,
        "layer": params.layer,
        "label": kind,
    }
    # Draws of a kind do not depend on which others were asked for.
    rng = np.random.default_rng([params.seed, 1])
    if kind == "deeplift_shap":
        return deep_lift_shap(network, one_hot, baselines, columns, **options)
    if kind == "gradient_shap":
        points = stratified_points(len(one_hot), baselines.shape[1], rng)
        return gradient_shap(
            cut(network), one_hot, baselines, columns, points, **options
        )
    if kind == "smoothgrad":
        options["noise"] = params.draws, params.noise, rng
    if kind != "gradient_x_input":  # a layer has no absolute value, and no noise
        options["layer"] = None
    found = plain_gradients(cut(network), one_hot, columns, **options)
    values = found.hypothetical
    if params.correct:
        values = values - values.mean(axis=2, keepdims=True)
    if kind == "saliency":
        values = np.abs(values)
    elif kind == "gradient_x_input":
        values = values * one_hot.numpy()
    return replace(found, attribution=values)


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
