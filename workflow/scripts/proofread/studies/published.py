"""Published scores and ours: the same quantity, over the seeds of our networks.

A published number is a mean over trained networks, with their standard deviation where
it is given. Some publications show the best few of their runs, chosen by how well they
predict. Then the mean of ours that are chosen in the same way is compared, and the mean
of all is given, too.
"""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from proofread.configuration.tsv import read_cells
from proofread.errors import InputError
from proofread.progress import log
from proofread.statistics.metrics import auprc
from proofread.statistics.student import mean_and_sd, t_interval
from proofread.tables import read_table
from proofread.truth.best_values import BEST_VALUES
from proofread.truth.headline import EVALUATE
from proofread.truth.summary import SCORES_OVER_SEEDS

NETWORK = ["dataset", "model"]
SCORE = ["method", "metric", "variant"]
# Columns of the table of published scores.
GIVEN = ["table", *NETWORK, *SCORE, "score", "published", "published_sd", "best_runs"]
# A last column that may be missing: the variant of the same score with which ours is
# compared on the same networks.
COMPARED = "compared_with"
CHOSEN_BY = "test_auprc"  # by which the best runs are chosen
POOLED = "test_auprc_pooled"
AS_GOOD, WITHIN, WORSE = "as good or better", "worse by at most one sd", "worse"
NO_SPREAD = f"{WORSE}, no sd to compare with"
NOT_MEASURED = "not measured"
COLUMNS = [
    *("table", *NETWORK, *SCORE, "score", "better", "published", "published_sd"),
    "rounding",
    *("n", "mean", "sd", "ci_low", "ci_high", "lowest", "highest"),
    *("best_runs", "best_mean", "best_sd", "negative_control", "chance", "ideal"),
    *("compared_with", "compared_mean", "compared_sd"),
    *("difference", "difference_low", "difference_high"),
    *("published_sds", "verdict"),
]
RUNS = ["table", *NETWORK, *SCORE, "score", "seed", "value", "best"]


def read_published(path, networks):
    """Read a table of published scores.

    Parameters
    ----------
    path : str or path
        TSV with the columns `GIVEN`: a title of the table, what the score is of in our
        results, a short name, the published mean, its standard deviation (may be
        empty), and of how many best runs it is the mean (empty: of all). A last column
        `COMPARED` may follow: another variant of the score, or nothing.
    networks : list of (str, str)
        Datasets and models of the experiments.

    Returns
    -------
    pandas.DataFrame
        `GIVEN`, `COMPARED` and `rounding`, half of the last digit of the published
        mean.

    Raises
    ------
    InputError
        With the row; the header is row 1.
    """
    rows = read_cells(
        path,
        "a tab-separated table of published scores, text in UTF-8",
        "correct `published` in the configuration, or save the table as TSV",
    )
    if not rows or rows[0] not in (GIVEN, [*GIVEN, COMPARED]):
        raise InputError(
            f"{path}, row 1",
            f"the columns {', '.join(rows[0]) if rows else 'of an empty file'}",
            f"{', '.join(GIVEN)}, and at the end {COMPARED} if you like",
            "write the header so, separated by tabs",
        )
    header = rows[0]
    known = set(networks)
    table = []
    for number, cells in enumerate(rows[1:], start=2):
        where = f"{path}, row {number}"
        if len(cells) != len(header):
            raise InputError(
                where,
                f"{len(cells)} cells",
                f"{len(header)}, as the header",
                "add or remove cells; an empty one stays between two tabs",
            )
        row = {COMPARED: ""} | dict(zip(header, cells, strict=True))
        if (row["dataset"], row["model"]) not in known:
            raise InputError(
                where,
                f"dataset {row['dataset']!r} with model {row['model']!r}",
                "a dataset and a model that the experiments train together",
                "correct the row, or add the networks to the experiments",
            )
        row["published"] = _number(row["published"], where, "published")
        row["published_sd"] = _number(
            row["published_sd"], where, "published_sd", gap=True
        )
        if row["published_sd"] < 0:
            raise InputError(
                where,
                f"published_sd {cells[GIVEN.index('published_sd')]}",
                "a standard deviation, 0 or more, or nothing",
                "correct the cell",
            )
        row["rounding"] = _rounding(cells[GIVEN.index("published")])
        runs = row["best_runs"]
        if runs and not (runs.isdecimal() and int(runs) > 0):
            raise InputError(
                where,
                f"best_runs {runs!r}",
                "a whole number above 0, or nothing",
                "correct the cell",
            )
        row["best_runs"] = float(runs or "nan")
        table.append(row)
    if not table:
        raise InputError(
            path,
            "no row below the header",
            "a published score in each row",
            "add rows, or remove `published` from the configuration",
        )
    return pd.DataFrame(table)


