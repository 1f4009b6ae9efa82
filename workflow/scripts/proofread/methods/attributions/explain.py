"""Every kind of attributions by its name, and how the settings differ between kinds."""

import functools
from dataclasses import dataclass, replace

import numpy as np
import torch

from proofread.methods.attributions.answers import COMPLETE, Answer
from proofread.methods.attributions.baselines import draw_baselines
from proofread.methods.attributions.deep_lift import deep_lift_shap
from proofread.methods.attributions.gradients import (
    gradient_shap,
    integrated_gradients,
    plain_gradients,
    stratified_points,
)
from proofread.methods.attributions.per_base import per_base
from proofread.models.cut import cut
from proofread.models.device import (
    MEGABYTES,
    device_of,
    differentiable,
    halved,
    megabytes_at_once,
)
from proofread.models.finite import check_finite
from proofread.statistics.units import LOGIT, output_name

# deepG's integrated_gradients() (GenomeNet).
FAITHFUL = {"scale": "probability", "baseline": "zero", "baselines": 1}


@dataclass(frozen=True)
class Rule:
    """What one kind explains and compares with; the method's schema has the meanings.

    Attributes
    ----------
    max_sequences, baselines : int
    scale, baseline : str
        The scale of quantities is that of their outputs, `logit`.
    correct : bool
    """

    max_sequences: int
    scale: str
    baseline: str
    baselines: int
    correct: bool


def rule_of(kind, settings):
    """The rule of a kind.

    Parameters
    ----------
    kind : str
    settings : namespace
        The attributes of `Rule`, and `integrated_gradients`: a dict of settings of that
        kind alone. They replace the common ones unless they are None.
    """
    rule = Rule(**{name: getattr(settings, name) for name in Rule.__dataclass_fields__})
    if kind != "integrated_gradients":
        return rule
    own = settings.integrated_gradients
    names = ("max_sequences", "baselines", "correct")
    rule = replace(rule, **{name: own[name] for name in names if own[name] is not None})
    return replace(rule, **FAITHFUL) if own["faithful"] else rule


def explain(
    kind,
    network,
    one_hot,
    columns,
    *,
    baselines=None,
    seed=1,
    correct=False,
    steps=50,
    noise=(25, 0.15),
    megabytes=MEGABYTES,
    names=None,
    **options,
):
    """Attributions of one kind.

    Parameters
    ----------
    kind : str
        `integrated_gradients`. `saliency`: the absolute gradient. `gradient_x_input`.
        `smoothgrad`: the mean gradient over noisy copies. `deeplift_shap`.
        `gradient_shap`.
    network : torch.nn.Module
        In evaluation mode.
    one_hot : torch.Tensor, shape (n, 4, length)
        On any device.
    columns : list of int
        Columns of the explained targets among the logits.
    baselines : proofread.methods.attributions.baselines.Baselines, optional
        For the kinds in `COMPLETE`.
    seed : int
        Of the noise and of the points of `gradient_shap`. They do not depend on which
        other kinds are computed.
    correct : bool
        Subtract the mean over the bases from the gradients of the other kinds.
    steps : int
        Intervals of the path of `integrated_gradients`.
    noise : tuple of (int, float)
        Copies of each sequence for `smoothgrad`, and the standard deviation of their
        noise.
    megabytes : float
        Of activations in one pass on the CPU. A GPU holds as many as its memory allows.
    names : list of str, optional
        Of the sequences, for a message.
    **options
        `scale` and `layer`, as for
        `proofread.methods.attributions.gradients.integrated_gradients`. `saliency` and
        `smoothgrad` have no attributions to a layer.

    Returns
    -------
    proofread.methods.attributions.gradients.Attributions
        `attribution` sums to the change of the output for the kinds in `COMPLETE`. For
        the others it is ``|gradient|``, ``gradient x input`` or the mean gradient.

    Raises
    ------
    InputError
        If outputs or attributions of a sequence are not finite.
    """
    device = device_of(network)
    one_hot = one_hot.to(device)

    def explained(megabytes):
        return _explained(
            kind,
            network,
            one_hot,
            columns,
            baselines=baselines,
            seed=seed,
            correct=correct,
            steps=steps,
            noise=noise,
            megabytes=megabytes,
            **options,
        )

    with differentiable(network):
        result = halved(explained, megabytes_at_once(device, megabytes))
    where = f"attributions, {kind}"
    check_finite(result.output, where, "the outputs", names=names)
    if kind in COMPLETE:
        what = "the outputs of the baselines"
        check_finite(result.baseline_output, where, what, names=names)
    parts = [result.attribution, result.hypothetical]
    if result.layer is not None:
        parts.append(result.layer)
    for values in parts:
        # (targets, n, ...) -> (n, targets, ...)
        check_finite(values.swapaxes(0, 1), where, "the attributions", names=names)
    return result


