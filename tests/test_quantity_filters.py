"""Filters and patterns of networks for quantities: numbers by hand, some missing."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

import filter_nullification
import proofread
from proofread.api.arguments import as_values
from proofread.datasets.dataset import Dataset, read_dataset, write_dataset
from proofread.errors import InputError
from proofread.figures.heat_map import Strip, draw_heat_map
from proofread.methods.filter_nullification import figures
from proofread.methods.filter_nullification.groups import Group
from proofread.methods.filter_nullification.losses import losses
from proofread.methods.filter_nullification.nullify import nullify
from proofread.methods.filter_nullification.tables import (
    group_signs,
    loss_changes,
    measured_rows,
    target_table,
)
from proofread.methods.filter_nullification.words import words_of
from proofread.methods.filter_pfms.heat_maps import heat_maps
from proofread.methods.filter_pfms.tables import target_correlation
from proofread.methods.motif_discovery.tables import (
    recovery_scores,
    scores,
    seqlet_signs,
)
from proofread.models.checkpoint import load_model, save_model
from proofread.models.output_scale import OutputScale, in_user_units, set_scale
from proofread.report import methods
from proofread.report.sections import filter_pfms as filters_of_page
from proofread.report.sections import motif_discovery as patterns_of_page
from proofread.statistics.bootstrap import Resampling
from proofread.statistics.transforms import Transform
from proofread.tables import read_table, read_values
from proofread.truth.signs import planted_signs, sign_scores
from test_filter_nullification import WAYS, Letters, job, sequences
from test_filter_pfms import Outputs

NAN = np.nan
PLAIN = in_user_units(["one"])
# Activations of A, C, G, T are 0, 2, 4, 6, and the output is their sum: 0, 2, 8, 4. The
# mean of all eight is 14 / 8, so that every ablated output is 3.5.
INDEX = sequences("AA", "AC", "TC", "CC")
VALUES = np.array([[1.0], [2.0], [NAN], [5.0]])
# Squared errors: intact 1, 0, -, 1; ablated 2.5^2, 1.5^2, -, 1.5^2.
CHANGES = [5.25, 2.25, NAN, 1.25]
VARIANCE = 26 / 9  # of 1, 2, 5: 10 - (8 / 3)^2


def scaled(kind="none", numbers=None, loss="mse", offset=0.0):
    return OutputScale(loss, Transform(kind, [numbers or {}]), [offset])


# -- Ablation, by hand ---------------------------------------------------------------


def test_the_loss_is_the_squared_error_as_a_part_of_the_variance():
    result = nullify(Letters(), INDEX, [[0]])
    assert result.logit[:, 0].tolist() == [0, 2, 8, 4]
    assert result.ablated.ravel().tolist() == [3.5] * 4
    changes = loss_changes(result.logit, result.ablated, VALUES, PLAIN)[:, 0]
    assert changes == pytest.approx(np.array(CHANGES) / VARIANCE, nan_ok=True)
    # Their mean is the drop of R2 over the three values: 6 / 26 of the variance is not
    # explained with the filter, and 10.75 / 3 / (26 / 9) of it without.
    drop = (1 - 6 / 26) - (1 - 10.75 / 3 / VARIANCE)
    assert np.nanmean(changes) == pytest.approx(drop)


def test_the_table_has_the_squared_error_itself_and_the_change_of_the_output():
    result = nullify(Letters(), INDEX, [[0]])
    table = target_table(
        ["filter0"],
        ["one"],
        result.logit,
        result.ablated,
        VALUES,
        Resampling(4, 200, 1),
        PLAIN,
    )
    row = table.iloc[0]
    assert row["loss_change"] == pytest.approx(8.75 / 3)
    # Means of resampled known values lie between the smallest and the largest.
    assert 1.25 <= row["loss_change_ci_low"] < 8.75 / 3 < row["loss_change_ci_high"]
    assert row["loss_change_ci_high"] <= 5.25
    # The third sequence counts here: |-3.5|, |-1.5|, 4.5 and 0.5.
    assert (row["signed"], row["absolute"]) == (0, 2.5)


def test_targets_in_units_of_their_own_weigh_the_same():
    # The second target is the first times 1000: variances 2 / 3 and 2e6 / 3.
    label = np.array([[1, 1000.0], [2, NAN], [3, 3000], [NAN, NAN], [NAN, 2000]])
    outputs = np.tile(np.array([0.0, 0.0]), (5, 1))
    ablated = np.tile(np.array([1.0, 1000.0]), (5, 1, 1))
    changes = loss_changes(outputs, ablated, label, in_user_units(["one", "two"]))
    # (1 - y)^2 - y^2 = 1 - 2 y over 2 / 3, of either target.
    expected = np.array([-1, -3, -5, NAN, -3]) * 1.5
    assert changes[:, 0] == pytest.approx(expected, nan_ok=True)
    rows = measured_rows(changes, "test", "splits.h5")
    assert rows.tolist() == [True, True, True, False, True]


def test_a_target_whose_values_do_not_differ_has_no_part():
    label = np.array([[1.0, 7.0], [3.0, NAN]])
    outputs, ablated = np.zeros((2, 2)), np.ones((2, 1, 2))
    changes = loss_changes(outputs, ablated, label, in_user_units(["one", "two"]))
    assert changes[:, 0].tolist() == [-1, -5]  # the variance of 1 and 3 is 1
    with pytest.raises(
        InputError, match="no target with two different values"
    ) as error:
        measured_rows(np.full((2, 1), NAN), "test", "splits.h5")
    assert "split test" in error.value.found


def test_the_error_is_on_the_scale_of_the_outputs():
    # ln(1 + e^2 - 1) = 2: the output 3 is off by 1, and 2 by nothing.
    label = np.array([[np.e**2 - 1], [NAN]])
    outputs = np.array([[3.0], [2.0]])
    found = losses(outputs, label, scaled("log1p"))
    assert found[:, 0] == pytest.approx([1, NAN], nan_ok=True)


def test_counts_have_the_poisson_loss_in_nats():
    scale = scaled(loss="poisson")
    # exp(z) - y z of the rates 1 and 2, of the counts 0 and 3.
    outputs, ablated = np.zeros((2, 1)), np.full((2, 1, 1), np.log(2))
    changes = loss_changes(outputs, ablated, np.array([[0.0], [3.0]]), scale)
    assert changes[:, 0] == pytest.approx([1, 1 - 3 * np.log(2)])
    words = words_of(scale)
    assert words.measure("rms") == "RMS change of the output (log rate)"
    assert words.influence == "increase of the Poisson loss (nats)"


@pytest.mark.parametrize(
    ("name", "unit"),
    [("user", ""), ("log1p", " (log1p)"), ("rank_normal", " (rank normal)")],
)
def test_axes_name_a_unit_that_is_not_the_user_s(name, unit):
    words = words_of(SimpleNamespace(unit=name))
    expected = {
        "loss_change": f"increase of the squared error{unit}",
        "signed": f"mean change of the output{unit}",
        "signed_by_std": f"mean change of the output{unit} / its std",
        "signed_by_variance": f"mean change of the output{unit} / its variance",
    }
    assert {measure: words.measure(measure) for measure in expected} == expected


@pytest.mark.parametrize("way", WAYS)
def test_outputs_are_in_the_user_s_units_whatever_the_way(way):
    network = Letters()
    set_scale(network, scaled("standardize", {"mean": 10.0, "sd": 2.0}))
    result = nullify(network, INDEX, [[0]], way=way)
    assert result.logit[:, 0].tolist() == [10, 14, 26, 18]
    assert result.ablated.ravel().tolist() == [17] * 4  # 10 + 2 * 3.5


def test_predictions_that_are_not_finite_are_called_no_logits():
    network = Letters()
    network.linear.weight.data[:] = torch.inf
    set_scale(network, PLAIN)
    with pytest.raises(InputError) as error:
        nullify(network, INDEX, [[0]])
    assert error.value.expected == "finite numbers"


# -- The script ----------------------------------------------------------------------


def quantities(folder, *, label=None, **given):
    """The job of the binary case with measured values: two targets, some missing."""
    item = job(folder, targets=("leaf", "root"), **given)
    dataset = read_dataset(item.input.dataset)
    if label is None:
        label = np.random.default_rng(7).normal(5, 2, (12, 2))
        label[:, 1] *= 100
        label[[0, 3], 1] = NAN
        label[5] = NAN
    write_dataset(
        item.input.dataset,
        replace(
            dataset,
            label=label.astype(np.float32),
            settings={"target_type": "quantitative"},
        ),
    )
    network = load_model(item.input.model)
    set_scale(network, in_user_units(["leaf", "root"]))
    architecture = {"filters": 6, "filters2": 4, "width": 7, "width2": 5}
    save_model(item.input.model, network, "eraslan2019", architecture)
    return item


@pytest.fixture(autouse=True)
def no_log_file(monkeypatch):
    """`start` takes over the process: its log, its warnings, its exceptions."""
    monkeypatch.setattr(filter_nullification, "start", lambda job: None)


@pytest.mark.filterwarnings("error")
def test_the_files_of_quantities_agree(tmp_path, monkeypatch):
    item = quantities(tmp_path)
    monkeypatch.setattr(figures, "figures", lambda *_: [])
    filter_nullification.main(item)
    values = read_values(item.output.values)
    assert {"output", "output_change", "group_output_change"} <= set(values)
    assert not [name for name in values if "logit" in name]
    label = read_dataset(item.input.dataset).label.astype(float)
    intact = values["output"].astype(float)
    ablated = intact[:, None] - values["output_change"]
    # (sequences, filters, targets)
    change = (ablated - label[:, None]) ** 2 - ((intact - label) ** 2)[:, None]
    by_target = read_table(item.output.targets)
    expected = np.nanmean(change, axis=0).ravel()
    assert by_target["loss_change"].to_numpy() == pytest.approx(expected, rel=1e-2)
    bounds = by_target[["loss_change_ci_low", "loss_change_ci_high"]].to_numpy()
    assert (bounds[:, 0] <= by_target["loss_change"]).all()
    assert (by_target["loss_change"] <= bounds[:, 1]).all()
    # Of the eleven sequences with a value, as a part of the variance of each target.
    rows = np.arange(12) != 5
    parts = (change / np.nanvar(label, axis=0))[rows]
    table = read_table(item.output.table)
    expected = np.nanmean(parts, axis=2).mean(axis=0)
    assert table["influence"].to_numpy() == pytest.approx(expected, rel=1e-2)
    assert (table["ci_low"] <= table["influence"]).all()
    assert table["p"].between(0, 1).all()
    assert np.isnan(values["loss_change"][5]).all()
    assert np.isfinite(values["loss_change"][rows]).all()
    # All twelve have an output that changes.
    absolute = np.abs(values["output_change"]).mean(axis=(0, 2))
    assert table["absolute"].to_numpy() == pytest.approx(absolute, rel=1e-3)


def test_figures_and_controls_of_quantities(tmp_path):
    whole, control = quantities(tmp_path / "whole"), quantities(tmp_path / "control")
    names = ("table", "score")
    control.output = Outputs(**{name: getattr(control.output, name) for name in names})
    filter_nullification.main(whole)
    filter_nullification.main(control)
    for name in names:
        one, other = (getattr(item.output, name) for item in (whole, control))
        assert one.read_bytes() == other.read_bytes(), name
    scores = read_table(whole.output.score).set_index("metric")["value"]
    assert 0 <= scores["influence_auroc"] <= 1
    for name in ("influence", "relations", "sequences", "heat_maps"):
        drawing = getattr(whole.output, name).read_text()
        assert "logit" not in drawing and "nats" not in drawing, name


def test_a_split_without_values_is_refused(tmp_path):
    with pytest.raises(InputError, match="no target with two different values"):
        filter_nullification.main(quantities(tmp_path, label=np.full((12, 2), NAN)))


# -- From Python ---------------------------------------------------------------------


class Simple(torch.nn.Module):
    """The output is the sum of A 0, C 2, G 4, T 6."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv1d(4, 1, 1, bias=False)
        self.conv.weight.data = torch.tensor([[[0.0], [2], [4], [6]]])

    def forward(self, one_hot):
        return self.conv(one_hot).sum(dim=2)


