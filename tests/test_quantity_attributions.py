"""Attributions of quantities: of a linear network they are its weights."""

from dataclasses import replace

import numpy as np
import pytest

import proofread
from attribution_runs import kmer_network, planted_dataset, run
from proofread.datasets.groups import HIGH, LOW
from proofread.methods.attributions.answers import (
    Answer,
    Sample,
    choose_examples,
    size_of,
)
from proofread.methods.attributions.checks import check
from proofread.methods.attributions.figures import _heading
from proofread.methods.attributions.intervals import all_intervals
from proofread.methods.attributions.tables import component_table, layer_table
from proofread.models.output_scale import OutputScale, set_scale
from proofread.statistics.transforms import Transform
from proofread.tables import read_table
from test_quantity_mutations import Linear, numbers

NAN = np.nan


@pytest.mark.parametrize(
    ("kind", "leaf"),
    [
        # 4 times the weight of each base: A has -1 and G has 2.
        ("integrated_gradients", [-4, 8]),
        ("deeplift_shap", [-4, 8]),
        ("gradient_shap", [-4, 8]),
        ("gradient_x_input", [-4, 8]),
        ("smoothgrad", [-4, 8]),
        ("saliency", [8, 8]),
    ],
)
def test_attributions_are_in_the_unit_of_the_output(kind, leaf):
    network = Linear(2)
    options = {"kind": kind, "baseline": "zero", "baselines": 1}
    values = proofread.attributions(network, ["AG"], **options)
    np.testing.assert_allclose(values, [leaf], rtol=1e-5)
    if kind == "integrated_gradients":
        # Complete: 14 less the output of zeros, 10.
        change = proofread.predict(network, ["AG"])[0, 0] - 10
        assert values.sum() == pytest.approx(change)


def answer(label, output, target="leaf"):
    """Of sequences with an attribution of 1 at each base, and as much per unit."""
    data = numbers(["AC"] * len(label), label)
    n = len(data)
    return Answer(
        "integrated_gradients",
        target,
        "output (log1p)",
        Sample(data, np.arange(n) + 10, all_intervals(data)),
        np.ones((n, 4, 2)),
        np.ones((n, 4, 2)),
        np.array(output),
        np.zeros(n),
        np.ones((n, 2)),
        # One unit, whose attribution is the number of the sequence.
        np.arange(n, dtype=float)[:, None, None],
    )


# leaf: 5, 1, 2 and 0.5, median 1.5; the third value is missing.
LABEL = [[5, NAN], [1, NAN], [NAN, NAN], [2, NAN], [0.5, NAN]]


def test_examples_are_the_highest_outputs_of_both_halves():
    # Above the median: rows 0 and 3; not: 1 and 4. Of two, the median is the lower.
    chosen = choose_examples([answer(LABEL, [1.0, 2.0, 9.0, 3.0, 4.0])])
    assert chosen == [(13, "leaf"), (14, "leaf"), (10, "leaf"), (11, "leaf")]
    # Without any value, the highest outputs of all.
    chosen = choose_examples([answer(LABEL, [1.0, 2.0, 9.0, 3.0, 4.0], "root")])
    assert chosen == [(12, "root"), (13, "root")]


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e6])
def test_completeness_is_the_same_in_any_unit(unit):
    # Sums of 4 and 2, and changes of 4 and 1: the second misses all of its change.
    attribution = np.stack([np.full((4, 2), 0.5), np.full((4, 2), 0.25)]) * unit
    output, before = np.array([5.0, 3.0]) * unit, np.array([1.0, 2.0]) * unit
    checked = check(
        "integrated_gradients",
        np.zeros((2, 2), np.uint8),
        attribution,
        output,
        before,
        equal=np.zeros(2),
        tolerance=0.05,
        size=size_of(output, before, True),
    )
    assert checked.flagged == 1 and checked.nothing == ""
    assert checked.relative_error == pytest.approx(1 / 5)
    same = check(
        "saliency",
        np.zeros((2, 2), np.uint8),
        attribution,
        np.full(2, 3 * unit),
        np.full(2, NAN),
        equal=None,
        tolerance=0.05,
        size=size_of(np.full(2, 3 * unit), np.full(2, NAN), True),
    )
    assert same.nothing == "the output is the same for all 2 sequences"


def test_a_heading_has_the_value_and_the_unit():
    one = answer(LABEL, [1234.5, 2, 9, 3, 4])
    assert _heading(one, 0).startswith(
        "s0 (leaf measured 5): output (log1p) 1.23e+03; Integrated Gradients: baselines"
        " 0, sum 8, "
    )
    assert _heading(one, 2).startswith("s2 (leaf not measured): output (log1p) 9;")


def test_python_draws_the_values_that_are_known():
    data = numbers(["AG", "AC"], [[5, NAN], [0.25, -1]])
    figure = proofread.draw_attributions(np.ones((2, 2)), data)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert [title for title in titles if title] == [
        "s0, leaf 5",
        "s1, leaf 0.25, root -1",
    ]


def test_components_have_the_value_and_its_half():
    table, _ = component_table(answer(LABEL, [0.0] * 5), 2)
    assert list(table) == ["sequence", "measured", "group", "component1", "component2"]
    assert table["measured"].tolist()[:2] == [5, 1]
    assert table["group"].fillna("").tolist() == [HIGH, LOW, "", HIGH, LOW]


def test_layers_have_a_mean_of_each_half():
    table = layer_table(answer(LABEL, [0.0] * 5), "convolution")
    # Rows 0 and 3, and 1 and 4; all: 0 to 4.
    means = table[["mean_high", "mean_low", "mean_absolute"]].to_numpy().tolist()
    assert means == [[1.5, 2.5, 2.0]]


def test_a_run(tmp_path):
    # The k-mer is in the sequences with the smaller values, and one value is missing.
    data = planted_dataset()
    label = np.arange(24, dtype=np.float32)[:, None]
    label[::2] -= 100
    label[0] = NAN
    data = replace(data, label=label, settings={"target_type": "quantitative"})
    network = kmer_network()
    numbers = [{"mean": 3.0, "sd": 50.0}]
    set_scale(network, OutputScale("mse", Transform("standardize", numbers), [0.0]))
    job = run(
        tmp_path,
        data,
        network,
        figures=True,
        kinds=["integrated_gradients", "deeplift_shap"],
        layer="convolution2",
    )
    table = read_table(job.output.table)
    assert set(table["scale"]) == {"output"}
    # Sums of attributions are changes of the output, in the user's units.
    change = table["output"] - table["baseline_output"]
    assert np.abs(table["sum"] - change).max() < 0.05 * np.abs(change).max()
    assert set(table.loc[table["kind"] == "deeplift_shap", "flag"]) == {"ok"}
    held = table["measured"] < 0
    assert table.loc[held, "sum"].mean() > table.loc[~held, "sum"].mean() + 50
    score = read_table(job.output.score)
    score = score[score["metric"] == "position_auroc"]
    assert set(score["n"]) == {12}  # the one without a value is explained, too
    assert set(read_table(job.output.profile)["group"]) == {HIGH, LOW}
    assert {"mean_high", "mean_low"} <= set(read_table(job.output.layer))
    components = read_table(job.output.components)
    assert components["group"].isna().sum() == 2  # of each kind
