"""The acceptance run's checks of the studies: a wrong number fails, right ones pass."""

import itertools
import shutil

import numpy as np
import pandas as pd
import pytest

import accept
import study_checks
import study_pages
from proofread.configuration.pair_study import METHODS as PAIR_METHODS
from proofread.configuration.recovered import RULES as RECOVERED_RULES
from proofread.studies.interacting_pairs import COLUMNS as PAIR_COLUMNS
from proofread.studies.interacting_pairs import SUMMARY
from proofread.studies.interpretable import THRESHOLDS
from proofread.studies.leaderboard import COLUMNS, NO_VALUE
from proofread.studies.published import (
    CHOSEN_BY,
    POOLED,
    SCORE,
    WORSE,
    compare_with_published,
    each_run,
    read_published,
)
from proofread.studies.recovered import FIT, TEST
from proofread.studies.recovered_decision import CONFUSION, CUTS
from proofread.tables import read_table, write_table
from proofread.truth.summary import SCORES_OVER_SEEDS

CONFIG = study_pages.ROOT / "config"
METHODS = ("saliency", "smoothgrad")
PUBLISHED = ("koo2021", "koo2021_activations", "ghotra2021", "ghotra2021_task2")
RULES = ("presence", "order", "distance", "logic", "none", "pool")
MODELS = ("one", "two", "three", "four", "five")


def network_scores(name, published):
    """Each network's scores: the published ones, 0.97 of what is compared with them."""
    rows = []
    networks = read_table(CONFIG / f"{name}.tsv")
    for network in networks.itertuples():
        of_network = published[published["model"] == network.model]
        for row in of_network.to_dict("records"):
            value = 0.97 if row["compared_with"] else row["published"]
            names = (row["method"], row["metric"], "", "t", row["variant"])
            better = "lower" if row["metric"] == "filter_other_rate" else "higher"
            key = (network.dataset, network.model, str(network.seed))
            rows.append((*key, *names, better, value, 0.5, 1.0, 0.5))
            if row["metric"] == POOLED:  # the best runs are chosen by the mean
                names = ("evaluate", CHOSEN_BY, "", "t", "")
                rows.append((*key, *names, better, value, 0.5, 1.0, 0.5))
    return pd.DataFrame(rows, columns=SCORES_OVER_SEEDS)


def published_tables(name):
    networks = read_table(CONFIG / f"{name}.tsv")[["dataset", "model"]]
    published = read_published(
        CONFIG / f"{name}_published.tsv",
        list(networks.itertuples(index=False, name=None)),
    )
    scores = network_scores(name, published)
    return {
        "published": compare_with_published(scores, published),
        "published_runs": each_run(scores, published),
    }


def leaderboard_tables():
    """Two methods on six rules and five architectures."""
    board = [
        {"rule": rule, "dataset": rule, "model": model, "method": method}
        for rule, model, method in itertools.product(RULES, MODELS, METHODS)
    ]
    board = pd.DataFrame(board).reindex(columns=COLUMNS)
    board = board.assign(metric="position_auroc", n=5, missing=0, note="")
    ranks = pd.DataFrame(
        [
            ("position_auroc", without, method, rank, rank - 0.1, rank + 0.1, 0.8)
            for without in ("", *RULES)
            if without != "none"
            for rank, method in enumerate(METHODS, start=1)
        ],
        columns=["metric", "without", "method", "rank", "ci_low", "ci_high", "tau"],
    ).rename(columns={"tau": "kendall_tau"})
    return {
        "leaderboard": board,
        "ranks": ranks,
        "win_matrix": pd.DataFrame({"first": METHODS, "second": METHODS[::-1]}),
        "preferences": pd.DataFrame({"first": METHODS}),
        "interpretable": pd.DataFrame({"method": METHODS}),
        "interpretable_thresholds": pd.DataFrame(
            {"method": METHODS, "networks": 150}
        ).reindex(columns=THRESHOLDS),
        "ranks_without_mean": pd.DataFrame(
            {"metric": "position_auroc", "method": METHODS, "kendall_tau": 0.8}
        ),
        "interpretable_rules": pd.DataFrame(
            itertools.product(METHODS, set(RULES) - {"none"}),
            columns=["method", "rule"],
        ).assign(networks=30),
    }


