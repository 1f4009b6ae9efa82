"""A scan of outputs that are numbers, and its comparison with a measured signal."""

import gzip
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyBigWig
import pytest
import torch
from jinja2 import Template
from scipy.stats import spearmanr

import long_sequence_scan
import long_sequence_scan_chunk
import long_sequence_scan_contigs
import proofread
from proofread.configuration.binary_only import check_row
from proofread.configuration.check import check_configuration
from proofread.configuration.schema import check, read_schema
from proofread.datasets.dataset import (
    OPTIONAL_TRUTH_COLUMNS,
    TRUTH_COLUMNS,
    Dataset,
    empty_truth,
    write_dataset,
    write_splits,
)
from proofread.dna.encoding import decode, encode, one_hot, reverse_complement
from proofread.errors import InputError
from proofread.files import signal as signal_files
from proofread.files.features import read_features
from proofread.files.genome import open_genome
from proofread.files.signal import Entries, check_signal, open_signal
from proofread.methods.long_sequence_scan.agreement import Null
from proofread.methods.long_sequence_scan.contigs import site_in, with_site
from proofread.methods.long_sequence_scan.figures import draw_signal
from proofread.methods.long_sequence_scan.peaks import (
    fraction_of_peaks,
    level_of_peaks,
)
from proofread.methods.long_sequence_scan.signal import (
    Pair,
    compare_signal,
    correlations,
    signal_along,
    signal_scores,
)
from proofread.methods.long_sequence_scan.tracks import Track
from proofread.models.checkpoint import build_model, save_model
from proofread.models.output_scale import OutputScale, set_scale
from proofread.report.sections import long_sequence_scan as section
from proofread.statistics.transforms import Transform
from proofread.statistics.units import output_name
from proofread.tables import read_table, read_values

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = "workflow/schemas/methods/long_sequence_scan.schema.yaml"
MOTIF = "ACGTTGCA"
WIDTH = 40
NAN = np.nan
TRUTH = TRUTH_COLUMNS | OPTIONAL_TRUTH_COLUMNS


def settings(**changed):
    """The method's settings, complete."""
    return SimpleNamespace(
        device="cpu", **check(changed, read_schema(ROOT / SCHEMA), "config")
    )


def track(values, name="forward", contig="c", length=None):
    values = np.asarray(values, dtype=np.float64)
    position = 10 * np.arange(len(values))
    length = 10 * len(values) if length is None else length
    return Track(name, contig, length, position, values, values)


def entries(*rows):
    start, end, value = (np.array(column) for column in zip(*rows, strict=True))
    return Entries(start, end, value.astype(np.float64))


# -- the signal -----------------------------------------------------------------------


def test_means_of_a_signal_by_hand():
    # 1 1 . . 3 3 3 3
    signal = entries((0, 2, 1), (4, 8, 3))
    first, last = np.array([0, 1, 2, 3, 7]), np.array([4, 6, 4, 5, 10])
    zero = signal.means(first, last, gaps="zero")
    assert zero.tolist() == pytest.approx([2 / 4, 7 / 5, 0, 3 / 2, 3 / 3])
    missing = signal.means(first, last, gaps="missing")
    np.testing.assert_allclose(missing, [1, 7 / 3, NAN, 3, 3])
    none = Entries(*(np.empty(0),) * 3)
    assert none.means(first, last, gaps="zero").tolist() == [0] * 5
    assert np.isnan(none.means(first, last, gaps="missing")).all()


def test_a_value_is_compared_with_the_signal_around_its_position():
    # Of 5 bases around 10, 8 to 12 have the signal 0 0 1 1 1; at the ends there are
    # fewer: of 0 the bases 0 to 2, of 19 the bases 17 to 19.
    signal = entries((10, 18, 1))
    position = np.array([0, 10, 19])
    mean = signal_along(signal, position, 5, 20, gaps="zero")
    assert mean.tolist() == pytest.approx([0, 3 / 5, 1 / 3])


BEDGRAPH = """track type=bedGraph name="x"
browser position c:1-9
# contig, start, end, value
c\t4\t8\t-3
c 0 2 1e0
d\t5\t6\tnan
d\t7\t9\t2.5
e\t0\t3\tnan
"""


