"""The method motif_discovery: patterns of attributions that are known by hand."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numba
import numpy as np
import pandas as pd
import pytest
import yaml

import motif_discovery
from motif_discovery import main
from proofread.configuration.check import check_configuration
from proofread.configuration.discovery import discovers_in
from proofread.configuration.schema import check, read_schema
from proofread.datasets.dataset import TRUTH_COLUMNS, Dataset, write_dataset
from proofread.dna.encoding import UNKNOWN, encode, one_hot
from proofread.errors import InputError
from proofread.files.bed import read_bed
from proofread.methods.motif_discovery import patterns
from proofread.methods.motif_discovery.contributions import (
    centred,
    read_substitutions,
)
from proofread.methods.motif_discovery.patterns import (
    Pattern,
    Search,
    check_widths,
    find_patterns,
)
from proofread.methods.motif_discovery.tables import recovery_scores
from proofread.methods.saturation_mutagenesis.substitutions import (
    positions_to_mutate,
    saturation_mutagenesis,
)
from proofread.models.local_edits import EditedLogits
from proofread.models.predictor import Predictor
from proofread.motifs.files import read_meme
from proofread.tables import read_table, read_values, write_values

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = ROOT / "workflow" / "schemas"

# Two k-mers without palindromes; A speaks for the target, B against it.
A, B = "TTACGGCATC", "GACCCTTAGA"
LENGTH, PADDED, N = 80, 70, 100


def encoded(kmer):
    return np.array(["ACGT".index(base) for base in kmer])


def planted_sequences():
    """A in the first 50 sequences, B in the others, on both strands by turns.

    The last ten bases are unknown. Each base of a planted k-mer has an attribution of 2
    (of -2 in B), all others noise a hundredth as high.
    """
    rng = np.random.default_rng(5)
    index = rng.integers(0, 4, (N, LENGTH)).astype(np.uint8)
    index[:, PADDED:] = UNKNOWN
    hypothetical = rng.normal(0, 0.02, (N, 4, LENGTH))
    truth = []
    for row in range(N):
        name, kmer, sign = ("A", A, 1) if row < N // 2 else ("B", B, -1)
        start, strand = 15 + row % 37, "+-"[row % 2]
        bases = encoded(kmer) if strand == "+" else 3 - encoded(kmer)[::-1]
        position = np.arange(start, start + len(kmer))
        index[row, position] = bases
        hypothetical[row, bases, position] = 2 * sign
        truth.append((row, name, start, start + len(kmer), strand, "causal", kmer))
    hypothetical[:, :, PADDED:] = 0
    matrices = {
        name: 0.96 * np.eye(4)[encoded(w)] + 0.01
        for name, w in zip("AB", (A, B), strict=True)
    }
    dataset = Dataset(
        index,
        np.full(N, PADDED),
        [f"s{row}" for row in range(N)],
        (np.arange(N) < N // 2).astype(np.float32)[:, None],
        ["bound"],
        [f"s{row}" for row in range(N)],
        ["positive"] * N,
        truth=pd.DataFrame(truth, columns=list(TRUTH_COLUMNS)),
        motifs=matrices,
    )
    return dataset, hypothetical.astype(np.float32)


class Files(SimpleNamespace):
    """Output files by name, as Snakemake has them."""

    def keys(self):
        return vars(self).keys()


FIGURES = ("alignments", "contributions")


def job(folder, dataset, hypothetical, *, control=False, **params):
    """Files as the method attributions leaves them, and the job that reads them."""
    write_dataset(folder / "dataset.h5", dataset)
    # The rule explains some rows of the dataset: here all, in their order.
    arrays = {
        "target": dataset.target,
        "row_saliency": np.arange(len(dataset)),
        "hypothetical_saliency": hypothetical[None],
    }
    write_values(folder / "attributions.h5", arrays)
    params = {"source": "attributions", "kind": "saliency"} | params
    schema = read_schema(SCHEMAS / "methods" / "motif_discovery.schema.yaml")
    out = folder / "out"
    return SimpleNamespace(
        input=SimpleNamespace(
            values=folder / "attributions.h5",
            dataset=folder / "dataset.h5",
            databases=[],
        ),
        output=Files(
            table=out / "table.tsv",
            score=out / "score.tsv",
            seqlets=out / "seqlets.tsv",
            **({} if control else {"bed": out / "seqlets.bed.gz"}),
            patterns=out / "patterns.meme",
            hits=out / "tomtom.tsv",
            values=out / "values.h5",
            **({} if control else {name: out / f"{name}.svg" for name in FIGURES}),
        ),
        params=SimpleNamespace(**check(params, schema, "test", "methods")),
    )


@pytest.fixture(autouse=True)
def no_log_file(monkeypatch):
    """`start` takes over the process: its log, its warnings, its exceptions."""
    monkeypatch.setattr(motif_discovery, "start", lambda job: None)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """One run on the planted sequences: its job and the dataset.

    modisco-lite's kernels are compiled here, once for all tests.
    """
    dataset, hypothetical = planted_sequences()
    done = job(tmp_path_factory.mktemp("planted"), dataset, hypothetical)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(motif_discovery, "start", lambda job: None)
        main(done)
    return done, dataset


def test_both_kmers_are_found_and_named(planted):
    table = read_table(planted[0].output.table).set_index("pattern")
    assert table.index.tolist() == ["positive0", "negative0"]
    assert table["best_hit"].tolist() == ["planted:A", "planted:B"]
    assert table["verdict"].tolist() == ["true", "true"]
    # The package drops seqlets whose similarities to the others do not agree.
    assert table["seqlets"].between(20, 50).all()
    assert table["sequences"].tolist() == table["seqlets"].tolist()
    assert table["width"].tolist() == [10, 10]
    # Ten certain bases of two bits; ten attributions of 2 or -2.
    assert table["information"].tolist() == pytest.approx([20, 20])
    assert table["contribution"].tolist() == pytest.approx([20, -20])
    for name, kmer in (("positive0", A), ("negative0", B)):
        forward = table.loc[name, "orientation"] == "+"
        reverse = "".join("TGCA"["ACGT".index(base)] for base in kmer[::-1])
        assert table.loc[name, "consensus"] == (kmer if forward else reverse)


def test_seqlets_stand_where_the_kmers_do(planted):
    done, dataset = planted
    seqlets = read_table(done.output.seqlets)
    table = read_table(done.output.table).set_index("pattern")
    truth = dataset.truth.set_index(dataset.truth["sequence"].map("s{}".format))
    truth = truth.loc[seqlets["sequence"]]
    for column in ("start", "end"):
        assert seqlets[column].tolist() == truth[column].tolist()
    # A pattern may be on either strand, but then its seqlets are all turned.
    turned = seqlets["pattern"].map(table["orientation"]) == "-"
    same = seqlets["strand"].to_numpy() == truth["strand"].to_numpy()
    assert (same != turned.to_numpy()).all()


def test_seqlets_are_a_bed_file(planted):
    """Without a genome column 1 is the sequence; 1000 is the highest of a pattern."""
    seqlets = read_table(planted[0].output.seqlets)
    size = seqlets["contribution"].abs()
    score = 1000 * size / size.groupby(seqlets["pattern"]).transform("max")
    expected = sorted(
        zip(
            *(seqlets[name] for name in ("sequence", "start", "end", "pattern")),
            seqlets["strand"],
            score,
            strict=True,
        )
    )
    lines = read_bed(planted[0].output.bed)
    for line, (*place, name, strand, score) in zip(lines, expected, strict=True):
        assert [line.contig, line.start, line.end] == place
        assert [line.cells[3], line.strand] == [name, strand]
        assert abs(int(line.cells[4]) - score) < 1


def test_the_files_of_a_pattern_agree(planted):
    output = planted[0].output
    values = read_values(output.values)
    motifs = {motif.name: motif for motif in read_meme(output.patterns).motifs}
    assert list(values["pattern"]) == list(motifs) == ["positive0", "negative0"]
    for name, (first, last) in zip(motifs, values["core"], strict=True):
        frequency = values[f"frequency_{name}"]
        assert frequency.sum(axis=1) == pytest.approx(1)
        assert motifs[name].matrix == pytest.approx(frequency[first:last], abs=1e-4)
        sign = 1 if name == "positive0" else -1
        total = values[f"contribution_{name}"][first:last].sum(axis=1)
        assert total == pytest.approx(2 * sign)
        assert values[f"hypothetical_{name}"].shape == frequency.shape


def test_all_that_is_found_was_planted(planted):
    score = read_table(planted[0].output.score)
    matching = score[score["metric"] == "patterns_matching"]
    assert list(zip(matching["motif"], matching["value"], strict=True)) == [
        ("A", 0.5),
        ("B", 0.5),
    ]
    score = score.drop(matching.index).set_index("metric")
    n = read_table(planted[0].output.table).set_index("pattern")["seqlets"]
    assert score["value"].to_dict() == {
        "pattern_true_rate": 1,
        "pattern_other_rate": 0,
        "planted_motifs_found": 1,
        "seqlet_precision": 1,
        # B stands in negative sequences only, where nothing needs to be found.
        "seqlet_recall": n["positive0"] / 50,
    }
    assert score.loc["seqlet_recall", "n"] == 50
    assert score.loc["seqlet_precision", "n"] == n.sum()


def test_a_negative_control_has_the_same_tables_and_no_figure(planted, tmp_path):
    done, _ = planted
    control = job(tmp_path, *planted_sequences(), control=True)
    main(control)
    for name, path in vars(control.output).items():
        assert path.read_bytes() == getattr(done.output, name).read_bytes(), name
    assert not list(tmp_path.rglob("*.svg"))


def arrays_of(hypothetical, dataset):
    both = one_hot(dataset.index), hypothetical
    return [np.ascontiguousarray(item.transpose(0, 2, 1)) for item in both]


def test_it_is_the_package_s_answer_with_any_number_of_threads(planted):
    from modiscolite.tfmodisco import TFMoDISco

    del planted  # after it everything is compiled
    dataset, hypothetical = planted_sequences()
    # No padding, into which only the package's seqlets reach.
    padded = dataset.index[:, PADDED:]
    padded[:] = np.random.default_rng(2).integers(0, 4, padded.shape)
    arrays = arrays_of(hypothetical, dataset)
    options = {"sliding_window_size": 15, "flank_size": 5, "n_leiden_runs": 10}
    options |= {"min_metacluster_size": 20, "final_min_cluster_size": 20}
    options |= {"trim_to_window_size": 20, "initial_flank_to_add": 5}
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        theirs = [group[0] for group in TFMoDISco(*arrays, **options)]
    finally:
        numba.set_num_threads(before)
    for threads in {1, before}:
        numba.set_num_threads(threads)
        ours = find_patterns(*arrays, Search()).patterns
        assert numba.get_num_threads() == threads  # left as it was
        assert len(ours) == 2
        for mine, other in zip(ours, theirs, strict=True):
            assert np.array_equal(mine.contribution, other.contrib_scores)
            assert np.array_equal(mine.hypothetical, other.hypothetical_contribs)
            positions = [
                (seqlet.example_idx, seqlet.start, seqlet.end)
                for seqlet in other.seqlets
            ]
            mine_positions = zip(mine.row, mine.start, mine.end, strict=True)
            assert list(mine_positions) == positions


def test_the_same_job_gives_the_same_bytes(planted, tmp_path):
    done, dataset = planted
    again = job(tmp_path, dataset, planted_sequences()[1])
    main(again)
    for name, path in vars(done.output).items():
        assert path.read_bytes() == getattr(again.output, name).read_bytes(), name


def test_patterns_of_a_number_have_the_sign_of_the_contributions(planted, tmp_path):
    """A adds 3 to the value, B takes 2: one positive and one negative pattern."""
    done, _ = planted
    dataset, hypothetical = planted_sequences()
    effect = np.where(dataset.truth["motif"] == "A", 3.0, -2.0)
    dataset.truth["effect"] = effect
    dataset.label = effect[:, None].astype(np.float32)
    dataset.settings = {"target_type": "quantitative"}
    numbers = job(tmp_path, dataset, hypothetical, control=True)
    main(numbers)
    table = read_table(numbers.output.table).set_index("pattern")
    assert table["sign"].to_dict() == {"positive0": "positive", "negative0": "negative"}
    assert table["best_hit"].tolist() == ["planted:A", "planted:B"]
    # The same contributions as with classes have the same patterns.
    for name in ("patterns", "seqlets"):
        of_classes = getattr(done.output, name).read_bytes()
        assert getattr(numbers.output, name).read_bytes() == of_classes, name
    scores = read_table(numbers.output.score).set_index("metric")["value"]
    assert scores["sign_recovered"] == scores["planted_motifs_found"] == 1
    # B lowers the value: with the effects the other way round no sign is right.
    dataset.truth["effect"] = -effect
    write_dataset(numbers.input.dataset, dataset)
    main(numbers)
    scores = read_table(numbers.output.score).set_index("metric")["value"]
    assert scores["sign_recovered"] == 0 and scores["planted_motifs_found"] == 1


def test_a_users_own_sequences_have_no_verdict(planted, tmp_path):
    dataset, hypothetical = planted_sequences()
    dataset.motifs, dataset.truth = {}, dataset.truth.iloc[:0]
    main(job(tmp_path, dataset, hypothetical))
    table = read_table(tmp_path / "out" / "table.tsv")
    assert table["verdict"].isna().all() and table["hits"].tolist() == [0, 0]
    assert len(read_table(tmp_path / "out" / "score.tsv")) == 0
    assert (tmp_path / "out" / "alignments.svg").stat().st_size > 0


# Saturation mutagenesis ---------------------------------------------------------------

KERNEL = np.eye(4)[:, encoded(A)]  # (4, 10): the number of bases in common with A
SLOPE = 2


def matches(batch):
    """Bases in common with A at each position of both strands, (n, 2, positions)."""
    windows = np.lib.stride_tricks.sliding_window_view(batch, len(A), axis=2)
    # A on the other strand: bases and positions reversed.
    return np.stack(
        [
            np.tensordot(windows, kernel, axes=((1, 3), (0, 1)))
            for kernel in (KERNEL, KERNEL[::-1, ::-1])
        ],
        axis=1,
    )


def scanner(weight):
    """A callable: 2 where all ten bases are A's, and a weight of each base."""

    def call(batch):
        found = SLOPE * np.maximum(matches(batch) - 9, 0).sum(axis=(1, 2))
        return (found + (batch * weight).sum(axis=(1, 2)))[:, None].astype(np.float32)

    return Predictor(call, LENGTH, ["bound"], "scanner")


