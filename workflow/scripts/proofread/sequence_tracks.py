"""Parts of a figure along one sequence: its letters, and what was planted in it."""

import numpy as np

from proofread.figures import ACCENT, BASE_COLOURS, CONTEXT

# Letters as polygons in a box of 1 x 1 (x y  x y ...), of few corners: hundreds of them
# stay a small drawing. The second outline of A is its hole.
_OUTLINES = {
    "A": (
        "0 0  .36 1  .64 1  1 0  .75 0  .67 .22  .33 .22  .25 0",
        ".39 .4  .61 .4  .5 .74",
    ),
    "C": (
        "1 .08  .62 0  .24 .09  0 .36  0 .64  .24 .91  .62 1  1 .92  1 .73  .66 .82  "
        ".41 .73  .31 .5  .41 .27  .66 .18  1 .27",
    ),
    "G": (
        "1 .09  .58 0  .22 .09  0 .36  0 .64  .22 .91  .58 1  .96 .92  .96 .73  .62 .82"
        "  .38 .73  .28 .5  .38 .27  .6 .18  .74 .2  .74 .38  .58 .38  .58 .55  1 .55",
    ),
    "T": (".36 0  .36 .8  0 .8  0 1  1 1  1 .8  .64 .8  .64 0",),
}
_WIDTH = 0.92  # of a letter, in positions
_BAR = 0.09  # height of a bar above a track, as a share of it


def draw_letters(axes, index, heights, *, first=0):
    """Draw a sequence with a height for each letter.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    index : numpy.ndarray, shape (length,), uint8
        An unknown base has no letter.
    heights : numpy.ndarray, shape (length,)
        Up from 0; a letter of negative height hangs from 0 upside down.
    first : int
        Position of the first letter.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    for base, (letter, colour) in enumerate(BASE_COLOURS.items()):
        outlines = [
            np.array(each.split(), dtype=float).reshape(-1, 2)
            for each in _OUTLINES[letter]
        ]
        # One path for all letters of a kind: its style is written once.
        paths = [
            Path(
                np.vstack([outline, outline[:1]]) * (_WIDTH, heights[place])
                + (first + place - _WIDTH / 2, 0),
                closed=True,
            )
            for place in np.flatnonzero(index == base)
            for outline in outlines
            if heights[place] != 0
        ]
        if paths:
            path = Path.make_compound_path(*paths)
            axes.add_patch(PathPatch(path, facecolor=colour, linewidth=0))
    axes.set_xlim(first - 0.5, first + len(index) - 0.5)


def instances(dataset, row):
    """What was planted in one sequence, by start.

    Parameters
    ----------
    dataset : proofread.dataset.Dataset
    row : int

    Returns
    -------
    list of tuple
        (motif, start, end, strand, role); 0-based, half-open.
    """
    truth = dataset.truth[dataset.truth["sequence"] == row].sort_values("start")
    columns = ["motif", "start", "end", "strand", "role"]
    return list(truth[columns].itertuples(index=False, name=None))


def draw_planted(axes, planted, *, first, last, edge=-0.5, names=True):
    """Bars along the top of a track where motifs were planted.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    planted : list of tuple
        From `instances`. Causal ones have the accent colour, decoys are grey; an arrow
        says the strand.
    first, last : int
        Positions that the track shows, half-open; longer bars are cut.
    edge : float
        Where a base begins: half a unit before its position, or at it.
    names : bool
        Whether the motifs' names stand above the bars.
    """
    transform = axes.get_xaxis_transform()
    for motif, start, end, strand, role in planted:
        colour = ACCENT if role == "causal" else CONTEXT
        start, end = max(start, first), min(end, last)
        axes.fill_between(
            [start + edge, end + edge],
            1.02,
            1.02 + _BAR,
            transform=transform,
            color=colour,
            linewidth=0,
            clip_on=False,
        )
        if not names:
            continue
        name = f"{motif} →" if strand == "+" else f"← {motif}"
        axes.text(
            (start + end) / 2 + edge,
            1.04 + _BAR,
            name if role == "causal" else f"{name} (decoy)",
            transform=transform,
            color=colour if role == "causal" else "#5F6568",
            fontsize=6,
            ha="center",
            va="bottom",
        )


def shade_planted(axes, planted, *, edge=-0.5):
    """Shade the planted motifs over the whole height of a track."""
    for _, start, end, _, role in planted:
        axes.axvspan(
            start + edge,
            end + edge,
            color=ACCENT if role == "causal" else CONTEXT,
            alpha=0.13,
            linewidth=0,
            zorder=0,
        )


def example_rows(dataset, most):
    """Sequences to draw: a positive and a negative of each target in turn.

    Parameters
    ----------
    dataset : proofread.dataset.Dataset
        A label of 0.5 or more is a positive.
    most : int

    Returns
    -------
    list of tuple
        (row, column of the target); each row once, the first of its class.
    """
    label = np.asarray(dataset.label)
    queues = []
    for column in range(label.shape[1]):
        for positive in (True, False):
            rows = np.flatnonzero((label[:, column] >= 0.5) == positive)
            queues.append([(int(row), column) for row in rows])
    chosen, taken = [], set()
    while any(queues) and len(chosen) < most:
        for queue in queues:
            while queue and queue[0][0] in taken:
                queue.pop(0)
            if queue and len(chosen) < most:
                chosen.append(queue.pop(0))
                taken.add(chosen[-1][0])
    return chosen
