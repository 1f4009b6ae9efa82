"""Filters that are reverse complements of each other, which count as one.

A network that reads both strands with the same weights has each filter twice. Both
match the same motifs, so that rates and counts take such a pair as one filter.
"""

import numpy as np
import pandas as pd

_VERDICTS = ("true", "other", "none")  # a pair has the first that one of both has


def partner_filters(weight):
    """The filter whose weights are the reverse complement of each filter's.

    Parameters
    ----------
    weight : numpy.ndarray, shape (filters, width, 4)
        In the order A, C, G, T.

    Returns
    -------
    list of int or None
        None where there is no other one. Weights of 0 have no partner.
    """
    forward = np.ascontiguousarray(weight) + 0.0  # no -0, whose bytes differ
    # From behind, A, C, G, T is T, G, C, A: the complements.
    reverse = np.ascontiguousarray(forward[:, ::-1, ::-1])
    single, partners = {}, [None] * len(weight)
    for row, values in enumerate(forward):
        if waiting := single.get(values.tobytes()):
            partners[row] = waiting.pop()
            partners[partners[row]] = row
        elif values.any():
            single.setdefault(reverse[row].tobytes(), []).append(row)
    return partners


def partners_of(filters):
    """The filters that stand after their reverse complement, with its name.

    Parameters
    ----------
    filters : pandas.DataFrame
        Columns `filter` and `partner`, which is empty where there is none.

    Returns
    -------
    dict of str to str
    """
    partners, seen = {}, set()
    for name, partner in zip(filters["filter"], filters["partner"], strict=True):
        if partner in seen:
            partners[name] = partner
        seen.add(name)
    return partners


def unit_of(name, partners):
    """What a query counts as: of a pair, the filter that stands first.

    Parameters
    ----------
    name : str
        Of a filter, or of a filter with a suffix after ``_``, which is kept.
    partners : dict of str to str
        From `partners_of`.
    """
    base, mark, suffix = name.partition("_")
    return f"{partners.get(base, base)}{mark}{suffix}"


def best_of_pairs(table):
    """The rows of a table of matches, of each pair only the better match.

    Parameters
    ----------
    table : pandas.DataFrame
        `filter`, `partner`, `q` and `p`.
    """
    partners = partners_of(table)
    ranked = table.sort_values(["q", "p"], kind="stable")
    units = ranked["filter"].map(lambda name: unit_of(name, partners))
    return ranked[~units.duplicated()]


def merge_pairs(table):
    """One row for each filter without a partner and for each pair.

    Parameters
    ----------
    table : pandas.DataFrame
        tomtom's: `filter`, `partner`, `verdict`, `hits` and `planted_hits`.

    Returns
    -------
    pandas.DataFrame
        `filter` (of a pair the first), `verdict` (the better one), `hits` (the larger
        number) and `planted_hits` (those of both).
    """
    partners = partners_of(table)
    units = [unit_of(name, partners) for name in table["filter"]]
    rows = []
    for unit, group in table.groupby(units, sort=False):
        verdicts = set(group["verdict"])
        planted = ",".join(cell for cell in group["planted_hits"].dropna() if cell)
        rows.append(
            {
                "filter": unit,
                "verdict": next((item for item in _VERDICTS if item in verdicts), None),
                "hits": group["hits"].max(),
                "planted_hits": ",".join(dict.fromkeys(planted.split(","))),
            }
        )
    return pd.DataFrame(rows, columns=["filter", "verdict", "hits", "planted_hits"])
