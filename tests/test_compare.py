"""Finished runs side by side: which differences are beyond the noise of seeds.

Expected p and intervals are of SciPy's tests, or follow from tables of Student's t.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

import compare as script
from proofread.configuration.compare import find_runs
from proofread.configuration.schema import check, schema_of
from proofread.errors import InputError
from proofread.statistics.student import welch
from proofread.studies.compare import (
    CANNOT_SAY,
    HIGHER,
    LOWER,
    WITHIN,
    beyond_noise,
    compare_runs,
    differing_settings,
    read_scores,
)
from proofread.studies.compare_table import MAX_ROWS, draw_compare, sentences
from proofread.tables import read_table, write_table
from seed_scores import scores_of

RUN = {"folder": "f", "dataset": None, "model": None, "seed": None, "tables": {}}
LOW = [0.50, 0.52, 0.48, 0.50]
HIGH = [0.60, 0.61, 0.59, 0.60]


def run_of(name, **chosen):
    return RUN | {"name": name} | chosen


def score(values, *, metric="f1", first=1, **columns):
    """A score of `filter_pfms` with a value for each seed, counted from `first`."""
    table = scores_of({("filter_pfms", ""): values}, metric=metric, **columns)
    return table.assign(seed=[str(int(seed) - 1 + first) for seed in table["seed"]])


def compared(before, after, **options):
    runs = [run_of("before"), run_of("after")]
    return compare_runs(runs, [before, after], **options)


def row_of(before, after):
    (row,) = compared(before, after).to_dict("records")
    return row


# -- tests -----------------------------------------------------------------------------


def test_welch_by_hand():
    # 1, 2, 3 and 4, 6: means 2 and 5, variances of the means 1/3 and 1, so that
    # t = 3 / sqrt(4/3) = 2.598 with (4/3)^2 / ((1/3)^2 / 2 + 1 / 1) = 1.684 degrees.
    difference, low, high, p = welch(np.array([1.0, 2, 3]), np.array([4.0, 6]))
    degrees, error = (4 / 3) ** 2 / (1 / 18 + 1), np.sqrt(4 / 3)
    assert difference == 3
    assert p == pytest.approx(2 * stats.t.sf(3 / error, degrees))
    half = stats.t.ppf(0.975, degrees) * error
    assert (low, high) == pytest.approx((3 - half, 3 + half))


def test_the_same_seeds_are_paired():
    row = row_of(score(LOW), score(HIGH))
    # Differences 0.10, 0.09, 0.11, 0.10: mean 0.1, sd sqrt(0.0002 / 3).
    assert (row["pairs"], row["first_n"], row["second_n"]) == (4, 4, 4)
    assert row["difference"] == pytest.approx(0.1)
    half = 3.182446 * np.sqrt(0.0002 / 3) / 2  # t(0.975; 3), of tables
    assert row["ci_low"] == pytest.approx(0.1 - half, abs=1e-6)
    assert row["ci_high"] == pytest.approx(0.1 + half, abs=1e-6)
    assert row["p"] == pytest.approx(stats.ttest_rel(HIGH, LOW).pvalue)
    assert (row["verdict"], row["note"]) == (HIGHER, "")


def test_other_seeds_are_compared_by_welch():
    row = row_of(score(LOW), score(HIGH[:3], first=2))
    test = stats.ttest_ind(HIGH[:3], LOW, equal_var=False)
    assert (row["pairs"], row["first_n"], row["second_n"]) == (0, 4, 3)
    assert row["p"] == pytest.approx(test.pvalue)
    interval = test.confidence_interval()
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(interval))
    assert row["difference"] == pytest.approx(0.1)
    assert row["verdict"] == HIGHER


def test_a_seed_without_a_value_is_no_seed():
    row = row_of(score([*LOW, np.nan]), score([*HIGH, 0.7]))
    assert (row["pairs"], row["first_n"], row["second_n"]) == (0, 4, 5)


def test_a_verdict_says_where_the_score_is_not_whether_that_is_better():
    row = row_of(score(HIGH, better="lower"), score(LOW, better="lower"))
    assert (row["verdict"], row["better"]) == (LOWER, "lower")


def test_an_interval_with_0_is_within_seed_noise():
    row = row_of(score([0.5, 0.6, 0.7]), score([0.6, 0.6, 0.6]))
    assert row["verdict"] == WITHIN
    assert row["ci_low"] < 0 < row["ci_high"]


def test_p_is_adjusted_for_all_rows_of_all_runs():
    # Differences 0, 0.1, 0.2 with mean 0.1 and standard error 0.1 / sqrt(3): t = 1.732,
    # 2 degrees: p = 1 - t / sqrt(t^2 + 2) = 1 - 1.732 / 2.236 = 0.2254.
    weak = ([0.5, 0.5, 0.5], [0.5, 0.6, 0.7])
    before, after = (
        pd.concat([score(strong), score(values, metric="recall")])
        for strong, values in zip((LOW, HIGH), weak, strict=True)
    )
    runs = [run_of("before"), run_of("after"), run_of("again")]
    table = compare_runs(runs, [before, after, before])
    p = stats.ttest_rel(HIGH, LOW).pvalue
    # Of four tests: the run that is repeated has p = 1 twice.
    assert table["p"].tolist() == pytest.approx([p, 0.225403, 1, 1], abs=1e-6)
    assert table["p_holm"].tolist() == pytest.approx([4 * p, 0.676209, 1, 1], abs=1e-5)
    assert table["verdict"].tolist() == [HIGHER, *[WITHIN] * 3]
    assert table["second"].tolist() == ["after", "after", "again", "again"]
    assert table["note"][2] == "equal at all seeds"


def test_an_interval_without_0_that_holm_does_not_confirm_decides_nothing():
    # Differences 0.1, 0.15, 0.2: t = 0.15 / (0.05 / sqrt(3)) = 5.196, 2 degrees:
    # p = 1 - 5.196 / sqrt(29) = 0.0351; of two tests 0.0702.
    equal = score([0.5, 0.5, 0.5], metric="recall")
    before = pd.concat([score([0.5, 0.5, 0.5]), equal])
    table = compared(before, pd.concat([score([0.6, 0.65, 0.7]), equal]))
    assert table["p"][0] == pytest.approx(0.0351, abs=1e-4)
    assert table["p_holm"][0] == pytest.approx(0.0702, abs=1e-4)
    assert table["ci_low"][0] > 0
    assert table["verdict"].tolist() == [CANNOT_SAY, WITHIN]
    assert "one of so many" in table["note"][0]


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        ([0.5], [0.6], "1 seed in before, 1 seed in after"),
        ([0.5, 0.5], [0.6, np.nan], "1 seed in after"),
        ([np.nan, np.nan], [0.6, 0.7], "no seed in before"),
    ],
)
def test_fewer_than_two_seeds_say_nothing(before, after, note):
    row = row_of(score(before), score(after))
    assert (row["verdict"], row["note"]) == (CANNOT_SAY, note)
    assert np.isnan(row["p"]) and np.isnan(row["ci_low"])


@pytest.mark.parametrize(
    ("seeds", "first", "p", "verdict"),
    [
        (3, 1, 2 / 2**3, CANNOT_SAY),  # the signs of three differences
        (6, 1, 2 / 2**6, HIGHER),
        (3, 2, 2 / 20, CANNOT_SAY),  # 20 ways to choose 3 of 6 values
        (5, 2, 2 / 252, HIGHER),
    ],
)
def test_without_spread_signs_or_permutations_are_counted(seeds, first, p, verdict):
    row = row_of(score([0.5] * seeds), score([0.75] * seeds, first=first))
    assert row["p"] == pytest.approx(p)
    assert (row["ci_low"], row["difference"], row["ci_high"]) == (0.25, 0.25, 0.25)
    assert row["verdict"] == verdict
    assert row["note"].startswith("the same ")


def test_groups_of_other_size_have_no_mirror_image():
    # 6 of 10 values: 210 ways.
    row = row_of(score([0.5] * 4), score([0.75] * 6))
    assert row["p"] == pytest.approx(1 / 210)


def test_what_rounding_explains_is_no_difference():
    # A third has six digits in a table, 0.333333; two thirds 0.666667.
    row = row_of(score([0, 0.333333, 0.666667]), score([0.333333, 0.666667, 1]))
    assert row["p"] == 0.25
    row = row_of(score([0.333333, 0.5]), score([0.333334, 0.5]))
    assert (row["p"], row["verdict"]) == (1, WITHIN)
    row = row_of(score([0.333333] * 2), score([0.333334] * 3))
    assert (row["p"], row["verdict"], row["pairs"]) == (1, WITHIN, 0)


# -- which scores are the same ---------------------------------------------------------


def test_a_score_of_one_run_is_only_in_it():
    before = pd.concat([score(LOW), score(LOW, metric="recall")])
    after = pd.concat([score(HIGH), score(HIGH, model="wide")])
    table = compared(before, after)
    assert table["verdict"].tolist() == [HIGHER, "only in before", "only in after"]
    assert table["p_holm"][0] == table["p"][0]  # one test
    said = sentences(table, beyond_noise(table))
    assert said.startswith(
        "1 score of after is compared with before: 1 is beyond seed noise (1 higher "
        "and 0 lower in after). The largest difference is that of a cnn filter_pfms f1 "
        "t: 0.500 in before, 0.600 in after."
    )
    assert said.endswith("1 score is only in before. 1 score is only in after.")


def test_models_are_compared_if_each_run_chooses_one():
    runs = [run_of("small", model="cnn"), run_of("large", model="wide")]
    table = compare_runs(runs, [score(LOW), score(HIGH, model="wide")])
    assert table["model"].tolist() == ["cnn / wide"]
    assert table["verdict"].tolist() == [HIGHER]


def test_datasets_with_one_target_each_are_compared_if_each_run_chooses_one():
    runs = [run_of("one", dataset="a"), run_of("two", dataset="b")]
    other = score(HIGH, dataset="b", target="u")
    table = compare_runs(runs, [score(LOW), other])
    assert table[["dataset", "target"]].to_numpy().tolist() == [["a / b", "t / u"]]
    assert table["verdict"].tolist() == [HIGHER]


def test_without_a_score_in_common_the_names_are_told():
    with pytest.raises(InputError) as caught:
        compared(score(LOW), score(HIGH, model="wide"))
    assert caught.value.where == "compare: before, after"
    assert "before has a cnn; after has a wide" in caught.value.found
    assert "{folder: ..., model: ...}" in caught.value.remedy


# -- folders ---------------------------------------------------------------------------

SCORECARD = ["dataset", "model", "seed", "method", "metric", "motif", "target"]
SCORECARD += ["variant", "better", "value"]


def write_run(folder, f1, auroc, *, model="cnn"):
    """Tables of a finished run: one score and one metric of each seed."""
    table = score(f1, model=model)
    for seed, value in enumerate(auroc, start=1):
        network = folder / "a" / model / f"seed{seed}"
        network.mkdir(parents=True)
        row = {"predictor": "network", "metric": "auroc", "target": "t", "value": value}
        write_table(network / "metrics.tsv", pd.DataFrame([row]))
    write_table(folder / "scorecard.tsv", table[SCORECARD])
    return folder


def add_faithfulness(folder, values):
    for seed, value in enumerate(values, start=1):
        network = folder / "a" / "cnn" / f"seed{seed}" / "faithfulness"
        network.mkdir()
        rows = [
            ("saliency", "t", "deletion", 9, "sd", "higher", value),
            ("saliency", "t", "deletion", 9, "logit", "higher", 5 * value),
            ("saliency", "t", "neutral_change", np.nan, "sd", "lower", 2 * value),
        ]
        columns = ["kind", "target", "quantity", "window", "unit", "better", "value"]
        write_table(network / "table.tsv", pd.DataFrame(rows, columns=columns))


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "old", LOW, [0.9, 0.91, 0.92, 0.93])
    write_run(tmp_path / "new", HIGH, [0.93, 0.9, 0.92, 0.92])
    return tmp_path


def runs_of(text):
    """Runs of the section `compare`, as a configuration has it."""
    config = {
        "datasets": {"a": {}},
        "models": {"m": {}},
        "compare": yaml.safe_load(text),
    }
    return find_runs(check(config, schema_of("config"), "config.yaml")["compare"])


BOTH = "{before: old, after: new}"


def job_of(runs):
    output = SimpleNamespace(table="c.tsv", markdown="c.md", figure="c.svg")
    return SimpleNamespace(output=output, params=SimpleNamespace(runs=runs))


def test_the_files_of_a_comparison(folders, monkeypatch):
    for name, version in (("old", "2.12"), ("new", "2.13")):
        (folders / name / "figures").mkdir()
        rows = [("torch", version), ("python", "3.11")]
        table = pd.DataFrame(rows, columns=["item", "text"])
        write_table(folders / name / "figures/provenance.tsv", table)
    monkeypatch.setattr(script, "start", lambda job: None)
    script.main(job_of(runs_of(BOTH)))
    table = read_table(folders / "c.tsv")
    assert table["metric"].tolist() == ["test_auroc", "f1"]
    assert table["verdict"].tolist() == [WITHIN, HIGHER]
    assert table["pairs"].tolist() == [4, 4]
    text = (folders / "c.md").read_text()
    assert "2 scores of after are compared with before: 1 is beyond" in text
    assert "| torch | before | 2.12 | after | 2.13 |" in text
    assert "| python |" not in text
    assert (
        "| 0.500 ± 0.016 | 0.600 ± 0.008 | 4, 4, paired | 0.100 (0.087 to 0.113)"
        in text
    )
    assert "Before Holm's adjustment p is at most 0.05 in 1 of 2 scores" in text
    assert (folders / "c.svg").stat().st_size > 1000


def test_a_version_of_a_run_is_told_only_where_both_have_a_record():
    one = pd.DataFrame([("torch", "2.12")], columns=["item", "text"])
    runs = [run_of("before"), run_of("after")]
    assert len(differing_settings(runs, [one, None])) == 0
    assert len(differing_settings(runs, [one, one])) == 0
    other = differing_settings(runs, [one, one.assign(item="jax")])
    assert other.to_numpy().tolist() == [
        ["torch", "before", "2.12", "after", ""],
        ["jax", "before", "", "after", "2.12"],
    ]


def test_faithfulness_is_a_score_in_units_that_networks_share(folders):
    add_faithfulness(folders / "old", LOW)
    scores = read_scores(runs_of(BOTH)[0])
    rows = scores[scores["method"] == "faithfulness"]
    assert len(rows) == 2 * 4
    first = rows.iloc[0]
    assert (first["metric"], first["variant"]) == ("deletion", "saliency window9")
    assert (first["value"], first["seed"]) == (0.5, "1")
    assert set(rows["variant"]) == {"saliency window9", "saliency"}


def test_a_score_without_a_direction_is_left_out(folders):
    path = folders / "old" / "scorecard.tsv"
    table = read_table(path)
    slopes = table.assign(metric="effect_slope", better="")
    write_table(path, pd.concat([table, slopes]))
    assert read_scores(runs_of(BOTH)[0])["metric"].unique().tolist() == [
        *("test_auroc", "f1")
    ]


def test_networks_of_one_folder_are_compared(folders):
    runs = runs_of("{one: {folder: old, seed: 1}, two: {folder: old, seed: 2}}")
    table = compare_runs(runs, [read_scores(run) for run in runs])
    assert table["first_mean"].tolist() == [0.9, 0.5]
    assert table["second_mean"].tolist() == [0.91, 0.52]
    assert set(table["verdict"]) == {CANNOT_SAY}


def test_a_changed_table_changes_the_digests_and_no_other_file_does(folders):
    before = runs_of(BOTH)
    (folders / "old/a/cnn/seed1/model.ckpt").write_text("x")
    assert runs_of(BOTH) == before
    path = folders / "old/a/cnn/seed1/metrics.tsv"
    path.write_text(path.read_text().replace("0.9", "0.8"))
    assert runs_of(BOTH) != before


@pytest.mark.parametrize(
    ("text", "where", "found", "remedy"),
    [
        (
            "{}",
            "the configuration: compare",
            "0 of at least 2 runs",
            "write: snakemake",
        ),
        ("{one: old}", "the configuration: compare", "1 of at least 2 runs", "write:"),
        (
            "{one: old, two: absent}",
            "the configuration: compare.two",
            "'absent', not a folder",
            "correct the path",
        ),
        (
            "{one: old, two: old/a}",
            "the configuration: compare.two",
            "'old/a', no scorecard.tsv in it",
            "correct the path",
        ),
        (
            "{one: old, two: old/}",
            "the configuration: compare.two",
            "the same as compare.one",
            "correct or remove one of them",
        ),
        (
            "{one: old, two: {folder: new, model: cmn}}",
            "the configuration: compare.two.model",
            "no model 'cmn' in new",
            "did you mean 'cnn'?",
        ),
        (
            "{one: old, two: {folder: new, seed: 7}}",
            "the configuration: compare.two.seed",
            "no seed '7' in new",
            "correct it",
        ),
        (
            "{one: old, two: {model: cnn}}",
            "config.yaml: compare.two",
            "no 'folder'",
            "add a line 'folder: ...' there",
        ),
        (
            "{one: old, two: [new]}",
            "config.yaml: compare.two",
            "[new]",
            "correct it",
        ),
    ],
)
def test_a_mistake_is_told_in_words(folders, text, where, found, remedy):
    with pytest.raises(InputError) as caught:
        runs_of(text)
    assert (caught.value.where, caught.value.found) == (where, found)
    assert caught.value.remedy.startswith(remedy)


# -- the figure ------------------------------------------------------------------------


def texts(figure):
    axes = figure.axes
    labels = [label.get_text() for each in axes for label in each.get_yticklabels()]
    return labels, [text.get_text() for each in axes for text in each.texts]


def test_a_figure_shows_what_is_beyond_noise_and_says_what_it_leaves_out():
    several = [score(LOW, motif=f"m{number}") for number in range(60)]
    higher = [score(HIGH, motif=f"m{number}") for number in range(59)]
    # One of 60 is equal; all others have the same p, which 60 tests leave below 0.05.
    low = [table.assign(value=table["value"] - 0.3) for table in several]
    table = compared(pd.concat(low), pd.concat([*higher, low[-1]]))
    beyond = beyond_noise(table)
    assert len(beyond) == 59
    figure = draw_compare(table, beyond)
    labels, means = texts(figure)
    assert len(labels) == MAX_ROWS
    assert labels[0].startswith("filter_pfms f1 m")
    assert means[0] == "0.200 → 0.600"
    assert figure.get_suptitle() == "40 of 59 differences; compare.tsv has all"


def test_scores_on_other_scales_are_in_a_panel_of_their_own():
    rank = [3.0, 3.1, 2.9, 3.0]
    before = pd.concat([score(LOW), score(rank, metric="rank_grouped_influence")])
    after = before.assign(value=[*HIGH, 9.0, 9.2, 8.9, 9.1])
    beyond = beyond_noise(compared(before, after))
    assert beyond["fraction"].tolist() == [True, False]  # though 6 is more than 0.1
    titles = [axes.get_title("left") for axes in draw_compare(beyond, beyond).axes]
    assert titles == ["scores from 0 to 1, or -1 to 1", "scores on other scales"]


def test_without_a_difference_the_figure_says_so():
    table = compared(score(LOW), score(LOW))
    _, said = texts(draw_compare(table, beyond_noise(table)))
    assert said == ["no difference is beyond seed noise (1 score tested)"]
