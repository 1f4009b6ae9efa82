"""The method embedding: vectors of k-mers, who is near whom, maps, figures."""

import re
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import yaml
from sklearn.metrics import silhouette_score
from torch import nn

import embedding
from embedding import main
from proofread.datasets.dataset import (
    Dataset,
    empty_truth,
    read_dataset,
    write_dataset,
    write_splits,
)
from proofread.dna.encoding import encode, one_hot
from proofread.errors import InputError
from proofread.figures.style import TWO_COLUMNS
from proofread.methods.embedding.figures import affix_colour, draw_maps, draw_purity
from proofread.methods.embedding.kmers import (
    Vectors,
    affix_of,
    base_vectors,
    embedding_table,
    first_layer_response,
    flank_of,
    groups_of,
    kmer_vectors,
    kmers,
)
from proofread.methods.embedding.maps import compare, mapped, tsne
from proofread.methods.embedding.neighbourhoods import (
    chance_purity,
    compared,
    neighbourhood,
    null,
    purity,
    silhouette,
)
from proofread.models.checkpoint import build_model, save_model
from proofread.models.first_layer import FirstLayer
from proofread.models.layers import KmerIndicator
from proofread.report.results import Experiment, Results
from proofread.report.sections import embedding as section
from proofread.statistics.components import oriented, principal_components
from proofread.tables import read_table, read_values, write_table


@pytest.fixture(autouse=True)
def no_log_file(monkeypatch):
    """`start` takes over the process: its log, its warnings, its exceptions."""
    monkeypatch.setattr(embedding, "start", lambda job: None)


# -- k-mers ---------------------------------------------------------------------------


def read_kmers(text, k, stride):
    """The k-mers that a network's k-mer layer sees."""
    seen = KmerIndicator(k, stride)(torch.from_numpy(one_hot(encode(text)[None])))
    return [kmers(k)[number] for number in seen[0].argmax(dim=0)]


def test_kmers_of_a_sequence():
    assert read_kmers("ACGTACGT", 5, 2) == ["ACGTA", "GTACG"]
    assert read_kmers("ACGTA", 3, 1) == ["ACG", "CGT", "GTA"]


@pytest.mark.parametrize(
    ("k", "n", "affix_length", "groups", "size", "chance"),
    [(3, 64, 2, 16, 4, 3 / 63), (5, 1024, 3, 64, 16, 15 / 1023)],
)
def test_vocabulary_prefixes_and_chance(k, n, affix_length, groups, size, chance):
    assert len(kmers(k)) == n
    assert affix_of(k, None) == affix_length
    for label in ("prefix", "suffix"):
        label = groups_of(k, affix_length)[label]
        result = np.unique(label, return_counts=True)[1]
        assert result.tolist() == [size] * groups
        assert chance_purity(label) == pytest.approx(chance)


def test_a_prefix_has_fewer_bases_than_the_kmer():
    assert [affix_of(k, 5) for k in (1, 3, 6)] == [1, 2, 5]


def test_gc_counts_bases_of_a_kmer():
    result = dict(zip(kmers(3), groups_of(3, 2)["gc"], strict=True))
    assert (result["AAT"], result["AGT"], result["GCG"]) == (0, 1, 3)


# -- a network's vectors of k-mers ----------------------------------------------------


class Words(nn.Module):
    """A user's network with an embedding; only its layers are looked at here."""

    first_convolution = "table"

    def __init__(self, rows, padding=None):
        super().__init__()
        self.table = nn.Embedding(rows, 2, padding_idx=padding)
        self.table.weight.data = torch.arange(2.0 * rows).reshape(rows, 2)


@pytest.mark.parametrize(
    ("rows", "padding", "first"), [(64, None, 0), (65, 0, 2), (65, 64, 0)]
)
def test_the_row_for_padding_is_no_kmer(rows, padding, first):
    k, table = embedding_table(Words(rows, padding))
    assert (k, table.shape) == (3, (64, 2))
    assert table[0].tolist() == [first, first + 1]


def test_the_vocabulary_of_5_mers_has_1025_rows_with_padding():
    assert embedding_table(Words(1025, 0))[1].shape == (1024, 2)


