"""Attributions that say nothing, or miss a part of the change: known answers."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn import functional

import proofread
from attribution_runs import kmer_network, planted_dataset, run
from proofread.dna.encoding import encode, one_hot
from proofread.methods.attributions.baselines import Baselines, draw_baselines
from proofread.methods.attributions.checks import check, relative_error
from proofread.methods.attributions.deep_lift import deep_lift_shap
from proofread.methods.attributions.functions import unruled_functions
from proofread.report.methods import warnings_of
from proofread.tables import read_table


class Counter(nn.Module):
    """Logit = relu(number of A - 1) + number of G / 2."""

    def __init__(self, relu):
        super().__init__()
        self.relu = relu

    def forward(self, batch):
        count = batch.sum(dim=2)
        return (self.relu(count[:, 0] - 1) + count[:, 2] / 2)[:, None]


def explained(network, sequence, baseline):
    batch, reference = (
        torch.from_numpy(one_hot(encode(text)[None])) for text in (sequence, baseline)
    )
    return deep_lift_shap(network.eval(), batch, reference[:, None], [0])


def missed(result):
    return relative_error(
        result.attribution[0], result.output[:, 0], result.baseline_output[:, 0]
    )


@pytest.mark.parametrize("relu", [functional.relu, torch.relu, torch.Tensor.relu])
def test_a_function_that_deep_lift_does_not_see_is_named_with_what_it_misses(relu):
    # The change is relu(2) - relu(-1) = 2 of three As and 1/2 of one G. The gradient at
    # the baseline, where relu is 0, has the G alone: 2 of 2.5 are missing.
    result = explained(Counter(relu), "AAAGG", "CCCCG")
    assert result.functions == ("relu",)
    assert missed(result) == pytest.approx(0.8)
    # The same function as a module has a rule.
    result = explained(Counter(nn.ReLU()), "AAAGG", "CCCCG")
    assert result.functions == ()
    assert missed(result) == 0


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (lambda values: 2 * values.flip(2).sum(dim=2) - 1, []),
        (lambda values: values.transpose(1, 2) @ torch.ones(4, 2), []),
        (lambda values: values / torch.tensor(2.0), []),
        (lambda values: values / values.sum(), ["div"]),
        (lambda values: values * values, ["mul"]),
        (lambda values: values.transpose(1, 2) @ values, ["bmm"]),
        (lambda values: values.amax(dim=2).sigmoid(), ["amax", "sigmoid"]),
        (lambda values: functional.max_pool1d(values, 2), ["max_pool2d_with_indices"]),
        # Of a weight, not of the sequence.
        (lambda values: values * torch.ones(4, 1, requires_grad=True).exp(), []),
    ],
)
def test_functions_that_are_not_linear_in_the_sequence(function, names):
    values = torch.rand(2, 4, 6, requires_grad=True)
    assert unruled_functions(function(values), values) == names


def test_a_sequence_with_one_shuffle_equals_its_baselines():
    index = np.stack([encode(text) for text in ("ACTGACTG", "AAAAAAAA", "AACAGTCA")])
    rng = np.random.default_rng(1)
    equal = draw_baselines("dinucleotide_shuffled", index, 20, rng).equal(index)
    assert equal[:2].tolist() == [1, 1]
    assert equal[2] < 1
    # A column of frequencies is a sequence of a single base alone.
    assert draw_baselines("composition", index[1:2], 1, rng).equal(index[1:2]) == 1
    assert draw_baselines("zero", index, 1, rng).equal(index).tolist() == [0, 0, 0]
    half = Baselines(index=np.stack([index[:1], index[1:2]], axis=1))
    assert half.equal(index[:1]).tolist() == [0.5]


def of(kind, *, index=None, sums=(1, 1), output=(1, 1), **changed):
    """The check of two sequences whose baselines have an output of 0."""
    index = np.zeros((2, 3), dtype=np.uint8) if index is None else index
    attribution = np.zeros((2, 4, 3))
    attribution[:, 0, 0] = sums
    settings = {"equal": np.zeros(2), "tolerance": 0.05} | changed
    return check(
        kind, index, attribution, np.array(output, float), np.zeros(2), **settings
    )


def test_what_is_missed_is_a_fraction_of_all_changes():
    # Errors of 0.5 and 0.1, changes of 1 and -2.
    result = of("deeplift_shap", sums=(0.5, -1.9), output=(1, -2), functions=("relu",))
    assert result.relative_error == pytest.approx(0.2)
    assert result.flagged == 1
    assert result.warning.startswith(
        "the attributions of 1 of 2 sequences do not sum to the change of the output"
        " within 5%; in all they miss 20% of the change: DeepLIFT has no rule for relu"
    )
    result = of("deeplift_shap", sums=(0.5, -1.9), output=(1, -2))
    assert result.warning.endswith("of the change, for a reason that is not known")
    result = of("integrated_gradients", sums=(0.5, -1.9), output=(1, -2))
    assert result.warning.endswith("more steps have a smaller error")
    # Its points are random, and so is its error.
    assert of("gradient_shap", sums=(0.5, -1.9), output=(1, -2)).warning == ""
    # 0.1 of 10 is missed: one of the sequences by half, all of them by a hundredth.
    few = {"sums": (0.1, 9.8), "output": (0.2, 9.8)}
    assert of("deeplift_shap", **few).warning == ""
    assert of("deeplift_shap", **few, strict=True).warning.startswith(
        "the attributions of 1 of 2 sequences"
    )


def test_sequences_without_an_answer_are_counted_once():
    index = np.array([[4, 4, 4], [0, 1, 0]], dtype=np.uint8)
    result = of("deeplift_shap", index=index, sums=0, output=(0, 0), equal=np.ones(2))
    assert (result.without_bases, result.equal_baselines) == (1, 1)
    assert np.isnan(result.relative_error)
    assert result.warning == (
        "1 of 2 sequences have no known base, and attributions of 0; "
        "the output is the same for all 2 sequences; "
        "1 of 2 sequences equal all their baselines, and have attributions of 0"
    )
    result = of("saliency", index=index, output=(0, 1), equal=None)
    assert (result.equal_baselines, result.flagged) == (None, None)
    assert result.warning == (
        "1 of 2 sequences have no known base, and attributions of 0"
    )


def test_repeats_and_unknown_bases_are_counted_in_table_and_log(tmp_path, caplog):
    dataset = planted_dataset(8)
    dataset.index[1], dataset.index[3] = encode("ACTG" * 10), 4
    job = run(
        tmp_path,
        dataset,
        kmer_network(),
        control=True,
        kinds=["deeplift_shap", "saliency"],
    )
    assert "1 of 8 sequences equal all their baselines" in caplog.text
    table = read_table(job.output.table).set_index(["kind", "sequence"])
    shap = table.loc["deeplift_shap"]
    assert shap.loc[["s1", "s3"], "equal_baselines"].tolist() == [1, 1]
    assert shap.loc[["s1", "s3"], "sum"].tolist() == [0, 0]
    assert shap.drop(["s1", "s3"])["equal_baselines"].max() == 0
    assert table.loc["saliency", "equal_baselines"].isna().all()


def test_the_page_has_each_warning_once_with_its_kinds_and_targets():
    table = pd.DataFrame(
        {
            "kind": ["deeplift_shap", "deeplift_shap", "saliency"],
            "target": ["a", "b_c", "a"],
            "warning": ["x", "x", np.nan],
        }
    )
    experiment = SimpleNamespace(has=lambda *_: True, table=lambda *_: table)
    (text,) = warnings_of(experiment, "attributions")
    assert text.endswith(", a and b_c: x")


def test_from_python_a_repeat_is_said_in_the_log(caplog):
    result = proofread.attributions(
        Counter(nn.ReLU()), ["ACTGACTG", "AACAGTCA"], kind="deeplift_shap"
    )
    assert "1 of 2 sequences equal all their baselines" in caplog.text
    assert np.all(result[0] == 0)


def test_from_python_a_function_is_named_in_the_warning():
    with pytest.warns(UserWarning, match="DeepLIFT has no rule for relu"):
        proofread.attributions(
            Counter(torch.relu), ["AAAGG"], kind="deeplift_shap", baseline="uniform"
        )
