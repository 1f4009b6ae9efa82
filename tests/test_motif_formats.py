"""Formats of motif files: how a file is recognised, and what its matrices are."""

import numpy as np
import pytest

from proofread.errors import InputError
from proofread.motifs.files import read_meme, read_motifs
from proofread.motifs.formats import recognise
from proofread.motifs.lines import Lines
from proofread.motifs.matrices import is_constant
from proofread.motifs.meme import first_line

ROWS = [[1, 0, 0, 0], [0, 0.25, 0.25, 0.5]]
TEXT_ROWS = "1 0 0 0\n0 0.25 0.25 0.5\n"


@pytest.fixture
def file(tmp_path):
    """Write a text to a file and return its path."""

    def write(text, name="motifs.txt"):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return write


def refused(path):
    with pytest.raises(InputError) as caught:
        read_motifs(path)
    assert caught.value.expected
    return caught.value


# MEME --------------------------------------------------------------------------------

# As MEME writes its report, shortened: a sequence is named MOTIF1, and the log-odds
# matrix precedes that of probabilities.
REPORT = """************************************************************
MEME - Motif discovery tool
************************************************************
MEME version 5.5.5 (Release date: Thu Sep 14 08:48:04 2023 +1000)

************************************************************
TRAINING SET
************************************************************
ALPHABET= ACGT
Sequence name            Weight Length  Sequence name            Weight Length
-------------            ------ ------  -------------            ------ ------
MOTIF1                   1.0000    100  p1                       1.0000    100

Letter frequencies in dataset:
A 0.3 C 0.2 G 0.2 T 0.3
Background letter frequencies (from file dataset with add-one prior applied):
A 0.31 C 0.19 G 0.19 T 0.31
Background model order: 0

************************************************************
MOTIF AB MEME-1\twidth =   2  sites =  17  llr = 60  E-value = 1.1e-050
************************************************************
--------------------------------------------------------------------------------
\tMotif AB MEME-1 Description
--------------------------------------------------------------------------------
Simplified        A  a:
pos.-specific     C  :3

--------------------------------------------------------------------------------
\tMotif AB MEME-1 position-specific scoring matrix
--------------------------------------------------------------------------------
log-odds matrix: alength= 4 w= 2 n= 54 bayes= 6.4 E= 1.1e-050
   190   -600   -600   -600
  -600     30     30    100

--------------------------------------------------------------------------------
\tMotif AB MEME-1 position-specific probability matrix
--------------------------------------------------------------------------------
letter-probability matrix: alength= 4 w= 2 nsites= 17 E= 1.1e-050
 1.000000  0.000000  0.000000  0.000000
 0.000000  0.250000  0.250000  0.500000
--------------------------------------------------------------------------------
\tMotif AB MEME-1 regular expression
--------------------------------------------------------------------------------
A[TCG]

************************************************************
SUMMARY OF MOTIFS
************************************************************
"""


def test_the_report_of_meme(file):
    path = file(REPORT)
    result = read_meme(path)
    (motif,) = result.motifs
    assert (motif.name, motif.alternative_name, motif.sites) == ("AB", "MEME-1", 17)
    assert motif.matrix.tolist() == ROWS
    assert result.background.tolist() == [0.31, 0.19, 0.19, 0.31]
    assert recognise(Lines(path)) == "meme"


def test_the_report_of_streme(file):
    text = (
        "*********************************************\n"
        "STREME - Sensitive, Thorough, Rapid, Enriched Motif Elicitation\n"
        "*********************************************\n"
        "MEME version 5.5.5 (Release date: Thu Sep 14 08:48:04 2023 +1000)\n\n"
        'ALPHABET "DNA" DNA-LIKE\n'
        'A "Adenine" CC0000 ~ T "Thymine" 008000\nEND ALPHABET\n\n'
        "strands: + -\n\nBackground letter frequencies\nA 0.3 C 0.2 G 0.2 T 0.3\n\n"
        "MOTIF 1-AB STREME-1\n"
        "letter-probability matrix: alength= 4 w= 2 nsites= 17 E= 1.0e-002\n"
        f" {TEXT_ROWS}\n"
        "*********************************************\n"
        "Stopped because 3 motifs in a row exceeded the p-value threshold.\n"
    )
    (motif,) = read_motifs(file(text))
    assert (motif.name, motif.alternative_name) == ("1-AB", "STREME-1")
    assert motif.matrix.tolist() == ROWS


