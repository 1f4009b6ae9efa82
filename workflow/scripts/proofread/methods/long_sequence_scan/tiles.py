"""The outputs of a network for the windows of a genome, tile by tile."""

import numpy as np

from proofread.methods.long_sequence_scan.windows import (
    strands_of,
    tile_logits,
    unknown_fraction,
)
from proofread.progress import progress


def scan_tiles(scan, predictor, genome, tiles, column, params):
    """Logits, or outputs for quantities, of the windows of some tiles.

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
        outputs = np.stack(
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
            predictor.check_finite(np.where(left_out, 0, outputs), names=names)
            outputs = np.where(left_out, np.float32(np.nan), outputs)
        values.append(outputs.astype(np.float32))
    return np.concatenate(values)