def test_rows_that_are_no_vocabulary_are_refused():
    with pytest.raises(InputError, match=r"65 rows\n.*padding_idx"):
        embedding_table(Words(65))


def test_the_table_of_a_kmer_network_is_what_it_computes_with():
    torch.manual_seed(0)
    model = build_model("kmer_embedding", {"k": 2, "dimensions": 3}, 60, ["a"]).eval()
    k, table = embedding_table(model)
    layer = model.features.convolution1
    text = torch.from_numpy(one_hot(encode("ACGT")[None]))
    # AC, CG, GT are k-mers 1, 6, 11 of AA, AC, AG, ...
    seen = layer.embedding(layer.kmers(text))[0].T.detach().numpy()
    assert k == 2
    np.testing.assert_array_equal(table[[1, 6, 11]].astype(np.float32), seen)


def test_a_network_that_reads_bases_has_no_table():
    assert embedding_table(build_model("eraslan2019", {}, 200, ["a"])) is None


class Toy(nn.Module):
    """A first layer whose filters are given, and a logit."""

    first_convolution, first_activation = "convolution", "activation"

    def __init__(self, weight, bias=0.0, activation=None, **options):
        super().__init__()
        weight = torch.tensor(weight, dtype=torch.float32)
        self.convolution = nn.Conv1d(4, len(weight), weight.shape[2], **options)
        self.convolution.weight.data = weight
        self.convolution.bias.data.fill_(bias)
        self.activation = activation or nn.ReLU()
        self.targets = ["a"]

    def forward(self, one_hot):
        return self.activation(self.convolution(one_hot)).mean(dim=(1, 2))[:, None]


def counts_of(base, width):
    """A filter that counts a base."""
    weight = np.zeros((1, 4, width))
    weight[0, "ACGT".index(base)] = 1
    return weight


def test_a_filter_that_counts_a_answers_the_number_of_a():
    # No A around the k-mer, and all its positions within the filter count the same.
    layer = FirstLayer(Toy(counts_of("A", 4)).eval(), 20)
    around = np.full((2, 2 * flank_of(layer, 2) + 2), 1, np.uint8)
    for response in ("mean", "maximum"):
        answer = first_layer_response(layer, 2, around, response)
        assert answer[:, 0].tolist() == [kmer.count("A") for kmer in kmers(2)]
    # A 2-mer has 3 positions in a filter of 4.
    assert first_layer_response(layer, 2, around, "each").shape == (16, 3)


def test_places_of_a_kmer_within_the_filter():
    # The filter sees A at its first base alone; the k-mer AC in T's is at positions
    # (AC, TAC, ...): windows TAC, ACT of width 3.
    weight = np.zeros((1, 4, 3))
    weight[0, 0, 0] = 1
    layer = FirstLayer(Toy(weight).eval(), 9)
    around = np.full((1, 4), 3, np.uint8)
    kmer = kmers(2).index("AC")
    item = first_layer_response(layer, 2, around, "each")[kmer]
    assert sorted(item) == [0, 1]
    assert first_layer_response(layer, 2, around, "mean")[kmer, 0] == 0.5
    assert first_layer_response(layer, 2, around, "maximum")[kmer, 0] == 1


def test_a_kmer_longer_than_the_filter_is_all_that_is_seen():
    layer = FirstLayer(Toy(counts_of("A", 1)).eval(), 10)
    assert flank_of(layer, 3) == 0
    answer = first_layer_response(layer, 3, np.zeros((1, 3), np.uint8))
    # Each window sees one base: their mean is the fraction of A.
    expected = [kmer.count("A") / 3 for kmer in kmers(3)]
    np.testing.assert_allclose(answer[:, 0], expected)


