"""A dataset as text: a table of sequences, and the truth as JSON."""

import json
from itertools import islice

import numpy as np
import pandas as pd

from proofread.atomic import atomic
from proofread.datasets.on_disk import blocks
from proofread.dna.encoding import decode
from proofread.tables import write_parts


def write_sequences(path, dataset):
    """Write one row per sequence: name, sequence, labels, group, stratum.

    Each target has a column `label_<target>` and, where the expected label is known,
    `noiseless_<target>`; sequences have no padding.
    """
    write_parts(path, _tables(dataset))


def _tables(dataset):
    """The table, some rows at a time."""
    for first, block in blocks(dataset.index):
        rows = slice(first, first + len(block))
        lengths = dataset.length[rows].tolist()
        labels = {
            f"{kind}_{target}": values[rows, column]
            for kind, values in (
                ("label", dataset.label),
                ("noiseless", dataset.noiseless),
            )
            if values is not None
            for column, target in enumerate(dataset.target)
        }
        yield pd.DataFrame(
            {
                "name": dataset.name[rows],
                "sequence": [
                    decode(bases[:length])
                    for bases, length in zip(block, lengths, strict=True)
                ],
                **labels,
                "group": dataset.group[rows],
                "stratum": dataset.stratum[rows],
            }
        )


def write_truth(path, dataset):
    """Write the truth of each sequence, by name; one line each.

    Starts and ends are 0-based and half-open on the forward strand. `sequences` is
    empty for a user's own sequences without known sites.
    """
    columns = [column for column in dataset.truth if column != "sequence"]
    rows = dataset.truth[columns].itertuples(index=False, name=None)
    # The truth is sorted by sequence, so each sequence takes the next rows.
    counts = np.bincount(dataset.truth["sequence"], minlength=len(dataset))
    planted = (
        (name, [dict(zip(columns, row, strict=True)) for row in islice(rows, count)])
        for name, count in zip(dataset.name, counts.tolist(), strict=True)
    )
    motifs = {name: matrix.tolist() for name, matrix in dataset.motifs.items()}
    with atomic(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(
            f'{{\n"settings": {json.dumps(dataset.settings, sort_keys=True)},\n'
            f'"motifs": {json.dumps(motifs)},\n'
            '"sequences": {'
        )
        separator = "\n"
        for name, instances in planted if dataset.has_truth else ():
            file.write(f"{separator}{json.dumps(name)}: {json.dumps(instances)}")
            separator = ",\n"
        file.write("\n}\n}\n")
