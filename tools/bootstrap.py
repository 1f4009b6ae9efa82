"""Build `.venv` from requirements.txt, inside the repository and nowhere else.

Run by `make`; needs only a Python (3.8 or newer) and its standard library:

    python3 tools/bootstrap.py          build .venv, or do nothing if it is ready
    GPU=1 python3 tools/bootstrap.py    the same with torch's GPU build

`UV_CACHE_DIR` names a cache to share with other projects.
"""

import ast
import functools
import os
import subprocess
import sys
import venv
from pathlib import Path

UV = "uv==0.13.8"

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / ".ready"
TOOLS = ROOT / ".tools"

# Packages are compiled once and for all: where Python may not write bytecode, as in
# many containers, each of a run's jobs would compile anew whatever it imports. uv
# compiles what the same call installs, and nothing that was there before.
COMPILE = "--compile-bytecode"

# What pip is told about where packages are, in uv's words.
UV_OPTION = {
    "index-url": "--default-index",
    "extra-index-url": "--index",
    "find-links": "--find-links",
    "trusted-host": "--allow-insecure-host",
}


class Failure(Exception):
    """A step that the user has to help with; the text says how."""


class Uv:
    """uv in an environment of its own, looking for packages where pip does."""

    def __init__(self, folder=TOOLS / "uv"):
        self.python = folder / "bin" / "python"
        self.settings = {
            "UV_CACHE_DIR": str(TOOLS / "cache"),
            "UV_PYTHON_INSTALL_DIR": str(TOOLS / "python"),
            # As for pip, an index is not the last word on a package it lists.
            "UV_INDEX_STRATEGY": "unsafe-best-match",
            **os.environ,
        }

    def install(self):
        """Install uv itself, with pip."""
        folder = self.python.parent.parent
        try:
            venv.create(folder, with_pip=True, clear=True, symlinks=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Failure(
                f"{error}\n{sys.executable} cannot make a virtual environment; on "
                "Debian and Ubuntu, install\nthe package python3-venv. Then run make "
                "again."
            ) from error
        try:
            run(self.python, "-m", "pip", "install", "--quiet", UV)
        except Failure as error:
            raise Failure(
                f"{error}\npip could not install {UV}. Where packages come from a "
                "mirror or through a\nproxy, tell pip of it (`pip config list` shows "
                "what it knows). Then run make\nagain."
            ) from error

    def __call__(self, *arguments):
        """Run a uv command."""
        environment = {**trusted_certificates(self.pip_options), **self.settings}
        return run(self.python, "-m", "uv", *arguments, env=environment)

    @functools.cached_property
    def pip_options(self):
        """Where the user's pip looks for packages, as of `read_pip_options`."""
        return read_pip_options(run(self.python, "-m", "pip", "config", "list"))


def run(*command, env=None):
    """Run one step; return what it printed, or raise `Failure` with it."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env=env,
    )
    if done.returncode:
        raise Failure(done.stdout.strip())
    return done.stdout


def read_pip_options(listing):
    """Read where packages come from out of `pip config list`.

    Parameters
    ----------
    listing : str
        Lines such as ``global.find-links='/a /b'``.

    Returns
    -------
    dict of str to list of str
        Keys as in `UV_OPTION`, and `cert`, the certificates to trust. As in pip
        itself, the environment prevails over the section `install`, and that over
        `global`.
    """
    options = {}
    for section in ("global", "install", ":env:"):
        for line in listing.splitlines():
            name, _, value = line.partition("=")
            prefix, _, key = name.rpartition(".")
            if prefix == section and key in {*UV_OPTION, "cert"}:
                options[key] = ast.literal_eval(value).split()
    return options


def trusted_certificates(options):
    """Return pip's certificates as the variable that uv reads."""
    return {"SSL_CERT_FILE": " ".join(options["cert"])} if "cert" in options else {}


def uv_arguments(options):
    """Return pip's options as arguments of uv."""
    return [
        argument
        for key, values in options.items()
        if key in UV_OPTION
        for value in values
        for argument in (UV_OPTION[key], value)
    ]


def pin(lock, name):
    """Return the lock's requirement for one package, as ``name==version``."""
    lines = (line.split(";")[0].strip() for line in lock.splitlines())
    return next(line for line in lines if line.startswith(f"{name}=="))


def torch_choices(torch, gpu):
    """Return, best first, the arguments with which uv may find a build of torch.

    On Linux the index's own torch requires several GB of CUDA packages, so the
    CPU build is sought where the user's pip looks, then where uv knows it to be.
    The index's comes last; it is the right one where there is no CUDA.
    """
    if gpu:
        return [[torch, "--torch-backend", "auto"], [torch]]
    return [[f"{torch}+cpu"], [torch, "--torch-backend", "cpu"], [torch]]


def install_torch(uv, python, lock, *more, gpu=False):
    """Install torch before anything else can bring the wrong build along.

    `more` are arguments of uv.
    """
    options = dict(uv.pip_options)
    if gpu:
        # Among find-links a CPU build would pass for a later version.
        options.pop("find-links", None)
    target = ["--python", python, "--constraint", LOCK, *uv_arguments(options)]
    target += more
    for choice in torch_choices(pin(lock, "torch"), gpu):
        try:
            return uv("pip", "install", *target, *choice)
        except Failure as error:
            last = error
    raise last


def build(lock, gpu):
    """Build `.venv` from nothing."""
    uv = Uv()
    print(f"{UV} into .tools", flush=True)
    uv.install()

    print("Python 3.11 into .venv", flush=True)
    try:
        uv("venv", "--clear", "--python", "3.11", ENVIRONMENT)
    except Failure as error:
        raise Failure(
            f"{error}\nNo Python 3.11 was found, nor could one be downloaded. Install "
            "one, with Homebrew,\npyenv, conda or the system's packages, so that "
            "`python3.11` starts it. Then run\nmake again."
        ) from error

    try:
        print(f"{pin(lock, 'torch')}, {'GPU' if gpu else 'CPU'} build", flush=True)
        install_torch(uv, ENVIRONMENT, lock, COMPILE, gpu=gpu)
        print("everything else in requirements.txt", flush=True)
        target = ["--python", ENVIRONMENT, "--requirement", LOCK, COMPILE]
        uv("pip", "install", *target, *uv_arguments(uv.pip_options))
    except Failure as error:
        raise Failure(
            f"{error}\nThe packages of requirements.txt could not be installed. uv "
            "looked where pip does\n(`pip config list`): correct that where packages "
            "come from a mirror. Then run make\nagain; what was downloaded is kept."
        ) from error
    find_library_for_linter()
    STAMP.write_text(stamp(lock, gpu), encoding="utf-8")


def find_library_for_linter():
    """Let `lint-imports` find the library from the repository's folder.

    Nothing else may: a job must import the library beside its own script, which may
    be that of another version.
    """
    (packages,) = ENVIRONMENT.glob("lib/python3.*/site-packages")
    (packages / "lint_imports.pth").write_text(
        "import os, sys; "
        "any(word.endswith('lint-imports') for word in sys.orig_argv) "
        "and sys.path.append(os.path.abspath('workflow/scripts'))\n",
        encoding="utf-8",
    )


def stamp(lock, gpu):
    """Return what a finished `.venv` says of itself: its build of torch, its lock."""
    return f"# torch: {'GPU' if gpu else 'CPU'} build\n{lock}"


def main():
    """Build `.venv` unless it is ready."""
    lock = LOCK.read_text(encoding="utf-8")
    made = STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""
    # A GPU build once made is kept: GPU=1 need not be said again.
    gpu = os.environ.get("GPU") == "1" or made.startswith(stamp("", gpu=True))
    if made == stamp(lock, gpu):
        return None
    try:
        build(lock, gpu)
    except Failure as error:
        return f"{error}\n"
    return None


if __name__ == "__main__":
    sys.exit(main())
