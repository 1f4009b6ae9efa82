"""Test AUROC and baselines of the networks of a study, and how scores go with them."""

import numpy as np
import pandas as pd
import pytest

from proofread.tables import write_table
from study_networks import COLUMNS, correlations, is_kept, markdown, networks


def write(results, model, seed, *, aurocs, outputs):
    """Tables of a network: one AUROC for each target, one output for each sequence."""
    folder = results / "order" / model / f"seed{seed}"
    metrics = [("network", "auroc", value) for value in aurocs]
    metrics += [("network", "auprc", 0.1), ("pwm_scan", "auroc", 0.2)]
    names = ["predictor", "metric", "value"]
    write_table(folder / "metrics.tsv", pd.DataFrame(metrics, columns=names))
    maps = [("integrated_gradients", value) for value in outputs]
    maps += [("saliency", np.nan), ("deeplift_shap", 9.0)]
    table = pd.DataFrame(maps, columns=["kind", "baseline_output"])
    write_table(folder / "attributions" / "table.tsv", table)


def test_a_network_has_the_means_of_its_targets_and_sequences(tmp_path):
    write(tmp_path, "cnn", 10, aurocs=[0.9, 0.7], outputs=[1.0, -4.0])
    write(tmp_path, "cnn", 2, aurocs=[0.6], outputs=[0.5])
    write(tmp_path, "cnn.untrained", 1, aurocs=[0.5], outputs=[0.0])
    table = networks(tmp_path)
    assert table.columns.tolist() == COLUMNS
    rows = table.to_numpy().tolist()
    assert rows[0] == ["order", "cnn", 2, pytest.approx(0.6), pytest.approx(0.5)]
    assert rows[1] == ["order", "cnn", 10, pytest.approx(0.8), pytest.approx(-1.5)]
    assert len(rows) == 2  # no negative control


def test_without_shuffled_baselines_there_is_no_row(tmp_path):
    write(tmp_path, "cnn", 1, aurocs=[0.9], outputs=[])
    assert len(networks(tmp_path)) == 0


def test_a_kept_table_is_that_of_the_run(tmp_path):
    table, path = study(range(1, 4))[0], tmp_path / "networks.tsv"
    assert not is_kept(table, path)
    assert is_kept(table[:0], path)
    write_table(path, table)
    assert is_kept(table, path)
    assert not is_kept(table[:0], path) and not is_kept(table[1:], path)
    assert not is_kept(table.assign(test_auroc=0.91), path)


def study(seeds):
    """Networks whose first score falls and second rises with the output."""
    table = pd.DataFrame(
        [("a", "cnn", seed, 0.9, float(seed)) for seed in seeds], columns=COLUMNS
    )
    runs = pd.DataFrame(
        [("a", "cnn", seed, "maps", 1.0 - seed / 10) for seed in seeds]
        + [("a", "cnn", seed, "filters", seed**2 / 100) for seed in seeds]
        + [("a", "cnn", seed, "same", 0.5) for seed in seeds],
        columns=["dataset", "model", "seed", "score", "value"],
    )
    return table, runs


def test_ranks_are_correlated_over_the_networks_of_a_model():
    found = correlations(*study(range(1, 6)))
    assert found.columns.tolist() == ["maps", "filters", "same"]
    row = found.loc[("a", "cnn")]
    assert row[["maps", "filters"]].tolist() == pytest.approx([-1, 1])
    assert np.isnan(row["same"])


def test_networks_of_two_datasets_are_not_ranked_together():
    # In each dataset the score falls with the output; b has higher ones of both.
    table, runs = study(range(1, 6))
    tables = [table, table.assign(dataset="b", baseline_output=[11, 12, 13, 14, 15])]
    scores = [runs, runs.assign(dataset="b", value=runs["value"] + 1)]
    found = correlations(pd.concat(tables), pd.concat(scores))
    assert found["maps"].tolist() == pytest.approx([-1, -1])
    text = markdown(pd.concat(tables), pd.concat(scores))
    assert text.count("| cnn | test AUROC |") == 2


def test_networks_without_a_score_have_no_correlation():
    table, runs = study(range(1, 6))
    assert "Spearman" not in markdown(table, runs[:0])


def test_few_networks_have_no_correlation():
    assert correlations(*study(range(1, 5))).isna().all(axis=None)
    text = markdown(*study(range(1, 5)))
    assert "Spearman" not in text
    assert "| cnn | mean logit of the shuffled baselines | 1.000 | 2.000 |" in text


def test_only_models_with_enough_networks_have_a_row_of_correlations():
    pairs = zip(study(range(1, 6)), study(range(1, 5)), strict=True)
    both = [pd.concat([some, few.assign(model="few")]) for some, few in pairs]
    networks, correlated = markdown(*both).split("Spearman")
    assert "| few | test AUROC |" in networks
    assert "| cnn | -1.000 | 1.000 |  |" in correlated
    assert "few" not in correlated


def test_the_page_has_both_tables():
    text = markdown(*study(range(1, 6)))
    assert "| cnn | test AUROC | 0.900 |" in text
    assert "| network | maps | filters | same |" in text
    assert "| cnn | -1.000 | 1.000 |  |" in text
