"""profiles/slurm/resume.py: no unlocking beside a job that still writes.

SLURM and Snakemake are stand-ins here that note their calls; tests/slurm has the
real ones.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROFILE = ROOT / "profiles/slurm"
RUN = "c87b9967-189a-4c69-91c1-fe25c15d0393"
# The jobs are listed until scancel was called twice: they complete meanwhile.
SQUEUE = f"""
echo "squeue $*" >> calls
[ "$3" = {RUN} ] || exit 3
[ "$(grep -c scancel calls)" -ge 2 ] || echo "7
8"
"""


def program(folder, name, text):
    """A shell script that stands in for a program."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)


@pytest.fixture
def killed(tmp_path):
    """The folder of a run whose Snakemake was killed, and stand-ins for programs."""
    log = tmp_path / ".snakemake/log/2026-01-01T000000.000000.snakemake.log"
    lock = tmp_path / ".snakemake/locks/0.input.lock"
    for path in (log, lock):
        path.parent.mkdir(parents=True)
    log.write_text(f"Building DAG of jobs...\nSLURM run ID: {RUN}\nJob stats:\n")
    lock.touch()
    program(tmp_path, "squeue", SQUEUE)
    program(tmp_path, "scancel", 'echo "scancel $*" >> calls\n')
    program(tmp_path, "scontrol", 'echo "   AllocNode:Sid=localhost:1234"\n')
    (tmp_path / "snakemake.py").write_text(
        "import sys\n"
        "with open('calls', 'a') as calls:\n"
        "    print('snakemake', *sys.argv[1:], file=calls)\n"
        "sys.exit(0 if '--unlock' in sys.argv else 5)\n"
    )
    return tmp_path


def resume(folder, *arguments):
    """Run the command in a folder; its end, and its calls but for squeue."""
    done = subprocess.run(
        [sys.executable, PROFILE / "resume.py", *arguments],
        cwd=folder,
        env={"PATH": f"{folder}/bin:/usr/bin:/bin", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    calls = folder / "calls"
    lines = calls.read_text().splitlines() if calls.exists() else []
    return done, [line for line in lines if not line.startswith("squeue")]


def test_jobs_are_gone_before_the_folder_is_unlocked(killed):
    done, calls = resume(killed, "--configfile", "mine.yaml")
    assert calls == [
        "scancel --quiet 7 8",
        "scancel --quiet 7 8",
        f"snakemake --profile {PROFILE} --configfile mine.yaml --unlock",
        f"snakemake --profile {PROFILE} --configfile mine.yaml",
    ]
    assert done.returncode == 5  # as the run ended
    assert done.stdout == "Cancelling 2 jobs: 7 8\nThey are gone.\n"


def test_without_jobs_and_lock_it_is_a_run(killed):
    program(killed, "squeue", "")
    (killed / ".snakemake/locks/0.input.lock").unlink()
    done, calls = resume(killed, "--profile", "my/slurm")
    assert calls == ["snakemake --profile my/slurm"]
    assert done.stdout == "No job of this folder is left on the cluster.\n"


def test_a_cluster_that_does_not_answer_leaves_the_lock(killed):
    program(killed, "squeue", "echo Unable to contact slurm controller >&2; exit 1\n")
    done, calls = resume(killed)
    assert calls == []
    assert done.stderr == (
        "squeue: Unable to contact slurm controller\n"
        "The folder stays locked. Start this again when the cluster answers.\n"
    )
    assert done.returncode == 1


def test_jobs_of_another_host_are_left_alone(killed):
    program(killed, "scontrol", 'echo "   AllocNode:Sid=login2.invalid:1234"\n')
    done, calls = resume(killed)
    assert calls == []
    assert "submitted on login2.invalid, where Snakemake may still run" in done.stderr


@pytest.mark.parametrize("running", ["snakemake", "sbatch"])
def test_beside_a_live_snakemake_nothing_is_done(killed, running):
    """Nor beside an sbatch that it left, whose job squeue does not know yet."""
    live = subprocess.Popen(["bash", "-c", f"exec -a {running} sleep 600"], cwd=killed)
    try:
        while (
            f"{running}\0".encode()
            not in Path(f"/proc/{live.pid}/cmdline").read_bytes()
        ):
            pass
        done, calls = resume(killed)
    finally:
        live.kill()
        live.wait()
    assert calls == []
    assert f"{killed}: process {live.pid} runs Snakemake here" in done.stderr