@pytest.mark.parametrize("name", ["s.bedGraph", "s.bdg", "s.bg.gz"])
def test_bedgraph_is_read(tmp_path, name):
    content = BEDGRAPH.encode()
    packed = name.endswith(".gz")
    (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)
    with open_signal(tmp_path / name) as signal:
        assert signal.lengths == {"c": 8, "d": 9}
        first = signal.entries("c")
        assert (first.start.tolist(), first.end.tolist()) == ([0, 4], [2, 8])
        assert first.value.tolist() == [1, -3]
        assert signal.entries("d").start.tolist() == [7]  # NaN is a gap


def test_bigwig_is_read_as_bedgraph_is(tmp_path, monkeypatch):
    monkeypatch.setattr(signal_files, "_PIECE", 3)  # entries cross the pieces' edges
    file = pyBigWig.open(str(tmp_path / "s.bw"), "w")
    file.addHeader([("c", 20), ("d", 5)])
    file.addEntries(["c", "c"], [0, 4], ends=[2, 12], values=[1.0, 3.0])
    file.close()
    first, last = np.array([0, 1, 3, 12]), np.array([20, 5, 7, 20])
    with open_signal(tmp_path / "s.bw") as signal:
        assert signal.lengths == {"c": 20, "d": 5}
        mean = signal.entries("c").means(first, last, gaps="zero")
        assert len(signal.entries("d").start) == 0
    # 2 x 1 + 8 x 3 = 26 of 20 bases; 1 + 3 of 4; 3 x 3 of 4.
    assert mean.tolist() == pytest.approx([26 / 20, 4 / 4, 9 / 4, 0])


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("c\t1\t2\n", "s.bg, line 1", "3 columns"),
        ("c\t0\t1\t1\nc\t1\tx\t1\n", "s.bg, line 2", "'c\\t1\\tx\\t1'"),
        ("c\t5\t5\t1\n", "s.bg, line 1", "the interval 5 to 5"),
        ("c\t0\t1\tinf\n", "s.bg, contig c", "an infinite value at 0"),
        ("c\t0\t9\t1\nc\t8\t9\t1\n", "s.bg, contig c", "two values of the base 8"),
        ("# nothing\n", "s.bg", "no entry"),
        ("c\t0\t1\tnan\n", "s.bg", "no entry"),
        ("c\t0\t99\t1\n", "s.bg, contig c", "an entry that ends at 99"),
        ("chrc\t0\t9\t1\n", "s.bg", "the contig 'chrc'"),
    ],
)
def test_mistakes_in_a_signal(tmp_path, monkeypatch, text, where, found):
    monkeypatch.chdir(tmp_path)
    Path("s.bg").write_text(text)
    Path("g.fa").write_text(f">c\n{'A' * 20}\n")
    with open_genome("g.fa") as genome, pytest.raises(InputError) as caught:
        check_signal("s.bg", genome.lengths, genome.check_contig)
    assert caught.value.where == where
    assert caught.value.found.startswith(found)


def test_a_bigwig_of_another_assembly_or_format_is_refused(tmp_path):
    file = pyBigWig.open(str(tmp_path / "s.bw"), "w")
    file.addHeader([("c", 21)])
    file.addEntries(["c"], [0], ends=[2], values=[1.0])
    file.close()
    with pytest.raises(InputError) as caught:
        check_signal(tmp_path / "s.bw", {"c": 20}, None)
    assert caught.value.found == "21 bp"
    (tmp_path / "t.bw").write_text("c\t0\t1\t1\n")
    with pytest.raises(InputError) as caught:
        check_signal(tmp_path / "t.bw", {"c": 20}, None)
    assert caught.value.expected == "bigWig"


# -- correlations and their null ------------------------------------------------------


def brute(pairs, shifts, *, ranked):
    """The same correlations, shift by shift."""
    first = [pair.track.raw for pair in pairs]
    second = [pair.signal for pair in pairs]
    if ranked:
        first, second = map(ranks, (first, second))
    values = []
    for moved in zip(*shifts, strict=True):
        one = np.concatenate(first)
        other = np.concatenate(
            [np.roll(part, by) for part, by in zip(second, moved, strict=True)]
        )
        known = ~np.isnan(one) & ~np.isnan(other)
        values.append(np.corrcoef(one[known], other[known])[0, 1])
    return values


def ranks(parts):
    whole = pd.Series(np.concatenate(parts)).rank().to_numpy()
    return np.split(whole, np.cumsum([len(part) for part in parts])[:-1])


