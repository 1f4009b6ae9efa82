"""Jobs of a group that fail on the cluster, with the shipped profile and toy rules."""

import contextlib
import subprocess
import sys

import pytest

from .runs import PROFILE, QUICK, ROOT, said, started, wait_until
from .squeue import jobs_of

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
# The first attempt waits until it is ended; the next finds that it was one.
WAIT_ONCE = "test -e tried || { touch tried; sleep 600; }"

pytestmark = pytest.mark.slurm


def start(folder, environment, action, toy=TOY):
    """A run of the toy in a folder, in the background."""
    (folder / "Snakefile").write_text(toy.format(root=ROOT))
    (folder / "action.sh").write_text(action)
    arguments = ("--profile", PROFILE, *QUICK, "second.txt")
    return started(folder, [sys.executable, "-m", "snakemake", *arguments], environment)


def wait_for_first_attempt(run, folder):
    wait_until(lambda: (folder / "tried").exists(), run, folder)


def ends_well(run, folder):
    assert run.wait(timeout=900) == 0, said(folder)
    assert (folder / "first.txt").read_text() == "first\n"
    assert (folder / "second.txt").read_text() == "second"


@pytest.fixture(scope="module", autouse=True)
def slow_runs(tmp_path_factory, cluster):
    """Two runs that mostly wait, beside the tests: out of time, and on a lost node."""
    late, lost = (tmp_path_factory.mktemp(name) for name in ("late", "lost"))
    minute = TOY.replace("growing(5)", "growing(1)")
    on_n2 = TOY.replace("resources: ", 'resources: slurm_extra="--nodelist=n2", ')
    with contextlib.ExitStack() as stack:
        late_run = stack.enter_context(start(late, cluster, WAIT_ONCE, minute))
        lost_run = stack.enter_context(start(lost, cluster, WAIT_ONCE, on_n2))
        wait_for_first_attempt(lost_run, lost)
        wait_for_first_attempt(late_run, late)
        assert {node for _, node in jobs_of(late, cluster, "N")} == {"n1"}
        set_node(cluster, "n2", "State=DOWN", "Reason=test")
        wait_until(
            lambda: jobs_of(lost, cluster, "T")[0][1] == "PENDING", lost_run, lost
        )
        set_node(cluster, "n2", "State=RESUME")
        yield {"late": (late_run, late), "lost": (lost_run, lost)}


def set_node(environment, node, *fields):
    update = ["scontrol", "update", f"NodeName={node}", *fields]
    subprocess.run(update, env=environment, check=True)


def test_a_job_out_of_memory_gets_twice_as_much(tmp_path, cluster):
    """600 MB of its own are too much beside Snakemake in 600 MB, but not in 1,200."""
    code = "import time; filled = b'x' * 600_000_000; time.sleep(6)"
    with start(tmp_path, cluster, f'{sys.executable} -c "{code}"') as run:
        ends_well(run, tmp_path)
    (_, first, less), (_, second, more) = jobs_of(tmp_path, cluster, "T", "m")
    assert first in ("FAILED", "OUT_OF_MEMORY")
    assert (less, second, more) == ("600M", "COMPLETED", "1200M")


def test_a_cancelled_job_is_tried_again(tmp_path, cluster):
    with start(tmp_path, cluster, WAIT_ONCE) as run:
        wait_for_first_attempt(run, tmp_path)
        ((job,),) = jobs_of(tmp_path, cluster)
        subprocess.run(["scancel", job], env=cluster, check=True)
        ends_well(run, tmp_path)
    (_, first), (_, second) = jobs_of(tmp_path, cluster, "T")
    assert (first, second) == ("CANCELLED", "COMPLETED")


def test_a_job_too_large_for_all_nodes_fails_at_once(tmp_path, cluster):
    large = TOY.replace("growing(600)", "growing(1_000_000)")
    with start(tmp_path, cluster, "true", large) as run:
        assert run.wait(timeout=120) == 1, said(tmp_path)
    ended = jobs_of(tmp_path, cluster, "T", "r")
    assert [tuple(job[1:]) for job in ended] == [("FAILED", "BadConstraints")] * 3


def test_a_job_out_of_time_gets_twice_as_much(slow_runs, cluster):
    """The minutes of both rules that share the job: two, then four."""
    run, folder = slow_runs["late"]
    ends_well(run, folder)
    assert "SLURM status is: 'TIMEOUT'" in said(folder)
    (_, first, less), (_, second, more) = jobs_of(folder, cluster, "T", "l")
    assert (first, less, second, more) == ("TIMEOUT", "2:00", "COMPLETED", "4:00")


def test_a_job_of_a_lost_node_is_begun_again_by_slurm(slow_runs, cluster):
    """SLURM puts it back into the queue, under its number, to run in two minutes."""
    run, folder = slow_runs["lost"]
    ends_well(run, folder)
    ((job, state),) = jobs_of(folder, cluster, "T")
    assert state == "COMPLETED"
    record = ["scontrol", "show", "job", job]
    shown = subprocess.run(record, env=cluster, capture_output=True, text=True).stdout
    assert " Restarts=1 " in shown
