"""Whether predictions depend on motifs, their order and their distance."""

from dataclasses import replace

import numpy as np

from proofread.api.arguments import (
    InputError,
    as_labelled,
    as_sequences,
    at_least,
    between,
    one_of,
)
from proofread.api.motifs import as_motifs
from proofread.api.networks import prepared
from proofread.datasets.dataset import empty_truth
from proofread.dna.composition import base_frequencies
from proofread.methods.motif_tests import quantities, tables
from proofread.methods.motif_tests.effects import Subject, measure, tests_of
from proofread.methods.motif_tests.tables import CORRECTIONS
from proofread.models.predictor import predictor_of
from proofread.truth.expectation import SAME_SIDE
from proofread.truth.instances import planted, scanned


def motif_tests(
    model,
    sequences,
    labels=None,
    motifs=None,
    *,
    replicates=5,
    max_sequences_per_test=500,
    p_threshold=1e-4,
    permutations=100_000,
    resamples=1000,
    correction="benjamini_hochberg",
    q_threshold=0.001,
    min_effect_fraction=0.05,
    seed=1,
):
    """Replace, swap and move motifs, and test whether the predictions become worse.

    docs/methods/motif_tests.md explains the method.

    Parameters
    ----------
    model, sequences
        See `proofread.predict`.
    labels : array, shape (n,) or (n, targets), optional
        1 for positives and 0 for negatives; of a network for quantities the measured
        values. NaN where one is missing. None: those of the dataset.
    motifs : list of Motif, dict of str to array, array, str or path, optional
        Motifs to test. Their instances are where their matrices match. None: those
        that were planted in a simulated dataset, at their known positions.
    replicates : int
        Random perturbations of each sequence, averaged.
    max_sequences_per_test : int
        Maximum number of sequences of a test.
    p_threshold : float
        Of a match of a matrix, 0-1.
    permutations, resamples : int
        Of the sign-flip test and of the 95 % intervals.
    correction : str
        benjamini_hochberg or holm.
    q_threshold, min_effect_fraction : float
        A test with a q below the first, and with an effect of at least this fraction
        of the largest, found something.
    seed : int
        Of everything that is random.

    Returns
    -------
    pandas.DataFrame
        A row for each test and target; the columns of the workflow's
        motif_tests/table.tsv. `effect` is the increase of the cross-entropy, in nats,
        minus that of the control. `expected` and `verdict` compare it with the truth.
        Of quantities `effect` is the change of the output: what the motif adds.

    Raises
    ------
    InputError
        If an argument is not one of those above.
    """
    one_of("correction", correction, CORRECTIONS)
    for argument, value in (
        ("replicates", replicates),
        ("max_sequences_per_test", max_sequences_per_test),
        ("permutations", permutations),
        ("resamples", resamples),
    ):
        at_least(argument, value, 1)
    between("p_threshold", p_threshold, 0, 1)
    between("q_threshold", q_threshold, 0, 1)
    between("min_effect_fraction", min_effect_fraction, 0, 1)
    at_least("seed", seed, 0)
    index = as_sequences(sequences).index
    with prepared(model, index, sequences) as network:
        scale = network.output_scale
        dataset = as_labelled(
            sequences, labels, network.targets, quantitative=scale is not None
        )
        dataset, names, instances = _instances(dataset, motifs, p_threshold)
        predict = predictor_of(network, "model").outputs
        subject = Subject(
            predict=predict,
            dataset=dataset,
            instances=instances,
            frequencies=base_frequencies(index[~instances.occupied]),
            logits=predict(index).astype(np.float64),
            replicates=replicates,
            max_sequences=max_sequences_per_test,
            seed=seed,
            scale=scale,
        )
        tests, ranges = tests_of(dataset, names)
        measured = [
            measure(
                subject,
                test,
                np.random.default_rng([seed, number]),
                gaps=ranges.get(test.motifs),
            )
            for number, test in enumerate(tests)
        ]
    of_kind = tables if scale is None else quantities
    table = of_kind.effects(
        dataset,
        tests,
        measured,
        present=set(instances.table["motif"]),
        resamples=resamples,
        permutations=permutations,
        seed=seed,
        correction=correction,
        q_threshold=q_threshold,
        min_effect_fraction=min_effect_fraction,
    )
    return table[table["kind"] != SAME_SIDE].reset_index(drop=True)


def _instances(dataset, motifs, p_threshold):
    """The sequences, the names of the motifs, and where these are."""
    if motifs is not None:
        chosen = as_motifs(motifs, "motifs", distinct=None)
        # The truth is about the planted motifs, not about these.
        dataset = replace(dataset, truth=empty_truth(), motifs={})
        instances = scanned(np.asarray(dataset.index), chosen, p_threshold)
        return dataset, [motif.name for motif in chosen], instances
    if not dataset.simulated:
        raise InputError(
            "motifs",
            "None, and no motifs were planted in these sequences",
            "the motifs to test, or a simulated dataset with motifs",
            "pass motifs=, for example some of proofread.jaspar()",
        )
    return dataset, list(dataset.motifs), planted(dataset)
