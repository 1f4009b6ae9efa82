"""What is written of a figure: short paths that do not hang on a last bit."""

import re

import pytest

from proofread.figures.style import _numbered, _shortened, new_figure, save_figure


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("M 1.234567 2.5 \nL 3 4 \n", "M1.23 2.5L3 4"),
        ("M 56.999999 -0.000001 \nL 57.000001 8 \n", "M57 0L57 8"),
        ("M 0 0 \nL 1 1 \nL 2.10 2 \nL 3 3 \nz\n", "M0 0L1 1 2.1 2 3 3z"),
        ("M 5.001 6 \nL 5.002 6 \n", "M5 6h0"),
    ],
)
def test_paths_are_short_and_the_same(path, short):
    found = _shortened(f'<path d="{path}"/>')
    assert found == f'<path d="{short}"/>'


def test_a_figure_has_no_date_and_the_same_bytes_twice(tmp_path):
    for name in ("one.svg", "two.svg"):
        figure, axes = new_figure(40, 30)
        axes.plot([0, 1], [0.1, 0.7], "o-")
        save_figure(figure, tmp_path / name)
    one, two = ((tmp_path / name).read_text() for name in ("one.svg", "two.svg"))
    assert one == two
    assert "dc:date" not in one
    assert re.search(r'width="113\.\d+pt" height="85\.\d+pt"', one)


def test_parts_are_named_by_their_order_wherever_they_are_used():
    def drawing(clip, marker):
        return (
            f'<path id="{marker}"/><clipPath id="{clip}"/><g id="axes_1"/>'
            f'<use xlink:href="#{marker}" clip-path="url(#{clip})"/>'
        )

    expected = drawing("part1", "part0")
    assert _numbered(drawing("pa14b96ea5e", "m0123456789")) == expected
    assert _numbered(drawing("pbf47a76caa", "m9876543210")) == expected


def test_every_name_that_is_used_is_defined(tmp_path):
    figure, axes = new_figure(40, 30)
    axes.plot([0, 1], [0.1, 0.7], "o-")
    axes.scatter([0, 1], [0.3, 0.4], s=[4, 9])
    axes.imshow([[0, 1], [1, 0]])
    save_figure(figure, tmp_path / "one.svg")
    text = (tmp_path / "one.svg").read_text()
    defined = re.findall(r'\bid="([^"]+)"', text)
    used = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)
    assert len(defined) == len(set(defined))
    assert {first or second for first, second in used} <= set(defined)
    assert not re.search(r'id="\w*[0-9a-f]{10}"', text)
