"""Windows of k bases: golden values, random k-mers, summaries and whole runs."""

import numpy as np
import pandas as pd
import pytest

import kmer_perturbation as method
from perturbation_runs import LENGTH, position_values, tiny_dataset, tiny_job
from proofread.datasets.labels import classes
from proofread.dna.composition import base_frequencies, transition_frequencies
from proofread.dna.encoding import UNKNOWN, decode, encode
from proofread.errors import InputError
from proofread.methods.kmer_perturbation import kmers
from proofread.methods.kmer_perturbation import windows as kmer_windows
from proofread.methods.kmer_perturbation.figures import draw_examples
from proofread.methods.kmer_perturbation.kmers import draw_kmers
from proofread.methods.kmer_perturbation.summaries import (
    aligned_effects,
    anchors_of,
    interval_of_mean,
    robustness,
)
from proofread.methods.kmer_perturbation.windows import (
    base_importance,
    mean_importance,
    perturb_windows,
    starts_of,
    summarise,
)
from proofread.models.local_edits import EditedLogits
from proofread.models.predictor import Predictor
from proofread.tables import read_table, read_values

OUTPUTS = {
    "table": "table.tsv",
    "windows": "windows.tsv.gz",
    "variants": "variants.tsv.gz",
    "bases": "bases.tsv",
    "values": "values.h5",
    "score": "score.tsv",
    "examples": "examples.svg",
    "map": "map.svg",
    "robustness": "robustness.svg",
    "robustness_table": "robustness.tsv",
    "aligned": "aligned.svg",
    "aligned_table": "aligned.tsv",
}
WEIGHT = np.array([-1.0, 1.0, 2.0, -1.0])  # of A, C, G, T


class Spy:
    """Logit = sum of the bases' weights; keeps the sequences it predicted."""

    def __init__(self, weight=WEIGHT):
        self.weight, self.seen = weight, []

    def __call__(self, batch):
        self.seen += [
            decode(np.where(item.any(axis=0), item.argmax(axis=0), UNKNOWN))
            for item in batch
        ]
        return np.einsum("nbl,b->n", batch, self.weight)[:, None].astype(np.float32)


def perturb(texts, size, kmers, replicates=1, spy=None, lengths=None):
    index = np.stack([encode(text) for text in texts])
    length = index.shape[1]
    editor = EditedLogits(Predictor(spy or Spy(), length, ["t"], "linear"))
    windows, variants = perturb_windows(
        editor,
        index,
        np.array(lengths or [length] * len(index)),
        size,
        start=starts_of(length, size),
        kmers=kmers,
        replicates=replicates,
        keep=range(len(index)),
    )
    return windows, variants


def always(kmer):
    return lambda row, present, before: np.broadcast_to(encode(kmer), present.shape)


def test_golden_windows_of_aaccg():
    spy = Spy()
    windows, variants = perturb(["AACCG"], 3, always("TTT"), spy=spy)
    assert spy.seen[1:] == ["TTTCG", "ATTTG", "AATTT"]
    assert windows.centre.tolist() == [1.5, 2.5, 3.5]
    assert variants["start"].tolist() == [0, 1, 2]
    # Delta is the sum of the new weights minus that of the old ones.
    assert windows.mean["logit"][0, 0].tolist() == [-3 + 1, -3 - 1, -3 - 4]


@pytest.mark.parametrize(("length", "rows"), [(150, 1144), (250, 1944), (1000, 7944)])
def test_golden_numbers_of_variants(length, rows):
    assert sum(len(starts_of(length, k)) for k in range(1, 16, 2)) == rows


def test_a_window_longer_than_the_sequence_gives_no_rows():
    assert len(starts_of(5, 6)) == 0
    windows, variants = perturb(["AACCG"], 6, always("TTTTTT"))
    assert windows.mean["logit"].shape == (1, 1, 0)
    assert len(variants) == 0
    assert np.isnan(base_importance(windows, 5)).all()


def test_a_constant_predictor_has_no_effects():
    windows, _ = perturb(["AACCG"], 2, always("GT"), spy=Spy(np.zeros(4)))
    for scale in ("logit", "probability"):
        assert (windows.mean[scale] == 0).all()


