"""Published scores and ours: the right rows, spreads and verdicts."""

import numpy as np
import pandas as pd
import pytest

from proofread.errors import InputError
from proofread.figures.style import ACCENT
from proofread.studies.published import (
    AS_GOOD,
    GIVEN,
    NO_SPREAD,
    NOT_MEASURED,
    RUNS,
    WITHIN,
    WORSE,
    compare_with_published,
    count_verdicts,
    each_run,
    pooled_auprc,
    read_published,
)
from proofread.studies.published_table import (
    draw_published,
    markdown,
    network_names,
)
from proofread.tables import read_table, write_table
from proofread.truth.summary import SCORES_OVER_SEEDS

AUROC = ("attributions", "position_auroc", "saliency signed_raw")

NO_RUNS = pd.DataFrame(columns=RUNS)


def row_of(**columns):
    given = {
        **{"table": "T", "dataset": "a", "model": "cnn", "score": "saliency"},
        **{"method": AUROC[0], "metric": AUROC[1], "variant": AUROC[2]},
        **{"published": 0.8, "published_sd": 0.02, "best_runs": np.nan},
        **{"rounding": 0.00005, "compared_with": ""},
    }
    return given | columns


def scores_of(values, score=AUROC, *, target="t", better="higher", control=0.5):
    """Values by seed, from 1."""
    method, metric, variant = score
    rows = [
        {
            **{"dataset": "a", "model": "cnn", "seed": str(seed), "motif": ""},
            **{"method": method, "metric": metric, "variant": variant},
            **{"target": target, "better": better, "value": value},
            **{"negative_control": control, "ideal_explainer": 0.9, "chance": 0.5},
        }
        for seed, value in enumerate(values, start=1)
    ]
    return pd.DataFrame(rows, columns=SCORES_OVER_SEEDS)


def compared(scores, **columns):
    table = compare_with_published(scores, pd.DataFrame([row_of(**columns)]))
    return table.iloc[0]


def test_mean_spread_and_interval_over_networks():
    ours = compared(scores_of([0.7, 0.8, 0.9]))
    assert (ours["n"], ours["lowest"], ours["highest"]) == (3, 0.7, 0.9)
    assert ours["mean"] == pytest.approx(0.8)
    assert ours["sd"] == pytest.approx(0.1)
    # t(0.975; 2) is 4.302653 (tables of Student's t)
    half = 4.302653 * 0.1 / np.sqrt(3)
    assert ours["ci_low"] == pytest.approx(0.8 - half, abs=1e-6)
    assert ours["negative_control"] == 0.5
    assert ours["ideal"] == 0.9


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([0.9, 0.9], AS_GOOD),
        ([0.8, 0.8], AS_GOOD),
        ([0.79996, 0.79996], AS_GOOD),  # 0.8000 in four digits
        ([0.79, 0.79], WITHIN),
        ([0.77996, 0.77996], WITHIN),  # one sd below 0.79996, which 0.8000 may be
        ([0.77994, 0.77994], WORSE),
        ([], NOT_MEASURED),
    ],
)
def test_verdicts(values, verdict):
    assert compared(scores_of(values))["verdict"] == verdict


def test_a_score_that_should_be_low_is_turned_round():
    scores = scores_of([0.7, 0.7], better="lower")
    assert compared(scores)["verdict"] == AS_GOOD
    assert compared(scores_of([0.85, 0.85], better="lower"))["verdict"] == WORSE


def test_without_a_published_spread_ours_is_taken():
    scores = scores_of([0.7, 0.9])  # mean 0.8, sd 0.1414
    assert compared(scores, published=0.93, published_sd=np.nan)["verdict"] == WITHIN
    assert compared(scores, published=0.95, published_sd=np.nan)["verdict"] == WORSE
    # -0.13 of 0.1414214
    gap = compared(scores, published=0.93, published_sd=np.nan)["published_sds"]
    assert gap == pytest.approx(-0.919239, abs=1e-6)
    alone = compared(scores_of([0.79]), published_sd=np.nan)
    assert alone["verdict"] == NO_SPREAD
    assert np.isnan(alone["published_sds"])


