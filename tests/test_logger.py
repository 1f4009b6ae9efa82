"""What a run says on the terminal (snakemake_logger_plugin_proofread)."""

import io
import logging
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

import snakemake_logger_plugin_proofread as plugin


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets."""
    now = SimpleNamespace(seconds=0)
    monkeypatch.setattr(plugin.time, "monotonic", lambda: now.seconds)
    return now


def handler(terminal=False, dryrun=False):
    made = plugin.LogHandler(SimpleNamespace(stdout=False, dryrun=dryrun), None)
    made.stream = io.StringIO()
    made.stream.isatty = lambda: terminal
    return made


def send(to, event, message="", level=logging.INFO, **fields):
    record = logging.makeLogRecord(
        {"msg": message, "levelno": level, "event": event, **fields}
    )
    to.emit(record)


def start(to, number, rule, **wildcards):
    send(to, LogEvent.JOB_INFO, jobid=number, rule_name=rule, wildcards=wildcards)


def test_a_line_for_each_finished_job(clock):
    log = handler()
    send(log, LogEvent.RUN_INFO, stats={"split": 1, "train": 11, "total": 12})
    start(log, 3, "split", dataset="distance")
    start(log, 4, "train", dataset="distance", model="cnn.shuffled", seed="1")
    clock.seconds = 35
    send(log, LogEvent.JOB_FINISHED, job_id=4)
    clock.seconds = 150
    send(log, LogEvent.JOB_FINISHED, job_id=3)
    assert log.stream.getvalue().splitlines() == [
        "12 jobs to run",
        "[ 1/12]   35 s  train · distance · cnn (negative control: shuffled labels)"
        " · seed 1",
        "[ 2/12]  2 min  split · distance",
    ]


def test_a_terminal_says_what_runs_and_how_long_the_rest_takes(clock):
    log = handler(terminal=True)
    send(log, LogEvent.RUN_INFO, stats={"train": 3, "total": 3})
    start(log, 1, "train", seed="1")
    clock.seconds = 60
    send(log, LogEvent.JOB_FINISHED, job_id=1)
    start(log, 2, "train", seed="2")
    clock.seconds = 80
    send(log, LogEvent.PROGRESS)
    # Two jobs of 60 s are left, one job runs at a time, and 20 s of it are over.
    status = log.stream.getvalue().splitlines()[-1]
    assert status.endswith("  about 2 min left; running: train · seed 2 (20 s)")
    assert log.seconds_left(80) == 100


def test_a_failed_job_names_its_log():
    log = handler()
    start(log, 1, "tomtom", dataset="mine")
    send(
        *(log, LogEvent.JOB_ERROR),
        **{"jobid": 1, "rule_name": "tomtom", "log": ["logs/tomtom/mine.log"]},
    )
    assert log.stream.getvalue().splitlines() == [
        "FAILED: tomtom · mine",
        "  its log: logs/tomtom/mine.log",
    ]


def test_warnings_errors_and_nothing_to_do_are_said_and_noise_is_not():
    log = handler()
    send(log, None, "Select jobs to execute...")
    send(log, None, "a warning", logging.WARNING)
    send(log, None, "Nothing to be done (all requested files are present).")
    send(log, LogEvent.ERROR, "an error", logging.ERROR)
    assert log.stream.getvalue().splitlines() == [
        "a warning",
        "Nothing to be done (all requested files are present).",
        "an error",
    ]


def test_a_dry_run_names_the_jobs():
    log = handler(dryrun=True)
    start(log, 1, "simulate", dataset="distance")
    assert log.stream.getvalue() == "simulate · distance\n"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0 s"), (99, "99 s"), (100, "2 min"), (9000, "2.5 h")]
)
def test_durations(seconds, text):
    assert plugin.duration(seconds) == text
