"""What the scores of planted effects say, in sentences."""

import math

from proofread.report.numbers import counted, interval, is_missing, listed, short

# Rows of score.tsv of rule effects, as the page names them.
NAMES = {
    "effect_spearman": "Spearman's correlation of measured and planted effects",
    "effect_slope": "slope of measured on planted effects",
    "effect_slope_error": "distance of the slope of measured on planted"
    " effects from 1 (absolute ln)",
    "sign_significant": "motifs with an effect whose interval is on its side of 0",
    "size_recovered": "motifs with an effect whose interval is between half and twice"
    " the planted effect",
    "type_i_error": "motifs without an effect that are called",
    "interaction_form_recovered": "interactions whose form is recovered",
    "decay_length_error": "error of the fitted decay length (absolute ln of"
    " its ratio to the planted one)",
}


def sentence(experiment, method):
    """Slope, signs, sizes, false calls, forms and decays of one network; may be empty.

    Parameters
    ----------
    experiment : proofread.report.results.Experiment
    method : str
    """
    scores = experiment.scorecard
    rows = scores[
        (scores["dataset"] == experiment.dataset)
        & (scores["model"] == experiment.model)
        & (scores["seed"].astype(str) == experiment.seed)
        & (scores["method"] == method)
        & ~scores["target"].isin(experiment.standing["weak"])
    ]
    by_metric = {row["metric"]: row for row in rows.to_dict("records")}
    return " ".join(
        text(by_metric[metric])
        for metric, text in _SENTENCES.items()
        if metric in by_metric and not is_missing(by_metric[metric]["value"])
    )


def _slope(row):
    ends = interval(row["ci_low"], row["ci_high"], 2)
    return (
        f"A planted effect of 1 is measured as {short(row['value'])} {ends} (slope over"
        f" {counted(row['n'], 'motif')})."
    )


def _signs(row):
    right = round(row["value"] * row["n"])
    return (
        f"The 95 % interval lies on the planted side of 0 for {right} of"
        f" {counted(row['n'], 'motif')} with an effect."
    )


def _sizes(row):
    right = round(row["value"] * row["n"])
    return f"It lies between half and twice the planted effect for {right} of them."


def _false_calls(row):
    called = round(row["value"] * row["n"])
    return f"Of {counted(row['n'], 'motif')} without an effect, {called} are called."


def _forms(row):
    right = round(row["value"] * row["n"])
    return (
        f"The form of {right} of {counted(row['n'], 'planted interaction')} is"
        " recovered."
    )


def _decays(row):
    return (
        "Fitted decay lengths differ from the planted ones by a factor of"
        f" {short(math.exp(row['value']))} (mean of {counted(row['n'], 'pair')})."
    )


_SENTENCES = {
    "effect_slope": _slope,
    "sign_significant": _signs,
    "size_recovered": _sizes,
    "type_i_error": _false_calls,
    "interaction_form_recovered": _forms,
    "decay_length_error": _decays,
}


def forms_that_differ(pairs):
    """Pairs whose measured form is not the planted one, in a sentence; may be empty.

    Parameters
    ----------
    pairs : pandas.DataFrame
        pairs.tsv of a method.
    """
    rows = pairs.dropna(subset=["planted_form", "form"])
    rows = rows[rows["planted_form"] != rows["form"]]
    if rows.empty:
        return ""
    named = [
        f"{_pair(row)} ({row['form']}, planted {row['planted_form']})"
        for row in rows.to_dict("records")
    ]
    return f"Another form than planted: {listed(named)}."


def _pair(row):
    if row["first"] == row["second"]:
        return f"copies of {row['first']}"
    return f"{row['first']} with {row['second']}"