@pytest.mark.parametrize(("value", "sds"), [(0.85, 2.5), (0.8, 0), (0.77, -1.5)])
@pytest.mark.parametrize("better", ["higher", "lower"])
def test_the_difference_is_counted_in_published_sds(value, sds, better):
    # 0.8 +- 0.02 is published. Its sign is that of the difference, not of the gain.
    ours = compared(scores_of([value, value], better=better))
    assert ours["published_sds"] == pytest.approx(sds)


def test_a_published_sd_of_0_counts_nothing():
    ours = compared(scores_of([0.7, 0.9]), published_sd=0.0)
    assert np.isnan(ours["published_sds"])
    assert ours["verdict"] == AS_GOOD


def filters(metric, better):
    """Of a score that neither an ideal explainer nor a negative control has."""
    score = ("tomtom", metric, "")
    table = scores_of([0.5, 0.6], score, better=better, control=np.nan)
    table["ideal_explainer"] = np.nan
    names = dict(zip(("method", "metric", "variant"), score, strict=True))
    return table, names


@pytest.mark.parametrize(
    ("metric", "better", "ideal"),
    [
        ("filter_true_rate", "higher", 1),
        ("filter_other_rate", "lower", 0),
        ("test_auprc_pooled", "higher", np.nan),
    ],
)
def test_without_an_ideal_explainer_the_best_value_is_ideal(metric, better, ideal):
    table, names = filters(metric, better)
    assert compared(table, **names)["ideal"] == pytest.approx(ideal, nan_ok=True)


def test_without_a_negative_control_the_page_has_the_chance_level():
    table, names = filters("test_auprc_pooled", "higher")
    ours = compared(table, **names)
    assert np.isnan(ours["negative_control"])
    assert ours["chance"] == 0.5
    text = markdown(pd.DataFrame([ours]), NO_RUNS)
    assert "| 2 | -12.5 | 0.5000 (chance) | worse |" in text


def test_columns_without_a_cell_are_left_out():
    table, names = filters("test_auprc_pooled", "higher")
    alone = pd.DataFrame([compared(table, **names)])
    header = "| network | score | published | ours | n | ours - published, in sd |"
    assert f"{header} negative control | verdict |\n" in markdown(alone, NO_RUNS)
    other = pd.DataFrame([compared(scores_of([0.8, 0.9]))])
    both = markdown(pd.concat([alone, other]), NO_RUNS)
    assert f"{header} negative control | ideal | verdict |\n" in both


def test_a_score_that_should_be_low_says_so():
    table, names = filters("filter_other_rate", "lower")
    table = pd.DataFrame([compared(table, **names)])
    assert "| cnn | saliency (lower is better) | 0.8000" in markdown(table, NO_RUNS)
    labels = draw_published(table, NO_RUNS).axes[0].get_yticklabels()
    texts = [label.get_text() for label in labels]
    assert texts == ["cnn", "saliency (lower is better)"]


def test_predictions_of_all_targets_are_pooled(tmp_path):
    # By logit: 2 (positive), 1 (negative), 0.5 (positive), -1 (negative). Precision is
    # 1 at the first positive and 2/3 at the second. Each target alone has 1.
    path = tmp_path / "a" / "cnn" / "seed7" / "predictions.tsv"
    path.parent.mkdir(parents=True)
    rows = [("s1", "one", 1, 2), ("s2", "one", 0, 1), ("s1", "two", 1, 0.5)]
    rows += [("s2", "two", 0, -1), ("s3", "one", None, 9)]
    table = pd.DataFrame(rows, columns=["id", "target", "true", "logit"])
    write_table(path, table)
    (row,) = pooled_auprc([path]).to_dict("records")
    assert (row["dataset"], row["model"], row["seed"]) == ("a", "cnn", "7")
    assert (row["method"], row["metric"]) == ("evaluate", "test_auprc_pooled")
    assert row["value"] == pytest.approx((1 + 2 / 3) / 2)
    assert row["chance"] == 0.5  # 2 of the 4 known labels
    write_table(path, table.assign(true=1))
    assert pooled_auprc([path]).empty
    # A quantity has outputs, not logits.
    write_table(path, table.rename(columns={"logit": "output"}))
    assert pooled_auprc([path]).empty


