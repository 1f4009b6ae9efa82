"""A private SLURM cluster for the tests of this folder, taken down after them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("cluster.sh")


@pytest.fixture(scope="session")
def cluster():
    """The environment of a shell that reaches the cluster."""
    missing = [name for name in ("slurmctld", "munged") if not shutil.which(name)]
    if missing:
        pytest.skip(f"no {' and '.join(missing)}: make test-slurm installs them")
    if os.geteuid() != 0:
        pytest.skip("SLURM's daemons need root")
    subprocess.run([SCRIPT, "down"], check=True)
    subprocess.run([SCRIPT, "up"], check=True)
    folder = os.environ.get("SLURM_LOCAL_DIR", "/var/lib/slurm-local")
    yield {**os.environ, "SLURM_CONF": f"{folder}/slurm.conf"}
    subprocess.run([SCRIPT, "down"], check=True)
