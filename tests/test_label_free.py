"""Label-free numbers against the truth: tables whose ranks are known by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import label_free as script
import study_pages
from proofread.methods.faithfulness.tables import COLUMNS as NUMBERS
from proofread.report import label_free
from proofread.studies.label_free import (
    POINTS,
    collect_points,
    rank_correlations,
)
from proofread.studies.label_free_figure import draw_label_free
from proofread.studies.label_free_table import advice, markdown
from proofread.tables import SCORE_COLUMNS, read_table, write_table
from proofread.truth.label_free import (
    AGREES,
    ALL,
    COLUMNS,
    CONTRADICTS,
    SEEDS,
    TRAINED,
    UNDECIDED,
    WITHIN,
    WITHOUT_KMERS,
    title,
)

ANSWERS = {
    "attributions": "saliency absolute_centred_window9",
    "saturation_mutagenesis": "absolute_window9",
}


def points(rows, *, better="higher", quantity="deletion", window=9, seed="1"):
    """Rows of dataset, model, kind, label-free number and position score."""
    table = pd.DataFrame(rows, columns=["dataset", "model", "kind", "value", "score"])
    table = table.rename(columns={"score": "position_auroc"})
    control = table["model"].str.contains("untrained").map({True: "untrained"})
    return table.assign(
        seed=seed,
        negative_control=control.fillna(""),
        target="t",
        quantity=quantity,
        window=window,
        unit="sd",
        better=better,
    )[POINTS]


def by_question(table):
    return rank_correlations(table).set_index("question")


def test_a_number_that_tells_only_trained_networks_from_others():
    # In each of two datasets: two controls with low numbers and scores; among the
    # trained ones the order of the numbers is the opposite of that of the scores.
    rows = [
        (dataset, model, "saliency", *numbers)
        for dataset in ("a", "b")
        for model, *numbers in (
            ("m.untrained", 0, 0.50),
            ("n.untrained", 1, 0.51),
            ("m", 4, 0.8),
            ("n", 3, 0.9),
            ("o", 2, 0.95),
        )
    ]
    result = by_question(points(rows))
    # Within each dataset the ranks 1, 2, 5, 4, 3 against 1 to 5: 1 - 6 x 8 / 120.
    assert result.loc[ALL, "spearman"] == pytest.approx(0.6)
    assert result.loc[ALL, ["ci_low", "ci_high"]].tolist() == pytest.approx([0.6, 0.6])
    assert result.loc[ALL, "networks"] == 10
    assert result.loc[ALL, "verdict"] == AGREES
    assert result.loc[TRAINED, "spearman"] == pytest.approx(-1)
    assert result.loc[TRAINED, "verdict"] == CONTRADICTS
    # One kind has no order, and one seed of each model has none.
    assert list(result.index) == [ALL, TRAINED]
    # Of a number whose low values are better the sign is the other one.
    lower = by_question(points(rows, better="lower"))
    assert lower.loc[TRAINED, "spearman"] == pytest.approx(1)


def test_kinds_are_ranked_within_each_network():
    scores = {"p": 0.5, "q": 0.6, "r": 0.7}
    rows = [
        (dataset, "m", kind, value, score)
        for dataset, values in (("a", (1, 2, 3)), ("b", (3, 1, 2)))
        for value, (kind, score) in zip(values, scores.items(), strict=True)
    ]
    result = by_question(points(rows))
    # 1, and 1 - 6 x (4 + 1 + 1) / 24 = -0.5. The t interval of two values is wide:
    # 0.25 +- 12.7 x 0.75, cut at -1 and 1.
    assert result.loc[WITHIN, "spearman"] == pytest.approx(0.25)
    assert result.loc[WITHIN, ["ci_low", "ci_high"]].tolist() == [-1, 1]
    assert result.loc[WITHIN, "verdict"] == UNDECIDED
    assert result.loc[WITHIN, "kinds"] == 3
    # Each dataset has one network, and there is no control.
    assert list(result.index) == [WITHIN]


def test_networks_are_compared_within_their_dataset():
    # The easy rule, a, has higher numbers and scores, but in each rule better maps have
    # worse numbers. Over both, ranks 1 to 6 against 3, 2, 1, 6, 5, 4 would be
    # 1 - 6 x 16 / 210 = 0.54.
    rows = [
        (dataset, f"m{number}", "saliency", level + number, level / 10 - number / 100)
        for dataset, level in (("b", 5), ("a", 9))
        for number in range(3)
    ]
    row = by_question(points(rows)).loc[TRAINED]
    assert row["spearman"] == pytest.approx(-1)
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx([-1, -1])
    assert row["verdict"] == CONTRADICTS


def test_every_dataset_counts_the_same():
    # a: 1 for one kind. b: -1 and 0.5 (d = 0, 1, 1) for two kinds, mean -0.25.
    orders = [("a", "p", (1, 2, 3)), ("b", "p", (3, 2, 1)), ("b", "q", (1, 3, 2))]
    rows = [
        (dataset, f"m{number}", kind, value, 0.6 + number / 10)
        for dataset, kind, values in orders
        for number, value in enumerate(values)
    ]
    row = by_question(points(rows)).loc[TRAINED]
    assert row["spearman"] == pytest.approx((1 - 0.25) / 2)
    assert row[["kinds", "networks", "datasets"]].tolist() == [2, 6, 2]


def test_the_interval_is_that_of_the_mean_over_datasets():
    # 1, 1 and 0.5: mean 5 / 6, sd 0.5 / sqrt(3), so the standard error is 1 / 6 and the
    # interval 0.8333 +- 4.30265 / 6, cut at 1.
    orders = {"a": (1, 2, 3), "b": (1, 2, 3), "c": (1, 3, 2)}
    rows = [
        (dataset, f"m{number}", "saliency", value, 0.6 + number / 10)
        for dataset, values in orders.items()
        for number, value in enumerate(values)
    ]
    row = by_question(points(rows)).loc[TRAINED]
    assert row["spearman"] == pytest.approx(5 / 6)
    assert row["ci_low"] == pytest.approx(5 / 6 - 4.30265 / 6, abs=1e-5)
    assert row["ci_high"] == 1
    assert row["verdict"] == AGREES


def test_without_simulated_data_there_are_no_points():
    table = rank_correlations(collect_points([], []))
    assert len(table) == 0
    assert "No map" in markdown(table)


def test_seeds_are_compared_within_their_model():
    # The model n has higher numbers and scores; in each the order is the opposite.
    rows = [
        ("a", model, "saliency", level + seed, level / 10 - seed / 100)
        for model, level in (("m", 5), ("n", 9))
        for seed in (1, 2, 3)
    ]
    result = by_question(points(rows, seed=["1", "2", "3"] * 2))
    assert result.loc[SEEDS, "spearman"] == pytest.approx(-1)
    # Over both, as above.
    assert result.loc[TRAINED, "spearman"] == pytest.approx(1 - 6 * 16 / 210)


@pytest.mark.parametrize(
    ("values", "scores"),
    [
        ([1, 2], [0.6, 0.5]),  # two networks
        ([1, 1, 1], [0.6, 0.5, 0.7]),  # the same number
        ([1, 2, 3], [1.0, 1.0, 1.0]),  # the same score
    ],
)
def test_a_dataset_without_a_correlation_is_not_counted_as_0(values, scores):
    rows = [("a", f"m{i}", "saliency", i, i / 10) for i in range(4)]
    rows += [
        ("b", f"m{i}", "saliency", value, score)
        for i, (value, score) in enumerate(zip(values, scores, strict=True))
    ]
    row = by_question(points(rows)).loc[TRAINED]
    assert row["spearman"] == pytest.approx(1)
    assert row[["networks", "datasets"]].tolist() == [4, 1]
    # One dataset is left, which has no interval.
    assert np.isnan(row["ci_low"])


def test_all_networks_need_a_control_that_has_the_number():
    # Of q no control has the number: 1 of q does not count among all networks.
    rows = [
        ("a", model, kind, value, score)
        for kind, values in (("p", (3, 2, 1)), ("q", (1, 2, 3)))
        for model, value, score in zip("mno", values, (0.7, 0.8, 0.9), strict=True)
    ]
    rows.append(("a", "m.untrained", "p", 0, 0.5))
    result = by_question(points(rows))
    # Ranks 1, 4, 3, 2 against 1 to 4: 1 - 6 x 8 / 60.
    assert result.loc[ALL, "spearman"] == pytest.approx(0.2)
    assert result.loc[ALL, ["kinds", "networks"]].tolist() == [1, 4]
    # -1 of p and 1 of q.
    assert result.loc[TRAINED, "spearman"] == pytest.approx(0)


def test_kinds_are_also_ranked_without_k_mers():
    # k-mers have the worst number and the best map: 2, 3, 4, 1 against 1 to 4 is
    # 1 - 6 x 12 / 60. Without them the numbers are in order.
    kinds = {"p": 2, "q": 3, "r": 4, "kmer_perturbation": 1}
    rows = [
        (dataset, "m", kind, value, 0.6 + number / 10)
        for dataset in ("a", "b")
        for number, (kind, value) in enumerate(kinds.items())
    ]
    result = by_question(points(rows))
    assert result.loc[WITHIN, "spearman"] == pytest.approx(-0.2)
    assert result.loc[WITHOUT_KMERS, "spearman"] == pytest.approx(1)
    assert result.loc[WITHOUT_KMERS, "kinds"] == 3
    # Two other kinds are too few, and without k-mers the question is the one above.
    fewer = points([row for row in rows if row[2] != "r"])
    assert list(by_question(fewer).index) == [WITHIN]
    other = points([row for row in rows if row[2] != "kmer_perturbation"])
    assert list(by_question(other).index) == [WITHIN]


def test_one_dataset_has_no_interval():
    rows = [("a", f"m{i}", "p", i, i / 10) for i in range(4)]
    row = by_question(points(rows)).loc[TRAINED]
    assert row["spearman"] == pytest.approx(1)
    assert np.isnan(row["ci_low"])
    assert row["verdict"] == UNDECIDED


def measured(verdict, spearman, low, high, **changed):
    row = {"question": ALL, "quantity": "deletion", "window": 9.0, "unit": "sd"}
    row |= {"better": "higher", "kinds": 8, "networks": 90, "datasets": 5}
    row |= {"spearman": spearman, "ci_low": low, "ci_high": high, "verdict": verdict}
    return row | changed


FEWER = [measured(AGREES, 0.5, 0.4, 0.6, quantity="insertion", datasets=4)]


def test_the_sentences_say_what_to_use_and_what_not():
    table = pd.DataFrame(
        [
            measured(AGREES, 0.7, 0.5, 0.8),
            measured(CONTRADICTS, -0.6, -0.7, -0.3, window=1.0),
            measured(AGREES, 0.6, 0.55, 0.7, quantity="sufficiency"),
            measured(UNDECIDED, 0.1, -0.2, 0.3, question=TRAINED),
        ]
    )
    said = advice(table)
    assert said[ALL].endswith(
        "of one dataset, use sufficiency, 9 bp (rank correlation 0.60, 0.55 to 0.70),"
        " deletion, 9 bp (rank correlation 0.70, 0.50 to 0.80). Do not use deletion,"
        " 1 bp (rank correlation -0.60, -0.70 to -0.30): better maps have worse"
        " numbers."
    )
    assert "the data cannot say" in said[TRAINED]
    assert list(said) == [ALL, TRAINED]
    text = markdown(table)
    assert "| deletion, 9 bp | higher | **0.70, 0.50 to 0.80** | 0.10, -0.20 to" in text
    assert "all networks: 90 networks of 5 datasets, 8 kinds" in text
    assert title(measured("", 0, 0, 0, window=np.nan)) == "deletion"
    assert "(of" not in text
    text = markdown(pd.concat([table, pd.DataFrame(FEWER)]))
    assert "| insertion, 9 bp | higher | **0.50, 0.40 to 0.60** (of 4) |" in text
    assert "(of n): only n datasets" in text
    assert "No map" in markdown(table.iloc[:0])
    panels = draw_label_free(table).axes
    assert [panel.get_title() for panel in panels] == [ALL, TRAINED]
    assert "No map" in draw_label_free(table.iloc[:0]).axes[0].texts[0].get_text()


def write_network(folder, dataset, model, number, score):
    """The tables of one network: two kinds of maps with their scores."""
    network = folder / dataset / model / "seed1"
    tables, scores = network / "faithfulness" / "table.tsv", []
    rows = []
    for method, variant in ANSWERS.items():
        kind = variant.rpartition(" ")[0] or method
        row = dict.fromkeys(NUMBERS, np.nan) | {"kind": kind, "target": "t"}
        row |= {"quantity": "deletion", "window": 9, "better": "higher"}
        rows += [row | {"unit": unit, "value": number} for unit in ("sd", "logit")]
        path = network / method / "score.tsv"
        path.parent.mkdir(parents=True)
        # The answer is the first of the headline's, whatever else there is.
        lines = [
            {"metric": metric, "target": "t", "variant": name, "value": value}
            for metric, name, value in (
                ("position_auroc", variant.replace("absolute", "signed"), 0.99),
                ("position_auroc", variant, score),
                ("position_auprc", variant, 0.98),
            )
        ]
        write_table(path, pd.DataFrame(lines).reindex(columns=SCORE_COLUMNS))
        scores.append(path)
    tables.parent.mkdir()
    write_table(tables, pd.DataFrame(rows, columns=NUMBERS))
    return [tables], scores


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The rule's files of two datasets with three networks and a control each."""
    folder = tmp_path_factory.mktemp("kept")
    tables, scores = [], []
    for dataset in ("a", "b"):
        for number, model in enumerate(("m.untrained", "m", "n", "o")):
            parts = write_network(folder, dataset, model, number, 0.5 + number / 10)
            tables += parts[0]
            scores += parts[1]
    figures = folder / "results" / "leaderboard" / "figures"
    figures.mkdir(parents=True)
    names = {
        "table": "label_free.tsv",
        "points": "label_free_points.tsv",
        "markdown": "label_free.md",
        "figure": "label_free.svg",
    }
    output = {key: figures / name for key, name in names.items()}
    job = SimpleNamespace(
        input=SimpleNamespace(tables=tables, scores=scores),
        output=SimpleNamespace(**output),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script, "start", lambda job: None)
        script.main(job)
    return folder, job


