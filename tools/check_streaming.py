"""Measure the memory of a million sequences of 600 bp, from simulation to evaluation.

    python tools/check_streaming.py [--sequences N] [--length BP] [--shards N]
                                    [--limit GB] [--folder FOLDER]

The rules of the workflow make a simulated dataset in shards, train a network and
evaluate it, one job at a time. For each rule the CPU time and the peak memory of its
largest job are printed (resident memory including pages of mapped files; Snakemake's
own process is in both) and compared with the limit. The network is small, because
memory is the question. It takes about 5 GB of disk and, on an idle core, a quarter of
an hour; --folder keeps the files.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

MODEL = {
    "architecture": "eraslan2019",
    "settings": {"filters": 2, "filters2": 2, "width": 8, "width2": 4, "pool": 8},
    "training": {
        "epochs": 1,
        "patience": 1,
        "monitor": "validation_loss",
        "batch_size": 500,
        "reverse_complement": True,
    },
}


def prepare(folder, sequences, length, shards):
    """Write the configuration into a folder in which the workflow can run."""
    import yaml

    shutil.copytree(ROOT / "config", folder / "config", dirs_exist_ok=True)
    (folder / "large.tsv").write_text("dataset\tmodel\tseed\nlarge\tsmall\t1\n")
    dataset = {
        "source": "simulate",
        "rule": "presence",
        "motifs": ["STAT_known2", "CTCF_known1"],
        "positive_motifs": ["STAT_known2"],
        "sequences": sequences,
        "length": length,
        "shards": shards,
    }
    configuration = {
        "experiments": "large.tsv",
        "analyses": [],
        "negative_controls": [],
        "datasets": {"large": dataset},
        "models": {"small": MODEL},
        "evaluation": {"resamples": 10},
    }
    (folder / "large.yaml").write_text(yaml.safe_dump(configuration))


def targets(shards):
    """Files of each rule, in the order in which the rules run."""
    network = "small/seed1"
    return {
        "simulate_shard": [f"shards/{shard}.h5" for shard in range(shards)],
        "simulate": ["dataset.h5"],
        "split": ["splits.h5"],
        "preview": ["preview/table.tsv"],
        "baselines": ["baselines/predictions.tsv"],
        "train": [f"{network}/model.ckpt"],
        "evaluate": [f"{network}/metrics.tsv"],
    }


def run(folder, files):
    """Run the rule that makes these files of the dataset.

    Returns
    -------
    peak : float
        Memory of the largest process, GB (10^9 bytes).
    seconds : float
        CPU time of all.
    """
    command = [
        *(sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"),
        *("--directory", folder, "--cores", "1", "--quiet", "all"),
        *("--configfile", folder / "large.yaml", "--"),
        *(f"results/large/{file}" for file in files),
    ]
    log = folder / "snakemake.log"
    with log.open("ab") as file:
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            command, cwd=folder, stdout=file, stderr=file, env=environment
        )
        # Of the process and of all its children.
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(files)}: failed\n{log.read_text()}")
    unit = 1 if sys.platform == "darwin" else 1024  # bytes or kibibytes
    return used.ru_maxrss * unit / 1e9, used.ru_utime + used.ru_stime


def main():
    """Run the rules, print a line for each, compare with the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sequences", type=int, default=1_000_000)
    parser.add_argument("--length", type=int, default=600)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--limit", type=float, default=2.0, help="GB")
    parser.add_argument("--folder", type=Path, help="folder in which files are kept")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = given.folder
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        prepare(folder.resolve(), given.sequences, given.length, given.shards)
        print(f"{given.sequences} x {given.length} bp, {given.shards} shards")
        exceeded = False
        for rule, files in targets(given.shards).items():
            peak, seconds = run(folder.resolve(), files)
            verdict = "" if peak <= given.limit else f"  more than {given.limit} GB"
            exceeded |= peak > given.limit
            print(
                f"{rule:15s} {peak:5.2f} GB {seconds:7.0f} CPU s{verdict}", flush=True
            )
    return 1 if exceeded else 0


if __name__ == "__main__":
    sys.exit(main())