@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"\n \n\t\n{text}",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "\n".join(f"  {line}\t " for line in text.split("\n")),
        lambda text: text.replace(" ", "\t").replace("MEME\tversion", "MEME version"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: "\ufeff" + text,
        lambda text: "# DREME 5\n#\n" + text,
        lambda text: text.replace("= ", "="),
        lambda text: text.replace("= ", " = "),
    ],
    ids=[
        *("blank lines first", "CRLF", "CR", "around each line", "tabs"),
        *("between all lines", "byte order mark", "comments", "w=2", "w = 2"),
    ],
)
def test_white_space_in_meme_means_nothing(file, change):
    text = (
        "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF AB protein\n"
        f"letter-probability matrix: alength= 4 w= 2 nsites= 17\n{TEXT_ROWS}"
        "MOTIF next\nletter-probability matrix: alength= 4 w= 1\n0 0 0 1\n"
    )
    motifs = read_motifs(file(change(text)))
    assert [motif.name for motif in motifs] == ["AB", "next"]
    assert motifs[0].alternative_name == "protein"
    assert motifs[0].sites == 17
    assert motifs[0].matrix.tolist() == ROWS


def test_a_row_below_a_blank_line_is_told_by_its_own_line(file):
    text = (
        "MEME version 4\nMOTIF A\nletter-probability matrix: w= 2\n1 0 0 0\n\n1 1 0 0\n"
    )
    error = refused(file(text))
    assert error.where.endswith(", line 6")
    assert error.found == "a row with the sum 2"


# Below a '>' header ------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f">AB\n{TEXT_ROWS}",
        f"# GimmeMotifs 0.18\n\n>AB\n{TEXT_ROWS}\n",
        ">AB\n" + TEXT_ROWS.replace(" ", "\t"),
        ">AB\n8 0 0 0\n0 1 1 2\n",
        # A motif of another width says what the rows of the square one are.
        ">square\n1 0 0 0\n0 0 1 0\n0 1 0 0\n0 1 0 0\n>AB\n" + TEXT_ROWS,
    ],
    ids=["probabilities", "comment", "tabs", "counts", "after a square matrix"],
)
def test_one_row_per_position(file, text):
    path = file(text)
    motif = read_motifs(path)[-1]
    assert recognise(Lines(path)) == "four_columns"
    assert motif.name == "AB"
    assert motif.matrix.tolist() == ROWS
    assert motif.sites == (8 if "8" in text.partition(">")[2] else None)


# Rows sum to 10 and columns to 17, 1, 11 and 11.
BY_POSITION = [[9, 1, 0, 0], [8, 0, 1, 1], [0, 0, 0, 10], [0, 0, 10, 0]]


def square(matrix, letters=("", "", "", "")):
    rows = [
        f"{letter}{' '.join(map(str, row))}"
        for letter, row in zip(letters, matrix, strict=True)
    ]
    return "\n".join([">AB", *rows, ""])


