"""How one architecture trained and predicted, compared with its baselines."""

from proofread.report import charts, quantities
from proofread.report.measures import CLASSES, NUMBERS, measure_of
from proofread.report.numbers import (
    count,
    counted,
    decimal,
    exact,
    interval,
    is_missing,
)

METRICS = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "accuracy": "accuracy",
    "mcc": "MCC",
    "f1": "F1",
    "brier": "Brier score",
    "calibration_error": "calibration error",
    "auroc_hard": "AUROC, hard negatives",
}
# Of quantitative targets.
OF_NUMBERS = {
    "pearson": "Pearson’s r",
    "spearman": "Spearman’s ρ",
    "r2": "R²",
    "rmse": "RMSE",
}
BASELINES = {"gc": "GC content", "kmer6": "6-mers"}
# Of curves.tsv: the axes, and the line of a predictor that knows nothing or is right.
_CURVES = {
    "roc": ("false positive rate", "true positive rate", True),
    "precision_recall": ("recall", "precision", False),
    "calibration": ("predicted probability", "fraction of positives", True),
}
# Of history.tsv: the axis, what the panel tells, and the two columns it draws.
_HISTORY = (
    ("loss", "Training and validation loss", "train_loss", "validation_loss"),
    (
        "AUROC, AUPRC",
        "Validation AUROC and AUPRC",
        "validation_auprc",
        "validation_auroc",
    ),
)
_KINDS = {"network": "value", "kmer6": "context", "gc": "context dotted"}
_WORST = ["warn", "", "ok"]
NOISE_CEILING = "noise_ceiling"  # in metrics.tsv, where the noise is known
NO_LABELS = "the sequences have no labels, so that no metric can be computed"
NO_BASELINES = (
    "GC content and 6-mers have no sequences to be trained on, so that the network is"
    " not compared with them"
)
NOTHING = "Nothing to find, and the network predicts nothing."
_SHOWN = 6  # targets drawn; all are in the tables
_ALL = METRICS | OF_NUMBERS


def describe(experiments):
    """What the page says of the networks of one dataset and model.

    Parameters
    ----------
    experiments : list of proofread.report.results.Experiment
        The seeds of one dataset and model.
    """
    metrics = {
        experiment.seed: experiment.table("metrics.tsv") for experiment in experiments
    }
    first = metrics[experiments[0].seed]
    present = set(first["metric"])
    columns = {key: name for key, name in _ALL.items() if key in present}
    targets = list(dict.fromkeys(first["target"]))
    several = len(targets) > 1
    said = verdicts(experiments)
    return {
        "model": experiments[0].model,
        "n": counted(_n_predicted(experiments[0], first), "test sequence"),
        "several_targets": several,
        "quantitative": experiments[0].quantitative,
        "key": quantities.key(experiments[0].monitor),
        "ceiling": NOISE_CEILING in set(first["predictor"]),
        "columns": list(columns.values()),
        "rows": [
            row
            for target in targets
            for row in _metric_rows(metrics, first, target, list(columns))
        ],
        "verdicts": said,
        # The worst of them.
        "verdict_kind": min((item["kind"] for item in said), key=_WORST.index),
        "more_targets": max(0, len(targets) - _SHOWN),
        "labelled": bool(targets),
        "baselines": _has_baselines(first),
        "trained": experiments[0].has("history.tsv"),
        "seeds": [_seed(experiment, targets[:_SHOWN]) for experiment in experiments],
    }


def _n_predicted(experiment, metrics):
    """Number of test sequences; without labels, those in the predictions."""
    if len(metrics) and not experiment.quantitative:
        return int(metrics["n"].max())
    table = experiment.table("predictions.tsv")
    # One target may have values where another has none.
    return (table.dropna(subset="true") if len(metrics) else table)["id"].nunique()


def _has_baselines(metrics):
    """Whether metrics.tsv has the baselines, which need sequences to be trained on."""
    return not set(BASELINES).isdisjoint(metrics["predictor"])


