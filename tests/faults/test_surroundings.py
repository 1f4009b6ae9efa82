"""Runs with everything about them unusual have the bytes of a usual one.

Each of these could only change or stop a run; so one that ends well clears all of them:
a user with neither home folder nor groups, masks that hide files, folders with spaces,
quotes, letters and signs in their names, the locale C, a terminal of ASCII, no folder
for temporary files, another time zone, files of the future; in another run the locales
of Turkey, where a small I is no i, and of Germany, with a decimal comma.
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
from runs import TINY, finish, make_env, python_of_all, results

USER = "daemon"
CLONE = "clone é 'of' mine"
NAME = 'my run\'s "data" é$HOME %s #1 & {co}'
FUTURE = 4_000_000_000  # seconds since 1970: in the year 2096
LOCALES = ("tr_TR", "de_DE")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place():
    """A folder that other users can reach, which those of pytest are not."""
    folder = Path("/tmp") / f"proofread-unusual-{os.getpid()}"
    folder.mkdir(mode=0o755)
    try:
        make_env(folder / "env", python_of_all(USER))
        (folder / CLONE).mkdir()
        copied(folder / CLONE)
        yield folder
    finally:
        shutil.rmtree(folder)


def prepared(place, name):
    """A working folder of the user with the tiny configuration, in files of 2096."""
    clone, folder = place / CLONE, place / name
    folder.mkdir()
    (folder / "resources").symlink_to(clone / "resources")
    (folder / "my config é.yaml").write_text(
        yaml.safe_dump(TINY | {"experiments": "my é.tsv"}), encoding="utf-8"
    )
    shutil.copyfile(clone / ".test/config/experiments.tsv", folder / "my é.tsv")
    user = pwd.getpwnam(USER)
    for path in (place, *place.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        if not path.is_symlink():
            os.utime(path, (FUTURE, FUTURE))
    return folder


def run_by_user(folder, umask, *, fails=False, **variables):
    """Run the workflow as another user, without a home; what it printed."""
    python, clone = folder.parent / "env/bin/python", folder.parent / CLONE
    user = pwd.getpwnam(USER)
    said = finish(
        folder,
        [
            *(python, "-m", "snakemake", "--snakefile", clone / "Snakefile"),
            *("--logger", "proofread", "--cores", "2"),
            *("--configfile", "my config é.yaml"),
        ],
        fails=fails,
        env={
            "PATH": f"{python.parent}:/usr/bin:/bin",
            "PYTHONPATH": str(clone / "workflow/scripts"),
            "HOME": "/absent",
            **variables,
        },
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        umask=umask,
    )
    assert "Traceback" not in said
    assert "Matplotlib created" not in said
    return said


def assert_same_bytes(folder, undisturbed, mode):
    """Its results are those of a usual run, and are the user's with this mode."""
    first, second = results(folder), results(undisturbed)
    assert first.keys() == second.keys()
    for files in (first, second):  # the page names the Python, which may be another
        page = files["results/report.html"]
        files["results/report.html"], n = re.subn(rb"python 3\.11\.\d+", b"", page)
        assert n == 2  # in the text for a paper, and among the packages
    assert [path for path in first if first[path] != second[path]] == []
    table = (folder / "results/presence/tiny/seed1/metrics.tsv").stat()
    uid = pwd.getpwnam(USER).pw_uid
    assert (table.st_uid, table.st_mode & 0o777) == (uid, mode)


def test_a_run_in_unusual_surroundings_gives_the_same_bytes(place, undisturbed):
    folder = prepared(place, NAME)
    run_by_user(
        folder,
        0o077,
        TMPDIR="/absent",
        LC_ALL="C",
        PYTHONIOENCODING="ascii",
        TZ="Asia/Kathmandu",
    )
    assert_same_bytes(folder, undisturbed, 0o600)


@pytest.fixture(scope="module")
def locales(place):
    """A folder with the locales, made without a right of root."""
    folder = place / "locales"
    folder.mkdir()
    for name in LOCALES:
        if not (Path("/usr/share/i18n/locales") / name).exists():
            pytest.skip(f"no locale {name} on this machine (Debian's package locales)")
        try:
            subprocess.run(
                ["localedef", "-i", name, "-f", "UTF-8", folder / f"{name}.UTF-8"],
                check=True,
            )
        except FileNotFoundError:
            pytest.skip("no localedef on this machine (Debian's package libc-bin)")
    return folder


def test_a_run_in_other_locales_for_a_group_gives_the_same_bytes(
    place, locales, undisturbed
):
    folder = prepared(place, "run")
    turkish, german = (f"{name}.UTF-8" for name in LOCALES)
    variables = {"LOCPATH": str(locales), "LANG": turkish}
    variables |= dict.fromkeys(("LC_NUMERIC", "LC_TIME", "LC_COLLATE"), german)
    code = "import locale as l; l.setlocale(l.LC_ALL, ''); print(l.localeconv())"
    said = finish(folder, [place / "env/bin/python", "-c", code], env=variables)
    assert "'decimal_point': ','" in said
    run_by_user(folder, 0o027, **variables)
    assert_same_bytes(folder, undisturbed, 0o640)


def test_a_folder_that_the_user_cannot_write_is_named_before_any_job(place):
    folder = prepared(place, "forbidden")
    (folder / "results").mkdir()
    os.chown(folder / "results", 0, 0)
    said = run_by_user(folder, 0o022, fails=True)
    assert "Failed to create output directory results/presence" in said
    assert "Permission denied" in said
    assert list((folder / "results").iterdir()) == []