@pytest.mark.parametrize(
    ("matrix", "letters", "file_format"),
    [
        (BY_POSITION, ("", "", "", ""), "four_columns"),
        (BY_POSITION, ("A ", "C ", "G ", "T "), "simdna"),
        (list(zip(*BY_POSITION, strict=True)), ("", "", "", ""), "jaspar"),
        (list(zip(*BY_POSITION, strict=True)), ("A ", "C ", "G ", "T "), "jaspar"),
        (list(zip(*BY_POSITION, strict=True)), ("a: ", "c: ", "g: ", "t: "), "jaspar"),
        (list(zip(*BY_POSITION, strict=True)), ("A|", "C|", "G|", "T|"), "jaspar"),
    ],
)
def test_sums_tell_what_the_rows_of_a_square_matrix_are(
    file, matrix, letters, file_format
):
    path = file(square(matrix, letters))
    (motif,) = read_motifs(path)
    assert recognise(Lines(path)) == file_format
    assert motif.sites == 10
    assert (motif.matrix * 10).tolist() == BY_POSITION


def test_a_square_matrix_that_is_its_own_transpose_is_read(file):
    identity = [[5, 0, 0, 0], [0, 5, 0, 0], [0, 0, 5, 0], [0, 0, 0, 5]]
    (motif,) = read_motifs(file(square(identity)))
    assert (motif.matrix * 5).tolist() == identity


@pytest.mark.parametrize(
    ("matrix", "found"),
    [
        ([[0, 5, 0, 0], [0, 0, 5, 0], [0, 0, 0, 5], [5, 0, 0, 0]], "rows and columns"),
        ([[9, 1, 0, 0], [2, 0, 1, 0], [1, 0, 0, 1], [0, 0, 0, 4]], "neither rows nor"),
    ],
)
def test_a_square_matrix_that_can_be_read_in_two_ways_is_refused(file, matrix, found):
    path = file(square(matrix))
    error = refused(path)
    assert error.where == f"{path}, line 2"
    assert found in error.found
    # Its format can be given, and letters can be written.
    (motif,) = read_motifs(path, "jaspar")
    letters = [f"{base} [ " for base in "ACGT"]
    (same,) = read_motifs(file(square(matrix, letters)))
    columns = [list(column) for column in zip(*matrix, strict=True)]
    sums = [[sum(column)] * 4 for column in columns]
    assert motif.matrix.tolist() == same.matrix.tolist()
    for row, column, total in zip(motif.matrix.tolist(), columns, sums, strict=True):
        assert row == [a / b for a, b in zip(column, total, strict=True)]


def test_the_name_of_homer_is_its_second_field_only_with_a_threshold(file):
    (homer,) = read_motifs(file(f">AN\tPU.1\t6.5\t-20\n{TEXT_ROWS}"))
    (other,) = read_motifs(file(f">AN\tPU.1\n{TEXT_ROWS}"))
    assert (homer.name, homer.alternative_name) == ("PU.1", "")
    assert (other.name, other.alternative_name) == ("AN", "PU.1")


@pytest.mark.parametrize(
    ("text", "line", "found", "remedy"),
    [
        (">AB\n1 0 0 0\n0.1 -2 0.3 1.5\n", 3, "-2", "instead of log-odds scores"),
        (
            ">AB\nACGTACGT\nACGT\n",
            2,
            "ACGTACGT",
            "snakemake --cores 1 motif_from_sites",
        ),
        (">AB\n1 0 0 0\n0.7 0.1 0.1 0.3\n", 3, "the sum 1.2", "correct the row"),
        (">AB\n1 0 0 0\n0 1 0\n0 0 1 0\n", 3, "'0 1 0'", "correct the row"),
        (">AB\nA 1 2\nC 1 2\nT 1 2\nG 1 2\n", 4, "the row of T", "in this order"),
        ("<html>\n<p>MEME</p>\n", 1, "<html>", "meme.txt"),
    ],
)
def test_a_file_that_is_none_of_these(file, text, line, found, remedy):
    path = file(text)
    error = refused(path)
    assert error.where == f"{path}, line {line}"
    assert found in error.found
    assert remedy in error.remedy


def test_text_in_utf_16_is_named(file, tmp_path):
    path = tmp_path / "m.meme"
    path.write_bytes("MEME version 4\n".encode("utf-16"))
    error = refused(path)
    assert error.where == str(path)
    assert "UTF-8" in error.remedy


