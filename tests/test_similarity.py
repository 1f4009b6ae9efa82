"""What is alike: the definition by hand, all pairs compared, planted pairs found."""

import gzip

import numpy as np
import pytest

from proofread.datasets import similarity
from proofread.datasets.similarity import find_similar
from proofread.dna.encoding import decode, encode, reverse_complement


def packed(sequences):
    """Index and lengths of sequences, padded at the end."""
    rows = [
        encode(sequence) if isinstance(sequence, str) else sequence
        for sequence in sequences
    ]
    index = np.full((len(rows), max(map(len, rows))), 4, dtype=np.uint8)
    for row, bases in enumerate(rows):
        index[row, : len(bases)] = bases
    return index, np.array([len(item) for item in rows])


def similar(sequences, identity=0.9, coverage=0.8):
    return find_similar(*packed(sequences), identity=identity, coverage=coverage)


def random_bases(rng, n):
    return rng.integers(0, 4, n).astype(np.uint8)


def altered(rng, bases, positions):
    """Other bases at the given positions."""
    changed = bases.copy()
    changed[positions] = (changed[positions] + rng.integers(1, 4, len(positions))) % 4
    return changed


def near(found):
    return [tuple(pair) for pair in found.pairs.tolist()]


def test_every_copy_and_reverse_complement_is_found():
    rng = np.random.default_rng(1)
    rows = [random_bases(rng, n) for n in rng.integers(8, 90, 600)]
    rows += [rows[row].copy() for row in range(50)]
    rows += [reverse_complement(rows[row]) for row in range(50, 100)]
    result = similar(rows)
    assert result.first_copy[600:].tolist() == list(range(100))
    assert result.first_copy[:600].tolist() == list(range(600))
    assert result.reversed.tolist() == [False] * 650 + [True] * 50
    assert result.count_pairs() == {"exact": 50, "reverse_complement": 50, "near": 0}
    assert result.count_sequences()["exact"] == 100


def test_a_palindrome_is_a_copy_and_no_reverse_complement():
    counts = similar(["ACGT", "ACGT", "AAAA"]).count_pairs()
    assert counts == {"exact": 1, "reverse_complement": 0, "near": 0}


def test_padding_is_no_base_and_unknown_bases_make_copies():
    # A sequence and its beginning differ; two that have N at one position are the same.
    assert similar(["ACGTAC", "ACGT"]).count_pairs()["exact"] == 0
    assert similar(["ACNTA", "ACNTA", "TANGT"]).count_pairs() == {
        "exact": 1,
        # TANGT is the reverse complement of ACNTA, which is there twice.
        "reverse_complement": 2,
        "near": 0,
    }


@pytest.mark.parametrize(("changes", "alike"), [(10, True), (11, False)])
@pytest.mark.parametrize("opposite", [False, True])
def test_ten_of_a_hundred_bases_may_differ(changes, alike, opposite):
    rng = np.random.default_rng(changes)
    one = random_bases(rng, 100)
    other = altered(rng, one, rng.choice(100, changes, replace=False))
    other = reverse_complement(other) if opposite else other
    assert near(similar([one, other], coverage=1)) == [(0, 1)] * alike


@pytest.mark.parametrize(("shared", "alike"), [(80, True), (79, False)])
def test_the_stretch_covers_four_fifths(shared, alike):
    rng = np.random.default_rng(shared)
    one = random_bases(rng, 100)
    # Outside the stretch all bases differ: 12 on the left, the rest on the right.
    positions = np.r_[0:12, 12 + shared : 100]
    other = altered(rng, one, positions)
    assert near(similar([one, other], identity=1)) == [(0, 1)] * alike


@pytest.mark.parametrize(("apart", "alike"), [(16, True), (17, False)])
@pytest.mark.parametrize("opposite", [False, True])
def test_neighbouring_windows_are_alike_while_they_overlap_enough(
    apart, alike, opposite
):
    # Four fifths of 81 are 64.8: an overlap of 65 counts, one of 64 does not.
    genome = random_bases(np.random.default_rng(apart), 200)
    one, other = genome[50:131], genome[50 + apart : 131 + apart]
    other = reverse_complement(other) if opposite else other
    for pair in ([one, other], [other, one]):
        assert near(similar(pair, identity=1)) == [(0, 1)] * alike


def test_a_sequence_within_a_longer_one_is_alike():
    genome = random_bases(np.random.default_rng(3), 300)
    assert near(similar([genome, genome[120:170]])) == [(0, 1)]
    assert near(similar([reverse_complement(genome[120:170]), genome])) == [(0, 1)]


@pytest.mark.parametrize(("length", "alike"), [(33, True), (32, False)])
def test_fewer_than_32_bases_are_alike_by_chance(length, alike):
    # All but the first base are the same: 32 of 33, or 31 of 32.
    rng = np.random.default_rng(4)
    one = random_bases(rng, length)
    other = altered(rng, one, [0])
    result = similar([one, other], identity=1, coverage=0.5)
    assert near(result) == [(0, 1)] * alike


