"""How fast motifs are compared: CPU seconds of a fresh process, against a budget.

The MEME Suite's Tomtom took 356 s for the first row and 875 s for the second on one
core (measured elsewhere), and cannot be a dependency; the budgets are what a user
should not have to wait longer than. Ratio above 1: within the budget.
"""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from proofread.motifs.files import write_meme
from proofread.motifs.jaspar import read_jaspar
from proofread.motifs.motif import Motif

SCRIPTS = sys.path[0]
RUNS = 3
MEGABYTES = 250
COMPARE = """
import resource, sys
sys.path.insert(0, {scripts!r})
from proofread.motifs.tomtom import Settings, compare_motifs, write_comparisons
from proofread.motifs.files import read_meme
began = resource.getrusage(resource.RUSAGE_SELF)
if {compare}:
    queries = read_meme({queries!r})
    rows = compare_motifs(
        queries.motifs, read_meme({targets!r}).motifs,
        Settings(distance="pearson"), query_background=queries.background,
    )
    write_comparisons({out!r}, rows)
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def queries(n, width):
    """Random motifs: columns of a flat Dirichlet, sharpened to look like filters."""
    generator = np.random.default_rng(1)
    return [
        Motif(
            f"query{row}", generator.dirichlet(np.full(4, 0.5), size=width), sites=100
        )
        for row in range(n)
    ]


def cost(folder, n, width, targets, compare=True):
    """Median CPU seconds and peak memory (MB) of a fresh process."""
    write_meme(folder / "queries.meme", queries(n, width), decimals=6)
    program = COMPARE.format(
        scripts=SCRIPTS,
        compare=compare,
        queries=str(folder / "queries.meme"),
        targets=str(targets),
        out=str(folder / "hits.tsv"),
    )
    runs = [
        tuple(
            map(float, subprocess.check_output([sys.executable, "-c", program]).split())
        )
        for _ in range(RUNS)
    ]
    seconds, memory = zip(*runs, strict=True)
    return statistics.median(seconds), max(memory)


def rows():
    """What was compared, our CPU seconds (or MB), the budget, their ratio, goal 1."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, n, width, budget, release, taxon in (
            ("300 x 879 (JASPAR 2024 vertebrates)", 300, 19, 2.5, 2024, "vertebrates"),
            ("300 x 2,346 (JASPAR 2024)", 300, 19, 4.0, 2024, None),
            ("24 x 1,019 above imports", 24, 15, 0.5, 2026, "vertebrates"),
        ):
            targets = folder / "targets.meme"
            motifs = read_jaspar(f"JASPAR{release}", "CORE", taxon)
            write_meme(targets, motifs, decimals=6)
            seconds, memory = cost(folder, n, width, targets)
            if "above imports" in what:
                seconds -= cost(folder, n, width, targets, compare=False)[0]
            yield f"Tomtom {what}: budget", seconds, budget, budget / seconds, 1.0
            label = f"Tomtom {what}: memory, MB"
            yield label, memory, MEGABYTES, MEGABYTES / memory, 1.0
