"""The functions for use from Python: known answers, messages, nothing left changed."""

import inspect
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import attribution_runs
import kmer_perturbation as kmer_script
import motif_tests as motif_script
import proofread
import saturation_mutagenesis as saturation_script
from perturbation_runs import motif_network, tiny_dataset, tiny_job
from proofread.api.arguments import as_dataset, as_sequences
from proofread.configuration.schema import check, schema_of
from proofread.datasets.dataset import Dataset
from proofread.datasets.simulation import generate
from proofread.dna.encoding import decode, encode
from proofread.errors import InputError
from proofread.models.checkpoint import save_model
from proofread.motifs.motif import Motif, reverse_complement
from proofread.motifs.tomtom import compare_motifs
from proofread.tables import read_table, read_values

ROOT = Path(__file__).resolve().parents[1]


class Counts(nn.Module):
    """First logit: 2 x (number of A). Second logit: -1 x (number of C)."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 2, 1, bias=False)
        self.conv.weight.data = torch.tensor(
            [[[1.0], [0], [0], [0]], [[0.0], [1], [0], [0]]]
        )
        self.unit = nn.Identity()
        self.head = nn.Linear(2, 2, bias=False)
        self.head.weight.data = torch.tensor([[2.0, 0], [0, -1]])

    def forward(self, sequences):
        return self.head(self.unit(self.conv(sequences)).sum(dim=2))


class Flat(nn.Module):
    """The first logit of `Counts`, as a vector."""

    def __init__(self):
        super().__init__()
        self.counts = Counts()

    def forward(self, sequences):
        return self.counts(sequences)[:, 0]


# -- sequences ----------------------------------------------------------------------

COLUMNS = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]]).T[None]
FORMS = {
    "strings": ["ACTN"],
    "lower case and RNA": ("acun",),
    "array of strings": np.array(["ACTN"]),
    "pandas": pd.Series(["ACTN"]),
    "index": np.array([[0, 1, 3, 4]]),
    "lists of numbers": [[0, 1, 3, 4]],
    "one-hot": COLUMNS.astype(np.float64),
    "one-hot of bool": COLUMNS.astype(bool),
    "tensor": torch.tensor(COLUMNS, dtype=torch.float32),
    "tensor of indices": torch.tensor([[0, 1, 3, 4]]),
}


@pytest.mark.parametrize("sequences", FORMS.values(), ids=FORMS)
def test_every_form_of_sequences_is_the_same(sequences):
    assert np.array_equal(proofread.one_hot(sequences), COLUMNS)
    # The unknown base at the end is padding.
    assert as_sequences(sequences).length.tolist() == [3]


def test_a_dataset_is_its_sequences_with_their_names():
    dataset = tiny_dataset()
    assert np.array_equal(proofread.one_hot(dataset), dataset.one_hot())
    assert as_sequences(dataset).name == dataset.name


WRONG_SEQUENCES = {
    "one string": ("ACGT", "one text of 4 characters", "[sequence]"),
    "a letter": (["ACGT", "ACXT"], "record 1: letter 'X' at position 2", "write N"),
    "lengths": (["ACGT", "ACG"], "record 1: 3 bases; record 0 has 4", "pad shorter"),
    "a mixture": (["ACGT", 5], "record 1: int among strings", "strings only"),
    "nothing": ([], "0 sequences of 0 bases", "at least one"),
    "no base": (np.empty((2, 0), int), "2 sequences of 0 bases", "at least one base"),
    "one index": (np.array([0, 1]), "int64, shape (2,)", "array[None]"),
    "an index of 5": (np.array([[0, 1], [2, 5]]), "record 1: 5 at position 1", "0-3"),
    "floats": (np.zeros((2, 3)), "float64, shape (2, 3)", "one-hot (n, 4, length)"),
    "one one-hot": (np.eye(4), "float64, shape (4, 4)", "array[None]"),
    "axes": (np.zeros((2, 7, 4)), "shape (2, 7, 4)", "transpose(0, 2, 1)"),
    "half a base": (
        np.full((1, 4, 2), 0.25),
        "record 0: the column (0.25, 0.25, 0.25, 0.25) at position 0",
        "one 1 in each column",
    ),
    "two bases": (np.ones((1, 4, 1)), "the column (1, 1, 1, 1)", "one 1 in each"),
    "ragged": ([[0, 1], [0]], "sequences: ", "pass one array"),
    "a number": (5, "shape ()", "strings of equal length"),
}


@pytest.mark.parametrize("case", WRONG_SEQUENCES)
def test_wrong_sequences_are_refused(case):
    sequences, came, expected = WRONG_SEQUENCES[case]
    with pytest.raises(InputError) as error:
        proofread.one_hot(sequences)
    assert str(error.value).startswith("sequences")
    assert came in str(error.value) and expected in str(error.value)


# -- models -------------------------------------------------------------------------


def test_predictions_are_the_network_s():
    predicted = proofread.predict(Counts(), ["AACG", "CCCC"])
    assert predicted.tolist() == [[4, -1], [0, -4]]
    assert proofread.predict(Flat(), ["AACG", "CCCC"]).tolist() == [[4], [0]]


def test_dropout_and_batch_statistics_are_off():
    model = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(4, eps=0), Counts()).train()
    assert proofread.predict(model, ["AACG"]).tolist() == [[4, -1]]
    assert model[1].num_batches_tracked == 0


def test_predictions_that_depend_on_the_batch_are_refused():
    batch_norm = nn.BatchNorm1d(4, track_running_stats=False)
    with pytest.raises(InputError, match=r"together with the others[\s\S]*alone"):
        proofread.predict(nn.Sequential(batch_norm, Counts()), ["AACG"])


class NotFinite(nn.Module):
    """Logits that are no numbers."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 2, 1)

    def forward(self, sequences):
        return self.conv(sequences).sum(dim=2) * float("nan")


@pytest.mark.parametrize(
    "function",
    [
        proofread.predict,
        proofread.attributions,
        proofread.saturation_mutagenesis,
        partial(proofread.filter_pfms, convolution="conv"),
        partial(proofread.filter_nullification, convolution="conv"),
    ],
)
def test_predictions_that_are_no_numbers_are_refused(function):
    with pytest.raises(InputError, match="are not finite numbers"):
        function(NotFinite(), ["AACG", "CCCC"])


