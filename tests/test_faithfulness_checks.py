"""The acceptance run's checks of faithfulness and of the page: wrong numbers fail."""

import pandas as pd
import pytest

import accept
import faithfulness_checks
from proofread.tables import write_table

METHOD = """<section class="method" data-method="{method}">
<h4>T <span class="tag">t</span></h4>
<p class="finding">{text}</p>
</section>
"""
FOUND = METHOD.format(method="tomtom", text="Filters match.")


@pytest.fixture
def check():
    return accept.Checks()


def lines(capsys):
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(("seconds", "failed"), [(29, 0), (31, 1)])
def test_the_slowest_network_counts(seconds, failed, check, tmp_path, capsys):
    folder = tmp_path / "faithfulness"
    folder.mkdir()
    for name, value in (("one", 1), ("two", seconds), ("three", 3)):
        (folder / f"{name}.tsv").write_text(f"s\tcpu_time\n9\t{value}\n")
    faithfulness_checks.check_seconds(check, "run", tmp_path)
    assert check.failed == failed
    (line,) = lines(capsys)
    assert "of 3 networks (two)" in line


def test_a_run_without_faithfulness_fails(check, tmp_path):
    faithfulness_checks.check_seconds(check, "run", tmp_path)
    assert check.failed == 1


@pytest.mark.parametrize(
    ("at_least", "precision", "chance", "failed"),
    [(3, 0.9, 0.1, 0), (3, 0.7, 0.1, 1), (2, 0.9, 0.1, 1)],
)
def test_the_precision_of_three(at_least, precision, chance, failed, check, tmp_path):
    row = {"at_least": at_least, "families": 4, "precision": precision}
    row |= {"ci_low": 0.1, "ci_high": 1, "chance": chance}
    path = tmp_path / "faithfulness" / "families_precision.tsv"
    path.parent.mkdir()
    write_table(path, pd.DataFrame([row]))
    faithfulness_checks.check_precision(check, "a seed 1:", tmp_path)
    assert check.failed == failed


@pytest.mark.parametrize(
    ("causal", "chance", "failed"), [((4, 4), 0.5, 0), ((4, 1), 0.5, 1), ((4, 4), 1, 0)]
)
def test_the_families_of_a_study_are_counted_together(
    causal, chance, failed, check, tmp_path, capsys
):
    # 8 families in two networks; those of a control do not count.
    for model, right in zip(("m", "n", "m.untrained"), (*causal, 0), strict=True):
        path = tmp_path / "a" / model / "seed1/faithfulness/families_precision.tsv"
        path.parent.mkdir(parents=True)
        row = {"at_least": 3, "families": 4, "causal": right, "precision": right / 4}
        write_table(path, pd.DataFrame([row | {"chance": chance}]))
    faithfulness_checks.check_agreeing(check, tmp_path)
    assert check.failed == failed
    (line,) = lines(capsys)
    assert "of 8 families" in line and "2 of 2 networks" in line


def test_a_study_without_faithfulness_has_no_such_families(check, tmp_path, capsys):
    faithfulness_checks.check_agreeing(check, tmp_path)
    assert lines(capsys) == []


@pytest.mark.parametrize(
    ("page", "failed"),
    [
        (FOUND, 0),
        (FOUND + METHOD.format(method="mine", text=" "), 1),
        (
            FOUND
            + METHOD.format(
                method="mine",
                text="No finding: this method has no"
                " verdict; see its figures and tables.",
            ),
            1,
        ),
        # The next method's verdict is not that of a method without one.
        ('<section class="method" data-method="a"></section>' + FOUND, 1),
        (FOUND + "x" * 10_000_001, 1),
    ],
)
def test_a_page_is_small_and_every_method_has_a_verdict(page, failed, check):
    faithfulness_checks.check_page(check, "page", page)
    assert check.failed == failed


def test_degenerate_inputs_are_named(check, capsys):
    faithfulness_checks.check_degenerate(check)
    assert check.failed == 0
    assert len(lines(capsys)) == 5


MEASURED = {
    "position_auroc": (0.889, 0.984, 0.973),
    "position_auprc": (0.66, 0.926, 0.864),
}


def boxes(networks=3, **changed):
    """E. coli's scorecard with the documented numbers."""
    columns = ("value", "ideal_explainer", "ideal_explainer_positions")
    rows = [
        {
            **{"dataset": "e", "seed": seed, "method": "attributions"},
            **{"metric": metric, "negative_control": 0.6},
            "variant": f"integrated_gradients {answer}",
            **dict(zip(columns, values, strict=True)),
            **changed,
        }
        for seed in range(networks)
        for metric, values in MEASURED.items()
        for answer in ("absolute_centred_window9", "signed")
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        ({}, 0),
        ({"networks": 2}, 2),
        ({"value": 0.76}, 6),
        ({"ideal_explainer": 0.982}, 6),
        ({"ideal_explainer_positions": 0.5}, 6),
        ({"negative_control": 0.95}, 6),
    ],
)
def test_known_boxes_have_their_documented_scores(changed, failed, check):
    accept.check_boxes(check, boxes(**changed))
    assert check.failed == failed
