"""The method long_sequence_scan: windows, shared layers, tracks, peaks, the null."""

import gzip
import json
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyBigWig
import pytest
import torch

import ecoli_tss
import long_sequence_scan
import long_sequence_scan_chunk
import long_sequence_scan_contigs
import proofread
from proofread.configuration.check import check_configuration
from proofread.configuration.schema import check, read_schema
from proofread.datasets import on_disk
from proofread.datasets.dataset import (
    TRUTH_COLUMNS,
    Dataset,
    empty_truth,
    write_dataset,
    write_splits,
)
from proofread.dna.encoding import decode, encode, one_hot, reverse_complement
from proofread.errors import InputError
from proofread.files.features import Feature, Sites, read_features, sites_of
from proofread.files.genome import open_genome
from proofread.methods.long_sequence_scan import contigs
from proofread.methods.long_sequence_scan import tracks as long_sequence_scan_tracks
from proofread.methods.long_sequence_scan import windows as scan_windows
from proofread.methods.long_sequence_scan.agreement import (
    Agreement,
    Null,
    compare,
    profile,
)
from proofread.methods.long_sequence_scan.figures import (
    Region,
    densest_region,
    draw_profile,
    draw_region,
    read_region,
    thinned,
)
from proofread.methods.long_sequence_scan.peaks import call_peaks, peak_table
from proofread.methods.long_sequence_scan.sites import fitted_sites
from proofread.methods.long_sequence_scan.tables import (
    compare_all,
    profile_around,
    write_metrics,
)
from proofread.methods.long_sequence_scan.tiles import scan_tiles
from proofread.methods.long_sequence_scan.tracks import (
    Track,
    cells,
    either_strand,
    floored,
    nearest,
    smooth,
    smoothing_weights,
    tracks_of,
    write_bedgraph,
    write_bigwig,
    write_positions,
)
from proofread.methods.long_sequence_scan.windows import (
    Layout,
    all_tiles,
    items_of_chunk,
    tile_logits,
)
from proofread.models.checkpoint import build_model, save_model
from proofread.models.predictor import Predictor, predictor_of
from proofread.models.shared_windows import (
    Local,
    SharedScan,
    costs,
    local_layers,
    predictor_scan,
)
from proofread.statistics.metrics import auroc
from proofread.tables import read_table, read_values

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = "workflow/schemas/methods/long_sequence_scan.schema.yaml"
MOTIF = "ACGTTGCA"
WIDTH = 40


@pytest.fixture(autouse=True)
def no_log_file(monkeypatch):
    """`start` takes over the process: its log, its warnings, its exceptions."""
    for script in (
        long_sequence_scan,
        long_sequence_scan_chunk,
        long_sequence_scan_contigs,
    ):
        monkeypatch.setattr(script, "start", lambda job: None)


class Outputs(SimpleNamespace):
    """A rule's outputs, by name."""

    def keys(self):
        return vars(self).keys()


def settings(**changed):
    """The method's settings, complete."""
    return SimpleNamespace(
        device="cpu", **check(changed, read_schema(ROOT / SCHEMA), "config")
    )


def random_index(length, seed=0):
    return np.random.default_rng(seed).integers(0, 4, length).astype(np.uint8)


def network(architecture="eraslan2019", length=81, targets=("a",), **changed):
    torch.manual_seed(1)
    return build_model(architecture, changed, length, list(targets)).double().eval()


# -- windows ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "expected"),
    [(1000, [*range(0, 901, 50)]), (1020, [*range(0, 901, 50), 920]), (100, [0])],
)
def test_windows_are_whole_and_the_last_one_stands_at_the_end(length, expected):
    assert Layout(100, 50).starts(length).tolist() == expected


def test_a_contig_shorter_than_a_window_has_none():
    assert Layout(100, 50).count(99) == 0


@pytest.mark.parametrize(
    ("length", "windows", "last"),
    [
        *((1000, 19, 100), (1020, 20, 70), (100, 1, 100), (99, 1, 99), (50, 0, None)),
        (4_641_652, 92_833, 52),
    ],
)
def test_faithful_windows_are_genomic_ulmfit_s(length, windows, last):
    layout = Layout(100, 50, faithful=True)
    starts = layout.starts(length)
    assert len(starts) == windows
    if windows:
        assert min(length - starts[-1], 100) == last


def test_a_faithful_window_s_place_is_its_start_and_50():
    params = settings(faithful=True)
    (track,) = tracks_of("c", 1000, np.zeros((19, 1)), params, 81, 60)
    assert track.position.tolist() == list(range(50, 951, 50))


@pytest.mark.parametrize("length", [10, 81, 100_000, 100_003])
def test_tiles_hold_every_window_once(length):
    layout = Layout(81, 8)
    tiles = all_tiles(layout, {"a": length, "b": 81})
    starts = [start for tile in tiles if tile.contig == "a" for start in tile.starts]
    assert starts == layout.starts(length).tolist()
    for tile in tiles:
        assert tile.end == tile.start + tile.span <= max(length, 81)


def test_the_parts_of_all_chunks_are_contiguous_and_complete():
    items = list(range(7))
    parts = [items_of_chunk(items, chunk, 3) for chunk in range(3)]
    assert [item for part in parts for item in part] == items
    assert [items_of_chunk(items, chunk, 9) for chunk in range(9)].count([]) == 2


def test_faithful_windows_are_padded_or_cut_to_the_model_s_length():
    index = encode("ACGTACG")
    padded = scan_windows.fitted(index, np.array([0, 4]), 4, 6)
    assert [decode(row) for row in padded] == ["ACGTNN", "ACGNNN"]
    cut = scan_windows.fitted(index, np.array([0]), 6, 4)
    assert [decode(row) for row in cut] == ["CGTA"]


def test_fraction_of_unknown_bases():
    index = encode("ACNNACGT")
    unknown = scan_windows.unknown_fraction(index, np.array([0, 2, 4]), 4)
    assert unknown.tolist() == [0.5, 0.5, 0]


# -- layers shared by windows -------------------------------------------------------

NETWORKS = {
    "eraslan2019": {"filters": 5, "filters2": 4, "width": 9, "width2": 6, "pool": 3},
    "basset": {
        "filters": 6,
        "filters2": 5,
        "filters3": 4,
        **{"width": 7, "width2": 5, "width3": 3, "pool": 2, "pool2": 3, "pool3": 2},
        "dense": 8,
    },
    "kmer_embedding": {"k": 2, "stride": 2, "filters": 5, "width": 5, "pool": 3},
    "motif_counts": {"filters": 3, "width": 9, "pool": 3},
    "residual_dilated": {"filters": 5, "width": 9, "layers": 2},
    "conv_attention": {"filters": 6, "width": 9, "heads": 3, "dense": 5},
}


@pytest.mark.parametrize("stride", [1, 3, 8, 50])
@pytest.mark.parametrize("name", NETWORKS)
def test_shared_layers_give_what_each_window_gives_alone(name, stride):
    model = network(name, targets=("a", "b"), **NETWORKS[name])
    starts = stride * np.arange(40) + 5
    index = random_index(starts[-1] + 81 + 7)
    index[90:95] = 4
    views = np.lib.stride_tricks.sliding_window_view(index, 81)[starts]
    with torch.no_grad():
        alone = model(torch.from_numpy(one_hot(views)).double()).numpy()
    layers = local_layers(model)
    assert len(layers) >= 3
    for depth in [None, *range(len(layers) + 1)]:
        scan = SharedScan(model, 81, stride, 40, depth=depth, batch_size=16)
        np.testing.assert_allclose(scan(index, starts), alone, rtol=0, atol=1e-11)


def test_the_plain_way_is_chosen_where_nothing_is_saved():
    model = network(length=200)
    # Windows that do not touch share nothing; neighbours share nearly everything.
    assert SharedScan(model, 200, 400, 80).depth == 0
    assert SharedScan(model, 200, 8, 4096).depth == len(local_layers(model))


