"""How often motif_tests finds something where there is nothing: its type-I error.

    python tools/check_motif_tests_null.py [datasets] [--kind interaction]

Each dataset has a network of its own, with random weights, and 100 sequences in which
two places are called motifs; labels are tossed. Each gives five tests, two of presence
and one each of order, distance and interaction. Two kinds of null:

placebo: the places hold random bases like all others. Nothing tells them from those of
    the control, so that what is tested, that both do the same to the loss, is true, and
    p < 0.05 must come in 5 % of the tests.
labels: real motifs, which the network answers to in some way, and labels that have
    nothing to do with them. Its answer then helps as often as it hurts.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from proofread.datasets.dataset import TRUTH_COLUMNS, Dataset
from proofread.dna.composition import base_frequencies
from proofread.methods.motif_tests.edits import free_windows, random_bases
from proofread.methods.motif_tests.effects import Subject, all_tests, measure
from proofread.models.checkpoint import build_model
from proofread.models.predictor import predictor_of
from proofread.statistics.paired_tests import sign_flip, wilcoxon
from proofread.truth.expectation import DISTANCE, INTERACTION, ORDER, PRESENCE
from proofread.truth.instances import planted

SEQUENCES, LENGTH, REPLICATES, PERMUTATIONS = 100, 80, 5, 999
WIDTHS = {"one": 9, "other": 7}
LEVEL, TOLERANCE = 0.05, 0.02
UNIFORM = np.full(4, 0.25)
KINDS = (PRESENCE, ORDER, DISTANCE, INTERACTION)


def null_dataset(rng, null):
    """Sequences with two motifs in each and labels that nothing explains."""
    index = random_bases(rng, (SEQUENCES, LENGTH), UNIFORM)
    words = {name: random_bases(rng, width, UNIFORM) for name, width in WIDTHS.items()}
    rows = []
    for row in range(SEQUENCES):
        windows = free_windows(np.ones(LENGTH, dtype=bool), list(WIDTHS.values()), rng)
        for (name, word), (start, end) in zip(words.items(), windows, strict=True):
            if null == "labels":
                index[row, start:end] = word
            rows.append((row, name, start, end, "+", "decoy", ""))
    truth = pd.DataFrame(rows, columns=list(TRUTH_COLUMNS)).astype(TRUTH_COLUMNS)
    names = [str(row) for row in range(SEQUENCES)]
    return Dataset(
        index=index,
        length=np.full(SEQUENCES, LENGTH),
        name=names,
        label=rng.integers(0, 2, size=(SEQUENCES, 1)).astype(np.float32),
        target=["null"],
        group=names,
        stratum=["positive"] * SEQUENCES,
        truth=truth,
        motifs={name: np.full((width, 4), 0.25) for name, width in WIDTHS.items()},
    )


def null_predictor(seed, index):
    """A network with random weights whose logits have mean 0 and spread 2."""
    torch.manual_seed(seed)
    settings = {"filters": 8, "filters2": 4, "width": 8, "width2": 6}
    network = build_model("eraslan2019", settings, LENGTH, ["null"]).eval()
    predictor = predictor_of(network)
    logits = predictor.predict(index)
    mean, spread = logits.mean(), logits.std() / 2
    return lambda item: (predictor.predict(item) - mean) / spread


def null_p(datasets, null, *, kinds=KINDS, first=0, seed=1):
    """p-values of the tests of presence, order, distance and interaction.

    Parameters
    ----------
    datasets : int
    null : str
        `placebo` or `labels`.
    kinds : collection of str
        Tests that are made.
    first : int
        Number of the first dataset and network.
    seed : int

    Returns
    -------
    pandas.DataFrame
        kind, wilcoxon, sign_flip: of all kinds five rows for each dataset.
    """
    rows = []
    tests = [test for test in all_tests(list(WIDTHS)) if test.kind in kinds]
    for number in range(first, first + datasets):
        rng = np.random.default_rng([seed, number])
        dataset = null_dataset(rng, null)
        predict = null_predictor(number, dataset.index)
        instances = planted(dataset)
        subject = Subject(
            predict=predict,
            dataset=dataset,
            instances=instances,
            frequencies=base_frequencies(dataset.index[~instances.occupied]),
            logits=predict(dataset.index).astype(np.float64),
            replicates=REPLICATES,
            max_sequences=SEQUENCES,
            seed=seed,
        )
        for test in tests:
            measured = measure(subject, test, rng)
            difference = (measured.test.loss - measured.control.loss)[:, 0]
            difference = difference[~np.isnan(difference)]
            flipped = sign_flip(difference, permutations=PERMUTATIONS, seed=number)
            rows.append((test.kind, wilcoxon(difference), flipped))
    return pd.DataFrame(rows, columns=["kind", "wilcoxon", "sign_flip"])


def type_one_errors(p):
    """Share of p below the level, by kind of test and of all."""
    below = p.set_index("kind") < LEVEL
    fractions = below.groupby("kind", sort=False).mean()
    fractions.loc["all"] = below.mean()
    counts = p["kind"].value_counts()
    return fractions.assign(tests=[*counts[fractions.index[:-1]], len(p)])


def main():
    """Measure, print, and fail where the placebo is off."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", type=int, nargs="?", default=240)
    parser.add_argument("--kind", choices=KINDS, help="these tests alone")
    options = parser.parse_args()
    kinds = [options.kind] if options.kind else KINDS
    torch.set_num_threads(1)
    for null in ("placebo", "labels"):
        errors = type_one_errors(null_p(options.datasets, null, kinds=kinds))
        print(f"{null}: fraction of p < {LEVEL}\n{errors.to_string()}\n")
        if null == "placebo":
            off = (errors.loc["all", ["wilcoxon", "sign_flip"]] - LEVEL).abs().max()
    sys.exit(int(off > TOLERANCE))


if __name__ == "__main__":
    main()