@pytest.mark.parametrize("kind", ["uniform", "background", "dinucleotide"])
def test_a_forced_kmer_differs_at_every_base(kind):
    rng = np.random.default_rng(0)
    index = rng.integers(4, size=(50, 60), dtype=np.uint8)
    forced = kmers.kmer_maker(
        index, 4, rng, mode="repeated", kmers_from=kind, force_change=True
    )
    present = index[:, 10:14].repeat(20, axis=0)
    before = index[:, 9].repeat(20)
    assert (forced(None, present, before) != present).all()
    free = kmers.kmer_maker(
        index, 4, rng, mode="repeated", kmers_from=kind, force_change=False
    )
    # One base of four stays by chance: 0.25 with a standard error of 0.007.
    assert (free(None, present, before) == present).mean() == pytest.approx(
        0.25, abs=0.05
    )


def test_the_published_modes():
    rng = np.random.default_rng(0)
    index = rng.integers(4, size=(2, 60), dtype=np.uint8)
    inserts = {}
    for mode in ("faithful_reused", "faithful_fresh"):
        new = kmers.kmer_maker(
            index, 5, rng, mode=mode, kmers_from="uniform", force_change=True
        )
        _, variants = perturb([decode(row) for row in index], 5, new)
        texts = variants["kmer"].map(decode)
        inserts[mode] = texts.groupby(variants["row"]).nunique().tolist()
    assert inserts["faithful_reused"] == [1, 1]
    # 56 windows, 1,024 k-mers: about 54.5 distinct ones.
    assert all(45 < number <= 56 for number in inserts["faithful_fresh"])


def test_kmers_follow_the_frequencies():
    rng = np.random.default_rng(0)
    present = np.zeros((40_000, 1), dtype=np.uint8)
    before = np.full(40_000, UNKNOWN, dtype=np.uint8)
    wanted = np.array([0.1, 0.2, 0.3, 0.4])
    kmer = draw_kmers(present, before, rng, frequencies=wanted, force_change=False)
    fraction = np.bincount(kmer[:, 0], minlength=4) / len(kmer)
    assert fraction == pytest.approx(wanted, abs=0.01)  # 4 standard errors
    forced = draw_kmers(present, before, rng, frequencies=wanted, force_change=True)
    fraction = np.bincount(forced[:, 0], minlength=4) / len(forced)
    assert fraction == pytest.approx([0, 2 / 9, 3 / 9, 4 / 9], abs=0.01)


def test_dinucleotide_kmers_follow_the_base_before():
    # After A always C, after C always A (but for the one counted more of each pair).
    index = np.stack([encode("AC" * 2000)])
    table = transition_frequencies(index)
    assert table.sum(axis=1) == pytest.approx(np.ones(5))
    assert table[0] == pytest.approx([1 / 2004, 2001 / 2004, 1 / 2004, 1 / 2004])
    assert table[2] == pytest.approx(np.full(4, 0.25))
    rng = np.random.default_rng(0)
    present = np.full((500, 3), 3, dtype=np.uint8)
    before = np.zeros(500, dtype=np.uint8)
    kmer = draw_kmers(present, before, rng, frequencies=table, force_change=False)
    fraction = np.mean([decode(row) == "CAC" for row in kmer])
    assert fraction > 0.98


def test_base_frequencies_leave_unknown_bases_out():
    assert base_frequencies(np.stack([encode("ACNNAA")])).tolist() == [
        4 / 8,
        2 / 8,
        1 / 8,
        1 / 8,
    ]


def test_stride_and_limit():
    assert starts_of(10, 3, stride=4).tolist() == [0, 4]
    assert starts_of(10, 3, max_windows=4).tolist() == [
        0,
        2,
        4,
        6,
    ]  # 8 windows, every second
    assert starts_of(10, 3, stride=3, max_windows=4).tolist() == [0, 3, 6]


