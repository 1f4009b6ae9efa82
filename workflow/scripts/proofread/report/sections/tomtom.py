"""Which known motif each filter resembles, and what is known of the filter."""

import math

import pandas as pd

from proofread.motifs.chance import (
    chance_words,
    expected_words,
    false_fraction,
    percent,
)
from proofread.motifs.families import families
from proofread.motifs.files import read_written_meme
from proofread.motifs.motif import reverse_complement
from proofread.motifs.pairs import merge_pairs, partners_of, unit_of
from proofread.motifs.targets import (
    is_planted,
    own_name,
    pool_targets,
    protein_name,
)
from proofread.report import charts, methods
from proofread.report.data import weak_kmers
from proofread.report.names import words
from proofread.report.numbers import (
    count,
    counted,
    decimal,
    exact,
    is_missing,
    listed,
    scientific,
)
from proofread.report.sections import filter_pfms
from proofread.report.verdicts import Verdict, no_finding

TITLE = "Filters and the motifs they match"
PLURAL = True
FINDS = "the causal motifs among the matches of its filters"
HEADLINE = ("planted_motifs_found",)
MEASURES = {"planted_motifs_found": "fraction of the motifs found"}
TABLES = ("table.tsv", "tomtom.tsv", "families.tsv", "similar.tsv", "calibration.tsv")
FIGURES = (
    (
        "null",
        "A line above the grey ones: filters match known motifs more often than null"
        " queries do.",
    ),
)

_LISTED = 8  # families at the top of the page
_MEMBERS = 12  # motifs named of a family
_OTHERS = 4  # other matches named of a filter
_DRAWN = 3  # matches that are drawn beside the verdict
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
    if not first.simulated:
        return []
    dataset = first.results.dataset(first.dataset)
    scores = [experiment.table("tomtom", "score.tsv") for experiment in experiments]
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
    several = len({experiment.model for experiment in experiments}) > 1
    by_chance = [
        f"{f'{experiment.model}, ' if several else ''}seed {experiment.seed}: {rate}"
        for experiment in experiments
        if (rate := chance_words(experiment.table("tomtom", "calibration.tsv")))
    ]
    if by_chance:
        texts.append(
            f"Matches expected by chance (empirical FDR): {'; '.join(by_chance)}"
        )
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


def drawn(experiment, settings):
    """The logos of the surest matches, of different motifs, and how to read them."""
    rows = [row for row in _rows(experiment, settings) if row["match"]]
    best = {row["match"]["name"]: row for row in reversed(rows)}
    rows = [row for row in rows if best[row["match"]["name"]] is row][:_DRAWN]
    logos = [
        {
            "logo": row["match"]["pair"],
            "text": f"{row['name']} over {row['match']['name']} (q"
            f" {row['match']['q']['shown']})",
        }
        for row in rows
    ]
    how = (
        "Above: the filter; below: the motif it matches best, aligned at the shaded"
        " positions. Tall letters in the same places make a good match."
    )
    return logos, how


def verdict(experiment, settings):
    """Which families of motifs the filters match better than chance."""
    level = settings["max_empirical_fdr"]
    result, by_chance = _families([experiment], level)
    if not result:
        others = (
            f"{counted(by_chance, 'family matches', 'families match')}, but more than"
            f" {percent(level)} of such matches are expected by chance"
            if by_chance
            else f"no filter matches a motif at {_limit(settings)}"
        )
        return no_finding(others, number="0 families")
    names = [
        f"{rows.iloc[0]['protein']} (q {scientific(rows.iloc[0]['q'])}, chance"
        f" {_chance(rows.iloc[0], [experiment], settings)})"
        for rows in result[:_OTHERS]
    ]
    if len(result) > _OTHERS:
        names.append(f"{len(result) - _OTHERS} more")
    families_ = counted(len(result), "family", "families")
    return Verdict(
        f"Filters match {families_} of motifs better than chance: {listed(names)}.",
        "better than chance",
        "ok",
        families_,
    )


def also(experiment, settings):
    """How many matches chance makes, beside the recovered motifs."""
    by_chance = chance_words(experiment.table("tomtom", "calibration.tsv"))
    return f"Matches expected by chance: {by_chance}." if by_chance else ""


