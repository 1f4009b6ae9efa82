"""How figures look: sizes, colours, logos and bytes that repeat.

Nothing here changes matplotlib for its user: figures belong to no window and are not
known to pyplot, and settings hold within `figure_style` only.
"""

import contextlib
import functools
import re
from pathlib import Path

import numpy as np

from proofread.atomic import atomic
from proofread.job import figure_options

BASE_COLOURS = {"A": "#109648", "C": "#255C99", "G": "#D98A00", "T": "#C8262F"}
ACCENT = "#0B6E75"
CONTEXT = "#9AA0A3"
# Okabe and Ito's, told apart by the colour-blind too.
CATEGORIES = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"]
ONE_COLUMN, WIDE, TWO_COLUMNS = 89, 120, 183  # mm

_LETTER_WIDTH = 0.95  # of a logo; a position is 1 wide
_GAP = 0.02  # of a letter's height
_SALT = "proofread"
_DPI = 300  # of PNG
# Without dates and versions.
_METADATA = {
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}
_NAME = 40  # characters of a name
_NOT_DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="24">'
    '<text x="4" y="16" font-family="sans-serif" font-size="11">'
    "not drawn (figures.networks: false)</text></svg>\n"
)
_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "axes.titlesize": 8,
    "axes.labelsize": 7.5,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": f"cycler('color', {CATEGORIES})",
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.1,
    "legend.frameon": False,
    "figure.dpi": 150,
    "figure.constrained_layout.use": True,
    "image.cmap": "viridis",
    "svg.fonttype": "path",
    # A name from a file may have dollar signs, and is no formula.
    "text.parse_math": False,
    # Without a salt matplotlib draws random ids.
    "svg.hashsalt": _SALT,
}


def short_name(name):
    """A name from a file, as a title or label has room for it."""
    return name if len(name) <= _NAME else f"{name[: _NAME - 3]}…"


def figure_style():
    """Matplotlib's settings for our figures, as a decorator or in a ``with`` statement.

    matplotlib reads its settings whenever it makes a line, a text or a tick, so the
    style must hold for a whole function that draws. They start from matplotlib's own
    defaults, not from the user's, who has them back afterwards. In a job that draws
    nothing (`proofread.job.figure_options`) a decorated function returns None.
    """
    return _Style()


class _Style(contextlib.ExitStack):
    def __enter__(self):
        self.enter_context(_settings())
        return self

    def __call__(self, draw):
        @functools.wraps(draw)
        def drawn(*args, **options):
            if not figure_options["drawn"]:
                return None
            with _settings():
                return draw(*args, **options)

        return drawn


@contextlib.contextmanager
def _settings():
    import matplotlib

    defaults = matplotlib.rcParamsDefault
    settings = {key: defaults[key] for key in defaults if key != "backend"}
    with matplotlib.rc_context(settings | _STYLE):
        yield


def new_figure(width, height, rows=1, columns=1, **options):
    """A figure of `width` x `height` millimetres and its axes.

    `options` go to `matplotlib.figure.Figure.subplots`. Axes come as one object for a
    single panel, else as an array.

    Raises
    ------
    RuntimeError
        If it is called outside of `figure_style`.
    """
    import matplotlib
    from matplotlib.figure import Figure

    if matplotlib.rcParams["svg.hashsalt"] != _SALT:
        raise RuntimeError(
            "new_figure: the figure style does not hold here; "
            "decorate the function that draws with @figure_style()"
        )
    figure = Figure(figsize=(width / 25.4, height / 25.4))
    return figure, figure.subplots(rows, columns, **options)