def _rounding(cell):
    """Half of the last digit that is printed; 9.1e-1 is printed as 0.91."""
    return 0.5 * 10.0 ** Decimal(cell).as_tuple().exponent


def _number(cell, where, column, *, gap=False):
    if gap and not cell:
        return np.nan
    try:
        value = float(cell)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise InputError(
            where,
            f"{column} {cell!r}",
            "a number" + (", or nothing" if gap else ""),
            "correct the cell",
        )
    return value


def pooled_auprc(paths):
    """Test AUPRC of each network over all its targets at once.

    Each target of each sequence is one prediction, as Keras's metric AUC counts by
    default. Targets that are easy to predict weigh more than in the mean over targets.

    Parameters
    ----------
    paths : iterable of str or path
        ``.../{dataset}/{model}/seed{seed}/predictions.tsv``.

    Returns
    -------
    pandas.DataFrame
        `SCORES_OVER_SEEDS`, metric `POOLED`, whose chance level is the fraction of
        positives; no row without labels of both classes, such as those of quantitative
        targets.
    """
    rows = []
    for path in map(Path, paths):
        dataset, model, seed = path.parts[-4:-1]
        predictions = read_table(path)
        if "logit" not in predictions.columns:
            continue  # of quantitative targets, which have no classes
        known = predictions[["true", "logit"]].dropna()
        if known["true"].nunique() == 2:
            value = auprc(known["true"].to_numpy(), known["logit"].to_numpy())
            network = (dataset, model, seed.removeprefix("seed"))
            names = (EVALUATE, POOLED, "", "", "", "higher")
            rows.append((*network, *names, value, np.nan, np.nan, known["true"].mean()))
    return pd.DataFrame(rows, columns=SCORES_OVER_SEEDS)


def compare_with_published(scores, published):
    """Compare our scores with published ones.

    Parameters
    ----------
    scores : pandas.DataFrame
        From `proofread.truth.summary.join_scores`: dataset, model, seed, method,
        metric, motif, target, variant, better, value, negative_control,
        ideal_explainer, chance.
    published : pandas.DataFrame
        From `read_published`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, in the order of `published`. Of several targets or motifs each
        network's value is the mean over them. `sd` has n - 1 in its denominator;
        `ci_low`, `ci_high` are the 95 % t interval over the networks. `best_mean` and
        `best_sd` are of the best runs, where the published number is of the best runs.
        `ideal` is the score of the ideal explainer or, where it has none, the best
        possible value.

        `published_sds` is ours minus the published number, in published standard
        deviations; in ours, of all networks, where none is published; NaN where it is
        0. Ours is the mean, or `best_mean`. The verdict is about the same difference:
        `AS_GOOD` as published, `WITHIN` one standard deviation on the worse side, or
        `WORSE`. What rounding of the published number explains is no loss. Fewer
        networks than the best runs are not compared.

        `difference`: mean of ours minus the variant `compared_with` of the same
        networks, over those that have both, with its 95 % t interval.
    """
    groups = dict(list(scores.groupby([*NETWORK, *SCORE])))
    rows = []
    for row in published.to_dict("records"):
        network = tuple(row[name] for name in NETWORK)
        of_score = _find(groups, row, row["variant"])
        chosen_by = groups.get((*network, "evaluate", CHOSEN_BY, ""))
        row |= _ours(row, of_score, chosen_by)
        if row[COMPARED]:
            row |= _paired(of_score, _find(groups, row, row[COMPARED]))
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def _find(groups, row, variant):
    """The rows of a variant of a row's score, or None with a warning."""
    network = [row[name] for name in NETWORK]
    score = [row["method"], row["metric"], variant]
    of_score = groups.get((*network, *score))
    if of_score is None:
        log.warning(
            "%s of %s: the networks have no score %s",
            *(row["score"], " ".join(network), " ".join(filter(None, score))),
        )
    return of_score


def _by_network(of_score):
    """The value of each seed; of several targets the mean, if all have a value."""
    if of_score is None:
        return pd.Series(dtype=float)
    by_seed = of_score.groupby("seed")
    values = by_seed["value"].mean().where(by_seed["value"].count() == by_seed.size())
    return values.dropna()


