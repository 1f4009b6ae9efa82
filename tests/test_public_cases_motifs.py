"""Motif files of public reports, read in place from the sibling shared/cases."""

import numpy as np
import pytest

from conftest import ROOT
from proofread.errors import InputError
from proofread.motifs.files import read_motifs

# The motif of the cases: AAAGAGGAAG, with 0.97 for the base of most positions.
MOTIF = [
    [0.97, 0.01, 0.01, 0.01],
    [0.97, 0.01, 0.01, 0.01],
    [0.97, 0.01, 0.01, 0.01],
    [0.01, 0.01, 0.97, 0.01],
    [0.90, 0.03, 0.04, 0.03],
    [0.01, 0.01, 0.97, 0.01],
    [0.01, 0.01, 0.97, 0.01],
    [0.97, 0.01, 0.01, 0.01],
    [0.97, 0.01, 0.01, 0.01],
    [0.01, 0.01, 0.97, 0.01],
]


@pytest.fixture(scope="module")
def cases():
    folder = ROOT.parent / "shared" / "cases"
    if not folder.is_dir():
        pytest.skip(f"no public cases: {folder} is absent")
    return folder


@pytest.mark.parametrize(
    ("file", "names", "sites"),
    [
        ("M01/meme.txt", ("AAAGAGGAAG", "MEME-1"), 60),
        ("M03/dreme.txt", ("AAAGAGGAAG", "DREME-1"), 60),
        ("M09/bom.meme", ("M1", "PU1"), 60),
        ("M10/blankfirst.meme", ("M1", "PU1"), 60),
        ("M12/M01234_2.00.txt", ("M01234_2.00", ""), None),
    ],
)
def test_one_motif_as_its_program_writes_it(cases, file, names, sites):
    (motif,) = read_motifs(cases / file)
    assert (motif.name, motif.alternative_name, motif.sites) == (*names, sites)
    assert motif.matrix.tolist() == MOTIF


def test_m04a_four_columns_and_four_rows(cases):
    (motif,) = read_motifs(cases / "M04a" / "w4.pfm")
    assert motif.name == "GM.5.0.Test.0001"
    assert motif.sites is None
    assert motif.matrix.tolist() == [
        [0.90, 0.04, 0.03, 0.03],
        [0.03, 0.91, 0.03, 0.03],
        [0.02, 0.02, 0.94, 0.02],
        [0.90, 0.04, 0.03, 0.03],
    ]


def test_m04b_gimmemotifs(cases):
    motifs = read_motifs(cases / "related" / "M04b" / "gimme.pfm")
    assert [motif.name for motif in motifs] == ["GM.5.0.Sox.0001", "GM.5.0.Ets.0001"]
    assert motifs[1].matrix.tolist() == MOTIF


def test_m04c_counts_of_hocomoco(cases):
    path = cases / "M04c" / "hocomoco.pcm"
    motifs = read_motifs(path)
    assert [(motif.name, len(motif)) for motif in motifs] == [
        (f"TEST{number}_HUMAN.H11MO.0.A", 10) for number in range(3)
    ]
    first = np.array([39.037965, 0.944229, 0.769955, 1.003920])
    assert motifs[0].sites == pytest.approx(first.sum())
    assert motifs[0].matrix[0] == pytest.approx(first / first.sum())


def test_m05_the_matrix_of_transfac_ends_before_other_sections(cases):
    (motif,) = read_motifs(cases / "M05" / "mcross.mat")
    assert (motif.name, motif.sites, len(motif)) == ("K562.TEST.0", 52, 10)
    assert motif.matrix[4] * 52 == pytest.approx([48, 1, 2, 1])
    assert motif.matrix[9].tolist() == [0, 0, 1, 0]


def test_m13_a_damaged_gzip_is_not_readable(cases):
    path = cases / "M13" / "damaged.meme.gz"
    with pytest.raises(InputError, match="not readable") as caught:
        read_motifs(path)
    assert caught.value.where == str(path)
    assert caught.value.remedy == "check the path, and that the file is complete"
