"""The Snakemake that started a job: the job ends when it does.

A job that outlived its Snakemake would write beside the jobs of the next one.
"""

import contextlib
import ctypes
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path

VARIABLE = "PROOFREAD_SNAKEMAKE"  # of the environment, which jobs inherit
PAUSE = 1  # second between two looks


def announce():
    """Tell the jobs of this process which one it is."""
    process = os.getpid()
    os.environ[VARIABLE] = json.dumps([_place(), process, start_of(process)])


def end_with_snakemake():
    """End this process as soon as the Snakemake that announced itself is gone.

    Jobs of a cluster are left alone, even on the same computer: the cluster knows them.
    """
    # At once, on Linux, if the direct parent is killed: on a cluster, where nothing
    # else is watched, it is the Snakemake of the job.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    place, *process = json.loads(os.environ.get(VARIABLE, "[null]"))
    if place == _place():
        _end_without(*process)
        threading.Thread(target=_watch, args=process, daemon=True).start()


def _place():
    """Where the number of a process means the same one, and in which job of SLURM."""
    try:
        container = os.readlink("/proc/self/ns/pid")
    except OSError:
        container = None
    return [socket.gethostname(), container, os.environ.get("SLURM_JOB_ID")]


def _watch(process, start):
    while True:
        time.sleep(PAUSE)
        _end_without(process, start)


def _end_without(process, start):
    if not lives(process, start):
        os.kill(os.getpid(), signal.SIGKILL)


def lives(process, start):
    """Whether a process of this computer is there, and is not a later one.

    Parameters
    ----------
    process : int
    start : int or None
        Of `start_of`, when it was known to be there.
    """
    try:
        os.kill(process, 0)
        # The number may by now be another's.
        return _start(process) == start
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # it has just ended, or there is no /proc
        return start is None
    except OSError:  # of another user, or too many files are open to ask
        return True


def start_of(process):
    """When a process started, in ticks since the computer did; None if unknown.

    It is None too for a process that is over, and on systems without `/proc`.
    """
    try:
        return _start(process)
    except OSError:
        return None


def _start(process):
    text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    fields = text.rsplit(")", 1)[1].split()
    # A process that is over may wait to be collected.
    return None if fields[0] == "Z" else int(fields[19])
