"""The whole method on small runs: every file, and what must not change them."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import integrated_gradients as method
from proofread.configuration.schema import check, read_schema
from proofread.datasets.dataset import Dataset, write_dataset, write_splits
from proofread.dna.encoding import decode, encode, one_hot
from proofread.errors import InputError
from proofread.methods.attributions import results as attribution_results
from proofread.methods.attributions.gradients import trapezoid
from proofread.methods.attributions.tables import attribution_components, per_base
from proofread.models.checkpoint import build_model, load_model, save_model
from proofread.tables import read_table, read_values
from test_attribution_tables import instances

ROOT = Path(__file__).resolve().parents[1]
LENGTH, WORD = 40, "GATTACA"
SIZES = {"filters": 4, "filters2": 3, "width": 7, "width2": 3, "dropout": 0.0}
OUTPUTS = {
    **{"table": "table.tsv", "score": "score.tsv", "values": "values.h5"},
    **{"logos": "logos.svg", "heat_map_figure": "heat_map.svg"},
    **{"heat_map": "heat_map.tsv", "profile_figure": "profile.svg"},
    **{"profile": "profile.tsv", "completeness": "completeness.svg"},
    **{"components_figure": "components.svg", "components": "components.tsv"},
    **{"intervals": "intervals.tsv", "layer": "layer.tsv"},
    **{"one_hot": "one_hot.npz", "hypothetical": "hypothetical.npz"},
}


def planted_dataset(n=24):
    """Half of the sequences hold a word, at random places; it makes them positive."""
    rng = np.random.default_rng(0)
    index = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
    rows = []
    for row in range(0, n, 2):
        start = int(rng.integers(0, LENGTH - len(WORD)))
        index[row, start : start + len(WORD)] = encode(WORD)
        place = (start, start + len(WORD))
        rows.append((row, "M", *place, "+", "causal", WORD))
    label = (np.arange(n) % 2 == 0).astype(np.float32)[:, None]
    matrix = np.full((len(WORD), 4), 0.01)
    matrix[np.arange(len(WORD)), encode(WORD)] = 0.97
    return Dataset(
        index=index,
        length=np.full(n, LENGTH),
        name=[f"s{row}" for row in range(n)],
        label=label,
        target=["bound"],
        group=[f"s{row}" for row in range(n)],
        stratum=["positive" if each else "negative" for each in label[:, 0]],
        truth=instances(*rows),
        motifs={"M": matrix},
    )


def own_dataset(n=12):
    """A user's: three classes, lengths that differ, unknown bases, no truth."""
    rng = np.random.default_rng(1)
    index = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
    length = rng.integers(LENGTH - 10, LENGTH + 1, n)
    length[0] = LENGTH
    for row in range(n):
        index[row, length[row] :] = 4
    index[1, 3:6] = 4
    label = np.eye(3, dtype=np.float32)[np.arange(n) % 3]
    return Dataset(
        index=index,
        length=length,
        name=[f"chr1:{row}" for row in range(n)],
        label=label,
        target=["left", "middle", "right"],
        group=["g"] * n,
        stratum=["positive"] * n,
    )


def word_network():
    """Counts the word: a filter of its own, well above the others."""
    torch.manual_seed(0)
    network = build_model("eraslan2019", SIZES, LENGTH, ["bound"])
    filters = network.convolution1.weight.data
    filters *= 0.1
    filters[0] = torch.from_numpy(one_hot(encode(WORD)[None])[0]) - 0.25
    network.convolution1.bias.data[0] = -3.0
    network.convolution2.weight.data[:, 0] = 1.0
    linear = network.linear.weight.data
    linear[0], linear[1] = -linear[0].abs(), linear[1].abs()
    return network


def exclusive_network():
    torch.manual_seed(1)
    targets = ["left", "middle", "right"]
    return build_model("eraslan2019", SIZES, LENGTH, targets, exclusive=True)


def constant_network():
    network = build_model("eraslan2019", SIZES, LENGTH, ["bound"])
    for weight in network.parameters():
        weight.data.zero_()
    return network


def set_up(folder, dataset, network, method_name, **settings):
    """A job of Snakemake's, with files written."""
    folder.mkdir(parents=True, exist_ok=True)
    write_dataset(folder / "dataset.h5", dataset)
    rows = np.arange(len(dataset))
    write_splits(
        folder / "splits.h5",
        {"train": rows[:0], "validation": rows[:0], "test": rows},
    )
    save_model(folder / "model.ckpt", network, "eraslan2019", SIZES)
    file = ROOT / f"workflow/schemas/methods/{method_name}.schema.yaml"
    params = check(settings, read_schema(file), "config.yaml")
    inputs = {"dataset": "dataset.h5", "splits": "splits.h5", "model": "model.ckpt"}
    return SimpleNamespace(
        input=SimpleNamespace(
            **{key: str(folder / name) for key, name in inputs.items()},
            intervals=params["intervals"] or [],
        ),
        output=SimpleNamespace(
            **{key: str(folder / "out" / name) for key, name in OUTPUTS.items()}
        ),
        params=SimpleNamespace(**params),
        log=[str(folder / "log.txt")],
    )


