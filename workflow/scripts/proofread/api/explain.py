"""Predictions, and their explanations base by base."""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from proofread.api.arguments import (
    InputError,
    as_dataset,
    as_sequences,
    at_least,
    column_of,
    one_of,
    whole_numbers,
)
from proofread.api.networks import check_gradients, prepared
from proofread.dna.encoding import one_hot
from proofread.methods.attributions.answers import COMPLETE, NAMES, size_of
from proofread.methods.attributions.baselines import KINDS as BASELINES
from proofread.methods.attributions.baselines import draw_baselines
from proofread.methods.attributions.checks import check
from proofread.methods.attributions.explain import explain
from proofread.methods.attributions.gradients import SCALES
from proofread.methods.attributions.per_base import per_base
from proofread.methods.greedy_substitution.search import (
    FAITHFUL,
    Search,
    greedy_search,
)
from proofread.methods.greedy_substitution.tables import step_table
from proofread.methods.kmer_perturbation.kmers import kmers_per_window
from proofread.methods.kmer_perturbation.tables import window_table
from proofread.methods.kmer_perturbation.windows import (
    base_importance,
    mean_importance,
    perturb_lengths,
)
from proofread.methods.saturation_mutagenesis import substitutions
from proofread.models.local_edits import EditedLogits
from proofread.models.predictor import predictor_of
from proofread.progress import log
from proofread.statistics.units import LOGIT

STRANDS = ("forward", "both")
_BY_GRADIENT = ("path_gradient", "integrated_gradients", "faithful")
_GUIDES = ("exact", *_BY_GRADIENT)
_KMERS_FROM = ("uniform", "background", "dinucleotide")


def predict(model, sequences):
    """Predict the logits of sequences, or quantities in their units.

    Parameters
    ----------
    model : torch.nn.Module
        Maps float32 (batch, 4, length) to (batch,) or (batch, targets). Left unchanged.
    sequences : list of str, array or Dataset
        Strings of equal length, indices (n, length) of 0-4, or one-hot (n, 4, length).

    Returns
    -------
    numpy.ndarray, shape (n, targets), float32
        Of the network in evaluation mode.

    Raises
    ------
    InputError
        If the sequences or the network are none, or do not fit each other.
    """
    index, _, names = as_sequences(sequences)
    with prepared(model, index, sequences) as network:
        return predictor_of(network, "model").predict(index, names=names)


def attributions(
    model,
    sequences,
    *,
    kind="integrated_gradients",
    target=0,
    scale="logit",
    baseline="dinucleotide_shuffled",
    baselines=20,
    steps=50,
    replicates=25,
    noise=0.15,
    correct=False,
    hypothetical=False,
    tolerance=0.05,
    seed=1,
):
    """Attribute each prediction to the bases of its sequence.

    docs/methods/attributions.md has the formulas and their sources.

    Parameters
    ----------
    model, sequences
        See `predict`. `deeplift_shap` needs its nonlinear layers to be modules.
    kind : str
        integrated_gradients, saliency, gradient_x_input, smoothgrad, deeplift_shap or
        gradient_shap.
    target : int or str
        The explained target: its column, 0-based, or its name.
    scale : str
        ``logit``: the network's output itself, also that of quantities; or
        ``probability``: its sigmoid.
    baseline : str
        The sequences that integrated_gradients, deeplift_shap and gradient_shap compare
        with: zero, composition, uniform, shuffled, dinucleotide_shuffled, profile or
        noise.
    baselines : int
        Baselines of each sequence, averaged; zero and composition have one.
    steps : int
        Intervals on the path of integrated_gradients.
    replicates, noise : int, float
        Noisy copies for smoothgrad, and the standard deviation of their noise.
    correct : bool
        Subtract the mean over the four bases of each position.
    hypothetical : bool
        False: the number of each base that is present. True: a number for each base
        that could be at a position.
    tolerance : float
        A warning says how many sequences miss completeness by more than this fraction
        of the change of the output.
    seed : int
        Of the baselines and of the noise.

    Returns
    -------
    numpy.ndarray, shape (n, length), or (n, 4, length) with `hypothetical`
        In units of `scale`, of quantities in the network's `output_unit`. The first
        sums, for the three kinds with baselines and without `correct`, to the output
        minus the mean output of the baselines. 0 at unknown bases.

    Raises
    ------
    InputError
        If an argument is not one of those above.
    """
    one_of("kind", kind, NAMES)
    one_of("scale", scale, SCALES)
    one_of("baseline", baseline, BASELINES)
    for argument, value in (
        ("baselines", baselines),
        ("steps", steps),
        ("replicates", replicates),
    ):
        at_least(argument, value, 1)
    at_least("noise", noise, 0, whole=False)
    at_least("tolerance", tolerance, 0, whole=False)
    at_least("seed", seed, 0)
    index, _, names = as_sequences(sequences)
    with prepared(model, index, sequences) as network:
        _check_scale(network, scale)
        unit = network.output_unit
        check_gradients(network, index)
        drawn = None
        if kind in COMPLETE:
            rng = np.random.default_rng(seed)
            drawn = draw_baselines(baseline, index, baselines, rng)
        result = explain(
            kind,
            network,
            torch.from_numpy(one_hot(index)),
            [column_of(target, network.targets)],
            baselines=drawn,
            seed=seed,
            correct=correct,
            scale=scale,
            steps=steps,
            noise=(replicates, noise),
            names=names,
        )
    checked = check(
        kind,
        index,
        result.attribution[0],
        result.output[:, 0],
        result.baseline_output[:, 0],
        equal=None if drawn is None else drawn.equal(index),
        tolerance=tolerance,
        functions=result.functions,
        strict=True,
        size=size_of(result.output[:, 0], result.baseline_output[:, 0], unit != LOGIT),
    )
    if checked.nothing:
        log.warning("%s: %s", kind, checked.nothing)
    if checked.missed:
        warnings.warn(f"{kind}: {checked.missed}", stacklevel=2)
    values = result.hypothetical[0]
    if not hypothetical:
        return per_base(kind, values, index, correct=correct)
    return values - values.mean(axis=1, keepdims=True) if correct else values


