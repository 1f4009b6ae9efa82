"""How tables, scores and arrays are written: everywhere the same."""

import contextlib
import gzip
import io
import math
import warnings
import zlib
from functools import partial
from typing import NamedTuple

import h5py
import numpy as np
import pandas as pd

from proofread.atomic import atomic
from proofread.errors import MAKE_ANEW, InputError
from proofread.hdf5 import intact, written
from proofread.storage import raise_refusal

DIGITS = 6  # significant digits of a number in a table
_EXACT = 2**53  # whole numbers below it are exact in double precision
SCORE_COLUMNS = [
    "metric",
    "motif",
    "target",
    "variant",
    "better",
    "value",
    "n",
    "ci_low",
    "ci_high",
    "chance",
]
# Of pairs.tsv, the interactions of all pairs of motifs, whichever method measured them.
PAIR_COLUMNS = [
    "target",
    "first",
    "second",
    "n",
    "interaction",
    "ci_low",
    "ci_high",
]
# Ranks and other quantities that are no fraction, even where they are 0 or 1.
UNBOUNDED_METRICS = frozenset(
    {
        "decay_length_error",
        "effect_slope",
        "effect_slope_error",
        "position_signal_to_noise",
        "rank_grouped_influence",
        "signal_pearson",
        "signal_spearman",
    }
)
# Of the many ways to score positions, those that figures show.
_DRAWN_METRICS = ("position_auroc", "position_auprc", "position_decoy_fraction")
_DRAWN_POSITIONS = ("signed", "absolute", "signed_raw", "absolute_centred_window9")


class Score(NamedTuple):
    """One number that compares a method's answer with the planted truth.

    Parameters
    ----------
    metric : str
        What is measured, such as ``position_auroc``; no motif or target in it.
    value : float
    n : int
        Number of sequences, filters, tests ... behind it.
    ci_low, ci_high : float
        95 % interval; NaN where there is none.
    motif : str
        The planted motif it is of; empty for all together.
    target : str
        The target it is of; empty for all together.
    variant : str
        What tells scores of one metric apart beyond that, such as the kind of
        attribution; empty where there is one only.
    better : str
        ``higher``, ``lower``, or empty if neither is better.
    chance : float
        Its expected value for random ranks; NaN where that is not known.
    """

    metric: str
    value: float
    n: int
    ci_low: float
    ci_high: float
    motif: str = ""
    target: str = ""
    variant: str = ""
    better: str = "higher"
    chance: float = math.nan


def is_drawn(metric, variant):
    """Whether a figure shows a score: of positions, the plain and best founded ones.

    Parameters
    ----------
    metric, variant : str
        Of the scorecard.
    """
    if not metric.startswith("position_"):
        return True
    return metric in _DRAWN_METRICS and variant.split(" ")[-1] in _DRAWN_POSITIONS


def write_table(path, table, *, digits=DIGITS, header=True):
    """Write a TSV, with a header; numbers with `digits` significant ones, gaps empty.

    Whole numbers have all their digits. A format without a header, such as BED, has
    none.

    It is compressed if the path ends in ``.gz``; the same table always gives the same
    bytes.
    """
    write_parts(path, [table], digits=digits, header=header)


def write_parts(path, tables, *, digits=DIGITS, header=True):
    """Write tables with the same columns, one below the other, as one TSV.

    Parameters
    ----------
    path, digits, header
        As for `write_table`.
    tables : iterable of pandas.DataFrame
        At least one; each is written before the next is asked for.

    Raises
    ------
    ValueError
        If a table has no columns: without a header nobody can read the file.
    """
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(open(stack.enter_context(atomic(path)), "wb"))
        if str(path).endswith(".gz"):
            # Without the name of the temporary file and the time.
            file = stack.enter_context(gzip.GzipFile("", "wb", 6, file, mtime=0))
        for number, table in enumerate(tables):
            if len(table.columns) == 0:
                raise ValueError(f"{path}: a table without columns")
            text = table.to_csv(
                sep="\t",
                index=False,
                header=header and number == 0,
                float_format=partial(_as_text, digits=digits),
                lineterminator="\n",
            )
            file.write(text.encode())


def _as_text(value, digits):
    """A number with so many digits; whole ones (counts, say) with all."""
    text = f"{value:.{digits}g}"
    if "e+" in text and value.is_integer() and abs(value) < _EXACT:
        return f"{value:.0f}"
    return text


# A sequence may be called 001 or 1e5, a target TRUE, all verdicts may be true: names
# are never numbers.
NAMES = (
    "id",
    "name",
    "sequence",
    "target",
    "filter",
    "motif",
    "dataset",
    "model",
    "candidate",
    "group",
    "best_hit",
    "best_filter",
    "similar_motif",
    "database",
    "protein",
    "planted_hits",
    "first",
    "second",
    "fixed",
    "tiled",
    "pattern",
    "verdict",
    "variant",
    "Query_ID",
    "Target_ID",
)
# Other columns of text, where some cells or all may look like numbers.
TEXTS = (
    "activation",
    "anchor",
    "architecture",
    "class",
    "coloured_by",
    "contig",
    "curve",
    "expected",
    "filters",
    "insert",
    "kind",
    "left",
    "nearest_site",
    "partner",
    "prefix",
    "representation",
    "right",
    "settings",
    "sites",
    "split",
    "stratum",
    "suffix",
    "test",
)
# Columns of numbers, also where a table of one row has a letter in its only cell.
_NUMBERS = ("value", "n", "ci_low", "ci_high", "chance", "logit")
_LOOKED_AT = 1000  # cells that tell whether a long column holds text
_FRACTIONS = ("label", "probability", "p", "q")  # from 0 to 1


