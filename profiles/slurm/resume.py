"""Go on with a run on a SLURM cluster whose Snakemake was killed.

    python profiles/slurm/resume.py [the options of the run]

In the folder of the run, on the machine where it was started. The jobs that the killed
Snakemake left are cancelled and waited for; only then is the folder unlocked and
Snakemake started again. After `snakemake --unlock` alone, a second job would write the
files that one of those still writes.
"""

import argparse
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

PROFILE = Path(__file__).resolve().parent
PATIENCE = 600  # seconds until cancelled jobs must be gone
RUN_ID = re.compile(r"^SLURM run ID: (\S+)$", re.MULTILINE)
SUBMITTED_ON = re.compile(r"AllocNode:Sid=([^:\s]+)")


def main(arguments):
    """Cancel, wait, unlock, run; returns the exit status of the run."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--directory", "-d", type=Path, default=Path())
    parser.add_argument("--profile")
    known, _ = parser.parse_known_args(arguments)
    if known.profile is None:
        arguments = ["--profile", str(PROFILE), *arguments]
    folder = known.directory.resolve()

    refuse_beside_another(folder)
    # Its log lies where Snakemake was started, its lock in the folder of the results.
    cancel({*run_ids(folder), *run_ids(Path())})
    snakemake = [sys.executable, "-m", "snakemake", *arguments]
    if any((folder / ".snakemake/locks").glob("*")):
        subprocess.run([*snakemake, "--unlock"], check=True)
    return subprocess.run(snakemake).returncode


def refuse_beside_another(folder):
    """Stop where a process of this machine still runs the folder, or submits jobs."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            at = (process / "cwd").resolve(strict=True)
        except OSError:  # it ended, or is another user's
            continue
        program = {Path(os.fsdecode(word)).name for word in words[:3]}
        # A job on this machine is a Snakemake too; those are cancelled.
        if at == folder and program & {"snakemake", "sbatch"} and not is_job(words):
            raise SystemExit(
                f"{folder}: process {process.name} runs Snakemake here; nothing was "
                "done.\nStop it with Ctrl-C in its terminal, or wait until it ends."
            )


def is_job(words):
    """Whether a command line is that of a job, not of the Snakemake that plans jobs."""
    return b"--target-jobs" in words


def run_ids(folder):
    """Names that the plugin gave the jobs of the runs of a folder, from their logs."""
    logs = (folder / ".snakemake/log").glob("*.snakemake.log")
    return {run for log in logs for run in RUN_ID.findall(log.read_text("utf-8"))}


def jobs_of(runs):
    """Ids of the jobs of runs that are not over: waiting, running or completing."""
    if not runs:
        return []
    names = ",".join(sorted(runs))
    return slurm("squeue", "--noheader", "--name", names, "--format", "%A").split()


def cancel(runs):
    """Cancel the jobs of runs, and wait until none is left."""
    jobs = jobs_of(runs)
    if not jobs:
        print("No job of this folder is left on the cluster.", flush=True)
        return
    refuse_from_elsewhere(jobs)
    print(f"Cancelling {len(jobs)} jobs: {' '.join(jobs)}", flush=True)
    end = time.monotonic() + PATIENCE
    while jobs:
        if time.monotonic() > end:
            raise SystemExit(
                f"{PATIENCE} s later these jobs are not gone: {' '.join(jobs)}. "
                "The folder stays locked.\nStart this again when they are."
            )
        slurm("scancel", "--quiet", *jobs)
        time.sleep(2)
        jobs = jobs_of(runs)
    print("They are gone.", flush=True)


def refuse_from_elsewhere(jobs):
    """Stop where jobs came from another machine, whose processes are not seen here."""
    shown = [slurm("scontrol", "show", "job", job) for job in jobs]
    for host in sorted({SUBMITTED_ON.search(text)[1] for text in shown}):
        if not is_here(host):
            raise SystemExit(
                f"Jobs of this folder were submitted on {host}, where Snakemake may "
                "still run; nothing was done.\n"
                f"Start this there, not on {socket.gethostname()}."
            )


def is_here(host):
    """Whether a name is one of this machine: no other's address can be bound."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except OSError:
        return False
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as end:
            try:
                end.bind(address)
            except OSError:
                continue
            return True
    return False


def slurm(*command):
    """What a command of SLURM prints; stop with its message if it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(
            f"{command[0]}: {done.stderr.strip()}\n"
            "The folder stays locked. Start this again when the cluster answers."
        )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
