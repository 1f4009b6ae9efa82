"""Tomtom's numbers: by hand, by an oracle, and as the MEME Suite printed them.

The worked examples were derived by hand from the published method; the references are
outputs of MEME Suite 4.12 and 5.0.3.
"""

import gzip
from dataclasses import replace

import numpy as np
import pytest

import tomtom_oracle
from proofread.motifs.column_similarity import DISTANCES
from proofread.motifs.columns import (
    Backgrounds,
    regularise,
    single_precision_consensus,
    smooth,
)
from proofread.motifs.files import read_meme
from proofread.motifs.motif import Motif, reverse_complement
from proofread.motifs.q_values import RandomNumbers, null_fraction, q_values
from proofread.motifs.score_distribution import (
    discretise,
    histograms_of,
    lower_median,
)
from proofread.motifs.tomtom import (
    COLUMNS,
    Settings,
    Targets,
    best_of,
    compare_motifs,
    different,
    write_comparisons,
)

UNIFORM = np.full(4, 0.25)
ALL = Settings(q_threshold=1)

QUERY = Motif("q", [[0.7, 0.1, 0.1, 0.1], [0.1, 0.6, 0.2, 0.1]], sites=20)
T1 = Motif("t1", [[0.8, 0.1, 0.05, 0.05], [0.1, 0.7, 0.1, 0.1]], sites=20)
T2 = Motif(
    "t2",
    [[0.25, 0.25, 0.4, 0.1], [0.1, 0.1, 0.1, 0.7], [0.4, 0.3, 0.2, 0.1]],
    sites=20,
)


def rows(comparisons):
    return [row for comparison in comparisons for row in comparison.rows()]


# Columns -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distance", "background", "expected"),
    [
        ("pearson", UNIFORM, -0.7745966692),
        ("ed", UNIFORM, -0.7071067812),
        ("sandelin", UNIFORM, 1.5),
        ("kullback", UNIFORM, -0.4066020360),
        ("allr", UNIFORM, -0.6395568049),
        ("blic1", UNIFORM, -0.7108523311),
        ("blic5", UNIFORM, -0.8383099708),
        ("allr", [0.3, 0.2, 0.2, 0.3], -0.7002388292),
        ("blic1", [0.3, 0.2, 0.2, 0.3], -2.5313130619),
        ("blic5", [0.3, 0.2, 0.2, 0.3], -2.6587707016),
    ],
)
def test_similarity_of_two_columns(distance, background, expected):
    settings = Settings(distance=distance, pseudocount=0, strands="forward")
    target = Motif("t", [[0.1, 0.2, 0.3, 0.4]], sites=10)
    pool = Targets([target], settings, Backgrounds.choose(background))
    similarity = pool.similarity(np.array([[0.7, 0.1, 0.1, 0.1]]), 20)
    assert similarity == pytest.approx(np.array([[expected]]), abs=6e-11)


def test_a_pseudocount_spreads_as_the_background():
    smoothed = smooth(Motif("m", [[1, 0, 0, 0]], sites=1), UNIFORM, 0.1)
    assert smoothed == pytest.approx(
        np.array([[0.931818, 0.0227273, 0.0227273, 0.0227273]]), abs=5e-7
    )


def test_a_motif_without_sites_counts_as_20_and_part_of_a_site_is_dropped():
    matrix = [[1, 0, 0, 0]]
    without = smooth(Motif("m", matrix), UNIFORM, 0.1)
    assert without[0, 1] == pytest.approx(0.025 / 20.1)
    for sites in (20.0, 20.9):
        assert np.array_equal(
            smooth(Motif("m", matrix, sites=sites), UNIFORM, 0.1), without
        )


def test_a_row_is_divided_by_its_sum_only_if_that_is_off_by_more_than_1e_5():
    off, rounded = [0.5, 0.25, 0.2, 0], [0.5, 0.25, 0.249995, 0]
    smoothed = smooth(Motif("m", [off, rounded]), UNIFORM, 0)
    assert smoothed[0] == pytest.approx(np.array(off) / 0.95)
    assert smoothed[1].tolist() == rounded


