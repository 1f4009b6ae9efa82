"""The state of a run, from its events (`record`)."""

import contextlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from proofread.monitor.names import job_name

CLOCKS = 2  # seconds by which clocks of a file system and a computer may differ


@dataclass
class Job:
    """A job that was started at least once."""

    rule: str
    name: str
    log: list
    benchmark: str | None
    started: float = 0.0
    state: str = "running"  # or done, failed, cancelled, restarting
    attempts: int = 0
    group: str | None = None
    slurm: str | None = None  # its number on the cluster, and that log
    slurm_log: str | None = None
    message: str = ""


@dataclass
class Run:
    """A run, as its events tell it.

    Parameters
    ----------
    path : pathlib.Path
        The file of the events.
    folder : pathlib.Path
        Where the run works; paths of logs and benchmarks are relative to it.
    """

    path: Path
    folder: Path
    about: dict = field(default_factory=dict)
    jobs: dict = field(default_factory=dict)
    counts: dict = field(default_factory=dict)  # state to a Counter of rules
    seconds: dict = field(
        default_factory=dict
    )  # rule to the sum and number of its jobs
    groups: dict = field(default_factory=dict)  # group to ids of its jobs
    group_of: dict = field(default_factory=dict)
    live: set = field(default_factory=set)  # ids of jobs that run or wait in the queue
    last: float = 0.0
    error: str = ""
    interrupted: bool = False
    cancels: bool = False  # an interruption, which ends its running jobs too
    ended: bool = False
    position: int = 0

    def read(self):
        """Take in what was written since the last call; a line may be half written."""
        with self.path.open("rb") as file:
            file.seek(self.position)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self.position += len(line)
                # A disk that is full cuts a line; the rest of the run still counts.
                with contextlib.suppress(ValueError):
                    self.add(json.loads(line))

    def add(self, event):
        """Take in an event."""
        self.last = event["time"]
        getattr(self, f"_{event['event']}")(event)

    def _run(self, event):
        self.about = event

    def _start(self, event):
        rule = event["rule"]
        if rule not in self.about["jobs"]:
            return  # it only names files
        job = self.jobs.get(event["job"])
        if job is None:
            job = self.jobs[event["job"]] = Job(
                rule,
                job_name(rule, event["wildcards"]),
                event["log"],
                event["benchmark"],
            )
        else:
            self._count(job, -1)
        job.started, job.attempts = event["time"], job.attempts + 1
        job.group = self.group_of.get(event["job"])
        job.slurm = job.slurm_log = None
        self._move(event["job"], "running")

    def _group(self, event):
        # Groups of one job are like jobs.
        self.groups[event["group"]] = event["jobs"]
        if len(event["jobs"]) > 1:
            self.group_of.update(dict.fromkeys(event["jobs"], event["group"]))

    def _submitted(self, event):
        jobs = self.groups.get(event["job"], [event["job"]])
        for job in map(self.jobs.get, jobs):
            if job is not None:
                job.slurm, job.slurm_log = event["slurm"], event["log"]

    def _finished(self, event):
        job = self.jobs.get(event["job"])
        if job is None:
            return
        seconds = self._duration(event["job"], event["time"])
        if seconds is not None:
            total, number = self.seconds.get(job.rule, (0.0, 0))
            self.seconds[job.rule] = (total + seconds, number + 1)
        self._count(job, -1)
        self._move(event["job"], "done")

    def _failed(self, event):
        for number in self.groups.get(event["job"], [event["job"]]):
            if job := self.jobs.get(number):
                job.log = event["log"] or job.log
                # Snakemake gives the reason of a local job just before.
                job.message = event["message"] or self.error
                self._count(job, -1)
                self._move(number, "cancelled" if self.cancels else "failed")

    def _restart(self, event):
        for number in self.groups.get(event["job"], [event["job"]]):
            if job := self.jobs.get(number):
                self._count(job, -1)
                self._move(number, "restarting")

    def _interrupted(self, event):
        self.interrupted = True
        self.cancels = self.cancels or event["cancels"]

    def _error(self, event):
        self.error = event["message"]

    def _end(self, event):
        self.ended = True

    def _move(self, number, state):
        """Put a job into a state in which it is not counted yet."""
        job = self.jobs[number]
        job.state = state
        self._count(job, 1)
        if state == "running":
            self.live.add(number)
        else:
            self.live.discard(number)

    def _count(self, job, by):
        self.counts.setdefault(job.state, Counter())[job.rule] += by

    def _duration(self, number, now):
        """Seconds that a finished job took.

        On a cluster the time since its start has its wait in the queue and, in a
        group, the other jobs; there only its benchmark file tells.
        """
        job = self.jobs[number]
        if job.slurm is None:
            return now - job.started
        try:
            text = (self.folder / job.benchmark).read_text(encoding="utf-8")
            return float(text.splitlines()[1].split("\t")[0])
        except (OSError, ValueError, IndexError, TypeError):
            return None

    def number(self, state, rule):
        """How many jobs of a rule are in a state."""
        return self.counts.get(state, {}).get(rule, 0)

    def total(self, state):
        """How many jobs are in a state."""
        return sum(self.counts.get(state, {}).values())

    def planned(self, rule):
        """How many jobs of a rule there are: those planned, or more if files say so."""
        started = sum(counts[rule] for counts in self.counts.values())
        return max(self.about["jobs"].get(rule, 0), started)

    def stages(self):
        """Stage to its rules that have jobs, in the order of the workflow."""
        stages = {}
        for rule, stage in self.about["stages"].items():
            if rule in self.about["jobs"]:
                stages.setdefault(stage, []).append(rule)
        return stages

    def mean_seconds(self, rule):
        """Mean duration of a rule's finished jobs, else of its stage's, else None."""
        if rule in self.seconds:
            total, number = self.seconds[rule]
            return total / number
        stage = self.about["stages"].get(rule)
        known = [
            self.seconds[other]
            for other in self.seconds
            if self.about["stages"][other] == stage
        ]
        if not known:
            return None
        return sum(total for total, _ in known) / sum(number for _, number in known)

    def begun(self, number):
        """Whether a job of a group has begun, and ended, on its node: by its files."""
        job = self.jobs[number]

        def written(path):
            try:
                return (self.folder / path).stat().st_mtime >= job.started - CLOCKS
            except (OSError, TypeError):
                return False

        return any(map(written, job.log[:1])), written(job.benchmark)
