"""What the outputs of a network for quantities are: their unit, and the way back.

A network is trained on transformed values, or on counts by the logarithm of their rate.
Two steps lead back to the user's units. The first, ``factor * output + shift``, is a
part of the network (a forward hook), so that gradients and contributions are in the
same unit as its outputs: it undoes `standardize` exactly, and adds the logarithm of the
mean count that a `poisson` network starts from. The second, `OutputScale.undo`, is no
straight line (`log1p`, `rank_normal`, the exponential of a log rate). It is applied to
predictions that a person reads, not to what methods explain.
"""

from dataclasses import dataclass

import numpy as np

from proofread.errors import InputError
from proofread.models.layers import Affine
from proofread.statistics.transforms import (
    LOG1P,
    NONE,
    RANK_NORMAL,
    STANDARDIZE,
    Transform,
    fit_transform,
)
from proofread.statistics.units import LOG_RATE, USER

POISSON = "poisson"  # the loss whose network predicts the logarithm of a rate


@dataclass(frozen=True)
class OutputScale:
    """The scale of a network's outputs.

    Attributes
    ----------
    loss : str or None
        By which the network was trained; None of a user's, whose outputs are in the
        user's units.
    transform : Transform
        Of the values, fitted to the training split.
    offset : list of float
        Of each target: ln of its mean count in the training split, 0 of other losses.
    """

    loss: str | None
    transform: Transform
    offset: list

    @property
    def unit(self):
        """In what the network's outputs are, in a word or two.

        ``user`` (the user's units), ``log1p``, ``rank_normal`` or ``log rate``.
        """
        if self.loss == POISSON:
            return LOG_RATE
        curved = self.transform.kind in (LOG1P, RANK_NORMAL)
        return self.transform.kind if curved else USER

    def to_learn(self, values):
        """Measured values (n, targets) as the loss compares them with raw outputs."""
        return self.transform.apply(values).astype(np.float32)

    def undo(self, outputs):
        """Outputs of the network, its affine step included, in the user's units.

        Parameters
        ----------
        outputs : numpy.ndarray, shape (n, targets)

        Returns
        -------
        numpy.ndarray, shape (n, targets)
            In the type of `outputs`; of a rate beyond that type, infinity.
        """
        if self.unit == USER:
            return outputs
        with np.errstate(over="ignore"):
            values = np.asarray(outputs, dtype=np.float64)
            values = (
                np.exp(values) if self.loss == POISSON else self.transform.undo(values)
            )
            return values.astype(outputs.dtype)

    def measured(self, values):
        """Measured values (n, targets) on the scale of the network's outputs.

        Of a log rate there is none: the logarithm of a count of 0 is not finite.

        Returns
        -------
        numpy.ndarray, shape (n, targets), float64
            NaN of a missing value.
        """
        values = np.asarray(values, dtype=np.float64)
        return values if self.unit == USER else self.transform.apply(values)

    def error(self, outputs, values):
        """How far outputs are from measured values, in place of a cross-entropy.

        The squared error on the scale of the outputs. Of log rates the loss that they
        are trained by, -ln of the Poisson probability without its constant term:
        exp(output) - value * output.

        Parameters
        ----------
        outputs : numpy.ndarray, shape (..., n, targets)
            Of the network, its affine step included.
        values : numpy.ndarray, shape (n, targets)
            Measured, in the user's units.

        Returns
        -------
        numpy.ndarray, float64
            NaN of a missing value.
        """
        outputs = np.asarray(outputs, dtype=np.float64)
        if self.unit == LOG_RATE:
            return np.exp(outputs) - np.asarray(values, dtype=np.float64) * outputs
        return (outputs - self.measured(values)) ** 2

    @property
    def affine(self):
        """The step that is a part of the network; None where it changes nothing."""
        if self.loss == POISSON:
            return Affine([1.0] * len(self.offset), self.offset)
        if self.transform.kind != STANDARDIZE:
            return None
        numbers = self.transform.numbers
        return Affine(
            [item["sd"] for item in numbers], [item["mean"] for item in numbers]
        )

    def stored(self):
        """Its numbers for a checkpoint: no code."""
        return {
            "loss": self.loss,
            "transform": self.transform.kind,
            "numbers": self.transform.numbers,
            "offset": self.offset,
        }


def restored(stored):
    """The `OutputScale` of a checkpoint."""
    transform = Transform(stored["transform"], stored["numbers"])
    return OutputScale(stored["loss"], transform, stored["offset"])


def in_user_units(targets):
    """The scale of a user's model, whose outputs are in the user's units."""
    none = Transform(NONE, [{} for _ in targets])
    return OutputScale(None, none, [0.0] * len(targets))


def fit_scale(training, loss):
    """The scale of a network that is to be trained on quantities.

    Parameters
    ----------
    training : proofread.datasets.dataset.Dataset
        The training split; its setting `transform` says how its values are learned.
    loss : str
        mse, huber or poisson.

    Raises
    ------
    InputError
        If the values cannot be transformed, or are no counts.
    """
    if loss == POISSON:
        check_counts(training)
    kind = training.settings.get("transform", NONE)
    transform = fit_transform(kind, training.label, training.target)
    offset = [0.0] * len(training.target)
    if loss == POISSON:
        # Above 0, since no target is constant and none has a negative value.
        means = np.nanmean(training.label, axis=0, dtype=np.float64)
        offset = np.log(means).tolist()
    return OutputScale(loss, transform, offset)


def check_counts(dataset):
    """Refuse values that no network of the loss poisson can learn.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        Of quantities; missing values are allowed.

    Raises
    ------
    InputError
        If a value is below 0.
    """
    below = np.argwhere(dataset.label < 0)
    if len(below):
        row, column = map(int, below[0])
        raise InputError(
            "models: training.loss",
            f"poisson, and {dataset.name[row]!r} has the value "
            f"{dataset.label[row, column]:g} of {dataset.target[column]!r}",
            "counts or rates, which are never below 0",
            "write loss: mse, or correct the values",
        )


def scale_of(network):
    """The `OutputScale` of a network; None of one that puts out logits."""
    scale = getattr(network, "output_scale", None)
    return scale if isinstance(scale, OutputScale) else None  # a user's may be anything


def set_scale(network, scale):
    """Let a network give its outputs on this scale, from now on.

    Parameters
    ----------
    network : torch.nn.Module
        Its attributes `output_scale` and `output_unit` are set.
    scale : OutputScale
    """
    network.output_scale, network.output_unit = scale, scale.unit
    if scale.affine is not None:
        network.register_forward_hook(scale.affine)