def test_numbers_and_scores_of_the_same_map_are_joined(kept):
    _, job = kept
    table = collect_points(job.input.tables, job.input.scores)
    assert len(table) == 2 * 4 * 2
    assert set(table["kind"]) == {"saliency", "saturation_mutagenesis"}
    assert set(table["unit"]) == {"sd"}
    np.testing.assert_allclose(table["position_auroc"], 0.5 + table["value"] / 10)
    assert table["negative_control"].value_counts().to_dict() == {
        "": 12,
        "untrained": 4,
    }
    result = read_table(job.output.table).set_index("question")
    assert result.loc[[ALL, TRAINED], "spearman"].tolist() == [1, 1]
    assert result.loc[ALL, "networks"] == 8


def test_the_page_is_written_from_the_leaderboard_s_run(kept, tmp_path, monkeypatch):
    folder, job = kept
    results = folder / "results"
    names = ("datasets", "models", "networks", "seeds", "methods")
    record = pd.DataFrame([(name, "1") for name in names], columns=["item", "text"])
    write_table(results / "leaderboard" / "figures" / "provenance.tsv", record)
    only = {"label_free": study_pages.STUDIES["label_free"]}
    monkeypatch.setattr(study_pages, "STUDIES", only)
    monkeypatch.setattr(study_pages, "PAGES", ("faithfulness.md",))
    monkeypatch.setenv("PROOFREAD_STUDIES", str(results))
    docs = tmp_path / "docs"
    quoted = tmp_path / study_pages.STUDIES["label_free"].quoted
    docs.mkdir()
    page = docs / "faithfulness.md"
    marker = "<!-- label_free: written by tools/study_pages.py -->"
    page.write_text(f"{marker}\n<!-- end of label_free -->\n")
    study_pages.main(docs)
    text = page.read_text()
    assert "| deletion, 9 bp | higher |" in text
    assert "config/leaderboard.yaml" in text
    assert (docs / "figures" / "label_free.svg").is_file()
    # The report quotes the same table.
    assert quoted.read_bytes() == job.output.table.read_bytes()
    # Without faithfulness the leaderboard has no such table, and nothing is copied.
    job.output.table.unlink()
    assert not study_pages.has_run("label_free", results)


