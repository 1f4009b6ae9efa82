"""Train on a million sequences of 600 bp and say how much memory it took.

    python tools/check_streaming.py [--sequences N] [--length BP] [--limit GB]

The dataset is drawn in one process and trained on in another, by the script of the rule
`train`, whose peak memory (resident, pages of the file included) is printed and
compared with the limit. The network is small on purpose: memory is the question.
Takes about 0.7 GB of disk and some minutes.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

MODEL = {
    "architecture": "eraslan2019",
    "settings": {"filters": 2, "filters2": 2, "width": 8, "width2": 4, "pool": 8},
    "training": {
        "epochs": 1,
        "patience": 1,
        "monitor": "validation_loss",
        "batch_size": 500,
        "learning_rate": 0.001,
        "weight_decay": 0,
        "sampler": "shuffled",
        "reverse_complement": True,
        "fast": True,
    },
}


def make(folder, sequences, length):
    """Write a dataset of random bases, half of them positive, and its splits."""
    import numpy as np

    from proofread.dataset import Dataset, write_dataset, write_splits

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
    held = sequences // 20  # to validate with, and as many to test with
    parts = np.split(rows, [held, 2 * held])
    write_splits(
        folder / "splits.h5",
        dict(zip(("validation", "test", "train"), parts, strict=True)),
    )


def fit(folder):
    """Train as the rule does."""
    import train

    train.main(
        SimpleNamespace(
            input=SimpleNamespace(
                dataset=folder / "dataset.h5", splits=folder / "splits.h5"
            ),
            output=SimpleNamespace(
                model=folder / "model.ckpt",
                history=folder / "history.tsv",
                figure=folder / "history.svg",
            ),
            params=SimpleNamespace(model=MODEL, library=""),
            wildcards=SimpleNamespace(seed="1"),
            log=[str(folder / "train.log")],
        )
    )


def measure(sequences, length):
    """Peak memory and time of a training.

    Returns
    -------
    tuple of float
        Peak resident memory, GB (10^9 bytes), and seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        size = [str(sequences), str(length)]
        _run("make", folder, *size)
        start = time.monotonic()
        peak = int(_run("fit", folder, *size).split()[-1])
        return peak / 1e9, time.monotonic() - start


def _run(step, folder, sequences, length):
    done = subprocess.run(
        [
            *(sys.executable, __file__, "--step", step, "--folder", folder),
            *("--sequences", sequences, "--length", length),
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def main():
    """Measure, or be one of the two processes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sequences", type=int, default=1_000_000)
    parser.add_argument("--length", type=int, default=600)
    parser.add_argument("--limit", type=float, default=2.0, help="GB")
    parser.add_argument("--step", choices=["make", "fit"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step == "make":
        make(given.folder, given.sequences, given.length)
        return 0
    if given.step == "fit":
        fit(given.folder)
        unit = 1 if sys.platform == "darwin" else 1024  # bytes or kibibytes
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
        return 0
    peak, seconds = measure(given.sequences, given.length)
    print(
        f"{given.sequences} x {given.length} bp: peak {peak:.2f} GB in {seconds:.0f} s "
        f"(limit {given.limit} GB)"
    )
    return 0 if peak <= given.limit else 1


if __name__ == "__main__":
    sys.exit(main())
