"""A private SLURM cluster for the tests of this folder, taken down after them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .cluster_runs import command, prepare, run
from .toys import late_and_lost

SCRIPT = Path(__file__).with_name("cluster.sh")
COMMANDS = ("slurmctld", "munged", "slurmdbd", "mariadbd")


def cluster_sh(verb, **settings):
    """Call cluster.sh."""
    subprocess.run([SCRIPT, verb], env={**os.environ, **settings}, check=True)


@pytest.fixture(scope="session")
def shell_of_cluster():
    """The environment of a shell that reaches the cluster, which is down after all."""
    missing = [name for name in COMMANDS if not shutil.which(name)]
    if missing:
        pytest.skip(f"no {' and '.join(missing)}: make test-slurm installs them")
    if os.geteuid() != 0:
        pytest.skip("SLURM's daemons need root")
    folder = os.environ.get("SLURM_LOCAL_DIR", "/var/lib/slurm-local")
    yield {**os.environ, "SLURM_CONF": f"{folder}/slurm.conf"}
    cluster_sh("down")


@pytest.fixture(scope="session")
def cluster(shell_of_cluster):
    """The environment of a shell that reaches the cluster."""
    cluster_sh("down")
    cluster_sh("up")
    return shell_of_cluster


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """The folder of an undisturbed run of the tiny workflow on this machine alone."""
    folder = prepare(tmp_path_factory.mktemp("local") / "run")
    run(folder, command("--cores", "2"), os.environ)
    return folder


@pytest.fixture(scope="session")
def late_and_lost_runs(tmp_path_factory, cluster):
    """Runs that end minutes later, beside other tests; by their kind."""
    folders = [tmp_path_factory.mktemp(name) for name in ("late", "lost")]
    with late_and_lost(*folders, cluster) as runs:
        yield runs


@pytest.fixture
def controller(cluster):
    """Stops and starts the cluster's controller, which runs again after the test."""
    yield cluster_sh
    cluster_sh("unpause")
