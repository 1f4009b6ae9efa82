"""Mutations of sequences whose targets are quantities.

The networks are linear, so that every change of their output is read off the weights.
"""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
import torch

import greedy_substitution as greedy_script
import kmer_perturbation as kmer_script
import proofread
import saturation_mutagenesis as saturation_script
from perturbation_runs import tiny_dataset, tiny_job
from proofread.api.arguments import as_labelled, as_values
from proofread.configuration.binary_only import check_row
from proofread.configuration.method_settings import settings_of
from proofread.datasets.dataset import TRUTH_COLUMNS, Dataset, empty_truth
from proofread.datasets.groups import group_column, groups
from proofread.datasets.sampling import example_rows
from proofread.dna.encoding import decode, encode
from proofread.errors import InputError
from proofread.methods.greedy_substitution.goals import Goals, goals_of
from proofread.methods.greedy_substitution.search import Search, greedy_search
from proofread.methods.greedy_substitution.tables import (
    control_table,
    scores,
    step_table,
    summary_table,
)
from proofread.methods.kmer_perturbation.summaries import anchors_of, robustness
from proofread.methods.kmer_perturbation.tables import summary_table as kmer_table
from proofread.methods.kmer_perturbation.windows import (
    base_importance,
    perturb_windows,
    starts_of,
)
from proofread.methods.saturation_mutagenesis.substitutions import (
    positions_to_mutate,
    saturation_mutagenesis,
)
from proofread.models.local_edits import EditedLogits
from proofread.models.output_scale import OutputScale, set_scale
from proofread.models.predictor import predictor_of
from proofread.report import methods, methods_text
from proofread.statistics.transforms import Transform
from proofread.statistics.units import output_column, output_name
from proofread.tables import read_table, read_values
from test_kmer_perturbation import OUTPUTS as KMER_OUTPUTS
from test_kmer_perturbation import always

NAN = np.nan
# Raw outputs are sums over the bases A, C, G and T. The network was trained on leaf
# as (value - 10) / 4 and on root as value / 2, which its last step undoes.
WEIGHTS = [[-1.0, 1.0, 2.0, -1.0], [0.5, 0.0, 0.0, 0.0]]
NUMBERS = [{"mean": 10.0, "sd": 4.0}, {"mean": 0.0, "sd": 2.0}]
USER = OutputScale("mse", Transform("standardize", NUMBERS), [0.0, 0.0])
LOG1P = OutputScale("mse", Transform("log1p", [{}, {}]), [0.0, 0.0])


class Linear(torch.nn.Module):
    """Two quantities; see `WEIGHTS`."""

    def __init__(self, length, scale=USER):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor(WEIGHTS))
        self.length, self.targets = length, ["leaf", "root"]
        set_scale(self, scale)
        self.eval()

    def forward(self, one_hot):
        """(n, 4, length) -> (n, 2)."""
        return (self.weight @ one_hot).sum(dim=2)


def numbers(texts, label, truth=()):
    """A dataset of leaf and root; an instance is (sequence, start, end, effect)."""
    n = len(texts)
    rows = [
        (row, "m", start, end, "+", "causal", texts[row][start:end], effect)
        for row, start, end, effect in truth
    ]
    names = [f"s{row}" for row in range(n)]
    columns = [*TRUTH_COLUMNS, "effect"]
    return Dataset(
        index=np.stack([encode(text) for text in texts]),
        length=np.full(n, len(texts[0])),
        name=names,
        label=np.array(label, dtype=np.float32),
        target=["leaf", "root"],
        group=names,
        stratum=["quantile_1"] * n,
        truth=pd.DataFrame(rows, columns=columns) if rows else empty_truth(),
        motifs={"m": np.eye(4)[[2]]} if rows else {},
        settings={"target_type": "quantitative"},
    )


# -- names, examples, settings --------------------------------------------------------


def test_outputs_are_named_with_their_unit():
    assert output_column("logit", "probability") == "probability"
    assert output_name("logit") == "logit"
    assert output_column("log1p") == output_name("user") == "output"
    assert output_name("log1p") == "output (log1p)"
    assert output_name("rank_normal") == "output (rank normal)"


