"""A tiny experiment on disk, and jobs of the methods that edit its sequences."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch
import yaml

from proofread.datasets.dataset import (
    TRUTH_COLUMNS,
    Dataset,
    empty_truth,
    write_dataset,
    write_splits,
)
from proofread.dna.encoding import UNKNOWN
from proofread.models.checkpoint import build_model, save_model
from proofread.models.output_scale import set_scale
from proofread.tables import read_table

ROOT = Path(__file__).resolve().parents[1]
MOTIF = "GATTACA"
LENGTH = 40


def position_values(path):
    """Values of a score.tsv by metric, then by variant."""
    return {
        metric: rows.set_index("variant")["value"]
        for metric, rows in read_table(path).groupby("metric")
    }


def tiny_dataset(n=12, targets=1, *, simulated=True, short=True, bases=LENGTH):
    """Positives hold the motif; the last sequence is shorter, one base is unknown."""
    rng = np.random.default_rng(0)
    index = rng.integers(4, size=(n, bases), dtype=np.uint8)
    label = np.zeros((n, targets), dtype=np.float32)
    rows = []
    for row in range(0, n, 2):
        label[row] = 1
        start = 3 + row
        index[row, start : start + 7] = ["ACGT".index(base) for base in MOTIF]
        rows.append((row, "m", start, start + 7, "+", "causal", MOTIF))
    length = np.full(n, bases)
    index[1, 20] = UNKNOWN
    if short:
        length[-1] = 30
        index[-1, 30:] = UNKNOWN
    matrix = np.eye(4)[["ACGT".index(base) for base in MOTIF]]
    names = [f"s{i:02d}" for i in reversed(range(n))]
    return Dataset(
        index,
        length,
        names,
        label,
        [f"target{i}" for i in range(targets)],
        names,
        ["positive" if item else "negative" for item in label[:, 0]],
        truth=pd.DataFrame(rows, columns=list(TRUTH_COLUMNS))
        if simulated
        else empty_truth(),
        motifs={"m": matrix} if simulated else {},
    )


def motif_network(dataset, *, dead=False, motif=MOTIF):
    """A preset whose one filter detects the motif; dead: its output is constant."""
    torch.manual_seed(0)
    settings = {"filters": 1, "filters2": 1, "width": len(motif), "width2": 1}
    length = dataset.index.shape[1]
    model = build_model("eraslan2019", settings, length, dataset.target)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        if not dead:
            for position, base in enumerate(motif):
                model.convolution1.weight[0, "ACGT".index(base), position] = 1
            model.convolution1.bias.fill_(3 - len(motif))
            model.convolution2.weight.fill_(1)
            model.linear.weight[-1] = 2
            model.linear.bias[-1] = -3
    return model.eval(), settings


class Outputs(SimpleNamespace):
    """A rule's outputs, of which a script may ask the names."""

    def keys(self):
        """Names of the outputs that the rule has."""
        return list(vars(self))


def settings_of(name, **changed):
    """Defaults of a method's schema, some of them changed."""
    schema = yaml.safe_load(
        (ROOT / f"workflow/schemas/methods/{name}.schema.yaml").read_text()
    )
    defaults = {key: item["default"] for key, item in schema["properties"].items()}
    assert set(changed) <= set(defaults)
    return SimpleNamespace(**(defaults | {"split": "all", "device": "cpu"} | changed))


def tiny_job(
    folder,
    name,
    outputs,
    dataset,
    *,
    dead=False,
    motif=MOTIF,
    output_scale=None,
    **changed,
):
    """Write dataset, split and model; give the job that a rule would.

    Parameters
    ----------
    outputs : dict of str to str
        Names of the rule's outputs and their files.
    motif : str
        That the network detects.
    output_scale : proofread.models.output_scale.OutputScale or None
        Of a network of quantities.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_dataset(folder / "dataset.h5", dataset)
    rows = np.arange(len(dataset))
    write_splits(
        folder / "splits.h5", {"train": rows, "validation": rows, "test": rows}
    )
    model, settings = motif_network(dataset, dead=dead, motif=motif)
    if output_scale is not None:
        set_scale(model, output_scale)
    save_model(folder / "model.ckpt", model, "eraslan2019", settings)
    return SimpleNamespace(
        input=SimpleNamespace(
            model=folder / "model.ckpt",
            dataset=folder / "dataset.h5",
            splits=folder / "splits.h5",
        ),
        output=Outputs(**{key: folder / "out" / file for key, file in outputs.items()}),
        params=settings_of(name, **changed),
    )
