"""A run as the monitor shows it, from the events that the workflow records."""

import errno
import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from proofread.main_process import start_of
from proofread.monitor import processes
from proofread.monitor.__main__ import NO_RUN, STATUS, main, newest
from proofread.monitor.ending import verdict
from proofread.monitor.estimate import time_left, units
from proofread.monitor.names import printable
from proofread.monitor.page import page
from proofread.monitor.record import Recorder, event_of
from proofread.monitor.run import Run
from runs import wait_until, watched

NOON = 1_800_000_000
JOBS = {"simulate": 1, "train": 2, "train_control": 2, "tomtom": 4}
STAGES = {
    "simulate": "simulate",
    "train": "train",
    "train_control": "train",
    "tomtom": "tomtom",
}


def write(folder, *events, slurm=None, jobs=JOBS):
    """The record of a run in a folder; an event is a time, a kind and its fields."""
    first = {
        "host": "elsewhere.invalid",
        "process": 1,
        "process_start": 1,
        "command": ["--cores", "2"],
        "configuration": ["presence.yaml"],
        "slurm": slurm,
        "stages": STAGES,
        "jobs": jobs,
    }
    path = folder / ".snakemake/proofread/2027-01-15T080000.000000.jsonl"
    path.parent.mkdir(parents=True)
    with path.open("w") as file:
        for seconds, kind, fields in ((0, "run", first), *events):
            event = {"time": NOON + seconds, "event": kind, **fields}
            file.write(json.dumps(event) + "\n")
    return path


def start(seconds, job, rule, **wildcards):
    log = f"logs/{rule}/{job}.log"
    fields = {"job": job, "rule": rule, "wildcards": wildcards, "log": [log]}
    return seconds, "start", {**fields, "benchmark": f"benchmarks/{rule}/{job}.tsv"}


def finished(seconds, job):
    return seconds, "finished", {"job": job}


def failed(seconds, job, message=None):
    log = {"log": [f"logs/{job}.log"]}
    return seconds, "failed", {"job": job, "message": message, **log}


def restart(seconds, job):
    return seconds, "restart", {"job": job}


def submitted(seconds, job, slurm):
    return seconds, "submitted", {"job": job, "slurm": slurm, "log": f"slurm/{slurm}"}


def read(folder, *events, **about):
    run = Run(write(folder, *events, **about), folder)
    run.read()
    return run


def shown(run, seconds, queue=None, alive=True, columns=100, lines=None):
    size = {"columns": columns, "lines": lines}
    return page(run, alive, queue, now=NOON + seconds, **size)


def cells(lines, stage):
    """The numbers in the row of a stage."""
    (row,) = [line for line in lines if line.startswith(f"{stage} ")]
    return row.split()[1:]


def test_a_row_for_each_stage_and_a_line_for_each_running_job(tmp_path):
    run = read(
        tmp_path,
        start(0, "1", "simulate", dataset="mine"),
        finished(60, "1"),
        start(60, "2", "train", dataset="mine", model="cnn", seed="1"),
        start(60, "3", "train_control", dataset="mine", model="cnn.shuffled", seed="1"),
        finished(160, "3"),
    )
    lines = shown(run, 180)
    assert lines[0].startswith("presence.yaml, started ")
    assert lines[0].endswith(", 3 min: running")
    assert lines[1].startswith("2 of 9 jobs done; ")
    assert cells(lines, "stage") == ["done", "running", "waiting"]
    assert cells(lines, "simulate") == ["1/1"]
    assert cells(lines, "train") == ["1/4", "1", "2"]
    assert cells(lines, "tomtom") == ["0/4", "4"]
    assert "  train · mine · cnn · seed 1 (2 min)" in lines


def test_the_time_left_is_that_of_finished_jobs_of_the_stage(tmp_path):
    run = read(
        tmp_path,
        start(0, "1", "train", seed="1"),
        finished(1000, "1"),
        start(1000, "2", "train", seed="2"),
        start(1000, "3", "train_control", seed="2"),
        jobs={"train": 2, "train_control": 2},
    )
    # Three jobs of 1,000 s are left, two run, and 400 s of each are over.
    running = units(run, None, NOON + 1400)
    assert [unit.seconds for unit in running] == [400, 400]
    assert time_left(run, running) == "about 18 min left"  # 2200 s / 2


