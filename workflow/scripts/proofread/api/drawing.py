"""Figures. matplotlib's settings, its backend and open figures stay as they are.

Each function returns a matplotlib.figure.Figure that belongs to no window;
``figure.savefig(path)`` writes it. In a notebook ``%matplotlib inline`` shows it.
"""

import numpy as np
import pandas as pd

from proofread.api.arguments import (
    InputError,
    as_array,
    as_sequences,
    at_least,
    described,
    whole_numbers,
)
from proofread.api.motifs import as_motifs
from proofread.datasets.dataset import Dataset
from proofread.dna.encoding import BASES
from proofread.figures.letters import letter_limits
from proofread.figures.planted import DECOY, instances
from proofread.figures.style import ONE_COLUMN, figure_style, new_figure
from proofread.figures.style import draw_logo as draw_heights
from proofread.figures.tracks import (
    MAX_PANELS,
    Cells,
    Letters,
    Panel,
    Span,
    Spans,
    draw_tracks,
    letter_heights,
)
from proofread.motifs import alignments
from proofread.motifs.motif import Motif, relative_entropy
from proofread.motifs.naming import name_queries

_MAX_BASES = 200  # letters in a row of a figure that can be read


def draw_attributions(values, sequences, *, rows=None, start=0, end=None):
    """Draw attributions along sequences.

    Parameters
    ----------
    values : array, shape (n, length) or (n, 4, length), or dict of str to array
        A number for each base is drawn as the height of its letter. Numbers for all
        four bases, such as the effects of substitutions, are drawn as a heat map. Of a
        mapping each array is a track with its name; tracks of one name have one scale.
    sequences : list of str, array or Dataset
        Planted motifs of a simulated dataset are drawn above the letters.
    rows : list of int, optional
        Sequences to draw, at most six; None: the first three.
    start, end : int, optional
        Positions to draw, 0-based, half-open; at most 200.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If the shapes differ, or there is no such sequence or position.
    """
    index, _, name = as_sequences(sequences)
    if hasattr(values, "items"):
        named = {
            str(label): _as_values(item, index.shape, f"values, {label}")
            for label, item in values.items()
        }
    else:
        named = {"attribution": _as_values(values, index.shape, "values")}
    if not named:
        raise InputError("values", "no array", "one or more", "pass some attributions")
    if rows is None:
        rows = range(min(3, len(index)))
    rows = _checked_rows(rows, len(index))
    (start,) = whole_numbers("start, end", start)
    end = min(index.shape[1], start + _MAX_BASES) if end is None else end
    (end,) = whole_numbers("start, end", end)
    if not 0 <= start < end <= index.shape[1] or end - start > _MAX_BASES:
        raise InputError(
            "start, end",
            f"{start} and {end}",
            f"positions from 0 to {index.shape[1]}, at most {_MAX_BASES} of them",
            "choose a part of the sequences",
        )
    tracks = _tracks(named, rows, index, start, end)
    return draw_tracks(
        [
            Panel(
                [*_spans(sequences, row, start, end), *tracks[row]],
                _title(sequences, row, name[row]),
                first=start,
            )
            for row in rows
        ]
    )


@figure_style()
def draw_logo(motif):
    """Draw a motif as a logo: letters as high as their information, in bits.

    Parameters
    ----------
    motif : proofread.motifs.motif.Motif, or array, shape (width, 4)
        Probabilities in the order A, C, G, T.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If it is no motif.
    """
    named = motif if isinstance(motif, Motif) else {"": motif}
    (motif,) = as_motifs(named, "motif")
    figure, axes = new_figure(min(ONE_COLUMN, 12 + 4 * len(motif)), 28)
    draw_heights(axes, relative_entropy(motif.matrix)[:, None] * motif.matrix)
    axes.set_ylabel("bits")
    second = motif.alternative_name
    title = f"{motif.name} ({second})" if second else motif.name
    axes.set_title(title, loc="left")
    return figure