def test_values_are_given_by_a_dataset_or_to_a_network_with_a_scale():
    network, options = Simple(), {"convolution": "conv", "resamples": 10}
    dataset = numbers(VALUES, index=INDEX)
    table = proofread.filter_nullification(network, dataset, **options)
    assert table["loss_change"].tolist() == pytest.approx([8.75 / 3])
    set_scale(network, PLAIN)
    table = proofread.filter_nullification(network, INDEX, VALUES[:, 0], **options)
    assert table["loss_change"].tolist() == pytest.approx([8.75 / 3])
    table = proofread.filter_nullification(network, INDEX, **options)
    assert "loss_change" not in table and table["absolute"].tolist() == [2.5]


def test_labels_that_are_no_numbers_are_refused():
    assert as_values([-3, NAN], 2, 1).shape == (2, 1)
    with pytest.raises(InputError, match="NaN for a missing value"):
        as_values([-3, np.inf], 2, 1)


# -- Filters and their values --------------------------------------------------------


def numbers(label, index=None, **given):
    label = np.asarray(label, dtype=np.float32)
    n, targets = label.shape
    index = np.zeros((n, 6), np.uint8) if index is None else index
    names = ["one"] if targets == 1 else [f"t{column}" for column in range(targets)]
    return Dataset(
        index,
        np.full(n, index.shape[1]),
        [f"s{row}" for row in range(n)],
        label,
        names,
        [""] * n,
        [""] * n,
        settings={"target_type": "quantitative"},
        **given,
    )


