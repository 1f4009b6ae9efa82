"""Finished runs side by side, as Markdown and as a figure."""

import numpy as np

from proofread.figures.heat_map import message_panel
from proofread.figures.style import (
    ACCENT,
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    figure_style,
    new_figure,
)
from proofread.studies.compare import (
    ALPHA,
    CANNOT_SAY,
    HIGHER,
    LOWER,
    NAMES,
    ONLY_IN,
    PARTS,
    WITHIN,
)
from proofread.studies.markdown import grid, number, with_spread
from proofread.tables import is_drawn

MAX_ROWS = 40  # of the figure, and of the scores that are not beyond noise
_LABEL, _BEGINNING = 72, 18  # characters beside the figure, and those before a cut
_ROW, _AROUND = 4, 16  # mm of a score; of title and axis


def sentences(table, beyond):
    """How many scores were compared, how many differ, and which one most.

    Parameters
    ----------
    table, beyond : pandas.DataFrame
        From `proofread.studies.compare`: `compare_runs` and `beyond_noise`.

    Returns
    -------
    str
        Sentences about the comparison with each run.
    """
    return " ".join(
        _of_pair(rows, beyond[beyond["second"] == second])
        for second, rows in table.groupby("second", sort=False)
    )


def _of_pair(rows, beyond):
    first, second = rows[["first", "second"]].iloc[0]
    counts = rows["verdict"].value_counts()
    alone = {name: counts.get(ONLY_IN + name, 0) for name in (first, second)}
    compared = len(rows) - sum(alone.values())
    said = [f"{_scores(compared)} of {second} {_is(compared)} compared with {first}:"]
    if len(beyond) == 0:
        said.append("none is beyond seed noise.")
    else:
        higher, lower = (counts.get(verdict, 0) for verdict in (HIGHER, LOWER))
        said.append(
            f"{len(beyond)} {_is(len(beyond))} beyond seed noise ({higher} higher and "
            f"{lower} lower in {second})."
        )
        row = beyond.iloc[0].to_dict()
        said.append(
            f"The largest difference is that of {_name(row, NAMES)}: "
            f"{number(row['first_mean'])} in {first}, "
            f"{number(row['second_mean'])} in {second}."
        )
    if within := counts.get(WITHIN, 0):
        said.append(f"{_scores(within)} {_is(within)} within seed noise.")
    if undecided := counts.get(CANNOT_SAY, 0):
        said.append(f"Of {_scores(undecided)} this cannot be said; the notes say why.")
    for name, n in alone.items():
        if n:
            said.append(f"{_scores(n)} {_is(n)} only in {name}.")
    return " ".join(said)


def _scores(n):
    return f"{n} score{'' if n == 1 else 's'}"


def _is(n):
    return "is" if n == 1 else "are"


def markdown(runs, table, beyond, differing):
    """The comparison as Markdown: sentences, the runs, the differences, the others.

    Parameters
    ----------
    runs : list of dict
        From `proofread.configuration.compare.find_runs`.
    table, beyond, differing : pandas.DataFrame
        From `proofread.studies.compare`: `compare_runs`, `beyond_noise` and
        `differing_settings`.

    Returns
    -------
    str
    """
    tested = int(table["p"].notna().sum())
    low = int((table["p"] <= ALPHA).sum())
    parts = [
        "# Runs compared\n",
        f"{sentences(table, beyond)}\n",
        f"Before Holm's adjustment p is at most {ALPHA} in {low} of {_scores(tested)}; "
        f"{number(ALPHA * tested, 0)} would be expected without any difference.\n",
        grid(("run", "folder", *PARTS), map(_run_cells, runs)) + "\n",
    ]
    for name, networks in _alone(table).items():
        parts.append(f"Only {name} has scores of: {', '.join(networks)}.\n")
    if len(differing):
        cells = differing.astype(str).itertuples(index=False)
        header = ("setting or version", "run", "value", "run", "value")
        parts += ["## What the runs were made with\n", grid(header, cells) + "\n"]
    parts.append("## Beyond seed noise\n")
    parts.append(_table(beyond) if len(beyond) else "No score.\n")
    rest = table[table["verdict"].isin([WITHIN, CANNOT_SAY])]
    shown = rest.sort_values("p", kind="stable")[:MAX_ROWS]
    parts.append("## Other scores that both runs have\n")
    if len(rest) > len(shown):
        parts.append(
            f"The {len(shown)} with the lowest p of {len(rest)}; compare.tsv has all.\n"
        )
    parts.append(_table(shown) if len(shown) else "No score.\n")
    return "\n".join(parts)


def _run_cells(run):
    return (
        run["name"],
        run["folder"],
        *("all" if run[part] is None else str(run[part]) for part in PARTS),
    )


