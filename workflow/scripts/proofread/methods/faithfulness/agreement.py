"""Agreement of maps: between seeds of a network, and between kinds."""

import itertools

import numpy as np

from proofread.methods.faithfulness.sample import FEW_BASES, NO_BASE, degenerate
from proofread.methods.faithfulness.similarity import spearman_rows, top_overlap
from proofread.statistics.bootstrap import known_means


def compare_seeds(summary, maps, top):
    """Add how well each kind agrees with itself in networks of other seeds.

    Parameters
    ----------
    summary : proofread.methods.faithfulness.tables.Summary
    maps : proofread.methods.faithfulness.sample.Maps
    top : int
        Highest positions whose overlap is counted.
    """
    for kind in maps.kinds:
        own = maps.values[kind.name]
        others = [item[kind.name] for item in maps.of_seeds if kind.name in item]
        agreement = overlap = None
        note = "no other seed has such maps of these sequences"
        if others:
            note = f"over {len(others)} other seed{'s' * (len(others) > 1)}"
            agreement = _mean(
                [spearman_rows(own, other, maps.known) for other in others]
            )
            overlap = _mean(
                [
                    top_overlap(np.abs(own), np.abs(other), maps.known, top)
                    for other in others
                ]
            )
        for quantity, values, reasons in (
            ("agreement_over_seeds", agreement, degenerate(own, maps.known)),
            ("overlap_over_seeds", overlap, _without_overlap(maps, top)),
        ):
            summary.add(kind.name, quantity, values, reasons=reasons, note=note)


def compare_kinds(summary, maps, top):
    """Add how well each kind agrees with each other, and with all others on average.

    Parameters
    ----------
    summary, maps, top
        As of `compare_seeds`.
    """
    number = maps.known.sum(axis=1)
    chance = np.where(number > top, top / np.maximum(number, 1), np.nan)
    agreements = {kind.name: [] for kind in maps.kinds}
    for first, second in itertools.combinations(maps.kinds, 2):
        signed = first.signed and second.signed
        values = [maps.values[kind.name] for kind in (first, second)]
        sizes = [np.abs(item) for item in values]
        spearman = spearman_rows(*(values if signed else sizes), maps.known)
        summary.add_agreement(
            first.name,
            second.name,
            "signed" if signed else "absolute",
            spearman,
            top_overlap(*sizes, maps.known, top),
            chance,
            _without_overlap(maps, top),
        )
        agreements[first.name].append(spearman)
        agreements[second.name].append(spearman)
    for kind in maps.kinds:
        others = agreements[kind.name]
        summary.add(
            kind.name,
            "agreement_between_kinds",
            _mean(others) if others else None,
            reasons=degenerate(maps.values[kind.name], maps.known),
            note="" if others else "there is no other kind",
        )


def _without_overlap(maps, top):
    """Sequences whose highest positions are not compared, by the reason."""
    number = maps.known.sum(axis=1)
    return {NO_BASE: number == 0, FEW_BASES: number <= top}


def _mean(values):
    """Mean of those that are not NaN: a list of (n,) -> (n,); NaN of none."""
    return known_means(np.stack(values))[1]
