"""What the operating system refuses is said in words, with the file."""

import errno
import os
import resource

import pytest

from proofread.atomic import atomic
from proofread.errors import InputError
from proofread.storage import refusal


def test_a_name_that_is_too_long(tmp_path):
    with (
        pytest.raises(InputError, match="the name or the path is too long") as caught,
        atomic(tmp_path / ("a" * 300)),
    ):
        pass
    assert caught.value.where == str(tmp_path / ("a" * 300))
    assert "shorten the names" in caught.value.remedy


def test_too_many_open_files(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    try:
        with pytest.raises(InputError, match="too many open files") as caught:
            for _ in range(64):
                files.append(open(os.devnull))  # noqa: SIM115
                with atomic(tmp_path / "a.tsv"):
                    pass
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for file in files:
            file.close()
    assert caught.value.where == str(tmp_path / "a.tsv")
    assert "ulimit -n" in caught.value.remedy


def test_a_file_that_is_larger_than_permitted(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with (
            pytest.raises(InputError, match="larger than permitted") as caught,
            atomic(tmp_path / "a.tsv") as temporary,
            open(temporary, "w") as file,
        ):
            file.write("a" * 3000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "more than 1 kB are needed" in caught.value.found
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (errno.EACCES, "permission denied"),
        (errno.EPERM, "not permitted"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EIO, "input/output error"),
        (errno.ESTALE, "has lost the file"),
        (errno.EDQUOT, "your quota on this disk is used up"),
    ],
)
def test_each_refusal_has_its_words_and_the_file(code, found):
    error = refusal(OSError(code, os.strerror(code), "mine/a.tsv"))
    assert error.where == "mine/a.tsv"
    assert found in error.found
    assert os.strerror(code) not in error.found


def test_the_file_that_is_refused_is_named_and_not_the_one_that_is_written():
    error = OSError(errno.EACCES, "Permission denied", "my.fa")
    assert refusal(error, "results/a.tsv", "results/.a.tsv.12345678").where == "my.fa"
    error.filename = "results/.a.tsv.12345678"
    assert refusal(error, "results/a.tsv", error.filename).where == "results/a.tsv"


def test_a_file_without_a_name_is_described_by_the_error():
    error = refusal(OSError(errno.EIO, "Input/output error"))
    assert error.where == "a file of this job"
    assert "[Errno 5] Input/output error" in error.found


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError(errno.ENOENT, "absent", "a"), OSError("no number"), KeyError(1)],
)
def test_other_errors_are_left_alone(error):
    assert refusal(error) is None


def test_torch_hides_the_reason_in_the_context():
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError:
            raise RuntimeError("unexpected pos 704 vs 598")  # noqa: B904
    except RuntimeError as error:
        assert "no space left" in refusal(error, "model.ckpt").found


def test_h5py_tells_the_reason_in_its_text(tmp_path):
    """As it says so where the disk is full when a file is closed."""
    error = RuntimeError(
        "Can't decrement id ref count (file write failed: time = Sun Nov 29 08:44:43 "
        "2026, errno = 28, error message = 'No space left on device')"
    )
    found = refusal(error, tmp_path / "values.h5")
    assert found.where == str(tmp_path / "values.h5")
    assert found.found.startswith("no space left on the disk")
