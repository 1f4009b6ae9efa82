"""A place for caches where the home folder cannot be written, or is none.

Snakemake keeps copies of scripts in a cache, Matplotlib a list of the fonts. The first
ends with a traceback if its folder cannot be made, the second warns in every job.
"""

import os
from pathlib import Path


def make_caches_writable(folder):
    """Set the variables that move a cache into a folder, where its own place fails.

    Parameters
    ----------
    folder : str or path
        Made when something is written there.
    """
    folder = Path(folder).resolve()
    home = Path(os.path.expanduser("~"))
    cache = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    if not _can_be_made(cache):
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    if "MPLCONFIGDIR" in os.environ:
        own = os.environ["MPLCONFIGDIR"]
    else:
        config = os.environ.get("XDG_CONFIG_HOME") or home / ".config"
        own = Path(config, "matplotlib")
    if not _can_be_made(own):
        os.environ["MPLCONFIGDIR"] = str(folder / "matplotlib")


def _can_be_made(path):
    """Whether a folder is there and can be written, or can be made."""
    if str(path).startswith("~"):  # a home folder that nobody knows
        return False
    path = Path(path).absolute()
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.is_dir() and os.access(path, os.W_OK | os.X_OK)
