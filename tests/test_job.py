"""What every script does first: the log, and which figures its rule has."""

import logging
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from proofread.job import draws, start
from proofread.progress import log

SCRIPTS = Path(__file__).resolve().parents[1] / "workflow" / "scripts"


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    yield SimpleNamespace(log=[str(tmp_path / "log.txt")])
    for handler in log.handlers:
        handler.close()
    log.handlers[:] = []
    logging.captureWarnings(False)


def test_messages_go_to_the_log_of_the_rule(job):
    start(job)
    log.info("%d sequences", 3)
    assert Path(job.log[0]).read_text() == "3 sequences\n"


def test_two_jobs_draw_the_same_numbers(job):
    numbers = []
    for _ in range(2):
        start(job)
        numbers.append((random.random(), np.random.random()))  # noqa: NPY002
    assert numbers[0] == numbers[1]


def test_a_mistake_of_the_user_is_printed_without_a_traceback(tmp_path):
    code = (
        "from types import SimpleNamespace\n"
        "from proofread.errors import InputError\n"
        "from proofread.job import start\n"
        "start(SimpleNamespace(log=['log.txt']))\n"
        "raise InputError('my.fa', 'nothing', 'bases', 'add some')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    message = "my.fa: nothing\n  expected: bases\n  what to do: add some\n"
    assert done.stderr == message
    assert (tmp_path / "log.txt").read_text() == message


def test_a_figure_is_drawn_where_the_rule_has_it():
    job = SimpleNamespace(output={"table": "table.tsv", "figure": "figure.svg"})
    assert draws(job, "figure")
    assert not draws(job, "figure", "logos")
