"""Of each network of a study: its test AUROC, and what it says of shuffled sequences.

Networks of one study may predict equally well and be explained differently. With these
two numbers a reader can look for a reason.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from proofread.configuration.negative_controls import kind_of
from proofread.statistics.correlation import spearman
from proofread.studies.markdown import grid, number
from proofread.tables import read_table

COLUMNS = ["dataset", "model", "seed", "test_auroc", "baseline_output"]
KIND = "integrated_gradients"  # the kind whose baselines are shuffled sequences
MIN_NETWORKS = 5  # that a correlation needs
TITLES = {
    "test_auroc": "test AUROC",
    "baseline_output": "mean logit of the shuffled baselines",
}


def networks(results):
    """Test AUROC and mean output of the baselines of each trained network.

    Parameters
    ----------
    results : path
        The results of a study: ``{dataset}/{model}/seed{seed}/`` below it.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`; `test_auroc` is the mean over targets, `baseline_output` the mean
        over the explained sequences of Integrated Gradients. Without a row if the
        study has no such explanation.
    """
    rows = [
        dict(zip(COLUMNS, _network(path), strict=True))
        for path in Path(results).glob("*/*/seed*/attributions/table.tsv")
        if kind_of(path.parts[-4]) is None
    ]
    table = pd.DataFrame(rows, columns=COLUMNS).dropna(subset=["baseline_output"])
    return table.sort_values(COLUMNS[:3], kind="stable").reset_index(drop=True)


def _network(path):
    folder = path.parents[1]
    dataset, model, seed = folder.parts[-3:]
    metrics = read_table(folder / "metrics.tsv")
    chosen = (metrics["predictor"] == "network") & (metrics["metric"] == "auroc")
    maps = read_table(path)
    outputs = maps.loc[maps["kind"] == KIND, "baseline_output"]
    auroc = metrics.loc[chosen, "value"].mean()
    return dataset, model, int(seed.removeprefix("seed")), auroc, outputs.mean()


def is_kept(table, path):
    """Whether a file has the networks of a run; without networks there is no file."""
    if len(table) == 0 or not path.is_file():
        return len(table) == 0 and not path.is_file()
    kept, names = read_table(path), COLUMNS[:3]
    return (
        kept[names].to_numpy().tolist() == table[names].to_numpy().tolist()
        # As many digits as a table has.
        and np.allclose(
            kept[COLUMNS[3:]], table[COLUMNS[3:]], rtol=1e-5, atol=0, equal_nan=True
        )
    )


def markdown(table, runs):
    """Both numbers of each network, and how the second goes with the scores.

    Parameters
    ----------
    table : pandas.DataFrame
        From `networks`.
    runs : pandas.DataFrame
        `published_runs.tsv` of the same study.
    """
    seeds = sorted(table["seed"].unique())
    header = ["network", "", *(f"seed {seed}" for seed in seeds)]
    lines = []
    for (_, model), rows in table.groupby(["dataset", "model"], sort=False):
        for column, title in TITLES.items():
            values = rows.set_index("seed")[column].reindex(seeds)
            lines.append([model, title, *map(number, values)])
    text = "Every network, and what it says of shuffled sequences:"
    text += f"\n\n{grid(header, lines)}"
    found = correlations(table, runs).dropna(how="all")
    if found.empty:
        return text
    scores = [[model, *map(number, row)] for (_, model), row in found.iterrows()]
    return (
        f"{text}\n\nSpearman's correlation of the mean logit of the shuffled baselines "
        "with each score, over the networks of a model, of which there are at least "
        f"{MIN_NETWORKS}:\n\n"
        f"{grid(['network', *found.columns], scores)}"
    )


def correlations(table, runs):
    """Spearman's correlation of `baseline_output` with each score.

    A row for each dataset and model, a column for each score; NaN with fewer than
    `MIN_NETWORKS` networks, or where one of the two does not vary.
    """
    joined = runs.merge(table, on=["dataset", "model", "seed"])
    keys = ["dataset", "model", "score"]
    rows = {
        key: spearman(group["baseline_output"], group["value"])
        if len(group) >= MIN_NETWORKS
        else np.nan
        for key, group in joined.groupby(keys, sort=False)
    }
    index = pd.MultiIndex.from_tuples(rows, names=keys)
    return pd.Series(rows.values(), index, dtype=float).unstack(sort=False)
