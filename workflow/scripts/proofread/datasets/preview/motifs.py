"""Planted motifs or known sites: their starts and gaps, and matches by chance."""

import numpy as np
import pandas as pd

from proofread.datasets.on_disk import blocks
from proofread.dna.encoding import encode
from proofread.motifs.motif import relative_entropy
from proofread.motifs.scan import UNIT, scan, threshold, whole_scores

CHANCE_P = 1e-4  # of a chance match of a matrix, per position and strand
MAX_POSITION_BINS = 50
_BATCH = 4_000_000  # bases scanned at once
MOTIF_COLUMNS = [
    "motif",
    "role",
    "width",
    "bits",
    "instances",
    "bits_of_instances",
    "max_difference",
    "chance_threshold_bits",
    "chance_positions",
    "chance_expected",
    "chance_found",
]


def instance_matrices(dataset):
    """Frequency of each base among the instances of each motif with a matrix.

    Returns
    -------
    dict of str to numpy.ndarray, shape (width, 4)
        On the motif's own strand; without motifs that were never planted.
    """
    matrices = {}
    truth = dataset.truth[dataset.truth["motif"].isin(list(dataset.motifs))]
    for name, group in truth.groupby("motif", sort=False):
        # (instances, width)
        index = encode("".join(group["instance"])).reshape(len(group), -1)
        matrices[name] = (index[:, :, None] == np.arange(4)).mean(axis=0)
    return {name: matrices[name] for name in dataset.motifs if name in matrices}


def matrix_table(dataset, instances):
    """The matrices and those of their instances, a row for each position.

    Parameters
    ----------
    dataset : Dataset
    instances : dict of str to numpy.ndarray
        From `instance_matrices`.
    """
    rows = [
        (name, source, position, *column)
        for name, matrix in dataset.motifs.items()
        for source, values in (("matrix", matrix), ("instances", instances.get(name)))
        if values is not None
        for position, column in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["motif", "source", "position", *"ACGT"])


def motif_table(dataset, instances, p=CHANCE_P):
    """The motifs of the truth, and how often their matrices match elsewhere by chance.

    Parameters
    ----------
    dataset : Dataset
    instances : dict of str to numpy.ndarray
        From `instance_matrices`.
    p : float
        Probability of a chance match, per position and strand.

    Returns
    -------
    pandas.DataFrame
        Columns of `MOTIF_COLUMNS`, a row for each motif; of known sites without a
        matrix the role and the number of instances alone. `max_difference` is the
        maximum difference between a probability and the frequency among the instances.
        The expected number of matches is the number of positions (both strands, without
        bases of the truth) times the exact probability of the threshold for independent
        bases with the frequencies measured there.
    """
    counts = np.zeros(5, dtype=np.int64)
    for block, free in _free(dataset):
        counts += np.bincount(block[free], minlength=5)
    # One pseudo-count per base, so that none is impossible.
    background = (counts[:4] + 1) / (counts[:4] + 1).sum()
    scores = {
        name: whole_scores(matrix, background)
        for name, matrix in dataset.motifs.items()
    }
    rare = {name: threshold(table, background, p) for name, table in scores.items()}
    chance = {name: np.zeros(2, dtype=np.int64) for name in rare if rare[name]}
    for block, free in _free(dataset) if chance else ():
        for name, total in chance.items():
            total += scan(block, scores[name], rare[name].score, free)
    rows = []
    for name in dataset.truth_names:
        planted = dataset.truth[dataset.truth["motif"] == name]
        matrix, measured = dataset.motifs.get(name), instances.get(name)
        row = {
            "motif": name,
            "role": " and ".join(sorted(set(planted["role"]))),
            "instances": len(planted),
        }
        if matrix is not None:
            row |= {"width": len(matrix), "bits": relative_entropy(matrix).sum()}
        if measured is not None:
            row["bits_of_instances"] = relative_entropy(measured).sum()
            row["max_difference"] = np.abs(measured - matrix).max()
        if name in chance:
            hits, positions = chance[name].tolist()
            row |= {
                "chance_threshold_bits": rare[name].score / UNIT,
                "chance_positions": positions,
                "chance_expected": positions * rare[name].p,
                "chance_found": hits,
            }
        rows.append(row)
    return pd.DataFrame(rows, columns=MOTIF_COLUMNS)


def _free(dataset):
    """Yield some rows at a time, and a mask of their bases outside the truth."""
    truth = dataset.truth.sort_values("sequence", kind="stable")
    row, start, end = (
        truth[key].to_numpy(dtype=np.int64) for key in ("sequence", "start", "end")
    )
    for first, block in blocks(dataset.index, _BATCH):
        n, width = block.shape
        low, high = np.searchsorted(row, [first, first + n])
        change = np.zeros((n, width + 1), dtype=np.int16)
        np.add.at(change, (row[low:high] - first, start[low:high]), 1)
        np.add.at(change, (row[low:high] - first, end[low:high]), -1)
        planted = np.cumsum(change[:, :-1], axis=1, dtype=np.int16) > 0
        inside = np.arange(width) < dataset.length[first : first + n, None]
        yield block, inside & ~planted


def position_table(dataset):
    """Count the starts of instances, in bins, by motif, stratum and strand.

    Returns
    -------
    pandas.DataFrame
        Columns motif, stratum, strand, low, high (half-open, 0-based, forward), count.
    """
    longest = int(dataset.length.max())
    step = -(-longest // MAX_POSITION_BINS)
    truth = dataset.truth.assign(
        stratum=pd.Categorical(dataset.stratum)[dataset.truth["sequence"]],
        low=dataset.truth["start"] // step * step,
    )
    keys = ["motif", "stratum", "strand", "low"]
    table = truth.groupby(keys, observed=True).size().rename("count").reset_index()
    table.insert(4, "high", np.minimum(table["low"] + step, longest))
    return _in_order_of_motifs(table, dataset, ["motif"])


def gap_table(dataset):
    """Count the gaps between neighbouring motifs of the truth in a sequence.

    Returns
    -------
    pandas.DataFrame
        Columns first, second, stratum, gap (bp from the end of the first to the start
        of the next), count.
    """
    columns = ["sequence", "motif", "start", "end"]
    truth = dataset.truth[columns].sort_values(["sequence", "start"], kind="stable")
    follows = truth["sequence"].to_numpy()[1:] == truth["sequence"].to_numpy()[:-1]
    first, second = truth.iloc[:-1][follows], truth.iloc[1:][follows]
    pairs = pd.DataFrame(
        {
            "first": first["motif"].to_numpy(),
            "second": second["motif"].to_numpy(),
            "stratum": pd.Categorical(dataset.stratum)[first["sequence"]],
            "gap": second["start"].to_numpy() - first["end"].to_numpy(),
        }
    )
    keys = ["first", "second", "stratum", "gap"]
    table = pairs.groupby(keys, observed=True).size().rename("count").reset_index()
    return _in_order_of_motifs(table, dataset, ["first", "second"])


def _in_order_of_motifs(table, dataset, columns):
    """Rows by the motifs' order in the configuration instead of the alphabet."""
    rank = {name: number for number, name in enumerate(dataset.truth_names)}
    return table.sort_values(
        columns, key=lambda names: names.map(rank), kind="stable", ignore_index=True
    )
