"""Shows the run of a folder in a terminal of its own, until it ends.

    python -m proofread.monitor [--directory FOLDER] [--interval SECONDS] [--once]

It reads what the run has recorded and changes nothing, so it may be started, stopped
and started again at any time. It ends with the run.
"""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from proofread.monitor.ending import verdict
from proofread.monitor.page import page
from proofread.monitor.processes import Queue, alive
from proofread.monitor.run import Run

STATUS = {"done": 0, "failed": 1, "stopped": 1, "killed": 1, "running": 3}
NO_RUN = 2
HOME, REST_OF_LINE, REST_OF_SCREEN = "\033[H", "\033[K", "\033[J"


def main(arguments):
    """Show the run; returns the exit status that `--help` explains."""
    parser = argparse.ArgumentParser(
        prog="watch",
        description="Shows the run of a folder until it ends.",
        epilog="exit status: 0 all done, 1 ended with jobs not done, 2 no run in the "
        "folder, 3 (with --once) still running",
    )
    parser.add_argument(
        *("--directory", "-d"),
        type=Path,
        default=Path(),
        help="where Snakemake works: its --directory, else where it was started",
    )
    parser.add_argument(
        *("--interval", "-i"),
        type=float,
        help="seconds between two pages (5 on a terminal, 60 otherwise)",
    )
    parser.add_argument("--once", action="store_true", help="one page, then end")
    options = parser.parse_args(arguments)
    terminal = sys.stdout.isatty()
    pause = max(1.0, options.interval or (5 if terminal else 60))
    sys.stdout.reconfigure(errors="replace")
    try:
        return watch(options.directory.resolve(), pause, terminal, options.once)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # as of `watch | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def watch(folder, pause, terminal, once):
    """Show page after page of the newest run of a folder."""
    run = queue = None
    while True:
        path = newest(folder)
        if run is None or run.path != path:
            run, queue = path and Run(path, folder), None
        if run is not None:
            run.read()
        if run is None or not run.about:
            text, state = [f"No run is recorded in {folder} yet."], None
        else:
            queue = queue or Queue(run.about["slurm"])
            there = alive(run.about)
            if there is False:
                run.read()  # its last words, if it ended since
            state = verdict(run, there)
            size = shutil.get_terminal_size((100, 24))
            text = page(
                *(run, there, queue.states()),
                now=time.time(),
                columns=size.columns,
                lines=size.lines - 1 if terminal and not once else None,
            )
        show(text, terminal and not once)
        if once or state not in (None, "running"):
            return NO_RUN if state is None else STATUS[state]
        time.sleep(pause)


def newest(folder):
    """The file of the newest run of a folder, or None."""
    return max((folder / ".snakemake/proofread").glob("*.jsonl"), default=None)


def show(lines, again):
    """Write a page, over the last one where it is written again and again."""
    if again:
        end = f"{REST_OF_LINE}\n"
        text = HOME + end.join(lines) + end + REST_OF_SCREEN
    else:
        text = "\n".join(lines) + "\n\n"
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
