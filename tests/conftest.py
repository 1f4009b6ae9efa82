"""What several tests need: the real data, read in place."""

import os
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