def test_examples_are_of_both_halves():
    # leaf: 5 and 1, median 3. root: 2 and 3. The first three are all below 0.5 or NaN
    # of one target or the other, so classes would give other rows.
    data = numbers(["AA"] * 4, [[-5, NAN], [-1, -2], [NAN, -3], [-3, NAN]])
    # leaf: -5, -1, -3, of median -3: row 1 is above it, rows 0 and 3 are not.
    # root: -2 and -3: row 1 is above, row 2 not.
    assert example_rows(data, 2) == [(1, 0), (0, 0)]
    assert example_rows(data, 9) == [(1, 0), (0, 0), (2, 1), (3, 0)]


@pytest.mark.parametrize(
    ("method", "changes", "found", "instead"),
    [
        (
            "saturation_mutagenesis",
            {"classes": "positive"},
            "classes: positive",
            "both",
        ),
        ("kmer_perturbation", {"classes": "positive"}, "classes: positive", "both"),
        ("greedy_substitution", {"classes": "positive"}, "classes: positive", "both"),
        ("attributions", {"classes": "positive"}, "classes: positive", "both"),
        ("greedy_substitution", {"rules": ["exact", "faithful"]}, "rules: f", "exact"),
        (
            "attributions",
            {"integrated_gradients": {"faithful": True}},
            "integrated_gradients.faithful: true",
            "false",
        ),
    ],
)
def test_settings_of_classes_are_refused(method, changes, found, instead):
    def checked(target_type, settings):
        config = {
            "datasets": {"own": {"source": "table", "target_type": target_type}},
            "analyses": [method],
            "methods": {method: settings_of(method, {"methods": {method: settings}})},
        }
        check_row({"dataset": "own", "model": "cnn"}, config, "rows.tsv, row 2")

    checked("quantitative", {})
    checked("binary", changes)
    with pytest.raises(InputError) as caught:
        checked("quantitative", changes)
    error = caught.value
    assert error.where == "rows.tsv, row 2"
    assert error.found.startswith(f"methods.{method}.{found}")
    assert error.found.endswith("the targets of 'own' are quantitative")
    assert error.expected.startswith(f"{instead}: ")
    assert error.remedy.startswith("write ") and instead in error.remedy


@pytest.mark.parametrize("method", ["attributions", "saturation_mutagenesis"])
def test_a_quantity_has_no_scale_to_choose(method):
    settings = settings_of(method, {"methods": {method: {"scale": "probability"}}})
    config = {
        "datasets": {"own": {"source": "table", "target_type": "quantitative"}},
        "analyses": [method],
        "methods": {method: settings},
    }
    with pytest.raises(InputError) as caught:
        check_row({"dataset": "own", "model": "cnn"}, config, "rows.tsv, row 2")
    error = caught.value
    assert error.found.startswith(f"methods.{method}.scale: probability, and the tar")
    assert error.expected.startswith("no scale: a number has no probability, and with")
    assert error.remedy.startswith("remove scale, or explain this dataset")
    assert "logit" not in str(error)
    # As the remedy says.
    config["methods"] = {method: settings_of(method, {"methods": {method: {}}})}
    check_row({"dataset": "own", "model": "cnn"}, config, "rows.tsv, row 2")


def test_a_paper_is_told_that_the_output_was_explained():
    settings = {"scale": "logit"}
    of_types = methods_text._of_types
    assert of_types(settings, {False})["scale"] == "logit"
    assert of_types(settings, {True})["scale"] == "output"
    numbers = {"binary": False, "quantitative": True}
    assert of_types({"seed": 1}, {True}) == {"seed": 1} | numbers
    both = of_types(settings, {True, False})["scale"]
    assert both == "logit (of quantitative targets, the output)"


# -- saturation mutagenesis -----------------------------------------------------------


