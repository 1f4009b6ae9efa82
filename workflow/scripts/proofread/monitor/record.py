"""Writes what happens in a run to a file, for the monitor in another terminal.

Snakemake's own log has what its options let through (`--quiet`), so the workflow
listens to Snakemake's events itself. A line of the file is an event in JSON. Each run
has a file of its own in the folder where it works, `.snakemake/proofread/`.
"""

import contextlib
import json
import logging
import os
import re
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from proofread.main_process import start_of

FOLDER = Path(".snakemake/proofread")
SCRIPTS = Path(__file__).resolve().parents[2]
RUN_ID = re.compile(r"SLURM run ID: (\S+)")
# What Snakemake says of a job without an event of its own. A group of jobs has a name
# here (a UUID), which GROUP_INFO does not give.
SUBMITTED = re.compile(
    r"Job (\S+) has been submitted with SLURM jobid (\S+) \(log: (.+)\)"
)
RESTARTED = re.compile(r"Trying to restart job (\S+)\.")
NO_OUTPUT = re.compile(r"Job (\S+) completed successfully, but some output files", re.A)
CANCELLING = "Terminating processes on user request"  # after Ctrl-C
FINISHING = "Will exit after finishing"  # after SIGTERM
LAUNCHER = '''"""Watch the run of this folder: python .snakemake/proofread/watch.py"""

import runpy
import sys

sys.path.insert(0, {scripts!r})
sys.argv[1:1] = ["--directory", {folder!r}]
runpy.run_module("proofread.monitor", run_name="__main__")
'''


def record(workflow):
    """Record the run of a workflow, unless it is a job of another, or is recorded."""
    recorded = any(isinstance(handler, Recorder) for handler in logger.handlers)
    if workflow.is_main_process and not recorded:
        logger.addHandler(Recorder(workflow))


class Recorder(logging.Handler):
    """Writes a line for each event; opens its file when there are jobs to run.

    A disk that is full for a moment loses nothing: what it refuses is kept, and written
    with the next event. The file is not buffered, so that a line that was written in
    part is continued where it ends.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
    """

    def __init__(self, workflow):
        super().__init__(logging.INFO)
        self.workflow = workflow
        self.slurm = None
        self.begun = False
        self.file = None
        self.unwritten = bytearray()
        self.told = False

    def emit(self, record):
        """Write what an event means for a job, if anything; never stop the run."""
        try:
            if getattr(record, "event", None) == LogEvent.RUN_INFO:
                if not self.workflow.dryrun:
                    about = self.run(record.stats)
                    self.begun = True
                    self.write(about)
            elif not self.begun:
                if found := RUN_ID.match(record.getMessage()):
                    self.slurm = found[1]
            elif event := event_of(record):
                self.write(event)
        except Exception as error:
            self.tell(error)

    def close(self):
        """Say that Snakemake came to its end; after a kill that line is missing."""
        if self.begun:
            self.begun = False
            try:
                self.write({"event": "end"})
                self.file.close()
            except Exception as error:
                self.tell(error)
        super().close()

    def tell(self, error):
        """Say once that the record may lack something, on one line."""
        if not self.told:
            self.told = True
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            said = f"The record of this run may be incomplete ({reason}); it goes on."
            with contextlib.suppress(OSError, ValueError):  # the terminal may be gone
                print(said, file=sys.stderr)

    def open(self):
        """A new file, and the script that shows it."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        launcher = LAUNCHER.format(scripts=str(SCRIPTS), folder=str(Path.cwd()))
        (FOLDER / "watch.py").write_text(launcher, encoding="utf-8")
        # The last name is that of the newest run: local time may go back by an hour.
        name = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S.%fZ.jsonl")
        self.file = (FOLDER / name).open("wb", buffering=0)

    def write(self, event):
        """Add an event, with the time, so that it can be read at once."""
        line = json.dumps({"time": round(time.time(), 2), **event}) + "\n"
        self.unwritten += line.encode()
        if self.file is None:
            self.open()
        while self.unwritten:
            del self.unwritten[: self.file.write(self.unwritten)]

    def run(self, stats):
        """The first event: who runs what, and how many jobs each rule has."""
        stages = stages_of(self.workflow)
        return {
            "event": "run",
            "host": socket.gethostname(),
            "process": os.getpid(),
            "process_start": start_of(os.getpid()),
            "command": sys.argv[1:],
            "configuration": list(
                dict.fromkeys(map(os.path.relpath, self.workflow.configfiles))
            ),
            "slurm": self.slurm,
            "stages": stages,
            "jobs": {rule: count for rule, count in stats.items() if rule in stages},
        }


def recorded_stages():
    """Rule to its stage, of the workflow whose run this process records, or none."""
    for handler in logger.handlers:
        if isinstance(handler, Recorder):
            return stages_of(handler.workflow)
    return {}


def stages_of(workflow):
    """Rule to its stage; rules that only name files have no work, and no stage."""
    return {rule.name: stage_of(rule) for rule in workflow.rules if not rule.norun}


def stage_of(rule):
    """The name of the rules file that a rule is in, or its own in a Snakefile."""
    file = Path(str(rule.snakefile))
    return file.stem if file.suffix == ".smk" else rule.name


def event_of(record):
    """What a record of Snakemake's log means for a job.

    Parameters
    ----------
    record : logging.LogRecord

    Returns
    -------
    dict or None
        None for what the monitor does not show.
    """
    event, text = getattr(record, "event", None), record.getMessage()
    if event == LogEvent.JOB_INFO:
        return {
            "event": "start",
            "job": str(record.jobid),
            "rule": record.rule_name,
            "wildcards": {key: str(value) for key, value in record.wildcards.items()},
            "log": list(record.log),
            "benchmark": record.benchmark,
        }
    if event == LogEvent.GROUP_INFO:
        jobs = list(record.jobs)
        group = jobs[0].dag.get_job_group(jobs[0]).jobid
        members = [str(job.jobid) for job in jobs]
        return {"event": "group", "group": str(group), "jobs": members}
    if event == LogEvent.JOB_FINISHED:
        return {"event": "finished", "job": str(record.job_id)}
    if event == LogEvent.JOB_ERROR:
        return {
            "event": "failed",
            "job": str(record.jobid),
            "log": list(record.log),
            "message": record.rule_msg,
        }
    if found := SUBMITTED.match(text):
        job, slurm, log = found.groups()
        return {"event": "submitted", "job": job, "slurm": slurm, "log": log}
    if found := RESTARTED.match(text):
        return {"event": "restart", "job": found[1]}
    if found := NO_OUTPUT.search(text):
        return {"event": "failed", "job": found[1], "log": [], "message": text}
    if text.startswith((CANCELLING, FINISHING)):
        return {"event": "interrupted", "cancels": text.startswith(CANCELLING)}
    if event == LogEvent.ERROR:
        return {"event": "error", "message": text[:2000]}
    return None
