"""What the tests of faults share: an undisturbed run, a small disk."""

import os
import subprocess

import pytest

from runs import prepare, run


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """The folder of a run to which nothing happened."""
    folder = prepare(tmp_path_factory.mktemp("undisturbed") / "run")
    run(folder, "--cores", "2")
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """A function that mounts a disk of so many kB in memory; skipped without the right.

    It can be called again, to give the disk another size or to make it read-only.
    """
    mounted = set()

    def sized(size, *options, at="disk"):
        folder = tmp_path / at
        folder.mkdir(exist_ok=True)
        how = [f"size={size}k", *options]
        if os.path.ismount(folder):
            how.insert(0, "remount")
        mount = ["mount", "-t", "tmpfs", "-o", ",".join(how), "tmpfs", folder]
        try:
            done = subprocess.run(mount, capture_output=True, text=True)
        except FileNotFoundError:
            pytest.skip("no mount on this machine")
        if done.returncode:
            pytest.skip(f"no right to mount a disk: {done.stderr.strip()}")
        mounted.add(folder)
        return folder

    yield sized
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)
