"""The study of interacting pairs at the published size: its motifs, pairs and data."""

from collections import Counter
from math import comb

import pytest

from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.datasets.simulation.generate import simulate
from test_configuration import SCHEMAS, load
from test_study_configurations import ROOT, own


@pytest.fixture
def pairs_full(monkeypatch):
    monkeypatch.chdir(ROOT)
    return check_configuration(load("pairs_full.yaml"), SCHEMAS)


def test_forty_of_190_pairs_of_twenty_motifs_interact(pairs_full):
    dataset = pairs_full["datasets"]["pairs"]
    motifs = dataset["motifs"]
    assert len(set(motifs)) == len(motifs) == 20
    pairs = {frozenset(pair) for pair in dataset["interacting_pairs"]}
    assert len(pairs) == len(dataset["interacting_pairs"]) == 40
    assert comb(20, 2) == 190
    assert set(Counter(name for pair in pairs for name in pair).values()) == {4}
    for method in ("motif_tests", "motif_insertion"):
        assert pairs_full["methods"][method]["max_motifs"] == 20
    experiments = read_experiments(pairs_full["experiments"], pairs_full)
    networks = Counter(row["model"] for row in experiments)
    assert networks == {"conv_attention": 5, "residual_dilated": 5}
    assert pairs_full["interacting_pairs"] is True


def test_all_else_is_as_in_the_smaller_study():
    small, full = own("pairs"), own("pairs_full")
    one, other = small["datasets"]["pairs"], full["datasets"]["pairs"]
    assert other["motifs"][:12] == one["motifs"]
    for study in (small, full):
        dataset = study["datasets"]["pairs"]
        # Positives of each interacting pair: 10,000 / 10 and 40,000 / 40.
        assert dataset["sequences"] / 2 / len(dataset["interacting_pairs"]) == 1000
        del dataset["motifs"], dataset["interacting_pairs"], dataset["sequences"]
        for settings in study["methods"].values():
            del settings["max_motifs"]
        del study["pathvars"], study["experiments"]
    del full["methods"]["motif_tests"]["max_sequences"]
    assert full == small


def test_all_test_sequences_of_the_pairs_are_tested(pairs_full):
    dataset = pairs_full["datasets"]["pairs"]
    of_the_test = dataset["sequences"] * dataset["split"]["test"]
    assert pairs_full["methods"]["motif_tests"]["max_sequences"] == of_the_test


def test_sequences_of_the_published_size_are_drawn(pairs_full):
    settings = pairs_full["datasets"]["pairs"]
    dataset = simulate(settings | {"sequences": 4000})
    held = dataset.truth.groupby("sequence")["motif"].agg(frozenset)
    planted = {frozenset(pair) for pair in settings["interacting_pairs"]}
    label = dataset.label[:, 0]
    assert set(held[label == 1]) == planted
    # All other pairs, 190 - 40.
    others = set(held[label == 0])
    assert len(others) == 150 and not others & planted
    # No motif tells the class: each is in 4 of 40 pairs, a tenth of the sequences.
    for name in settings["motifs"]:
        has = held.map(lambda motifs, name=name: name in motifs).to_numpy()
        for value in (0, 1):  # 2,000 sequences: standard error 0.0067
            assert has[label == value].mean() == pytest.approx(0.1, abs=0.03)
