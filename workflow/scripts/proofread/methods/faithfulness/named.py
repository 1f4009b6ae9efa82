"""Which families of motifs each method names: filters, patterns, tests, insertion."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from proofread.motifs.pairs import best_of_pairs
from proofread.motifs.targets import PLANTED
from proofread.tables import read_table
from proofread.truth.roles import by_role
from proofread.truth.verdicts import (
    FALSE_POSITIVE,
    INSIGNIFICANT,
    MISSED,
    RECOVERED,
    SIGNIFICANT,
    TRUE_NEGATIVE,
    WRONG_SIGN,
)

TOMTOM, PATTERNS = "tomtom", "motif_discovery"
TESTS, INSERTION = "motif_tests", "motif_insertion"
SOURCES = {
    TOMTOM: "filters",
    PATTERNS: "patterns",
    TESTS: "motif tests",
    INSERTION: "motif insertion",
}
FEW_SOURCES = (
    "Fewer than two of tomtom, motif_discovery, motif_tests and motif_insertion run:"
    " no families are compared."
)
# Of each source: what its number of a family is.
NUMBERS = {
    TOMTOM: "filters",
    PATTERNS: "seqlets",
    TESTS: "nats",
    INSERTION: "logits above control",
}
# Of quantitative targets.
NUMBERS_OF_QUANTITIES = NUMBERS | {
    TESTS: "output above control",
    INSERTION: "output above control",
}
# Verdicts of motifs that are named, and of others that could have been: neither those
# that could not be tested nor those of which either answer is right.
_NAMED = (RECOVERED, FALSE_POSITIVE, SIGNIFICANT, WRONG_SIGN)
_NOT_NAMED = (MISSED, TRUE_NEGATIVE, INSIGNIFICANT)


class Named(NamedTuple):
    """What one source says.

    Parameters
    ----------
    asked : set of int
        Families that it could have named.
    number : dict of int to float
        Of each family that it names: `NUMBERS`; the largest of several motifs, targets
        or tests (of quantities the one furthest from 0), and the sum over filters and
        patterns.
    motif : dict of int to str
        The member that it names, that of this number, or of the largest of a sum.
    """

    asked: set
    number: dict
    motif: dict


def family_names(universe, sources):
    """Names in tables of methods, each with its family.

    Parameters
    ----------
    universe : pandas.DataFrame
        From `proofread.motifs.families.all_families`.
    sources : iterable of str
        The databases and files whose motifs the method compares, `planted` among them.

    Returns
    -------
    dict of str to int
        ``name`` and ``source:name``. Where two sources share a name, methods write the
        second.
    """
    names = {}
    for row in universe[universe["source"].isin(list(sources))].itertuples():
        names.setdefault(row.motif, row.family)
        names[f"{row.source}:{row.motif}"] = row.family
    return names


def named_by(method, table, universe, settings, simulated, *, quantitative=False):
    """The families that one source names.

    Parameters
    ----------
    method : str
        One of `SOURCES`.
    table : pandas.DataFrame
        Its table.tsv.
    universe : pandas.DataFrame
        As of `family_names`.
    settings : dict
        `databases` and, of tests and insertion, `motifs_file`.
    simulated : bool
        Whether the motifs were planted.
    quantitative : bool
        Whether numbers of tests and insertion are changes of an output, which have a
        sign: a motif may lower it.

    Returns
    -------
    Named
    """
    sources = list(settings["databases"])
    if method in (TOMTOM, PATTERNS):
        names = family_names(universe, [*sources, PLANTED])
        # A filter and its reverse complement are one.
        hits = best_of_pairs(table) if method == TOMTOM else table
        hits = hits.dropna(subset="best_hit")
        weight = 1 if method == TOMTOM else hits["seqlets"]
        rows = pd.DataFrame({"motif": hits["best_hit"], "number": weight})
        return _of(set(names.values()), rows, names, "sum")
    if settings["motifs_file"]:
        sources.append(str(settings["motifs_file"]))
    names = family_names(universe, [PLANTED] if simulated else sources)
    if method == TESTS:
        table = table[table["kind"] == "presence"]
        table = table.rename(columns={"first": "motif", "effect": "number"})
    else:
        table = table.rename(columns={"above_control": "number"})
    judged = table[table["verdict"].isin(_NAMED + _NOT_NAMED)]
    asked = {names[str(name)] for name in judged["motif"]}
    rows = judged.loc[judged["verdict"].isin(_NAMED), ["motif", "number"]]
    return _of(asked, rows, names, _furthest if quantitative else "max")


def _furthest(numbers):
    """The number furthest from 0, with its sign."""
    return numbers.loc[numbers.abs().idxmax()]


def _of(asked, rows, names, how):
    """Numbers by family; the motif of a family is that of its largest number."""
    rows = rows.assign(motif=rows["motif"].astype(str))
    by_motif = rows.groupby("motif", sort=False)["number"].agg(how).reset_index()
    by_motif["family"] = [names[name] for name in by_motif["motif"]]
    by_motif = by_motif.sort_values(
        "number", ascending=False, kind="stable", key=abs if how is _furthest else None
    )
    by_family = by_motif.groupby("family", sort=False)
    return Named(
        asked,
        by_family["number"].agg(how).to_dict(),
        by_family["motif"].first().to_dict(),
    )


def causal_families(dataset, universe):
    """Families with a planted motif that decides a label; None without a truth.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    universe : pandas.DataFrame
        As of `family_names`.

    Returns
    -------
    set of int or None
    """
    if not dataset.simulated:
        return None
    names = family_names(universe, [PLANTED])
    return {names[name] for name in by_role(dataset)[0]}


def read_named(paths, universe, settings, simulated, *, quantitative=False):
    """What every source names, from its table.

    Parameters
    ----------
    paths : iterable of str
        ``<method>/table.tsv`` of one network.
    universe, settings, simulated, quantitative
        As of `named_by`; the settings by method.

    Returns
    -------
    dict of str to Named
        By source, in the order of `SOURCES`.
    """
    by_method = {Path(path).parent.name: path for path in paths}
    return {
        method: named_by(
            method,
            read_table(by_method[method]),
            universe,
            settings[method],
            simulated,
            quantitative=quantitative,
        )
        for method in SOURCES
        if method in by_method
    }
