"""Where motifs match a threshold on their exact p-value, as a table."""

import numpy as np
import pandas as pd

from proofread.dna.composition import base_frequencies
from proofread.motifs.scan import UNIT, matches, threshold, whole_scores

COLUMNS = ["sequence", "motif", "start", "end", "strand"]


def all_matches(index, motifs, p_threshold):
    """The matches of motifs that are more rare by chance than a threshold.

    Log-odds against the base frequencies of these sequences, both strands, exact
    p-values of one position on one strand (`proofread.motifs.scan`).

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
    motifs : list of proofread.motifs.motif.Motif
    p_threshold : float

    Returns
    -------
    pandas.DataFrame
        `COLUMNS` (row of the sequence, motif, 0-based half-open forward coordinates,
        strand) and score, in bits. Matches may overlap.
    """
    background = base_frequencies(index)
    result = [_matches_of(index, motif, background, p_threshold) for motif in motifs]
    return pd.concat(result or [_matches_table([], [], [], [], "", 0)])


def _matches_of(index, motif, background, p):
    scores = whole_scores(motif.matrix, background)
    least = threshold(scores, background, p)
    if least is None:
        return _matches_table([], [], [], [], motif.name, len(scores))
    result = matches(index, scores, least.score)
    return _matches_table(*result, motif.name, len(scores))


def _matches_table(row, start, strand, score, name, width):
    start = np.asarray(start, dtype=np.int64)
    return pd.DataFrame(
        {
            "sequence": np.asarray(row, dtype=np.int64),
            "motif": np.full(len(start), name, dtype=object),
            "start": start,
            "end": start + width,
            "strand": np.array(["+", "-"], dtype=object)[np.asarray(strand, dtype=int)],
            "score": np.asarray(score, dtype=np.float64) / UNIT,
        }
    )


def without_overlaps(table):
    """Matches by falling score, each only where none that was kept overlaps it.

    They overlap where a motif matches at the next position or, if it is a palindrome,
    on both strands, and where two motifs are alike.

    Parameters
    ----------
    table : pandas.DataFrame
        From `all_matches`.

    Returns
    -------
    pandas.DataFrame
        Some of its rows, by sequence, then start.
    """
    ranked = table.sort_values(
        ["sequence", "score", "start", "motif"],
        ascending=[True, False, True, True],
        kind="stable",
    )
    kept, taken, current = [], [], None
    rows = zip(*(ranked[item] for item in ("sequence", "start", "end")), strict=True)
    for sequence, start, end in rows:
        if sequence != current:
            current, taken = sequence, []
        free = all(end <= first or start >= last for first, last in taken)
        if free:
            taken.append((start, end))
        kept.append(free)
    kept = ranked[np.array(kept, dtype=bool)]
    return kept.sort_values(["sequence", "start"], kind="stable", ignore_index=True)