def activated(mean, maximum):
    """A result of filter_pfms, as far as its correlations need it: one filter."""
    columns = {"sequence_mean": mean, "sequence_maximum": maximum}
    return SimpleNamespace(
        names=["filter0"],
        statistics=SimpleNamespace(
            dead=np.array([False]),
            std=np.array([1.0]),
            **{name: np.array(values)[:, None] for name, values in columns.items()},
        ),
    )


def test_filters_are_correlated_with_the_known_values():
    result = activated([1.0, 2, 3, 4], [4.0, 3, 2, 1])
    # Ranks 1, 2, 3 of the known against 1, 3, 2; all four against 4, 3, 2, 1.
    label = np.array([[10.0, 9], [NAN, 8], [30, 7], [20, 6]])
    table = target_correlation(result, label, ["leaf", "root"])
    assert table["target"].tolist() == ["leaf", "root"] * 2
    assert table["correlation"].tolist() == pytest.approx([0.5, -1, -0.5, 1])
    assert table["n"].tolist() == [3, 4, 3, 4]
    # t = 0.5 (1 / 0.75)^0.5 = tan(30 degrees), of 1 degree of freedom: 1 - 2 / 6.
    assert table["p"].iloc[0] == pytest.approx(2 / 3)


def test_a_target_without_a_value_has_no_correlation():
    label = np.array([[1.0, NAN], [2, NAN], [3, NAN]])
    table = target_correlation(activated([1.0, 2, 3], [1.0, 2, 3]), label, ["a", "b"])
    assert table["n"].tolist() == [3, 0, 3, 0]
    assert np.isnan(table["correlation"]).tolist() == [False, True] * 2