@pytest.mark.parametrize("ranked", [False, True])
@pytest.mark.parametrize("gaps", [False, True])
def test_every_shift_is_what_a_roll_gives(ranked, gaps):
    rng = np.random.default_rng(3)
    pairs = []
    for contig, n in (("a", 31), ("b", 12)):
        values, signal = rng.normal(5, 2, n), rng.integers(0, 4, n) * 1e6
        if gaps:
            values[2], signal[n // 2 :: 5] = NAN, NAN
        pairs.append(Pair(track(values, contig=contig), signal))
    shifts = np.array([[0, 1, 7, 30], [0, 11, 3, 5]])
    value, moved, n = correlations(pairs, shifts, ranked=ranked)
    expected = brute(pairs, shifts, ranked=ranked)
    np.testing.assert_allclose(moved, expected, atol=1e-9)
    assert value == pytest.approx(expected[0])
    both = [~np.isnan(pair.track.raw) & ~np.isnan(pair.signal) for pair in pairs]
    assert n == np.concatenate(both).sum()


def test_correlations_by_hand():
    # The squares of 1 to 4 have the same ranks. Deviations -1.5 -.5 .5 1.5 and
    # -6.5 -3.5 1.5 8.5: 25 / sqrt(5 * 129).
    pair = Pair(track([1, 2, 3, 4]), np.array([1.0, 4, 9, 16]))
    none = np.zeros((1, 0), dtype=int)
    value, _, n = correlations([pair], none, ranked=False)
    assert (value, n) == (pytest.approx(25 / np.sqrt(5 * 129)), 4)
    assert correlations([pair], none, ranked=True)[0] == pytest.approx(1)
    constant = Pair(track([1, 2, 3, 4]), np.full(4, 7.0))
    assert np.isnan(correlations([constant], none, ranked=False)[0])


def test_spearmans_correlation_ranks_the_windows_with_both_values():
    # Pairs (1, 2), (3, 1), (4, 3): ranks 1 2 3 and 2 1 3, 1 - 6 x 2 / (3 x 8).
    pair = Pair(track([1, 2, 3, 4, NAN]), np.array([2.0, NAN, 1, 3, 9]))
    table, _ = compare_signal([pair], Null(20, 3, 1))
    row = table.set_index("metric").loc["signal_spearman"]
    assert (row["value"], row["n"]) == (pytest.approx(0.5), 3)
    rng = np.random.default_rng(4)
    values = rng.integers(0, 9, (2, 90)) + rng.integers(0, 9, 90).astype(float)
    values[0, :20], values[1, 15:50] = NAN, NAN
    pairs = [
        Pair(track(values[0, part], contig=name), values[1, part])
        for name, part in (("a", slice(0, 60)), ("b", slice(60, 90)))
    ]
    table, _ = compare_signal(pairs, Null(20, 4, 1))
    table = table[table["metric"] == "signal_spearman"].set_index("contig")
    for name, part in (("", slice(0, 90)), ("a", slice(0, 60)), ("b", slice(60, 90))):
        expected = spearmanr(*values[:, part], nan_policy="omit").statistic
        assert table.loc[name, "value"] == pytest.approx(expected)


def test_the_null_is_of_shifts_by_a_window_at_least_within_each_contig():
    # The signal is the track, which is 1 at one window and else 0: only a shift of 0
    # would give a correlation of 1, and all others give the same.
    values = np.eye(20)[3]
    pairs = [Pair(track(values, contig=name), values) for name in ("a", "b")]
    pairs.append(Pair(track(values[:7], contig="short"), values[:7]))
    table, shifted = compare_signal(pairs, Null(99, 4, 1))
    assert table["contig"].unique().tolist() == ["", "a", "b"]
    whole = table[table["contig"] == ""].set_index("metric")
    for metric in ("signal_pearson", "signal_spearman"):
        row = whole.loc[metric]
        assert (row["value"], row["n"]) == (pytest.approx(1), 40)
        assert row["p"] == pytest.approx(1 / 100)
        # Two ones among 40: -(1/20)^2 / (1/20 * 19/20).
        assert shifted["forward", metric] == pytest.approx([-1 / 19] * 99)
        assert [row["null_low"], row["null_high"]] == pytest.approx([-1 / 19] * 2)
    scores = signal_scores(table, "t")
    assert [(score.metric, score.variant, score.target) for score in scores] == [
        ("signal_pearson", "forward", "t"),
        ("signal_spearman", "forward", "t"),
    ]


def test_contigs_that_are_all_short_have_numbers_without_a_null():
    values = np.arange(5.0)
    table, shifted = compare_signal([Pair(track(values), values)], Null(99, 4, 1))
    assert table["value"].tolist() == pytest.approx([1, 1])
    assert table["p"].isna().all()
    figure = draw_signal([Pair(track(values), values)], shifted, table, unit="output")
    assert "no contig has room" in figure.axes[1].get_title(loc="left")
    empty, shifted = compare_signal([], Null(99, 4, 1))
    figure = draw_signal([], shifted, empty, unit="output")
    assert "none was given" in figure.axes[0].texts[0].get_text()


def test_neighbours_that_are_alike_make_no_finding():
    """Smooth signals without relation: p is at most 0.05 in about one of twenty."""
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(100):
        first, second = (
            np.convolve(rng.normal(size=200), np.ones(9), "same") for _ in "ab"
        )
        table, _ = compare_signal([Pair(track(first), second)], Null(99, 10, 1))
        found += table["p"].iloc[0] <= 0.05
    # 12 or more of 100 have a probability of 0.004.
    assert found < 12


# -- peaks and contigs of quantities --------------------------------------------------


def test_a_peak_reaches_a_quantile_of_all_windows(caplog):
    caplog.set_level("INFO")
    tracks = [track(np.arange(51.0)), track([*np.arange(51.0, 101), NAN])]
    params = settings(peak_quantile=0.9)
    assert level_of_peaks(tracks, params, "output (log1p)") == 90
    assert "probability_threshold is not used" in caplog.text
    assert "peak_quantile is not used" not in caplog.text
    assert level_of_peaks([], params, "output") == 0
    # Of logits it stays that of the probability: ln(0.9 / 0.1).
    assert level_of_peaks(tracks, params, "logit") == pytest.approx(np.log(9))
    assert "peak_quantile is not used" in caplog.text


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        *(("logit", "logit"), ("user", "output"), ("log1p", "output (log1p)")),
        *(("log rate", "output (log rate)"), ("rank_normal", "output (rank normal)")),
    ],
)
def test_an_output_is_named_by_its_unit(unit, name):
    assert output_name(unit) == name