@pytest.mark.parametrize(
    ("options", "length"),
    [
        ({}, 40),
        ({"padding": 3}, 40),
        ({"padding": "same"}, 33),
        ({"stride": 3}, 50),
        ({"dilation": 2}, 40),
        ({"stride": 2, "padding": 1, "dilation": 2}, 40),
        ({}, 9),  # no room for a full flank
    ],
    ids=str,
)
@pytest.mark.parametrize("fast", [True, False])
def test_responses_are_those_of_the_kmers_one_by_one(options, length, fast):
    rng = np.random.default_rng(0)
    model = Toy(rng.normal(size=(3, 4, 7)), 0.125, **options).double().eval()
    layer = FirstLayer(model, length, fast=fast)
    k = 3
    flank = flank_of(layer, k)
    around = rng.integers(4, size=(2, 2 * flank + k)).astype(np.uint8)
    result = first_layer_response(layer, k, around, "each")
    # The plain way: the filters alone, at stride 1, on each k-mer in each background.
    weight = model.convolution.weight
    dilation = layer.geometry.dilation
    left = min(flank, (length - k) // 2)
    right = min(flank, length - k - left)
    for row, kmer in enumerate(kmers(k)):
        texts = around.copy()
        texts[:, flank : flank + k] = encode(kmer)
        texts = texts[:, flank - left : flank + k + right]
        one = torch.from_numpy(one_hot(texts)).double()
        answer = nn.functional.conv1d(one, weight, None, dilation=dilation) + 0.125
        answer = answer.relu().mean(dim=0).T.detach().numpy()  # (places, filters)
        got = result[row].reshape(-1, 3)
        assert len(got) == len(answer)
        # A stride brings the places in another order.
        order, expected = np.lexsort(got.T), np.lexsort(answer.T)
        np.testing.assert_allclose(got[order], answer[expected], atol=1e-12)


def test_kmers_longer_than_the_sequences_are_refused():
    layer = FirstLayer(Toy(counts_of("A", 2)).eval(), 4)
    with pytest.raises(InputError, match="k-mers of 5 bases"):
        first_layer_response(layer, 5, np.zeros((1, 5), np.uint8))


def test_a_filter_that_never_lies_within_a_sequence_is_refused():
    layer = FirstLayer(Toy(counts_of("A", 9), padding="same").eval(), 6)
    around = np.zeros((1, 2 * flank_of(layer, 2) + 2), np.uint8)
    with pytest.raises(InputError, match="a filter sees 9 bases of sequences of 6"):
        first_layer_response(layer, 2, around)


# -- who is near whom -----------------------------------------------------------------


def test_neighbours_of_points_on_a_line():
    # 0 1 3 7: the nearest of each are 1, 0, 1, 3.
    near = neighbourhood(np.array([[0.0], [1], [3], [7]]), 1)
    assert near.point.tolist() == [0, 1, 2, 3]
    assert near.neighbour.tolist() == [1, 0, 1, 2]
    label = np.array(["a", "a", "b", "b"])
    assert purity(near, label) == 3 / 4


def test_places_are_shared_among_those_that_tie():
    # The middle point has two neighbours at the same distance, one of its label.
    near = neighbourhood(np.array([[-1.0], [0], [1]]), 1)
    assert near.weight.tolist() == [1, 0.5, 0.5, 1]
    assert purity(near, np.array([0, 0, 1])) == pytest.approx((1 + 0.5 + 0) / 3)


def test_rounding_does_not_decide_who_is_a_neighbour():
    points = np.array([[-0.1 * 3], [0], [0.3]]) + 1e6
    assert neighbourhood(points, 1).weight.tolist() == [1, 0.5, 0.5, 1]


@pytest.mark.parametrize("k", [2, 3])
def test_one_hot_kmers_are_at_chance(k):
    near = neighbourhood(kmer_vectors(k), 3)
    for label in groups_of(k, affix_of(k, None)).values():
        assert purity(near, label) == pytest.approx(chance_purity(label), abs=1e-12)
        assert silhouette(near, label) == pytest.approx(0, abs=1e-6)


def test_neighbours_by_bases_differ_in_one_base():
    # Of the 9 k-mers that differ from a 3-mer in one base, 3 differ in the last one.
    near = neighbourhood(base_vectors(3), 3)
    assert purity(near, groups_of(3, 2)["prefix"]) == pytest.approx(3 / 9)
    assert purity(near, groups_of(3, 2)["suffix"]) == pytest.approx(3 / 9)


def test_silhouette_worked_out():
    # Groups {0, 1} and {4, 6}. Of 0: a 1, b 5; of 1: a 1, b 4; of 4: a 2, b 3.5; of 6:
    # a 2, b 5.5.
    near = neighbourhood(np.array([[0.0], [1], [4], [6]]), 1)
    expected = (4 / 5 + 3 / 4 + 1.5 / 3.5 + 3.5 / 5.5) / 4
    result = silhouette(near, np.array([0, 0, 1, 1]))
    assert result == pytest.approx(expected, abs=1e-6)


def test_silhouette_is_scikit_learn_s():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(60, 5))
    label = rng.integers(7, size=60)
    label[0] = 9  # a group of its own
    result = silhouette(neighbourhood(points, 3), label)
    assert result == pytest.approx(silhouette_score(points, label), abs=1e-6)


