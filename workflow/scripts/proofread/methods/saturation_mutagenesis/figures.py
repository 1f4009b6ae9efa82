"""Figures of saturation mutagenesis."""

import numpy as np

from proofread.dna.encoding import BASES
from proofread.figures.letters import draw_letters
from proofread.figures.planted import (
    draw_planted,
    instances,
    of_label,
    of_output,
    shade_planted,
)
from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    TWO_COLUMNS,
    figure_style,
    new_figure,
    short_name,
)
from proofread.methods.saturation_mutagenesis.substitutions import loss_and_gain
from proofread.statistics.units import OUTPUT

# A letter is as high as the first, plus the second for the largest change (Basset).
_MIN_HEIGHT, _ADDED_HEIGHT = 0.25, 1.75


def drawn_window(delta, width):
    """The part of a sequence in which substitutions change the prediction most.

    Parameters
    ----------
    delta : numpy.ndarray, shape (4, length)
    width : int
        Bases; a sequence with fewer is drawn whole.

    Returns
    -------
    tuple of int
        Begin and end, half-open; the first of equal ones.
    """
    total = np.cumsum(np.pad(np.abs(delta).sum(axis=0, dtype=np.float64), (1, 0)))
    width = min(width, delta.shape[1])
    begin = int(np.argmax(total[width:] - total[: len(total) - width]))
    return begin, begin + width


@figure_style()
def draw_examples(
    dataset, examples, intact, delta, *, scale, min_limit, letter_height, window
):
    """Draw the letters, the loss and gain, and all substitutions of each example.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    examples : list of tuple
        (row, column of the target).
    intact, delta
        From `saturation_mutagenesis`.
    scale : str
        What is predicted, from `proofread.statistics.units.output_name`.
    min_limit : float
        The colour scale reaches at least to this change; of quantities to so many
        standard deviations of the predictions of all sequences.
    letter_height : str
        `loss`, or `either`: the larger of loss and gain.
    window : int
        Bases to draw of each sequence, where substitutions change most.
    """
    if not examples:
        figure, axes = new_figure(TWO_COLUMNS, 20)
        axes.set_axis_off()
        axes.text(0, 0.5, "There is no sequence to draw.", va="center")
        return figure
    limits = np.full(intact.shape[1], float(min_limit))
    if scale.startswith(OUTPUT):
        limits *= intact.std(axis=0)
    figure, panels = new_figure(
        TWO_COLUMNS,
        62 * len(examples) + 4,
        rows=3 * len(examples),
        squeeze=False,
        gridspec_kw={"height_ratios": [1, 1.15, 0.9] * len(examples)},
    )
    for (row, column), tracks in zip(examples, panels.reshape(-1, 3), strict=True):
        length = int(dataset.length[row])
        planted = instances(dataset, row)
        _draw_example(
            figure,
            tracks,
            dataset.index[row, :length],
            delta[row, column, :, :length],
            planted,
            window=window,
            scale=scale,
            min_limit=limits[column],
            letter_height=letter_height,
        )
        target = f" · {dataset.target[column]}" if len(dataset.target) > 1 else ""
        tracks[0].set_title(
            f"{short_name(dataset.name[row])}{target}{of_label(dataset, row, column)}"
            f"{of_output(scale, intact[row, column])} · {length} bp",
            loc="left",
            pad=17 if planted else 4,
        )
    panels[-1, 0].set_xlabel("position (0-based)")
    return figure


def _draw_example(
    figure, tracks, index, delta, planted, *, scale, min_limit, letter_height, window
):
    # Of one sequence without an effect both are 0.
    limit = max(min_limit, float(np.abs(delta).max(initial=0))) or 1.0
    begin, end = drawn_window(delta, window)
    delta = delta[:, begin:end]
    loss, gain = loss_and_gain(delta)
    logo, lines, heat = tracks
    change = np.maximum(loss, gain) if letter_height == "either" else loss
    heights = _MIN_HEIGHT + _ADDED_HEIGHT * change / limit
    one_hot = index[begin:end, None] == np.arange(4)
    draw_letters(logo, one_hot * heights[:, None], first=begin)
    logo.set_ylim(0, _MIN_HEIGHT + _ADDED_HEIGHT)
    logo.set_yticks([])
    logo.spines["left"].set_visible(False)
    shown = [
        (motif, first, last, *rest)
        for motif, first, last, *rest in planted
        if first < end and last > begin
    ]
    draw_planted(logo, shown, first=begin, last=end)

    position = np.arange(begin, end)
    lines.axhline(0, color="black", linewidth=0.6)
    # Changes of the prediction: a loss points down.
    lines.plot(position, gain, color=CATEGORIES[5], linewidth=0.9)
    lines.plot(position, -loss, color=ACCENT, linewidth=0.9)
    lines.set_ylim(-limit * 1.08, limit * 1.08)
    lines.set_ylabel(f"change of\nthe {scale}")
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
    # Outside the axes, so that all three tracks keep one width.
    bar = figure.colorbar(image, cax=heat.inset_axes([1.006, 0, 0.01, 1]))
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=6, length=1.5)
    for track in tracks:
        track.set_xlim(begin - 0.5, end - 0.5)
    for track in (logo, lines):
        track.set_xticks([])
        track.spines["bottom"].set_visible(False)