def test_the_score_of_a_peak_is_its_height_above_the_level():
    peaks = pd.DataFrame({"height": [90.0, 92, 94]})
    assert fraction_of_peaks(peaks, 90, "output").tolist() == [0, 0.5, 1]
    assert fraction_of_peaks(peaks[:1], 90, "output").tolist() == [1]
    assert fraction_of_peaks(peaks[:0], 90, "output").tolist() == []


def numbers(label, rows=(), *, quantitative=True):
    """Sequences of 40 bases; rows are sequence, motif, start and effect."""
    n = len(label)
    index = np.random.default_rng(1).integers(0, 4, (n, WIDTH)).astype(np.uint8)
    truth = [
        (sequence, motif, start, start + 8, "+", "causal", MOTIF, effect)
        for sequence, motif, start, effect in rows
    ]
    for sequence, _, start, _ in rows:
        index[sequence, start : start + 8] = encode(MOTIF)
    names = [f"s{row}" for row in range(n)]
    return Dataset(
        index=index,
        length=np.full(n, WIDTH),
        name=names,
        label=np.asarray(label, dtype=np.float32).reshape(n, -1),
        target=["site", "other"][: np.size(label) // n],
        group=names,
        stratum=["quantile_1"] * n,
        truth=pd.DataFrame(truth, columns=list(TRUTH)).astype(TRUTH)
        if rows
        else empty_truth(),
        motifs={"M": np.full((8, 4), 0.25)} if rows else {},
        settings={"target_type": "quantitative"} if quantitative else {},
    )


def test_sites_are_where_planted_effects_raise_the_value():
    rows = [
        *((0, "M", 2, 1.0), (0, "M", 20, -0.4)),  # raised by 0.6
        *((1, "M", 2, 0.5), (1, "M", 20, -0.5)),  # by nothing
        (2, "M", 2, -1.0),
        (3, "M", 2, 0.0),
    ]
    # The measured values, with their noise, say nothing of it.
    dataset = numbers([-9, 9, 9, 9, 9], rows)
    site, other = with_site(dataset, 0)
    assert site.tolist() == [True, False, False, False, False]
    assert other.tolist() == [False, True, True, True, True]
    # Bases 2 to 27 hold effective instances; without any the anchor is the site.
    assert site_in(dataset, 0, 30, "site") == (2 + 27) // 2
    assert site_in(dataset, 3, 30, "site") == 30


def test_without_a_truth_sites_are_in_values_above_the_median():
    dataset = numbers([[3, NAN], [NAN, NAN], [1, 5], [2, NAN]])
    site, other = with_site(dataset, 0)
    assert site.tolist() == [True, False, False, False]
    assert other.tolist() == [False, False, True, True]  # a missing value is neither
    site, other = with_site(dataset, 1)
    assert not site.any() and other.tolist() == [False, False, True, False]


def test_of_classes_positives_hold_a_site_and_a_missing_label_is_neither():
    dataset = numbers([1, 0, NAN], quantitative=False)
    site, other = with_site(dataset, 0)
    assert site.tolist() == [True, False, False]
    assert other.tolist() == [False, True, False]


# -- the scripts ----------------------------------------------------------------------


def detector(transform):
    """Raw 10 where `MOTIF` stands somewhere in 40 bases, else -10; the other target 0.

    With `standardize` 8 and -2 in the user's units; with `log1p` the raw numbers.
    """
    sizes = {"filters": 1, "filters2": 1, "width": 8, "width2": 1, "pool": 1}
    model = build_model("eraslan2019", sizes, WIDTH, ["site", "other"]).eval()
    with torch.no_grad():
        pattern = torch.from_numpy(one_hot(encode(MOTIF)[None]))
        model.convolution1.weight.copy_(pattern)
        model.convolution1.bias.fill_(-7.5)  # 0.5 at a match, else 0
        model.convolution2.weight.fill_(1)
        model.convolution2.bias.fill_(0)
        model.linear.weight[0], model.linear.weight[1] = 40.0, 0.0
        model.linear.bias.copy_(torch.tensor([-10.0, 0.0]))
    numbers_of = {
        "standardize": [{"mean": 3.0, "sd": 0.5}, {"mean": 0.0, "sd": 1.0}],
        "log1p": [{}, {}],
    }
    scale = OutputScale("mse", Transform(transform, numbers_of[transform]), [0.0, 0.0])
    set_scale(model, scale)
    return model, sizes


class Outputs(SimpleNamespace):
    """A rule's outputs, by name."""

    def keys(self):
        return vars(self).keys()


SCRIPTS = (long_sequence_scan_contigs, long_sequence_scan_chunk, long_sequence_scan)


def run(
    folder, dataset, *, genome=None, transform="standardize", control=False, **more
):
    """All three scripts, as the rules run them; returns the outputs."""
    folder.mkdir()
    given = {name: more.pop(name, None) for name in ("sites", "signal")}
    params = settings(genome=genome and str(genome), **more)
    model, sizes = detector(transform)
    save_model(folder / "model.ckpt", model, "eraslan2019", sizes)
    write_dataset(folder / "dataset.h5", dataset)
    rows = np.arange(len(dataset))
    parts = {"train": rows[:4], "validation": rows[4:6], "test": rows[6:]}
    write_splits(folder / "splits.h5", parts)
    inputs = SimpleNamespace(
        **{name: folder / name for name in ("model.ckpt", "dataset.h5", "splits.h5")},
        genome=genome,
        genes=None,
        **given,
    )
    inputs.model, inputs.dataset = folder / "model.ckpt", folder / "dataset.h5"
    inputs.splits = folder / "splits.h5"
    if genome is None:
        inputs.genome, inputs.sites = folder / "contigs.fa", folder / "sites.bed"
        output = SimpleNamespace(genome=inputs.genome, sites=inputs.sites)
        long_sequence_scan_contigs.main(
            SimpleNamespace(input=inputs, output=output, params=params)
        )
    inputs.chunks = [folder / "0.h5"]
    long_sequence_scan_chunk.main(
        SimpleNamespace(
            input=inputs,
            output=SimpleNamespace(values=inputs.chunks[0]),
            params=params,
            wildcards=SimpleNamespace(chunk="0"),
        )
    )
    names = {"table": "table.tsv", "score": "score.tsv"}
    if not control:
        names |= {"null": "null.tsv", "metrics": "metrics.json"}
        names |= {"positions": "positions.tsv.gz", "peaks": "peaks.bed"}
        names |= {"peak_table": "peaks.tsv", "profile": "profile.tsv"}
        names |= {"region_figure": "region.svg", "profile_figure": "profile.svg"}
    if given["signal"] and not control:
        names |= {"signal_table": "signal.tsv", "signal_figure": "signal.svg"}
    files = {key: folder / name for key, name in names.items()}
    if not control:
        strands = ("forward", "reverse")
        files["bedgraph"] = [folder / f"{name}.bedGraph" for name in strands]
        files["bigwig"] = [folder / f"{name}.bw" for name in strands]
        files["raw_bigwig"] = [folder / f"{name}_raw.bw" for name in strands]
    output = Outputs(**files)
    long_sequence_scan.main(SimpleNamespace(input=inputs, output=output, params=params))
    return output


@pytest.fixture(autouse=True)
def no_log_file(monkeypatch):
    """`start` takes over the process: its log, its warnings, its exceptions."""
    for script in SCRIPTS:
        monkeypatch.setattr(script, "start", lambda job: None)


SMALL = {"simulated": {"length": 4000, "positives": 20, "negatives": 10}, "shifts": 99}


def raised(n=60):
    """Every other sequence is raised by the motif; values are missing or misleading."""
    rows = [(row, "M", 3 + row % 20, 2.0) for row in range(0, n, 2)]
    label = np.stack([np.arange(n) % 7, np.full(n, NAN)], axis=1).astype(float)
    label[::5, 0] = NAN
    return numbers(label, rows)


def test_planted_sites_are_found_on_the_scale_of_the_output(tmp_path):
    output = run(tmp_path / "a", raised(), **SMALL, stride=2, tolerance=3)
    table = read_table(output.table).set_index(["sites", "metric"])
    sites = read_features(tmp_path / "a" / "sites.bed")
    assert len(sites) == 20
    # Anchors are at base 20 of a window, from either end: 20 to 3980, and 19 to 3979.
    first = [16 if site.strand == "-" else 17 for site in sites]
    reached = [
        low <= site.site() <= low + 3966 for site, low in zip(sites, first, strict=True)
    ]
    assert table.loc[("all", "site_score"), "n"] == sum(reached) >= 18
    # Every window over a site holds its motif: 3 + 0.5 * 10.
    assert table.loc[("all", "site_score"), "value"] == pytest.approx(8)
    assert table.loc[("all", "site_score"), "p"] == 0.01
    assert table.loc[("all", "window_auroc"), "value"] > 0.9
    values = read_values(tmp_path / "a" / "0.h5")
    assert list(values) == ["outputs"]
    assert set(np.unique(values["outputs"].round(4))) == {-2, 8}
    with open_genome(tmp_path / "a" / "contigs.fa") as genome:
        for site in sites:
            reverse = site.strand == "-"
            first = site.start - (4 if reverse else 3)
            bases = genome.fetch("contig1", first, first + 8)
            bases = reverse_complement(bases) if reverse else bases
            assert decode(bases) == MOTIF
    lines = output.peaks.read_text().splitlines()
    scores = [int(line.split("\t")[4]) for line in lines]
    assert min(scores) >= 0 and max(scores) == 1000
    control = run(
        tmp_path / "b", raised(), **SMALL, stride=2, tolerance=3, control=True
    )
    for name in ("table", "score"):
        assert getattr(control, name).read_bytes() == getattr(output, name).read_bytes()
    for name in ("region_figure", "profile_figure"):
        text = getattr(output, name).read_text()
        assert "<!-- output" in text or "mean output of a window" in text
        assert (
            "logit" not in text and "probability" not in text and "p = 0.9" not in text
        )


@pytest.mark.parametrize("transform", ["standardize", "log1p"])
def test_a_signal_at_the_motifs_is_followed(tmp_path, transform):
    rng = np.random.default_rng(2)
    index = rng.integers(0, 4, 3000).astype(np.uint8)
    starts = [200, 900, 1300, 2222]
    for start in starts:
        index[start : start + 8] = encode(MOTIF)
    genome, signal = tmp_path / "g.fa", tmp_path / "s.bedGraph"
    genome.write_text(f">c\n{decode(index)}\n")
    # A window of 40 bases holds the motif at `start` if its middle, base 20 of it, is
    # at start - 12 to start + 20: 33 bases, where the signal is 1.
    lines = [f"c\t{start - 12}\t{start + 21}\t1" for start in starts]
    signal.write_text("\n".join(lines) + "\n")
    output = run(
        tmp_path / "a",
        raised(),
        genome=genome,
        signal=signal,
        transform=transform,
        signal_width=1,
        stride=1,
        shifts=99,
    )
    table = read_table(output.signal_table).set_index(["track", "metric"])
    assert table.loc[("forward", "signal_pearson"), "value"] == pytest.approx(1)
    assert table.loc[("forward", "signal_spearman"), "value"] == pytest.approx(1)
    assert table.loc[("forward", "signal_spearman"), "p"] == 0.01
    assert table.loc[("forward", "signal_spearman"), "n"] == 3000 - 40 + 1
    # No window has the motif on the other strand: a constant has no correlation.
    assert np.isnan(table.loc[("reverse", "signal_spearman"), "value"])
    scores = read_table(output.score).set_index(["metric", "variant"])
    assert scores.loc[("signal_spearman", "forward"), "value"] == pytest.approx(1)
    unit = {"standardize": "output of a window", "log1p": "output (log1p) of a window"}
    text = output.signal_figure.read_text()
    assert unit[transform] in text and "logit" not in text
    assert "signal" in output.region_figure.read_text()
    values = read_values(tmp_path / "a" / "0.h5")["outputs"][:, 0]
    shown = {"standardize": {-2, 8}, "log1p": {-10, 10}}
    assert set(np.unique(values.round(4))) == shown[transform]


# -- configuration, captions and the page ---------------------------------------------


def test_a_faithful_scan_needs_classes():
    config = {
        "analyses": ["long_sequence_scan"],
        "datasets": {"d": {"source": "table", "target_type": "quantitative"}},
        "methods": {"long_sequence_scan": vars(settings())},
    }
    row = {"dataset": "d", "model": "m", "seed": "1"}
    check_row(row, config, "rows.tsv, row 2")
    config["methods"]["long_sequence_scan"] = vars(settings(faithful=True))
    with pytest.raises(InputError) as caught:
        check_row(row, config, "rows.tsv, row 2")
    assert caught.value.found.startswith("methods.long_sequence_scan.faithful: true")
    assert "faithful: false" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("s.txt", "s.txt: a name without the ending of a format of a signal"),
        ("absent.bw", "'absent.bw' is not a file"),
    ],
)
def test_a_signal_is_looked_at_before_any_job(tmp_path, monkeypatch, name, found):
    monkeypatch.chdir(tmp_path)
    Path("s.txt").write_text("c\t0\t1\t1\n")
    Path("g.fa").write_text(">c\nACGT\n")
    for own in (
        {"genome": "g.fa", "signal": name},
        {"genomes": {"x": {"genome": "g.fa", "signal": name}}},
    ):
        config = {
            "analyses": ["long_sequence_scan"],
            "datasets": {"a": {"source": "simulate", "rule": "gc"}},
            "models": {"m": {"architecture": "eraslan2019"}},
            "methods": {"long_sequence_scan": own},
        }
        with pytest.raises(InputError) as caught:
            check_configuration(config, ROOT / "workflow/schemas")
        assert caught.value.where.endswith("signal")
        assert caught.value.found == found


