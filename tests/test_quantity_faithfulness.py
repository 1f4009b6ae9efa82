"""Faithfulness of maps of outputs that are numbers: their unit, scale and sequences."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

import faithfulness as script
import proofread
from perturbation_runs import (
    Outputs,
    motif_network,
    settings_of,
    tiny_dataset,
    tiny_job,
)
from proofread.configuration.method_settings import settings_of as checked_settings
from proofread.methods.faithfulness.families import family_table
from proofread.methods.faithfulness.figures import draw_curves, draw_summary
from proofread.methods.faithfulness.files import choose
from proofread.methods.faithfulness.maps import Kind
from proofread.methods.faithfulness.measure import deviation, measure
from proofread.methods.faithfulness.named import (
    NUMBERS_OF_QUANTITIES,
    Named,
    named_by,
)
from proofread.methods.faithfulness.sample import Maps
from proofread.methods.faithfulness.tables import COLUMNS, tables_of
from proofread.models.checkpoint import save_model
from proofread.models.output_scale import OutputScale, in_user_units, set_scale
from proofread.models.predictor import Predictor
from proofread.report.sections import faithfulness as section
from proofread.statistics.transforms import Transform
from proofread.studies.compare import _faithfulness
from proofread.studies.label_free import _of_network
from proofread.tables import read_table

# What an A adds to the output at each position; other bases add nothing.
WEIGHTS = np.array([3.0, -1, 2, 0])
MUTAGENESIS = "saturation_mutagenesis"
NAN = np.nan


def outputs_of(factor=1, shift=0):
    """The sum of the weights where an A is, on another scale."""

    def call(batch):
        summed = (batch[:, 0] * WEIGHTS).sum(axis=1, keepdims=True)
        return factor * summed + shift

    return call


def kind():
    settings = checked_settings(MUTAGENESIS, {"methods": {}})
    return Kind(MUTAGENESIS, MUTAGENESIS, SimpleNamespace(**settings))


def judged(call, scale, index=None):
    """The tables of one map of a function."""
    if index is None:
        index = np.random.default_rng(5).integers(4, size=(8, 4), dtype=np.uint8)
    predictor = Predictor(call, 4, ["t"], "f", scale=scale)
    values = {MUTAGENESIS: WEIGHTS * (index == 0)}
    length = np.full(len(index), 4)
    maps = Maps([kind()], index, length, values, [], np.arange(len(index)))
    settings = settings_of(
        "faithfulness",
        windows=[1],
        resamples=20,
        subsets=10,
        background="uniform",
    )
    return tables_of([measure(predictor, 0, maps, settings)])


def raw(tables, unit):
    return tables["table"].set_index("unit").loc[unit]


def test_changes_are_of_the_output_and_of_its_deviation():
    logits = judged(outputs_of(), None)
    # Three times the output, and five more: three times the change, and as many
    # standard deviations.
    numbers = judged(outputs_of(3, 5), in_user_units(["t"]))
    columns = ["value", "ci_low", "ci_high"]
    assert not numbers["table"]["unit"].eq("logit").any()
    assert (
        raw(numbers, "output")["quantity"].tolist()
        == raw(logits, "logit")["quantity"].tolist()
    )
    np.testing.assert_allclose(
        raw(numbers, "output")[columns], 3 * raw(logits, "logit")[columns], rtol=1e-5
    )
    np.testing.assert_allclose(
        raw(numbers, "sd")[columns], raw(logits, "sd")[columns], rtol=1e-5
    )
    assert (raw(numbers, "output")["value"].abs() > 0.1).any()


def test_an_output_that_is_learned_as_log1p_is_judged_as_it_is():
    # In the user's units it would be exp(output) - 1.
    scale = OutputScale("mse", Transform("log1p", [{}]), [0.0])
    pd.testing.assert_frame_equal(
        judged(outputs_of(), scale)["curves"], judged(outputs_of(), None)["curves"]
    )


def test_the_deviation_is_over_the_sequences():
    # Outputs 3, 2, 0: mean 5/3, squares 16/9 + 1/9 + 25/9 = 42/9, by n - 1: 7/3.
    index = np.array([[0, 1, 1, 1], [1, 1, 0, 1], [1, 1, 1, 1]], dtype=np.uint8)
    table = judged(outputs_of(), in_user_units(["t"]), index)["table"]
    both = table[table["quantity"] == "deletion"].set_index(["kind", "unit"])["value"]
    ratio = both["random", "output"] / both["random", "sd"]
    assert ratio == pytest.approx(np.sqrt(7 / 3))


def test_a_constant_output_is_called_one():
    tables = judged(outputs_of(0, 7), in_user_units(["t"]))
    notes = raw(tables, "sd")["note"]
    assert notes.str.contains("the output is the same for all sequences").all()
    draw_summary(tables["table"])


def quantities(n=12):
    """No value is above 0.5; some are missing, of the second target most."""
    dataset = tiny_dataset(n, targets=2)
    label = np.stack([-np.arange(n), np.full(n, NAN)], axis=1).astype(np.float32)
    label[::4, 0], label[1, 1] = NAN, 5
    dataset.label = label
    dataset.settings = {"target_type": "quantitative"}
    return dataset


OUTPUTS = {
    **{name: f"{name}.tsv" for name in ("table", "curves", "agreement")},
    **{name: f"{name}.tsv" for name in ("randomisation", "families", "score")},
    "families_agreement": "families_agreement.tsv",
    "families_precision": "families_precision.tsv",
    "summary": "summary.svg",
    **{
        f"{name}_figure": f"{name}.svg"
        for name in ("curves", "agreement", "randomisation", "families")
    },
}


@pytest.fixture
def job(tmp_path):
    """A network for quantities and one map, of which there is no file."""
    dataset = quantities()
    folder = tmp_path / "d/m/seed1"
    result = tiny_job(folder, "faithfulness", OUTPUTS, dataset)
    model, sizes = motif_network(dataset)
    numbers = [{"mean": 3.0, "sd": 0.5}] * 2
    set_scale(model, OutputScale("mse", Transform("standardize", numbers), [0.0, 0.0]))
    save_model(folder / "model.ckpt", model, "eraslan2019", sizes)
    for name in ("maps", "named", "families", "seeds", "controls"):
        setattr(result.input, name, [])
    out = folder / "faithfulness"
    files = {key: out / name for key, name in OUTPUTS.items()}
    result.output = Outputs(**files)
    result.params = settings_of(
        "faithfulness",
        windows=[5],
        steps=4,
        copies=1,
        resamples=20,
        remade_sequences=2,
        subsets=10,
    )
    explained = checked_settings(MUTAGENESIS, {"methods": {}}) | {"split": "all"}
    result.params.explained = {MUTAGENESIS: explained}
    return result


def test_sequences_are_drawn_at_random_whatever_their_value(job):
    kinds = [kind()]
    kinds[0].settings.split = "all"
    paths = (job.input.dataset, job.input.splits)
    seen = set()
    for seed in range(1, 30):
        settings = SimpleNamespace(max_sequences=4, remade_sequences=2, seed=seed)
        sample, remade = choose(*paths, kinds, settings)
        assert (len(sample), len(remade)) == (4, 2)
        seen |= set(sample.name)
    assert seen == set(quantities().name)  # those without a value among them


def test_the_script_judges_quantities_and_their_page_has_no_logit(job, monkeypatch):
    monkeypatch.setattr(script, "start", lambda job: None)
    script.main(job)
    table = read_table(job.output.table)
    assert set(table["unit"]) == {"output", "sd", "correlation", "fraction", "ratio"}
    assert set(table["target"]) == {"target0", "target1"}
    random = table[(table["kind"] == "random") & (table["quantity"] == "deletion")]
    assert (random["n"] == 12).all()  # those without a value among them
    text = job.output.curves_figure.read_text()
    assert "change of output" in text and "logit" not in text
    # Only numbers that networks share are compared between them.
    for shared in (_of_network(job.output.table), _faithfulness(job.output.table)):
        assert len(shared) and not shared.get("unit", pd.Series()).eq("output").any()
    assert (_faithfulness(job.output.table)["metric"] == "deletion").sum() == sum(
        (table["quantity"] == "deletion") & (table["unit"] == "sd")
    )
    experiment = SimpleNamespace(
        table=lambda *_: table.assign(note=table["note"].fillna("")),
        has=lambda *_: False,
        standing={"weak": ()},
        random_labels=False,
        quantitative=True,
    )
    (row,) = section.maps(experiment)
    assert row["unit"] == "output"
    said = section.verdict(experiment, {}).text
    assert "faithful: the output falls more when" in said and "logit" not in said
    assert section.section(experiment, {})["output"] == "output"


def test_a_small_unit_changes_no_number_but_those_in_it():
    # Affinities in M, in place of micromoles: changes of 1e-6 and less are no rounding.
    large = judged(outputs_of(), in_user_units(["t"]))["table"]
    small = judged(outputs_of(1e-6), in_user_units(["t"]))["table"]
    for unit, factor in (("output", 1e-6), ("sd", 1), ("correlation", 1)):
        one, other = (table[table["unit"] == unit] for table in (large, small))
        assert one["value"].abs().max() > 0
        np.testing.assert_allclose(other["value"], factor * one["value"], rtol=1e-4)
    # An output that is one number, up to rounding in this unit, has no deviation.
    assert np.isnan(deviation(1e-6 * np.array([1, 1 + 1e-9, 1]), size=5e-16))
    assert deviation(np.array([0.0, 2e-6]), 1e-6) == pytest.approx(2e-6 / np.sqrt(2))


def test_curves_of_transformed_values_name_the_scale():
    curves = judged(outputs_of(), in_user_units(["t"]))["curves"]
    labels = [axes.get_ylabel() for axes in draw_curves(curves, "log1p").axes]
    assert "deletion:\nchange of output (log1p)" in labels
    labels = [axes.get_ylabel() for axes in draw_curves(curves).axes]
    assert "deletion:\nchange of the logit" in labels


def test_families_name_the_unit_of_their_numbers():
    universe = pd.DataFrame({"family": [1], "motif": ["m"], "protein": ["M"]})
    universe["source"] = "planted"
    named = {
        name: Named({1}, {1: 2.0}, {1: "m"})
        for name in ("motif_tests", "motif_insertion")
    }
    table = family_table(named, universe, None, NUMBERS_OF_QUANTITIES)
    assert table["unit"].tolist() == ["output above control"] * 2


@pytest.mark.parametrize(
    ("method", "motif", "number"),
    [("motif_tests", "first", "effect"), ("motif_insertion", "motif", "above_control")],
)
def test_a_family_has_its_strongest_member_whatever_its_sign(method, motif, number):
    universe = pd.DataFrame(
        {"family": [1, 1, 2], "motif": ["r", "m", "w"], "source": "planted"}
    )
    # A repressor, found for the second target; another member that hardly matters; a
    # motif that lowers the output and was planted to raise it.
    rows = [
        ("presence", "r", "missed", -0.2),
        ("presence", "m", "false_positive", 0.1),
        ("presence", "r", "recovered", -3.0),
        ("presence", "r", "recovered", 2.0),
        ("presence", "w", "wrong_sign", -1.5),
    ]
    table = pd.DataFrame(rows, columns=["kind", motif, "verdict", number])
    settings = {"databases": [], "motifs_file": None}
    named = named_by(method, table, universe, settings, True, quantitative=True)
    assert named == Named({1, 2}, {1: -3.0, 2: -1.5}, {1: "r", 2: "w"})
    named = named_by(method, table[:2], universe, settings, True, quantitative=True)
    assert named == Named({1}, {1: 0.1}, {1: "m"})
    named = named_by(method, table[:1], universe, settings, True, quantitative=True)
    assert named == Named({1}, {}, {})


class CountA(torch.nn.Module):
    """Output = number of A."""

    def forward(self, batch):
        return batch[:, 0].sum(dim=1, keepdim=True)


def test_from_python_a_dataset_of_quantities_says_what_outputs_are():
    dataset = tiny_dataset(6, short=False)
    dataset.settings = {"target_type": "quantitative"}
    result = proofread.faithfulness(
        CountA(), dataset, kinds=[MUTAGENESIS], windows=[5], resamples=10
    )
    assert "output" in set(result.table["unit"])
    assert "logit" not in set(result.table["unit"])
    assert list(result.table.columns) == COLUMNS