def pairs_tables():
    """Two methods, each above chance on both networks' means."""
    rows = itertools.product(("one", "two"), PAIR_METHODS, ("auprc", "auroc"))
    summary = pd.DataFrame(rows, columns=["model", "method", "metric"])
    summary = summary.reindex(columns=SUMMARY).assign(
        dataset="pairs", n=5, mean=0.8, ci_low=0.7, ci_high=0.9, chance=0.5
    )
    return {
        "interacting_pairs": pd.DataFrame(columns=PAIR_COLUMNS),
        "interacting_pairs_summary": summary,
    }


def recovered_tables():
    """Two methods on ten simulations of each rule."""
    rows = itertools.product(PAIR_METHODS, RECOVERED_RULES, range(1, 11))
    features = pd.DataFrame(rows, columns=["method", "rule", "simulation_seed"])
    halves = itertools.product(PAIR_METHODS, (FIT, TEST), ("all", "without none"))
    accuracy = pd.DataFrame(halves, columns=["method", "half", "rules"])
    accuracy = accuracy.assign(
        networks=10, right=9, accuracy=0.9, ci_low=0.6, ci_high=0.98, chance=0.2
    )
    return {
        "recovered_features": features,
        "recovered_cuts": pd.DataFrame(columns=CUTS),
        "recovered_confusion": pd.DataFrame(columns=CONFUSION),
        "recovered_accuracy": accuracy,
    }


@pytest.fixture(scope="module")
def passing(tmp_path_factory):
    """Results of full runs in which every promised number holds."""
    folder = tmp_path_factory.mktemp("studies")
    made = {name: published_tables(name) for name in PUBLISHED}
    made["leaderboard"] = leaderboard_tables()
    made |= {"pairs": pairs_tables(), "recovered": recovered_tables()}
    for name, tables in made.items():
        figures = folder / "results" / name / "figures"
        figures.mkdir(parents=True)
        for figure in study_pages.STUDIES[name].figures:
            (figures / f"{figure}.svg").write_text("<svg/>")
        for table, rows in tables.items():
            write_table(figures / f"{table}.tsv", rows)
        experiments = read_table(CONFIG / f"{name}.tsv")
        record = pd.DataFrame({"item": ["networks", "python"]})
        record["text"] = [len(experiments), "3"]
        write_table(figures / "provenance.tsv", record)
        benchmarks = folder / "benchmarks" / name / "train"
        benchmarks.mkdir(parents=True)
        for row in experiments.itertuples():
            # 36 s of each of 180 networks: 1.8 hours; none of a negative control
            for model, seconds in ((row.model, 36), (f"{row.model}.untrained", 0)):
                path = benchmarks / f"{row.dataset}_{model}_seed{row.seed}.tsv"
                path.write_text(f"s\tcpu_time\n1\t{seconds}\n")
    return folder


@pytest.fixture
def studies(request, passing, tmp_path, monkeypatch):
    """A copy of the results of the study in question; docs/ has the same tables."""
    name = request.node.callspec.params["name"]
    for folder in ("results", "benchmarks"):
        shutil.copytree(passing / folder / name, tmp_path / folder / name)
    monkeypatch.setenv(study_pages.VARIABLE, str(tmp_path / "results"))
    monkeypatch.setattr(study_pages, "DOCS", tmp_path / "docs")
    study_pages.copy(name, tmp_path / "results", study_pages.DOCS)
    return tmp_path


def failing(name, capsys):
    """The lines that fail."""
    check = accept.Checks()
    study_checks.CHECKS[name](check)
    lines = capsys.readouterr().out.splitlines()
    failed = [line for line in lines if line.startswith("FAIL")]
    assert len(failed) == check.failed
    return failed


@pytest.mark.parametrize("name", study_checks.CHECKS)
def test_right_numbers_hold(name, studies, capsys):
    assert failing(name, capsys) == []


