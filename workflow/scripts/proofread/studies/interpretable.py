"""When may one interpret: the position score against how well a network predicts."""

import numpy as np
import pandas as pd

from proofread.statistics.bootstrap import percentile_interval
from proofread.statistics.proportions import wilson_interval
from proofread.studies.leaderboard import NETWORK, NOTHING, POSITIONS
from proofread.studies.markdown import number

# Whose curve is drawn: the first of these that ran, fixed in advance.
FIXED = ("integrated_gradients", "saturation_mutagenesis")
REACHED = 0.8  # position AUROC
MIN_FRACTION = 0.95  # of the networks that reach it
MIN_NETWORKS = 10  # at or above a threshold
RESAMPLES, SEED = 1000, 1
POINTS = [*NETWORK, "seed", "method", "test_auroc", POSITIONS]
CURVE = ["method", "test_auroc", "fitted", "ci_low", "ci_high"]
THRESHOLDS = [
    *("method", "networks", "lowest", "highest", "threshold"),
    *("above", "reached", "fraction", "ci_low", "ci_high"),
]
BY_RULE = [
    *("method", "rule", "networks", "lowest", "highest"),
    *("reached", "above", "above_reached"),
]


def join_prediction(rows, aurocs):
    """The position score of each method beside the test AUROC of its network.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `proofread.studies.leaderboard.board_scores`.
    aurocs : pandas.DataFrame
        From `proofread.studies.leaderboard.network_aurocs`.

    Returns
    -------
    pandas.DataFrame
        `POINTS`, without networks that lack one of the two. Networks of the rule
        `NOTHING` come last: they have no position score, for there is nothing to find,
        and no method.
    """
    keys = [*NETWORK, "seed"]
    positions = rows[rows["metric"] == POSITIONS].rename(columns={"value": POSITIONS})
    points = positions.merge(aurocs, on=keys).dropna(subset=[POSITIONS, "test_auroc"])
    nothing = aurocs[aurocs["rule"] == NOTHING].dropna(subset=["test_auroc"])
    tables = [points, nothing.assign(method="")]
    joined = pd.concat([table for table in tables if len(table)] or tables)
    return joined.reindex(columns=POINTS)


def fixed_method(points):
    """The method whose curve is drawn; None where there is no position score."""
    methods = [name for name in dict.fromkeys(points["method"]) if name]
    return next((name for name in FIXED if name in methods), next(iter(methods), None))


def fit_curve(points):
    """Position AUROC that never falls with the test AUROC, for each method.

    Parameters
    ----------
    points : pandas.DataFrame
        From `join_prediction`.

    Returns
    -------
    pandas.DataFrame
        `CURVE`, at each test AUROC of a network: isotonic least squares (Barlow et al.
        1972), a line between the points, and its 2.5 and 97.5 percentile over
        `RESAMPLES` resamples of the datasets and models, each with all its seeds.
    """
    tables = []
    for method, group in _by_method(points):
        x = group["test_auroc"].to_numpy(float)
        y = group[POSITIONS].to_numpy(float)
        at, fitted = isotonic(x, y)
        # The seeds of a dataset and model are alike: they are drawn together.
        alike = list(group.groupby(NETWORK, sort=False).indices.values())
        generator = np.random.default_rng(SEED)
        resampled = np.empty((RESAMPLES, len(at)))
        for resample in range(RESAMPLES):
            drawn = generator.integers(len(alike), size=len(alike))
            some = np.concatenate([alike[number] for number in drawn])
            resampled[resample] = np.interp(at, *isotonic(x[some], y[some]))
        low, high = percentile_interval(resampled)
        columns = (method, at, fitted, low, high)
        tables.append(pd.DataFrame(dict(zip(CURVE, columns, strict=True))))
    if not tables:
        return pd.DataFrame(columns=CURVE)
    return pd.concat(tables, ignore_index=True)


def _by_method(points):
    """The networks of each method that has position scores."""
    return points[points["method"] != ""].groupby("method", sort=False)


def isotonic(x, y):
    """The non-decreasing function of `x` that is nearest to `y`.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (n,)
        Values at the same x are averaged, and weigh as many as they are.

    Returns
    -------
    at, fitted : numpy.ndarray, shape (m,)
        Each x once, rising.
    """
    from scipy.optimize import isotonic_regression

    at, index, counts = np.unique(x, return_inverse=True, return_counts=True)
    means = np.bincount(index, weights=y) / counts
    return at, isotonic_regression(means, weights=counts).x