def test_a_signal_without_its_genome_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("s.bg").write_text("c\t0\t1\t1\n")
    config = {
        "analyses": ["long_sequence_scan"],
        "datasets": {"a": {"source": "simulate", "rule": "gc"}},
        "models": {"m": {"architecture": "eraslan2019"}},
        "methods": {"long_sequence_scan": {"signal": "s.bg"}},
    }
    with pytest.raises(InputError) as caught:
        check_configuration(config, ROOT / "workflow/schemas")
    assert caught.value.where == "the configuration: methods.long_sequence_scan.signal"
    assert caught.value.found == "signal without genome"
    assert caught.value.remedy == "give the genome, or remove signal"


def test_captions_of_quantities_speak_of_outputs():
    given = {"sites": "s.bed", "genome": "g.fa", "signal": "s.bw"}
    dataset = {"target_type": "quantitative"}
    for name in ("", "_region", "_profile", "_signal"):
        text = (ROOT / f"workflow/report/long_sequence_scan{name}.rst").read_text()
        shown = Template(text).render(
            snakemake={
                "params": vars(settings()) | given,
                "wildcards": {"dataset": "d"},
                "config": {"datasets": {"d": dataset}},
            }
        )
        assert "utput" in shown
        assert not any(word in shown for word in ("logit", "probability", "Logit"))