def clause(experiments, settings):
    """Which families the filters match, and in how many seeds if not in all.

    Empty with a planted truth.
    """
    if experiments[0].simulated:
        return ""
    result, _ = _families(experiments, settings["max_empirical_fdr"])
    filters = "its filters" if len(experiments) == 1 else "their filters"
    if not result:
        return f"{filters} match no known motif better than chance"
    seeds, n = {}, len(experiments)
    for rows in result:
        number = rows.loc[rows["better"], "seed"].nunique()
        seeds.setdefault(rows.iloc[0]["protein"], number)  # most seeds come first
    names = [
        name if number == n else f"{name} ({number} of {n} seeds)"
        for name, number in seeds.items()
    ]
    if len(names) > _OTHERS:
        names = [*names[:_OTHERS], f"{len(names) - _OTHERS} more"]
    return f"{filters} match {listed(names)} better than chance"


def _limit(settings):
    """The threshold of a hit, in words."""
    if settings["e_threshold"] is not None:
        return f"E ≤ {settings['e_threshold']:g}"
    return f"q ≤ {settings['q_threshold']:g}"


def overview(experiments, settings):
    """Which families of motifs were matched better than by chance, over the seeds.

    A family is listed where, in some seed, the best match of a member has an empirical
    false discovery rate of at most the threshold; its other members are those that
    match at all, best first.
    """
    level, limit = settings["max_empirical_fdr"], _limit(settings)
    result, by_chance = _families(experiments, level)
    targets = _targets(experiments[0], settings["databases"])
    texts = []
    if not result:
        texts += _nothing(experiments, by_chance, settings)
    elif by_chance:
        texts.append(
            f"{counted(by_chance, 'more family matches', 'more families match')}, but"
            f" more than {percent(level)} of such matches are expected by chance."
        )
    if len(result) > _LISTED:
        left = len(result) - _LISTED
        texts.append(
            f"{counted(left, 'more family is', 'more families are')} in families.tsv."
        )
    names = settings["databases"]
    motifs = f"Motifs of {listed(names)}" if names else ""
    if experiments[0].simulated:
        motifs += " and planted ones" if names else "Planted motifs"
    return {
        "title": f"{motifs} that the filters match better than chance",
        "texts": texts,
        "families": [
            _family(rows, experiments, targets, settings) for rows in result[:_LISTED]
        ],
        "how": (
            "Each row is a family of similar motifs. All members that some filter"
            f" matches at {limit} are named, the best first; the logo is that of the"
            " first. Chance: the fraction of matches this good that are expected by"
            f" chance, estimated with {_nulls(experiments)}; families above"
            f" {percent(level)} are not listed. Below: none of those filters matches as"
            " well, so that the estimate is 0; one match would give the number shown,"
            f" which may be above {percent(level)} where few filters match."
        ),
    }


def _families(experiments, level):
    """Families over all seeds, those of most seeds first, and how many are by chance.

    Returns
    -------
    found : list of pandas.DataFrame
        Rows of families.tsv with the column seed; `better` says which of them are
        better than chance. These come first, the best of them on top.
    by_chance : int
        Other families.
    """
    tables, pairs = [], []
    for experiment in experiments:
        table = experiment.table("tomtom", "families.tsv")
        tables.append(table.assign(seed=experiment.seed))
        similar = experiment.table("tomtom", "similar.tsv")
        pairs += similar.itertuples(index=False, name=None)
    table = pd.concat([item for item in tables if len(item)] or tables)
    table["chance"] = ~(table["empirical_fdr"] <= level)
    table = table.sort_values(["chance", "q", "p", "motif"], kind="stable")
    table["better"] = ~table.pop("chance")
    groups = [
        table[table["motif"].isin(family)]
        for family in families(list(table["motif"].unique()), pairs)
    ]
    result = [rows for rows in groups if rows["better"].any()]
    result.sort(key=lambda rows: -rows.loc[rows["better"], "seed"].nunique())
    return result, len(groups) - len(result)


def _family(rows, experiments, targets, settings):
    """A family as the page shows it; its first row is its best."""
    best = rows.iloc[0]
    shown = rows.drop_duplicates("motif")
    planted = shown["motif"].map(is_planted)
    if planted.any():
        tags = planted.map({True: " (planted)", False: ""})
    else:
        tags = " (not planted)" if experiments[0].simulated else ""
    names = dict.fromkeys(shown["protein"] + tags)
    members = set(rows["motif"])
    filters = []
    for experiment in experiments:
        hits, partners = _hits(experiment), _partners(experiment)
        matching = hits.loc[hits["Target_ID"].isin(members), "Query_ID"]
        filters.append(count(len({unit_of(name, partners) for name in matching})))
    n = len(experiments)
    seed = f" of seed {best['seed']}" if n > 1 else ""
    return {
        "names": shortened(list(names), _MEMBERS),
        "motifs": counted(len(shown), "motif"),
        "logo": charts.logo(targets[best["motif"]].matrix, best["protein"]),
        "seeds": f"{rows.loc[rows['better'], 'seed'].nunique()} of {n}",
        "filters": listed(filters),
        "best": f"{best['best_filter']}{seed}",
        "q": {"shown": scientific(best["q"]), "exact": exact(best["q"])},
        "chance": _chance(best, experiments, settings),
    }


