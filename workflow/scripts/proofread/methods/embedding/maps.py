"""Maps of k-mers: principal components and t-SNE."""

import math

import numpy as np
import pandas as pd

from proofread.methods.embedding.kmers import groups_of, letters_of, words
from proofread.methods.embedding.neighbourhoods import (
    chance_purity,
    neighbourhood,
    null,
    place,
    purity,
    silhouette,
)
from proofread.statistics.components import oriented, principal_components

COLOURINGS = ("prefix", "suffix", "gc")
COMPONENTS = 10
EXACT = 256  # most words that t-SNE compares with all others


def compare(each, *, letters, neighbours, permutations, significance, seed):
    """How far words of one prefix, suffix or GC content lie together.

    Parameters
    ----------
    each : Vectors
    letters : int or None
        See `letters_of`.
    neighbours : int or None
        Nearest neighbours that purity looks at; None: as many as a prefix's words have
        others, so that purity is 1 if each prefix is a cluster of its own.
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
    n, dimensions = each.vectors.shape
    letters = letters_of(each.k, letters)
    count = 4 ** (each.k - letters) - 1 if neighbours is None else neighbours
    count = min(max(count, 1), n - 1)
    near = neighbourhood(each.vectors, count)
    nulls, rows = {}, []
    for colouring, label in groups_of(each.k, letters).items():
        size = np.unique(label, return_counts=True)[1]
        # Prefixes and suffixes are as many, of the same size: one null for both.
        shape = tuple(np.sort(size))
        if shape not in nulls:
            nulls[shape] = null(near, label, permutations, seed)
        row = {
            "representation": each.representation,
            "k": each.k,
            "coloured_by": colouring,
            "letters": each.k if colouring == "gc" else letters,
            "words": n,
            "groups": len(size),
            "dimensions": dimensions,
            "neighbours": count,
        }
        for name, value in (
            ("purity", purity(near, label)),
            ("silhouette", silhouette(near, label)),
        ):
            found = place(value, getattr(nulls[shape], name))
            row[name] = value
            if name == "purity":
                row["chance_purity"] = chance_purity(label)
            row |= {
                f"{name}_null_{part}": getattr(found, part)
                for part in ("mean", "low", "high")
            }
            row[f"{name}_p"] = found.p
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
        Where the points start, up to a scale. The first two principal components: the
        map keeps what it can of their order, and no draw decides it.
    perplexity : float
        At most (n - 1) / 3 is used: three times as many neighbours are looked at.
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
        # Barnes and Hut's way looks at the nearest only, and of words that are equally
        # far at whichever come first.
        method="exact" if len(vectors) <= EXACT else "barnes_hut",
        random_state=seed,
        n_jobs=1,
    )
    return method.fit_transform(vectors / spread).astype(float)


def mapped(each, letters, **settings):
    """Both maps of the words.

    Parameters
    ----------
    each : Vectors
    letters : int or None
        See `letters_of`.
    **settings
        Of `tsne`.

    Returns
    -------
    pandas.DataFrame
        Rows of coordinates.tsv, one for each word. Components are NaN where all
        explain the same, as of one-hot words: then none is the first.
    pandas.DataFrame
        Rows of variance.tsv, one for each of the first `COMPONENTS` components.
    """
    scores, _, share = principal_components(each.vectors)
    scores = oriented(scores, scores)
    missing = max(2 - scores.shape[1], 0)  # a map has two axes
    scores, share = np.pad(scores, ((0, 0), (0, missing))), np.pad(share, (0, missing))
    begin, shown = scores[:, :2], scores[:, :2]
    if _alike(share):
        # Which directions come out is an accident; it would order the map by alphabet.
        begin = np.random.default_rng(settings["seed"]).normal(size=begin.shape)
        shown = np.full(shown.shape, math.nan)
    names = {"representation": each.representation, "k": each.k}
    coordinates = pd.DataFrame(
        {
            **names,
            "word": words(each.k),
            **groups_of(each.k, letters_of(each.k, letters)),
        }
    )
    coordinates[["tsne_1", "tsne_2"]] = tsne(each.vectors, begin, **settings)
    coordinates[["pca_1", "pca_2"]] = shown
    share = share[:COMPONENTS]
    variance = pd.DataFrame(
        {**names, "component": np.arange(1, len(share) + 1), "share": share}
    )
    return coordinates, variance


def _alike(share):
    """Whether several components all explain the same share of the variance."""
    share = share[share > 0]
    return len(share) > 1 and np.ptp(share) < 1e-9
