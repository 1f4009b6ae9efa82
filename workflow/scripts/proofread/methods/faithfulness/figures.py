"""Figures of faithfulness: of the first target, all are in the tables."""

import numpy as np

from proofread.configuration.negative_controls import KINDS
from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    WIDE,
    figure_style,
    new_figure,
    short_name,
)
from proofread.figures.tracks import message
from proofread.methods.faithfulness.maps import TITLES
from proofread.methods.faithfulness.named import FEW_SOURCES, SOURCES
from proofread.methods.faithfulness.tables import QUANTITIES
from proofread.statistics.units import LOGIT, output_name
from proofread.truth.label_free import RAW_UNITS

RANDOM = "random"
# Quantities of the summary: title, and whether it is of windows.
_SHOWN = {
    "deletion_above_random": ("deletion,\nabove\nrandom (sd)", True),
    "insertion_above_random": ("insertion,\nabove\nrandom (sd)", True),
    "sufficiency_below_random": ("sufficiency,\nbelow\nrandom (sd)", True),
    "faithfulness_correlation": ("faithfulness\ncorrelation", True),
    "randomisation_similarity": ("similarity,\nall layers\nrandomised", False),
    "max_sensitivity": ("max-\nsensitivity", False),
    "agreement_over_seeds": ("agreement\nover seeds", False),
}
_ARROWS = {"higher": "better →", "lower": "← better"}
_MARKS = dict(zip(KINDS, ("o", "s"), strict=True))
_ORDERS = {"top": ACCENT, "random": CONTEXT, "lowest": CATEGORIES[1]}
_ORDER_NAMES = {"top": "highest", "random": "random", "lowest": "lowest"}
_ACROSS = 4  # panels beside each other
_NAMES = 15  # of layers that have room
_NOTHING = "There is no map to judge."
_FAMILIES = 20  # that have room


def _of_first(table):
    """Rows of the first target, its name, and the kinds in order."""
    target = table["target"].iloc[0]
    rows = table[table["target"] == target]
    return rows, target, [name for name in rows["kind"].unique() if name != RANDOM]


def _title(kind):
    return short_name(TITLES.get(kind, kind))


@figure_style()
def draw_summary(table):
    """The main numbers of each kind with their intervals, and negative controls.

    Parameters
    ----------
    table : pandas.DataFrame
        `table` of `proofread.methods.faithfulness.tables.tables_of`.
    """
    if len(table) == 0:
        return message(_NOTHING)
    rows, target, kinds = _of_first(table)
    width = rows["window"].max()
    rows = rows[~rows["unit"].isin(RAW_UNITS)]
    figure, panels = new_figure(
        TWO_COLUMNS, 30 + 5.5 * len(kinds), columns=len(_SHOWN), sharey=True
    )
    place = {kind: number for number, kind in enumerate(kinds)}
    labels = {}
    for panel, (quantity, (title, of_windows)) in zip(
        panels, _SHOWN.items(), strict=True
    ):
        of_quantity = rows[(rows["quantity"] == quantity) & rows["kind"].isin(kinds)]
        if of_windows:
            of_quantity = of_quantity[of_quantity["window"] == width]
        y = of_quantity["kind"].map(place).to_numpy(dtype=float)
        value, low, high, *controls = (
            of_quantity[column].to_numpy(dtype=float)
            for column in ("value", "ci_low", "ci_high", *KINDS)
        )
        panel.axvline(0, color=CONTEXT, linewidth=0.5)
        for name, numbers in zip(KINDS, controls, strict=True):
            marks = panel.plot(
                numbers, y, _MARKS[name], markersize=3, color=CONTEXT, fillstyle="none"
            )
            if np.isfinite(numbers).any():
                labels.setdefault(name, marks[0])
        panel.hlines(y, low, high, color=ACCENT)
        network = panel.plot(value, y, "o", markersize=3.5, color=ACCENT)
        labels.setdefault("this network", network[0])
        panel.set_title(title, fontsize=6.5)
        panel.set_xlabel(_ARROWS[QUANTITIES[quantity].better], fontsize=6.5)
        panel.tick_params(labelsize=6, left=panel is panels[0])
        panel.locator_params(axis="x", nbins=3)
        if not np.isfinite(value).any():
            panel.set_xticks([])
            panel.text(
                0.5,
                0.5,
                "not\nmeasured",
                transform=panel.transAxes,
                fontsize=6,
                ha="center",
                va="center",
                color=CONTEXT,
            )
    panels[0].set_yticks(range(len(kinds)), [_title(kind) for kind in kinds])
    panels[0].set_ylim(len(kinds) - 0.5, -0.5)
    figure.suptitle(
        f"{short_name(target)}; windows of {int(width)} bp",
        fontsize=7,
        x=0.01,
        ha="left",
    )
    figure.legend(
        labels.values(),
        labels.keys(),
        loc="outside lower center",
        ncols=3,
        fontsize=6.5,
    )
    return figure