def verdicts(experiments):
    """Whether the networks say more than composition does: one `verdict` each.

    Parameters
    ----------
    experiments : list of proofread.report.results.Experiment
        The seeds of one dataset and model.
    """
    metrics = {item.seed: item.table("metrics.tsv") for item in experiments}
    targets = list(dict.fromkeys(metrics[experiments[0].seed]["target"]))
    if not targets:
        text = f"{NO_LABELS[0].upper()}{NO_LABELS[1:]}."
        return [{"kind": "", "tag": "no labels", "text": text}]
    return [
        verdict(
            table,
            target,
            seed if len(metrics) > 1 else None,
            len(targets) > 1,
            experiments[0].random_labels,
        )
        for target in targets[:_SHOWN]
        for seed, table in metrics.items()
    ]


def _metric_rows(metrics, first, target, columns):
    for seed, table in metrics.items():
        yield _row(f"network, seed {seed}", table, "network", target, columns)
    # The baselines do not depend on the network's seed.
    for predictor, name in {**BASELINES, NOISE_CEILING: "noise ceiling"}.items():
        if predictor in set(first["predictor"]):
            yield _row(name, first, predictor, target, columns)


def _row(name, table, predictor, target, columns):
    cells = []
    for metric in columns:
        result = cell(table, predictor, target, metric)
        cells.append(
            {
                "shown": decimal(result["value"]) if result else "",
                "exact": exact(result["value"]) if result else "",
                "interval": interval(result["ci_low"], result["ci_high"])
                if result
                else "",
            }
        )
    return {
        "name": name,
        "target": target,
        "n": _values(table, target),
        "network": predictor == "network",
        "cells": cells,
    }


def _values(table, target):
    """How many values of a target were measured in the test split."""
    return count(table.loc[table["target"] == target, "n"].max())


def cell(table, predictor, target, metric):
    """One row of metrics.tsv as a dict; None where the metric was not measured."""
    rows = table[
        (table["predictor"] == predictor)
        & (table["target"] == target)
        & (table["metric"] == metric)
    ]
    return rows.iloc[0].to_dict() if len(rows) else None


def verdict(table, target, seed, several_targets, random_labels=False):
    """Whether the network says more than composition does, in words.

    Decided by the paired interval of the difference of the two AUROCs, or R²: two
    intervals that overlap may still belong to different values. Where the labels are
    random, a network at chance is right.
    """
    measure = measure_of(table)
    network = cell(table, "network", target, measure.metric)
    of = f"{target}: " if several_targets else ""
    who = f"the network (seed {seed})" if seed else "the network"
    if network is None or is_missing(network["value"]):
        return {
            "kind": "warn",
            "tag": "not measured",
            "text": f"{of}{measure.name} of {who} is not defined: {measure.undefined}.",
        }
    text = (
        f"{of}{who} reaches an {measure.name} of {decimal(network['value'])}"
        f" {interval(network['ci_low'], network['ci_high'])}"
    )
    if random_labels:
        text = text if several_targets else text[0].upper() + text[1:]
        if _at_chance(network):
            return {"kind": "ok", "tag": "as expected", "text": f"{text}. {NOTHING}"}
        text += ". There is nothing to find: the difference from 0.5 is by chance or an"
        return {"kind": "warn", "tag": "not at chance", "text": f"{text} error."}
    if not _has_baselines(table):
        text = text if several_targets else text[0].upper() + text[1:]
        better = (
            not is_missing(network["ci_low"]) and network["ci_low"] > measure.nothing
        )
        than = f"better than {measure.nothing_name}"
        return {
            "kind": "" if better else "warn",
            "tag": than if better else f"no {than}",
            "text": f"{text}; {NO_BASELINES}.",
        }
    against = [
        _gain(name, cell(table, predictor, target, measure.gain))
        for predictor, name in BASELINES.items()
    ]
    text = f"{text}: {'; '.join(item['text'] for item in against)}."
    text += _ceiling(table, target)
    failed = [item["name"] for item in against if not item["better"]]
    # 6-mers may tell a simple rule; GC content must not.
    kind = "warn" if BASELINES["gc"] in failed else "" if failed else "ok"
    return {
        "kind": kind,
        "tag": f"no better than {failed[0]}" if failed else "better than the baselines",
        "text": text if several_targets else text[0].upper() + text[1:],
    }


