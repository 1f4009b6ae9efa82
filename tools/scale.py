"""Measure how time and memory grow with sequences, contigs, filters and targets.

    python tools/scale.py KIND SIZE [SIZE ...]

KIND is sequences (number, of 200 bp), contigs (Mb, with 100,000 windows), windows
(number, on a contig of 10 Mb), filters (of the first convolution) or targets (number).
The rules run one after another, as on one core. A line of docs/scale.md's table is
printed for each rule and size: CPU seconds and the peak memory of the largest process,
in GB. Snakemake's own start is in both; the line `none` is of it alone.
tools/scale_dry_run.py measures the plan of a large run.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from check_streaming import run

MOTIFS = ["STAT_known2", "CTCF_known1"]
NETWORK = "network/seed1"
# Results of each rule that the kinds have in common, in the order of the rules.
DATA = {
    "simulate": "dataset.h5",
    "split": "splits.h5",
    "preview": "preview/table.tsv",
    "baselines": "baselines/predictions.tsv",
    "train": f"{NETWORK}/model.ckpt",
    "evaluate": f"{NETWORK}/metrics.tsv",
}
MEGABASE = 1_000_000
WINDOWS = 100_000  # of each contig
CONTIG = 10  # Mb; that of each number of windows


def of_methods(*names):
    """The table of each method, by its name."""
    return {name: f"{NETWORK}/{name}/table.tsv" for name in names}


def of_sequences(folder, size):
    """Configuration and files of so many sequences of 200 bp."""
    shards = max(1, size // 125_000)
    made = {"simulate_shard": [f"shards/{number}.h5" for number in range(shards)]}
    names = [
        *("filter_pfms", "tomtom", "filter_nullification", "attributions"),
        *("saturation_mutagenesis", "kmer_perturbation", "motif_tests"),
    ]
    configuration = {"datasets": {"large": dataset(size, shards)}, "analyses": names}
    return configuration, (made if shards > 1 else {}) | DATA | of_methods(*names)


def of_contigs(folder, size):
    """Configuration and files of one contig of so many Mb."""
    return scan(folder, size, size * MEGABASE // WINDOWS)


def of_windows(folder, size):
    """Configuration and files of a contig with so many windows."""
    return scan(folder, CONTIG, CONTIG * MEGABASE // size)


def scan(folder, size, stride):
    """Configuration and files of the scan of a contig of `size` Mb."""
    rng = np.random.default_rng(1)
    with (folder / "contig.fa").open("wb") as file:
        file.write(b">contig\n")
        for _ in range(size):
            bases = np.frombuffer(b"ACGT", np.uint8)[rng.integers(0, 4, MEGABASE)]
            file.write(bases.tobytes() + b"\n")
    settings = {
        "genome": "contig.fa",
        "stride": stride,
        "strands": "forward",
    }
    files = {
        "long_sequence_scan_chunk": f"{NETWORK}/long_sequence_scan/chunks/0.h5",
        **of_methods("long_sequence_scan"),
    }
    made = {rule: DATA[rule] for rule in ("simulate", "split", "train")}
    return {
        "analyses": ["long_sequence_scan"],
        "methods": {"long_sequence_scan": settings},
    }, made | files


def of_filters(folder, size):
    """Configuration and files of a network with so many filters."""
    names = ["filter_pfms", "tomtom", "filter_nullification", "motif_tests"]
    network = {"architecture": "eraslan2019", "settings": {"filters": size}}
    made = {rule: DATA[rule] for rule in ("simulate", "split", "train")}
    return {"analyses": names, "models": {"network": network}}, made | of_methods(
        *names
    )


def of_targets(folder, size):
    """Configuration and files of a table with so many targets, of random labels."""
    rng = np.random.default_rng(1)
    labels = [f"target{number}" for number in range(size)]
    bases = np.frombuffer(b"ACGT", np.uint8)[rng.integers(0, 4, (10_000, 200))]
    table = pd.DataFrame(rng.integers(0, 2, (10_000, size)), columns=labels)
    table.insert(0, "sequence", [row.tobytes().decode() for row in bases])
    table.to_csv(folder / "table.tsv", sep="\t", index=False)
    several = {
        "source": "table",
        "table": {"path": "table.tsv"},
        "sequences": {"column": "sequence"},
        "targets": labels,
    }
    names = ["filter_pfms", "tomtom", "filter_nullification", "attributions"]
    made = {("read" if rule == "simulate" else rule): DATA[rule] for rule in DATA}
    files = made | of_methods(*names) | {"report": "../report.html"}
    return {"datasets": {"large": several}, "analyses": names}, files


def dataset(sequences=10_000, shards=1):
    """A simulated dataset: positive with the first motif, negative with the other."""
    return {
        "source": "simulate",
        "rule": "presence",
        "motifs": MOTIFS,
        "positive_motifs": MOTIFS[:1],
        "sequences": sequences,
        "length": 200,
        "shards": shards,
    }


KINDS = {
    "sequences": of_sequences,
    "contigs": of_contigs,
    "windows": of_windows,
    "filters": of_filters,
    "targets": of_targets,
}


def prepare(folder, kind, size):
    """Write the configuration; return the files of each rule."""
    own, files = KINDS[kind](folder, size)
    network = {"architecture": "eraslan2019", "settings": {}}
    configuration = {
        "experiments": "large.tsv",
        "negative_controls": [],
        "datasets": {"large": dataset()},
        "models": {"network": network},
        "databases": {"jaspar": {"release": "JASPAR2026", "taxon": "vertebrates"}},
        "methods": {"tomtom": {"databases": ["jaspar"]}},
    }
    for key, value in own.items():
        merge = key == "methods"
        configuration[key] = configuration[key] | value if merge else value
    for model in configuration["models"].values():
        model["training"] = {"epochs": 1}
    (folder / "large.tsv").write_text("dataset\tmodel\tseed\nlarge\tnetwork\t1\n")
    (folder / "large.yaml").write_text(yaml.safe_dump(configuration))
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text("{}\n")
    return {
        rule: [file] if isinstance(file, str) else file for rule, file in files.items()
    }


def measure(kind, size):
    """Run the rules of a size one after another, each on one core.

    Yields
    ------
    rule : str
        `none`, the last, is Snakemake's own start.
    seconds : float
        CPU time.
    gigabytes : float
        Peak resident memory of the largest process, GB (10^9 bytes).
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        files = prepare(folder, kind, size)
        # The last: no rule runs, so that Snakemake's own start is measured.
        first = next(iter(files.values()))
        for rule, made in [*files.items(), ("none", first)]:
            peak, seconds = run(folder, made)
            yield rule, seconds, peak


def main():
    """Print the lines of each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("sizes", type=int, nargs="+")
    given = parser.parse_args()
    for size in given.sizes:
        for rule, seconds, gigabytes in measure(given.kind, size):
            print(
                f"| {size:,} {given.kind} | {rule} | {seconds:.0f} | {gigabytes:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
