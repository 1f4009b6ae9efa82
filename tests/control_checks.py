"""Checks of a method on the positive control, each under a name.

The control is the rule itself, so what a method must find in it is known base by base.
A mistake in the method, or between it and the scores, fails the check of its name.
"""

import numpy as np
import torch

from proofread.datasets.simulation.generate import simulate
from proofread.methods.attributions.baselines import Baselines, draw_baselines
from proofread.methods.attributions.explain import explain
from proofread.models.checkpoint import predict_logits
from proofread.truth import position_scores
from proofread.truth.ideal_explainer import planted_log_odds
from proofread.truth.oracle import oracle_of
from test_simulation import CTCF, settings

SRF = "SRF_known10"
UNIFORM = np.full(4, 0.25)
SHIFTS = range(-6, 7)


class Control:
    """A rule of two targets, its network, and sequences that are positive of both."""

    def __init__(self):
        dataset = simulate(
            settings(
                rule="logic",
                motifs=[CTCF, SRF],
                targets={"ctcf": CTCF, "srf": SRF},
                strand="either",
                sequences=120,
                length=120,
                seed=3,
            )
        )
        self.network, _ = oracle_of(dataset)
        self.dataset = dataset.subset(np.flatnonzero(dataset.label.all(axis=1)))
        self.index = np.asarray(self.dataset.index)
        self.truth = {
            target: position_scores.centred(
                planted_log_odds(self.dataset, target, UNIFORM)
            )
            for target in dataset.target
        }

    def explained(self, kind, n=None):
        """Attributions of the target ctcf, of the first n sequences or of all."""
        baselines = draw_baselines(
            "dinucleotide_shuffled", self.index, 4, np.random.default_rng(1)
        )
        return explain(
            kind,
            self.network,
            torch.from_numpy(self.dataset.one_hot(slice(n))),
            [0],
            baselines=Baselines(index=baselines.index[:n]),
            steps=20,
        )


def correlation(one, other):
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


def best_shift(values, truth):
    """By how many positions values are shifted against the truth."""

    def agreement(shift):
        return correlation(np.roll(values, -shift, axis=-1), truth)

    return max(SHIFTS, key=agreement)


def target(control, kind):
    """The map is that of the target that was asked for."""
    values = position_scores.centred(control.explained(kind).hypothetical[0])
    own, other = (correlation(values, control.truth[name]) for name in ("ctcf", "srf"))
    return own > 0.8 and abs(other) < 0.2


def size(control, kind):
    """The attributions sum to the change of the logit."""
    result = control.explained(kind)
    logits = predict_logits(control.network, control.index)[:, 0].numpy()
    total = result.attribution[0].sum(axis=(1, 2)) + result.baseline_output[:, 0]
    return np.abs(total - logits).max() < 1


def baselines(control, kind):
    """The logit of a baseline, which has no motif, is lower."""
    result = control.explained(kind)
    return (result.output - result.baseline_output).mean() > 3


def bases(control, kind):
    """The base with the highest number is the base of the matrix."""
    values = control.explained(kind).hypothetical[0]
    truth = control.truth["ctcf"]
    sure = truth.max(axis=1) > 2  # bits above the mean of the four
    return (values.argmax(axis=1) == truth.argmax(axis=1))[sure].mean() > 0.9


def start(control, kind):
    """The map lies where the motif was planted, to the base."""
    values = position_scores.centred(control.explained(kind).hypothetical[0])
    return best_shift(values, control.truth["ctcf"]) == 0


def window(control, kind):
    """So does the moving mean of it."""
    answers = position_scores.attribution_answers(
        control.explained(kind).hypothetical[0], control.index
    )
    observed = position_scores.observed(control.truth["ctcf"], control.index)
    mean = np.stack([np.convolve(row, np.ones(9) / 9, mode="same") for row in observed])
    return best_shift(answers["signed_centred_window9"], mean) == 0


def strand(control, kind):
    """Motifs on the other strand are found, in their own direction."""
    values = position_scores.centred(control.explained(kind).hypothetical[0])
    planted = control.dataset.truth
    rows = planted[(planted["motif"] == CTCF) & (planted["strand"] == "-")]["sequence"]
    rows = rows.unique()
    return correlation(values[rows], control.truth["ctcf"][rows]) > 0.8


def batch(control, kind):
    """A sequence is explained alone as among others."""
    alone = control.explained(kind, 1).hypothetical[0, 0]
    return np.abs(alone - control.explained(kind).hypothetical[0, 0]).max() < 1e-3


CHECKS = {
    check.__name__: check
    for check in (target, size, baselines, bases, start, window, strand, batch)
}
