"""Matrices of filters, their tables and scores, and the whole method on a tiny run."""

import gzip
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

import filter_pfms
from proofread.datasets import sampling
from proofread.datasets.dataset import (
    TRUTH_COLUMNS,
    Dataset,
    empty_truth,
    read_dataset,
    write_dataset,
    write_splits,
)
from proofread.dna.composition import base_frequencies
from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.figures.heat_map import (
    cluster_order,
    draw_heat_map,
    most_variable,
)
from proofread.figures.style import (
    draw_letters,
    figure_style,
    letter_bottoms,
    new_figure,
)
from proofread.files.bed import read_bed
from proofread.methods.filter_pfms import figures as filter_figures
from proofread.methods.filter_pfms import pfms, tables
from proofread.methods.filter_pfms.counts import BaseCounter
from proofread.methods.filter_pfms.pfms import trimmed_motif
from proofread.methods.filter_pfms.recovery import (
    recovery_table,
    score_rows,
)
from proofread.methods.filter_pfms.sites import Sites
from proofread.methods.filter_pfms.tables import possum_text, weight_consensus
from proofread.models.checkpoint import build_model, save_model
from proofread.models.first_layer import Geometry
from proofread.motifs.files import read_meme, write_meme
from proofread.motifs.motif import (
    Motif,
    ic_basset,
    probabilities,
    relative_entropy,
)
from proofread.statistics import rank_correlations as correlations_of_columns
from proofread.statistics.proportions import wilson_interval
from proofread.tables import SCORE_COLUMNS, read_table, read_values
from test_filters import Toy, random_sequences, sequences

ROOT = Path(__file__).resolve().parents[1]

# --- Matrices: methods.md 7b.3 to 7b.8


def matrix_of(*kmers):
    """Probabilities of one filter's sites, which are whole sequences."""
    index, _ = sequences(*kmers)
    n = len(kmers)
    sites = Sites(np.zeros(n, int), np.arange(n), np.zeros(n, int), np.ones(n))
    counter = BaseCounter(Geometry(len(kmers[0])), 1)
    counter.add(index, sites)
    return probabilities(counter.counts(), 1)[0]


def test_counts_have_four_pseudocounts_per_position():
    matrix = matrix_of("ACG", "ACG", "ATN")
    expected = [[4, 1, 1, 1], [1, 3, 1, 2], [1.25, 1.25, 3.25, 1.25]]
    np.testing.assert_allclose(matrix, np.array(expected) / 7)
    bits = ic_basset(matrix)
    np.testing.assert_allclose(bits, [0.2936, 0.1157, 0.1127], atol=5e-5)
    assert bits.sum() == pytest.approx(0.5220, abs=5e-5)


def test_twelve_equal_sites(tmp_path):
    matrix = matrix_of(*["AC"] * 12)
    assert matrix[0].tolist() == [0.8125, 0.0625, 0.0625, 0.0625]
    np.testing.assert_allclose(ic_basset(matrix), 0.9647, atol=5e-5)
    assert f"{ic_basset(matrix).sum():.2f}" == "1.93"
    write_meme(tmp_path / "x.meme", [Motif("filter0", matrix, sites=12)], [0.25] * 4)
    assert " w= 2 nsites= 12\n" in (tmp_path / "x.meme").read_text()


