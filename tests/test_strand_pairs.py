"""Filters in pairs, each second one the reverse complement of the one before it."""

import torch
from torch import nn

from proofread.models.strand_pairs import keep_tied, tie

# Rows A, C, G, T; the reverse complement of AC is GT.
AC = [[1.0, 0.0], [0.0, 2.0], [0.0, 0.0], [0.0, 0.0]]
GT = [[0.0, 0.0], [0.0, 0.0], [2.0, 0.0], [0.0, 1.0]]


def convolution():
    result = nn.Conv1d(4, 2, 2)
    with torch.no_grad():
        result.weight[0] = torch.tensor(AC)
        result.bias[:] = torch.tensor([3.0, 7.0])
    return result


def test_the_second_filter_becomes_the_reverse_complement_of_the_first():
    tied = convolution()
    tie(tied)
    assert tied.weight[1].tolist() == GT
    assert tied.bias.tolist() == [3, 3]


def test_both_filters_have_the_mean_of_their_gradients():
    tied = convolution()
    tie(tied)
    # Only filter 0 is read, and of it the weight of A at its first base, and the bias.
    (4 * tied.weight[0, 0, 0] + tied.bias[0]).backward()
    expected = torch.zeros(2, 4, 2)
    expected[0, 0, 0] = 2
    expected[1, 3, 1] = 2  # T at the last base of the other strand
    assert torch.equal(tied.weight.grad, expected)
    assert tied.bias.grad.tolist() == [0.5, 0.5]


def test_a_frozen_convolution_stays_frozen():
    frozen = convolution().requires_grad_(False)
    keep_tied(frozen)
    assert not frozen.weight.requires_grad
    assert not frozen.bias.requires_grad