def test_the_cost_of_shared_layers_by_hand():
    layers = [Local("conv", None, 3, 1, 2, 24.0), Local("pool", None, 2, 2, 2, 32.0)]
    # Windows of 10 bases have 8 and 4 outputs: 24 * 8 = 192 and 32 * 4 = 128 each. To
    # copy a number costs 8: 320 for a window's 4 * 10, 128 and 64 behind the layers.
    alone = 4 * (192 + 128 + 320)
    # At stride 5 four windows span 25 bases: 24 * 25 = 600. Pools of 2 meet windows in
    # two phases, each with 12.5 outputs: 32 * 2 * 12.5 = 800.
    assert costs(layers, 10, 5, 4) == [
        alone,
        600 + 4 * (128 + 128),
        600 + 800 + 4 * 64,
    ]
    # At stride 4 they span 22 bases, and all windows meet the pools in one phase.
    assert costs(layers, 10, 4, 4) == [
        alone,
        24 * 22 + 4 * (128 + 128),
        24 * 22 + 32 * 11 + 4 * 64,
    ]
    # One window shares nothing, whatever the phases are.
    assert costs(layers, 10, 5, 1) == [
        alone / 4,
        24 * 10 + 128 + 128,
        24 * 10 + 32 * 5 + 64,
    ]


def test_windows_in_any_order_keep_their_rows():
    model = network(**NETWORKS["eraslan2019"])
    scan = SharedScan(model, 81, 8, 40)
    index, starts = random_index(500), np.array([400, 3, 77, 8])
    straight = scan(index, np.sort(starts))
    np.testing.assert_allclose(
        scan(index, starts), straight[np.argsort(np.argsort(starts))], atol=1e-12
    )


def test_padded_layers_are_not_shared():
    model = network("koo_cnn", length=200, filters=4)
    assert local_layers(model) == []
    assert SharedScan(model, 200, 1, 100).depth == 0


class Decides(torch.nn.Module):
    """A forward pass that decides by values cannot be followed."""

    length, targets = 20, ("a",)

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv1d(4, 2, 5)

    def forward(self, batch):
        hidden = self.conv(batch)
        if hidden.sum() > 0:
            hidden = hidden * 1.0
        return hidden.sum(dim=(1, 2))[:, None]


def test_a_network_that_cannot_be_followed_is_run_window_by_window():
    model = Decides().eval()
    scan = SharedScan(model, 20, 1, 100)
    index = random_index(60)
    views = np.lib.stride_tricks.sliding_window_view(index, 20)
    alone = predictor_of(model).predict(views)
    assert scan.depth == 0
    np.testing.assert_allclose(scan(index, np.arange(41)), alone, atol=1e-5)


def test_exclusive_classes_stay_log_odds():
    torch.manual_seed(0)
    model = build_model(
        *("eraslan2019", {"filters": 4}, 81, ["a", "b", "c"]), exclusive=True
    ).eval()
    index, starts = random_index(300), np.arange(0, 200, 8)
    result = SharedScan(model, 81, 8, 25, depth=6)(index, starts)
    views = np.lib.stride_tricks.sliding_window_view(index, 81)[starts]
    np.testing.assert_allclose(
        result, predictor_of(model).predict(views), rtol=0, atol=1e-5
    )
    np.testing.assert_allclose((1 / (1 + np.exp(-result))).sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("depth", [0, 6])
def test_batch_size_changes_nothing(depth):
    model = build_model("eraslan2019", {"filters": 4}, 81, ["a"]).eval()
    index, starts = random_index(900), np.arange(0, 800, 3)
    whole = SharedScan(model, 81, 3, 267, depth=depth, batch_size=512)(index, starts)
    small = SharedScan(model, 81, 3, 267, depth=depth, batch_size=7)(index, starts)
    np.testing.assert_allclose(whole, small, rtol=0, atol=1e-6)


def count_a(batch):
    """A callable without layers: the number of A."""
    return batch[:, 0].sum(axis=1)[:, None]


def test_a_callable_is_scanned_too():
    predictor = Predictor(count_a, 3, ["a"], "count_a")
    scan = predictor_scan(predictor, batch_size=2)
    assert scan(encode("AACAA"), np.arange(3))[:, 0].tolist() == [2, 2, 2]
    assert scan(encode("AAA"), np.arange(0)).shape == (0, 1)


def test_the_reverse_strand_is_the_reverse_complement_of_each_window():
    model = network(**NETWORKS["eraslan2019"])
    (tile, last) = Layout(81, 8).tiles("c", 403)
    index = random_index(403)
    for item in (tile, last):
        part = index[item.start : item.end]
        scan = SharedScan(model, 81, 8, 40)
        result = tile_logits(scan, None, item, part, 0, reverse=True)
        views = np.stack([index[start : start + 81] for start in item.starts])
        with torch.no_grad():
            batch = torch.from_numpy(one_hot(reverse_complement(views))).double()
            alone = model(batch).numpy()[:, 0]
        np.testing.assert_allclose(result, alone, atol=1e-11)


# -- sites --------------------------------------------------------------------------

GFF = """##gff-version 3
c1\tx\tgene\t101\t400\t.\t-\t.\tID=g1;Name=abc
c1\tx\tCDS\t101\t400\t.\t-\t0\tID=cds1
c1\tx\tgene\t501\t700\t.\t+\t.\tlocus_tag=b2
##FASTA
>c1
"""
GENBANK = """\
LOCUS       c1                        20 bp    DNA     linear   BCT 01-JAN-2000
FEATURES             Location/Qualifiers
     gene            complement(3..10)
                     /gene="abc"
     gene            12..15
ORIGIN
        1 acgtacgtac gtacgtacgt
//
"""


def test_a_gene_on_the_minus_strand_starts_at_its_end():
    gene = Feature("here", "c", "abc", 100, 400, "-")
    assert gene.site() == 399
    assert gene.site(faithful=True) == 100
    assert Feature("here", "c", "abc", 100, 400, "+").site() == 100


def test_gff_counts_from_1(tmp_path):
    path = tmp_path / "my.gff3.gz"
    path.write_bytes(gzip.compress(GFF.encode()))
    result = read_features(path)
    assert [(f.name, f.start, f.end, f.strand) for f in result] == [
        ("abc", 100, 400, "-"),
        ("b2", 500, 700, "+"),
    ]
    assert len(read_features(path, "CDS")) == 1


def test_genbank_and_bed(tmp_path):
    (tmp_path / "my.gbk").write_text(GENBANK)
    result = read_features(tmp_path / "my.gbk")
    assert [(f.name, f.site(), f.strand) for f in result] == [
        ("abc", 9, "-"),
        ("", 11, "+"),
    ]
    (tmp_path / "my.bed").write_text("c1\t4\t5\tx\t0\t-\nc1\t7\t10\n")
    assert [f.site() for f in read_features(tmp_path / "my.bed")] == [4, 8]


@pytest.mark.parametrize(
    ("cell", "expected"), [("+", "+"), ("-", "-"), ("", "."), ("+-", "."), ("?", ".")]
)
def test_a_strand_of_gff_is_plus_or_minus_or_unknown(tmp_path, cell, expected):
    (tmp_path / "a.gff").write_text(f"c1\tx\tgene\t5\t9\t.\t{cell}\t.\tID=a\n")
    assert [
        read_feature.strand for read_feature in read_features(tmp_path / "a.gff")
    ] == [expected]


@pytest.mark.parametrize(
    ("location", "site", "strand"),
    [
        # Across the origin of 1,000 bases: read from 901 to 1000, then 1 to 50.
        ("join(901..1000,1..50)", 900, "+"),
        # Read from 50 down to 1, then from 1000 down to 901.
        ("complement(join(901..1000,1..50))", 49, "-"),
        ("join(complement(1..50),complement(901..1000))", 49, "-"),
        ("join(101..200,301..400)", 100, "+"),
        ("complement(join(101..200,301..400))", 399, "-"),
        # Both strands: that of the part that is read first.
        ("join(complement(301..400),101..200)", 399, "-"),
    ],
)
def test_a_gene_of_several_parts_starts_at_the_first(tmp_path, location, site, strand):
    path = tmp_path / "a.gbk"
    path.write_text(
        "LOCUS       c1                      1000 bp    DNA     circular BCT "
        "01-JAN-2000\nFEATURES             Location/Qualifiers\n"
        f"     gene            {location}\nORIGIN\n//\n"
    )
    (result,) = read_features(path)
    assert (result.site(), result.strand) == (site, strand)


def test_a_gene_across_the_origin_is_not_drawn_across_the_contig():
    parts = ((900, 1000), (0, 50))
    gene = Feature("x", "c", "g", 0, 1000, "+", parts)
    none = peak_table([track([0] * 100)], [np.arange(0)], None).assign(at_site=False)
    figure = draw_region(
        *(Region("c", 0, 1000), [track([0] * 100)], none, None, [gene]),
        level=1,
        unit="logit",
    )
    outlines = [patch.get_xy()[:, 0] for patch in figure.axes[-1].patches]
    assert [(outline.min(), outline.max()) for outline in outlines] == [
        (901, 1000),
        (1, 50),
    ]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.gff", "c1\tx\tgene\t5\t2\t.\t+\t.\tID=a\n", "the positions '5' and '2'"),
        ("a.gff", "c1 x gene\n", "1 column(s): 'c1 x gene'"),
        ("a.gff", "c1\tx\tCDS\t1\t2\t.\t+\t.\tID=a\n", "no feature of type 'gene'"),
        ("a.gbk", "nothing", "'nothing'"),
        ("a.txt", "c1\t1\t2\n", "a name without the ending of a format of intervals"),
    ],
)
def test_mistakes_in_files_of_sites(tmp_path, name, text, found):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        read_features(tmp_path / name)
    assert caught.value.found == found


