"""HDF5 files: damage is noticed before any use, other files are not opened."""

from types import SimpleNamespace

import h5py
import numpy as np
import pytest

import simulate as simulate_script
from proofread.api import truth
from proofread.datasets.dataset import (
    Dataset,
    read_dataset,
    read_split,
    read_splits,
    write_dataset,
    write_splits,
)
from proofread.errors import InputError
from proofread.hdf5 import check_own_arrays
from proofread.methods.long_sequence_scan.tracks import read_chunks
from proofread.methods.motif_discovery.contributions import read_attributions
from proofread.tables import read_values, write_values
from test_on_disk import close_log


def small_dataset(path):
    write_dataset(
        path,
        Dataset(
            index=np.zeros((3, 5), np.uint8),
            length=np.full(3, 5),
            name=["a", "b", "c"],
            label=np.zeros((3, 1), np.float32),
            target=["t"],
            group=["a", "b", "c"],
            stratum=["negative"] * 3,
        ),
    )


def splits(path):
    write_splits(path, {"train": [0], "validation": [1], "test": [2]})


def attributions(path):
    arrays = {"hypothetical_gradient": np.zeros((1, 2, 4, 5), np.float32)}
    write_values(path, {**arrays, "row_gradient": [0, 1], "target": ["t"]})


FILES = {
    "dataset": (small_dataset, read_dataset),
    "streamed": (small_dataset, lambda path: read_dataset(path, streamed=True)),
    "splits": (splits, read_splits),
    "values": (lambda path: write_values(path, {"x": np.arange(9)}), read_values),
    "attributions": (attributions, lambda path: read_attributions(path, "gradient")),
    "api": (small_dataset, truth.read_dataset),
    "chunks": (
        lambda path: write_values(path, {"logits": np.arange(9)}),
        lambda path: read_chunks([path], 9),
    ),
}


