"""Failed jobs, with the ends of their logs."""

from pathlib import Path

TAIL = 5  # last lines of a failed job's log
TAIL_BYTES = 4096  # that are read for them
QUOTED = "    | "  # before a line of a log


def failures(run, failed, limit):
    """A failed job or group with its logs; of a group, the job that came last."""
    together = {}
    for job in failed:
        together.setdefault(job.group or id(job), []).append(job)
    yield "failed; jobs that need their files will not run:"
    for jobs in list(together.values())[:limit]:
        job = max(jobs, key=lambda job: _written(run, job))
        others = f", and {len(jobs) - 1} others of its group" if len(jobs) > 1 else ""
        attempts = f" ({job.attempts} attempts)" if job.attempts > 1 else ""
        yield f"  {job.name}{others}{attempts}"
        logs = [log for log in job.log if log != job.slurm_log]
        if job.message and (job.slurm or not logs):
            yield f"    {job.message.splitlines()[0 if job.slurm else -1]}"
        for path in logs:
            yield f"    its log: {_relative(run, path)}"
            lines = tail(run.folder / path)[-limit:]
            yield from (f"{QUOTED}{line}" for line in lines)
        if job.slurm_log:
            yield f"    SLURM's log: {_relative(run, job.slurm_log)}"
            if not any(tail(run.folder / path) for path in logs):
                lines = tail(run.folder / job.slurm_log)[-limit:]
                yield from (f"{QUOTED}{line}" for line in lines)
    if len(together) > limit:
        yield f"  and {len(together) - limit} more"


def _written(run, job):
    try:
        return (run.folder / job.log[0]).stat().st_mtime
    except (OSError, IndexError):
        return 0.0


def _relative(run, path):
    """A path as it is short: below the folder of the run, relative to it."""
    path = Path(path)
    return path.relative_to(run.folder) if path.is_relative_to(run.folder) else path


def tail(path):
    """The last lines of a text file, none if it cannot be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-TAIL:]
