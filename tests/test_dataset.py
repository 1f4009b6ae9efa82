"""The dataset file: what is written is read, and damage is noticed."""

import h5py
import numpy as np
import pandas as pd
import pytest

import training_memory
from proofread.datasets import dataset as dataset_module
from proofread.datasets.dataset import (
    TRUTH_COLUMNS,
    Dataset,
    read_dataset,
    read_split,
    write_dataset,
    write_splits,
)
from proofread.datasets.on_disk import Rows
from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.training.batches import Batches


@pytest.fixture
def dataset():
    truth = pd.DataFrame(
        [(2, "M", 1, 3, "-", "causal", "GT"), (0, "M", 0, 2, "+", "decoy", "AC")],
        columns=list(TRUTH_COLUMNS),
    ).astype(TRUTH_COLUMNS)
    return Dataset(
        index=np.stack([encode("ACGT"), encode("GGNN"), encode("TACG")]),
        length=np.array([4, 2, 4]),
        name=["a", "b", "c"],
        label=np.array([[0.0], [0.0], [1.0]], dtype=np.float32),
        target=["bound"],
        group=["x", "x", "y"],
        stratum=["negative", "negative", "positive"],
        truth=truth,
        motifs={"M": np.full((2, 4), 0.25)},
        settings={"seed": 1},
    )


def test_written_is_read(dataset, tmp_path):
    write_dataset(tmp_path / "d.h5", dataset)
    read = read_dataset(tmp_path / "d.h5")
    assert np.array_equal(read.index, dataset.index)
    assert read.name == ["a", "b", "c"]
    assert read.group == ["x", "x", "y"]
    assert read.settings == {"seed": 1}
    pd.testing.assert_frame_equal(read.truth, dataset.truth)
    assert np.array_equal(read.motifs["M"], dataset.motifs["M"])
    assert read.simulated


def test_same_dataset_same_bytes(dataset, tmp_path):
    write_dataset(tmp_path / "1.h5", dataset)
    write_dataset(tmp_path / "2.h5", dataset)
    assert (tmp_path / "1.h5").read_bytes() == (tmp_path / "2.h5").read_bytes()


def test_a_changed_base_is_noticed(dataset, tmp_path):
    path = tmp_path / "d.h5"
    write_dataset(path, dataset)
    with h5py.File(path, "r+") as file:
        file["index"][0, 0] = 3
    with pytest.raises(InputError, match="sha256"):
        read_dataset(path)


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "d.h5"
    path.write_text("not HDF5")
    with pytest.raises(InputError, match="no sha256 at its end"):
        read_dataset(path)


def test_a_subset_takes_its_truth_along(dataset):
    part = dataset.subset(np.array([2, 0]))
    assert part.name == ["c", "a"]
    # Row 2 is now row 0, row 0 is now row 1.
    assert part.truth[["sequence", "role"]].values.tolist() == [
        [0, "causal"],
        [1, "decoy"],
    ]


def test_padding_is_not_sequence(dataset):
    assert dataset.sequence(1) == "GG"


def test_a_split_is_its_rows(dataset, tmp_path):
    write_dataset(tmp_path / "d.h5", dataset)
    rows = {"train": [0], "validation": [1], "test": [2]}
    write_splits(tmp_path / "s.h5", rows)
    paths = (tmp_path / "d.h5", tmp_path / "s.h5")
    assert read_split(*paths, "test").name == ["c"]
    assert read_split(*paths, "all").name == ["a", "b", "c"]


def test_a_streamed_dataset_is_the_same(dataset, tmp_path):
    path = tmp_path / "d.h5"
    write_dataset(path, dataset)
    streamed, read = read_dataset(path, streamed=True), read_dataset(path)
    assert isinstance(streamed.index, np.memmap)
    assert np.array_equal(streamed.index, read.index)
    assert (streamed.name, streamed.group) == (read.name, read.group)
    pd.testing.assert_frame_equal(streamed.truth, read.truth)
    part, expected = (item.subset(np.array([2, 0])) for item in (streamed, read))
    assert isinstance(part.index, Rows) and part.index.shape == (2, 4)
    assert np.array_equal(part.index, expected.index)
    assert np.array_equal(part.index[[1, 0, 1]], expected.index[[1, 0, 1]])
    assert np.array_equal(part.index[1:, :2], expected.index[1:, :2])
    assert part.sequence(0) == expected.sequence(0) == "TACG"
    assert (part.name, part.stratum) == (expected.name, expected.stratum)
    pd.testing.assert_frame_equal(part.truth, expected.truth)
    # A subset of a subset: row 1 of (2, 0) is row 0.
    assert part.subset(np.array([1])).name == ["a"]
    assert part.subset(np.array([1])).index[:].tolist() == [[0, 1, 2, 3]]


def test_streaming_reads_names_only_when_asked(dataset, tmp_path, monkeypatch):
    path = tmp_path / "d.h5"
    write_dataset(path, dataset)
    asked = []
    read = dataset_module._read_texts
    monkeypatch.setattr(
        dataset_module,
        "_read_texts",
        lambda path, key: asked.append(key) or read(path, key),
    )
    part = read_dataset(path, streamed=True).subset(np.array([2, 0]))
    assert len(part) == 2 and asked == []
    assert part.name == ["c", "a"] and part.name is part.name
    assert asked == ["name"]


def test_a_batch_of_a_streamed_dataset_is_a_copy(dataset, tmp_path):
    write_dataset(tmp_path / "d.h5", dataset)
    part = read_dataset(tmp_path / "d.h5", streamed=True).subset(np.array([2, 0]))
    batch, label = Batches(part).__getitems__([1, 2])
    batch[:] = 4  # the file is not written to
    assert label.tolist() == [[0.0], [1.0]]
    assert part.index[:].tolist() == [[3, 0, 1, 2], [0, 1, 2, 3]]


def test_a_dataset_needs_its_names():
    with pytest.raises(TypeError, match="missing"):
        Dataset(np.zeros((1, 2), np.uint8), np.array([2]))


def test_memory_hardly_grows_with_the_sequences():
    # 40,000 x 300 bp are 12 MB as indices, 192 MB as one-hot. Fixed costs are the same.
    small = training_memory.measure(2_000, 300)
    large = training_memory.measure(42_000, 300)
    assert large - small < 60