def thresholds(points):
    """From which test AUROC on nearly all networks have a good position score.

    Parameters
    ----------
    points : pandas.DataFrame
        From `join_prediction`.

    Returns
    -------
    pandas.DataFrame
        `THRESHOLDS`, one row for each method; test AUROCs are cut to three digits.
        `threshold`: the lowest test AUROC t of a
        network for which, whatever u, at least `MIN_FRACTION` of the networks from t to
        u have a position AUROC of at least `REACHED`, and at least `MIN_NETWORKS` are
        at or above t; NaN if there is none. The fraction above t alone would not do:
        many good networks far above t hide the bad ones next to it. `above`, `reached`,
        `fraction`: of the networks at or above t (without a threshold, of the
        `MIN_NETWORKS` with the highest test AUROC), with Wilson's 95 % interval.
    """
    rows = []
    for method, group in _by_method(points):
        x = _cut(group["test_auroc"])
        good = group[POSITIONS].to_numpy(float) >= REACHED
        # The fit is the highest, over starts up to t, of the lowest mean from there on:
        # where it first reaches the fraction, all means from there on do.
        at, fitted = isotonic(x, good.astype(float))
        enough = fitted >= MIN_FRACTION - 1e-12
        threshold = at[np.argmax(enough)] if enough.any() else np.nan
        if np.count_nonzero(x >= threshold) < MIN_NETWORKS:
            threshold = np.nan
        best = np.sort(x)[-MIN_NETWORKS:][0] if np.isnan(threshold) else threshold
        above = x >= best
        n, reached = int(above.sum()), int(good[above].sum())
        numbers = (threshold, n, reached, reached / n, *wilson_interval(reached / n, n))
        rows.append((method, len(x), x.min(), x.max(), *numbers))
    return pd.DataFrame(rows, columns=THRESHOLDS)


def _cut(aurocs):
    """Cut to the digits that are told, so that the threshold is one of them."""
    return np.floor(aurocs.to_numpy(float) * 1000 + 1e-9) / 1000


def without_threshold(row):
    """Why a method has no threshold, in a word or two, from its row of `thresholds`."""
    return "too few networks" if row["networks"] < MIN_NETWORKS else "none"


def by_rule(points, limits):
    """How many networks of each rule have a good position score, and how they predict.

    Parameters
    ----------
    points, limits : pandas.DataFrame
        From `join_prediction` and `thresholds`.

    Returns
    -------
    pandas.DataFrame
        `BY_RULE`, one row for each method and rule: the number of networks, their
        lowest and highest test AUROC, cut to three digits, and how many reach
        `REACHED`; how many of them are at or above the method's threshold (0 without
        one), and how many of these reach it.
    """
    threshold = dict(zip(limits["method"], limits["threshold"], strict=True))
    rows = []
    groups = points[points["method"] != ""].groupby(["method", "rule"], sort=False)
    for (method, rule), group in groups:
        x = _cut(group["test_auroc"])
        good, above = (
            group[POSITIONS].to_numpy(float) >= REACHED,
            x >= threshold[method],
        )
        numbers = (good.sum(), above.sum(), (good & above).sum())
        rows.append((method, rule, len(x), x.min(), x.max(), *numbers))
    return pd.DataFrame(rows, columns=BY_RULE)


def advice(threshold, points):
    """What a user may conclude, in sentences.

    Parameters
    ----------
    threshold : dict
        A row of `thresholds`.
    points : pandas.DataFrame
        From `join_prediction`.

    Returns
    -------
    str
    """
    n, reached, method = threshold["above"], threshold["reached"], threshold["method"]
    fraction, low = (100 * threshold[name] for name in ("fraction", "ci_low"))
    bound = (
        f"{number(fraction, 1)} %, 95 % interval from {number(low, 1)} % if the "
        "networks were independent, which seeds of one model are not"
    )
    good = f"a position AUROC of at least {REACHED} for {method}"
    if threshold["networks"] < MIN_NETWORKS:
        text = (
            f"There are too few networks ({n}, at least {MIN_NETWORKS} are needed) to "
            f"find a threshold: {reached} of {n} have {good} ({bound})."
        )
    elif np.isnan(threshold["threshold"]):
        text = (
            f"No test AUROC in these data is high enough: of the {n} networks with the "
            f"highest, {reached} have {good} ({bound}). Do not trust an explanation "
            "because the network predicts well."
        )
    else:
        cut = number(threshold["threshold"])
        text = (
            f"Interpret networks that predict well: of the {n} networks here with a "
            f"test AUROC of at least {cut}, {reached} have {good} ({bound}). "
        )
        if threshold["threshold"] == threshold["lowest"]:
            text += (
                "No network here has a lower one, so these data say nothing below it."
            )
        else:
            of_method = points[points["method"] == method]
            below = of_method[of_method["test_auroc"] < threshold["threshold"]]
            others = int((below[POSITIONS] >= REACHED).sum())
            text += f"Of the {len(below)} networks below it, {others} do."
        text += (
            f" Do not take {cut} as a threshold for other data: a test AUROC depends "
            "on the rule and on the negatives. To find one for your data, simulate "
            "data like yours and run the leaderboard on them."
        )
    nothing = points.loc[points["rule"] == NOTHING, "test_auroc"]
    if len(nothing):
        text += (
            f" The {len(nothing)} networks with random labels, which have nothing to "
            f"explain, have test AUROCs of up to {number(nothing.max())}."
        )
    return text