def _explained(
    kind,
    network,
    one_hot,
    columns,
    *,
    baselines,
    seed,
    correct,
    steps,
    noise,
    **options,
):
    options["label"] = kind
    rng = np.random.default_rng([seed, 1])
    if kind == "integrated_gradients":
        return integrated_gradients(
            cut(network), one_hot, baselines, columns, steps=steps, **options
        )
    if kind == "deeplift_shap":
        return deep_lift_shap(network, one_hot, baselines, columns, **options)
    if kind == "gradient_shap":
        points = stratified_points(len(one_hot), baselines.shape[1], rng)
        return gradient_shap(
            cut(network), one_hot, baselines, columns, points, **options
        )
    if kind == "smoothgrad":
        options["noise"] = (*noise, rng)
    if kind != "gradient_x_input":  # a layer has no absolute value, and no noise
        options["layer"] = None
    attributions = plain_gradients(cut(network), one_hot, columns, **options)
    values = attributions.hypothetical
    if correct:
        values = values - values.mean(axis=2, keepdims=True)
    if kind == "saliency":
        values = np.abs(values)
    elif kind == "gradient_x_input":
        values = values * one_hot.cpu().numpy()
    return replace(attributions, attribution=values)


def explain_all(network, samples, rules, targets, *, window=1, seed=1, **options):
    """Attributions of several kinds to several targets.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode, with the attribute `targets`: names of its logits.
    samples : dict of int to Sample
        The sequences to explain, by the `max_sequences` of the rules.
    rules : dict of str to Rule
        By kind.
    targets : list of str
    window : int
        Positions of the moving mean of the numbers per base.
    seed : int
        Of the baselines, and as for `explain`.
    **options
        `steps`, `noise`, `megabytes` and `layer`, as for `explain`.

    Returns
    -------
    list of Answer
        By kind, then by target.
    """

    @functools.cache
    def baselines(n, kind, repeats):
        index = samples[n].dataset.index
        return draw_baselines(kind, index, repeats, np.random.default_rng(seed))

    columns = [network.targets.index(name) for name in targets]
    unit = getattr(network, "output_unit", LOGIT)
    answers = []
    for kind, rule in rules.items():
        sample = samples[rule.max_sequences]
        drawn = equal = None
        if kind in COMPLETE:
            drawn = baselines(rule.max_sequences, rule.baseline, rule.baselines)
            equal = drawn.equal(np.asarray(sample.dataset.index))
        attributions = explain(
            kind,
            network,
            torch.from_numpy(sample.dataset.one_hot()),
            columns,
            baselines=drawn,
            seed=seed,
            correct=rule.correct,
            scale=rule.scale,
            names=sample.dataset.name,
            **options,
        )
        for number, target in enumerate(targets):
            hypothetical = attributions.hypothetical[number]
            layer = attributions.layer
            answers.append(
                Answer(
                    kind,
                    target,
                    output_name(unit, rule.scale),
                    sample,
                    attributions.attribution[number],
                    hypothetical,
                    attributions.output[:, number],
                    attributions.baseline_output[:, number],
                    per_base(
                        kind,
                        hypothetical,
                        np.asarray(sample.dataset.index),
                        correct=rule.correct,
                        window=window,
                    ),
                    None if layer is None else layer[number],
                    equal,
                    attributions.functions,
                )
            )
    return answers