def save_figure(figure, path, *, formats=None, editable_text=None):
    """Write a figure as SVG, and beside it in other formats, the same bytes each time.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or None
        Other formats fix its layout as it is in the SVG. None: it was not drawn, as the
        SVG then says.
    path : str or path
        Of the SVG. The others have its name and their own suffix.
    formats : list of str, optional
        ``svg``, ``pdf`` and ``png``; by default those of the job, else SVG alone.
    editable_text : bool, optional
        Text as text that a drawing program can change, not as shapes; by default as
        the job says, else not.
    """
    if figure is None:
        with atomic(path) as temporary:
            Path(temporary).write_text(_NOT_DRAWN, encoding="utf-8")
        return
    asked = {"formats": formats, "editable_text": editable_text}
    given = {key: value for key, value in asked.items() if value is not None}
    with _settings():
        _save(figure, path, **figure_options | given)


def _save(figure, path, *, formats, editable_text, **_):
    import matplotlib

    editable = {"svg.fonttype": "none", "pdf.fonttype": 42}
    with matplotlib.rc_context(editable if editable_text else {}):
        with atomic(path) as temporary:
            figure.savefig(temporary, format="svg", metadata={"Date": None})
            drawing = Path(temporary)
            drawing.write_text(
                _numbered(_shortened(drawing.read_text(encoding="utf-8"))),
                encoding="utf-8",
            )
        for suffix in (suffix for suffix in formats if suffix != "svg"):
            _fix_layout(figure)
            with atomic(Path(path).with_suffix(f".{suffix}")) as temporary:
                metadata = _METADATA[suffix]
                figure.savefig(temporary, format=suffix, dpi=_DPI, metadata=metadata)


def _fix_layout(figure):
    """Keep everything where the layout put it, to a millionth of the figure.

    The last bits of the solver's numbers change from run to run; a PDF has them.
    """
    figure.set_layout_engine("none")
    for axes in figure.axes:
        axes.set_position(np.round(axes.get_position(original=True).bounds, 6))
    for text in figure.texts:
        text.set_position(np.round(text.get_position(), 6))


def _shortened(svg):
    """Paths to a hundredth of a point, without the spaces and letters they can spare.

    Logos are long paths, and six digits waste. A coordinate pair without a letter
    continues the line before it. A line that now ends where it began is a dot, if its
    ends are round: ``h0``.
    """

    def shorter(path):
        text = re.sub(r"-?\d+\.\d{3,}", _rounded, path.group())
        text = re.sub(r"M (\S+ \S+) \nL \1 ", r"M \1h0", text)
        text = re.sub(r"\.0+(?=\s)|(\.\d)0(?=\s)", r"\1", text)
        text = re.sub(r"\s*([MLQCz\"])\s*", r"\1", text)
        return re.sub(r"(L[^MLQCz\"]+)((?:L[^MLQCz\"]+)+)", _continued, text)

    return re.sub(r' d="[^"]*"', shorter, svg)


def _rounded(number):
    """Two decimals; cut off, a line amid an axis would depend on the last bit."""
    return f"{round(float(number.group()), 2) + 0.0:.2f}"


def _numbered(svg):
    """Name the parts of a drawing by their order.

    matplotlib names them by a hash of their numbers, whose last bits depend on where in
    memory the solver of the layout keeps its variables.
    """
    names = dict.fromkeys(re.findall(r'id="(\w*?[0-9a-f]{10})"', svg))
    numbers = {name: f"part{number}" for number, name in enumerate(names)}
    return re.sub(
        r'((?:id="|href="#|url\(#))(\w*?[0-9a-f]{10})(?=[")])',
        lambda result: result[1] + numbers.get(result[2], result[2]),
        svg,
    )


def _continued(lines):
    return lines[1] + lines[2].replace("L", " ")


def draw_logo(axes, heights, *, information=True):
    """Draw a sequence logo with logomaker.

    Figures of many logos use `draw_letters`.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    heights : numpy.ndarray, shape (width, 4)
        Letter heights in the order A, C, G, T.
    information : bool
        True: bits, on a fixed axis of 0-2. False: signed letters around zero.
    """
    import logomaker
    import pandas as pd

    frame = pd.DataFrame(np.asarray(heights, dtype=float), columns=list(BASE_COLOURS))
    logomaker.Logo(
        frame, ax=axes, color_scheme=BASE_COLOURS, show_spines=False, vpad=0.02
    )
    axes.spines[["left", "bottom"]].set_visible(True)
    if information:
        axes.set_ylim(0, 2)
        axes.set_yticks([0, 1, 2])
    axes.set_xlim(-0.5, len(frame) - 0.5)