def saturation_mutagenesis(
    model, sequences, *, target=0, scale="logit", strands="forward", centre=None
):
    """Predict every single substitution.

    docs/methods/saturation_mutagenesis.md explains the method.

    Parameters
    ----------
    model, sequences
        See `predict`.
    target : int or str
        The target: its column, 0-based, or its name.
    scale : str
        ``logit``: the network's output itself, also that of quantities; or
        ``probability``.
    strands : str
        ``forward``; or ``both``: predictions are means over the sequence and its
        reverse complement.
    centre : int or None
        Change only so many bases in the middle of each sequence; None, all.

    Returns
    -------
    numpy.ndarray, shape (n, 4, length), float32
        Prediction with the base at the position minus prediction of the intact
        sequence; 0 at the base that is present and at unknown bases.
        ``-delta.sum(axis=1) / 3`` is the mean drop in prediction at each position.

    Raises
    ------
    InputError
        If an argument is not one of those above.
    """
    one_of("scale", scale, SCALES)
    one_of("strands", strands, STRANDS)
    if centre is not None:
        at_least("centre", centre, 1)
    index, length, names = as_sequences(sequences)
    mutated = substitutions.positions_to_mutate(index, length, centre)
    with prepared(model, index, sequences) as network:
        _check_scale(network, scale)
        _, delta = substitutions.saturation_mutagenesis(
            _editor(network, index, names),
            index,
            length,
            mutated,
            columns=[column_of(target, network.targets)],
            strands=strands,
            scale=scale,
        )
    return delta[:, 0]


def _check_scale(network, scale):
    """Refuse the probability of a quantity."""
    if scale != LOGIT and network.output_unit != LOGIT:
        raise InputError(
            "scale",
            f"{scale!r}, and the model predicts quantities",
            "no scale: a number has no probability, and without scale the output itself"
            " is explained",
            "leave out scale",
        )


def _editor(network, index, names):
    """Predicts edits of the sequences, whose own predictions are finite."""
    editor = EditedLogits(predictor_of(network, "model"))
    editor.intact(index, names=names)
    return editor


class KmerPerturbation(NamedTuple):
    """Effects of k-mers that replace those of sequences.

    Parameters
    ----------
    windows : pandas.DataFrame
        A row for each window of each sequence: sequence, target, length, position (its
        first base, 0-based), plot_position (its middle), and on both scales (of
        quantities, of the output alone) the intact prediction and the change with the
        window replaced: mean, standard deviation (ddof 1), 95 % interval of the mean
        and minimum.
    effects : numpy.ndarray, shape (n, length)
        Mean change of the output over all windows that cover each base, each window
        length with the same weight; 0 where none does. Negative: the base raises the
        prediction.
    """

    windows: pd.DataFrame
    effects: np.ndarray


