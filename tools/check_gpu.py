"""Compare every method on a GPU with one core of the CPU: the numbers, and the speed.

    python tools/check_gpu.py [--device cuda] [--minutes 8]
    python tools/check_gpu.py --device cpu --small      the script itself, without a GPU

It trains a network on the device. Each method then runs on 1,000 sequences of 600 bp on
the device, and on one core on as many of them as the time allows. On those both must
give the same numbers: no difference above 1e-4 of the largest number, or of 1. Speed is
compared by sequence. The exit status is 1 if a number differs, a goal is missed or the
time is over.
"""

import argparse
import copy
import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

# Before NumPy and torch are imported: they read it once.
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from proofread.configuration.check import check_configuration
from proofread.datasets.simulation.generate import simulate
from proofread.dna.null_sequences import nulls_of
from proofread.errors import InputError
from proofread.job import keep_freed_memory
from proofread.methods.attributions.baselines import draw_baselines
from proofread.methods.attributions.explain import explain
from proofread.methods.embedding.kmers import network_vectors
from proofread.methods.faithfulness.perturbation import Perturbation, sequences_of
from proofread.methods.filter_nullification.nullify import nullify
from proofread.methods.filter_pfms.pfms import filter_pfms
from proofread.methods.greedy_substitution.search import greedy_search
from proofread.methods.kmer_perturbation.kmers import kmer_maker
from proofread.methods.kmer_perturbation.windows import perturb_windows
from proofread.methods.motif_insertion.measure import insert_motifs
from proofread.methods.motif_tests.effects import MotifTest, Subject, measure
from proofread.methods.saturation_mutagenesis.substitutions import (
    saturation_mutagenesis,
)
from proofread.models.device import choose, moved
from proofread.models.local_edits import EditedLogits
from proofread.models.predictor import predictor_of
from proofread.models.shared_windows import exact_scan
from proofread.motifs.motif import Motif
from proofread.training.train import train
from proofread.truth.expectation import PRESENCE
from proofread.truth.instances import planted

SCHEMAS = Path(__file__).resolve().parents[1] / "workflow" / "schemas"
TOLERANCE = 1e-4
GOAL = 20  # times as many sequences a second as one core
MOTIFS = ["STAT_known2", "CTCF_known1"]
SIZES = {
    False: {"sequences": 1000, "length": 600, "training": 8000, "epochs": 4},
    True: {"sequences": 24, "length": 200, "training": 400, "epochs": 1},
}


@dataclass(frozen=True)
class Method:
    """One method, or one kind of it.

    Attributes
    ----------
    name : str
    run : callable
        Takes a network and a dataset and gives arrays by name.
    goal : float or None
        Of the ratio of the speeds.
    """

    name: str
    run: callable
    goal: float | None = None


def predictions(network, dataset):
    """Logits, as `evaluate` writes them."""
    return {"logits": predictor_of(network).predict(dataset.index)}


def attributions(network, dataset, *, kind, baseline=None, baselines=1):
    """One kind of attributions, of the first target."""
    index = np.asarray(dataset.index)
    drawn = None
    if baseline:
        rng = np.random.default_rng(1)
        drawn = draw_baselines(baseline, index, baselines, rng)
    one_hot = torch.from_numpy(dataset.one_hot())
    result = explain(kind, network, one_hot, [0], baselines=drawn)
    return {"attribution": result.attribution, "output": result.output}


def mutagenesis(network, dataset):
    """Every substitution of every base."""
    index = np.asarray(dataset.index)
    intact, delta = saturation_mutagenesis(
        EditedLogits(predictor_of(network)), index, dataset.length, index < 4
    )
    return {"intact": intact, "delta": delta}


def kmer_windows(network, dataset):
    """Every window of 9 bases, replaced by 4 k-mers."""
    index = np.asarray(dataset.index)
    maker = kmer_maker(
        index,
        9,
        np.random.default_rng(1),
        mode="repeated",
        kmers_from="background",
        force_change=True,
    )
    windows, _ = perturb_windows(
        EditedLogits(predictor_of(network)),
        index,
        dataset.length,
        9,
        start=np.arange(index.shape[1] - 8),
        kmers=maker,
        replicates=4,
    )
    return {"mean": windows.mean["logit"], "minimum": windows.min["probability"]}


def filters(network, dataset):
    """Activations and thresholds of the first layer's filters."""
    result = filter_pfms(network, dataset.index, dataset.length)
    statistics = result.statistics
    return {
        "maximum": statistics.maximum,
        "mean": statistics.mean,
        "sequence_maximum": statistics.sequence_maximum,
    }


def nullification(network, dataset):
    """Predictions without each of six filters."""
    result = nullify(network, np.asarray(dataset.index), [[row] for row in range(6)])
    return {"ablated": result.ablated}


