"""A dataset as people read it: a table of sequences and the truth as JSON."""

import json

import pandas as pd

from proofread.job import atomic
from proofread.tables import write_table


def write_sequences(path, dataset):
    """Write one row per sequence: name, sequence, labels, group, stratum.

    Each target has a column `label_<target>`; a sequence stands without padding.
    """
    labels = {
        f"label_{target}": dataset.label[:, column]
        for column, target in enumerate(dataset.target)
    }
    table = {
        "name": dataset.name,
        "sequence": [dataset.sequence(row) for row in range(len(dataset))],
        **labels,
        "group": dataset.group,
        "stratum": dataset.stratum,
    }
    write_table(path, pd.DataFrame(table))


def write_truth(path, dataset):
    """Write the planted instances of each sequence, by name; one line each.

    Starts and ends are 0-based and half-open on the forward strand. `sequences` is
    empty for a user's own sequences, whose truth is unknown.
    """
    rows = dataset.truth.drop(columns="sequence").to_dict("records")
    planted = {name: [] for name in dataset.name} if dataset.simulated else {}
    for row, instance in zip(dataset.truth["sequence"], rows, strict=True):
        planted[dataset.name[row]].append(instance)
    lines = [
        f"{json.dumps(name)}: {json.dumps(rows)}" for name, rows in planted.items()
    ]
    motifs = {name: matrix.tolist() for name, matrix in dataset.motifs.items()}
    with atomic(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(
            "{\n"
            f'"settings": {json.dumps(dataset.settings, sort_keys=True)},\n'
            f'"motifs": {json.dumps(motifs)},\n'
            '"sequences": {\n' + ",\n".join(lines) + "\n}\n}\n"
        )
