"""What a study was made with: networks, seeds, methods and versions."""

import platform
from importlib.metadata import version
from types import SimpleNamespace

import pytest

import proofread
import provenance as script
from proofread.studies.provenance import provenance
from proofread.tables import read_table

CONFIGURATION = {
    "analyses": ["attributions", "tomtom"],
    "datasets": {"a": {"source": "simulate"}, "b": {"source": "simulate"}},
    "models": {"cnn": {"training": {}}, "lstm": {"training": {}}},
    "methods": {"attributions": {}, "tomtom": {}},
    "databases": {},
}


def experiments(*networks):
    return [
        {"dataset": dataset, "model": model, "seed": seed}
        for dataset, model, seeds in networks
        for seed in seeds
    ]


def texts(*networks):
    datasets = {name: {"source": "simulate"} for name, _, _ in networks}
    table = provenance(CONFIGURATION | {"datasets": datasets}, experiments(*networks))
    return dict(zip(table["item"], table["text"], strict=True))


def test_networks_methods_and_versions_are_named():
    told = texts(("a", "cnn", [1, 2, 3]), ("b", "cnn", [1, 2, 3]))
    assert (told["datasets"], told["models"]) == ("a, b", "cnn")
    assert (told["networks"], told["seeds"]) == ("6", "1 to 3")
    assert told["methods"] == "attributions, tomtom"
    assert told["proofread"] == proofread.__version__
    assert told["python"] == platform.python_version()
    assert told["torch"] == version("torch")
    assert told["pytorch-lightning"] == version("pytorch-lightning")


@pytest.mark.parametrize(
    ("networks", "seeds"),
    [
        ([("a", "cnn", [2, 1])], "1, 2"),
        ([("a", "cnn", [10, 9, 8])], "8 to 10"),
        ([("a", "cnn", [1, 2, 4])], "1, 2, 4"),
        (
            [("a", "cnn", range(1, 11)), ("a", "lstm", [1, 2, 3])],
            "1 to 10: cnn; 1 to 3: lstm",
        ),
        (
            [("a", "cnn", [1]), ("b", "cnn", [2]), ("b", "lstm", [1])],
            "1: cnn on a, lstm on b; 2: cnn on b",
        ),
        (
            [
                (f"{rule}{number}", "cnn", [number])
                for rule in "ab"
                for number in (1, 2, 3)
            ],
            "1 to 3, the number of the dataset",
        ),
        ([("a2", "cnn", [2]), ("b1", "cnn", [2])], "2"),
        (
            [("a1", "cnn", [1]), ("a2", "cnn", [3])],
            "1: cnn on a1; 3: cnn on a2",
        ),
    ],
)
def test_seeds_of_all_networks_are_told(networks, seeds):
    assert texts(*networks)["seeds"] == seeds


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["a1", "a2", "a3", "b"], "a1 to a3, b"),
        (["a1", "a2"], "a1, a2"),
        (["a1", "a2", "a4"], "a1, a2, a4"),
        (["a9", "a10", "a11"], "a9 to a11"),
        (["a01", "a02", "a03"], "a01 to a03"),
        (["1", "2", "3"], "1 to 3"),
        (["a", "a1", "a2"], "a, a1, a2"),
    ],
)
def test_numbered_datasets_are_a_range(names, told):
    assert texts(*((name, "cnn", [1]) for name in names))["datasets"] == told


def test_a_second_table_has_the_same_bytes(tmp_path):
    contents = []
    for number in (1, 2):
        path = tmp_path / f"{number}.tsv"
        job = SimpleNamespace(
            params=SimpleNamespace(
                configuration=CONFIGURATION,
                experiments=experiments(("a", "cnn", ["1", "2"])),
            ),
            output=SimpleNamespace(table=path),
            log=[str(tmp_path / "log")],
        )
        script.main(job)
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]
    assert read_table(tmp_path / "1.tsv")["item"].tolist()[:2] == ["datasets", "models"]
