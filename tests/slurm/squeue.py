"""SLURM's own record of jobs."""

import subprocess


def jobs_of(folder, environment, *fields):
    """The jobs that were submitted in a folder, those that ended too, by their ids.

    Parameters
    ----------
    folder : pathlib.Path
    environment : dict of str to str
        Of a shell that reaches the cluster.
    *fields : str
        Letters of squeue's ``--format``, such as ``T``, the state.

    Returns
    -------
    list of tuple of str
        Job id and fields of each job, in the order of submission.
    """
    shown = "|".join(f"%{field}" for field in ("A", *fields, "Z"))
    lines = subprocess.run(
        ["squeue", "--noheader", "--states", "all", "--format", shown],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    rows = sorted((line.split("|") for line in lines), key=lambda row: int(row[0]))
    return [tuple(row[:-1]) for row in rows if row[-1] == str(folder)]
