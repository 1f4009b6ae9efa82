"""Figures of greedy substitution."""

from dataclasses import replace

import numpy as np

from proofread.figures.planted import example_rows
from proofread.figures.style import CATEGORIES, CONTEXT, TWO_COLUMNS, WIDE, new_figure
from proofread.figures.tracks import Bases, Letters, Panel, Span, Spans, draw_tracks
from proofread.methods.greedy_substitution.search import (
    COMPOSED,
    EXACT,
    FAITHFUL,
    INTEGRATED,
    PATH,
)
from proofread.methods.greedy_substitution.tables import _PERCENTILES
from proofread.statistics.logits import probability
from proofread.truth.roles import causal_motifs

_COLOURS = {
    EXACT: CATEGORIES[0],
    PATH: CATEGORIES[5],
    INTEGRATED: CATEGORIES[2],
    FAITHFUL: "black",
}


# --- Figures --------------------------------------------------------------------------


def examples(dataset, targets, most):
    """Sequences to draw: that of the composition, then positives and negatives.

    Returns
    -------
    list of tuple
        (row, target).
    """
    columns = [dataset.target.index(target) for target in targets]
    chosen = []
    rows = np.arange(len(dataset))
    if dataset.name[-1] == COMPOSED:
        chosen.append((len(dataset) - 1, targets[0]))
        rows = rows[:-1]
    shown = replace(
        dataset, label=np.asarray(dataset.label)[np.ix_(rows, columns)], target=targets
    )
    chosen += [(row, targets[column]) for row, column in example_rows(shown, most)]
    return chosen[:most]


def _title(dataset, row, target):
    column = dataset.target.index(target)
    label = float(dataset.label[row, column])
    of = f", {target}" if len(dataset.target) > 1 else ""
    known = "" if np.isnan(label) else f", label {label:g}"
    return f"{dataset.name[row]}{of}{known}"


def draw_curves(dataset, searches, chosen):
    """The probability of each example step by step, and of its random controls."""
    columns = min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    figure, axes = new_figure(
        {1: WIDE, 2: TWO_COLUMNS}.get(columns, TWO_COLUMNS),
        8 + 55 * rows,
        rows=rows,
        columns=columns,
        squeeze=False,
        sharex=True,
        sharey=True,
    )
    panels = axes.ravel()
    for unused in panels[len(chosen) :]:
        unused.set_axis_off()
    n = len(dataset)
    for axes_of, (row, target) in zip(panels, chosen, strict=False):
        of_target = [each for each in searches if each.target == target]
        control = probability(of_target[0].control[row])
        steps = np.arange(control.shape[1])
        low, high = np.percentile(control, _PERCENTILES, axis=0)
        axes_of.fill_between(
            *(steps, low, high), color=CONTEXT, alpha=0.35, linewidth=0
        )
        axes_of.plot(steps, control.mean(axis=0), color="#5F6668", linewidth=1.0)
        axes_of.axhline(0.5, color="black", linewidth=0.5, linestyle=(0, (3, 2)))
        for place, each in enumerate(of_target):
            for at, marker in ((row, "^"), (n + row, "v")):
                made = each.found.made[at]
                curve = probability(each.found.logit[at])
                # Rules may agree: each line a little thinner than the one below it.
                style = {
                    "color": _COLOURS[each.rule],
                    "linewidth": 2.2 - 0.5 * place,
                    "clip_on": False,
                }
                axes_of.plot(steps[: made + 1], curve[: made + 1], **style)
                axes_of.plot(
                    steps[made], curve[made], marker=marker, markersize=3.5, **style
                )
        axes_of.set_title(_title(dataset, row, target), loc="left", fontsize=7)
        axes_of.set_ylim(0, 1)
        axes_of.set_xlim(0, steps[-1])
        axes_of.xaxis.get_major_locator().set_params(integer=True)
    handles = [
        panels[0].plot([], [], color=_COLOURS[rule], label=rule.replace("_", " "))[0]
        for rule in dict.fromkeys(each.rule for each in searches)
    ]
    handles.append(panels[0].plot([], [], color="#5F6668", label="random")[0])
    figure.legend(handles=handles, loc="outside upper left", ncols=5, fontsize=7)
    figure.supxlabel("substitutions", fontsize=7.5)
    figure.supylabel("probability", fontsize=7.5)
    return figure


def made_heights(found, row, length):
    """The realised gains of one sequence's substitutions as letters.

    Parameters
    ----------
    found : Trajectories
    row : int
    length : int
        Bases of the sequence.

    Returns
    -------
    numpy.ndarray, shape (length, 4)
        Summed where a substitution was made more than once.
    """
    heights = np.zeros((length, 4))
    made = found.made[row]
    gains = np.diff(found.logit[row])[:made]
    np.add.at(heights, (found.position[row, :made], found.new[row, :made]), gains)
    return heights


def draw_edits(dataset, searches, chosen):
    """Which substitutions were made: the new bases, as high as they moved the logit."""
    panels = []
    n = len(dataset)
    for row, target in chosen:
        length = int(dataset.length[row])
        tracks = []
        truth = dataset.truth[dataset.truth["sequence"] == row]
        if len(truth):
            causal = causal_motifs(dataset, target)
            spans = [
                Span(each.start, each.end, each.motif, each.motif in causal)
                for each in truth.itertuples()
            ]
            tracks.append(Spans(spans))
        # deepG's rule changes one position again and again: see steps.tsv.
        shown = [each for each in searches if each.rule != FAITHFUL]
        moved = False
        for each in shown:
            if each.target != target:
                continue
            heights = made_heights(each.found, row, length)
            heights += made_heights(each.found, n + row, length)
            if heights.any():
                moved = True
                name = each.rule.replace("_", "\n", 1)
                tracks.append(Letters(heights, f"{name}\n(logit)"))
        tracks.append(Bases(np.asarray(dataset.index[row, :length])))
        title = _title(dataset, row, target)
        if not moved:
            title += ": no substitution that was tried moves it"
        if shown:
            panels.append(Panel(tracks, title))
    if not panels:
        figure, axes = new_figure(TWO_COLUMNS, 20)
        axes.set_axis_off()
        axes.text(0, 0.5, "Only the faithful rule was run: see steps.tsv.", va="center")
        return figure
    return draw_tracks(panels)