# TRANSFAC ----------------------------------------------------------------------------

ENTRY = "P0 A C G T\n01 8 0 0 0 A\n02 0 2 2 4 N\nXX\n"


def test_sections_around_the_matrix_of_transfac(file):
    text = (
        "VV  TRANSFAC MATRIX TABLE, Release 3.2\nXX\n//\n"
        f"AC  M1\nXX\nID  V$ONE\nXX\nDE  one\n{ENTRY}"
        "BA  8 sites\nBS  ACGT; R1; 1; 4;; p.\nXX\nXL\n00\t36\n01\t2\nXX\n//\n"
        f"AC  M2\n{ENTRY}"
    )
    motifs = read_motifs(file(text))
    assert [(m.name, m.alternative_name) for m in motifs] == [
        ("M1", "V$ONE"),
        ("M2", ""),
    ]
    assert [motif.matrix.tolist() for motif in motifs] == [ROWS, ROWS]


def test_entries_of_transfac_that_do_not_end_are_not_merged(file):
    motifs = read_motifs(file(f"AC  M1\n{ENTRY}AC  M2\n{ENTRY}"))
    assert [motif.name for motif in motifs] == ["M1", "M2"]
    assert [motif.matrix.tolist() for motif in motifs] == [ROWS, ROWS]


def test_two_matrices_in_an_entry_of_transfac_are_refused(file):
    error = refused(file(f"AC  M1\n{ENTRY}{ENTRY}//\n"))
    assert error.where.endswith(", line 6")
    assert error.found == "a second matrix in the same entry"


# CIS-BP ------------------------------------------------------------------------------

TABLE = "Pos\tA\tC\tG\tT\n1\t1\t0\t0\t0\n2\t0\t0.25\t0.25\t0.5\n"


def test_cisbp_names_a_motif_by_its_file_or_by_a_line(file):
    (motif,) = read_motifs(file(TABLE, "M0001_2.00.txt"))
    assert (motif.name, motif.matrix.tolist()) == ("M0001_2.00", ROWS)
    head = "TF\tT1_2.00\nTF Name\t{}\nGene\tENSG1\nMotif\t{}\nFamily\tEts\n"
    text = "\n\n".join(
        head.format(protein, name) + TABLE
        for protein, name in [("SPI1", "M1_2.00"), ("ETS1", "M2_2.00")]
    )
    motifs = read_motifs(file(text))
    assert [(m.name, m.alternative_name) for m in motifs] == [
        ("M1_2.00", "SPI1"),
        ("M2_2.00", "ETS1"),
    ]
    assert [motif.matrix.tolist() for motif in motifs] == [ROWS, ROWS]


def test_cisbp_in_rna(file):
    (motif,) = read_motifs(file(TABLE.replace("T\n", "U\n")))
    assert motif.matrix.tolist() == ROWS


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        # CIS-BP leaves out the rows of motifs under licence.
        ("Pos\tA\tC\tG\tT\n", 1, "no rows below it"),
        (TABLE + "\n" + TABLE, 1, "a matrix without a name"),
        (TABLE.replace("0.5", "0.9"), 3, "a row with the sum 1.4"),
    ],
)
def test_a_malformed_file_of_cisbp(file, text, line, found):
    error = refused(file(text))
    assert error.where.endswith(f", line {line}")
    assert found in error.found


# Sums ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sums", "constant"),
    [([10, 10], True), ([10, 9], True), ([10, 8.9], False), ([0, 0], False)],
)
def test_counts_may_differ_by_a_tenth_from_row_to_row(sums, constant):
    assert is_constant(np.array(sums)) == constant


def test_the_banner_of_a_report_is_passed_over(file):
    assert first_line(Lines(file(REPORT))) == 3
    assert first_line(Lines(file(TABLE))) is None
