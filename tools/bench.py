"""Measure this project against its peers, in one run, on one thread.

    python tools/bench.py [NAME ...]

Every module `tools/bench_NAME.py` gives `rows()`: what was measured, our CPU seconds,
the peer's, their ratio, and the ratio promised (None: stated, not promised). Seconds
are medians of runs that took turns, so that other work on the machine touches both
alike; the ratio is what to read.
"""

import importlib
import os
import sys
from pathlib import Path

# Before NumPy and torch are imported: they read it once.
os.environ["OMP_NUM_THREADS"] = "1"

TOOLS = Path(__file__).resolve().parent
sys.path[:0] = [str(TOOLS), str(TOOLS.parent / "workflow" / "scripts")]


def main():
    """Run the benches named on the command line, or all."""
    names = sys.argv[1:] or sorted(
        path.stem.removeprefix("bench_") for path in TOOLS.glob("bench_*.py")
    )
    print(f"{'work':58} {'ours, s':>9} {'peer, s':>9} {'ratio':>7} {'goal':>6}")
    missed = 0
    for name in names:
        for what, ours, peer, ratio, goal in importlib.import_module(
            f"bench_{name}"
        ).rows():
            short = goal is not None and ratio < goal
            missed += short
            promised = "" if goal is None else f"{goal:.1f}"
            print(
                f"{what:58} {ours:9.3g} {peer:9.3g} {ratio:7.1f} {promised:>6}"
                f"{'  MISSED' if short else ''}"
            )
            sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
