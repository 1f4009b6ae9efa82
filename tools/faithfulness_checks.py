"""The promised numbers of faithfulness and of the page, parts of tools/accept.py."""

import logging
import re
import warnings

import numpy as np
import pandas as pd

from proofread.configuration.negative_controls import kind_of
from proofread.methods.faithfulness.sample import (
    CONSTANT_OUTPUT,
    NO_BASE,
    SAME_BACKGROUND,
)
from proofread.progress import log
from proofread.tables import read_table

NETWORK_SECONDS = 30  # of CPU time, for one network of the default's size
PAGE_MEGABYTES = 10
AGREEING = 3  # sources that name a family: "at least three agree"
PRECISION = 0.8  # of what these name
NO_VERDICT = "this method has no verdict"
# A method of a network on the page: its name, and its verdict.
_METHOD = re.compile(
    r'<section class="method" data-method="(\w+)">.*?<p class="finding">(.*?)</p>', re.S
)


def check_seconds(check, what, benchmarks):
    """CPU time of faithfulness, of each network and negative control."""
    seconds = {
        path.stem: pd.read_csv(path, sep="\t")["cpu_time"].astype(float).sum()
        for path in sorted(benchmarks.glob("faithfulness/*.tsv"))
    }
    slowest = max(seconds, key=seconds.get, default="no network")
    most = seconds.get(slowest, np.nan)
    check(
        f"{what}: CPU seconds of faithfulness, the slowest of {len(seconds)} networks"
        f" ({slowest})",
        f"<= {NETWORK_SECONDS}",
        f"{most:.1f}",
        most <= NETWORK_SECONDS,
    )


def check_precision(check, of, folder):
    """Families that at least three methods name: how many are of causal motifs."""
    table = read_table(folder / "faithfulness" / "families_precision.tsv")
    rows = table[table["at_least"] == AGREEING].to_dict("records")
    row = rows[0] if rows else dict.fromkeys(table.columns, np.nan)
    check(
        f"{of} precision of families that at least {AGREEING} methods name",
        f">= {PRECISION} (by chance {row['chance']:.3g})",
        f"{row['precision']:.3g} ({row['ci_low']:.3g} to {row['ci_high']:.3g}) of"
        f" {row['families']:g}",
        row["precision"] >= PRECISION,
    )


def check_agreeing(check, results):
    """The same of all networks of a study, compared with chance; nothing without any.

    Parameters
    ----------
    check : accept.Checks
    results : path
        The folder of the study's results.
    """
    paths = results.glob("*/*/seed*/faithfulness/families_precision.tsv")
    tables = [read_table(path) for path in sorted(paths) if not kind_of(path.parts[-4])]
    if not tables:
        return
    rows = pd.concat(tables).dropna(subset=["precision", "chance"])
    rows = rows[rows["at_least"] == AGREEING]
    families = rows["families"].sum()
    precision = rows["causal"].sum() / families if families else np.nan
    chance = (rows["chance"] * rows["families"]).sum() / families if families else 1
    check(
        f"{results.name}: precision of {families:g} families that at least {AGREEING}"
        f" methods name, in {len(rows)} of {len(tables)} networks",
        f">= {PRECISION}, and {chance:.3f} by chance",
        f"{precision:.3f}",
        precision >= max(PRECISION, chance),
    )


def check_page(check, what, page):
    """The page's size, and a verdict of every method in every network.

    Parameters
    ----------
    check : accept.Checks
    what : str
        Which page.
    page : str
        Its HTML.
    """
    megabytes = len(page.encode()) / 1e6
    check(
        f"{what}: MB",
        f"<= {PAGE_MEGABYTES}",
        f"{megabytes:.2f}",
        megabytes <= PAGE_MEGABYTES,
    )
    sections = page.count('<section class="method"')
    verdicts = _METHOD.findall(page)
    missing = [
        method for method, text in verdicts if not text.strip() or NO_VERDICT in text
    ]
    check(
        f"{what}: methods of networks without a verdict",
        f"0 of {sections}",
        f"{sections - len(verdicts) + len(missing)}{': ' * bool(missing)}"
        f"{', '.join(missing)}",
        len(verdicts) == sections and not missing,
    )


def check_degenerate(check):
    """Sequences, outputs and networks about which a map says nothing are named."""
    # torch is needed here alone.
    import torch

    import proofread

    torch.set_num_threads(1)
    torch.manual_seed(1)
    network = torch.nn.Sequential(
        torch.nn.Conv1d(4, 4, 8),
        torch.nn.ReLU(),
        torch.nn.MaxPool1d(73),
        torch.nn.Flatten(),
        torch.nn.Linear(4, 1),
    )
    generator = np.random.default_rng(1)
    ordinary = ["".join(generator.choice(list("ACGT"), 80)) for _ in range(4)]
    constant = torch.nn.Sequential(network, torch.nn.Linear(1, 1))
    torch.nn.init.zeros_(constant[1].weight)
    cases = {
        SAME_BACKGROUND: (network, ["ACTG" * 20, *ordinary]),
        NO_BASE: (network, ["N" * 80, *ordinary]),
        CONSTANT_OUTPUT.format("logit"): (constant, ordinary),
    }
    for reason, (model, sequences) in cases.items():
        table = proofread.faithfulness(
            model, sequences, kinds=["saturation_mutagenesis"], resamples=10
        ).table
        named = table["note"].astype(str).str.contains(reason, regex=False).sum()
        what = f"faithfulness: numbers whose note says {reason!r}"
        check(what, "> 0", named, named > 0)

    class Functions(torch.nn.Module):
        """The same network, with a function in place of a module."""

        def __init__(self):
            super().__init__()
            self.convolution, _, *others = network
            self.others = torch.nn.Sequential(*others)

        def forward(self, one_hot):
            return self.others(torch.relu(self.convolution(one_hot)))

    for wanted, model, sequences in (
        ("DeepLIFT has no rule for relu", Functions(), ordinary),
        ("1 of 5 sequences equal all their", network, ["ACTG" * 20, *ordinary]),
    ):
        said = _said(
            lambda model=model, sequences=sequences: proofread.attributions(
                model, sequences, kind="deeplift_shap"
            )
        )
        check("attributions: warning", wanted, said or "none", wanted in said)


def _said(explain):
    """What a function warns of, and what it logs."""
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    log.addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            explain()
    finally:
        log.removeHandler(handler)
    texts = [record.getMessage() for record in records]
    return "; ".join([*texts, *(str(item.message) for item in caught)])
