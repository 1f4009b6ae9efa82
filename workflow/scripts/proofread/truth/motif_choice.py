"""Which motifs a method asks about: the planted ones, or those of a user's file."""

import numpy as np

from proofread.datasets.sampling import balanced_rows
from proofread.errors import InputError
from proofread.motifs.files import read_motifs
from proofread.motifs.motif import Motif
from proofread.progress import log
from proofread.truth.instances import most_frequent, planted, scanned

# Sequences that are enough to see which motifs are frequent.
_LOOKED_AT = 2000


def all_planted(dataset):
    """Whether the truth says which motifs there are; rule gc plants none."""
    return dataset.settings.get("source") == "simulate" or dataset.simulated


def chosen_motifs(dataset, files, *, wanted, most, p, seed, method):
    """The motifs a method asks about, with their matrices.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        Simulated: its planted motifs and decoys are taken, in their order.
    files : list of str
        Motif files, none or one; read where the truth is not known.
    wanted : list of str or None
        Names, whose order is kept; None: all, at most `most`.
    most : int
        Of planted motifs the first; of others those that occur in most sequences, of
        at most 2,000 that are drawn.
    p : float
        Of an occurrence: see `proofread.truth.instances.scanned`.
    seed : int
        Of the drawn sequences.
    method : str
        Whose settings a message names.

    Returns
    -------
    list of proofread.motifs.motif.Motif

    Raises
    ------
    InputError
        If the motifs are not known, a wanted one is not among them, or one is wanted
        where none was planted.
    """
    planted = all_planted(dataset)
    if planted:
        motifs = [Motif(name, matrix) for name, matrix in dataset.motifs.items()]
        where = "the planted motifs"
    elif files:
        motifs, where = read_motifs(files[0]), files[0]
    else:
        raise InputError(
            f"methods.{method}",
            "no motifs for sequences whose truth is not known",
            "motifs_file, a motif file, or database, a name under databases",
            f"give one of them, or take {method} out of 'analyses'",
        )
    by_name = {each.name: each for each in motifs}
    unknown = [name for name in wanted or [] if name not in by_name]
    if unknown and planted and not by_name:
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
    names = list(by_name)[:most]
    if not planted:
        rows = balanced_rows(dataset, _LOOKED_AT, seed)
        instances = scanned(np.asarray(dataset.index[rows]), motifs, p)
        names = most_frequent(instances, list(by_name), most)
    if len(names) < len(motifs):
        log.info("%d of %d motifs are tested (most_motifs)", len(names), len(motifs))
    return [by_name[name] for name in names]


def find_motifs(dataset, files, params):
    """The motifs that are tested and where they stand.

    Simulated data: the planted motifs and decoys, from the truth. A user's data: what
    the matrices of the files match.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    files : list of str
        Motif files, none or one.
    params : object
        `motifs`, `p`, `most_motifs`, `seed`.

    Returns
    -------
    names : list of str
    instances : proofread.truth.instances.Instances
    """
    chosen = chosen_motifs(
        dataset,
        files,
        wanted=params.motifs,
        most=params.most_motifs,
        p=params.p,
        seed=params.seed,
        method="motif_tests",
    )
    instances = (
        planted(dataset)
        if all_planted(dataset)
        # What is not tested need not be left alone.
        else scanned(dataset.index, chosen, params.p)
    )
    return [each.name for each in chosen], instances
