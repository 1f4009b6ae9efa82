"""Tables of k-mer perturbation."""

import numpy as np
import pandas as pd

from proofread.datasets.groups import label_column
from proofread.dna.encoding import decode
from proofread.methods.kmer_perturbation.summaries import (
    aligned_effects,
    anchors_of,
    mean_over_windows,
)
from proofread.methods.kmer_perturbation.windows import STATISTICS
from proofread.statistics.units import LOGIT


def summary_table(dataset, per_length):
    """One row per sequence, target and length: the window that changes most."""
    tables = []
    rows = np.arange(len(dataset))
    for column, target in enumerate(dataset.target):
        label = np.asarray(dataset.label)[:, column]
        for windows in per_length:
            mean = windows.mean[windows.scale][:, column]
            replaced = (~np.isnan(mean)).sum(axis=1)
            table = pd.DataFrame(
                {
                    "sequence": dataset.name,
                    "target": target,
                    label_column(dataset): label,
                    **{
                        scale: values[:, column]
                        for scale, values in windows.intact.items()
                    },
                    **({} if windows.unit == LOGIT else {"unit": windows.unit}),
                    "length": windows.size,
                    "windows": replaced,
                    "replicates": windows.replicates,
                    **{
                        f"mean_delta_{scale}": mean_over_windows(
                            windows.mean[scale][:, column]
                        )
                        for scale in windows.scales
                    },
                }
            )
            if len(windows.start):
                strongest = np.where(np.isnan(mean), -1, np.abs(mean)).argmax(axis=1)
                start = pd.array(windows.start[strongest], dtype="Int64")
                start[replaced == 0] = pd.NA
                table["strongest_start"] = start
                table["strongest_end"] = start + windows.size
                for scale in windows.scales:
                    for name in STATISTICS:
                        values = getattr(windows, name)[scale]
                        table[f"strongest_{scale}_{name}"] = values[
                            rows, column, strongest
                        ]
            tables.append(table)
    table = pd.concat(tables)
    order = np.argsort(np.tile(rows, len(tables)), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def window_table(dataset, examples, per_length):
    """One row per window of each example, with all statistics."""
    tables = []
    for row, column in examples:
        for windows in per_length:
            table = {
                "sequence": dataset.name[row],
                "target": dataset.target[column],
                "length": windows.size,
                "position": windows.start,
                "plot_position": windows.centre,
            }
            for scale in windows.scales:
                table[scale] = windows.intact[scale][row, column]
                for name in STATISTICS:
                    values = getattr(windows, name)[scale][row, column]
                    table[f"{scale}_delta_{name}"] = values
            tables.append(pd.DataFrame(table))
    table = pd.concat(tables) if tables else pd.DataFrame(columns=["sequence"])
    if len(table):
        table = table[table[f"{per_length[0].scale}_delta_mean"].notna()]
    return table


def variant_table(dataset, examples, per_length, kept):
    """One row per variant of each example, as in Genomic-ULMFiT's data frame."""
    tables = []
    for row, column in examples:
        for windows, variants in zip(per_length, kept, strict=True):
            part = variants[variants["row"] == row]
            start = part["start"].to_numpy()
            tables.append(
                pd.DataFrame(
                    {
                        "sequence": dataset.name[row],
                        "target": dataset.target[column],
                        label_column(dataset): float(dataset.label[row, column]),
                        "length": windows.size,
                        "position": start,
                        "plot_position": start + windows.size / 2,
                        "insert": [decode(kmer) for kmer in part["kmer"]],
                        **{
                            scale: part[f"{scale}_{column}"].to_numpy()
                            for scale in windows.scales
                        },
                    }
                )
            )
    return pd.concat(tables) if tables else pd.DataFrame(columns=["sequence"])


def base_table(dataset, examples, importance, scale=LOGIT):
    """One row per base of each example: the mean effect of windows that cover it."""
    tables = [
        pd.DataFrame(
            {
                "sequence": dataset.name[row],
                "target": dataset.target[column],
                "position": np.arange(int(dataset.length[row])),
                "base": list(dataset.sequence(row)),
                f"mean_delta_{scale}": importance[row, column, : dataset.length[row]],
            }
        )
        for row, column in examples
    ]
    return pd.concat(tables) if tables else pd.DataFrame(columns=["sequence"])


def aligned_table(dataset, per_length, position, flank):
    """Means over sequences, aligned at each anchor of each target.

    They are its positives, or all of a quantitative target.

    Returns
    -------
    pandas.DataFrame
    dict of (str, str) to int
        By target and anchor: bases that the anchor covers.
    """
    tables, widths = [], {}
    for column, target in enumerate(dataset.target):
        for name, anchor in anchors_of(dataset, target, position).items():
            widths[target, name] = int(anchor["width"].max()) if len(anchor) else 0
            for windows in per_length:
                effects = aligned_effects(windows, column, anchor, flank)
                effects.insert(0, "target", target)
                effects.insert(1, "anchor", name)
                tables.append(effects)
    columns = ["target", "anchor", "length", "offset", "n"]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=columns)
    return table, widths


def values_of(dataset, per_length, importances, importance):
    """Arrays of values.h5."""
    arrays = {
        "sequence": dataset.name,
        "target": dataset.target,
        "index": np.asarray(dataset.index),
        "length": [windows.size for windows in per_length],
        "importance": importance,
    }
    for windows, values in zip(per_length, importances, strict=True):
        arrays[f"start_{windows.size}"] = windows.start
        arrays[f"importance_{windows.size}"] = values.astype(np.float32)
        for scale in windows.scales:
            for name in STATISTICS:
                statistic = getattr(windows, name)[scale]
                arrays[f"{scale}_delta_{name}_{windows.size}"] = statistic
    return arrays