def _ceiling(table, target):
    """The best R² that the noise of the values allows, in words, where it is known."""
    best = cell(table, NOISE_CEILING, target, NUMBERS.metric)
    if best is None or is_missing(best["value"]):
        return ""
    bounds = interval(best["ci_low"], best["ci_high"])
    return (
        f" The noise ceiling, the best R² that the noise of the values allows, is"
        f" {decimal(best['value'])} {bounds}."
    )


def _at_chance(auroc):
    return auroc["ci_low"] <= CLASSES.nothing <= auroc["ci_high"]


def standing(table, random_labels=False):
    """Whether a network predicts well enough for its motifs to be called findings.

    Parameters
    ----------
    table : pandas.DataFrame
        metrics.tsv.
    random_labels : bool
        Whether there is nothing to find.

    Returns
    -------
    dict
        `weak` names the targets for which the network is not better than both chance
        (AUROC 0.5; of quantitative targets their mean, R² 0) and GC content, by the
        lower ends of the intervals; `stated` is False where all
        are. `sentence` says so, or that the network is worse than 6-mers; it is empty
        where there is nothing to say, and where a network rightly predicts nothing.
        Without baselines the network is compared with chance alone; without labels
        nothing is stated.
    """
    targets = list(dict.fromkeys(table["target"]))
    if not targets:
        sentence = f"No finding is stated: {NO_LABELS}."
        return {"stated": False, "weak": [], "sentence": sentence}
    measure = measure_of(table)
    reasons = {target: _weakness(table, target) for target in targets}
    weak = [target for target in targets if reasons[target]]
    aurocs = [cell(table, "network", target, measure.metric) for target in targets]
    if random_labels and all(auroc and _at_chance(auroc) for auroc in aurocs):
        return {"stated": False, "weak": weak, "sentence": ""}
    if len(weak) == len(targets):
        why = (
            f"for none of the {len(targets)} targets is the network shown to be better"
            f" than both {measure.nothing_name} and GC content"
            if len(targets) > 1
            else reasons[targets[0]]
        )
        return {
            "stated": False,
            "weak": weak,
            "sentence": f"No finding is stated: {why}.",
        }
    texts = [f"Nothing is stated of {name}: {reasons[name]}." for name in weak[:_SHOWN]]
    if len(weak) > _SHOWN:
        more = counted(len(weak) - _SHOWN, "more target")
        texts.append(f"Nothing is stated of {more}, for the same reasons.")
    if not _has_baselines(table):
        texts.append(f"{NO_BASELINES}.")
    texts += _worse_than_kmers(table, [name for name in targets if not reasons[name]])
    return {"stated": True, "weak": weak, "sentence": " ".join(texts)}


def _worse_than_kmers(table, targets):
    """For which targets 6-mers predict better than the network, in sentences."""
    measure = measure_of(table)
    gains = {
        target: _gain(BASELINES["kmer6"], gain)
        for target in targets
        if (gain := cell(table, "kmer6", target, measure.gain)) is not None
    }
    worse = [target for target in gains if gains[target]["worse"]]
    if not worse:
        return []
    several = table["target"].nunique() > 1
    texts = [
        f"{f'For {target} this' if several else 'This'} network is"
        f" {gains[target]['text']}."
        for target in worse[:_SHOWN]
    ]
    if len(worse) > _SHOWN:
        more = counted(len(worse) - _SHOWN, "more target")
        texts.append(f"It is worse than 6-mers for {more}.")
    return [
        *texts,
        "Counts of 6-mers predict these sequences better, so that its findings may miss"
        f" what decides the {measure.decided}.",
    ]


def _weakness(table, target):
    """Why nothing that a network shows of a target is a finding; empty if it may be."""
    measure = measure_of(table)
    network = cell(table, "network", target, measure.metric)
    if network is None or is_missing(network["value"]):
        return f"the {measure.name} is not defined, because {measure.undefined}"
    if is_missing(network["ci_low"]) or network["ci_low"] <= measure.nothing:
        return (
            f"the {measure.name} of {decimal(network['value'])}"
            f" {interval(network['ci_low'], network['ci_high'])} is not better than"
            f" {measure.nothing_name} ({measure.nothing})"
        )
    if not _has_baselines(table):
        return ""
    gain = _gain(BASELINES["gc"], cell(table, "gc", target, measure.gain))
    return "" if gain["better"] else f"the network is {gain['text']}"


