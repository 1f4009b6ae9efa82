"""Known sites as the truth of a user's sequences, counted by hand."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest
import yaml

from kmer_motifs import write_kmers
from proofread.configuration.check import check_configuration
from proofread.configuration.negative_controls import control_experiments
from proofread.configuration.schema import check, read_schema
from proofread.configuration.truth import has_truth
from proofread.configuration.user_files import files_of
from proofread.datasets.dataset import read_dataset, write_dataset
from proofread.datasets.export import write_truth
from proofread.datasets.preview.motifs import instance_matrices, motif_table
from proofread.datasets.sources import source_module
from proofread.errors import InputError
from proofread.truth.ideal_explainer import explainers_answers, site_frequency
from proofread.truth.position_scores import (
    decoy_columns,
    planted_columns,
    position_scores,
)
from proofread.truth.roles import by_role, causal_motifs, motif_roles

SCHEMAS = Path(__file__).resolve().parents[1] / "workflow" / "schemas"
FASTA = """
source: fasta
target: bound
positives: {path: p.fa}
negatives: {path: n.fa}
truth: {sites: known.bed}
"""
BED = """
source: bed
target: bound
genome: {path: genome.fa}
positives: {path: p.bed}
negatives: {path: n.bed}
truth: {sites: known.bed}
"""
FILES = {
    "p.fa": ">s1\nACGTACGTAC\n>s2\nTTGACATTAT\n",
    "n.fa": ">n1\nGGGGCCCCAA\n",
    "known.bed": "s2\t0\t6\tbox\t0\t+\n"
    "s2\t3\t9\tbox\t0\t-\n"
    "n1\t2\t8\tbox\t0\t+\n"
    "s2\t0\t6\tbox\t0\t+\n"  # a second time
    "s1\t6\t12\tbox\t0\t+\n"  # beyond the 10 bases of s1
    "absent\t0\t6\tbox\t0\t+\n",
    "genome.fa": ">chr1\nACGTACGTAAGGGTTTACGT\n>chr2\nGATTACATTTCAGCATGCAA\n",
    # ACGTAA, and ATTTCA read backwards: TGAAAT.
    "p.bed": "chr1\t4\t10\tx\t0\t+\nchr2\t6\t12\ty\t0\t-\n",
    "n.bed": "chr1\t12\t18\n",
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working directory, with the files."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text)


def filled(text):
    settings = yaml.safe_load(text)
    schema = read_schema(SCHEMAS / f"datasets/{settings['source']}.schema.yaml")
    return check(settings, schema, "config.yaml", "own")


def dataset(text=FASTA, **files):
    """Read a dataset, some of whose files have another content."""
    for name, content in files.items():
        Path(name.replace("_", ".")).write_text(content)
    settings = filled(text)
    return source_module(settings["source"]).read(settings, "config.yaml: own")


def rows(data):
    """The truth as text: sequence, motif, start, end, strand, role, bases."""
    table = data.truth.assign(sequence=[data.name[i] for i in data.truth["sequence"]])
    return [" ".join(map(str, row)) for row in table.itertuples(index=False)]


def refused(text=FASTA, **files):
    with pytest.raises(InputError) as caught:
        dataset(text, **files)
    return caught.value


def test_sites_of_sequences_on_both_strands_and_in_both_classes():
    data = dataset()
    # s2[3:9] is ACATTA, on the other strand TAATGT.
    assert rows(data) == [
        "s2 box 0 6 + known TTGACA",
        "s2 box 3 9 - known TAATGT",
        "n1 box 2 8 + known GGCCCC",
    ]
    # One copy of five different sites is over the edge, one on no sequence.
    assert data.settings["known_sites"] == {
        "sites": 5,
        "in_sequences": 3,
        "over_edges": 1,
        "elsewhere": 1,
    }
    assert data.known and data.has_truth and not data.simulated
    assert data.planted == {}


def test_the_matrix_of_sites_of_one_width_is_counted():
    # TTGACA, TAATGT, GGCCCC, position by position.
    matrix = dataset().motifs["box"] * 3
    assert matrix.tolist() == pytest.approx(
        np.array(
            [
                [0, 0, 1, 2],
                [1, 0, 1, 1],
                [1, 1, 1, 0],
                [1, 1, 0, 1],
                [0, 2, 1, 0],
                [1, 1, 0, 1],
            ]
        )
    )


def test_sites_of_several_widths_or_without_a_strand_have_no_matrix():
    data = dataset(known_bed="s1\t1\t3\ns2\t1\t4\ns2\t5\t7\tb\t0\t.\n")
    assert rows(data) == [
        "s1 site 1 3 . known CG",
        "s2 site 1 4 . known TGA",
        "s2 b 5 7 . known AT",
    ]
    assert data.motifs == {} and data.truth_names == ["b", "site"]
    # The whole site matters, and there is no matrix to explain it ideally with.
    assert planted_columns(data, "bound")[1].nonzero()[0].tolist() == [1, 2, 3, 5, 6]
    assert list(explainers_answers(data, "bound", 1)) == ["random", "positions"]


def test_positions_count_in_the_user_s_sequence_though_it_is_trimmed():
    # The centre of ten bases, four of them, begins at index 3.
    text = FASTA + "length: 4\ntrim: centre\n"
    data = dataset(text, known_bed="s1\t4\t6\ns1\t2\t5\ns2\t0\t2\n")
    assert rows(data) == ["s1 site 1 3 . known AC"]  # s1[3:7] is TACG
    counts = data.settings["known_sites"]
    assert (counts["over_edges"], counts["elsewhere"]) == (1, 1)


def test_sites_of_a_genome_are_found_on_the_strand_of_the_sequence():
    known = (
        "chr1\t5\t8\tm\t0\t-\n"  # CGT: index 1 to 4 of the first window
        "chr2\t7\t10\tm\t0\t+\n"  # TTT: index 2 to 5 of TGAAAT, on its other strand
        "chr1\t13\t15\tn\n"  # in the negative
        "chr1\t9\t11\tn\n"  # hangs over
        "chr3\t0\t2\tn\n"  # no such contig
    )
    data = dataset(BED, known_bed=known)
    assert rows(data) == [
        "chr1:4-10(+) m 1 4 - known ACG",
        "chr2:6-12(-) m 2 5 - known TTT",
        "chr1:12-18 n 1 3 . known TT",
    ]
    counts = data.settings["known_sites"]
    assert (counts["over_edges"], counts["elsewhere"]) == (1, 1)


def test_a_site_is_in_each_of_two_overlapping_sequences():
    data = dataset(
        BED, p_bed="chr1\t0\t8\nchr1\t3\t11\n", known_bed="chr1\t4\t7\tm\t0\t+\n"
    )
    assert rows(data) == [
        "chr1:0-8 m 4 7 + known ACG",
        "chr1:3-11 m 1 4 + known ACG",
    ]
    assert data.settings["known_sites"]["in_sequences"] == 1


def test_windows_that_are_drawn_as_negatives_have_their_sites():
    """Each matched window has its place in its name."""
    # Every window has a GC content of one half.
    data = dataset(
        BED.replace("{path: n.bed}", "{match: gc}"),
        genome_fa=f">chr1\n{'ACGT' * 5}\n",
        p_bed="chr1\t0\t4\tx\t0\t+\n",
        known_bed="".join(f"chr1\t{at}\t{at + 1}\tm\t0\t+\n" for at in range(20)),
    )
    # Each base is a site, and so is each of both sequences.
    assert len(data) == 2 and data.truth["sequence"].tolist() == [0] * 4 + [1] * 4
    strands = ["-" if "(-)" in name else "+" for name in data.name]
    assert data.truth["strand"].tolist() == [strands[0]] * 4 + [strands[1]] * 4


def test_names_of_single_sites_are_no_motifs(caplog):
    lines = [f"s1\t{i % 10}\t{i % 10 + 1}\tpeak{i}" for i in range(101)]
    with caplog.at_level(logging.WARNING, logger="proofread"):
        data = dataset(known_bed="\n".join(lines))
    assert set(data.truth["motif"]) == {"site"}
    assert len(data.truth) == 10  # the same place again is the same site
    assert "101 different names in column 4" in caplog.text


MOTIFS = FASTA.replace("sites: known.bed", "motifs_file: m.meme, p_threshold: 0.003")
# By chance TTGA is found at (3/16)^3 5/16 = 0.0021 of the positions of these bases.
MATCHES = {"p_fa": ">a\nAATTGACC\n>b\nTCAAGGCC\n", "n_fa": ">c\nTTGAACGT\n"}


def test_matches_of_motifs_in_the_positives_are_sites(caplog):
    write_kmers(Path("m.meme"), {"x": "TTGA", "none": "CCCC"})
    with caplog.at_level(logging.WARNING, logger="proofread"):
        data = dataset(MOTIFS, **MATCHES)
    # TCAA is TTGA on the other strand; the match in the negative is not taken.
    assert rows(data) == ["a x 2 6 + known TTGA", "b x 0 4 - known TTGA"]
    assert list(data.motifs) == ["x"]
    assert data.settings["known_sites"] == {"sites": 2}
    assert "no match at p < 0.003 of none" in caplog.text


def test_a_known_truth_has_no_decoys():
    data = dataset(known_bed="s2\t0\t6\tbox\t0\t+\n")
    assert causal_motifs(data, "bound") == ["box"]
    assert by_role(data) == by_role(data, "bound") == (["box"], [])
    # A split without any site of it.
    rest = data.subset([0, 2])
    assert by_role(rest, "bound") == (["box"], [])
    assert motif_roles(rest) == {"box": "known"}
    assert not decoy_columns(data, "bound").any()


def test_position_scores_are_of_positives_with_a_site():
    data = dataset(known_bed="s2\t1\t3\nn1\t0\t4\n")
    answer = np.zeros((3, 10))
    answer[1, [1, 2, 3]] = 5, 1, 2
    scores = {
        score.metric: score
        for score in position_scores(
            {"signed": answer}, data, "bound", resamples=10, seed=1
        )
    }
    # Of 2 x 8 pairs, 5 exceeds 8 bases; 1 exceeds seven zeros and not the 2.
    assert scores["position_auroc"].value == pytest.approx(15 / 16)
    assert scores["position_auroc"].n == 1
    assert scores["position_auprc"].chance == pytest.approx(2 / 10)
    assert "position_decoy_fraction" not in scores


def test_the_positions_of_the_sites_of_others_are_an_answer():
    data = dataset(known_bed="s1\t1\t4\ns2\t2\t6\n")
    # s1 is compared with s2 alone, s2 with s1, and n1, which has no site, with both.
    assert site_frequency(data, "bound")[:, :7].tolist() == [
        [0, 0, 1, 1, 1, 1, 0],
        [0, 1, 1, 1, 0, 0, 0],
        [0, 0.5, 1, 1, 0.5, 0.5, 0],
    ]


def test_the_truth_survives_the_file_and_is_written_as_text():
    data = dataset()
    write_dataset("d.h5", data)
    again = read_dataset("d.h5")
    assert rows(again) == rows(data) and again.known
    assert again.motifs["box"].tolist() == data.motifs["box"].tolist()
    write_truth("truth.json", again)
    sequences = json.loads(Path("truth.json").read_text())["sequences"]
    assert [len(sequences[name]) for name in ("s1", "s2", "n1")] == [0, 2, 1]
    assert sequences["n1"][0]["role"] == "known"


def test_the_preview_counts_sites_with_and_without_a_matrix():
    data = dataset(known_bed="s1\t1\t3\ns2\t1\t4\ns2\t0\t6\tbox\t0\t+\n")
    table = motif_table(data, instance_matrices(data)).set_index("motif")
    assert table["role"].tolist() == ["known", "known"]
    assert table.loc["box", ["width", "instances"]].tolist() == [6, 1]
    assert table.loc["site", "instances"] == 2 and np.isnan(table.loc["site", "width"])


def test_files_of_the_truth_are_inputs_of_the_rule():
    assert files_of(filled(FASTA)) == ["p.fa", "n.fa", "known.bed"]
    assert files_of(filled(MOTIFS)) == ["p.fa", "n.fa", "m.meme"]


def test_datasets_with_known_sites_have_negative_controls():
    known, none = filled(FASTA), filled(FASTA) | {"truth": None}
    assert has_truth(known) and not has_truth(none)
    rows = [{"dataset": name, "model": "cnn", "seed": "3"} for name in ("a", "b")]
    assert control_experiments(
        rows, {"a": known, "b": none}, {"cnn.untrained": {}}
    ) == [{"dataset": "a", "model": "cnn.untrained", "seed": "3"}]


def test_an_empty_file_of_sites_is_refused():
    error = refused(known_bed="")
    assert (error.where, error.found) == ("known.bed", "no interval")
    assert error.expected == "at least one line with chromosome, start and end"


def test_columns_of_another_file_are_refused():
    error = refused(known_bed="s1 ten twenty\n")
    assert error.where == "known.bed, line 1" and "'ten'" in error.found


def test_a_site_beyond_its_sequence_is_refused():
    error = refused(known_bed="s2\t0\t6\ns1\t10\t12\n")
    assert error.where == "known.bed, line 2"
    assert error.found == "the site 10-12, beyond s1"
    assert "positions below 10" in error.expected


def test_a_site_beyond_its_contig_is_refused():
    error = refused(BED, known_bed="chr1\t20\t22\n")
    assert error.found == "the site 20-22, beyond chr1"


def test_a_file_without_a_site_in_any_sequence_is_refused():
    error = refused(known_bed="chr1\t0\t6\ns1\t8\t12\n")
    assert error.where == "known.bed"
    assert (
        "1 hang over an edge and 1 are in none; the first is in 'chr1'" in error.found
    )
    assert "'n1', 's1', 's2'" in error.expected


def test_a_motif_file_without_a_match_is_refused():
    write_kmers(Path("m.meme"), {"x": "GGGGGG"})
    error = refused(MOTIFS, **MATCHES)
    assert error.where == "m.meme"
    assert error.found == "no match of 1 motifs at p < 0.003 in 2 sequences"
    assert "config.yaml: own.truth.p_threshold" in error.remedy


def test_a_name_with_a_slash_is_refused():
    error = refused(known_bed="s1\t0\t6\tJun/Fos\n")
    assert "'Jun/Fos'" in error.found


def configured(**entry):
    config = {
        "experiments": "experiments.tsv",
        "analyses": [],
        "datasets": {"own": entry},
        "models": {"cnn": {"architecture": "eraslan2019"}},
    }
    return check_configuration(config, SCHEMAS)


@pytest.mark.parametrize(
    ("truth", "found"),
    [
        ({"sites": "none.bed"}, "none.bed"),
        ({"sites": "known.bed", "p_threshold": 0.001}, "unknown key 'p_threshold'"),
        ({"motifs": "m.meme"}, "unknown key 'motifs'"),
        ({"motifs_file": "p.fa", "p_threshold": "1e-4"}, "'1e-4'"),
        ({"motifs_file": "p.fa", "p_threshold": 0.5}, "0.5"),
        ("known.bed", "known.bed"),
    ],
    ids=["no file", "p of sites", "another word", "text", "too high", "no mapping"],
)
def test_settings_of_a_truth_that_are_wrong(truth, found):
    entry = yaml.safe_load(FASTA) | {"truth": truth}
    with pytest.raises(InputError) as caught:
        configured(**entry)
    assert found in str(caught.value) and "truth" in caught.value.where


def test_simulated_sequences_have_a_truth_of_their_own():
    with pytest.raises(InputError) as caught:
        configured(source="simulate", rule="gc", truth={"sites": "known.bed"})
    assert caught.value.where.endswith("datasets.own.truth")
    assert "known sites of simulated sequences" in caught.value.found