def test_a_background_is_raised_a_little_each_time_it_is_used():
    raised = regularise(np.array([0.3, 0.2, 0.2, 0.3]))
    assert raised == pytest.approx(
        [0.2999999000002, 0.2000000999998, 0.2000000999998, 0.2999999000002], abs=1e-13
    )


def test_the_background_of_the_queries_is_averaged_over_the_strands():
    backgrounds = Backgrounds.choose(None, [0.1863, 0.3146, 0.3107, 0.1885])
    # (.1863 + .1885) / 2 / 1.0001 and (.3146 + .3107) / 2 / 1.0001
    expected = [0.187381, 0.312619, 0.312619, 0.187381]
    assert backgrounds.queries == pytest.approx(expected, abs=1e-6)
    assert backgrounds.targets == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("column", "base"),
    [
        ([0.25, 0.25, 0.25, 0.25], "A"),
        ([0.1, 0.2, 0.3, 0.4], "T"),
        # Single precision rounds .3 up and .35 down.
        ([0.3, 0.3, 0.2, 0.2], "A"),
        ([0.35, 0.35, 0.15, 0.15], "C"),
    ],
)
def test_a_tie_in_the_consensus_hangs_on_single_precision(column, base):
    assert single_precision_consensus(np.array([column])) == base


# One tiny run, by hand ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("distance", "complete", "expected", "offset"),
    [
        (
            "pearson",
            True,
            [
                [98, 42, 42, 41, 56, 42, 89, 23, 98, 22],
                [36, 92, 45, 33, 58, 33, 60, 42, 33, 87],
            ],
            -42,
        ),
        (
            "pearson",
            False,
            [
                [100, 33, 33, 32, 50, 33, 89, 11, 100, 9],
                [32, 99, 43, 28, 59, 29, 61, 39, 29, 93],
            ],
            -50,
        ),
        (
            "ed",
            True,
            [
                [92, 50, 50, 44, 66, 50, 77, 58, 99, 58],
                [48, 91, 58, 47, 74, 53, 74, 69, 53, 84],
            ],
            -58,
        ),
        (
            "ed",
            False,
            [
                [88, 16, 16, 5, 44, 16, 63, 30, 100, 30],
                [13, 86, 30, 11, 57, 22, 58, 49, 22, 75],
            ],
            -100,
        ),
    ],
)
def test_bins(distance, complete, expected, offset):
    backgrounds = Backgrounds.choose(UNIFORM)
    pool = Targets([T1, T2], Settings(distance=distance), backgrounds)
    columns = smooth(QUERY, backgrounds.queries, 0.1)
    bins, unmatched = discretise(pool.similarity(columns, 20), complete)
    assert bins.tolist() == expected
    assert unmatched == offset


@pytest.mark.parametrize(
    ("distance", "complete", "expected"),
    [
        (
            "pearson",
            True,
            [
                ("q", "t1", "0", "0.0396", "0.0792", "0.1584", "2", "AC", "AC", "+"),
                (
                    "q",
                    "t2",
                    "1",
                    "0.150653",
                    "0.301307",
                    "0.301307",
                    "2",
                    "AC",
                    "TAC",
                    "-",
                ),
            ],
        ),
        (
            "pearson",
            False,
            [
                (
                    "q",
                    "t1",
                    "0",
                    "0.114158",
                    "0.228315",
                    "0.45663",
                    "2",
                    "AC",
                    "AC",
                    "+",
                ),
                (
                    "q",
                    "t2",
                    "1",
                    "0.27861",
                    "0.557221",
                    "0.557221",
                    "2",
                    "AC",
                    "TAC",
                    "-",
                ),
            ],
        ),
        (
            "ed",
            True,
            [
                ("q", "t1", "0", "0.0591", "0.1182", "0.229414", "2", "AC", "AC", "+"),
                (
                    "q",
                    "t2",
                    "1",
                    "0.114707",
                    "0.229414",
                    "0.229414",
                    "2",
                    "AC",
                    "TAC",
                    "-",
                ),
            ],
        ),
        (
            "ed",
            False,
            # q: 4 x 0.149237 / 1 = 0.596948 is lowered to 4 x 0.167028 / 2 = 0.334056.
            [
                (
                    "q",
                    "t2",
                    "1",
                    "0.149237",
                    "0.298474",
                    "0.334056",
                    "2",
                    "AC",
                    "TAC",
                    "-",
                ),
                (
                    "q",
                    "t1",
                    "0",
                    "0.167028",
                    "0.334056",
                    "0.334056",
                    "2",
                    "AC",
                    "AC",
                    "+",
                ),
            ],
        ),
    ],
)
def test_a_tiny_run(distance, complete, expected):
    settings = replace(ALL, distance=distance, complete=complete)
    assert rows(compare_motifs([QUERY], [T1, T2], settings)) == expected


