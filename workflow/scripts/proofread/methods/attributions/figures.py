"""Figures of attributions."""

import numpy as np

from proofread.datasets.groups import HIGH, LOW, group_name
from proofread.datasets.labels import UNLABELLED, classes
from proofread.dna.encoding import UNKNOWN
from proofread.figures.letters import letter_limits
from proofread.figures.style import ACCENT, CONTEXT, figure_style, short_name
from proofread.figures.tracks import (
    _ALERT,
    MAX_PANELS,
    Bases,
    Cells,
    Letters,
    Lines,
    Panel,
    Span,
    Spans,
    _grid,
    draw_tracks,
    letter_heights,
    message,
)
from proofread.methods.attributions.answers import NAMES, SALIENCY, of_kind
from proofread.methods.attributions.tables import HEAT_ROWS, heat_rows
from proofread.truth.position_scores import smoothed
from proofread.truth.roles import causal_motifs

_LETTERS = 200  # in a row of a figure; more cannot be read
_MAX_COLUMNS = 3
_NEGATIVE = "#4A5052"
_NO_VALUE = "no value"


@figure_style()
def draw_logos(shown, anchor):
    """Example sequences as letters, as high as the attribution of each base.

    Parameters
    ----------
    shown : list of tuple of (int, list of Answer)
        A sequence (its row of the dataset file) and the answers to draw, all of one
        target; from `examples_of_kinds`.
    anchor : int or None
        Position with a dashed line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    heights = [
        [_heights(answer, row, *_stretch(answers[0], row)) for answer in answers]
        for row, answers in shown
    ]
    # Letters of one kind have one scale: small attributions look small.
    by_kind = {}
    for (_, answers), letters in zip(shown, heights, strict=True):
        for answer, of_answer in zip(answers, letters, strict=True):
            by_kind.setdefault(answer.kind, []).append(of_answer)
    limits = {kind: letter_limits(letters) for kind, letters in by_kind.items()}
    panels = []
    for (row, answers), letters in zip(shown, heights, strict=True):
        tracks = []
        for answer, of_answer in zip(answers, letters, strict=True):
            name, limit = _in_lines(NAMES[answer.kind]), limits[answer.kind]
            tracks.append(
                Lines({answer.kind: of_answer.sum(axis=1)}, name, limit)
                if answer.kind == SALIENCY
                else Letters(of_answer, name, limit)
            )
        panels.append(_panel(row, answers[0], tracks, anchor))
    return draw_tracks(panels)


@figure_style()
def draw_heat_maps(shown, anchor):
    """Attributions of all four bases of example sequences.

    Parameters
    ----------
    shown, anchor
        As for `draw_logos`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    panels = []
    for row, answers in shown:
        begin, end = _stretch(answers[0], row)
        tracks = [
            Cells(
                HEAT_ROWS,
                heat_rows(answer.attribution[answer.number_of(row)][:, begin:end]),
                _in_lines(NAMES[answer.kind]),
            )
            for answer in answers
        ]
        first = answers[0]
        tracks.append(Bases(first.index[first.number_of(row), begin:end]))
        panels.append(_panel(row, first, tracks, anchor))
    return draw_tracks(panels)


def examples_of_kinds(answers, examples, *, most):
    """The examples to draw: the first by every kind, the others by the first kind.

    Parameters
    ----------
    answers : list of proofread.methods.attributions.answers.Answer
    examples : list of tuple of (int, str)
        From `proofread.methods.attributions.answers.choose_examples`.
    most : int
        Examples at most.

    Returns
    -------
    list of tuple of (int, list of Answer)
    """
    shown = []
    for row, target in examples[:most]:
        of_target = [answer for answer in answers if answer.target == target]
        shown.append((row, of_target[:1] if shown else of_target))
    return shown


