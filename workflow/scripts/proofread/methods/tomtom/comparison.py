"""Compare the filters, and shuffled copies of them, with motif databases."""

import numpy as np

from proofread.motifs.files import read_background
from proofread.motifs.motif import UNIFORM
from proofread.motifs.naming import compare
from proofread.motifs.null_motifs import BestMatches, best_of_each
from proofread.motifs.tomtom import Settings

_AT_ONCE = 256  # queries whose pairs are in memory together


def best_of_all(queries, targets, settings, backgrounds):
    """The best match of each query among all targets, some queries at a time.

    Parameters
    ----------
    queries, targets : list of proofread.motifs.motif.Motif
    settings : proofread.motifs.tomtom.Settings
        With a `q_threshold` of 1.
    backgrounds : dict
        From `choose_backgrounds`.

    Returns
    -------
    proofread.motifs.null_motifs.BestMatches
    """
    blocks = [
        best_of_each(
            compare(queries[first : first + _AT_ONCE], targets, settings, backgrounds)
        )
        for first in range(0, max(1, len(queries)), _AT_ONCE)
    ]
    return BestMatches(
        *(np.concatenate([getattr(block, key) for block in blocks]) for key in "pqe")
    )


def settings_of(params):
    """Tomtom's settings from those of the method.

    Parameters
    ----------
    params : object
        Attributes as in workflow/schemas/methods/tomtom.schema.yaml.

    Returns
    -------
    proofread.motifs.tomtom.Settings
    """
    return Settings(
        distance=params.distance,
        complete=params.complete_scores,
        pseudocount=params.pseudocount,
        strands=params.strands,
        min_overlap=params.min_overlap,
        internal=params.internal,
        q_threshold=params.q_threshold,
        e_threshold=params.e_threshold,
        q_values=params.q_values,
    )


def choose_backgrounds(background, files, filters):
    """Base frequencies as `compare_motifs` takes them.

    Parameters
    ----------
    background : str or dict
        The setting: ``"filters"``, ``"uniform"`` or ``{"file": path}``.
    files : list of str
        The path of that file, or none.
    filters : proofread.motifs.meme.MotifFile
        Its own frequencies are those of ``"filters"``.

    Returns
    -------
    dict
        `background` and `query_background`.
    """
    if background == "uniform":
        return {"background": UNIFORM, "query_background": None}
    if background == "filters":
        return {"background": None, "query_background": filters.background}
    (path,) = files
    return {"background": read_background(path), "query_background": None}
