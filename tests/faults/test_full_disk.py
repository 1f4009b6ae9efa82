"""A full disk: one message with the file and the room, and no half file."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure

from proofread.errors import InputError
from proofread.figures.style import save_figure
from proofread.files.gzipped import decompressed
from proofread.methods.long_sequence_scan.tracks import Track, write_bigwig
from proofread.tables import write_table, write_values
from proofread.training.resume import write_state

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"
NUMBERS = np.random.default_rng(1).random(40_000)  # 320 kB


def save_drawing(path):
    figure = Figure()
    figure.subplots().plot(NUMBERS[:20_000])
    save_figure(figure, path)


def save_network(path):
    write_state(path, "a training", {"weight": torch.tensor(NUMBERS)})


def save_track(path):
    position = np.arange(len(NUMBERS))
    track = Track("both", "c", len(NUMBERS), position, NUMBERS, NUMBERS)
    write_bigwig(path, [track], {"c": len(NUMBERS)}, 1, "raw")


@pytest.mark.parametrize(
    ("write", "least"),
    [
        (lambda path: write_table(path, pd.DataFrame({"value": NUMBERS})), "205 kB"),
        (lambda path: write_values(path, {"value": NUMBERS}), ""),
        (save_network, "205 kB"),
        (save_drawing, "205 kB"),
        (save_track, ""),
    ],
    ids=["table", "hdf5", "network", "figure", "bigwig"],
)
def test_the_message_says_what_was_written_and_how_much_room_there_is(
    small_disk, write, least
):
    """A disk of 200 KiB is one of 205 kB."""
    path = small_disk(200) / "result"
    with pytest.raises(InputError) as caught:
        write(path)
    assert caught.value.where == str(path)
    assert caught.value.found.startswith("no space left on the disk (more than ")
    assert f"more than {least}" in caught.value.found
    assert "205 kB of 205 kB are free here" in caught.value.found
    assert "delete files" in caught.value.remedy
    assert list(path.parent.iterdir()) == []


def test_a_full_temporary_folder_is_not_taken_for_a_broken_file(
    small_disk, tmp_path, monkeypatch
):
    path = tmp_path / "my.fa.gz"
    path.write_bytes(gzip.compress(NUMBERS.tobytes()))
    monkeypatch.setattr("tempfile.tempdir", str(small_disk(200)))
    with pytest.raises(InputError) as caught, decompressed(path, "FASTA"):
        pass
    assert caught.value.where.startswith(str(tmp_path / "disk"))
    assert "no space left on the disk" in caught.value.found
    assert "TMPDIR" in caught.value.remedy


JOB = """
from types import SimpleNamespace
from proofread.job import start
from proofread.progress import log
start(SimpleNamespace(log=["log.txt"]))
open("filler", "wb").write(b"x" * 300_000)
"""


def test_a_job_on_a_full_disk_says_one_thing(small_disk):
    """Neither a traceback nor one of the logging of Python, whose file is full, too."""
    done = subprocess.run(
        [sys.executable, "-c", JOB],
        cwd=small_disk(200),
        env={"PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "no space left on the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert "--- Logging error ---" not in done.stderr
