"""How well the sites of filters cover planted instances, or known sites."""

import numpy as np
import pandas as pd

from proofread.statistics.bootstrap import percentile_interval, resampled_sums
from proofread.statistics.proportions import wilson_interval
from proofread.tables import Score
from proofread.truth.instances import half_overlaps

RECOVERY_COLUMNS = [
    "motif",
    "filter",
    "sites",
    "sites_on_motif",
    "instances",
    "instances_found",
    "precision",
    "recall",
    "f1",
]


def recovery_table(sites, span, truth, filters, motifs):
    """Precision and recall of every filter for every motif of the truth.

    Parameters
    ----------
    sites : proofread.methods.filter_pfms.sites.Sites
        Of the forward strand.
    span : int
        Bases that a site covers.
    truth : pandas.DataFrame
        Planted instances or known sites, with columns motif, sequence, start, end
        (0-based, half-open).
    filters : list of str
        Names of the filters.
    motifs : iterable of str
        Names of the motifs of the truth.

    Returns
    -------
    pandas.DataFrame
        `RECOVERY_COLUMNS`, one row per motif and filter, none without motifs.
        `sites_on_motif` match an instance of the motif (`half_overlaps`),
        `instances_found` are matched by a site; `precision` and `recall` are these
        fractions (NaN without sites or instances) and `f1` their harmonic mean (0
        without matches).
    """
    n_sites = np.bincount(sites.filter, minlength=len(filters))
    blocks, end = [], sites.start + span
    for motif in motifs:
        planted = truth[truth["motif"] == motif]
        site, instance = half_overlaps(sites.sequence, sites.start, end, planted)
        matching = np.bincount(sites.filter[np.unique(site)], minlength=len(filters))
        pairs = np.unique(sites.filter[site] * len(planted) + instance)
        result = np.bincount(pairs // max(len(planted), 1), minlength=len(filters))
        blocks.append(
            pd.DataFrame(
                {
                    "motif": motif,
                    "filter": filters,
                    "sites": n_sites,
                    "sites_on_motif": matching,
                    "instances": len(planted),
                    "instances_found": result,
                    "precision": _fraction(matching, n_sites),
                    "recall": _fraction(result, np.full(len(filters), len(planted))),
                    "f1": _f1(matching, n_sites, result, len(planted)),
                },
                columns=RECOVERY_COLUMNS,
            )
        )
    if not blocks:
        return pd.DataFrame(columns=RECOVERY_COLUMNS)
    return pd.concat(blocks, ignore_index=True)


def _fraction(part, whole):
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _f1(matching, n_sites, found, instances):
    """Harmonic mean of precision and recall; 0 where nothing was found."""
    precision = np.nan_to_num(_fraction(matching, np.asarray(n_sites)))
    recall = np.nan_to_num(_fraction(found, np.asarray(instances)))
    total = precision + recall
    return np.where(total > 0, 2 * precision * recall / np.maximum(total, 1e-300), 0.0)


def score_rows(table, sites, span, truth, allowed, n, *, resamples, seed):
    """Scores of the best filter of each motif of the truth.

    Parameters
    ----------
    table : pandas.DataFrame
        From `recovery_table`.
    sites, span, truth
        As in `recovery_table`.
    allowed : collection of str
        Filters that may be chosen.
    n : int
        Number of sequences.
    resamples : int
        Of the sequences, for the interval of F1 (the filter stays the same).
    seed : int

    Yields
    ------
    proofread.tables.Score
        `f1` (n: instances; percentile bootstrap), `precision` (n: sites;
        Wilson) and `recall` (n: instances; Wilson) of each motif. Without a filter or
        an instance there is `f1` alone.
    """
    generator = np.random.default_rng(seed)
    number = {name: row for row, name in enumerate(table["filter"].unique())}
    for motif, rows in table.groupby("motif", sort=False):
        instances = int(rows["instances"].iloc[0])
        rows = rows[rows["filter"].isin(allowed)]
        if instances == 0 or len(rows) == 0:
            value = np.nan if instances == 0 else 0.0
            yield Score("f1", value, instances, np.nan, np.nan, motif=motif)
            continue
        best = rows.loc[rows["f1"].idxmax()]
        one = sites.take(sites.filter == number[best["filter"]])
        planted = truth[truth["motif"] == motif]
        counts = _counts_by_sequence(one, span, planted, n)
        resampled = resampled_sums(counts, resamples, generator)
        # A resample without any instance has nothing to find.
        resampled = resampled[resampled[:, 3] > 0]
        low, high = percentile_interval(_f1(*resampled.T))
        yield Score("f1", best["f1"], instances, low, high, motif=motif)
        for name, whole in (("precision", best["sites"]), ("recall", instances)):
            interval = wilson_interval(best[name], whole)
            yield Score(name, best[name], whole, *interval, motif=motif)


def _counts_by_sequence(sites, span, planted, n):
    """Matching sites, sites, instances found and instances: shape (n, 4)."""
    end = sites.start + span
    site, instance = half_overlaps(sites.sequence, sites.start, end, planted)
    of_instance = planted["sequence"].to_numpy()
    return np.stack(
        [
            np.bincount(sequences, minlength=n)
            for sequences in (
                sites.sequence[np.unique(site)],
                sites.sequence,
                of_instance[np.unique(instance)],
                of_instance,
            )
        ],
        axis=1,
    )
