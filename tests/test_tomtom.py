"""The method tomtom: annotation, verdicts, scores, figure; and the motif database."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import motif_database
import tomtom
from motif_database import read_database
from proofread.dataset import TRUTH_COLUMNS, Dataset, write_dataset
from proofread.errors import InputError
from proofread.motif import Motif
from proofread.motif_comparison import COLUMNS
from proofread.motif_files import read_meme, write_meme
from proofread.tables import read_table
from tomtom import (
    align,
    annotate,
    best_alignments,
    best_hits,
    draw_alignments,
    informative,
    main,
    pool_targets,
    protein_name,
    read_hits,
    scores,
)


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
    found = read_hits(written(tmp_path, f"{header}\n{ROW}\n# Tomtom\n# command\n"))
    assert found.to_numpy().tolist() == [
        ["filter0", "M2", -1, 0.001, 0.1, 0.02, 5, "ACGTA", "ACGTA", "-"]
    ]


def test_a_table_without_hits_is_read(tmp_path):
    found = read_hits(written(tmp_path, "\t".join(COLUMNS) + "\n\n# none\n"))
    assert len(found) == 0
    assert len(best_hits(found)) == 0


def test_another_table_is_refused(tmp_path):
    with pytest.raises(InputError, match="no column Query_ID"):
        read_hits(written(tmp_path, "a\tb\n1\t2\n"))


def test_a_tie_in_q_and_p_goes_to_the_first_name():
    found = hits(("f", "M2", 1e-3, 0.02), ("f", "M1", 1e-3, 0.02))
    assert best_hits(found).loc["f", "Target_ID"] == "M1"
    found = hits(("f", "M2", 1e-4, 0.02), ("f", "M1", 1e-3, 0.02))
    assert best_hits(found).loc["f", "Target_ID"] == "M2"


@pytest.mark.parametrize(
    ("name", "alternative_name", "protein"),
    [
        ("M0085_1.02", "(TFAP2E)_(Mus_musculus)_(DBD_0.99)", "TFAP2E"),
        ("MA0139.2", "CTCF", "CTCF"),
        ("MA0139.2", "MA0139.2.CTCF", "CTCF"),
        ("RNCMPT00001", "A1CF_x", "A1CF_x"),
        ("M1", "", "M1"),
    ],
)
def test_protein_names(name, alternative_name, protein):
    assert protein_name(Motif(name, np.eye(4), alternative_name)) == protein


TARGETS = pool_targets([Motif("M1", np.eye(4), "One")], {"GATA": np.eye(4)})
FILTERS = pd.DataFrame(
    {
        "filter": ["filter0", "filter1", "filter2", "filter3", "filter4"],
        "status": ["ok", "ok", "ok", "dead", "ok"],
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
    assert table["protein"].tolist()[:2] == ["One", "One"]
    assert table["best_hit"].isna().tolist() == [False, False, True, True, True]


def test_without_truth_there_is_no_verdict_and_no_score():
    table = annotate(FILTERS, COMPARED, HITS.iloc[[0, 2]], TARGETS[:1], simulated=False)
    assert table["verdict"].isna().all()
    assert scores(table, [], []) == []


def test_scores_count_all_filters_and_the_causal_motifs():
    table = annotate(FILTERS, COMPARED, HITS, TARGETS, simulated=True)
    rows = scores(table, ["GATA", "X"], ["Y"])
    assert {metric: (value, n) for metric, value, n, _, _ in rows} == {
        "filter_true_rate": (0.2, 5),
        "filter_other_rate": (0.2, 5),
        "planted_motifs_found": (0.5, 2),  # of GATA and X; a decoy need not be found
        "filters_matching_GATA": (0.2, 5),
        "filters_matching_X": (0.0, 5),
        "filters_matching_Y": (0.0, 5),
    }


def test_decoys_alone_leave_nothing_to_find():
    table = annotate(FILTERS, COMPARED, HITS, TARGETS, simulated=True)
    assert "planted_motifs_found" not in [row[0] for row in scores(table, [], ["GATA"])]


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
    assert len(alignment.filter_heights) == len(alignment.target_heights) == columns
    assert (alignment.first, alignment.overlap) == (first, aligned)
    # Each certain base is 2 bits high, filter position i at column i - first.
    assert (
        alignment.filter_heights[-first : 4 - first].tolist()
        == (2 * np.eye(4)).tolist()
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
    assert np.array_equal(alignment.filter_heights, alignment.target_heights)
    assert "− strand" in alignment.title


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


def job(tmp_path, motifs, planted, **params):
    """Files of a tiny experiment and the job that compares them."""
    write_meme(tmp_path / "filters.meme", motifs)
    names = [f"filter{i}" for i in range(3)]
    statuses = ["ok", "ok", "dead"]
    pd.DataFrame({"filter": names, "status": statuses}).to_csv(
        tmp_path / "filters.tsv", sep="\t", index=False
    )
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
    defaults = {
        "distance": "pearson",
        "threshold": 0.1,
        "threshold_on": "q",
        "complete_scores": True,
        "pseudocount": 0.1,
        "both_strands": True,
        "minimum_overlap": 1,
        "internal": False,
        "q_values": "bootstrap",
        "largest_figure": 12,
        "null_copies": 3,
        "seed": 1,
    }
    return SimpleNamespace(
        input=SimpleNamespace(
            filters=tmp_path / "filters.meme",
            table=tmp_path / "filters.tsv",
            dataset=tmp_path / "dataset.h5",
            database=tmp_path / "known.meme",
        ),
        output=SimpleNamespace(
            table=tmp_path / "table.tsv",
            hits=tmp_path / "tomtom.tsv",
            calibration=tmp_path / "calibration.tsv",
            null=tmp_path / "null.tsv",
            null_figure=tmp_path / "null.svg",
            score=tmp_path / "score.tsv",
            figure=tmp_path / "alignments.svg",
        ),
        params=SimpleNamespace(**(defaults | params)),
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


def test_the_same_job_gives_the_same_bytes(tmp_path):
    learned = Motif("filter0", STAT, sites=100)
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        each = job(tmp_path / name, [learned], {"STAT": STAT})
        main(each)
        found.append([path.read_bytes() for path in vars(each.output).values()])
    assert found[0] == found[1]


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