@pytest.mark.parametrize("how", ["whole", "part", "in place"])
def test_a_compiled_network_is_used_as_it_is_written(how):
    plain = Counts()
    compiled = nn.Sequential(Counts())
    if how == "whole":
        compiled = torch.compile(compiled, backend="eager")
    elif how == "part":
        compiled[0] = torch.compile(compiled[0], backend="eager")
    else:
        compiled.compile(backend="eager")
    before = dict(compiled.named_modules())
    answers = [
        proofread.attributions(model, ["AACG"], kind="deeplift_shap")
        for model in (compiled, plain)
    ]
    np.testing.assert_array_equal(*answers)
    result = proofread.filter_pfms(
        compiled, ["AACG"], convolution="_orig_mod.0.conv" if how == "whole" else None
    )
    assert len(result.table) == 2
    # It is compiled as before.
    assert dict(compiled.named_modules()) == before
    assert (compiled._compiled_call_impl is not None) == (how == "in place")


class Squeezed(nn.Module):
    """`Counts` as many write it: a batch of one loses its axis."""

    def __init__(self, targets):
        super().__init__()
        self.counts, self.targets = Counts(), ["A", "C"][:targets]

    def forward(self, sequences):
        return self.counts(sequences)[:, : len(self.targets)].squeeze()


@pytest.mark.parametrize("targets", [1, 2])
def test_a_squeezed_batch_of_one_is_one_row(targets):
    model = Squeezed(targets)
    assert proofread.predict(model, ["AACG"]).tolist() == [[4, -1][:targets]]
    # The last batch of 257 holds one sequence.
    assert proofread.predict(model, ["AACG"] * 257).shape == (257, targets)
    result = proofread.attributions(model, ["AACN"], kind="gradient_x_input")
    assert result.tolist() == [[2, 2, 0, 0]]
    assert proofread.saturation_mutagenesis(model, ["AC"])[0, 1].tolist() == [-2, 0]


class Double(nn.Module):
    def forward(self, sequences):
        return 2 * sequences[:, 0].sum(dim=1).double()


def test_outputs_of_other_types_are_float32():
    assert proofread.predict(Double(), ["AACG"]).dtype == np.float32
    result = proofread.attributions(Double(), ["AAC"], baseline="zero")
    np.testing.assert_allclose(result, [[2, 2, 0]], atol=1e-6)


class Detached(Counts):
    def forward(self, sequences):
        return super().forward(sequences).detach()


class Rounded(nn.Module):
    def forward(self, sequences):
        return sequences[:, 0].sum(dim=1).long()


@pytest.mark.parametrize("model", [Detached(), Rounded()])
@pytest.mark.parametrize(
    "explain",
    [
        *(
            partial(proofread.attributions, kind=kind)
            for kind in ("saliency", "deeplift_shap")
        ),
        partial(proofread.greedy_substitution, rule="path_gradient"),
    ],
)
def test_a_network_without_gradients_is_refused_where_they_are_needed(model, explain):
    with pytest.raises(InputError, match="no gradient of its output"):
        explain(model, ["AACG"])
    assert proofread.saturation_mutagenesis(model, ["AC"])[0, 1, 0] < 0


def test_gradients_are_computed_in_inference_mode():
    model = Flat()
    with torch.inference_mode():
        result = proofread.attributions(model, ["AAC"], kind="gradient_x_input")
    assert result.tolist() == [[2, 2, 0]]


class Two(nn.Module):
    def forward(self, sequences):
        return sequences.sum(), sequences


WRONG_MODELS = {
    "a path": ("model.ckpt", "the path model.ckpt", "proofread.load_network"),
    "a class": (Counts, "the class Counts, not an instance", "Counts(...)"),
    "a function": (len, "builtin_function", "a torch.nn.Module"),
    "double": (Counts().double(), "weights of the type torch.float64", "float()"),
    "two outputs": (Two(), "returns tuple", "return the logits alone"),
    "positions": (
        nn.Conv1d(4, 2, 1),
        "a tensor of shape (2, 2, 4)",
        "(batch, targets)",
    ),
    "a length": (
        nn.Sequential(nn.Flatten(), nn.Linear(40, 1)),
        "fails on a batch of shape (2, 4, 4): RuntimeError: mat1 and mat2",
        "of the length that the network takes",
    ),
}


@pytest.mark.parametrize("case", WRONG_MODELS)
def test_wrong_models_are_refused(case):
    model, came, expected = WRONG_MODELS[case]
    with pytest.raises(InputError) as error:
        proofread.predict(model, ["ACGT"])
    assert str(error.value).startswith("model: ")
    assert came in str(error.value) and expected in str(error.value)


CALLS = [
    ("predict", {}),
    ("attributions", {"baselines": 2}),
    ("attributions", {"kind": "deeplift_shap", "baselines": 2}),
    ("saturation_mutagenesis", {}),
    ("kmer_perturbation", {"lengths": [2]}),
    ("greedy_substitution", {"steps": 2}),
    ("faithfulness", {"kinds": ["saliency"], "windows": [2], "resamples": 10}),
    ("filter_pfms", {"convolution": "conv", "activation": "unit"}),
    ("filter_nullification", {"convolution": "conv", "resamples": 10}),
    (
        "motif_insertion",
        {"motifs": {"m": np.eye(4)[:2]}, "controls": 2, "resamples": 10},
    ),
    (
        "motif_tests",
        {
            "labels": np.eye(2)[[0, 1, 0]],
            "motifs": {"m": np.eye(4)},
            "permutations": 10,
            "resamples": 10,
        },
    ),
]


def state(model):
    """All that a function could leave changed in a network."""
    return [
        (
            name,
            module.training,
            sorted(vars(module)),
            list(module._modules),
            list(module._forward_hooks) + list(module._forward_pre_hooks),
            [parameter.grad for parameter in module.parameters()],
            [parameter.requires_grad for parameter in module.parameters()],
            [item.tolist() for item in module.state_dict().values()],
        )
        for name, module in model.named_modules()
    ]