def written(job):
    """Bytes of every file that a job made."""
    return {name: Path(path).read_bytes() for name, path in vars(job.output).items()}


def call(module, job, *, figures):
    """Run a script's main; drawings are not written out where nobody looks at them."""
    with pytest.MonkeyPatch.context() as patch:
        # A script's logging and seeds are for a process of its own.
        patch.setattr(module, "start", lambda job: None)
        if not figures:
            patch.setattr(attribution_results, "save_figure", lambda *_: plt.close())
        module.main(job)
    return job


def run(folder, dataset, network, *, figures=False, **settings):
    quick = {"steps": 20, "baselines": 3, "resamples": 20, "components": 3}
    job = set_up(folder, dataset, network, "integrated_gradients", **quick | settings)
    return call(method, job, figures=figures)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    return run(folder, planted_dataset(), word_network(), figures=True)


def test_the_table_says_how_complete_each_sequence_is(planted):
    table = read_table(planted.output.table)
    assert len(table) == 24
    assert set(table["unit"]) == {"logit"}
    change = table["output"] - table["baseline_output"]
    np.testing.assert_allclose(table["error"], table["sum"] - change, atol=1e-4)
    network = load_model(planted.input.model)
    with torch.no_grad():
        logits = network(torch.from_numpy(planted_dataset().one_hot()))
    np.testing.assert_allclose(table["output"], logits[:, 0], rtol=1e-4)
    expected = np.where(table["relative_error"] > planted.params.tolerance, "red", "ok")
    assert table["flag"].tolist() == expected.tolist()


def test_the_planted_word_is_found(planted):
    score = read_table(planted.output.score).set_index("metric")
    assert len(score) == 8
    # The network was given the word: its bases are above all others.
    assert score.loc["position_auroc_signed_raw", "value"] > 0.95
    assert score.loc["position_auroc_absolute_centred_window9", "value"] > 0.9
    assert set(score["n"]) == {12}


def test_the_arrays_fit_each_other(planted):
    values = read_values(planted.output.values)
    dataset = planted_dataset()
    assert values["index"].tolist() == dataset.index.tolist()
    assert values["row"].tolist() == list(range(24))
    assert values["target"].tolist() == ["bound"]
    shape = (1, 24, 4, LENGTH)
    assert values["attribution"].shape == values["hypothetical"].shape == shape
    projected = per_base(
        "integrated_gradients", values["hypothetical"][0], dataset.index
    )
    np.testing.assert_allclose(values["projected"][0], projected)
    np.testing.assert_allclose(
        values["attribution"][0].sum(axis=1), projected, atol=1e-5
    )
    handed = np.load(planted.output.hypothetical)["arr_0"]
    np.testing.assert_array_equal(handed, values["hypothetical"][0])
    np.testing.assert_array_equal(
        np.load(planted.output.one_hot)["arr_0"], dataset.one_hot()
    )


def test_the_profile_at_the_motif_peaks_within_it(planted):
    profile = read_table(planted.output.profile)
    assert set(profile["aligned_on"]) == {"sequence", "M"}
    at_motif = profile[
        (profile["aligned_on"] == "M") & (profile["class"] == "positive")
    ].set_index("position")
    assert at_motif.index.min() == -15
    assert at_motif.index.max() == len(WORD) + 14
    assert 0 <= at_motif["mean"].idxmax() < len(WORD)
    assert at_motif.loc[3, "n"] == 12


def test_planted_instances_are_intervals(planted):
    table = read_table(planted.output.intervals)
    assert set(table["role"]) == {"causal"}
    assert len(table) == 12
    assert table["rank"].median() > 0.9


def test_every_sequence_has_its_coordinates(planted):
    table, dataset = read_table(planted.output.components), planted_dataset()
    assert table["sequence"].tolist() == dataset.name
    assert table["positive"].tolist() == dataset.label[:, 0].tolist()
    projected = read_values(planted.output.values)["projected"][0]
    expected, explained = attribution_components(projected, dataset.index, 3)
    found = table[["component1", "component2", "component3"]]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)
    assert explained[0] > explained[1] > explained[2] > 0


def test_the_heat_map_s_table_has_its_rows(planted):
    table = read_table(planted.output.heat_map)
    assert len(table) == 2 * LENGTH  # a positive and a negative
    dataset = planted_dataset()
    name = table["sequence"][0]
    text = decode(dataset.index[dataset.name.index(name)])
    assert "".join(table["nucleotide"][:LENGTH]) == text
    np.testing.assert_allclose(table["sum"], table[list("ACGT")].sum(axis=1), atol=1e-5)