def substituted(predictor, dataset):
    return saturation_mutagenesis(
        EditedLogits(predictor),
        dataset.index,
        dataset.length,
        positions_to_mutate(dataset.index, dataset.length, None),
    )[1]


def read_back(path, dataset, delta):
    arrays = {"row": np.arange(len(delta)), "target": dataset.target, "delta": delta}
    write_values(path, arrays)
    return read_substitutions(path)


def test_substitutions_of_a_linear_network_give_its_centred_weights(tmp_path):
    dataset, _ = planted_sequences()
    dataset = dataset.subset(np.arange(3))
    weight = np.random.default_rng(3).normal(0, 1, (4, LENGTH))

    def call(batch):
        return (batch * weight).sum(axis=(1, 2))[:, None]

    delta = substituted(Predictor(call, LENGTH, ["bound"], "linear"), dataset)
    hypothetical, row, target = read_back(tmp_path / "values.h5", dataset, delta)
    assert target == "bound" and row.tolist() == [0, 1, 2]
    expected = np.repeat((weight - weight.mean(axis=0)).T[None], 3, axis=0)
    expected[:, PADDED:] = 0  # nothing is there that can be substituted
    assert hypothetical == pytest.approx(expected, abs=1e-5)
    # Of the base that is present: the centred weights x the input.
    bases = dataset.one_hot().transpose(0, 2, 1)
    present = (bases * hypothetical).sum(axis=2)
    assert present == pytest.approx((bases * expected).sum(axis=2), abs=1e-5)


