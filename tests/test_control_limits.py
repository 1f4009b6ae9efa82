"""Limits of methods on the positive control: each is real, and on the method's page."""

import re

import pandas as pd
import pytest
import yaml

import accept
import study_pages
from control_limits import LIMITS, check_control
from proofread.studies.positive_control import COLUMNS, PREDICTION
from proofread.studies.positive_control_table import key

NAME = "positive_control"
LIMIT = next(iter(LIMITS))
FOUND = ("presence", "motif_insertion", "insertions_recovered")


def documented():
    folder = study_pages.DOCS / "studies" / NAME
    return study_pages.read(NAME, folder, NAME)


def test_every_mark_of_the_page_has_a_limit_and_no_other_score_has():
    table = documented()
    below = table[table["reached"] == 0].to_dict("records")
    assert set(map(key, below)) == set(LIMITS)


@pytest.mark.parametrize(
    ("method", "metric"), dict.fromkeys(name[1:] for name in LIMITS), ids=str
)
def test_the_page_of_the_method_has_the_lowest_number(method, metric):
    name = method.partition(",")[0]
    text = (study_pages.DOCS / "methods" / f"{name}.md").read_text(encoding="utf-8")
    limits = re.search(r"^## Limits$(.*?)^## ", text, re.M | re.S)[1]
    table = documented()
    rows = table[(table["method"] == method) & (table["metric"] == metric)]
    assert "(../evaluate.md#positive-control)" in limits
    assert f"{rows['value'].min():.2f}" in limits


def test_the_study_s_methods_and_rules_are_those_of_the_page():
    settings = yaml.safe_load((study_pages.ROOT / f"config/{NAME}.yaml").read_text())
    table = documented()
    assert {name.partition(",")[0] for name in table["method"]} == set(
        settings["analyses"]
    )
    assert list(table["dataset"].unique()) == list(settings["datasets"])


def row(name, value, reached):
    names = dict(zip(("dataset", "method", "metric"), name, strict=True))
    numbers = {"value": value, "ideal": 1, "fraction": value, "reached": reached}
    return names | numbers


@pytest.fixture
def run():
    """A run in which every method finds the rule or has its limit."""
    rows = [row(FOUND, 0.96, 1), *(row(name, 0.5, 0) for name in LIMITS)]
    scores = pd.DataFrame(rows).reindex(columns=COLUMNS)
    prediction = {"dataset": "presence", "target": "t", "auroc": 1, "fraction": 0.99}
    return scores, pd.DataFrame([prediction]).reindex(columns=PREDICTION)


def failing(run, capsys, written=None):
    scores, predictions = run
    check = accept.Checks()
    analyses = {name[1].partition(",")[0] for name in [FOUND, *LIMITS]}
    written = scores if written is None else written
    check_control(check, analyses, scores, predictions, written)
    lines = capsys.readouterr().out.splitlines()
    failed = [line for line in lines if line.startswith("FAIL")]
    assert len(failed) == check.failed
    return failed


def test_a_run_as_documented_passes(run, capsys):
    assert failing(run, capsys) == []


def test_a_score_below_without_a_limit_fails(run, capsys):
    scores, _ = run
    scores.loc[0, ["value", "fraction", "reached"]] = [0.94, 0.94, 0]
    (line,) = failing(run, capsys)
    assert f"{', '.join(FOUND)}: 0.9400 of 1.0000" in line


def test_a_limit_that_is_gone_fails(run, capsys):
    scores, _ = run
    scores.loc[1, ["value", "fraction", "reached"]] = [0.97, 0.97, 1]
    (line,) = failing(run, capsys)
    assert "limits that are none any more" in line and LIMIT[1] in line


def test_a_control_that_predicts_worse_than_possible_fails(run, capsys):
    run[1].loc[0, "fraction"] = 0.98
    (line,) = failing(run, capsys)
    assert "fraction of the attainable: wanted >= 0.99, got 0.98" in line


def test_a_method_without_a_score_fails(run, capsys):
    scores, predictions = run
    (line,) = failing((scores[1:], predictions), capsys)
    assert "methods without a score: wanted [], got ['motif_insertion']" in line


def test_another_number_in_the_documentation_fails(run, capsys):
    written = run[0].copy()
    written.loc[0, "value"] = 0.97
    (line,) = failing(run, capsys, written)
    assert "docs/evaluate.md" in line and FOUND[2] in line