@pytest.mark.parametrize("label", [np.zeros(4), np.arange(4)])
def test_one_group_or_only_groups_of_one_have_no_silhouette(label):
    assert np.isnan(silhouette(neighbourhood(np.arange(4.0)[:, None], 1), label))


def test_the_null_is_what_permuted_labels_give():
    rng = np.random.default_rng(0)
    points, label = rng.normal(size=(40, 3)), np.repeat([0, 1, 2], [8, 12, 20])
    near = neighbourhood(points, 5)
    result = null(near, label, 4, seed=7)
    again = np.random.default_rng(7)
    for row in range(4):
        dealt = np.empty_like(label)
        dealt[again.permutation(40)] = label
        assert result.purity[row] == pytest.approx(purity(near, dealt))
        assert result.silhouette[row] == pytest.approx(
            silhouette(near, dealt), abs=1e-6
        )


def test_the_mean_of_the_null_is_chance():
    rng = np.random.default_rng(1)
    near = neighbourhood(rng.normal(size=(64, 4)), 3)
    label = groups_of(3, 2)["prefix"]
    drawn = null(near, label, 2000, seed=1).purity
    error = drawn.std() / np.sqrt(2000)
    assert abs(drawn.mean() - chance_purity(label)) < 4 * error


def test_p_counts_the_observed_labels_among_the_permutations():
    drawn = np.array([0.1, 0.2, 0.3, 0.4])
    assert compared(0.35, drawn).p == 2 / 5
    assert compared(0.5, drawn).p == 1 / 5
    assert compared(0.3, drawn).p == 3 / 5  # equal counts
    assert compared(0.3, drawn).mean == pytest.approx(0.25)
    assert np.isnan(compared(np.nan, drawn).p)


# -- rows of the table ----------------------------------------------------------------


def rows_of(vectors, k, **changed):
    settings = {
        "affix_length": None,
        "neighbours": None,
        "permutations": 99,
        "significance": 0.01,
        "seed": 1,
    }
    rows = compare(Vectors("embedding", k, vectors), **(settings | changed))
    return {row["coloured_by"]: row for row in rows}


@pytest.mark.parametrize("k", [3, 5])
def test_a_planted_embedding_is_found(k):
    """K-mers cluster by prefix: each prefix has a position of its own."""
    rng = np.random.default_rng(0)
    label = groups_of(k, affix_of(k, None))["prefix"]
    group = np.unique(label, return_inverse=True)[1]
    centre = rng.normal(size=(group.max() + 1, 16))
    vectors = centre[group] + 0.01 * rng.normal(size=(4**k, 16))
    rows = rows_of(vectors, k)
    assert rows["prefix"]["purity"] == pytest.approx(1)
    assert rows["prefix"]["silhouette"] > 0.9
    assert rows["prefix"]["purity_p"] == rows["prefix"]["silhouette_p"] == 0.01
    assert rows["prefix"]["verdict"] == "above chance"
    # A k-mer's neighbours depend on its last bases only where the prefix shares them.
    assert rows["suffix"]["purity"] < 0.1


def test_vectors_that_say_nothing_are_at_chance():
    """In 40 random tables about 1 of 100 p-values is at most 0.01."""
    verdicts = [
        row["verdict"]
        for seed in range(40)
        for row in rows_of(
            np.random.default_rng(seed).normal(size=(64, 16)), 3
        ).values()
    ]
    assert verdicts.count("above chance") <= 6


