"""How motifs change the predictions of sequences without them."""

from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from proofread.api.arguments import (
    InputError,
    as_dataset,
    as_sequences,
    at_least,
    between,
    of_quantities,
    one_of,
)
from proofread.api.motifs import as_motifs
from proofread.api.networks import prepared
from proofread.datasets.dataset import Dataset, empty_truth
from proofread.dna.null_sequences import KINDS
from proofread.methods.motif_insertion.insertions import CONSENSUS, OBSERVED, SAMPLED
from proofread.methods.motif_insertion.measure import insert_motifs
from proofread.methods.motif_insertion.quantities import pairs_to_measure
from proofread.methods.motif_insertion.tables import effects, spacing
from proofread.models.predictor import predictor_of
from proofread.motifs.motif import Motif


class MotifInsertion(NamedTuple):
    """The effects of inserted motifs.

    Parameters
    ----------
    table : pandas.DataFrame
        A row for each motif and target; the columns of the workflow's
        motif_insertion/table.tsv. `effect` is the mean change of the logit, or of the
        output of quantities.
    positions : pandas.DataFrame
        The effect at each position.
    spacing : pandas.DataFrame
        The interaction of each pair at each distance, in logits or units of the output.
    """

    table: pd.DataFrame
    positions: pd.DataFrame
    spacing: pd.DataFrame


def motif_insertion(
    model,
    sequences,
    motifs=None,
    *,
    background="dinucleotide_shuffled",
    backgrounds=50,
    insert="consensus",
    step=1,
    controls=39,
    control_positions=10,
    faithful=False,
    min_effect_fraction=0.05,
    resamples=1000,
    seed=1,
):
    """Insert motifs into sequences without them, at every position and in pairs.

    Also called marginalization or global importance analysis.
    docs/methods/motif_insertion.md explains the method.

    Parameters
    ----------
    model, sequences
        See `proofread.predict`. Backgrounds are made of the sequences: of a dataset,
        as many positives as negatives.
    motifs : list of Motif, dict of str to array, array, str or path, optional
        All of them are inserted, and every pair. None: those that were planted in a
        simulated dataset.
    background : str
        dinucleotide_shuffled, shuffled, profile, uniform or observed.
    backgrounds : int
        Number of backgrounds, at most as many as there are sequences.
    insert : str
        consensus or sampled.
    step : int
        A motif starts at 0 and at every this many bases.
    controls : int
        Control k-mers of each motif, its columns in another order.
    control_positions : int
        Positions at which a motif is compared with them.
    faithful : bool
        As EUGENe: add its cooperativity, and leave out the positions where motifs
        touch.
    min_effect_fraction : float
        Smallest effect of a motif that is found, as a fraction of the largest.
    resamples : int
        Of the backgrounds, for the 95 % intervals.
    seed : int
        Of everything that is random.

    Returns
    -------
    MotifInsertion

    Raises
    ------
    InputError
        If an argument is not one of those above.
    """
    one_of("background", background, [*KINDS, OBSERVED])
    one_of("insert", insert, [CONSENSUS, SAMPLED])
    for argument, value in (
        ("step", step),
        ("controls", controls),
        ("control_positions", control_positions),
        ("resamples", resamples),
    ):
        at_least(argument, value, 1)
    at_least("backgrounds", backgrounds, 2)
    at_least("seed", seed, 0)
    between("min_effect_fraction", min_effect_fraction, 0, 1)
    index = as_sequences(sequences).index
    with prepared(model, index, sequences) as network:
        quantitative = network.output_scale is not None
        dataset, chosen = _chosen(sequences, motifs, network.targets)
        if quantitative:
            dataset = of_quantities(dataset)
        measured = insert_motifs(
            predictor_of(network, "model").outputs,
            dataset,
            chosen,
            background=background,
            backgrounds=backgrounds,
            insert=insert,
            step=step,
            controls=controls,
            control_positions=control_positions,
            faithful=faithful,
            seed=seed,
            named=pairs_to_measure(dataset.settings if dataset.simulated else {}),
            quantitative=quantitative,
        )
    statistics = {"resamples": resamples, "seed": seed}
    table, positions = effects(
        dataset,
        chosen,
        measured.changes,
        measured.starts,
        measured.controls,
        measured.none,
        min_effect_fraction=min_effect_fraction,
        kmers=measured.kmers,
        size=measured.size,
        **statistics,
    )
    curves = spacing(
        *(dataset, measured.pairs),
        faithful=faithful,
        motifs=chosen,
        kmers=measured.kmers,
        **statistics,
    )
    return MotifInsertion(table, positions, curves)


def _chosen(sequences, motifs, targets):
    """What the backgrounds are made of, and the motifs."""
    if motifs is not None:
        dataset = _without_truth(sequences, targets)
        return dataset, as_motifs(motifs, "motifs")
    if not isinstance(sequences, Dataset) or not sequences.simulated:
        raise InputError(
            "motifs",
            "None, and no motifs were planted in these sequences",
            "the motifs to insert, or a simulated dataset with motifs",
            "pass motifs=, for example some of proofread.jaspar()",
        )
    if len(sequences.target) != len(targets):
        raise InputError(
            "sequences",
            f"a dataset of {len(sequences.target)} targets",
            f"as many as the model has: {len(targets)}",
            "pass a dataset of the model's targets, or motifs=",
        )
    planted = [Motif(name, matrix) for name, matrix in sequences.motifs.items()]
    return sequences, planted


def _without_truth(sequences, targets):
    """The sequences, with the labels of a dataset, whose classes are drawn alike.

    The truth is about the planted motifs, not about others.
    """
    if isinstance(sequences, Dataset) and len(sequences.target) == len(targets):
        return replace(sequences, truth=empty_truth(), motifs={})
    return as_dataset(as_sequences(sequences).index, targets)
