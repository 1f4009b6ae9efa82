"""The scripts baselines and evaluate on quantities: files, numbers and figures."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import baselines
import evaluate
from proofread.datasets.dataset import Dataset, write_dataset, write_splits
from proofread.figures.quantities import draw_measured_predicted, draw_residuals
from proofread.models.checkpoint import build_model, save_model
from proofread.models.output_scale import fit_scale, set_scale
from proofread.statistics.quantities import evaluate_quantities, residuals
from proofread.tables import read_table
from proofread.truth.comparisons import compare, rank
from proofread.truth.headline import headline_scores
from proofread.truth.summary import collect_networks, summarise

SETTINGS = {"filters": 4, "filters2": 4, "width": 6, "width2": 3}
RESAMPLES = 30


class Outputs(dict):
    """Files by name, as an attribute or an item, as Snakemake gives them."""

    __getattr__ = dict.__getitem__


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A dataset of two targets with gaps and known noise, evaluated by the scripts."""
    folder = tmp_path_factory.mktemp("run") / "mpra" / "cnn" / "seed1"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(1)
    index = rng.integers(0, 4, size=(240, 40)).astype(np.uint8)
    gc = np.isin(index, (1, 2)).mean(axis=1)
    noiseless = np.stack([10 * gc, 100 - 50 * gc], axis=1).astype(np.float32)
    label = noiseless + rng.normal(size=(240, 2)).astype(np.float32)
    label[::4, 1] = np.nan
    label[180, 0], label[180, 1] = np.nan, 70  # the first of the test split
    dataset = Dataset(
        index,
        np.full(240, 40),
        [f"s{row}" for row in range(240)],
        label,
        ["leaf", "root"],
        [f"s{row}" for row in range(240)],
        ["quantile_1"] * 240,
        settings={"target_type": "quantitative", "transform": "standardize"},
        noiseless=noiseless,
    )
    write_dataset(folder / "dataset.h5", dataset)
    rows = np.arange(240)
    splits = {"train": rows[:140], "validation": rows[140:180], "test": rows[180:]}
    write_splits(folder / "splits.h5", splits)
    network = build_model("eraslan2019", SETTINGS, 40, dataset.target).eval()
    set_scale(network, fit_scale(dataset.subset(splits["train"]), "mse"))
    save_model(folder / "model.ckpt", network, "eraslan2019", SETTINGS)
    given = {"log": [str(folder / "log")], "threads": 1, "wildcards": None}
    job = SimpleNamespace(
        **given,
        rule="baselines",
        input=SimpleNamespace(
            dataset=folder / "dataset.h5", splits=folder / "splits.h5", databases=[]
        ),
        output=SimpleNamespace(
            predictions=folder / "baselines.tsv",
            kmers=folder / "kmers.tsv",
            motifs=folder / "motifs.tsv",
        ),
        params=SimpleNamespace(databases=[], q_threshold=0.01),
    )
    baselines.main(job)
    job = SimpleNamespace(
        **given,
        rule="evaluate_quantitative",
        input=SimpleNamespace(
            dataset=folder / "dataset.h5",
            splits=folder / "splits.h5",
            model=folder / "model.ckpt",
            baselines=folder / "baselines.tsv",
        ),
        output=Outputs(
            predictions=folder / "predictions.tsv",
            metrics=folder / "metrics.tsv",
            summary=folder / "metrics.json",
            residuals=folder / "residuals.tsv",
            measured_predicted=folder / "measured_predicted.svg",
            residuals_figure=folder / "residuals.svg",
        ),
        params=SimpleNamespace(
            evaluation={"resamples": RESAMPLES, "seed": 1}, device="cpu"
        ),
    )
    evaluate.main(job)
    return folder, dataset.subset(splits["test"]), network


def test_predictions_are_in_the_user_s_units_without_missing_values(run):
    folder, test, network = run
    table = read_table(folder / "predictions.tsv")
    assert list(table.columns) == ["id", "target", "true", "output"]
    known = ~np.isnan(test.label)
    assert len(table) == known.sum() == 59 + 46
    leaf = table[table["target"] == "leaf"]
    assert leaf["id"].tolist() == test.name[1:]
    # Nine digits give back a float32.
    assert leaf["true"].to_numpy(np.float32).tolist() == test.label[1:, 0].tolist()
    # An untrained network is within some deviations of the mean, 5, and not near 0.
    numbers = network.output_scale.transform.numbers[0]
    assert (abs(leaf["output"] - numbers["mean"]) < 4 * numbers["sd"]).all()


def test_metrics_are_those_of_the_written_predictions(run):
    folder, test, _ = run
    table = read_table(folder / "predictions.tsv")
    metrics = read_table(folder / "metrics.tsv")
    value = metrics.set_index(["predictor", "target", "metric"])["value"]
    root = table[table["target"] == "root"]
    expected = stats.pearsonr(root["true"], root["output"]).statistic
    assert value["network", "root", "pearson"] == pytest.approx(expected, abs=1e-6)
    assert set(metrics["predictor"]) == {"network", "gc", "kmer6", "noise_ceiling"}
    # GC content decides the value: the baseline is near the ceiling.
    assert value["gc", "root", "r2"] > 0.9
    gain = value["network", "root", "r2"] - value["gc", "root", "r2"]
    assert value["gc", "root", "r2_gain"] == pytest.approx(gain, abs=1e-5)
    nested = json.loads((folder / "metrics.json").read_text())
    assert nested["network"]["leaf"]["rmse"]["n"] == 59
    # In the dataset's order, though the first sequence lacks the first target.
    assert list(nested["network"]) == test.target