def test_summaries_over_replicates():
    result = summarise(np.array([[1.0, 2.0, 3.0]]))
    assert (result["mean"][0], result["sd"][0], result["min"][0]) == (2, 1, 1)
    # t quantile of 2 degrees of freedom, 4.302653, times 1 / sqrt(3).
    assert result["high"][0] - 2 == pytest.approx(2.484138, abs=1e-5)
    assert result["low"][0] == pytest.approx(4 - result["high"][0])
    several = summarise(np.array([[3.0, 1.0, 2.0], [9.0, 8.0, 7.0]]))
    assert several["min"].tolist() == [1, 7]
    single = summarise(np.array([[5.0]]))
    assert single["mean"][0] == 5
    assert np.isnan([single[name][0] for name in ("sd", "low", "high")]).all()


def test_importance_is_the_mean_over_the_windows_that_cover_a_base():
    windows, _ = perturb(["AACCG"], 3, always("TTT"))  # -2, -4, -7 at 0, 1, 2
    expected = [-2, -3, -13 / 3, -5.5, -7]
    assert base_importance(windows, 5)[0, 0] == pytest.approx(expected)
    single, _ = perturb(["AACCG"], 1, always("T"))  # 0, 0, -2, -2, -3
    both = mean_importance([base_importance(w, 5) for w in (windows, single)])
    assert both[0, 0] == pytest.approx([-1, -1.5, -19 / 6, -3.75, -5])


def test_windows_with_unknown_bases_are_not_replaced():
    spy = Spy()
    texts = ["AANCGGG", "AACCNNN"]
    windows, _ = perturb(texts, 2, always("TT"), spy=spy, lengths=[7, 4])
    usable = ~np.isnan(windows.mean["logit"][:, 0])
    assert usable[0].tolist() == [True, False, False, True, True, True]
    assert usable[1].tolist() == [True, True, True, False, False, False]
    assert {"TTNCGGG", "AANTTGG", "AATTNNN"} <= set(spy.seen)
    assert not any(text[2] != "N" for text in spy.seen if text[4] == "G")
    importance = mean_importance([base_importance(windows, 7)])
    assert importance[0, 0, 2] == 0
    assert importance[1, 0, 4:].tolist() == [0, 0, 0]


def test_robustness_is_a_mean_over_sequences_of_means_over_windows():
    windows, _ = perturb(["GGG", "GGA", "AAA"], 1, always("A"))
    table = robustness([windows], {"t": classes(np.array([1, 1, 0]))})
    logits = table[table["scale"] == "logit"].set_index("class")
    # -3 and -2 on average; nothing changes in the negative.
    assert logits.loc["positive", ["n", "mean_delta"]].tolist() == [2, -2.5]
    assert logits.loc["positive", "mean_absolute_delta"] == 2.5
    # t quantile of 1 degree of freedom, 12.7062, times 0.7071 / sqrt(2).
    assert logits.loc["positive", "mean_delta_low"] == pytest.approx(-2.5 - 6.3531)
    assert logits.loc["negative", "mean_delta"] == 0
    assert np.isnan(logits.loc["negative", "mean_delta_low"])


def test_an_interval_needs_two():
    assert np.isnan(interval_of_mean([])).all()
    assert interval_of_mean([3.0])[0] == 3
    assert np.isnan(interval_of_mean([3.0])[1])


def test_effects_are_aligned_along_the_anchor_s_strand():
    windows, _ = perturb(["AAGAAA", "AAAGAA"], 1, always("A"))
    anchor = pd.DataFrame(
        {"row": [0, 1], "position": [1, 5], "strand": ["+", "-"], "width": [2, 2]}
    )
    table = aligned_effects(windows, 0, anchor, flank=2).set_index("offset")
    # The G's centres are 1.5 right of 1 and, on the other strand, 1.5 left of 5.
    assert table.loc[1.5, ["n", "mean_delta_logit"]].tolist() == [2, -3]
    assert table.loc[0.5, "mean_delta_logit"] == 0
    assert table.loc[1.5, ["logit_low", "logit_high"]].tolist() == [-3, -3]
    assert table.index.tolist() == [-0.5, 0.5, 1.5]