def _gain(name, gain):
    if gain is None or is_missing(gain["ci_low"]):
        text = f"not comparable with {name}"
        return {"name": name, "better": False, "worse": False, "text": text}
    size = f"{decimal(abs(gain['value']))}"
    bounds = interval(gain["ci_low"], gain["ci_high"])
    if gain["ci_low"] > 0:
        text = f"better than {name} by {size} {bounds}"
    elif gain["ci_high"] < 0:
        text = f"worse than {name} by {size} (difference {bounds})"
    else:
        text = f"no better than {name} (difference {decimal(gain['value'])} {bounds})"
    return {
        "name": name,
        "better": gain["ci_low"] > 0,
        "worse": gain["ci_high"] < 0,
        "text": text,
    }


def _seed(experiment, targets):
    """Learning curves and test curves of one seed, with its files."""
    description = f"seed {experiment.seed}"
    training, panels = (
        _training(experiment, description)
        if experiment.has("history.tsv")
        else (_imported(experiment), [])
    )
    of_test = quantities.panels if experiment.quantitative else _curves
    for target in targets:
        named = f", {target}" if len(targets) > 1 else ""
        panels += of_test(experiment, target, named, description)
    return {
        "seed": experiment.seed,
        "training": training,
        "panels": panels,
        "files": experiment.files(),
    }


def _curves(experiment, target, named, description):
    """The curves of a binary target; arguments as of `quantities.panels`."""
    points = experiment.table("curves.tsv")
    present = set(points["predictor"])
    panels = []
    for curve, (x_label, y_label, diagonal) in _CURVES.items():
        lines = [
            _curve(points, predictor, target, curve)
            for predictor in ("gc", "kmer6", "network")
            if predictor in present
        ]
        if diagonal:
            lines.insert(0, charts.Line("diagonal", [0, 1], [0, 1], "faint"))
        panels.append(
            charts.panel(
                lines,
                x_label=x_label + named,
                y_label=y_label,
                label=f"{y_label} against {x_label}{named}, {description}",
                x_ticks=[0, 0.5, 1],
                y_ticks=[0, 0.5, 1],
            )
        )
    return panels


def _training(experiment, description):
    """What training was, in words, and its curves by epoch."""
    history = experiment.table("history.tsv")
    monitored = experiment.monitor
    drawn = quantities.history(monitored) if experiment.quantitative else _HISTORY
    best = history[history["best"] == 1]
    kept = int(best["epoch"].iloc[0]) if len(best) else None
    mark = None if kept is None else (kept, "kept")
    epochs = charts.ticks(history["epoch"].min(), history["epoch"].max(), whole=True)
    panels = [
        charts.panel(
            [
                charts.Line(name, list(history["epoch"]), list(history[name]), kind)
                for name, kind in ((behind, "context"), (front, "value"))
            ],
            x_label="epoch",
            x_ticks=epochs,
            y_label=y_label,
            label=f"{title} by epoch, {description}",
            mark=mark,
        )
        for y_label, title, behind, front in drawn
    ]
    weights = "" if kept is None else f", weights saved at epoch {kept}"
    if weights and monitored:
        weights += f" ({quantities.best(monitored)})"
    return f"{counted(len(history), 'epoch')} trained{weights}", panels


def _imported(experiment):
    """The source of an imported model, in words."""
    about = experiment.table("import.tsv", texts=["value"]).set_index("property")[
        "value"
    ]
    weights = about["weights"]
    of = "" if is_missing(weights) else f", weights {weights}"
    words = f"an imported model, not trained here: adapter {about['adapter']}{of}"
    # Others have no scores to compare with controls.
    if experiment.simulated or experiment.known:
        words += ". It has no negative controls: proofread cannot train it on shuffled"
        words += " labels, or make it untrained"
    return words


def _curve(points, predictor, target, curve):
    rows = points[
        (points["predictor"] == predictor)
        & (points["target"] == target)
        & (points["curve"] == curve)
    ]
    return charts.Line(
        predictor,
        list(rows["x"]),
        list(rows["y"]),
        _KINDS[predictor],
        dots=curve == "calibration",
    )
