"""Tables and figures of attributions: numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from proofread.datasets.dataset import TRUTH_COLUMNS, Dataset, empty_truth
from proofread.datasets.labels import classes
from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.figures.letters import draw_letters, letter_limits
from proofread.figures.style import figure_style, new_figure, save_figure
from proofread.figures.tracks import (
    Bases,
    Cells,
    Letters,
    Lines,
    Panel,
    Span,
    Spans,
    draw_tracks,
    letter_heights,
    message,
)
from proofread.methods.attributions.components import attribution_components
from proofread.methods.attributions.export import write_npz
from proofread.methods.attributions.figures import (
    draw_completeness,
    draw_components,
    draw_profiles,
)
from proofread.methods.attributions.intervals import interval_table, read_intervals
from proofread.methods.attributions.per_base import per_base, scored_numbers
from proofread.methods.attributions.profiles import aligned, mean_profile
from proofread.methods.attributions.tables import completeness, heat_rows, heat_table

# -- one number per base --------------------------------------------------------------

# One sequence, "AGN": 4 x 3 numbers.
HYPOTHETICAL = np.array([[[4.0, 1, 9], [0, 2, 9], [0, -5, 9], [0, 2, 9]]])
AGN = encode("AGN")[None]


def test_the_number_of_a_base_is_that_of_the_base_that_is_there():
    assert per_base("smoothgrad", HYPOTHETICAL, AGN).tolist() == [[4, -5, 0]]
    # Means over the bases: 1 and 0.
    result = per_base("smoothgrad", HYPOTHETICAL, AGN, correct=True)
    assert result.tolist() == [[3, -5, 0]]


def test_saliency_is_the_largest_of_the_four():
    assert per_base("saliency", HYPOTHETICAL, AGN).tolist() == [[4, 5, 0]]
    result = per_base("saliency", HYPOTHETICAL, AGN, correct=True)
    assert result.tolist() == [[3, 5, 0]]
    answers = scored_numbers("saliency", HYPOTHETICAL, AGN)
    assert list(answers) == [
        *("absolute_raw", "absolute_centred"),
        *("absolute_raw_window9", "absolute_centred_window9"),
    ]
    np.testing.assert_allclose(answers["absolute_raw_window9"], [[4.5] * 3])


def test_a_window_is_a_moving_mean_and_leaves_unknown_bases_at_zero():
    index = encode("AAAN")[None]
    values = np.zeros((1, 4, 4))
    values[0, 0] = [3, 0, 6, 9]
    result = per_base("smoothgrad", values, index, window=3)
    assert result.tolist() == [[1.5, 3, 3, 0]]


# -- completeness ---------------------------------------------------------------------


def test_a_sum_that_misses_by_more_than_the_tolerance_is_red():
    attribution = np.zeros((4, 4, 2))
    attribution[:, 1, 0] = [1.0, 1.04, 0.94, 0]
    output, baseline = np.array([3.0, 3, 3, 2]), np.array([2.0, 2, 2, 2])
    table = completeness(attribution, output, baseline, 0.05)
    assert table["sum"].tolist() == [1, 1.04, 0.94, 0]
    np.testing.assert_allclose(table["error"], [0, 0.04, -0.06, 0], atol=1e-12)
    np.testing.assert_allclose(
        table["relative_error"], [0, 0.04, 0.06, np.nan], atol=1e-12
    )
    assert table["flag"].tolist() == ["ok", "ok", "red", "ok"]


def test_rounding_is_no_failure_of_completeness():
    attribution = np.zeros((2, 4, 1))
    attribution[:, 0, 0] = [1e-5, 1e-3]
    output = np.array([10.0, 10.0])
    table = completeness(attribution, output, output, 0.05)
    assert table["flag"].tolist() == ["ok", "red"]


# -- profiles -------------------------------------------------------------------------


def test_a_profile_is_a_mean_over_sequences_with_a_base_there():
    values = np.array([[1.0, -2, 5], [3, 4, np.nan], [7, 7, 7]])
    index = np.stack([encode("ACN"), encode("ACG"), encode("ACG")])
    table = mean_profile(values, index, classes(np.array([1, 1, 0])))
    positive = table[table["class"] == "positive"]
    # At position 2 the one base is unknown and the other has no number.
    assert positive["position"].tolist() == [0, 1]
    assert positive["n"].tolist() == [2, 2]
    assert positive["mean"].tolist() == [2, 1]
    assert positive["mean_absolute"].tolist() == [2, 3]
    # Sample standard deviations sqrt(2) and sqrt(18), over sqrt(2).
    np.testing.assert_allclose(positive["se"], [1, 3])
    negative = table[table["class"] == "negative"]
    assert negative["mean"].tolist() == [7, 7, 7]
    assert negative["se"].isna().all()


def test_sequences_without_a_number_do_not_count_beside_those_with_one():
    # 1 and -5; one has no number there, and one no base.
    values = np.array([[1.0], [-5], [np.nan], [9]])
    index = np.stack([encode(base) for base in "AAAN"])
    table = mean_profile(values, index, classes(np.ones(4)))
    assert table[["n", "mean", "mean_absolute"]].to_numpy().tolist() == [[2, -2, 3]]
    # The sample standard deviation sqrt(18) over sqrt(2).
    np.testing.assert_allclose(table["se"], 3)


def test_a_profile_without_a_class():
    table = mean_profile(
        np.ones((2, 3)), np.zeros((2, 3), np.uint8), classes(np.ones(2))
    )
    assert set(table["class"]) == {"positive"}


def instances(*rows):
    return pd.DataFrame(rows, columns=list(TRUTH_COLUMNS)).astype(TRUTH_COLUMNS)


def test_instances_are_aligned_in_their_own_direction():
    values = np.arange(12.0).reshape(2, 6)
    index = np.stack([encode("ACGTAC"), encode("AAACCC")])
    planted = instances(
        (0, "M", 1, 3, "+", "causal", "CG"), (1, "M", 3, 5, "-", "causal", "GG")
    )
    result, bases, rows = aligned(values, index, planted, 2)
    assert rows.tolist() == [0, 1]
    # 2 before, the motif, 2 behind; on the minus strand from 4 + 2 downwards.
    np.testing.assert_array_equal(result[0], [np.nan, 0, 1, 2, 3, 4])
    np.testing.assert_array_equal(result[1], [np.nan, 11, 10, 9, 8, 7])
    assert bases[0].tolist() == [4, 0, 1, 2, 3, 0]
    assert bases[1].tolist() == [4, 1, 1, 1, 0, 0]


# -- intervals ------------------------------------------------------------------------


def dataset_of(texts, **options):
    length = max(map(len, texts))
    index = np.full((len(texts), length), 4, dtype=np.uint8)
    for row, text in enumerate(texts):
        index[row, : len(text)] = encode(text)
    n = len(texts)
    return Dataset(
        index=index,
        length=np.array([len(text) for text in texts]),
        name=[f"s{row}" for row in range(n)],
        label=np.zeros((n, 1), dtype=np.float32),
        target=["bound"],
        group=["g"] * n,
        stratum=["negative"] * n,
        truth=options.pop("truth", empty_truth()),
        **options,
    )


def test_intervals_are_ranked_among_the_stretches_of_their_sequence(tmp_path):
    dataset = dataset_of(["ACGTAC", "ACG"])
    (tmp_path / "x.bed").write_text("s0\t1\t3\tbox\t0\t-\ns1\t0\t3\n")
    intervals = read_intervals(tmp_path / "x.bed", dataset, dataset.name)
    values = np.array([[0.0, 2, -4, 1, 1, 6], [1, 2, 3, 0, 0, 0]])
    table = interval_table(values, dataset, intervals)
    first, second = table.to_dict("records")
    assert (first["sequence"], first["name"], first["strand"]) == ("s0", "box", "-")
    assert (first["sum"], first["mean"], first["mean_absolute"]) == (-2, -1, 3)
    # Sums of two absolute values: 2, 6 (this), 5, 2, 7: three of four others are less.
    assert first["rank"] == 0.75
    assert second["sum"] == 6
    assert np.isnan(second["rank"])  # there is no other stretch of that length


def test_intervals_of_unknown_sequences_are_mistakes(tmp_path):
    dataset = dataset_of(["ACGTAC"])
    bed = tmp_path / "x.bed"
    bed.write_text("s0\t0\t3\ns7\t0\t3\n")
    with pytest.raises(InputError, match=r"x.bed, line 2: no sequence is called 's7'"):
        read_intervals(bed, dataset, dataset.name)
    # It exists but is not examined.
    assert len(read_intervals(bed, dataset, ["s0", "s7"])) == 1
    bed.write_text("s0\t0\t7\n")
    with pytest.raises(InputError, match="at most 6, the length of s0"):
        read_intervals(bed, dataset, dataset.name)


# -- components -----------------------------------------------------------------------


@pytest.mark.parametrize("length", [3, 40])  # fewer cells than sequences, and more
def test_components_are_those_of_a_singular_value_decomposition(length):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(30, length))
    index = rng.integers(0, 4, (30, length)).astype(np.uint8)
    cells = np.stack([np.where(index == base, values, 0) for base in range(4)], axis=1)
    cells = cells.reshape(30, -1) - cells.reshape(30, -1).mean(axis=0)
    left, size, right = np.linalg.svd(cells, full_matrices=False)
    scores, explained = attribution_components(values, index, 3)
    np.testing.assert_allclose(explained, size[:3] ** 2 / (size**2).sum())
    largest = np.abs(right[:3]).argmax(axis=1)
    signs = np.sign(right[np.arange(3), largest])
    np.testing.assert_allclose(scores, (left * size)[:, :3] * signs, atol=1e-10)


def test_components_of_nothing_that_varies():
    scores, explained = attribution_components(
        np.zeros((5, 4)), np.zeros((5, 4), np.uint8), 3
    )
    assert scores.tolist() == [[0, 0, 0]] * 5
    assert explained.tolist() == [0, 0, 0]
    scores, explained = attribution_components(
        np.ones((1, 4)), np.zeros((1, 4), np.uint8), 3
    )
    assert scores.tolist() == [[0]]


# -- heat map and hand-over -----------------------------------------------------------


def test_the_rows_of_the_heat_map():
    # A column of Integrated Gradients 0, -0.2, 0, 0 at a C.
    column = np.array([[0.0], [-0.2], [0], [0]])
    assert heat_rows(column)[:, 0].tolist() == [0.2, -0.2, 0, -0.2, 0, 0]
    (row,) = heat_table(column, encode("C")).to_dict("records")
    assert row == {
        **{"position": 0, "nucleotide": "C", "abs_sum": 0.2, "sum": -0.2},
        **{"A": 0, "C": -0.2, "G": 0, "T": 0},
    }


def test_white_is_zero_whatever_the_values():
    figure = draw_tracks([Panel([Cells(["x"], np.array([[0.0, -1, 3]]), "logit")])])
    (image,) = figure.axes[0].images
    assert image.get_clim() == (-3, 3)
    red, green, blue, _ = image.to_rgba(np.array([[0.0]]))[0, 0]
    assert min(red, green, blue) > 0.96


def test_a_heat_map_of_any_composition(tmp_path):
    # deepG's needs all four letters; a sequence of one, of three and N, of N only.
    for text in ("AAAAA", "ACGNA", "NNNNN"):
        index = encode(text)
        tracks = [
            Cells(["x"], np.zeros((1, 5)), "logit"),
            Bases(index),
            Letters(letter_heights(np.zeros(5), index), "logit"),
        ]
        save_figure(draw_tracks([Panel(tracks, text)]), tmp_path / "x.svg")


def test_the_array_for_modisco_is_read_and_always_the_same(tmp_path):
    from modiscolite.cli import _load_input

    array = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
    write_npz(tmp_path / "a.npz", array)
    first = (tmp_path / "a.npz").read_bytes()
    result = _load_input(tmp_path / "a.npz")
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, array)
    write_npz(tmp_path / "b.npz", array.transpose(0, 2, 1).copy().transpose(0, 2, 1))
    assert (tmp_path / "b.npz").read_bytes() == first


# -- figures along a sequence ---------------------------------------------------------


def boxes(axes):
    """Extent (x0, y0, x1, y1) of the letters of each base, by colour."""
    from matplotlib.colors import to_hex

    return {
        to_hex(patch.get_facecolor()): patch.get_path().get_extents().extents.round(2)
        for patch in axes.patches
    }


@figure_style()
def test_letters_stand_on_the_line_and_hang_below_it():
    _, axes = new_figure(89, 30)
    heights = np.zeros((3, 4))
    heights[0, 0], heights[1, 1], heights[2] = 2, -1, [0, 0, 1, 3]
    draw_letters(axes, heights, first=10)
    result = boxes(axes)
    assert result["#109648"].tolist() == [9.53, 0, 10.47, 2]
    assert result["#255c99"].tolist() == [10.53, -1, 11.47, 0]
    # Stacked: the smaller at the line.
    assert result["#d98a00"].tolist() == [11.53, 0, 12.47, 1]
    assert result["#c8262f"].tolist() == [11.53, 1, 12.47, 4]
    assert axes.get_ylim() == (-1, 4)
    assert letter_limits([heights, heights * 2]) == (-2, 8)
    assert letter_limits([np.zeros((2, 4))]) == (-1, 1)


@figure_style()
def test_letters_too_low_to_read_are_bars():
    _, axes = new_figure(89, 30)
    heights = np.zeros((3, 4))
    heights[:, 0] = [1, 0.1, 0.01]
    draw_letters(axes, heights)
    result = boxes(axes)
    assert result["#109648"].tolist() == [-0.47, 0, 0.47, 1]
    assert result["#9aa0a3"].tolist() == [0.6, 0, 1.4, 0.1]  # and no third


def test_letters_of_unknown_bases_have_no_height():
    heights = letter_heights(np.array([1.0, 2, 3]), encode("CNT"))
    assert heights.tolist() == [[0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 3]]


def test_tracks_share_a_position_axis(tmp_path):
    index = encode("ACGTACGTAC")
    tracks = [
        Spans([Span(12, 15, "motif"), Span(16, 18, "decoy", strong=False)]),
        Letters(letter_heights(np.linspace(-1, 1, 10), index), "logit"),
        Lines({"a": np.zeros(10), "b": np.ones(10)}, "loss", limits=(-1, 2)),
        Cells(list("ACGT"), np.eye(4, 10), "logit"),
        Bases(index),
    ]
    short = Panel([Bases(index[:4])], "short")
    panel = Panel(tracks, "long", first=10, marks={13: "TSS"})
    figure = draw_tracks([panel, short])
    assert len(figure.axes) == 6
    assert {item.get_xlim() for item in figure.axes[:5]} == {(9.5, 19.5)}
    assert figure.axes[5].get_xlim() == (-0.5, 9.5)  # as wide as the longest
    lefts = {round(item.get_position().x0, 6) for item in figure.axes}
    assert len(lefts) == 1
    assert "TSS" in [tick.get_text() for tick in figure.axes[4].get_xticklabels()]
    save_figure(figure, tmp_path / "a.svg")
    save_figure(draw_tracks([panel, short]), tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_summaries_of_nothing_are_drawn(tmp_path):
    kinds = {"kind": ["saliency"], "target": ["x"]}
    titles = {("saliency", "x"): "saliency"}
    columns = ["aligned_on", "class", "position", "n", "mean", "se"]
    profile = pd.DataFrame(kinds).reindex(columns=["kind", "target", *columns])
    table = pd.DataFrame(kinds | {"flag": [""]})
    components = pd.DataFrame(kinds | {"positive": [1], "component1": [0.0]})
    figures = [
        draw_profiles(profile.iloc[:0], titles, widths={}),
        draw_completeness(table, titles, 0.05),
        draw_components(components, titles, {("saliency", "x"): np.zeros(1)}),
        message("nothing"),
    ]
    for figure in figures:
        save_figure(figure, tmp_path / "x.svg")


def test_a_moving_mean_leaves_unknown_bases_out():
    hypothetical = np.zeros((1, 4, 3))
    hypothetical[0, 0] = [2, 9, 4]
    index = encode("ANA")[None]
    result = per_base("saliency", hypothetical, index, window=3)
    assert result.tolist() == [[2, 0, 4]]
    answers = scored_numbers("saliency", hypothetical, index)
    assert answers["absolute_raw_window9"].tolist() == [[3, 3, 3]]
