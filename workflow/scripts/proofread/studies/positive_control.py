"""What each method reaches on the positive control, beside the ideal."""

from pathlib import Path

import numpy as np
import pandas as pd

from proofread.tables import read_table
from proofread.truth.at_fault import ENOUGH
from proofread.truth.best_values import BEST_VALUES
from proofread.truth.headline import headline_name, headline_scores
from proofread.truth.scorecard import (
    collect_ideal_scores,
    collect_scores,
    join_controls,
)

COLUMNS = [
    *("dataset", "rule", "method", "metric", "subjects", "n"),
    *("value", "ci_low", "ci_high", "ideal", "fraction", "reached"),
]
_OF_HEADLINE = [
    *("dataset", "model", "seed", "method", "metric", "motif", "target", "variant"),
    *("better", "value", "n", "ci_low", "ci_high", "ideal"),
]
PREDICTION = ["dataset", "rule", "target", "n", "auroc", "attainable", "fraction"]


def control_scores(scores, ideal, unused, rules):
    """The headline scores of methods on the positive controls, and the ideal ones.

    Parameters
    ----------
    scores, ideal : iterable of str or path
        ``score.tsv`` of the methods, and of the ideal explainers.
    unused : dict of str to set of str
        By dataset: from `proofread.truth.scorecard.unused_motifs`. The control has no
        filter for these motifs.
    rules : dict of str to str
        By dataset.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`. `method` has the kind, if it has several. One answer of each method
        (`proofread.truth.headline`); `subjects`: over how many motifs or targets the
        value is a mean, which has no interval if there are several. `ideal`: the score
        of the ideal explainer or, where it has none, the best possible value; a score
        without either is left out, and so are false findings, of which a network that
        finds nothing has none. `reached`: 1 from `ENOUGH` of the ideal on.
    """
    own = collect_scores(scores)
    table = join_controls(own, own[:0], collect_ideal_scores(ideal))
    names = zip(table["dataset"], table["motif"], strict=True)
    relevant = [motif not in unused[dataset] for dataset, motif in names]
    relevant = np.array(relevant, dtype=bool)
    table = table[relevant & (table["better"] == "higher")]
    best = table["metric"].map(BEST_VALUES).astype(float)
    table = table.assign(ideal=table["ideal_explainer"].astype(float).fillna(best))
    rows = headline_scores(table.dropna(subset="ideal")[_OF_HEADLINE], of_one=True)
    rows = rows.dropna(subset="value")
    several = rows["subjects"] > 1
    rows = rows.assign(
        rule=rows["dataset"].map(rules),
        method=[
            headline_name(*pair)
            for pair in zip(rows["method"], rows["variant"], strict=True)
        ],
        ci_low=rows["ci_low"].mask(several),
        ci_high=rows["ci_high"].mask(several),
        fraction=rows["value"] / rows["ideal"],
        reached=(rows["value"] >= ENOUGH * rows["ideal"]).astype(int),
    )
    places = {name: place for place, name in enumerate(rules)}
    rows = rows.sort_values(
        "dataset", key=lambda names: names.map(places), kind="stable"
    )
    return rows[COLUMNS].reset_index(drop=True)


def control_predictions(metrics, attainable, rules):
    """How well the positive controls predict, beside the best that is possible.

    Parameters
    ----------
    metrics : iterable of str or path
        ``.../{dataset}/oracle/seed{seed}/metrics.tsv``.
    attainable : dict of (str, str) to float
        AUROC, by dataset and target: `proofread.truth.attainable.attainable_auroc`.
    rules : dict of str to str
        By dataset.

    Returns
    -------
    pandas.DataFrame
        `PREDICTION`.
    """
    rows = []
    for path in map(Path, metrics):
        dataset = path.parts[-4]
        table = read_table(path)
        chosen = table[(table["predictor"] == "network") & (table["metric"] == "auroc")]
        for row in chosen.to_dict("records"):
            best = attainable[dataset, row["target"]]
            names = (dataset, rules[dataset], row["target"], row["n"])
            rows.append((*names, row["value"], best, row["value"] / best))
    return pd.DataFrame(rows, columns=PREDICTION)