def test_contributions_by_hand():
    # Predictions 3 (present), 5, 2 and 2: their mean is 3.
    delta = np.array([0, 2, -1, -1], dtype=np.float32)
    assert centred(delta).tolist() == [0, 2, -1, -1]
    # 1 (present), 0, 0 and 0, of the mean 1/4.
    assert centred(np.array([0.0, -1, -1, -1])).tolist() == [0.75, -0.25, -0.25, -0.25]
    assert centred(np.zeros((2, 4))).tolist() == [[0.0] * 4] * 2


def test_gradients_and_substitutions_find_the_same_motif(planted, tmp_path):
    del planted  # after it everything is compiled
    dataset, _ = planted_sequences()
    weight = np.random.default_rng(4).normal(0, 0.02, (4, LENGTH))
    delta = substituted(scanner(weight), dataset)
    # The gradient: the weights, and those of A where all of its bases are.
    gradient = np.repeat(weight[None], len(dataset), axis=0)
    for row, strand, start in np.argwhere(matches(dataset.one_hot()) > 9):
        kernel = KERNEL if strand == 0 else KERNEL[::-1, ::-1]
        gradient[row, :, start : start + len(A)] += SLOPE * kernel
    gradient -= gradient.mean(axis=1, keepdims=True)
    gradient[:, :, PADDED:] = 0
    one = job(tmp_path / "gradients", dataset, gradient.astype(np.float32))
    other = job(
        tmp_path / "substitutions",
        dataset,
        gradient.astype(np.float32),
        source="saturation_mutagenesis",
    )
    read_back(other.input.values, dataset, delta)
    tables = []
    for done in (one, other):
        main(done)
        tables.append(read_table(done.output.table).set_index("pattern"))
    for table in tables:
        assert table.index.tolist() == ["positive0"]
        assert table.loc["positive0", ["best_hit", "verdict"]].tolist() == [
            "planted:A",
            "true",
        ]
        # Ten bases, each with 2 x (1 - 1/4), and their small weights.
        contribution = table.loc["positive0", "contribution"]
        assert contribution == pytest.approx(15, abs=0.2)
    assert tables[0].loc["positive0", "width"] == tables[1].loc["positive0", "width"]