def test_different_values_and_each_ones_place():
    values, position = different(np.array([5, -2, 5, 3, -2], dtype=np.int16))
    assert values.tolist() == [-2, 3, 5]
    assert position.tolist() == [2, 0, 2, 1, 0]
    values, position = different(np.array([30_000, -30_000], dtype=np.int16))
    assert (values.tolist(), position.tolist()) == ([-30_000, 30_000], [1, 0])


@pytest.mark.parametrize("width", [1, 2, 3])
def test_histograms_of_bins(width):
    bins = np.array([[7, 9, 7, 8], [8, 8, 8, 8], [9, 7, 9, 9]], dtype=np.int16)
    expected = [[0.5, 0.25, 0.25], [0, 1, 0], [0.25, 0, 0.75]]
    assert histograms_of(bins[:width], 7, 3).tolist() == expected[:width]


def test_histograms_of_the_largest_bins():
    bins = np.array([[100, 0], [100, 100]], dtype=np.int16)
    first, second = histograms_of(bins, 0, 101)
    assert (np.flatnonzero(first).tolist(), first[100]) == ([0, 100], 0.5)
    assert (np.flatnonzero(second).tolist(), second[100]) == ([100], 1)


# q-values ----------------------------------------------------------------------------


def test_the_random_numbers_are_those_of_1998s_seeding():
    assert RandomNumbers().uniform(5).tolist() == [
        0.8173300600608487,
        0.510354372470531,
        0.03541634860273207,
        0.6257087034319043,
        0.41071051106200873,
    ]


def test_places_are_numbers_times_a_count_rounded_down():
    # The last is large enough for the rounding of the product to matter.
    for count in (1, 3, 101, 1758, 2**20 + 7, 2**22 + 1):
        expected = (RandomNumbers().uniform(50_000) * count).astype(np.intp)
        assert np.array_equal(RandomNumbers().indices(50_000, count), expected)


@pytest.mark.parametrize(
    ("first", "second", "count", "expected"),
    [
        (0, 0, 3, 0),
        # 0x55555555 / 2**32 is 1/3 less 2**-32/3: the second output decides, as the
        # number rounds to 0x55555556 / 2**32 if that is all ones.
        (0x55555555, 0, 3, 0),
        (0x55555555, 0xFFFFFFFF, 3, 1),
        (0x55555556, 0, 3, 1),
        # 0xFFFFFFFF / 2**32 x 1000 is 1000 - 2.3e-7; all ones round to 1.
        (0xFFFFFFFF, 0, 1000, 999),
        (0xFFFFFFFF, 0xFFFFFFFF, 1000, 1000),
        (0x80000000, 0, 1000, 500),
        (0x7FFFFFFF, 0xFFFFFFFF, 1000, 500),
        (0x7FFFFFFF, 0, 1000, 499),
    ],
)
def test_indices_at_the_edges(monkeypatch, first, second, count, expected):
    pair = np.array([first << 32 | second], dtype=np.uint64)
    monkeypatch.setattr(RandomNumbers, "_pairs", lambda self, n: pair)
    assert RandomNumbers().indices(1, count).tolist() == [expected]


def test_the_share_of_true_nulls_and_the_q_values():
    p = (np.arange(1, 301) / 300) ** 1.5
    numbers = RandomNumbers()
    first, second = (null_fraction(p, "bootstrap", numbers) for _ in range(2))
    expected = null_fraction(p, "expectation", None)
    assert first == second == expected == pytest.approx(0.7476635514018692, abs=1e-15)
    q = q_values(p, first)
    assert q[[0, 9, 99, 299]] == pytest.approx(
        [0.0431663753, 0.1365040642, 0.4316637527, 0.7476635514], abs=6e-11
    )


