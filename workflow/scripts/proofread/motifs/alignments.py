"""Logos of queries above those of the motifs they match."""

from dataclasses import dataclass

import numpy as np

from proofread.figures.style import (
    ACCENT,
    CONTEXT,
    TWO_COLUMNS,
    draw_letters,
    figure_style,
    new_figure,
)
from proofread.motifs.motif import relative_entropy, reverse_complement
from proofread.motifs.targets import is_planted, own_name

# Letters lower than this, in bits, cannot be seen and are not drawn.
_MIN_HEIGHT = 0.06
_COLUMNS = 3  # pairs of logos side by side
_LONGEST_TITLE = 36  # letters that fit above one of them


@dataclass(frozen=True)
class Alignment:
    """A query and its best hit, ready to be drawn.

    Attributes
    ----------
    title : str
        The query, and what its best hit is called.
    finding : str
        The q-value, the strand, and the planted motifs among the other hits.
    true : bool
        Whether a planted motif is among the hits.
    query_heights, target_heights : numpy.ndarray, shape (columns, 4)
        Letter heights in bits on a common axis; 0 where a motif does not reach.
    first : int
        Query position of the first column of that axis.
    overlap : tuple of int
        First and past-the-last query position that is aligned.
    """

    title: str
    finding: str
    true: bool
    query_heights: np.ndarray
    target_heights: np.ndarray
    first: int
    overlap: tuple


def align(query, target, row):
    """Put a query and its hit on a common axis.

    Parameters
    ----------
    query, target : Motif
    row : pandas.Series
        Its match, from `proofread.motifs.naming.name_queries`.

    Returns
    -------
    Alignment
    """
    if row["orientation"] == "-":
        target = reverse_complement(target)
    # Target column `offset` lies under query position 0.
    start = -int(row["offset"])
    first, last = min(0, start), max(len(query), start + len(target))
    begin = max(0, start)
    planted = is_planted(target.name)
    strand = ", − strand" if row["orientation"] == "-" else ""
    # An empty cell, once the table has been in a file, is NaN.
    hits = row["planted_hits"] if isinstance(row["planted_hits"], str) else ""
    also = f"; also {hits}" if hits and not planted else ""
    return Alignment(
        title=_shortened(f"{query.name}: {_known_as(target, row['protein'])}"),
        finding=_shortened(f"q = {row['q']:.0e}{strand}{also}"),
        true=bool(hits),
        query_heights=_heights(query, -first, last - first),
        target_heights=_heights(target, start - first, last - first),
        first=first,
        overlap=(begin, begin + int(row["overlap"])),
    )


def _known_as(target, protein):
    """A target's protein, and what else says which motif it is."""
    if is_planted(target.name):
        return f"{protein} (planted)"
    name = own_name(target)
    # The database too where it stands before the name.
    parts = [name] * (name != protein) + [target.source] * (name != target.name)
    return f"{protein} ({', '.join(parts)})" if parts else protein


def _shortened(title):
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"


def _heights(motif, first, columns):
    """Letter heights in bits from column `first` on: (width, 4) -> (columns, 4)."""
    heights = np.zeros((columns, 4))
    information = relative_entropy(motif.matrix)[:, None] * motif.matrix
    heights[first : first + len(motif)] = information
    return np.where(heights < _MIN_HEIGHT, 0, heights)


def best_alignments(table, queries, targets, max_shown, *, kind="filter"):
    """Alignments of the queries with the smallest q, at most `max_shown`, best first.

    Parameters
    ----------
    table : pandas.DataFrame
        Their names under `kind`, and their matches, from
        `proofread.motifs.naming.name_queries`.
    queries, targets : list of Motif
    max_shown : int
    kind : str
        What the queries are, in the singular.

    Returns
    -------
    list of Alignment
    """
    queries = {motif.name: motif for motif in queries}
    targets = {motif.name: motif for motif in targets}
    ranked = table.dropna(subset=["best_hit"]).sort_values(["q", "p"], kind="stable")
    return [
        align(queries[row[kind]], targets[row["best_hit"]], row)
        for _, row in ranked.head(max_shown).iterrows()
    ]


@figure_style()
def draw_alignments(alignments, n_matched, n_queries, *, kind="filter", chance=""):
    """Draw each query's logo above the logo of its best hit.

    Parameters
    ----------
    alignments : list of Alignment
    n_matched, n_queries : int
        Queries with a hit, and queries.
    kind : str
        What the queries are, in the singular.
    chance : str
        Fraction of the hits that are expected by chance, in words; empty: unknown.

    Returns
    -------
    matplotlib.figure.Figure
        Three pairs of logos in a row, 183 mm wide. The aligned positions are shaded.
    """
    if not alignments:
        figure, axes = new_figure(TWO_COLUMNS, 20)
        axes.set_axis_off()
        axes.text(0, 0.5, f"None of {n_queries} {kind}s has a hit.", va="center")
        return figure
    rows = -(-len(alignments) // _COLUMNS)
    figure, grid = new_figure(
        TWO_COLUMNS, 8 + 32 * rows, rows=2 * rows, columns=_COLUMNS, squeeze=False
    )
    # (2 rows, columns) -> (pairs, 2)
    pairs = grid.reshape(rows, 2, _COLUMNS).swapaxes(1, 2).reshape(-1, 2)
    widest = max(len(alignment.query_heights) for alignment in alignments)
    for number, pair in enumerate(pairs):
        if number < len(alignments):
            scale = number % _COLUMNS == 0
            _draw_pair(pair, alignments[number], widest, kind=kind, scale=scale)
        else:
            for axes in pair:
                axes.set_axis_off()
    shown = len(alignments)
    which = f"The best {shown} of the" if shown < n_matched else "The"
    title = f"{which} {n_matched} {kind}s with a hit, of {n_queries}"
    figure.suptitle(
        f"{title}; expected by chance: {chance} of the hits" if chance else title,
        x=0.01,
        ha="left",
        fontsize=8,
    )
    figure.supxlabel(f"position in the {kind} (0-based)", fontsize=7.5)
    return figure


def _draw_pair(pair, alignment, widest, *, kind, scale):
    """Draw one alignment; with `scale`, the bits are written on its axes."""
    begin, end = (edge - alignment.first - 0.5 for edge in alignment.overlap)
    colour = ACCENT if alignment.true else "black"
    both = (alignment.query_heights, alignment.target_heights)
    for axes, heights, name in zip(pair, both, (kind, "motif"), strict=True):
        draw_letters(axes, heights)
        # The same width of a letter in all pairs.
        axes.set_xlim(-0.5, widest - 0.5)
        axes.axvspan(begin, end, color=CONTEXT, alpha=0.15, linewidth=0, zorder=-1)
        axes.set_xticks([])
        axes.set_yticks([0, 1, 2], ["0", "", "2"] if scale else [""] * 3)
        # A longer word would run into that of the logo below.
        size = 7.5 if len(kind) < 7 else 6.5
        axes.set_ylabel(f"{name}\n(bits)" if scale else "", fontsize=size)
    ticks = list(range(0, len(alignment.query_heights) + alignment.first, 5))
    pair[1].set_xticks([tick - alignment.first for tick in ticks], ticks)
    pair[0].set_title(
        f"{alignment.title}\n{alignment.finding}", color=colour, loc="left", fontsize=7
    )
