"""What is in a dataset, before any training."""

import numpy as np
import pandas as pd

from proofread.datasets.on_disk import blocks
from proofread.dna.encoding import encode
from proofread.motifs.motif import relative_entropy
from proofread.motifs.scan import scan, threshold, whole_scores

CHANCE_P = 1e-4  # a chance match of a planted matrix, each place and strand
GC_BINS = 40
MOST_BINS = 50  # of positions, gaps and lengths
_BATCH = 4_000_000  # bases looked at at once
MOTIF_COLUMNS = [
    "motif",
    "role",
    "width",
    "bits",
    "instances",
    "bits_of_instances",
    "largest_difference",
    "chance_threshold_bits",
    "chance_places",
    "chance_expected",
    "chance_found",
]


def by_class_and_split(dataset, rows):
    """Size, length, GC content and unknown bases of each stratum and split.

    Parameters
    ----------
    dataset : Dataset
    rows : dict of str to numpy.ndarray
        From `read_splits`.

    Returns
    -------
    pandas.DataFrame
        Columns stratum, split (`all` for the whole stratum), sequences, lengths in
        bp, mean and standard deviation of the GC share of the known bases (sequences
        without a known base are left out), unknown bases, sequences that have any.
    """
    gc, unknown = composition(dataset)
    stratum = np.array(dataset.stratum)
    table = []
    for name in dict.fromkeys(sorted(dataset.stratum)):
        for split, members in {"all": np.arange(len(dataset)), **rows}.items():
            own = members[stratum[members] == name]
            length = dataset.length[own]
            known = gc[own][~np.isnan(gc[own])]
            table.append(
                {
                    "stratum": name,
                    "split": split,
                    "sequences": len(own),
                    "shortest": length.min() if len(own) else None,
                    "median_length": np.median(length) if len(own) else None,
                    "longest": length.max() if len(own) else None,
                    "gc_mean": known.mean() if len(known) else None,
                    "gc_sd": known.std() if len(known) else None,
                    "unknown_bases": int(unknown[own].sum()),
                    "sequences_with_unknown": int((unknown[own] > 0).sum()),
                }
            )
    return pd.DataFrame(table)


def composition(dataset):
    """GC share of the known bases (NaN where there are none) and unknown bases."""
    known = np.zeros(len(dataset), dtype=np.int64)
    gc = np.zeros(len(dataset), dtype=np.int64)
    for first, block in blocks(dataset.index):
        rows = slice(first, first + len(block))
        # Padding is 4 as well; it is no base of the sequence.
        inside = np.arange(block.shape[1]) < dataset.length[rows, None]
        known[rows] = ((block < 4) & inside).sum(axis=1)
        gc[rows] = ((block == 1) | (block == 2)).sum(axis=1)
    share = np.divide(gc, known, out=np.full(len(gc), np.nan), where=known > 0)
    return share, dataset.length - known