def read_table(path, texts=()):
    """Read a TSV written by `write_table`; only an empty cell is a gap.

    Parameters
    ----------
    path : str or path
    texts : iterable of str
        Columns of this table that hold text, though others of this name do not.

    Returns
    -------
    pandas.DataFrame
        It raises an `InputError` if it is asked for a column that it does not have.

    Raises
    ------
    InputError
        If the file is damaged in a way that shows: it does not end with a line, rows
        have other numbers of cells than the header, it is not text, most cells
        of a column are numbers and one is not, or a probability is not one. A table
        has no checksum: a digit that became another is not noticed, nor are missing
        rows at the end.
    """
    try:
        with (gzip.open if str(path).endswith(".gz") else open)(path, "rb") as file:
            text = file.read().decode()
        with warnings.catch_warnings():
            # Of a letter in a long column of numbers, which is named below.
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            table = pd.read_csv(
                io.StringIO(text),
                sep="\t",
                keep_default_na=False,
                na_values=[""],
                dtype=dict.fromkeys(NAMES, str),
            )
        result = _damage(text)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise_refusal(error, path)
        result = f"not readable ({' '.join(str(error).split())})"
    if result:
        raise InputError(path, result, *_AS_WRITTEN)
    for column in table.columns.difference({*NAMES, *TEXTS, *texts}, sort=False):
        _check_numbers(path, table, column)
    table = _Table(table)
    table.origin = str(path)
    return table


_AS_WRITTEN = (
    "a table, as the workflow wrote it",
    MAKE_ANEW,
)


def _damage(text):
    """How the text of a table shows that it is damaged; None if it does not."""
    if not text.endswith("\n"):
        return "a last line that does not end: the file is cut short"
    if "\0" in text:
        return "characters of 0, which no table has"
    if '"' in text:  # quoted cells may hold tabs and line ends
        return None
    lines = text.split("\n")[:-1]
    columns = lines[0].count("\t") + 1
    for number, line in enumerate(lines, start=1):
        if not line or line[0] == "#":  # below the table of Tomtom
            continue
        if line.count("\t") + 1 != columns:
            cells = line.count("\t") + 1
            return f"{cells} cell(s) in line {number}, {columns} in the header"
    return None


def _check_numbers(path, table, column):
    """Refuse a cell that is no number among numbers, or one that cannot be there."""
    cells = table[column]
    if pd.api.types.infer_dtype(cells) in ("string", "mixed", "mixed-integer"):
        filled = cells.dropna()
        some = filled.iloc[:: len(filled) // _LOOKED_AT + 1]
        if column not in (*_NUMBERS, *_FRACTIONS) and _odd(some)[0].mean() >= 0.5:
            return  # a column of text
        wrong, expected = _odd(cells)
    elif column in _FRACTIONS:
        wrong, expected = (cells < 0) | (cells > 1), "a number from 0 to 1"
    else:
        return
    if wrong.any():
        row = wrong.idxmax()  # the first; counted from 0, below the header
        raise InputError(
            f"{path}, line {row + 2}, column {column}",
            repr(str(cells[row])),
            f"{expected}, as the workflow wrote it",
            MAKE_ANEW,
        )


def _odd(cells):
    """Which cells are no numbers, or no truth values where more are; what they are."""
    cells = cells.dropna().astype(str)
    truth = cells.isin(["True", "False"])
    number = pd.to_numeric(cells, errors="coerce").notna()
    if truth.sum() > number.sum():
        return ~truth, "True or False"
    return ~number, "a number"


class _NoColumn(InputError, KeyError):
    """A `KeyError`, which pandas expects, that says which file lacks the column."""

    __str__ = Exception.__str__


class _Table(pd.DataFrame):
    """A table that names its file if it lacks a column: it may be another one."""

    _metadata = ("origin",)

    def __getitem__(self, key):
        """As of any table."""
        try:
            return super().__getitem__(key)
        except KeyError as error:
            found = f"no column {' '.join(map(str, error.args))}"
            raise _NoColumn(self.origin, found, *_AS_WRITTEN) from error


def write_score(path, rows):
    """Write what a method found of the truth.

    Parameters
    ----------
    path : str or path
    rows : iterable of Score
        None where there is no truth; the file then holds its header only.
    """
    scores = pd.DataFrame([Score(*row) for row in rows], columns=Score._fields)
    write_table(path, scores[SCORE_COLUMNS])


def write_values(path, arrays, **attributes):
    """Write named arrays to HDF5; the same arrays always give the same bytes."""
    with written(path) as file:
        for name, values in arrays.items():
            values = np.asarray(values)
            if values.dtype.kind in "OU":
                file.create_dataset(
                    name, data=values.astype(object), dtype=h5py.string_dtype()
                )
            else:
                file[name] = values
        file.attrs.update(attributes)


def read_values(path, names=()):
    """All arrays of a file written by `write_values`, by name.

    Parameters
    ----------
    path : str or path
    names : iterable of str
        Arrays that it must have.

    Raises
    ------
    InputError
        If the file is damaged, or lacks one of them.
    """
    with intact(path, "a file of arrays", names) as file:
        return {
            name: np.array([value.decode() for value in item[()].ravel()])
            if item.dtype == object
            else item[()]
            for name, item in file.items()
        }
