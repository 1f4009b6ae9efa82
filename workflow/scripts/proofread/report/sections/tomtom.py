"""Which known motif each filter resembles, and what is known of the filter."""

import math

from proofread.motifs.files import read_meme
from proofread.motifs.motif import reverse_complement
from proofread.motifs.targets import is_planted, own_name, pool_targets
from proofread.report import charts, methods
from proofread.report.names import words
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

_LISTED = 6  # motifs named in a sentence
_NAMES = {
    "filter_true_rate": "filters that match a planted motif",
    "filter_other_rate": "filters that match other motifs only",
    "filters_matching": "filters that match the motif",
    "empirical_fdr": "matches expected by chance (empirical FDR)",
    "planted_motifs_found": "causal motifs that a filter matches",
}


def score_name(metric):
    """What a row of score.tsv is called."""
    return _NAMES.get(metric, words(metric))


def findings(experiments):
    """Which planted motifs some filter resembles, over all seeds of a dataset."""
    first = experiments[0]
    dataset = first.results.dataset(first.dataset)
    if not dataset.simulated:
        return []
    scores = [experiment.table("tomtom", "score.tsv") for experiment in experiments]
    rates = [
        experiment.table("tomtom", "calibration.tsv") for experiment in experiments
    ]
    texts, result = [], []
    for motif in dataset.motifs:
        roles = sorted(set(dataset.truth.query("motif == @motif")["role"]))
        values = [
            value
            for table in scores
            for value in table.loc[
                (table["metric"] == "filters_matching") & (table["motif"] == motif),
                "value",
            ].dropna()
        ]
        if "causal" in roles:
            result += [value > 0 for value in values]
        texts.append(
            f"{motif}, {listed(roles) or 'not planted'}: "
            f"{listed(decimal(value, 2) for value in values) or 'not scored'}"
        )
    by_chance = listed(filter(None, map(false_rate, rates)))
    if by_chance:
        texts.append(f"Matches expected by chance (empirical FDR): {by_chance}")
    return [
        {
            "title": "Planted motifs among the matches",
            **filter_pfms.found_words(result),
            "texts": texts,
            "details": [
                "Fraction of filters that match the motif, one per network. Recovered:"
                " at least one filter matches each causal motif."
            ],
        }
    ]


def _limit(settings):
    """The threshold of a hit, in words."""
    if settings["e_threshold"] is not None:
        return f"E ≤ {settings['e_threshold']:g}"
    return f"q ≤ {settings['q_threshold']:g}"


def overview(experiments, settings):
    """Which motifs were matched, by how many seeds, with the best filter of each.

    A motif is listed where it is the best match of some filter, and counted in every
    seed in which a filter matches it at all: the motifs of a family share their
    matches, and which of them comes first changes from seed to seed.
    """
    limit = _limit(settings)
    names, seeds, best = {}, {}, {}
    for experiment in experiments:
        first = experiment.table("tomtom", "table.tsv").dropna(subset=["best_hit"])
        names |= dict(zip(first["best_hit"], first["protein"], strict=True))
        for hit in _hits(experiment).to_dict("records"):
            name = hit["Target_ID"]
            seeds.setdefault(name, set()).add(experiment.seed)
            result = (hit["q-value"], hit["Query_ID"], experiment.seed)
            if name not in best or result[0] < best[name][0]:
                best[name] = result
    count = len(experiments)
    of = counted(count, "seed")
    texts = []
    for number in range(count, 0, -1):
        motifs = sorted(
            (name for name in names if len(seeds[name]) == number),
            key=lambda name: (best[name][0], name),
        )
        if motifs:
            shown = "; ".join(
                _best_filter(name, names[name], best[name], count)
                for name in motifs[:_LISTED]
            )
            rest = len(motifs) - _LISTED
            more = f"; and {rest} more, in the tables below" if rest > 0 else ""
            texts.append(f"Matched in {number} of {of}: {shown}{more}.")
    if not texts:
        texts = [f"No filter matches a motif at {limit} in any of {of}."]
    first = experiments[0]
    simulated = first.results.dataset(first.dataset).simulated
    names = settings["databases"]
    motifs = f"Motifs of {listed(names)}" if names else ""
    if simulated:
        motifs += " and planted ones" if names else "Planted motifs"
    return {"title": f"{motifs} that the filters match, at {limit}", "texts": texts}


def _hits(experiment):
    """All hits; Tomtom's format ends with comments."""
    table = experiment.table("tomtom", "tomtom.tsv")
    table = table[~table["Query_ID"].astype(str).str.startswith("#")]
    return table.astype({"q-value": float})


def _best_filter(name, shown, best, count):
    q, query, seed = best
    kind = "planted" if is_planted(name) else "" if shown == name else name
    of = f" of seed {seed}" if count > 1 else ""
    return (
        f"{shown}{f' ({kind})' if kind else ''}, best by {query}{of}, q ="
        f" {scientific(q)}"
    )


