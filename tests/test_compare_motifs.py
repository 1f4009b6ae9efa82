"""Commands for motif files alone: two files compared, and a motif of aligned sites."""

import gzip
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import compare_motifs
import motif_from_sites
import proofread
from proofread.configuration.method_settings import settings_of
from proofread.errors import InputError
from proofread.motifs.files import read_motif_file, read_motifs, write_meme
from proofread.motifs.motif import Motif, reverse_complement
from proofread.motifs.naming import read_hits
from proofread.motifs.sites import read_sites


@pytest.fixture(autouse=True)
def no_log_file(monkeypatch):
    """`start` takes over the process: its log, its warnings, its exceptions."""
    for script in (compare_motifs, motif_from_sites):
        monkeypatch.setattr(script, "start", lambda job: None)


def motif(name, consensus):
    matrix = np.eye(4)[["ACGT".index(base) for base in consensus]]
    return Motif(name, matrix * 0.96 + 0.01, sites=20)


QUERIES = [motif("q", "GATTACA"), Motif("flat", np.full((5, 4), 0.25))]
TARGETS = [motif("t1", "CCGCGG"), reverse_complement(motif("t2", "GATTACA"))]


def job(folder, **settings):
    write_meme(folder / "a.meme", QUERIES, [0.3, 0.2, 0.2, 0.3])
    write_meme(folder / "b.meme", TARGETS)
    params = settings_of("tomtom", {"methods": {"tomtom": settings}})
    return SimpleNamespace(
        input=SimpleNamespace(
            query=str(folder / "a.meme"), target=str(folder / "b.meme"), background=[]
        ),
        output=SimpleNamespace(
            hits=folder / "tomtom.tsv", figure=folder / "alignments.svg"
        ),
        params=SimpleNamespace(**params),
    )


def test_two_files_are_compared_without_data_and_network(tmp_path):
    compare_motifs.main(job(tmp_path))
    hits = read_hits(tmp_path / "tomtom.tsv")
    # The reverse complement of t2 is the query itself.
    row = hits.iloc[0]
    assert (row["Query_ID"], row["Target_ID"], row["Orientation"]) == ("q", "t2", "-")
    assert (row["Optimal_offset"], row["Overlap"]) == (0, 7)
    assert row["Target_consensus"] == "GATTACA"
    assert set(hits["Query_ID"]) == {"q"}
    figure = (tmp_path / "alignments.svg").read_text()
    assert "motifs with a hit, of 2" in figure
    comments = (tmp_path / "tomtom.tsv").read_text().splitlines()[-2:]
    assert comments[0].startswith(f"# 2 targets: 2 of {tmp_path}")
    assert comments[1].endswith("background = query")


def test_the_hits_are_those_of_the_function(tmp_path):
    item = job(tmp_path, background="uniform", q_threshold=1)
    compare_motifs.main(item)
    hits = proofread.tomtom(item.input.query, item.input.target, q_threshold=1)
    pd.testing.assert_frame_equal(read_hits(tmp_path / "tomtom.tsv"), hits)


def test_settings_are_those_of_tomtom_or_its_defaults():
    assert settings_of("tomtom", {"methods": {}})["q_threshold"] == 0.01
    given = {"methods": {"tomtom": {"q_threshold": 0.5, "databases": ["jaspar"]}}}
    settings = settings_of("tomtom", given)
    assert (settings["q_threshold"], settings["distance"]) == (0.5, "pearson")


def test_a_background_is_read_with_the_motifs_of_a_meme_file(tmp_path):
    job(tmp_path)
    file = read_motif_file(tmp_path / "a.meme")
    assert file.background.tolist() == [0.3, 0.2, 0.2, 0.3]
    (tmp_path / "m.jaspar").write_text(">m\n1 2\n3 4\n5 6\n7 8\n")
    assert read_motif_file(tmp_path / "m.jaspar").background is None


# Position 0: A, A, C. Position 1: G, G, T. Position 2: N, T, T.
SITES = ">1\nAGN\n>2 second\nag\nt\n>3\nCUT\n"


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_a_motif_of_aligned_sites(tmp_path, packed):
    path = tmp_path / "GATA1.1.fa.gz"  # the name does not say how it is stored
    path.write_bytes(packed(SITES.encode()))
    result = read_sites(path)
    assert (result.name, result.sites, result.source) == ("GATA1.1", 3, str(path))
    expected = [[2 / 3, 1 / 3, 0, 0], [0, 0, 2 / 3, 1 / 3], [0, 0, 0, 1]]
    assert result.matrix.tolist() == expected
    given = proofread.motif_from_sites(["AGN", "agt", "CUT"], name="m")
    assert (given.name, given.sites) == ("m", 3)
    assert given.matrix.tolist() == expected
    assert proofread.motif_from_sites(str(path)).name == "GATA1.1"


def test_the_files_of_a_motif_of_sites(tmp_path):
    (tmp_path / "sites.fa").write_text(SITES.replace("N", "T"))
    output = SimpleNamespace(motif=tmp_path / "m.meme", counts=tmp_path / "m.jaspar")
    sites = SimpleNamespace(sites=str(tmp_path / "sites.fa"))
    motif_from_sites.main(SimpleNamespace(input=sites, output=output))
    assert output.counts.read_text() == (
        ">sites\nA [ 2.0000 0.0000 0.0000 ]\nC [ 1.0000 0.0000 0.0000 ]\n"
        "G [ 0.0000 2.0000 0.0000 ]\nT [ 0.0000 1.0000 3.0000 ]\n"
    )
    expected = [[2 / 3, 1 / 3, 0, 0], [0, 0, 2 / 3, 1 / 3], [0, 0, 0, 1]]
    for path in (output.motif, output.counts):
        (result,) = read_motifs(path)
        assert (result.name, result.sites) == ("sites", 3)
        assert result.matrix == pytest.approx(np.array(expected), abs=1e-11)


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        (
            ">1\nACGT\n>2\nACG\n",
            ", line 3, record '2'",
            "3 bases; the first site has 4",
        ),
        (">1\nANT\n>2\nANT\n", "", "no base at position 1 (0-based) in 2 sites"),
        (">1\nAC-T\n", ", line 2, record '1'", "letter '-'"),
    ],
)
def test_sites_that_are_not_aligned(tmp_path, text, where, found):
    path = tmp_path / "sites.fa"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_sites(path)
    assert caught.value.where == f"{path}{where}"
    assert found in caught.value.found


def test_sites_of_a_caller_that_are_not_aligned():
    with pytest.raises(InputError, match="sites, record 1: 3 bases"):
        proofread.motif_from_sites(["ACGT", "ACG"])
    with pytest.raises(InputError, match="sites: no base at position 0"):
        proofread.motif_from_sites(["NA", "NC"])
