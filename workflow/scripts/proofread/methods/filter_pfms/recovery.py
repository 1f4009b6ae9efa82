"""How well the sites of filters cover the instances of motifs that were planted."""

import numpy as np
import pandas as pd

from proofread.statistics.bootstrap import percentile_interval, resampled_sums

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
# Of a normal distribution, for 95 % intervals.
_Z = 1.959963984540054


def wilson_interval(successes, n):
    """95 % interval of a proportion (Wilson 1927, doi:10.2307/2276774).

    Returns
    -------
    tuple of float
        NaN where n is 0.
    """
    if n == 0:
        return np.nan, np.nan
    share, weight = successes / n, _Z**2 / n
    middle = (share + weight / 2) / (1 + weight)
    half = _Z * np.sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    # Rounding must not exclude a share of exactly 0 or 1.
    return min(middle - half, share), max(middle + half, share)


def match_sites(sites, span, truth):
    """Pairs of a site and a planted instance that overlap.

    A pair counts when they share at least half of the shorter of the two, on either
    strand.

    Parameters
    ----------
    sites : proofread.methods.filter_pfms.first_layer.Sites
        In forward coordinates.
    span : int
        Bases a site covers.
    truth : pandas.DataFrame
        Planted instances, with columns sequence, start, end (0-based, half-open).

    Returns
    -------
    site, instance : numpy.ndarray, shape (pairs,), int64
        Places in `sites` and rows of `truth`.
    """
    order = np.argsort(truth["sequence"].to_numpy(), kind="stable")
    sequence = truth["sequence"].to_numpy()[order]
    first = np.searchsorted(sequence, sites.sequence, side="left")
    many = np.searchsorted(sequence, sites.sequence, side="right") - first
    site = np.repeat(np.arange(len(sites)), many)
    # Within each site's run: the first instance of its sequence, the second, ...
    step = np.arange(len(site)) - np.repeat(np.cumsum(many) - many, many)
    instance = order[np.repeat(first, many) + step]
    start, end = truth["start"].to_numpy()[instance], truth["end"].to_numpy()[instance]
    begin = sites.start[site]
    shared = np.minimum(begin + span, end) - np.maximum(begin, start)
    enough = 2 * shared >= np.minimum(span, end - start)
    return site[enough], instance[enough]


def recovery_table(sites, span, truth, filters, motifs):
    """Precision and recall of every filter for every planted motif.

    Parameters
    ----------
    sites, span, truth
        As in `match_sites`.
    filters : list of str
        Names of the filters.
    motifs : iterable of str
        Names of the planted motifs.

    Returns
    -------
    pandas.DataFrame
        `RECOVERY_COLUMNS`, one row per motif and filter, none without motifs.
        `sites_on_motif` match an instance of the motif, `instances_found` are matched
        by a site; `precision` and `recall` are their shares (empty without sites or
        instances) and `f1` their harmonic mean (0 without matches).
    """
    n_sites = np.bincount(sites.filter, minlength=len(filters))
    blocks = []
    for motif in motifs:
        planted = truth[truth["motif"] == motif]
        site, instance = match_sites(sites, span, planted)
        matching = np.bincount(sites.filter[np.unique(site)], minlength=len(filters))
        pairs = np.unique(sites.filter[site] * len(planted) + instance)
        found = np.bincount(pairs // max(len(planted), 1), minlength=len(filters))
        blocks.append(
            pd.DataFrame(
                {
                    "motif": motif,
                    "filter": filters,
                    "sites": n_sites,
                    "sites_on_motif": matching,
                    "instances": len(planted),
                    "instances_found": found,
                    "precision": _share(matching, n_sites),
                    "recall": _share(found, np.full(len(filters), len(planted))),
                    "f1": _f1(matching, n_sites, found, len(planted)),
                },
                columns=RECOVERY_COLUMNS,
            )
        )
    if not blocks:
        return pd.DataFrame(columns=RECOVERY_COLUMNS)
    return pd.concat(blocks, ignore_index=True)


def _share(part, whole):
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _f1(matching, n_sites, found, instances):
    """Harmonic mean of precision and recall; 0 where nothing was found."""
    precision = np.nan_to_num(_share(matching, np.asarray(n_sites)))
    recall = np.nan_to_num(_share(found, np.asarray(instances)))
    total = precision + recall
    return np.where(total > 0, 2 * precision * recall / np.maximum(total, 1e-300), 0.0)


def score_rows(table, sites, span, truth, allowed, n, *, resamples, seed):
    """For every planted motif, what the filter that finds it best finds of it.

    Parameters
    ----------
    table : pandas.DataFrame
        From `recovery_table`.
    sites, span, truth
        As in `match_sites`.
    allowed : collection of str
        Filters that may be chosen.
    n : int
        Number of sequences.
    resamples : int
        Of the sequences, for the interval of F1 (the filter stays the same).
    seed : int

    Yields
    ------
    tuple
        (metric, value, n, ci_low, ci_high): `f1_<motif>` (n: planted instances;
        percentile bootstrap), `precision_<motif>` (n: sites; Wilson) and
        `recall_<motif>` (n: instances; Wilson).
    """
    generator = np.random.default_rng(seed)
    places = {name: place for place, name in enumerate(table["filter"].unique())}
    for motif, rows in table.groupby("motif", sort=False):
        instances = int(rows["instances"].iloc[0])
        rows = rows[rows["filter"].isin(allowed)]
        if instances == 0 or len(rows) == 0:
            value = np.nan if instances == 0 else 0.0
            yield f"f1_{motif}", value, instances, np.nan, np.nan
            continue
        best = rows.loc[rows["f1"].idxmax()]
        one = sites.take(sites.filter == places[best["filter"]])
        planted = truth[truth["motif"] == motif]
        counts = _counts_by_sequence(one, span, planted, n)
        drawn = resampled_sums(counts, resamples, generator)
        # A resample without any instance has nothing to find.
        drawn = drawn[drawn[:, 3] > 0]
        low, high = percentile_interval(_f1(*drawn.T))
        yield f"f1_{motif}", best["f1"], instances, low, high
        for name, part, whole in (
            ("precision", best["sites_on_motif"], best["sites"]),
            ("recall", best["instances_found"], instances),
        ):
            interval = wilson_interval(part, whole)
            yield f"{name}_{motif}", best[name], whole, *interval


def _counts_by_sequence(sites, span, planted, n):
    """Matching sites, sites, instances found and instances: shape (n, 4)."""
    site, instance = match_sites(sites, span, planted)
    of_instance = planted["sequence"].to_numpy()
    return np.stack(
        [
            np.bincount(each, minlength=n)
            for each in (
                sites.sequence[np.unique(site)],
                sites.sequence,
                of_instance[np.unique(instance)],
                of_instance,
            )
        ],
        axis=1,
    )
