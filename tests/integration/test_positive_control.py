"""Which jobs a positive control adds, as Snakemake plans them."""

import pytest

from runs import TINY, command, finish, prepare, surroundings

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