def draw_letters(axes, heights, *, information=True):
    """Draw a logo as `draw_logo` does, faster: one path per base, not per letter.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    heights : numpy.ndarray, shape (width, 4)
        Letter heights in the order A, C, G, T.
    information : bool
        True: bits, on a fixed axis of 0-2. False: signed letters around zero.
    """
    heights = np.asarray(heights, dtype=float)
    bottoms = letter_bottoms(heights)
    for base in range(4):
        x = np.flatnonzero(heights[:, base])
        add_letters(axes, base, x, bottoms[x, base], heights[x, base])
    axes.axhline(0, color="black", linewidth=0.5, zorder=-1)
    axes.spines[["top", "right"]].set_visible(False)
    if information:
        axes.set_ylim(0, 2)
        axes.set_yticks([0, 1, 2])
    elif (heights != 0).any():
        axes.set_ylim(bottoms.min(), (bottoms + np.abs(heights)).max())
    axes.set_xlim(-0.5, len(heights) - 0.5)


def letter_bottoms(heights):
    """Where the letters of a logo stand: at each position the highest one on top.

    Parameters
    ----------
    heights : numpy.ndarray, shape (width, 4)
        Those below zero hang down from the line.

    Returns
    -------
    numpy.ndarray, shape (width, 4)
        Lower edges.
    """
    order = np.argsort(heights, axis=1, kind="stable")
    sizes = np.take_along_axis(np.abs(heights), order, axis=1)
    lowest = np.clip(heights, None, 0).sum(axis=1, keepdims=True)
    bottoms = np.empty_like(heights)
    np.put_along_axis(bottoms, order, lowest + np.cumsum(sizes, axis=1) - sizes, axis=1)
    return bottoms


def add_letters(axes, base, x, bottoms, heights, *, width=1.0):
    """Add the letters of one base as one path.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Its limits stay as they are.
    base : int
        Index of A, C, G, T.
    x, bottoms, heights : numpy.ndarray, shape (letters,)
        Middle, lower edge and height of each; a height below zero turns it over.
    width : float
        Of a position, in the units of `x`.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if len(x) == 0:
        return
    letter, colour = list(BASE_COLOURS.items())[base]
    outline, codes = _outline(letter)
    height = np.abs(heights)
    up = np.where(heights[:, None] > 0, outline[:, 1], 1 - outline[:, 1])
    # A thin gap between the letters of a stack: (letters, vertices)
    y = (bottoms + _GAP / 2 * height)[:, None] + (1 - _GAP) * height[:, None] * up
    vertices = np.stack([x[:, None] + width * outline[:, 0], y], axis=2)
    path = Path(vertices.reshape(-1, 2), np.tile(codes, len(x)))
    # As an artist, not a patch: the limits of the axes are set, not searched for.
    axes.add_artist(PathPatch(path, facecolor=colour, linewidth=0))


@functools.cache
def _outline(letter):
    """Outline of a bold letter, one unit high and centred at 0: vertices and codes."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(family="DejaVu Sans", weight="bold")
    path, widest = (TextPath((0, 0), text, size=1, prop=font) for text in (letter, "E"))
    box = path.get_extents()
    # A letter narrower than an E keeps its shape; a wider one is made to fit.
    width = _LETTER_WIDTH * min(1, box.width / widest.get_extents().width)
    x = (path.vertices[:, 0] - box.xmin) / box.width * width - width / 2
    y = (path.vertices[:, 1] - box.ymin) / box.height
    return np.column_stack([x, y]), path.codes
