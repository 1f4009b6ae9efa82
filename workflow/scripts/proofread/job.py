"""What every script does first and while it works: log, seed, threads, progress."""

import contextlib
import ctypes
import faulthandler
import logging
import os
import random
import sys
import warnings

import numpy as np

from proofread.atomic import remove_unfinished
from proofread.errors import InputError, plain
from proofread.main_process import end_with_snakemake
from proofread.progress import log
from proofread.storage import refusal

# How figures of this process are saved, by `proofread.figures.style.save_figure`, and
# whether they are drawn.
_SVG_ALONE = {"formats": ["svg"], "editable_text": False}
figure_options = _SVG_ALONE | {"drawn": True}


def start(job):
    """Send messages to the rule's log, fix the threads and the global seeds.

    Parameters
    ----------
    job : snakemake.iocontainers.Snakemake
        Its first log file receives every message, warning and uncaught
        exception; a mistake of the user (`InputError`), or what the operating system
        refuses (a full disk), is also printed alone, without a traceback.
    """
    in_workflow = type(job).__module__.startswith("snakemake.")  # and not from a test
    if in_workflow:
        end_with_snakemake()
    sys.excepthook = _report_exception
    sys.unraisablehook = _pass_over_refusals
    # Results depend on the order of sums, hence on the number of threads. The rules'
    # `threads: 1` makes Snakemake export OMP_NUM_THREADS=1 and the like before any
    # library is loaded; torch keeps a count of its own.
    os.environ.pop("OMP_DYNAMIC", None)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    keep_freed_memory()
    # Ours draw from their own generators; a library may draw from the global ones.
    given = dict(getattr(getattr(job, "params", None), "figures", {}))
    networks = given.pop("networks", True)
    of_network = hasattr(getattr(job, "wildcards", None), "seed")
    drawn = networks or not of_network
    figure_options.update(_SVG_ALONE | given | {"drawn": drawn})
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    handler = _Log(job.log[0], mode="w", encoding="utf-8")
    handler.setFormatter(_Plain("%(message)s"))
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").handlers[:] = [handler]
    warnings.simplefilter("default")
    if in_workflow:
        for path in job.output:
            remove_unfinished(path)
        faulthandler.enable(handler.stream)


class _Log(logging.FileHandler):
    """A log that a full disk ends, and not the job: its results say it better."""

    def handleError(self, record):
        """Pass over what cannot be written."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def draws(job, *names):
    """Whether the rule has these figures, or other files, among its outputs.

    A negative control has no figures: nobody looks at those of a network that knows
    nothing. Of its other files it has those that another rule reads.
    """
    return all(name in job.output.keys() for name in names)  # noqa: SIM118


def keep_freed_memory():
    """Let glibc keep the blocks that tensors free, for the next tensors.

    It returns blocks of some MB to the system at once, and a training step that asks
    for them anew spends a fifth of its time on it. Nothing happens elsewhere.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        mallopt(-3, 32 << 20)  # M_MMAP_THRESHOLD, the largest it takes
        mallopt(-1, 1 << 30)  # M_TRIM_THRESHOLD


class _Plain(logging.Formatter):
    """Lines of a log that a terminal shows as they are."""

    def format(self, record):
        """The message, and the traceback if there is one."""
        return plain(super().format(record))


def _report_exception(kind, error, trace):
    message = error if issubclass(kind, InputError) else refusal(error)
    if message is not None:
        refused = refusal(error) or (error.__cause__ and refusal(error.__cause__))
        if refused:  # where the code was, for the log alone; its last lines are shown
            log.error("refused here", exc_info=(kind, error, trace))
        log.error("%s", message)
        print(message, file=sys.stderr)
    elif _is_interrupt(error):
        log.error("interrupted")
    else:
        log.error("uncaught exception", exc_info=(kind, error, trace))
        sys.__excepthook__(kind, error, trace)


def _is_interrupt(error):
    """Whether an error is an interrupt, or came of one.

    torch.save closes its half-written archive, which raises an error of its own.
    """
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _pass_over_refusals(unraisable):
    """h5py closes the file again that a full disk kept it from closing; it was said."""
    if refusal(unraisable.exc_value) is None:
        sys.__unraisablehook__(unraisable)
