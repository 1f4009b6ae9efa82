"""Measure how fast sequences are simulated, compared with simdna.

``python tools/bench.py simulate`` prints a table; ``rows()`` gives its rows. Two motifs
in 200 bp, one thread, CPU seconds, medians of interleaved runs. The drop-in samplers
must give simdna's own bytes: a faster wrong answer stops the benchmark.
"""

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from proofread.configuration.schema import check, read_schema
from proofread.datasets.simulation.generate import simulate
from proofread.datasets.simulation.settings import design_of

SCHEMAS = Path(__file__).resolve().parents[1] / "workflow" / "schemas"
STOCK, DROP_IN, NUMPY = 1500, 8000, 300_000  # sequences: about half a second each


def settings(sequences):
    """Two motifs, placed freely, as simdna itself can draw them."""
    chosen = {
        "source": "simulate",
        "rule": "order",
        "motifs": ["STAT_known2", "CTCF_known1"],
        "sequences": sequences,
        "positive_fraction": "natural",
    }
    schema = read_schema(SCHEMAS / "datasets" / "simulate.schema.yaml")
    return check(chosen, schema, "bench")


def stock(design, seed, n):
    """Draw sequences with simdna as it is."""
    from simdna import synthetic

    from proofread.datasets.simulation.simdna_engine import generate, generator

    def background(length, probabilities):
        frequencies = dict(zip("ACGT", map(float, probabilities), strict=True))
        return synthetic.ZeroOrderBackgroundGenerator(length, frequencies)

    single = generator(design, background=background, sampler=synthetic.PwmSampler)
    return generate(single, seed, n)


def _seconds(function, *arguments):
    begin = time.process_time()
    function(*arguments)
    return time.process_time() - begin


def rows(repeats=5):
    """Yield the task, our seconds, those of simdna, their ratio, and the goal.

    Seconds are for a thousand sequences.
    """
    from proofread.datasets.simulation.simdna_engine import generate, generator

    design = design_of(settings(STOCK), "bench")
    drop_in = generator(design)

    def texts(sequences):
        return [sequence.seq for sequence in sequences]

    if texts(stock(design, 7, 200)) != texts(generate(drop_in, 7, 200)):
        raise AssertionError("the drop-in samplers do not give simdna's bytes")
    ways = {
        "stock": (STOCK, lambda: stock(design, 1, STOCK)),
        "drop-in": (DROP_IN, lambda: generate(drop_in, 1, DROP_IN)),
        "numpy": (NUMPY, lambda: simulate(settings(NUMPY))),
    }
    times = {name: [] for name in ways}
    for _ in range(repeats):
        for name, (n, way) in ways.items():
            times[name].append(1000 * _seconds(way) / n)
    median = {name: statistics.median(values) for name, values in times.items()}
    peer = median["stock"]
    for name, task, goal in (
        ("drop-in", "1,000 x 200 bp, two motifs, simdna's bytes: simdna", 6.0),
        ("numpy", "1,000 x 200 bp, two motifs, numpy with the truth: simdna", 100.0),
    ):
        yield task, median[name], peer, peer / median[name], goal


if __name__ == "__main__":
    print(f"{'work: peer':60s} {'ours':>8s} {'peer':>8s} {'ratio':>6s} goal")
    for name, seconds, peer, ratio, goal in rows():
        print(f"{name:60s} {seconds:8.4f} {peer:8.4f} {ratio:6.1f} {goal}")