@pytest.mark.parametrize(
    ("scale", "intact", "leaf", "root"),
    [
        # AG: leaf -1 + 2, root 0.5. Of A to A, C, G, T leaf changes by 0, 2, 3, 0.
        (USER, [4 * 1 + 10, 2 * 0.5], [0, 8, 12, 0], 1.0),
        (LOG1P, [1, 0.5], [0, 2, 3, 0], 0.5),
    ],
)
def test_substitutions_change_the_output(scale, intact, leaf, root):
    editor = EditedLogits(predictor_of(Linear(2, scale)))
    index, length = encode("AG")[None], np.array([2])
    mutated = positions_to_mutate(index, length, None)
    outputs, delta = saturation_mutagenesis(editor, index, length, mutated)
    assert outputs.tolist() == [intact]
    assert delta[0, 0, :, 0].tolist() == leaf
    # A alone counts: lost from the first position, gained at the second.
    assert delta[0, 1, :, 0].tolist() == [0, -root, -root, -root]
    assert delta[0, 1, :, 1].tolist() == [root, 0, 0, 0]


def test_python_explains_the_output_and_refuses_its_probability():
    network = Linear(2)
    delta = proofread.saturation_mutagenesis(network, ["AG"], target="root")
    assert delta[0, :, 0].tolist() == [0, -1, -1, -1]
    for function in (proofread.saturation_mutagenesis, proofread.attributions):
        with pytest.raises(InputError) as caught:
            function(network, ["AG"], scale="probability")
        assert caught.value.found == "'probability', and the model predicts quantities"
        assert caught.value.remedy == "leave out scale"
        assert "logit" not in str(caught.value)
    with pytest.raises(InputError, match="deepG's follows a probability"):
        proofread.greedy_substitution(network, ["AG"], rule="faithful")


class Counts(torch.nn.Module):
    """A caller's own network, without a scale: the number of A, and of G."""

    def forward(self, batch):
        return batch[:, [0, 2]].sum(dim=2)


def test_python_takes_the_unit_of_a_caller_s_network_from_the_dataset():
    network, data = Counts(), numbers(["AA", "AG"], [[1, 2], [3, NAN]])
    for function in (proofread.saturation_mutagenesis, proofread.attributions):
        with pytest.raises(InputError) as caught:
            function(network, data, scale="probability")
        assert caught.value.found == "'probability', and the model predicts quantities"
    with pytest.raises(InputError, match="deepG's follows a probability"):
        proofread.greedy_substitution(network, data, rule="faithful")
    # Every base of AA changes: both A are lost.
    result = proofread.kmer_perturbation(
        network, data, target="leaf", lengths=[2], kmers_from="uniform"
    )
    first = result.windows.iloc[0]
    assert (first["output"], first["output_delta_mean"]) == (2, -2)
    assert not [name for name in result.windows if "logit" in name or "prob" in name]
    steps = proofread.greedy_substitution(network, data, target="root")
    ends = steps[
        steps["step"]
        == steps.groupby(["sequence", "direction"])["step"].transform("max")
    ]
    assert ends.groupby("sequence")["output"].max().tolist() == [2, 2]
    assert not {"logit", "probability"} & set(steps)
    # The predictions themselves are the numbers, in the dataset's units.
    assert proofread.predict(network, data).tolist() == [[2, 0], [1, 1]]
    # Without the dataset nothing says that these are quantities.
    steps = proofread.greedy_substitution(network, ["AA", "AG"])
    assert {"logit", "probability"} <= set(steps)


def test_python_takes_measured_values_for_a_dataset_of_classes():
    data = replace(numbers(["AA", "AG", "GG"], [[1, 0]] * 3), settings={})
    assert not data.quantitative
    values = [[5, 1], [1, 2], [NAN, NAN]]
    labelled = as_labelled(data, values, ["leaf", "root"], quantitative=True)
    assert labelled.quantitative and not data.quantitative
    # 5 is above the median, 3; 1 is not.
    halves = groups(labelled, "leaf")
    assert halves["high"].tolist() == [True, False, False]
    assert halves["low"].tolist() == [False, True, False]
    with pytest.raises(InputError) as caught:
        as_labelled(data, None, ["leaf", "root"], quantitative=True)
    assert caught.value.found.startswith("None, and the dataset has classes")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("value", "found"), [(1e39, "1e+39"), (-1e39, "-1e+39"), (np.inf, "inf")]
)
def test_python_refuses_values_that_are_too_large(value, found):
    with pytest.raises(InputError) as caught:
        as_values([0.5, value, NAN], 3, 1)
    assert (caught.value.where, caught.value.found) == ("labels, row 1", found)
    assert "remove the sequence" in str(caught.value)
    # The largest float32 is about 3.4028e38.
    assert as_values([3.4e38, NAN], 2, 1).dtype == np.float32