def strip_of(figure):
    """The image above a heat map, and the texts of the figure."""
    images = [image for axes in figure.axes for image in axes.images]
    (strip,) = [image for image in images if image.get_array().shape[0] == 1]
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    labels = [axes.get_xlabel() for axes in figure.axes]
    return strip, titles, labels


def test_the_strip_of_a_quantity_has_a_colour_bar():
    strip = Strip(np.array([0.5, NAN, -2.0, 3.0]), "leaf", True)
    figure = draw_heat_map(
        ["a", "b"],
        np.arange(8.0).reshape(2, 4),
        label="x",
        of="4 sequences",
        total=2,
        diverging=False,
        strip=strip,
    )
    image, titles, labels = strip_of(figure)
    drawn = image.get_array()
    assert drawn.mask.tolist() == [[False, True, False, False]]
    assert drawn.compressed().tolist() == [0.5, -2, 3]
    assert "measured value of leaf (white: missing)" in titles
    assert "value of leaf" in labels
    # Percentiles 1 and 99 of -2, 0.5, 3: a fiftieth of the way to the next one.
    assert image.get_clim() == pytest.approx((-1.95, 2.95))


def test_the_strip_of_classes_has_no_colour_for_a_missing_label():
    numbers = np.arange(8.0).reshape(2, 4)
    words = {"label": "x", "of": "4", "total": 2, "diverging": False}
    for values, masked, title in (
        ([1, NAN, 0, 1], [False, True, False, False], "leaf (dark; white: missing)"),
        ([1, 0, 0, 1], [False] * 4, "leaf (dark)"),
    ):
        strip = Strip(np.array(values), "leaf")
        figure = draw_heat_map(["a", "b"], numbers, **words, strip=strip)
        image, titles, _ = strip_of(figure)
        drawn = image.get_array()
        assert np.ma.getmaskarray(drawn)[0].tolist() == masked
        assert drawn[0, [0, 2, 3]].tolist() == [True, False, True]
        assert title in titles
        if any(masked):  # a masked cell has no colour
            assert image.to_rgba(drawn)[0, 1].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("labels", "axes"),
    [([NAN] * 4, ["4 sequences"]), ([1, NAN, 0, 0], ["", "4 sequences"])],
)
def test_sequences_without_labels_have_no_strip(labels, axes):
    table = pd.DataFrame({"filter": ["a", "b"], "influence": [2.0, 1.0], "group": "a"})
    change = np.arange(8.0).reshape(2, 4)
    figure = figures.draw_sequences(table, change, Strip(np.array(labels), "leaf"))
    assert [item.get_xlabel() for item in figure.axes][: len(axes)] == axes