def test_a_site_beyond_its_contig_is_refused():
    with pytest.raises(InputError, match="at most 50, the length of c"):
        sites_of([Feature("x.bed, line 1", "c", "", 49, 51, "+")], {"c": 50})


# -- tracks -------------------------------------------------------------------------


def track(values, stride=10, name="forward", raw=None, contig="c", length=None):
    values = np.asarray(values, dtype=float)
    position = 5 + stride * np.arange(len(values))
    raw = values if raw is None else np.asarray(raw, dtype=float)
    return Track(name, contig, length or stride * len(values), position, raw, values)


def made_sites(*rows):
    """Sites of one contig from (position, strand)."""
    return Sites(
        [f"s{number}" for number in range(len(rows))],
        np.array([position for position, _ in rows], dtype=np.int64),
        np.array([strand for _, strand in rows], dtype="U1"),
    )


def test_each_smoothing_by_hand():
    # mean of 30 bp at stride 10: one neighbour to either side, fewer at the ends.
    weights = smoothing_weights("mean", 30, 10, 40, 20)
    assert smooth([0, 3, 6, 0], *weights).tolist() == [1.5, 3, 3, 3]
    assert smooth([0, 3, 6], *smoothing_weights("none", 30, 10, 40, 20)).tolist() == [
        *(0, 3, 6)
    ]
    # gaussian: weights at 10 bp are exp(-1/2) of that at 0.
    weights, first = smoothing_weights("gaussian", 10, 10, 40, 20)
    assert (len(weights), first) == (9, -4)
    assert weights[5] / weights[4] == pytest.approx(np.exp(-0.5))
    assert weights.sum() == pytest.approx(1)


@pytest.mark.parametrize(("width", "said"), [(10, 1), (15, 1), (16, 0)])
def test_a_mean_that_reaches_no_neighbour_is_said_to(width, said, caplog):
    # At stride 8 half of 16 bp reaches one neighbour; half of 15 bp reaches none.
    params = settings(smoothing="mean", smoothing_width=width, strands="forward")
    with caplog.at_level("INFO"):
        (result,) = long_sequence_scan_tracks.split_contigs(
            np.array([[0.0], [3.0], [0.0]]), {"c": 56}, params, 40, 20
        )
    assert caplog.text.count("reaches no neighbouring window at stride 8") == said
    # Means of two, three and two windows, or each window alone.
    assert result.smoothed.tolist() == ([0, 3, 0] if said else [1.5, 1, 1.5])


def test_overlap_is_the_mean_of_the_windows_that_cover_the_anchor():
    # Windows of 25 bp every 10, anchor 20: the base s + 20 lies in the windows that
    # start at s, s + 10 and s + 20 (but not in that of s - 10, which ends before it).
    weights, first = smoothing_weights("overlap", 1, 10, 25, 20)
    assert (len(weights), first) == (3, 0)
    assert smooth([0.0, 3, 6, 9], weights, first).tolist() == [3, 6, 7.5, 9]


def test_a_window_without_value_is_left_out_of_means():
    weights = smoothing_weights("mean", 30, 10, 40, 20)
    result = smooth([1, np.nan, 5], *weights)
    assert result[[0, 2]].tolist() == [1, 5]
    assert np.isnan(result[1])


def test_the_larger_strand_at_the_nearest_anchor():
    forward = (np.array([60, 68, 76]), np.array([1.0, 5.0, np.nan]))
    reverse = (np.array([20, 28, 59, 67]), np.array([9.0, 8.0, 2.0, 3.0]))
    position, value = either_strand(forward, reverse, 8)
    assert position.tolist() == [20, 28, 60, 68, 76]
    assert value[:4].tolist() == [9, 8, 2, 5]
    assert np.isnan(value[4])


def test_nearest():
    position, distance = nearest([1, 5, 100], np.array([0, 4, 6]))
    assert position.tolist() == [0, 1, 2]
    assert distance.tolist() == [1, 1, 94]
    assert nearest([3], np.empty(0))[1].tolist() == [np.inf]


def test_cells_meet_half_way_and_stay_in_the_contig():
    start, end = cells(track([1, 2, 3], length=28), 10)
    assert start.tolist() == [0, 10, 20]
    assert end.tolist() == [10, 20, 28]


def test_written_tracks_hold_the_values(tmp_path):
    item = track([1, np.nan, 2.5], length=30)
    lengths = {"other": 7, "c": 30}
    write_bedgraph(tmp_path / "a.bedGraph", [item], 10, "a")
    lines = (tmp_path / "a.bedGraph").read_text().splitlines()
    assert lines[1:] == ["c\t0\t10\t1", "c\t20\t30\t2.5"]
    for name in ("a.bw", "b.bw"):
        write_bigwig(tmp_path / name, [item], lengths, 10, "smoothed")
    assert (tmp_path / "a.bw").read_bytes() == (tmp_path / "b.bw").read_bytes()
    with pyBigWig.open(str(tmp_path / "a.bw")) as file:
        assert file.chroms() == lengths
        assert file.intervals("c") == ((0, 10, 1.0), (20, 30, 2.5))
    for name in ("a.tsv.gz", "b.tsv.gz"):
        write_positions(tmp_path / name, [item])
    packed = (tmp_path / "a.tsv.gz").read_bytes()
    assert packed == (tmp_path / "b.tsv.gz").read_bytes()
    text = gzip.decompress(packed).decode().splitlines()
    assert text == [
        "contig\ttrack\tposition\traw\tsmoothed",
        *("c\tforward\t5\t1\t1", "c\tforward\t15\t\t", "c\tforward\t25\t2.5\t2.5"),
    ]


def test_a_track_without_any_value_is_written(tmp_path):
    empty = track([], length=30)
    write_bedgraph(tmp_path / "a.bedGraph", [empty], 10, "a")
    write_bigwig(tmp_path / "a.bw", [empty], {"c": 30}, 10, "raw")
    with pyBigWig.open(str(tmp_path / "a.bw")) as file:
        assert file.chroms() == {"c": 30}