# Where there is nothing ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "params", "reason"),
    [
        (lambda values: 0 * values, {}, "All attributions are 0."),
        (
            lambda values: np.abs(values) + 1e-3,
            {},
            "The attributions of all windows of 15 bases have one sign.",
        ),
        (
            lambda values: values,
            {"min_seqlets": 1000},
            "50 positive seqlets; 1000 or fewer are not clustered.",
        ),
    ],
    ids=["dead", "one sign", "few"],
)
def test_nothing_found_is_an_answer(tmp_path, recwarn, change, params, reason):
    dataset, hypothetical = planted_sequences()
    values = change(hypothetical).astype(np.float32)
    done = job(tmp_path, dataset, values, **params)
    search = Search(**params)
    assert reason in find_patterns(*arrays_of(values, dataset), search).reasons
    main(done)
    table = read_table(done.output.table)
    assert len(table) == len(read_table(done.output.seqlets)) == 0
    assert {"pattern", "sign", "best_hit", "verdict", "q"} <= set(table)
    assert read_meme(done.output.patterns).motifs == []
    assert len(read_values(done.output.values)["pattern"]) == 0
    score = read_table(done.output.score).set_index("metric")["value"]
    assert score.to_dict() == {"planted_motifs_found": 0, "seqlet_recall": 0}
    assert done.output.contributions.stat().st_size > 0
    assert [item for item in recwarn if issubclass(item.category, RuntimeWarning)] == []


