"""The commands of docs/methods/tomtom.md for motif files alone, through Snakemake."""

import pytest

from proofread.motifs.naming import read_hits

from .test_workflow import prepare, snakemake

MOTIF = "results/motif_from_sites/motif.meme"
TARGET = ">own\n" + "9 0 0 0\n0 0 9 0\n0 0 0 9\n9 0 0 0\n0 9 0 0\n"


@pytest.fixture
def folder(tmp_path):
    """A configuration whose data and networks are never made."""
    source = {"source": "simulate", "rule": "presence", "motifs": ["STAT_known2"]}
    folder = prepare(tmp_path / "own", {"unused": source})
    (folder / "sites.fa").write_text(">1\nAGTAC\n>2\nAGTAC\n>3\nAGTTC\n")
    (folder / "target.pfm").write_text(TARGET)
    return folder


def test_a_motif_of_sites_is_compared_with_a_file(folder):
    snakemake(folder, "--cores", "1", "motif_from_sites", "--config", "sites=sites.fa")
    before = (folder / MOTIF).stat().st_mtime_ns
    compared = ("--config", f"query={MOTIF}", "target=target.pfm")
    snakemake(folder, "--cores", "1", "compare_motifs", *compared)
    hits = read_hits(folder / "results/compare_motifs/tomtom.tsv")
    assert hits[["Query_ID", "Target_ID"]].to_numpy().tolist() == [["sites", "own"]]
    # Its own result is a file like any other: no sites are asked for.
    assert (folder / MOTIF).stat().st_mtime_ns == before
    assert {path.name for path in (folder / "results").iterdir()} == {
        *("motif_from_sites", "compare_motifs")
    }


def test_a_command_without_its_file_says_what_to_write(folder):
    with pytest.raises(
        AssertionError, match="no target; write: snakemake --cores 1 compare_"
    ):
        snakemake(folder, "-n", "compare_motifs", "--config", "query=target.pfm")


def test_a_file_that_is_missing_is_named(folder):
    with pytest.raises(AssertionError, match=r"sites: 'absent\.fa' is not a file"):
        snakemake(folder, "-n", "motif_from_sites", "--config", "sites=absent.fa")
