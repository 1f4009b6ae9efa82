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
from dataclasses import dataclass
from pathlib import Path

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase

from proofread.configuration.caches import make_caches_writable
from proofread.configuration.files import ConfigurationFiles
from proofread.errors import InputError
from proofread.monitor.estimate import in_words, seconds_left, units
from proofread.monitor.names import duration, job_name
from proofread.monitor.record import event_of, recorded_stages
from proofread.monitor.run import Run

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
        self.run = Run(path=None, folder=Path())  # for the time left, as in `watch`
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
            if self.stream.isatty():
                self.take_in(record)
                if self.running:
                    self.stream.write(self.status()[:WIDTH])
            self.stream.flush()
        except Exception:
            self.handleError(record)

    def take_in(self, record):
        """Keep what an event says of the state of the run."""
        if getattr(record, "event", None) == LogEvent.RUN_INFO:
            stages = recorded_stages() or {rule: rule for rule in record.stats}
            jobs = {rule: n for rule, n in record.stats.items() if rule in stages}
            jobs.pop("total", None)
            event = {"event": "run", "stages": stages, "jobs": jobs}
        elif self.run.about:
            event = event_of(record)
        else:
            event = None
        if event:
            self.run.add({"time": time.monotonic(), **event})

    def lines(self, record):
        """The lines that an event adds."""
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO:
            # One event at the beginning; a dry run sends another at its end.
            jobs = dict(record.stats)
            self.total = jobs.pop("total", sum(jobs.values()))
            if self.total:
                yield f"{self.total} jobs to run"
        elif event == LogEvent.JOB_INFO:
            name = job_name(record.rule_name, record.wildcards)
            if self.common_settings.dryrun:
                yield name
                return
            self.running[record.jobid] = (name, time.monotonic())
        elif event == LogEvent.JOB_FINISHED and record.job_id in self.running:
            name, started = self.running.pop(record.job_id)
            seconds = time.monotonic() - started
            self.done += 1
            total = max(self.total, self.done)
            number = f"{self.done:{len(str(total))}}/{total}"
            yield f"[{number}] {duration(seconds):>6}  {name}"
        elif event == LogEvent.JOB_ERROR:
            name, _ = self.running.pop(record.jobid, (record.rule_name, None))
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
            for name, started in self.running.values()
        )
        left, untimed = self.seconds_left(now)
        rest = f"{in_words(left, untimed)}; " if left else ""
        return f"  {rest}running: {names}"

    def seconds_left(self, now):
        """As `make watch` says it; None on a cluster, whose queue is not known here."""
        going = [unit for unit in units(self.run, None, now) if not unit.waits]
        if any(unit.where for unit in going):
            return None, []
        return seconds_left(self.run, going)

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False
