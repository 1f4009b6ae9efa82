"""docs/own_data.md followed from the simulated sequences to the reports.

Its examples of other formats are read in test_sources.py.
"""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from pages import copied, follow

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/own_data.md").read_text(encoding="utf-8")
STEPS, _ = PAGE.split("\n## Size and format\n")


def planned(command):
    """The command itself, but of a run with training only its plan."""
    training = command.startswith("snakemake") and "--until" not in command
    return f"{command} --dry-run" if training else command


def test_the_page_s_first_command_shows_the_sequences_before_training(tmp_path):
    folder = copied(tmp_path / "proofread")
    follow(STEPS, folder, planned)
    results = folder / "results/own/own"
    splits = pd.read_csv(results / "splits.tsv", sep="\t")
    assert splits["sequences"].sum() == 4000
    assert (results / "preview/preview.svg").stat().st_size > 0
    log = (folder / "logs/own/read/own.log").read_text()
    assert "bound: 2000 positives and 2000 negatives" in log
    assert not (results / "eraslan2019").exists()
    assert (tmp_path / "project/my/positives.fa").is_file()
    number = folder / "results/number/assay"
    values = pd.read_csv(number / "preview/values.tsv", sep="\t")
    whole = values.query("split == 'all'").set_index("target")
    assert whole["values"].to_dict() == {"leaf": 1500, "root": 1000}
    pairs = pd.read_csv(number / "preview/value_pairs.tsv", sep="\t")
    # Copies have the variance 1.25, noise 0.25: 0.625 / sqrt(1.5 x 0.5625).
    assert pairs["pearson"].item() == pytest.approx(0.68, abs=0.04)
    for name in ("values", "preview"):
        assert (number / f"preview/{name}.svg").stat().st_size > 0
    log = (folder / "logs/number/read/assay.log").read_text()
    assert "leaf: 1500 values, mean" in log and "root: 1000 values, mean" in log


def test_the_configurations_of_the_page_write_into_folders_of_their_own(tmp_path):
    """Except the one that asks another question of the networks of the first."""
    folder = copied(tmp_path / "proofread")
    follow(STEPS, folder, lambda command: "true")
    results = [
        yaml.safe_load(path.read_text()).get("pathvars", {}).get("results")
        for path in sorted((folder / "config").glob("own*.yaml"))
    ]
    assert results == [
        "results/own",
        "results/number",
        "results/small",
        None,
        "results/strands",
    ]


def aurocs(folder):
    table = pd.read_csv(folder / "metrics.tsv", sep="\t")
    return table.query("metric == 'auroc'").set_index("predictor")["value"]


@pytest.mark.slow
def test_the_page_s_runs_give_what_it_says(tmp_path):
    folder = copied(tmp_path / "proofread")
    follow(STEPS, folder)
    for name in ("own", "number", "small", "strands"):
        assert (folder / f"results/{name}/report.html").is_file()
    assert (tmp_path / "project/results/own/report.html").is_file()
    number = folder / "results/number/assay/recommended/seed1/metrics.tsv"
    r2 = pd.read_csv(number, sep="\t").query("metric == 'r2' and target == 'leaf'")
    r2 = r2.set_index("predictor")["value"]
    assert r2["network"] == pytest.approx(0.72, abs=0.05)
    assert r2["kmer6"] == pytest.approx(0.65, abs=0.01)
    network = folder / "results/own/own/eraslan2019/seed1"
    auroc = aurocs(network)
    assert auroc["network"] == pytest.approx(0.97, abs=0.02)
    assert auroc[["gc", "kmer6"]].between(0.4, 0.6).all()
    hits = pd.read_csv(network / "tomtom/table.tsv", sep="\t")["protein"].dropna()
    assert {"SPI1", "SPIB", "SPIC"} & set(hits.str.upper())
    assert hits.str.upper().str.startswith("CEBP").sum() >= 2
    for score in network.glob("*/score.tsv"):
        assert len(score.read_text().splitlines()) == 1, score
    tests = pd.read_csv(network / "motif_tests/table.tsv", sep="\t")
    effect = tests.set_index("test")["effect"]
    assert effect["order_of_PU1_&_CEBP"] == pytest.approx(6, abs=1.5)
    # Below min_effect_fraction of the largest: not found.
    assert abs(effect["dist_btwn_PU1_&_CEBP"]) < 0.05 * effect["order_of_PU1_&_CEBP"]
    assert (network / "motif_tests/gaps.svg").is_file()
    small = folder / "results/small/own"
    for seed in (1, 2):
        few = aurocs(small / f"small/seed{seed}")["network"]
        assert few == pytest.approx(0.9, abs=0.05)
        large = aurocs(small / f"eraslan2019/seed{seed}")["network"]
        assert large == pytest.approx(0.8, abs=0.05)
