"""Write workflow/files.txt: the files that a remote workflow fetches for its rules.

    python tools/remote_files.py

Snakemake fetches the rules, scripts and environments of a workflow that is used from
a Git host, but not what these read: the library, the schemas and the captions.
common.smk fetches the files of this list, so a file that is not in it is missing there.
"""

from pathlib import Path

WORKFLOW = Path(__file__).resolve().parents[1] / "workflow"
LISTING = WORKFLOW / "files.txt"
FOLDERS = ("report", "schemas", "scripts")


def listing(workflow=WORKFLOW):
    """The text of the list: a path a line, relative to workflow/, in order."""
    paths = [
        path.relative_to(workflow).as_posix()
        for folder in FOLDERS
        for path in (workflow / folder).rglob("*")
        # An installation (pip install -e .) leaves a folder of its own.
        if path.is_file()
        and path.suffix != ".pyc"
        and path.parent.suffix != ".egg-info"
    ]
    return "".join(f"{path}\n" for path in sorted(paths))


if __name__ == "__main__":
    LISTING.write_text(listing(), encoding="utf-8")
