"""Large arrays a part at a time: the same answers, with little in memory."""

import hashlib
import json
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import baselines
import preview
import simulate as simulate_script
import split
from proofread.configuration.schema import check, read_schema
from proofread.datasets import baselines as datasets_baselines
from proofread.datasets import on_disk
from proofread.datasets.dataset import (
    SPLITS,
    TRUTH_COLUMNS,
    Dataset,
    read_dataset,
    read_splits,
    write_dataset,
    write_splits,
)
from proofread.datasets.export import write_sequences, write_truth
from proofread.datasets.on_disk import Rows, Stacked, blocks, in_memory
from proofread.datasets.preview import motifs as preview_motifs
from proofread.datasets.similarity import find_similar
from proofread.datasets.simulation.bases import later_copies
from proofread.datasets.simulation.generate import gather, simulate, simulate_shard
from proofread.datasets.splitting.leakage import LEAKAGE_COLUMNS
from proofread.dna.encoding import decode
from proofread.progress import log
from proofread.tables import write_table

SCHEMA = read_schema(
    Path(split.__file__).parents[1] / "schemas/datasets/simulate.schema.yaml"
)
MOTIFS = ["STAT_known2", "CTCF_known1"]


def settings(**changes):
    chosen = {"source": "simulate", "rule": "order", "motifs": MOTIFS}
    return check(chosen | changes, SCHEMA, "config.yaml", "datasets.test")


def mapped(path, values):
    """The array as a memory map of a file, behind a header of 16 bytes."""
    path.write_bytes(bytes(16) + np.ascontiguousarray(values).tobytes())
    return np.memmap(path, values.dtype, mode="r", offset=16, shape=values.shape)


VALUES = np.arange(70, dtype=np.uint8).reshape(10, 7)