def test_sequences_are_drawn_with_their_values(monkeypatch):
    result = activated([1.0, 2, 4], [1.0, 2, 4])
    dataset = numbers([[3.0], [NAN], [7.0]])
    segments = (np.ones((1, 1)), np.ones((1, 1)), np.zeros(1, int), np.zeros(1, int))
    monkeypatch.setattr(
        "proofread.methods.filter_pfms.heat_maps.segment_activations",
        lambda *_: segments,
    )
    name, drawn = next(heat_maps(result, dataset, 10, 1))
    assert name == "sequences" and drawn.strip.quantitative
    by_column = dict(zip(drawn.columns, drawn.strip.values, strict=True))
    assert by_column["s0"] == 3 and by_column["s2"] == 7 and np.isnan(by_column["s1"])


# -- Patterns ------------------------------------------------------------------------


def planted():
    """Instances of A (raises), B (lowers) and C (no effect) in four sequences."""
    rows = [
        (0, "A", 10, 20, 1.5),
        (1, "A", 30, 40, 0.5),
        (1, "A", 60, 70, 0.0),  # without any strength
        (2, "B", 10, 20, -2.0),
        (3, "B", 50, 60, -1.0),
        (3, "C", 80, 90, 0.0),
    ]
    truth = pd.DataFrame(rows, columns=["sequence", "motif", "start", "end", "effect"])
    truth = truth.assign(strand="+", instance="A" * 10)
    truth["role"] = np.where(truth["motif"] == "C", "decoy", "causal")
    # The second value is below the median and has an instance all the same.
    return numbers(
        [[5.0], [-1], [NAN], [-4]], np.zeros((4, 100), np.uint8), truth=truth
    )


