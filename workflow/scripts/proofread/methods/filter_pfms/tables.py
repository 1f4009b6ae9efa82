"""Tables of the filters' motifs."""

import numpy as np
import pandas as pd

from proofread.dna.encoding import BASES
from proofread.methods.filter_pfms.pfms import trimmed_motif
from proofread.motifs.motif import consensus, ic_basset, relative_entropy
from proofread.motifs.pairs import partner_filters
from proofread.statistics.multiple_testing import benjamini_hochberg
from proofread.statistics.rank_correlations import rank_correlations

# Basset multiplies weights by it, for Possum reads scores with few decimals.
_POSSUM_SCALE = 200
_ROWS = 100_000  # of one table of sites


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
        trimmed width is 0 where no motif is left. `partner` is the filter whose weights
        are the reverse complement, empty without one.
    """
    rows = []
    partners = partner_filters(result.layer.weight)
    for row, name in enumerate(result.names):
        matrix, ok = result.ppm[row], result.ok[row]
        information = relative_entropy(matrix, result.background)
        trimmed = trimmed_motif(name, matrix, information, limit=trim, sites=0)
        trimmed = trimmed if ok else None
        limit = result.limits.value[row]
        rows.append(
            {
                "filter": name,
                "status": result.status[row],
                "n_sites": result.n_sites[row],
                "n_sequences": result.n_sequences[row],
                "threshold": limit if np.isfinite(limit) else np.nan,
                "maximum": result.statistics.maximum[row],
                "mean": result.statistics.mean[row],
                "std": result.statistics.std[row],
                "ic": information.sum() if ok else 0.0,
                "ic_basset": ic_basset(matrix, gc).sum() if ok else 0.0,
                "consensus": weight_consensus(result.layer.weight[row]),
                "consensus_ppm": consensus(matrix) if result.n_sites[row] else "",
                "width": len(matrix),
                "trimmed_width": len(trimmed) if trimmed else 0,
                "trimmed_consensus": consensus(trimmed.matrix) if trimmed else "",
                "partner": "" if partners[row] is None else result.names[partners[row]],
            }
        )
    return pd.DataFrame(rows)


def site_tables(result, names):
    """All sites, as tables of at most `_ROWS` rows: at least one, which may be empty.

    Columns sequence, start, end (0-based, half-open, forward), strand, filter,
    activation, site (the bases that the filter read).
    """
    span, width = result.layer.geometry.span, result.bases.shape[1]
    letters = np.frombuffer(BASES.encode() + b"N", dtype="S1")
    sequences = np.array(names, dtype=object)
    filters = np.array(result.names, dtype=object)
    for first in range(0, max(1, len(result.sites)), _ROWS):
        rows = slice(first, first + _ROWS)
        sites = result.sites.take(rows)
        bases = np.ascontiguousarray(letters[result.bases[rows]])
        yield pd.DataFrame(
            {
                "sequence": sequences[sites.sequence],
                "start": sites.start,
                "end": sites.start + span,
                "strand": result.strand[rows],
                "filter": filters[sites.filter],
                "activation": sites.activation,
                "site": bases.view(f"S{width}").ravel().astype(str),
            }
        )


def site_intervals(result):
    """All sites as `proofread.datasets.intervals.write_bed` takes them.

    The value is the activation, which is above 0 at a site.
    """
    sites = result.sites
    return pd.DataFrame(
        {
            "row": sites.sequence,
            "start": sites.start,
            "end": sites.start + result.layer.geometry.span,
            "strand": result.strand,
            "name": np.array(result.names, dtype=object)[sites.filter],
            "value": sites.activation,
        }
    )


_CORRELATION_COLUMNS = ["filter", "target", "activation", "correlation", "p", "q", "n"]


def target_correlation(result, label, targets):
    """Spearman correlation of each live filter with each target, as a table.

    Returns
    -------
    pandas.DataFrame
        Columns filter, target, activation (`mean` or `max` over a sequence),
        correlation, p, q, n. One family of q for each of mean and max. A sequence
        without a label of a target has no part in the correlation with it. No rows of
        sequences without labels.
    """
    n = len(label)
    if np.isnan(label).all():
        return pd.DataFrame(columns=_CORRELATION_COLUMNS)
    live = np.flatnonzero(~result.statistics.dead)
    blocks = []
    for kind, values in (
        ("mean", result.statistics.sequence_mean[:n]),
        ("max", result.statistics.sequence_maximum[:n]),
    ):
        correlation, p = _of_known(values[:, live], label)
        blocks.append(
            pd.DataFrame(
                {
                    "filter": np.repeat([result.names[i] for i in live], len(targets)),
                    "target": np.tile(targets, len(live)),
                    "activation": kind,
                    "correlation": correlation.ravel(),
                    "p": p.ravel(),
                    "q": benjamini_hochberg(p).ravel(),
                    "n": np.tile((~np.isnan(label)).sum(axis=0), len(live)),
                },
                columns=_CORRELATION_COLUMNS,
            )
        )
    return pd.concat(blocks, ignore_index=True)


def _of_known(values, label):
    """`rank_correlations`, of each target over the sequences with a label of it."""
    known = ~np.isnan(label)
    if known.all():
        return rank_correlations(values, label)
    columns = [
        rank_correlations(values[rows], label[rows, target])
        for target, rows in enumerate(known.T)
    ]
    # (targets, 2, filters) -> (2, filters, targets)
    return np.moveaxis(np.array(columns), 0, 2)


def weight_table(names, weights):
    """The weights as a table: filter, position (0-based), and one column per base.

    Parameters
    ----------
    names : list of str
    weights : numpy.ndarray, shape (filters, width, 4)
    """
    filters, width, _ = weights.shape
    table = pd.DataFrame(weights.reshape(filters * width, 4), columns=list(BASES))
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


def weight_consensus(weight):
    """The base with the highest weight at each position; N where none is positive.

    Parameters
    ----------
    weight : numpy.ndarray, shape (width, 4)
        The first of A, C, G, T on a tie.
    """
    best = np.argmax(weight, axis=1)
    positive = np.max(weight, axis=1) > 0
    return "".join(
        BASES[base] if above else "N"
        for base, above in zip(best, positive, strict=True)
    )


def possum_text(name, weight):
    """A filter's weights as a matrix of the Possum program.

    Parameters
    ----------
    name : str
    weight : numpy.ndarray, shape (width, 4)

    Returns
    -------
    str
        Weights times 200 with two decimals; empty where the filter has one position.
    """
    if len(weight) < 2:
        return ""
    rows = [
        "MA " + " ".join(f"{_POSSUM_SCALE * value:.2f}" for value in row)
        for row in weight
    ]
    head = ["BEGIN GROUP", "BEGIN FLOAT", f"ID {name}", "AP DNA", f"LE {len(weight)}"]
    return "\n".join([*head, *rows, "END", "END"]) + "\n"