def test_the_best_runs_are_chosen_by_their_predictions():
    # Of two targets: the mean AUPRC of seeds 1 to 3 is 0.6, 0.8, 0.7.
    prediction = ("evaluate", "test_auprc", "")
    scores = pd.concat(
        [
            scores_of([0.9, 0.5, 0.7]),
            scores_of([0.6, 0.9, 0.5], prediction, target="one"),
            scores_of([0.6, 0.7, 0.9], prediction, target="two"),
        ]
    )
    ours = compared(scores, best_runs=2)
    assert ours["best_mean"] == pytest.approx(0.6)  # of seeds 2 and 3
    assert ours["best_sd"] == pytest.approx(0.1 * np.sqrt(2))
    assert ours["published_sds"] == pytest.approx((0.6 - 0.8) / 0.02)
    assert ours["mean"] == pytest.approx(0.7)
    assert ours["verdict"] == WORSE
    assert compared(scores_of([0.9]), best_runs=1)["verdict"] == NOT_MEASURED
    fewer = compared(scores, best_runs=4)
    assert (fewer["verdict"], fewer["n"]) == (NOT_MEASURED, 3)
    assert np.isnan(fewer["best_mean"])


def test_every_run_is_shown_with_the_best_in_bold():
    prediction = ("evaluate", "test_auprc", "")
    scores = pd.concat(
        [
            scores_of([0.9, 0.5, np.nan, 0.7]),
            scores_of([0.6, 0.9, 0.95, 0.8], prediction),
        ]
    )
    published = pd.DataFrame([row_of(best_runs=2), row_of(table="U")])
    runs = each_run(scores, published)
    # Seed 3 predicts best but has no value.
    assert runs["seed"].tolist() == 2 * [1, 2, 4]
    assert runs["value"].tolist() == 2 * [0.9, 0.5, 0.7]
    assert runs["best"][:3].tolist() == [0, 1, 1]
    assert runs["best"][3:].isna().all()
    text = markdown(compare_with_published(scores, published), runs)
    assert text.count("Every run") == 1
    assert "| network | score | seed 1 | seed 2 | seed 4 |" in text
    assert "| cnn | saliency | 0.9000 | **0.5000** | **0.7000** |" in text
    fewer = each_run(scores, pd.DataFrame([row_of(best_runs=4)]))
    assert fewer["best"].isna().all()


def test_of_several_targets_the_mean_of_each_network_counts():
    scores = pd.concat(
        [
            scores_of([0.8, 0.6], target="one"),
            scores_of([0.9, np.nan], target="two"),
        ]
    )
    ours = compared(scores)
    # Seed 2 lacks a target: a mean over fewer targets is another quantity.
    assert (ours["n"], ours["mean"]) == (1, pytest.approx(0.85))


def test_a_variant_is_compared_with_another_on_the_same_networks():
    plain = (*AUROC[:2], "saliency signed_raw")
    better = (*AUROC[:2], "saliency signed_centred_window9")
    scores = pd.concat(
        [
            scores_of([0.7, 0.8, 0.9, np.nan], plain),
            scores_of([0.9, 0.9, 0.9, 0.9], better),
        ]
    )
    ours = compared(scores, variant=better[2], compared_with=plain[2])
    assert (ours["n"], ours["mean"]) == (4, 0.9)
    assert ours["compared_mean"] == pytest.approx(0.8)
    assert ours["compared_sd"] == pytest.approx(0.1)
    # Seeds 1 to 3 have both: 0.2, 0.1, 0. t(0.975; 2) is 4.302653.
    assert ours["difference"] == pytest.approx(0.1)
    half = 4.302653 * 0.1 / np.sqrt(3)
    assert ours["difference_low"] == pytest.approx(0.1 - half, abs=1e-6)
    assert ours["difference_high"] == pytest.approx(0.1 + half, abs=1e-6)
    text = markdown(pd.DataFrame([ours]), NO_RUNS)
    assert "| compared with | same networks | difference (95 % interval) |" in text
    paired = "saliency signed_raw | 0.8000 ± 0.1000 | 0.1000 (-0.1484 to 0.3484) |"
    assert f"| {AS_GOOD} | {paired}" in text
    # A row for the other variant gives it a name, unless it is the row's own name.
    for name, shown in (("plain", "plain"), ("saliency", "saliency signed_raw")):
        both = pd.DataFrame([ours, compared(scores, score=name)])
        cells = (
            f"| {AS_GOOD} | {shown} | 0.8000 ± 0.1000 | 0.1000 (-0.1484 to 0.3484) |"
        )
        assert cells in markdown(both, NO_RUNS)