def test_at_most_100_p_values_cannot_tell_their_share_of_true_nulls():
    assert null_fraction(np.full(100, 0.001), "bootstrap", RandomNumbers()) == 1


@pytest.mark.parametrize("rule", ["bootstrap", "expectation"])
def test_no_more_than_all_p_values_are_true_nulls(rule):
    # All are above lambda 0.005, the one with the lowest estimate: 1 / 0.995, above 1.
    assert null_fraction(np.ones(200), rule, RandomNumbers()) == 1


def test_the_variance_and_the_bias_of_an_estimate_count():
    # Above 0.005 are 600 of 1,000, above 0.5 are 290: estimates 0.6 / 0.995 = 0.6030
    # and 0.29 / 0.5 = 0.58, the lowest. In resamples of 1,000, with the bias squared:
    # 0.6 * 0.4 / (1000 * 0.995**2) + 0.0230**2 = 0.00077 and
    # 0.29 * 0.71 / (1000 * 0.5**2) = 0.00082. Any lambda between has a larger bias.
    p = np.repeat([0.001, 0.497, 0.9], [400, 310, 290])
    assert null_fraction(p, "expectation", None) == pytest.approx(0.6 / 0.995)
    # With 288 above 0.5 (0.576) the bias of the first is too large: 0.00097, 0.00082.
    p = np.repeat([0.001, 0.497, 0.9], [400, 312, 288])
    assert null_fraction(p, "expectation", None) == pytest.approx(0.288 / 0.5)


def test_q_never_falls_along_the_list():
    # p M / rank: .04, .04, .0533, .04, so all but the last are lowered to .04.
    assert q_values(np.array([0.01, 0.02, 0.04, 0.04]), 1).tolist() == [0.04] * 4


def test_the_smallest_of_60_p_values():
    corrected = best_of(np.array([1e-5, 1e-4]), 60)
    assert corrected == pytest.approx([6e-4, 0.00598233], abs=5e-9)


# Against the oracle ------------------------------------------------------------------


def random_motifs(seed, widths, prefix):
    rng = np.random.default_rng(seed)
    return [
        Motif(
            f"{prefix}{i}",
            rng.dirichlet(np.full(4, 0.6), width),
            sites=[None, 7.0, 12.5, 300.0][i % 4],
        )
        for i, width in enumerate(widths)
    ]


PLACES = np.arange(40_000)
RANDOM = np.random.default_rng(9).random(40_000)


@pytest.mark.parametrize(
    "values",
    [
        RANDOM[:1],
        RANDOM[:2],
        RANDOM[:7],
        RANDOM,
        RANDOM[:-1],
        np.round(RANDOM, 1),
        np.zeros(40_000),
        PLACES * 1.0,
        # Samples that mislead: each ninth value is large, or all of the first half.
        np.where(PLACES % 9 == 0, 5, RANDOM),
        np.where(PLACES < 20_000, 5, RANDOM),
    ],
    ids=str,
)
def test_the_lower_median_is_that_of_the_sorted_values(values):
    n, ordered = len(values), np.sort(values)
    low, high = max(n // 2 - 1, 0), max((n + 1) // 2 - 1, 0)
    assert lower_median(values) == (ordered[low] + ordered[high]) / 2


def test_a_comparison_does_not_change_with_those_before_it():
    """Memory is used again from query to query, of other widths too."""
    targets = random_motifs(2, [5, 9, 6], "t")
    queries = random_motifs(1, [8, 3, 11, 3], "q")
    for distance in DISTANCES:
        settings = replace(ALL, distance=distance)
        together = compare_motifs(queries, targets, settings)
        for query, result in zip(queries, together, strict=True):
            (alone,) = compare_motifs([query], targets, settings)
            assert list(result.rows()) == list(alone.rows())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"complete": False},
        {"strands": "forward"},
        {"strands": "forward", "complete": False},
        {"internal": True},
        {"internal": True, "complete": False},
        {"min_overlap": 4},
        {"min_overlap": 4, "complete": False},
        {"pseudocount": 1.0},
        {"pseudocount": 0.0},
        {"q_threshold": None, "e_threshold": 2.0},
        {"q_threshold": 0.3},
    ],
    ids=str,
)
@pytest.mark.parametrize("distance", tomtom_oracle.DISTANCES)
def test_the_fast_engine_equals_the_plain_one(distance, options):
    targets = random_motifs(2, [1, 2, 4, 4, 6, 7, 9], "t")
    queries = random_motifs(1, [1, 3, 6, 11], "q")
    queries.append(replace(targets[-1], name="copy"))
    background = [0.3, 0.2, 0.15, 0.35]
    settings = replace(ALL, distance=distance, **options)
    result = rows(compare_motifs(queries, targets, settings, background=background))
    expected = list(tomtom_oracle.rows(queries, targets, settings, background))
    assert result == expected
    assert result


