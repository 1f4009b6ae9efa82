"""Scores over seeds, for a reader: means, ranks and which method is better."""

from proofread.report.methods import title
from proofread.report.names import words
from proofread.report.numbers import (
    counted,
    decimal,
    exact,
    interval,
    is_missing,
    listed,
)
from proofread.report.truth import metric_name

_PREDICTION = {
    "test_auroc": "test AUROC",
    "test_auprc": "test AUPRC",
    "test_pearson": "test Pearson's r",
    "test_r2": "test R²",
}
_MIN_SEEDS = 3  # fewer are not tested
_OPPOSITE = {"better": "worse", "worse": "better"}


def describe(summary, comparisons, networks):
    """The headline scores of each network over its seeds.

    Parameters
    ----------
    summary, comparisons : pandas.DataFrame
        As scripts/summary.py writes them.
    networks : list of tuple of (str, str, int)
        Dataset, model and number of seeds, in the order of the page.

    Returns
    -------
    list of dict
        Of networks that have a headline score.
    """
    names = ["motif", "target", "variant"]
    summary = summary.fillna(dict.fromkeys(names, ""))
    comparisons = comparisons.fillna(
        dict.fromkeys(["first_variant", "second_variant"], "")
    )
    result = []
    for dataset, model, seeds in networks:
        rows, pairs = (
            table[(table["dataset"] == dataset) & (table["model"] == model)]
            for table in (summary, comparisons)
        )
        predictions = _predictions(rows)
        tables = [
            _table(metric, group.to_dict("records"), pairs[pairs["metric"] == metric])
            for metric, group in rows[rows["ranked"].notna()].groupby(
                "metric", sort=False
            )
        ]
        if predictions or tables:
            result.append(
                {
                    "dataset": dataset,
                    "model": model,
                    "seeds": seeds,
                    "caution": _caution(seeds, bool(tables)),
                    "predictions": predictions,
                    "tables": tables if seeds > 1 else [],
                }
            )
    return result


def _caution(seeds, compared):
    """What so few seeds cannot show; empty where they are enough for a test."""
    if seeds == 1:
        return (
            "One seed: no interval, and no pair of methods can be decided."
            if compared
            else "One seed: no interval."
        )
    if seeds < _MIN_SEEDS and compared:
        return (
            f"With {seeds} seeds no pair of methods can be decided: a test needs"
            f" {_MIN_SEEDS} or more."
        )
    return ""


def _predictions(rows):
    """How well the networks predict: one sentence, the mean over targets."""
    parts = []
    for metric, name in _PREDICTION.items():
        found = rows[rows["metric"] == metric].to_dict("records")
        together = [row for row in found if not row["target"]] or found
        if together and not is_missing(together[0]["mean"]):
            row = together[0]
            parts.append(f"{name} {decimal(row['mean'])} {_within(row)}".strip())
    return listed(parts)


def _within(row):
    return interval(row["ci_low"], row["ci_high"])


def _table(metric, rows, pairs):
    """Methods from the best mean to the worst, numbered, with the numbers they beat."""
    lower = rows[0]["better"] == "lower"
    rows = sorted(rows, key=lambda row: _order(row["mean"], lower))
    places = {
        (row["method"], row["variant"]): place for place, row in enumerate(rows, 1)
    }
    beats = {key: {"better": [], "worse": [], "undecided": []} for key in places}
    decided = 0
    for pair in pairs.to_dict("records"):
        first, second = (
            (pair[f"{side}_method"], pair[f"{side}_variant"])
            for side in ("first", "second")
        )
        verdict = pair["verdict"]
        decided += verdict in _OPPOSITE
        for one, other, word in (
            (first, second, verdict),
            (second, first, _OPPOSITE.get(verdict, verdict)),
        ):
            if one in places and other in places:
                beats[one][word].append(places[other])
    return {
        "metric": metric_name(rows[0]["method"], metric),
        "lower_is_better": lower,
        "pairs": counted(len(pairs), "pair"),
        "decided": decided,
        "undecided": len(pairs) - decided,
        "rows": [
            {
                "place": place,
                "name": _name(*key),
                "mean": _cell(row["mean"], _within(row)),
                "n": int(row["n"]),
                "missing": int(row["missing"]),
                "rank": _cell(
                    row["rank"], interval(row["rank_low"], row["rank_high"], 1), 1
                ),
                **{
                    word: ", ".join(map(str, sorted(numbers))) or "none"
                    for word, numbers in beats[key].items()
                },
            }
            for (key, place), row in zip(places.items(), rows, strict=True)
        ],
    }


def _order(mean, lower):
    """From the best to the worst; what has no value is last."""
    return (is_missing(mean), mean if lower else -mean)


def _cell(value, within, digits=3):
    return {"shown": decimal(value, digits), "exact": exact(value), "interval": within}


def _name(method, variant):
    """A method, with its kind if it has several."""
    return ": ".join(filter(None, [title(method), words(variant.rpartition(" ")[0])]))