def test_the_floor_is_genomic_ulmfit_s():
    logit = np.log(np.array([0.49 / 0.51, 0.51 / 0.49, 1.0]))
    assert floored(logit).round(9).tolist() == [0, 0.51, 0]


# -- peaks and agreement --------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "apart", "expected"),
    [
        ([0, 3, 0, 0, 2, 0], 1, [1, 4]),
        ([0, 3, 0, 2, 0, 0], 4, [1]),  # the higher one stays
        ([0, 2, 2, 2, 0], 1, [2]),  # the middle of a plateau
        ([5, 0, 0, 0, 4], 1, [0, 4]),  # at the ends of the contig
        ([0, 0.5, 0], 1, []),
        ([np.nan, 3, np.nan], 1, [1]),
        ([1, 1, 1], 1, [1]),  # a constant model
        ([], 1, []),
    ],
)
def test_peaks_by_hand(values, apart, expected):
    assert call_peaks(track(values), 1, apart).tolist() == expected


def agreement(tracks, sites, places=None, left_out=None, tolerance=6):
    places = [call_peaks(item, 1, 1) for item in tracks] if places is None else places
    nothing = made_sites()
    return Agreement(
        *(tracks, places, {"c": sites}, {"c": left_out or nothing}),
        stride=10,
        tolerance=tolerance,
    )


def test_precision_and_recall_by_hand():
    # Peaks at 15, 45 (forward) and 25 (reverse); sites at 17+, 45- and 77+.
    tracks = [
        track([0, 3, 0, 0, 2, 0, 0, 0, 0, 0]),
        track([0, 0, 4, 0, 0, 0, 0, 0, 0, 0], name="reverse"),
    ]
    sites = made_sites((17, "+"), (45, "-"), (77, "+"))
    result = agreement(tracks, sites).measure()
    assert result["peak_precision"] == pytest.approx(1 / 3)
    assert result["peak_recall"] == pytest.approx(1 / 3)
    assert result["peak_f1"] == pytest.approx(1 / 3)
    # 15 to 17, 45 to 17 and 25 to 45: 2, 28 and 20 bp.
    assert result["peak_distance"] == 20
    # Windows at the sites: 3 (15), 0 (45, reverse) and 0 (75).
    assert result["site_score"] == 1
    # Either strand may show a site without one.
    either = made_sites((17, "+"), (45, "."), (77, "+"))
    result = agreement(tracks, either).measure()
    assert result["peak_precision"] == pytest.approx(2 / 3)
    assert result["peak_recall"] == pytest.approx(2 / 3)
    assert result["site_score"] == pytest.approx(5 / 3)


@pytest.mark.parametrize(("site", "found"), [(21, 1), (22, 0), (9, 1), (8, 0)])
def test_a_peak_exactly_at_the_tolerance_is_at_the_site(site, found):
    # The peak is at 15, the tolerance 6 bp.
    tracks = [track([0, 3, 0, 0])]
    result = agreement(tracks, made_sites((site, "+")))
    assert result.measure()["peak_precision"] == found
    assert result.measure()["peak_recall"] == found
    # Windows at 5, 15, 25 and 35.
    at_site = [abs(site - window) <= 6 for window in (5, 15, 25, 35)]
    assert result.label.tolist() == at_site
    # The same of a site that is left out: its peak and its windows are not counted.
    other = agreement(tracks, made_sites((35, "+")), left_out=made_sites((site, "+")))
    assert np.isnan(other.values).tolist() == at_site
    assert other.counts()["peak_precision"] == 1 - found


def test_distances_are_positive_downstream():
    tracks = [track([0, 3, 0, 0]), track([0, 0, 3, 0], name="reverse")]
    sites = {"c": made_sites((12, "+"), (31, "-"))}
    peaks = peak_table(tracks, [np.array([1]), np.array([2])], sites)
    assert peaks["distance"].tolist() == [3, 6]  # 15 - 12 and -(25 - 31)
    assert peaks["nearest_site"].tolist() == ["s0", "s1"]


def test_distances_run_along_the_site_s_strand_in_a_track_of_both():
    sites = {"c": made_sites((12, "+"), (48, "-"), (93, "."))}
    both = track([0] * 10, name="both")
    peaks = peak_table([both], [np.array([1, 4, 9])], sites)
    # 15 - 12; -(45 - 48); 95 - 93, as positions rise where no strand is known.
    assert peaks["distance"].tolist() == [3, 3, 2]


def test_contigs_without_room_for_shifts_are_left_out(caplog):
    # Windows of 40 bp every 10: shifts of 4 windows at least, so 8 are needed.
    assert [Null(20, 4, 1).has_room(n) for n in (0, 7, 8)] == [False, False, True]
    assert Null(20, 4, 1).draw([7, 100]).shape == (0, 2)
    assert (Null(20, 4, 1).draw([8]) == 4).all()
    tracks = [
        track([0, 2, 0, 0, 0, 0, 0, 0, 0, 0], contig="long"),
        track([0, 0, 9, 0, 0, 0, 0], contig="short"),
    ]
    positions = [np.array([1]), np.array([2])]
    sites = {"long": made_sites((15, "+")), "short": made_sites((55, "+"))}
    fitted = {contig: np.zeros(1, dtype=bool) for contig in sites}
    options = {"layout": Layout(40, 10), "tolerance": 6}
    params = settings(shifts=20)
    caplog.set_level("INFO")
    table, _, _ = compare_all(tracks, positions, sites, fitted, params, **options)
    rows = table.set_index("metric")
    # Ten windows, one site, one peak: those of the long contig, alone.
    assert rows.loc[["window_auroc", "site_score", "peak_precision"], "n"].tolist() == [
        *(10, 1, 1)
    ]
    assert rows.loc["site_score", "value"] == 2
    assert rows.loc["peak_precision", "value"] == 1
    # Four to six windows on stands 0: no shift is as good.
    assert rows.loc["site_score", "null_high"] == 0
    assert rows.loc["site_score", "p"] == pytest.approx(1 / 21)
    assert "1 contigs with 1 sites are left out" in caplog.text
    # The short contig alone has its numbers, and no null.
    few = {"short": sites["short"]}
    table, shifted, agreement = compare_all(
        tracks[1:], positions[1:], few, fitted, params, **options
    )
    rows = table.set_index("metric")
    assert rows.loc["site_score", "value"] == 0
    assert rows.loc["site_score", ["null_mean", "p"]].isna().all()
    assert len(shifted) == 0
    around = profile_around(agreement, table, 10)
    assert around["null_mean"].isna().all()
    assert "no contig has room for shifts" in caplog.text


def test_the_area_is_that_of_the_metric():
    rng = np.random.default_rng(0)
    tracks = [track(rng.normal(size=200)), track(rng.normal(size=200), name="reverse")]
    sites = made_sites(
        *[(int(p), s) for p in np.sort(rng.integers(0, 2000, 8)) for s in "+-"]
    )
    result = agreement(tracks, sites)
    expected = auroc(result.label.astype(int), result.values)
    assert result.measure()["window_auroc"] == pytest.approx(expected)
    assert 16 <= result.label.sum() <= 40


def test_left_out_sites_take_their_windows_and_peaks_with_them():
    tracks = [track([0, 3, 0, 0, 2, 0, 0, 0, 0, 0])]
    result = agreement(tracks, made_sites((15, "+")), left_out=made_sites((45, "+")))
    assert np.isnan(result.values).sum() == 1
    assert result.measure()["peak_precision"] == 1


def test_a_shift_moves_the_sites_around_the_contig():
    values = [0, 0, 0, 0, 0, 0, 0, 0, 0, 7]
    result = agreement([track(values)], made_sites((5, "+")))
    assert result.measure()["site_score"] == 0
    assert result.measure([9])["site_score"] == 7
    assert result.measure([9])["peak_recall"] == 1
    assert result.measure([19])["site_score"] == 7


