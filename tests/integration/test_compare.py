"""docs/compare.md followed, with tables made by hand: no network is trained."""

import re
from pathlib import Path

import pandas as pd
import pytest

from pages import copied, shell, steps
from proofread.tables import read_table, write_table

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/compare.md").read_text(encoding="utf-8")
SEEDS = {1: 0.00, 2: 0.02, 3: -0.02, 4: 0.00}  # and what each adds to a score
MADE = ("compare.md", "compare.svg", "compare.tsv")


def write_run(folder, means):
    """Tables of a finished run: F1 and test AUROC of each model, by mean F1."""
    rows = []
    for model, mean in means.items():
        for seed, noise in SEEDS.items():
            names = ("a", model, seed, "filter_pfms", "f1", "STAT", "", "")
            rows.append((*names, "higher", mean + noise))
            network = folder / "a" / model / f"seed{seed}"
            network.mkdir(parents=True)
            metrics = {"predictor": "network", "metric": "auroc", "target": "t"}
            table = pd.DataFrame([{**metrics, "value": 0.9 + noise}])
            write_table(network / "metrics.tsv", table)
    columns = ["dataset", "model", "seed", "method", "metric", "motif", "target"]
    columns += ["variant", "better", "value"]
    write_table(folder / "scorecard.tsv", pd.DataFrame(rows, columns=columns))


def verdicts(folder):
    table = read_table(folder / "results/compare/compare.tsv")
    return dict(zip(table["metric"], table["verdict"], strict=True))


@pytest.mark.slow
def test_the_commands_of_the_page_compare_finished_runs(tmp_path):
    folder = copied(tmp_path / "proofread")
    write_run(folder / "results/old", {"cnn": 0.5, "wide": 0.7})
    write_run(folder / "results/new", {"cnn": 0.5, "wide": 0.7})
    before = {path for path in folder.rglob("results/*/*") if path.is_file()}
    (_, first), (path, text), (_, second) = steps(PAGE)
    ran = shell(folder, first)
    assert ran.returncode == 0, ran.stdout
    made = folder / "results/compare"
    assert sorted(file.name for file in made.iterdir()) == list(MADE)
    assert set(verdicts(folder).values()) == {"within seed noise"}
    assert "none is beyond seed noise" in (made / "compare.md").read_text()
    # Nothing but the comparison ran, and nothing of the runs changed.
    assert re.findall(r"^(?:local)?rule (\w+):", ran.stdout, re.M) == ["compare"]
    after = {file for file in folder.rglob("results/*/*") if file.is_file()}
    assert after - before == {made / name for name in MADE}
    (folder / path).write_text(text)
    ran = shell(folder, second)
    assert ran.returncode == 0, ran.stdout
    # The difference of F1 is 0.2 at each seed, of which four have a p of 1/8.
    assert verdicts(folder) == {"test_auroc": "within seed noise", "f1": "cannot say"}
