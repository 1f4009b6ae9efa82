"""The tables of a scan: every number with its null, and the scores."""

import json

import numpy as np
import pandas as pd

from proofread.atomic import atomic
from proofread.methods.long_sequence_scan.agreement import (
    MEASURES,
    NUMBER_COLUMNS,
    PROFILE_COLUMNS,
    Null,
    agreements,
    compare,
    profile,
    roomy,
)
from proofread.tables import Score

_PROFILE = 500  # bp to either side of a site
_MIN_PROFILE = 20  # windows to either side, at least, where the stride is large
_MAX_PROFILE = 125
# Those between 0 and 1, where 1 is best.
_SCORES = [
    "window_auroc",
    "window_auprc",
    "peak_precision",
    "peak_recall",
    "peak_f1",
]
_OF_ALL_PEAKS = ["peak_precision", "peak_f1", "peak_distance"]
_VARIANTS = {"all": "", "unseen": "unseen"}
_SCAN = "scan"  # instead of sites: what was scanned, in whole numbers


def compare_all(tracks, rows, sites, fitted, params, *, layout, tolerance):
    """Every number with its null, by the sites that are counted.

    Contigs without room for shifts are left out, of the numbers as of their nulls. If
    no contig has room the numbers are those of all contigs, without a null.

    Parameters
    ----------
    tracks : list of proofread.methods.long_sequence_scan.tracks.Track
    rows : list of numpy.ndarray
        The peaks of each track, from `call_peaks`.
    sites : dict of str to proofread.files.features.Sites, or None
    fitted : dict of str to numpy.ndarray of bool
    params : object
        `shifts` and `seed`.
    layout : proofread.methods.long_sequence_scan.windows.Layout
    tolerance : int
        bp.

    Returns
    -------
    table : pandas.DataFrame
        Column `sites` (all, unseen) and those of `compare`; no rows without sites.
    shifted : pandas.DataFrame
        The null of the sites that count most: the unseen ones if there are any. No rows
        without sites.
    agreement : proofread.methods.long_sequence_scan.agreement.Agreement or None
        With the same sites; None without sites.
    """
    if not sites:
        table = pd.DataFrame(columns=["sites", *NUMBER_COLUMNS])
        return table, pd.DataFrame(columns=MEASURES), None
    # A shift by less than a window would leave the sites nearly where they are.
    null = Null(params.shifts, -(-layout.width // layout.stride), params.seed)
    tracks, rows, sites, fitted = roomy(tracks, rows, sites, fitted, null)
    options = {"stride": layout.stride, "tolerance": tolerance}
    tables = []
    for name, agreement in agreements(tracks, rows, sites, fitted, options).items():
        table, shifted = compare(agreement, null)
        if name == "unseen":
            # A peak elsewhere may be at a site that the network was fitted to.
            table = table[~table["metric"].isin(_OF_ALL_PEAKS)]
        table.insert(0, "sites", name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True), shifted, agreement


def profile_around(agreement, table, stride):
    """Mean value by the distance from the sites that count most, for the figure.

    Parameters
    ----------
    agreement, table
        From `compare_all`.
    stride : int
        bp.

    Returns
    -------
    pandas.DataFrame
        As of `proofread.methods.long_sequence_scan.agreement.profile`; no rows without
        sites.
    """
    if agreement is None:
        return pd.DataFrame(columns=PROFILE_COLUMNS)
    reach = int(np.clip(_PROFILE // stride, _MIN_PROFILE, _MAX_PROFILE))
    null = table[table["metric"] == "site_score"].iloc[-1]
    return profile(
        agreement, reach, tuple(null[["null_low", "null_mean", "null_high"]])
    )


def summary_rows(lengths, tracks, peaks):
    """Rows of table.tsv that count what was scanned.

    Parameters
    ----------
    lengths : dict of str to int
        bp of each contig.
    tracks : list of proofread.methods.long_sequence_scan.tracks.Track
    peaks : pandas.DataFrame

    Returns
    -------
    pandas.DataFrame
        Columns sites (``scan``), metric and value.
    """
    counts = {
        "contigs": len(lengths),
        "bases": sum(lengths.values()),
        "windows": sum(map(len, tracks)),
        "peaks": len(peaks),
    }
    return pd.DataFrame(
        {"sites": _SCAN, "metric": counts.keys(), "value": counts.values()}
    )


def score_rows(table, target):
    """Scores: areas and fractions, of all sites and of the unseen ones.

    Parameters
    ----------
    table : pandas.DataFrame
        From `compare_all`.
    target : str

    Returns
    -------
    list of proofread.tables.Score
        `variant` is ``unseen`` for the sites that the network was not fitted to.
    """
    scores = table[table["metric"].isin(_SCORES) & table["value"].notna()]
    return [
        Score(
            row.metric,
            row.value,
            row.n,
            row.ci_low,
            row.ci_high,
            target=target,
            variant=_VARIANTS[row.sites],
        )
        for row in scores.itertuples()
    ]


def write_metrics(path, table):
    """Write a table of metrics as JSON, by the sites that were counted.

    Parameters
    ----------
    path : str or path
    table : pandas.DataFrame
        Columns sites, metric and numbers; gaps are left out. Counts are whole numbers.
    """
    content = {}
    for row in table.to_dict("records"):
        sites, metric = row.pop("sites"), row.pop("metric")
        counts = {"n", "value"} if sites == _SCAN else {"n"}
        content.setdefault(sites, {})[metric] = {
            key: _plain(cell, whole=key in counts)
            for key, cell in row.items()
            if not pd.isna(cell)
        }
    with atomic(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")


def _plain(value, *, whole):
    """A number for JSON: a count, or one with six significant digits."""
    return int(value) if whole else float(f"{value:.6g}")
