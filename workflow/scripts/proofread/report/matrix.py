"""Methods by networks: one number and one word in each cell, linked to its section."""

import math

from proofread.report import label_free, methods, network
from proofread.report.measures import measure_for
from proofread.report.numbers import decimal, is_missing, listed, short
from proofread.report.sections import faithfulness
from proofread.report.sentence import learned
from proofread.report.verdicts import KINDS, NO_FINDING
from proofread.statistics.units import LOGIT, OUTPUT
from proofread.truth.at_fault import ENOUGH
from proofread.truth.label_free import title
from proofread.truth.recovery import NO_CONTROL

_NO_SCORE = "not scored"
_UNITS = {LOGIT: "logits", OUTPUT: "output"}


def of_truth(groups):
    """How much of the truth each method finds in each network.

    Parameters
    ----------
    groups : list of list of proofread.report.results.Experiment
        The seeds of each dataset and model with a truth.

    Returns
    -------
    dict
        columns (heads) and rows: name, measure and cells of each method and kind.
    """
    judged = [
        {(row.method, row.kind): row for row in methods.recovered(learned(seeds))}
        if learned(seeds)
        else {}
        for seeds in groups
    ]
    keys = list(dict.fromkeys(key for column in judged for key in column))
    scored = {method for method, _ in keys}
    # Of networks that learned nothing no score is judged; their methods have rows, too.
    for seeds in groups:
        own = seeds[0].scorecard
        rows = own[own["dataset"] == seeds[0].dataset]
        for method in seeds[0].methods:
            if method not in scored and (rows["method"] == method).any():
                scored.add(method)
                keys.append((method, ""))
    order = {method: place for place, method in enumerate(groups[0][0].methods)}
    keys.sort(key=lambda key: order.get(key[0], len(order)))
    return {
        "columns": _columns(groups),
        "rows": [
            {
                "name": methods.label(*key),
                "measure": _measure(key, judged),
                "cells": [
                    _of_recovery(seeds, column, key)
                    for seeds, column in zip(groups, judged, strict=True)
                ],
            }
            for key in keys
        ],
        "unscored": [
            methods.title(method)
            for method in groups[0][0].methods
            if method not in scored
        ],
        "enough": f"{100 * ENOUGH:.0f} %",
    }


def compared(seeds):
    """The methods that the known sites of a network judge.

    Parameters
    ----------
    seeds : list of proofread.report.results.Experiment
        Of one dataset and model.

    Returns
    -------
    set of str
        Those with a score and a control to compare it with.
    """
    return {row.method for row in methods.recovered(seeds) if row.word != NO_CONTROL}


def without_truth(groups, settings):
    """Evidence that needs no truth: baselines, maps, verdicts.

    Parameters
    ----------
    groups : list of list of proofread.report.results.Experiment
        The seeds of each dataset and model.
    settings : dict of str to dict
        By dataset, then by method: its entry of the configuration.

    Returns
    -------
    dict
        columns and rows, as those of `of_truth`, above: whether methods are left out
        because `of_truth` has them, and advice: which numbers of maps to believe.
    """
    above = [compared(seeds) for seeds in groups]
    first = [(learned(seeds) or seeds)[0] for seeds in groups]
    judged = [_judged(item) for item in first]
    maps = [_maps(item, rows) for item, rows in zip(first, judged, strict=True)]
    width = next((float(rows[0]["width"]) for rows in judged if rows), math.nan)
    mark = label_free.mark(faithfulness.DECIDES, width)
    kinds = list(dict.fromkeys(kind for column in maps for kind in column))
    units = dict.fromkeys(_UNITS[row["unit"]] for rows in judged for row in rows)
    of_maps = f"deletion above random, {listed(units, 'or')}"
    names = dict.fromkeys(measure_for(seeds[0]).name for seeds in groups)
    rows = [
        {
            "name": f"network against {name}",
            "measure": f"difference of {listed(names, 'or')}",
            "cells": [_of_baseline(seeds, predictor) for seeds in groups],
        }
        for predictor, name in network.BASELINES.items()
    ]
    rows += [
        {
            "name": f"map: {kind}",
            "measure": f"{of_maps}: {mark}" if mark else of_maps,
            "cells": [
                column.get(kind, _empty("not judged", _link(seeds, "faithfulness")))
                for seeds, column in zip(groups, maps, strict=True)
            ],
        }
        for kind in kinds
    ]
    rows += [
        {
            "name": methods.title(method),
            "measure": "",
            "cells": [
                _empty("see above", methods.anchor(item, method))
                if method in shown
                else _of_verdict(item, method, settings[item.dataset][method])
                for item, shown in zip(first, above, strict=True)
            ],
        }
        for method in groups[0][0].methods
        if not all(method in shown for shown in above)
    ]
    return {
        "columns": _columns(groups),
        "rows": rows,
        "maps": kinds,
        "above": any(above),
        "advice": label_free.advice() if any(maps) else "",
    }


