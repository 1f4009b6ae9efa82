"""One job's part of a scan: the output for its windows, on each strand."""

from proofread.files.genome import open_genome
from proofread.job import start
from proofread.methods.long_sequence_scan.tiles import scan_tiles
from proofread.methods.long_sequence_scan.windows import (
    TILE,
    all_tiles,
    items_of_chunk,
    layout_of,
    target_column,
)
from proofread.models.shared_windows import load_scan
from proofread.progress import log
from proofread.tables import write_values


def main(job):
    """Read, scan, write."""
    start(job)
    params = job.params
    scan, predictor = load_scan(
        job.input.model, params.stride, max(1, TILE // params.stride), params.device
    )
    column = target_column(params.targets, predictor.targets)
    layout = layout_of(params, predictor.length)
    with open_genome(job.input.genome) as genome:
        tiles = all_tiles(layout, genome.lengths)
        tiles = items_of_chunk(tiles, int(job.wildcards.chunk), params.chunks)
        values = scan_tiles(scan, predictor, genome, tiles, column, params)
    log.info("%d windows in %d tiles", len(values), len(tiles))
    name = "logits" if predictor.scale is None else "outputs"
    write_values(job.output.values, {name: values})


if "snakemake" in globals():
    main(snakemake)
