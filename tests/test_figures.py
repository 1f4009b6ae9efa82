"""Figures: short paths that do not hang on a last bit, and a user left alone."""

import contextlib
import itertools
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from proofread.figures.curves import draw_history
from proofread.figures.style import (
    _numbered,
    _shortened,
    draw_letters,
    draw_logo,
    figure_style,
    new_figure,
    save_figure,
)
from proofread.figures.tracks import Letters, Lines, Panel, draw_tracks, message

TESTS = Path(__file__).resolve().parent
SCRIPTS = str(TESTS.parent / "workflow" / "scripts")


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
    result = _shortened(f'<path d="{path}"/>')
    assert result == f'<path d="{short}"/>'


@figure_style()
def line():
    figure, axes = new_figure(40, 30)
    axes.plot([0, 1], [0.1, 0.7], "o-")
    return figure


def test_a_figure_has_no_date_and_the_same_bytes_twice(tmp_path):
    for name in ("one.svg", "two.svg"):
        save_figure(line(), tmp_path / name)
    one, two = ((tmp_path / name).read_text() for name in ("one.svg", "two.svg"))
    assert one == two
    assert "dc:date" not in one
    assert re.search(r'width="113\.\d+pt" height="85\.\d+pt"', one)


FORMATS = ["svg", "pdf", "png"]
SAVED = f"""
from test_figures import *

save_figure(tracks(), "x.svg", formats={FORMATS}, editable_text=True)
"""


def test_all_formats_have_the_same_bytes_in_another_process(tmp_path):
    """Also if strings are hashed in another way, as in every run of Python."""
    found = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        subprocess.run(
            [sys.executable, "-c", SAVED],
            cwd=folder,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{SCRIPTS}:{TESTS}"},
            check=True,
        )
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert set(found[0]) == {"x.svg", "x.pdf", "x.png"}
    assert found[0] == found[1]
    assert b"Date" not in found[0]["x.pdf"]


def pdf_text(path):
    """Texts that a PDF with TrueType fonts shows: a list of strings."""
    texts = []
    for stream in re.findall(rb"stream\n(.*?)\nendstream", path.read_bytes(), re.S):
        with contextlib.suppress(zlib.error):  # an image, say
            for shown in re.findall(rb"\[(.*?)\]\s*TJ", zlib.decompress(stream), re.S):
                glyphs = re.findall(rb"\((.*?)\)", shown, re.S)
                texts.append(b"".join(glyphs).decode("utf-16-be"))
    return texts


@figure_style()
def named():
    figure, axes = new_figure(40, 30)
    axes.set_xlabel("position in bp")
    return figure


def test_text_is_text_where_it_is_asked_for(tmp_path):
    save_figure(named(), tmp_path / "x.svg", formats=FORMATS, editable_text=True)
    assert ">position in bp</text>" in (tmp_path / "x.svg").read_text()
    assert "position in bp" in pdf_text(tmp_path / "x.pdf")
    assert b"/FontFile2" in (tmp_path / "x.pdf").read_bytes()  # TrueType, embedded


def test_text_is_drawn_as_shapes_otherwise(tmp_path):
    save_figure(named(), tmp_path / "x.svg", formats=["svg", "pdf"])
    assert "<text" not in (tmp_path / "x.svg").read_text()
    assert b"/FontFile2" not in (tmp_path / "x.pdf").read_bytes()


def test_other_formats_leave_the_svg_as_it_is(tmp_path):
    save_figure(tracks(), tmp_path / "one.svg")
    save_figure(tracks(), tmp_path / "two.svg", formats=FORMATS)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert not (tmp_path / "one.pdf").exists()


def test_a_png_has_300_dots_per_inch(tmp_path):
    save_figure(line(), tmp_path / "x.svg", formats=["svg", "png"])
    content = (tmp_path / "x.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    # 40 x 30 mm: 472.4 x 354.3 dots, cut off.
    assert struct.unpack(">II", content[16:24]) == (472, 354)


def test_a_figure_is_saved_as_the_job_asks(tmp_path):
    log = str(tmp_path / "log")
    figures = {"formats": ["svg", "png"], "editable_text": True}
    script = f"""
from types import SimpleNamespace
from proofread.job import start
from test_figures import *

start(SimpleNamespace(log=[{log!r}], params=SimpleNamespace(figures={figures})))
save_figure(named(), "x.svg")
"""
    subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{SCRIPTS}:{TESTS}"},
        check=True,
    )
    assert "<text" in (tmp_path / "x.svg").read_text()
    assert (tmp_path / "x.png").is_file()
    assert not (tmp_path / "x.pdf").exists()


STUDY = """
from types import SimpleNamespace
from proofread.job import start
from test_figures import *

figures = {"formats": ["svg"], "editable_text": False, "networks": False}
params = SimpleNamespace(figures=figures)
of_study = SimpleNamespace(log=["log"], params=params, wildcards=SimpleNamespace())
of_network = SimpleNamespace(
    log=["log"], params=params, wildcards=SimpleNamespace(seed="1")
)
start(of_network)
save_figure(named(), "network.svg")
assert named() is None
start(of_study)
save_figure(named(), "study.svg")
"""