def one_window_of_the_other_sign():
    values = np.abs(np.random.default_rng(3).normal(1, 0.1, (100, 100, 4)))
    values[3, 40:60] = -1
    return values


def as_far_below_zero_as_above():
    """Most windows are 0, which is the edge of a bin of the package's histogram."""
    values = np.zeros((20, 100, 4))
    values[0, 30], values[1, 30] = 1e-6, -1e-6
    return values


@pytest.mark.parametrize("factor", [1, -1])
@pytest.mark.parametrize(
    "values", [one_window_of_the_other_sign, as_far_below_zero_as_above]
)
def test_attributions_without_a_null_distribution_have_no_pattern(values, factor):
    """The package divides by the number of its null values below or above 0: none."""
    values = factor * values().astype(np.float32)
    bases = np.random.default_rng(1).integers(0, 4, values.shape[:2])
    one_hot = np.eye(4, dtype=np.float32)[bases]
    result = find_patterns(one_hot, values, Search())
    assert result.patterns == []
    reason = "The attributions of nearly all windows have one sign, or are 0."
    assert result.reasons == [reason]


def test_patterns_that_cannot_be_merged_do_not_keep_the_package_busy():
    """Of sequences of 50 bases few hold a pattern of 30 and what is added to it."""
    rng = np.random.default_rng(21)
    one_hot = np.eye(4, dtype=np.float32)[rng.integers(0, 4, (100, 50))]
    values = (rng.standard_t(3, one_hot.shape) * 0.1).astype(np.float32)
    kmer = np.eye(4, dtype=np.float32)[rng.integers(0, 4, 10)]
    for row, start in enumerate(rng.integers(0, 40, 100)):
        one_hot[row, start : start + 10] = kmer
        values[row, start : start + 10] += 2 * kmer
    result = find_patterns(one_hot, values, Search(leiden_runs=1))
    assert result.patterns == []
    assert "No sequence has room for a merged pattern" in result.reasons[0]