SEQLETS = pd.DataFrame(
    [
        ("positive0", 0, 10, 20),  # on A
        ("positive0", 1, 32, 42),  # on A
        ("positive0", 1, 60, 70),  # on an instance without effect
        ("negative0", 1, 30, 40),  # on A, with the other sign
        ("positive1", 2, 10, 20),  # on B, with the other sign
        ("positive1", 3, 80, 90),  # on C
    ],
    columns=["pattern", "row", "start", "end"],
)
PATTERNS = pd.DataFrame(
    {
        "pattern": ["positive0", "positive1", "negative0"],
        "sign": ["positive", "positive", "negative"],
    }
)


def test_instances_with_an_effect_count_in_all_sequences():
    rows = recovery_scores(SEQLETS, planted(), "one", resamples=50, seed=1)
    assert {row.metric: (row.value, row.n) for row in rows} == {
        "seqlet_precision": (4 / 6, 6),
        # Two of A, one of two of B; the value of the third sequence is missing.
        "seqlet_recall": (3 / 4, 4),
    }


def test_the_sign_of_a_pattern_is_that_of_the_effect_it_stands_on():
    # A: two seqlets of a positive pattern, one of a negative. B: one of a positive.
    signs = seqlet_signs(PATTERNS, SEQLETS, planted(), "one")
    assert signs == {"A": 1, "B": 1}
    assert planted_signs(planted(), "one") == {"A": 1, "B": -1}
    (row,) = sign_scores(signs, planted_signs(planted(), "one"), "one")
    assert (row.metric, row.value, row.n) == ("sign_recovered", 0.5, 2)
    assert (row.chance, row.target) == (0.5, "one")
    # As many on either side say nothing of the sign of A.
    assert seqlet_signs(PATTERNS, SEQLETS.iloc[1:], planted(), "one")["A"] == 0
    (row,) = sign_scores({"A": 0, "other": 1}, {"A": 1.0, "B": -1.0}, "one")
    assert (row.value, row.n) == (0, 1)
    # On an instance without effect, and none at all.
    assert seqlet_signs(PATTERNS, SEQLETS.iloc[2:3], planted(), "one") == {}
    assert seqlet_signs(PATTERNS, SEQLETS.iloc[:0], planted(), "one") == {}
    assert sign_scores({}, {"A": 1.0}, "one") == []
    dataset = planted()
    dataset.truth = dataset.truth.drop(columns="effect")
    assert planted_signs(dataset, "one") == {}


def test_the_scores_of_patterns_have_their_signs():
    dataset = planted()
    dataset.motifs = {name: np.full((10, 4), 0.25) for name in "ABC"}
    table = PATTERNS.assign(verdict="true", planted_hits=["A", "B", "A"])
    rows = scores(table, SEQLETS, dataset, "one", resamples=10, seed=1)
    found = {row.metric: row.value for row in rows}
    assert found["planted_motifs_found"] == 1  # A and B; C has no effect
    assert found["sign_recovered"] == 0.5
    dataset.settings["target_type"] = "binary"
    dataset.truth = dataset.truth.drop(columns="effect")
    rows = scores(table, SEQLETS, dataset, "one", resamples=10, seed=1)
    assert "sign_recovered" not in {row.metric for row in rows}


def test_filters_move_the_output_in_the_direction_of_the_effect():
    groups = [Group("A", "planted", (0,)), Group("B", "planted", (1,))]
    groups += [Group("C", "planted", (2,)), Group("filter3", "alone", (3,))]
    # Sequences 0 and 1 hold A, 2 and 3 hold B. Both groups raise the output there.
    change = np.zeros((4, 4, 1))
    change[:, 0, 0] = [2, 0, -1, 1]  # 1 and 0
    change[:, 1, 0] = [-3, -3, -2, -2]
    (row,) = group_signs(planted(), groups, change)
    assert (row.metric, row.value, row.n) == ("sign_recovered", 0.5, 2)
    (row,) = group_signs(planted(), groups[:1], change)
    assert (row.value, row.n) == (1, 1)
    assert list(group_signs(planted(), groups[2:], change)) == []


