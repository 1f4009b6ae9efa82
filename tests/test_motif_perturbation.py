"""Motifs replaced, swapped and moved: the letters that come out."""

import numpy as np
import pytest

from proofread.dna.encoding import decode, encode
from proofread.methods.motif_tests.edits import (
    free_pair,
    free_shift,
    free_windows,
    joints,
    matched_shifts,
    moved,
    placements,
    positions_of_gaps,
    random_bases,
    replaced,
    swapped,
)

TEXT = "TTAAACCGGGGTT"
FIRST, SECOND = np.array([[2, 5]]), np.array([[7, 11]])


def index(text=TEXT):
    return encode(text)[None]


def test_a_swap_keeps_the_gap_and_the_length():
    result = decode(swapped(index(), FIRST, SECOND)[0])
    assert result == "TTGGGGCCAAATT"
    assert len(result) == len(TEXT) == 13
    before = SECOND[0, 0] - FIRST[0, 1]
    assert before == result.index("AAA") - (result.index("GGGG") + 4) == 2


def test_a_swap_does_not_ask_which_comes_first():
    assert (
        swapped(index(), SECOND, FIRST).tolist()
        == swapped(index(), FIRST, SECOND).tolist()
    )


def test_swapping_twice_restores_the_original():
    once = swapped(index(), FIRST, SECOND)
    twice = swapped(once, np.array([[8, 11]]), np.array([[2, 6]]))
    assert decode(twice[0]) == TEXT


def test_a_move_keeps_the_rest_in_order():
    result = moved(index(), FIRST, SECOND, np.array([0]), np.array([9]))
    assert decode(result[0]) == "AAATTCCTTGGGG"


def test_a_move_to_where_it_is_changes_nothing():
    assert decode(moved(index(), FIRST, SECOND, *FIRST[:, :1].T, *SECOND[:, :1].T)[0])
    same = moved(index(), SECOND, FIRST, np.array([7]), np.array([2]))
    assert decode(same[0]) == TEXT


def test_padding_stays_at_the_end():
    padded = index("TTAAACCGGGGTTNN")
    result = moved(padded, FIRST, SECOND, np.array([0]), np.array([9]))
    assert decode(result[0]) == "AAATTCCTTGGGGNN"


def test_each_sequence_moves_by_its_own_numbers():
    both = np.repeat(index(), 2, axis=0)
    first, second = np.repeat(FIRST, 2, axis=0), np.repeat(SECOND, 2, axis=0)
    result = moved(both, first, second, np.array([0, 10]), np.array([9, 0]))
    assert [decode(item) for item in result] == ["AAATTCCTTGGGG", "GGGGTTCCTTAAA"]


def test_only_the_mask_is_replaced():
    mask = np.zeros((1, 13), dtype=bool)
    mask[0, 2:5] = True
    bases = np.full((1, 13), 1, dtype=np.uint8)
    assert decode(replaced(index(), mask, bases)[0]) == "TTCCCCCGGGGTT"


def test_random_bases_have_their_frequencies():
    bases = random_bases(
        np.random.default_rng(1), 40_000, np.array([0.1, 0.2, 0.3, 0.4])
    )
    fractions = np.bincount(bases, minlength=4) / 40_000
    assert fractions == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.0075)  # 3 SE


def test_windows_touch_nothing_and_not_each_other():
    free = np.ones(30, dtype=bool)
    free[10:20] = False
    for seed in range(50):
        windows = free_windows(free, [6, 4, 5], np.random.default_rng(seed))
        used = [position for start, end in windows for position in range(start, end)]
        assert len(set(used)) == 15 and free[used].all()
        assert (windows[:, 1] - windows[:, 0]).tolist() == [6, 4, 5]


def test_windows_reach_every_free_place():
    free = np.array([True] * 4 + [False] + [True] * 3)
    starts = {
        int(free_windows(free, [3], np.random.default_rng(seed))[0, 0])
        for seed in range(60)
    }
    assert starts == {0, 1, 5}


def test_there_is_not_always_room():
    free = np.array([True] * 4 + [False] + [True] * 4)
    rng = np.random.default_rng(1)
    assert free_windows(free, [5], rng) is None
    assert free_windows(free, [4, 4, 1], rng) is None
    assert free_pair(free, (2, 3), 0, rng) is None