# What follows from the method --------------------------------------------------------


def test_a_motif_finds_itself_and_its_reverse_complement():
    targets = random_motifs(3, [8] * 60, "t")
    query = replace(targets[17], name="q")
    same, other = compare_motifs([query, reverse_complement(query)], targets, ALL)
    for comparison, reverse in ((same, False), (other, True)):
        assert comparison.target[0] == 17
        assert comparison.reverse[0] == reverse
        assert (comparison.offset[0], comparison.overlap[0]) == (0, 8)
    assert same.p[0] == other.p[0] < 1e-6


def test_a_uniform_query_is_never_significant():
    targets = random_motifs(4, [5, 8, 12] * 20, "t")
    query = Motif("flat", np.full((10, 4), 0.25), sites=50)
    for complete in (True, False):
        settings = replace(ALL, complete=complete)
        (comparison,) = compare_motifs([query], targets, settings)
        assert set(comparison.p) == set(comparison.q) == {1.0}


def test_a_score_range_above_100_leaves_one_bin_and_p_1():
    targets = random_motifs(5, [6, 8, 10], "t")
    targets = [replace(target, sites=5000.0) for target in targets]
    settings = replace(ALL, distance="blic1")
    (comparison,) = compare_motifs(targets[:1], targets, settings)
    assert set(comparison.p) == {1.0}


def test_very_wide_queries_and_targets():
    targets = random_motifs(6, [40, 3], "t")
    query = Motif("q", np.tile(targets[0].matrix, (10, 1)), sites=20)
    (comparison,) = compare_motifs([query], targets, ALL)
    assert comparison.overlap[0] == 40
    assert comparison.offset[0] % -40 == 0


def test_without_random_numbers_q_does_not_depend_on_the_queries_before():
    targets = random_motifs(7, [6, 9] * 30, "t")
    queries = random_motifs(8, [7] * 6, "q")
    settings = replace(ALL, q_values="expectation")
    together = compare_motifs(queries, targets, settings)
    (alone,) = compare_motifs(queries[-1:], targets, settings)
    assert np.array_equal(together[-1].q, alone.q)


def test_at_equal_p_and_overlap_the_order_is_file_then_strand_then_name():
    palindrome = [[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]]
    targets = [
        Motif("b", palindrome, source="1"),
        Motif("a", palindrome, source="1"),
        Motif("a", palindrome, source="2"),
    ]
    (comparison,) = compare_motifs([Motif("q", palindrome)], targets, ALL)
    assert comparison.target.tolist() == [1, 0, 2]
    assert not comparison.reverse.any()


def test_no_queries_no_hits():
    assert compare_motifs([], [T1]) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"distance": "euclid"}, "distance: expected one of pearson, ed"),
        ({"q_threshold": 1.5}, "q_threshold: expected 0-1"),
        ({"q_threshold": None, "e_threshold": -1}, "e_threshold: expected"),
        ({"e_threshold": 1}, "expected one number and one None"),
        ({"q_threshold": None}, "expected one number and one None"),
        ({"strands": "reverse"}, "strands: expected one of forward, both"),
        ({"pseudocount": -1}, "pseudocount: expected >= 0"),
        ({"min_overlap": 0}, "min_overlap: expected >= 1"),
        ({"q_values": "bh"}, "q_values: expected one of bootstrap, expectation"),
    ],
)
def test_impossible_settings_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Settings(**change)


