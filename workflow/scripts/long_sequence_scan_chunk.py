"""One job's share of a scan: the logits of its windows, on each strand."""

import numpy as np

from proofread.genome import open_genome
from proofread.job import log, progress, start
from proofread.scan_windows import (
    TILE,
    all_tiles,
    layout_of,
    share,
    strands_of,
    target_column,
    tile_logits,
    unknown_share,
)
from proofread.shared_scan import load_scan
from proofread.tables import write_values


def scan_tiles(scan, predictor, genome, tiles, column, params):
    """Logits of the windows of some tiles.

    Parameters
    ----------
    scan, predictor : from `proofread.shared_scan.load_scan`
    genome : proofread.genome.Genome
    tiles : list of proofread.scan_windows.Tile
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
                    *(scan, predictor, tile, index, column),
                    reverse=reverse,
                    faithful=params.faithful,
                )
                for reverse in strands
            ],
            axis=1,
        )
        if not params.faithful:
            share_of = unknown_share(index, tile.starts - tile.start, tile.width)
            logits = np.where(
                share_of[:, None] > params.max_unknown, np.float32(np.nan), logits
            )
        values.append(logits.astype(np.float32))
    return np.concatenate(values)


def main(job):
    """Read, scan, write."""
    start(job)
    params = job.params
    scan, predictor = load_scan(
        job.input.model, params.stride, max(1, TILE // params.stride)
    )
    column = target_column(params.target, predictor.targets)
    layout = layout_of(params, predictor.length)
    with open_genome(job.input.genome) as genome:
        tiles = share(
            all_tiles(layout, genome.lengths), int(job.wildcards.chunk), params.chunks
        )
        values = scan_tiles(scan, predictor, genome, tiles, column, params)
    log.info("%d windows in %d tiles", len(values), len(tiles))
    write_values(job.output.values, {"logits": values})


if "snakemake" in globals():
    main(snakemake)