def test_effects_around_anchors_have_a_t_interval():
    windows, _ = perturb(["AAGAAA", "AAACAA"], 1, always("A"))
    anchor = pd.DataFrame(
        {"row": [0, 1], "position": [1, 2], "strand": ["+", "+"], "width": [2, 2]}
    )
    table = aligned_effects(windows, 0, anchor, flank=2).set_index("offset")
    assert table.index.tolist() == [-1.5, -0.5, 0.5, 1.5]
    # -3 and -2; the t quantile of 1 degree of freedom, 12.7062, times 0.7071 / sqrt(2).
    ends = table.loc[1.5, ["logit_low", "logit_high"]].tolist()
    assert ends == pytest.approx([-2.5 - 6.3531, -2.5 + 6.3531], abs=1e-4)
    # One anchor has no interval.
    assert table.loc[-1.5, "n"] == 1
    assert table.loc[-1.5, ["logit_low", "logit_high"]].isna().all()


def test_a_window_centred_at_the_flank_is_within_it():
    windows, _ = perturb(["AAGAAA"], 2, always("AA"))
    anchor = pd.DataFrame({"row": [0], "position": [3], "strand": "+", "width": 0})
    table = aligned_effects(windows, 0, anchor, flank=1)
    # Windows at 1, 2 and 3 have their centres at 2, 3 and 4; the first two hold the G.
    assert table["offset"].tolist() == [-1, 0, 1]
    assert table["mean_delta_logit"].tolist() == [-3, -3, 0]


def test_sequences_predicted_together_change_no_effect(monkeypatch):
    texts, lengths = ["AACCGNN", "GGGCCAA", "CAGNNNN"], [5, 7, 3]
    together, one = perturb(texts, 2, always("TT"), lengths=lengths)
    monkeypatch.setattr(kmer_windows, "_EDITS", 1)  # one sequence at a time
    alone, other = perturb(texts, 2, always("TT"), lengths=lengths)
    for scale in ("logit", "probability"):
        assert np.array_equal(
            alone.mean[scale], together.mean[scale], equal_nan=True
        ), scale
        assert np.array_equal(alone.intact[scale], together.intact[scale])
    # A T in place of a C costs 2, in place of a G 3.
    assert together.mean["logit"][0, 0].tolist()[:4] == [0, -2, -4, -5]
    assert together.mean["logit"][1, 0].tolist() == [-6, -6, -5, -4, -2, 0]
    assert together.mean["logit"][2, 0].tolist()[:2] == [-2, -3]
    assert len(one) == len(other) == 4 + 6 + 2


def test_anchors():
    dataset = tiny_dataset(n=4)
    planted = anchors_of(dataset, "target0")
    assert planted["m"][["row", "position"]].to_numpy().tolist() == [[0, 3], [2, 5]]
    given = anchors_of(dataset, "target0", 17)
    assert given["position 17"]["position"].tolist() == [17, 17]
    assert anchors_of(tiny_dataset(n=4, simulated=False), "target0") == {}


def test_inserts_have_to_fit():
    assert [
        decode(kmer) for kmer in kmers.read_inserts(["g", "TGA"], [1, 3]).values()
    ] == [
        "G",
        "TGA",
    ]
    for wrong, message in ((["G"], "k-mers of 1 bases"), (["G", "TNA"], "'TNA'")):
        with pytest.raises(InputError, match=message):
            kmers.read_inserts(wrong, [1, 3])


@pytest.fixture(autouse=True)
def no_takeover(monkeypatch):
    """`start` takes over the process: its log, its warnings, its exceptions."""
    monkeypatch.setattr(method, "start", lambda job: None)


def run(folder, dataset, outputs=OUTPUTS, **options):
    job = tiny_job(folder, "kmer_perturbation", outputs, dataset, **options)
    method.main(job)
    return job.output


