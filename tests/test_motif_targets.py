"""The pool of targets: its order, and names that tell databases apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from proofread.configuration.check import check_configuration
from proofread.errors import InputError
from proofread.motifs.motif import Motif
from proofread.motifs.targets import (
    PLANTED,
    is_planted,
    own_name,
    pool_targets,
    protein_name,
    readable,
    readable_name,
)
from proofread.motifs.tomtom import Settings, compare_motifs

SCHEMAS = Path(__file__).resolve().parents[1] / "workflow" / "schemas"
A, B = np.eye(4), np.eye(4)[::-1]


def described(pool):
    return [(motif.source, motif.name) for motif in pool]


def test_databases_come_in_their_order_and_planted_motifs_last():
    pool = pool_targets(
        {"mine": [Motif("m2", A), Motif("m1", A)], "jaspar": [Motif("j", A)]},
        {"GATA": B},
    )
    assert described(pool) == [
        ("mine", "m2"),
        ("mine", "m1"),
        ("jaspar", "j"),
        ("planted", "planted:GATA"),
    ]
    assert pool[-1].alternative_name == "GATA"
    assert np.array_equal(pool[-1].matrix, B)


def test_a_name_in_two_databases_puts_the_database_before_every_known_name():
    pool = pool_targets(
        {"old": [Motif("m", A), Motif("x", A)], "new": [Motif("m", B)]}, {"m": A}
    )
    assert [motif.name for motif in pool] == ["old:m", "old:x", "new:m", "planted:m"]
    assert [own_name(motif) for motif in pool] == ["m", "x", "m", "m"]


def test_a_known_motif_is_never_taken_for_a_planted_one():
    pool = pool_targets({"mine": [Motif("planted:GATA", A)]}, {"GATA": A})
    assert [motif.name for motif in pool] == ["mine:planted:GATA", "planted:GATA"]
    assert [is_planted(motif.name) for motif in pool] == [False, True]


def test_no_database_has_the_name_that_stands_before_planted_motifs():
    config = {
        "datasets": {"d": {"source": "simulate", "rule": "none"}},
        "models": {"m": {"architecture": "eraslan2019"}},
        "databases": {PLANTED: {"release": "JASPAR2026"}},
    }
    with pytest.raises(InputError, match="the name 'planted'"):
        check_configuration(config, SCHEMAS)


@pytest.mark.parametrize(
    ("name", "alternative_name", "protein"),
    [
        ("M0085_1.02", "(TFAP2E)_(Mus_musculus)_(DBD_0.99)", "TFAP2E"),
        ("MA0139.2", "CTCF", "CTCF"),
        ("MA0139.2", "MA0139.2.CTCF", "CTCF"),
        ("RNCMPT00001", "A1CF_x", "A1CF_x"),
        ("M1", "", "M1"),
    ],
)
def test_protein_names(name, alternative_name, protein):
    motif = Motif(name, A, alternative_name, source="jaspar")
    assert protein_name(motif) == protein
    # The same where the database stands before the name.
    assert protein_name(replace(motif, name=f"jaspar:{name}")) == protein


def random_motifs(seed, n, prefix):
    generator = np.random.default_rng(seed)
    return [
        Motif(f"{prefix}{i}", generator.dirichlet(np.full(4, 0.4), 9), sites=30)
        for i in range(n)
    ]


def test_several_databases_are_tested_together_as_if_they_were_one():
    first, second = random_motifs(1, 40, "a"), random_motifs(2, 30, "b")
    queries = random_motifs(3, 5, "q")
    settings = Settings(q_threshold=1.0)
    several = pool_targets({"one": first, "two": second}, {})
    single = pool_targets({"one": first + second}, {})
    for one, other in zip(
        compare_motifs(queries, several, settings),
        compare_motifs(queries, single, settings),
        strict=True,
    ):
        # 70 targets on two strands are more than 100 p-values: pi0 is estimated.
        assert len(one) == 70
        assert sorted(one.rows()) == sorted(other.rows())


def test_each_of_two_equal_motifs_is_a_hit_of_its_own():
    """As in the MEME Suite: a hit is known by its name and its file."""
    motif = random_motifs(4, 1, "m")[0]
    others = random_motifs(5, 60, "o")
    pool = pool_targets({"one": [motif, *others], "two": [motif]}, {})
    (result,) = compare_motifs(
        [replace(motif, name="q")], pool, Settings(q_threshold=0.1)
    )
    rows = list(result.rows())
    assert [row[1] for row in rows[:2]] == ["one:m0", "two:m0"]
    assert rows[0][2:] == rows[1][2:]


@pytest.mark.parametrize(
    ("motif", "name"),
    [
        (Motif("MA0080.7", A, alternative_name="MA0080.7.Spi1"), "Spi1 (MA0080.7)"),
        (Motif("M1", A, alternative_name="(CTCF)_(Homo_sapiens)_(1)"), "CTCF (M1)"),
        # The name has the protein already, or there is no other.
        (Motif("SPI1.H12", A, alternative_name="SPI1"), "SPI1.H12"),
        (Motif("STAT_known2", A), "STAT_known2"),
    ],
)
def test_a_motif_is_named_by_its_protein(motif, name):
    assert readable_name(motif) == name


def test_names_of_a_table_are_readable_and_gaps_stay():
    motifs = [Motif("MA0080.7", A, alternative_name="Spi1")]
    table = pd.DataFrame({"first": ["MA0080.7", "x"], "second": [None, "MA0080.7"]})
    named = readable(table, ["first", "second"], motifs)
    assert named["first"].tolist() == ["Spi1 (MA0080.7)", "x"]
    assert named["second"].isna().tolist() == [True, False]
    assert named["second"][1] == "Spi1 (MA0080.7)"
