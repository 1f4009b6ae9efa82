"""What a run says on the terminal (snakemake_logger_plugin_proofread)."""

import io
import logging
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.common.configfile import load_configfile
from snakemake_interface_common.exceptions import WorkflowError
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
    fields = {"jobid": number, "rule_name": rule, "wildcards": wildcards}
    send(to, LogEvent.JOB_INFO, **fields, log=[], benchmark=None)


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
    assert log.seconds_left(80) == (100, [])


def test_the_time_left_is_that_of_the_monitor(clock, monkeypatch):
    """A rule without a finished job takes as long as its stage, or is not counted."""
    stages = {"train": "train", "train_control": "train", "tomtom": "tomtom"}
    monkeypatch.setattr(plugin, "recorded_stages", lambda: stages)
    log = handler(terminal=True)
    stats = {"train": 1, "train_control": 2, "tomtom": 4, "all": 1, "total": 8}
    send(log, LogEvent.RUN_INFO, stats=stats)
    start(log, 1, "train", seed="1")
    clock.seconds = 60
    send(log, LogEvent.JOB_FINISHED, job_id=1)
    start(log, 2, "train_control", seed="1")
    clock.seconds = 80
    send(log, LogEvent.PROGRESS)
    # Two controls of 60 s are left, of which 20 s are over; tomtom was never timed.
    assert log.seconds_left(80) == (100, ["tomtom"])
    assert "  at least 2 min left; running: train" in log.stream.getvalue()
    # SLURM's queue, and so what runs, is not known here.
    text = "Job 2 has been submitted with SLURM jobid 82 (log: 82.log)."
    send(log, None, text)
    assert log.seconds_left(80) == (None, [])


def test_a_candidate_is_trained_like_any_network():
    wildcards = {"dataset": "mine", "model": "tuned.slower", "seed": "1"}
    name = plugin.job_name("train_candidate", wildcards)
    assert name == "train · mine · tuned.slower · seed 1"


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
    send(log, None, "Terminating processes on user request, this might take some time.")
    send(log, LogEvent.ERROR, "an error", logging.ERROR)
    assert log.stream.getvalue().splitlines() == [
        "a warning",
        "Nothing to be done (all requested files are present).",
        "Terminating processes on user request, this might take some time.",
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


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("--cores 2", []),
        ("all --cores 2 --configfile a.yaml b.yaml -n", ["a.yaml", "b.yaml"]),
        ("--configfiles=a.yaml --config seed=1", ["a.yaml"]),
        ("--configfile a.yaml --configfile b.yaml", ["b.yaml"]),
    ],
)
def test_the_configuration_files_of_a_command_line(line, files):
    assert plugin.given_files(line.split()) == files


# A file that is no configuration: our message, and the one of Snakemake, which
# config/README.md quotes.
BAD = {
    "not UTF-8": (
        b"a: 1\nb: caf\xe9\n",
        (
            "own.yaml, line 2: the byte 0xe9, which is not UTF-8",
            "save the file as UTF-8",
        ),
        "'utf-8' codec can't decode byte 0xe9",
    ),
    "not YAML": (
        b"a: [1\nb: 2\n",
        ("own.yaml, line 2: not YAML", "close every bracket"),
        "Config file is not valid JSON or YAML",
    ),
    "a list": (
        b"- a\n",
        ("own.yaml: list", "expected: a configuration: keys and values in YAML"),
        "Config file must be given as JSON or YAML with keys at top level",
    ),
    "missing": (
        None,
        ("own.yaml: not readable (No such file", "correct the path"),
        "No such file or directory: 'own.yaml'",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_no_configuration(tmp_path, monkeypatch, kind):
    content, ours, of_snakemake = BAD[kind]
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("own.yaml").write_bytes(content)
    monkeypatch.setattr(sys, "argv", ["snakemake", "--configfile", "own.yaml"])
    with pytest.raises(WorkflowError) as error:
        plugin.LogHandlerSettings()
    assert all(text in str(error.value) for text in ours)
    with pytest.raises((WorkflowError, ValueError, OSError), match=of_snakemake):
        load_configfile("own.yaml")


def test_the_logger_s_message_comes_before_that_of_snakemake(tmp_path):
    (tmp_path / "own.yaml").write_text("a: [1\nb: 2\n")
    (tmp_path / "Snakefile").write_text("")
    command = "-m snakemake --logger proofread --cores 1 --configfile own.yaml"
    ran = subprocess.run(
        [sys.executable, *command.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(plugin.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert ran.returncode == 1
    assert "own.yaml, line 2: not YAML" in ran.stdout
    assert "not valid JSON or YAML" not in ran.stdout
    assert "Traceback" not in ran.stdout