def distributions(dataset):
    """GC content and length of each stratum, in bins.

    Returns
    -------
    pandas.DataFrame
        Columns measure (gc, length), stratum, low, high (the bin is half-open, the
        last of gc holds 1), sequences, share (of the stratum).
    """
    gc, _ = composition(dataset)
    longest = int(dataset.length.max()) + 1
    step = -(-longest // MOST_BINS)
    bins = {
        "gc": (gc, np.linspace(0, 1, GC_BINS + 1)),
        "length": (dataset.length, np.arange(0, longest + step, step)),
    }
    stratum = np.array(dataset.stratum)
    tables = []
    for measure, (values, edges) in bins.items():
        for name in sorted(set(dataset.stratum)):
            own = values[stratum == name]
            counts, _ = np.histogram(own[~np.isnan(own)], edges)
            tables.append(
                pd.DataFrame(
                    {
                        "measure": measure,
                        "stratum": name,
                        "low": edges[:-1],
                        "high": edges[1:],
                        "sequences": counts,
                        "share": counts / len(own),
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def instance_matrices(dataset):
    """Share of each base among the planted instances of each motif.

    Returns
    -------
    dict of str to numpy.ndarray, shape (width, 4)
        On the motif's own strand; a motif that was never planted is left out.
    """
    matrices = {}
    for name, group in dataset.truth.groupby("motif", sort=False):
        letters = encode("".join(group["instance"])).reshape(len(group), -1)
        matrices[name] = (letters[:, :, None] == np.arange(4)).mean(axis=0)
    return {name: matrices[name] for name in dataset.motifs if name in matrices}


def matrix_table(dataset, found):
    """The matrices drawn from and those of the instances, a row per position."""
    rows = [
        (name, source, position, *each)
        for name, matrix in dataset.motifs.items()
        for source, values in (("matrix", matrix), ("instances", found.get(name)))
        if values is not None
        for position, each in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["motif", "source", "position", *"ACGT"])


def motif_table(dataset, found, p=CHANCE_P):
    """What was planted, and how often its matrix matches where nothing was.

    Parameters
    ----------
    dataset : Dataset
    found : dict of str to numpy.ndarray
        From `instance_matrices`.
    p : float
        Probability below which a match is rare.

    Returns
    -------
    pandas.DataFrame
        Columns of `MOTIF_COLUMNS`, a row for each motif. `largest_difference` is the
        largest between a probability and its share among the instances. Expected
        matches are places (both strands, nothing planted in them) times the exact
        probability of the threshold for independent bases in the shares found there.
    """
    counts = np.zeros(5, dtype=np.int64)
    for block, free in _free(dataset):
        counts += np.bincount(block[free], minlength=5)
    # One count more of each base, so that none is impossible.
    background = (counts[:4] + 1) / (counts[:4] + 1).sum()
    scores = {
        name: whole_scores(each, background) for name, each in dataset.motifs.items()
    }
    rare = {name: threshold(each, background, p) for name, each in scores.items()}
    chance = {name: np.zeros(2, dtype=np.int64) for name in rare if rare[name]}
    for block, free in _free(dataset) if chance else ():
        for name, total in chance.items():
            total += scan(block, scores[name], rare[name].score, free)
    rows = []
    for name, matrix in dataset.motifs.items():
        instances = dataset.truth[dataset.truth["motif"] == name]
        own = found.get(name)
        row = {
            "motif": name,
            "role": " and ".join(sorted(set(instances["role"]))),
            "width": len(matrix),
            "bits": relative_entropy(matrix).sum(),
            "instances": len(instances),
            "bits_of_instances": None if own is None else relative_entropy(own).sum(),
            "largest_difference": None if own is None else np.abs(own - matrix).max(),
        }
        if name in chance:
            hits, places = chance[name].tolist()
            row |= {
                "chance_threshold_bits": rare[name].score / 100,
                "chance_places": places,
                "chance_expected": places * rare[name].p,
                "chance_found": hits,
            }
        rows.append(row)
    return pd.DataFrame(rows, columns=MOTIF_COLUMNS)


def _free(dataset):
    """Yield some rows at a time, and which of their bases nothing was planted over."""
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
    """Where instances start: counts in bins by motif, stratum and strand.

    Returns
    -------
    pandas.DataFrame
        Columns motif, stratum, strand, low, high (half-open, 0-based, forward), count.
    """
    longest = int(dataset.length.max())
    step = -(-longest // MOST_BINS)
    truth = dataset.truth.assign(
        stratum=pd.Categorical(dataset.stratum)[dataset.truth["sequence"]],
        low=dataset.truth["start"] // step * step,
    )
    keys = ["motif", "stratum", "strand", "low"]
    table = truth.groupby(keys, observed=True).size().rename("count").reset_index()
    table.insert(4, "high", np.minimum(table["low"] + step, longest))
    return _in_order_of_motifs(table, dataset, ["motif"])


def gap_table(dataset):
    """Bases between neighbouring planted motifs of a sequence.

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
    place = {name: number for number, name in enumerate(dataset.motifs)}
    return table.sort_values(
        columns, key=lambda names: names.map(place), kind="stable", ignore_index=True
    )