@pytest.mark.filterwarnings("ignore:.* do not sum to the change")
@pytest.mark.parametrize(("function", "settings"), CALLS)
def test_the_network_is_left_unchanged(function, settings):
    model = nn.Sequential()
    model.conv, model.norm, model.unit = (
        nn.Conv1d(4, 3, 2),
        nn.BatchNorm1d(3),
        nn.ReLU(),
    )
    model.pool, model.flat = nn.AdaptiveMaxPool1d(1), nn.Flatten()
    model.head = nn.Linear(3, 2)
    model.conv.weight.requires_grad_(False)
    model.train()
    model.norm.eval()
    model.conv.register_forward_hook(lambda *_: None)
    before = state(model)
    with torch.no_grad():  # gradients that are switched off outside do not matter
        getattr(proofread, function)(
            model, ["ACGTACGT", "TTGACCAT", "AACGTTAC"], **settings
        )
        assert not torch.is_grad_enabled()
    assert state(model) == before


@pytest.mark.parametrize(("function", "settings"), CALLS)
def test_the_network_is_left_unchanged_by_a_mistake(function, settings):
    model = nn.Sequential(nn.Flatten(), nn.Linear(40, 2)).train()
    with pytest.raises(InputError):
        getattr(proofread, function)(model, ["ACGT"] * 3, **settings)
    assert model.training and model[1].training


# -- explanations -------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    [
        "integrated_gradients",
        "gradient_x_input",
        "smoothgrad",
        "deeplift_shap",
        "gradient_shap",
    ],
)
def test_attributions_of_a_linear_network_are_its_weights(kind):
    settings = {"kind": kind, "baseline": "zero", "baselines": 1}
    result = proofread.attributions(Counts(), ["AACN"], **settings)
    np.testing.assert_allclose(result, [[2, 2, 0, 0]], atol=1e-6)
    result = proofread.attributions(Counts(), ["AACN"], target=1, **settings)
    np.testing.assert_allclose(result, [[0, 0, -1, 0]], atol=1e-6)


def test_saliency_is_the_largest_gradient_of_the_four_bases():
    assert proofread.attributions(Counts(), ["ACN"], kind="saliency").tolist() == [
        [2, 2, 0]
    ]


def test_hypothetical_attributions_have_a_number_for_each_base():
    settings = {"baseline": "zero", "hypothetical": True}
    result = proofread.attributions(Flat(), ["CN"], **settings)
    np.testing.assert_allclose(result[0].T, [[2, 0, 0, 0], [0, 0, 0, 0]], atol=1e-6)
    # Less their mean, 2 / 4.
    result = proofread.attributions(Flat(), ["C"], correct=True, **settings)
    np.testing.assert_allclose(result[0].T, [[1.5, -0.5, -0.5, -0.5]], atol=1e-6)


def test_attributions_sum_to_the_change_from_the_baselines():
    # Every shuffle has as many As: nothing changes, whatever the sequence.
    result = proofread.attributions(Flat(), ["AACGTA", "CCAATG"], baselines=5)
    np.testing.assert_allclose(result.sum(axis=1), 0, atol=1e-5)


class Square(nn.Module):
    def forward(self, sequences):
        return sequences[:, 0].sum(dim=1) ** 4


def test_a_sum_that_misses_the_change_is_told():
    # One interval of the trapezoid: (0 + 4 x 2^3) / 2 for each A, 32 instead of 16.
    with pytest.warns(UserWarning, match="of 1 of 2 sequences do not sum"):
        result = proofread.attributions(
            Square(), ["AA", "CC"], baseline="zero", steps=1
        )
    np.testing.assert_allclose(result, [[16, 16], [0, 0]])


def test_every_substitution_of_a_counting_network():
    delta = proofread.saturation_mutagenesis(Counts(), ["AC"])
    assert delta[0].T.tolist() == [[0, -2, -2, -2], [2, 0, 0, 0]]
    delta = proofread.saturation_mutagenesis(
        Counts(), ["AC"], target="target1", centre=1
    )
    assert delta[0].T.tolist() == [[0, -1, 0, 0], [0, 0, 0, 0]]


def test_every_window_of_a_counting_network():
    windows, effects = proofread.kmer_perturbation(
        Flat(), ["AAAA"], lengths=[2], kmers_from="uniform"
    )
    # Every base of a window is changed: two As are lost.
    assert windows["position"].tolist() == [0, 1, 2]
    assert windows["logit_delta_mean"].tolist() == [-4, -4, -4]
    assert windows["logit_delta_sd"].tolist() == [0, 0, 0]
    assert effects.tolist() == [[-4, -4, -4, -4]]


def test_substitutions_raise_and_lower_a_counting_network():
    table = proofread.greedy_substitution(Flat(), ["CC"], steps=2)
    up, down = (table[table["direction"] == name] for name in ("improve", "destroy"))
    assert up["logit"].tolist() == [0, 2, 4]
    assert up["new"].tolist() == ["", "A", "A"]
    assert down["logit"].tolist() == [0]  # there is no A to lose


def test_filters_are_the_bases_they_count():
    table, motifs = proofread.filter_pfms(Counts(), ["AACG", "TTTT"], min_sites=1)
    assert table["status"].tolist() == ["ok", "ok"]
    assert table["n_sites"].tolist() == [2, 1]
    assert [motif.name for motif in motifs] == ["filter0", "filter1"]
    # Two As and a pseudocount of 1 for each base.
    np.testing.assert_allclose(motifs[0].matrix, [[3 / 6, 1 / 6, 1 / 6, 1 / 6]])


@pytest.mark.parametrize("activation", ["unit", None])
def test_a_filter_at_its_mean_moves_predictions_by_their_distance_from_it(activation):
    model = Counts()
    table = proofread.filter_nullification(
        model,
        ["AAAA", "CCCC"],
        convolution=model.conv,
        activation=activation and getattr(model, activation),
        resamples=10,
    )
    # As: 4 and 0, both 2 at the mean; the logits 8 and 0 become 4, up and down.
    table = table.set_index(["filter", "target"])
    assert table["absolute"].tolist() == [4, 0, 0, 2]
    assert table["signed"].tolist() == [0, 0, 0, 0]
    assert "loss_change" not in table


def test_the_loss_of_a_filter_needs_labels():
    table = proofread.filter_nullification(
        Flat(), ["AAAA", "CCCC"], [1, 0], resamples=10
    )
    # Intact: log(1 + exp(-8)) and log 2; ablated: log(1 + exp(-4)) and log(1 + exp(4)).
    loss = np.log1p(np.exp([-8.0, 0])), np.log1p(np.exp([-4.0, 4]))
    expected = (loss[1] - loss[0]).mean()
    assert table["loss_change"][0] == pytest.approx(expected, rel=1e-5)


