"""Scores over seeds: intervals, ranks, paired comparisons and their verdicts."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import summary as script
from proofread.statistics.student import mean_and_sd, paired_t, t_interval
from proofread.tables import read_table, write_table
from proofread.truth import scorecard as truth_scorecard
from proofread.truth import summary_figure
from proofread.truth.comparisons import COMPARISON_COLUMNS, compare, rank
from proofread.truth.headline import headline_name, headline_scores
from proofread.truth.summary import (
    COLUMNS,
    SCORES_OVER_SEEDS,
    collect_networks,
    join_scores,
    networks_of,
    summarise,
)
from proofread.truth.summary_figure import draw_summary
from seed_scores import HIGH, LOW, ROWS, WINDOW, methods_of, scores_of

CENTRED = "absolute_centred_window9"


def judged(values, **columns):
    """Comparisons and ranks of methods."""
    headline = headline_scores(scores_of(values, **columns))
    comparisons = compare(headline)
    return comparisons, rank(headline, comparisons)


def networks_with(scores):
    names = zip(scores.dataset, scores.model, scores.seed, strict=True)
    return list(dict.fromkeys(names))


def summarised(scores):
    networks = networks_with(scores)
    headline = headline_scores(scores)
    ranks = rank(headline, compare(headline))
    return summarise(scores, headline, ranks, networks)


# -- means and intervals ---------------------------------------------------------------


def test_mean_sd_and_interval_by_hand():
    # 1, 2, 3: mean 2, squared deviations 1 + 0 + 1, sd sqrt(2 / 2) = 1. In a table of
    # Student's t: 4.30265 for 2 degrees of freedom, hence 2 +- 4.30265 / sqrt(3).
    n, mean, sd = mean_and_sd([1, 2, np.nan, 3])
    assert (n, mean, sd) == (3, 2, 1)
    half = 4.30265 / 1.7320508
    assert t_interval(n, mean, sd) == pytest.approx((2 - half, 2 + half), abs=1e-5)


def test_two_values_have_a_wide_interval():
    # 0.5 and 0.7: sd = 0.2 / sqrt(2), so that 0.6 +- 12.7062 x 0.1.
    interval = t_interval(*mean_and_sd([0.5, 0.7]))
    assert interval == pytest.approx((0.6 - 1.27062, 0.6 + 1.27062), abs=1e-5)


def test_one_value_has_no_interval_and_none_has_no_mean():
    n, mean, sd = mean_and_sd([0.7])
    assert (n, mean) == (1, 0.7) and np.isnan(sd)
    assert np.isnan(t_interval(n, mean, sd)).all()
    assert mean_and_sd([np.nan])[0] == 0
    assert np.isnan(mean_and_sd([])[1])


def test_equal_values_have_that_mean_and_no_spread():
    assert mean_and_sd([0.1] * 3) == (3, 0.1, 0.0)
    assert t_interval(3, 0.1, 0.0) == (0.1, 0.1)


def test_the_paired_t_test_by_hand():
    # Differences 1, 2, 3: t = 2 / (1 / sqrt(3)) = sqrt(12). With 2 degrees of freedom
    # p = 1 - t / sqrt(t^2 + 2) = 1 - sqrt(12 / 14).
    p = paired_t(np.array([2.0, 4, 6]), np.array([1.0, 2, 3]))
    assert p == pytest.approx(1 - np.sqrt(12 / 14))


def test_a_t_that_is_not_defined():
    same = np.array([0.1, 0.2, 0.3])
    assert paired_t(same, same) == 1
    # 0.8 - 0.7 is not 0.3 - 0.2 in the last bit.
    first, second = np.array([0.8, 0.3, 0.9]), np.array([0.7, 0.2, 0.8])
    assert np.ptp(first - second) > 0
    assert np.isnan(paired_t(first, second))
    assert np.isnan(paired_t(first[:1], second[:1]))
    assert np.isnan(paired_t(first[:0], second[:0]))


def test_as_scipy():
    values = np.random.default_rng(1).normal(size=7)
    n, mean, sd = mean_and_sd(values)
    expected = stats.t.interval(0.95, 6, values.mean(), stats.sem(values))
    assert t_interval(n, mean, sd) == pytest.approx(expected)
    assert sd == pytest.approx(values.std(ddof=1))


def test_a_row_of_the_summary():
    values = methods_of(one=[0.1, 0.2, 0.3, np.nan])
    bounds = {"negative_control": 0.05, "ideal_explainer": 0.9, "chance": 0.5}
    (row,) = summarised(scores_of(values, **bounds)).to_dict("records")
    assert list(row) == COLUMNS
    assert (row["n"], row["missing"], row["better"]) == (3, 1, "higher")
    # sd of 0.1, 0.2, 0.3 is 0.1.
    assert [row["mean"], row["sd"]] == pytest.approx([0.2, 0.1])
    assert row["ci_high"] == pytest.approx(0.2 + 4.30265 * 0.1 / np.sqrt(3), abs=1e-5)
    assert [row[name] for name in bounds] == list(bounds.values())
    # One method alone has no rank.
    assert np.isnan(row["rank"])


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([0.5], "one seed: no interval"),
        ([0.5, np.nan], "one seed: no interval"),
        ([np.nan], "no value"),
        ([0.5, 0.5], "the same value in all seeds"),
        ([0.5, 0.6], ""),
    ],
    ids=["one", "one_of_two", "none", "equal", "two"],
)
def test_what_a_row_cannot_say_is_noted(values, note):
    table = summarised(scores_of(methods_of(one=values)))
    assert table["note"].tolist() == [note]


def test_a_score_of_all_together_is_compared_with_one_of_a_target():
    found = "planted_motifs_found"
    every = pd.concat(
        [
            scores_of({("tomtom", ""): [0.5]}, metric=found, target=""),
            scores_of({("motif_discovery", ""): [0.8]}, metric=found, target="t"),
            scores_of({("motif_discovery", ""): [0.6]}, metric=found, target="u"),
        ]
    )
    rows = headline_scores(every).to_dict("records")
    assert [row["method"] for row in rows] == ["tomtom", "motif_discovery"]
    assert [row["value"] for row in rows] == pytest.approx([0.5, 0.7])
    assert [row["subjects"] for row in rows] == [1, 2]


def test_metrics_of_one_method_are_headlines_where_asked_for():
    scores = scores_of({("motif_tests", ""): [0.5]}, metric="tests_recovered")
    assert len(headline_scores(scores)) == 0
    assert headline_scores(scores, of_one=True)["value"].tolist() == [0.5]


def test_scores_of_networks_are_beside_those_of_methods(tmp_path):
    columns = ["predictor", "target", "metric", "value", "ci_low", "ci_high", "n"]
    rows = [
        ("network", "t", "auroc", 0.9, 0.8, 1.0, 50),
        ("network", "t", "brier", 0.1, 0.0, 0.2, 50),
        ("gc", "t", "auroc", 0.6, 0.5, 0.7, 50),
        ("gc", "t", "auroc_gain", 0.3, 0.2, 0.4, 50),
    ]
    paths = [tmp_path / "a" / "cnn" / f"seed{seed}/metrics.tsv" for seed in (7, 9)]
    for path, table in zip(paths, (rows, []), strict=True):
        path.parent.mkdir(parents=True)
        write_table(path, pd.DataFrame(table, columns=columns))
    networks, scores = collect_networks(paths)
    assert networks == [("a", "cnn", "7"), ("a", "cnn", "9")]
    assert networks_of(networks) == [("a", "cnn")]
    named = scores[["method", "metric", "target", "variant", "better", "value"]]
    assert named.values.tolist() == [
        ["evaluate", "test_auroc", "t", "", "higher", 0.9],
        ["evaluate", "test_brier", "t", "", "lower", 0.1],
        ["evaluate", "test_auroc_gain", "t", "gc", "higher", 0.3],
    ]
    scorecard = scores_of(methods_of(one=[0.5])).assign(seed=7)
    joined = join_scores(scores, scorecard)
    assert joined["seed"].tolist() == ["7"] * 4
    table = summarise(joined, headline_scores(joined), rank_of_none(), networks)
    # The other network has no labels.
    assert table["missing"].tolist() == [1] * 4


def rank_of_none():
    headline = headline_scores(scores_of(methods_of(one=[0.5])))
    return rank(headline, compare(headline))


# -- which scores are compared ---------------------------------------------------------


def test_the_answer_of_each_method_is_chosen_before_its_score_is_seen():
    values = {
        ("kmer_perturbation", "absolute"): [0.99],
        ("kmer_perturbation", WINDOW): [0.7],
        ("attributions", "saliency absolute_raw"): [0.98],
        ("attributions", f"saliency {CENTRED}"): [0.6],
        ("attributions", f"smoothgrad {CENTRED}"): [0.5],
        ("attributions", f"smoothgrad {WINDOW}"): [0.97],
        ("attributions", "deeplift_shap signed_raw"): [0.96],
    }
    headline = headline_scores(scores_of(values))
    assert headline["value"].tolist() == [0.7, 0.6, 0.5]
    names = [
        headline_name(*row)
        for row in headline[["method", "variant"]].itertuples(index=False, name=None)
    ]
    assert names == [
        "kmer_perturbation",
        "attributions, saliency",
        "attributions, smoothgrad",
    ]


def test_a_metric_of_one_method_alone_is_not_compared():
    values = {("motif_tests", ""): [1.0], ("other", "of_its_own"): [0.5]}
    assert len(headline_scores(scores_of(values, metric="tests_recovered"))) == 0
    values["second", ""] = [0.9]
    headline = headline_scores(scores_of(values, metric="tests_recovered"))
    assert headline["method"].tolist() == ["motif_tests", "second"]


def test_several_targets_are_averaged_and_a_missing_one_is_no_mean():
    first = methods_of(one=[0.2, 0.4], two=[0.1, 0.1])
    second = methods_of(one=[0.6, np.nan], two=[0.3, 0.5])
    scores = pd.concat(
        [scores_of(first, target="liver"), scores_of(second, target="lung")]
    )
    headline = headline_scores(scores)
    # (0.2 + 0.6) / 2 and (0.1 + 0.3) / 2 of seed 1.
    assert headline["value"].tolist() == pytest.approx(
        [0.4, np.nan, 0.2, 0.3], nan_ok=True
    )
    assert headline["target"].tolist() == [""] * 4
    table = summarised(scores)
    means = table[table["target"] == ""]
    assert means["mean"].tolist() == pytest.approx([0.4, 0.25])
    note = "mean over 2 motifs or targets"
    assert means["note"].tolist() == [f"{note}; one seed: no interval", note]
    # Ranks are of what was compared.
    assert means["rank"].tolist() == [1, 2]
    assert table[table["target"] != ""]["rank"].isna().all()


def test_a_score_of_all_motifs_together_goes_before_their_mean():
    values = {("one", ""): [0.5], ("two", ""): [0.6]}
    columns = {"metric": "found", "target": ""}
    scores = pd.concat(
        [scores_of(values, **columns), scores_of(values, motif="STAT", **columns)]
    )
    assert headline_scores(scores)[["motif", "subjects"]].values.tolist() == [
        ["", 1],
        ["", 1],
    ]


# -- ranks -----------------------------------------------------------------------------


def test_ranks_within_seeds_by_hand():
    # Seed 1: 1, 2, 3. Seed 2: one and two share 1 and 2. Seed 3: 2, 1, 3.
    values = methods_of(one=[0.9, 0.8, 0.7], two=[0.8, 0.8, 0.9], three=[0.1, 0.2, 0.3])
    _, ranks = judged(values)
    # one: 1, 1.5, 2; mean 1.5, sd 0.5, 1.5 +- 4.30265 x 0.5 / sqrt(3) = 0.258 to 2.742,
    # cut to ranks there are.
    assert ranks["rank"].tolist() == [1.5, 1.5, 3]
    assert ranks["rank_low"].tolist() == [1, 1, 3]
    high = 1.5 + 4.30265 * 0.5 / np.sqrt(3)
    assert ranks["rank_high"].tolist() == pytest.approx([high, high, 3], abs=1e-5)
    assert ranks["rank_n"].tolist() == [3] * 3 and ranks["ranked"].tolist() == [3] * 3


def test_the_lowest_is_first_where_lower_is_better():
    values = methods_of(one=[0.1] * 3, two=[0.2] * 3)
    _, ranks = judged(values, better="lower", metric="position_decoy_fraction")
    assert ranks["rank"].tolist() == [1, 2]


def test_two_seeds_have_ranks_without_an_interval():
    _, ranks = judged(methods_of(one=[0.5, 0.6], two=[0.4, 0.7]))
    assert ranks["rank"].tolist() == [1.5, 1.5]
    assert ranks[["rank_low", "rank_high"]].isna().all(axis=None)


def test_a_seed_without_a_value_is_left_out_of_all_ranks():
    values = methods_of(one=[0.9, 0.1, 0.9], two=[0.5, np.nan, 0.5], none=[np.nan] * 3)
    _, ranks = judged(values)
    assert ranks["rank"].tolist() == pytest.approx([1, 2, np.nan], nan_ok=True)
    assert ranks["rank_n"].tolist() == [2, 2, 0]
    assert ranks["ranked"].tolist() == [2, 2, 2]


# -- comparisons -----------------------------------------------------------------------


def test_a_pair_by_hand():
    # Differences 0.1, 0.2, 0.3: as 1, 2, 3 above.
    values = methods_of(one=[0.2, 0.4, 0.6], two=[0.1, 0.2, 0.3])
    (pair,) = judged(values)[0].to_dict("records")
    assert list(pair) == COMPARISON_COLUMNS
    assert pair["n"] == 3 and pair["difference"] == pytest.approx(0.2)
    half = 4.30265 * 0.1 / np.sqrt(3)
    assert [pair["ci_low"], pair["ci_high"]] == pytest.approx(
        [0.2 - half, 0.2 + half], abs=1e-5
    )
    p = 1 - np.sqrt(12 / 14)
    assert [pair["p"], pair["p_holm"]] == pytest.approx([p, p])
    # 2 of the 8 flips, all or none, have a mean as large.
    assert pair["p_sign_flip"] == 0.25
    assert pair["verdict"] == "undecided"


@pytest.mark.parametrize(
    ("better", "verdict", "counts"),
    [
        ("higher", "better", [[1, 0, 0], [0, 1, 0]]),
        ("lower", "worse", [[0, 1, 0], [1, 0, 0]]),
    ],
    ids=["higher", "lower"],
)
def test_a_verdict_follows_the_direction_of_the_score(better, verdict, counts):
    comparisons, ranks = judged(methods_of(one=HIGH, two=LOW), better=better)
    assert comparisons["verdict"].tolist() == [verdict]
    assert comparisons["p"][0] == pytest.approx(1 / 3e6, rel=1e-3)
    columns = ["better_than", "worse_than", "undecided"]
    assert ranks[columns].values.tolist() == counts


def test_holm_over_all_pairs_of_a_metric_by_hand():
    # one - two: 1, 2, 3, p = 1 - sqrt(12 / 14) = 0.0742. one - three: 2, 2, 5, mean 3,
    # sd sqrt(3), t = 3, p = 1 - sqrt(9 / 11) = 0.0955. two - three: 1, 0, 2, mean 1,
    # sd 1, t = sqrt(3), p = 1 - sqrt(3 / 5) = 0.2254. Times 3, 2 and 1, never falling:
    # 0.2225, 0.2225 (not 0.1909), 0.2254.
    values = methods_of(one=[2.0, 4, 7], two=[1.0, 2, 4], three=[0.0, 2, 2])
    comparisons, _ = judged(values)
    p = 1 - np.sqrt([12 / 14, 9 / 11, 3 / 5])
    assert comparisons["p"].tolist() == pytest.approx(p)
    holm = [3 * p[0], 3 * p[0], p[2]]
    assert comparisons["p_holm"].tolist() == pytest.approx(holm)


def test_pairs_of_other_datasets_models_and_metrics_do_not_count():
    values = methods_of(one=HIGH, two=LOW)
    scores = [
        scores_of(values, dataset=dataset, model=model, metric=metric)
        for dataset in "ab"
        for model in ("cnn", "rnn")
        for metric in ("position_auroc", "position_auprc")
    ]
    comparisons = compare(headline_scores(pd.concat(scores)))
    assert len(comparisons) == 8
    assert (comparisons["p_holm"] == comparisons["p"]).all()


@pytest.mark.parametrize("seeds", [1, 2])
def test_with_too_few_seeds_no_pair_is_decided(seeds):
    values = methods_of(one=HIGH[:seeds], two=LOW[:seeds])
    (pair,) = judged(values)[0].to_dict("records")
    assert pair["verdict"] == "undecided" and pair["n"] == seeds
    assert pair["note"] == f"too few seeds: {seeds} of at least 3"
    assert np.isnan([pair["p"], pair["p_holm"], pair["p_sign_flip"]]).all()


def test_a_pair_has_the_seeds_at_which_both_have_a_value():
    values = methods_of(one=[np.nan, *HIGH], two=[*LOW, 0.5], three=[np.nan] * 4)
    comparisons, ranks = judged(values)
    assert comparisons["n"].tolist() == [3, 0, 0]
    assert comparisons["verdict"].tolist() == ["better", "undecided", "undecided"]
    # Pairs that were not tested do not count.
    assert comparisons["p_holm"][0] == comparisons["p"][0]
    assert ranks["undecided"].tolist() == [1, 1, 2]


def test_equal_values_are_undecided():
    (pair,) = judged(methods_of(one=[0.1, 0.5, 0.9], two=[0.1, 0.5, 0.9]))[0].to_dict(
        "records"
    )
    assert (pair["difference"], pair["p"], pair["verdict"]) == (0, 1, "undecided")
    assert pair["note"] == "equal in all seeds"


@pytest.mark.parametrize(
    ("seeds", "verdict"), [(3, "undecided"), (5, "undecided"), (6, "better")]
)
def test_the_same_difference_in_all_seeds_is_tested_by_flips(seeds, verdict):
    # t is not defined. 2 of the 2^n flips are as extreme: 0.25, 0.0625, 0.03125.
    values = methods_of(one=[1.0] * seeds, two=[0.5] * seeds)
    (pair,) = judged(values)[0].to_dict("records")
    assert pair["p"] == pair["p_sign_flip"] == 2.0 ** (1 - seeds)
    assert pair["verdict"] == verdict
    assert pair["note"] == "the same difference in all seeds: p of the sign-flip test"


def test_p_as_scipy_and_many_seeds_by_random_flips():
    rng = np.random.default_rng(3)
    one, two = rng.normal(0.2, 1, 20), rng.normal(size=20)
    (pair,) = judged(methods_of(one=one, two=two))[0].to_dict("records")
    assert pair["p"] == pytest.approx(stats.ttest_rel(one, two).pvalue)
    exact = stats.permutation_test(
        (one - two,), np.mean, permutation_type="samples", n_resamples=20_000, rng=rng
    ).pvalue
    assert pair["p_sign_flip"] == pytest.approx(exact, abs=0.02)


# -- files and the figure --------------------------------------------------------------


def run(folder, scores, metrics=()):
    """The script on a scorecard; what it wrote."""
    folder.mkdir()
    table = scores.assign(n=9, ci_low=np.nan, ci_high=np.nan)
    write_table(
        folder / "scorecard.tsv", table.reindex(columns=truth_scorecard.COLUMNS)
    )
    files = {"table": "summary.tsv", "comparisons": "comparisons.tsv"}
    output = {key: str(folder / name) for key, name in files.items()}
    output["figure"] = str(folder / "summary.svg")
    script.main(
        SimpleNamespace(
            input=SimpleNamespace(
                scorecard=str(folder / "scorecard.tsv"), metrics=list(metrics)
            ),
            output=SimpleNamespace(**output),
            params=SimpleNamespace(figures={}),
            log=[str(folder / "log.txt")],
        )
    )
    return {key: (folder / name) for key, name in files.items()} | {
        "figure": folder / "summary.svg"
    }


def networks_in(folder, seeds, rows=()):
    """metrics.tsv of networks."""
    columns = ["predictor", "target", "metric", "value", "ci_low", "ci_high", "n"]
    for seed in range(1, seeds + 1):
        path = folder / "a" / "cnn" / f"seed{seed}" / "metrics.tsv"
        path.parent.mkdir(parents=True)
        write_table(path, pd.DataFrame(rows, columns=columns))
        yield str(path)


def test_the_same_scores_give_the_same_bytes(tmp_path):
    scores = scores_of(methods_of(one=HIGH, two=LOW, three=[0.4, 0.7, 0.5]))
    metrics = list(networks_in(tmp_path / "networks", 3, ROWS))
    first, second = (run(tmp_path / name, scores, metrics) for name in "xy")
    for key in first:
        assert first[key].read_bytes() == second[key].read_bytes()
    table = read_table(first["table"])
    assert table["metric"].tolist() == [
        "test_auroc",
        "test_auprc",
        *["position_auroc"] * 3,
    ]
    assert read_table(first["comparisons"])["verdict"].tolist()[0] == "better"


def test_without_scores_and_labels_tables_have_a_header_and_the_figure_says_so(
    tmp_path,
):
    empty = pd.DataFrame(columns=SCORES_OVER_SEEDS)
    written = run(tmp_path / "x", empty, networks_in(tmp_path / "networks", 1))
    assert written["table"].read_text() == "\t".join(COLUMNS) + "\n"
    assert written["comparisons"].read_text() == "\t".join(COMPARISON_COLUMNS) + "\n"
    assert written["figure"].stat().st_size > 0


def drawn(scores):
    headline = headline_scores(scores)
    comparisons = compare(headline)
    ranks = rank(headline, comparisons)
    table = summarise(scores, headline, ranks, networks_with(scores))
    return draw_summary(headline, table, comparisons)


def test_the_figure_has_a_row_for_each_method_a_dot_for_each_seed_and_the_verdicts():
    third = [0.4, 0.7, 0.5]
    bounds = {"negative_control": 0.45, "ideal_explainer": 0.95}
    figure = drawn(scores_of(methods_of(two=LOW, three=third, one=HIGH), **bounds))
    forest, squares = figure.axes
    # Means 0.6, 0.533, 0.5.
    names = [label.get_text() for label in forest.get_yticklabels()]
    assert names == ["one  1", "three  2", "two  3"]
    dots = [line for line in forest.lines if line.get_marker() == "o"]
    assert [list(line.get_xdata()) for line in dots] == [HIGH, third, LOW]
    said = [text.get_text() for text in forest.texts]
    assert said == ["", "undecided", "worse than 1"]
    signs = [text.get_text() for text in squares.texts]
    assert signs == ["?", "+", "?", "?", "−", "?"]
    ends = [line.get_xdata()[0] for line in forest.lines]
    assert {0.45, 0.95} <= set(ends)


def test_one_seed_is_said_in_the_figure():
    figure = drawn(scores_of(methods_of(one=[0.5], two=[0.4])))
    assert [text.get_text() for text in figure.axes[0].texts] == ["one seed"] * 2


def test_a_figure_of_many_datasets_says_which_are_shown(monkeypatch):
    monkeypatch.setattr(summary_figure, "MAX_PANELS", 1)
    values = methods_of(one=[0.5], two=[0.4])
    figure = drawn(pd.concat(scores_of(values, dataset=name) for name in "ab"))
    assert [panel.get_title(loc="left") for panel in figure.axes] == [
        "a, cnn: position_auroc",
        "",
    ]
    assert "the first 1 of 2 panels" in figure.get_suptitle()


def test_scores_of_the_scorecard_have_all_columns_that_are_read():
    assert set(SCORES_OVER_SEEDS) <= set(truth_scorecard.COLUMNS)