def test_figures_of_single_networks_can_be_left_out(tmp_path):
    subprocess.run(
        [sys.executable, "-c", STUDY],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{SCRIPTS}:{TESTS}"},
        check=True,
    )
    left_out = (tmp_path / "network.svg").read_text()
    assert "not drawn (figures.networks: false)" in left_out
    assert ElementTree.fromstring(left_out).tag.endswith("svg")
    assert "not drawn" not in (tmp_path / "study.svg").read_text()


def test_parts_are_named_by_their_order_wherever_they_are_used():
    def drawing(clip, marker):
        return (
            f'<path id="{marker}"/><clipPath id="{clip}"/><g id="axes_1"/>'
            f'<use xlink:href="#{marker}" clip-path="url(#{clip})"/>'
        )

    expected = drawing("part1", "part0")
    assert _numbered(drawing("pa14b96ea5e", "m0123456789")) == expected
    assert _numbered(drawing("pbf47a76caa", "m9876543210")) == expected


@figure_style()
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


@figure_style()
def logo():
    figure, axes = new_figure(40, 30)
    draw_logo(axes, np.eye(4))
    return figure


@figure_style()
def boxes_of(draw, heights):
    """Left, right, lower and upper ends of the letters of a logo, in order."""
    _, axes = new_figure(40, 30)
    draw(axes, heights, information=False)
    boxes = []
    for patch in axes.patches:
        path = patch.get_path()
        # A letter is a run of vertices: logomaker has a path each, ours one per base.
        begins = [*np.flatnonzero(path.codes == path.MOVETO), len(path.vertices)]
        for first, last in itertools.pairwise(begins):
            part = path.vertices[first:last]
            boxes.append((*part.min(axis=0), *part.max(axis=0)))
    return axes, boxes


def test_letters_are_as_high_as_logomaker_s():
    # One letter a position, so that no letter is within another; C and T are one run.
    heights = np.array([[0, 1.5, 0, 0], [0, 0, 0, -0.5], [0, 0.25, 0, 0]])
    ours, own = boxes_of(draw_letters, heights)
    theirs, expected = boxes_of(draw_logo, heights)
    vertical = [sorted((box[1], box[3]) for box in item) for item in (own, expected)]
    np.testing.assert_allclose(vertical[0], vertical[1], atol=1e-9)
    assert ours.get_xlim() == theirs.get_xlim()
    np.testing.assert_allclose(ours.get_ylim(), theirs.get_ylim(), atol=1e-9)


def tracks():
    bases = Letters(np.eye(4), "logit")
    return draw_tracks([Panel([bases, Lines({"a": np.arange(4.0)}, "logit")], "x")])


def history():
    columns = ["train_loss", "validation_loss", "validation_auprc", "validation_auroc"]
    epochs = pd.DataFrame({name: [0.5, 0.4] for name in columns})
    return draw_history(epochs.assign(epoch=[1, 2], best=[0, 1]), "validation_loss")


@pytest.fixture
def notebook():
    """A user with a backend, settings and an open figure of their own."""
    chosen = matplotlib.get_backend()
    plt.switch_backend("svg")
    with matplotlib.rc_context({"axes.grid": True, "lines.linewidth": 9}):
        yield plt.figure()
        plt.close("all")
    plt.switch_backend(chosen)


@pytest.mark.parametrize("draw", [line, logo, tracks, history, lambda: message("none")])
def test_a_user_s_matplotlib_is_left_alone(draw, notebook, tmp_path):
    settings = dict(matplotlib.rcParams)
    save_figure(draw(), tmp_path / "one.svg")
    assert matplotlib.get_backend() == "svg"
    assert dict(matplotlib.rcParams) == settings
    assert plt.get_fignums() == [notebook.number]
    assert plt.gcf() is notebook


def test_a_user_s_settings_do_not_change_a_figure(tmp_path):
    save_figure(tracks(), tmp_path / "one.svg")
    with matplotlib.rc_context({"axes.grid": True, "font.size": 20}):
        save_figure(tracks(), tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_text() == (tmp_path / "two.svg").read_text()


def test_settings_come_back_after_a_mistake():
    settings = dict(matplotlib.rcParams)
    with pytest.raises(ValueError, match="wrong"), figure_style():
        raise ValueError("wrong")
    assert dict(matplotlib.rcParams) == settings


def test_a_figure_without_the_style_is_refused():
    with pytest.raises(RuntimeError, match=r"new_figure: .* @figure_style\(\)"):
        new_figure(40, 30)


def test_colours_and_sizes_do_not_load_matplotlib():
    code = "import sys, proofread.figures.style; assert 'matplotlib' not in sys.modules"
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={"PYTHONPATH": SCRIPTS}
    )
