"""The digest of what a script imports: complete, and of nothing else."""

import pytest

from proofread.configuration.provenance import library_digest, library_modules

LIBRARY = {
    "proofread/__init__.py": "",
    "proofread/tables.py": "import pandas",
    "proofread/datasets/__init__.py": "",
    "proofread/datasets/dataset.py": "from proofread.tables import write_table",
    "proofread/figures/__init__.py": "",
    "proofread/figures/style.py": "",
    "proofread/models/__init__.py": "",
    "proofread/models/checkpoint.py": "from proofread.models import architectures",
    "proofread/models/architectures/__init__.py": "",
    "proofread/models/architectures/small.py": "",
    "plain.py": "from proofread.datasets.dataset import read\nimport json, torch",
    "late.py": "def draw():\n    import proofread.figures.style",
    "network.py": "from proofread.models import checkpoint\nimport proofread.tables",
    "proofread/datasets/sources/__init__.py": "import importlib",
    "proofread/datasets/sources/fasta.py": "from proofread.figures import style",
    "reader.py": "from proofread.datasets.sources import source_module",
}


@pytest.fixture
def scripts(tmp_path):
    for name, content in LIBRARY.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return tmp_path


@pytest.mark.parametrize(
    ("script", "modules"),
    [
        (
            "plain.py",
            ["__init__", "datasets/__init__", "datasets/dataset", "tables"],
        ),  # tables through dataset
        (
            "late.py",
            ["__init__", "figures/__init__", "figures/style"],
        ),  # an import inside a function
        (
            # Architectures are imported by name, so all of them count.
            "network.py",
            [
                "__init__",
                "models/__init__",
                "models/architectures/__init__",
                "models/architectures/small",
                "models/checkpoint",
                "tables",
            ],
        ),
        # Sources likewise, with what they import.
        (
            "reader.py",
            [
                "__init__",
                "datasets/__init__",
                "datasets/sources/__init__",
                "datasets/sources/fasta",
                "figures/__init__",
                "figures/style",
            ],
        ),
    ],
)
def test_modules_of_a_script(scripts, script, modules):
    expected = [f"proofread/{module}.py" for module in modules]
    assert library_modules(scripts / script) == expected


def test_only_a_module_that_is_used_changes_the_digest(scripts):
    before = library_digest(scripts / "plain.py")
    (scripts / "proofread/figures/style.py").write_text("COLOUR = 1")
    assert library_digest(scripts / "plain.py") == before
    (scripts / "proofread/tables.py").write_text("import pandas as pd")
    assert library_digest(scripts / "plain.py") != before


def test_the_digest_does_not_depend_on_the_folder(scripts, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "copy"
    scripts.rename(elsewhere)
    moved = library_digest(elsewhere / "plain.py")
    elsewhere.rename(scripts)
    assert library_digest(scripts / "plain.py") == moved
