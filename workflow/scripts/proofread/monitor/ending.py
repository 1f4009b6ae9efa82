"""How a run ended, and what to do about it."""

import shlex
from itertools import pairwise

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
    options = _without(run.about["command"], "--logger")
    if state == "failed":
        yield "Remove the cause, then start the same command again: finished jobs stay."
    elif state == "stopped":
        yield "Start the same command again: finished jobs stay."
    elif run.about["slurm"]:
        left = "None" if queue == {} else len(queue) if queue else "Some"
        yield f"{left} of its jobs may be left on the cluster."
        yield "This cancels them, unlocks the folder and goes on; finished jobs stay:"
        profile = _after(options, "--profile") or "my/slurm"
        options = shlex.join(_without(options, "--profile"))
        yield f"  python {profile}/resume.py {options}"
    else:
        yield (
            "When no job of it runs any more, unlock the folder, then start the same "
            "command again; finished jobs stay:"
        )
        yield f"  snakemake {shlex.join([*options, '--unlock'])}"


def _after(options, name):
    """The value of an option, or None."""
    return dict(pairwise(options)).get(name)


def _without(options, name):
    """Options but for one and its value."""
    if name not in options:
        return options
    at = options.index(name)
    return options[:at] + options[at + 2 :]
