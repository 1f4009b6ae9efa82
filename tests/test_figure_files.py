"""Paths of figures in other formats."""

from proofread.configuration.figure_files import siblings


def test_every_figure_has_a_path_in_every_format_but_svg():
    paths = siblings(["png", "svg", "pdf"], "<network>/x", "a", "b")
    expected = ["a.png", "a.pdf", "b.png", "b.pdf"]
    assert paths == [f"<network>/x/{name}" for name in expected]


def test_svg_alone_has_none():
    assert siblings(["svg"], "<network>/x", "a", "b") == []