def _stretch(answer, row):
    """The part of a sequence that is drawn: all, or around its highest numbers."""
    number = answer.number_of(row)
    length = int(answer.dataset.length[number])
    if length <= _LETTERS:
        return 0, length
    numbers = answer.numbers[number : number + 1, :length]
    known = answer.index[number : number + 1, :length] != UNKNOWN
    middle = int(smoothed(np.abs(numbers), known=known).argmax())
    begin = min(max(0, middle - _LETTERS // 2), length - _LETTERS)
    return begin, begin + _LETTERS


def _heights(answer, row, begin, end):
    number = answer.number_of(row)
    numbers = answer.numbers[number, begin:end]
    return letter_heights(numbers, answer.index[number, begin:end])


def _panel(row, answer, tracks, anchor):
    """One sequence with its planted and annotated intervals, and a heading."""
    begin, end = _stretch(answer, row)
    marked = anchor is not None and begin <= anchor < end
    return Panel(
        [*_spans(answer, answer.number_of(row), begin, end), *tracks],
        _heading(answer, answer.number_of(row)),
        first=begin,
        marks={anchor: "anchor"} if marked else {},
    )


def _spans(answer, number, begin, end):
    """A track with the intervals of a sequence, or no track."""
    causal = set()
    if answer.dataset.has_truth:
        causal = set(causal_motifs(answer.dataset, answer.target))
    intervals = answer.sample.intervals
    here = intervals[
        (intervals["row"] == number)
        & (intervals["start"] < end)
        & (intervals["end"] > begin)
    ]
    spans = [
        Span(
            max(interval.start, begin),
            min(interval.end, end),
            interval.name + (" (−)" if interval.strand == "-" else ""),
            interval.role == "" or interval.name in causal,
        )
        for interval in here.itertuples()
    ]
    return [Spans(spans)] if spans else []


def _heading(answer, number):
    """The sequence, its class or value, its output, and the sum of its attributions."""
    name = short_name(answer.dataset.name[number])
    digits = ".2f"
    if answer.dataset.quantitative:  # of any size
        label, digits = answer.label[number], ".3g"
        side = "not measured" if np.isnan(label) else f"measured {label:g}"
    else:
        sides = (side for side, rows in answer.groups.items() if rows[number])
        side = next(sides, "without a label")
    output, before = answer.output[number], answer.baseline_output[number]
    text = f"{name} ({answer.target} {side}): {answer.scale} {output:{digits}}"
    if answer.complete:
        total = answer.attribution[number].sum(dtype=np.float64)
        text += f"; {NAMES[answer.kind]}: baselines {before:{digits}}, "
        text += f"sum {total:{digits}}, "
        text += f"error {total - (output - before):.1g}"
    return text


def _in_lines(name):
    """A kind's name in two lines, to be written along a short axis."""
    return name.replace(" ", "\n", 1).replace("/", "/\n")


def titles_of(answers):
    """Title of each answer, by kind and target: the target where there are several."""
    several = len(of_kind(answers, answers[0].kind)) > 1
    return {
        (answer.kind, answer.target): NAMES[answer.kind]
        + (f", {answer.target}" if several else "")
        for answer in answers
    }


@figure_style()
def draw_profiles(table, titles, *, widths, marks=None):
    """Mean attributions by position, positives against negatives.

    Of a quantity, values above the median against the others. A row of panels for each
    kind and target. Columns are the motifs of the truth, at most three; without any,
    the whole sequence.

    Parameters
    ----------
    table : pandas.DataFrame
        `kind`, `target`, and the columns of
        `proofread.methods.attributions.profiles.profile_table`.
    titles : dict
        From `titles_of`.
    widths : dict of str to int
        Bases of each motif of the truth, which are shaded.
    marks : dict of int to str, optional
        Positions of the sequence with a dashed line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    aligned = [name for name in table["aligned_on"].unique() if name in widths]
    motifs = aligned[:_MAX_COLUMNS]
    names = motifs or ["sequence"]
    rows = list(titles)[:MAX_PANELS]
    headings = [f"at {motif}" for motif in motifs] or [""]
    headings += [""] * (len(names) * (len(rows) - 1))
    figure, panels = _grid(
        headings,
        34 if len(rows) < 4 else 22,
        len(titles) * max(1, len(aligned)),
        columns=len(names),
    )
    keys = [(*row, name) for row in rows for name in names]
    by_key = dict(list(table.groupby(["kind", "target", "aligned_on"], sort=False)))
    for number, (axes, key) in enumerate(zip(panels, keys, strict=True)):
        if motifs:
            end = widths[key[2]] - 0.5
            axes.axvspan(-0.5, end, color=ACCENT, alpha=0.10, linewidth=0)
        profile = by_key.get(key, table.iloc[:0])
        _draw_profile(axes, profile)
        if not motifs:
            _draw_marks(axes, marks or {})
        axes.margins(x=0)
        if number % len(names) == 0:
            axes.set_ylabel(_in_lines(titles[key[:2]]), fontsize=7)
        lowest = number + len(names) >= len(panels)
        axes.tick_params(labelsize=6, labelbottom=lowest, bottom=lowest)
        axes.locator_params(axis="x", nbins=6)
        axes.locator_params(axis="y", nbins=3)
    # One scale for all panels of a row, and room for the legends of the first.
    for first in range(0, len(panels), len(names)):
        row = panels[first : first + len(names)]
        low, high = np.transpose([axes.get_ylim() for axes in row])
        room = 0.35 * np.ptp([low.min(), high.max()]) if first == 0 else 0
        for axes in row:
            axes.set_ylim(low.min(), high.max() + room)
    for axes in panels[: len(names)]:
        if axes.get_legend_handles_labels()[0]:
            axes.legend(
                fontsize=5.5,
                loc="upper left",
                ncols=2,
                handlelength=1,
                columnspacing=1,
                borderaxespad=0,
            )
    figure.supylabel("mean attribution", fontsize=7.5)
    figure.supxlabel(
        "position from the motif's first base"
        if motifs
        else "position in the sequence (from 0)",
        fontsize=7.5,
    )
    return figure


def _draw_profile(axes, profile):
    colours = {
        "negative": CONTEXT,
        "positive": ACCENT,
        LOW: CONTEXT,
        HIGH: ACCENT,
        UNLABELLED: ACCENT,
    }
    column = "group" if "group" in profile else "class"
    for name, colour in colours.items():
        rows = profile[profile[column] == name]
        if len(rows) == 0:
            continue
        mean, error = rows["mean"].to_numpy(), 1.96 * rows["se"].to_numpy()
        axes.fill_between(
            rows["position"],
            mean - error,
            mean + error,
            color=colour,
            alpha=0.25,
            linewidth=0,
        )
        label = f"{group_name(name)}, n = {int(rows['n'].max()):,}"
        axes.plot(rows["position"], mean, color=colour, linewidth=0.9, label=label)
    axes.axhline(0, color="black", linewidth=0.4)


def _draw_marks(axes, marks):
    for position, name in marks.items():
        axes.axvline(position, color="black", linewidth=0.6, linestyle=(0, (3, 2)))
        axes.annotate(
            name,
            (position, 1),
            xycoords=("data", "axes fraction"),
            xytext=(2, -1),
            textcoords="offset points",
            fontsize=5.5,
            va="top",
        )


@figure_style()
def draw_completeness(table, titles, tolerance):
    """Sums of attributions against the change of the output.

    Parameters
    ----------
    table : pandas.DataFrame
        `kind`, `target`, and the columns of
        `proofread.methods.attributions.tables.sequence_table`.
    titles : dict
        From `titles_of`.
    tolerance : float
        Fraction of the change above which a sequence is flagged.

    Returns
    -------
    matplotlib.figure.Figure
    """
    complete = table[table["flag"] != ""]
    groups = list(complete.groupby(["kind", "target"], sort=False))
    if not groups:
        return message("None of the kinds sums to the change of the output.")
    figure, panels = _grid(
        [
            f"{titles[key]}\n{(rows['flag'] == 'red').sum():,} of {len(rows):,} above "
            f"{tolerance:.0%}"
            for key, rows in groups[:MAX_PANELS]
        ],
        62,
        len(groups),
    )
    for axes, (_, rows) in zip(panels, groups, strict=False):
        change = (rows["output"] - rows["baseline_output"]).to_numpy()
        total = rows["sum"].to_numpy()
        flagged = (rows["flag"] == "red").to_numpy()
        both = np.concatenate([change, total])
        margin = 0.05 * np.ptp(both) or 1.0
        ends = np.array([both.min() - margin, both.max() + margin])
        axes.plot(ends, ends, color=CONTEXT, linewidth=0.8, zorder=0)
        for chosen, marker, colour, name in (
            (~flagged, "o", ACCENT, "within"),
            (flagged, "x", _ALERT, "flagged"),
        ):
            if chosen.any():
                axes.scatter(
                    change[chosen],
                    total[chosen],
                    s=7 if marker == "o" else 12,
                    marker=marker,
                    color=colour,
                    linewidth=0 if marker == "o" else 0.8,
                    alpha=0.6 if marker == "o" else 1,
                    label=name,
                    rasterized=True,
                )
        axes.set_xlim(ends)
        axes.set_ylim(ends)
        axes.set_aspect("equal")
        axes.set_xlabel(f"change of the {rows['scale'].iloc[0]}")
        axes.set_ylabel("sum of attributions")
        axes.legend(fontsize=6, loc="upper left", handletextpad=0.2)
    return figure


@figure_style()
def draw_components(table, titles, explained):
    """Sequences by the first two principal components of their attributions.

    Parameters
    ----------
    table : pandas.DataFrame
        `kind`, `target`, and the table of
        `proofread.methods.attributions.tables.component_table`.
    titles : dict
        From `titles_of`.
    explained : dict of tuple of str to numpy.ndarray
        Fraction of the variance of each component, by kind and target.

    Returns
    -------
    matplotlib.figure.Figure
    """
    groups = list(table.groupby(["kind", "target"], sort=False))
    figure, panels = _grid(
        [titles[key] for key, _ in groups[:MAX_PANELS]], 50, len(groups)
    )
    for axes, (key, rows) in zip(panels, groups, strict=False):
        first = rows["component1"].to_numpy()
        one_only = "component2" not in rows
        second = np.zeros(len(rows)) if one_only else rows["component2"].to_numpy()
        styles = {
            "positive": (ACCENT, "o"),
            "negative": (_NEGATIVE, "s"),
            HIGH: (ACCENT, "o"),
            LOW: (_NEGATIVE, "s"),
            UNLABELLED: (ACCENT, "o"),
            _NO_VALUE: (CONTEXT, "o"),
        }
        for name, chosen in _drawn_groups(rows).items():
            if not chosen.any():
                continue
            colour, marker = styles[name]
            axes.scatter(
                first[chosen],
                second[chosen],
                s=5,
                marker=marker,
                color=colour,
                linewidth=0,
                label=f"{group_name(name)} (n = {int(chosen.sum()):,})",
                rasterized=True,
            )
        fractions = [*explained[key], 0.0, 0.0]
        axes.set_xlabel(f"component 1 ({fractions[0]:.0%})")
        axes.set_ylabel(f"component 2 ({fractions[1]:.0%})")
        axes.locator_params(nbins=5)
        axes.legend(fontsize=6, handletextpad=0.2)
    return figure


def _drawn_groups(rows):
    """Members of each group of sequences in a table of components."""
    if "group" not in rows:
        label = rows["positive"].to_numpy(dtype=np.float64, na_value=np.nan)
        return classes(label)
    group = rows["group"].fillna(_NO_VALUE).to_numpy()
    names = (LOW, HIGH, UNLABELLED, _NO_VALUE)
    return {name: group == name for name in names}