def test_a_pattern_does_not_begin_with_a_seqlet_at_an_end():
    from modiscolite import affinitymat, aggregator
    from modiscolite.core import Seqlet, SeqletSet, TrackSet

    # A is 10 bp behind the start of the first seqlet, which ends with its sequence, and
    # 7 bp behind that of the others: these make a pattern of the first 3 bp longer.
    starts = np.array([45, 20, 22, 24])
    index = np.random.default_rng(1).integers(0, 4, (4, 60))
    bases, hypothetical = np.eye(4, dtype=np.float32)[index], np.zeros((4, 60, 4))
    for row, start in enumerate(starts):
        position = np.arange(start, start + len(A))
        bases[row, position] = np.eye(4)[encoded(A)]
        hypothetical[row, position, encoded(A)] = 1
    hypothetical = hypothetical.astype(np.float32)
    tracks = TrackSet(bases, bases * hypothetical, hypothetical)
    first, *others = tracks.create_seqlets(
        [
            Seqlet(row, start - before, start - before + 25, False)
            for row, start, before in zip(range(4), starts, (10, 7, 7, 7), strict=True)
        ]
    )

    def merged():
        pattern = aggregator.merge_in_seqlets_filledges(
            parent_pattern=SeqletSet([first]),
            seqlets_to_merge=others,
            track_set=tracks,
            metric=affinitymat.jaccard,
            min_overlap=0.7,
        )
        return [seqlet.example_idx for seqlet in pattern.seqlets]

    assert merged() == [0]  # the package's answer: the others are left out
    with patterns._begun_inside(5):
        assert merged() == [1, 2, 3]  # the first has no room
    assert merged() == [0]
    with patterns._begun_inside(60):  # none has so much room
        assert merged() == [0]


def test_seqlets_that_do_not_resemble_each_other_are_no_pattern(planted):
    """Few seqlets of noise: the package finds no cluster and fails to count them."""
    rng = np.random.default_rng(1)
    noise = rng.standard_t(3, (13, 100, 4)).astype(np.float32)
    bases = np.eye(4, dtype=np.float32)[rng.integers(0, 4, (13, 100))]
    result = find_patterns(bases, noise, Search(min_seqlets=1))
    assert result.patterns == []
    assert len(result.reasons) == 2