def test_sites_that_the_track_does_not_scan_are_not_counted():
    result = agreement([track([0, 3, 0, 0])], made_sites((15, "+"), (25, "-")))
    assert result.counts()["peak_recall"] == 1
    assert result.measure()["peak_recall"] == 1


def test_the_null_is_a_fair_one():
    """On tracks that know nothing, p is as often small as it says."""
    rng = np.random.default_rng(3)
    p = []
    for draw in range(60):
        # Neighbouring windows are alike, as in a scan.
        values = np.convolve(rng.normal(size=420), np.ones(20), "same")[:400]
        sites = made_sites(
            *[(int(integer), "+") for integer in rng.integers(0, 4000, 30)]
        )
        result = agreement([track(values)], sites, places=[np.arange(0)])
        drawn = Null(99, 4, draw).draw(result.windows)
        moved = np.array([result.measure(shift)["site_score"] for shift in drawn])
        p.append((1 + (moved >= result.measure()["site_score"]).sum()) / 100)
    # 3 of 60 expected; more than 9 has a probability below 0.002.
    assert (np.array(p) <= 0.05).sum() <= 9
    assert 0.4 < np.mean(p) < 0.6


def test_the_table_has_every_number_with_its_null():
    rng = np.random.default_rng(0)
    values = rng.normal(size=300)
    positions = rng.choice(300, 20, replace=False)
    values[positions] += 6
    sites = made_sites(*[(int(5 + 10 * item), "+") for item in np.sort(positions)])
    result = agreement([track(values)], sites, tolerance=4)
    table, shifted = compare(result, Null(99, 4, 1))
    rows = table.set_index("metric")
    assert rows.loc["window_auroc", "value"] > 0.95
    assert rows.loc["site_score", "p"] == 0.01
    assert rows.loc["window_auprc", "null_mean"] == pytest.approx(20 / 300)
    assert len(shifted) == 99
    again, _ = compare(result, Null(99, 4, 1))
    pd.testing.assert_frame_equal(table, again)


def test_the_null_of_each_number_is_that_of_its_shifts():
    rng = np.random.default_rng(5)
    sites = made_sites(*[(int(item), "+") for item in np.sort(rng.integers(0, 900, 5))])
    item = agreement([track(rng.normal(size=90))], sites)
    table, shifted = compare(item, Null(199, 4, 1))
    rows = table.set_index("metric")
    for metric, moved in shifted.items():
        row = rows.loc[metric]
        ends = [row["null_low"], row["null_mean"], row["null_high"]]
        low, high = np.quantile(moved, [0.025, 0.975])
        assert ends == pytest.approx([low, moved.mean(), high]), metric
        # A short distance is good; all else is better where it is larger.
        good = moved <= row["value"] if "distance" in metric else moved >= row["value"]
        assert row["p"] == (1 + good.sum()) / 200, metric
    assert rows.loc["peak_distance", "p"] not in (1, 1 / 200)


def test_shifts_keep_clear_of_the_sites_in_both_directions():
    assert set(Null(400, 4, 1).draw([10, 8])[:, 0]) == {4, 5, 6}


@pytest.mark.parametrize(("tolerance", "reach"), [(6, 10), (12, 12)])
def test_a_site_without_a_window_near_it_is_not_counted(tolerance, reach):
    # The last of four windows is at 35. Near is a step of 10, or the tolerance.
    sites = made_sites((15, "+"), (35 + reach, "+"), (36 + reach, "+"))
    tracks = [track([0, 3, 0, 0], length=60)]
    result = agreement(tracks, sites, tolerance=tolerance)
    assert result.counts()["site_score"] == 2
    assert result.measure()["site_score"] == 3 / 2


def test_a_constant_model_is_at_chance():
    table, _ = compare(
        agreement([track(np.zeros(50))], made_sites((105, "+"))), Null(20, 4, 1)
    )
    rows = table.set_index("metric")
    assert rows.loc["window_auroc", "value"] == 0.5
    assert rows.loc["site_score", "p"] == 1
    assert rows.loc["peak_recall", "value"] == 0
    assert rows.loc["peak_recall", "p"] == 1


def test_the_profile_runs_along_the_strand_of_the_site():
    tracks = [track([0, 1, 2, 3, 4]), track([0, 1, 2, 3, 4], name="reverse")]
    for strand, expected in (("+", [1, 2, 3]), ("-", [3, 2, 1])):
        result = profile(agreement(tracks, made_sites((25, strand))), 1, (0, 0, 0))
        assert result["offset"].tolist() == [-10, 0, 10]
        assert result["mean"].tolist() == expected


def test_the_profile_stops_at_the_ends_of_the_contig():
    item = agreement([track([4, 1, 2, 8])], made_sites((5, "+"), (35, "+")))
    result = profile(item, 2, (0, 0, 0))
    # Two windows before the first site is nothing, before the second 1; and so on.
    assert result["offset"].tolist() == [-20, -10, 0, 10, 20]
    assert result["mean"].tolist() == [1, 2, 6, 1, 2]


# -- figures --------------------------------------------------------------------------


def test_regions():
    lengths = {"c": 1000}
    assert read_region("c:101-1,000", lengths) == Region("c", 100, 1000)
    for text in ("d:1-5", "c:0-5", "c:5-1001", "c:9-9"):
        with pytest.raises(InputError):
            read_region(text, lengths)
    positions = {"c": np.array([10, 500, 520, 540])}
    assert densest_region(positions, lengths, span=100) == Region("c", 470, 570)
    assert densest_region({"c": np.empty(0)}, lengths, 100) == Region("c", 0, 100)


def test_thinning_keeps_peaks():
    value = np.zeros(1000)
    value[333] = 9
    position, kept = thinned(np.arange(1000), value, points=100)
    assert len(position) == 100
    assert position[np.argmax(kept)] == 333


# -- the whole ----------------------------------------------------------------------


def detector():
    """Logit 10 where `MOTIF` stands somewhere in 40 bases, else -10."""
    sizes = {"filters": 1, "filters2": 1, "width": 8, "width2": 1, "pool": 1}
    model = build_model("eraslan2019", sizes, WIDTH, ["site"]).eval()
    with torch.no_grad():
        pattern = torch.from_numpy(one_hot(encode(MOTIF)[None]))
        model.convolution1.weight.copy_(pattern)
        model.convolution1.bias.fill_(-7.5)  # 0.5 at a match, else 0
        model.convolution2.weight.fill_(1)
        model.convolution2.bias.fill_(0)
        model.linear.weight[0], model.linear.weight[1] = 0.0, 40.0
        model.linear.bias.copy_(torch.tensor([10.0, 0.0]))
    return model, sizes


def planted(n=60, seed=0):
    """Sequences of 40 bp, every other one with `MOTIF`, and the truth of it."""
    rng = np.random.default_rng(seed)
    index = rng.integers(0, 4, (n, WIDTH)).astype(np.uint8)
    rows = []
    for row in range(0, n, 2):
        start = int(rng.integers(0, WIDTH - 8))
        index[row, start : start + 8] = encode(MOTIF)
        rows.append((row, "M", start, start + 8, "+", "causal", MOTIF))
    label = np.arange(n)[:, None] % 2 == 0
    names = [f"s{row}" for row in range(n)]
    return Dataset(
        index=index,
        length=np.full(n, WIDTH),
        name=names,
        label=label.astype(np.float32),
        target=["site"],
        group=names,
        stratum=["positive" if item else "negative" for item in label[:, 0]],
        truth=pd.DataFrame(rows, columns=list(TRUTH_COLUMNS)).astype(TRUTH_COLUMNS),
        motifs={"M": np.full((8, 4), 0.25)},
    )


