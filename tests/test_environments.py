"""envs/: pinned, complete for their rules, and the same versions as requirements.txt.

No channel is reached: `conda` is the stand-in of fake_conda.py, whose docstring says
what its environments show and what they do not. Here every script's imports are tried
in its environment, by `python -I`; integration/test_workflow.py runs a workflow.
"""

import ast
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import bootstrap
import fake_conda
from proofread.configuration.provenance import library_modules

ROOT = Path(__file__).parents[1]
ENV_FILES = sorted((ROOT / "envs").glob("*"))
GIVEN = {*sys.stdlib_module_names, "proofread"}  # what no environment has to bring
RULES = [ROOT / "workflow/Snakefile", *sorted((ROOT / "workflow/rules").rglob("*.smk"))]


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


def sharing():
    """Return the rules in groups that have one environment: files of equal content."""
    groups = {}
    for rule, path in sorted(named("conda").items()):
        groups.setdefault(path.read_text(), []).append(rule)
    return list(groups.values())


def imports(script):
    """Return how a script, and what it imports of the library, import packages."""
    files = [script, *(script.parent / module for module in library_modules(script))]
    trees = [ast.parse(file.read_text()) for file in files if file.suffix == ".py"]
    statements = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module]
        else:
            continue
        if not {module.split(".")[0] for module in modules} <= GIVEN:
            statements.add(ast.unparse(node))
    return sorted(statements)


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


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Return the function that builds the environment of an env file, once each."""
    built = {}

    def prefix(env_file):
        content = env_file.read_text()
        if content not in built:
            built[content] = tmp_path_factory.mktemp("env") / "prefix"
            fake_conda.create(env_file, built[content])
        return built[content]

    return prefix


@pytest.mark.parametrize("rules", sharing(), ids="+".join)
def test_scripts_find_their_imports_in_their_own_environment(rules, environment):
    scripts, env_files = named("script"), named("conda")
    statements = {line for rule in rules for line in imports(scripts[rule])}
    assert failing_imports(environment(env_files[rules[0]]), statements) == []


def test_a_missing_package_is_noticed(tmp_path):
    (tmp_path / "env.yaml").write_text(
        "channels: [conda-forge]\ndependencies: [python =3.11.15, pyyaml =6.0.3]\n"
    )
    fake_conda.create(tmp_path / "env.yaml", tmp_path / "env")
    wanted = ["import yaml", "from numpy import linalg"]
    assert failing_imports(tmp_path / "env", wanted) == ["from numpy import linalg"]


def test_an_import_inside_a_function_of_the_library_counts(tmp_path):
    files = {
        "rule.py": "import json, numpy\nfrom proofread.one import f\n",
        "proofread/__init__.py": "",
        "proofread/one.py": "def f():\n    from torch import nn\n",
        "proofread/other.py": "import pandas\n",
    }
    (tmp_path / "proofread").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    result = imports(tmp_path / "rule.py")
    assert result == ["from torch import nn", "import json, numpy"]


def test_every_rule_with_a_script_has_an_environment():
    assert named("script").keys() == named("conda").keys()


def test_every_environment_is_named_by_a_rule_and_every_name_is_a_file():
    assert set(named("conda").values()) == set(ENV_FILES)


@pytest.mark.parametrize("env_file", ENV_FILES, ids=lambda path: path.name)
def test_versions_are_the_lock_s(env_file):
    conda, pip = fake_conda.read_pins(env_file)
    pins = conda | pip
    assert pins.pop("python").startswith("3.11.")
    pins.pop("pip", None)  # conda's; .venv has none
    lock = bootstrap.LOCK.read_text()
    assert [f"{name}=={pins[name]}" for name in pins] == [
        bootstrap.pin(lock, name) for name in pins
    ]


@pytest.mark.parametrize("env_file", ENV_FILES, ids=lambda path: path.name)
def test_a_pip_list_is_closed(env_file):
    """Else pip would choose the version of what is not listed."""
    conda, pip = fake_conda.read_pins(env_file)
    assert ("pip" in conda) == bool(pip)
    needed = {need for name in pip for need in needs(name)}
    assert needed - (conda | pip).keys() == set()


def needs(name, extras=("",)):
    """Yield the packages that a package requires, with those of its extras."""
    for item in map(Requirement, requires(name) or []):
        if item.marker is None or any(
            item.marker.evaluate({"extra": extra}) for extra in extras
        ):
            yield canonicalize_name(item.name)
            if item.extras:
                yield from needs(item.name, item.extras)


def test_an_environment_is_described_by_its_file_alone():
    """A pin file that installs would make Snakemake skip the pip list silently."""
    assert {path.suffix for path in ENV_FILES} == {".yaml"}


@pytest.mark.parametrize(
    "line", ["numpy", "numpy >=2.4", "numpy =2.*", "numpy=2.4.6=py311", "- pip"]
)
def test_the_stand_in_refuses_a_line_that_is_not_one_version(tmp_path, line):
    path = tmp_path / "env.yaml"
    path.write_text(
        f"channels: [conda-forge]\ndependencies: [python =3.11.15, '{line}']\n"
    )
    with pytest.raises(bootstrap.Failure, match="not pinned to one version"):
        fake_conda.read_pins(path)


def test_the_stand_in_refuses_a_version_that_is_not_the_lock_s(tmp_path):
    path = tmp_path / "env.yaml"
    path.write_text(
        "channels: [conda-forge]\ndependencies: [python =3.11.15, pyyaml =6.0.2]\n"
    )
    with pytest.raises(bootstrap.Failure, match=r"pyyaml==6\.0\.3"):
        fake_conda.create(path, tmp_path / "env")


def test_the_stand_in_refuses_nodefaults(tmp_path):
    """Conda 26.7 takes it for a channel, and does not find it."""
    path = tmp_path / "env.yaml"
    path.write_text(
        "channels: [conda-forge, nodefaults]\ndependencies: [python =3.11.15]\n"
    )
    with pytest.raises(bootstrap.Failure, match="unknown channel"):
        fake_conda.read_pins(path)