@figure_style()
def draw_curves(curves, unit=LOGIT):
    """Deletion and insertion curves of each kind, for the longest windows.

    Parameters
    ----------
    curves : pandas.DataFrame
        `curves` of `proofread.methods.faithfulness.tables.tables_of`.
    unit : str
        The `output_unit` of the network.
    """
    if len(curves) == 0:
        return message(_NOTHING)
    rows, target, kinds = _of_first(curves)
    changed = "the logit" if unit == LOGIT else output_name(unit)
    width = rows["window"].max()
    rows = rows[rows["window"] == width]
    lines = -(-len(kinds) // _ACROSS)
    across = min(_ACROSS, len(kinds))
    figure, panels = new_figure(
        max(WIDE, TWO_COLUMNS * across / _ACROSS),
        20 + 58 * lines,
        rows=2 * lines,
        columns=across,
        squeeze=False,
        sharex=True,
    )
    # Below each panel of deletion is that of insertion of the same kind.
    for number, name in enumerate(("deletion", "insertion")):
        of_curve, part = rows[rows["curve"] == name], panels[number::2]
        for panel, kind in zip(part.flat, kinds, strict=False):
            panel.sharey(part[0, 0])
            _draw_curve(panel, of_curve, kind)
            if name == "deletion":
                panel.set_title(_title(kind), fontsize=7)
        for panel in part.flat[len(kinds) :]:
            panel.set_visible(False)
        for panel in part[:, 0]:
            panel.set_ylabel(f"{name}:\nchange of {changed}", fontsize=6.5)
        for panel in part[:, 1:].flat:
            panel.tick_params(left=False, labelleft=False)
    for column in range(across):
        last = [panel for panel in panels[:, column] if panel.get_visible()][-1]
        last.tick_params(bottom=True, labelbottom=True)
        last.set_xlabel("fraction of windows", fontsize=6.5)
    handles = panels[0, 0].get_lines()[-len(_ORDERS) :]
    figure.legend(
        handles,
        [f"{handle.get_label()} windows first" for handle in handles],
        loc="outside lower center",
        ncols=3,
        fontsize=6.5,
    )
    figure.suptitle(
        f"{short_name(target)}; windows of {int(width)} bp",
        fontsize=7,
        x=0.01,
        ha="left",
    )
    return figure


def _draw_curve(panel, rows, kind):
    """The three orders of one kind in one panel."""
    panel.axhline(0, color=CONTEXT, linewidth=0.5)
    for order, colour in _ORDERS.items():
        whose = RANDOM if order == RANDOM else kind
        line = rows[(rows["kind"] == whose) & (rows["order"] == order)]
        x = line["fraction"].to_numpy(dtype=float)
        value, low, high = (
            line[column].to_numpy(dtype=float)
            for column in ("change", "ci_low", "ci_high")
        )
        if order == "top":
            panel.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
        panel.plot(x, value, color=colour, label=_ORDER_NAMES[order])
    panel.set_xlim(0, 1)
    panel.set_xticks([0, 1])
    panel.tick_params(labelsize=6, bottom=False)


@figure_style()
def draw_agreement(agreement):
    """Rank correlation and overlap of each pair of kinds, below two diagonals.

    Parameters
    ----------
    agreement : pandas.DataFrame
        `agreement` of `proofread.methods.faithfulness.tables.tables_of`.
    """
    if len(agreement) == 0:
        return message("There is one kind of map: none to compare it with.")
    target = agreement["target"].iloc[0]
    rows = agreement[agreement["target"] == target]
    kinds = list(dict.fromkeys([*rows["first"], *rows["second"]]))
    place = {kind: number for number, kind in enumerate(kinds)}
    figure, panels = new_figure(
        TWO_COLUMNS, 30 + 7 * len(kinds), columns=2, sharey=True
    )
    chance = rows["chance"].mean()
    by_chance = f" (chance {chance:.2f})" if np.isfinite(chance) else ""
    for panel, (column, title, colours, low) in zip(
        panels,
        (
            ("spearman", "rank correlation (Spearman)", "RdBu_r", -1),
            ("overlap", f"overlap at the top{by_chance}", "Blues", 0),
        ),
        strict=True,
    ):
        matrix = np.full((len(kinds), len(kinds)), np.nan)
        for first, second, value in zip(
            rows["first"], rows["second"], rows[column], strict=True
        ):
            matrix[place[second], place[first]] = value
        # Each pair once: the first kind has no row, the last no column.
        matrix = matrix[1:, :-1]
        panel.imshow(matrix, cmap=colours, vmin=low, vmax=1)
        for (row, other), value in np.ndenumerate(matrix):
            if np.isfinite(value):
                dark = abs(value) > 0.6
                panel.text(
                    other,
                    row,
                    f"{value:.2f}",
                    ha="center",
                    va="center",
                    fontsize=6,
                    color="white" if dark else "black",
                )
        panel.set_title(title)
        names = [_title(kind) for kind in kinds]
        panel.set_xticks(range(len(names) - 1), names[:-1], rotation=45, ha="right")
        panel.set_yticks(range(len(names) - 1), names[1:])
        panel.tick_params(length=0, labelsize=6.5)
        panel.spines[:].set_visible(False)
    figure.suptitle(short_name(target), fontsize=7, x=0.01, ha="left")
    return figure


@figure_style()
def draw_randomisation(randomisation, table):
    """Similarity of each kind's maps to those of networks with randomised layers.

    Parameters
    ----------
    randomisation, table : pandas.DataFrame
        Of `proofread.methods.faithfulness.tables.tables_of`.
    """
    if len(randomisation) == 0:
        why = table.loc[table["quantity"] == "randomisation_similarity", "note"]
        said = why.iloc[0] if len(why) else _NOTHING
        return message(f"No layer was randomised: {said}")
    rows, target, kinds = _of_first(randomisation)
    figure, panel = new_figure(WIDE, 62)
    panel.axhline(0, color=CONTEXT, linewidth=0.5)
    for number, kind in enumerate(kinds):
        line = rows[rows["kind"] == kind]
        # Of the network itself the maps are the same: 1.
        x = np.concatenate([[0], line["layers"].to_numpy(dtype=float)])
        value, low, high = (
            np.concatenate([[1], line[column].to_numpy(dtype=float)])
            for column in ("similarity", "ci_low", "ci_high")
        )
        colour = CATEGORIES[number % len(CATEGORIES)]
        style = ("-", "--", ":")[number // len(CATEGORIES) % 3]
        # Side by side, so that intervals of lines that lie together can be seen.
        shift = (number - (len(kinds) - 1) / 2) * 0.04
        panel.errorbar(
            x + shift,
            value,
            np.abs([value - low, high - value]),
            color=colour,
            linestyle=style,
            marker="o",
            markersize=2.5,
            elinewidth=0.6,
            label=_title(kind),
        )
    layers = ["none", *rows.drop_duplicates("layers")["layer"]]
    step = -(-len(layers) // _NAMES)
    panel.set_xticks(
        range(0, len(layers), step), layers[::step], rotation=30, ha="right"
    )
    panel.set_ylim(min(-0.1, rows["ci_low"].min()) - 0.02, 1.04)
    panel.set_xlabel("drawn anew down to this layer, from the output")
    panel.set_ylabel("similarity of |map| (Spearman)")
    panel.set_title(short_name(target), loc="left")
    figure.legend(loc="outside right center", fontsize=6.5)
    return figure


@figure_style()
def draw_families(families, agreement):
    """Which source names which family, and how many families each two share.

    Parameters
    ----------
    families, agreement : pandas.DataFrame
        From `proofread.methods.faithfulness.families`.
    """
    if len(agreement) == 0:
        return message(FEW_SOURCES)
    if len(families) == 0:
        return message("No source names a motif.")
    sources = list(dict.fromkeys(families["source"]))
    shown = list(dict.fromkeys(families["family"]))[:_FAMILIES]
    figure, (left, right) = new_figure(
        TWO_COLUMNS, 45 + 4.5 * len(shown), columns=2, width_ratios=[3, 2]
    )
    column = {source: number for number, source in enumerate(sources)}
    row_of = {family: number for number, family in enumerate(shown)}
    rows = families[families["family"].isin(shown)]
    for named, asked, causal, marker, colour, label in (
        (1, 1, True, "o", ACCENT, "named, of a causal motif"),
        (1, 1, False, "o", CATEGORIES[1], "named"),
        (0, 1, None, ".", CONTEXT, "not named"),
        (0, 0, None, "x", CONTEXT, "not asked"),
    ):
        part = rows[(rows["named"] == named) & (rows["asked"] == asked)]
        if causal is not None:
            part = part[part["causal"].eq(1).fillna(False) == causal]
        if len(part):
            left.scatter(
                part["source"].map(column),
                part["family"].map(row_of),
                marker=marker,
                s=25 if named else 10,
                color=colour,
                linewidth=0.8 if marker == "x" else 0,
                label=label,
            )
    titles = [SOURCES[source] for source in sources]
    names = rows.drop_duplicates("family")["motifs"]
    left.set_xticks(range(len(sources)), titles, rotation=30, ha="right")
    left.set_yticks(range(len(shown)), [short_name(name) for name in names])
    left.set_xlim(-0.5, len(sources) - 0.5)
    left.set_ylim(len(shown) - 0.5, -0.5)
    left.tick_params(length=0, labelsize=6.5)
    more = families["family"].nunique() - len(shown)
    left.set_title(f"families of motifs{f' ({more} more)' if more else ''}")
    figure.legend(loc="outside lower left", ncols=2, fontsize=6.5)
    matrix = np.full((len(sources), len(sources)), np.nan)
    for row in agreement.itertuples():
        place = column[row.second], column[row.first]
        matrix[place] = row.jaccard
        expected = f"{row.expected:.1f}" if np.isfinite(row.expected) else "none"
        right.text(
            place[1],
            place[0],
            f"{row.both}/{row.either}\n(chance {expected})",
            ha="center",
            va="center",
            fontsize=6,
            color="white" if row.jaccard > 0.6 else "black",
        )
    right.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
    right.set_ylim(len(sources) - 0.5, 0.5)
    right.set_xlim(-0.5, len(sources) - 1.5)
    right.set_xticks(range(len(sources) - 1), titles[:-1], rotation=30, ha="right")
    right.set_yticks(range(1, len(sources)), titles[1:])
    right.tick_params(length=0, labelsize=6.5)
    right.spines[:].set_visible(False)
    right.set_title("named by both / by either")
    return figure
