"""The anchor that a method takes: its own, else that of the dataset."""

from types import SimpleNamespace

from proofread.configuration.anchors import anchored, with_anchor

DATASETS = {"short": {"anchor": 200}, "long": {"anchor": 500}, "simulated": {}}


def anchors(settings):
    """What a rule's parameter is for each of the datasets."""
    params = with_anchor(settings, DATASETS)
    assert {key: params[key] for key in params if key != "anchor"} == {"flank": 50}
    return [params["anchor"](SimpleNamespace(dataset=name)) for name in DATASETS]


def test_each_dataset_has_its_own_where_the_method_has_none():
    assert anchors({"anchor": None, "flank": 50}) == [200, 500, None]


def test_the_method_s_own_prevails_zero_included():
    assert anchors({"anchor": 0, "flank": 50}) == [0, 0, 0]


def test_a_method_without_an_anchor_gets_none():
    assert anchored({"flank": 50}, DATASETS["short"]) == {"flank": 50}
    assert anchored({"anchor": None}, DATASETS["short"]) == {"anchor": 200}