def network_of(**tables):
    tables = {f"long_sequence_scan/{name}.tsv": table for name, table in tables.items()}
    return SimpleNamespace(
        table=lambda *parts: tables["/".join(parts)],
        has=lambda *parts: "/".join(parts) in tables,
    )


def test_the_page_says_whether_predictions_follow_the_signal():
    columns = ["track", "contig", "metric", "value", "n"]
    columns += ["null_mean", "null_low", "null_high", "p"]
    rows = [
        ("forward", None, "signal_pearson", 0.9, 500, 0.0, -0.1, 0.1, 0.001),
        ("forward", None, "signal_spearman", 0.412, 500, 0.01, -0.1, 0.1, 0.001),
        ("forward", "c", "signal_spearman", 0.99, 250, 0.01, -0.1, 0.1, 0.001),
        ("reverse", None, "signal_spearman", -0.2, 500, 0.01, -0.1, 0.1, 0.9),
    ]
    signal = pd.DataFrame(rows, columns=columns)
    none = pd.DataFrame(
        {"sites": ["scan"], "metric": ["peaks"], "value": [3], "p": [NAN]}
    )
    said = (
        "the track of the forward strand and the signal have Spearman’s correlation"
        " 0.41 (500 windows); with a signal that is shifted at random 0.01 (p 0.001)."
    )
    result = section.verdict(network_of(table=none, signal=signal), {})
    assert result.text == f"Predictions follow the measured signal: {said}"
    assert (result.kind, result.number) == ("ok", "0.41")
    weak = signal.assign(p=0.2)
    result = section.verdict(network_of(table=none, signal=weak), {})
    assert result.text.startswith("No finding: the track of the forward strand and")
    # The first track counts, also where another one has a higher correlation.
    other = signal.assign(p=[0.001, 0.2, 0.001, 0.001], value=[0.9, 0.1, 0.9, 0.8])
    result = section.verdict(network_of(table=none, signal=other), {})
    assert result.text.startswith("No finding: the track of the forward strand and")
    assert section.also(network_of(table=none, signal=other), {}).startswith(
        "Predictions are not shown to follow the measured signal: the track of the fo"
    )
    # Beside sites the signal is one more sentence.
    sites = pd.DataFrame(
        {"sites": ["all"], "metric": ["window_auroc"], "value": [0.9], "n": [9]}
        | {"null_mean": [0.5], "null_high": [0.6], "p": [0.001]}
    )
    table = pd.concat([none, sites], ignore_index=True)
    both = section.verdict(network_of(table=table, signal=signal), {})
    assert both.text.startswith("Predictions are higher at sites: ")
    assert both.text.endswith(f" Predictions follow the measured signal: {said}")
    assert section.also(network_of(table=table), {}) == ""


