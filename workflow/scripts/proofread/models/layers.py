"""Layers that several architectures use and PyTorch does not have as they need them."""

import warnings

import torch
from torch import nn

from proofread.errors import InputError

# Of an event without any evidence, so that its log-odds are finite.
MIN_CHANCE = 1e-6


def keras_norm(channels):
    """Batch normalisation with Keras's constants, for networks first built there."""
    return nn.BatchNorm1d(channels, eps=1e-3, momentum=0.01)


def he_normal_(weight):
    """Draw weights as Keras's `he_normal` does, in place.

    A normal distribution cut off at two of its standard deviations, which is widened so
    that the weights have the standard deviation sqrt(2 / inputs of a unit) of He et al.
    2015 (arXiv:1502.01852).

    Parameters
    ----------
    weight : torch.Tensor, shape (units, ...)
    """
    inputs = weight[0].numel()
    # Of a standard normal distribution that is cut off at -2 and 2.
    of_cut = 0.87962566103423978
    deviation = (2 / inputs) ** 0.5 / of_cut
    nn.init.trunc_normal_(weight, std=deviation, a=-2 * deviation, b=2 * deviation)


class LastOutput(nn.Module):
    """A recurrent layer's output after the last position.

    Parameters
    ----------
    recurrent : torch.nn.LSTM
        Of one layer and one direction, `batch_first`.
    """

    def __init__(self, recurrent):
        super().__init__()
        self.recurrent = recurrent

    def forward(self, hidden):
        """(n, channels, positions) -> (n, units)."""
        outputs, _ = self.recurrent(hidden.transpose(1, 2))  # (n, positions, units)
        return outputs[:, -1]


class KmerIndicator(nn.Module):
    """Which k-mer of `size` bases stands where, as products of one-hot columns.

    Exactly 0 or 1 on one-hot sequences; a k-mer with an unknown base is all zero.
    Being a product, and not a look-up, it has a gradient in every base.

    Parameters
    ----------
    size, stride : int
        Bases of a k-mer, and between the starts of two k-mers.
    """

    def __init__(self, size, stride):
        super().__init__()
        self.size, self.stride = size, stride

    def forward(self, one_hot):
        """(n, 4, length) -> (n, 4 ** size, kmers); AAA, AAC, AAG, AAT, ACA, ..."""
        n, _, length = one_hot.shape
        kmers = (length - self.size) // self.stride + 1
        last = (kmers - 1) * self.stride + 1
        result = one_hot.new_ones(n, 1, kmers)
        for offset in range(self.size):
            column = one_hot[:, :, offset : offset + last : self.stride]
            # (n, w, 1, kmers) * (n, 1, 4, kmers) -> (n, w * 4, kmers)
            result = (result[:, :, None] * column[:, None]).flatten(1, 2)
        return result


