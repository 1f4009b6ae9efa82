"""The MEME format, versions 3 to 5: minimal, or as MEME, DREME and STREME write it."""

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from proofread.motifs.matrices import TOLERANCE, as_probabilities
from proofread.motifs.motif import Motif

VERSION = "MEME version"
_KEY_VALUE = re.compile(r"(\w+)\s*=\s*(\S+)")
_MOTIF = re.compile(r"MOTIF(\s|$)")
_MATRIX = re.compile(r"letter-probability\s+matrix")


@dataclass(frozen=True, eq=False)
class MotifFile:
    """What a MEME file holds.

    Attributes
    ----------
    motifs : list of Motif
    background : numpy.ndarray, shape (4,), or None
        Base frequencies as written, in the order A, C, G, T; None where the file
        gives none.
    """

    motifs: list
    background: np.ndarray | None


def first_line(lines):
    """The line that begins with ``MEME version``, or None: a banner may precede it."""
    found = (i for i, line in enumerate(lines.lines) if line.startswith(VERSION))
    return next(found, None)


def parse_meme(lines):
    """Read the motifs of a file, in its order, and its background.

    Parameters
    ----------
    lines : proofread.motifs.lines.Lines

    Returns
    -------
    MotifFile
        Names may be repeated.
    """
    begin = first_line(lines)
    if begin is None:
        raise lines.error(
            0,
            f"{''.join(lines.lines[:1])[:60]!r}",
            f"'{VERSION} ...' on the first line, or below the banner of MEME",
            f"begin the file with '{VERSION} 4'",
        )
    starts = [i for i in range(begin, len(lines)) if _MOTIF.match(lines[i])]
    background = _header(lines, begin, starts[0] if starts else len(lines))
    blocks = pairwise([*starts, len(lines)])
    return MotifFile([_motif(lines, *block) for block in blocks], background)


def _header(lines, begin, end):
    """Check the alphabet; return the background, or None."""
    background = None
    for index in range(begin, end):
        line = lines[index]
        if _MATRIX.match(line):
            raise lines.error(
                index,
                "a matrix without a name",
                "a line 'MOTIF name' above it",
                "name the motif",
            )
        if line.startswith("ALPHABET"):
            letters = line.partition("=")[2].strip()
            named = re.search(r"DNA|RNA", line)
            if letters not in ("ACGT", "ACGU") and not named:
                raise lines.error(
                    index,
                    f"{line!r}",
                    "the alphabet ACGT or ACGU",
                    "use motifs of DNA or RNA",
                )
        elif line.startswith("Background letter frequencies"):
            background = _background(lines, index, end)
    return background


def _background(lines, index, end):
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
    if abs(frequencies.sum() - 1) > TOLERANCE or (frequencies == 0).any():
        raise lines.error(
            index + 1,
            f"{' '.join(fields)!r}",
            "four frequencies above 0 with a sum of 1",
            "correct the background, or leave both lines out",
        )
    return frequencies


def _motif(lines, start, end):
    """Read the motif whose MOTIF line is `start` and that ends before line `end`."""
    names = lines[start].split()[1:3]
    if not names:
        raise lines.error(start, "no name", "'MOTIF name'", "name the motif")
    # MEME 3 wrote 'MOTIF 1 width = 21': no second name.
    alternative_name = names[1] if len(names) == 2 and names[1] != "width" else ""
    for index in range(start + 1, end):
        if _MATRIX.match(lines[index]):
            matrix, sites = _matrix(lines, index, end)
            return Motif(names[0], matrix, alternative_name, sites, lines.path)
    raise lines.error(
        start,
        f"motif {names[0]} has no matrix",
        "a 'letter-probability matrix:' line before the next motif",
        "add the matrix, or remove the motif",
    )


def _matrix(lines, header, end):
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
            f"{lines[header]!r}",
            "'letter-probability matrix: alength= 4 w= WIDTH nsites= SITES'",
            "correct the line",
        )
    below = lines.filled(header + 1, end)
    if width is None:
        width = 0
        while width < len(below) and re.match(r"[\d.]", lines[below[width]]):
            width += 1
    if width > len(below) or not below:
        raise lines.error(
            header,
            f"at most {end - header - 1} rows follow",
            f"{width or 'some'} rows, as w= states",
            "correct w=, or add the missing rows",
        )
    rows = {i: lines.numbers(i, lines[i].split(), 4) for i in below[: width or 1]}
    return as_probabilities(lines, rows, sites if sites > 0 else None)
