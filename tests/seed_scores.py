"""Scores of methods at several seeds, for tests of what is summarised over them."""

import pandas as pd

from proofread.truth.summary import SCORES_OVER_SEEDS

WINDOW = "absolute_window9"
# Differences from LOW that are 0.1 in the mean: of 0.0999, 0.1, 0.1001 t is 1732, and
# p = 1 - t / sqrt(t^2 + 2) = 1 / t^2 = 3.3e-7.
HIGH = [0.5999, 0.6, 0.6001]
LOW = [0.5, 0.5, 0.5]
# Of metrics.tsv.
ROWS = [
    ("network", "t", "auroc", 0.9, 0.8, 1.0, 50),
    ("network", "t", "auprc", 0.8, 0.7, 0.9, 50),
]


def scores_of(values, *, metric="position_auroc", better="higher", **columns):
    """A row for each (method, variant) and seed; seeds count from 1."""
    rows = [
        {
            **{"dataset": "a", "model": "cnn", "motif": "", "target": "t"},
            **{"seed": str(seed), "method": method, "variant": variant},
            **{"metric": metric, "better": better, "value": value},
            **columns,
        }
        for (method, variant), by_seed in values.items()
        for seed, value in enumerate(by_seed, start=1)
    ]
    return pd.DataFrame(rows).reindex(columns=SCORES_OVER_SEEDS)


def methods_of(**values):
    """The same, of methods that have one number for each position."""
    return {(name, WINDOW): by_seed for name, by_seed in values.items()}
