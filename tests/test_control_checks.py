"""Bugs of methods, injected one by one: each fails the check of its name."""

import numpy as np
import pytest
import torch

from control_checks import CHECKS, Control
from proofread.methods.attributions import baselines, gradients
from proofread.models.cut import Cut
from proofread.truth import position_scores


@pytest.fixture(scope="module")
def control():
    return Control()


def replaced(owner, name, change):
    """A bug that puts ``change(the function that is right)`` in place of a function."""

    def inject(monkeypatch):
        monkeypatch.setattr(owner, name, change(getattr(owner, name)))

    return inject


def wrong_target(right):
    def path_gradient(*arguments, **options):
        *others, columns = arguments
        return right(*others, [1 - column for column in columns], **options)

    return path_gradient


def saturated_output(right):
    return lambda logits, scale: torch.sigmoid(right(logits, scale))


def shuffle_that_changes_nothing(_):
    return lambda kind, index, rng: index


def channel_swap(right):
    # A and C change places, and G and T.
    def pull_back(self, gradient, length):
        return right(self, gradient, length)[:, [1, 0, 3, 2]]

    return pull_back


def off_by_one_start(right):
    return lambda self, *rest: right(self, *rest).roll(1, dims=2)


def window_shifted(right):
    def smoothed(values, window=position_scores.WINDOW, known=None):
        # The window begins at a position, instead of having it in the middle.
        return np.roll(right(values, window, known), -(window // 2), axis=1)

    return smoothed


def wrong_strand(right):
    # The reverse complement is explained, and the map is not turned round.
    return lambda self, one_hot: right(self, one_hot.flip(1, 2))


def batch_dependent_mean(right):
    def attributions(self):
        self.hypothetical -= self.hypothetical.mean(axis=1, keepdims=True)
        return right(self)

    return attributions


BUGS = {
    "target": replaced(gradients, "path_gradient", wrong_target),
    "size": replaced(gradients, "outputs", saturated_output),
    "baselines": replaced(baselines, "nulls_of", shuffle_that_changes_nothing),
    "bases": replaced(Cut, "pull_back", channel_swap),
    "start": replaced(Cut, "pull_back", off_by_one_start),
    "window": replaced(position_scores, "smoothed", window_shifted),
    "strand": replaced(Cut, "values", wrong_strand),
    "batch": replaced(gradients.Averages, "attributions", batch_dependent_mean),
}
METHODS = ("integrated_gradients", "deeplift_shap")


def test_every_check_has_its_bug():
    assert list(CHECKS) == list(BUGS)


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("method", METHODS)
def test_without_a_bug_every_check_passes(control, method, name):
    assert CHECKS[name](control, method)


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_fails_the_check_of_its_name(control, name, monkeypatch):
    BUGS[name](monkeypatch)
    assert not CHECKS[name](control, "integrated_gradients")
