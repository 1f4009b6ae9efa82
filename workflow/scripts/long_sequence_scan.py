"""A model over contigs of any length: tracks, peaks, and their agreement with sites."""

import numpy as np
import pandas as pd

from proofread.dataset import read_dataset, read_splits
from proofread.errors import InputError
from proofread.figures import save_figure
from proofread.genome import open_genome
from proofread.genome_sites import read_features, sites_of
from proofread.job import log, start
from proofread.model import load_predictor
from proofread.on_disk import Rows, blocks
from proofread.scan_figures import (
    densest_region,
    draw_profile,
    draw_region,
    read_region,
)
from proofread.scan_scores import (
    Agreement,
    Null,
    call_peaks,
    compare,
    peak_table,
    profile,
    write_metrics,
    write_peaks,
)
from proofread.scan_tracks import (
    OF_STRANDS,
    Track,
    anchors,
    either_strand,
    smooth,
    smoothing_weights,
    write_bedgraph,
    write_bigwig,
    write_positions,
)
from proofread.scan_windows import (
    FAITHFUL_WIDTH,
    anchor_of,
    layout_of,
    strands_of,
    target_column,
)
from proofread.sequences import reverse_complement
from proofread.tables import read_values, write_score, write_table

# Splits that a network was fitted to: training, and the choice of its best epoch.
_FITTED = ("train", "validation")
_PROFILE = 500  # bp to either side of a site
_LEAST_PROFILE = 20  # windows to either side, at least, where the stride is large
_MOST_PROFILE = 125
# Those between 0 and 1, where 1 is best.
_SCORES = (
    *("window_auroc", "window_auprc"),
    *("peak_precision", "peak_recall", "peak_f1"),
)
_OF_ALL_PEAKS = ("peak_precision", "peak_f1", "peak_distance")
_NO_AGREEMENT = pd.DataFrame(
    columns=["sites", "metric", "value", "n", "ci_low", "ci_high", "p"]
)


def probability(logit):
    """Sigmoid of logits."""
    return 1 / (1 + np.exp(-np.asarray(logit, dtype=np.float64)))


def floored(logit):
    """Probabilities, those of at most a half set to 0: Genomic-ULMFiT's track.

    It plotted the probability of the positive class where that is above the other
    class's, and 0 elsewhere.
    """
    likely = probability(logit)
    return np.where(likely > 0.5, likely, np.where(np.isnan(likely), np.nan, 0.0))


