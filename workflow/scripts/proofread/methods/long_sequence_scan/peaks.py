"""Peaks of a track, and their nearest sites."""

import numpy as np
import pandas as pd

from proofread.atomic import atomic
from proofread.methods.long_sequence_scan.tracks import SHOWN_STRANDS, nearest
from proofread.progress import log
from proofread.statistics.logits import probability
from proofread.statistics.units import LOGIT

PROBABILITY = "probability"  # what the tracks of a faithful scan hold
PEAK_COLUMNS = {
    "contig": object,
    "position": np.int64,
    "strand": object,
    "height": float,
    "nearest_site": object,
    "distance": float,
}


def level_of_peaks(tracks, params, unit):
    """The value that a peak reaches.

    Parameters
    ----------
    tracks : list of Track
    params : object
        `probability_threshold`; of quantities `peak_quantile`.
    unit : str
        Of the tracks, as of `fraction_of_peaks`. Quantities have no probability: their
        level is a quantile of all smoothed values.

    Returns
    -------
    float
        In the tracks' unit; of quantities without any value 0.
    """
    level = params.probability_threshold
    if unit in (PROBABILITY, LOGIT):
        log.info("peaks: probability of at least %g; peak_quantile is not used", level)
    if unit == PROBABILITY:
        return level
    if unit == LOGIT:
        return float(np.log(level / (1 - level)))
    log.info(
        "peaks: quantile %g of all smoothed values; probability_threshold is not used",
        params.peak_quantile,
    )
    values = np.concatenate([np.empty(0), *(track.smoothed for track in tracks)])
    values = values[~np.isnan(values)]
    return float(np.quantile(values, params.peak_quantile)) if len(values) else 0.0


def call_peaks(track, level, apart):
    """Windows of a track that are its peaks.

    A peak is a local maximum of the smoothed values that reaches the level; of two that
    are closer than `apart` the higher one stays. A plateau has its peak in its middle.

    Parameters
    ----------
    track : Track
    level : float
        In the track's unit.
    apart : int
        Windows.

    Returns
    -------
    numpy.ndarray, int64
        Indices of the track's values, ascending.
    """
    from scipy.signal import find_peaks

    values = np.where(np.isnan(track.smoothed), -np.inf, track.smoothed)
    # The ends of a contig may be maxima, too.
    padded = np.concatenate([[-np.inf], values, [-np.inf]])
    rows, _ = find_peaks(padded, height=level, distance=max(1, apart))
    return rows - 1


def peak_table(tracks, rows_of_tracks, sites):
    """Peaks with their nearest sites.

    Parameters
    ----------
    tracks : list of Track
    rows_of_tracks : list of numpy.ndarray
        From `call_peaks`, for each track.
    sites : dict of str to proofread.files.features.Sites, or None

    Returns
    -------
    pandas.DataFrame
        Columns of `PEAK_COLUMNS`. `distance` is bp from the nearest site that the track
        may show, positive downstream of it: on the site's own strand or, without one,
        on the track's. Empty without a site.
    """
    tables = []
    for track, rows in zip(tracks, rows_of_tracks, strict=True):
        strand = {"forward": "+", "reverse": "-", "both": "."}[track.name]
        table = pd.DataFrame(
            {
                "contig": track.contig,
                "position": track.position[rows],
                "strand": strand,
                "height": track.smoothed[rows],
                "nearest_site": None,
                "distance": np.nan,
            }
        )
        shown = shown_sites(track, sites)
        if len(shown) and len(rows):
            site, _ = nearest(table["position"].to_numpy(), shown.position)
            away = table["position"].to_numpy() - shown.position[site]
            # Downstream on the reverse strand the positions fall.
            backwards = (strand == "-") | (shown.strand[site] == "-")
            table["distance"] = np.where(backwards, -away, away).astype(float)
            table["nearest_site"] = [shown.name[number] for number in site]
        tables.append(table.astype(PEAK_COLUMNS))
    if not tables:
        return pd.DataFrame(columns=list(PEAK_COLUMNS)).astype(PEAK_COLUMNS)
    return pd.concat(tables).sort_values(
        ["contig", "position", "strand"], kind="stable", ignore_index=True
    )


def shown_sites(track, sites):
    """The sites of a track's contig whose strand it may show; none without sites."""
    if sites is None:
        return ()
    own = sites[track.contig]
    return own.subset(np.isin(own.strand, list(SHOWN_STRANDS[track.name])))


def fraction_of_peaks(peaks, level, unit):
    """How high peaks are, between 0 and 1.

    Parameters
    ----------
    peaks : pandas.DataFrame
        From `peak_table`.
    level : float
        From `level_of_peaks`.
    unit : str
        Of the heights: `PROBABILITY`, `LOGIT`, or of a quantity.

    Returns
    -------
    numpy.ndarray, shape (n,)
        The probability. Of quantities the height above the level, 1 of the highest
        peak; all are 1 if none is above it.
    """
    if unit == PROBABILITY:
        return peaks["height"].to_numpy()
    if unit == LOGIT:
        return probability(peaks["height"])
    above = peaks["height"].to_numpy() - level
    highest = above.max(initial=0)
    return above / highest if highest > 0 else np.ones(len(above))


def write_peaks(path, peaks, fraction):
    """Write peaks as BED: one base each, score 0-1000, strand.

    Parameters
    ----------
    path : str or path
    peaks : pandas.DataFrame
        From `peak_table`.
    fraction : numpy.ndarray, shape (n,)
        From `fraction_of_peaks`; the score is a thousand times this.
    """
    table = pd.DataFrame(
        {
            "contig": peaks["contig"],
            "start": peaks["position"],
            "end": peaks["position"] + 1,
            "name": [f"peak{number}" for number in range(1, len(peaks) + 1)],
            "score": np.rint(1000 * np.asarray(fraction)).astype(int),
            "strand": peaks["strand"],
        }
    )
    with atomic(path) as temporary:
        table.to_csv(
            temporary, sep="\t", header=False, index=False, lineterminator="\n"
        )


def shown_positions(tracks, peaks, sites):
    """Positions that a figure should show most of, by contig: sites, else peaks."""
    if sites is not None and any(map(len, sites.values())):
        return {contig: own.position for contig, own in sites.items()}
    positions = {track.contig: np.empty(0, dtype=np.int64) for track in tracks}
    for contig, rows in peaks.groupby("contig"):
        positions[contig] = rows["position"].to_numpy()
    return positions
