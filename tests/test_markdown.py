"""Numbers and tables of the studies as Markdown."""

import numpy as np

from proofread.studies.markdown import grid, number, signed, with_spread


def test_a_difference_in_sd_has_a_sign():
    assert [signed(x) for x in (3.14, 0.04, -0.04, -1.25, np.nan)] == [
        *("+3.1", "0.0", "0.0", "-1.2", ""),
    ]


def test_a_small_negative_number_is_no_minus_zero():
    assert [number(x) for x in (-0.0004, 0.0004, -0.0006)] == [
        "0.000",
        "0.000",
        "-0.001",
    ]
    assert number(np.nan) == ""


def test_a_number_is_rounded_from_the_digits_of_a_table():
    # In the table 0.12345, whose nearest double is above it; 0.1235 without the table.
    assert number(0.123449999, 4) == number(0.12345, 4)
    assert number(0.123449, 4) == "0.1234"


def test_a_mean_may_have_no_spread():
    assert with_spread(0.5, 0.25, 2) == "0.50 ± 0.25"
    assert with_spread(0.5, np.nan, 2) == "0.50"


def test_a_table_has_a_line_below_its_header_and_bars_are_escaped():
    text = grid(("name", "n"), ([name, n] for name, n in (("a|b", 1), ("c", 20))))
    assert text == "| name | n |\n| --- | --- |\n| a\\|b | 1 |\n| c | 20 |"
    assert grid(["name"], []) == "| name |\n| --- |"
