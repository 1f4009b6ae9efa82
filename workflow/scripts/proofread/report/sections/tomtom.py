"""Which known motif each filter resembles, beside what is known of the filter."""

import math

from proofread.motif import Motif, reverse_complement
from proofread.motif_files import read_meme
from proofread.report import charts
from proofread.report.numbers import (
    counted,
    decimal,
    exact,
    is_missing,
    listed,
    scientific,
)
from proofread.report.sections import filter_pfms

TITLE = "Filters and the motifs they match"

# What stands before the name of a planted motif among the targets.
PLANTED = "planted:"
_LISTED = 6  # motifs named in a sentence
_NAMES = {
    "filter_true_rate": "filters that match a planted motif",
    "filter_other_rate": "filters that match other motifs only",
    "planted_motifs_found": "causal motifs that a filter matches",
}


def score_name(metric):
    """What a row of score.tsv is called."""
    prefix = "filters_matching_"
    if metric.startswith(prefix):
        return f"filters that match {metric.removeprefix(prefix)}"
    return _NAMES.get(metric, metric.replace("_", " "))


def findings(experiments):
    """Which planted motifs some filter resembles, over all seeds of a dataset."""
    first = experiments[0]
    dataset = first.results.dataset(first.dataset)
    if not dataset.simulated:
        return []
    scores = [each.table("tomtom", "score.tsv") for each in experiments]
    texts, found = [], []
    for motif in dataset.motifs:
        roles = sorted(set(dataset.truth.query("motif == @motif")["role"]))
        values = [
            value
            for table in scores
            for value in table.loc[
                table["metric"] == f"filters_matching_{motif}", "value"
            ].dropna()
        ]
        if "causal" in roles:
            found += [value > 0 for value in values]
        texts.append(
            f"{motif}, {listed(roles) or 'not planted'}: "
            f"{listed(decimal(value, 2) for value in values) or 'not scored'}"
        )
    return [
        {
            "title": "Planted motifs among the matches",
            **filter_pfms.found_words(found),
            "texts": texts,
            "details": [
                "Share of the filters that match the motif, one per network. Found: at"
                " least one filter matches, for every causal motif."
            ],
        }
    ]


def overview(experiments, settings):
    """Which motifs were matched, by how many seeds, with the best filter of each.

    A motif is listed where it is the best match of some filter, and counted in every
    seed in which a filter matches it at all: the motifs of a family share their
    matches, and which of them comes first changes from seed to seed.
    """
    limit = f"{settings['threshold_on']} ≤ {settings['threshold']:g}"
    names, seeds, best = {}, {}, {}
    for each in experiments:
        first = each.table("tomtom", "table.tsv").dropna(subset=["best_hit"])
        names |= dict(zip(first["best_hit"], first["protein"], strict=True))
        for hit in _hits(each).to_dict("records"):
            name = hit["Target_ID"]
            seeds.setdefault(name, set()).add(each.seed)
            found = (hit["q-value"], hit["Query_ID"], each.seed)
            if name not in best or found[0] < best[name][0]:
                best[name] = found
    many = len(experiments)
    of = counted(many, "seed")
    texts = []
    for number in range(many, 0, -1):
        motifs = sorted(
            (name for name in names if len(seeds[name]) == number),
            key=lambda name: (best[name][0], name),
        )
        if motifs:
            shown = "; ".join(
                _best_filter(name, names[name], best[name], many)
                for name in motifs[:_LISTED]
            )
            rest = len(motifs) - _LISTED
            more = f"; and {rest} more, in the tables below" if rest > 0 else ""
            texts.append(f"Matched in {number} of {of}: {shown}{more}.")
    if not texts:
        texts = [f"No filter matches a motif at {limit} in any of {of}."]
    first = experiments[0]
    simulated = first.results.dataset(first.dataset).simulated
    planted = " and planted ones" if simulated else ""
    return {
        "title": f"Motifs of {settings['database']}{planted} that the filters match, at"
        f" {limit}",
        "texts": texts,
    }


def _hits(experiment):
    """All hits; Tomtom's format ends with comments."""
    table = experiment.table("tomtom", "tomtom.tsv")
    table = table[~table["Query_ID"].astype(str).str.startswith("#")]
    return table.astype({"q-value": float})


def _best_filter(name, shown, best, many):
    q, query, seed = best
    kind = "planted" if name.startswith(PLANTED) else "" if shown == name else name
    of = f" of seed {seed}" if many > 1 else ""
    return (
        f"{shown}{f' ({kind})' if kind else ''}, best by {query}{of}, q ="
        f" {scientific(q)}"
    )


def section(experiment, settings):
    """What the template shows of one experiment."""
    table = experiment.table("tomtom", "table.tsv")
    matches = {row["filter"]: row for row in table.to_dict("records")}
    targets = _targets(experiment, settings["database"])
    simulated = experiment.results.dataset(experiment.dataset).simulated
    # Matches first, the surest on top; the others by falling standard deviation.
    rows = [
        {**row, "match": _match(row, matches[row["name"]], targets)}
        for row in filter_pfms.filter_rows(experiment)
    ]
    rows.sort(key=lambda row: row["match"]["sort"] if row["match"] else math.inf)
    return {
        "rows": rows,
        "summary": summary(table, settings, simulated),
        "limit": f"{settings['threshold_on']} ≤ {settings['threshold']:g}",
        "motifs": list(rows[0]["found"]) if rows else [],
        "bits": filter_pfms.full_height(rows),
        "correlated": any(row["correlation"] for row in rows),
    }


def summary(table, settings, simulated):
    """How many filters match what, in words."""
    matched = int((table["hits"] > 0).sum())
    words = (
        f"{matched} of {counted(len(table), 'filter')}"
        f" {'matches' if matched == 1 else 'match'} a motif of"
        f" {settings['database']}{' or a planted one' if simulated else ''}"
        f" at {settings['threshold_on']} ≤ {settings['threshold']:g}"
    )
    if not simulated:
        return f"{words}."
    true = int((table["verdict"] == "true").sum())
    return f"{words}; {true} of them a planted one."


def _targets(experiment, database):
    """Known and planted motifs by the names Tomtom's table uses."""
    results = experiment.results
    known = results.once(read_meme, "databases", f"{database}.meme").motifs
    planted = results.dataset(experiment.dataset).motifs
    return {motif.name: motif for motif in known} | {
        PLANTED + name: Motif(PLANTED + name, matrix)
        for name, matrix in planted.items()
    }


def _match(row, match, targets):
    """A filter's best hit, over which its own logo is laid; None without a hit."""
    if is_missing(match["best_hit"]) or row["matrix"] is None:
        return None
    name = match["best_hit"]
    target = targets[name]
    reverse = match["orientation"] == "-"
    if reverse:
        target = reverse_complement(target)
    planted = name.startswith(PLANTED)
    others = "" if is_missing(match["planted_hits"]) else match["planted_hits"]
    shown = match["protein"]
    return {
        "name": shown,
        "identifier": "" if planted or name == shown else name,
        "planted": planted,
        "also": "" if planted else listed(others.split(",")) if others else "",
        "reverse": reverse,
        "pair": charts.logo_pair(
            row["matrix"],
            target.matrix,
            # Tomtom counts from the target: its column under the filter's first.
            -int(match["offset"]),
            f"{row['name']} over {shown}",
            row["bits"],
        ),
        "e": {"shown": scientific(match["E"]), "exact": exact(match["E"])},
        "sort": match["q"],
        "q": {"shown": scientific(match["q"]), "exact": exact(match["q"])},
    }
