"""A run with everything about it unusual at once has the bytes of a usual one.

Each of these could only change or stop it; so a run that ends well clears all of them:
a user with neither home folder nor groups, a mask that hides files, folders with
spaces, quotes, letters and signs in their names, the locale C, a terminal of ASCII, a
folder for temporary files that is absent, another time zone, files of the future.
"""

import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from pages import copied
from runs import TINY, make_env, python_of_all, results

USER = "daemon"
NAME = 'my run\'s "data" é$HOME %s #1 & {co}'
FUTURE = 4_000_000_000  # seconds since 1970: in the year 2096


@pytest.fixture
def place():
    """A folder that other users can reach, which those of pytest are not."""
    folder = Path("/tmp") / f"proofread-unusual-{os.getpid()}"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
def test_a_run_in_unusual_surroundings_gives_the_same_bytes(place, undisturbed):
    python = make_env(place / "env", python_of_all(USER))
    (place / "clone é 'of' mine").mkdir()
    clone = copied(place / "clone é 'of' mine")
    folder = place / NAME
    folder.mkdir()
    (folder / "resources").symlink_to(clone / "resources")
    configuration = TINY | {"experiments": "my é.tsv"}
    (folder / "my config é.yaml").write_text(
        yaml.safe_dump(configuration), encoding="utf-8"
    )
    shutil.copyfile(clone / ".test/config/experiments.tsv", folder / "my é.tsv")
    user = pwd.getpwnam(USER)
    for path in (place, *place.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        if not path.is_symlink():
            os.utime(path, (FUTURE, FUTURE))

    snakemake = (python, "-m", "snakemake", "--snakefile", clone / "Snakefile")
    done = subprocess.run(
        [
            *(*snakemake, "--logger", "proofread", "--cores", "2"),
            *("--configfile", "my config é.yaml"),
        ],
        cwd=folder,
        env={
            "PATH": f"{python.parent}:/usr/bin:/bin",
            "PYTHONPATH": str(clone / "workflow/scripts"),
            "HOME": "/absent",
            "TMPDIR": "/absent",
            "LC_ALL": "C",
            "PYTHONIOENCODING": "ascii",
            "TZ": "Asia/Kathmandu",
        },
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        umask=0o077,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
    assert "Traceback" not in done.stdout
    assert "Matplotlib created" not in done.stdout
    first, second = results(folder), results(undisturbed)
    assert first.keys() == second.keys()
    for files in (first, second):  # the page names the Python, which may be another
        page = files["results/report.html"]
        files["results/report.html"], n = re.subn(rb"python 3\.11\.\d+", b"", page)
        assert n == 1
    assert [path for path in first if first[path] != second[path]] == []
    table = folder / "results/presence/tiny/seed1/metrics.tsv"
    assert (table.stat().st_uid, table.stat().st_mode & 0o777) == (user.pw_uid, 0o600)
