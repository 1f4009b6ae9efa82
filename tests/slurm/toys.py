"""Runs of two toy rules that share a job, with the shipped profile."""

import contextlib
import subprocess
import sys

from .cluster_runs import PROFILE, QUICK, ROOT, said, started, wait_until
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


def take_down(environment, node):
    update = ["scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=test"]
    subprocess.run(update, env=environment, check=True)


def bring_back(environment, node):
    """Return a node to service; its daemon may have done so, and this is refused."""
    update = ["scontrol", "update", f"NodeName={node}", "State=RESUME"]
    subprocess.run(update, env=environment, capture_output=True)
    shown = ["sinfo", "--noheader", "--Node", "--nodes", node, "--format", "%t"]
    state = subprocess.run(
        shown, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert state.strip()
    assert "down" not in state


@contextlib.contextmanager
def late_and_lost(late, lost, environment):
    """Two runs, in folders, that mostly wait: out of time, and on a node that is lost.

    Nothing else may run on the cluster until the body begins: then the node is back.
    """
    minute = TOY.replace("growing(5)", "growing(1)")
    on_n1, on_n2 = (
        toy.replace("resources: ", f'resources: slurm_extra="--nodelist={node}", ')
        for toy, node in ((minute, "n1"), (TOY, "n2"))
    )
    with contextlib.ExitStack() as stack:
        late_run = stack.enter_context(start(late, environment, WAIT_ONCE, on_n1))
        lost_run = stack.enter_context(start(lost, environment, WAIT_ONCE, on_n2))
        wait_for_first_attempt(lost_run, lost)
        wait_for_first_attempt(late_run, late)
        take_down(environment, "n2")
        wait_until(
            lambda: jobs_of(lost, environment, "T")[0][1] == "PENDING", lost_run, lost
        )
        bring_back(environment, "n2")
        yield {"late": (late_run, late), "lost": (lost_run, lost)}
