"""What each filter of the first convolution responds to: its sites, as a matrix."""

import gzip
from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofread.dataset import read_split
from proofread.errors import InputError
from proofread.filter_recovery import recovery_table, score_rows
from proofread.filters import (
    FirstLayer,
    Sites,
    Statistics,
    Thresholds,
    activation_histogram,
    activation_statistics,
    both_strands,
    find_sites,
    forward_sites,
    segment_maxima,
    site_letters,
    thresholds,
)
from proofread.job import atomic, log, start
from proofread.model import load_model
from proofread.motif import Motif, consensus, ic_basset, relative_entropy
from proofread.motif_files import write_meme
from proofread.multiple_testing import benjamini_hochberg
from proofread.pfm import (
    LetterCounter,
    measured_background,
    possum_text,
    probabilities,
    trimmed_motif,
    weight_consensus,
)
from proofread.sequences import BASES
from proofread.tables import write_score, write_table, write_values

SITE_SETTINGS = (
    "rule",
    "threshold",
    "quantile",
    "n_sites",
    "strict",
    "strands",
    "unknown_bases",
    "max_sites_per_sequence",
    "min_sites",
    "pseudocount",
)
STATUSES = ("ok", "few_sites", "constant", "dead")


@dataclass(frozen=True)
class FilterPfms:
    """What was found of each filter of a first layer.

    Attributes
    ----------
    names : list of str, filters
    layer : proofread.filters.FirstLayer
    statistics : proofread.filters.Statistics
    limits : proofread.filters.Thresholds
    sites : proofread.filters.Sites
        By filter, sequence and start, in forward coordinates.
    strand : numpy.ndarray of str, shape (sites,)
    letters : numpy.ndarray, shape (sites, width), uint8
        As the filter read them.
    counts, ppm : numpy.ndarray, shape (filters, width, 4)
    n_sites, n_sequences : numpy.ndarray, shape (filters,), int
    background : numpy.ndarray, shape (4,)
        Base frequencies of the sequences.
    status : numpy.ndarray of str, shape (filters,)
        One of `STATUSES`. `dead`: never above zero. `constant`: always the same.
        `few_sites`: fewer than `min_sites`. Only `ok` ones become motifs.
    """

    names: list
    layer: FirstLayer
    statistics: Statistics
    limits: Thresholds
    sites: Sites
    strand: np.ndarray
    letters: np.ndarray
    counts: np.ndarray
    ppm: np.ndarray
    n_sites: np.ndarray
    n_sequences: np.ndarray
    background: np.ndarray
    status: np.ndarray

    @property
    def ok(self):
        """Filters that have a motif: bool, shape (filters,)."""
        return self.status == "ok"