def test_the_report_quotes_the_table_of_the_documentation():
    table, copy = study_pages.quoted("label_free")
    assert copy == label_free.TABLE
    assert copy.is_file() == table.is_file(), "python tools/study_pages.py copies it"
    assert not copy.is_file() or copy.read_bytes() == table.read_bytes()


# --- What the report quotes -----------------------------------------------------------

# By hand: deletion ranks kinds and networks, an agreement ranks networks the other way.
STUDY = [
    measured(AGREES, 0.7, 0.51, 0.8, question=WITHIN, networks=60),
    measured(UNDECIDED, 0.1, -0.2, 0.3, question=TRAINED, networks=60),
    measured(AGREES, 0.66, 0.4, 0.75),
    measured(AGREES, 0.62, 0.55, 0.7, quantity="sufficiency", question=WITHIN),
    measured(AGREES, 0.5, 0.1, 0.9, quantity="insertion", question=WITHIN),
    measured(
        CONTRADICTS,
        *(-0.4, -0.6, -0.2),
        **{"quantity": "max_sensitivity", "window": np.nan, "better": "lower"},
        question=WITHIN,
        networks=60,
    ),
]


@pytest.fixture
def study(tmp_path, monkeypatch):
    """The report beside the table of a study."""
    path = tmp_path / "label_free.tsv"
    write_table(path, pd.DataFrame(STUDY))
    monkeypatch.setattr(label_free, "TABLE", path)


