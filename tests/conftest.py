"""What several tests need: the real data, read in place; what all of them check."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data_folder():
    """The folder of real data: PROOFREAD_DATA, else the sibling shared/data.

    Without either the tests that read it are skipped. A folder that was asked for,
    or a set that is missing from it, is a failure.
    """
    given = os.environ.get("PROOFREAD_DATA")
    folder = Path(given or ROOT.parent / "shared" / "data")
    if given and not folder.is_dir():
        pytest.fail(f"PROOFREAD_DATA names {folder}, which is no folder")
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is absent (set PROOFREAD_DATA)")
    return folder


@pytest.fixture(scope="session")
def cases_folder():
    """The folder of public cases, next to that of the real data; skipped without it."""
    given = os.environ.get("PROOFREAD_DATA")
    data = Path(given) if given else ROOT.parent / "shared" / "data"
    folder = data.parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"no cases: {folder} is absent")
    return folder


@pytest.fixture(autouse=True)
def matplotlib_is_left_alone():
    """No drawing function changes settings, backend or open figures of its user.

    Every test checks it, so every drawing function that is tested at all is covered.
    """
    yield
    if "matplotlib" not in sys.modules:
        return
    import matplotlib

    # Asking for the backend would choose one.
    changed = {
        key: matplotlib.rcParams[key]
        for key in matplotlib.rcParamsOrig
        if key != "backend" and matplotlib.rcParams[key] != matplotlib.rcParamsOrig[key]
    }
    assert changed == {}
    if "matplotlib.pyplot" in sys.modules:
        assert sys.modules["matplotlib.pyplot"].get_fignums() == []
