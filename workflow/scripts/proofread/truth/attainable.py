"""The highest AUROC that any predictor of a simulated dataset can have."""

from collections import defaultdict
from math import comb

import numpy as np

from proofread.datasets.simulation.pool_settings import (
    NATURAL,
    numbers_of,
    pool_weights,
)
from proofread.dna.encoding import BASES
from proofread.statistics.metrics import auroc

_WHERE = "the settings of the dataset"


def attainable_auroc(dataset, target):
    """AUROC of the likelihood ratio of both classes, which no predictor exceeds.

    The likelihood ratio is the best test of two classes (Neyman and Pearson 1933,
    doi:10.1098/rsta.1933.0009). Of most rules the label follows from the motifs, which
    a sequence shows nearly always: 1 is attainable. Of two pools some negatives have
    core motifs alone, by chance, and nothing tells them from positives.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        Simulated; with its labels.
    target : str

    Returns
    -------
    float
        Of two pools the AUROC on these sequences; 1 of other rules. NaN of pools whose
        likelihood is not computed: motifs on both strands, even gaps, decoys, hard
        negatives that are not drawn as they come, or a background that is not of
        independent bases.
    """
    settings = dataset.settings
    if settings["rule"] != "pool" or settings["targets"]:
        return 1.0
    background = settings["background"]
    if (
        settings["strand"] != "forward"
        or settings["even_gaps"]
        or settings["decoys"]
        or settings["hard_fraction"] != NATURAL
        or set(background) != set(BASES)
    ):
        return np.nan
    frequencies = np.array([background[base] for base in BASES])
    weights = pool_weights(settings, _WHERE)
    names = [*settings["motifs"], *settings["negative_motifs"]]
    number = numbers_of(settings, _WHERE)
    core, every = (
        pool_likelihood(
            np.asarray(dataset.index),
            [dataset.motifs[name] / frequencies for name in names[:count]],
            weights[:count] / weights[:count].sum(),
            *number,
        )
        for count in (len(settings["motifs"]), len(names))
    )
    label = dataset.label[:, dataset.target.index(target)]
    # Logarithms: the ratio of two products of a hundred odds may overflow.
    return auroc(label, np.log(core) - np.log(every))


def pool_likelihood(index, odds, weights, numbers, probabilities):
    """Probability of each sequence if motifs of a pool are planted, by that without.

    Of all ways to place n motifs without overlap, in any order, the mean of the product
    of their likelihood ratios; then the mean over n. By the first i bases: the last of
    them is the end of a motif, or it is not.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length)
        Bases without unknown ones.
    odds : list of numpy.ndarray, shape (width, 4)
        p / q of each motif.
    weights : numpy.ndarray, shape (motifs,)
        Probability of each in one draw.
    numbers, probabilities : numpy.ndarray, shape (numbers,)
        Motifs per sequence. The widest fit into the sequence.

    Returns
    -------
    numpy.ndarray, shape (n,)
    """
    n, length = index.shape
    ratios = []
    for matrix, weight in zip(odds, weights, strict=True):
        starts = length - len(matrix) + 1
        columns = [matrix[k][index[:, k : k + starts]] for k in range(len(matrix))]
        ratios.append(weight * np.prod(columns, axis=0))
    # By the bases that the motifs take together: sums over ways within the first i
    # bases, (n, length + 1).
    ways = {0: np.ones((n, length + 1))}
    mean = np.zeros(n)
    for number in range(int(max(numbers)) + 1):
        for probability in probabilities[numbers == number]:
            for taken, total in ways.items():
                free = length - taken
                mean += probability * total[:, length] / comb(free + number, number)
        longer = defaultdict(lambda: np.zeros((n, length + 1)))
        for taken, total in ways.items():
            for matrix, ratio in zip(odds, ratios, strict=True):
                width = len(matrix)
                # A motif that ends before base i begins `width` bases earlier.
                ending = ratio * total[:, : length - width + 1]
                longer[taken + width][:, width:] += np.cumsum(ending, axis=1)
        ways = longer
    return mean
