"""A clock that was set back: results and data with dates of the future."""

import os
import re
import shutil
import subprocess
import time

import pytest

from runs import ROOT, assert_same_results, run

DAY = 24 * 60 * 60  # seconds


@pytest.mark.slow
def test_results_of_the_future_are_kept_or_named(tmp_path, undisturbed):
    """Snakemake builds nothing on them; the line of the page sets their dates."""
    folder = tmp_path / "run"
    shutil.copytree(undisturbed, folder, symlinks=True)
    (folder / "data").mkdir()
    (folder / "data/my peaks.bed").touch()
    future = time.time() + DAY
    for path in (*(folder / "results").rglob("*"), folder / "data/my peaks.bed"):
        os.utime(path, (future, future))
    assert "Nothing to be done" in run(folder, "--cores", "1")
    assert_same_results(folder, undisturbed)

    again = ("--cores", "2", "--forcerun", "scorecard")
    said = run(folder, *again, fails=True)
    assert re.search(r"scorecard\.\w+ has older modification time", said)
    assert "clock skew" in said
    assert "Traceback" not in said

    page = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^find .*$", page, re.M)
    subprocess.run(["sh", "-c", line], cwd=folder, check=True)
    assert (folder / "data/my peaks.bed").stat().st_mtime <= time.time()
    said = run(folder, *again)
    # scorecard, summary, report and the rule of the target
    assert "4 jobs to run" in said
    assert_same_results(folder, undisturbed)
    assert "Nothing to be done" in run(folder, "--cores", "1")