class KmerConvolution(nn.Conv1d):
    """A learned embedding of k-mers and a convolution over it, as one layer.

    To whoever reads filters it is a convolution over the sequence: `out_channels`
    filters of ``kernel_size = (width - 1) * stride + size`` bases, moved by `stride`
    (as deepRAM reads them, doi:10.1093/bioinformatics/btz339). What a filter gives to a
    sequence is a sum over k-mers, not over bases; `weight` is its best additive
    approximation and is only read, never computed with.

    Parameters
    ----------
    size, stride : int
        Bases of a k-mer, and between the starts of two k-mers.
    dimensions : int
        Numbers that embed each of the ``4 ** size`` k-mers.
    filters, width : int
        Of the convolution; `width` counts k-mers.
    """

    def __init__(self, size, stride, dimensions, filters, width):
        # Not nn.Conv1d's: it would make a weight of its own.
        nn.Module.__init__(self)
        self.in_channels, self.out_channels, self.groups = 4, filters, 1
        self.kernel_size = ((width - 1) * stride + size,)
        self.stride, self.dilation, self.padding = (stride,), (1,), (0,)
        self.padding_mode, self.bias = "zeros", None
        self.kmers = KmerIndicator(size, stride)
        # A table of 4 ** size rows; a k-mer that is unknown is embedded as zeros.
        self.embedding = nn.Conv1d(4**size, dimensions, 1, bias=False)
        self.convolution = nn.Conv1d(dimensions, filters, width)

    def forward(self, one_hot):
        """(n, 4, length) -> (n, filters, positions)."""
        return self.convolution(self.embedding(self.kmers(one_hot)))

    def extra_repr(self):
        """Bases a filter sees, and its step."""
        return f"{self.kernel_size[0]} bases, stride {self.stride[0]}"

    @property
    def weight(self):
        """Main effects of the bases, (filters, 4, kernel_size).

        The mean of a filter's output over all sequences that have the base there,
        less its mean over all sequences; each column sums to zero.
        """
        size, (stride,) = self.kmers.size, self.stride
        # (filters, dimensions, width) x (dimensions, kmers) -> (filters, width, kmers)
        scores = torch.einsum(
            "fdj,dk->fjk", self.convolution.weight, self.embedding.weight[:, :, 0]
        )
        filters, width, _ = scores.shape
        scores = scores - scores.mean(dim=2, keepdim=True)
        effects = scores.new_zeros(filters, 4, self.kernel_size[0])
        for offset in range(size):
            # Bases before, at and after the offset: (filters, width, ., 4, .)
            split = scores.reshape(
                filters, width, 4**offset, 4, 4 ** (size - 1 - offset)
            )
            mean = split.mean(dim=(2, 4)).transpose(1, 2)  # (filters, 4, width)
            for kmer in range(width):
                effects[:, :, kmer * stride + offset] += mean[:, :, kmer]
        return effects


def flat_size(network, features, length, architecture, needs):
    """Values that reach the first dense layer, by a dry pass.

    Parameters
    ----------
    network : torch.nn.Module
        Left in training mode and unchanged, statistics of normalisations included.
    features : callable
        The network's part before that layer: (1, 4, length) to (1, values).
    length : int
    architecture, needs : str
        For the message: the name, and what shortens the sequence.

    Raises
    ------
    InputError
        If nothing is left of a sequence of this length.
    """
    network.eval()
    try:
        with torch.no_grad(), warnings.catch_warnings():
            # Said once of an even width: the pad is longer on the right, as wanted.
            warnings.filterwarnings("ignore", message="Using padding='same'")
            size = features(torch.zeros(1, 4, length)).shape[1]
    except (RuntimeError, IndexError):
        size = 0
    network.train()
    if size == 0:
        raise InputError(
            architecture,
            f"sequences of {length} bases leave nothing after the convolutions",
            f"longer sequences, because of {needs}",
            "lower widths or pools under the model's settings",
        )
    return size


def exclusive_logits(_, __, units):
    """Logits of classes that exclude each other, as a forward hook.

    The sigmoid of ``z - log(sum of exp(z) of the other classes)`` is the softmax of z:
    so what reads a logit need not know whether classes exclude each other.

    Parameters
    ----------
    units : torch.Tensor, shape (n, classes)
    """
    # (n, 1, classes) with each class itself left out: (n, classes, classes)
    itself = torch.eye(units.shape[1], dtype=torch.bool, device=units.device)
    others = units[:, None].masked_fill(itself, -torch.inf)
    return units - others.logsumexp(dim=2)


class Affine:
    """``factor * output + shift`` of each target, as a forward hook.

    Parameters
    ----------
    factor, shift : list of float, one for each target
    """

    def __init__(self, factor, shift):
        self.factor, self.shift = list(factor), list(shift)

    def __call__(self, _, __, outputs):
        """Outputs (n, targets) on the other scale."""
        factor, shift = (outputs.new_tensor(item) for item in (self.factor, self.shift))
        return outputs * factor + shift


class LogOdds(nn.Module):
    """Log-odds of at least one of some events, of their evidence: log(exp(e) - 1)."""

    def forward(self, evidence):
        """Of any shape; evidence of 0 has the log-odds of `MIN_CHANCE`."""
        return evidence + torch.log(MIN_CHANCE - torch.expm1(-evidence))