# -- motifs -------------------------------------------------------------------------

TRIPLE = np.eye(4)[encode("GATTACA")] * 0.96 + 0.01


def test_a_motif_is_most_like_itself_on_its_own_strand():
    targets = {"same": TRIPLE, "other": TRIPLE[:, [1, 0, 3, 2]]}
    hits = proofread.tomtom({"q": TRIPLE}, targets, q_threshold=1)
    assert hits["Query_ID"].tolist() == ["q", "q"]
    best = hits.iloc[0]
    assert best[["Target_ID", "Optimal_offset", "Overlap"]].tolist() == ["same", 0, 7]
    assert best["Orientation"] == "+" and best["Query_consensus"] == "GATTACA"
    hits = proofread.tomtom(
        [reverse_complement(Motif("q", TRIPLE))], targets, q_threshold=1
    )
    assert hits.iloc[0][["Target_ID", "Orientation"]].tolist() == ["same", "-"]
    forward = proofread.tomtom(
        [reverse_complement(Motif("q", TRIPLE))],
        targets,
        q_threshold=1,
        strands="forward",
    )
    assert set(forward["Orientation"]) == {"+"}


def test_hits_are_the_library_s():
    targets = proofread.jaspar("JASPAR2026", taxon="nematodes")
    hits = proofread.tomtom(targets[:3], targets, q_threshold=0.5)
    rows = [
        row
        for compare_motif in compare_motifs(targets[:3], targets)
        for row in compare_motif.rows()
    ]
    assert hits["Target_ID"].tolist() == [row[1] for row in rows]
    assert hits["q-value"].tolist() == [float(row[5]) for row in rows]
    every = proofread.tomtom(targets[:3], targets, q_threshold=1)
    few = proofread.tomtom(targets[:3], targets, q_threshold=None, e_threshold=0.1)
    expected = every[every["E-value"] <= 0.1]
    assert few["Target_ID"].tolist() == expected["Target_ID"].tolist()
    assert 3 <= len(few) < len(every)


WRONG_MOTIFS = {
    "nothing": ([], "queries: no motif", "at least one"),
    "counts": ([TRIPLE * 20], "queries, motif0, row 0: ", "divide counts"),
    "transposed": ({"m": TRIPLE.T}, "queries, m: a matrix of shape (4, 7)", "matrix.T"),
    "one matrix": (TRIPLE, "ndarray, float64, shape (7, 4)", "{name: matrix}"),
    "text": ([["a"]], "queries, motif0: list", "matrix of numbers"),
    "a number": (3, "queries: int", "a list of motifs"),
    "a name twice": (
        [Motif("m", TRIPLE), Motif("m", TRIPLE[::-1])],
        "queries: two motifs with the name 'm'",
        "a different name for each",
    ),
}


@pytest.mark.parametrize("case", WRONG_MOTIFS)
def test_wrong_motifs_are_refused(case):
    motifs, came, expected = WRONG_MOTIFS[case]
    with pytest.raises(InputError) as error:
        proofread.tomtom(motifs, {"m": TRIPLE})
    assert came in str(error.value) and expected in str(error.value)


def test_inserted_motifs_add_their_bases_to_a_counting_network():
    motifs = {"AA": np.eye(4)[[0, 0]], "AC": np.eye(4)[[0, 1]]}
    result = proofread.motif_insertion(
        Counts(),
        ["GGGGGGGG", "TTTTTTTT"],
        motifs,
        background="observed",
        controls=3,
        resamples=10,
    )
    effect = result.table.set_index(["motif", "target"])["effect"]
    # 2 for each A, -1 for each C.
    assert effect.to_dict() == {
        ("AA", "target0"): 4,
        ("AA", "target1"): 0,
        ("AC", "target0"): 2,
        ("AC", "target1"): -1,
    }
    assert len(result.positions) == 2 * 2 * 7  # 7 starts of 2 bases in 8
    assert (result.spacing["interaction"] == 0).all()
    # The fixed motif at 3: the other one at 0, 1, 5 and 6; both roles, two targets.
    assert sorted(set(result.spacing["distance"])) == [-3, -2, 2, 3]
    assert len(result.spacing) == 4 * 2 * 2


def test_motifs_are_inserted_into_as_many_positives_as_negatives():
    # All of the positives' bases are A, all of the negatives' G.
    texts = ["AAAAAA"] * 2 + ["GGGGGG"] * 18
    label = np.array([[1.0]] * 2 + [[0.0]] * 18, dtype=np.float32)
    planted = {"A": np.eye(4)[[0]]}
    dataset = replace(
        as_dataset(texts, ["bound"]), label=label, motifs=planted, settings={}
    )
    result = proofread.motif_insertion(
        Flat(),
        dataset,
        {"A": np.eye(4)[[0]]},
        background="observed",
        backgrounds=4,
        controls=1,
        resamples=2,
    )
    # An A in place of a G adds 2 in two of four backgrounds, in place of an A nothing.
    assert result.table["effect"].tolist() == [1]
    # Nothing is known about other motifs than the planted ones, whatever their names.
    assert result.table["expected"].tolist() == [""]


def test_inserted_motifs_must_be_known():
    with pytest.raises(InputError, match="no motifs were planted"):
        proofread.motif_insertion(Counts(), ["ACGT", "TTTT"])


def test_motif_tests_find_the_motif_that_a_network_counts():
    # Positives hold GATTACA, which alone raises the logit.
    dataset = tiny_dataset(40, short=False, bases=60)
    model, _ = motif_network(dataset)
    texts = [decode(row) for row in dataset.index]
    motifs = {
        "m": dataset.motifs["m"] * 0.96 + 0.01,
        "other": np.eye(4)[encode("CCCGGG")] * 0.96 + 0.01,
    }
    table = proofread.motif_tests(
        model,
        texts,
        dataset.label,
        motifs,
        p_threshold=1e-4,
        permutations=100,
        resamples=50,
    ).set_index("test")
    presence = table.loc["presence_of_m"]
    assert presence["n"] == 20 and presence["effect"] > 1
    assert presence["p_wilcoxon"] < 1e-4
    assert (table["expected"] == "").all()


