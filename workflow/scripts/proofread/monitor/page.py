"""What the monitor shows of a run, as lines of text."""

import math
import textwrap
import time
from collections import Counter

from proofread.monitor.ending import VERDICTS, advice, verdict
from proofread.monitor.estimate import time_left, units
from proofread.monitor.failures import QUOTED, failures
from proofread.monitor.names import duration, printable

HIGHER = "... (more in a higher window, or with --once)"
LIMITS = (30, 15, 8, 4, 2, 1)  # entries of a list, and lines of a log: until all fits


def page(run, alive, queue, *, now, columns, lines=None):
    """The page of a run.

    Parameters
    ----------
    run : proofread.monitor.run.Run
    alive : bool or None
    queue : dict or None
        See `units`.
    now : float
        Seconds since 1970.
    columns : int
        Width of the terminal.
    lines : int or None
        Its height, in which the page is to fit by shorter lists; None: any.

    Returns
    -------
    list of str
    """
    for limit in LIMITS:
        result = [
            part
            for line in _page(run, alive, queue, now, limit)
            for part in _fitted(printable(line), columns)
        ]
        if lines is None or _height(result, columns) <= lines:
            return result
    while _height([*result, HIGHER], columns) > lines and result:
        result.pop()
    return [*result, HIGHER]


def _height(lines, columns):
    """Rows of a terminal; it breaks a long path itself, so that it can be copied."""
    return sum(max(1, math.ceil(len(line) / columns)) for line in lines)


def _fitted(line, columns):
    """A line in the width: one of a log is cut, another is broken at its spaces."""
    if len(line) <= columns:
        return [line]
    if line.startswith(QUOTED):
        return [line[: columns - 1] + "…"]
    indent = len(line) - len(line.lstrip()) + 2
    return textwrap.wrap(
        line,
        columns,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _page(run, alive, queue, now, limit):
    state = verdict(run, alive)
    going = units(run, queue, now) if state == "running" else []
    active = [unit for unit in going if not unit.waits]
    counts = _counted(run, going)
    yield from _head(run, state, active, alive, now, counts["ready"].total())
    yield ""
    yield from _table(run, state, counts)
    if failed := [job for job in run.jobs.values() if job.state == "failed"]:
        yield ""
        yield from failures(run, failed, limit)
    if going:
        yield ""
        yield from _running(run, going, limit)
    again = [job for job in run.jobs.values() if job.attempts > 1]
    if again := [job for job in again if job.state in ("running", "done")]:
        yield ""
        yield "tried again, not lost:"
        yield from _listed(
            [f"{job.name}, attempt {job.attempts}" for job in again], limit
        )
    yield from advice(run, state, queue)


def _head(run, state, active, alive, now, ready):
    names = " + ".join(run.about["configuration"]) or "run"
    begun = time.strftime("%d %b %H:%M", time.localtime(run.about["time"]))
    end = now if state == "running" else run.last
    since = duration(max(0, end - run.about["time"]))
    shown = "stopping" if state == "running" and run.interrupted else state
    yield f"{names}, started {begun}, {since}: {VERDICTS[shown]}"
    planned = sum(map(run.planned, run.about["jobs"]))
    done = f"{run.total('done') + ready} of {planned} jobs done"
    if shown == "running":
        done += f"; {time_left(run, active)}"
    yield done
    if state == "running" and alive is None:
        silent = duration(max(0, now - run.last))
        yield (
            f"Snakemake is on {run.about['host']}, and cannot be seen from here; it "
            f"wrote its last line {silent} ago."
        )


def _counted(run, going):
    """Rules of the jobs that are at work; a job of a group counts by its own files."""
    counts = {"running": Counter(), "queued": Counter(), "ready": Counter()}
    for unit in going:
        for number in unit.jobs:
            state = "queued" if unit.waits else "running"
            if len(unit.jobs) > 1 and not unit.waits:
                begun, ended = run.begun(number)
                state = "ready" if ended else "running" if begun else "queued"
            counts[state][run.jobs[number].rule] += 1
    return counts


def _table(run, state, counts):
    """A row for each stage."""
    rows = []
    for stage, rules in run.stages().items():
        planned = sum(map(run.planned, rules))
        numbers = [
            sum(run.number("done", rule) + counts["ready"][rule] for rule in rules),
            sum(counts["running"][rule] for rule in rules),
            sum(counts["queued"][rule] for rule in rules),
            sum(run.number("failed", rule) for rule in rules),
        ]
        rest = planned - sum(numbers)
        numbers.insert(3, rest)
        rows.append((stage, f"{numbers[0]}/{planned}", *numbers[1:]))
    title = ["stage", "done", "running", "queued", "waiting", "failed"]
    if state != "running":
        title[4] = "not run"
    shown = [column for column in range(2, 6) if any(row[column] for row in rows)]
    width = max(len(row[0]) for row in [title, *rows])
    for row in [title, *rows]:
        cells = [row[1], *(str(row[column] or "") for column in shown)]
        line = f"{row[0]:{width}}" + "".join(f"  {cell:>7}" for cell in cells)
        yield line.rstrip()


def _running(run, going, limit):
    active = [unit for unit in going if not unit.waits]
    if active:
        yield "running:"
        yield from _listed([_unit(run, unit) for unit in active], limit)
    if waiting := len(going) - len(active):
        yield f"SLURM jobs in the queue of the cluster: {waiting}"


def _unit(run, unit):
    jobs = [run.jobs[number] for number in unit.jobs]
    name = jobs[0].name
    where = f", {unit.where}" if unit.where else ""
    if len(jobs) > 1:
        states = [run.begun(number) for number in unit.jobs]
        ended = sum(end for _, end in states)
        now = [
            job for job, (begun, end) in zip(jobs, states, strict=True) if begun > end
        ]
        name = now[0].name if now else f"{jobs[0].name} and others"
        where += f", {ended} of its {len(jobs)} jobs done"
    return f"{name} ({duration(unit.seconds)}{where})"


def _listed(texts, limit):
    yield from (f"  {text}" for text in texts[:limit])
    if len(texts) > limit:
        yield f"  and {len(texts) - limit} more"