@pytest.mark.parametrize("missing", ["ours", "other"])
def test_without_one_of_two_variants_there_is_no_difference(missing):
    scores = scores_of([0.8, 0.8])
    other = AUROC[2] if missing == "ours" else "absent"
    variant = "absent" if missing == "ours" else AUROC[2]
    ours = compared(scores, variant=variant, compared_with=other)
    assert np.isnan(ours["difference"])
    assert ours["n"] == (0 if missing == "ours" else 2)
    assert ours["compared_mean"] == pytest.approx(
        0.8 if missing == "ours" else np.nan, nan_ok=True
    )


def test_only_the_score_of_the_row_is_taken():
    scores = pd.concat([scores_of([0.8]), scores_of([0.1], (*AUROC[:2], "l2"))])
    assert compared(scores)["mean"] == 0.8
    assert compared(scores, model="other")["verdict"] == NOT_MEASURED


def test_the_markdown_has_the_numbers_of_the_table():
    rows = [row_of(), row_of(model="other"), row_of(table="U", published_sd=np.nan)]
    table = compare_with_published(scores_of([0.7, 0.8, 0.9]), pd.DataFrame(rows))
    text = markdown(table, NO_RUNS)
    given = "saliency | 0.8000 ± 0.0200"
    ours = "0.8000 ± 0.1000 | 3 | 0.0 | 0.5000 | 0.9000"
    assert f"| cnn | {given} | {ours} | as good or better |" in text
    assert f"| other | {given} |  | 0 |  |  |  | not measured |" in text
    assert text.count("### ") == 2
    assert count_verdicts(table[:2]) == (
        "1 of 1 scores are as good or better, or worse by at most one sd. "
        "1 are not measured."
    )


def lines_of(axes, style):
    """x of the lines of a style, in a row of the figure."""
    return [
        line.get_xdata().tolist()
        for line in axes.lines
        if all(getattr(line, f"get_{key}")() == value for key, value in style.items())
    ]


def test_the_figure_has_a_network_s_name_once_and_the_sd_of_what_is_compared():
    prediction = ("evaluate", "test_auprc", "")
    scores = pd.concat(
        [
            scores_of([0.9, 0.5, 0.7]),
            scores_of([0.6, 0.9, 0.8], prediction),
            scores_of([2.0, 2.5], (*AUROC[:1], "position_signal_to_noise", "x")),
        ]
    )
    ratio = {"metric": "position_signal_to_noise", "variant": "x", "score": "ratio"}
    rows = [row_of(best_runs=2), row_of(score="again"), row_of(**ratio)]
    published = pd.DataFrame(rows)
    table, runs = compare_with_published(scores, published), each_run(scores, published)
    figure = draw_published(table, runs)
    first, second = figure.axes  # a ratio does not fit on an axis of 0 to 1
    names = [[text.get_text() for text in a.get_yticklabels()] for a in figure.axes]
    assert names == [["cnn", "saliency", "again"], ["cnn", "ratio"]]
    weights = [text.get_fontweight() for text in first.get_yticklabels()]
    assert weights == ["bold", "normal", "normal"]
    # Seeds 2 and 3 are the best: 0.6 and the sd of 0.5 and 0.7. All: 0.7 and 0.2.
    bars = lines_of(first, {"color": ACCENT, "marker": "None"})
    best = [0.6 - 0.02**0.5, 0.6 + 0.02**0.5]
    assert np.allclose(bars, [best, [0.5, 0.9]])
    ticks = lines_of(first, {"color": ACCENT, "marker": "|"})
    assert [sorted(x) for x in ticks] == 2 * [[0.5, 0.7, 0.9]]
    assert lines_of(second, {"color": ACCENT, "marker": "|"}) == [[2.0, 2.5]]
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts[1:3] == ["our best runs, mean and sd", "each of our networks"]
    assert texts[3:] == ["negative control", "ideal"]
    assert "worse (-10.0 sd)" in [text.get_text() for text in first.texts]


