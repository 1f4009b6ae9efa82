"""Figures of saturation mutagenesis."""

import numpy as np

from proofread.dna.encoding import BASES
from proofread.errors import InputError
from proofread.figures.letters import draw_letters
from proofread.figures.planted import draw_planted, instances, shade_planted
from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    TWO_COLUMNS,
    figure_style,
    new_figure,
)
from proofread.methods.saturation_mutagenesis.substitutions import loss_and_gain

# Heights of letters: the least, and what the largest loss adds to it (Basset).
_LEAST_HEIGHT, _ADDED_HEIGHT = 0.25, 1.75


@figure_style()
def drawn_window(delta, width):
    """The stretch in which substitutions change most.

    Parameters
    ----------
    delta : numpy.ndarray, shape (4, length)
    width : int
        Bases; all where a sequence has no more.

    Returns
    -------
    tuple of int
        Begin and end, half-open; the first of equal ones.
    """
    total = np.cumsum(np.pad(np.abs(delta).sum(axis=0, dtype=np.float64), (1, 0)))
    width = min(width, delta.shape[1])
    begin = int(np.argmax(total[width:] - total[: len(total) - width]))
    return begin, begin + width


# --- Figure ---------------------------------------------------------------------------


@figure_style()
def draw_examples(
    dataset, chosen, intact, delta, *, scale, least_limit, letters, window
):
    """For each example its letters, loss and gain along it, and all substitutions.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    chosen : list of tuple
        (row, column of the target).
    intact, delta
        From `saturation_mutagenesis`.
    scale : str
    least_limit : float
        Least value at which colours end.
    letters : str
        `loss`, or `either`: the larger of loss and gain makes a letter high.
    window : int
        Bases of each sequence to draw, where most changes.
    """
    if not chosen:
        figure, axes = new_figure(TWO_COLUMNS, 20)
        axes.set_axis_off()
        axes.text(0, 0.5, "No sequence was examined.", va="center")
        return figure
    figure, panels = new_figure(
        TWO_COLUMNS,
        62 * len(chosen) + 4,
        rows=3 * len(chosen),
        squeeze=False,
        gridspec_kw={"height_ratios": [1, 1.15, 0.9] * len(chosen)},
    )
    for place, (row, column) in enumerate(chosen):
        length = int(dataset.length[row])
        _draw_example(
            figure,
            panels[3 * place : 3 * place + 3, 0],
            dataset.index[row, :length],
            delta[row, column, :, :length],
            instances(dataset, row),
            window=window,
            scale=scale,
            least_limit=least_limit,
            letters=letters,
        )
        label = float(dataset.label[row, column])
        of = f" · {dataset.target[column]}" if len(dataset.target) > 1 else ""
        panels[3 * place, 0].set_title(
            f"{dataset.name[row]}{of} · label {label:g} · {scale}"
            f" {intact[row, column]:.2f} · {length} bp",
            loc="left",
            pad=17,
        )
    panels[-1, 0].set_xlabel("position (0-based)")
    return figure


def _draw_example(
    figure, panels, index, delta, planted, *, scale, least_limit, letters, window
):
    limit = max(least_limit, float(np.abs(delta).max(initial=0)))
    begin, end = drawn_window(delta, window)
    delta = delta[:, begin:end]
    loss, gain = loss_and_gain(delta)
    logo, lines, heat = panels
    change = np.maximum(loss, gain) if letters == "either" else loss
    heights = _LEAST_HEIGHT + _ADDED_HEIGHT * change / limit
    one_hot = index[begin:end, None] == np.arange(4)
    draw_letters(logo, one_hot * heights[:, None], first=begin)
    logo.set_ylim(0, _LEAST_HEIGHT + _ADDED_HEIGHT)
    logo.set_yticks([])
    logo.spines["left"].set_visible(False)
    shown = [each for each in planted if each[1] < end and each[2] > begin]
    draw_planted(logo, shown, first=begin, last=end)

    place = np.arange(begin, end)
    lines.axhline(0, color="black", linewidth=0.6)
    # Drawn as changes of the prediction: up is up.
    lines.plot(place, gain, color=CATEGORIES[5], linewidth=0.9)
    lines.plot(place, -loss, color=ACCENT, linewidth=0.9)
    lines.set_ylim(-limit * 1.08, limit * 1.08)
    lines.set_ylabel(f"change of\n{scale}")
    for y, text, colour in ((0.97, "gain", CATEGORIES[5]), (0.03, "loss", ACCENT)):
        lines.text(
            1.006,
            y,
            text,
            color=colour,
            transform=lines.transAxes,
            va="top" if y > 0.5 else "bottom",
        )
    shade_planted(lines, shown)

    image = heat.imshow(
        delta,
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        interpolation="nearest",
        extent=(begin - 0.5, end - 0.5, 3.5, -0.5),
    )
    heat.set_yticks(range(4), list(BASES))
    heat.tick_params(length=1.5)
    # Beside the axes, so that all three tracks keep one width.
    bar = figure.colorbar(image, cax=heat.inset_axes([1.006, 0, 0.01, 1]))
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=6, length=1.5)
    for panel in panels:
        panel.set_xlim(begin - 0.5, end - 0.5)
    for panel in (logo, lines):
        panel.set_xticks([])
        panel.spines["bottom"].set_visible(False)


def targets_shown(dataset, wanted):
    """Columns of the targets that a setting names; all where it names none."""
    unknown = sorted(set(wanted or []) - set(dataset.target))
    if unknown:
        raise InputError(
            "methods.saturation_mutagenesis.targets",
            f"{unknown[0]!r} is no target of the dataset",
            "some of " + ", ".join(dataset.target),
            "correct the name, or leave 'targets' out for all",
        )
    return [
        column
        for column, name in enumerate(dataset.target)
        if not wanted or name in wanted
    ]