def kmer_perturbation(
    model,
    sequences,
    *,
    target=0,
    lengths=(1, 3, 5, 9, 15),
    stride=1,
    replicates=10,
    kmers_from="background",
    force_change=True,
    strands="forward",
    seed=1,
):
    """Replace the k-mer at each position by random ones.

    docs/methods/kmer_perturbation.md explains the method.

    Parameters
    ----------
    model, sequences
        See `predict`.
    target : int or str
        The target: its column, 0-based, or its name.
    lengths : list of int
        Of the windows that are replaced, bases.
    stride : int
        Bases from one window to the next.
    replicates : int
        Random k-mers for each window, at least 2.
    kmers_from : str
        Distribution of their bases: uniform, background (the base frequencies of all
        the sequences) or dinucleotide (those after each base).
    force_change : bool
        Whether every base of a window is changed.
    strands : str
        ``forward`` or ``both``, as of `saturation_mutagenesis`.
    seed : int
        Of the k-mers.

    Returns
    -------
    KmerPerturbation

    Raises
    ------
    InputError
        If an argument is not one of those above.
    """
    one_of("kmers_from", kmers_from, _KMERS_FROM)
    one_of("strands", strands, STRANDS)
    at_least("stride", stride, 1)
    at_least("replicates", replicates, 2)
    at_least("seed", seed, 0)
    lengths = whole_numbers("lengths", lengths)
    for length in lengths:
        at_least("lengths", length, 1)
    index, length, _ = as_sequences(sequences)
    if not lengths or max(lengths) > index.shape[1]:
        raise InputError(
            "lengths",
            f"windows of {', '.join(map(str, lengths)) or 'no'} bases",
            f"one length or more, each at most that of the sequences, {index.shape[1]}",
            "remove the longer ones",
        )
    with prepared(model, index, sequences) as network:
        column = column_of(target, network.targets)
        dataset = as_dataset(sequences, network.targets)
        per_length, _ = perturb_lengths(
            _editor(network, index, dataset.name),
            index,
            length,
            lengths=lengths,
            stride=stride,
            max_variants=None,
            replicates=kmers_per_window(
                "repeated", replicates, fixed=False, max_variants=None
            ),
            mode="repeated",
            kmers_from=kmers_from,
            force_change=force_change,
            inserts={},
            strands=strands,
            seed=seed,
            keep=(),
        )
    examples = [(row, column) for row in range(len(index))]
    importances = [base_importance(windows, index.shape[1]) for windows in per_length]
    return KmerPerturbation(
        window_table(dataset, examples, per_length).reset_index(drop=True),
        mean_importance(importances)[:, column],
    )


def greedy_substitution(
    model,
    sequences,
    *,
    target=0,
    rule="exact",
    steps=20,
    candidates=10,
    min_gain=1e-4,
    seed=1,
):
    """Find the few substitutions that raise, and lower, each prediction most.

    docs/methods/greedy_substitution.md explains the method.

    Parameters
    ----------
    model, sequences
        See `predict`.
    target : int or str
        The target: its column, 0-based, or its name.
    rule : str
        How the next substitution is chosen: exact (all are predicted), path_gradient,
        integrated_gradients or faithful (deepG's, which follows a probability: not of
        quantities).
    steps : int
        Maximum number of substitutions of each sequence.
    candidates : int
        Substitutions tried at each step.
    min_gain : float
        Smallest change of the logit, or of the output of quantities, that is accepted.
    seed : int
        Of the baselines of integrated_gradients.

    Returns
    -------
    pandas.DataFrame
        A row for the start and one for each substitution of each sequence in both
        directions: sequence, target, rule, direction, step, position (0-based), old,
        new, predicted_gain, realised_gain, rank, logit, probability; of quantities
        output in place of the last two.

    Raises
    ------
    InputError
        If an argument is not one of those above.
    """
    one_of("rule", rule, _GUIDES)
    at_least("steps", steps, 1)
    at_least("candidates", candidates, 1)
    at_least("seed", seed, 0)
    at_least("min_gain", min_gain, 0, whole=False)
    index = as_sequences(sequences).index
    with prepared(model, index, sequences) as network:
        column = column_of(target, network.targets)
        unit = network.output_unit
        if rule == FAITHFUL and unit != LOGIT:
            raise InputError(
                "rule",
                f"{rule}, and the model predicts quantities",
                "another rule: deepG's follows a probability, and a number has none",
                "pass rule='exact'",
            )
        if rule in _BY_GRADIENT:
            check_gradients(network, index)
        dataset = as_dataset(sequences, network.targets)
        trajectories = greedy_search(
            _editor(network, index, dataset.name),
            index,
            column,
            rule,
            steps=steps,
            revisit=False,
            improving=True,
            min_gain=min_gain,
            candidates=candidates,
            baseline="shuffled",
            baselines=5,
            path_steps=10,
            megabytes=16,
            seed=seed,
            label=rule,
        )
    control = np.empty((len(index), 0, steps + 1))
    search = Search(rule, network.targets[column], trajectories, control, unit)
    return step_table(dataset, search)