def _columns(groups):
    """Heads: the dataset, and the model where a dataset has several."""
    datasets = [seeds[0].dataset for seeds in groups]
    return [
        {
            "dataset": seeds[0].dataset,
            "model": seeds[0].model if datasets.count(seeds[0].dataset) > 1 else "",
            "link": f"network-{seeds[0].dataset}-{seeds[0].model}",
        }
        for seeds in groups
    ]


def _link(seeds, method):
    return methods.anchor((learned(seeds) or seeds)[0], method)


def _empty(word, link):
    return {
        "number": "",
        "word": word,
        "kind": "",
        "level": "",
        "note": "",
        "link": link,
    }


def _measure(key, judged):
    """What the number is, where it is the same in all columns."""
    metrics = dict.fromkeys(
        methods.measure(key[0], column[key].metric)
        for column in judged
        if key in column
    )
    text = " or ".join(metrics)
    _, needed = methods.headline(key[0])
    return f"{text}; recovered from {short(needed)} on" if text and needed else text


def _of_recovery(seeds, column, key):
    link = _link(seeds, key[0])
    if seeds[0].random_labels:
        return _empty("nothing to find", link)
    if not learned(seeds):
        return _empty(NO_FINDING, link)
    if key not in column:
        return _empty(_NO_SCORE, link)
    row = column[key]
    floor = "control" if row.controlled else "chance"
    note = [] if is_missing(row.floor) else [f"{floor} {short(row.floor)}"]
    if row.silent:
        note = ["controls found nothing"]
    if not is_missing(row.ideal):
        note.append(f"ideal {short(row.ideal)}")
    if not is_missing(row.positive):
        note.append(f"positive {short(row.positive)}")
    return {
        "number": short(row.value),
        "word": row.word,
        "kind": KINDS[row.word],
        "level": "" if is_missing(row.level) else decimal(100 * row.level, 0),
        "note": " · ".join(note),
        "link": link,
    }


def _of_baseline(seeds, predictor):
    """The gain in AUROC or R² over a baseline, mean over seeds and targets."""
    link = f"network-{seeds[0].dataset}-{seeds[0].model}"
    gains = []
    for item in seeds:
        table = item.table("metrics.tsv")
        for target in table["target"].unique():
            row = network.cell(table, predictor, target, measure_for(item).gain)
            if row is not None and not is_missing(row["ci_low"]):
                gains.append(row)
    if not gains:
        return _empty("not compared", link)
    low = min(row["ci_low"] for row in gains)
    better = sum(row["ci_low"] > 0 for row in gains)
    word = "better" if low > 0 else f"better in {better} of {len(gains)}"
    if not better:
        worse = all(row["ci_high"] < 0 for row in gains)
        word = "worse" if worse else "no better"
    value = sum(row["value"] for row in gains) / len(gains)
    return {
        "number": short(value) if value < 0 else f"+{short(value)}",
        "word": word,
        "kind": "ok" if low > 0 else "warn",
        "level": "",
        "note": "",
        "link": link,
    }


def _judged(item):
    """The maps that faithfulness judged."""
    method = "faithfulness"
    if method not in item.methods or not item.has(method, "table.tsv"):
        return []
    return faithfulness.maps(item) if item.standing["stated"] else []


def _maps(item, judged):
    """Cells of the maps that faithfulness judged, by kind."""
    best = label_free.best()
    cells = {}
    for row in judged:
        beside = {"agreement with other kinds": row["agreement"]}
        if best is not None and best["quantity"] != "agreement_between_kinds":
            beside[title(best)] = row["best"]
        cells[row["kind"]] = {
            "number": short(row["value"]),
            "word": faithfulness.FAITHFUL
            if row["faithful"]
            else faithfulness.UNFAITHFUL,
            "kind": "ok" if row["faithful"] else "warn",
            "level": "",
            "note": " · ".join(
                f"{name} {short(value)}"
                for name, value in beside.items()
                if not is_missing(value)
            ),
            "link": methods.anchor(item, "faithfulness"),
        }
    return cells


def _of_verdict(item, method, settings):
    result = methods.verdict(item, method, settings)
    return {
        "number": result.number,
        "word": result.tag,
        "kind": result.kind,
        "level": "",
        "note": "",
        "link": methods.anchor(item, method),
    }
