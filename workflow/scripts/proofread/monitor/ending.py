"""How a run ended, and what to do about it."""

import argparse
import shlex
from pathlib import Path

VERDICTS = {
    "running": "running",
    "done": "all done",
    "failed": "ended, with failed jobs",
    "stopped": "stopped before its end",
    "stopping": "stopping, as it was told to; no new job starts",
    "killed": "killed: Snakemake is gone without a word",
}


def verdict(run, alive):
    """The state of a run, a key of `VERDICTS`.

    Parameters
    ----------
    run : proofread.monitor.run.Run
    alive : bool or None
        Whether its process is there; None if that cannot be seen.
    """
    if not run.ended:
        return "killed" if alive is False else "running"
    if all(run.number("done", rule) >= run.planned(rule) for rule in run.about["jobs"]):
        return "done"
    return "failed" if run.total("failed") and not run.interrupted else "stopped"


def advice(run, state, queue):
    """What to do about a run that is over before its end."""
    if state in ("running", "done"):
        return
    yield ""
    if state == "stopped" and run.error and not run.interrupted:
        yield from run.error.splitlines()[:8]
    profile, options = _options(run.about["command"])
    if state == "failed":
        yield "Remove the cause, then start the same command again: finished jobs stay."
    elif state == "stopped":
        yield "Start the same command again: finished jobs stay."
    elif run.about["slurm"]:
        left = "None" if queue == {} else len(queue) if queue else "Some"
        yield f"{left} of its jobs may be left on the cluster."
        yield "This cancels them, unlocks the folder and goes on; finished jobs stay:"
        resume = Path(profile or "my/slurm") / "resume.py"
        yield f"  {shlex.join(['python', str(resume), *options])}"
    else:
        yield (
            "When no job of it runs any more, unlock the folder, then start the same "
            "command again; finished jobs stay:"
        )
        profile = ["--profile", profile] if profile else []
        yield f"  {shlex.join(['snakemake', *profile, *options, '--unlock'])}"


def _options(command):
    """The profile of a command line, or None; its options but for that and loggers."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--profile")
    parser.add_argument("--logger", nargs="+")
    known, options = parser.parse_known_args(command)
    return known.profile, options