# -- k-mers ---------------------------------------------------------------------------


def replaced(texts, kmer="T"):
    index = np.stack([encode(text) for text in texts])
    length = np.full(len(index), index.shape[1])
    windows, _ = perturb_windows(
        EditedLogits(predictor_of(Linear(index.shape[1]))),
        index,
        length,
        len(kmer),
        start=starts_of(index.shape[1], len(kmer)),
        kmers=always(kmer),
        replicates=1,
    )
    return windows


def test_windows_change_the_output_alone():
    # T in place of G: leaf (-1 - 2) * 4; of A: 0. Root loses 0.5 * 2 with each A.
    windows = replaced(["AG"])
    assert windows.scales == ("output",) and windows.unit == "user"
    assert windows.mean["output"][0].tolist() == [[0, -12], [-1, 0]]
    assert base_importance(windows, 2)[0].tolist() == [[0, -12], [-1, 0]]
    data = numbers(["AG"], [[1, NAN]])
    table = kmer_table(data, [windows]).set_index("target")
    assert table["output"].to_dict() == {"leaf": 14, "root": 1}
    assert set(table["unit"]) == {"user"}
    assert table["strongest_start"].to_dict() == {"leaf": 1, "root": 0}
    assert table["strongest_output_mean"].to_dict() == {"leaf": -12, "root": -1}
    assert not [name for name in table if "logit" in name or "prob" in name]


def test_halves_are_compared_without_missing_values():
    # leaf 5 and 1: GG is above the median and loses 12 in each window, GA 12 and 0.
    # root 2 and 3: AA is above and loses 1 in each window, GA 0 and 1.
    texts = ["GG", "GA", "AA"]
    data = numbers(texts, [[5, NAN], [1, 2], [NAN, 3]])
    members = {target: groups(data, target) for target in data.target}
    table = robustness([replaced(texts)], members, group_column(data))
    table = table.set_index(["target", "group"])
    assert set(table["scale"]) == {"output"}
    assert table["n"].tolist() == [1] * 4
    assert table["mean_delta"].to_dict() == {
        ("leaf", "high"): -12,
        ("leaf", "low"): -6,
        ("root", "high"): -1,
        ("root", "low"): -0.5,
    }


def test_all_instances_with_an_effect_are_anchors():
    # The values are below 0.5, or missing; the second instance has no effect.
    truth = [(0, 0, 1, 1.0), (1, 1, 2, 0.0), (2, 1, 2, -2.0)]
    data = numbers(["GA", "AG", "AG"], [[-5, 1], [-1, 2], [NAN, 3]], truth)
    assert anchors_of(data, "leaf")["m"]["row"].tolist() == [0, 2]
    assert anchors_of(data, "leaf", 1)["position 1"]["row"].tolist() == [0, 1, 2]


def test_python_replaces_k_mers():
    result = proofread.kmer_perturbation(Linear(2), ["GG"], lengths=[2], target="leaf")
    assert "output_delta_mean" in result.windows
    # Every base changes, to C (-1), A or T (-3): from 26 to at most 18.
    assert (result.effects <= -8).all()


# -- greedy substitution --------------------------------------------------------------

TEXTS = ["AA", "CC", "GG", "AC"]  # outputs of leaf 2, 18, 26 and 10
VALUES = [[1, NAN], [3, NAN], [4, NAN], [2, NAN]]


def search(texts, column=0, goals=None, steps=3, **options):
    network = Linear(2)
    index = np.stack([encode(text) for text in texts])
    settings = {
        "revisit": False,
        "improving": True,
        "min_gain": 0.01,
        "candidates": 10,
        "baseline": "shuffled",
        "baselines": 1,
        "path_steps": 2,
        "megabytes": 1,
        "seed": 1,
        "label": "",
    }
    trajectories = greedy_search(
        EditedLogits(predictor_of(network)),
        index,
        column,
        options.pop("rule", "exact"),
        steps=steps,
        **settings | options,
    )
    # The mean of random trajectories, as if nothing changed.
    control = np.repeat(trajectories.logit[: len(index), None, :1], steps + 1, axis=2)
    target = network.targets[column]
    return Search("exact", target, trajectories, control, "user", goals)


