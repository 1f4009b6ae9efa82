"""Figures of greedy substitution."""

from dataclasses import replace

import numpy as np

from proofread.datasets.sampling import example_rows
from proofread.figures.style import (
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    WIDE,
    figure_style,
    new_figure,
    short_name,
)
from proofread.figures.tracks import Bases, Letters, Panel, Span, Spans, draw_tracks
from proofread.methods.greedy_substitution.search import (
    EXACT,
    FAITHFUL,
    INTEGRATED,
    PATH,
)
from proofread.methods.greedy_substitution.sequences import COMPOSED
from proofread.methods.greedy_substitution.tables import PERCENTILES
from proofread.statistics.logits import probability
from proofread.statistics.units import LOGIT, output_column, output_name
from proofread.truth.roles import causal_motifs

_COLOURS = {
    EXACT: CATEGORIES[0],
    PATH: CATEGORIES[5],
    INTEGRATED: CATEGORIES[2],
    FAITHFUL: "black",
}
_GREY = "#5F6668"


def chosen_examples(dataset, targets, number):
    """Sequences to draw: that of the composition, then positives and negatives.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    targets : list of str
        Whose positives and negatives take turns; of a quantitative target, its halves.
    number : int

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
    chosen += [(row, targets[column]) for row, column in example_rows(shown, number)]
    return chosen[:number]


def _title(dataset, row, target):
    column = dataset.target.index(target)
    label = float(dataset.label[row, column])
    of_target = f", {target}" if len(dataset.target) > 1 else ""
    name = "measured" if dataset.quantitative else "label"
    of_label = "" if np.isnan(label) else f", {name} {label:g}"
    return f"{short_name(dataset.name[row])}{of_target}{of_label}"


@figure_style()
def draw_curves(dataset, searches, examples):
    """Draw the probability of each example and of its random controls, step by step.

    Of a quantity its output, with lines at the outputs to reach.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    searches : list of proofread.methods.greedy_substitution.search.Search
    examples : list of tuple
        (row, target).
    """
    unit = searches[0].unit
    shown = probability if unit == LOGIT else np.asarray
    columns = min(3, len(examples))
    rows = -(-len(examples) // columns)
    figure, axes = new_figure(
        {1: WIDE, 2: TWO_COLUMNS}.get(columns, TWO_COLUMNS),
        8 + 55 * rows,
        rows=rows,
        columns=columns,
        squeeze=False,
        sharex=True,
        # Quantities of several targets have scales of their own.
        sharey=unit == LOGIT,
    )
    panels = axes.ravel()
    for unused in panels[len(examples) :]:
        unused.set_axis_off()
    n = len(dataset)
    for panel, (row, target) in zip(panels, examples, strict=False):
        of_target = [search for search in searches if search.target == target]
        control = shown(of_target[0].control[row])
        steps = np.arange(control.shape[1])
        low, high = np.percentile(control, PERCENTILES, axis=0)
        panel.fill_between(steps, low, high, color=CONTEXT, alpha=0.35, linewidth=0)
        panel.plot(steps, control.mean(axis=0), color=_GREY, linewidth=1.0)
        goals = of_target[0].goals
        for level in (0.5,) if goals is None else (goals.up, goals.down):
            panel.axhline(level, color="black", linewidth=0.5, linestyle=(0, (3, 2)))
        for order, search in enumerate(of_target):
            trajectories = search.trajectories
            for trajectory, marker in ((row, "^"), (n + row, "v")):
                made = trajectories.made[trajectory]
                curve = shown(trajectories.logit[trajectory])
                # Rules may agree: each line is thinner than the one below it.
                style = {
                    "color": _COLOURS[search.rule],
                    "linewidth": 2.2 - 0.5 * order,
                    "clip_on": False,
                }
                panel.plot(steps[: made + 1], curve[: made + 1], **style)
                panel.plot(
                    steps[made], curve[made], marker=marker, markersize=3.5, **style
                )
        panel.set_title(_title(dataset, row, target), loc="left", fontsize=7)
        if unit == LOGIT:
            panel.set_ylim(0, 1)
        panel.set_xlim(0, steps[-1])
        panel.xaxis.get_major_locator().set_params(integer=True)
    handles = [
        panels[0].plot([], [], color=_COLOURS[rule], label=rule.replace("_", " "))[0]
        for rule in dict.fromkeys(search.rule for search in searches)
    ]
    handles.append(panels[0].plot([], [], color=_GREY, label="random")[0])
    figure.legend(handles=handles, loc="outside upper left", ncols=5, fontsize=7)
    figure.supxlabel("substitutions", fontsize=7.5)
    figure.supylabel(output_name(unit, "probability"), fontsize=7.5)
    return figure


def made_heights(trajectories, row, length):
    """The realised gains of one sequence's substitutions as letters.

    Parameters
    ----------
    trajectories : proofread.methods.greedy_substitution.search.Trajectories
    row : int
    length : int
        Bases of the sequence.

    Returns
    -------
    numpy.ndarray, shape (length, 4)
        Summed where a substitution was made more than once.
    """
    heights = np.zeros((length, 4))
    made = trajectories.made[row]
    position, new = trajectories.position[row, :made], trajectories.new[row, :made]
    np.add.at(heights, (position, new), np.diff(trajectories.logit[row])[:made])
    return heights


@figure_style()
def draw_edits(dataset, searches, examples):
    """Draw the new base of each substitution, as high as the output changed.

    Parameters
    ----------
    dataset, searches, examples
        As of `draw_curves`.
    """
    panels = []
    n, unit = len(dataset), searches[0].unit
    of_unit = "(logit)" if unit == LOGIT else output_name(unit)
    # deepG's rule changes one position again and again: see steps.tsv.
    shown = [search for search in searches if search.rule != FAITHFUL]
    for row, target in examples if shown else []:
        length = int(dataset.length[row])
        tracks = []
        truth = dataset.truth[dataset.truth["sequence"] == row]
        if len(truth):
            causal = causal_motifs(dataset, target)
            spans = [
                Span(planted.start, planted.end, planted.motif, planted.motif in causal)
                for planted in truth.itertuples()
            ]
            tracks.append(Spans(spans))
        moved = False
        for search in shown:
            if search.target != target:
                continue
            heights = made_heights(search.trajectories, row, length)
            heights += made_heights(search.trajectories, n + row, length)
            if heights.any():
                moved = True
                name = search.rule.replace("_", "\n", 1)
                tracks.append(Letters(heights, f"{name}\n{of_unit}"))
        tracks.append(Bases(np.asarray(dataset.index[row, :length])))
        title = _title(dataset, row, target)
        if not moved:
            title += f": no substitution tried changes its {output_column(unit)}"
        panels.append(Panel(tracks, title))
    if not panels:
        figure, axes = new_figure(TWO_COLUMNS, 20)
        axes.set_axis_off()
        axes.text(
            0, 0.5, "Only the faithful rule was applied: see steps.tsv.", va="center"
        )
        return figure
    return draw_tracks(panels)