def test_the_same_configuration_gives_the_same_bytes(planted, tmp_path):
    again = run(tmp_path, planted_dataset(), word_network(), figures=True)
    assert written(again) == written(planted)


def test_memory_changes_no_result(planted, tmp_path):
    small = run(tmp_path, planted_dataset(), word_network(), megabytes=1.0e-6)
    found, expected = (read_values(job.output.values) for job in (small, planted))
    for name in ("attribution", "hypothetical", "projected"):
        np.testing.assert_allclose(found[name], expected[name], atol=1e-5)
    mine, theirs = (read_table(job.output.score) for job in (small, planted))
    np.testing.assert_allclose(mine["value"], theirs["value"], atol=0.01)


def test_fewer_sequences_are_as_many_of_each_class(tmp_path):
    job = run(tmp_path, planted_dataset(), word_network(), sequences=6)
    table = read_table(job.output.table)
    assert sorted(table["label"]) == [0, 0, 0, 1, 1, 1]
    rows = read_values(job.output.values)["row"]
    assert [f"s{row}" for row in rows] == table["sequence"].tolist()


def test_a_user_s_classes_and_lengths(tmp_path):
    dataset = own_dataset()
    bed = tmp_path / "boxes.bed"
    bed.write_text("chr1:0\t5\t12\tbox\nchr1:1\t2\t8\n")
    settings = {
        "intervals": str(bed),
        "anchor": 20,
        "layer": "convolution2",
        "window": 3,
    }
    job = run(tmp_path, dataset, exclusive_network(), figures=True, **settings)
    table = read_table(job.output.table)
    assert len(table) == 36
    assert table["target"].unique().tolist() == ["left", "middle", "right"]
    assert Path(job.output.score).read_text().count("\n") == 1  # no truth
    profile = read_table(job.output.profile)
    assert set(profile["aligned_on"]) == {"sequence"}
    values = read_values(job.output.values)
    unknown = dataset.index == 4
    for name in ("attribution", "hypothetical"):
        assert np.all(values[name].transpose(0, 1, 3, 2)[:, unknown] == 0)
    assert np.all(values["projected"][:, unknown] == 0)
    intervals = read_table(job.output.intervals)
    assert len(intervals) == 3 * 2
    layer = read_table(job.output.layer)
    assert len(layer) == 3 * SIZES["filters2"]
    assert values["layer"].shape[:3] == (3, 12, SIZES["filters2"])
    # The layer's attributions sum to the change as well.
    left = table[table["target"] == "left"]
    np.testing.assert_allclose(
        values["layer"][0].sum(axis=(1, 2)),
        left["output"] - left["baseline_output"],
        atol=0.1 * np.abs(left["output"]).max(),
    )


def test_one_target_alone(tmp_path):
    job = run(tmp_path, own_dataset(), exclusive_network(), target="middle")
    table = read_table(job.output.table)
    assert set(table["target"]) == {"middle"}
    with pytest.raises(InputError, match="no target 'top'"):
        run(tmp_path, own_dataset(), exclusive_network(), target="top")


def test_a_constant_network_is_no_failure(tmp_path):
    job = run(tmp_path, planted_dataset(), constant_network(), figures=True)
    table = read_table(job.output.table)
    assert set(table["flag"]) == {"ok"}
    assert set(table["sum"]) == {0}
    assert table["relative_error"].isna().all()
    score = read_table(job.output.score)
    assert score["value"].tolist() == [0.5] * 8


def test_faithful_is_deepg_s_rule(tmp_path):
    settings = {"faithful": True, "steps": 7, "output": "logit", "baseline": "profile"}
    job = run(tmp_path, planted_dataset(), word_network(), **settings)
    # Written out as in deepG: m + 1 points, gradients of the probability, neighbours
    # averaged, times the sequence.
    network = load_model(job.input.model)
    batch = torch.from_numpy(planted_dataset().one_hot())
    gradients = []
    for alpha in trapezoid(7)[0]:
        at = (alpha * batch).requires_grad_()
        probability = torch.sigmoid(network(at)[:, 0]).sum()
        gradients.append(torch.autograd.grad(probability, at)[0])
    pairs = [(a + b) / 2 for a, b in pairwise(gradients)]
    expected = batch * torch.stack(pairs).mean(dim=0)
    found = read_values(job.output.values)["attribution"][0]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert set(read_table(job.output.table)["unit"]) == {"probability"}


def test_an_even_window_is_a_mistake(tmp_path):
    with pytest.raises(InputError, match=r"window.*\n.*odd"):
        run(tmp_path, planted_dataset(), word_network(), window=4)
