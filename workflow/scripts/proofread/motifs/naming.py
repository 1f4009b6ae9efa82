"""Name motifs that a network or a method found by the known motifs they match.

The queries may be filters of a first convolution, or patterns of attributions; their
hits are Tomtom's, in its format. Planted motifs are among the targets of simulated
data, so that a name says whether the truth was found.
"""

import math
from pathlib import Path

import pandas as pd

from proofread.errors import InputError
from proofread.motifs.motif import relative_entropy
from proofread.motifs.targets import PLANTED, is_planted, own_name, protein_name
from proofread.motifs.tomtom import COLUMNS, compare_motifs
from proofread.progress import log
from proofread.tables import Score

# Bits below which a whole matrix is uniform but for rounding.
_MIN_INFORMATION = 1e-6
# The null distribution is made of the targets' columns; the MEME Suite warns as well.
_FEW_TARGETS = 50
_FOUND = ("true", "other")  # verdicts of queries with a hit
_MATCH_COLUMNS = [
    "verdict",
    "best_hit",
    "database",
    "protein",
    "p",
    "E",
    "q",
    "offset",
    "overlap",
    "orientation",
    "query_consensus",
    "target_consensus",
    "hits",
    "planted_hits",
]


def informative(motifs):
    """Leave out motifs that are uniform: they resemble nothing."""
    return [
        motif
        for motif in motifs
        if relative_entropy(motif.matrix).sum() > _MIN_INFORMATION
    ]


def warn_of_few(targets):
    """Say in the log that p-values are coarse, where they are."""
    if len(targets) < _FEW_TARGETS:
        log.warning("%d targets are few: p-values are coarse", len(targets))


def compare(queries, targets, settings, backgrounds):
    """Compare queries with a pool of targets, of which there may be none."""
    if not targets:
        return []
    return compare_motifs(queries, targets, settings, **backgrounds)


def hit_table(comparisons):
    """The hits as a table, in the digits in which Tomtom prints them.

    Parameters
    ----------
    comparisons : list of proofread.motifs.tomtom.Comparison

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`; no rows where nothing matches.
    """
    rows = [row for comparison in comparisons for row in comparison.rows()]
    return _typed(pd.DataFrame(rows, columns=list(COLUMNS)))


def _typed(table):
    numbers = dict.fromkeys(("p-value", "E-value", "q-value"), float)
    numbers |= dict.fromkeys(("Optimal_offset", "Overlap"), int)
    return table.astype(numbers)


def read_hits(path):
    """Read a table of hits by column name, as any version of Tomtom writes it.

    Parameters
    ----------
    path : str or path
        tomtom.tsv (MEME Suite 5) or tomtom.txt (4, whose header begins with ``#`` and
        has spaces); empty lines and comments are left out.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`; no rows where nothing matches.

    Raises
    ------
    InputError
        If a column is missing, or a row does not fit the columns.
    """
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    header = lines[0].lstrip("#").replace(" ", "_").split("\t") if lines else []
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise InputError(
            f"{path}, line 1",
            f"no column {missing[0]}",
            "the columns " + ", ".join(COLUMNS),
            "give the tomtom.tsv (or tomtom.txt) that Tomtom wrote",
        )
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if not line.strip() or line[0] == "#":
            continue
        if len(cells) != len(header):
            raise InputError(
                f"{path}, line {number}",
                f"{len(cells)} cells",
                f"{len(header)}, one below each name of a column",
                "give the file as Tomtom wrote it; it may be cut short",
            )
        rows.append(cells)
    try:
        return _typed(pd.DataFrame(rows, columns=header)[list(COLUMNS)])
    except ValueError as error:
        raise InputError(
            path,
            f"a cell that is no number ({error})",
            "numbers in the columns of p, E, q, offset and overlap",
            "give the file as Tomtom wrote it",
        ) from error


def best_hits(hits):
    """The hit with the smallest q of each query; then smallest p, then first name.

    Parameters
    ----------
    hits : pandas.DataFrame
        From `hit_table`.

    Returns
    -------
    pandas.DataFrame
        One row per query with a hit, indexed by `Query_ID`.
    """
    ranked = hits.sort_values(["q-value", "p-value", "Target_ID"], kind="stable")
    return ranked.drop_duplicates("Query_ID").set_index("Query_ID")


