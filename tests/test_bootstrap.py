"""The lock, and how tools/bootstrap.py reads it and the user's pip."""

import re
from pathlib import Path

import numpy as np
import pytest

import bootstrap

LOCK = bootstrap.LOCK.read_text()


def test_the_lock_names_no_host_and_no_path():
    line = re.compile(r"[a-z0-9-]+==[a-z0-9.]+( ; [a-z0-9_=<>!.' ()]+)?", re.I)
    assert [item for item in LOCK.splitlines() if not line.fullmatch(item)] == []


def test_the_lock_holds_every_direct_dependency_as_asked():
    asked = (bootstrap.ROOT / "requirements.in").read_text().splitlines()
    asked = [item.split("#")[0].strip() for item in asked]
    locked = [line.split(" ;")[0] for line in LOCK.splitlines()]
    assert {item for item in asked if item} - set(locked) == set()


def test_the_lock_gives_each_package_one_version():
    names = [line.split("==")[0] for line in LOCK.splitlines()]
    assert len(names) == len(set(names))


def test_the_lock_leaves_cuda_to_torch():
    assert re.findall(r"^(?:nvidia|cuda|triton).*", LOCK, re.MULTILINE) == []


def test_pip_s_environment_prevails_over_its_files():
    listing = (
        "global.find-links='/a /b'\n"
        "global.index-url='one'\n"
        "global.timeout='9'\n"
        "install.index-url='two'\n"
        ":env:.find-links='/c'\n"
    )
    options = bootstrap.read_pip_options(listing)
    assert options == {"find-links": ["/c"], "index-url": ["two"]}
    assert bootstrap.uv_arguments(options) == [
        *("--find-links", "/c"),
        *("--default-index", "two"),
    ]


def test_uv_trusts_the_certificates_that_pip_trusts():
    options = bootstrap.read_pip_options("global.cert='/a folder/ca.crt'\n")
    assert bootstrap.trusted_certificates(options) == {
        "SSL_CERT_FILE": "/a folder/ca.crt"
    }
    assert bootstrap.uv_arguments(options) == []
    assert bootstrap.trusted_certificates({}) == {}


def test_each_of_several_places_becomes_an_argument():
    options = bootstrap.read_pip_options("global.extra-index-url='\\nx\\ny'\n")
    assert bootstrap.uv_arguments(options) == ["--index", "x", "--index", "y"]


def test_the_cpu_build_is_asked_for_before_the_index_s_own():
    assert bootstrap.torch_choices("torch==1", gpu=False)[0] == ["torch==1+cpu"]
    assert bootstrap.torch_choices("torch==1", gpu=False)[-1] == ["torch==1"]


@pytest.mark.parametrize(
    ("made", "asked", "builds"),
    [
        (None, False, ["CPU"]),
        (None, True, ["GPU"]),
        (("lock", False), False, []),
        (("lock", False), True, ["GPU"]),
        (("older", False), False, ["CPU"]),
        # A GPU build is kept, and stays one when the lock changes.
        (("lock", True), False, []),
        (("older", True), False, ["GPU"]),
    ],
)
def test_environment_is_built_when_it_is_not_what_is_asked_for(
    tmp_path, monkeypatch, made, asked, builds
):
    (tmp_path / "requirements.txt").write_text("lock")
    if made:
        (tmp_path / ".ready").write_text(bootstrap.stamp(*made))
    done = []
    monkeypatch.setattr(bootstrap, "LOCK", tmp_path / "requirements.txt")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".ready")
    monkeypatch.setattr(
        bootstrap, "build", lambda lock, gpu: done.append("GPU" if gpu else "CPU")
    )
    monkeypatch.setenv("GPU", "1" if asked else "")
    bootstrap.main()
    assert done == builds


def test_a_failure_ends_with_what_to_do(monkeypatch, tmp_path):
    def unreachable(self, *command, env=None):
        raise bootstrap.Failure("no route")

    monkeypatch.setattr(bootstrap, "run", unreachable)
    with pytest.raises(bootstrap.Failure, match=r"no route\n.*\n.*run make\nagain"):
        bootstrap.Uv(tmp_path).install()


def test_no_package_waits_to_be_compiled():
    # Where Python may not write bytecode, each job would compile it anew.
    folder = Path(np.__file__).parent.parent
    packages = {path.parent for path in folder.glob("*/__init__.py")}
    late = {path.name for path in packages if not (path / "__pycache__").is_dir()}
    assert late == set()
    assert folder / "torch" in packages