# -- arrays -------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 20, 21, 1000])
@pytest.mark.parametrize("kind", ["memory", "file", "rows", "rows of a file", "stack"])
def test_blocks_are_all_rows_in_order(tmp_path, kind, size):
    file = mapped(tmp_path / "a", VALUES)
    rows = np.array([3, 1, 9, 0])
    array, expected = {
        "memory": (VALUES, VALUES),
        "file": (file, VALUES),
        "rows": (Rows(VALUES, rows), VALUES[rows]),
        "rows of a file": (Rows(file, rows), VALUES[rows]),
        "stack": (Stacked([file, VALUES[:2]]), np.vstack([VALUES, VALUES[:2]])),
    }[kind]
    parts = list(blocks(array, size))
    assert np.array_equal(np.vstack([block for _, block in parts]), expected)
    for first, block in parts:
        assert np.array_equal(block, expected[first : first + len(block)])
        # Whole rows of 7 bytes, one at least.
        assert len(block) <= max(1, size // 7)
    # Pages that were given back are read again.
    assert np.array_equal(np.asarray(array), expected)
    assert np.array_equal(in_memory(array), expected)
    assert type(in_memory(array)) is np.ndarray


def test_a_stack_is_indexed_like_its_arrays_put_together(tmp_path):
    stack = Stacked([VALUES[:3], mapped(tmp_path / "a", VALUES[3:4]), VALUES[4:]])
    assert stack.shape == VALUES.shape and len(stack) == 10
    mask = np.arange(10) % 3 == 0
    for key in (
        *(0, 3, -1, slice(None), slice(2, 8, 2), slice(5, 5)),
        *([9, 3, 3, 0], np.array([-10, 4]), mask, np.array([], dtype=int)),
        *((4, slice(2, 5)), (slice(1, 6), slice(None, 3))),
    ):
        assert np.array_equal(stack[key], VALUES[key]), key
        assert stack[key].dtype == VALUES.dtype
    stack[:][0, 0] = 99  # a copy
    assert stack[0, 0] == 0


@pytest.mark.parametrize("size", [40, 10**6])
def test_copies_are_found_across_arrays_and_blocks(tmp_path, monkeypatch, size):
    monkeypatch.setattr(on_disk, "BLOCK", size)
    index = np.random.default_rng(1).integers(0, 4, (30, 40)).astype(np.uint8)
    index[[17, 25]], index[29] = index[2], index[11]
    # Alike in the first 32 bases only: no copy.
    index[9, :32] = index[2, :32]
    stack = Stacked([index[:10], mapped(tmp_path / "a", index[10:])])
    assert later_copies(index).tolist() == [17, 25, 29]
    assert later_copies(stack).tolist() == [17, 25, 29]


# -- files --------------------------------------------------------------------------


def write_at_once(path, dataset):
    """The dataset file as its description says, every array written in one go."""
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        file["index"] = np.asarray(dataset.index)
        file["length"] = np.asarray(dataset.length, dtype=np.int64)
        file["label"] = dataset.label.astype(np.float32)
        for key in ("name", "target", "group", "stratum"):
            values = np.array(getattr(dataset, key), dtype=object)
            file.create_dataset(key, data=values, dtype=text)
        truth = file.create_group("truth")
        for column, kind in TRUTH_COLUMNS.items():
            values = dataset.truth[column].to_numpy(dtype=kind)
            kind = text if kind is object else kind
            truth.create_dataset(column, data=values, dtype=kind)
        motifs = file.create_group("motifs", track_order=True)
        for name, matrix in dataset.motifs.items():
            motifs[name] = matrix
        file.attrs["settings"] = json.dumps(dataset.settings, sort_keys=True)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with path.open("ab") as file:
        file.write(f"\nproofread sha256 {digest}\n".encode())


def export_at_once(path, dataset):
    """The table of sequences as one DataFrame."""
    sequences = [
        decode(bases[:length])
        for bases, length in zip(dataset.index[:], dataset.length, strict=True)
    ]
    table = {"name": dataset.name, "sequence": sequences}
    for column, target in enumerate(dataset.target):
        table[f"label_{target}"] = dataset.label[:, column]
    table |= {"group": dataset.group, "stratum": dataset.stratum}
    pd.DataFrame(table).to_csv(
        path, sep="\t", index=False, float_format="%.6g", lineterminator="\n"
    )


@pytest.mark.parametrize("size", [500, 32_000_000])
def test_shards_on_disk_are_put_together_to_the_bytes_of_the_whole(
    tmp_path, monkeypatch, size
):
    chosen = settings(sequences=301, length=60, shards=3, strand="either")
    whole = simulate(chosen)
    write_at_once(tmp_path / "plain.h5", whole)
    export_at_once(tmp_path / "plain.tsv", whole)
    write_truth(tmp_path / "plain.json", whole)
    monkeypatch.setattr(on_disk, "BLOCK", size)
    for shard in (2, 0, 1):
        write_dataset(tmp_path / f"{shard}.h5", simulate_shard(chosen, shard))
    simulate_script.main(
        SimpleNamespace(
            input=SimpleNamespace(shards=[tmp_path / f"{n}.h5" for n in range(3)]),
            output=SimpleNamespace(
                dataset=tmp_path / "dataset.h5",
                sequences=tmp_path / "sequences.tsv",
                truth=tmp_path / "truth.json",
            ),
            params=SimpleNamespace(settings=chosen),
            wildcards=SimpleNamespace(dataset="test"),
            log=[str(tmp_path / "log.txt")],
        )
    )
    close_log()
    for ours, plain in (
        ("dataset.h5", "plain.h5"),
        ("sequences.tsv", "plain.tsv"),
        ("truth.json", "plain.json"),
    ):
        assert (tmp_path / ours).read_bytes() == (tmp_path / plain).read_bytes()


def test_padding_and_several_targets_are_exported_a_part_at_a_time(
    tmp_path, monkeypatch
):
    dataset = Dataset(
        index=np.array([[0, 1, 2], [3, 3, 4], [4, 4, 4]], dtype=np.uint8),
        length=np.array([3, 2, 1]),
        name=["a", 'b"', "c\td"],
        label=np.array([[0, 1], [0.5, 1], [1, 0]], dtype=np.float32),
        target=["x", "y"],
        group=["", "g", "g"],
        stratum=["y", "x+y", "x"],
    )
    export_at_once(tmp_path / "plain.tsv", dataset)
    monkeypatch.setattr(on_disk, "BLOCK", 3)
    write_sequences(tmp_path / "ours.tsv", dataset)
    assert (tmp_path / "ours.tsv").read_bytes() == (tmp_path / "plain.tsv").read_bytes()


# -- similarity ---------------------------------------------------------------------


def test_similar_sequences_are_the_same_from_a_file(tmp_path):
    rng = np.random.default_rng(3)
    index = rng.integers(0, 4, (300, 70)).astype(np.uint8)
    length = np.full(300, 70)
    index[200:250] = index[:50]  # copies
    index[250:] = 3 - index[50:100, ::-1]  # reverse complements
    index[100:150] = index[150:200]
    index[100:150, 30] = (index[100:150, 30] + 1) % 4
    length[[7, 40]] = 50
    index[[7, 40], 50:] = 4
    one = find_similar(index, length, identity=0.9, coverage=0.8)
    file = mapped(tmp_path / "a", index)
    other = find_similar(file, length, identity=0.9, coverage=0.8)
    assert np.array_equal(one.first_copy, other.first_copy)
    assert np.array_equal(one.reversed, other.reversed)
    assert np.array_equal(one.pairs, other.pairs)
    # Rows 7 and 40 are cut, and so no longer exact copies.
    assert one.count_pairs()["exact"] == 48
    assert one.count_pairs()["reverse_complement"] == 50
    assert [(row, row + 50) for row in range(100, 150)] == [
        tuple(pair) for pair in one.pairs.tolist() if pair[0] >= 100
    ]


# -- the rules ----------------------------------------------------------------------


def close_log():
    for handler in log.handlers:
        handler.close()


def job(folder, **more):
    """What Snakemake would hand to the scripts of split, preview and baselines."""
    tables = ("table", "motifs", "matrices", "positions", "gaps", "composition")
    tables += ("kmers",)
    return SimpleNamespace(
        input=SimpleNamespace(
            dataset=folder / "dataset.h5",
            splits=folder / "splits.h5",
            leakage=folder / "leakage.tsv",
            databases=[],
        ),
        wildcards=SimpleNamespace(dataset="test"),
        log=[str(folder / "log.txt")],
        output=SimpleNamespace(
            splits=folder / "splits.h5",
            leakage=folder / "leakage.tsv",
            figure=folder / "preview.svg",
            predictions=folder / "predictions.tsv",
            **{name: folder / f"{name}.tsv" for name in tables},
        ),
        **more,
    )


def job_of_baselines(folder):
    """Their tables of k-mers beside those of the others."""
    done = job(folder, params=SimpleNamespace(databases=[], q_threshold=0.01))
    done.input.databases = []
    done.output.kmers = folder / "kmers.tsv"
    done.output.motifs = folder / "kmer_motifs.tsv"
    return done


def peaks(folder, length):
    """Most memory of Python and NumPy in each rule on 800 sequences, MB."""
    chosen = settings(sequences=800, length=length, shards=4)
    for shard in range(4):
        write_dataset(folder / f"{shard}.h5", simulate_shard(chosen, shard))
    parameters = SimpleNamespace(settings=chosen["split"])

    def made():
        parts = [read_dataset(folder / f"{n}.h5", streamed=True) for n in range(4)]
        whole = gather(parts)
        write_dataset(folder / "dataset.h5", whole)
        write_sequences(folder / "sequences.tsv", whole)
        write_truth(folder / "truth.json", whole)

    rules = {
        "simulate": made,
        "split": lambda: split.main(job(folder, params=parameters)),
        "preview": lambda: preview.main(job(folder)),
        "baselines": lambda: baselines.main(job_of_baselines(folder)),
    }
    result = {}
    for name, rule in rules.items():
        tracemalloc.start()
        rule()
        result[name] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        close_log()
    assert len(read_splits(folder / "splits.h5")["test"]) == 120
    return result


def test_memory_of_no_rule_grows_with_the_length(tmp_path, monkeypatch):
    monkeypatch.setattr(on_disk, "BLOCK", 100_000)
    monkeypatch.setattr(preview_motifs, "_BATCH", 100_000)
    monkeypatch.setattr(datasets_baselines, "_BATCH", 20_000)
    monkeypatch.setattr(datasets_baselines, "MAX_BASES", 80_000)
    # Drawing sees tables only. What a first fit imports is no memory of a rule.
    monkeypatch.setattr(preview, "draw", lambda *_: None)
    monkeypatch.setattr(preview, "save_figure", lambda *_: None)
    LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    small, large = peaks(tmp_path, 100), peaks(tmp_path, 3000)
    # 2.3 MB of bases more: none of the rules holds a half of them.
    assert [name for name in large if large[name] - small[name] > 1.15] == []


def test_preview_and_baselines_do_not_depend_on_how_much_is_read_at_once(
    tmp_path, monkeypatch
):
    dataset = simulate(settings(sequences=240, length=60, strand="either"))
    dataset.index[3, 40:] = 4
    dataset.length[3] = 40
    wrote = []
    for number, size in enumerate((32_000_000, 700)):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_dataset(folder / "dataset.h5", dataset)
        rows = np.split(np.arange(240), [160, 200])
        write_splits(folder / "splits.h5", dict(zip(SPLITS, rows, strict=True)))
        write_table(folder / "leakage.tsv", pd.DataFrame(columns=LEAKAGE_COLUMNS))
        monkeypatch.setattr(on_disk, "BLOCK", size)
        monkeypatch.setattr(preview_motifs, "_BATCH", size)
        monkeypatch.setattr(datasets_baselines, "_BATCH", size)
        for rule, of_rule in ((preview, job), (baselines, job_of_baselines)):
            rule.main(of_rule(folder))
            close_log()
        wrote.append({p.name: p.read_bytes() for p in folder.iterdir()})
    assert wrote[0] == wrote[1]
    assert len(wrote[0]) == 14


def test_baselines_are_fitted_to_a_sample_of_very_many_rows():
    rows = np.arange(0, 2000, 2)
    assert datasets_baselines.fitted_rows(rows, 600, max_bases=600_000) is rows
    sample = datasets_baselines.fitted_rows(rows, 600, max_bases=60_599)
    assert len(sample) == 100 and set(sample) <= set(rows)
    assert (np.diff(sample) > 0).all()
    assert np.array_equal(
        sample, datasets_baselines.fitted_rows(rows, 600, max_bases=60_599)
    )