# -- the workflow's own tables -------------------------------------------------------


def test_kmer_perturbation_is_the_workflow_s(tmp_path, monkeypatch):
    dataset = tiny_dataset()
    names = ("table", "windows", "variants", "bases", "values", "score", "examples")
    names += ("map", "robustness", "robustness_table", "aligned", "aligned_table")
    outputs = {name: f"{name}.tsv" for name in names}
    outputs |= {
        name: f"{name}.svg" for name in ("examples", "map", "robustness", "aligned")
    }
    monkeypatch.setattr(kmer_script, "start", lambda job: None)
    job = tiny_job(
        tmp_path,
        "kmer_perturbation",
        outputs | {"values": "values.h5"},
        dataset,
        lengths=[3, 5],
        resamples=20,
    )
    kmer_script.main(job)
    model = proofread.load_network(tmp_path / "model.ckpt")
    windows, effects = proofread.kmer_perturbation(model, dataset, lengths=[3, 5])
    expected = read_table(job.output.windows)
    same = windows[windows["sequence"].isin(expected["sequence"])]
    assert len(expected) > 50
    both = [
        item.sort_values(["sequence", "length", "position"], ignore_index=True)
        for item in (same, expected)
    ]
    pd.testing.assert_frame_equal(*both, rtol=1e-4, check_dtype=False)
    expected = read_table(job.output.score).query("variant == 'signed'")
    scores = proofread.score({"signed": -effects}, dataset, resamples=20)
    assert scores["metric"].tolist() == expected["metric"].tolist()
    for column in ("value", "ci_low", "chance"):
        np.testing.assert_allclose(scores[column], expected[column], rtol=1e-5)


def test_saturation_mutagenesis_is_the_workflow_s(tmp_path, monkeypatch):
    dataset = tiny_dataset()
    outputs = {
        "table": "t.tsv",
        "positions": "p.tsv",
        "values": "v.h5",
        "score": "s.tsv",
    }
    monkeypatch.setattr(saturation_script, "start", lambda job: None)
    job = tiny_job(
        tmp_path,
        "saturation_mutagenesis",
        outputs | {"figure": "f.svg"},
        dataset,
        resamples=20,
    )
    saturation_script.main(job)
    delta = proofread.saturation_mutagenesis(
        proofread.load_network(tmp_path / "model.ckpt"), dataset
    )
    np.testing.assert_array_equal(delta, read_values(job.output.values)["delta"][:, 0])


@pytest.mark.filterwarnings("ignore:.* do not sum to the change")
def test_attributions_and_their_scores_are_the_workflow_s(tmp_path):
    dataset, network = (
        attribution_runs.planted_dataset(),
        attribution_runs.kmer_network(),
    )
    kinds = ["integrated_gradients", "deeplift_shap", "saliency"]
    job = attribution_runs.run(
        tmp_path, dataset, network.eval(), kinds=kinds, correct=False
    )
    values, score = read_values(job.output.values), read_table(job.output.score)
    for kind, baselines in zip(kinds, (3, 4, 1), strict=True):
        settings = {"kind": kind, "baselines": baselines, "steps": 20}
        result = proofread.attributions(network, dataset, **settings)
        np.testing.assert_allclose(result, values[f"projected_{kind}"][0], atol=1e-6)
        result = proofread.attributions(network, dataset, hypothetical=True, **settings)
        np.testing.assert_allclose(result, values[f"hypothetical_{kind}"][0], atol=1e-6)
    result = proofread.attributions(
        network, dataset, kind="deeplift_shap", baselines=4, hypothetical=True
    )
    scores = proofread.score(result, dataset, target="bound", resamples=20)
    expected = score[score["variant"].str.startswith("deeplift_shap")]
    # Eight answers, each with two areas, one with the measures of published tables.
    assert len(scores) == len(expected) == 19
    names = "deeplift_shap " + scores["variant"]
    assert names.tolist() == expected["variant"].tolist()
    for column in ("value", "n", "ci_low", "ci_high"):
        np.testing.assert_allclose(scores[column], expected[column], rtol=1e-4)


def test_motif_tests_are_the_workflow_s(tmp_path, monkeypatch):
    dataset = proofread.simulate(
        "distance", ["STAT_known2", "CTCF_known1"], sequences=40, length=90, max_gap=9
    )
    names = ("table", "same_side", "groups", "sequences", "gaps", "ranges", "pairs")
    names += ("score",)
    outputs = {name: f"{name}.tsv" for name in names}
    outputs |= {"figure": "figure.svg", "gaps_figure": "gaps.svg"}
    job = tiny_job(
        tmp_path, "motif_tests", outputs, dataset, motif="TTCCGGGAA", resamples=20
    )
    job.input.motifs = []
    monkeypatch.setattr(motif_script, "start", lambda job: None)
    motif_script.main(job)
    model = proofread.load_network(tmp_path / "model.ckpt")
    table = proofread.motif_tests(model, dataset, resamples=20)
    expected = read_table(job.output.table)
    assert table["test"].tolist() == expected["test"].tolist() and len(table) == 5
    assert table["verdict"].tolist() == expected["verdict"].fillna("").tolist()
    for column in ("n", "effect", "ci_low", "q", "margin", "p_value_mai"):
        np.testing.assert_allclose(table[column], expected[column], rtol=1e-4)


def test_simulated_sequences_are_the_workflow_s():
    settings = {
        "rule": "order",
        "motifs": ["STAT_known2", "CTCF_known1"],
        "sequences": 20,
        "length": 80,
        "seed": 5,
    }
    schema = schema_of("datasets/simulate")
    complete = check({"source": "simulate", **settings}, schema, "config.yaml")
    expected, result = generate.simulate(complete), proofread.simulate(**settings)
    assert np.array_equal(result.index, expected.index)
    pd.testing.assert_frame_equal(result.truth, expected.truth)
    assert result.settings == expected.settings
    # A dataset's own settings make it again.
    again = proofread.simulate(**result.settings)
    assert np.array_equal(again.index, result.index)


