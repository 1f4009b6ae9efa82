"""Positive controls through Snakemake: which jobs they add, and what methods find.

The run of all methods takes about 100 CPU seconds.
"""

import csv
import shutil

import pytest
import yaml

import control_limits
from proofread.studies.positive_control_table import key
from proofread.tables import read_table
from runs import ROOT, TINY, command, finish, prepare, surroundings

NAME = "positive_control"
DATASET = "presence"  # the rule with decoys, which filter_nullification needs

RANDOM = {
    "source": "simulate",
    "rule": "none",
    "motifs": ["STAT_known2"],
    "sequences": 400,
    "length": 80,
}


@pytest.mark.slow
def test_all_scored_methods_run_on_the_rule_of_each_dataset_that_has_one(tmp_path):
    configuration = TINY | {
        "datasets": TINY["datasets"] | {"random": RANDOM},
        "analyses": ["filter_pfms", "tomtom", "embedding"],
        "methods": {"tomtom": {"databases": []}},
        "positive_control": "oracle",
    }
    folder = prepare(tmp_path / "run", configuration)
    rows = "dataset\tmodel\tseed\npresence\ttiny\t1\nrandom\ttiny\t1\n"
    (folder / "config/experiments.tsv").write_text(rows)
    dry_run = command("-n", "--cores", "1", "results/scorecard.tsv", logger=False)
    plan = finish(folder, dry_run, env=surroundings(folder))
    made = {
        method: f"results/presence/oracle/seed1/{method}/score.tsv" in plan
        for method in configuration["analyses"]
    }
    # embedding is not scored.
    assert made == {"filter_pfms": True, "tomtom": True, "embedding": False}
    assert "results/presence/oracle/seed1/model.ckpt" in plan
    assert "results/random/oracle" not in plan


@pytest.fixture(scope="module")
def control(tmp_path_factory):
    """The shipped control, of one rule."""
    folder = tmp_path_factory.mktemp("control") / "run"
    (folder / "config").mkdir(parents=True)
    (folder / "resources").symlink_to(ROOT / "resources")
    shutil.copyfile(ROOT / "config/config.yaml", folder / "config/config.yaml")
    settings = yaml.safe_load((ROOT / f"config/{NAME}.yaml").read_text())
    settings["datasets"] = {DATASET: settings["datasets"][DATASET]}
    (folder / f"config/{NAME}.yaml").write_text(yaml.safe_dump(settings))
    rows = f"dataset\tmodel\tseed\n{DATASET}\teraslan2019\t1\n"
    (folder / f"config/{NAME}.tsv").write_text(rows)
    arguments = ["--cores", "2", "--configfile", f"config/{NAME}.yaml", "--", NAME]
    run = command(*arguments)
    finish(folder, run, env=surroundings(folder), timeout=1800)
    return folder


@pytest.mark.slow
def test_the_control_runs_alone(control):
    benchmarks = {path.name for path in (control / "benchmarks" / NAME).iterdir()}
    assert {"oracle", "attributions", "evaluate"} <= benchmarks
    assert not {"train", "summary", "scorecard"} & benchmarks
    networks = control / "results" / NAME / DATASET
    assert not (networks / "eraslan2019").exists()


@pytest.mark.slow
def test_all_methods_find_the_rule_or_have_a_named_limit(control):
    figures = control / "results" / NAME / "figures"
    table = read_table(figures / f"{NAME}.tsv").to_dict("records")
    settings = yaml.safe_load((ROOT / f"config/{NAME}.yaml").read_text())
    methods = {row["method"].partition(",")[0] for row in table}
    assert methods == set(settings["analyses"])
    below = {key(row) for row in table if not row["reached"]}
    assert below <= set(control_limits.LIMITS)
    (prediction,) = read_table(figures / f"{NAME}_auroc.tsv").to_dict("records")
    assert prediction["fraction"] >= control_limits.PREDICTS
    markdown = (figures / f"{NAME}.md").read_text()
    assert "| attributions, deeplift_shap |" in markdown
    with (figures / f"{NAME}_provenance.tsv").open(newline="") as file:
        record = dict(list(csv.reader(file, delimiter="\t"))[1:])
    assert (record["models"], record["networks"]) == ("oracle", "1")
