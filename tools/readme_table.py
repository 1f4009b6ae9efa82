"""README's table of results, written from the example's own tables.

    snakemake --cores 2
    python tools/readme_table.py

`tools/accept.py` compares README with the same rows.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from proofread.tables import read_table  # noqa: E402  needs the path above

README = ROOT / "README.md"
NETWORK = "distance/eraslan2019"
SEEDS = (1, 2)
# Name of the row, and the metric of metrics.tsv.
PREDICTIONS = {
    "test AUROC": "auroc",
    "test AUROC against hard negatives": "auroc_hard",
}
BASELINES = {"GC content": "gc", "6-mers": "kmer6"}
# Maps are compared with the same moving mean: without it numbers of single bases are
# noisy.
POSITIONS = "AUROC of planted positions"
# Name of the row, which begins with the method; the metric, and what else picks its
# row of scorecard.tsv.
SCORES = {
    "filter_pfms: F1 of STAT's best filter": ("f1", {"motif": "STAT_known2"}),
    "filter_pfms: F1 of CTCF's best filter": ("f1", {"motif": "CTCF_known1"}),
    "motif_tests: fraction of the rule's effects recovered": ("tests_recovered", {}),
    "motif_tests: fraction of false positives": ("tests_false", {}),
    **{
        f"{name}: {POSITIONS}": ("position_auroc", {"variant": variant})
        for name, variant in {
            "kmer_perturbation": "absolute_window9",
            "saturation_mutagenesis": "absolute_window9",
            "attributions, Integrated Gradients": (
                "integrated_gradients absolute_centred_window9"
            ),
            "attributions, DeepLIFT/SHAP": "deeplift_shap absolute_centred_window9",
            "attributions, saliency": "saliency absolute_centred_window9",
        }.items()
    },
    "long_sequence_scan: AUROC of windows with planted sites": ("window_auroc", {}),
}


def rows(results):
    """Rows of the table from the example's results.

    Parameters
    ----------
    results : path
        The folder of the default configuration's results.

    Returns
    -------
    dict of str to tuple of str
        Under the name of each row: the scores of both seeds, and what they are
        compared with. Of a score's negative controls, that with the better value.
    """
    metrics = [
        read_table(results / NETWORK / f"seed{seed}" / "metrics.tsv") for seed in SEEDS
    ]
    result = {}
    for name, metric in PREDICTIONS.items():
        values = [_only(table, predictor="network", metric=metric) for table in metrics]
        compared = [
            f"{baseline} {_only(metrics[0], predictor=predictor, metric=metric):.3f}"
            for baseline, predictor in BASELINES.items()
        ]
        result[name] = _written(values), ", ".join(compared)
    scorecard = read_table(results / "scorecard.tsv")
    for name, (metric, more) in SCORES.items():
        chosen = {"method": re.match(r"\w+", name)[0], "metric": metric, **more}
        values, controls = (
            [_only(scorecard, column, seed=seed, **chosen) for seed in SEEDS]
            for column in ("value", "negative_control")
        )
        lower = _only(scorecard, "better", seed=SEEDS[0], **chosen) == "lower"
        best = min(controls) if lower else max(controls)
        result[name] = _written(values), f"[{_written([best])}]"
    return result


def _only(table, column="value", **chosen):
    for name, value in chosen.items():
        table = table[table[name] == value]
    (value,) = table[column]
    return value


def _written(values):
    """Three decimals, but 0 and 1 as they are."""
    return ", ".join(f"{value:.3f}" if value % 1 else f"{value:g}" for value in values)


def written_rows(page):
    """The rows that a page has, in the form of `rows`."""
    table = re.search(r"^\| score \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", page, re.MULTILINE)
    cells = [line.strip("|").split("|") for line in table[1].splitlines()]
    return {row[0].strip(): (row[1].strip(), row[2].strip()) for row in cells}


def numbers(cells):
    """The numbers of a row's cells, without those of names such as 6-mers."""
    return [
        float(text) for text in re.findall(r"(?<!\w)\d[\d.]*(?![\w-])", " ".join(cells))
    ]


def with_rows(page, made):
    """The page with other rows in its table."""
    text = "".join(
        f"| {name} | {' | '.join(cells)} |\n" for name, cells in made.items()
    )
    return re.sub(
        r"(^\| score \|.*\n\|[-|]+\|\n)(?:\|.*\n)+",
        lambda match: match[1] + text,
        page,
        flags=re.MULTILINE,
    )


if __name__ == "__main__":
    page = README.read_text(encoding="utf-8")
    README.write_text(with_rows(page, rows(ROOT / "results")), encoding="utf-8")