def write(path, *rows, header=GIVEN):
    path.write_text("".join("\t".join(row) + "\n" for row in [header, *rows]))
    return path


CELLS = ("T", "a", "cnn", *AUROC, "saliency", "0.8", "", "3")


def test_a_table_of_published_scores_is_read(tmp_path):
    table = read_published(write(tmp_path / "p.tsv", CELLS), [("a", "cnn")])
    assert table.to_dict("records")[0]["published"] == 0.8
    assert np.isnan(table["published_sd"][0])
    assert table["best_runs"][0] == 3
    assert table["rounding"][0] == pytest.approx(0.05)  # of 0.8


@pytest.mark.parametrize(
    ("cell", "rounding"),
    [("0.80", 0.005), ("9.1e-1", 0.005), ("9e-1", 0.05), ("3", 0.5)],
)
def test_half_of_the_last_printed_digit_is_no_difference(tmp_path, cell, rounding):
    row = (*CELLS[:7], cell, "", "")
    table = read_published(write(tmp_path / "p.tsv", row), [("a", "cnn")])
    assert table["rounding"][0] == pytest.approx(rounding)


def test_a_table_may_name_another_variant_to_compare_with(tmp_path):
    header = [*GIVEN, "compared_with"]
    rows = [(*CELLS, "saliency signed_raw"), (*CELLS, "")]
    path = write(tmp_path / "p.tsv", *rows, header=header)
    table = read_published(path, [("a", "cnn")])
    assert table["compared_with"].tolist() == ["saliency signed_raw", ""]
    without = read_published(write(tmp_path / "q.tsv", CELLS), [("a", "cnn")])
    assert without["compared_with"].tolist() == [""]
    with pytest.raises(InputError, match="row 2: 10 cells\n  expected: 11,"):
        read_published(write(path, CELLS, header=header), [("a", "cnn")])


def test_the_table_of_a_comparison_is_read_again(tmp_path):
    table = compare_with_published(scores_of([0.7, 0.9]), pd.DataFrame([row_of()]))
    write_table(tmp_path / "published.tsv", table)
    assert read_table(tmp_path / "published.tsv")["score"].tolist() == ["saliency"]


def test_two_datasets_under_one_title_are_told_apart():
    table = pd.DataFrame({"dataset": ["a", "b"], "model": ["cnn", "cnn"]})
    assert network_names(table) == ["a, cnn", "b, cnn"]
    assert network_names(table[:1]) == ["cnn"]


def test_a_score_that_no_network_has_is_told(caplog):
    compared(scores_of([0.8]), metric="position_auprc")
    assert "the networks have no score attributions position_auprc" in caplog.text
    compared(scores_of([0.8]), compared_with="saliency centred")
    assert "no score attributions position_auroc saliency centred" in caplog.text


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([CELLS[:-1]], "row 2: 9 cells"),
        ([CELLS, (*CELLS[:7], "high", "", "")], "row 3: published 'high'"),
        ([(*CELLS[:9], "2.5")], "row 2: best_runs '2.5'"),
        ([(*CELLS[:9], "0")], "row 2: best_runs '0'"),
        ([(*CELLS[:8], "-0.1", "")], "row 2: published_sd -0.1"),
        ([], "no row below the header"),
        ([("T", "b", *CELLS[2:])], "row 2: dataset 'b' with model 'cnn'"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, rows, message):
    with pytest.raises(InputError, match=message):
        read_published(write(tmp_path / "p.tsv", *rows), [("a", "cnn")])


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "p.tsv").write_bytes(b"\xff\xfet\x00")
    with pytest.raises(InputError, match="not plain text"):
        read_published(tmp_path / "p.tsv", [])


def test_a_wrong_header_is_named(tmp_path):
    with pytest.raises(InputError, match="row 1"):
        read_published(write(tmp_path / "p.tsv", header=["a", "b"]), [])
