"""A place for caches where the home folder cannot be written, or is none.

Snakemake keeps copies of scripts in a cache, Matplotlib a list of the fonts. The first
ends with a traceback if its folder cannot be made, the second warns in every job.
Compiled code of `motif_discovery` is kept in the same cache as the copies of scripts.
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
    if cache_folder("") is None:
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    if "MPLCONFIGDIR" in os.environ:
        own = os.environ["MPLCONFIGDIR"]
    else:
        config = os.environ.get("XDG_CONFIG_HOME") or _home() / ".config"
        own = Path(config, "matplotlib")
    if not _can_be_made(own):
        os.environ["MPLCONFIGDIR"] = str(folder / "matplotlib")


def cache_folder(name):
    """The folder of this name in the user's cache.

    Returns
    -------
    pathlib.Path or None
        None where it is not there and cannot be made, or cannot be written.
    """
    folder = Path(os.environ.get("XDG_CACHE_HOME") or _home() / ".cache", name)
    return folder if _can_be_made(folder) else None


def _home():
    return Path(os.path.expanduser("~"))


def _can_be_made(path):
    """Whether a folder is there and can be written, or can be made."""
    if str(path).startswith("~"):  # a home folder that nobody knows
        return False
    path = Path(path).absolute()
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.is_dir() and os.access(path, os.W_OK | os.X_OK)