def name_queries(names, hits, targets, simulated):
    """One row per query: its best hit, and whether a planted motif is among its hits.

    Parameters
    ----------
    names : iterable of str
        The queries, also those that were not compared.
    hits : pandas.DataFrame
        From `hit_table`.
    targets : list of Motif
        From `pool_targets`.
    simulated : bool
        Whether the planted motifs are among the targets.

    Returns
    -------
    pandas.DataFrame
        Rows as `names`. `verdict` is `true` where a planted motif is among the hits,
        `other` where there are only other hits, `none` where there are none; empty
        without truth. `best_hit`, `database`, `protein`, `p`, `E`, `q`, `offset`,
        `overlap`, `orientation`, `query_consensus` and `target_consensus` are the best
        hit's, `hits` is their number and `planted_hits` the planted ones among them.
    """
    targets = {motif.name: motif for motif in targets}
    best_of = best_hits(hits)
    by_query = {name: group["Target_ID"] for name, group in hits.groupby("Query_ID")}
    rows = []
    for query in names:
        matched = by_query.get(query, pd.Series(dtype=object))
        planted = [own_name(targets[name]) for name in matched if is_planted(name)]
        row = {}
        if query in best_of.index:
            best = best_of.loc[query]
            target = targets[best["Target_ID"]]
            row |= {
                "best_hit": target.name,
                "database": target.source,
                "protein": protein_name(target),
                "p": best["p-value"],
                "E": best["E-value"],
                "q": best["q-value"],
                "offset": best["Optimal_offset"],
                "overlap": best["Overlap"],
                "orientation": best["Orientation"],
                "query_consensus": best["Query_consensus"],
                "target_consensus": best["Target_consensus"],
            }
        row["hits"] = len(matched)
        row["planted_hits"] = ",".join(planted)
        if simulated:
            row["verdict"] = "true" if planted else "other" if len(matched) else "none"
        rows.append(row)
    table = pd.DataFrame(rows, columns=_MATCH_COLUMNS)
    return table.astype({"offset": "Int64", "overlap": "Int64"})


def match_scores(table, causal, decoys, *, kind):
    """How many queries match planted motifs, and how many motifs are matched.

    Parameters
    ----------
    table : pandas.DataFrame
        `verdict` and `planted_hits`, from `name_queries`; of filters that may be pairs,
        from `proofread.motifs.pairs.merge_pairs`.
    causal, decoys : collections of str
        Names of the planted motifs, by their role; none where there is no truth.
    kind : str
        What the queries are, in the singular: it is in the names of the metrics.

    Returns
    -------
    list of proofread.tables.Score
        `{kind}_true_rate`, `{kind}_other_rate` (lower is better),
        `planted_motifs_found` and, for each planted motif, `{kind}s_matching`. All
        queries count, also those that were not compared. There are no intervals: a
        network's filters or patterns are all there are, not a sample; other seeds
        show how much a fraction varies.
    """
    planted = [*causal, *decoys]
    if not planted:
        return []
    matches = {
        name: sum(name in cell.split(",") for cell in table["planted_hits"])
        for name in planted
    }

    def score(metric, k, n, **columns):
        return Score(metric, k / n, n, math.nan, math.nan, **columns)

    scores, n = [], len(table)
    if n:
        true, other = (int((table["verdict"] == verdict).sum()) for verdict in _FOUND)
        scores.append(score(f"{kind}_true_rate", true, n))
        scores.append(score(f"{kind}_other_rate", other, n, better="lower"))
    if causal:
        matched = sum(matches[name] > 0 for name in causal)
        scores.append(score("planted_motifs_found", matched, len(causal)))
    if n:
        scores += [
            score(f"{kind}s_matching", k, n, motif=name) for name, k in matches.items()
        ]
    return scores


def comments(settings, background, databases, planted):
    """The settings behind a table of hits, for its last lines."""
    sizes = [f"{len(motifs)} of {name}" for name, motifs in databases.items()]
    if planted:
        sizes.append(f"{len(planted)} {PLANTED}")
    total = sum(map(len, databases.values())) + len(planted)
    if isinstance(background, dict):
        background = background["file"]
    chosen = vars(settings) | {"background": background}
    return [
        "Tomtom's statistics (Gupta et al. 2007), computed by proofread",
        f"{total} targets: {', '.join(sizes) or 'none'}",
        ", ".join(f"{name} = {value}" for name, value in chosen.items()),
    ]


def annotate(filters, compared, hits, targets, simulated):
    """One row per filter: its best hit, and whether a planted motif is among its hits.

    Parameters
    ----------
    filters : pandas.DataFrame
        Columns `filter`, `status` and `partner`, from filter_pfms.
    compared : list of Motif
        The filters that were compared.
    hits, targets, simulated
        As for `proofread.motifs.naming.name_queries`.

    Returns
    -------
    pandas.DataFrame
        `filter`, `status` (`compared`, `uniform`, or why filter_pfms made no motif),
        `partner`, and the columns of `name_queries`.
    """
    names = {motif.name for motif in compared}
    columns = filters["filter"], filters["status"]
    statuses = [_status(*row, names) for row in zip(*columns, strict=True)]
    matches = name_queries(filters["filter"], hits, targets, simulated)
    matches = matches.rename(columns={"query_consensus": "filter_consensus"})
    named = pd.DataFrame(
        {
            "filter": list(filters["filter"]),
            "status": statuses,
            "partner": list(filters["partner"].fillna("")),
        }
    )
    return pd.concat([named, matches], axis=1)


def _status(name, status, compared):
    if name in compared:
        return "compared"
    return "uniform" if status == "ok" else status