def flipped(content):
    """One bit is another in the middle of the file."""
    damaged = bytearray(content)
    damaged[len(damaged) // 2] ^= 1
    return bytes(damaged)


DAMAGE = {
    "cut to a half": (lambda content: content[: len(content) // 2], "no sha256"),
    "without its last byte": (lambda content: content[:-1], "no sha256|damaged"),
    "empty": (lambda _: b"", "no sha256"),
    "flipped": (flipped, "does not have the sha256 at its end"),
    "other content": (lambda _: b"<html>not found</html>\n", "no sha256"),
    "more at the end": (lambda content: content + b"\0", "no sha256"),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("file", FILES)
def test_damage_is_noticed(file, damage, tmp_path):
    write, read = FILES[file]
    change, words = DAMAGE[damage]
    path = tmp_path / "file.h5"
    write(path)
    read(path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InputError, match=words) as caught:
        read(path)
    assert caught.value.where == str(path)
    assert caught.value.remedy.startswith("delete it and run again")


def test_every_byte_counts(tmp_path):
    path = tmp_path / "file.h5"
    splits(path)
    content = path.read_bytes()
    for position in range(0, len(content), 37):
        damaged = bytearray(content)
        damaged[position] ^= 0x40
        path.write_bytes(damaged)
        with pytest.raises(InputError):
            read_splits(path)


@pytest.mark.parametrize(
    ("write", "read", "lacks"),
    [
        (splits, read_dataset, "index"),
        (small_dataset, read_splits, "train"),
        (splits, lambda path: read_attributions(path, "k"), "hypothetical_k"),
        (splits, lambda path: read_chunks([path], 9), "logits"),
        (splits, lambda path: read_values(path, ["ppm"]), "ppm"),
    ],
)
def test_an_intact_file_of_another_kind_is_refused(write, read, lacks, tmp_path):
    write(tmp_path / "file.h5")
    with pytest.raises(InputError) as caught:
        read(tmp_path / "file.h5")
    assert caught.value.found == f"no {lacks!r} in it"


def test_splits_of_another_dataset_are_refused(tmp_path):
    small_dataset(tmp_path / "d.h5")
    write_splits(tmp_path / "s.h5", {"train": [0], "validation": [1], "test": [3]})
    with pytest.raises(InputError) as caught:
        read_split(tmp_path / "d.h5", tmp_path / "s.h5", "test")
    assert caught.value.found == "the row 3 of a dataset with 3 sequences"


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError) as caught:
        read_splits(tmp_path / "absent.h5")
    assert caught.value.found == "not readable (No such file or directory)"


def test_other_readers_open_a_file_with_its_checksum(tmp_path):
    path = tmp_path / "values.h5"
    write_values(path, {"x": np.arange(3)}, unit="logits")
    with h5py.File(path, "r") as file:
        assert file["x"][()].tolist() == [0, 1, 2]
        assert dict(file.attrs) == {"unit": "logits"}


def test_a_rule_builds_nothing_on_a_damaged_file(tmp_path):
    shards = [tmp_path / f"{number}.h5" for number in range(2)]
    for path in shards:
        small_dataset(path)
    shards[1].write_bytes(flipped(shards[1].read_bytes()))
    outputs = {name: tmp_path / "made" / name for name in OUTPUTS}
    job = SimpleNamespace(
        input=SimpleNamespace(shards=shards),
        output=SimpleNamespace(**outputs),
        params=SimpleNamespace(settings={"shards": 2}),
        wildcards=SimpleNamespace(dataset="test"),
        log=[str(tmp_path / "log.txt")],
    )
    with pytest.raises(InputError) as caught:
        simulate_script.main(job)
    close_log()
    assert caught.value.where == str(shards[1])
    assert not (tmp_path / "made").exists()


OUTPUTS = ("dataset", "sequences", "truth")


# -- files of others ------------------------------------------------------------------


def external_link(file):
    file["x"] = h5py.ExternalLink("secret.h5", "/x")


def external_link_in_a_group(file):
    file.create_group("deep/er")["x"] = h5py.ExternalLink("secret.h5", "/x")


def external_storage(file):
    outside = [("secret.bin", 0, h5py.h5f.UNLIMITED)]
    file.create_dataset("x", (3,), dtype=np.uint8, external=outside)


def virtual(file):
    layout = h5py.VirtualLayout((3,), np.uint8)
    layout[:] = h5py.VirtualSource("secret.h5", "x", (3,))
    file.create_virtual_dataset("x", layout)


def nothing_in_a_huge_shape(file):
    file.create_dataset("x", (10**12, 4, 10**6), dtype=np.float64, chunks=(1, 4, 100))


def a_huge_chunk(file):
    file.create_dataset("x", (1,), np.uint8, maxshape=(None,), chunks=(2**30,))


FOREIGN = {
    external_link: "a link to /x in the file 'secret.h5'",
    external_link_in_a_group: "a link to /x in the file 'secret.h5'",
    external_storage: "an array stored in the file 'secret.bin'",
    virtual: "a virtual array, made of arrays of other files",
    nothing_in_a_huge_shape: "that unpacks to more than 268,435,456",
    a_huge_chunk: "that unpacks to more than 268,435,456",
}


@pytest.mark.parametrize("make", FOREIGN, ids=lambda make: make.__name__)
def test_other_files_are_not_opened_and_nothing_huge_is_read(make, tmp_path):
    path = tmp_path / "own.h5"
    with h5py.File(path, "w") as file:
        make(file)
    with h5py.File(path) as file, pytest.raises(InputError) as caught:
        check_own_arrays(file, path, path.stat().st_size)
    assert FOREIGN[make] in caught.value.found
    assert caught.value.where.startswith(f"{path}: ")


def test_links_within_a_file_are_taken(tmp_path):
    path = tmp_path / "own.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(3)
        file["soft"], file["hard"] = h5py.SoftLink("/x"), file["x"]
        check_own_arrays(file, path, 0)
