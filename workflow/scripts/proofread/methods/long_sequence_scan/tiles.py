"""The logits of the windows of a genome, tile by tile."""

import numpy as np

from proofread.methods.long_sequence_scan.windows import (
    strands_of,
    tile_logits,
    unknown_fraction,
)
from proofread.models.finite import check_finite
from proofread.progress import progress


def scan_tiles(scan, predictor, genome, tiles, column, params):
    """Logits of the windows of some tiles.

    Parameters
    ----------
    scan, predictor : from `proofread.models.shared_windows.load_scan`
    genome : proofread.files.genome.Genome
    tiles : list of proofread.methods.long_sequence_scan.windows.Tile
    column : int
        Of the target.
    params : object
        strands, max_unknown and faithful of the settings.

    Returns
    -------
    numpy.ndarray, shape (windows, strands), float32
        NaN: a window with more unknown bases than are allowed.
    """
    strands = strands_of(params)
    values = [np.empty((0, len(strands)), dtype=np.float32)]
    for tile in progress(tiles, "tiles"):
        index = genome.fetch(tile.contig, tile.start, tile.end)
        logits = np.stack(
            [
                tile_logits(
                    scan,
                    predictor,
                    tile,
                    index,
                    column,
                    reverse=reverse,
                    faithful=params.faithful,
                )
                for reverse in strands
            ],
            axis=1,
        )
        if not params.faithful:
            unknown = unknown_fraction(index, tile.starts - tile.start, tile.width)
            left_out = unknown[:, None] > params.max_unknown
            names = [
                f"{tile.contig}:{first}-{first + tile.width}" for first in tile.starts
            ]
            check_finite(np.where(left_out, 0, logits), predictor.name, names=names)
            logits = np.where(left_out, np.float32(np.nan), logits)
        values.append(logits.astype(np.float32))
    return np.concatenate(values)
