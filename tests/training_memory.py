"""Training in a process of its own, which says how much memory it took."""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from training_settings import training_defaults

MODEL = {
    "architecture": "eraslan2019",
    "settings": {"filters": 2, "filters2": 2, "width": 8, "width2": 4, "pool": 8},
    "training": {
        **training_defaults(),
        "epochs": 1,
        "monitor": "validation_loss",
        "batch_size": 500,
        "reverse_complement": True,
    },
}


def make(folder, sequences, length):
    """Write a dataset of random bases, half of them positive, and its splits."""
    import numpy as np

    from proofread.datasets.dataset import Dataset, write_dataset, write_splits

    generator = np.random.default_rng(1)
    index = generator.integers(0, 4, (sequences, length), dtype=np.uint8)
    names = [f"sequence{row}" for row in range(sequences)]
    label = (np.arange(sequences) % 2).astype(np.float32)[:, None]
    strata = ["negative", "positive"] * (sequences // 2)
    dataset = Dataset(
        index, np.full(sequences, length), names, label, ["bound"], names, strata
    )
    write_dataset(folder / "dataset.h5", dataset)
    rows = np.arange(sequences)
    part_size = sequences // 20  # to validate with, and as many to test with
    parts = np.split(rows, [part_size, 2 * part_size])
    write_splits(
        folder / "splits.h5",
        dict(zip(("validation", "test", "train"), parts, strict=True)),
    )


def fit(folder):
    """Train as the rule does."""
    import train
    from perturbation_runs import Outputs

    train.main(
        SimpleNamespace(
            input=SimpleNamespace(
                dataset=folder / "dataset.h5",
                splits=folder / "splits.h5",
                choice=[],
                candidates=[],
            ),
            output=Outputs(
                model=folder / "model.ckpt",
                history=folder / "history.tsv",
                figure=folder / "history.svg",
            ),
            params=SimpleNamespace(model=MODEL, library="", device="cpu"),
            wildcards=SimpleNamespace(seed="1"),
            log=[str(folder / "train.log")],
        )
    )


def measure(sequences, length):
    """Peak resident memory of a training, pages of the file included, in MB (10^6)."""
    with tempfile.TemporaryDirectory() as folder:
        for step in ("make", "fit"):
            done = subprocess.run(
                [sys.executable, __file__, step, folder, str(sequences), str(length)],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
        return int(done.stdout.split()[-1]) / 1e6


if __name__ == "__main__":
    step, folder, sequences, length = sys.argv[1:]
    if step == "make":
        make(Path(folder), int(sequences), int(length))
    else:
        fit(Path(folder))
        unit = 1 if sys.platform == "darwin" else 1024  # bytes or kibibytes
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