def test_a_network_that_detects_the_motif_is_explained(tmp_path):
    dataset = tiny_dataset()
    output = run(tmp_path, dataset, lengths=[1, 2, 4, 50], resamples=20)
    table = read_table(output.table)
    assert len(table) == 12 * 4
    first = table[(table["sequence"] == dataset.name[0]) & (table["length"] == 4)]
    first = first.iloc[0]
    # Four forced changes within the motif leave nothing above the bias: 6 are lost.
    assert first["strongest_logit_mean"] == pytest.approx(-6, abs=1)
    assert 0 < first["strongest_end"] - 3 <= 10
    assert (table.loc[table["length"] == 50, "windows"] == 0).all()
    score = position_values(output.score)["position_auroc"]
    assert score["signed"] > 0.9
    variants = read_table(output.variants)
    windows = read_table(output.windows)
    # Two examples; of the second (row 1) windows over position 20 are left out.
    rows = {1: 40 + 39, 2: 39 + 37, 4: 37 + 33}
    assert windows.groupby("length").size().to_dict() == rows
    assert variants.groupby("length").size().to_dict() == {
        size: 10 * number for size, number in rows.items()
    }
    assert set(variants["insert"].str.len()) == {1, 2, 4}
    assert (
        variants["plot_position"] == variants["position"] + variants["length"] / 2
    ).all()
    aligned = read_table(output.aligned_table)
    assert set(aligned["anchor"]) == {"m"}
    assert aligned["n"].max() == 6
    arrays = read_values(output.values)
    assert arrays["importance"].shape == (12, 1, LENGTH)
    assert arrays["logit_delta_sd_2"].shape == (12, 1, 39)
    assert len(read_table(output.bases)) == 2 * 40


def test_a_negative_control_has_its_table_and_score_alone(tmp_path):
    settings = {"lengths": [3], "max_sequences": 6}
    whole = run(tmp_path / "one", tiny_dataset(), **settings)
    few = {name: OUTPUTS[name] for name in ("table", "score")}
    output = run(tmp_path / "two", tiny_dataset(), outputs=few, **settings)
    assert output.table.read_bytes() == whole.table.read_bytes()
    assert output.score.read_bytes() == whole.score.read_bytes()
    assert len(list(output.table.parent.iterdir())) == 2


def test_positives_alone_are_perturbed_and_drawn(tmp_path):
    settings = {"classes": "positive", "lengths": [3], "resamples": 20}
    output = run(tmp_path, tiny_dataset(), **settings)
    assert read_table(output.table)["label"].tolist() == [1] * 6
    assert set(read_table(output.score)["n"]) == {6}
    robust = read_table(output.robustness_table)
    assert set(robust.loc[robust["class"] == "negative", "n"]) == {0}
    for name in ("examples", "map", "robustness", "aligned"):
        assert "<svg" in getattr(output, name).read_text()


def test_the_same_job_gives_the_same_bytes(tmp_path):
    result = []
    for name in ("one", "two"):
        output = run(tmp_path / name, tiny_dataset(), lengths=[3], max_sequences=6)
        result.append([path.read_bytes() for path in vars(output).values()])
    assert result[0] == result[1]


def test_a_length_has_the_same_kmers_whatever_the_others_are(tmp_path):
    result = []
    for lengths in ([3], [2, 3]):
        output = run(tmp_path / str(len(lengths)), tiny_dataset(), lengths=lengths)
        result.append(read_values(output.values)["logit_delta_mean_3"])
    assert np.array_equal(*result, equal_nan=True)


def test_fixed_inserts_and_an_anchor_on_a_users_sequences(tmp_path):
    output = run(
        tmp_path,
        tiny_dataset(simulated=False),
        lengths=[1, 3],
        inserts=["G", "TGA"],
        anchor=10,
    )
    assert len(read_table(output.score)) == 0
    variants = read_table(output.variants)
    assert set(variants["insert"]) == {"G", "TGA"}
    aligned = read_table(output.aligned_table)
    assert set(aligned["anchor"]) == {"position 10"}
    assert read_table(output.table)["replicates"].eq(1).all()
    with pytest.raises(InputError, match="anchor"):
        run(tmp_path / "two", tiny_dataset(), anchor=LENGTH)