def test_neighbours_and_affix_length_can_be_set():
    rows = rows_of(base_vectors(3), 3, affix_length=1, neighbours=9)
    # All 9 k-mers that differ in one base; 6 of them have the same first base.
    assert rows["prefix"]["purity"] == pytest.approx(6 / 9)
    assert (rows["prefix"]["affix_length"], rows["prefix"]["groups"]) == (1, 4)
    assert rows_of(base_vectors(2), 2, neighbours=10**6)["gc"]["neighbours"] == 15


def test_kmers_of_one_base_have_no_groups():
    rows = rows_of(np.random.default_rng(0).normal(size=(4, 2)), 1)
    assert rows["prefix"]["purity"] == rows["prefix"]["chance_purity"] == 0
    assert np.isnan(rows["prefix"]["silhouette"])
    assert rows["prefix"]["verdict"] == "not above chance"


# -- maps -----------------------------------------------------------------------------


def map_of(vectors, **changed):
    settings = {"perplexity": 15, "iterations": 250, "seed": 1} | changed
    scores = principal_components(vectors)[0]
    return tsne(vectors, oriented(scores, scores)[:, :2], **settings)


def test_clusters_stay_apart_on_the_map():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(64, 8)) + 50 * np.repeat(np.eye(4, 8), 16, axis=0)
    near = neighbourhood(map_of(vectors, iterations=500), 15)
    assert purity(near, np.repeat(np.arange(4), 16)) == pytest.approx(1)


@pytest.mark.parametrize("n", [4, 300])
def test_the_same_seed_gives_the_same_map(n):
    vectors = np.random.default_rng(0).normal(size=(n, 6))
    first = map_of(vectors)
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, map_of(vectors))


def test_the_size_of_the_vectors_does_not_matter():
    vectors = np.random.default_rng(0).normal(size=(64, 6))
    np.testing.assert_allclose(map_of(vectors), map_of(vectors * 2.0**-60))


def test_one_hot_kmers_are_not_mapped_by_the_alphabet():
    settings = {"perplexity": 15, "iterations": 250, "seed": 1}
    one_hot_kmers = Vectors("one_hot", 3, kmer_vectors(3))
    coordinates, variance = mapped(one_hot_kmers, None, **settings)
    assert coordinates[["pca_1", "pca_2"]].isna().all(axis=None)
    # The first 10 components, of the same variance; 64 points have 63.
    assert variance["component"].tolist() == list(range(1, 11))
    assert variance["fraction"].to_numpy() == pytest.approx(1 / 63)
    points = coordinates[["tsne_1", "tsne_2"]].to_numpy()
    label = groups_of(3, 2)["prefix"]
    near = neighbourhood(points, 3)
    assert compared(purity(near, label), null(near, label, 199, 1).purity).p > 0.01


def test_kmers_of_one_number_have_one_component():
    settings = {"perplexity": 5, "iterations": 250, "seed": 1}
    kmers_on_a_line = Vectors("embedding", 2, np.arange(16.0)[:, None] ** 1.5)
    coordinates, variance = mapped(kmers_on_a_line, None, **settings)
    assert np.ptp(coordinates["pca_1"]) == pytest.approx(15**1.5)
    assert coordinates["pca_2"].tolist() == [0] * 16
    assert variance["fraction"].tolist() == [1, 0]


def test_a_prefix_has_one_colour_and_a_suffix_its_mirror():
    assert affix_colour("C") == affix_colour("CC") == affix_colour("CCG")
    assert affix_colour("CAG") != affix_colour("CTG")
    assert affix_colour("GAC", last=True) == affix_colour("CAG")
    pairs = {affix_colour(a + b) for a in "ACGT" for b in "ACGT"}
    assert len(pairs) == 16


# -- the whole ------------------------------------------------------------------------

SCHEMA = "workflow/schemas/methods/embedding.schema.yaml"


@pytest.fixture(scope="module")
def defaults(request):
    schema = yaml.safe_load((request.config.rootpath / SCHEMA).read_text())
    return {key: part["default"] for key, part in schema["properties"].items()}


FIGURES = ("prefix", "suffix", "gc", "purity")