def section(experiment, settings):
    """What the template shows of one experiment."""
    table = experiment.table("tomtom", "table.tsv")
    matches = {row["filter"]: row for row in table.to_dict("records")}
    targets = _targets(experiment, settings["databases"])
    simulated = experiment.results.dataset(experiment.dataset).simulated
    # Matches first, the surest on top; the others by falling standard deviation.
    rows = [
        {**row, "match": _match(row, matches[row["name"]], targets, settings)}
        for row in filter_pfms.filter_rows(experiment)
    ]
    rows.sort(key=lambda row: row["match"]["sort"] if row["match"] else math.inf)
    return {
        "rows": rows,
        "summary": summary(table, settings, simulated),
        "chance": chance(experiment.table("tomtom", "calibration.tsv")),
        "figures": methods.captioned(experiment, "tomtom", ["null"], settings),
        "limit": _limit(settings),
        "motifs": list(rows[0]["found"]) if rows else [],
        "bits": filter_pfms.full_height(rows),
        "correlated": any(row["correlation"] for row in rows),
    }


def summary(table, settings, simulated):
    """How many filters match what, in words."""
    matched = int((table["hits"] > 0).sum())
    known = settings["databases"]
    motifs = f"a motif of {listed(known, 'or')}" if known else "a planted motif"
    if simulated and known:
        motifs += ", or a planted one," if len(known) > 1 else " or a planted one"
    words = (
        f"{matched} of {counted(len(table), 'filter')}"
        f" {'matches' if matched == 1 else 'match'} {motifs}"
        f" at {_limit(settings)}"
    )
    if not simulated or not known:
        return f"{words}."
    true = int((table["verdict"] == "true").sum())
    return f"{words}; {true} of them a planted one."


def false_rate(rates):
    """Fraction of the matches at the threshold that each null makes, in words.

    Parameters
    ----------
    rates : pandas.DataFrame
        calibration.tsv.

    Returns
    -------
    str
        Empty where nothing matches or nothing was compared.
    """
    first = rates.drop_duplicates("null").dropna(subset="empirical_fdr")
    return " and ".join(
        f"{_percent(row.empirical_fdr)} ({row.null})" for row in first.itertuples()
    )


def chance(table):
    """How many matches chance alone makes, in words.

    Parameters
    ----------
    table : pandas.DataFrame
        calibration.tsv.

    Returns
    -------
    str
        Empty where no filter was compared.
    """
    table = table[(table["queries"] > 0) & (table["null_queries"] > 0)]
    texts = []
    groups = table.groupby(["threshold_on", "threshold"], sort=False)
    for (on, threshold), rows in groups:
        rate = _percent(rows["match_rate"].iloc[0])
        nulls = listed(map(_percent, rows["null_match_rate"]))
        by_chance = listed(map(_percent, rows["empirical_fdr"].dropna()), "or")
        if not texts:
            n = counted(rows["queries"].iloc[0], "compared filter")
            nulls = listed(map(_null, rows.to_dict("records")))
            text = (
                f"Matches by chance, at {on} ≤ {threshold:g}: {rate} of the {n} match;"
                f" so do {nulls}."
            )
            if by_chance:
                text += (
                    f" About {by_chance} of the matches are expected by chance"
                    " (empirical false discovery rate)."
                )
        else:
            text = f"At {on} ≤ {threshold:g}: {rate}, against {nulls}"
            text += f"; about {by_chance} of the matches." if by_chance else "."
        texts.append(text)
    return " ".join(texts)


def _null(row):
    fraction, n = _percent(row["null_match_rate"]), row["null_queries"]
    if row["null"] == "untrained":
        return (
            f"{fraction} of {counted(n, 'filter')} of the same network before training"
        )
    return f"{fraction} of {counted(n, 'copy', 'copies')} with their columns shuffled"


def _percent(fraction):
    return f"{100 * fraction:.2g} %" if fraction < 0.995 else "100 %"


def _targets(experiment, databases):
    """Known and planted motifs by the names Tomtom's table uses."""
    results = experiment.results
    known = {
        name: results.once(read_meme, "databases", f"{name}.meme").motifs
        for name in databases
    }
    pool = pool_targets(known, results.dataset(experiment.dataset).motifs)
    return {motif.name: motif for motif in pool}


def _match(row, match, targets, settings):
    """A filter's best hit, over which its own logo is laid; None without a hit."""
    if is_missing(match["best_hit"]) or row["matrix"] is None:
        return None
    target = targets[match["best_hit"]]
    planted = is_planted(target.name)
    reverse = match["orientation"] == "-"
    if reverse:
        target = reverse_complement(target)
    others = "" if is_missing(match["planted_hits"]) else match["planted_hits"]
    shown = match["protein"]
    name = own_name(target)
    identifiers = [] if planted or name == shown else [name]
    if not planted and len(settings["databases"]) > 1:
        identifiers.append(target.source)
    return {
        "name": shown,
        "identifier": ", ".join(identifiers),
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
