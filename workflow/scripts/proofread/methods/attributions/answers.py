"""Attributions of one kind to one target: the material of every table and figure."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from proofread.datasets.dataset import Dataset
from proofread.datasets.groups import groups
from proofread.statistics.units import OUTPUT

# The kinds that should sum to the change of the output from a baseline.
COMPLETE = ("integrated_gradients", "deeplift_shap", "gradient_shap")
# As they are written in figures.
NAMES = {
    "integrated_gradients": "Integrated Gradients",
    "saliency": "saliency",
    "gradient_x_input": "gradient × input",
    "smoothgrad": "SmoothGrad",
    "deeplift_shap": "DeepLIFT/SHAP",
    "gradient_shap": "GradientSHAP",
}
# The one kind whose number per base does not depend on which base is present.
SALIENCY = "saliency"


@dataclass(frozen=True, eq=False)
class Sample:
    """The sequences that are explained.

    Attributes
    ----------
    dataset : proofread.datasets.dataset.Dataset
    rows : numpy.ndarray, shape (n,), int
        Their rows in the dataset file.
    intervals : pandas.DataFrame
        Planted and annotated intervals, from
        `proofread.methods.attributions.intervals.all_intervals`.
    """

    dataset: Dataset
    rows: np.ndarray
    intervals: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Answer:
    """Attributions of one kind to one target.

    Attributes
    ----------
    kind, target : str
    scale : str
        ``logit`` or ``probability``; of quantities ``output``, with its unit if that is
        not the user's.
    sample : Sample
    attribution, hypothetical : numpy.ndarray, shape (n, 4, length), float32
    output, baseline_output : numpy.ndarray, shape (n,), float32
        See `proofread.methods.attributions.gradients.Attributions`.
    numbers : numpy.ndarray, shape (n, length)
        One number per base, from `proofread.methods.attributions.per_base.per_base`.
    layer : numpy.ndarray, shape (n, ...), or None
        Attributions to the outputs of a layer.
    equal_baselines : numpy.ndarray, shape (n,), or None
        Fraction of the baselines of each sequence that equal it.
    functions : tuple of str
        See `proofread.methods.attributions.gradients.Attributions`.
    label : numpy.ndarray, shape (n,)
        Of the target.
    groups : dict of str to numpy.ndarray of bool, shape (n,)
        Members of `positive` and `negative`, or of the halves of a quantity; or of
        `unlabelled` alone.
    complete : bool
        Whether the attributions should sum to the change of the output.
    """

    kind: str
    target: str
    scale: str
    sample: Sample
    attribution: np.ndarray
    hypothetical: np.ndarray
    output: np.ndarray
    baseline_output: np.ndarray
    numbers: np.ndarray
    layer: np.ndarray | None
    equal_baselines: np.ndarray | None = None
    functions: tuple = ()
    label: np.ndarray = field(init=False)
    groups: dict = field(init=False)
    complete: bool = field(init=False)

    def __post_init__(self):
        dataset = self.sample.dataset
        label = np.asarray(dataset.label)[:, dataset.target.index(self.target)]
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "groups", groups(dataset, self.target))
        object.__setattr__(self, "complete", self.kind in COMPLETE)

    @property
    def size(self):
        """To what the rounding of its outputs is relative."""
        quantities = self.scale.startswith(OUTPUT)
        return size_of(self.output, self.baseline_output, quantities)

    @property
    def dataset(self):
        """The sequences."""
        return self.sample.dataset

    @property
    def index(self):
        """The bases, (n, length), uint8."""
        return np.asarray(self.sample.dataset.index)

    def number_of(self, row):
        """Which of the n sequences has this row in the dataset file."""
        return int(np.searchsorted(self.sample.rows, row))


def size_of(output, baseline_output, quantities):
    """To what the rounding of outputs is relative.

    Parameters
    ----------
    output, baseline_output : numpy.ndarray, shape (n,)
    quantities : bool
        Whether they are quantities, which may be of any size.

    Returns
    -------
    float
        1, as of the numbers within a network; of quantities the largest output.
    """
    if not quantities:
        return 1.0
    return float(np.nanmax(np.abs([output, baseline_output]))) or 1.0


def of_kind(answers, kind):
    """The answers of one kind, by target."""
    return [answer for answer in answers if answer.kind == kind]


def choose_examples(answers):
    """Sequences and targets to draw, the clearest first.

    Of each target in turn: the positive and the negative with the highest output, then
    those with the median output of their class, as the first kind has them; of a
    quantity, of its halves. Only sequences that every kind explains are chosen.

    Parameters
    ----------
    answers : list of Answer

    Returns
    -------
    list of tuple of (int, str)
        Row of the dataset file, and target.
    """
    common = set.intersection(*(set(answer.sample.rows.tolist()) for answer in answers))
    by_target = []
    for answer in of_kind(answers, answers[0].kind):
        explained = np.isin(answer.sample.rows, sorted(common))
        ranked = np.argsort(-answer.output, kind="stable")
        by_group = [
            ranked[(members & explained)[ranked]] for members in answer.groups.values()
        ]
        by_group = [members for members in by_group if len(members)]
        # The values of these may all be missing.
        by_group = by_group or [ranked[explained[ranked]]]
        chosen = [members[0] for members in by_group]
        chosen += [members[len(members) // 2] for members in by_group]
        rows = answer.sample.rows[list(dict.fromkeys(chosen))]
        by_target.append([(int(row), answer.target) for row in rows])
    turns = max(map(len, by_target))
    return [
        rows[turn] for turn in range(turns) for rows in by_target if turn < len(rows)
    ]
