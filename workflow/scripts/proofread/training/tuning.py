"""Choosing among trained candidates by their predictions of the validation split."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from proofread.atomic import atomic
from proofread.errors import MAKE_ANEW, InputError
from proofread.statistics.bootstrap import percentile_interval
from proofread.statistics.correlation import of_prediction, pearson
from proofread.statistics.metrics import auroc
from proofread.storage import raise_refusal

_DIGITS = 6  # values that differ by less are equal
# What decides, of binary and of quantitative targets: the column, and the metric.
_DECIDES = {
    False: ("validation_auroc", auroc),
    True: ("validation_pearson", partial(of_prediction, pearson)),
}
_DESCRIBED = [
    "candidate",
    "architecture",
    "settings",
    "parameters",
    "epochs",
    "kept_epoch",
    "validation_loss",
]
# Between these stands the value that decides.
_COMPARED = [
    "ci_low",
    "ci_high",
    "difference",
    "difference_ci_low",
    "difference_ci_high",
    "chosen",
]
COLUMNS = {
    quantitative: [*_DESCRIBED, column, *_COMPARED]
    for quantitative, (column, _) in _DECIDES.items()
}


def described(network, history):
    """What the table says of a trained candidate besides what decides.

    Parameters
    ----------
    network : torch.nn.Module
    history : pandas.DataFrame
        Of its training; `best` is 1 at the epoch whose weights were kept.

    Returns
    -------
    dict
        parameters (those that are trained), epochs, kept_epoch and validation_loss.
    """
    kept = history[history["best"] == 1].iloc[0]
    trained = [item for item in network.parameters() if item.requires_grad]
    return {
        "parameters": sum(item.numel() for item in trained),
        "epochs": len(history),
        "kept_epoch": int(kept["epoch"]),
        "validation_loss": float(kept["validation_loss"]),
    }


def compare(candidates, predicted, label, *, resamples, seed, quantitative=False):
    """The table of the candidates, the chosen one first.

    Parameters
    ----------
    candidates : list of dict
        What the other columns hold: candidate, architecture, settings, and those of
        `described`.
    predicted : list of numpy.ndarray, each (n, targets)
        Of the validation split, one array for each candidate: logits, or quantities in
        the user's units.
    label : numpy.ndarray, shape (n, targets)
        0 or 1, or quantities; NaN is missing.
    resamples, seed : int
        Of the bootstrap; all candidates see the same resamples.
    quantitative : bool
        Whether the labels are quantities.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, in the order of `ranking`. What decides is `validation_auroc`, or
        `validation_pearson` (Pearson's correlation) of quantities: the mean over the
        targets that have both classes, or two different values, with a 95 % interval
        over resampled sequences. The correlation with a constant prediction counts as
        0. `difference` is that of the first less that of the candidate, with the
        interval of this paired difference; the first itself has none.
    """
    column, metric = _DECIDES[quantitative]
    defined = [len(np.unique(values[~np.isnan(values)])) > 1 for values in label.T]
    label = label[:, defined]
    predicted = [values[:, defined] for values in predicted]
    table = pd.DataFrame(candidates)
    table[column] = [_mean(metric, label, values) for values in predicted]
    resampled = _resampled(metric, label, predicted, resamples, seed)
    order = ranking(table[column], table["validation_loss"])
    first = order[0]
    table["ci_low"], table["ci_high"] = _intervals(resampled)
    table["difference"] = table[column][first] - table[column]
    table["difference_ci_low"], table["difference_ci_high"] = _intervals(
        resampled[:, [first]] - resampled
    )
    of_itself = [name for name in table if name.startswith("difference")]
    table.loc[first, of_itself] = np.nan
    table["chosen"] = 0
    table.loc[first, "chosen"] = 1
    return table.loc[order, COLUMNS[quantitative]].reset_index(drop=True)


def ranking(values, losses):
    """The order of candidates: the highest value, then the lowest loss, then the first.

    Parameters
    ----------
    values, losses : array_like, shape (candidates,)
        What decides, and the loss, on the validation split. One that is not a number is
        the worst.

    Returns
    -------
    numpy.ndarray of int, shape (candidates,)
        The chosen one first.
    """
    values, losses = np.asarray(values, dtype=float), np.asarray(losses, dtype=float)
    values = np.where(np.isnan(values), -np.inf, np.round(values, _DIGITS))
    losses = np.where(np.isnan(losses), np.inf, losses)
    return np.lexsort((np.arange(len(values)), losses, -values))


def _mean(metric, label, predicted):
    """Mean over targets; NaN if there is none, or the metric of one is not defined."""
    values = []
    for truth, scores in zip(label.T, predicted.T, strict=True):
        known = ~np.isnan(truth)
        values.append(metric(truth[known], scores[known]))
    return float(np.mean(values)) if values else np.nan


def _resampled(metric, label, predicted, resamples, seed):
    """The metric of each candidate in each resample: (resamples, candidates)."""
    generator = np.random.default_rng(seed)
    values = np.empty((resamples, len(predicted)))
    for resample in range(resamples):
        rows = generator.integers(len(label), size=len(label))
        values[resample] = [
            _mean(metric, label[rows], scores[rows]) for scores in predicted
        ]
    return values


def _intervals(resampled):
    """Low and high ends, each a list with one number for each column."""
    return zip(*map(percentile_interval, resampled.T), strict=True)


def write_choice(path, candidate, seed, model):
    """Write which candidate was chosen, with the seed of its training and its settings.

    Parameters
    ----------
    path : str or path
        Of a JSON file.
    candidate : str
    seed : int
    model : dict
        `architecture`, `settings` and `training`.
    """
    content = {"candidate": candidate, "seed": seed, "model": model}
    with atomic(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")


def read_choice(path):
    """`candidate`, `seed` and `model` of a file of `write_choice`.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    keys = ("candidate", "seed", "model")
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        return {key: content[key] for key in keys}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise_refusal(error, path)
        raise InputError(
            path,
            f"not readable ({type(error).__name__}: {error})",
            f"JSON with {', '.join(keys)}, as the workflow wrote it",
            MAKE_ANEW,
        ) from error


def file_of(paths, model, file):
    """The file of one candidate among those of all.

    Parameters
    ----------
    paths : iterable of str
        ``<results>/{dataset}/{model}.{candidate}/seed{seed}/{file}``.
    model : str
        ``{model}.{candidate}``.
    file : str
        Its name.

    Returns
    -------
    pathlib.Path
    """
    return next(
        path
        for path in map(Path, paths)
        if path.name == file and path.parts[-3] == model
    )
