"""Which motifs a method asks about: the planted ones, or those of a user's files."""

from pathlib import Path

import numpy as np

from proofread.datasets.sampling import balanced_rows
from proofread.errors import InputError
from proofread.motifs.files import read_motifs
from proofread.motifs.motif import Motif
from proofread.motifs.targets import pool_targets
from proofread.progress import log
from proofread.truth.instances import most_frequent, planted, scanned

# Sequences that are enough to see which motifs are frequent.
_SCANNED = 2000


def all_planted(dataset):
    """Whether the truth says which motifs there are; rule gc plants none.

    Known sites do not say it: there may be others.
    """
    return dataset.settings.get("source") == "simulate" or dataset.simulated


def chosen_motifs(dataset, files, *, wanted, max_motifs, p_threshold, seed, method):
    """The motifs a method asks about, with their matrices.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        Simulated: its planted motifs and decoys are taken, in their order.
    files : list of str
        Motif files, whose motifs are taken together; read where the truth is not
        known. Where two files share a name, all motifs are called ``<file>:<name>``.
    wanted : list of str or None
        Names, whose order is kept; None: all, at most `max_motifs`.
    max_motifs : int
        Of planted motifs the first; of others those that occur in most sequences, of
        at most 2,000 random ones.
    p_threshold : float
        Of an occurrence: see `proofread.truth.instances.scanned`.
    seed : int
        Of the random sequences.
    method : str
        Whose settings a message names.

    Returns
    -------
    list of proofread.motifs.motif.Motif

    Raises
    ------
    InputError
        If the motifs are not known, a wanted one is not among them, two have its
        name, or one is wanted where none was planted.
    """
    simulated = all_planted(dataset)
    if simulated:
        motifs = [Motif(name, matrix) for name, matrix in dataset.motifs.items()]
        where = "the planted motifs"
    elif files:
        motifs, where = _read(files, wanted), " and ".join(map(str, files))
    else:
        raise InputError(
            f"methods.{method}",
            "no motifs for sequences whose truth is not known",
            "motifs_file, a motif file, or databases, names under databases",
            f"give one of them, or take {method} out of 'analyses'",
        )
    by_name = {motif.name: motif for motif in motifs}
    unknown = [name for name in wanted or [] if name not in by_name]
    if unknown and simulated and not by_name:
        raise InputError(
            f"methods.{method}.motifs",
            f"{unknown[0]!r}, but rule {dataset.settings['rule']} plants no motif",
            "null: there is none to name",
            "remove the names, or simulate by a rule that plants motifs",
        )
    if unknown:
        names = list(by_name)
        raise InputError(
            f"methods.{method}.motifs",
            f"{unknown[0]!r} is not in {where}",
            f"some of {', '.join(names[:20])}{', ...' if len(names) > 20 else ''}",
            "correct or remove it",
        )
    if wanted:
        return [by_name[name] for name in wanted]
    names = list(by_name)[:max_motifs]
    if not simulated:
        rows = balanced_rows(dataset, _SCANNED, seed)
        instances = scanned(np.asarray(dataset.index[rows]), motifs, p_threshold)
        names = most_frequent(instances, list(by_name), max_motifs)
    if len(names) < len(motifs):
        log.info("%d of %d motifs are used (max_motifs)", len(names), len(motifs))
    return [by_name[name] for name in names]


def _read(files, wanted):
    if len(files) == 1:
        # A name is all that the results say of a motif.
        return read_motifs(files[0], distinct=wanted)
    return pool_targets({Path(file).stem: read_motifs(file) for file in files}, {})


def instances_of(dataset, motifs, p_threshold):
    """The instances of motifs: from the truth, or where their matrices match.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    motifs : list of proofread.motifs.motif.Motif
    p_threshold : float
        See `proofread.truth.instances.scanned`.

    Returns
    -------
    proofread.truth.instances.Instances
        Of simulated data, of all planted motifs and decoys.
    """
    if all_planted(dataset):
        return planted(dataset)
    return scanned(dataset.index, motifs, p_threshold)
