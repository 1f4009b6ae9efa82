"""Attributions of a set of sequences, kind by kind."""

from dataclasses import replace

import numpy as np

from proofread.methods.attributions.deep_lift import deep_lift_shap
from proofread.methods.attributions.gradients import (
    gradient_shap,
    plain_gradients,
    stratified_points,
)
from proofread.models.cut import cut

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
    baselines : proofread.methods.attributions.baselines.Baselines
    columns : list of int
        Of the targets among the logits.
    params : namespace
        `seed`, `draws`, `noise`, `output`, `correct`, `megabytes` and `layer`.

    Returns
    -------
    proofread.methods.attributions.gradients.Attributions
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
