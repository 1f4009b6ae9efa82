"""Runs of the method attributions on small data sets and networks."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import attributions as method
from proofread.configuration.schema import check, read_schema
from proofread.datasets.dataset import Dataset, write_dataset, write_splits
from proofread.dna.encoding import encode, one_hot
from proofread.models.checkpoint import build_model, save_model
from test_attribution_tables import instances

ROOT = Path(__file__).resolve().parents[1]
LENGTH, WORD = 40, "GATTACA"
SIZES = {"filters": 4, "filters2": 3, "width": 7, "width2": 3, "dropout": 0.0}
# Of a negative control, and of any other network.
NEEDED = {"table": "table.tsv", "score": "score.tsv", "values": "values.h5"}
SUMMARIES = {
    "logos": "logos.svg",
    "heat_map_figure": "heat_map.svg",
    "heat_map": "heat_map.tsv",
    "profile_figure": "profile.svg",
    "profile": "profile.tsv",
    "completeness": "completeness.svg",
    "components_figure": "components.svg",
    "components": "components.tsv",
    "checks": "checks.tsv",
    "intervals": "intervals.tsv",
    "layer": "layer.tsv",
}


class Files(SimpleNamespace):
    """Output files by name, as Snakemake has them."""

    def keys(self):
        return vars(self).keys()


def planted_dataset(n=24):
    """Half of the sequences hold a k-mer, at random places; it makes them positive."""
    rng = np.random.default_rng(0)
    index = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
    rows = []
    for row in range(0, n, 2):
        start = int(rng.integers(0, LENGTH - len(WORD)))
        index[row, start : start + len(WORD)] = encode(WORD)
        position = (start, start + len(WORD))
        rows.append((row, "M", *position, "+", "causal", WORD))
    label = (np.arange(n) % 2 == 0).astype(np.float32)[:, None]
    matrix = np.full((len(WORD), 4), 0.01)
    matrix[np.arange(len(WORD)), encode(WORD)] = 0.97
    return Dataset(
        index=index,
        length=np.full(n, LENGTH),
        name=[f"s{row}" for row in range(n)],
        label=label,
        target=["bound"],
        group=[f"s{row}" for row in range(n)],
        stratum=["positive" if item else "negative" for item in label[:, 0]],
        truth=instances(*rows),
        motifs={"M": matrix},
    )


def user_dataset(n=12):
    """A user's: three classes, lengths that differ, unknown bases, no truth."""
    rng = np.random.default_rng(1)
    index = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
    length = rng.integers(LENGTH - 10, LENGTH + 1, n)
    length[0] = LENGTH
    for row in range(n):
        index[row, length[row] :] = 4
    index[1, 3:6] = 4
    label = np.eye(3, dtype=np.float32)[np.arange(n) % 3]
    return Dataset(
        index=index,
        length=length,
        name=[f"chr1:{row}" for row in range(n)],
        label=label,
        target=["left", "middle", "right"],
        group=["g"] * n,
        stratum=["positive"] * n,
    )


def kmer_network():
    """Counts the k-mer: a filter of its own, well above the others."""
    torch.manual_seed(0)
    network = build_model("eraslan2019", SIZES, LENGTH, ["bound"])
    filters = network.convolution1.weight.data
    filters *= 0.1
    filters[0] = torch.from_numpy(one_hot(encode(WORD)[None])[0]) - 0.25
    network.convolution1.bias.data[0] = -3.0
    network.convolution2.weight.data[:, 0] = 1.0
    linear = network.linear.weight.data
    linear[0], linear[1] = -linear[0].abs(), linear[1].abs()
    return network


def exclusive_network():
    torch.manual_seed(1)
    targets = ["left", "middle", "right"]
    return build_model("eraslan2019", SIZES, LENGTH, targets, exclusive=True)


def constant_network():
    network = build_model("eraslan2019", SIZES, LENGTH, ["bound"])
    for weight in network.parameters():
        weight.data.zero_()
    return network


def job_of(folder, dataset, network, *, control=False, **settings):
    """A job of Snakemake's, with files written."""
    folder.mkdir(parents=True, exist_ok=True)
    write_dataset(folder / "dataset.h5", dataset)
    rows = np.arange(len(dataset))
    write_splits(
        folder / "splits.h5",
        {"train": rows[:0], "validation": rows[:0], "test": rows},
    )
    save_model(folder / "model.ckpt", network, "eraslan2019", SIZES)
    file = ROOT / "workflow/schemas/methods/attributions.schema.yaml"
    params = check(settings, read_schema(file), "config.yaml")
    inputs = {"dataset": "dataset.h5", "splits": "splits.h5", "model": "model.ckpt"}
    names = NEEDED if control else NEEDED | SUMMARIES
    output = {key: str(folder / "out" / name) for key, name in names.items()}
    if not control:
        for name in ("one_hot", "hypothetical"):
            output[name] = [
                str(folder / "out" / f"{name}_{kind}.npz") for kind in params["export"]
            ]
    return SimpleNamespace(
        input=SimpleNamespace(
            **{key: str(folder / name) for key, name in inputs.items()},
            intervals=params["intervals"] or [],
        ),
        output=Files(**output),
        params=SimpleNamespace(device="cpu", **params),
        log=[str(folder / "log.txt")],
    )


def run(folder, dataset, network, *, figures=False, control=False, **settings):
    """Run the script's main; drawings are not written out where nobody looks."""
    quick = {"baselines": 4, "resamples": 20, "components": 3} | settings
    quick["integrated_gradients"] = {"steps": 20, "baselines": 3} | settings.get(
        "integrated_gradients", {}
    )
    quick["smoothgrad"] = {"replicates": 5}
    job = job_of(folder, dataset, network, control=control, **quick)
    with pytest.MonkeyPatch.context() as patch:
        # A script's logging and seeds are for a process of its own.
        patch.setattr(method, "start", lambda job: None)
        if not figures:
            patch.setattr("proofread.figures.style.save_figure", lambda *_: None)
        method.main(job)
    return job


def run_one(folder, dataset, network, *, kind="integrated_gradients", **settings):
    """Run one kind alone."""
    return run(folder, dataset, network, kinds=[kind], **settings)


def written(job):
    """Bytes of every file that a job made."""
    return {
        name: [Path(item).read_bytes() for item in path]
        if isinstance(path, list)
        else Path(path).read_bytes()
        for name, path in vars(job.output).items()
    }
