"""What a run says on the terminal: one line for each finished job.

Used by `snakemake --logger proofread`, which `make` calls:

    [ 12/77]   35 s  train · distance · eraslan2019 · seed 1

On a terminal, a last line says which jobs run now and about how long the rest takes.
It also checks the configuration files of the command line before Snakemake reads them.
"""

import argparse
import logging
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase

from proofread.configuration.caches import make_caches_writable
from proofread.configuration.files import ConfigurationFiles
from proofread.errors import InputError
from proofread.monitor.names import duration, job_name

# How Snakemake begins what it says at a level of its own that is worth a line.
WORTH_A_LINE = ("Nothing to be done", "Terminating processes on user request")
WIDTH = 100  # columns of the last line, which is written again and again


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """No settings; what is to be done before Snakemake starts.

    It stops at a file of `--configfile` that is no configuration, and gives caches a
    place where the home folder cannot be written.

    Snakemake reads these files before the Snakefile, so that no workflow can check
    them first; its own messages name neither the file nor the line. The settings of a
    logger are made before that.
    """

    def __post_init__(self):
        """Read the files of the command line, and say what is wrong with one."""
        make_caches_writable(Path(".snakemake"))
        try:
            ConfigurationFiles.read(given_files(sys.argv[1:]))
        except InputError as error:
            raise WorkflowError(str(error)) from None


def given_files(arguments):
    """The configuration files that a command line of Snakemake names.

    Parameters
    ----------
    arguments : list of str

    Returns
    -------
    list of str
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    # As Snakemake defines it: of several options the last one counts.
    options = ("--configfile", "--configfiles")
    parser.add_argument(*options, dest="files", nargs="+", default=[])
    return parser.parse_known_args(arguments)[0].files


class LogHandler(LogHandlerBase):
    """Turns Snakemake's events into lines."""

    def __post_init__(self):
        """Start with an empty run."""
        self.waiting = Counter()
        self.seconds = {}  # of a rule's finished jobs
        self.running = {}
        self.done = 0
        self.total = 0
        self.stream = sys.stdout if self.common_settings.stdout else sys.stderr
        if hasattr(self.stream, "reconfigure"):  # a terminal may lack a letter
            self.stream.reconfigure(errors="backslashreplace")

    def emit(self, record):
        """Write what an event means to a user, if anything."""
        try:
            lines = list(self.lines(record))
            if self.stream.isatty():
                # The last line goes, the new lines come, the last line comes back.
                self.stream.write("\r\033[K")
            for line in lines:
                self.stream.write(f"{line}\n")
            if self.stream.isatty() and self.running:
                self.stream.write(self.status()[:WIDTH])
            self.stream.flush()
        except Exception:
            self.handleError(record)

    def lines(self, record):
        """The lines that an event adds."""
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO:
            # One event at the beginning; a dry run sends another at its end.
            self.waiting = Counter(record.stats)
            self.total = self.waiting.pop("total", sum(self.waiting.values()))
            if self.total:
                yield f"{self.total} jobs to run"
        elif event == LogEvent.JOB_INFO:
            name = job_name(record.rule_name, record.wildcards)
            if self.common_settings.dryrun:
                yield name
                return
            self.running[record.jobid] = (record.rule_name, name, time.monotonic())
        elif event == LogEvent.JOB_FINISHED and record.job_id in self.running:
            rule, name, started = self.running.pop(record.job_id)
            seconds = time.monotonic() - started
            self.seconds.setdefault(rule, []).append(seconds)
            self.waiting[rule] -= 1
            self.done += 1
            total = max(self.total, self.done)
            number = f"{self.done:{len(str(total))}}/{total}"
            yield f"[{number}] {duration(seconds):>6}  {name}"
        elif event == LogEvent.JOB_ERROR:
            _, name, _ = self.running.pop(record.jobid, (None, record.rule_name, None))
            yield f"FAILED: {name}"
            yield from (f"  its log: {path}" for path in record.log)
        elif event in (LogEvent.ERROR, None) and (
            record.levelno >= logging.WARNING
            or record.getMessage().startswith(WORTH_A_LINE)
        ):
            yield record.getMessage()

    def status(self):
        """Which jobs run now, for how long, and about how long the rest takes."""
        now = time.monotonic()
        names = ", ".join(
            f"{name} ({duration(now - started)})"
            for _, name, started in self.running.values()
        )
        left = self.seconds_left(now)
        rest = f"about {duration(left)} left; " if left else ""
        return f"  {rest}running: {names}"

    def seconds_left(self, now):
        """Seconds until the last job ends, or None before any job has ended.

        A job takes as long as the finished ones of its rule, or else as all finished
        ones, on average. As many run together as do now.
        """
        finished = [second for rule in self.seconds.values() for second in rule]
        if not finished:
            return None

        def mean(rule):
            known = self.seconds.get(rule, finished)
            return sum(known) / len(known)

        work = sum(mean(rule) * count for rule, count in self.waiting.items())
        work -= sum(
            min(now - started, mean(rule)) for rule, _, started in self.running.values()
        )
        return max(work, 0) / max(len(self.running), 1)

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False
