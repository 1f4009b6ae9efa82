"""How far long work has come, and the log."""

import logging
import sys

log = logging.getLogger("proofread")


def progress(items, label, total=None):
    """Iterate with a bar on a terminal and a few plain lines in the log otherwise."""
    total = len(items) if total is None else total
    if sys.stderr.isatty():
        from tqdm import tqdm

        yield from tqdm(items, desc=label, total=total, leave=False)
        return
    tenth = max(1, total // 10)
    for done, item in enumerate(items, start=1):
        yield item
        if done % tenth == 0 or done == total:
            log.info("%s: %d of %d", label, done, total)
