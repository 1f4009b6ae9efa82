"""The text for a paper: what ran and whom to cite, from the configuration alone."""

import re
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest
import yaml

from proofread.configuration.model_settings import training_defaults
from proofread.report import methods_text
from proofread.report.methods_text import ROOM, filled, of_method

ROOT = Path(__file__).resolve().parents[1]
METHODS = sorted((ROOT / "workflow/schemas/methods").glob("*.schema.yaml"))
FILES = sorted([*ROOM.glob("texts/*.txt"), *ROOM.glob("sections/*.txt")])


def named(path):
    return path.name.split(".")[0]


def defaults(path):
    """The settings of a method that its user leaves as they are."""
    properties = yaml.safe_load(path.read_text())["properties"]
    return {
        key: defaults_of(part) if "properties" in part else part.get("default")
        for key, part in properties.items()
    }


def defaults_of(schema):
    return {key: part.get("default") for key, part in schema["properties"].items()}


def references(path):
    _, *lines = path.read_text().strip().split("\n\n")
    return [" ".join(line.split()).partition(": ")[::2] for line in lines]


@pytest.mark.parametrize("schema", METHODS, ids=named)
def test_every_method_is_described_by_its_settings_and_cites(schema):
    path = ROOM / "sections" / f"{named(schema)}.txt"
    # Of binary targets, of quantitative ones, and of both.
    for types in ({False}, {True}, {False, True}):
        values = methods_text._of_types(defaults(schema), types)
        text, cited = filled(path, values, undefined=jinja2.StrictUndefined)
        assert text.endswith(".")
        assert "None" not in text and "_" not in text and "  " not in text
        assert cited


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_reference_can_be_cited_and_found(path):
    paragraph = path.read_text().split("\n\n")[0]
    for name, full in references(path):
        assert name in paragraph or name in methods_text.JASPAR.values()
        # A year, and where to find it: a DOI, an arXiv number or a journal's pages.
        assert re.search(r"\(20\d\d\)|\(19\d\d\)|PMLR", full), name


def test_one_name_is_one_reference():
    full = {}
    for path in FILES:
        for name, text in references(path):
            assert full.setdefault(name, text) == text


def test_only_what_ran_is_cited():
    settings = defaults(ROOT / "workflow/schemas/methods/attributions.schema.yaml")
    settings |= {"kinds": ["saliency"], "correct": False, "seed": 7}
    _, text, cited = of_method("attributions", settings)
    assert "saliency (Simonyan et al. 2014)" in text
    assert "seed 7" in text
    (reference,) = cited
    assert reference.startswith("Simonyan K, Vedaldi A, Zisserman A.")
    assert reference.endswith("arXiv:1312.6034")


def test_a_method_without_a_text_is_named():
    subject, text, cited = of_method("occlusion", {"width": 9})
    assert subject == "Occlusion"
    assert text == (
        "The method occlusion was run with the settings of the configuration."
    )
    assert cited == []


def test_a_file_is_filled_and_its_uncited_references_are_left_out(tmp_path):
    path = tmp_path / "toy.txt"
    path.write_text(
        "Windows of {{ width }} bp{% if old %} (Old 1999){% endif %} (New 2020)\n"
        "were replaced.\n\nNew 2020: New A. Title. doi:10.1/n\n\n"
        "Old 1999: Old B. Title: a subtitle.\n"
    )
    assert filled(path, {"width": 9}) == (
        "Windows of 9 bp (New 2020) were replaced.",
        ["New A. Title. doi:10.1/n"],
    )
    _, cited = filled(path, {"width": 9, "old": True})
    assert cited[1] == "Old B. Title: a subtitle."


MEASURED = {"target_type": "quantitative", "transform": "none"}


def training_text(datasets, **training):
    networks = [SimpleNamespace(model="m", dataset=d, seed="1") for d in datasets]
    settings = {
        "architecture": "eraslan2019",
        "training": training_defaults("eraslan2019") | training,
    }
    _, text, cited = methods_text._model(networks, "m", settings, datasets)
    assert "None" not in text and "_" not in text
    return text, [line.split()[0] for line in cited]


def test_a_network_of_classes_and_of_numbers_names_both_losses():
    text, _ = training_text({"peaks": {}, "mpra": MEASURED})
    assert "The loss was the cross-entropy or mean squared error." in text
    text, _ = training_text({"peaks": {}})
    assert "The loss was the cross-entropy." in text


def test_the_huber_loss_is_named_with_its_delta():
    text, cited = training_text({"mpra": MEASURED}, loss="huber", huber_delta=0.5)
    assert "The loss was the Huber loss with delta = 0.5 (Huber 1964)." in text
    assert "learned as" not in text
    assert cited == ["Kingma", "Huber"]


def test_the_transform_of_each_dataset_is_named():
    kinds = {"a": "log1p", "b": "standardize", "c": "rank_normal", "d": "none"}
    datasets = {name: MEASURED | {"transform": kind} for name, kind in kinds.items()}
    text, cited = training_text(datasets)
    assert (
        "The values of a were learned as ln(1 + value). The values of b were learned as"
        " (value - mean) / standard deviation. The values of c were learned as normal"
        " quantiles of their ranks (Beasley et al. 2009)."
    ) in text
    assert "The values of d" not in text
    assert "Beasley" in cited


@pytest.mark.parametrize(
    "name, sentence, doi",
    [
        (
            "eraslan2019",
            "Two convolutions and a linear layer, as drawn by Eraslan et al. 2019",
            "doi:10.1038/s41576-019-0122-6",
        ),
        # A preset of koo.py.
        ("koo_dist", "Networks of the Koo group", "doi:10.1038/s42256-020-00291-x"),
    ],
)
def test_an_architecture_is_described_by_its_own_docstring(name, sentence, doi):
    text = methods_text._architecture(name, {"filters": 8})
    assert text.startswith(f"The architecture is {name} with filters 8 ({doi}")
    assert f"): {sentence}" in text
