"""envs/: pinned, complete for their rules, and the same versions as requirements.txt.

No channel is reached: `conda` is the stand-in of fake_conda.py, whose docstring says
what its environments show and what they do not. A workflow runs through Snakemake's
real `--sdm conda` path, and every script's imports are tried in its environment.

Snakemake appends its own packages to a script's path, which hides what an environment
lacks. So it runs here from an environment that holds nothing else, and the imports are
tried apart, by `python -I`.
"""

import ast
import hashlib
import os
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import bootstrap
import fake_conda
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "workflow" / "scripts"
ENV_FILES = sorted((ROOT / "envs").glob("*"))
RULES = [ROOT / "Snakefile", *sorted((ROOT / "workflow" / "rules").rglob("*.smk"))]


def rules():
    """Yield file, name and text of every rule."""
    for path in RULES:
        parts = re.split(r"^rule (\w+):$", path.read_text(), flags=re.MULTILINE)[1:]
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            yield path, name, text


def named(directive):
    """Return the file that each rule's `directive` names, by rule."""
    pattern = re.compile(rf"^    {directive}:\s*\"(.+)\"", re.MULTILINE)
    return {
        name: (path.parent / match[1]).resolve()
        for path, name, text in rules()
        for match in pattern.finditer(text)
    }


def imports(script, folder=SCRIPTS):
    """Return the statements by which a script imports what is not Python's own.

    Modules beside the script are followed into, and a package among them into each of
    its modules, as it may choose one by name.
    """
    statements, waiting, seen = set(), [script], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            for module in modules:
                top = module.split(".")[0]
                if (folder / top).is_dir() or (folder / f"{top}.py").exists():
                    waiting += local_files(module, folder)
                elif top not in sys.stdlib_module_names:
                    statements.add(ast.unparse(node))
    return sorted(statements)


def local_files(module, folder):
    """Return the files of a dotted name that begins in `folder`."""
    path = folder / module.replace(".", "/")
    if path.is_dir():
        return [path / "__init__.py"] if path.parent == folder else [*path.glob("*.py")]
    # The last part may be a name inside the module.
    candidates = path.with_suffix(".py"), path.parent.with_suffix(".py")
    return [each for each in candidates if each.exists()]


def failing_imports(prefix, statements):
    """Return the statements that fail in the environment at `prefix`, alone."""
    program = (
        "import sys\n"
        "for statement in sys.argv[1:]:\n"
        "    try:\n        exec(statement)\n"
        "    except ImportError:\n        print(statement)\n"
    )
    command = [f"{prefix}/bin/python", "-I", "-W", "ignore", "-c", program]
    return subprocess.run(
        [*command, *statements], capture_output=True, text=True, check=True
    ).stdout.splitlines()


def stand_in(folder):
    """Put the stand-in for conda and Snakemake's own environment into a folder.

    Returns
    -------
    dict of str to str
        The environment variables with which `snakemake` and `conda` are these.
    """
    fake_conda.install(folder)
    lock = bootstrap.LOCK.read_text()
    uv = bootstrap.Uv()
    uv("venv", "--python", "3.11", folder / "snakemake")
    target = ["--python", folder / "snakemake", "--constraint", bootstrap.LOCK]
    options = bootstrap.uv_arguments(uv.pip_options())
    uv("pip", "install", *target, *options, bootstrap.pin(lock, "snakemake"))
    path = [f"{folder}/bin", f"{folder}/snakemake/bin", os.environ["PATH"]]
    return {**os.environ, "PATH": os.pathsep.join(path)}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    """The tiny configuration run with `--sdm conda`: its folder, its exit, its words."""
    folder = tmp_path_factory.mktemp("conda")
    work = folder / "work"
    work.mkdir()
    return work, subprocess.run(
        ["snakemake", "--cores", "2", "--sdm", "conda"],
        cwd=work,
        env=stand_in(folder),
        capture_output=True,
        text=True,
    )