def test_goals_are_the_medians_of_the_outputs_of_both_halves():
    data = numbers(TEXTS, VALUES)
    goals = goals_of(predictor_of(Linear(2)), data, ["leaf", "root"], seed=1)
    # Above the median value 2.5 are CC and GG: 22; the others have 2 and 10.
    assert (goals["leaf"].up, goals["leaf"].down) == (22, 6)
    # 12, 4, 12 and 4 from the mean, 14.
    assert goals["leaf"].spread == pytest.approx(np.sqrt(80))
    # No value of root is known; its outputs are 2, 0, 0 and 1.
    assert np.isnan(goals["root"].up) and np.isnan(goals["root"].down)
    assert goals["root"].spread == pytest.approx(np.sqrt(0.6875))


@pytest.mark.parametrize("rule", ["exact", "path_gradient"])
def test_outputs_are_raised_and_lowered(rule):
    data = numbers(["AT", "GG"], [[1, NAN], [NAN, NAN]])
    result = search(["AT", "GG"], goals=Goals(22.0, 6.0, 1.0), rule=rule)
    ends = [decode(row) for row in result.trajectories.index]
    assert ends[:2] == ["GG", "GG"] and ends[2:] == ["AT", "AA"]
    assert result.trajectories.logit[[0, 3]].tolist() == [
        [2, 14, 26, 26],
        [26, 14, 2, 2],
    ]
    table = summary_table(data, result)
    assert table["start"].tolist() == [2, 26, 2, 26]
    assert table["end"].tolist() == [26, 26, 2, 2]
    assert table["goal"].tolist() == [22, 22, 6, 6]
    # 2, 14, 26: at least 22 after the second step. 26, 14, 2: at most 6 after it.
    assert table["steps_to_goal"].tolist() == [2, 0, 0, 2]
    # 12, 24, 24 above random after the steps: (6 + 18 + 24) / 3.
    assert table["area"].tolist() == [16, 0, 0, 16]
    assert set(table["unit"]) == {"user"}
    assert not [name for name in table if "logit" in name or "half" in name]


def test_without_values_there_is_no_goal():
    data = numbers(["AT"], [[NAN, NAN]])
    table = summary_table(data, search(["AT"], goals=Goals(NAN, NAN, 1.0)))
    assert table["goal"].isna().all() and table["steps_to_goal"].isna().all()
    assert table["end"].tolist() == [26, 2]


def test_steps_and_controls_are_outputs():
    data = numbers(["AT"], [[1, NAN]])
    result = search(["AT"])
    steps = step_table(data, result)
    assert steps["output"].tolist() == [2, 14, 26, 2]
    assert steps["realised_gain"].tolist()[1:3] == [12, 12]
    assert list(control_table(data, result))[3:] == [
        "output",
        "output_low",
        "output_high",
    ]
    assert "probability" not in steps
    table = proofread.greedy_substitution(Linear(2), ["AT"], steps=3)
    assert table["output"].tolist() == [2, 14, 26, 2]


def test_lowering_is_scored_at_instances_that_raise_the_value():
    # GG is lowered at position 0 first. Its values are below 0.5 or missing. The second
    # instance lowers the value, the third does nothing.
    truth = [(0, 0, 1, 2.0), (1, 0, 1, -1.0), (2, 0, 1, 0.0), (3, 1, 2, 2.0)]
    data = numbers(["GG"] * 4, [[-1, 0], [0, 0], [-2, 0], [NAN, 0]], truth)
    rows = scores(data, [search(["GG"] * 4)], first=1, resamples=10, seed=1)
    # The first substitution of row 0 is in its instance, that of row 3 is not.
    assert [(row.metric, row.value, row.n) for row in rows] == [
        ("destroy_edits_planted", 0.5, 2)
    ]


# -- what the page says ---------------------------------------------------------------