def _alone(table):
    """Datasets and models of which only one run has any score, by the run's name."""
    networks = {}
    pairs = table.groupby(["first", "second", "dataset", "model"], sort=False)
    for (*_, dataset, model), rows in pairs:
        verdicts = set(rows["verdict"])
        (verdict,) = verdicts if len(verdicts) == 1 else ("",)
        if verdict.startswith(ONLY_IN):
            name = verdict.removeprefix(ONLY_IN)
            networks.setdefault(name, {})[f"{dataset} {model}"] = None
    return networks


def _table(rows):
    header = [
        *(
            *NAMES,
            "better",
            "runs",
            "first",
            "second",
            "n",
            "difference (95 % interval)",
        ),
        *("p", "p_holm", "verdict", "note"),
    ]
    return grid(header, map(_cells, rows.to_dict("records"))) + "\n"


def _cells(row):
    difference, low, high = (
        number(row[name]) for name in ("difference", "ci_low", "ci_high")
    )
    return [
        *(row[name] for name in NAMES),
        row["better"],
        f"{row['first']}, {row['second']}",
        *(
            with_spread(row[f"{side}_mean"], row[f"{side}_sd"], 3)
            for side in ("first", "second")
        ),
        f"{row['first_n']}, {row['second_n']}" + (", paired" if row["pairs"] else ""),
        f"{difference} ({low} to {high})" if low else difference,
        *(
            "" if np.isnan(row[name]) else f"{row[name]:.2g}"
            for name in ("p", "p_holm")
        ),
        row["verdict"],
        row["note"],
    ]


def _name(row, names):
    """What a row is about, in one line."""
    return " ".join(filter(None, (row[name] for name in names)))


@figure_style()
def draw_compare(table, beyond):
    """Each difference beyond seed noise as a dot with its 95 % interval.

    Green: better than in the first run; orange: worse. At the right the two means.
    Scores without a scale from 0 to 1 have a panel of their own. Of position scores
    those that other figures show, too; at most `MAX_ROWS`.

    Parameters
    ----------
    table, beyond : pandas.DataFrame
        From `proofread.studies.compare`: `compare_runs` and `beyond_noise`.
    """
    if len(beyond) == 0:
        tested = int(table["p"].notna().sum())
        text = f"no difference is beyond seed noise ({_scores(tested)} tested)"
        return message_panel(TWO_COLUMNS, 30, text)
    drawn = [
        is_drawn(*pair) for pair in zip(beyond.metric, beyond.variant, strict=True)
    ]
    shown = (beyond[drawn] if any(drawn) else beyond)[:MAX_ROWS]
    panels = [
        (title, shown[shown["fraction"] == fraction])
        for fraction, title in (
            (True, "scores from 0 to 1, or -1 to 1"),
            (False, "scores on other scales"),
        )
    ]
    panels = [(title, rows) for title, rows in panels if len(rows)]
    heights = [_AROUND + _ROW * len(rows) for _, rows in panels]
    figure, axes = new_figure(
        TWO_COLUMNS,
        sum(heights) + 6,
        rows=len(panels),
        squeeze=False,
        gridspec_kw={"height_ratios": heights},
    )
    named = _naming(table)
    for panel, (title, rows) in zip(axes[:, 0], panels, strict=True):
        _draw_panel(panel, rows.sort_values("difference"), named)
        panel.set_title(title, loc="left")
    first, *others = *table["first"].unique(), *table["second"].unique()
    of = others[0] if len(others) == 1 else "each run"
    legend = "95 % interval; green: better, orange: worse"
    axes[-1, 0].set_xlabel(f"{of} minus {first}, {legend}")
    if len(beyond) > len(shown):
        figure.suptitle(
            f"{len(shown)} of {len(beyond)} differences; compare.tsv has all",
            x=0.01,
            ha="left",
        )
    return figure


def _naming(table):
    """Columns that name a score: those in which scores of the table may differ."""
    columns = [
        name for name in ("second", "dataset", "model") if table[name].nunique() > 1
    ]
    columns += ["method", "metric", "motif"]
    targets = table[table["target"] != ""].groupby("dataset")["target"].nunique()
    if (targets > 1).any():
        columns.append("target")
    return [*columns, "variant"]


def _draw_panel(axes, rows, named):
    names = []
    for y, row in enumerate(rows.to_dict("records")):
        colour = ACCENT if row["verdict"] == row["better"] else CATEGORIES[1]
        axes.plot([row["ci_low"], row["ci_high"]], [y, y], color=colour)
        axes.plot(row["difference"], y, "o", color=colour, ms=3)
        means = f"{number(row['first_mean'])} → {number(row['second_mean'])}"
        axes.text(1.01, y, means, transform=axes.get_yaxis_transform(), va="center")
        names.append(_shortened(_name(row, named)))
    axes.axvline(0, color=CONTEXT, linewidth=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.5, len(names) - 0.5)
    axes.grid(axis="x", linewidth=0.4, alpha=0.5)


def _shortened(name):
    """A name without its middle if there is no room: its end tells variants apart."""
    if len(name) <= _LABEL:
        return name
    return f"{name[:_BEGINNING]}…{name[_BEGINNING + 1 - _LABEL :]}"