def test_no_seqlet_reaches_into_the_padding_of_a_shorter_sequence(monkeypatch):
    """Its window would hold padding only, whose similarity is 0 / 0."""
    rng = np.random.default_rng(2)
    length = np.tile([60, 80], 30)
    known = np.arange(80) < length[:, None]
    bases = rng.integers(0, 4, known.shape)
    one_hot = np.eye(4, dtype=np.float32)[bases] * known[..., None]
    values = rng.normal(0, 0.02, (60, 80, 4)).astype(np.float32) * known[..., None]
    # High attributions in the last five known bases of each, and in the middle.
    row, end = np.arange(60), length[:, None] - 5
    values[row[:, None], end + np.arange(5)] += 2
    values[:, 30:40] += 1
    given = []

    def groups(tracks, seqlets, sign, search):
        given.extend(seqlets)
        return [], "none"

    monkeypatch.setattr(patterns, "_groups", groups)
    find_patterns(one_hot, values, Search())
    assert len(given) > 40
    assert all(seqlet.end <= length[seqlet.example_idx] for seqlet in given)


def test_sequences_of_a_public_case_have_an_answer(cases_folder):
    """Sequences of 40 to 60 bp or so; attributions that are high near their ends."""
    texts = []
    for name in ("p.fa", "n.fa"):
        for line in (cases_folder / "I02" / name).read_text().splitlines():
            if line.startswith(">"):
                texts.append("")
            else:
                texts[-1] += line
    length = np.array([len(text) for text in texts])
    index = np.full((len(texts), length.max()), UNKNOWN, dtype=np.uint8)
    for row, text in enumerate(texts):
        index[row, : len(text)] = encode(text)
    bases = one_hot(index).transpose(0, 2, 1)
    rng = np.random.default_rng(1)
    values = rng.normal(0, 0.1, bases.shape).astype(np.float32)
    values[np.arange(len(texts))[:, None], length[:, None] - 6 + np.arange(6)] += 1
    result = find_patterns(bases, values * bases.any(axis=2, keepdims=True), Search())
    assert len(result.patterns) + len(result.reasons) > 0
    for pattern in result.patterns:
        assert np.isfinite(pattern.contribution).all()


def test_sequences_that_hold_no_pattern_are_refused():
    # A core of 20 and an extension of 5 on both sides; then a window and flanks.
    for search, least in ((Search(), 30), (Search(core=10), 25)):
        check_widths(least, search, "dataset.h5")
        with pytest.raises(InputError, match=f"sequences of {least - 1}") as caught:
            check_widths(least - 1, search, "dataset.h5")
    assert "methods.motif_discovery.window" in str(caught.value)


def test_a_core_beyond_the_ends_of_a_cluster_is_refused(planted):
    widest = Search(window=10, flank=2, extension=3, core=20)  # 10 + 2 * (2 + 3)
    check_widths(80, widest, "dataset.h5")
    dataset, hypothetical = planted_sequences()
    arrays = arrays_of(hypothetical, dataset)
    assert find_patterns(*arrays, widest).patterns
    wider = replace(widest, core=21)
    with pytest.raises(InputError, match="21 bases") as caught:
        check_widths(80, wider, "dataset.h5")
    assert caught.value.where == "methods.motif_discovery.core"
    assert "at most 20" in caught.value.expected
    with pytest.raises(ValueError, match="at most 20, got 21"):
        find_patterns(*arrays, wider)


# By hand ------------------------------------------------------------------------------


def test_weak_ends_are_cut_off_and_places_follow_the_strand():
    height = np.array([0.1, 0.3, 1.0, 0.2, -0.5, 0.29])
    pattern = Pattern(
        "positive0",
        "positive",
        np.full((6, 4), 0.25),
        np.outer(height, [1, 0, 0, 0]),
        np.zeros((6, 4)),
        np.array([0, 1]),
        np.array([10, 10]),
        np.array([16, 16]),
        np.array([False, True]),
    )
    assert pattern.core(0.3) == (1, 5)
    assert pattern.core(0) == (0, 6)
    start, end = pattern.positions(1, 5)
    # Read backwards, the position after 15 is 14, where the second seqlet's core ends.
    assert (start.tolist(), end.tolist()) == ([11, 11], [15, 15])
    start, end = pattern.positions(0, 2)
    assert (start.tolist(), end.tolist()) == ([10, 14], [12, 16])


SEQLETS = pd.DataFrame(
    [("p", 0, 10, 20), ("p", 0, 40, 50), ("p", 1, 0, 8), ("p", 2, 5, 9)],
    columns=["pattern", "row", "start", "end"],
)
# Half of ten is shared, then four of ten; eight of eight; another sequence.
INSTANCES = pd.DataFrame(
    [(0, 15, 25), (0, 46, 60), (1, 0, 30), (3, 5, 9)],
    columns=["sequence", "start", "end"],
)


