"""Every number of every kind of map for one target of one network."""

import numpy as np

from proofread.dna.null_sequences import nulls_of
from proofread.methods.faithfulness.agreement import compare_kinds, compare_seeds
from proofread.methods.faithfulness.perturbation import (
    Perturbation,
    Subsets,
    sequences_of,
)
from proofread.methods.faithfulness.remade import Remaker
from proofread.methods.faithfulness.sample import (
    BACKGROUND,
    CONSTANT_MAP,
    NO_BASE,
    ONE_SEQUENCE,
    ORDER,
    SAME_BACKGROUND,
    SAME_DROPS,
    SUBSET,
    degenerate,
    generator,
)
from proofread.methods.faithfulness.similarity import is_constant
from proofread.methods.faithfulness.tables import Summary
from proofread.models.predictor import without_rounding
from proofread.progress import log, progress
from proofread.statistics.units import output_column

RANDOM = "random"  # the kind of no map: windows in random order


def measure(predictor, column, maps, settings):
    """Judge the maps of one target.

    Parameters
    ----------
    predictor : proofread.models.predictor.Predictor
    column : int
        Of the target.
    maps : proofread.methods.faithfulness.sample.Maps
    settings : namespace
        The settings of the method; its schema has their meanings.

    Returns
    -------
    proofread.methods.faithfulness.tables.Summary
    """
    sequences = _with_backgrounds(predictor, column, maps, settings)
    target = predictor.targets[column]
    summary = Summary(
        target,
        resamples=settings.resamples,
        seed=settings.seed,
        sd=deviation(sequences.intact, sequences.size),
        unit=output_column(predictor.output_unit),
        no_sd=ONE_SEQUENCE if len(maps.index) == 1 else None,
    )
    _log_degenerate(sequences, summary)
    for width in settings.windows:
        _perturb(summary, sequences, maps, width, settings)
    compare_seeds(summary, maps, settings.top)
    compare_kinds(summary, maps, settings.top)
    remaker = Remaker(predictor, column, maps, settings, size=sequences.size)
    remaker.vary(summary)
    remaker.randomise(summary)
    return summary


def _with_backgrounds(predictor, column, maps, settings):
    """The sequences and their backgrounds, predicted."""
    drawn = nulls_of(
        settings.background,
        np.repeat(maps.index, settings.backgrounds, axis=0),
        generator(settings.seed, BACKGROUND),
    )
    n, length = maps.index.shape
    return sequences_of(
        lambda index: predictor.outputs(index)[:, column].astype(np.float64),
        maps.index,
        drawn.reshape(n, settings.backgrounds, length),
        quantitative=predictor.scale is not None,
    )


def deviation(outputs, size=1):
    """Standard deviation of outputs (ddof 1).

    Parameters
    ----------
    outputs : numpy.ndarray, shape (n,), float64
    size : float
        As of `without_rounding`.

    Returns
    -------
    float
        NaN where all are the same, up to rounding, or there is one only.
    """
    if len(outputs) < 2 or np.ptp(without_rounding(outputs, outputs[0], size)) == 0:
        return np.nan
    return float(np.std(outputs, ddof=1))


def _log_degenerate(sequences, summary):
    """Say what makes numbers of some sequences meaningless."""
    equal = ~sequences.usable
    if equal.any():
        log.warning(
            "%s: %d of %d backgrounds equal their sequence and are left out",
            summary.target,
            equal.sum(),
            equal.size,
        )
    if np.isnan(summary.sd):
        log.warning("%s: %s", summary.target, summary.no_sd)


def _perturb(summary, sequences, maps, width, settings):
    """Add deletion, insertion, sufficiency and correlation for one width."""
    perturbation = Perturbation(
        sequences,
        width,
        steps=settings.steps,
        keep=settings.keep,
        orders=settings.orders,
        rng=generator(settings.seed, ORDER, width),
    )
    subsets = Subsets(
        sequences,
        width,
        subsets=settings.subsets,
        fraction=settings.subset_fraction,
        rng=generator(settings.seed, SUBSET, width),
    )
    reasons = {
        NO_BASE: ~maps.known.any(axis=1),
        SAME_BACKGROUND: ~sequences.usable.any(axis=1),
    }
    scored, note = perturbation.scored, ""
    if not scored.all():
        note = f"{(~scored).sum()} of {scored.size} windows without a known base"
    drawn = perturbation.random_curves()
    random = _areas(drawn, "random")
    for quantity, values in random.items():
        summary.add(RANDOM, quantity, values, window=width, reasons=reasons, note=note)
    _add_curves(summary, RANDOM, drawn, ("random",), width)
    unchanged = {SAME_DROPS: is_constant(subsets.drop)}
    for kind in progress(maps.kinds, f"windows of {width} bp replaced"):
        values = maps.values[kind.name]
        of_kind = reasons | degenerate(values, maps.known)
        curves = perturbation.curves(values).without(of_kind[CONSTANT_MAP])
        for quantity, area in _areas(curves, "top").items():
            sign, beside = (-1, "below") if quantity == "sufficiency" else (1, "above")
            for name, numbers in (
                (quantity, area),
                (f"{quantity}_{beside}_random", sign * (area - random[quantity])),
            ):
                summary.add(kind.name, name, numbers, window=width, reasons=of_kind)
        _add_curves(summary, kind.name, curves, ("top", "lowest"), width)
        summary.add(
            kind.name,
            "faithfulness_correlation",
            subsets.correlation(values),
            window=width,
            reasons=of_kind | unchanged,
        )


def _areas(curves, order):
    """Deletion, insertion and sufficiency of each sequence."""
    return curves.areas(order) | {"sufficiency": curves.sufficiency[order]}


def _add_curves(summary, kind, curves, orders, width):
    for name in ("deletion", "insertion"):
        for order in orders:
            values = getattr(curves, name)[order]
            summary.add_curve(kind, name, order, width, values)
