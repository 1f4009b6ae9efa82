"""The filters of the first layer: what each responds to, and what it finds."""

from proofread.report import charts, methods
from proofread.report.numbers import (
    count,
    counted,
    decimal,
    exact,
    is_missing,
    listed,
    scientific,
    short,
    significant,
)
from proofread.report.verdicts import SIGNIFICANT, Verdict, no_finding, strong
from proofread.tables import read_values

TITLE = "Filters of the first layer"
PLURAL = True

STATUSES = {
    "ok": "",
    "few_sites": "few sites",
    "constant": "constant",
    "dead": "dead",
}
_MEASURES = {"f1": "F1", "precision": "precision", "recall": "recall"}
_BEST = "best"
_FOUND = 0.5  # F1 from which a motif counts as found in the summary
FINDS = "the causal motifs as filters"
HEADLINE = ("f1",)
MEASURES = {"f1": "F1 of the best filter's sites, mean over motifs"}
NEEDED = _FOUND  # sites of a filter begin and end elsewhere, so that 1 is out of reach
TABLES = ("table.tsv", "target_correlation.tsv")
FIGURES = (
    ("logos", "The motif of each filter; tall letters are bases that it needs."),
    ("target_correlation", "Right of 0: active filters mean a positive."),
)
FIGURES_OF_NUMBERS = (
    FIGURES[0],
    (
        "target_correlation",
        "Right of 0: the more active the filter, the higher the measured value.",
    ),
)
MAX_DEAD = 0.5  # fraction of the filters that may be dead without a warning
# Each has a caption of its own; the logos are drawn on the page.
_FIGURES = ("densities", "weights", "sequences", "segments", "target_correlation")
_DRAWN = 3  # filters that are drawn beside the verdict
_MOTIFS = 3  # planted motifs with a column of their own; of more, the best one's


def score_name(metric):
    """What a score is called: the measure of a motif's best filter."""
    return f"best filter, {_MEASURES.get(metric, metric)}"


def findings(experiments):
    """Which motifs of the truth a filter finds, over all seeds of a dataset."""
    first = experiments[0]
    if not first.simulated and not first.known:
        return []
    dataset = first.results.dataset(first.dataset)
    truth = "known sites" if dataset.known else "planted instances"
    scores = [
        (experiment, experiment.table("filter_pfms", "score.tsv"))
        for experiment in experiments
    ]
    texts, result = [], []
    for motif in dataset.truth_names:
        roles = sorted(set(dataset.truth.query("motif == @motif")["role"]))
        values = [
            value
            for _, table in scores
            for value in table.loc[
                (table["metric"] == "f1") & (table["motif"] == motif), "value"
            ].dropna()
        ]
        if "causal" in roles:
            result += [value >= _FOUND for value in values]
        role = "" if dataset.known else f", {listed(roles) or 'not planted'}"
        texts.append(f"{motif}{role}: {listed(map(decimal, values)) or 'not scored'}")
    details = (
        f"F1 of each network: agreement of the best filter's sites with the {truth}"
    )
    if dataset.known:
        return [
            {
                "title": "Known motifs as filters",
                "tag": "",
                "kind": "",
                "texts": texts,
                "details": [
                    f"{details}. Sites of a filter elsewhere lower it, though some may"
                    " be right: not all sites are known."
                ],
            }
        ]
    return [
        {
            "title": "Planted motifs as filters",
            **found_words(result),
            "texts": texts,
            "details": [
                f"{details}; 1 is perfect. Recovered: {_FOUND} or more for"
                " every causal motif. A network may ignore a decoy."
            ],
        }
    ]


def drawn(experiment, settings):
    """The logos of the most active filters, and how to read them."""
    rows = [row for row in filter_rows(experiment) if row["logo"]][:_DRAWN]
    logos = [{"logo": row["logo"], "text": row["name"]} for row in rows]
    how = (
        "The filters whose activation varies most. Tall letters are the bases that a"
        " filter responds to; flat ones are of no importance to it."
    )
    return logos, how


def verdict(experiment, settings):
    """Which filters tell the label or value; their motifs are Tomtom's question."""
    label = label_of(experiment)
    table = experiment.table("filter_pfms", "target_correlation.tsv")
    several = table["target"].nunique() > 1
    table = strong(experiment, table)
    table = table[table["activation"] == "max"].dropna(subset=["correlation", "q"])
    if table.empty:
        return no_finding(
            f"a logo is no evidence by itself, and no {label} is there to compare the"
            " activations with"
        )
    filters = table["filter"].nunique()
    related = table[table["q"] <= SIGNIFICANT]
    number = f"{related['filter'].nunique()} of {filters}"
    if related.empty:
        return no_finding(
            f"none of {counted(filters, 'filter')} has a maximum that is correlated"
            f" with a {label} (q ≤ {SIGNIFICANT:g})",
            number=number,
        )
    best = related.loc[related["correlation"].abs().idxmax()]
    return Verdict(
        f"The maxima of {number} filters are correlated with"
        f" {'a' if several else 'the'} {label} (q ≤ {SIGNIFICANT:g}), that of"
        f" {best['filter']} most{f', with {best.target}' * several}: rank correlation"
        f" {short(best['correlation'])} ({_q(best['q'])}). A correlation may"
        " be due to composition.",
        "filters correlated",
        "ok",
        number,
    )


def label_of(experiment):
    """What a sequence has of a target: its label, or its value."""
    return "value" if experiment.quantitative else "label"


def _q(value):
    """A q, which is 0 where it is too small for a number."""
    return f"q {scientific(value)}" if value else "q below 1e-300"


