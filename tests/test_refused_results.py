"""A result that cannot be read just now is as good as before, and no case to delete."""

import builtins
import errno
import io
import os
import zipfile

import numpy as np
import pandas as pd
import pytest
import torch

from proofread.errors import InputError
from proofread.files.gzipped import decompressed, read_bytes
from proofread.models import checkpoint
from proofread.models.checkpoint import load_model
from proofread.models.torch_files import no_memory
from proofread.tables import read_table, read_values, write_table, write_values
from proofread.training import resume
from proofread.training.resume import read_state, write_state
from proofread.training.tuning import read_choice, write_choice


def unpacked(path):
    with decompressed(path, "a FASTA file"):
        pass


READERS = {
    "values.h5": (lambda path: write_values(path, {"x": np.arange(3)}), read_values),
    "table.tsv": (lambda path: write_table(path, pd.DataFrame({"x": [1]})), read_table),
    "table.tsv.gz": (
        lambda path: write_table(path, pd.DataFrame({"x": [1]})),
        read_table,
    ),
    "model.ckpt": (lambda path: torch.save({}, path), load_model),
    "choice.json": (lambda path: write_choice(path, "few", 1, {}), read_choice),
    "unfinished_training.ckpt": (
        lambda path: write_state(path, "this", {}),
        lambda path: read_state(path, "this"),
    ),
    "my.fa": (
        lambda path: path.write_text(">a\nA\n"),
        lambda path: read_bytes(path, "a FASTA file"),
    ),
    "my.fa.gz": (lambda path: path.write_text(">a\nA\n"), unpacked),
}
FOUND = {
    errno.EACCES: "permission denied",
    errno.EPERM: "not permitted",
    errno.EIO: "the disk reports an input/output error",
    errno.ESTALE: "the network file system has lost the file",
    errno.EMFILE: "too many open files",
}


@pytest.mark.parametrize("number", FOUND, ids=errno.errorcode.get)
@pytest.mark.parametrize("name", READERS)
def test_a_good_file_is_not_to_be_deleted(name, number, tmp_path, monkeypatch):
    write, read = READERS[name]
    path = tmp_path / name
    write(path)
    opened = io.open

    def refuse(file, *arguments, **options):
        if str(file) == str(path):
            raise OSError(number, os.strerror(number), str(file))
        return opened(file, *arguments, **options)

    for place in (builtins, io):
        monkeypatch.setattr(place, "open", refuse)
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.where == str(path)
    assert caught.value.found == FOUND[number]
    assert "delete" not in caught.value.remedy
    assert path.exists()


def torch_without_memory(*_):
    torch.empty(10**15)


def python_without_memory(*_):
    raise MemoryError


@pytest.mark.parametrize("read", [torch_without_memory, python_without_memory])
def test_a_full_memory_is_no_damage(read, tmp_path, monkeypatch):
    torch.save({}, tmp_path / "model.ckpt")
    monkeypatch.setattr(checkpoint, "read_torch", read)
    monkeypatch.setattr(resume, "read_torch", read)
    with pytest.raises((MemoryError, RuntimeError), match=r"memory|^$"):
        load_model(tmp_path / "model.ckpt")
    with pytest.raises((MemoryError, RuntimeError), match=r"memory|^$"):
        read_state(tmp_path / "model.ckpt", "this")


def test_damage_is_no_full_memory():
    assert not no_memory(zipfile.BadZipFile("Bad CRC-32 for file 'archive/data/0'"))