def test_precision_counts_seqlets_and_recall_the_instances_of_positives():
    truth = INSTANCES.assign(motif="A", role="causal")
    dataset = SimpleNamespace(
        truth=truth,
        settings={},
        label=np.array([[1.0], [1.0], [1.0], [0.0]]),
        target=["bound"],
        quantitative=False,
    )
    dataset = type("Four", (SimpleNamespace,), {"__len__": lambda self: 4})(
        **vars(dataset)
    )
    rows = recovery_scores(SEQLETS, dataset, "bound", resamples=50, seed=1)
    result = {row.metric: (row.value, row.n) for row in rows}
    assert result == {"seqlet_precision": (0.5, 4), "seqlet_recall": (2 / 3, 3)}
    for row in rows:
        assert 0 <= row.ci_low <= row.value <= row.ci_high <= 1
    # Decoys alone leave nothing to find.
    dataset.truth = truth.assign(role="decoy")
    assert recovery_scores(SEQLETS, dataset, "bound", resamples=50, seed=1) == []


# The configuration --------------------------------------------------------------------


def configured(analyses, **methods):
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    config |= {"analyses": analyses, "methods": methods}
    return check_configuration(config, SCHEMAS)


@pytest.mark.parametrize(
    ("analyses", "given", "source"),
    [
        (["attributions"], None, "attributions"),
        (["saturation_mutagenesis"], None, "saturation_mutagenesis"),
        (["saturation_mutagenesis", "attributions"], None, "attributions"),
        (
            ["attributions", "saturation_mutagenesis"],
            "saturation_mutagenesis",
            "saturation_mutagenesis",
        ),
    ],
    ids=["attributions", "substitutions", "both", "chosen"],
)
def test_attributions_are_read_where_they_run(analyses, given, source):
    settings = {"source": given} if given else {}
    checked = configured(["motif_discovery", *analyses], motif_discovery=settings)
    assert checked["methods"]["motif_discovery"]["source"] == source
    for name in ("attributions", "saturation_mutagenesis"):
        assert discovers_in(checked, name) == (name == source)
    assert not discovers_in(configured(analyses), source)


def test_a_kind_of_attributions_does_not_matter_to_substitutions():
    checked = configured(
        ["motif_discovery", "saturation_mutagenesis"],
        motif_discovery={"kind": "saliency"},
        attributions={"kinds": ["deeplift_shap"]},
    )
    assert checked["methods"]["motif_discovery"]["source"] == "saturation_mutagenesis"


def test_substitutions_of_a_part_are_refused():
    analyses = ["motif_discovery", "saturation_mutagenesis"]
    with pytest.raises(InputError, match="seqlets are compared with all") as caught:
        configured(analyses, saturation_mutagenesis={"centre": 20})
    assert "methods.saturation_mutagenesis.centre" in caught.value.where
    # Attributions are of all positions.
    both = [*analyses, "attributions"]
    configured(both, saturation_mutagenesis={"centre": 20})


def test_the_source_must_run():
    with pytest.raises(InputError, match="which is not under analyses") as caught:
        configured(
            ["motif_discovery", "attributions"],
            motif_discovery={"source": "saturation_mutagenesis"},
        )
    assert "methods.motif_discovery.source" in caught.value.where


def test_the_attributions_it_reads_must_be_computed():
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    config["analyses"] = ["motif_discovery", "attributions"]
    config["methods"] = {"motif_discovery": {"kind": "saliency"}}
    check_configuration(config, SCHEMAS)
    config["methods"]["attributions"] = {"kinds": ["deeplift_shap"]}
    with pytest.raises(InputError, match=r"saliency is not in methods\.attributions"):
        check_configuration(config, SCHEMAS)
    config["analyses"] = ["motif_discovery"]
    without = "motif_discovery without any of attributions, saturation_mutagenesis"
    with pytest.raises(InputError, match=without):
        check_configuration(config, SCHEMAS)
