"""Families of motifs that methods name: counts and chances worked out by hand."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import faithfulness as faithfulness_script
import motif_families as script
from attribution_runs import planted_dataset
from proofread.datasets.dataset import write_dataset
from proofread.methods.faithfulness.families import (
    agreement_table,
    family_table,
    family_tables,
    hypergeometric_p,
    precision_table,
)
from proofread.methods.faithfulness.figures import draw_families
from proofread.methods.faithfulness.named import (
    FEW_SOURCES,
    Named,
    causal_families,
    family_names,
    named_by,
    read_named,
)
from proofread.motifs.families import all_families
from proofread.motifs.files import write_meme
from proofread.report.sections import faithfulness as section
from proofread.tables import read_table, write_table
from test_motif_families import of_bases

# Five families; the planted motif P is in the first, with A and B of a database.
UNIVERSE = pd.DataFrame(
    [
        *((1, "db", "A"), (1, "db", "B"), (1, "planted", "P")),
        *((2, "db", "C"), (2, "planted", "Q")),
        *((3, "db", "D"), (4, "db", "E"), (5, "db", "F")),
    ],
    columns=["family", "source", "motif"],
)
UNIVERSE["protein"] = "protein " + UNIVERSE["motif"]
DB = {"databases": ["db"], "motifs_file": None}


def of(asked, *families):
    """A source that names these families, each with the number 1."""
    motifs = {family: f"m{family}" for family in families}
    return Named(set(asked), dict.fromkeys(families, 1.0), motifs)


def test_motifs_have_the_names_that_tables_give_them():
    names = family_names(UNIVERSE, ["planted"])
    assert names == {"P": 1, "planted:P": 1, "Q": 2, "planted:Q": 2}
    assert family_names(UNIVERSE, ["db"])["db:D"] == 3


def matches(**columns):
    return pd.DataFrame({"q": 0.01, "p": 0.001} | columns)


def test_filters_name_the_family_of_their_best_hit_and_pairs_count_once():
    table = matches(
        filter=["f0", "f1", "f2", "f3"],
        partner=[np.nan, "f2", "f1", np.nan],
        best_hit=["A", "planted:P", "planted:P", np.nan],
    )
    named = named_by("tomtom", table, UNIVERSE, DB, True)
    assert named.asked == {1, 2, 3, 4, 5}
    assert named.number == {1: 2}
    assert named.motif == {1: "A"}


def test_patterns_count_their_seqlets():
    table = matches(best_hit=["D", "A", "B", np.nan], seqlets=[40, 10, 20, 99])
    named = named_by("motif_discovery", table, UNIVERSE, DB, False)
    assert named.number == {1: 30, 3: 40}
    assert named.motif == {1: "B", 3: "D"}


def test_tests_name_what_they_find_for_any_target():
    table = pd.DataFrame(
        [
            ("presence", "P", "missed", 0.1),
            ("presence", "P", "recovered", 0.4),
            ("presence", "Q", "true_negative", 0.0),
            ("order", "Q", "false_positive", 9.0),
        ],
        columns=["kind", "first", "verdict", "effect"],
    )
    named = named_by("motif_tests", table, UNIVERSE, DB, True)
    assert (named.asked, named.number) == ({1, 2}, {1: 0.4})
    # Neither a motif that cannot be tested nor one of which either answer is right.
    table["verdict"] = ["untested", np.nan, "true_negative", "found"]
    named = named_by("motif_tests", table, UNIVERSE, DB, True)
    assert (named.asked, named.number) == ({2}, {})


def test_insertion_names_motifs_of_a_user_s_file():
    # Another file of this name, and its motif A, are of another method.
    path = "here/mine.meme"
    universe = pd.DataFrame(
        [(1, path, "A", "A"), (2, path, "B", "B"), (3, "there/mine.meme", "A", "A")]
    )
    universe.columns = UNIVERSE.columns
    table = pd.DataFrame(
        {
            "motif": ["A", "B"],
            "verdict": ["found", "not_found"],
            "above_control": [2.0, 0.1],
        }
    )
    settings = {"databases": [], "motifs_file": path}
    named = named_by("motif_insertion", table, universe, settings, False)
    assert (named.asked, named.number) == ({1, 2}, {1: 2.0})


def test_the_chance_of_what_two_sources_share():
    # Of 5, one names 2 and the other 2. Both: C(2,1) C(3,1) = 6 and C(2,2) = 1 of 10
    # choices have at least one in common, one has both.
    assert hypergeometric_p(5, 2, 2, 0) == 1
    assert hypergeometric_p(5, 2, 2, 1) == pytest.approx(0.7)
    assert hypergeometric_p(5, 2, 2, 2) == pytest.approx(0.1)
    assert np.isnan(hypergeometric_p(0, 0, 0, 0))


def test_two_sources_are_compared_where_both_were_asked():
    named = {"tomtom": of(range(1, 7), 1, 2, 6), "motif_tests": of(range(1, 6), 1, 3)}
    (row,) = agreement_table(named).itertuples()
    # Family 6 was never tested. 1 of {1, 2, 3} is named by both; by chance 2 x 2 / 5.
    assert (row.families, row.named_first, row.named_second) == (5, 2, 2)
    assert (row.both, row.either) == (1, 3)
    assert row.jaccard == pytest.approx(1 / 3)
    assert row.expected == pytest.approx(0.8)
    assert row.p == pytest.approx(0.7)
    # Nothing named, nothing shared.
    nothing = agreement_table({"tomtom": of({1}), "motif_tests": of({2})}).iloc[0]
    assert nothing[["jaccard", "expected", "p"]].isna().all()


def test_the_precision_of_families_that_several_name():
    named = {
        "tomtom": of(range(1, 5), 1, 2),
        "motif_discovery": of(range(1, 5), 1, 3),
        "motif_tests": of({1, 2}, 1),
    }
    table = precision_table(named, causal={1}).set_index("at_least")
    assert table["families"].tolist() == [3, 1, 1]
    assert table["precision"].tolist() == pytest.approx([1 / 3, 1, 1])
    # Wilson's interval of 1 of 1: from 1 / (1 + 1.96^2).
    assert table["ci_low"][3] == pytest.approx(1 / (1 + 1.959964**2), rel=1e-6)
    assert table["ci_high"][3] == 1
    # By chance each names a family with 1/2, tests only 1 and 2. All three: 1/8 each
    # for 1 and 2, none for 3 and 4.
    assert table["chance"][3] == pytest.approx(0.5)
    # At least two: (3 + 1) / 8 = 1/2 for 1 and 2, 1/4 for 3 and 4.
    assert table["chance"][2] == pytest.approx(0.5 / 1.5)
    # At least one: 7/8 and 3/4.
    assert table["chance"][1] == pytest.approx(0.875 / 3.25)
    without = precision_table(named, causal=None)
    assert without["families"].tolist() == [3, 1, 1]
    assert without[["precision", "chance"]].isna().all(axis=None)


def test_a_row_for_each_family_and_source():
    named = {"tomtom": of({1, 2, 3}, 2, 3), "motif_tests": of({1, 2}, 2)}
    table = family_table(named, UNIVERSE, {1})
    # The family that both name, the one of the filters, the causal one of neither.
    assert table["family"].tolist() == [2, 2, 3, 3, 1, 1]
    assert table["sources"].tolist() == [2, 2, 1, 1, 0, 0]
    assert table["named"].tolist() == [1, 1, 1, 0, 0, 0]
    assert table["asked"].tolist() == [1, 1, 1, 0, 1, 1]
    assert table["causal"].tolist() == [0, 0, 0, 0, 1, 1]
    assert table["motifs"].tolist()[::2] == ["m2", "m3", "protein A"]
    # Members have the names of their proteins, each once.
    named["tomtom"].motif[2], named["motif_tests"].motif[2] = "planted:Q", "Q"
    assert family_table(named, UNIVERSE, {1})["motifs"][0] == "protein Q"
    assert table["unit"].tolist() == ["filters", "nats"] * 3


def test_negative_controls_stand_beside_and_one_source_is_none():
    named = {"tomtom": of({1, 2}, 1), "motif_tests": of({1, 2}, 1)}
    of_control = {"tomtom": of({1, 2}, 1), "motif_tests": of({1, 2}, 2)}
    control = family_tables(of_control, UNIVERSE, {1}, {})
    tables = family_tables(named, UNIVERSE, {1}, {"untrained": control})
    assert tables["families_agreement"]["jaccard"].tolist() == [1]
    assert tables["families_agreement"]["untrained"].tolist() == [0]
    assert tables["families_precision"]["untrained"].tolist()[0] == 0.5
    assert tables["families_precision"]["shuffled"].isna().all()
    alone = family_tables({"tomtom": of({1}, 1)}, UNIVERSE, {1}, {})
    assert [len(table) for table in alone.values()] == [0, 0, 0]
    experiment = SimpleNamespace(
        has=lambda *_: True,
        table=lambda _, name: alone[name.removesuffix(".tsv")],
    )
    assert "fewer than two" in section._families(experiment)[0]
    experiment.table = lambda _, name: tables[name.removesuffix(".tsv")]
    first, second = section._families(experiment)
    assert first.endswith("tomtom and motif tests: 1 of 1 family (chance 0.5).")
    assert "at least 1 1.000 ([0.207, 1.000], chance 0.500, n = 1)" in second
    figure = draw_families(tables["families"], tables["families_agreement"])
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert texts == ["1/1\n(chance 0.5)"]
    figure = draw_families(alone["families"], alone["families_agreement"])
    assert FEW_SOURCES.split()[0] in figure.axes[0].texts[0].get_text()


def test_similar_motifs_of_all_sources_are_one_family(tmp_path):
    dataset = planted_dataset(4)
    copy = dataset.motifs["M"]
    other = of_bases("X", "CCGCGGCC")
    write_meme(tmp_path / "db.meme", [of_bases("MA1", "GATTACA"), other])
    (tmp_path / "my").mkdir()
    write_meme(tmp_path / "my" / "db.meme", [of_bases("MA1", "CCGCGGCC")])
    write_dataset(tmp_path / "dataset.h5", dataset)
    job = SimpleNamespace(
        input=SimpleNamespace(
            dataset=tmp_path / "dataset.h5",
            databases=[tmp_path / "db.meme"],
            motifs=[tmp_path / "my" / "db.meme"],
        ),
        output=SimpleNamespace(table=tmp_path / "families.tsv"),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script, "start", lambda job: None)
        script.main(job)
    table = read_table(job.output.table).set_index(["source", "motif"])["family"]
    assert table["db", "MA1"] == table["planted", "M"] != table["db", "X"]
    # A user's file is told from a database of the same name.
    assert table[str(tmp_path / "my" / "db.meme"), "MA1"] == table["db", "X"]
    assert causal_families(dataset, read_table(job.output.table)) == {
        table["planted", "M"]
    }
    # Known sites have a matrix, too, which no method is asked to name.
    known = replace(dataset, settings=dataset.settings | {"truth": {"sites": "my.bed"}})
    write_dataset(job.input.dataset, known)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script, "start", lambda job: None)
        script.main(job)
    assert "planted" not in set(read_table(job.output.table)["source"])
    # A uniform motif resembles nothing.
    flat = {"flat": np.full((6, 4), 0.25), "M": copy, "N": copy[::-1, ::-1]}
    numbers = all_families({}, flat).set_index("motif")["family"]
    assert numbers["M"] == numbers["N"] != numbers["flat"]


def test_tables_are_read_by_method(tmp_path):
    tables = {
        "tomtom": matches(filter=["f0"], partner=[np.nan], best_hit=["planted:P"]),
        "motif_discovery": matches(best_hit=["C"], seqlets=[7]),
    }
    for method, table in tables.items():
        (tmp_path / method).mkdir()
        write_table(tmp_path / method / "table.tsv", table)
    paths = [tmp_path / method / "table.tsv" for method in reversed(tables)]
    named = read_named(paths, UNIVERSE, dict.fromkeys(tables, DB), True)
    assert list(named) == ["tomtom", "motif_discovery"]
    assert named["tomtom"].number == {1: 1}
    assert named["motif_discovery"].number == {2: 7}


def test_the_rule_reads_the_tables_of_a_network_and_of_its_controls(tmp_path):
    """The planted motif M: filters and patterns of the network name it."""
    dataset = planted_dataset(4)
    write_dataset(tmp_path / "dataset.h5", dataset)
    universe = pd.DataFrame(
        [(1, "planted", "M", "M"), (2, "db", "C", "C")], columns=UNIVERSE.columns
    )
    write_table(tmp_path / "motif_families.tsv", universe)
    hits = {"m": "planted:M", "m.untrained": "C"}

    def job_of(model, controls):
        network = tmp_path / "d" / model / "seed1"
        tables = {
            "tomtom": matches(filter=["f"], partner=[np.nan], best_hit=["planted:M"]),
            "motif_discovery": matches(best_hit=[hits[model]], seqlets=[7]),
        }
        for method, table in tables.items():
            (network / method).mkdir(parents=True)
            write_table(network / method / "table.tsv", table)
        return SimpleNamespace(
            input=SimpleNamespace(
                dataset=tmp_path / "dataset.h5",
                families=str(tmp_path / "motif_families.tsv"),
                named=[network / method / "table.tsv" for method in tables],
                controls=controls,
                control_agreement=[
                    path.with_name("families_agreement.tsv") for path in controls
                ],
                control_precision=[
                    path.with_name("families_precision.tsv") for path in controls
                ],
            ),
            params=SimpleNamespace(naming=dict.fromkeys(tables, DB)),
        )

    control = tmp_path / "d" / "m.untrained" / "seed1" / "faithfulness" / "table.tsv"
    tables = faithfulness_script.families(job_of("m.untrained", []))
    control.parent.mkdir(parents=True)
    for name, table in tables.items():
        write_table(control.with_name(f"{name}.tsv"), table)
    tables = faithfulness_script.families(job_of("m", [control]))
    pairs = tables["families_agreement"]
    assert pairs[["jaccard", "untrained"]].to_numpy().tolist() == [[1, 0]]
    precision = tables["families_precision"].set_index("at_least")
    assert precision["precision"].tolist() == [1, 1]
    # The control's sources name a family each, of which one is that of M.
    assert precision["untrained"][1] == 0.5
    assert np.isnan(precision["untrained"][2])
    assert precision["shuffled"].isna().all()