def filter_pfms(
    model,
    index,
    length,
    *,
    rule="mean_max",
    threshold=0.5,
    quantile=0.999,
    n_sites=100,
    strict=True,
    strands="forward",
    unknown_bases="skip",
    max_sites_per_sequence=None,
    min_sites=10,
    pseudocount=1.0,
):
    """Collect each filter's sites and count their bases.

    Parameters
    ----------
    model : torch.nn.Module
        In evaluation mode; names its first convolution and activation. Unchanged.
    index : numpy.ndarray, shape (n, length), uint8
    length : numpy.ndarray, shape (n,), int
        Bases of each sequence, without padding.
    strands : str
        `forward`, or `both`: the reverse complements are read as well, and take
        part in the statistics.

    Other settings are those of `proofread.filters.thresholds`, `find_sites` and
    `proofread.pfm.probabilities`.

    Returns
    -------
    FilterPfms
    """
    layer = FirstLayer(model, index.shape[1])
    background = measured_background(index)
    read, read_length = index, length
    if strands == "both":
        read, read_length = both_strands(index, length)
    statistics = activation_statistics(layer, read)
    limits = thresholds(
        layer,
        read,
        read_length,
        statistics,
        rule=rule,
        threshold=threshold,
        quantile=quantile,
        n_sites=n_sites,
        strict=strict,
        unknown_bases=unknown_bases,
    )
    counter = LetterCounter(layer.geometry, layer.filters)
    batches, letters = [], []
    for batch in find_sites(
        layer,
        read,
        read_length,
        limits,
        unknown_bases=unknown_bases,
        max_sites_per_sequence=max_sites_per_sequence,
    ):
        counter.add(read, batch)
        batches.append(batch)
        letters.append(site_letters(layer.geometry, read, batch))
    counts = counter.counts()
    found = Sites.concatenate(batches)
    sites, strand = forward_sites(found, length, layer.geometry.span)
    order = np.lexsort((strand, sites.start, sites.sequence, sites.filter))
    sites = sites.take(order)
    many = np.bincount(sites.filter, minlength=layer.filters)
    pairs = np.unique(sites.filter * len(index) + sites.sequence)
    status = np.where(many < min_sites, "few_sites", "ok")
    status = np.where(statistics.constant, "constant", status)
    status = np.where(statistics.dead, "dead", status)
    return FilterPfms(
        names=[f"filter{each}" for each in range(layer.filters)],
        layer=layer,
        statistics=statistics,
        limits=limits,
        sites=sites,
        strand=strand[order],
        letters=np.concatenate(letters)[order],
        counts=counts,
        ppm=probabilities(counts, pseudocount),
        n_sites=many,
        n_sequences=np.bincount(pairs // len(index), minlength=layer.filters),
        background=background,
        status=status,
    )


def filter_table(result, *, gc, trim):
    """One row per filter, the dead ones too.

    Parameters
    ----------
    result : FilterPfms
    gc : float
        For `ic_basset`.
    trim : float
        Bits that an end of the trimmed motif has.

    Returns
    -------
    pandas.DataFrame
        `ic` (relative entropy against the measured background) and `ic_basset` are
        sums over the untrimmed positions in bits, and 0 without enough sites, as in
        Basset. `consensus` is of the weights, `consensus_ppm` of the sites. The
        trimmed width is 0 where no motif is left.
    """
    rows = []
    for place, name in enumerate(result.names):
        matrix, ok = result.ppm[place], result.ok[place]
        information = relative_entropy(matrix, result.background)
        trimmed = trimmed_motif(name, matrix, information, limit=trim, sites=0)
        trimmed = trimmed if ok else None
        limit = result.limits.value[place]
        rows.append(
            {
                "filter": name,
                "status": result.status[place],
                "n_sites": result.n_sites[place],
                "n_sequences": result.n_sequences[place],
                "threshold": limit if np.isfinite(limit) else np.nan,
                "maximum": result.statistics.maximum[place],
                "mean": result.statistics.mean[place],
                "std": result.statistics.std[place],
                "ic": information.sum() if ok else 0.0,
                "ic_basset": ic_basset(matrix, gc).sum() if ok else 0.0,
                "consensus": weight_consensus(result.layer.weight[place]),
                "consensus_ppm": consensus(matrix) if result.n_sites[place] else "",
                "width": len(matrix),
                "trimmed_width": len(trimmed) if trimmed else 0,
                "trimmed_consensus": consensus(trimmed.matrix) if trimmed else "",
            }
        )
    return pd.DataFrame(rows)


def motifs_of(result):
    """The filters with enough sites as motifs, untrimmed."""
    return [
        Motif(result.names[place], result.ppm[place], sites=int(result.n_sites[place]))
        for place in np.flatnonzero(result.ok)
    ]


def trimmed_motifs_of(result, trim):
    """Those of which at least two positions stay when the ends are trimmed."""
    trimmed = [
        trimmed_motif(
            motif.name,
            motif.matrix,
            relative_entropy(motif.matrix, result.background),
            limit=trim,
            sites=motif.sites,
        )
        for motif in motifs_of(result)
    ]
    return [motif for motif in trimmed if motif is not None]


def write_sites(path, result, names):
    """Write all sites as gzipped TSV; the same sites always give the same bytes.

    Columns sequence, start, end (0-based, half-open, forward), strand, filter,
    activation, site (the letters the filter read).
    """
    sites, width = result.sites, result.letters.shape[1]
    letters = np.frombuffer(BASES.encode() + b"N", dtype="S1")[result.letters]
    texts = np.ascontiguousarray(letters).view(f"S{width}").ravel().astype(str)
    table = pd.DataFrame(
        {
            "sequence": np.array(names, dtype=object)[sites.sequence],
            "start": sites.start,
            "end": sites.start + result.layer.geometry.span,
            "strand": result.strand,
            "filter": np.array(result.names, dtype=object)[sites.filter],
            "activation": sites.activation,
            "site": texts,
        }
    )
    text = table.to_csv(sep="\t", index=False, float_format="%.6g", lineterminator="\n")
    with atomic(path) as temporary, open(temporary, "wb") as file:
        # No time in the header, so that the bytes repeat.
        file.write(gzip.compress(text.encode(), 6, mtime=0))


def spearman(activation, label):
    """Rank correlation of filters with targets over sequences.

    Parameters
    ----------
    activation : numpy.ndarray, shape (n, filters)
    label : numpy.ndarray, shape (n, targets)

    Returns
    -------
    correlation, p : numpy.ndarray, shape (filters, targets)
        Two-sided p from Student's t with n - 2 degrees of freedom. NaN where either
        side is constant or n is below 3.
    """
    # Not scipy.stats, which takes as long to import as all the rest takes to run.
    from scipy.special import stdtr

    n = len(activation)
    ranks = [pd.DataFrame(each).rank().to_numpy() for each in (activation, label)]
    centred = [each - each.mean(axis=0) for each in ranks]
    scale = [np.sqrt((each**2).sum(axis=0)) for each in centred]
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = centred[0].T @ centred[1] / np.outer(*scale)
        correlation = np.clip(correlation, -1, 1)
        if n < 3:
            correlation = np.full_like(correlation, np.nan)
        statistic = correlation * np.sqrt((n - 2) / (1 - correlation**2))
    return correlation, 2 * stdtr(max(n - 2, 1), -np.abs(statistic))


def target_correlation(result, label, targets):
    """Spearman correlation of each live filter with each target, as a table.

    Returns
    -------
    pandas.DataFrame
        Columns filter, target, activation (`mean` or `max` over a sequence),
        correlation, p, q, n. One family of q for each of mean and max.
    """
    n = len(label)
    live = np.flatnonzero(~result.statistics.dead)
    blocks = []
    for kind, values in (
        ("mean", result.statistics.sequence_mean[:n]),
        ("max", result.statistics.sequence_maximum[:n]),
    ):
        correlation, p = spearman(values[:, live], label)
        blocks.append(
            pd.DataFrame(
                {
                    "filter": np.repeat([result.names[i] for i in live], len(targets)),
                    "target": np.tile(targets, len(live)),
                    "activation": kind,
                    "correlation": correlation.ravel(),
                    "p": p.ravel(),
                    "q": benjamini_hochberg(p).ravel(),
                    "n": n,
                }
            )
        )
    return pd.concat(blocks, ignore_index=True)


def z_scores(values):
    """Standardise each column; one without spread becomes 0.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, filters)
    """
    values = np.asarray(values, dtype=np.float64)
    std = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(std > 0, std, 1)


def sample_rows(n, most, seed):
    """All rows, or `most` of them without replacement, sorted."""
    if most is None or n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def sequence_heat_map(result, rows):
    """Mean activation of each sequence, as z-scores of each filter.

    Parameters
    ----------
    result : FilterPfms
    rows : numpy.ndarray of int
        Sequences to show; the z-scores are over all.

    Returns
    -------
    numpy.ndarray, shape (filters, len(rows))
    """
    return z_scores(result.statistics.sequence_mean)[rows].T


def segment_heat_maps(result, index, rows, most, seed):
    """Highest activation in segments of sequences, each a column of its own.

    Parameters
    ----------
    result : FilterPfms
    index : numpy.ndarray, shape (n, length), uint8
    rows : numpy.ndarray of int
        Sequences whose segments are taken; the z-scores are over all of these.
    most : int
        Columns to show, sampled with `seed`.

    Returns
    -------
    raw, z : numpy.ndarray, shape (filters, columns)
    sequence, segment : numpy.ndarray, shape (columns,), int
        What each column is; the sequence as a place in `rows`.
    """
    # (sequences, segments, filters) -> (sequences * segments, filters)
    maxima = segment_maxima(result.layer, index[rows])
    segments = maxima.shape[1]
    maxima = maxima.reshape(-1, maxima.shape[2])
    shown = sample_rows(len(maxima), most, seed)
    sequence, segment = np.divmod(shown, segments)
    return maxima[shown].T, z_scores(maxima)[shown].T, sequence, segment


def write_heat_map(
    table_path, figure_path, result, matrix, columns, *, metric, strip=None, **options
):
    """Cluster, write and draw one matrix of filters by columns.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (filters, columns)
    columns : list of str
    metric : str
        As in `cluster_order`.
    strip : tuple, optional
        (values per column, what they are).
    options
        To `draw_heat_map`.
    """
    from proofread.figures import save_figure
    from proofread.filter_figures import cluster_order, draw_heat_map, most_variable

    varies = ~result.statistics.dead & (np.ptp(matrix, axis=1) > 0)
    rows = most_variable(result.statistics.std, varies)
    rows = rows[cluster_order(matrix[rows], metric)]
    across = cluster_order(matrix[rows].T, metric) if len(rows) else []
    names = [result.names[row] for row in rows]
    ordered = matrix[np.ix_(rows, across)]
    table = pd.DataFrame(ordered, columns=[columns[place] for place in across])
    table.insert(0, "filter", names)
    write_table(table_path, table)
    if strip is not None:
        strip = (np.asarray(strip[0])[across], strip[1])
    figure = draw_heat_map(names, ordered, total=varies.sum(), strip=strip, **options)
    save_figure(figure, figure_path)


def write_global_figures(output, result, dataset, settings):
    """The heat maps of sequences and segments, and the correlation with targets."""
    from proofread.figures import save_figure
    from proofread.filter_figures import draw_target_correlation, most_variable

    most, seed = settings["heat_map_sequences"], settings["seed"]
    rows = sample_rows(len(dataset), most, seed)
    strip = None
    if len(dataset.target) == 1:
        strip = dataset.label[rows, 0], dataset.target[0]
    write_heat_map(
        output.sequences_table,
        output.sequences,
        result,
        sequence_heat_map(result, rows),
        [dataset.name[row] for row in rows],
        metric="euclidean",
        label="mean activation (z-score)",
        of=f"{len(rows)} sequences",
        diverging=True,
        strip=strip,
    )
    raw, z, sequence, segment = segment_heat_maps(
        result, dataset.index, rows, most, seed
    )
    columns = [
        f"{dataset.name[rows[place]]}:{part}"
        for place, part in zip(sequence, segment, strict=True)
    ]
    for table, figure, matrix, metric, label in (
        (output.segments_table, output.segments, z, "euclidean", " (z-score)"),
        (output.segments_raw_table, output.segments_raw, raw, "cosine", ""),
    ):
        write_heat_map(
            table,
            figure,
            result,
            matrix,
            columns,
            metric=metric,
            label=f"highest activation{label}",
            of=f"{len(columns)} segments of sequences",
            diverging=metric == "euclidean",
        )
    table = target_correlation(result, dataset.label, dataset.target)
    write_table(output.target_correlation_table, table)
    live = ~result.statistics.dead
    shown = most_variable(result.statistics.std, live)
    place = np.searchsorted(np.flatnonzero(live), shown)
    values = {
        column: {
            kind: rows[column].to_numpy().reshape(live.sum(), -1)[place]
            for kind, rows in table.groupby("activation", sort=False)
        }
        for column in ("correlation", "q")
    }
    figure = draw_target_correlation(
        [result.names[each] for each in shown],
        dataset.target,
        values["correlation"],
        values["q"],
        fdr=settings["fdr"],
        total=live.sum(),
    )
    save_figure(figure, output.target_correlation)


def write_filter_figures(output, result, edges, counts):
    """Logos, weights and densities of the filters."""
    from proofread.figures import save_figure
    from proofread.filter_figures import (
        draw_densities,
        draw_logos,
        draw_weights,
        most_variable,
    )

    std, names = result.statistics.std, np.array(result.names)
    shown = most_variable(std, result.ok)
    # The most informative first: those are what one looks for.
    information = [relative_entropy(result.ppm[each]).sum() for each in shown]
    shown = shown[np.argsort(-np.array(information), kind="stable")]
    figure = draw_logos(
        names[shown], result.ppm[shown], result.n_sites[shown], total=result.ok.sum()
    )
    save_figure(figure, output.logos)
    # In their own order, which is that of the table.
    shown = np.sort(most_variable(std, np.ones(len(std), dtype=bool)))
    total = len(names)
    save_figure(
        draw_weights(names[shown], result.layer.weight[shown], total=total),
        output.weights,
    )
    figure = draw_densities(
        names[shown],
        edges[shown],
        counts[shown],
        result.limits.value[shown],
        total=total,
    )
    save_figure(figure, output.densities)


def weight_table(names, weights):
    """The weights as a table: filter, position (0-based), and one column per base.

    Parameters
    ----------
    names : list of str
    weights : numpy.ndarray, shape (filters, width, 4)
    """
    filters, width, _ = weights.shape
    table = pd.DataFrame(weights.reshape(filters * width, 4), columns=list("ACGT"))
    table.insert(0, "position", np.tile(np.arange(width), filters))
    table.insert(0, "filter", np.repeat(names, width))
    return table


def density_table(names, edges, counts):
    """The histograms as a table: filter, bin_start, bin_end, positions."""
    bins = counts.shape[1]
    return pd.DataFrame(
        {
            "filter": np.repeat(names, bins),
            "bin_start": edges[:, :-1].ravel(),
            "bin_end": edges[:, 1:].ravel(),
            "positions": counts.ravel(),
        }
    )


def read_sequences(job):
    """The split to analyse, sampled where it is larger than asked for."""
    settings = job.params
    dataset = read_split(job.input.dataset, job.input.splits, settings.split)
    if len(dataset) == 0:
        raise InputError(
            f"{job.input.splits} (split {settings.split!r})",
            "0 sequences",
            "at least one sequence to find sites in",
            "choose another methods.filter_pfms.split, or give the split a share",
        )
    rows = sample_rows(len(dataset), settings.max_sequences, settings.seed)
    log.info("%d of %d sequences of the split", len(rows), len(dataset))
    return dataset.subset(rows)


def main(job):
    """Read, find sites, write matrices, tables, score and figures."""
    start(job)
    settings, output = dict(job.params.items()), job.output
    dataset = read_sequences(job)
    result = filter_pfms(
        load_model(job.input.model),
        dataset.index,
        dataset.length,
        **{name: settings[name] for name in SITE_SETTINGS},
    )
    for status in STATUSES:
        log.info("%s: %d filters", status, (result.status == status).sum())
    write_table(
        output.table, filter_table(result, gc=settings["gc"], trim=settings["trim"])
    )
    write_meme(output.meme, motifs_of(result), result.background)
    write_meme(
        output.trimmed_meme,
        trimmed_motifs_of(result, settings["trim"]),
        result.background,
    )
    with atomic(output.possum) as temporary, open(temporary, "w") as file:
        for name, weight in zip(result.names, result.layer.weight, strict=True):
            file.write(possum_text(name, weight))
    write_sites(output.sites, result, dataset.name)
    edges, densities = activation_histogram(
        result.layer, dataset.index, result.statistics
    )
    write_table(output.weights_table, weight_table(result.names, result.layer.weight))
    write_table(output.densities_table, density_table(result.names, edges, densities))
    write_values(
        output.values,
        {
            "filter": result.names,
            "counts": result.counts,
            "ppm": result.ppm,
            "weights": result.layer.weight,
            "thresholds": result.limits.value,
            "n_sites": result.n_sites,
            "background": result.background,
            "sequence": dataset.name,
            "sequence_mean": result.statistics.sequence_mean[: len(dataset)],
            "sequence_maximum": result.statistics.sequence_maximum[: len(dataset)],
        },
    )
    span = result.layer.geometry.span
    truth = dataset.truth
    recovery = recovery_table(result.sites, span, truth, result.names, dataset.motifs)
    write_table(output.recovery, recovery)
    write_score(
        output.score,
        score_rows(
            recovery,
            result.sites,
            span,
            truth,
            {name for name, ok in zip(result.names, result.ok, strict=True) if ok},
            len(dataset),
            resamples=settings["resamples"],
            seed=settings["seed"],
        ),
    )
    write_filter_figures(output, result, edges, densities)
    write_global_figures(output, result, dataset, settings)


if "snakemake" in globals():
    main(snakemake)
