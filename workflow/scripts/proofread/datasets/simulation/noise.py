"""Rule effects: labels from values, with noise, and how well they can be predicted."""

import numpy as np

from proofread.configuration.effects import EFFECTS, GAUSSIAN
from proofread.datasets.quantities import quantile_strata
from proofread.errors import InputError
from proofread.statistics.quantities import r2

# The stream of the noise, beyond those of the shards, which are at most 1,000.
_STREAM = 1001
# Counts above 2**24 are not whole in float32; Poisson counts are rarely far above it.
MAX_MEAN = 10_000_000


def add_noise(dataset, where):
    """Make the labels of a dataset of rule effects from its values, in place.

    The noise is that of the whole dataset, whatever its number of shards: its size
    follows from the variance of all values.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        Whose labels are values without noise, on the log scale. Under another rule
        nothing is changed. Afterwards `label` has the noise, `noiseless` is the
        expected label, `stratum` the quantile of the label, and `settings` has
        `noise_ceiling` (R2 of `noiseless`, for each target) and `noise_sd` or
        `log_depth`.
    where : str
        The dataset's position in the configuration, for messages.

    Raises
    ------
    InputError
        If all values or all counts are the same, or counts would be too large.
    """
    settings = dataset.settings
    if settings["rule"] != EFFECTS:
        return
    value = dataset.label.astype(np.float64)
    if np.ptp(value) == 0:
        raise InputError(
            f"{where}.effects",
            f"the value {value.flat[0]:g} of all {len(value)} sequences",
            "values that differ",
            "change motifs_per_sequence, so that sequences have different motifs",
        )
    seeds = np.random.SeedSequence(settings["seed"], spawn_key=(_STREAM,))
    rng = np.random.default_rng(seeds)
    noise, more = settings["noise"], {}
    if noise is None:
        noiseless = label = value
    elif noise["kind"] == GAUSSIAN:
        noiseless = value
        more["noise_sd"] = float(np.sqrt(value.var() / noise["signal_to_noise"]))
        label = value + rng.normal(0, more["noise_sd"], size=value.shape)
    else:
        more["log_depth"] = _log_depth(value, noise["signal_to_noise"])
        noiseless = _means(value + more["log_depth"], where)
        label = rng.poisson(noiseless)
        if np.ptp(label) == 0:
            raise InputError(
                f"{where}.noise",
                f"the count {label.flat[0]} of all {len(label)} sequences",
                "counts that differ",
                "raise baseline, or state a signal_to_noise",
            )
    dataset.label = label.astype(np.float32)
    dataset.noiseless = noiseless.astype(np.float32)
    dataset.stratum = quantile_strata(dataset.label)
    columns = zip(dataset.label.T.astype(np.float64), dataset.noiseless.T, strict=True)
    ceiling = [r2(label, expected) for label, expected in columns]
    dataset.settings = {**settings, **more, "noise_ceiling": ceiling}


def _log_depth(value, signal_to_noise):
    """What to add to all values, so that their counts have the signal-to-noise ratio.

    A factor of all means multiplies their variance by its square, and the variance of
    the noise, which is their mean, by itself.
    """
    if signal_to_noise is None:
        return 0.0
    largest = value.max()  # so that nothing overflows
    mean = np.exp(value - largest)
    return float(np.log(signal_to_noise * mean.mean() / mean.var()) - largest)


def _means(value, where):
    """Means of the counts, from their logarithms."""
    if value.max() > np.log(MAX_MEAN):
        raise InputError(
            f"{where}.noise",
            f"counts with a mean of up to exp({value.max():.3g})",
            f"means of at most {MAX_MEAN:,}",
            "lower baseline or the effects, or state a lower signal_to_noise",
        )
    return np.exp(value)