def test_a_pair_of_windows_has_the_gap_or_the_widest_that_fits():
    free = np.array([False] * 3 + [True] * 10 + [False] * 2)
    rng = np.random.default_rng(1)
    for gap, expected in ((4, 4), (9, 5)):
        for _ in range(20):
            (a, b), (c, d) = free_pair(free, (2, 3), gap, rng)
            assert (b - a, c - b, d - c) == (2, expected, 3)
            assert a >= 3 and d <= 13


def test_every_placement_is_alike():
    # Room 2: gaps 0, 1, 2 have 3, 2, 1 places; all six are equally likely.
    start, gap = placements(
        np.array([3.0, 2, 1]), np.ones(3, bool), 60_000, np.random.default_rng(1)
    )
    counts = np.bincount(3 * gap + start, minlength=9)
    assert counts[[5, 7, 8]].tolist() == [0, 0, 0]
    assert counts[[0, 1, 2, 3, 4, 6]] / 60_000 == pytest.approx(1 / 6, abs=0.005)


def test_no_gap_is_no_placement():
    assert (
        placements(np.zeros(4), np.ones(4, bool), 5, np.random.default_rng(1)) is None
    )


def test_a_control_moves_as_far_as_the_pair_did():
    rng = np.random.default_rng(1)
    shifts = matched_shifts(np.array([0, 8, 9, 40] * 20), 10, np.ones(41, bool), 0, rng)
    assert np.abs(shifts).reshape(20, 4)[:, :3].tolist() == [[1, 4, 5]] * 20
    # Only to the right is there room for 20.
    assert (shifts.reshape(20, 4)[:, 3] == 20).all()
    assert {-4, 4} <= set(shifts.tolist())


def test_a_pair_at_the_edge_moves_away_from_it():
    rng = np.random.default_rng(1)
    room = np.ones(36, bool)  # 35 other bases, 5 of them between the two
    assert (matched_shifts(np.full(9, 6), 0, room, 5, rng) == 3).all()
    assert (matched_shifts(np.full(9, 6), 2, room[:8], 5, rng) == -2).all()
    assert matched_shifts(np.full(9, 6), 0, room[:6], 5, rng) is None


# A pair at 1 to 3 and 5 to 6, another instance at 7 to 10: the rest is ..., then ###.
OCCUPIED = np.array([c == "#" for c in ".##..#.###."])
PAIR = np.array([[1, 3], [5, 6]])


def test_nothing_is_put_into_another_instance():
    # Without the pair: . | .. | .###. ; the places before the 2nd and 3rd # split it.
    free = joints(OCCUPIED, PAIR)
    assert free.tolist() == [True] * 5 + [False, False, True, True]
    # Of gap 0 six places less none: 0-4, 7, 8. Of gap 1: 0-3 and 7. Of gap 8: one.
    counts = positions_of_gaps(free)
    assert counts.tolist() == [7, 5, 3, 3, 3, 2, 2, 2, 1]
    rng = np.random.default_rng(1)
    start, gap = placements(counts, free, 2000, rng)
    assert free[start].all() and free[start + gap].all()
    assert len(set(zip(start.tolist(), gap.tolist(), strict=True))) == counts.sum()


def test_a_control_does_not_split_another_instance():
    # At gap 2 the pair, now at 1, fits at 0, 1 and 2, as 3 + 2 and 4 + 2 are inside,
    # and 5 and 6 too: it moves by -1 or 1.
    free = joints(OCCUPIED, PAIR)
    shifts = matched_shifts(
        np.array([2, 6, 8] * 20), 1, free, 2, np.random.default_rng(1)
    )
    assert set(shifts.reshape(20, 3)[:, 0].tolist()) == {-1, 1}
    assert (shifts.reshape(20, 3)[:, 1:] == 1).all()


def test_windows_are_shifted_together():
    windows = np.array([[4, 6], [1, 2]])
    rng = np.random.default_rng(1)
    # 1 and 4-5 go to 3 and 6-7 (2 further), or to 0 and 3-4 (1 back); 9 has no room.
    free = np.array([1, 0, 0, 1, 1, 0, 1, 1, 0, 1], dtype=bool)
    shifted = [free_shift(free, windows, rng) for _ in range(50)]
    results = {tuple(item.ravel().tolist()) for item in shifted}
    assert results == {(6, 8, 3, 4), (3, 5, 0, 1)}
    free[3] = False
    assert free_shift(free, windows, rng) is None
