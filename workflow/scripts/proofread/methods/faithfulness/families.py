"""Whether filters, patterns, motif tests and insertion name the same families."""

import itertools
import math

import numpy as np
import pandas as pd

from proofread.configuration.negative_controls import KINDS
from proofread.methods.faithfulness.named import NUMBERS
from proofread.statistics.proportions import wilson_interval

FAMILY_COLUMNS = [
    *("family", "motifs", "causal", "sources"),
    *("source", "asked", "named", "motif", "number", "unit"),
]
AGREEMENT_COLUMNS = [
    *("first", "second", "families", "named_first", "named_second"),
    *("both", "either", "jaccard", "expected", "p", *KINDS),
]
PRECISION_COLUMNS = [
    *("at_least", "families", "causal", "precision", "ci_low", "ci_high"),
    *("chance", *KINDS),
]


def family_table(named, universe, causal, numbers=NUMBERS):
    """Every family that a source names or that is causal, and each source.

    Parameters
    ----------
    named : dict of str to proofread.methods.faithfulness.named.Named
        By source.
    universe : pandas.DataFrame
        From `proofread.motifs.families.all_families`.
    causal : set of int or None
        None without a truth.
    numbers : dict of str to str
        What the number of each source is.

    Returns
    -------
    pandas.DataFrame
        `FAMILY_COLUMNS`, a row for each family and source, those of most sources first.
        `asked` and `named` are 0 or 1. `motifs` are proteins of named members.
    """
    counts = _counts(named)
    chosen = sorted(
        {*counts, *(causal or ())}, key=lambda family: (-counts.get(family, 0), family)
    )
    proteins = _proteins(universe) if chosen else {}
    rows = []
    for family in chosen:
        # The named members, and the first of a family that no source names.
        motifs = [item.motif[family] for item in named.values() if family in item.motif]
        if not motifs:
            motifs = universe.loc[universe["family"] == family, "motif"][:1]
        motifs = dict.fromkeys(proteins.get(name, name) for name in motifs)
        is_causal = np.nan if causal is None else int(family in causal)
        whole = (family, ", ".join(map(str, motifs)), is_causal, counts.get(family, 0))
        for source, item in named.items():
            answer = (item.motif.get(family), item.number.get(family, np.nan))
            asked, is_named = family in item.asked, family in item.number
            rows.append(
                (*whole, source, int(asked), int(is_named), *answer, numbers[source])
            )
    table = pd.DataFrame(rows, columns=FAMILY_COLUMNS)
    return table.astype({"causal": "Int64"})


def _proteins(universe):
    """The protein of each motif, by the names that tables give it."""
    proteins = {}
    for row in universe.itertuples():
        proteins.setdefault(row.motif, row.protein)
        proteins[f"{row.source}:{row.motif}"] = row.protein
    return proteins


def family_tables(named, universe, causal, controls, numbers=NUMBERS):
    """The three tables of one network.

    Parameters
    ----------
    named, universe, causal, numbers
        As of `family_table`.
    controls : dict of str to dict of str to pandas.DataFrame
        The tables of each negative control, by `KINDS`.

    Returns
    -------
    dict of str to pandas.DataFrame
        `families`, `families_agreement` and `families_precision`; without a row if
        there are fewer than two sources.
    """
    if len(named) < 2:
        named, causal = {}, None
    return {
        "families": family_table(named, universe, causal, numbers),
        "families_agreement": _beside(
            agreement_table(named),
            {kind: item["families_agreement"] for kind, item in controls.items()},
            ["first", "second"],
            "jaccard",
        ),
        "families_precision": _beside(
            precision_table(named, causal),
            {kind: item["families_precision"] for kind, item in controls.items()},
            ["at_least"],
            "precision",
        ),
    }


def _counts(named):
    """By how many sources each family is named."""
    families = [family for item in named.values() for family in item.number]
    return {family: families.count(family) for family in families}


def agreement_table(named):
    """How many families each two sources both name, and how many by chance.

    Chance draws as many families for each source as it names, from those that both
    could have named.

    Parameters
    ----------
    named : dict of str to proofread.methods.faithfulness.named.Named

    Returns
    -------
    pandas.DataFrame
        `AGREEMENT_COLUMNS`, a row for each pair of sources. `p` is the probability of
        at least as many that both name (hypergeometric); negative controls are empty.
    """
    rows = []
    for first, second in itertools.combinations(named, 2):
        common = named[first].asked & named[second].asked
        one, other = (set(named[source].number) & common for source in (first, second))
        both, either = len(one & other), len(one | other)
        row = (first, second, len(common), len(one), len(other), both, either)
        row += (both / either if either else np.nan,)
        row += (len(one) * len(other) / len(common) if common else np.nan,)
        row += (hypergeometric_p(len(common), len(one), len(other), both),)
        rows.append((*row, np.nan, np.nan))
    return pd.DataFrame(rows, columns=AGREEMENT_COLUMNS)


def hypergeometric_p(families, first, second, both):
    """Probability of at least so many in common, of two random choices.

    Parameters
    ----------
    families : int
        To choose from.
    first, second : int
        That are chosen.
    both : int

    Returns
    -------
    float
        NaN if there is nothing to choose from.
    """
    if not families:
        return np.nan
    ways = sum(
        math.comb(first, number) * math.comb(families - first, second - number)
        for number in range(both, min(first, second) + 1)
    )
    return ways / math.comb(families, second)


def precision_table(named, causal):
    """How many of the families that so many sources name are causal.

    Parameters
    ----------
    named : dict of str to proofread.methods.faithfulness.named.Named
    causal : set of int or None
        None without a truth: the precision is empty.

    Returns
    -------
    pandas.DataFrame
        `PRECISION_COLUMNS`, a row for each number of sources. `chance` is the expected
        number of causal families over that of all families, if each source names as
        many as it does at random among those that it could have named; negative
        controls are empty.
    """
    counts = _counts(named)
    rows = []
    for least in range(1, len(named) + 1):
        agreed = {family for family in counts if counts[family] >= least}
        row = (least, len(agreed))
        if causal is None:
            rows.append((*row, *[np.nan] * (len(PRECISION_COLUMNS) - 2)))
            continue
        right = len(agreed & causal)
        precision = right / len(agreed) if agreed else np.nan
        interval = wilson_interval(precision, len(agreed))
        chance = _chance(named, causal, least)
        rows.append((*row, right, precision, *interval, chance, np.nan, np.nan))
    return pd.DataFrame(rows, columns=PRECISION_COLUMNS).astype({"causal": "Int64"})


def _chance(named, causal, least):
    """Expected precision of random choices, as a ratio of two expectations."""
    of = {True: 0.0, False: 0.0}
    for family in set().union(*(item.asked for item in named.values())):
        of[family in causal] += _at_least(
            [
                len(item.number) / len(item.asked)
                for item in named.values()
                if family in item.asked
            ],
            least,
        )
    total = of[True] + of[False]
    return of[True] / total if total > 0 else np.nan


def _at_least(probabilities, least):
    """Probability that so many of independent events happen."""
    number = np.array([1.0])
    for probability in probabilities:
        number = np.convolve(number, [1 - probability, probability])
    return float(number[least:].sum())


def _beside(table, controls, keys, value):
    """A table with the values of negative controls in the columns `KINDS`."""
    table = table.copy()
    for name, control in controls.items():
        rows = control[keys].itertuples(index=False, name=None)
        values = dict(zip(rows, control[value], strict=True))
        rows = table[keys].itertuples(index=False, name=None)
        table[name] = [values.get(row, np.nan) for row in rows]
    return table