def test_the_last_job_takes_what_is_left_of_it(tmp_path):
    events = [start(0, str(job), "tomtom") for job in range(4)]
    ends = [finished(1000, str(job)) for job in range(2)]
    run = read(tmp_path, *events, *ends, start(900, "4", "simulate"), jobs=JOBS)
    run.about["jobs"] = {"tomtom": 4}
    running = units(run, None, NOON + 1000)
    assert time_left(run, running) == "about 0 s left"


def test_what_was_never_timed_is_named_and_not_guessed(tmp_path):
    run = read(tmp_path, start(0, "1", "simulate"))
    running = units(run, None, NOON + 10)
    assert time_left(run, running) == "time left: not known until a job has finished"
    run.add({"time": NOON + 60, "event": "finished", "job": "1"})
    assert time_left(run, []) == "time left: not known while no job runs"
    _, _, fields = start(60, "2", "train")
    run.add({"time": NOON + 60, "event": "start", **fields})
    running = units(run, None, NOON + 70)
    assert time_left(run, running) == (
        "time left: not known, as no job of train, tomtom has finished"
    )


def test_a_failed_job_is_shown_with_the_end_of_its_log(tmp_path):
    run = read(
        tmp_path,
        start(0, "2", "train", seed="1"),
        failed(9, "2"),
        restart(9, "2"),
        start(9, "2", "train", seed="1"),
        failed(20, "2"),
    )
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/2.log").write_text("Epoch 1\n\nValueError: \033[31mno data\n")
    lines = shown(run, 20)
    at = lines.index("  train · seed 1 (2 attempts)")
    assert lines[at + 1 : at + 4] == [
        "    its log: logs/2.log",
        "    | Epoch 1",
        "    | ValueError:  [31mno data",
    ]
    assert cells(lines, "stage") == ["done", "waiting", "failed"]
    assert cells(lines, "train") == ["0/4", "3", "1"]


def test_a_job_that_was_tried_again_has_not_failed(tmp_path):
    events = (start(0, "2", "train", seed="1"), failed(9, "2"), restart(9, "2"))
    again = (start(9, "2", "train", seed="1"), finished(20, "2"))
    run = read(tmp_path, *events, *again)
    lines = shown(run, 20)
    assert "  train · seed 1, attempt 2" in lines
    assert run.total("failed") == run.total("restarting") == 0
    assert cells(lines, "train") == ["1/4", "3"]


GROUP = "4695ff1b-d3d4-55ca-b1cc-be5983f4b27f"


@pytest.fixture
def grouped(tmp_path):
    """Three jobs of a group, of which one is over and one at work; and a fourth job."""
    run = read(
        tmp_path,
        (0, "group", {"group": GROUP, "jobs": ["5", "6", "7"]}),
        *(start(0, job, "tomtom", seed=job) for job in ("5", "6", "7")),
        start(0, "8", "train", seed="1"),
        submitted(1, GROUP, "82"),
        submitted(1, "8", "83"),
        slurm="f6cb9b08",
    )
    for path in ("logs/tomtom/5.log", "benchmarks/tomtom/5.tsv", "logs/tomtom/6.log"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("s\th:m:s\n12.5\t0:00:12\n")
        os.utime(tmp_path / path, (NOON + 30, NOON + 30))
    return run


QUEUE = {"82": ("RUNNING", "n1", 40), "83": ("PENDING", "", 0)}


def test_jobs_of_a_group_count_by_their_own_files(grouped):
    lines = shown(grouped, 60, QUEUE)
    assert lines[1].startswith("1 of 9 jobs done; ")
    assert cells(lines, "stage") == ["done", "running", "queued", "waiting"]
    assert cells(lines, "tomtom") == ["1/4", "1", "1", "1"]
    assert cells(lines, "train") == ["0/4", "1", "3"]
    assert "  tomtom · seed 6 (40 s, SLURM job 82 on n1, 1 of its 3 jobs done)" in lines
    assert "SLURM jobs in the queue of the cluster: 1" in lines


def test_a_group_that_is_not_submitted_yet_waits(tmp_path):
    group = (0, "group", {"group": GROUP, "jobs": ["5", "6"]})
    starts = (start(0, "5", "tomtom"), start(0, "6", "tomtom"))
    lines = shown(read(tmp_path, group, *starts, slurm="f6cb9b08"), 1, {})
    assert cells(lines, "stage") == ["done", "queued", "waiting"]
    assert cells(lines, "tomtom") == ["0/4", "2", "2"]


def test_files_of_an_earlier_run_do_not_count(grouped):
    for path in grouped.folder.rglob("*.*"):
        if path.suffix in (".log", ".tsv"):
            os.utime(path, (NOON - 900, NOON - 900))
    lines = shown(grouped, 60, QUEUE)
    assert cells(lines, "tomtom") == ["0/4", "3", "1"]
    assert any(line.startswith("  tomtom · seed 5 and others (40 s") for line in lines)


def test_on_a_cluster_a_duration_is_that_of_the_benchmark(grouped):
    grouped.add({"time": NOON + 500, "event": "finished", "job": "5"})
    assert grouped.mean_seconds("tomtom") == 12.5
    # Without one nothing is known: the time since the start has the wait in it.
    grouped.add({"time": NOON + 500, "event": "finished", "job": "8"})
    assert grouped.mean_seconds("train") is None


def test_a_group_fails_and_starts_again_as_a_whole(grouped):
    failure = "SLURM-job '82' failed, SLURM status is: 'TIMEOUT'."
    for job in ("5", "6", "7"):
        grouped.add({"event": "failed", "job": job, "log": [], **at(70), "message": ""})
    lines = shown(grouped, 70, {})
    assert cells(lines, "tomtom")[-1] == "3"
    assert any(line.endswith(", and 2 others of its group") for line in lines)
    assert "    SLURM's log: slurm/82" in lines
    grouped.add({"event": "restart", "job": GROUP, **at(71)})
    assert grouped.total("failed") == 0
    assert grouped.total("restarting") == 3
    event = {"event": "failed", "job": "8", "log": [], "message": failure}
    grouped.add({**event, **at(80)})
    assert f"    {failure}" in shown(grouped, 80, {})


def at(seconds):
    return {"time": NOON + seconds}


def test_a_line_that_is_half_written_is_read_when_it_is_whole(tmp_path):
    path = write(tmp_path)
    whole = json.dumps({"event": "interrupted", **FINISHES, **at(5)}) + "\n"
    with path.open("ab") as file:
        file.write(b"\0\0\0\0\xff\n")  # a hole, of a disk of a network
    with path.open("a") as file:
        file.write('{"cut by a full disk\n' + whole[:10])
    run = Run(path, tmp_path)
    run.read()
    assert not run.interrupted
    with path.open("a") as file:
        file.write(whole[10:])
    run.read()
    assert run.interrupted


def test_a_page_fits_its_terminal(tmp_path):
    jobs = {"train": 300}
    starts = [start(0, str(job), "train", seed=str(job)) for job in range(300)]
    fails = [failed(1, str(job)) for job in range(200)]
    run = read(tmp_path, *starts, *fails, jobs=jobs)
    lines = shown(run, 20, columns=60, lines=24)
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 60
    assert any(line.startswith("  and 9") for line in lines)


def test_a_page_that_cannot_fit_says_so(tmp_path):
    run = read(tmp_path, start(0, "2", "train", seed="1"), failed(1, "2"))
    lines = shown(run, 20, columns=60, lines=6)
    assert len(lines) == 6
    assert lines[-1] == "... (more in a higher window, or with --once)"


def test_no_name_steers_the_terminal(tmp_path):
    run = read(tmp_path, start(0, "2", "train", dataset="\033]0;title\a\u202e\n\x9b"))
    assert all(line.isprintable() for line in shown(run, 20))
    assert printable("a\tb\r\033[2Jc·é") == "a   b  [2Jc·é"


CANCELS, FINISHES = {"cancels": True}, {"cancels": False}


@pytest.mark.parametrize(
    ("events", "alive", "state", "text"),
    [
        ([], True, "running", "time left: not known until a job has finished"),
        ([], None, "running", "wrote its last line 20 s ago."),
        ([], False, "killed", "  snakemake --cores 2 --unlock"),
        ([finished(10, "1"), (10, "end", {})], False, "done", "1 of 1 jobs done"),
        ([failed(10, "1"), (10, "end", {})], False, "failed", "Remove the cause"),
        (
            [(10, "interrupted", CANCELS), failed(10, "1"), (10, "end", {})],
            *(False, "stopped", "simulate      0/1        1"),
        ),
        (
            [(10, "interrupted", FINISHES)],
            *(True, "running", "stopping, as it was told to; no new job starts"),
        ),
        (
            [(10, "interrupted", FINISHES), failed(10, "1"), (10, "end", {})],
            *(False, "stopped", "Start the same command again"),
        ),
        (
            [(10, "error", {"message": "WorkflowError:\nno disk"}), (10, "end", {})],
            *(False, "stopped", "no disk"),
        ),
    ],
    ids=[
        *("runs", "elsewhere", "killed", "done", "failed"),
        *("interrupted", "stopping", "stopped", "error"),
    ],
)
def test_how_a_run_ended_and_what_to_do(tmp_path, events, alive, state, text):
    first = start(0, "1", "simulate", dataset="mine")
    run = read(tmp_path, first, *events, jobs={"simulate": 1})
    assert verdict(run, alive) == state
    assert any(text in line for line in shown(run, 20, alive=alive))


def test_a_killed_run_of_a_cluster_goes_on_by_resume(tmp_path):
    run = read(tmp_path, slurm="f6cb9b08")
    run.about["command"] = ["--profile", "my/slurm", "--configfile", "a b.yaml"]
    lines = shown(run, 20, QUEUE, alive=False)
    assert "2 of its jobs may be left on the cluster." in lines
    assert lines[-1] == "  python my/slurm/resume.py --configfile 'a b.yaml'"


def test_the_command_to_go_on_names_the_profile_of_the_run(tmp_path):
    run = read(tmp_path, slurm="f6cb9b08")
    rest = ["--cores", "2", "results/a.tsv"]
    for given in (["--profile=a b/slurm/"], ["--profile", "a b/slurm"]):
        run.about["command"] = ["--logger=proofread", *given, *rest]
        last = shown(run, 20, QUEUE, alive=False)[-1]
        assert last == "  python 'a b/slurm/resume.py' --cores 2 results/a.tsv"
    run.about["slurm"] = None
    last = shown(run, 20, alive=False)[-1]
    assert last == "  snakemake --profile 'a b/slurm' --cores 2 results/a.tsv --unlock"


def test_a_process_is_known_by_its_start(tmp_path):
    about = {"host": processes.socket.gethostname(), "process": os.getpid()}
    about["process_start"] = start_of(os.getpid())
    assert processes.alive(about) is True
    if about["process_start"] is not None:
        assert processes.alive(about | {"process_start": 1}) is False
    assert processes.alive(about | {"host": "elsewhere.invalid"}) is None
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert processes.alive(about | {"process": gone.pid}) is False


SQUEUE = """#!/bin/sh
echo "$*" >> calls
echo "82|RUNNING|n1|1-02:03:04"
echo "83|PENDING||0:00"
"""


def test_the_cluster_is_asked_now_and_then(tmp_path, monkeypatch):
    (tmp_path / "squeue").write_text(SQUEUE)
    (tmp_path / "squeue").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    queue = processes.Queue("f6cb9b08")
    # 1 day, 2 h, 3 min and 4 s are 93,784 s.
    expected = {"82": ("RUNNING", "n1", 93784), "83": ("PENDING", "", 0)}
    assert queue.states() == queue.states() == expected
    (call,) = (tmp_path / "calls").read_text().splitlines()
    assert call.startswith("--name f6cb9b08 ")
    (tmp_path / "squeue").write_text("#!/bin/sh\nexit 1\n")
    assert processes.Queue("f6cb9b08").states() is None
    assert processes.Queue(None).states() is None


def test_a_folder_without_a_run(tmp_path, capsys):
    assert main(["--directory", str(tmp_path), "--once"]) == NO_RUN
    assert capsys.readouterr().out == f"No run is recorded in {tmp_path} yet.\n\n"


def test_many_jobs_cost_little(tmp_path):
    """10,000 jobs are read once, not at each page."""
    starts = [start(0, str(job), "train", seed=str(job)) for job in range(10_000)]
    ends = [finished(9, str(job)) for job in range(9_900)]
    run = read(tmp_path, *starts, *ends, jobs={"train": 10_000})
    before = time.process_time()
    for _ in range(10):
        run.read()
        lines = shown(run, 20, lines=24)
    assert (time.process_time() - before) / 10 < 0.1
    assert cells(lines, "train") == ["9900/10000", "100"]


TOY = """
import sys

sys.path.insert(0, {scripts!r})
from proofread.monitor.record import record

record(workflow)

rule all:
    input: "good.txt", "flaky.txt", "last.txt"

rule good:
    output: "good.txt"
    shell: "touch good.txt"

rule flaky:
    output: "flaky.txt"
    shell: "test -e tried && touch {{output}} || ! touch tried"

rule bad:
    output: "bad.txt"
    log: "logs/bad.log"
    shell: "echo no data > {{log}}; {action}"

rule last:
    input: "bad.txt"
    output: "last.txt"
    shell: "touch {{output}}"
"""


def toy(folder, action, options):
    """A run of the toy in a folder, in the background."""
    scripts = str(Path(processes.__file__).parents[2])
    (folder / "Snakefile").write_text(TOY.format(scripts=scripts, action=action))
    command = f"-m snakemake --cores 1 --retries 1 --keep-going {options}"
    cache = {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": scripts}
    return subprocess.Popen(
        [sys.executable, *command.split()],
        cwd=folder,
        env={**os.environ, **cache},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_run_of_snakemake_is_recorded(tmp_path):
    # Of these Snakemake's own log says nothing then.
    toy(tmp_path, "exit 1", "--quiet all").wait()
    said, status = watched(tmp_path)
    lines = said.splitlines()
    assert status == STATUS["failed"]
    assert lines[0].endswith(": ended, with failed jobs")
    assert lines[1] == "2 of 4 jobs done"
    assert cells(lines, "stage") == ["done", "not", "run", "failed"]
    assert cells(lines, "bad") == ["0/1", "1"]
    assert cells(lines, "last") == ["0/1", "1"]
    assert "  bad (2 attempts)" in lines
    assert "    | no data" in lines
    assert "  flaky, attempt 2" in lines


def test_a_run_that_was_killed_is_known(tmp_path):
    run = toy(tmp_path, "touch begun; sleep 1", "--logger proofread")
    wait_until((tmp_path / "begun").exists, run, lambda: "it ended")
    said, status = watched(tmp_path)
    assert status == STATUS["running"]
    assert any(line.startswith("  bad (") for line in said.splitlines())
    run.kill()
    run.wait()
    said, status = watched(tmp_path)
    assert status == STATUS["killed"]
    assert said.splitlines()[0].endswith(": killed: Snakemake is gone without a word")


def log_record(text, event=None, **fields):
    return logging.makeLogRecord({"msg": text, "event": event, **fields})


def test_what_snakemake_says_of_a_job_in_words():
    """The lines of Snakemake 9.27 and its SLURM plugin 2.8."""
    said = {
        f"Job {GROUP} has been submitted with SLURM jobid 82 (log: /a b/82.log).": {
            **{"event": "submitted", "job": GROUP, "slurm": "82"},
            "log": "/a b/82.log",
        },
        f"Trying to restart job {GROUP}.": {"event": "restart", "job": GROUP},
        "Terminating processes on user request, this might take some time.": {
            "event": "interrupted"
        }
        | CANCELS,
        "Will exit after finishing currently running jobs (scheduler).": {
            "event": "interrupted"
        }
        | FINISHES,
        "Select jobs to execute...": None,
    }
    assert {text: event_of(log_record(text)) for text in said} == said


def test_a_job_without_its_output_has_failed():
    text = (
        "MissingOutputException in rule bad in file Snakefile, line 3:\n"
        "Job 4 completed successfully, but some output files are missing. Missing ..."
    )
    event = event_of(log_record(text, LogEvent.ERROR))
    assert (event["event"], event["job"]) == ("failed", "4")


def test_a_failed_job_of_the_cluster_keeps_its_reason_and_its_logs():
    reason = "SLURM-job '82' failed, SLURM status is: 'CANCELLED'. Detailed failure ..."
    fields = {"jobid": 4, "rule_msg": reason, "log": ["logs/bad.log", "/slurm/82.log"]}
    assert event_of(log_record("Error in rule bad", LogEvent.JOB_ERROR, **fields)) == {
        **{"event": "failed", "job": "4", "message": reason},
        "log": ["logs/bad.log", "/slurm/82.log"],
    }


@pytest.fixture
def recorder(tmp_path, monkeypatch):
    """A recorder of a workflow of two jobs, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    rules = [SimpleNamespace(name="train", snakefile="train.smk", norun=False)]
    fields = {"dryrun": False, "rules": rules, "configfiles": []}
    made = Recorder(SimpleNamespace(**fields))
    yield made
    made.close()


def emit(recorder, event, **fields):
    recorder.emit(log_record("", event, **fields))


def begin(recorder):
    emit(recorder, LogEvent.RUN_INFO, stats={"train": 2, "total": 2})
    for job in (1, 2):
        fields = {"rule_name": "train", "wildcards": {}, "log": [], "benchmark": None}
        emit(recorder, LogEvent.JOB_INFO, jobid=job, **fields)


def recorded(folder):
    run = Run(newest(folder), folder)
    run.read()
    return run


class FullDisk:
    """A file on a disk that has so many bytes of room left."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def write(self, data):
        """Write what there is room for, as a file without a buffer does."""
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = self.file.write(data[: self.room])
        self.room -= written
        return written


def test_what_a_full_disk_refused_is_written_when_it_has_room(
    recorder, tmp_path, capsys
):
    begin(recorder)
    whole = recorder.file
    recorder.file = FullDisk(whole, room=9)  # in the middle of a line
    emit(recorder, LogEvent.JOB_FINISHED, job_id=1)
    emit(recorder, LogEvent.JOB_FINISHED, job_id=2)
    assert recorded(tmp_path).total("done") == 0
    recorder.file = whole
    recorder.close()
    run = recorded(tmp_path)
    assert run.total("done") == 2
    assert verdict(run, alive=False) == "done"
    assert capsys.readouterr().err == (
        "The record of this run may be incomplete (OSError: [Errno 28] No space left "
        "on device); it goes on.\n"
    )


def test_a_record_begins_when_its_folder_can_be_written(recorder, tmp_path):
    (tmp_path / ".snakemake").write_text("in the way")
    begin(recorder)
    (tmp_path / ".snakemake").unlink()
    emit(recorder, LogEvent.JOB_FINISHED, job_id=1)
    assert recorded(tmp_path).total("done") == 1


def test_an_event_that_is_not_understood_costs_that_event(recorder, tmp_path, capsys):
    begin(recorder)
    emit(recorder, LogEvent.JOB_FINISHED)  # without its job
    emit(recorder, LogEvent.JOB_FINISHED, job_id=2)
    recorder.close()
    run = recorded(tmp_path)
    assert (run.total("done"), run.ended) == (1, True)
    (line,) = capsys.readouterr().err.splitlines()
    assert "AttributeError" in line


def test_the_newest_run_is_shown_whatever_the_clock_says(
    recorder, tmp_path, monkeypatch
):
    """The same moment is 26 h later on the first clock than on the second."""
    with monkeypatch.context() as clock:
        for zone in ("UTC-14", "UTC+12"):
            clock.setenv("TZ", zone)
            time.tzset()
            recorder.open()
            recorder.file.close()
    time.tzset()
    assert newest(tmp_path) == tmp_path / recorder.file.name