def test_a_number_is_quoted_with_what_the_study_says_of_it(study):
    assert label_free.about("deletion", 9.0) == (
        "Deletion, 9 bp: maps with a higher number also found more of the planted bases"
        " when comparing networks that learned the rule with others (Spearman 0.66,"
        " 0.40 to 0.75, 90 networks) and the kinds of maps of one network (Spearman"
        " 0.70, 0.51 to 0.80, 60 networks); nothing is shown when comparing trained"
        " networks of one dataset (Spearman 0.10, −0.20 to 0.30, 60 networks)."
    )
    assert label_free.about("max_sensitivity", float("nan")) == (
        "Max-sensitivity: maps with a lower number found fewer of the planted bases"
        " when comparing the kinds of maps of one network (Spearman −0.40, −0.60 to"
        " −0.20, 60 networks)."
    )
    # Not measured; measured with other windows.
    assert label_free.about("agreement", 9.0) == ""
    assert label_free.about("deletion", 5.0) == ""


def test_numbers_that_the_study_does_not_support_are_marked(study):
    assert label_free.mark("deletion", 9.0) == ""
    assert label_free.mark("max_sensitivity", float("nan")) == "contradicted"
    assert label_free.mark("agreement", 9.0) == ""


@pytest.mark.parametrize(
    ("within", "without", "word"),
    [
        (AGREES, AGREES, ""),
        (AGREES, UNDECIDED, "not supported"),
        (CONTRADICTS, UNDECIDED, "not supported"),
        (CONTRADICTS, AGREES, "not supported"),
        (CONTRADICTS, CONTRADICTS, "contradicted"),
    ],
)
def test_kinds_are_ranked_with_and_without_k_mers(
    within, without, word, tmp_path, monkeypatch
):
    path = tmp_path / "label_free.tsv"
    rows = [
        measured(within, 0.5, 0.4, 0.6, question=WITHIN),
        measured(without, 0.3, 0.1, 0.4, question=WITHOUT_KMERS),
        # Surer with k-mers, less sure without: 0.2 against 0.1.
        measured(AGREES, 0.5, 0.3, 0.6, question=WITHIN, quantity="insertion"),
        measured(AGREES, 0.4, 0.2, 0.6, question=WITHOUT_KMERS, quantity="insertion"),
        # Of the trained networks alone.
        measured(AGREES, 0.9, 0.8, 1, question=TRAINED, quantity="sufficiency"),
    ]
    write_table(path, pd.DataFrame(rows))
    monkeypatch.setattr(label_free, "TABLE", path)
    assert label_free.mark("deletion", 9.0) == word
    assert label_free.best()["quantity"] == "insertion"
    said = "the kinds of maps of one network, believe insertion, 9 bp (Spearman 0.50,"
    assert said in label_free.advice()
    also = " and deletion, 9 bp (Spearman 0.50" in label_free.advice()
    assert also == (word == "")


