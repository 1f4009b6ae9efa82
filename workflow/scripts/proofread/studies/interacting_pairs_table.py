"""Pairs that interact, as Markdown: every number is in one of its tables."""

from proofread.studies.interacting_pairs import PREDICTIONS
from proofread.studies.markdown import grid, number, with_spread

HEADER = ["network", "method", "metric", "mean ± sd", "95 % interval", "n"]
HEADER += ["untrained", "shuffled", "random order"]


def markdown(table, summary):
    """Scores of the planted pairs, and how well the networks predict.

    Parameters
    ----------
    table, summary : pandas.DataFrame
        From `proofread.studies.interacting_pairs`: `network_scores`, `over_seeds`.

    Returns
    -------
    str
        Numbers have three digits after the point; a gap is an empty cell.
    """
    parts = ["# Pairs that interact"]
    for dataset, rows in summary.groupby("dataset", sort=False):
        networks = table[table["dataset"] == dataset]
        first = networks.iloc[0]
        parts.append(f"## {dataset}")
        parts.append(
            f"{first['planted']} of {first['pairs']} pairs of motifs interact. All are "
            "ranked by their measured interaction, the highest first; auprc is the "
            "average precision of the planted pairs. `predictions` is no method. It "
            "ranks pairs by the mean logit of the test sequences that hold both "
            "motifs. If a planted pair ranks low there, the network does not predict "
            "it to be positive. A t interval may end above 1."
        )
        parts.append(grid(HEADER, map(_cells, rows.to_dict("records"))))
        parts.append(_predictions(networks))
    return "\n\n".join(parts) + "\n"


def _cells(row):
    low, high = number(row["ci_low"]), number(row["ci_high"])
    return [
        *(row["model"], row["method"], row["metric"]),
        with_spread(row["mean"], row["sd"], 3),
        f"{low} to {high}" if low else "",
        str(row["n"]),
        *(number(row[name]) for name in ("untrained", "shuffled", "chance")),
    ]


def _predictions(networks):
    """The test AUROC of each model: without learning there is no interaction."""
    sentences = []
    of_networks = networks[networks["negative_control"] == ""]
    for model, rows in of_networks.groupby("model", sort=False):
        values = rows.drop_duplicates("seed")["test_auroc"]
        text = f"Test AUROC of {model}: mean {number(values.mean())}"
        if len(values) > 1:
            text += f" ({number(values.min())} to {number(values.max())})"
        sentences.append(f"{text}.")
    of_methods = of_networks[of_networks["method"] != PREDICTIONS]
    missing = int(of_methods["not_measured"].sum())
    if missing:
        sentences.append(
            f"{missing} pairs of all networks and methods were not measured, and rank "
            "last. Negative controls are not counted."
        )
    return " ".join(sentences)