def _chance(best, experiments, settings):
    """Expected fraction of chance matches among those as good as a family's best.

    Where no null query matches as well, one would have at the most tolerant threshold
    without any: its fraction of the null queries over that of the filters is the bound.
    """
    if best["empirical_fdr"] > 0:
        return percent(best["empirical_fdr"])
    (experiment,) = (item for item in experiments if item.seed == best["seed"])
    column, of_hit = (
        ("q", "q-value") if settings["e_threshold"] is None else ("E", "E-value")
    )
    table = experiment.table("tomtom", "families.tsv")
    limit = table.loc[table["empirical_fdr"] == 0, column].max()
    hits, partners = _hits(experiment), _partners(experiment)
    units = hits["Query_ID"].map(lambda name: unit_of(name, partners))
    values = hits.groupby(units)[of_hit].min()
    rates = experiment.table("tomtom", "calibration.tsv")
    matching = (values <= limit).sum() / rates["queries"].iloc[0]
    return f"below {percent(_bound(rates['null_queries'].max(), matching))}"


def _bound(null_queries, match_rate):
    """Empirical false discovery rate if one null query matched."""
    return float(false_fraction(1 / null_queries, match_rate))


def shortened(names, most):
    """The first names, and how many more there are."""
    text = ", ".join(names[:most])
    return f"{text} and {len(names) - most} more" if len(names) > most else text


def _nulls(experiments):
    """The null queries that filters were compared with, in words."""
    kinds = {
        row.null
        for experiment in experiments
        for row in experiment.table("tomtom", "calibration.tsv").itertuples()
        if row.null_queries > 0
    }
    untrained = " and filters of untrained networks" if "untrained" in kinds else ""
    return f"filters whose columns are shuffled{untrained}"


def _nothing(experiments, by_chance, settings):
    """Why no family is listed, and what to try."""
    first = experiments[0]
    seeds = listed(experiment.seed for experiment in experiments)
    if not by_chance:
        texts = [
            f"No filter matches a motif at {_limit(settings)} in"
            f" {'seed' if len(experiments) == 1 else 'seeds'} {seeds}."
        ]
    else:
        texts = [
            "No family is listed:"
            f" {counted(by_chance, 'family matches', 'families match')}, but more than"
            f" {percent(settings['max_empirical_fdr'])} of such matches are expected"
            f" by chance (estimated with {_nulls(experiments)})."
        ]
    reasons, advice = [], []
    # Of simulated sequences the right motifs are among those compared.
    if not first.simulated:
        names = settings["databases"]
        if matched := _of_kmers(first, names):
            reasons.append(
                "each filter may hold only a part of a motif (the 6-mer baseline"
                f" matches {shortened(matched, _OTHERS)})"
            )
        else:
            reasons.append(
                f"{listed(names, 'or')} may not hold the family that binds here"
            )
            if any(first.databases.get(name, {}).get("taxon") for name in names):
                advice.append("a database of all taxa (taxon: null)")
    if by_chance:
        reasons.append(
            "filters of one base or of repeats stay similar when their columns are"
            " shuffled"
        )
    if "motif_discovery" not in first.methods:
        advice.append("motif_discovery, whose patterns span several filters")
    text = ""
    if reasons:
        text = f"Why that may be: {'; '.join(reasons)}."
    if advice:
        text += f" Try {', or '.join(advice)}."
    return [*texts, text.strip()] if text else texts


def _of_kmers(experiment, databases):
    """Proteins of the databases that motifs of the 6-mer baseline match."""
    results, path = experiment.results, (experiment.dataset, "baselines", "motifs.tsv")
    if not results.has(*path):
        return []
    table = results.table(*path)
    metrics = experiment.table("metrics.tsv")
    able = [name for name in table["target"].unique() if not weak_kmers(metrics, name)]
    matched = table[table["target"].isin(able) & table["database"].isin(databases)]
    return list(matched["protein"].unique())


def _hits(experiment):
    """All hits, best first for each filter; Tomtom's format ends with comments."""
    table = experiment.table("tomtom", "tomtom.tsv")
    table = table[~table["Query_ID"].astype(str).str.startswith("#")]
    return table.astype({"q-value": float, "E-value": float})


