"""Tables of k-mer perturbation."""

import numpy as np
import pandas as pd

from proofread.dna.encoding import decode
from proofread.methods.kmer_perturbation.windows import (
    SCALES,
    aligned_effects,
    anchors_of,
)

_STATISTICS = ("mean", "sd", "low", "high", "least")


# --- Tables ---------------------------------------------------------------------------


def summary_table(dataset, many):
    """One row per sequence, target and length: the window that changes most."""
    tables = []
    rows = np.arange(len(dataset))
    for column, target in enumerate(dataset.target):
        for windows in many:
            mean = windows.mean["logit"][:, column]
            exchanged = (~np.isnan(mean)).sum(axis=1)
            table = pd.DataFrame(
                {
                    "sequence": dataset.name,
                    "target": target,
                    "label": np.asarray(dataset.label)[:, column],
                    **{scale: windows.intact[scale][:, column] for scale in SCALES},
                    "length": windows.size,
                    "windows": exchanged,
                    "draws": windows.draws,
                    "mean_delta_logit": _mean(mean),
                    "mean_delta_probability": _mean(
                        windows.mean["probability"][:, column]
                    ),
                }
            )
            found = exchanged > 0
            place = np.zeros(len(dataset), dtype=np.int64)
            if len(windows.start):
                place = np.where(np.isnan(mean), -1, np.abs(mean)).argmax(axis=1)
                strongest = windows.start[place]
                table["strongest_start"] = pd.array(strongest, dtype="Int64")
                table["strongest_end"] = table["strongest_start"] + windows.size
                for scale in SCALES:
                    for name in _STATISTICS:
                        values = getattr(windows, name)[scale][rows, column, place]
                        table[f"strongest_{scale}_{name}"] = values
                table.loc[~found, ["strongest_start", "strongest_end"]] = pd.NA
            tables.append(table)
    table = pd.concat(tables)
    order = np.argsort(np.tile(rows, len(tables)), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _mean(values):
    """Means of rows without their NaN; NaN where there is nothing else."""
    count = (~np.isnan(values)).sum(axis=1)
    total = np.nansum(values, axis=1, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def window_table(dataset, chosen, many):
    """One row per window of each example, with all statistics."""
    tables = []
    for row, column in chosen:
        for windows in many:
            table = {
                "sequence": dataset.name[row],
                "target": dataset.target[column],
                "length": windows.size,
                "position": windows.start,
                "plot_position": windows.centre,
            }
            for scale in SCALES:
                table[scale] = windows.intact[scale][row, column]
                for name in _STATISTICS:
                    values = getattr(windows, name)[scale][row, column]
                    table[f"{scale}_delta_{name}"] = values
            tables.append(pd.DataFrame(table))
    table = pd.concat(tables) if tables else pd.DataFrame(columns=["sequence"])
    if len(table):
        table = table[table["logit_delta_mean"].notna()]
    return table


def variant_table(dataset, chosen, many, kept):
    """One row per variant of each example, as Genomic-ULMFiT's frame has them."""
    tables = []
    for row, column in chosen:
        for windows, variants in zip(many, kept, strict=True):
            part = variants[variants["row"] == row]
            tables.append(
                pd.DataFrame(
                    {
                        "sequence": dataset.name[row],
                        "target": dataset.target[column],
                        "label": float(dataset.label[row, column]),
                        "length": windows.size,
                        "position": part["start"].to_numpy(),
                        "plot_position": part["start"].to_numpy() + windows.size / 2,
                        "insert": [decode(word) for word in part["word"]],
                        **{
                            scale: part[f"{scale}_{column}"].to_numpy()
                            for scale in SCALES
                        },
                    }
                )
            )
    return pd.concat(tables) if tables else pd.DataFrame(columns=["sequence"])


def base_table(dataset, chosen, importance):
    """One row per base of each example: the mean effect of windows that cover it."""
    tables = [
        pd.DataFrame(
            {
                "sequence": dataset.name[row],
                "target": dataset.target[column],
                "position": np.arange(int(dataset.length[row])),
                "base": list(dataset.sequence(row)),
                "mean_delta_logit": importance[row, column, : dataset.length[row]],
            }
        )
        for row, column in chosen
    ]
    return pd.concat(tables) if tables else pd.DataFrame(columns=["sequence"])


def aligned_table(dataset, many, position, flank):
    """Means over the positives of each target, aligned on each of its anchors.

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
            for windows in many:
                effects = aligned_effects(windows, column, anchor, flank)
                effects.insert(0, "target", target)
                effects.insert(1, "anchor", name)
                tables.append(effects)
    columns = ["target", "anchor", "length", "offset", "n"]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=columns)
    return table, widths


def values_of(dataset, many, importances, importance):
    """Arrays of values.h5."""
    arrays = {
        "sequence": dataset.name,
        "target": dataset.target,
        "index": np.asarray(dataset.index),
        "length": [windows.size for windows in many],
        "importance": importance,
    }
    for windows, each in zip(many, importances, strict=True):
        arrays[f"start_{windows.size}"] = windows.start
        arrays[f"importance_{windows.size}"] = each.astype(np.float32)
        for scale in SCALES:
            for name in _STATISTICS:
                values = getattr(windows, name)[scale]
                arrays[f"{scale}_delta_{name}_{windows.size}"] = values
    return arrays