def test_information_both_ways():
    certain, two, uniform = [1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4
    columns = np.array([certain, two, uniform])
    np.testing.assert_allclose(ic_basset(columns), [1.9581, 0.9581, -0.0419], atol=5e-5)
    np.testing.assert_allclose(ic_basset(columns, gc=0.5), [2, 1, 0], atol=1e-6)
    background = [0.2925, 0.2075, 0.2075, 0.2925]
    bits = relative_entropy([certain, [0, 1, 0, 0], uniform], background)
    np.testing.assert_allclose(bits, [1.7735, 2.2688, 0.02115], atol=5e-5)


def test_probabilities_leave_the_counts_alone():
    counts = np.array([[2.0, 0, 0, 0]])
    probabilities(counts)
    assert counts.tolist() == [[2, 0, 0, 0]]
    # without counts or pseudo-counts nothing is known
    assert probabilities([[0, 0, 0, 0]], 0).tolist() == [[0.25] * 4]


def trimmed(*columns):
    matrix = np.array(columns)
    return trimmed_motif("filter0", matrix, ic_basset(matrix), limit=0.2, sites=12)


def test_trimming_takes_ends_below_the_limit():
    weak, good, uniform = [0.4, 0.2, 0.2, 0.2], [0.55, 0.15, 0.15, 0.15], [0.25] * 4
    bits = ic_basset(np.array([weak, good, uniform]))
    np.testing.assert_allclose(bits, [0.0362, 0.2521, -0.0419], atol=5e-5)
    # the weak one in the middle stays
    motif = trimmed(uniform, good, weak, good, uniform, weak)
    assert motif.matrix.tolist() == [good, weak, good]
    assert motif.sites == 12


def test_one_informative_column_is_no_motif():
    assert trimmed([0.25] * 4, [0.55, 0.15, 0.15, 0.15]) is None
    assert trimmed([0.25] * 4, [0.25] * 4) is None


def test_background_has_one_pseudocount_per_base(tmp_path):
    background = base_frequencies(encode("ACGTNAAAA"))
    write_meme(tmp_path / "x.meme", [Motif("f", [[1, 0, 0, 0]], sites=12)], background)
    text = (tmp_path / "x.meme").read_text()
    assert "\nA 0.5000 C 0.1667 G 0.1667 T 0.1667\n" in text


def test_consensus_of_weights():
    weight = [[-1, -2, -3, -4], [0.2, 0.2, 0, 0], [0, 0, 0, 0], [-1, 0, 1, 0.5]]
    assert weight_consensus(np.array(weight)) == "NANG"


def test_possum_text():
    weight = np.array([[0.1, 0, 0, 0], [0.5, 0, -0.25, 0], [0, 0.3, 0, 0], [0] * 4])
    head = "BEGIN GROUP\nBEGIN FLOAT\nID filter3\nAP DNA\n"
    assert possum_text("filter3", weight[1:3]) == (
        head + "LE 2\nMA 100.00 0.00 -50.00 0.00\nMA 0.00 60.00 0.00 0.00\nEND\nEND\n"
    )
    # one position alone is no matrix
    assert possum_text("filter3", weight[:1]) == ""


def test_deeprams_published_matrices(data_folder):
    """Its fragments give its MEME file: real sites, to the four decimals it wrote."""
    folder = data_folder / "filters_deepram_ctcf" / "DeepBind"
    motifs = {
        motif.name: motif for motif in read_meme(folder / "filters_meme.txt").motifs
    }
    assert len(motifs) > 5
    for name, motif in motifs.items():
        text = gzip.decompress((folder / f"{name}_logo.fa.gz").read_bytes()).decode()
        kmers = [line for line in text.split() if not line.startswith(">")]
        assert len(kmers) == motif.sites
        np.testing.assert_allclose(matrix_of(*kmers), motif.matrix, rtol=0, atol=1e-4)


# --- The method on networks whose answer is known


def test_a_filter_is_its_kmer():
    model = Toy(("ACGN", -2), ("GGGG", -5), ("NNNN", 0.5))
    index, length = sequences(*["TTACGATT"] * 11, "TTTTTTTT")
    result = pfms.filter_pfms(model, index, length)
    assert result.status.tolist() == ["ok", "dead", "constant"]
    assert result.n_sites.tolist() == [11, 0, 0]
    assert result.n_sequences.tolist() == [11, 0, 0]
    assert result.counts[0, 0].tolist() == [11, 0, 0, 0]
    table = tables.filter_table(result, gc=0.415, trim=0.2)
    assert table["filter"].tolist() == ["filter0", "filter1", "filter2"]
    assert table["consensus"].tolist() == ["ACGN", "GGGG", "NNNN"]
    assert table["consensus_ppm"].tolist() == ["ACGA", "", ""]
    # 11 activations of 1 among 12 sequences of 5 positions
    fraction = 11 / 60
    assert table["std"].tolist() == pytest.approx(
        [(fraction * (1 - fraction)) ** 0.5, 0, 0]
    )
    assert (table["ic"] > 0).tolist() == [True, False, False]
    assert table["threshold"].isna().tolist() == [False, True, False]
    assert [motif.name for motif in pfms.motifs_of(result)] == ["filter0"]


def test_ten_sites_make_a_motif():
    for n, status in ((9, "few_sites"), (10, "ok")):
        index, length = sequences(*["TTACGTTT"] * n, "TTTTTTTT")
        result = pfms.filter_pfms(Toy(("ACG", -2)), index, length)
        assert (result.n_sites.tolist(), result.status.tolist()) == ([n], [status])
        table = tables.filter_table(result, gc=0.415, trim=0.2)
        assert (table["ic_basset"][0] == 0) == (status == "few_sites")
        assert len(pfms.motifs_of(result)) == (status == "ok")


def test_trimmed_ends_are_informative():
    model = Toy(("NNACGNN", -2))
    index, length = random_sequences(400)
    result = pfms.filter_pfms(model, index, length)
    full, short = (
        pfms.motifs_of(result),
        pfms.trimmed_motifs_of(result, 0.2),
    )
    assert [len(motif) for motif in full] == [7]
    assert [len(motif) for motif in short] == [3]
    bits = relative_entropy(short[0].matrix, result.background)
    assert bits[0] >= 0.2 and bits[-1] >= 0.2


def test_both_strands_find_a_kmer_on_either():
    # GGTCA is TGACC on the other strand.
    index, length = sequences(*["AATGACCAA", "AAGGTCAAAA"] * 6)
    model = Toy(("TGACC", -4))
    one = pfms.filter_pfms(model, index, length)
    assert one.sites.sequence.tolist() == [0, 2, 4, 6, 8, 10]
    both = pfms.filter_pfms(model, index, length, strands="both")
    assert both.sites.sequence.tolist() == list(range(12))
    assert both.strand.tolist() == ["+", "-"] * 6
    assert both.sites.start.tolist() == [2] * 12
    assert both.counts[0].max(axis=1).tolist() == [12] * 5  # all as the filter reads


# --- Correlation with targets


def test_spearman_is_scipys():
    from scipy.stats import spearmanr

    generator = np.random.default_rng(3)
    activation = generator.normal(size=(30, 3)).round(1)
    label = generator.integers(0, 2, (30, 2))
    correlation, p = correlations_of_columns.rank_correlations(activation, label)
    for row in range(3):
        for column in range(2):
            expected = spearmanr(activation[:, row], label[:, column])
            assert correlation[row, column] == pytest.approx(expected.statistic)
            assert p[row, column] == pytest.approx(expected.pvalue)


def test_spearman_of_known_ranks():
    rising = np.arange(5.0)[:, None]
    correlation, p = correlations_of_columns.rank_correlations(
        np.hstack([rising**3, -rising]), rising
    )
    assert correlation[:, 0].tolist() == pytest.approx([1, -1])
    assert p[:, 0].tolist() == pytest.approx([0, 0], abs=1e-6)
    # nothing can be said of a constant, nor of two sequences
    assert np.isnan(
        correlations_of_columns.rank_correlations(np.ones((5, 1)), rising)[0]
    ).all()
    assert np.isnan(
        correlations_of_columns.rank_correlations(rising[:2], rising[:2])[1]
    ).all()


def test_samples_are_seeded_and_without_replacement():
    rows = sampling.random_rows(100, 30, 1)
    assert len(set(rows)) == 30 and np.array_equal(rows, np.sort(rows))
    assert np.array_equal(rows, sampling.random_rows(100, 30, 1))
    assert not np.array_equal(rows, sampling.random_rows(100, 30, 2))
    assert sampling.random_rows(3, None, 1).tolist() == [0, 1, 2]


def test_clusters_stand_together():
    rows = np.array([[0.0, 1], [5, 0], [0, 1.1], [5, 0.1]])
    order = cluster_order(rows).tolist()
    assert {frozenset(order[:2]), frozenset(order[2:])} == {
        frozenset([0, 2]),
        frozenset([1, 3]),
    }
    # a row of zeros has no direction, and two rows no order
    assert sorted(cluster_order(np.vstack([rows, [[0, 0]]]), "cosine")) == list(
        range(5)
    )
    assert cluster_order(rows[:2]).tolist() == [0, 1]
    assert cluster_order(rows[:0]).tolist() == []


def test_the_most_variable_filters_are_shown():
    std = np.arange(100.0)
    allowed = std % 2 == 0
    assert most_variable(std, allowed).tolist() == list(range(98, -1, -2))
    assert len(most_variable(std, std >= 0)) == 60


# --- The score


def truth_of(*instances):
    """Planted instances: (sequence, motif, start, end)."""
    rows = [
        (sequence, motif, start, end, "+", "causal", "A" * (end - start))
        for sequence, motif, start, end in instances
    ]
    return pd.DataFrame(rows, columns=list(TRUTH_COLUMNS))


def sites_at(*positions):
    """Sites: (filter, sequence, start)."""
    which, sequence, start = np.array(positions).reshape(-1, 3).T
    return Sites(which, sequence, start, np.ones(len(positions)))


def test_recovery_counts_sites_and_instances():
    truth = truth_of((0, "m", 0, 4), (0, "m", 10, 14), (1, "m", 0, 4), (2, "k", 0, 4))
    # filter 0: two sites on the same instance of m, one on k, one on nothing
    sites = sites_at((0, 0, 0), (0, 0, 1), (0, 2, 0), (0, 2, 9), (1, 2, 0))
    table = recovery_table(sites, 4, truth, ["filter0", "filter1"], ["m", "k"])
    first = table.iloc[0]
    assert (first["motif"], first["filter"]) == ("m", "filter0")
    assert (first["sites_on_motif"], first["instances_found"]) == (2, 1)
    assert first["precision"] == 2 / 4 and first["recall"] == 1 / 3
    assert first["f1"] == pytest.approx(2 * (1 / 2) * (1 / 3) / (5 / 6))
    assert table["f1"].tolist()[1:] == pytest.approx([0, 2 * 0.25 / 1.25, 1])


def test_the_best_filter_is_scored():
    truth = truth_of((0, "m", 0, 4), (1, "m", 0, 4))
    sites = sites_at((0, 0, 0), (1, 0, 0), (1, 1, 0))
    table = recovery_table(sites, 4, truth, ["filter0", "filter1"], ["m", "absent"])

    def scores(allowed):
        return {
            f"{row.metric}_{row.motif}": row[1:5]
            for row in score_rows(
                table, sites, 4, truth, allowed, 5, resamples=200, seed=1
            )
        }

    best = scores({"filter0", "filter1"})
    # filter1 finds all and nothing else, in whatever resample
    assert best["f1_m"] == (1, 2, 1, 1)
    assert best["precision_m"][:2] == (1, 2) and best["recall_m"][:2] == (1, 2)
    assert best["precision_m"][2:] == pytest.approx(wilson_interval(1.0, 2))
    # no planted instance: nothing to score
    assert np.isnan(best["f1_absent"][0]) and best["f1_absent"][1] == 0
    assert scores({"filter0"})["recall_m"][:2] == (0.5, 2)
    assert scores(set())["f1_m"][:2] == (0, 2)


# --- The whole method

WORD = "TGACTCA"
OUTPUTS = {
    "table": "table.tsv",
    "values": "values.h5",
    "meme": "filters.meme",
    "trimmed_meme": "filters_trimmed.meme",
    "possum": "possum.txt",
    "sites": "sites.tsv.gz",
    "bed": "sites.bed.gz",
    "score": "score.tsv",
    "recovery": "recovery.tsv",
    "logos": "logos.svg",
    "weights": "weights.svg",
    "densities": "densities.svg",
    "densities_table": "densities.tsv",
    "weights_table": "weights.tsv",
    "sequences": "sequences.svg",
    "sequences_table": "sequences.tsv",
    "segments": "segments.svg",
    "segments_table": "segments.tsv",
    "segments_raw": "segments_raw.svg",
    "segments_raw_table": "segments_raw.tsv",
    "target_correlation": "target_correlation.svg",
    "target_correlation_table": "target_correlation.tsv",
}


class Params(dict):
    """Settings as Snakemake gives them: by attribute and by item."""

    __getattr__ = dict.__getitem__


class Outputs(SimpleNamespace):
    """Files as Snakemake gives them: by attribute, with their names."""

    def keys(self):
        return vars(self).keys()


@pytest.fixture(scope="module")
def settings():
    """The schema's defaults, as a run without any setting gets them."""
    schema = ROOT / "workflow" / "schemas" / "methods" / "filter_pfms.schema.yaml"
    properties = yaml.safe_load(schema.read_text())["properties"]
    return Params({name: item["default"] for name, item in properties.items()})


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """Half of 80 sequences hold WORD; the network's first filter is WORD."""
    folder = tmp_path_factory.mktemp("inputs")
    index, length = random_sequences(80, 60, seed=5)
    starts = np.random.default_rng(0).integers(0, 60 - len(WORD), 40)
    instances = []
    for row, start in zip(range(0, 80, 2), starts.tolist(), strict=True):
        index[row, start : start + len(WORD)] = encode(WORD)
        instances.append((row, "AP1", start, start + len(WORD)))
    dataset = Dataset(
        index=index,
        length=length,
        name=[f"sequence{row}" for row in range(80)],
        label=(np.arange(80) % 2 == 0).astype(np.float32)[:, None],
        target=["has AP1"],
        group=[str(row) for row in range(80)],
        stratum=["positive", "negative"] * 40,
        truth=truth_of(*instances),
        motifs={"AP1": np.eye(4)[encode(WORD)]},
    )
    write_dataset(folder / "dataset.h5", dataset)
    rows = {"train": [], "validation": np.arange(16), "test": np.arange(16, 80)}
    write_splits(folder / "splits.h5", rows)

    sizes = {"filters": 5, "filters2": 2, "width": len(WORD), "width2": 3}
    torch.manual_seed(0)
    model = build_model("eraslan2019", sizes, 60, dataset.target)
    weight, bias = model.convolution1.weight.data, model.convolution1.bias.data
    weight[:3], bias[:3] = 0, torch.tensor([-6.0, -1, 0.4])
    weight[0, encode(WORD).astype(int), np.arange(len(WORD))] = (
        1  # 7 - 6 for the k-mer alone
    )
    save_model(folder / "model.ckpt", model, "eraslan2019", sizes)
    return folder


def run(inputs, folder, settings, outputs=OUTPUTS, **changes):
    job = SimpleNamespace(
        input=SimpleNamespace(
            model=inputs / "model.ckpt",
            dataset=inputs / "dataset.h5",
            splits=inputs / "splits.h5",
        ),
        output=Outputs(**{key: folder / name for key, name in outputs.items()}),
        params=Params({"device": "cpu"} | settings | changes),
    )
    # A script's logging and seeds are for a process of its own.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filter_pfms, "start", lambda job: None)
        filter_pfms.main(job)
    return folder


@pytest.fixture(scope="module")
def results(inputs, settings, tmp_path_factory):
    return run(inputs, tmp_path_factory.mktemp("results"), settings)


def test_the_table_has_every_filter(results):
    table = read_table(results / "table.tsv")
    assert table["filter"].tolist() == [f"filter{index}" for index in range(5)]
    assert table["status"].tolist()[:3] == ["ok", "dead", "constant"]
    assert table["consensus"][0] == table["consensus_ppm"][0] == WORD
    assert table["n_sites"][0] == 32 and table["n_sequences"][0] == 32


def test_only_good_filters_are_motifs(results):
    table = read_table(results / "table.tsv").set_index("filter")
    motifs = read_meme(results / "filters.meme").motifs
    assert [motif.name for motif in motifs] == list(
        table.index[table["status"] == "ok"]
    )
    for motif in motifs:
        assert motif.sites == table["n_sites"][motif.name]
    for motif in read_meme(results / "filters_trimmed.meme").motifs:
        assert len(motif) == table["trimmed_width"][motif.name]


def test_sites_are_where_they_say(results, inputs):
    with gzip.open(results / "sites.tsv.gz") as file:
        sites = pd.read_csv(file, sep="\t")
    values = read_values(results / "values.h5")
    dataset = read_dataset(inputs / "dataset.h5")
    rows = {name: row for row, name in enumerate(dataset.name)}
    assert len(sites) == values["n_sites"].sum() > 32
    for itertuple in sites.itertuples():
        text = dataset.sequence(rows[itertuple.sequence])
        assert text[itertuple.start : itertuple.end] == itertuple.site
        assert rows[itertuple.sequence] >= 16  # of the test split
    kmers = sites["site"][sites["filter"] == "filter0"]
    assert set(kmers) == {WORD}


def test_the_sites_of_sequences_without_a_genome_are_a_bed_file(results):
    """Column 1 is the sequence; the score is the activation, 1000 of the highest."""
    with gzip.open(results / "sites.tsv.gz") as file:
        sites = pd.read_csv(file, sep="\t")
    highest = sites.groupby("filter")["activation"].transform("max")
    scores = (1000 * sites["activation"] / highest).round().astype(int)
    sites = sites.assign(score=scores).set_index(["sequence", "start", "filter"])
    lines = read_bed(results / "sites.bed.gz")
    assert len(lines) == len(sites)
    for line in lines:
        site = sites.loc[(line.contig, line.start, line.cells[3])]
        assert (line.end, line.strand) == (site["end"], site["strand"])
        assert abs(int(line.cells[4]) - site["score"]) <= 1  # digits of the table
    places = [(line.contig, line.start, line.end, line.cells[3]) for line in lines]
    assert places == sorted(places)


def test_values_agree_with_the_table(results):
    values = read_values(results / "values.h5")
    assert values["counts"].sum(axis=2).T[0].tolist() == values["n_sites"].tolist()
    table = read_table(results / "table.tsv")
    np.testing.assert_allclose(
        values["sequence_maximum"].max(axis=0), table["maximum"], rtol=1e-5
    )


def test_the_planted_motif_is_found(results):
    score = read_table(results / "score.tsv").set_index("metric")
    assert score.index.tolist() == ["f1", "precision", "recall"]
    assert set(score["motif"]) == {"AP1"} and set(score["better"]) == {"higher"}
    # 32 instances in the test split; the k-mer does not occur by chance
    assert score["value"].tolist() == [1, 1, 1]
    assert score["n"].tolist() == [32, 32, 32]
    assert score["ci_low"]["recall"] == pytest.approx(wilson_interval(1.0, 32)[0], 1e-5)


def test_the_label_is_correlated_with_its_filter(results):
    table = read_table(results / "target_correlation.tsv")
    assert set(table["filter"]) == {"filter0", "filter2", "filter3", "filter4"}
    best = table[(table["filter"] == "filter0") & (table["activation"] == "max")]
    assert best["correlation"].item() == pytest.approx(1)
    # a constant filter has no correlation
    assert table[table["filter"] == "filter2"]["q"].isna().all()


def test_heat_maps_show_filters_that_vary(results):
    table = read_table(results / "sequences.tsv")
    assert set(table["filter"]) == {"filter0", "filter3", "filter4"}
    assert len(table.columns) == 1 + 64
    # 54 positions: 6 segments of each of 64 sequences
    assert len(read_table(results / "segments.tsv").columns) == 1 + 64 * 6


def test_the_same_run_gives_the_same_bytes(results, inputs, settings, tmp_path):
    again = run(inputs, tmp_path, settings)
    for name in OUTPUTS.values():
        assert (again / name).read_bytes() == (results / name).read_bytes(), name
        assert (again / name).stat().st_size > 0


def test_numbers_have_the_filters_and_sites_of_classes(
    results, inputs, settings, tmp_path
):
    """Which bases activate a filter does not depend on what was measured."""
    dataset = read_dataset(inputs / "dataset.h5")
    # Against the classes: the first half is high, and one value is missing.
    value = np.linspace(9, -3, len(dataset), dtype=np.float32)[:, None]
    value[-1] = np.nan
    dataset = replace(dataset, label=value, settings={"target_type": "quantitative"})
    write_dataset(tmp_path / "dataset.h5", dataset)
    for name in ("splits.h5", "model.ckpt"):
        shutil.copy(inputs / name, tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    run(tmp_path, out, settings)
    same = ("table", "meme", "trimmed_meme", "possum", "sites", "bed", "score")
    for name in (*same, "recovery", "densities_table"):
        file = OUTPUTS[name]
        assert (out / file).read_bytes() == (results / file).read_bytes(), name
    correlations = read_table(out / OUTPUTS["target_correlation_table"])
    assert set(correlations["n"]) == {63}  # of 64 sequences of the split


def test_a_negative_control_has_the_same_tables_and_no_figures(
    results, inputs, settings, tmp_path
):
    names = ("table", "meme", "score")
    outputs = {name: OUTPUTS[name] for name in names}
    control = run(inputs, tmp_path, settings, outputs)
    assert sorted(file.name for file in control.iterdir()) == sorted(outputs.values())
    for name in outputs.values():
        assert (control / name).read_bytes() == (results / name).read_bytes(), name


def test_no_truth_no_score(inputs, settings, tmp_path):
    for name in ("model.ckpt", "splits.h5"):
        shutil.copy(inputs / name, tmp_path)
    dataset = read_dataset(inputs / "dataset.h5")
    dataset.truth, dataset.motifs = empty_truth(), {}
    write_dataset(tmp_path / "dataset.h5", dataset)
    folder = run(tmp_path, tmp_path / "results", settings, max_sequences=20)
    text = (folder / "score.tsv").read_text()
    assert text == "\t".join(SCORE_COLUMNS) + "\n"
    assert len(read_values(folder / "values.h5")["sequence"]) == 20


def test_a_split_without_sequences_is_an_error(inputs, settings, tmp_path):
    with pytest.raises(InputError, match=r"split 'train'\)[\s\S]*filter_pfms.split"):
        run(inputs, tmp_path, settings, split="train")


@figure_style()
def test_letters_of_a_logo_stand_on_one_another():
    # C 1 bit below G 2 bits; T hangs down: letters as high as they should be
    heights = np.array([[0, 1.0, 2.0, -0.5]])
    assert letter_bottoms(heights).tolist() == [[0, 0, 1, -0.5]]
    _, axes = new_figure(40, 40)
    draw_letters(axes, heights, information=False)
    boxes = [patch.get_path().get_extents() for patch in axes.patches]
    spans = [(box.ymin, box.ymax) for box in boxes]
    # two hundredths of each height are left free
    assert spans == [
        pytest.approx(span) for span in ((0.01, 0.99), (1.02, 2.98), (-0.495, -0.005))
    ]
    assert axes.get_ylim() == pytest.approx((-0.5, 3))
    assert all(box.width <= 0.95 + 1e-9 for box in boxes)


def test_figures_of_nothing_say_so():
    empty = np.zeros((0, 7, 4))
    figure = filter_figures.draw_logos([], empty, np.zeros(0, int), total=0)
    assert "no filter has enough sites" in figure.axes[0].texts[0].get_text()
    for figure in (
        draw_heat_map(
            [], np.zeros((0, 0)), label="z", of="sequences", total=0, diverging=True
        ),
        filter_figures.draw_target_correlation([], ["a"], {}, {}, fdr=0.05, total=0),
    ):
        assert figure.axes[0].texts


def test_thinned_figures_say_so():
    matrix = np.arange(12.0).reshape(3, 4)
    options = {"label": "z", "of": "sequences", "diverging": False}
    names = ["filter0", "filter1", "filter2"]
    figure = draw_heat_map(names, matrix, total=70, **options)
    assert figure.get_suptitle().startswith("3 of 70 filters")
    figure = draw_heat_map(names, matrix, total=3, **options)
    assert figure.get_suptitle() == ""


def test_several_targets_are_heat_maps():
    generator = np.random.default_rng(0)
    values = {kind: generator.uniform(-1, 1, (4, 3)) for kind in ("mean", "max")}
    q = {kind: np.full((4, 3), 0.5) for kind in values}
    figure = filter_figures.draw_target_correlation(
        list("wxyz"), ["a", "b", "c"], values, q, fdr=0.05, total=4
    )
    panels = figure.axes[:2]
    names = [label.get_text() for label in panels[0].get_yticklabels()]
    rows = ["wxyz".index(name) for name in names]
    for panel, kind in zip(panels, values, strict=True):
        targets = ["abc".index(label.get_text()) for label in panel.get_xticklabels()]
        shown = panel.images[0].get_array()
        np.testing.assert_array_equal(shown, values[kind][np.ix_(rows, targets)])