class Network:
    """A network of quantities, with the tables that a section reads."""

    quantitative, random_labels, simulated = True, False, False
    standing = MappingProxyType({"stated": True, "weak": (), "sentence": ""})
    recoveries = ()

    def __init__(self, method, file, rows):
        self.method, self.file, self.rows = method, file, rows

    def has(self, *parts):
        return parts == (self.method, self.file)

    def table(self, *_):
        return pd.DataFrame(self.rows)


def said(method, file, rows, **settings):
    return methods.verdict(Network(method, file, rows), method, settings)


def moved(direction, start, end, control_end, goal, steps):
    names = ("direction", "start", "end", "control_end", "goal", "steps_to_goal")
    values = (direction, start, end, control_end, goal, steps)
    fixed = {"target": "leaf", "rule": "exact", "steps": 3}
    return dict(zip(names, values, strict=True)) | fixed


def test_a_search_in_both_directions_is_judged():
    rows = [moved("improve", 1.0, 9.0, 2.0, 8.0, 2)] * 6
    rows += [moved("destroy", 9.0, 1.0, 7.0, 3.0, 1)] * 2
    # Starts that are where they should go are not counted.
    rows += [moved("improve", 9.0, 9.0, 9.0, 8.0, 0)]
    verdict = said("greedy_substitution", "table.tsv", rows)
    # Six pairs of six: p = 2 / 2^6; two of two: 1/2.
    assert verdict.text == (
        "At most 3 chosen substitutions raise 6 of 6 outputs to the median output of"
        " sequences with values above the median (median 2 steps), and the mean of"
        " random substitutions reaches it in 0 (p 0.031); they lower 2 of 2"
        " outputs to the median output of sequences with other values (median"
        " 1 step), and the mean of random substitutions reaches it in 0 (p 0.5)."
    )
    assert (verdict.tag, verdict.number) == ("outputs moved", "6 of 6")
    few = said("greedy_substitution", "table.tsv", rows[6:8])
    assert few.text.startswith(
        "No finding: at most 3 chosen substitutions lower 2 of 2"
    )
    none = said("greedy_substitution", "table.tsv", rows[8:])
    assert none.text.endswith("no sequence that was searched has an output to reach.")


def halves(high, low, unit="user"):
    """Rows of robustness.tsv: mean change with its interval, of both halves."""
    names = ("mean_delta", "mean_delta_low", "mean_delta_high")
    fixed = {"target": "leaf", "scale": "output", "unit": unit, "length": 9}
    return [
        {"group": group} | fixed | dict(zip(names, values, strict=True))
        for group, values in (("high", high), ("low", low))
    ]


def test_replaced_k_mers_are_judged_by_halves():
    rows = halves((-200.0, -300.0, -100.0), (-2.0, -5.0, 1.0))
    verdict = said("kmer_perturbation", "robustness.tsv", rows)
    assert verdict.text == (
        "The network reads the sequences with high values: replacing 9 bp changes the"
        " output of sequences with values above the median by −200 [−300, −100] on"
        " average, that of the others by −2.00 [−5.00, 1.00]."
    )
    rows = halves((-2e-4, -3e-4, 1e-4), (-2e-4, -5e-4, 1e-4), "log rate")
    text = said("kmer_perturbation", "robustness.tsv", rows).text
    assert text.startswith(
        "No finding: replacing 9 bp changes the output (log rate) of sequences with"
        " values above the median by −2e-4"
    )


def test_the_strongest_substitution_of_a_quantity():
    columns = ("target", "sequence", "unit", "max_loss", "mean_absolute_change")
    rows = [dict(zip(columns, ("leaf", "s0", "log1p", 250.0, 0.5), strict=True))]
    text = said("saturation_mutagenesis", "table.tsv", rows, scale="logit").text
    assert "lowers the output (log1p) by 250 (median of 1 sequences)" in text


# -- whole runs -----------------------------------------------------------------------


def quantities():
    """Twelve sequences; even ones hold the motif, and have the smaller values.

    Of `target1`, which the network predicts by the motif, two values are missing.
    """
    data = tiny_dataset(targets=2)
    label = np.repeat(np.arange(12, dtype=np.float32)[:, None], 2, axis=1)
    label[::2] -= 20
    label[:2, 1] = NAN
    return replace(data, label=label, settings={"target_type": "quantitative"})