def search(network, dataset):
    """Three substitutions by the path gradient, in both directions."""
    result = greedy_search(
        EditedLogits(predictor_of(network)),
        np.asarray(dataset.index),
        0,
        "path_gradient",
        steps=3,
        revisit=False,
        improving=True,
        min_gain=0.0,
        candidates=10,
        baseline="shuffled",
        baselines=1,
        path_steps=10,
        megabytes=16,
        seed=1,
        label="search",
    )
    return {"logit": result.logit}


def insertion(network, dataset):
    """Two motifs in shuffled sequences, one for each sequence of the dataset."""
    motifs = [Motif(name, matrix) for name, matrix in dataset.motifs.items()]
    result = insert_motifs(
        predictor_of(network).predict,
        dataset,
        motifs,
        background="shuffled",
        backgrounds=len(dataset),
        insert="consensus",
        step=20,
        controls=2,
        control_positions=2,
        faithful=False,
        seed=1,
    )
    return {"none": result.none, "changes": result.changes[0]}


def tests_of_motifs(network, dataset):
    """The bases of a motif are replaced."""
    predict = predictor_of(network).predict
    subject = Subject(
        predict=predict,
        dataset=dataset,
        instances=planted(dataset),
        frequencies=np.full(4, 0.25),
        logits=predict(dataset.index).astype(np.float64),
        replicates=10,
        max_sequences=len(dataset),
        seed=1,
    )
    (name, *_) = dataset.motifs
    result = measure(subject, MotifTest(PRESENCE, (name,)), np.random.default_rng(1))
    return {"loss": result.test.loss, "margin": result.test.margin}


def scan(network, dataset):
    """All windows, 10 bp apart, of a contig of the dataset's sequences."""
    contig = np.asarray(dataset.index).reshape(-1)
    starts = np.arange(0, len(contig) - network.length + 1, 10)
    run = exact_scan(network, predictor_of(network), 10, len(starts))
    return {"logits": np.asarray(run(contig, starts))}


def vectors(network, dataset):
    """Responses of the first layer to k-mers."""
    (result,) = network_vectors(
        network,
        np.asarray(dataset.index),
        lengths=[4],
        response="mean",
        backgrounds=10,
        seed=1,
    )
    return {"vectors": result.vectors}


def deletion(network, dataset):
    """Windows of 9 bases are replaced from the left, and in a random order."""
    index = np.asarray(dataset.index)
    rng = np.random.default_rng(1)
    predictor = predictor_of(network)
    sequences = sequences_of(
        lambda part: predictor.predict(part)[:, 0],
        index,
        nulls_of("shuffled", index, rng)[:, None],
    )
    perturbation = Perturbation(sequences, 9, steps=5, keep=0.2, orders=1, rng=rng)
    values = np.broadcast_to(-np.arange(index.shape[1]), index.shape)
    curves = perturbation.curves(values)
    return {name: curves.deletion[name] for name in ("top", "random", "lowest")}


METHODS = [
    Method("evaluate", predictions),
    Method(
        "integrated_gradients",
        partial(attributions, kind="integrated_gradients", baseline="zero"),
        GOAL,
    ),
    Method(
        "deeplift_shap",
        partial(
            attributions,
            kind="deeplift_shap",
            baseline="dinucleotide_shuffled",
            baselines=20,
        ),
        GOAL,
    ),
    Method(
        "gradient_shap",
        partial(attributions, kind="gradient_shap", baseline="shuffled", baselines=20),
    ),
    Method("gradient_x_input", partial(attributions, kind="gradient_x_input")),
    Method("smoothgrad", partial(attributions, kind="smoothgrad")),
    Method("saturation_mutagenesis", mutagenesis, GOAL),
    Method("kmer_perturbation", kmer_windows, GOAL),
    Method("filter_pfms", filters),
    Method("filter_nullification", nullification),
    Method("greedy_substitution", search),
    Method("motif_insertion", insertion),
    Method("motif_tests", tests_of_motifs),
    Method("long_sequence_scan", scan),
    Method("embedding", vectors),
    Method("faithfulness", deletion),
]