def also(experiment, settings):
    """The F1 of each motif."""
    if not experiment.has("filter_pfms", "score.tsv"):
        return ""
    table = experiment.table("filter_pfms", "score.tsv")
    table = table[table["metric"] == "f1"].dropna(subset=["value", "motif"])
    if len(table) < 2 or len(table) > _MOTIFS:
        return ""
    values = [f"{row.motif} {short(row.value)}" for row in table.itertuples()]
    return f"By motif: {listed(values)}."


def warnings(experiment, settings):
    """Filters that are never active, where they are many."""
    status = experiment.table("filter_pfms", "table.tsv")["status"]
    dead = int(status.isin(["dead", "constant"]).sum())
    if not dead > MAX_DEAD * len(status):
        return []
    return [f"{dead} of {counted(len(status), 'filter')} are dead or constant"]


def found_words(found):
    """The tag of a statement about the causal motifs of all seeds."""
    if not found:
        return {"tag": "no causal motif", "kind": ""}
    if all(found):
        return {"tag": "recovered", "kind": "ok"}
    return {
        "tag": "partly recovered" if any(found) else "not recovered",
        "kind": "warn",
    }


def section(experiment, settings):
    """What the template shows of one experiment."""
    rows = filter_rows(experiment)
    motifs = list(rows[0]["found"]) if rows else []
    return {
        "summary": summary(rows, settings),
        # With their matches beside them where Tomtom was run.
        "rows": [] if "tomtom" in experiment.methods else rows,
        "motifs": motifs,
        "bits": full_height(rows),
        "correlated": any(row["correlation"] for row in rows),
        "label": label_of(experiment),
        "figures": methods.captioned(experiment, "filter_pfms", _FIGURES, settings),
    }


def summary(rows, settings):
    """How many filters have a logo, and why the others have none."""
    many = {status: sum(row["status"] == status for row in rows) for status in STATUSES}
    others = [
        f"{counted(number, 'is', 'are')} {words}"
        for number, words in (
            (many["dead"], "dead (never above zero)"),
            (many["constant"], "constant (the same everywhere)"),
            (
                many["few_sites"],
                f"active at fewer than {settings['min_sites']} sites",
            ),
        )
        if number
    ]
    have = "has" if many["ok"] == 1 else "have"
    text = (
        f"{count(many['ok'])} of {counted(len(rows), 'filter')} {have} enough sites for"
        " a logo"
    )
    return f"{text}; {listed(others)}." if others else f"{text}."


def filter_rows(experiment):
    """One row per filter, by falling standard deviation of its activation.

    Returns
    -------
    list of dict
        `matrix` (width, 4) is None without enough sites; `found` holds F1 by motif.
        The logos are as tall as `full_height` says.
    """
    table = experiment.table("filter_pfms", "table.tsv")
    path = experiment.path("filter_pfms", "values.h5")
    values = read_values(path, ["filter", "ppm"])
    matrices = dict(zip(map(str, values["filter"]), values["ppm"], strict=True))
    result = _found(experiment)
    correlation = _correlation(experiment)
    bits = charts.full_height(
        matrices[row["filter"]]
        for row in table.to_dict("records")
        if row["status"] == "ok"
    )
    rows = []
    for row in table.sort_values("std", ascending=False, kind="stable").to_dict(
        "records"
    ):
        name = row["filter"]
        matrix = matrices[name] if row["status"] == "ok" else None
        rows.append(
            {
                "name": name,
                "status": row["status"],
                "status_words": STATUSES[row["status"]],
                "matrix": matrix,
                "bits": bits,
                "logo": "" if matrix is None else charts.logo(matrix, name, bits),
                # Without the ends that say little, as filters_trimmed.meme.
                "consensus": ""
                if is_missing(row["trimmed_consensus"])
                else row["trimmed_consensus"],
                "std": _number(row["std"]),
                "sites": {
                    "shown": count(row["n_sites"]),
                    "exact": exact(row["n_sites"]),
                },
                "ic": {"shown": decimal(row["ic"], 1), "exact": exact(row["ic"])},
                "correlation": correlation.get(name),
                "found": {
                    motif: {"shown": decimal(f1, 2), "exact": exact(f1), "of": of}
                    for motif, (f1, of) in result.get(name, {}).items()
                },
            }
        )
    return rows


def full_height(rows):
    """Bits that the filters' logos are drawn to, in words; the same for all."""
    return f"{rows[0]['bits']:g}" if rows else ""


def _number(value):
    return {"shown": significant(value), "exact": exact(value)}


def _found(experiment):
    """F1 of each filter for each motif of the truth; nothing without one.

    Of many motifs a filter has one number, that of the motif it agrees with best, so
    that the table is as wide as the page.

    Returns
    -------
    dict of str to dict of str to tuple of (float, str)
        By filter and column: F1, and the motif where the column does not name it.
    """
    table = experiment.table("filter_pfms", "recovery.tsv")
    many = table["motif"].nunique() > _MOTIFS
    if many:
        table = table.sort_values("f1", ascending=False, kind="stable")
        table = table.drop_duplicates("filter")
    rows = {}
    for row in table.to_dict("records"):
        column = _BEST if many else row["motif"]
        of = row["motif"] if many else ""
        rows.setdefault(row["filter"], {})[column] = (row["f1"], of)
    return rows


def _correlation(experiment):
    """Rank correlation of a filter's maximum with label or value, of one target."""
    table = experiment.table("filter_pfms", "target_correlation.tsv")
    if table["target"].nunique() != 1:
        return {}
    rows = table[table["activation"] == "max"]
    return {
        row["filter"]: {
            "shown": decimal(row["correlation"], 2),
            "exact": exact(row["correlation"]),
        }
        for row in rows.to_dict("records")
    }
