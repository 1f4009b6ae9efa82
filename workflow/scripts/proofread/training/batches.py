"""Which sequences a training step sees, as a function of the seed and the epoch."""

import numpy as np
import torch
from torch.utils.data import Dataset, Sampler

from proofread.dna.encoding import reverse_strand


class Batches(Dataset):
    """Sequences as indices, a batch at a time; a row beyond n is a reverse complement.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        n sequences; only the rows of a batch are read.
    """

    def __init__(self, dataset):
        self.index, self.label = dataset.index, dataset.label
        self.length = dataset.length

    def __len__(self):
        return len(self.label)

    def __getitems__(self, rows):
        rows = np.asarray(rows)
        reverse, rows = rows >= len(self), rows % len(self)
        index = self.index[rows]
        if reverse.any():
            index[reverse] = reverse_strand(index[reverse], self.length[rows[reverse]])
        return torch.from_numpy(index), torch.from_numpy(self.label[rows])


class EpochSampler(Sampler):
    """An order of rows that depends on the seed and the epoch alone.

    Nothing that happened before the epoch changes the batches of the epoch.

    Parameters
    ----------
    label : numpy.ndarray, shape (n, targets)
        If weighted, 0 or 1, none missing: of one target, or of exclusive classes.
    weighted : bool
        True: rows are drawn with replacement so that every class is equally frequent.
        False: every row once, shuffled.
    seed : int
    exclusive : bool
        Whether the targets are classes; otherwise the two of the only target count.
    reverse_complement : bool
        Whether a coin toss for each draw takes the other strand: row + n.
    n_drawn : int or None
        Draws in an epoch; None is n.
    """

    def __init__(
        self,
        label,
        weighted,
        seed,
        *,
        exclusive=False,
        reverse_complement=False,
        n_drawn=None,
    ):
        self.n, self.seed, self.epoch = len(label), seed, 0
        self.first_epoch = 0  # of an interrupted training that is taken up
        self.n_drawn = self.n if n_drawn is None else n_drawn
        self.reverse_complement = reverse_complement
        self.weights = None
        if weighted and exclusive:
            fraction = label.mean(axis=0)[label.argmax(axis=1)]
            self.weights = (1 / fraction) / np.sum(1 / fraction)
        elif weighted:
            positive = label[:, 0] == 1
            fraction = np.where(positive, positive.mean(), 1 - positive.mean())
            self.weights = (1 / fraction) / np.sum(1 / fraction)

    def set_epoch(self, epoch):
        """Called by Lightning before each epoch with its own count, from 0."""
        self.epoch = self.first_epoch + epoch

    def __len__(self):
        return self.n_drawn

    def __iter__(self):
        generator = np.random.default_rng([self.seed, self.epoch])
        if self.weights is None:
            drawn = generator.permutation(self.n)[: self.n_drawn]
        else:
            drawn = generator.choice(self.n, size=self.n_drawn, p=self.weights)
        if self.reverse_complement:
            coins = np.random.default_rng([self.seed, self.epoch, 1])
            drawn = drawn + self.n * coins.integers(0, 2, size=len(drawn))
        return iter(drawn.tolist())
