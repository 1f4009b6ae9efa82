"""How long the rest of a run takes, from its finished jobs."""

from dataclasses import dataclass

from proofread.monitor.names import duration


@dataclass
class Unit:
    """What runs as one: a job, or the jobs of a group on a node of a cluster.

    Parameters
    ----------
    jobs : list of str
    seconds : float
        For which it has been running.
    where : str
        Its job of SLURM and node; empty on one computer.
    waits : bool
        Whether it is in the queue of the cluster.
    """

    jobs: list
    seconds: float
    where: str = ""
    waits: bool = False


def units(run, queue, now):
    """The units that run or wait in the queue, the oldest first.

    Parameters
    ----------
    run : proofread.monitor.run.Run
    queue : dict or None
        Job of SLURM to its state, node and seconds; None if that is not known.
    now : float
        Seconds since 1970.

    Returns
    -------
    list of Unit
    """
    together = {}
    for number in run.live:
        group = run.jobs[number].group
        together.setdefault(group or number, []).append(number)
    result = []
    for numbers in together.values():
        job = run.jobs[numbers[0]]
        unit = Unit(sorted(numbers, key=int), now - job.started)
        if job.slurm is None:
            unit.waits = job.group is not None  # until it is submitted
        elif queue is not None and job.slurm in queue:
            state, node, unit.seconds = queue[job.slurm]
            unit.waits = state in ("PENDING", "CONFIGURING", "REQUEUED")
            unit.where = f"SLURM job {job.slurm}" + (f" on {node}" if node else "")
        else:
            unit.where = f"SLURM job {job.slurm}"
        result.append(unit)
    return sorted(result, key=lambda unit: (unit.waits, -unit.seconds))


def seconds_left(run, running):
    """Seconds until the last job ends, as far as finished jobs tell.

    A job takes as long as the finished ones of its rule, or else of its stage, on
    average. As many run together as do now, and none ends sooner than the longest of
    those that run. Stages of which no job has finished are not counted.

    Parameters
    ----------
    run : proofread.monitor.run.Run
    running : list of Unit
        Those that do not wait in the queue.

    Returns
    -------
    float or None
        None before any job has finished, and while none runs.
    list of str
        The stages that are not counted, in the order of the workflow.
    """
    if not run.seconds or not running:
        return None, []
    work, untimed = 0.0, set()
    for rule in run.about["jobs"]:
        rest = run.planned(rule) - run.number("done", rule) - run.number("failed", rule)
        mean = run.mean_seconds(rule)
        if rest and mean is None:
            untimed.add(run.about["stages"][rule])
        elif rest:
            work += rest * mean
    longest = 0.0
    for unit in running:
        known = [run.mean_seconds(run.jobs[number].rule) or 0 for number in unit.jobs]
        over = min(unit.seconds, sum(known))
        work -= over
        longest = max(longest, sum(known) - over)
    rest = max(work / len(running), longest)
    return rest, [stage for stage in run.stages() if stage in untimed]


def time_left(run, running):
    """What a user is told about the time until the last job ends.

    Parameters
    ----------
    run, running
        As of `seconds_left`; the stages that it does not count are named.

    Returns
    -------
    str
    """
    if not run.seconds:
        return "time left: not known until a job has finished"
    if not running:
        return "time left: not known while no job runs"
    rest, untimed = seconds_left(run, running)
    start = in_words(rest, untimed)
    if not untimed:
        return start
    more = f" and {len(untimed) - 3} more stages" if len(untimed) > 3 else ""
    return f"{start}, as no job of {', '.join(untimed[:3])}{more} has finished"


def in_words(rest, untimed):
    """The time left, of `seconds_left`: about, at least, or not known."""
    if untimed and rest <= 0:
        return "time left: not known"
    return f"{'at least' if untimed else 'about'} {duration(rest)} left"