@pytest.mark.parametrize("distance", ["kullback", "allr"])
@pytest.mark.parametrize("column", [[1, 0, 0, 0], [0.5, 0.5, 0, 0]])
def test_logarithms_of_0_are_refused(distance, column):
    settings = Settings(distance=distance, pseudocount=0)
    with pytest.raises(ValueError, match="expected a pseudocount > 0"):
        compare_motifs([QUERY], [Motif("certain", [column])], settings)


def test_a_table_is_a_header_rows_an_empty_line_and_comments(tmp_path):
    path = tmp_path / "tomtom.tsv"
    write_comparisons(path, compare_motifs([QUERY], [T1, T2], ALL), ["made by hand"])
    header, *hits, empty, comment = path.read_text().splitlines()
    assert header.split("\t") == list(COLUMNS)
    assert hits[0] == "q\tt1\t0\t0.0396\t0.0792\t0.1584\t2\tAC\tAC\t+"
    assert (len(hits), empty, comment) == (2, "", "# made by hand")


# Against the MEME Suite --------------------------------------------------------------


def reference(path):
    """Rows of a Tomtom output, of version 4 or 5."""
    read = gzip.open if path.suffix == ".gz" else open
    with read(path, "rt") as file:
        lines = file.read().split("\n\n")[0].splitlines()[1:]
    return [tuple(line.split("\t")) for line in lines]


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("complete", [True, False], ids=["complete", "incomplete"])
def test_meme_4_12_on_its_own_sample(data_folder, distance, complete):
    folder = data_folder / "tomtom_ref_meme412"
    sample = read_meme(folder / "sample.meme")
    settings = Settings(distance=distance, complete=complete)
    result = compare_motifs(
        sample.motifs, sample.motifs, settings, query_background=sample.background
    )
    name = f"tomtom.{'complete.' if complete else ''}out.{distance}"
    assert rows(result) == reference(folder / name)


@pytest.mark.parametrize("model", ["DeepBind", "DeepBind-E", "ECBLSTM"])
def test_meme_5_0_3_on_filters_of_published_networks(data_folder, model):
    folder = data_folder / "filters_deepram_ctcf"
    filters = read_meme(folder / model / "filters_meme.txt")
    targets = read_meme(folder / "Jaspar.meme").motifs
    result = compare_motifs(
        filters.motifs,
        targets,
        Settings(q_threshold=0.05),
        query_background=filters.background,
    )
    assert rows(result) == reference(folder / model / "tomtom.tsv")


def test_the_closed_form_changes_q_alone_and_by_less_than_a_hundredth(data_folder):
    folder = data_folder / "tomtom_ref_pu1_cnn"
    queries = read_meme(folder / "filters.meme").motifs
    targets = read_meme(folder / "target.meme").motifs
    for bootstrap, expectation in zip(
        compare_motifs(queries, targets, ALL),
        compare_motifs(queries, targets, replace(ALL, q_values="expectation")),
        strict=True,
    ):
        for name in ("target", "reverse", "offset", "p", "e"):
            assert np.array_equal(getattr(bootstrap, name), getattr(expectation, name))
        assert np.allclose(bootstrap.q, expectation.q, rtol=0.01, atol=0)


@pytest.mark.parametrize("distance", ["pearson", "ed"])
def test_meme_4_12_on_all_pairs_of_24_filters_and_jaspar(data_folder, distance):
    folder = data_folder / "tomtom_ref_pu1_cnn"
    result = rows(
        compare_motifs(
            read_meme(folder / "filters.meme").motifs,
            read_meme(folder / "target.meme").motifs,
            replace(ALL, distance=distance),
            background=UNIFORM,
        )
    )
    expected = reference(folder / f"tomtom.{distance}.thresh1.txt.gz")
    assert len(result) == len(expected) == 24 * 1019
    assert result == expected
    printed = {
        "pearson": ("7.11677e-08", "7.25198e-05", "9.72723e-05"),
        "ed": ("7.50494e-11", "7.64753e-08", "1.49722e-07"),
    }
    pair = next(row for row in result if row[:2] == ("filter0", "MA0081.3"))
    assert (pair[2], pair[6], pair[9]) == ("1", "12", "+")
    assert pair[3:6] == printed[distance]