@pytest.mark.parametrize(
    "function",
    [
        "faithfulness",
        "filter_nullification",
        "filter_pfms",
        "greedy_substitution",
        "kmer_perturbation",
        "long_sequence_scan",
        "motif_insertion",
        "motif_tests",
        "saturation_mutagenesis",
        "tomtom",
    ],
)
def test_defaults_are_those_of_the_workflow(function):
    schema = schema_of(f"methods/{function}")["properties"]
    parameters = inspect.signature(getattr(proofread, function)).parameters
    same = [name for name in parameters if name in schema]
    stated = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in ((name, parameters[name].default) for name in same)
        # What is an array here has no default, or another.
        if name not in ("sequences", "motifs", "background")
    }
    assert stated == {name: schema[name]["default"] for name in stated}
    assert len(stated) >= 3


# -- scores -------------------------------------------------------------------------


def test_a_score_is_the_area_under_the_curve_of_each_sequence():
    truth = np.array([[True, False, False, True], [True, True, False, False]])
    # Of four pairs three are in order; then all four. Precision where recall rises: 1
    # of 1 and 2 of 3, then 2 of 2.
    table = proofread.score(np.array([[3, 1, 2, 1.5], [2, 2, 1, 1]]), truth)
    assert table["metric"].tolist() == ["position_auroc", "position_auprc"]
    assert table["value"].tolist() == pytest.approx(
        [(0.75 + 1) / 2, ((1 + 2 / 3) / 2 + 1) / 2]
    )
    assert table["n"].tolist() == [2, 2] and table["chance"].tolist() == [0.5, 0.5]
    assert 0.75 <= table["ci_low"][0] < table["ci_high"][0] <= 1
    table = proofread.score({"good": truth, "bad": ~truth}, truth)
    # The bad one has recall only where all four are taken, of which two are right.
    values = table.set_index(["metric", "variant"])["value"].to_dict()
    assert values == {
        ("position_auroc", "good"): 1,
        ("position_auroc", "bad"): 0,
        ("position_auprc", "good"): 1,
        ("position_auprc", "bad"): 0.5,
    }


def test_the_planted_positions_have_a_score_of_1():
    dataset = attribution_runs.planted_dataset()
    answer = np.zeros(dataset.index.shape)
    for row in dataset.truth.itertuples():
        answer[row.sequence, row.start : row.end] = 1
    table = proofread.score(answer, dataset)
    assert table[["target", "variant", "value"]].iloc[0].tolist() == [
        "bound",
        "answer",
        1,
    ]


# -- messages -----------------------------------------------------------------------

TEXTS = ["ACGTACGT", "TTGACCAT"]
MISTAKES = {
    "kind": (
        partial(proofread.attributions, Flat(), TEXTS, kind="saliences"),
        "did you mean 'saliency'?",
    ),
    "baseline": (
        partial(proofread.attributions, Flat(), TEXTS, baseline="none"),
        "dinucleotide_shuffled",
    ),
    "steps": (
        partial(proofread.attributions, Flat(), TEXTS, steps=0),
        "0",
        "at least 1",
    ),
    "target": (
        partial(proofread.attributions, Counts(), TEXTS, target=2),
        "0 (target0), 1 (target1)",
    ),
    "strands": (
        partial(proofread.saturation_mutagenesis, Flat(), TEXTS, strands=2),
        "forward, both",
    ),
    "scale": (
        partial(proofread.saturation_mutagenesis, Flat(), TEXTS, scale="p"),
        "logit, probability",
    ),
    "centre": (
        partial(proofread.saturation_mutagenesis, Flat(), TEXTS, centre=2.5),
        "2.5",
        "a whole number",
    ),
    "lengths": (
        partial(proofread.kmer_perturbation, Flat(), TEXTS, lengths=[9]),
        "windows of 9",
        "8",
    ),
    "lengths, None": (
        partial(proofread.kmer_perturbation, Flat(), TEXTS, lengths=None),
        "None",
        "whole numbers",
    ),
    "replicates": (
        partial(proofread.kmer_perturbation, Flat(), TEXTS, replicates=1),
        "at least 2",
    ),
    "rule": (
        partial(proofread.greedy_substitution, Flat(), TEXTS, rule="best"),
        "path_gradient",
    ),
    "convolution": (
        partial(
            proofread.filter_pfms, nn.Sequential(nn.Flatten(), nn.Linear(32, 1)), TEXTS
        ),
        "0 layers could be it",
    ),
    "activation": (
        partial(proofread.filter_pfms, Counts(), TEXTS, activation="relu"),
        "'relu', which is no layer",
        "conv, unit, head",
    ),
    "activation_threshold": (
        partial(proofread.filter_pfms, Counts(), TEXTS, activation_threshold=1),
        "a number from 0 to 1, but not 1",
    ),
    "labels": (
        partial(proofread.filter_nullification, Counts(), TEXTS, [0, 1]),
        "shape (2,)",
        "(2, 2)",
    ),
    "labels, ragged": (
        partial(proofread.filter_nullification, Counts(), TEXTS, [[0], [1, 0]]),
        "inhomogeneous",
        "(2, 2)",
    ),
    "labels, row 1": (
        partial(proofread.filter_nullification, Flat(), TEXTS, [0, 3]),
        "3",
        "from 0 to 1",
    ),
    "motifs": (
        partial(proofread.motif_tests, Flat(), TEXTS, [0, 1]),
        "no motifs were planted",
        "proofread.jaspar()",
    ),
    "q_threshold, e_threshold": (
        partial(proofread.tomtom, [TRIPLE], [TRIPLE], e_threshold=1),
        "q_threshold=None",
    ),
    "background": (
        partial(proofread.tomtom, [TRIPLE], [TRIPLE], background=[1, 0, 0, 0]),
        "above 0",
    ),
    "background, a text": (
        partial(proofread.tomtom, [TRIPLE], [TRIPLE], background="uniform"),
        "uniform",
        "four numbers",
    ),
    "databases, release": (partial(proofread.jaspar, "JASPAR1999"), "JASPAR2026"),
    "answers": (
        partial(proofread.score, np.zeros((2, 3)), np.ones((2, 4), bool)),
        "shape (2, 3)",
        "(2, 4) or (2, 4, 4)",
    ),
    "answers, ragged": (
        partial(proofread.score, [[0, 1], [0]], np.eye(2) > 0),
        "inhomogeneous",
        "(2, 2) or (2, 4, 2)",
    ),
    "answers, none": (partial(proofread.score, {}, np.eye(2) > 0), "no array"),
    "answers, record 1": (
        partial(proofread.score, np.array([[0.0, 1], [0, np.nan]]), np.eye(2) > 0),
        "not finite",
    ),
    "truth": (
        partial(proofread.score, np.zeros((2, 3)), np.ones((2, 3))),
        "float64",
        "array of bool",
    ),
    "values": (
        partial(proofread.draw_attributions, np.zeros((2, 3)), TEXTS),
        "shape (2, 3)",
        "(2, 8) or (2, 4, 8)",
    ),
    "values, none": (partial(proofread.draw_attributions, {}, TEXTS), "no array"),
    "rows, a text": (
        partial(proofread.draw_attributions, np.zeros((2, 8)), TEXTS, rows="a"),
        "whole numbers",
    ),
    "start, end, a fraction": (
        partial(proofread.draw_attributions, np.zeros((2, 8)), TEXTS, start=0.5),
        "0.5",
    ),
    "hits, none": (
        partial(proofread.draw_alignments, None, [TRIPLE], [TRIPLE]),
        "NoneType",
    ),
    "rows": (
        partial(proofread.draw_attributions, np.zeros((2, 8)), TEXTS, rows=[2]),
        "from 0 to 1",
    ),
    "start, end": (
        partial(proofread.draw_attributions, np.zeros((2, 8)), TEXTS, end=9),
        "0 and 9",
        "from 0 to 8",
    ),
    "hits": (
        partial(proofread.draw_alignments, pd.DataFrame(), [TRIPLE], [TRIPLE]),
        "proofread.tomtom",
    ),
    "simulate": (
        partial(proofread.simulate, "gc", lenght=50),
        "lenght",
        "did you mean 'length'?",
    ),
    "path": (
        partial(proofread.load_network, "results/no/model.ckpt"),
        "there is no file",
        "finished run",
    ),
    "path, a folder": (partial(proofread.load_network, ROOT), "there is no file"),
}


