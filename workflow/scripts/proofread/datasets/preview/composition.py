"""Size, length, GC content and unknown bases of each class."""

import numpy as np
import pandas as pd

from proofread.datasets.on_disk import blocks
from proofread.dna.composition import gc_content
from proofread.dna.encoding import UNKNOWN

GC_BINS = 40
MAX_LENGTH_BINS = 50


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
        bp, mean and standard deviation of the GC content of the known bases (without
        sequences that have no known base), unknown bases, sequences that have any.
        If labels of binary targets are missing, also `missing_` and the name of each
        target: sequences without its label. If sequences of the file have no label of
        any target, also left_out: their number. They are not in the dataset, so it
        stands in the row `all` of each stratum.
    """
    gc, unknown = composition(dataset)
    stratum = np.array(dataset.stratum)
    missing = _missing_labels(dataset)
    left_out = dataset.settings.get("without_label", 0)
    table = []
    for name in dict.fromkeys(sorted(dataset.stratum)):
        for split, members in {"all": np.arange(len(dataset)), **rows}.items():
            chosen = members[stratum[members] == name]
            length = dataset.length[chosen]
            known_gc = gc[chosen][~np.isnan(gc[chosen])]
            table.append(
                {
                    "stratum": name,
                    "split": split,
                    "sequences": len(chosen),
                    "shortest": length.min() if len(chosen) else None,
                    "median_length": np.median(length) if len(chosen) else None,
                    "longest": length.max() if len(chosen) else None,
                    "gc_mean": known_gc.mean() if len(known_gc) else None,
                    "gc_sd": known_gc.std() if len(known_gc) else None,
                    "unknown_bases": int(unknown[chosen].sum()),
                    "sequences_with_unknown": int((unknown[chosen] > 0).sum()),
                    **{key: int(of[chosen].sum()) for key, of in missing.items()},
                }
            )
    table = pd.DataFrame(table)
    if left_out:
        whole = pd.Series(left_out, index=table.index, dtype="Int64")
        table["left_out"] = whole.where(table["split"] == "all")
    return table


def _missing_labels(dataset):
    """Whether the label of each target is missing, by column; none if all are known.

    Quantitative targets have a table of their own, `values`.
    """
    missing = np.isnan(dataset.label)
    if dataset.quantitative or not dataset.labelled or not missing.any():
        return {}
    columns = [f"missing_{target}" for target in dataset.target]
    return dict(zip(columns, missing.T, strict=True))


def composition(dataset):
    """GC content and number of unknown bases of each sequence.

    Returns
    -------
    gc : numpy.ndarray, shape (n,), float64
        Fraction of the known bases; NaN if there are none.
    unknown : numpy.ndarray, shape (n,), int64
        Without the padding.
    """
    known = np.zeros(len(dataset), dtype=np.int64)
    gc = np.zeros(len(dataset))
    for first, block in blocks(dataset.index):
        rows = slice(first, first + len(block))
        known[rows] = (block != UNKNOWN).sum(axis=1)
        gc[rows] = gc_content(block)
    gc[known == 0] = np.nan
    # Padding is unknown as well, but no base of the sequence.
    return gc, dataset.length - known


def distributions(dataset):
    """GC content and length of each stratum, in bins.

    Returns
    -------
    pandas.DataFrame
        Columns measure (gc, length), stratum, low, high (the bin is half-open, the
        last of gc includes 1), sequences, fraction (of the stratum).
    """
    gc, _ = composition(dataset)
    longest = int(dataset.length.max()) + 1
    step = -(-longest // MAX_LENGTH_BINS)
    bins = {
        "gc": (gc, np.linspace(0, 1, GC_BINS + 1)),
        "length": (dataset.length, np.arange(0, longest + step, step)),
    }
    stratum = np.array(dataset.stratum)
    tables = []
    for measure, (values, edges) in bins.items():
        for name in sorted(set(dataset.stratum)):
            chosen = values[stratum == name]
            counts, _ = np.histogram(chosen[~np.isnan(chosen)], edges)
            tables.append(
                pd.DataFrame(
                    {
                        "measure": measure,
                        "stratum": name,
                        "low": edges[:-1],
                        "high": edges[1:],
                        "sequences": counts,
                        "fraction": counts / len(chosen),
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)