# -- from Python ----------------------------------------------------------------------


class IsA(torch.nn.Module):
    """1 for a base A, else 0: sequences of one base."""

    def forward(self, batch):
        return batch[:, 0]


def test_from_python_a_scan_is_compared_with_a_signal(tmp_path):
    text = decode(np.random.default_rng(1).integers(0, 4, 60).astype(np.uint8))
    lines = [f"x\t{at}\t{at + 1}\t5\n" for at, base in enumerate(text) if base == "A"]
    (tmp_path / "s.bg").write_text("".join(lines))
    scan = proofread.long_sequence_scan(
        IsA(), {"x": text}, length=1, stride=1, strands="forward", smoothing="none"
    )
    assert (scan.unit, scan.width) == ("logit", 1)
    table = scan.compare_signal(tmp_path / "s.bg", shifts=50)
    assert table["value"].tolist() == pytest.approx([1, 1])
    assert table["p"].tolist() == pytest.approx([1 / 51, 1 / 51])
    with pytest.raises(InputError) as caught:
        scan._replace(lengths={"y": 60}).compare_signal(tmp_path / "s.bg")
    assert caught.value.expected == "one of y"
    for wrong in ({"signal_gaps": "no"}, {"shifts": 19}, {"signal_width": 0}):
        with pytest.raises(InputError):
            scan.compare_signal(tmp_path / "s.bg", **wrong)


def test_a_shift_is_at_least_as_wide_as_the_means_of_the_signal(tmp_path):
    (tmp_path / "s.bg").write_text("x\t0\t7\t5\n")
    scan = proofread.long_sequence_scan(
        IsA(), {"x": "ACGTTGCAAC" * 2}, length=1, stride=1, strands="forward"
    )
    # 20 windows have room for shifts by 10 or more in either direction, not by 11.
    for width, has_null in ((1, True), (10, True), (11, False)):
        table = scan.compare_signal(tmp_path / "s.bg", shifts=20, signal_width=width)
        assert table["p"].notna().tolist() == [has_null] * 2


def test_from_python_the_unit_of_quantities_is_named():
    model, _ = detector("log1p")
    sequence = "C" * 16 + MOTIF + "C" * 16
    scan = proofread.long_sequence_scan(
        model, {"x": sequence}, strands="forward", smoothing="none"
    )
    assert scan.unit == "log1p"
    assert scan.tracks[0].raw.tolist() == pytest.approx([10])
