"""Filters in pairs: each second one is the reverse complement of the one before it.

Reverse-complement sharing of weights (Shrikumar et al. 2017, doi:10.1101/103663).
"""

import torch


def tie(convolution):
    """Make each second filter the partner of the one before it, and keep it so.

    Parameters
    ----------
    convolution : torch.nn.Conv1d
        Of one-hot sequences, with an even number of filters and a bias.
    """
    with torch.no_grad():
        for values in (convolution.weight, convolution.bias):
            values[1::2] = _other_strand(values)[1::2]
    keep_tied(convolution)


def keep_tied(convolution):
    """Average the gradients of both filters, so that the optimiser keeps them equal.

    Copies of a network, and networks from pickle, have parameters without the hooks:
    they need this again.
    """
    for values in (convolution.weight, convolution.bias):
        frozen = not values.requires_grad
        values.requires_grad_()  # a frozen tensor takes no hook
        values.register_hook(_mean_of_strands)
        values.requires_grad_(not frozen)


def _other_strand(values):
    """Filters' weights (filters, 4, width), or values (filters,), of their partners."""
    pairs = values.unflatten(0, (-1, 2)).flip(1).flatten(0, 1)
    # A, C, G, T from behind is T, G, C, A: the complements.
    return pairs.flip(1, 2) if values.ndim == 3 else pairs


def _mean_of_strands(gradient):
    return (gradient + _other_strand(gradient)) / 2