def run(
    folder,
    dataset=None,
    genome=None,
    sites=None,
    genes=None,
    control=False,
    **changed,
):
    """All three scripts, as the rules run them; returns the outputs."""
    folder.mkdir(exist_ok=True)
    params = settings(genome=genome and str(genome), **changed)
    model, sizes = detector()
    save_model(folder / "model.ckpt", model, "eraslan2019", sizes)
    dataset = planted() if dataset is None else dataset
    write_dataset(folder / "dataset.h5", dataset)
    rows = np.arange(len(dataset))
    parts = {"train": rows[:6], "validation": rows[6:8], "test": rows[8:]}
    write_splits(folder / "splits.h5", parts)
    inputs = SimpleNamespace(
        model=folder / "model.ckpt",
        dataset=folder / "dataset.h5",
        splits=folder / "splits.h5",
        genome=genome,
        sites=sites,
        genes=genes,
        signal=None,
    )
    if genome is None:
        inputs.genome, inputs.sites = folder / "contigs.fa", folder / "sites.bed"
        output = SimpleNamespace(genome=inputs.genome, sites=inputs.sites)
        long_sequence_scan_contigs.main(
            SimpleNamespace(input=inputs, output=output, params=params)
        )
    inputs.chunks = [folder / f"{number}.h5" for number in range(params.chunks)]
    for number, path in enumerate(inputs.chunks):
        long_sequence_scan_chunk.main(
            SimpleNamespace(
                input=inputs,
                output=SimpleNamespace(values=path),
                params=params,
                wildcards=SimpleNamespace(chunk=str(number)),
            )
        )
    tracks = {"max": ["both"], "forward": ["forward"]}.get(
        "forward" if params.faithful else params.strands, ["forward", "reverse"]
    )
    files = {
        "table": folder / "table.tsv",
        "score": folder / "score.tsv",
    }
    if not control:
        files |= {
            "null": folder / "null.tsv",
            "metrics": folder / "metrics.json",
            "positions": folder / "positions.tsv.gz",
            "peaks": folder / "peaks.bed",
            "peak_table": folder / "peaks.tsv",
            "profile": folder / "profile.tsv",
            "region_figure": folder / "region.svg",
            "profile_figure": folder / "profile.svg",
            "bedgraph": [folder / f"{track}.bedGraph" for track in tracks],
            "bigwig": [folder / f"{track}.bw" for track in tracks],
            "raw_bigwig": [folder / f"{track}_raw.bw" for track in tracks],
        }
    output = Outputs(**files)
    long_sequence_scan.main(SimpleNamespace(input=inputs, output=output, params=params))
    return output


SMALL = {"simulated": {"length": 4000, "positives": 20, "negatives": 10}, "shifts": 99}


def metrics(output):
    return read_table(output.table).set_index(["sites", "metric"])


def test_planted_sites_are_found_where_they_are(tmp_path):
    output = run(tmp_path / "a", **SMALL, stride=2, tolerance=3, smoothing="overlap")
    table = metrics(output)
    assert table.loc[("all", "peak_recall"), "value"] >= 0.9
    assert table.loc[("all", "peak_recall"), "n"] == 20
    assert table.loc[("all", "peak_precision"), "value"] >= 0.9
    assert table.loc[("all", "site_score"), "p"] == 0.01
    # Every site is the middle of its planted motif, on its strand.
    with open_genome(tmp_path / "a" / "contigs.fa") as genome:
        for read_feature in read_features(tmp_path / "a" / "sites.bed"):
            reverse = read_feature.strand == "-"
            first = read_feature.start - (4 if reverse else 3)
            bases = genome.fetch("contig1", first, first + 8)
            bases = reverse_complement(bases) if reverse else bases
            assert decode(bases) == MOTIF
    written = json.loads(output.metrics.read_text())
    assert written["scan"]["contigs"]["value"] == 1
    at_sites = written["all"]["site_score"]
    assert at_sites["value"] > at_sites["null_high"] > at_sites["null_mean"]
    assert at_sites["p"] == 0.01
    scores = read_table(output.score).set_index("metric")
    assert scores.loc["peak_recall", "value"] >= 0.9
    assert scores["target"].unique().tolist() == ["site"]
    assert scores["better"].unique().tolist() == ["higher"]
    for figure in (output.region_figure, output.profile_figure):
        assert figure.stat().st_size < 100_000


def test_a_negative_control_has_the_same_table_and_scores_alone(tmp_path):
    whole = run(tmp_path / "whole", **SMALL)
    control = run(tmp_path / "control", **SMALL, control=True)
    for name in ("table", "score"):
        assert getattr(control, name).read_bytes() == getattr(whole, name).read_bytes()
    names = {path.name for path in (tmp_path / "control").iterdir()}
    assert not {"region.svg", "peaks.tsv", "forward.bw", "null.tsv"} & names


def small_genome(folder):
    """Four contigs, one of them shorter than a window and one as long as it."""
    path = folder / "genome.fa"
    lengths = {"one": 1501, "short": 30, "two": 40, "three": 700}
    path.write_text(
        "".join(
            f">{name}\n{decode(random_index(length, length))}\n"
            for name, length in lengths.items()
        )
    )
    return path


def test_the_number_of_jobs_changes_no_byte(tmp_path, monkeypatch):
    monkeypatch.setattr(scan_windows, "TILE", 512)
    options = {"genome": small_genome(tmp_path), "stride": 3, "shifts": 20}
    one = run(tmp_path / "one", **options)
    three = run(tmp_path / "three", **options, chunks=3)
    for name in ("table", "positions", "peaks", "region_figure"):
        left, right = (getattr(item, name).read_bytes() for item in (one, three))
        assert left == right, name
    for left, right in zip(one.raw_bigwig, three.raw_bigwig, strict=True):
        assert left.read_bytes() == right.read_bytes()
    assert read_table(one.score).empty
    assert read_table(one.table).set_index("metric").loc["contigs", "value"] == 4


@pytest.mark.parametrize("chunks", [2, 40])
def test_chunks_join_to_the_bytes_of_the_whole(tmp_path, chunks, monkeypatch):
    monkeypatch.setattr(scan_windows, "TILE", 512)
    genome, (model, _) = small_genome(tmp_path), detector()
    scan, predictor = SharedScan(model, WIDTH, 3, 170), predictor_of(model)
    params = settings(genome=str(genome), stride=3)
    with open_genome(genome) as contigs:
        tiles = all_tiles(Layout(WIDTH, 3), contigs.lengths)
        parts = [
            scan_tiles(
                scan, predictor, contigs, items_of_chunk(tiles, number, item), 0, params
            )
            for item in (1, chunks)
            for number in range(item)
        ]
    assert len(tiles) > 4
    assert parts[0].tobytes() == np.concatenate(parts[1:]).tobytes()


def test_values_stand_at_the_anchors_of_both_strands(tmp_path):
    """The motif once on each strand: its windows, and no others, are positive."""
    text = np.array(list("G" * 300))
    text[100:108] = list(MOTIF)
    text[200:208] = list(decode(reverse_complement(encode(MOTIF))))
    text[250] = "N"
    genome = tmp_path / "genome.fa"
    genome.write_text(">c\n" + "".join(text) + "\n")
    output = run(
        tmp_path / "a", genome=genome, stride=1, anchor=5, smoothing="none", shifts=20
    )
    with gzip.open(output.positions, "rt") as file:
        table = pd.read_csv(file, sep="\t")
    likely = table[table["raw"] > 0]
    spans = likely.groupby("track")["position"].agg(["min", "max"])
    # Forward windows start at 68-100, so their anchors are at 73-105. Reverse windows
    # start at 168-200 and have their anchors at start + 39 - 5 = 202-234.
    assert spans.loc["forward"].tolist() == [73, 105]
    assert spans.loc["reverse"].tolist() == [202, 234]
    # No window with the unknown base at 250 has a value: starts 211-250.
    empty = table[table["raw"].isna() & (table["track"] == "forward")]
    assert empty["position"].tolist() == list(range(216, 256))


# -- from Python --------------------------------------------------------------------