def job(tmp_path, architecture, settings, params, *, change=None):
    """A job with a network of 60 bases as drawn; the sequences have unknown bases."""
    rng = np.random.default_rng(0)
    index = rng.integers(4, size=(12, 60)).astype(np.uint8)
    index[::2, 50:] = 4
    dataset = Dataset(
        index=index,
        length=np.where(np.arange(12) % 2, 60, 50),
        name=[f"seq{row}" for row in range(12)],
        label=(np.arange(12) % 2).astype(np.float32)[:, None],
        target=["a"],
        group=[str(row) for row in range(12)],
        stratum=["a"] * 12,
        truth=empty_truth(),
        motifs={},
        settings={},
    )
    write_dataset(tmp_path / "dataset.h5", dataset)
    rows = {"train": [0], "validation": [1], "test": np.arange(2, 12)}
    write_splits(tmp_path / "splits.h5", rows)
    torch.manual_seed(1)
    model = build_model(architecture, settings, 60, ["a"])
    if change is not None:
        change(model)
    save_model(tmp_path / "model.ckpt", model, architecture, settings)
    tables = {name: tmp_path / f"{name}.tsv" for name in ("table", "score")}
    tables |= {name: tmp_path / f"{name}.tsv" for name in ("coordinates", "variance")}
    return SimpleNamespace(
        input=SimpleNamespace(
            model=tmp_path / "model.ckpt",
            dataset=tmp_path / "dataset.h5",
            splits=tmp_path / "splits.h5",
        ),
        output=SimpleNamespace(
            **tables,
            **{name: tmp_path / f"{name}.svg" for name in FIGURES},
            values=tmp_path / "values.h5",
        ),
        params=SimpleNamespace(**{"device": "cpu"} | params),
    )


SMALL = {"filters": 4, "filters2": 2, "width": 8, "width2": 4}


def quick(defaults, **changed):
    return defaults | {"lengths": [3], "permutations": 19, "iterations": 250} | changed


@pytest.fixture(scope="module")
def finished(tmp_path_factory, defaults):
    """A job that several tests look at."""
    params = quick(defaults, lengths=[2, 3], baseline_maps=True)
    item = job(tmp_path_factory.mktemp("run"), "eraslan2019", SMALL, params)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedding, "start", lambda job: None)
        main(item)
    return item


def test_a_network_that_reads_bases(finished):
    table = read_table(finished.output.table)
    kinds = ["first_layer", "one_hot", "bases"]
    assert list(table["representation"].unique()) == kinds
    assert len(table) == 3 * 2 * 3  # representations, lengths, colourings
    one_hot_kmers = table[table["representation"] == "one_hot"]
    assert (one_hot_kmers["chance_purity"] == one_hot_kmers["purity"]).all()
    coordinates = read_table(finished.output.coordinates)
    assert coordinates["kmer"].tolist() == 2 * (kmers(2) + kmers(3))
    own = coordinates[coordinates["representation"] == "first_layer"]
    assert own.notna().all(axis=None)
    assert read_values(finished.output.values)["vectors_3"].shape == (64, 4)
    columns = "metric motif target variant better value n ci_low ci_high chance"
    assert finished.output.score.read_text() == "\t".join(columns.split()) + "\n"
    fractions = read_table(finished.output.variance).groupby(["representation", "k"])
    assert (fractions["fraction"].sum() <= 1 + 1e-5).all()


def test_a_network_that_reads_kmers_is_asked_for_its_own(tmp_path, defaults):
    settings = {"k": 2, "width": 5, "dimensions": 3}
    item = job(tmp_path, "kmer_embedding", settings, quick(defaults, lengths=[5]))
    main(item)
    table = read_table(item.output.table)
    assert set(table["k"]) == {2}
    assert table["dimensions"].tolist()[:3] == [3, 3, 3]
    coordinates = read_table(item.output.coordinates)
    assert coordinates["representation"].tolist() == ["embedding"] * 16


def test_the_same_job_gives_the_same_bytes(tmp_path, finished):
    again = job(tmp_path, "eraslan2019", SMALL, vars(finished.params))
    main(again)
    for name, path in vars(finished.output).items():
        assert path.read_bytes() == getattr(again.output, name).read_bytes(), name