# -- Configuration and page ----------------------------------------------------------


class Network:
    """An experiment as the page reads it, with the tables it is given."""

    dataset, model, seed = "plant", "cnn", "1"
    simulated, known, quantitative = False, False, True
    standing = {"stated": True, "weak": (), "sentence": ""}  # noqa: RUF012

    def __init__(self, **tables):
        self.tables = tables

    def has(self, *parts):
        return parts[-1].removesuffix(".tsv") in self.tables

    def table(self, *parts):
        return self.tables[parts[-1].removesuffix(".tsv")].copy()


def correlations(q):
    return pd.DataFrame(
        {
            "filter": ["filter0", "filter1"],
            "target": "leaf",
            "activation": "max",
            "correlation": [0.6, 0.1],
            "q": [q, 0.8],
        }
    )


def test_the_page_says_value_and_not_label():
    network = Network(target_correlation=correlations(1e-4))
    said = filters_of_page.verdict(network, {}).text
    assert said.startswith(
        "The maxima of 1 of 2 filters are correlated with the value (q ≤ 0.05), that of"
        " filter0 most: rank correlation 0.60"
    )
    network = Network(target_correlation=correlations(0.5))
    assert "with a value" in filters_of_page.verdict(network, {}).text
    network.quantitative = False
    assert "with a label" in filters_of_page.verdict(network, {}).text


def test_the_page_says_which_motif_raises_and_which_lowers_the_output():
    table = pd.DataFrame(
        {
            "pattern": ["positive0", "positive1", "negative0"],
            "sign": ["positive", "positive", "negative"],
            "hits": [2, 1, 1],
            "protein": ["TBP", "TBP", "TBP"],
            "q": [0.001, 0.01, 0.02],
            "seqlets": [40, 30, 20],
        }
    )
    score = pd.DataFrame({"metric": ["sign_recovered"], "value": [0.75], "n": [4]})
    network = Network(table=table, score=score)
    assert patterns_of_page.verdict(network, {}).text == (
        "3 of 3 patterns match a known motif: TBP (raises the output, q 0.001, 40"
        " sites) and TBP (lowers the output, q 0.02, 20 sites)."
    )
    assert patterns_of_page.also(network, {}) == (
        "Patterns have the sign of the planted effect for 3 of 4 motifs."
    )
    assert patterns_of_page.also(Network(score=score.iloc[:0]), {}) == ""
    network.quantitative = False
    assert "raises" not in patterns_of_page.verdict(network, {}).text


@pytest.mark.parametrize(
    ("name", "of_numbers", "of_classes"),
    [
        ("filter_nullification", "squared error in variances", "cross-entropy (nats"),
        ("filter_nullification_sequences", "Change of the output", "of the logit"),
        ("filter_pfms_sequences", "its measured value", "positive sequences (dark)"),
    ],
)
def test_captions_of_quantities_have_no_classes(name, of_numbers, of_classes):
    network = Network()
    text = str(methods.caption(network, name, {}))
    assert of_numbers in text and of_classes not in text
    network.quantitative = False
    text = str(methods.caption(network, name, {}))
    assert of_classes in text and of_numbers not in text


def test_the_figure_of_a_correlation_is_read_by_the_values(tmp_path):
    (tmp_path / "target_correlation.svg").write_text("<svg/>")
    network = Network()
    network.shown = False
    network.has = lambda *parts: parts[-1] == "target_correlation.svg"
    network.path = network.link = lambda *parts: tmp_path / parts[-1]
    settings = {"fdr": 0.05}
    shown = methods.first_figure(network, "filter_pfms", settings)
    assert "the higher the measured value" in shown["how"]
    network.quantitative = False
    shown = methods.first_figure(network, "filter_pfms", settings)
    assert "active filters mean a positive" in shown["how"]
