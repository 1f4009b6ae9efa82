"""Which single substitutions change a prediction, and by how much."""

from dataclasses import replace

import numpy as np
import pandas as pd

from proofread.errors import InputError
from proofread.examined import read_examined
from proofread.figures import ACCENT, CATEGORIES, TWO_COLUMNS, new_figure, save_figure
from proofread.job import log, progress, start
from proofread.local_edits import (
    EditedLogits,
    on_scale,
    strand_logits,
)
from proofread.model import load_predictor
from proofread.position_scores import effect_answers, position_scores
from proofread.sequence_letters import draw_letters
from proofread.sequence_tracks import (
    draw_planted,
    example_rows,
    instances,
    shade_planted,
)
from proofread.sequences import BASES, UNKNOWN
from proofread.tables import write_score, write_table, write_values

# Sequences between two steps of the progress bar.
_CHUNK = 32
# Heights of letters: the least, and what the largest loss adds to it (Basset).
_LEAST_HEIGHT, _ADDED_HEIGHT = 0.25, 1.75


def substitutions(index, mutated):
    """All three substitutions of every position to mutate.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    mutated : numpy.ndarray, shape (n, length), bool
        Known positions only.

    Returns
    -------
    row, position, base : numpy.ndarray, shape (3 * positions,)
        By row, position and base.
    """
    row, position = np.nonzero(mutated)
    step = np.tile(np.arange(1, 4), len(row))
    row, position = np.repeat(row, 3), np.repeat(position, 3)
    base = (index[row, position] + step) % 4
    # The other three bases in their alphabetical order.
    order = np.lexsort((base, position, row))
    return row, position, base[order].astype(np.uint8)