def test_an_unknown_base_equals_nothing():
    rng = np.random.default_rng(5)
    one = random_bases(rng, 100)
    one[[20, 60]] = 4
    other = altered(rng, one, [99])
    # At 90 % two unknown bases do not matter; at 100 % they cut the stretch to 39.
    assert near(similar([one, other])) == [(0, 1)]
    assert near(similar([one, other], identity=1)) == []


def test_a_neighbour_in_the_file_does_not_complete_an_overlap():
    # The overlap of the first and the last has 38 of 50 bases equal, 76 %. The one
    # before the last in the file ends as the first begins, which must not count for it.
    rng = np.random.default_rng(10)
    first = random_bases(rng, 100)
    last = np.r_[altered(rng, first[50:], np.arange(38, 50)), random_bases(rng, 50)]
    between = np.r_[random_bases(rng, 50), first[:50]]
    result = similar([first, between, last], identity=0.8, coverage=0.5)
    assert near(result) == [(0, 1)]


def test_a_chain_is_one_cluster():
    genome = random_bases(np.random.default_rng(6), 400)
    rows = [genome[start : start + 100] for start in (0, 15, 30)]
    rows += [genome[300:400], reverse_complement(genome[30:130])]
    result = similar(rows, identity=1)
    # 0 and 30 overlap by 70 only, and are in one cluster by way of 15.
    assert near(result) == [(0, 1), (1, 2)]
    cluster = result.clusters()
    assert (cluster[[1, 2, 4]] == cluster[0]).all()
    assert cluster[3] != cluster[0]
    # (1, 2) counts twice, because row 4 is another copy of row 2.
    assert result.count_pairs() == {"exact": 0, "reverse_complement": 1, "near": 3}
    assert result.count_sequences() == {
        "exact": 0,
        "reverse_complement": 2,
        "near": 4,
    }


def test_pairs_apart_are_counted_by_kind():
    rng = np.random.default_rng(7)
    one = random_bases(rng, 60)
    other = altered(rng, one, [5])
    rows = [one, one, one, reverse_complement(one), reverse_complement(one), other]
    result = similar(rows)
    # Exact: 3 pairs of three and 1 of two; reverse: 3 x 2; near: 5 x 1.
    assert result.count_pairs() == {"exact": 4, "reverse_complement": 6, "near": 5}
    # Rows 0, 3 and 5 on one side, 1, 2 and 4 on the other. Exact: (0,1), (0,2), (3,4).
    # Reverse: (0,4), (1,3), (2,3). Near: (1,5), (2,5), (4,5).
    code = np.array([0, 1, 1, 0, 1, 0])
    assert result.count_pairs(code) == {"exact": 3, "reverse_complement": 3, "near": 3}


def alike(a, b, identity, coverage):
    """The definition as it is written: every strand, shift and stretch."""
    needed = max(32, int(np.ceil(round(min(len(a), len(b)) * coverage, 6))))
    for other in (b, reverse_complement(b)):
        for shift in range(needed - len(other), len(a) - needed + 1):
            low, high = max(0, shift), min(len(a), shift + len(other))
            same = a[low:high] == other[low - shift : high - shift]
            total = np.r_[0, np.cumsum(same & (a[low:high] < 4))]
            for width in range(needed, high - low + 1):
                fraction = (total[width:] - total[:-width]) / width
                if (fraction >= identity - 1e-9).any():
                    return True
    return False