def test_the_ceiling_is_r2_of_the_values_without_noise(run):
    folder, test, _ = run
    metrics = read_table(folder / "metrics.tsv")
    value = metrics.set_index(["predictor", "target", "metric"])["value"]
    noise = test.label[1:, 0] - test.noiseless[1:, 0]
    spread = test.label[1:, 0] - test.label[1:, 0].mean()
    expected = 1 - (noise**2).sum() / (spread**2).sum()
    assert value["noise_ceiling", "leaf", "r2"] == pytest.approx(expected, abs=1e-4)


def test_residuals_have_the_gc_content_of_their_sequences(run):
    folder, test, _ = run
    table = read_table(folder / "residuals.tsv").set_index(["id", "target"])
    first = table.loc[(test.name[0], "root")]
    bases = test.sequence(0)
    assert first["gc"] == pytest.approx((bases.count("G") + bases.count("C")) / 40)
    predicted = read_table(folder / "predictions.tsv").iloc[0]
    assert first["residual"] == pytest.approx(predicted["true"] - predicted["output"])


def test_the_heaviest_kmers_of_each_target_are_written(run):
    kmers = read_table(run[0] / "kmers.tsv")
    assert set(kmers["target"]) == {"leaf", "root"}
    leaf = "".join(kmers.loc[kmers["target"] == "leaf", "kmer"])
    root = "".join(kmers.loc[kmers["target"] == "root", "kmer"])
    # The first rises with GC content, the second falls.
    assert leaf.count("G") + leaf.count("C") > root.count("G") + root.count("C")


def test_a_summary_over_seeds_has_the_metrics_of_quantities(run):
    folder, _, _ = run
    networks, scores = collect_networks([folder / "metrics.tsv"])
    better = scores.set_index(["metric", "target", "variant"])["better"]
    assert better["test_rmse", "leaf", ""] == "lower"
    assert better["test_r2", "leaf", ""] == "higher"
    assert better["test_r2_gain", "root", "kmer6"] == "higher"
    assert "noise_ceiling" not in set(scores["variant"])
    headline = headline_scores(scores)
    assert set(headline["metric"]) == {"test_pearson", "test_r2"}
    comparisons = compare(headline)
    ranks = rank(headline, comparisons)
    summary = summarise(scores, headline, ranks, networks)
    rows = summary[summary["metric"] == "test_r2"]
    assert set(rows["target"]) == {"", "leaf", "root"}


def drawn(n, targets=("a",)):
    rng = np.random.default_rng(1)
    parts = [
        pd.DataFrame(
            {
                "id": [f"{target}{row}" for row in range(n)],
                "target": target,
                "true": rng.normal(size=n),
                "output": rng.normal(size=n),
            }
        )
        for target in targets
    ]
    return pd.concat(parts, ignore_index=True)


def test_few_sequences_are_dots_and_many_are_hexagons():
    from matplotlib.collections import PolyCollection

    for n, hexagons in ((500, 0), (501, 1)):
        table = drawn(n)
        metrics = evaluate_quantities({"network": table}, resamples=10, seed=1)
        panel = draw_measured_predicted(table, metrics).axes[0]
        assert sum(isinstance(c, PolyCollection) for c in panel.collections) == hexagons
        assert panel.get_xlim() == panel.get_ylim()
        if hexagons:
            assert panel.collections[0].get_array().sum() == n


def test_the_correlation_with_a_constant_prediction_is_not_defined():
    # R2 of the mean is 0.
    rows = {"id": list("abc"), "target": "t", "true": [1.0, 2, 3], "output": 2.0}
    table = pd.DataFrame(rows)
    metrics = evaluate_quantities({"network": table}, resamples=10, seed=1)
    panel = draw_measured_predicted(table, metrics).axes[0]
    assert panel.get_title(loc="left") == "t: r not defined, R² 0.00"


def test_the_line_of_residuals_joins_means_of_ten_groups():
    table = drawn(100)
    gc = {name: row / 100 for row, name in enumerate(table["id"])}
    rows = residuals(table, gc)
    panel = draw_residuals(rows).axes[0]
    x, y = panel.lines[-1].get_data()
    # The first ten have GC contents of 0 to 0.09.
    assert x[0] == pytest.approx(0.045)
    assert y[0] == pytest.approx(rows["residual"][:10].mean())
    assert len(x) == 10


def test_every_target_has_a_panel_and_none_is_a_sentence():
    metrics = evaluate_quantities({"network": drawn(5, "abc")}, resamples=10, seed=1)
    figure = draw_measured_predicted(drawn(5, "abc"), metrics)
    assert sum(axes.get_visible() for axes in figure.axes) == 3
    unmeasured = drawn(3).assign(true=np.nan)
    assert evaluate_quantities({"network": unmeasured}, resamples=5, seed=1).empty
    panel = draw_measured_predicted(unmeasured, metrics).axes[0]
    assert "No sequence" in panel.texts[0].get_text()
    empty = drawn(0)
    panel = draw_residuals(residuals(empty, {})).axes[0]
    assert "No sequence" in panel.texts[0].get_text()
