"""README's table of results: how it is made, and that it keeps the promised numbers."""

import re
import sys
from pathlib import Path

import pandas as pd
import pytest

from proofread.tables import write_table

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tools"))

import accept  # noqa: E402  needs the path above
import readme_table  # noqa: E402

PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
WRITTEN = readme_table.written_rows(PAGE)
AUROC = accept.RULE_AUROC["distance"]


@pytest.fixture
def results(tmp_path):
    """Tables in which seed 1 has 0.5 of everything and seed 2 has 1."""
    for seed in readme_table.SEEDS:
        value = seed / 2
        rows = [
            (predictor, metric, value if predictor == "network" else 0.25)
            for predictor in ("network", "gc", "kmer6")
            for metric in ("auroc", "auroc_hard", "auprc")
        ]
        path = tmp_path / readme_table.NETWORK / f"seed{seed}" / "metrics.tsv"
        path.parent.mkdir(parents=True)
        write_table(path, pd.DataFrame(rows, columns=["predictor", "metric", "value"]))
    rows = []
    for name, (metric, more) in readme_table.SCORES.items():
        method, better = name.split(":")[0].split(",")[0], "higher"
        if metric == "tests_false":
            better = "lower"
        more = {"motif": None, "variant": None, **more}
        for seed in readme_table.SEEDS:
            control = 0.1234 * seed
            rows.append(
                (seed, method, metric, *more.values(), better, seed / 2, control)
            )
    columns = ["seed", "method", "metric", "motif", "variant", "better", "value"]
    columns.append("negative_control")
    write_table(tmp_path / "scorecard.tsv", pd.DataFrame(rows, columns=columns))
    return tmp_path


def test_rows_are_those_of_the_tables(results):
    rows = readme_table.rows(results)
    assert rows["test AUROC"] == ("0.500, 1", "GC content 0.250, 6-mers 0.250")
    # The better of two controls is the higher, of false positives the lower.
    assert rows["filter_pfms: F1 of CTCF's best filter"] == ("0.500, 1", "[0.247]")
    assert rows["motif_tests: fraction of false positives"] == ("0.500, 1", "[0.123]")


def test_rows_are_written_into_the_page_and_read_from_it(results):
    rows = readme_table.rows(results)
    page = readme_table.with_rows(PAGE, rows)
    assert readme_table.written_rows(page) == rows
    assert readme_table.with_rows(page, WRITTEN) == PAGE


def test_the_page_has_the_rows_in_this_order(results):
    assert list(WRITTEN) == list(readme_table.rows(results))


def test_names_are_no_numbers():
    cells = ("0.986, 1", "GC content 0.577, 6-mers 0.752")
    assert readme_table.numbers(cells) == [0.986, 1, 0.577, 0.752]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_number_of_the_page_keeps_what_the_acceptance_run_wants(name):
    """Two seeds and a control; AUROCs next to two baselines."""
    *values, control = readme_table.numbers(WRITTEN[name])
    if name.startswith("test AUROC"):
        assert min(values[:2]) >= AUROC > max(values[2], control)
    elif name.startswith("motif_tests"):
        assert (values, control) == ([0, 0] if "false" in name else [1, 1], 0)
    else:
        wanted = accept.POSITION_AUROC if "planted positions" in name else control
        assert min(values) >= wanted > 0.1
        assert min(values) > control


def test_the_acceptance_run_looks_at_aurocs_of_centred_scores(tmp_path):
    """Not at the average precision, nor at the fraction in decoys, which is low."""
    wanted = "saliency absolute_centred_window9"
    rows = [
        ("position_auroc", wanted, 0.95),
        ("position_auprc", wanted, 0.6),
        ("position_decoy_fraction", wanted, 0.1),
        ("position_auroc", "saliency absolute", 0.7),
    ]
    (tmp_path / "attributions").mkdir()
    table = pd.DataFrame(rows, columns=["metric", "variant", "value"])
    write_table(tmp_path / "attributions" / "score.tsv", table)
    assert accept.centred_aurocs(tmp_path)["value"].tolist() == [0.95]


def test_the_time_of_the_example_is_the_one_that_is_checked():
    minutes, cores = re.search(
        r"report.html: (\d+) minutes on (\d+) cores", PAGE
    ).groups()
    assert 60 * int(minutes) == accept.DEFAULT_SECONDS
    assert int(cores) == accept.DEFAULT_CORES
