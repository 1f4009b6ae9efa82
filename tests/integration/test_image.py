"""Containerfile: what it says, and an image built from it that runs the workflow."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import bootstrap
from pages import copied

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "Containerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text().split("\n")
DEBIAN = "bookworm"  # whose python3 is 3.11


def instructions(name):
    """Arguments of the file's instructions of one kind."""
    return re.findall(rf"^{name} (.+)$", TEXT, re.M)


def test_every_source_of_a_copy_exists_and_is_not_left_out():
    for copy in instructions("COPY"):
        for source in copy.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source not in IGNORED


def test_the_environment_is_built_as_by_make():
    makefile = (ROOT / "Makefile").read_text()
    (command,) = re.findall(r"^env:\n\t@(.+)$", makefile, re.M)
    (built,) = instructions("RUN")
    assert built.startswith(command.replace("$(PYTHON3)", "python3"))


def test_the_command_is_that_of_the_readme():
    (command,) = instructions("CMD")
    words = re.findall(r'"([^"]+)"', command)
    assert f"\n{' '.join(words)} " in (ROOT / "README.md").read_text()


def test_the_base_is_named_shortly():
    assert instructions("ARG") == ["BASE=python:3.11-slim"]
    assert instructions("FROM") == ["$BASE"]


def test_what_git_ignores_does_not_enter_the_image():
    lines = (ROOT / ".gitignore").read_text().splitlines()
    for line in filter(None, lines):
        path = line.strip("/")
        if line.startswith("#") or path in (".lock", ".DS_Store"):
            continue
        assert {path, f"**/{path}", line.replace("/", "", 1)} & set(IGNORED), line


class Builder:
    """buildah with a store of its own, without privileges beyond chroot's."""

    def __init__(self, folder):
        self.folder = folder
        self.store = [
            *("--storage-driver", "vfs"),
            *("--root", folder / "root", "--runroot", folder / "run"),
        ]

    def __call__(self, *arguments, check=True):
        """Run a command of buildah's; fail with what it printed."""
        done = subprocess.run(
            ["buildah", *self.store, *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert not check or done.returncode == 0, done.stdout
        return done

    def base(self):
        """The name of an image with Python 3.11: the file's own, or Debian's."""
        (named,) = instructions("ARG")
        named = named.removeprefix("BASE=")
        if self("pull", "--quiet", named, check=False).returncode == 0:
            return named
        if not shutil.which("mmdebstrap"):
            pytest.skip(f"{named} cannot be pulled, and mmdebstrap is not installed")
        packages = "--include=python3,python3-venv,ca-certificates"
        command = ["mmdebstrap", "--variant=minbase", packages, DEBIAN, "base.tar"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"neither {named} nor Debian's packages can be had here")
        (self.folder / "Base").write_text("FROM scratch\nADD base.tar /\n")
        self("bud", "--isolation", "chroot", "--tag", "base", "--file", "Base", ".")
        return "localhost/base"


def package_sources(folder):
    """Volumes with which pip inside finds packages where it does here."""
    options = bootstrap.Uv().pip_options
    lines = [f"{key} = {' '.join(values)}" for key, values in options.items()]
    (folder / "pip.conf").write_text("\n".join(["[global]", *lines, ""]))
    volumes = {folder / "pip.conf": "/etc/pip.conf"}
    for key, values in options.items():
        for value in values:
            path = Path(value.removeprefix("file://"))
            # The pages of an index refer to files beside it.
            path = path.parent if key.endswith("index-url") else path
            if path.is_absolute() and path.exists():
                volumes[path] = path
    return [f"--volume={here}:{inside}:ro" for here, inside in volumes.items()]


@pytest.fixture
def build(tmp_path):
    """A builder, or a skipped test. Its store of many small files is removed fast."""
    if not shutil.which("buildah"):
        pytest.skip("buildah is not installed")
    yield Builder(tmp_path)
    subprocess.run(["rm", "-rf", tmp_path / "root", tmp_path / "run"], check=True)


@pytest.mark.slow
def test_the_image_runs_the_workflow(build, tmp_path):
    base = build.base()
    build(
        *("bud", "--isolation", "chroot", "--network", "host"),
        *package_sources(tmp_path),
        *("--build-arg", f"BASE={base}", "--tag", "proofread"),
        *("--file", "Containerfile", copied(tmp_path / "proofread")),
    )
    container = build("from", "localhost/proofread").stdout.split()[-1]
    command = (
        "snakemake --directory .test --cores 2 && test -s .test/results/report.html"
    )
    build("run", "--isolation", "chroot", container, "--", "bash", "-c", command)
    (cmd,) = instructions("CMD")
    plan = re.findall(r'"([^"]+)"', cmd)
    planned = build("run", "--isolation", "chroot", container, "--", *plan, "--dry-run")
    assert re.search(r"^train +2$", planned.stdout, re.M)
