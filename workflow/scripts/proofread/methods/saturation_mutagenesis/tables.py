"""Tables of saturation mutagenesis."""

import numpy as np
import pandas as pd

from proofread.datasets.groups import label_column
from proofread.dna.encoding import BASES
from proofread.methods.saturation_mutagenesis.substitutions import (
    loss_and_gain,
    over_targets,
)
from proofread.statistics.units import LOGIT


def summary_table(dataset, intact, delta, mutated, scale, unit=LOGIT):
    """One row per sequence and target: its prediction and strongest substitutions.

    Parameters
    ----------
    dataset, intact, delta
        As for `arrays`.
    mutated : numpy.ndarray, shape (n, length), bool
        Positions that were mutated.
    scale : str
        The column of the prediction, from `proofread.statistics.units.output_column`.
    unit : str
        In what the network's outputs are; that of quantities is a column.
    """
    loss, gain = loss_and_gain(delta)
    number = mutated.sum(axis=1)
    mean = np.abs(delta).sum(axis=(2, 3)) / np.maximum(3 * number, 1)[:, None]
    tables = []
    for column, target in enumerate(dataset.target):
        table = pd.DataFrame(
            {
                "sequence": dataset.name,
                "target": target,
                label_column(dataset): np.asarray(dataset.label)[:, column],
                scale: intact[:, column],
                **({} if unit == LOGIT else {"unit": unit}),
                "positions": number,
                "mean_absolute_change": mean[:, column],
            }
        )
        for name, values, strongest in (
            ("loss", loss[:, column], delta[:, column].argmin(axis=1)),
            ("gain", gain[:, column], delta[:, column].argmax(axis=1)),
        ):
            position = values.argmax(axis=1)
            rows = np.arange(len(values))
            maximum = values[rows, position]
            old = np.array(list(BASES + "N"))[dataset.index[rows, position]]
            new = np.array(list(BASES))[strongest[rows, position]]
            table[f"max_{name}"] = maximum
            table[f"{name}_position"] = pd.array(position, dtype="Int64")
            table[f"{name}_mutation"] = np.char.add(np.char.add(old, ">"), new)
            columns = [f"{name}_position", f"{name}_mutation"]
            table.loc[maximum == 0, columns] = pd.NA
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def arrays(dataset, rows, intact, delta, scale, *, whole):
    """The arrays that are kept.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        The mutated sequences, with the targets of `delta` alone.
    rows : numpy.ndarray, shape (n,), int
        Of each sequence in the dataset file.
    intact : numpy.ndarray, shape (n, targets)
    delta : numpy.ndarray, shape (n, targets, 4, length)
    scale : str
        `logit` or `probability`; of quantities `output`.
    whole : bool
        False: what motif discovery reads, which is the first target's `delta`.

    Returns
    -------
    dict of str to array
    """
    if not whole:
        target, delta = dataset.target[:1], delta[:, :1]
        return {"row": rows, "target": target, "delta": delta}
    return {
        "sequence": dataset.name,
        "row": rows,
        "target": dataset.target,
        "index": np.asarray(dataset.index),
        scale: intact,
        "delta": delta,
        **{f"delta_{name}": sums for name, sums in over_targets(delta).items()},
    }


def position_table(dataset, delta, mutated, max_rows):
    """One row per mutated position of each sequence and target, as Basset's table.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        n sequences.
    delta : numpy.ndarray, shape (n, targets, 4, length)
        Change of the prediction by each substitution.
    mutated : numpy.ndarray, shape (n, length), bool
        Positions that were mutated.
    max_rows : int
        Sequences beyond this number of rows are left out whole.
    """
    shown = np.cumsum(mutated.sum(axis=1) * len(dataset.target)) <= max_rows
    row, position = np.nonzero(mutated & shown[:, None])
    loss, gain = loss_and_gain(delta)
    names = np.array(dataset.name, dtype=object)
    tables = [
        pd.DataFrame(
            {
                "sequence": names[row],
                "target": target,
                "position": position,
                "base": np.array(list(BASES))[dataset.index[row, position]],
                "loss": loss[row, column, position],
                "gain": gain[row, column, position],
                **{
                    f"delta_{base}": delta[row, column, code, position]
                    for code, base in enumerate(BASES)
                },
            }
        )
        for column, target in enumerate(dataset.target)
    ]
    # By sequence, then target, then position.
    order = np.argsort(np.tile(row, len(tables)), kind="stable")
    return pd.concat(tables).iloc[order].reset_index(drop=True)