@pytest.mark.parametrize("strands", ["separate", "max"])
def test_from_python_a_scan_is_the_workflow_s(tmp_path, strands):
    genome = small_genome(tmp_path)
    output = run(tmp_path / "a", genome=genome, stride=3, shifts=20, strands=strands)
    model = proofread.load_network(tmp_path / "a/model.ckpt")
    scan = proofread.long_sequence_scan(model, genome, stride=3, strands=strands)
    assert scan.lengths == {"one": 1501, "short": 30, "two": 40, "three": 700}
    names = list(dict.fromkeys(track.name for track in scan.tracks))
    files = zip(names, output.bigwig, output.raw_bigwig, strict=True)
    for name, smoothed, raw in files:
        for values, expected in (("smoothed", smoothed), ("raw", raw)):
            scan.write_bigwig(tmp_path / "s.bw", strand=name, values=values)
            assert (tmp_path / "s.bw").read_bytes() == expected.read_bytes()
    by_track = {(track.contig, track.name): track for track in scan.tracks}
    assert len(by_track[("short", names[0])]) == 0
    with gzip.open(output.positions, "rt") as file:
        table = pd.read_csv(file, sep="\t")
    for (contig, name), rows in table.groupby(["contig", "track"]):
        track = by_track[(contig, name)]
        assert track.position.tolist() == rows["position"].tolist()


@pytest.mark.parametrize("form", ["dict", "list", "index", "file"])
def test_from_python_values_stand_at_the_anchors(tmp_path, form):
    """As in the workflow: the windows with the motif, and no value beside an N."""
    text = "G" * 100 + MOTIF + "G" * 142 + "N" + "G" * 49
    (tmp_path / "c.fa").write_text(f">c\n{text}\n")
    sequences = {
        "dict": {"c": text},
        "list": [text],
        "index": {"c": encode(text)},
        "file": tmp_path / "c.fa",
    }[form]
    model, _ = detector()
    scan = proofread.long_sequence_scan(
        model, sequences, stride=1, anchor=5, smoothing="none", strands="forward"
    )
    (track,) = scan.tracks
    assert track.contig == ("0" if form == "list" else "c")
    # Windows that hold the motif start at 68-100; those with the N, at 211-250.
    assert track.position[track.raw > 0].tolist() == list(range(73, 106))
    assert track.position[np.isnan(track.raw)].tolist() == list(range(216, 256))
    np.testing.assert_array_equal(track.raw, track.smoothed)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": torch.nn.Flatten()}, "no attribute 'length'"),
        ({"anchor": 40}, "a number from 0 to 39"),
        ({"stride": 0}, "at least 1"),
        ({"strands": "both"}, "separate, max, forward"),
        ({"target": 1}, "0 (site)"),
        ({"sequences": ["ACGT", "AC-T"]}, "record 1"),
        ({"sequences": {}}, "pass some sequences"),
        ({"sequences": {"a": np.ones((4, 9))}}, "shape (4, 9)"),
        ({"sequences": {"a": np.full(9, -1)}}, "whole numbers (length,) of 0-4"),
        ({"sequences": 3}, "pass the path of a file, or strings"),
        ({"sequences": "none.fa"}, "none.fa"),
    ],
)
def test_from_python_mistakes_are_named(changes, said):
    model, _ = detector()
    arguments = {"model": model, "sequences": [MOTIF * 9]} | changes
    with pytest.raises(InputError) as error:
        proofread.long_sequence_scan(**arguments)
    assert said in str(error.value)


def test_a_bigwig_is_of_a_strand_that_was_scanned(tmp_path):
    model, _ = detector()
    scan = proofread.long_sequence_scan(model, [MOTIF * 9], strands="max")
    with pytest.raises(InputError, match="one of both"):
        scan.write_bigwig(tmp_path / "s.bw")


def test_one_track_of_both_strands_and_no_sites(tmp_path):
    genome = tmp_path / "genome.fa"
    genome.write_text(">c\n" + decode(random_index(500)) + "\n")
    output = run(tmp_path / "a", genome=genome, strands="max", shifts=20)
    assert set(read_table(output.table)["sites"]) == {"scan"}
    assert read_table(output.score).empty
    # Empty tables keep their header.
    assert read_table(output.null).columns[0] == "window_auroc"
    assert read_table(output.profile).columns[0] == "offset"
    assert output.profile_figure.exists()
    # Tables without rows have a header.
    assert "site_score" in read_table(output.null).columns
    assert "offset" in read_table(output.profile).columns


def test_the_figure_of_a_scan_without_sites_says_that_none_were_given():
    table, shifted, agreement = compare_all(
        [], [], None, {}, None, layout=None, tolerance=1
    )
    around = profile_around(agreement, table, 8)
    figure = draw_profile(around, shifted, table, unit="logit")
    assert [text.get_text() for text in figure.axes[0].texts] == [
        "No sites were given."
    ]


def test_counts_in_the_metrics_are_whole_numbers(tmp_path):
    rows = [("scan", "bases", 1234712, np.nan), ("all", "window_auroc", 1.0, 1234712.0)]
    table = pd.DataFrame(rows, columns=["sites", "metric", "value", "n"])
    write_metrics(tmp_path / "metrics.json", table)
    text = (tmp_path / "metrics.json").read_text()
    assert json.loads(text) == {
        "scan": {"bases": {"value": 1234712}},
        "all": {"window_auroc": {"value": 1.0, "n": 1234712}},
    }
    assert text.count("1234712\n") == 2


def test_faithful_mode(tmp_path):
    genome, genes = tmp_path / "genome.fa", tmp_path / "genes.gff"
    genome.write_text(">c1\n" + decode(random_index(1020)) + "\n")
    genes.write_text(GFF)
    output = run(
        *(tmp_path / "a", None, genome, genes, genes), faithful=True, shifts=20
    )
    with gzip.open(output.positions, "rt") as file:
        table = pd.read_csv(file, sep="\t")
    assert table["position"].tolist() == list(range(50, 1001, 50))
    assert ((table["raw"] == 0) | (table["raw"] > 0.5)).all()


def test_the_same_configuration_gives_the_same_bytes(tmp_path):
    one, two = (run(tmp_path / name, **SMALL) for name in ("one", "two"))
    for name in ("table", "positions", "peaks", "null", "region_figure"):
        assert getattr(one, name).read_bytes() == getattr(two, name).read_bytes(), name
    values = read_values(tmp_path / "one" / "0.h5")["logits"]
    assert values.shape == (Layout(WIDTH, 8).count(4000), 2)


def test_contigs_of_a_user_s_own_sequences_have_sites_at_the_anchor(tmp_path):
    dataset = planted()
    dataset.truth, dataset.motifs = empty_truth(), {}
    dataset.index[:, -5:] = 4  # shorter sequences: padding is not planted
    dataset.length[:] = WIDTH - 5
    output = run(tmp_path / "a", dataset, **SMALL, anchor=0)
    text = (tmp_path / "a" / "contigs.fa").read_text()
    assert "N" not in text
    assert metrics(output).loc[("all", "peak_recall"), "n"] > 0


def test_a_site_is_of_the_motifs_of_its_own_target():
    dataset = planted(n=2)
    rows = [(0, "M", 4, 12, "+", "causal", MOTIF), (0, "K", 30, 36, "+", "causal", "A")]
    dataset.truth = pd.DataFrame(rows, columns=list(TRUTH_COLUMNS))
    dataset.truth = dataset.truth.astype(TRUTH_COLUMNS)
    dataset.motifs = {"M": np.full((8, 4), 0.25), "K": np.full((6, 4), 0.25)}
    expressions = {"m": "M", "k": "K", "mk": {"all": ["M", "K"]}, "no": {"not": "K"}}
    motifs = ["M", "K", "L"]
    targets = {**expressions, "l": "L"}
    dataset.settings = {"rule": "logic", "targets": targets, "motifs": motifs}
    site_in = contigs.site_in
    # Middles of 4-11, of 30-35 and of 4-35; the anchor where the row has no such motif.
    expected = {"m": 7, "k": 32, "mk": 19, "no": 32, "l": 20}
    assert {name: site_in(dataset, 0, 20, name) for name in expected} == expected
    # Without expressions every causal motif counts.
    dataset.settings = {}
    assert site_in(dataset, 0, 20, "m") == 19


