"""The shipped studies of published tables: their networks, data and published cells."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.studies.published import read_published
from test_configuration import SCHEMAS, load

ROOT = Path(__file__).resolve().parents[1]
ACTIVATIONS = ("relu", "exponential")
OTHERS = (
    *("sigmoid", "tanh", "softplus", "linear", "elu"),
    *("modified_relu", "modified_sigmoid", "modified_tanh"),
)
# Seeds of each model.
KOO2021 = {
    f"{network}_{activation}": 10
    for network in ("local", "dist")
    for activation in ACTIVATIONS
}
KOO2021_ACTIVATIONS = {
    f"{network}_{activation}": seeds
    for network, seeds in (("local", 10), ("dist", 3))
    for activation in OTHERS
}
GHOTRA2021 = {
    f"{network}_{activation}": 10
    for network in ("cnn", "cnn2")
    for activation in ACTIVATIONS
}
# Ghotra et al. 2021, task 2: AUROC of the prediction; AUROC, AUPR and SNR of gradient
# x input, which the authors call saliency.
TASK_2 = {
    "cnn_relu": (0.964, 0.810, 0.635, 1.07),
    "cnn_exponential": (0.975, 0.854, 0.767, 1.97),
    "cnn2_relu": (0.951, 0.660, 0.478, 0.44),
    "cnn2_exponential": (0.981, 0.874, 0.801, 2.88),
}
GRADIENT_X_INPUT = "gradient_x_input signed_raw"
SCORES = (
    ("evaluate", "test_auroc", ""),
    ("attributions", "position_auroc_0.1_bit", GRADIENT_X_INPUT),
    ("attributions", "position_auprc_0.1_bit", GRADIENT_X_INPUT),
    ("attributions", "position_signal_to_noise", GRADIENT_X_INPUT),
)


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch):
    monkeypatch.chdir(ROOT)


def own(name):
    """A configuration as it is written, without the default one."""
    return yaml.safe_load((ROOT / "config" / f"{name}.yaml").read_text())


@pytest.mark.parametrize(
    ("name", "seeds", "scores"),
    [
        # Four methods, and Integrated Gradients in three more ways.
        ("koo2021", KOO2021, [4 * 4, 4 * 3]),
        # The modified activations have gradient x input alone.
        ("koo2021_activations", KOO2021_ACTIVATIONS, [10 * 4 + 6, 10]),
        ("ghotra2021", GHOTRA2021, [4 * 3]),
        ("ghotra2021_task2", GHOTRA2021, [4 * 4]),
    ],
)
def test_networks_and_published_scores_of_a_study(name, seeds, scores):
    config = check_configuration(load(f"{name}.yaml"), SCHEMAS)
    experiments = read_experiments(config["experiments"], config)
    assert set(own(name)["models"]) == seeds.keys()
    assert Counter(row["model"] for row in experiments) == seeds
    for model in seeds:
        numbers = [row["seed"] for row in experiments if row["model"] == model]
        assert list(map(int, numbers)) == list(range(1, seeds[model] + 1))
    networks = [(row["dataset"], row["model"]) for row in experiments]
    published = read_published(config["published"], networks)
    identity = ["dataset", "model", "method", "metric", "variant"]
    assert not published.duplicated(identity).any()
    assert published.groupby("table", sort=False).size().tolist() == scores


def test_motifs_are_spaced_as_the_authors_space_them():
    for name in ("koo2021", "ghotra2021"):
        (dataset,) = own(name)["datasets"].values()
        assert dataset["even_gaps"] is True


@pytest.mark.parametrize("name", ["koo2021_activations", "ghotra2021_task2"])
def test_other_networks_have_the_data_of_task_3(name):
    assert own(name)["datasets"] == own("koo2021")["datasets"]


def test_other_activations_are_trained_and_explained_as_the_first_ones():
    first, others = own("koo2021"), own("koo2021_activations")
    assert others["methods"] == first["methods"]
    for name, model in others["models"].items():
        network, activation = name.split("_", 1)
        expected = first["models"][f"{network}_relu"]
        assert model == expected | {"settings": {"activation": activation}}


def test_task_2_trains_as_task_1_with_other_sizes():
    first, second = own("ghotra2021")["models"], own("ghotra2021_task2")["models"]
    assert first.keys() == second.keys()
    for name in first:
        assert second[name]["architecture"] == first[name]["architecture"]
        assert second[name]["training"] == first[name]["training"]
        sizes = {"filters": 24, "dense": 96}
        if name.startswith("cnn2"):
            sizes["filters2"] = 24  # of both convolutions
        assert second[name]["settings"] == first[name]["settings"] | sizes


def test_all_positives_of_the_test_split_are_scored_in_task_2():
    config = check_configuration(load("ghotra2021_task2.yaml"), SCHEMAS)
    dataset = config["datasets"]["core_motifs"]
    of_the_test = dataset["sequences"] * dataset["split"]["test"]
    assert config["methods"]["attributions"]["max_sequences"] == of_the_test
    assert config["methods"]["attributions"]["kinds"] == ["gradient_x_input"]


def test_published_cells_of_task_2():
    networks = [("core_motifs", model) for model in TASK_2]
    table = read_published("config/ghotra2021_task2_published.tsv", networks)
    cells = {
        (row["model"], row["method"], row["metric"], row["variant"]): row["published"]
        for row in table.to_dict("records")
    }
    expected = {
        (model, *score): value
        for model, values in TASK_2.items()
        for score, value in zip(SCORES, values, strict=True)
    }
    assert cells.keys() == expected.keys()
    for key, value in expected.items():
        digits = 2 if value in (1.07, 1.97, 0.44, 2.88) else 3
        assert round(cells[key], digits) == value, key
    # All have a spread, and none is said to be of the best of our runs.
    assert table["published_sd"].notna().all()
    assert table["best_runs"].isna().all()