def test_numbers_have_the_vectors_of_classes(tmp_path, defaults):
    """What k-mers have in common in a network does not depend on what was measured."""
    params = quick(defaults, lengths=[2])
    kinds = {}
    for kind in ("classes", "numbers"):
        folder = tmp_path / kind
        folder.mkdir()
        kinds[kind] = job(folder, "eraslan2019", SMALL, params)
    path = kinds["numbers"].input.dataset
    dataset = read_dataset(path)
    value = np.linspace(-4, 7, len(dataset), dtype=np.float32)[:, None]
    value[-1] = np.nan
    settings = {"target_type": "quantitative"}
    write_dataset(path, replace(dataset, label=value, settings=settings))
    for item in kinds.values():
        main(item)
    classes, numbers = (vars(item.output) for item in kinds.values())
    for name, file in classes.items():
        assert file.read_bytes() == numbers[name].read_bytes(), name


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("bias", [-100.0, 100.0], ids=["dead", "nearly linear"])
def test_a_network_that_answers_nothing_gives_valid_results(tmp_path, defaults, bias):
    def change(model):
        model.convolution1.bias.data.fill_(bias)
        if bias > 0:
            model.convolution1.weight.data.zero_()  # the same for every k-mer

    item = job(tmp_path, "eraslan2019", SMALL, quick(defaults), change=change)
    main(item)
    table = read_table(item.output.table)
    own = table[table["representation"] == "first_layer"]
    np.testing.assert_allclose(own["purity"], own["chance_purity"], rtol=1e-5)
    assert (own["silhouette"] == 0).all()
    assert (own["purity_p"] == 1).all()
    assert (own["verdict"] == "not above chance").all()
    assert (read_table(item.output.coordinates)["tsne_1"] == 0).all()


def test_figures_are_183_mm_wide(finished):
    table = read_table(finished.output.table)
    coordinates = read_table(finished.output.coordinates)
    variance = read_table(finished.output.variance)
    for figure in (
        *(draw_maps(coordinates, variance, table, name) for name in FIGURES[:3]),
        draw_purity(table),
    ):
        assert figure.get_figwidth() * 25.4 == pytest.approx(TWO_COLUMNS)


def test_every_kmer_is_a_dot(finished):
    dots = re.findall(
        r'd="([^"]*)" [^>]*stroke-linecap: round', finished.output.gc.read_text()
    )
    # 16 and 64 k-mers on two maps, and on the one map of the one-hot k-mers; only dots
    # have round ends.
    assert sum(path.count("h0") for path in dots) == 3 * (16 + 64)


def test_the_page_says_what_is_at_chance(tmp_path, finished, defaults):
    folder = tmp_path / "data" / "net" / "seed1" / "embedding"
    folder.mkdir(parents=True)
    for path in vars(finished.output).values():
        (folder / path.name).write_bytes(path.read_bytes())
    table = read_table(finished.output.table)
    table["k"] = table["k"].replace(2, 5)
    table.loc[0, ["kmers", "affix_length", "neighbours"]] = [1024, 3, 15]
    table.loc[0, ["purity", "chance_purity", "purity_p"]] = [0.0187, 15 / 1023, 0.002]
    table.loc[0, "verdict"] = "above chance"
    write_table(folder / "table.tsv", table)
    shutil.copyfile(finished.input.dataset, tmp_path / "data" / "dataset.h5")
    results = Results(tmp_path, tmp_path.rglob("*.*"))
    shown = section.section(
        Experiment(results, "data", "net", "1", ["embedding"]), defaults
    )
    # The network's own rows alone: two lengths, three colourings. Of the 6 k-mers that
    # differ from a 2-mer in one base, 3 have its first.
    assert len(shown["texts"]) == 6
    assert shown["texts"][0] == {
        "text": "1,024 5-mers: 0.019 of a k-mer's 15 nearest neighbours have its first"
        " 3 bases; by chance 0.015 (p = 0.002), and from the bases alone 0.500.",
        "tag": "above chance",
        "above": True,
    }
    # The other figure, purity, stands beside the verdict.
    assert [figure["name"] for figure in shown["figures"]] == ["prefix"]