@pytest.mark.parametrize("faithful", [False, True])
def test_captions_say_what_the_tracks_hold(faithful):
    from jinja2 import Template

    for name in ("", "_region"):
        text = (ROOT / f"workflow/report/long_sequence_scan{name}.rst").read_text()
        shown = Template(text).render(
            snakemake={
                "params": vars(settings(faithful=faithful)),
                "wildcards": {"dataset": "d"},
                "config": {"datasets": {"d": {}}},
            }
        )
        assert ("logit" in shown) != faithful
        assert "probability" in shown


def test_memory_does_not_grow_with_the_sequences(tmp_path, monkeypatch):
    monkeypatch.setattr(on_disk, "BLOCK", 1_000_000)
    n, length = 4_000, 2_000
    few = planted(n=2)
    dataset = Dataset(
        index=np.random.default_rng(0).integers(0, 4, (n, length)).astype(np.uint8),
        length=np.full(n, length),
        name=[str(row) for row in range(n)],
        label=np.zeros((n, 1), dtype=np.float32),
        target=["site"],
        group=[""] * n,
        stratum=["negative"] * n,
        truth=few.truth[:0],
    )
    write_dataset(tmp_path / "d.h5", dataset)
    rows = np.arange(n)
    parts = {"train": rows[: n - 2], "validation": rows[-2:-1], "test": rows[-1:]}
    write_splits(tmp_path / "s.h5", parts)
    text = "".join(decode(dataset.index[row]) for row in (5, n - 2, n - 1))
    (tmp_path / "g.fa").write_text(f">c\n{text}\n")
    sites = {"c": made_sites((100, "+"), (2100, "+"), (4100, "+"))}
    paths = (tmp_path / "d.h5", tmp_path / "s.h5")
    with open_genome(tmp_path / "g.fa") as genome:
        tracemalloc.start()
        try:
            result = fitted_sites(sites, genome, *paths, 100, length)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert result["c"].tolist() == [True, True, False]
    # The sequences are 8 MB, as an array and as a set of bytes; a block is 1 MB, and
    # twice that while the next one is read; names and lengths are less than 1 MB.
    assert most < 4_000_000


def test_no_positive_sequence_to_plant(tmp_path):
    dataset = planted()
    dataset.label[:] = 0
    output = run(tmp_path / "a", dataset, **SMALL)
    assert metrics(output).loc[("scan", "contigs"), "value"] == 1


def test_sites_that_were_trained_on_are_known(tmp_path):
    dataset = planted()
    write_dataset(tmp_path / "dataset.h5", dataset)
    rows = np.arange(len(dataset))
    parts = {"train": rows[:2], "validation": rows[2:3], "test": rows[3:]}
    write_splits(tmp_path / "splits.h5", parts)
    pieces = [dataset.index[0], reverse_complement(dataset.index[2]), dataset.index[4]]
    (tmp_path / "g.fa").write_text(">c\n" + "".join(map(decode, pieces)) + "\n")
    # Anchor 10: at 10 of the first, 39 - 10 of the second (reverse), 10 of the third.
    sites = {"c": made_sites((10, "+"), (40 + 29, "-"), (80 + 10, "+"), (2, "+"))}
    with open_genome(tmp_path / "g.fa") as genome:
        result = fitted_sites(
            *(sites, genome, tmp_path / "dataset.h5", tmp_path / "splits.h5", 10, WIDTH)
        )
    assert result["c"].tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"targets": ["sit"]}, "methods.long_sequence_scan.targets"),
        ({"anchor": 40}, "methods.long_sequence_scan.anchor"),
        ({"region": "d:1-100"}, "methods.long_sequence_scan.region"),
    ],
)
def test_mistakes_in_the_settings(tmp_path, changed, where):
    with pytest.raises(InputError) as caught:
        run(tmp_path / "a", **SMALL, **changed)
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("genome.fa", b"", "genome.fa: an empty file"),
        ("genome.fa", b"LOCUS       X1  6 bp  DNA\n", "genome.fa: a GenBank file"),
        (
            "genome.fa",
            gzip.compress(b"LOCUS  X1\n", mtime=0),
            "genome.fa: a GenBank file",
        ),
        ("genome.fa", b"ACGT\n", "genome.fa: 'ACGT\\n'"),
        (
            "genome.fa",
            b"\xef\xbb\xbf>c\nACGT\n",
            "genome.fa: a byte-order mark before '>'",
        ),
        (
            "sites.txt",
            b"c\t1\t2\n",
            "sites.txt: a name without the ending of a format of intervals",
        ),
    ],
)
def test_a_file_of_another_format_is_noticed_at_the_start(
    tmp_path, monkeypatch, name, content, found
):
    monkeypatch.chdir(tmp_path)
    Path("genome.fa").write_text(">c\nACGT\n")
    Path("sites.bed").write_text("c\t1\t2\n")
    Path(name).write_bytes(content)
    more = {"genome": "genome.fa", "sites": "sites.bed"} | {name.split(".")[0]: name}
    for settings_, key in (
        (more, "methods.long_sequence_scan."),
        ({"genomes": {"other": more}}, "methods.long_sequence_scan.genomes.other."),
    ):
        config = {
            "analyses": ["long_sequence_scan"],
            "datasets": {"a": {"source": "simulate", "rule": "gc"}},
            "models": {"m": {"architecture": "eraslan2019"}},
            "methods": {"long_sequence_scan": settings_},
        }
        with pytest.raises(InputError) as caught:
            check_configuration(config, ROOT / "workflow/schemas")
        assert caught.value.where.endswith(key + name.split(".")[0])
        assert caught.value.found == found


def test_the_site_of_a_peak_is_its_summit(tmp_path):
    path = tmp_path / "a.narrowPeak"
    path.write_text(
        "c\t100\t200\tp\t0\t.\t1\t2\t3\t26\nc\t300\t400\tp\t0\t.\t1\t2\t3\t-1\n"
    )
    # 100 + 26, and the middle where no summit was called.
    assert [feature.site() for feature in read_features(path)] == [126, 349]


def test_a_file_that_is_missing_is_noticed_at_the_start():
    config = {
        "analyses": ["long_sequence_scan"],
        "datasets": {"a": {"source": "simulate", "rule": "gc"}},
        "models": {"m": {"architecture": "eraslan2019"}},
        "methods": {"long_sequence_scan": {"genome": "absent.fa"}},
    }
    with pytest.raises(InputError) as caught:
        check_configuration(config, ROOT / "workflow/schemas")
    assert caught.value.where.endswith(": methods.long_sequence_scan.genome")
    assert caught.value.found == "'absent.fa' is not a file"
    config["downloads"] = {
        "absent.fa": {"url": "https://example.org/absent.fa", "sha256": "a" * 64}
    }
    config["methods"]["long_sequence_scan"]["genome"] = "resources/data/absent.fa"
    check_configuration(config, ROOT / "workflow/schemas")


def test_the_promoters_are_placed_by_the_tool(data_folder, capsys):
    ecoli_tss.main(
        data_folder / "ecoli_promoters_81bp/positive2860.raw.txt",
        data_folder / "ecoli_mg1655_genome/GCF_000005845.2_ASM584v2_genomic.fna.gz",
    )
    expected = (ROOT / "resources/ecoli_tss.bed").read_text()
    assert capsys.readouterr().out == expected
    # All but the few that stand in several places, as others have placed them.
    other = (data_folder / "ecoli_promoters_81bp/tss.bed").read_text().splitlines()
    chosen = [
        {tuple(np.array(line.split("\t"))[[1, 2, 5]]) for line in lines}
        for lines in (expected.splitlines(), other)
    ]
    assert len(chosen[0] & chosen[1]) >= 2850
