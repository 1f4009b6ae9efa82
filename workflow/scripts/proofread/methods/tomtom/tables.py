"""The motifs that a network's filters match, by family, and how many by chance."""

import numpy as np
import pandas as pd

from proofread.motifs.families import families
from proofread.motifs.null_motifs import empirical_fdr
from proofread.motifs.pairs import unit_of
from proofread.motifs.targets import protein_name

FAMILY_COLUMNS = [
    "family",
    "motif",
    "database",
    "protein",
    "filters",
    "best_filter",
    "p",
    "E",
    "q",
    "empirical_fdr",
]
_HIT = {"q": "q-value", "E": "E-value"}


def family_table(hits, pairs, targets, nulls, statistic, n_queries, partners):
    """Every matched motif with its family and its best filter.

    Parameters
    ----------
    hits : pandas.DataFrame
        From `proofread.motifs.naming.hit_table`.
    pairs : pandas.DataFrame
        From `proofread.motifs.families.similar_pairs`.
    targets : list of proofread.motifs.motif.Motif
    nulls : dict of str to proofread.motifs.null_motifs.BestMatches
        The null queries by their kind.
    statistic : str
        ``q`` or ``E``: that of the threshold.
    n_queries : int
        Filters that were compared, pairs counted once.
    partners : dict of str to str
        From `proofread.motifs.pairs.partners_of`.

    Returns
    -------
    pandas.DataFrame
        `FAMILY_COLUMNS`, a row for each motif that a filter matches; families and their
        members are best first: smallest q, then smallest p, then first name.
        `filters` is the number of filters that match the motif, pairs counted once;
        `empirical_fdr` is that of matches at least as good as the motif's best.
    """
    order = ["q-value", "p-value", "Target_ID"]
    best = hits.sort_values(order, kind="stable").drop_duplicates("Target_ID")
    best = best.set_index("Target_ID")
    units = hits["Query_ID"].map(lambda name: unit_of(name, partners))
    counts = units.groupby(hits["Target_ID"]).nunique()
    column = _HIT[statistic]
    values = best[column].to_numpy()
    of_filters = hits.groupby(units)[column].min().to_numpy()
    rates = empirical_fdr(
        values,
        np.append(of_filters, np.full(n_queries - len(of_filters), np.inf)),
        [{"q": null.q, "E": null.e}[statistic] for null in nulls.values()],
    )
    rates = dict(zip(best.index, rates, strict=True))
    motifs = {motif.name: motif for motif in targets}
    similar = pairs.itertuples(index=False, name=None)
    rows = [
        (
            number,
            name,
            motifs[name].source,
            protein_name(motifs[name]),
            counts[name],
            best.loc[name, "Query_ID"],
            *best.loc[name, ["p-value", "E-value", "q-value"]],
            rates[name],
        )
        for number, family in enumerate(families(best.index, similar), start=1)
        for name in family
    ]
    return pd.DataFrame(rows, columns=FAMILY_COLUMNS)