def test_windows_of_150_bp_around_a_tss_at_100(tmp_path):
    # Genomic-ULMFiT's promoters of E. coli: 1,144 windows of these lengths.
    dataset = tiny_dataset(n=4, simulated=False, short=False, bases=150)
    dataset.index[1, 20] = 0  # all known
    lengths = [1, 3, 5, 7, 9, 11, 13, 15]
    settings = {"lengths": lengths, "replicates": 2, "anchor": 100, "flank": 100}
    output = run(tmp_path, dataset, **settings)
    variants = read_table(output.variants)
    assert variants.groupby("sequence").size().tolist() == [2 * 1144] * 2
    aligned = read_table(output.aligned_table)
    assert set(aligned["anchor"]) == {"position 100"}
    # 100 bases before it and 50 from it on, each with its centre half a base further.
    single = aligned[aligned["length"] == 1]["offset"]
    assert (single.min(), single.max()) == (-99.5, 49.5)


def test_the_figure_has_the_prediction_as_it_is_and_the_anchor():
    dataset = tiny_dataset()
    texts = [decode(item) for item in dataset.index]
    results = [perturb(texts, k, always("T" * k))[0] for k in (1, 3)]
    figure = draw_examples(dataset, [(0, 0)], results, anchor=10)
    intact = sum(WEIGHT[base] for base in dataset.index[0])
    panels = dict(zip(("logit", "probability"), figure.axes, strict=False))
    expected = {"logit": intact, "probability": 1 / (1 + np.exp(-intact))}
    for scale, panel in panels.items():
        assert panel.get_ylabel() == scale
        lines = [np.array(line.get_data()) for line in panel.lines]
        level = [y[0] for x, y in lines if list(x) == [0, 1]]
        upright = [x[0] for x, y in lines if list(y) == [0, 1]]
        assert level == pytest.approx([expected[scale]], rel=1e-6)
        assert upright == [10]
        curves = [(x, y) for x, y in lines if len(x) > 2]
        assert [x.tolist() for x, _ in curves] == [
            item.centre.tolist() for item in results
        ]
    for windows, (_, y) in zip(results, curves, strict=True):
        after = windows.mean["probability"][0, 0] + expected["probability"]
        np.testing.assert_allclose(y, after, atol=1e-6)


@pytest.mark.parametrize("mode", ["faithful_reused", "faithful_fresh"])
def test_a_published_mode_has_one_variant_for_each_window(tmp_path, mode):
    dataset = tiny_dataset(targets=2, short=False)
    dataset.index[1, 20] = 0  # all known
    output = run(tmp_path, dataset, mode=mode, lengths=[1, 3, 5], examples=1)
    variants = read_table(output.variants)
    assert variants.groupby("length").size().tolist() == [40, 38, 36]
    assert read_table(output.robustness_table)["target"].nunique() == 2


def test_a_dead_network_gives_valid_tables(tmp_path):
    output = run(tmp_path, tiny_dataset(), dead=True, lengths=[1, 3], max_variants=100)
    assert (read_table(output.table)["mean_delta_logit"] == 0).all()
    score = position_values(output.score)["position_auroc"]
    assert score["signed"] == 0.5
    # At most 100 variants of 10 k-mers: 10 windows of 40 possible ones.
    assert (read_table(output.table)["windows"] <= 10).all()


def test_positions_that_no_window_covers_are_not_scored(tmp_path):
    # Covered are 0, 13, 26 and 39; 13 lies in the motifs that begin at 7, 9, 11, 13.
    output = run(tmp_path, tiny_dataset(), lengths=[1], stride=13)
    assert read_table(output.score)["n"].tolist() == [4] * 4 * 2


def test_a_window_has_no_more_variants_than_allowed(tmp_path):
    dataset = tiny_dataset(short=False)
    output = run(tmp_path / "a", dataset, lengths=[3], max_variants=10, examples=1)
    assert len(read_table(output.variants)) == 10
    with pytest.raises(InputError, match="max_variants"):
        run(tmp_path / "b", dataset, lengths=[3], max_variants=9)
    # A fixed k-mer is the only variant of its window.
    fixed = {"inserts": ["TGA"], "max_variants": 9, "examples": 1}
    output = run(tmp_path / "c", dataset, lengths=[3], **fixed)
    assert len(read_table(output.variants)) == 8  # every 5th of 38
