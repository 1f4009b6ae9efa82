"""Caches have a place, whatever the home folder is."""

import os
import pwd
import subprocess
from pathlib import Path

import pytest

from proofread.configuration.caches import make_caches_writable

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def variables(monkeypatch):
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR", "HOME"):
        monkeypatch.setenv(name, "")  # so that it is restored
        monkeypatch.delenv(name)


def test_a_home_that_can_be_written_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    make_caches_writable("here")
    assert "XDG_CACHE_HOME" not in os.environ
    assert "MPLCONFIGDIR" not in os.environ
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["HOME", "both"])
def test_caches_move_where_home_is_a_file(tmp_path, monkeypatch, name):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    if name == "both":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file/cache"))
        monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "file/fonts"))
    make_caches_writable(tmp_path / "run")
    assert os.environ["XDG_CACHE_HOME"] == str(tmp_path / "run/cache")
    assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "run/matplotlib")


def test_a_cache_that_is_chosen_stays(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    make_caches_writable(tmp_path / "run")
    assert os.environ["XDG_CACHE_HOME"] == str(tmp_path / "mine")


def test_caches_move_where_nobody_knows_the_home(tmp_path, monkeypatch):
    """As of a container, whose user has a number and no name."""

    def unknown(number):
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    make_caches_writable("run")
    assert os.environ["XDG_CACHE_HOME"] == str(tmp_path / "run/cache")
    assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "run/matplotlib")


def test_make_gives_a_home_to_those_without(tmp_path):
    """Snakemake asks for it before it loads a plugin or reads a file."""
    (tmp_path / "Makefile").write_text(
        f"include {ROOT}/Makefile\nshow:\n\t@echo $$HOME\n"
    )
    for home, shown in ((None, f"{tmp_path}/.snakemake/home"), ("/mine", "/mine")):
        variables = {"PATH": os.environ["PATH"]} | ({"HOME": home} if home else {})
        done = subprocess.run(
            ["make", "--no-print-directory", "show"],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
        )
        assert done.stdout == f"{shown}\n", done.stderr