@pytest.mark.parametrize("argument", MISTAKES)
def test_a_mistake_names_the_argument_what_came_and_what_is_expected(argument):
    call, *parts = MISTAKES[argument]
    with pytest.raises(InputError) as error:
        call()
    # What follows the last comma may tell one mistake from another.
    named = (argument, argument.rpartition(",")[0] + ":")
    assert str(error.value).startswith(named), error.value
    for part in parts:
        assert part in str(error.value), error.value


def test_a_dataset_of_other_targets_has_no_labels_for_a_network():
    dataset = tiny_dataset(targets=3)
    with pytest.raises(InputError, match="a dataset of 3 targets"):
        proofread.motif_tests(Counts(), dataset)


def pairs_of_bases(label):
    """AAAA and CCCC with labels of two targets."""
    return Dataset(
        index=np.stack([encode("AAAA"), encode("CCCC")]),
        length=np.full(2, 4),
        name=["a", "c"],
        label=np.array(label, dtype=np.float32),
        target=["one", "two"],
        group=["a", "c"],
        stratum=["positive"] * 2,
    )


def test_a_missing_label_is_left_out_of_its_target_alone():
    dataset = pairs_of_bases([[1, 1], [np.nan, 1]])
    table = proofread.filter_nullification(
        Counts(), dataset, convolution="conv", resamples=10
    ).set_index(["filter", "target"])
    # Target one: the logit of AAAA falls from 8 to 4; CCCC has no label.
    expected = np.log1p(np.exp(-4.0)) - np.log1p(np.exp(-8.0))
    loss = table["loss_change"].unstack()
    assert loss["one"].iloc[0] == pytest.approx(expected, rel=1e-4)
    assert loss.notna().all(axis=None)


@pytest.mark.parametrize(
    ("sequences", "labels", "argument"),
    [
        (pairs_of_bases(np.full((2, 2), np.nan)), None, "sequences"),
        (pairs_of_bases(np.ones((2, 2))), np.full((2, 2), np.nan), "labels"),
        (["AAAA", "CCCC"], np.full((2, 2), np.nan), "labels"),
    ],
    ids=["dataset", "dataset and labels", "strings"],
)
def test_labels_that_are_all_missing_are_refused(sequences, labels, argument):
    functions = [partial(proofread.motif_tests, motifs=[TRIPLE])]
    if labels is not None:
        functions.append(partial(proofread.filter_nullification, convolution="conv"))
    for function in functions:
        with pytest.raises(InputError) as error:
            function(Counts(), sequences, labels)
        assert error.value.where == argument
        assert error.value.found == "no known label: all 4 are missing"


def test_filters_of_a_dataset_without_labels_have_no_change_of_the_loss():
    dataset = pairs_of_bases(np.full((2, 2), np.nan))
    table, of_bases = (
        proofread.filter_nullification(
            Counts(), sequences, convolution="conv", resamples=10
        )
        for sequences in (dataset, dataset.index)
    )
    assert not [name for name in table if "loss" in name]
    assert list(table) == list(of_bases)


def test_a_missing_label_of_strings_is_nan():
    table = proofread.filter_nullification(
        Flat(), ["AAAA", "CCCC"], [1, np.nan], convolution="counts.conv", resamples=10
    )
    # As above: the logit of AAAA falls from 8 to 4. CCCC has no label and is
    # in no mean.
    expected = np.log1p(np.exp(-4.0)) - np.log1p(np.exp(-8.0))
    assert table["loss_change"][0] == pytest.approx(expected, rel=1e-4)
    with pytest.raises(InputError, match="NaN for a missing label"):
        proofread.filter_nullification(Flat(), ["AAAA", "CCCC"], [np.nan, np.inf])


# -- figures ------------------------------------------------------------------------


def test_a_missing_label_is_not_in_the_title_of_a_sequence():
    def title(label):
        figure = proofread.draw_attributions(
            np.ones((2, 4)), pairs_of_bases([label, [0, 0]]), rows=[0]
        )
        return figure.axes[0].get_title("left")

    assert title([np.nan, np.nan]) == "a"
    assert title([np.nan, 1]) == "a, positive: two"
    assert title([np.nan, 0]) == "a, positive: none"
    assert title([1, 1]) == "a, positive: one, two"


