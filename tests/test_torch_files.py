"""Files of torch.save: data only, every byte of it, and no more than there is."""

import io
import pickle
import zipfile

import pytest
import torch

from proofread.models.torch_files import read_torch


def written(value):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def read(content):
    return read_torch(io.BytesIO(content), len(content))


def archive(entries, compression=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return buffer.getvalue()


def test_what_was_saved_is_read_from_memory_and_from_disk(tmp_path):
    content = written({"w": torch.arange(5.0), "n": 3})
    path = tmp_path / "w.pt"
    path.write_bytes(content)
    for result in (read(content), read_torch(path, len(content))):
        assert result["w"].tolist() == [0, 1, 2, 3, 4]
        assert result["n"] == 3


def test_every_bit_of_a_weight_counts():
    weights = torch.arange(100.0)
    content = bytearray(written(weights))
    first = content.index(weights.numpy().tobytes())
    for position in range(first, first + 400, 13):
        content[position] ^= 1
        with pytest.raises(zipfile.BadZipFile, match="Bad CRC-32"):
            read(bytes(content))
        content[position] ^= 1
    assert torch.equal(read(bytes(content)), weights)


def test_no_file_is_unpacked_to_more_than_its_size():
    data = {"archive/data.pkl": pickle.dumps({}, protocol=2)}
    bomb = archive(data | {"archive/data/0": bytes(10**6)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 10_000
    with pytest.raises(zipfile.BadZipFile, match="unpacks to more than its size"):
        read(bomb)


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>", pickle.dumps([1])])
def test_what_is_no_archive_is_refused(content):
    with pytest.raises(zipfile.BadZipFile):
        read(content)


def test_code_is_refused_and_does_not_run(capsys):
    class Malicious:
        def __reduce__(self):
            return (print, ("code ran",))

    with pytest.raises(pickle.UnpicklingError):
        read(written({"w": Malicious()}))
    assert "code ran" not in capsys.readouterr().out
