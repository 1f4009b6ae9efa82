"""Compiled code is kept between jobs, and never taken for other code."""

import os

import numba
import pytest

from proofread.methods.motif_discovery import kernels
from proofread.methods.motif_discovery.kernels import kept_kernels


def double(number):
    return number + number


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    return tmp_path / "cache/proofread/kernels"


@pytest.fixture
def run(monkeypatch):
    """Call the function as a new job does; its result and what was compiled."""

    def job(number):
        function = numba.njit(double)
        monkeypatch.setattr(kernels, "_functions", lambda: [function])
        own = function._cache
        with kept_kernels():
            result = function(number)
            stats = function.stats
        assert function._cache is own  # left as it was
        return result, sum(stats.cache_misses.values())

    return job


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_second_job_loads_what_the_first_compiled(cache, run):
    assert run(2) == (4, 1)
    kept = {path: path.read_bytes() for path in files(cache)}
    assert {path.suffix for path in kept} == {".nbi", ".nbc"}
    assert run(3) == (6, 0)
    assert {path: path.read_bytes() for path in files(cache)} == kept
    assert numba.config.CACHE_DIR == ""


def test_each_kind_of_code_has_its_own_files(cache, run, monkeypatch):
    """numba's own index would give both the number 1 if two jobs wrote at once."""
    run(2)
    first = files(cache)
    assert run(2.5) == (5, 1)  # other types
    assert len(files(cache)) == 2 * len(first) == 4
    monkeypatch.setattr(
        numba.core.codegen.JITCPUCodegen,
        "magic_tuple",
        lambda self: ("x86_64", "another processor", "+feature"),
    )
    assert run(2) == (4, 1)
    # Another version of the package, or of Python.
    monkeypatch.setattr(kernels, "_digest", lambda folder: "other source")
    assert run(2) == (4, 1)
    assert len(files(cache)) == 8
    assert all(path.exists() for path in first)


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_damaged_file_is_compiled_anew(cache, run, suffix):
    run(2)
    whole = {path: path.read_bytes() for path in files(cache)}
    damaged = next(path for path in whole if path.suffix == suffix)
    damaged.write_bytes(whole[damaged][:20])
    assert run(2) == (4, 1)
    assert run(2) == (4, 0)


def test_the_digest_is_of_all_source_files(tmp_path):
    (tmp_path / "a.py").write_text("a")
    first = kernels._digest(tmp_path)
    assert kernels._digest(tmp_path) == first
    (tmp_path / "b.py").write_text("b")
    assert kernels._digest(tmp_path) != first


def test_a_folder_of_the_user_s_is_used(cache, run, monkeypatch, tmp_path):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "mine"))
    run(2)
    assert files(tmp_path / "mine") and not cache.exists()


def test_without_a_folder_nothing_is_kept(cache, run, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file/cache"))
    assert run(2)[0] == 4
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_that_cannot_be_written_is_no_error(cache, run, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(numba.core.caching.tempfile, "TemporaryFile", refused)
    assert run(2)[0] == 4
    assert files(cache) == []


def test_a_full_disk_ends_no_job(cache, run, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kernels._Files, "save", full)
    assert run(2)[0] == 4
    assert run(2)[0] == 4
