"""A stand-in for the `conda` command, for testing envs/ where no channel is reached.

It answers the calls that Snakemake makes, and builds each environment with uv from
PyPI's packages of the same versions, isolated from the rest of the machine. A line that
is not pinned to one version, or that disagrees with requirements.txt, is refused.

What this shows: the files parse, every line is one version, the versions are the
lock's, and a rule finds in its environment all that its script imports. What it does
not show: that the channels carry these builds, that conda's solver accepts them
together, or how Python's patch release (3.11.15) differs from the one found here.
"""

import json
import os
import re
import sys
import sysconfig
from functools import cache
from pathlib import Path

import yaml

sys.path.append(str(Path(__file__).parents[1] / "tools"))
from bootstrap import LOCK, Failure, Uv, install_torch, pin, uv_arguments

PYPI_NAME = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
CONDA_LINE = re.compile(r"([a-z0-9._-]+) =(\d+(?:\.\d+)*)")
PIP_LINE = re.compile(r"([a-z0-9._-]+) ==(\d+(?:\.\d+)*)")


def parse(line, pattern):
    """Return name and version of one line of an env file."""
    match = pattern.fullmatch(line)
    if match is None:
        raise Failure(f"{line!r} is not pinned to one version")
    return match.groups()


def read_pins(env_file):
    """Read an env file as PyPI names.

    Returns
    -------
    conda, pip : dict of str to str
        Name to version, of conda's lines and of the `pip:` list.
    """
    content = yaml.safe_load(Path(env_file).read_text())
    if set(content) != {"channels", "dependencies"}:
        raise Failure(f"{env_file}: only channels and dependencies are expected")
    if not set(content["channels"]) <= {"conda-forge", "bioconda"}:
        raise Failure(f"{env_file}: unknown channel among {content['channels']}")
    lines = content["dependencies"]
    conda = dict(parse(line, CONDA_LINE) for line in lines if isinstance(line, str))
    pip_lists = [line["pip"] for line in lines if isinstance(line, dict)]
    pip = dict(parse(line, PIP_LINE) for lines in pip_lists for line in lines)
    return {PYPI_NAME.get(name, name): conda[name] for name in conda}, pip


def create(env_file, prefix):
    """Build the environment of an env file at `prefix`, as `conda env create` does."""
    conda, pip = read_pins(env_file)
    pins = conda | pip
    python = ".".join(pins.pop("python").split(".")[:2])
    pins.pop("pip", None)  # conda's way of reading the pip list; uv needs none
    uv = Uv()
    uv("venv", "--python", python, prefix)
    if "torch" in pins:
        install_torch(uv, prefix, f"torch=={pins['torch']}")
    target = ["--python", prefix, "--constraint", LOCK]
    requirements = [f"{name}=={version}" for name, version in pins.items()]
    uv("pip", "install", *target, *uv_arguments(uv.pip_options), *requirements)
    share_bytecode(Path(prefix) / "lib" / f"python{python}" / "site-packages")


def share_bytecode(packages):
    """Link the bytecode that Python has here for the very same files.

    conda's packages come with theirs; torch alone takes 7 s to compile.
    """
    for source, inode, bytecode in bytecode_here():
        target = os.path.join(packages, source)
        try:
            same = os.stat(target).st_ino == inode
        except FileNotFoundError:
            continue
        folder = os.path.join(os.path.dirname(target), "__pycache__")
        linked = os.path.join(folder, os.path.basename(bytecode))
        if same and not os.path.exists(linked):
            os.makedirs(folder, exist_ok=True)
            os.link(bytecode, linked)


@cache
def bytecode_here():
    """Of each source file of this Python's packages: path in them, inode, bytecode."""
    here = Path(sysconfig.get_paths()["purelib"])
    found = []
    for path in here.rglob("__pycache__/*.pyc"):
        source = path.parents[1] / f"{path.name.partition('.')[0]}.py"
        if source.is_file():
            found.append((source.relative_to(here), source.stat().st_ino, str(path)))
    return found


def install(folder):
    """Put a `conda` command into ``folder/bin``, which then belongs on the PATH."""
    scripts = {
        "conda": f'exec "{sys.executable}" "{__file__}" "{folder}" "$@"',
        "activate": 'export CONDA_PREFIX="$1" PATH="$1/bin:$PATH"',
    }
    for name, line in scripts.items():
        path = folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)


def stand_in(folder):
    """Put this `conda`, and Snakemake in an environment of its own, into a folder.

    Snakemake appends its own packages to a script's path, which hides what the script's
    environment lacks. So it is run from an environment that holds nothing else.

    Returns
    -------
    dict of str to str
        Environment variables with which `conda` and `snakemake` are these.
    """
    install(folder)
    uv = Uv()
    uv("venv", "--python", "3.11", folder / "snakemake")
    target = ["--python", folder / "snakemake", "--constraint", LOCK]
    snakemake = pin(LOCK.read_text(), "snakemake")
    uv("pip", "install", *target, *uv_arguments(uv.pip_options), snakemake)
    path = [f"{folder}/bin", f"{folder}/snakemake/bin", os.environ["PATH"]]
    # conda's packages come with their bytecode; here the first import writes it.
    bytecode = {"PYTHONDONTWRITEBYTECODE": ""}
    return {**os.environ, **bytecode, "PATH": os.pathsep.join(path)}


def answer(prefix, arguments):
    """Answer one call of the `conda` command that `install` put at `prefix`."""
    match arguments:
        case ["--version"]:
            print("conda 26.7.0")
        case ["info", "--json"]:
            print(json.dumps({"conda_prefix": prefix, "platform": "linux-64"}))
        case ["config", "--get", "channel_priority", "--json"]:
            print(json.dumps({"get": {"channel_priority": "strict"}}))
        case ["env", "create", *options]:
            create(
                options[options.index("--file") + 1],
                options[options.index("--prefix") + 1],
            )
        case ["clean", *_]:
            pass
        case _:
            raise Failure(f"the stand-in for conda has no answer to {arguments}")


if __name__ == "__main__":
    try:
        answer(sys.argv[1], sys.argv[2:])
    except Failure as error:
        sys.exit(str(error))