def configured(sizes, architecture, small):
    """The sequences to explain, those to train with, and the model's settings."""
    settings = {"filters": 8, "filters2": 4, "width": 12, "width2": 6} if small else {}
    batch = {"batch_size": 50} if small else {}
    given = {
        "datasets": {
            "check": {
                "source": "simulate",
                "rule": "presence",
                "motifs": MOTIFS,
                "positive_motifs": MOTIFS[:1],
                "sequences": sizes["training"] + sizes["sequences"],
                "length": sizes["length"],
            }
        },
        "models": {
            "network": {
                "architecture": architecture,
                "settings": settings,
                "training": {"epochs": sizes["epochs"], **batch},
            }
        },
    }
    config = check_configuration(given, SCHEMAS)
    dataset = simulate(config["datasets"]["check"])
    order = np.random.default_rng(1).permutation(len(dataset))
    explained, learned = np.split(order, [sizes["sequences"]])
    validation, training = np.split(learned, [len(learned) // 5])
    rows = [np.sort(part) for part in (explained, training, validation)]
    return *map(dataset.subset, rows), config["models"]["network"]


def seconds(run):
    """Wall seconds of a call, and what it gives."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def on_one_core(method, network, dataset, room):
    """Seconds by sequence, the results, and of how many sequences: those that fit."""
    n = min(2, len(dataset))
    while True:
        spent, result = seconds(partial(method.run, network, dataset.subset(range(n))))
        # What a method does once weighs less the more sequences there are.
        fits = min(len(dataset), int(n * room / max(spent, 1e-9)))
        if fits < 2 * n or n == len(dataset):
            return spent / n, result, n
        room -= spent
        n = min(fits, 16 * n)


def difference(expected, result):
    """The largest difference of two results, as a fraction of the largest number."""
    worst = 0.0
    for name, values in expected.items():
        one, other = np.asarray(values, float), np.asarray(result[name], float)
        if one.shape != other.shape or (np.isnan(one) != np.isnan(other)).any():
            return np.inf
        scale = max(1.0, np.nanmax(np.abs(one), initial=0))
        worst = max(worst, np.nanmax(np.abs(one - other), initial=0) / scale)
    return worst


def compare(method, networks, dataset, room, *, judged):
    """One row of the table; True if the numbers agree and the goal is met.

    Parameters
    ----------
    method : Method
    networks : tuple of torch.nn.Module
        On the CPU, and on the device.
    dataset : proofread.datasets.dataset.Dataset
    room : float
        Seconds for the CPU.
    judged : bool
        Whether the goal counts.
    """
    here, there = networks
    method.run(there, dataset.subset(range(2)))  # libraries are loaded at first use
    spent, _ = seconds(lambda: method.run(there, dataset))
    on_device = spent / len(dataset)
    on_core, expected, n = on_one_core(method, here, dataset, room)
    # Some methods give numbers of all sequences together: the same ones once more.
    apart = difference(expected, method.run(there, dataset.subset(range(n))))
    ratio = on_core / on_device
    fast = not judged or method.goal is None or ratio >= method.goal
    same = apart <= TOLERANCE
    goal = f">= {method.goal}" if method.goal else ""
    verdict = "ok" if fast and same else "DIFFERS" if not same else "TOO SLOW"
    print(
        f"{method.name:24} {1000 * on_core:9.2f} {n:5} {1000 * on_device:9.3f} "
        f"{ratio:8.1f} {goal:>6} {apart:10.1e} {verdict}",
        flush=True,
    )
    return fast and same


def parsed(arguments):
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--architecture", default=None, help="default: basset")
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--small", action="store_true", help="to try the script itself")
    return parser.parse_args(arguments)


def main(arguments=None):
    """Train, run every method on both, compare; the exit status."""
    start, options = time.perf_counter(), parsed(arguments)
    torch.set_num_threads(1)
    keep_freed_memory()
    sizes = SIZES[options.small]
    architecture = options.architecture or (
        "eraslan2019" if options.small else "basset"
    )
    device = choose(options.device)
    on_gpu = device.type != "cpu"
    dataset, training, validation, model = configured(
        sizes, architecture, options.small
    )
    spent, (network, history) = seconds(
        lambda: train(training, validation, model, 1, device=options.device)
    )
    print(
        f"{torch.cuda.get_device_name(0) if on_gpu else 'CPU'}, PyTorch "
        f"{torch.__version__}; {architecture}: {len(history)} epochs of "
        f"{len(training)} sequences in {spent:.0f} s, validation AUROC "
        f"{history['validation_auroc'].max():.3f}\n"
        f"{len(dataset)} sequences of {sizes['length']} bp\n"
        f"{'':24} {'one core':>15} {'device':>9}\n"
        f"{'method':24} {'ms/seq':>9} {'of':>5} {'ms/seq':>9} "
        f"{'ratio':>8} {'goal':>6} {'difference':>10}"
    )
    there = moved(copy.deepcopy(network), options.device, "the network")
    good, limit = True, 60 * options.minutes
    for number, method in enumerate(METHODS):
        left = limit - (time.perf_counter() - start)
        if left <= 0:
            print(f"{method.name:24} not run: {options.minutes:g} minutes are over")
            good = False
            continue
        # Half of the time is the CPU's; the rest is the device's and of the answers.
        room = left / 2 / (len(METHODS) - number)
        good &= compare(method, (network, there), dataset, room, judged=on_gpu)
    if not on_gpu:
        print("No GPU was used: no speed is judged.")
    print("ok" if good else "FAILED", f"after {time.perf_counter() - start:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except InputError as error:
        sys.exit(str(error))