def draw_alignments(hits, queries, targets, *, max_shown=6, kind="filter"):
    """Draw each query's logo above that of its best hit.

    Parameters
    ----------
    hits : pandas.DataFrame
        From `proofread.tomtom`.
    queries, targets
        What was compared.
    max_shown : int
        Maximum number of pairs, those with the smallest q first.
    kind : str
        What the queries are, in the singular.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        If an argument is not one of those above.
    """
    at_least("max_shown", max_shown, 1)
    queries, targets = as_motifs(queries, "queries"), as_motifs(targets, "targets")
    known = {motif.name for motif in targets}
    if (
        not isinstance(hits, pd.DataFrame)
        or not {"Query_ID", "Target_ID"} <= set(hits)
        or not set(hits["Target_ID"]) <= known
    ):
        raise InputError(
            "hits",
            f"{type(hits).__name__} of other columns or targets",
            "the table that proofread.tomtom made of these queries and targets",
            "pass what was compared",
        )
    names = [motif.name for motif in queries]
    table = name_queries(names, hits, targets, False)
    table.insert(0, kind, names)
    shown = alignments.best_alignments(table, queries, targets, max_shown, kind=kind)
    n_matched = int(table["best_hit"].notna().sum())
    return alignments.draw_alignments(shown, n_matched, len(names), kind=kind)


def _as_values(values, shape, argument):
    """Numbers (n, length) for letters, or (n, 4, length) for cells."""
    n, length = shape
    allowed = (shape, (n, 4, length))
    expected = f"numbers of shape {allowed[0]} or {allowed[1]}, as the sequences"
    values = as_array(values, argument, expected)
    if values.dtype.kind not in "fiub" or values.shape not in allowed:
        raise InputError(
            argument,
            described(values),
            expected,
            "pass one number for each base of each sequence",
        )
    return values


def _checked_rows(rows, n):
    rows = whole_numbers("rows", rows)
    if not 0 < len(rows) <= MAX_PANELS or not all(0 <= row < n for row in rows):
        raise InputError(
            "rows",
            str(rows),
            f"one to {MAX_PANELS} row numbers from 0 to {n - 1}",
            "choose some of the sequences",
        )
    return rows


def _tracks(named, rows, index, start, end):
    """Tracks of each of the rows: letters of numbers per base, cells of the others."""
    tracks = {row: [] for row in rows}
    for label, values in named.items():
        shown = [values[row][..., start:end] for row in rows]
        if values.ndim == 3:
            limit = max(float(np.abs(item).max()) for item in shown) or 1.0
            for row, item in zip(rows, shown, strict=True):
                tracks[row].append(Cells(list(BASES), item, label, limit))
            continue
        heights = [
            letter_heights(item, index[row, start:end])
            for row, item in zip(rows, shown, strict=True)
        ]
        limits = letter_limits(heights)
        for row, item in zip(rows, heights, strict=True):
            tracks[row].append(Letters(item, label, limits))
    return tracks


def _spans(sequences, row, start, end):
    """A track with the planted motifs or known sites of a sequence, or no track."""
    if not isinstance(sequences, Dataset):
        return []
    spans = [
        Span(
            max(first, start),
            min(last, end),
            motif + (" (−)" if strand == "-" else ""),
            role != DECOY,
        )
        for motif, first, last, strand, role in instances(sequences, row)
        if first < end and last > start
    ]
    return [Spans(spans)] if spans else []


def _title(sequences, row, name):
    if not isinstance(sequences, Dataset):
        return f"sequence {name}"
    labels = zip(sequences.target, sequences.label[row], strict=True)
    known = [(target, label) for target, label in labels if not np.isnan(label)]
    if sequences.quantitative:
        return ", ".join([name, *(f"{target} {value:g}" for target, value in known)])
    if not known:
        return name
    positive = [target for target, label in known if label >= 0.5]
    return f"{name}, positive: {', '.join(positive) or 'none'}"
