"""Whether a run still goes on: its process on this computer, its jobs on a cluster."""

import shutil
import socket
import subprocess
import time

from proofread.main_process import lives

PAUSE = 20  # seconds between two questions to the cluster, whatever the interval
PATIENCE = 15  # seconds for its answer


def alive(about):
    """Whether the Snakemake of a run is there; None if it is on another computer.

    Parameters
    ----------
    about : dict
        The first event of the run.
    """
    if about["host"] != socket.gethostname():
        return None
    return lives(about["process"], about["process_start"])


class Queue:
    """The jobs of a run that a SLURM cluster knows, asked for now and then.

    Parameters
    ----------
    name : str or None
        The name that the run gave its jobs; None without a cluster.
    """

    def __init__(self, name):
        self.name = name if name and shutil.which("squeue") else None
        self.asked = float("-inf")
        self.jobs = None

    def states(self):
        """Job to its state, node and seconds; None if the cluster does not answer."""
        if self.name and time.monotonic() - self.asked >= PAUSE:
            self.jobs = self._ask()
            self.asked = time.monotonic()
        return self.jobs

    def _ask(self):
        shown = ("--noheader", "--format", "%A|%T|%N|%M")
        try:
            answer = subprocess.run(
                ["squeue", "--name", self.name, *shown],
                capture_output=True,
                text=True,
                timeout=PATIENCE,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        if answer.returncode != 0:
            return None
        rows = [line.split("|") for line in answer.stdout.splitlines()]
        return {
            row[0]: (row[1], row[2], seconds(row[3])) for row in rows if len(row) == 4
        }


def seconds(text):
    """Seconds of a time as SLURM writes it, [days-][hours:]minutes:seconds; else 0."""
    days, _, clock = text.rpartition("-")
    try:
        total = 0
        for part in clock.split(":"):
            total = 60 * total + int(part)
        return total + 86400 * int(days or 0)
    except ValueError:
        return 0
