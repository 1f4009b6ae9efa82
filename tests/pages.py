"""Pages of docs/ followed as a reader does: what they say to save and to run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def copied(folder):
    """The files of the repository in a new folder, as a clone would have them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def shell(folder, command, variables=()):
    """Run a line of the page as its reader does, with the environment on."""
    return subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(folder / "cache"),
            **dict(variables),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def steps(page):
    """What a page tells its reader to do, in order: (path, text) or (None, command).

    A block is saved under the path that the paragraph before it names after "Save
    as"; of two paths the second belongs to the block after the next.
    """
    waiting, paragraph = [], []
    for block in re.finditer(r"^```(\w*)\n(.*?)^```\n", page, re.M | re.S):
        before = page[: block.start()].rstrip().rsplit("```\n", 1)[-1]
        paragraph = " ".join(before.split("\n\n")[-1].split())
        named = re.search(r"Save as (`\S+`(?: and `\S+`)?):$", paragraph)
        waiting += re.findall(r"`(\S+)`", named[1]) if named else []
        if block[1] == "sh":
            yield None, block[2]
        elif waiting:
            yield waiting.pop(0), block[2]
    assert not waiting


def follow(page, folder, change=str):
    """Do in a folder what a page says, in order; fail with what a command printed.

    `change` turns a command into the one that is run.
    """
    for path, text in steps(page):
        if path is None:
            commands = "\n".join(map(change, text.splitlines()))
            ran = shell(folder, commands)
            assert ran.returncode == 0, f"{commands}\n{ran.stdout}"
        else:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