def change(studies, name, table, column, value, **chosen):
    """Write another value into the chosen rows, in the results and in docs/."""
    path = studies / "results" / name / "figures" / f"{table}.tsv"
    rows = study_pages.read(name, path.parent, table)
    picked = np.ones(len(rows), dtype=bool)
    for key, wanted in chosen.items():
        picked &= (rows[key] == wanted).to_numpy()
    assert picked.any()
    rows[column] = rows[column].astype(object)
    rows.loc[picked, column] = value
    write_table(path, rows)
    shutil.copyfile(path, study_pages.DOCS / "studies" / name / f"{table}.tsv")


MODEL = {"model": "dist_relu"}
PLAIN, CENTRED = (
    {"variant": item} for item in (study_checks.PLAIN, study_checks.CENTRED)
)


@pytest.mark.parametrize(
    ("name", "table", "column", "value", "chosen", "line"),
    [
        ("koo2021", "published", "n", 9, MODEL | PLAIN, "dist_relu, networks"),
        (
            *("koo2021_activations", "published", "n", 2),
            *({"model": "local_tanh"}, "local_tanh, networks of each"),
        ),
        (
            *("koo2021_activations", "published", "verdict", WORSE),
            *({"method": "saturation_mutagenesis"}, "fraction of 46"),
        ),
        ("koo2021", "published", "mean", 0.7705, MODEL | PLAIN, "signed_raw, mean"),
        ("koo2021", "published", "mean", 0.9299, MODEL | CENTRED, "window9, mean"),
        ("koo2021", "published", "mean", np.nan, MODEL | CENTRED, "window9, mean"),
        ("koo2021", "published", "mean", 0.89, MODEL | {"variant": "l2"}, "l2, mean"),
        ("koo2021", "published", "verdict", WORSE, PLAIN, "fraction of 16"),
        ("koo2021", "provenance", "text", 39, {"item": "networks"}, "networks: wanted"),
        ("ghotra2021", "published", "n", 9, {"model": "cnn_relu"}, "networks of each"),
        (
            *("ghotra2021", "published", "best_mean", 0.861),
            *({"model": "cnn_relu", "metric": "filter_true_rate"}, "cnn_relu, filters"),
        ),
        (
            *("ghotra2021", "published", "best_mean", 0.51),
            *({"model": "cnn2_relu", "metric": "filter_true_rate"}, "cnn2_relu, fil"),
        ),
        (
            *("ghotra2021", "published", "verdict", WORSE),
            *({"model": "cnn2_relu"}, "fraction of 12"),
        ),
        (
            *("ghotra2021_task2", "published", "n", 9),
            *({"model": "cnn_relu"}, "cnn_relu, networks of each"),
        ),
        (
            *("ghotra2021_task2", "published", "verdict", WORSE),
            *({"model": "cnn_relu"}, "fraction of "),
        ),
        (
            *("koo2021", "published_runs", "seed", 1),
            *({"seed": 2, "model": "dist_relu"} | PLAIN, "dist_relu, scores without"),
        ),
        (
            *("pairs", "interacting_pairs_summary", "ci_low", 0.49),
            *({"model": "one", "method": "motif_tests", "metric": "auprc"}, "one, mo"),
        ),
        (
            *("pairs", "interacting_pairs_summary", "n", 4),
            *({"model": "two", "method": "motif_tests", "metric": "auroc"}, "two, mo"),
        ),
        (
            *("pairs", "interacting_pairs_summary", "method", "other"),
            *({"method": "motif_insertion"}, "models with motif_insertion"),
        ),
        (
            *("recovered", "recovered_features", "rule", "other"),
            *({"rule": "none", "simulation_seed": 3, "method": "motif_tests"}, "motif"),
        ),
        (
            *("recovered", "recovered_accuracy", "half", FIT),
            *({"method": "motif_tests"}, "methods tested"),
        ),
        (
            *("recovered", "recovered_accuracy", "ci_low", 0.2),
            *({"method": "motif_tests", "rules": "all", "half": TEST}, "rules all"),
        ),
        ("leaderboard", "leaderboard", "rule", "order", {"rule": "logic"}, "rules: "),
        (
            *("leaderboard", "leaderboard", "model", "two"),
            *({"rule": "order", "model": "one"}, "architectures on order"),
        ),
        (
            *("leaderboard", "leaderboard", "note", NO_VALUE),
            *({"method": "saliency"}, "saliency, datasets and models"),
        ),
        (
            *("leaderboard", "ranks", "ci_low", np.nan),
            *({"method": "saliency", "without": ""}, "saliency, mean rank"),
        ),
        (
            *("leaderboard", "ranks", "kendall_tau", np.nan),
            *({"without": "pool"}, "rules left out"),
        ),
        (
            *("leaderboard", "interpretable_thresholds", "method", "other"),
            *({"method": "saliency"}, "table of thresholds"),
        ),
        (
            *("leaderboard", "ranks_without_mean", "kendall_tau", np.nan),
            *({"method": "saliency"}, "ranks without the moving mean"),
        ),
        (
            *("leaderboard", "interpretable_rules", "networks", 29),
            *({"method": "saliency", "rule": "pool"}, "networks of all rules"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_number_fails(
    studies, capsys, name, table, column, value, chosen, line
):
    change(studies, name, table, column, value, **chosen)
    (failed,) = failing(name, capsys)
    assert line in failed


def remove(studies, name, table, number):
    """Remove one row of a table, in the results and in docs/; the row."""
    path = studies / "results" / name / "figures" / f"{table}.tsv"
    lines = path.read_text().splitlines(keepends=True)
    header, cells = (line[:-1].split("\t") for line in (lines[0], lines.pop(number)))
    row = dict(zip(header, cells, strict=True))
    path.write_text("".join(lines))
    shutil.copyfile(path, study_pages.DOCS / "studies" / name / f"{table}.tsv")
    return row


@pytest.mark.parametrize("number", [1, -1])
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_score_that_is_absent_fails(name, number, studies, capsys):
    row = remove(studies, name, "published", number)
    failed = "\n".join(failing(name, capsys))
    wanted = (
        read_table(CONFIG / f"{name}_published.tsv")["table"] == row["table"]
    ).sum()
    counted = f"scores of {row['table']}: wanted {wanted}, got {wanted - 1}"
    assert counted in failed
    score = " ".join(row[key] for key in SCORE)
    assert (
        f"{row['model']}, scores of one table only: wanted [], got ['{score}']"
        in failed
    )


@pytest.mark.parametrize("number", [1, -1])
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_run_that_is_absent_fails(name, number, studies, capsys):
    row = remove(studies, name, "published_runs", number)
    (failed,) = failing(name, capsys)
    assert f"{row['model']}, scores without a run of each seed" in failed
    assert " ".join(row[key] for key in SCORE) in failed


@pytest.mark.parametrize("name", ["koo2021"])
def test_a_model_without_any_score_fails(name, studies, capsys):
    for table in ("published", "published_runs"):
        change(studies, name, table, "model", "other", **MODEL)
    failed = failing(name, capsys)
    assert any("dist_relu, methods: wanted ['attributions'" in line for line in failed)
    assert sum("dist_relu, " in line for line in failed) > 3


@pytest.mark.parametrize("name", ["leaderboard"])
def test_a_number_of_the_docs_that_the_run_does_not_have_fails(name, studies, capsys):
    table = study_pages.DOCS / "studies/leaderboard/ranks.tsv"
    table.write_text(table.read_text().replace("0.8", "0.9", 1))
    (failed,) = failing(name, capsys)
    assert "docs/studies/leaderboard/ranks.tsv" in failed


@pytest.mark.parametrize("name", ["leaderboard"])
def test_a_part_of_a_study_is_compared_with_its_copy(name, studies, capsys):
    figures = studies / "results" / name / "figures"
    (figures / "label_free.tsv").write_text("number\nstability\n")
    (figures / "label_free.svg").write_text("<svg/>")
    study_pages.copy("label_free", studies / "results", study_pages.DOCS)
    assert failing(name, capsys) == []
    (figures / "label_free.tsv").write_text("number\ndeletion\n")
    (failed,) = failing(name, capsys)
    assert "docs/studies/label_free/label_free.tsv" in failed


@pytest.mark.parametrize("name", ["leaderboard"])
def test_a_seed_that_is_absent_or_has_no_value_fails(name, studies, capsys):
    one = {"model": "one", "method": "saliency"}
    change(studies, name, "leaderboard", "n", 4, **one)
    absent, without = failing(name, capsys)
    assert "seeds of each" in absent and "seeds with a value" in without
    change(studies, name, "leaderboard", "missing", 1, **one)
    (without,) = failing(name, capsys)
    assert "seeds with a value" in without and "got 4" in without
    # A network may have no filter that matches a motif: then nothing is to be ranked.
    change(studies, name, "leaderboard", "metric", "influence_auroc", **one)
    assert failing(name, capsys) == []


@pytest.mark.parametrize("name", ["leaderboard"])
def test_random_labels_need_every_seed_but_no_pattern(name, studies, capsys):
    one = {"model": "one", "method": "saliency", "rule": "none"}
    change(studies, name, "leaderboard", "n", 2, **one)
    (without,) = failing(name, capsys)
    assert "seeds with a value" in without and "got 2" in without
    change(studies, name, "leaderboard", "metric", "pattern_match_rate", **one)
    assert failing(name, capsys) == []


@pytest.mark.parametrize("name", ["leaderboard"])
def test_more_cpu_time_than_promised_fails(name, studies, capsys):
    path = studies / "benchmarks/leaderboard/train/order_koo_dist_seed3.tsv"
    path.write_text("s\tcpu_time\n1\t43200\n")  # 12 hours, and 1.79 of the others
    (failed,) = failing(name, capsys)
    # Loading: 1.4 to 3.3 s in each of 360 jobs, 0.14 to 0.33 h.
    assert "libraries in 360 jobs: wanted <= 12, got 13.93 to 14.12" in failed
    path.unlink()
    (failed,) = failing(name, capsys)
    assert "without CPU time: wanted [], got ['order_koo_dist_seed3']" in failed


@pytest.mark.parametrize("name", study_checks.CHECKS)
def test_a_table_that_is_missing_fails(name, studies, capsys):
    shutil.rmtree(studies / "results" / name)
    (failed,) = failing(name, capsys)
    assert "files that are missing" in failed


@pytest.mark.parametrize("name", study_checks.CHECKS)
def test_without_the_variable_the_tables_in_docs_are_checked(
    name, studies, monkeypatch, capsys
):
    monkeypatch.delenv(study_pages.VARIABLE)
    assert failing(name, capsys) == []
    change(studies, name, "provenance", "text", 3, item="networks")
    (failed,) = failing(name, capsys)
    assert "networks: wanted" in failed
    (study_pages.DOCS / "studies" / name / "cpu_time.tsv").unlink()
    (failed,) = failing(name, capsys)
    assert "missing in docs/: wanted [], got ['cpu_time']" in failed


@pytest.mark.parametrize("name", ["leaderboard"])
def test_cpu_time_in_docs_is_checked(name, studies, monkeypatch, capsys):
    monkeypatch.delenv(study_pages.VARIABLE)
    path = study_pages.DOCS / "studies/leaderboard/cpu_time.tsv"
    # With loading, 179 x 3.3 s, one second more than 12 hours.
    path.write_text("stage\tjobs\tcpu_seconds\ntrain\t179\t42610.3\n")
    trainings, hours = failing(name, capsys)
    assert "trainings with CPU time: wanted >= 180, got 179" in trainings
    assert "libraries in 179 jobs: wanted <= 12, got 11.91 to 12.00" in hours


@pytest.mark.parametrize("name", study_checks.CHECKS)
def test_without_any_tables_nothing_is_asserted(name, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv(study_pages.VARIABLE, raising=False)
    monkeypatch.setattr(study_pages, "DOCS", tmp_path)
    check = accept.Checks()
    study_checks.CHECKS[name](check)
    assert (check.failed, check.left_out) == (0, [name])
    line = capsys.readouterr().out
    assert f"--configfile config/{name}.yaml" in line
    assert line.count("\n") == 1


def test_a_folder_that_is_not_there_fails(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv(study_pages.VARIABLE, str(tmp_path / "absent"))
    (failed,) = failing("koo2021", capsys)
    assert "absent" in failed


def test_every_study_is_checked():
    runs = set(map(study_pages.run_of, study_pages.STUDIES))
    # That of the positive control takes minutes, so that it is run and not kept.
    assert {*study_checks.CHECKS, "positive_control"} == runs
    assert runs <= set(accept.CONFIGURATIONS)