# Raw outputs are 0, and 3 with the motif: 5 * 3 + 100 at least.
SCALE = OutputScale(
    "mse",
    Transform("standardize", [{"mean": 1.0, "sd": 1.0}, {"mean": 100.0, "sd": 5.0}]),
    [0.0, 0.0],
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    def whole(script, name, outputs, **settings):
        monkeypatch.setattr(script, "start", lambda _: None)
        job = tiny_job(
            tmp_path / name, name, outputs, quantities(), output_scale=SCALE, **settings
        )
        script.main(job)
        return job.output

    return whole


def test_saturation_mutagenesis_of_quantities(run):
    files = {"table": "t.tsv", "score": "s.tsv", "values": "v.h5", "figure": "f.svg"}
    files["positions"] = "p.tsv"
    output = run(saturation_script, "saturation_mutagenesis", files, resamples=20)
    table = read_table(output.table)
    assert set(table["unit"]) == {"user"}
    held = table[(table["target"] == "target1") & (table["measured"] < 0)]
    # One substitution in the motif costs 2 * 5. The first value is missing.
    assert len(held) == 5 and (held["output"] >= 115).all()
    assert (held["max_loss"] <= 10.001).all() and held["max_loss"].max() > 9.99
    assert read_values(output.values)["output"].shape == (12, 2)
    score = read_table(output.score)
    score = score[
        (score["metric"] == "position_auroc") & (score["target"] == "target1")
    ]
    # All six with the motif, no matter their value.
    assert set(score["n"]) == {6}
    assert score.set_index("variant")["value"]["absolute"] > 0.9


@pytest.mark.parametrize(
    ("script", "name", "settings"),
    [
        (saturation_script, "saturation_mutagenesis", {"centre": 4}),
        (kmer_script, "kmer_perturbation", {"lengths": [5], "stride": 5}),
        (greedy_script, "greedy_substitution", {"steps": 1, "controls": 2}),
    ],
)
def test_a_negative_control_has_table_and_score(run, script, name, settings):
    files = {"table": "t.tsv", "score": "s.tsv"}
    output = run(script, name, files, dead=True, resamples=5, **settings)
    table = read_table(output.table)
    # A dead network has the raw outputs 0 everywhere: 1 and 100.
    column = "start" if name == "greedy_substitution" else "output"
    assert set(table[column]) == {1, 100}
    scores = read_table(output.score)
    assert set(scores["metric"].str.split("_").str[0]) <= {"position", "destroy"}


def test_kmer_perturbation_of_quantities(run):
    output = run(
        kmer_script,
        "kmer_perturbation",
        KMER_OUTPUTS,
        lengths=[1, 7],
        replicates=3,
        resamples=20,
    )
    table = read_table(output.robustness_table)
    assert list(table["group"].unique()) == ["high", "low"]
    last = table[(table["target"] == "target1") & (table["length"] == 7)]
    # The motif is in the lower half.
    change = last.set_index("group")["mean_delta"]
    assert change["low"] < change["high"] - 1
    assert "mean_delta_output" in read_table(output.bases)
    aligned = read_table(output.aligned_table)
    aligned = aligned[(aligned["target"] == "target1") & (aligned["length"] == 7)]
    # At the motif itself, centre 3.5 behind its first base: six instances.
    there = aligned.set_index("offset").loc[3.5]
    assert there["n"] == 6 and there["mean_delta_output"] < -5
    score = read_table(output.score)
    assert set(score.loc[score["metric"] == "position_auroc", "n"]) == {6}


def test_greedy_substitution_of_quantities(run):
    names = ("table", "steps", "controls", "score", "sequences", "curves", "edits")
    files = {name: f"{name}.svg" for name in names}
    output = run(
        greedy_script,
        "greedy_substitution",
        files,
        steps=2,
        controls=2,
        max_sequences=12,
        resamples=20,
    )
    table = read_table(output.table)
    # Both directions of both targets, of every sequence.
    assert len(table) == 12 * 2 * 2
    held = table[(table["target"] == "target1") & (table["measured"] < 0)]
    lowered = held[held["direction"] == "destroy"]
    assert (lowered["end"] < lowered["start"] - 5).all()
    score = read_table(output.score).set_index("target")
    assert score.loc["target1", "n"] == 6