def tracks_of(contig, length, logits, params, width, anchor):
    """The tracks of one contig.

    Parameters
    ----------
    contig : str
    length : int
        bp.
    logits : numpy.ndarray, shape (windows, strands)
    params : object
        The method's settings.
    width, anchor : int
        Of the model's sequences.

    Returns
    -------
    list of proofread.scan_tracks.Track
        In logits; with `faithful` in probabilities.
    """
    layout = layout_of(params, width)
    starts = layout.starts(length)
    if params.faithful:
        values = floored(logits[:, 0])
        position = np.minimum(starts + FAITHFUL_WIDTH // 2, length - 1)
        return [Track("forward", contig, length, position, values, values)]
    logits = logits.astype(np.float64)
    found = [
        (anchors(starts, width, anchor, reverse=reverse), logits[:, column])
        for column, reverse in enumerate(strands_of(params))
    ]
    names = OF_STRANDS[params.strands]
    if names == ["both"]:
        found = [either_strand(*found, params.stride)]
    tracks = []
    for name, (position, raw) in zip(names, found, strict=True):
        weights = smoothing_of(params, width, anchor, name)
        tracks.append(Track(name, contig, length, position, raw, smooth(raw, *weights)))
    return tracks


def smoothing_of(params, width, anchor, name):
    """Weights of a track's smoothing, as `smoothing_weights` gives them."""
    at = {"forward": anchor, "reverse": width - 1 - anchor, "both": width // 2}
    reach = params.smoothing_width or max(1, width // 8)
    return smoothing_weights(params.smoothing, reach, params.stride, width, at[name])


def log_smoothing(params, width, anchor):
    """Say so where a smoothing that was asked for reaches no other window."""
    if params.faithful or params.smoothing == "none":
        return
    for name in OF_STRANDS[params.strands]:
        weights, _ = smoothing_of(params, width, anchor, name)
        if len(weights) == 1:
            log.info(
                "%s: smoothing %s reaches no neighbouring window at stride %d: "
                "the smoothed track is the raw one",
                *(name, params.smoothing, params.stride),
            )


def fitted_sites(sites, genome, dataset, splits, anchor, width):
    """Which sites' own windows the network was fitted to, by contig.

    A site's window is the one that has the site at its anchor, on the site's strand (on
    either where it is not known). It was seen if the same bases stand among the
    training or validation sequences. Memory grows with the sites, not with these: they
    are read from disk, a block at a time.

    Parameters
    ----------
    sites : dict of str to proofread.genome_sites.Sites
    genome : proofread.genome.Genome
    dataset, splits : str
        Paths.
    anchor, width : int

    Returns
    -------
    dict of str to numpy.ndarray of bool
    """
    found, windows = {}, {}
    for contig, each in sites.items():
        length = genome.lengths[contig]
        found[contig] = np.zeros(len(each), dtype=bool)
        for number, (position, strand) in enumerate(
            zip(each.position, each.strand, strict=True)
        ):
            for reverse in (False, True):
                first = int(position) - (width - 1 - anchor if reverse else anchor)
                other = strand == ("+" if reverse else "-")
                if other or first < 0 or first + width > length:
                    continue
                bases = genome.fetch(contig, first, first + width)
                bases = reverse_complement(bases) if reverse else bases
                text = np.ascontiguousarray(bases).tobytes()
                windows.setdefault(text, []).append((contig, number))
    whole = read_dataset(dataset, streamed=True)
    rows_of = read_splits(splits)
    for split in _FITTED if windows else ():
        rows = rows_of[split]
        rows = rows[whole.length[rows] == width]
        for _, block in blocks(Rows(whole.index, rows)):
            for row in block:
                for contig, number in windows.get(row.tobytes(), ()):
                    found[contig][number] = True
    return found


def read_sites(path, genome, params):
    """The sites by contig; None where no file is given.

    Raises
    ------
    InputError
        If a site is not on the genome.
    """
    if not path:
        return None
    if params.genome is None:
        with open(path, encoding="utf-8") as file:
            if all(line.startswith("#") for line in file):
                features = []  # no positive test sequence found room
            else:
                features = read_features(path)
    else:
        features = read_features(path, params.feature)
    check_contigs(features, genome)
    return sites_of(features, genome.lengths, faithful=params.faithful)


def check_contigs(features, genome):
    """Refuse a feature on a contig that the genome does not have."""
    for contig, where in {
        each.contig: each.where for each in reversed(features)
    }.items():
        genome.check_contig(contig, where)


def read_chunks(paths, windows):
    """The logits of all windows, in the order of the genome.

    Parameters
    ----------
    paths : list of str
    windows : int
        That there must be.
    """
    logits = np.concatenate([read_values(path)["logits"] for path in paths])
    if len(logits) != windows:
        raise InputError(
            paths[0],
            f"{len(logits)} windows in {len(paths)} chunks",
            f"{windows}, those of the genome",
            "delete the folder of the chunks and run again",
        )
    return logits


def split_contigs(logits, lengths, params, width, anchor):
    """The tracks of all contigs, in the order of the genome, from `read_chunks`."""
    layout = layout_of(params, width)
    log_smoothing(params, width, anchor)
    tracks, begin, short = [], 0, 0
    for contig, length in lengths.items():
        count = layout.count(length)
        short += count == 0
        part = logits[begin : begin + count]
        tracks += tracks_of(contig, length, part, params, width, anchor)
        begin += count
    if short:
        log.info("%d contigs are shorter than a window: no value", short)
    return tracks


def shown_positions(tracks, peaks, sites):
    """What a figure should show most of, by contig: sites, or peaks without any."""
    if sites is not None and any(map(len, sites.values())):
        return {contig: each.position for contig, each in sites.items()}
    found = {track.contig: np.empty(0, dtype=np.int64) for track in tracks}
    for contig, each in peaks.groupby("contig"):
        found[contig] = each["position"].to_numpy()
    return found


def agreements(tracks, places, sites, fitted, options):
    """Agreement with all sites, and with those that the network was not fitted to.

    Parameters
    ----------
    tracks, places, sites
        As for `proofread.scan_scores.Agreement`.
    fitted : dict of str to numpy.ndarray of bool
    options : dict
        stride and tolerance.

    Returns
    -------
    dict of str to proofread.scan_scores.Agreement
        `all` and, where some sites were fitted to and some were not, `unseen`.
    """
    nothing = {
        contig: each.subset(np.zeros(len(each), bool)) for contig, each in sites.items()
    }
    found = {"all": Agreement(tracks, places, sites, nothing, **options)}
    total = sum(map(len, sites.values()))
    known = sum(int(each.sum()) for each in fitted.values())
    if 0 < known < total:
        left = {contig: each.subset(~fitted[contig]) for contig, each in sites.items()}
        out = {contig: each.subset(fitted[contig]) for contig, each in sites.items()}
        found["unseen"] = Agreement(tracks, places, left, out, **options)
    return found


def roomy(tracks, places, sites, fitted, null):
    """Tracks, peaks, sites and which are fitted of the contigs with room for shifts.

    Parameters
    ----------
    tracks, places, sites, fitted
        As for `agreements`.
    null : proofread.scan_scores.Null

    Returns
    -------
    tuple
        The same four; of all contigs where none has room. The log says which happened.
    """
    room = {track.contig for track in tracks if null.has_room(len(track))}
    left = [contig for contig in sites if contig not in room]
    if not left:
        return tracks, places, sites, fitted
    if not room:
        log.info("no contig has room for shifts: no null")
        return tracks, places, sites, fitted
    log.info(
        "%d contigs with %d sites are left out of the agreement: of less than %d "
        "windows, no room for shifts",
        *(len(left), sum(len(sites[contig]) for contig in left), 2 * null.least),
    )
    kept = [number for number, each in enumerate(tracks) if each.contig in room]
    return (
        [tracks[number] for number in kept],
        [places[number] for number in kept],
        {contig: each for contig, each in sites.items() if contig in room},
        {contig: each for contig, each in fitted.items() if contig in room},
    )


def compare_all(tracks, places, sites, fitted, params, *, layout, tolerance):
    """Every number with its null, by the sites that are counted.

    Contigs without room for shifts are left out, of the numbers as of their nulls. If
    no contig has room the numbers are those of all contigs, without a null.

    Returns
    -------
    table : pandas.DataFrame
        Column `sites` (all, unseen) and those of `proofread.scan_scores.compare`.
    shifted : pandas.DataFrame
        The null of the sites that count most: the unseen ones if there are.
    around : pandas.DataFrame
        Of the same, from `proofread.scan_scores.profile`.
    """
    options = {"stride": layout.stride, "tolerance": tolerance}
    # A shift by less than a window would leave the sites where they are, nearly.
    null = Null(params.shifts, -(-layout.width // layout.stride), params.seed)
    known = {}
    if sites:
        tracks, places, sites, fitted = roomy(tracks, places, sites, fitted, null)
        known = agreements(tracks, places, sites, fitted, options)
    tables, shifted, around = [], pd.DataFrame(), pd.DataFrame()
    for name, agreement in known.items():
        table, shifted = compare(agreement, null)
        if name == "unseen":
            # A peak elsewhere may be at a site that the network was fitted to.
            table = table[~table["metric"].isin(_OF_ALL_PEAKS)]
        table.insert(0, "sites", name)
        tables.append(table)
        band = table.set_index("metric").loc["site_score"]
        reach = int(np.clip(_PROFILE // layout.stride, _LEAST_PROFILE, _MOST_PROFILE))
        around = profile(
            agreement, reach, tuple(band[["null_low", "null_mean", "null_high"]])
        )
    table = pd.concat(tables, ignore_index=True) if tables else _NO_AGREEMENT
    return table, shifted, around


def write_tracks(output, tracks, lengths, stride, target):
    """Write the values of all tracks: bedGraph, bigWig and TSV."""
    names = list(dict.fromkeys(track.name for track in tracks))
    files = zip(output.bedgraph, output.bigwig, output.raw_bigwig, strict=True)
    for name, (bedgraph, bigwig, raw) in zip(names, files, strict=True):
        own = [track for track in tracks if track.name == name]
        write_bedgraph(bedgraph, own, stride, f"{target}, {name}")
        write_bigwig(bigwig, own, lengths, stride, "smoothed")
        write_bigwig(raw, own, lengths, stride, "raw")
    write_positions(output.positions, tracks)


def score_rows(table, target, targets):
    """Rows of score.tsv: shares and areas, of all sites and of the unseen ones."""
    table = table[table["metric"].isin(_SCORES) & table["value"].notna()]
    suffix = f"[{target}]" if len(targets) > 1 else ""
    names = {"all": "", "unseen": "_unseen"}
    return [
        (
            f"{row.metric}{names[row.sites]}{suffix}",
            *(row.value, row.n, row.ci_low, row.ci_high),
        )
        for row in table.itertuples()
    ]


def main(job):
    """Join, smooth, call peaks, compare, write, draw."""
    start(job)
    params = job.params
    predictor = load_predictor(job.input.model)
    width, targets = predictor.length, predictor.targets
    target = targets[target_column(params.target, targets)]
    anchor = anchor_of(params.anchor, width)
    layout = layout_of(params, width)
    tolerance = width // 4 if params.tolerance is None else params.tolerance
    apart = width // 2 if params.peak_distance is None else params.peak_distance
    level = params.threshold
    if not params.faithful:
        level = float(np.log(level / (1 - level)))

    with open_genome(job.input.genome) as genome:
        lengths = genome.lengths
        region = read_region(params.region, lengths) if params.region else None
        sites = read_sites(job.input.sites, genome, params)
        fitted = {}
        if sites is not None:
            splits = (job.input.dataset, job.input.splits)
            fitted = fitted_sites(sites, genome, *splits, anchor, width)
        genes = []
        if job.input.genes:
            genes = read_features(job.input.genes, params.feature)
            check_contigs(genes, genome)

    logits = read_chunks(job.input.chunks, sum(map(layout.count, lengths.values())))
    tracks = split_contigs(logits, lengths, params, width, anchor)
    write_tracks(job.output, tracks, lengths, layout.stride, target)
    places = [call_peaks(each, level, -(-apart // layout.stride)) for each in tracks]
    peaks = peak_table(tracks, places, sites)
    peaks["at_site"] = peaks["distance"].abs() <= tolerance
    likely = peaks["height"] if params.faithful else probability(peaks["height"])
    write_peaks(job.output.peaks, peaks, likely)
    write_table(job.output.peak_table, peaks)
    log.info("%d peaks in %d windows", len(peaks), len(logits))

    table, shifted, around = compare_all(
        *(tracks, places, sites, fitted, params), layout=layout, tolerance=tolerance
    )
    summary = {
        "contigs": len(lengths),
        "bases": sum(lengths.values()),
        "windows": sum(map(len, tracks)),
        "peaks": len(peaks),
    }
    summary = pd.DataFrame(
        {"sites": "scan", "metric": summary.keys(), "value": summary.values()}
    )
    whole = pd.concat([summary, table], ignore_index=True)
    write_table(job.output.table, whole, digits=8)
    write_metrics(job.output.metrics, whole)
    write_score(job.output.score, score_rows(table, target, targets))
    write_table(job.output.profile, around)
    write_table(job.output.null, shifted)

    if region is None:
        region = densest_region(shown_positions(tracks, peaks, sites), lengths)
    figure = draw_region(
        region,
        [track for track in tracks if track.contig == region.contig],
        peaks,
        sites and sites[region.contig],
        genes,
        level=level,
        probabilities=params.faithful,
    )
    save_figure(figure, job.output.region_figure)
    figure = draw_profile(
        around,
        shifted,
        table.drop_duplicates("metric", keep="last").set_index("metric"),
        probabilities=params.faithful,
    )
    save_figure(figure, job.output.profile_figure)


if "snakemake" in globals():
    main(snakemake)