def _paired(of_score, other):
    ours, others = (_by_network(table) for table in (of_score, other))
    _, mean, sd = mean_and_sd(others)
    n, difference, spread = mean_and_sd((ours - others).dropna())
    low, high = t_interval(n, difference, spread)
    return {
        **{"compared_mean": mean, "compared_sd": sd, "difference": difference},
        **{"difference_low": low, "difference_high": high},
    }


def _ours(row, of_score, chosen_by):
    if of_score is None:
        return {"n": 0, "verdict": NOT_MEASURED}
    values = _by_network(of_score)
    n, mean, sd = mean_and_sd(values)
    if n == 0:
        return {"n": 0, "verdict": NOT_MEASURED}
    low, high = t_interval(n, mean, sd)
    better = of_score["better"].iloc[0]
    ours = {
        **{"better": better, "n": n, "mean": mean, "sd": sd},
        **{"ci_low": low, "ci_high": high},
        **{"lowest": values.min(), "highest": values.max()},
    }
    for bound in ("negative_control", "chance"):
        ours[bound] = mean_and_sd(of_score[bound])[1]
    ours["ideal"] = mean_and_sd(of_score["ideal_explainer"])[1]
    if np.isnan(ours["ideal"]):
        ours["ideal"] = BEST_VALUES.get(row["metric"], np.nan)
    compared = mean
    if not np.isnan(row["best_runs"]):
        best = _best_runs(row, values, chosen_by)
        if best is None:
            return ours | {"verdict": NOT_MEASURED}
        _, compared, ours["best_sd"] = mean_and_sd(values[best])
        ours["best_mean"] = compared
    return ours | _against_published(row, better, compared, sd)


def _against_published(row, better, ours, sd):
    """The difference in standard deviations, and the verdict."""
    spread = sd if np.isnan(row["published_sd"]) else row["published_sd"]
    gain = ours - row["published"]
    loss = -gain if better == "higher" else gain
    return {
        "published_sds": gain / spread if spread > 0 else np.nan,
        "verdict": _verdict(loss, row["rounding"], spread),
    }


def _best_runs(row, values, chosen_by):
    """Seeds of the runs that predict best; None if there are too few."""
    if chosen_by is None or len(values) < row["best_runs"]:
        return None
    performance = chosen_by.groupby("seed")["value"].mean()[values.index]
    best = performance.sort_values(ascending=False, kind="stable").index
    return best[: int(row["best_runs"])]


def each_run(scores, published):
    """The value of every network, so that the best runs are seen among all.

    Parameters
    ----------
    scores, published
        As for `compare_with_published`.

    Returns
    -------
    pandas.DataFrame
        `RUNS`, in the order of `published` and of the seeds. `best`: 1 for the best
        runs, 0 for the others; NaN where the published number is of all.
    """
    groups = dict(list(scores.groupby([*NETWORK, *SCORE])))
    rows = []
    for row in published.to_dict("records"):
        network = [row[name] for name in NETWORK]
        score = [row[name] for name in SCORE]
        values = _by_network(groups.get((*network, *score)))
        best = None
        if not np.isnan(row["best_runs"]):
            chosen_by = groups.get((*network, "evaluate", CHOSEN_BY, ""))
            best = _best_runs(row, values, chosen_by)
        for seed in sorted(values.index, key=int):
            chosen = np.nan if best is None else float(seed in best)
            names = (row["table"], *network, *score, row["score"])
            rows.append((*names, int(seed), values[seed], chosen))
    return pd.DataFrame(rows, columns=RUNS)


def _verdict(loss, rounding, spread):
    # What is exactly at a limit may be a little above it in binary.
    loss -= rounding + 1e-9
    if loss <= 0:
        return AS_GOOD
    if np.isnan(spread):
        return NO_SPREAD
    return WITHIN if loss <= spread else WORSE


def count_verdicts(table):
    """Of the measured scores, how many are no worse than one sd, in a sentence."""
    measured = table[table["verdict"] != NOT_MEASURED]
    reached = int(measured["verdict"].isin([AS_GOOD, WITHIN]).sum())
    text = f"{reached} of {len(measured)} scores are {AS_GOOD}, or {WITHIN}."
    missing = len(table) - len(measured)
    return text + (f" {missing} are not measured." if missing else "")
