"""The method tomtom: annotation, verdicts, scores, figure; and the motif database."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import motif_database
import tomtom
from motif_database import read_database
from proofread.datasets.dataset import TRUTH_COLUMNS, Dataset, write_dataset
from proofread.errors import InputError
from proofread.methods.tomtom import comparison
from proofread.methods.tomtom.comparison import best_of_all
from proofread.motifs.alignments import align, best_alignments, draw_alignments
from proofread.motifs.files import read_meme, write_meme
from proofread.motifs.motif import UNIFORM, Motif
from proofread.motifs.naming import (
    annotate,
    best_hits,
    hit_table,
    informative,
    match_scores,
    read_hits,
)
from proofread.motifs.targets import pool_targets
from proofread.motifs.tomtom import (
    COLUMNS,
    Settings,
    compare_motifs,
    write_comparisons,
)
from proofread.tables import read_table
from test_filter_pfms import Outputs
from tomtom import main


@pytest.fixture(autouse=True)
def no_log_file(monkeypatch):
    """`start` takes over the process: its log, its warnings, its exceptions."""
    for script in (tomtom, motif_database):
        monkeypatch.setattr(script, "start", lambda job: None)


def hits(*rows):
    """Hits from (query, target, p, q), forward at offset 0."""
    return pd.DataFrame(
        [(q, t, 0, p, p, fdr, 5, "ACGTA", "ACGTA", "+") for q, t, p, fdr in rows],
        columns=list(COLUMNS),
    )


def written(tmp_path, text):
    path = tmp_path / "tomtom.tsv"
    path.write_text(text)
    return path


ROW = "filter0\tM2\t-1\t0.001\t0.1\t0.02\t5\tACGTA\tACGTA\t-\n"


@pytest.mark.parametrize(
    "header",
    ["\t".join(COLUMNS), "#" + "\t".join(COLUMNS).replace("_", " ")],
    ids=["version 5", "version 4"],
)
def test_a_table_of_tomtom_is_read_by_column_name(tmp_path, header):
    result = read_hits(written(tmp_path, f"{header}\n{ROW}\n# Tomtom\n# command\n"))
    assert result.to_numpy().tolist() == [
        ["filter0", "M2", -1, 0.001, 0.1, 0.02, 5, "ACGTA", "ACGTA", "-"]
    ]


def test_a_table_without_hits_is_read(tmp_path):
    result = read_hits(written(tmp_path, "\t".join(COLUMNS) + "\n\n# none\n"))
    assert len(result) == 0
    assert len(best_hits(result)) == 0


def test_another_table_is_refused(tmp_path):
    with pytest.raises(InputError, match="no column Query_ID"):
        read_hits(written(tmp_path, "a\tb\n1\t2\n"))


def test_a_tie_in_q_and_p_goes_to_the_first_name():
    result = hits(("f", "M2", 1e-3, 0.02), ("f", "M1", 1e-3, 0.02))
    assert best_hits(result).loc["f", "Target_ID"] == "M1"
    result = hits(("f", "M2", 1e-4, 0.02), ("f", "M1", 1e-3, 0.02))
    assert best_hits(result).loc["f", "Target_ID"] == "M2"


TARGETS = pool_targets({"known": [Motif("M1", np.eye(4), "One")]}, {"GATA": np.eye(4)})
FILTERS = pd.DataFrame(
    {
        "filter": ["filter0", "filter1", "filter2", "filter3", "filter4"],
        "status": ["ok", "ok", "ok", "dead", "ok"],
        "partner": None,
    }
)
COMPARED = [Motif(f"filter{i}", np.eye(4)) for i in (0, 1, 2)]
HITS = hits(
    ("filter0", "M1", 1e-6, 1e-4),
    ("filter0", "planted:GATA", 1e-5, 1e-3),
    ("filter1", "M1", 1e-3, 0.05),
)


def test_a_filter_is_true_if_a_planted_motif_is_among_its_hits():
    table = annotate(FILTERS, COMPARED, HITS, TARGETS, simulated=True)
    assert table["verdict"].tolist() == ["true", "other", "none", "none", "none"]
    assert table["status"].tolist() == ["compared"] * 3 + ["dead", "uniform"]
    assert table["hits"].tolist() == [2, 1, 0, 0, 0]
    assert table["planted_hits"].tolist() == ["GATA", "", "", "", ""]
    assert table["best_hit"].tolist()[:2] == ["M1", "M1"]
    assert table["database"].tolist()[:2] == ["known", "known"]
    assert table["protein"].tolist()[:2] == ["One", "One"]
    assert table["best_hit"].isna().tolist() == [False, False, True, True, True]


def test_the_table_says_the_database_of_a_name_that_two_share():
    known = [Motif("M1", np.eye(4), "One")]
    targets = pool_targets({"old": known, "new": known}, {"M1": np.eye(4)})
    result = hits(
        ("filter0", "new:M1", 1e-6, 1e-4),
        ("filter0", "planted:M1", 1e-5, 1e-3),
        ("filter1", "planted:M1", 1e-3, 0.05),
    )
    table = annotate(FILTERS, COMPARED, result, targets, simulated=True)
    columns = ["best_hit", "database", "protein", "planted_hits"]
    assert table[columns].to_numpy().tolist()[:2] == [
        ["new:M1", "new", "One", "M1"],
        ["planted:M1", "planted", "M1", "M1"],
    ]


def test_without_truth_there_is_no_verdict_and_no_score():
    table = annotate(FILTERS, COMPARED, HITS.iloc[[0, 2]], TARGETS[:1], simulated=False)
    assert table["verdict"].isna().all()
    assert match_scores(table, [], [], kind="filter") == []


def test_scores_count_all_filters_and_the_causal_motifs():
    table = annotate(FILTERS, COMPARED, HITS, TARGETS, simulated=True)
    rows = match_scores(table, ["GATA", "X"], ["Y"], kind="filter")
    assert {(row.metric, row.motif): (row.value, row.n) for row in rows} == {
        ("filter_true_rate", ""): (0.2, 5),
        ("filter_other_rate", ""): (0.2, 5),
        # of GATA and X; a decoy need not be found
        ("planted_motifs_found", ""): (0.5, 2),
        ("filters_matching", "GATA"): (0.2, 5),
        ("filters_matching", "X"): (0.0, 5),
        ("filters_matching", "Y"): (0.0, 5),
    }
    lower = [row.metric for row in rows if row.better == "lower"]
    assert lower == ["filter_other_rate"]


def test_decoys_alone_leave_nothing_to_find():
    table = annotate(FILTERS, COMPARED, HITS, TARGETS, simulated=True)
    rows = match_scores(table, [], ["GATA"], kind="filter")
    assert "planted_motifs_found" not in [row.metric for row in rows]


def test_a_uniform_matrix_is_not_compared():
    flat = Motif("flat", np.full((5, 4), 0.25))
    assert informative([flat, COMPARED[0]]) == [COMPARED[0]]


@pytest.mark.parametrize(
    ("offset", "overlap", "columns", "first", "aligned"),
    # A filter of 4 and a motif of 4: shifted to the left, in place, to the right.
    [(1, 3, 5, -1, (0, 3)), (0, 4, 4, 0, (0, 4)), (-2, 2, 6, 0, (2, 4))],
)
def test_an_alignment_has_one_axis(offset, overlap, columns, first, aligned):
    motif = Motif("m", np.eye(4))
    row = pd.Series(
        {
            "filter": "filter0",
            "protein": "P",
            "best_hit": "m",
            "planted_hits": "",
            "q": 0.01,
            "orientation": "+",
            "offset": offset,
            "overlap": overlap,
        }
    )
    alignment = align(motif, motif, row)
    assert len(alignment.query_heights) == len(alignment.target_heights) == columns
    assert (alignment.first, alignment.overlap) == (first, aligned)
    # Each certain base is 2 bits high, filter position i at column i - first.
    assert (
        alignment.query_heights[-first : 4 - first].tolist() == (2 * np.eye(4)).tolist()
    )
    start = -offset - first
    assert (
        alignment.target_heights[start : start + 4].tolist() == (2 * np.eye(4)).tolist()
    )


def test_a_hit_on_the_other_strand_is_drawn_reverse_complemented():
    aac = Motif("aac", np.eye(4)[[0, 0, 1]])
    gtt = Motif("gtt", np.eye(4)[[2, 3, 3]])
    table = annotate(
        FILTERS.iloc[:1],
        [Motif("filter0", gtt.matrix)],
        hits(("filter0", "aac", 1e-3, 0.01)).assign(Orientation="-", Overlap=3),
        [aac],
        simulated=False,
    )
    (alignment,) = best_alignments(table, [Motif("filter0", gtt.matrix)], [aac], 12)
    assert np.array_equal(alignment.query_heights, alignment.target_heights)
    assert alignment.finding == "q = 1e-02, − strand"


def test_titles_name_the_motif_and_fit_above_the_logos():
    known = [Motif("M1", np.eye(4), "One"), Motif("M" * 40, np.eye(4))]
    targets = pool_targets({"old": known, "new": known}, {"GATA": np.eye(4)})
    result = hits(
        ("filter0", "new:M1", 1e-6, 1e-4),
        ("filter0", "planted:GATA", 1e-5, 1e-3),
        ("filter1", "planted:GATA", 1e-5, 1e-3),
        ("filter2", f"old:{'M' * 40}", 1e-4, 1e-2),
    )
    table = annotate(FILTERS, COMPARED, result, targets, simulated=True)
    titles = {
        best_alignment.title: best_alignment.finding
        for best_alignment in best_alignments(table, COMPARED, targets, 3)
    }
    assert titles == {
        "filter0: One (M1, new)": "q = 1e-04; also GATA",
        "filter1: GATA (planted)": "q = 1e-03",
        f"filter2: {'M' * 26}…": "q = 1e-02",
    }


@pytest.mark.parametrize("n", [0, 1, 4])
def test_the_figure_is_183_mm_wide(n):
    table = annotate(FILTERS, COMPARED, HITS, TARGETS, simulated=True)
    alignments = best_alignments(table, COMPARED, TARGETS, 1) * n
    figure = draw_alignments(alignments, n, 5)
    assert figure.get_figwidth() * 25.4 == pytest.approx(183)


# The whole script --------------------------------------------------------------------


STAT = np.array(
    [[0.05, 0.05, 0.05, 0.85]] * 2
    + [[0.05, 0.85, 0.05, 0.05]] * 2
    + [[0.85, 0.05, 0.05, 0.05]] * 3
)


def job(tmp_path, motifs, planted, *, untrained=None, partners=None, **params):
    """Files of a tiny experiment and the job that compares them."""
    write_meme(tmp_path / "filters.meme", motifs)
    names = [f"filter{i}" for i in range(3)]
    statuses = ["ok", "ok", "dead"]
    columns = {"filter": names, "status": statuses, "partner": partners}
    pd.DataFrame(columns).to_csv(tmp_path / "filters.tsv", sep="\t", index=False)
    write_dataset(
        tmp_path / "dataset.h5",
        Dataset(
            np.zeros((2, 9), dtype=np.uint8),
            np.array([9, 9]),
            ["a", "b"],
            np.array([[0.0], [1.0]], dtype=np.float32),
            ["bound"],
            ["a", "b"],
            ["negative", "positive"],
            truth=pd.DataFrame(
                [(1, name, 0, 7, "+", "causal", "A" * 7) for name in planted],
                columns=list(TRUTH_COLUMNS),
            ),
            motifs=planted,
        ),
    )
    rng = np.random.default_rng(0)
    database = [
        Motif(f"M{i}", rng.dirichlet(np.full(4, 0.5), 8), f"protein{i}")
        for i in range(80)
    ]
    write_meme(tmp_path / "known.meme", database, decimals=6)
    # The first of them once more, in another database.
    write_meme(tmp_path / "mine.meme", [database[0], Motif("own", STAT)], decimals=6)
    if untrained is not None:
        write_meme(tmp_path / "untrained.meme", untrained)
    defaults = {
        "databases": ["known"],
        "distance": "pearson",
        "q_threshold": 0.1,
        "e_threshold": None,
        "complete_scores": True,
        "pseudocount": 0.1,
        "background": "filters",
        "strands": "both",
        "min_overlap": 1,
        "internal": False,
        "q_values": "bootstrap",
        "max_shown": 12,
        "null_copies": 3,
        "seed": 1,
    }
    params = defaults | params
    background = params["background"]
    return SimpleNamespace(
        input=SimpleNamespace(
            filters=tmp_path / "filters.meme",
            table=tmp_path / "filters.tsv",
            dataset=tmp_path / "dataset.h5",
            databases=[tmp_path / f"{name}.meme" for name in params["databases"]],
            background=[background["file"]] if "file" in background else [],
            # As Snakemake gives it where there is no such network.
            untrained=[] if untrained is None else tmp_path / "untrained.meme",
        ),
        output=Outputs(
            table=tmp_path / "table.tsv",
            hits=tmp_path / "tomtom.tsv",
            families=tmp_path / "families.tsv",
            similar=tmp_path / "similar.tsv",
            calibration=tmp_path / "calibration.tsv",
            null=tmp_path / "null.tsv",
            null_figure=tmp_path / "null.svg",
            score=tmp_path / "score.tsv",
            figure=tmp_path / "alignments.svg",
        ),
        params=SimpleNamespace(**params),
    )


def test_a_filter_that_learned_the_planted_motif_is_recovered(tmp_path):
    flat = Motif("filter1", np.full((7, 4), 0.25), sites=100)
    # The filter is the planted motif on the other strand.
    learned = Motif("filter0", STAT[::-1, ::-1], sites=100)
    main(job(tmp_path, [learned, flat], {"STAT": STAT}))
    table = read_table(tmp_path / "table.tsv").set_index("filter")
    assert table["status"].tolist() == ["compared", "uniform", "dead"]
    assert table["verdict"].tolist() == ["true", "none", "none"]
    best = table.loc["filter0"]
    assert (best["best_hit"], best["orientation"]) == ("planted:STAT", "-")
    assert (best["offset"], best["overlap"]) == (0, 7)
    score = read_table(tmp_path / "score.tsv").set_index("metric")
    assert score.loc["filter_true_rate", "value"] == pytest.approx(1 / 3, rel=1e-5)
    assert score.loc["planted_motifs_found", "value"] == 1
    assert read_hits(tmp_path / "tomtom.tsv")["Target_ID"][0] == "planted:STAT"


def test_a_negative_control_has_the_same_tables_and_no_figures(tmp_path):
    learned = Motif("filter0", STAT, sites=100)
    whole = job(tmp_path, [learned], {"STAT": STAT})
    main(whole)
    names = ("table", "score")
    expected = [getattr(whole.output, name).read_text() for name in names]
    # What null queries match is compared with already: only a network has that.
    score = expected[1].splitlines(keepends=True)
    kept = [line for line in score if not line.startswith("empirical_fdr")]
    assert len(kept) == len(score) - 1
    expected[1] = "".join(kept)
    for path in vars(whole.output).values():
        path.unlink()
    whole.output = Outputs(**{name: getattr(whole.output, name) for name in names})
    main(whole)
    assert [getattr(whole.output, name).read_text() for name in names] == expected
    assert not list(tmp_path.glob("*.svg"))


def test_hits_are_in_the_digits_of_the_file(tmp_path):
    learned = Motif("filter0", STAT, sites=100)
    targets = [Motif("other", STAT[::-1]), Motif("same", STAT)]
    (comparison,) = compare_motifs([learned], targets, Settings(q_threshold=1.0))
    table = hit_table([comparison])
    write_comparisons(tmp_path / "again.tsv", [comparison])
    pd.testing.assert_frame_equal(read_hits(tmp_path / "again.tsv"), table)
    assert hit_table([]).columns.tolist() == list(COLUMNS)


def test_two_databases_are_one_pool_and_the_table_says_which(tmp_path):
    learned = Motif("filter0", STAT, sites=100)
    main(job(tmp_path, [learned], {}, databases=["known", "mine"]))
    text = (tmp_path / "tomtom.tsv").read_text()
    assert text.splitlines()[0].split("\t") == list(COLUMNS)  # MEME's, none more
    assert "# 82 targets: 80 of known, 2 of mine\n" in text
    best = read_table(tmp_path / "table.tsv").iloc[0]
    # M0 is in both, hence the database before each name.
    assert (best["best_hit"], best["database"]) == ("mine:own", "mine")
    # E = p x targets, over all of them.
    assert best["E"] == pytest.approx(82 * best["p"], rel=1e-5)


def test_without_a_database_the_planted_motifs_are_all_there_is(tmp_path):
    learned = Motif("filter0", STAT, sites=100)
    planted = {"STAT": STAT, "other": np.roll(STAT, 1, axis=1)}
    main(job(tmp_path, [learned], planted, databases=[]))
    table = read_table(tmp_path / "table.tsv")
    assert table["best_hit"].tolist()[0] == "planted:STAT"
    assert set(table["database"].dropna()) == {"planted"}


def test_nothing_at_all_to_compare_with_gives_empty_but_valid_results(tmp_path):
    """Data simulated without motifs, and no database."""
    learned = Motif("filter0", STAT, sites=100)
    main(job(tmp_path, [learned], {}, databases=[], untrained=[learned]))
    assert read_table(tmp_path / "table.tsv")["hits"].tolist() == [0, 0, 0]
    assert len(read_hits(tmp_path / "tomtom.tsv")) == 0
    assert read_table(tmp_path / "calibration.tsv")["match_rate"].isna().all()
    assert len(read_table(tmp_path / "families.tsv")) == 0
    assert len(read_table(tmp_path / "similar.tsv")) == 0
    for name in ("alignments.svg", "null.svg"):
        assert (tmp_path / name).stat().st_size > 0


def test_matched_motifs_of_a_family_stand_together(tmp_path):
    """STAT is planted and once more, as own, in the database."""
    learned = Motif("filter0", STAT, sites=100)
    other = Motif("filter1", STAT[::-1, ::-1], sites=100)
    item = job(tmp_path, [learned, other], {"STAT": STAT}, databases=["known", "mine"])
    main(item)
    table = read_table(tmp_path / "families.tsv")
    first = table[table["family"] == 1].set_index("motif")
    assert {"mine:own", "planted:STAT"} <= set(first.index)
    # Both filters match both: one is the reverse complement of the other.
    assert first.loc["planted:STAT", "filters"] == 2
    assert first.loc["mine:own", "database"] == "mine"
    assert first.loc["mine:own", "best_filter"] in ("filter0", "filter1")
    pairs = read_table(tmp_path / "similar.tsv")
    pairs = set(zip(pairs["motif"], pairs["similar_motif"], strict=True))
    assert {("mine:own", "planted:STAT"), ("planted:STAT", "mine:own")} <= pairs


def test_a_match_that_the_null_makes_as_well_has_a_rate_of_one(tmp_path):
    """A filter of one base stays itself when its columns are shuffled."""
    poly = np.array([[0.97, 0.01, 0.01, 0.01]] * 7)
    main(job(tmp_path, [Motif("filter0", poly, sites=100)], {"polyA": poly}))
    table = read_table(tmp_path / "families.tsv").set_index("motif")
    assert table.loc["planted:polyA", "q"] < 0.1
    assert table.loc["planted:polyA", "empirical_fdr"] == 1


@pytest.mark.parametrize("untrained", [True, False])
def test_null_queries_are_told_beside_the_match_rate(tmp_path, untrained):
    learned = Motif("filter0", STAT, sites=100)
    flat = Motif("filter1", np.full((7, 4), 0.25), sites=100)
    # An untrained network whose two filters match as well: half of its filters do.
    rng = np.random.default_rng(3)
    even = Motif("u1", rng.dirichlet(np.full(4, 20), 7), sites=100)
    filters = [Motif("u0", STAT, sites=100), even] if untrained else None
    main(job(tmp_path, [learned, flat], {"STAT": STAT}, untrained=filters))
    table = read_table(tmp_path / "calibration.tsv")
    kinds = ["shuffled", "untrained"] if untrained else ["shuffled"]
    assert table["null"].tolist() == 2 * kinds
    assert table["threshold"].tolist() == [0.1] * len(kinds) + [0.05] * len(kinds)
    # The flat filter is not compared; 3 shuffled copies of the other one.
    assert set(table["queries"]) == {1} and set(table["match_rate"]) == {1}
    rows = table.set_index(["threshold", "null"])
    assert rows.loc[(0.05, "shuffled"), "null_queries"] == 3
    if untrained:
        result = rows.loc[(0.05, "untrained")]
        assert result["null_queries"] == 2
        assert result["null_match_rate"] == result["empirical_fdr"] == 0.5
        scores = read_table(tmp_path / "score.tsv")
        chance = scores[scores["metric"] == "empirical_fdr"].set_index("variant")
        assert chance["n"].to_dict() == {"shuffled": 3, "untrained": 2}
        assert chance.loc["untrained", ["value", "better"]].tolist() == [0.5, "lower"]
    fractions = read_table(tmp_path / "null.tsv")
    assert list(fractions["queries"].unique()) == ["filters", *kinds]
    # Pairs: queries times the 80 known motifs and the planted one.
    pairs = fractions.groupby("queries", sort=False)["pairs"].first().tolist()
    assert pairs == [81, 243, 162][: len(pairs)]


def test_a_filter_and_its_reverse_complement_are_one_query(tmp_path):
    learned = Motif("filter0", STAT, sites=100)
    other = Motif("filter1", STAT[::-1, ::-1], sites=100)
    untrained = [
        Motif(f"{motif.name}_untrained{seed}", motif.matrix, sites=100)
        for seed in (1, 2)
        for motif in (learned, other)
    ]
    planted = {"STAT": STAT}
    partners = ["filter1", "filter0", None]
    item = job(tmp_path, [learned, other], planted, untrained=untrained)
    main(item)
    alone = read_table(tmp_path / "calibration.tsv")
    assert set(alone["queries"]) == {2}
    item = job(
        tmp_path, [learned, other], planted, untrained=untrained, partners=partners
    )
    main(item)
    rates = read_table(tmp_path / "calibration.tsv").set_index(["threshold", "null"])
    # 3 shuffled copies of the pair, and the pairs of two untrained networks.
    assert rates.loc[0.1, "queries"].tolist() == [1, 1]
    assert rates.loc[0.1, "null_queries"].tolist() == [3, 2]
    assert rates.loc[(0.1, "untrained"), "null_match_rate"] == 1
    table = read_table(tmp_path / "table.tsv")
    assert (table["hits"] > 0).tolist() == [True, True, False]
    scores = read_table(tmp_path / "score.tsv").set_index("metric")
    # Of two filters, the pair and the dead one, one matches.
    row = scores.loc["filter_true_rate"]
    assert (row["value"], row["n"]) == (0.5, 2)
    matched = read_table(tmp_path / "families.tsv").set_index("motif")
    assert matched.loc["planted:STAT", "filters"] == 1


def test_pairs_of_some_queries_at_a_time_are_those_of_all(monkeypatch):
    rng = np.random.default_rng(1)
    motifs = [Motif(f"m{k}", rng.dirichlet(np.ones(4), size=8)) for k in range(7)]
    settings = Settings(q_threshold=1.0)
    backgrounds = {"background": UNIFORM, "query_background": None}
    whole = best_of_all(motifs, motifs[:5], settings, backgrounds)
    assert (len(whole.p), len(whole.q)) == (35, 7)
    monkeypatch.setattr(comparison, "_AT_ONCE", 3)
    parts = best_of_all(motifs, motifs[:5], settings, backgrounds)
    assert all(np.array_equal(getattr(whole, k), getattr(parts, k)) for k in "pqe")


def test_the_match_rate_is_that_of_the_table(tmp_path):
    rng = np.random.default_rng(4)
    noise = Motif("filter1", rng.dirichlet(np.full(4, 5), 7), sites=100)
    learned = Motif("filter0", STAT, sites=100)
    item = job(tmp_path, [learned, noise], {"STAT": STAT}, q_threshold=0.2)
    main(item)
    table = read_table(tmp_path / "table.tsv")
    compared = table[table["status"] == "compared"]
    rates = read_table(tmp_path / "calibration.tsv")
    assert len(compared) == 2
    assert rates["match_rate"][0] == (compared["hits"] > 0).mean()


def test_the_background_is_the_filters_uniform_or_a_file(tmp_path):
    """It moves the pseudocount only, so few sites make it count."""
    learned = Motif("filter0", STAT[:4], sites=1)
    path = tmp_path / "background.txt"
    path.write_text("A 0.7\nC 0.1\nG 0.1\nT 0.1\n")
    result = {}
    for background in ("filters", "uniform", {"file": str(path)}):
        options = {"pseudocount": 1.0, "background": background}
        main(job(tmp_path, [learned], {"STAT": STAT}, **options))
        result[str(background)] = read_table(tmp_path / "table.tsv")["p"][0]
        description = (tmp_path / "tomtom.tsv").read_text().splitlines()[-1]
        assert (
            f"background = {path if 'file' in background else background}"
            in description
        )
    filters, uniform, file = result.values()
    # The filters' file states uniform frequencies.
    assert filters == pytest.approx(uniform, rel=1e-4)
    assert file != pytest.approx(uniform, rel=1e-2)


def test_the_same_job_gives_the_same_bytes(tmp_path):
    learned = Motif("filter0", STAT, sites=100)
    result = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        item = job(tmp_path / name, [learned], {"STAT": STAT}, untrained=[learned])
        main(item)
        result.append([path.read_bytes() for path in vars(item.output).values()])
    assert result[0] == result[1]


def test_a_users_own_sequences_have_no_verdict(tmp_path):
    main(job(tmp_path, [Motif("filter0", STAT, sites=100)], {}))
    table = read_table(tmp_path / "table.tsv")
    assert table["verdict"].isna().all()
    assert len(read_table(tmp_path / "score.tsv")) == 0


def test_a_network_of_dead_filters_gives_empty_but_valid_results(tmp_path):
    main(job(tmp_path, [], {"STAT": STAT}))
    table = read_table(tmp_path / "table.tsv")
    assert table["verdict"].tolist() == ["none"] * 3
    assert len(read_hits(tmp_path / "tomtom.tsv")) == 0
    assert (tmp_path / "alignments.svg").stat().st_size > 0


# The database ------------------------------------------------------------------------


def test_jaspar_becomes_a_meme_file(tmp_path):
    settings = {"release": "JASPAR2022", "collection": "CORE", "taxon": "nematodes"}
    motif_database.main(
        SimpleNamespace(
            params=SimpleNamespace(database=settings),
            output=SimpleNamespace(motifs=tmp_path / "jaspar.meme"),
        )
    )
    written, read = read_meme(tmp_path / "jaspar.meme").motifs, read_database(settings)
    assert [motif.name for motif in written] == [motif.name for motif in read]
    for one, other in zip(written, read, strict=True):
        assert np.abs(one.matrix - other.matrix).max() <= 5.1e-7


def test_a_users_file_is_read_as_it_is(tmp_path):
    path = tmp_path / "mine.meme"
    write_meme(path, [Motif("minus10", np.eye(4), sites=3)])
    (motif,) = read_database({"file": str(path)})
    assert (motif.name, motif.sites) == ("minus10", 3)


WRITTEN_HITS = "\t".join(COLUMNS) + f"\n{ROW}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "no column Query_ID"),
        (WRITTEN_HITS[: len(WRITTEN_HITS) // 2], r"no column|cells"),
        (WRITTEN_HITS[:-20], "cells"),
        (WRITTEN_HITS.replace("0.", "0x", 1), "a cell that is no number"),
        ("<html>not found</html>\n", "no column Query_ID"),
    ],
)
def test_a_damaged_table_of_hits_is_named(text, found, tmp_path):
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=found) as caught:
        read_hits(path)
    assert caught.value.where.startswith(str(path))
