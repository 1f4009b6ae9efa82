"""What several tests need: the real data, read in place."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data_folder():
    """The folder of real data: PROOFREAD_DATA, else the sibling shared/data."""
    folder = Path(os.environ.get("PROOFREAD_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is absent (set PROOFREAD_DATA)")
    return folder