def test_figures_show_what_they_are_given(tmp_path):
    dataset = attribution_runs.planted_dataset()
    numbers = np.random.default_rng(0).normal(size=dataset.index.shape)
    cells = np.random.default_rng(0).normal(
        size=(len(dataset), 4, dataset.index.shape[1])
    )
    figure = proofread.draw_attributions(
        {"one": numbers, "all": cells}, dataset, rows=[0, 1]
    )
    # Planted motif, letters and cells of a positive; letters and cells of a negative.
    assert [
        axes.get_title("left") for axes in figure.axes if axes.get_title("left")
    ] == [
        "s0, positive: bound",
        "s1, positive: none",
    ]
    assert any(text.get_text() == "M" for axes in figure.axes for text in axes.texts)
    figure = proofread.draw_logo(Motif("MA1.1", TRIPLE, alternative_name="GATA"))
    assert figure.axes[0].get_title("left") == "MA1.1 (GATA)"
    targets = {"same": TRIPLE, "other": TRIPLE[:, [1, 0, 3, 2]]}
    hits = proofread.tomtom({"q": TRIPLE}, targets, q_threshold=1)
    figure = proofread.draw_alignments(hits, {"q": TRIPLE}, targets)
    assert figure.axes[0].get_title("left").startswith("q: same")
    figure.savefig(tmp_path / "figure.png")


# -- the module ---------------------------------------------------------------------


def test_numbers_of_numpy_are_numbers(tmp_path):
    values, one = np.zeros((2, 8)), np.int64(1)
    figure = proofread.draw_attributions(values, TEXTS, rows=one, start=one)
    assert [axes.get_title("left") for axes in figure.axes] == ["sequence 1"]
    windows, _ = proofread.kmer_perturbation(Flat(), TEXTS, lengths=np.int64(8))
    assert len(windows) == 2
    assert len(proofread.simulate("gc", sequences=np.int64(10), length=50)) == 10


def test_a_tensor_is_a_motif():
    figure = proofread.draw_logo(torch.from_numpy(TRIPLE))
    assert figure.axes[0].get_ylabel() == "bits"


def test_a_network_of_a_run_is_loaded_without_a_draw(tmp_path):
    dataset = tiny_dataset()
    model, settings = motif_network(dataset)
    save_model(tmp_path / "model.ckpt", model, "eraslan2019", settings)
    before = torch.get_rng_state()
    loaded = proofread.load_network(tmp_path / "model.ckpt")
    assert torch.equal(torch.get_rng_state(), before)
    assert not loaded.training and loaded.targets == ["target0"]
    np.testing.assert_array_equal(
        proofread.predict(loaded, dataset), proofread.predict(model, dataset)
    )


def test_exclusive_classes_are_predicted_as_the_network_does():
    network = attribution_runs.exclusive_network().eval()
    texts = ["ACGT" * 10]
    with torch.no_grad():
        expected = network(torch.from_numpy(proofread.one_hot(texts)))
    np.testing.assert_allclose(proofread.predict(network, texts), expected, rtol=1e-6)


def python(program):
    """Run a program in a process of its own; what it prints."""
    variables = {"PYTHONPATH": str(ROOT / "workflow/scripts"), "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def test_importing_proofread_imports_nothing_else():
    program = (
        "import sys; before = set(sys.modules); import proofread; dir(proofread); "
        "print(*sorted(name.split('.')[0] for name in set(sys.modules) - before))"
    )
    assert set(python(program)) <= {"proofread", "importlib", "warnings", "_imp"}


def test_every_name_is_there_and_has_a_docstring():
    assert set(proofread.__all__) <= set(dir(proofread))
    for name in proofread.__all__:
        assert inspect.getdoc(getattr(proofread, name)), name
    with pytest.raises(AttributeError, match="no attribute 'attribution'"):
        proofread.attribution  # noqa: B018


def test_nothing_of_the_caller_s_changes():
    """Of a process with its own backend, style, seeds, threads, warnings and log."""
    program = """
import logging, random, warnings
import matplotlib, numpy as np, torch
import matplotlib.pyplot as pyplot
import scipy.sparse, scipy.special  # they add filters for their own warnings

matplotlib.use("svg")
matplotlib.rcParams["font.size"] = 17
open_figure = pyplot.figure()
warnings.simplefilter("error", FutureWarning)
logging.basicConfig(level=logging.ERROR)
torch.set_num_threads(2)
random.seed(3), np.random.seed(3), torch.manual_seed(3)

def now():
    return [
        matplotlib.get_backend(), dict(matplotlib.rcParams), pyplot.get_fignums(),
        list(warnings.filters), torch.get_num_threads(), random.getstate(),
        str(np.random.get_state()), torch.get_rng_state().tolist(),
        logging.root.level, list(logging.root.handlers), np.geterr(),
        torch.is_grad_enabled(), torch.get_default_dtype(),
        torch.are_deterministic_algorithms_enabled(),
        logging.getLogger("proofread").level, logging.getLogger("proofread").handlers,
    ]

before = now()
import proofread
from torch import nn

model = nn.Sequential(nn.Conv1d(4, 3, 5), nn.ReLU(), nn.Flatten(), nn.LazyLinear(1))
names = ["STAT_known2"]
dataset = proofread.simulate(
    "presence", names, positive_motifs=names, sequences=12, length=60
)
model(torch.zeros(1, 4, 60))
random.seed(3), np.random.seed(3), torch.manual_seed(3)
values = proofread.attributions(model, dataset, steps=9)
proofread.saturation_mutagenesis(model, dataset)
proofread.kmer_perturbation(model, dataset, lengths=[9])
proofread.greedy_substitution(model, dataset, steps=2, rule="path_gradient")
motifs = proofread.filter_pfms(model, dataset, activation="1", min_sites=1).motifs
proofread.filter_nullification(model, dataset, resamples=10)
proofread.motif_tests(model, dataset, permutations=10, resamples=10)
known = proofread.jaspar(taxon="fungi")
hits = proofread.tomtom(motifs, known, q_threshold=1)
proofread.score(values, dataset)
for figure in (
    proofread.draw_attributions(values, dataset),
    proofread.draw_logo(motifs[0]),
    proofread.draw_alignments(hits, motifs, known),
):
    figure.savefig("/dev/null", format="svg")
for number, (one, other) in enumerate(zip(before, now())):
    assert one == other, (number, one, other)
print("the same")
"""
    assert python(program) == ["the", "same"]