@pytest.mark.parametrize("seed", range(3))
def test_the_same_pairs_as_comparing_all(seed):
    rng = np.random.default_rng(seed)
    rows = [random_bases(rng, n) for n in rng.integers(30, 75, 25)]
    for position in range(25):
        parent = rows[position]
        positions = np.flatnonzero(rng.random(len(parent)) < rng.uniform(0, 0.2))
        child = altered(rng, parent, positions)
        if position % 5 == 0:
            child[rng.integers(len(child))] = 4
        shift = int(rng.integers(-len(child) // 4, len(child) // 4))
        child = child[shift:] if shift >= 0 else np.r_[random_bases(rng, -shift), child]
        rows.append(reverse_complement(child) if position % 2 else child)
    result = similar(rows)
    got = set(near(result))
    wanted = {
        (i, j)
        for i in range(len(rows))
        for j in range(i + 1, len(rows))
        if result.first_copy[j] == j and alike(rows[i], rows[j], 0.9, 0.8)
    }
    assert got <= wanted
    assert len(wanted) >= 5
    # The index may miss one in twenty; pairs this short have few seeds.
    assert len(got) >= len(wanted) - 1


@pytest.mark.parametrize(("n", "length"), [(4000, 60), (4000, 81), (10_000, 200)])
def test_planted_pairs_are_found_and_random_ones_are_none(n, length):
    rng = np.random.default_rng(length)
    index = rng.integers(0, 4, (n, length)).astype(np.uint8)
    planted = set()
    for row in range(n // 10):
        # A tenth of the overlap is replaced; it is at least 90 % of the length.
        shift = int(rng.integers(0, length // 10 + 1))
        overlap = length - shift
        copy = altered(
            rng, index[row, shift:], rng.choice(overlap, overlap // 10, replace=False)
        )
        copy = np.r_[copy, random_bases(rng, shift)]
        other = n - 1 - row
        index[other] = reverse_complement(copy) if row % 2 else copy
        planted.add((row, other))
    result = find_similar(index, np.full(n, length), identity=0.9, coverage=0.8)
    got = set(near(result))
    assert len(got & planted) >= 0.95 * len(planted)
    assert got - planted == set()
    assert (
        result.count_pairs()["exact"] == result.count_pairs()["reverse_complement"] == 0
    )


def test_passes_and_batches_change_memory_and_not_the_pairs(monkeypatch):
    rng = np.random.default_rng(8)
    rows = [random_bases(rng, 80) for _ in range(200)]
    rows += [altered(rng, rows[row], [row]) for row in range(60)]
    whole = similar(rows)
    assert len(whole.pairs) == 60
    monkeypatch.setattr(similarity, "_MAX_KMERS", 3000)
    monkeypatch.setattr(similarity, "_BATCH", 500)
    monkeypatch.setattr(similarity, "_MAX_KEYS", 7)
    assert near(similar(rows)) == near(whole)


@pytest.mark.parametrize("opposite", [False, True])
def test_one_shared_kmer_is_enough(monkeypatch, opposite):
    # Of 34 bases the second and the 18th differ: the last 16 are the only 16-mer that
    # both have.
    one = encode("ACGGTTCATGCCAGATTACACTGAACGGTATCCA")
    other = encode("AAGGTTCATGCCAGATTCCACTGAACGGTATCCA")
    monkeypatch.setattr(similarity, "_SEEDS", {16: ["1" * 16]})
    other = reverse_complement(other) if opposite else other
    assert near(similar([one, other])) == [(0, 1)]


def test_a_large_family_is_one_cluster_though_its_seeds_are_crowded(monkeypatch):
    # Two families of 150, their members interleaved, that share a repeat of 60 bases.
    rng = np.random.default_rng(9)
    repeat = random_bases(rng, 60)
    parents = [
        np.r_[random_bases(rng, 70), repeat, random_bases(rng, 70)] for _ in "12"
    ]
    rows = [
        altered(rng, parents[row % 2], rng.choice(200, 6, replace=False))
        for row in range(300)
    ]
    monkeypatch.setattr(similarity, "_MAX_HITS", 1000)
    cluster = similar(rows).clusters()
    assert len(set(cluster[::2])) == len(set(cluster[1::2])) == 1
    assert cluster[0] != cluster[1]


@pytest.mark.parametrize("wrong", [{"identity": 90}, {"coverage": 0}])
def test_shares_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="identity must be within"):
        similar(["ACGT"], **wrong)


# -- real data ----------------------------------------------------------------------


def records(path):
    """Header and sequence of each record."""
    text = path.read_bytes()
    text = gzip.decompress(text) if path.suffix == ".gz" else text
    blocks = text.decode().split(">")[1:]
    return [(block.split("\n")[0], "".join(block.split("\n")[1:])) for block in blocks]


def test_every_pair_of_overlapping_promoters_is_found(data_folder):
    read = records(data_folder / "ecoli_promoters_81bp" / "positives.fa.gz")
    result = similar([sequence for _, sequence in read])
    got = set(near(result))
    starts = {}
    for row, (header, _) in enumerate(read):
        _, _, strand, tss, _ = header.split("|")
        starts.setdefault(strand, []).append((int(tss), row))
    expected = 0
    for of_strand in starts.values():
        for position, (tss, row) in enumerate(sorted(of_strand)):
            for other_tss, other in sorted(of_strand)[position + 1 :]:
                apart = other_tss - tss
                if apart > 16:
                    break
                a, b = read[row][1], read[other][1]
                # Eight headers are off their sequence: those that do overlap count.
                if apart and (a[apart:] == b[:-apart] or b[apart:] == a[:-apart]):
                    expected += 1
                    assert (min(row, other), max(row, other)) in got
    assert expected > 100


def test_nfe2_has_two_pairs_that_are_alike(data_folder):
    folder = data_folder / "nfe2_lsgkm"
    names = ("tr", "neg.tr", "test", "neg.test")
    read = [
        record for n in names for record in records(folder / f"nfe2_gm12878.{n}.fa")
    ]
    sequences = [encode(sequence) for _, sequence in read]
    result = similar(sequences)
    assert len(sequences) == 1426
    counts = result.count_pairs()
    assert counts["exact"] == counts["reverse_complement"] == 0
    assert len(result.pairs) == 2
    for one, other in result.pairs:
        a, b = sequences[one], sequences[other]
        assert alike(a, b, 0.9, 0.8), (decode(a), decode(b))
