"""K-mers with the same bases: who is near whom, and maps (PCA and t-SNE)."""

import math

import numpy as np
import pandas as pd

from proofread.methods.embedding.kmers import affix_of, groups_of, kmers
from proofread.methods.embedding.neighbourhoods import (
    chance_purity,
    compared,
    neighbourhood,
    null,
    purity,
    silhouette,
)
from proofread.statistics.components import oriented, principal_components

COLOURINGS = ("prefix", "suffix", "gc")
COMPONENTS = 10
EXACT = 256  # most k-mers that t-SNE compares with all others


def compare(own, *, affix_length, neighbours, permutations, significance, seed):
    """How close k-mers of the same prefix, suffix or GC content are to each other.

    Parameters
    ----------
    own : Vectors
    affix_length : int or None
        See `affix_of`.
    neighbours : int or None
        Nearest neighbours that purity counts; None: as many as share a k-mer's prefix,
        so that purity is 1 if each prefix is a cluster of its own.
    permutations : int
        Of the labels.
    significance : float
        Largest p of the verdict ``above chance``.
    seed : int

    Returns
    -------
    list of dict
        Rows of table.tsv, one for each of `COLOURINGS`.
    """
    n, dimensions = own.vectors.shape
    affix_length = affix_of(own.k, affix_length)
    count = 4 ** (own.k - affix_length) - 1 if neighbours is None else neighbours
    count = min(max(count, 1), n - 1)
    near = neighbourhood(own.vectors, count)
    nulls, rows = {}, []
    for colouring, label in groups_of(own.k, affix_length).items():
        size = np.unique(label, return_counts=True)[1]
        # Prefixes and suffixes are as many, of the same size: one null for both.
        shape = tuple(np.sort(size))
        if shape not in nulls:
            nulls[shape] = null(near, label, permutations, seed)
        row = {
            "representation": own.representation,
            "k": own.k,
            "coloured_by": colouring,
            "affix_length": own.k if colouring == "gc" else affix_length,
            "kmers": n,
            "groups": len(size),
            "dimensions": dimensions,
            "neighbours": count,
        }
        for name, value in (
            ("purity", purity(near, label)),
            ("silhouette", silhouette(near, label)),
        ):
            chance = compared(value, getattr(nulls[shape], name))
            row[name] = value
            if name == "purity":
                row["chance_purity"] = chance_purity(label)
            row |= {
                f"{name}_null_{part}": getattr(chance, part)
                for part in ("mean", "low", "high")
            }
            row[f"{name}_p"] = chance.p
        row["verdict"] = (
            "above chance" if row["purity_p"] <= significance else "not above chance"
        )
        rows.append(row)
    return rows


def tsne(vectors, begin, *, perplexity, iterations, seed):
    """A map of the vectors by t-SNE (van der Maaten and Hinton 2008).

    Parameters
    ----------
    vectors : numpy.ndarray, shape (n, dimensions)
    begin : numpy.ndarray, shape (n, 2)
        Where the points start, up to a scale: the first two principal components, which
        makes the map independent of a random start.
    perplexity : float
        At most (n - 1) / 3 is used: three times as many neighbours are used.
    iterations : int
        At least 250.
    seed : int

    Returns
    -------
    numpy.ndarray, shape (n, 2), float64
        Without a unit; all 0 where all vectors are the same.
    """
    spread = begin[:, 0].std()
    if spread == 0:
        return np.zeros((len(vectors), 2))
    from sklearn.manifold import TSNE

    method = TSNE(
        perplexity=min(perplexity, (len(vectors) - 1) / 3),
        max_iter=iterations,
        init=(begin / spread * 1e-4).astype(np.float32),
        # Barnes and Hut's way uses the nearest only: of k-mers that are equally far,
        # those that come first.
        method="exact" if len(vectors) <= EXACT else "barnes_hut",
        random_state=seed,
        n_jobs=1,
    )
    return method.fit_transform(vectors / spread).astype(float)


def mapped(own, affix_length, **settings):
    """Both maps of the k-mers.

    Parameters
    ----------
    own : Vectors
    affix_length : int or None
        See `affix_of`.
    **settings
        Of `tsne`.

    Returns
    -------
    pandas.DataFrame
        Rows of coordinates.tsv, one for each k-mer. Components are NaN where all
        explain the same variance, as of one-hot k-mers: then none is the first.
    pandas.DataFrame
        Rows of variance.tsv, one for each of the first `COMPONENTS` components.
    """
    scores, _, fraction = principal_components(own.vectors)
    scores = oriented(scores, scores)
    missing = max(2 - scores.shape[1], 0)  # a map has two axes
    scores = np.pad(scores, ((0, 0), (0, missing)))
    fraction = np.pad(fraction, (0, missing))
    begin, shown = scores[:, :2], scores[:, :2]
    if _equal(fraction):
        # The directions are arbitrary; they would order the map by alphabet.
        begin = np.random.default_rng(settings["seed"]).normal(size=begin.shape)
        shown = np.full(shown.shape, math.nan)
    names = {"representation": own.representation, "k": own.k}
    coordinates = pd.DataFrame(
        {
            **names,
            "kmer": kmers(own.k),
            **groups_of(own.k, affix_of(own.k, affix_length)),
        }
    )
    coordinates[["tsne_1", "tsne_2"]] = tsne(own.vectors, begin, **settings)
    coordinates[["pca_1", "pca_2"]] = shown
    fraction = fraction[:COMPONENTS]
    variance = pd.DataFrame(
        {**names, "component": np.arange(1, len(fraction) + 1), "fraction": fraction}
    )
    return coordinates, variance


def _equal(fraction):
    """Whether several components all explain the same fraction of the variance."""
    fraction = fraction[fraction > 0]
    return len(fraction) > 1 and np.ptp(fraction) < 1e-9
