"""The dataset file: what is written is read, and damage is noticed."""

import h5py
import numpy as np
import pandas as pd
import pytest

from proofread.dataset import (
    TRUTH_COLUMNS,
    Dataset,
    read_dataset,
    read_split,
    write_dataset,
    write_splits,
)
from proofread.errors import InputError
from proofread.sequences import encode


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
    with pytest.raises(InputError, match="not readable as a dataset file"):
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
