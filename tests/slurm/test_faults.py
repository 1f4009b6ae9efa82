"""Jobs of a group that fail on the cluster, with the shipped profile and toy rules."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from .squeue import jobs_of

ROOT = Path(__file__).resolve().parents[2]
QUICK = (
    *("--slurm-init-seconds-before-status-checks", "2"),
    *("--seconds-between-status-checks", "2", "--latency-wait", "5"),
)
# The second job of the group writes half of its file, then does what the test is about.
TOY = """
import sys

sys.path.insert(0, "{root}/workflow/scripts")
from proofread.configuration.resources import growing

rule first:
    output: "first.txt"
    group: "both"
    resources: mem_mb=growing(600), runtime=growing(5)
    shell: "echo first > {{output}}"

rule second:
    input: "first.txt"
    output: "second.txt"
    group: "both"
    resources: mem_mb=growing(600), runtime=growing(5)
    shell: "printf 'sec' > {{output}}; bash action.sh; printf 'ond' >> {{output}}"
"""

pytestmark = pytest.mark.slurm


def start(folder, environment, action):
    """A run of the toy in a folder, in the background; its output goes to a file."""
    (folder / "Snakefile").write_text(TOY.format(root=ROOT))
    (folder / "action.sh").write_text(action)
    profile = ("--profile", ROOT / "profiles/slurm")
    with (folder / "output.txt").open("w") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *profile, *QUICK, "second.txt"],
            cwd=folder,
            env={**environment, "XDG_CACHE_HOME": str(folder / "cache")},
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def ends_well(run, folder):
    assert run.wait(timeout=900) == 0, (folder / "output.txt").read_text()
    assert (folder / "first.txt").read_text() == "first\n"
    assert (folder / "second.txt").read_text() == "second"


def test_a_job_out_of_memory_gets_twice_as_much(tmp_path, cluster):
    """600 MB of its own are too much beside Snakemake in 600 MB, but not in 1,200."""
    code = "import time; filled = b'x' * 600_000_000; time.sleep(6)"
    run = start(tmp_path, cluster, f'{sys.executable} -c "{code}"')
    ends_well(run, tmp_path)
    (_, first, less), (_, second, more) = jobs_of(tmp_path, cluster, "T", "m")
    assert first in ("FAILED", "OUT_OF_MEMORY")
    assert (less, second, more) == ("600M", "COMPLETED", "1200M")


def test_a_cancelled_job_is_tried_again(tmp_path, cluster):
    """The first attempt waits until it is cancelled; the next finds that it was one."""
    run = start(tmp_path, cluster, "test -e tried || { touch tried; sleep 600; }")
    while not (tmp_path / "tried").exists():
        assert run.poll() is None, (tmp_path / "output.txt").read_text()
        time.sleep(0.5)
    ((job,),) = jobs_of(tmp_path, cluster)
    subprocess.run(["scancel", job], env=cluster, check=True)
    ends_well(run, tmp_path)
    (_, first), (_, second) = jobs_of(tmp_path, cluster, "T")
    assert (first, second) == ("CANCELLED", "COMPLETED")