def _partners(experiment):
    """Filters that count as their reverse complement, with its name."""
    return partners_of(experiment.table("tomtom", "table.tsv"))


def section(experiment, settings):
    """What the template shows of one experiment."""
    table = experiment.table("tomtom", "table.tsv")
    rows = _rows(experiment, settings)
    return {
        "rows": rows,
        "summary": summary(table, settings, experiment.simulated),
        "chance": chance(experiment.table("tomtom", "calibration.tsv")),
        "figures": methods.captioned(experiment, "tomtom", ["null"], settings),
        "limit": _limit(settings),
        "motifs": list(rows[0]["found"]) if rows else [],
        "bits": filter_pfms.full_height(rows),
        "correlated": any(row["correlation"] for row in rows),
        "label": filter_pfms.label_of(experiment),
    }


def _rows(experiment, settings):
    """Filters with their matches, as the table of the section shows them."""
    table = experiment.table("tomtom", "table.tsv")
    matches = {row["filter"]: row for row in table.to_dict("records")}
    targets = _targets(experiment, settings["databases"])
    # Matches first, the surest on top; the others by falling standard deviation.
    hits = _hits(experiment)
    others = hits.groupby("Query_ID", sort=False)["Target_ID"].agg(list).to_dict()
    rows = [
        {
            **row,
            "match": _match(row, matches[row["name"]], targets, settings),
            "others": _others(
                others.get(row["name"], []), matches[row["name"]], targets
            ),
        }
        for row in filter_pfms.filter_rows(experiment)
    ]
    rows.sort(key=lambda row: row["match"]["sort"] if row["match"] else math.inf)
    return rows


def summary(table, settings, simulated):
    """How many filters match what, in words."""
    merged = merge_pairs(table)
    matched = int((merged["hits"] > 0).sum())
    known = settings["databases"]
    motifs = f"a motif of {listed(known, 'or')}" if known else "a planted motif"
    if simulated and known:
        motifs += ", or a planted one," if len(known) > 1 else " or a planted one"
    text = (
        f"{matched} of {counted(len(merged), 'filter')}"
        f" {'matches' if matched == 1 else 'match'} {motifs}"
        f" at {_limit(settings)}"
    )
    if simulated and known:
        true = int((merged["verdict"] == "true").sum())
        text += f"; {true} of them a planted one"
    if len(merged) < len(table):
        text += ". A filter and its reverse complement count as one"
    return f"{text}."


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
        rate = percent(rows["match_rate"].iloc[0])
        nulls = listed(map(percent, rows["null_match_rate"]))
        by_chance = [
            f"about {expected_words(row)} ({percent(row.ci_low)} to"
            f" {percent(row.ci_high)})"
            if row.null_match_rate > 0
            else expected_words(row)
            for row in rows.dropna(subset="empirical_fdr").itertuples()
        ]
        if not texts:
            n = counted(rows["queries"].iloc[0], "compared filter")
            nulls = listed(map(_null, rows.itertuples()))
            text = (
                f"Matches by chance, at {on} ≤ {threshold:g}: {rate} of the {n} match,"
                f" against {nulls}."
            )
            if by_chance:
                text += (
                    f" Of the matches, {listed(by_chance, 'or')} are expected by chance"
                    " (empirical false discovery rate, 95 % interval)."
                )
        else:
            text = f"At {on} ≤ {threshold:g}: {rate}, against {nulls}"
            text += f"; {listed(by_chance, 'or')} of the matches." if by_chance else "."
        texts.append(text)
    return " ".join(texts)


def _null(row):
    fraction = percent(row.null_match_rate) if row.null_match_rate > 0 else "none"
    if row.null == "untrained":
        n = counted(row.null_queries, "filter")
        return f"{fraction} of {n} of untrained networks"
    n = counted(row.null_queries, "copy", "copies")
    return f"{fraction} of {n} with their columns shuffled"


def _targets(experiment, databases):
    """Known and planted motifs by the names Tomtom's table uses."""
    results = experiment.results
    known = {
        name: results.once(read_written_meme, "databases", f"{name}.meme").motifs
        for name in databases
    }
    pool = pool_targets(known, results.dataset(experiment.dataset).motifs)
    return {motif.name: motif for motif in pool}


def _others(hits, match, targets):
    """A filter's hits besides the best and the planted ones, by their proteins."""
    best = match["protein"]
    names = dict.fromkeys(
        protein_name(targets[name])
        for name in hits
        if name != match["best_hit"] and not is_planted(name)
    )
    return shortened([name for name in names if name != best], _OTHERS)


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