def test_an_undecided_number_is_not_supported(tmp_path, monkeypatch):
    path = tmp_path / "label_free.tsv"
    write_table(
        path, pd.DataFrame([measured(UNDECIDED, 0.3, -0.1, 0.5, question=WITHIN)])
    )
    monkeypatch.setattr(label_free, "TABLE", path)
    assert label_free.mark("deletion", 9.0) == "not supported"
    assert label_free.best() is None
    assert (
        "No number is shown to compare the kinds of maps of one network as the truth"
        " does; no number is shown to compare the seeds of one model as the truth does;"
        " no number is shown to compare trained networks of one dataset as the truth"
        " does."
    ) in label_free.advice()


def test_the_first_screen_names_the_two_surest_numbers(study):
    assert label_free.best()["quantity"] == "sufficiency"
    text = label_free.advice()
    assert text.startswith(
        "May these numbers be believed? A study of 90 networks, negative controls among"
        " them, on 5 simulated datasets compared them with the position AUROC"
    )
    # Of three, those with the highest lower ends: 0.55 and 0.51, not 0.1.
    assert (
        "To compare the kinds of maps of one network, believe sufficiency, 9 bp"
        " (Spearman 0.62, 0.55 to 0.70, 90 networks) and deletion, 9 bp (Spearman 0.70,"
        " 0.51 to 0.80, 60 networks); no number is shown to compare the seeds"
    ) in text


@pytest.mark.parametrize("rows", [None, []])
def test_without_numbers_of_a_study_nothing_is_said(rows, tmp_path, monkeypatch):
    path = tmp_path / "label_free.tsv"
    if rows is not None:
        write_table(path, pd.DataFrame(rows, columns=COLUMNS))
    monkeypatch.setattr(label_free, "TABLE", path)
    assert label_free.about("deletion", 9.0) == ""
    assert label_free.mark("deletion", 9.0) == ""
    assert label_free.best() is None
    assert label_free.introduction() == label_free.advice() == ""