def positions_to_mutate(index, length, centre):
    """Known positions, or those among the `centre` bases in the middle.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    centre : int or None
        None, or more than a sequence has: all.

    Returns
    -------
    numpy.ndarray, shape (n, length), bool
    """
    place = np.arange(index.shape[1])
    width = length if centre is None else np.minimum(centre, length)
    begin = ((length - width) // 2)[:, None]
    inside = (place >= begin) & (place < begin + np.asarray(width)[:, None])
    return inside & (index != UNKNOWN)


def saturation_mutagenesis(
    editor,
    index,
    length,
    *,
    columns=None,
    strands="forward",
    scale="logit",
    centre=None,
):
    """Change of the prediction for every single substitution.

    Parameters
    ----------
    editor : proofread.local_edits.EditedLogits
    index : numpy.ndarray, shape (n, length), uint8
        Unknown bases are not changed.
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    columns : list of int or None
        Columns of the predictor's targets to look at; None is all.
    strands : str
        `forward`, or `both`: predictions are means over the sequence and its reverse
        complement, as in Basset (Kelley et al. 2016, doi:10.1101/gr.200535.115).
    scale : str
        `logit` or `probability`.
    centre : int or None
        Bases in the middle of each sequence to change; None is all.

    Returns
    -------
    intact : numpy.ndarray, shape (n, targets), float64
        Predictions of the unchanged sequences.
    delta : numpy.ndarray, shape (n, targets, 4, length), float32
        Prediction with the base minus prediction without; 0 at the base that is there
        and at positions that are not changed.
    """
    mutated = positions_to_mutate(index, length, centre)
    if columns is None:
        columns = list(range(len(editor.predictor.targets)))
    intact = np.zeros((len(index), len(columns)))
    delta = np.zeros((len(index), len(columns), 4, index.shape[1]), dtype=np.float32)
    chunks = range(0, len(index), _CHUNK)
    for first in progress(chunks, f"substitutions, by {_CHUNK} sequences"):
        part = slice(first, first + _CHUNK)
        row, position, base = substitutions(index[part], mutated[part])
        parts = strand_logits(
            editor,
            *(index[part], length[part], row, position, base[:, None]),
            strands=strands,
        )
        whole, edited = (each[:, columns] for each in on_scale(parts, scale))
        intact[part] = whole
        delta[first + row, :, base, position] = edited - whole[row]
    return intact, delta


def loss_and_gain(delta):
    """How far the best substitution can lower, and raise, the prediction.

    Parameters
    ----------
    delta : numpy.ndarray, shape (..., 4, length)

    Returns
    -------
    loss, gain : numpy.ndarray, shape (..., length)
        Both at least 0: ``real - min`` and ``max - real`` over the four bases.
    """
    # The base that is there has delta 0, so the minimum is at most 0.
    return -delta.min(axis=-2), delta.max(axis=-2)


def over_targets(delta):
    """Changes of all targets as one number.

    Parameters
    ----------
    delta : numpy.ndarray, shape (n, targets, 4, length)

    Returns
    -------
    dict of str to numpy.ndarray, shape (n, 4, length)
        `sum` (signed), `l1` (sum of absolute changes), `l2` (Euclidean length).
    """
    return {
        "sum": delta.sum(axis=1),
        "l1": np.abs(delta).sum(axis=1),
        "l2": np.sqrt(np.square(delta).sum(axis=1)),
    }


def answers(delta, mutated):
    """The answers that are scored against the planted positions.

    Signed: the mean fall of the prediction over the three substitutions. Absolute: the
    mean absolute change, in which a rise and a fall do not cancel.

    Parameters
    ----------
    delta : numpy.ndarray, shape (n, 4, length)
        Of one target.
    mutated : numpy.ndarray, shape (n, length), bool
    """
    drop = np.where(mutated, -delta.sum(axis=1) / 3, 0)
    size = np.where(mutated, np.abs(delta).sum(axis=1) / 3, 0)
    absolute = effect_answers(size, mutated)
    return {
        name: absolute[name] if name.startswith("absolute") else values
        for name, values in effect_answers(drop, mutated).items()
    }


# --- Tables ---------------------------------------------------------------------------


def summary_table(dataset, intact, delta, mutated, scale):
    """One row per sequence and target: its prediction and its strongest mutants."""
    loss, gain = loss_and_gain(delta)
    number = mutated.sum(axis=1)
    mean = np.abs(delta).sum(axis=(2, 3)) / np.maximum(3 * number, 1)[:, None]
    tables = []
    for column, target in enumerate(dataset.target):
        table = pd.DataFrame(
            {
                "sequence": dataset.name,
                "target": target,
                "label": np.asarray(dataset.label)[:, column],
                scale: intact[:, column],
                "positions": number,
                "mean_absolute_change": mean[:, column],
            }
        )
        for name, values, worst in (
            ("loss", loss[:, column], delta[:, column].argmin(axis=1)),
            ("gain", gain[:, column], delta[:, column].argmax(axis=1)),
        ):
            place = values.argmax(axis=1)
            rows = np.arange(len(values))
            most = values[rows, place]
            found = most > 0
            old = np.array(list(BASES + "N"))[dataset.index[rows, place]]
            new = np.array(list(BASES))[worst[rows, place]]
            table[f"largest_{name}"] = most
            table[f"{name}_position"] = pd.array(place, dtype="Int64")
            table[f"{name}_mutation"] = np.char.add(np.char.add(old, ">"), new)
            unchanged = [f"{name}_position", f"{name}_mutation"]
            table.loc[~found, unchanged] = pd.NA
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def position_table(dataset, delta, mutated, most):
    """One row per mutated position of each sequence and target, as Basset's table.

    Parameters
    ----------
    most : int
        Rows; sequences that no longer fit are left out whole.
    """
    rows_each = mutated.sum(axis=1) * len(dataset.target)
    shown = np.cumsum(rows_each) <= most
    row, position = np.nonzero(mutated & shown[:, None])
    loss, gain = loss_and_gain(delta)
    names = np.array(dataset.name, dtype=object)
    tables = [
        pd.DataFrame(
            {
                "sequence": names[row],
                "target": target,
                "position": position,
                "base": np.array(list(BASES))[dataset.index[row, position]],
                "loss": loss[row, column, position],
                "gain": gain[row, column, position],
                **{
                    f"delta_{base}": delta[row, column, code, position]
                    for code, base in enumerate(BASES)
                },
            }
        )
        for column, target in enumerate(dataset.target)
    ]
    # By sequence, then target, then position.
    order = np.argsort(np.tile(row, len(tables)), kind="stable")
    return pd.concat(tables).iloc[order].reset_index(drop=True)


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


def draw_examples(
    dataset, chosen, intact, delta, *, scale, least_limit, letters, window
):
    """For each example its letters, loss and gain along it, and all substitutions.

    Parameters
    ----------
    dataset : proofread.dataset.Dataset
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


def main(job):
    """Read, mutate, write tables, arrays, score and figure."""
    start(job)
    params, output = job.params, job.output
    dataset, _ = read_examined(
        *(job.input.dataset, job.input.splits, params.split),
        *(params.sequences, params.seed),
    )
    columns = targets_shown(dataset, params.targets)
    editor = EditedLogits(load_predictor(job.input.model))
    log.info("%d sequences; local recompute: %s", len(dataset), editor.fast)
    index = np.asarray(dataset.index)
    intact, delta = saturation_mutagenesis(
        editor,
        index,
        dataset.length,
        columns=columns,
        strands=params.strands,
        scale=params.scale,
        centre=params.centre,
    )
    mutated = positions_to_mutate(index, dataset.length, params.centre)
    shown = replace(
        dataset,
        target=[dataset.target[column] for column in columns],
        label=np.asarray(dataset.label)[:, columns],
    )
    table = summary_table(shown, intact, delta, mutated, params.scale)
    write_table(output.table, table)
    write_table(
        output.positions, position_table(shown, delta, mutated, params.max_rows)
    )
    write_values(
        output.values,
        {
            "sequence": shown.name,
            "target": shown.target,
            "index": index,
            params.scale: intact,
            "delta": delta,
            **{f"delta_{name}": each for name, each in over_targets(delta).items()},
        },
    )
    score = []
    if dataset.simulated:
        for column, target in enumerate(shown.target):
            score += position_scores(
                answers(delta[:, column], mutated),
                dataset,
                target,
                resamples=params.resamples,
                seed=params.seed,
                scored=mutated,
            )
    write_score(output.score, score)
    chosen = example_rows(shown, params.examples)
    figure = draw_examples(
        shown,
        chosen,
        intact,
        delta,
        scale=params.scale,
        least_limit=params.least_limit,
        letters=params.letters,
        window=params.window,
    )
    save_figure(figure, output.figure)


if "snakemake" in globals():
    main(snakemake)
