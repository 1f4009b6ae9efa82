"""Similar sequences in different splits: how many there are, and would have been."""

from itertools import combinations

import numpy as np
import pandas as pd

from proofread.configuration.labels import ALL
from proofread.datasets.dataset import SPLITS
from proofread.datasets.similarity import KINDS
from proofread.datasets.splitting.split import part_ignoring_similarity
from proofread.progress import log

# Pairs of parts, by their places in `SPLITS`, and the columns that count their pairs.
_BETWEEN = {
    (one, other): f"cut_{SPLITS[one]}_{SPLITS[other]}"
    for one, other in combinations(range(len(SPLITS)), 2)
}
LEAKAGE_COLUMNS = [
    "kind",
    "pairs",
    "sequences",
    "clusters",
    "max_cluster_size",
    "between_classes",
    "between_groups",
    "cut_without",
    "cut",
    *_BETWEEN.values(),
]


def leakage(dataset, settings, similar, rows, where="datasets"):
    """Count similar sequences, and the leaks of a split that ignores them.

    Parameters
    ----------
    dataset, settings, where
        As for `proofread.datasets.splitting.split.split`.
    similar : proofread.datasets.similarity.Similar or None
        None if similar sequences were not searched for.
    rows : dict of str to numpy.ndarray
        From `split`.

    Returns
    -------
    pandas.DataFrame
        Columns of `LEAKAGE_COLUMNS`; a row for each kind and one for `any`, no rows if
        similar sequences were not searched for. Pairs are of sequences;
        `between_classes` and `between_groups` are those with different labels and with
        different groups, `cut_without` those that a split without similarity divides
        between two parts, `cut` those that this split divides, and `cut_train_test`
        and the like those that it divides between these two parts. If labels are
        missing, `between_classes` is of the target with most pairs of a 0 and a 1;
        quantitative targets have no classes, and it is empty.
    """
    if similar is None:
        return pd.DataFrame(columns=LEAKAGE_COLUMNS)
    part = np.empty(len(dataset), dtype=np.int64)
    for code, name in enumerate(SPLITS):
        part[rows[name]] = code
    _, group = np.unique(np.array(dataset.group), return_inverse=True)
    before = part_ignoring_similarity(dataset, settings, where)
    counts = {
        "pairs": similar.count_pairs(),
        "between_classes": dict.fromkeys(KINDS, 0)
        if dataset.quantitative
        else _pairs_between_classes(similar, dataset.label),
        "between_groups": similar.count_pairs(group),
        "cut_without": similar.count_pairs(before),
        "cut": similar.count_pairs(part),
        **{
            column: _pairs_between(similar, part, *parts)
            for parts, column in _BETWEEN.items()
        },
    }
    table = pd.DataFrame(counts, index=list(KINDS))
    table["sequences"] = similar.count_sequences()
    sizes = np.bincount(similar.clusters())
    table.loc["any"] = table.sum()
    table["sequences"] = table["sequences"].astype(int)
    table.loc["any", "sequences"] = sizes[sizes > 1].sum()
    # Pairs of any kind join clusters.
    whole = {"clusters": int((sizes > 1).sum()), "max_cluster_size": int(sizes.max())}
    for column, value in whole.items():
        table[column] = pd.array([None] * len(KINDS) + [value], dtype="Int64")
    if dataset.quantitative:
        table["between_classes"] = None
    return table.rename_axis("kind").reset_index()[LEAKAGE_COLUMNS]


def _pairs_between_classes(similar, label):
    """Number of pairs, by kind, with different labels."""
    if not np.isnan(label).any():
        _, code = np.unique(label, axis=0, return_inverse=True)
        return similar.count_pairs(code.ravel())
    missing = 2
    codes = np.nan_to_num(label, nan=missing).astype(np.int64)
    counts = [_pairs_between(similar, of_target, 0, 1) for of_target in codes.T]
    return max(counts, key=lambda of_target: sum(of_target.values()))


def _pairs_between(similar, part, one, other):
    """Number of pairs, by kind, with a row in each of two parts (or classes)."""
    divided = similar.count_pairs(part)
    joined = similar.count_pairs(np.where(part == other, one, part))
    return {kind: divided[kind] - joined[kind] for kind in KINDS}


def log_leakage(table, settings):
    """Log the similar sequences and their splits.

    Parameters
    ----------
    table : pandas.DataFrame
        From `leakage`.
    settings : dict
        As for `leakage`.
    """
    if settings["by"] == ALL:
        log.info("all sequences are in the test split: nothing can leak into it")
        return
    if table.empty:
        log.info("similar sequences were not searched for (split.similarity is null)")
        return
    any_kind = table.set_index("kind").loc["any"]
    log.info(
        "similar pairs: %s; %d sequences in %d clusters, the largest of %d",
        ", ".join(
            f"{row.pairs} {row.kind.replace('_', ' ')}"
            for row in table.itertuples()
            if row.kind != "any"
        ),
        any_kind["sequences"],
        any_kind["clusters"],
        any_kind["max_cluster_size"],
    )
    if settings["by"] != "given":
        log.info(
            "a split that ignores similarity would divide %d of these pairs between "
            "two splits; this split divides %d",
            any_kind["cut_without"],
            any_kind["cut"],
        )
    if any_kind["cut"]:
        log.warning(
            "similar pairs in two splits: %s",
            ", ".join(
                f"{any_kind[column]} of {SPLITS[one]} and {SPLITS[other]}"
                for (one, other), column in _BETWEEN.items()
            ),
        )
    if any_kind["between_classes"]:
        log.warning(
            "%d similar pairs have different labels: the same sequence is called "
            "positive and negative, so a network cannot predict both correctly",
            any_kind["between_classes"],
        )
