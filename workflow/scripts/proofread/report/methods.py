"""One section of the page per method, found by the method's name.

A method may bring ``sections/<method>.py`` and ``sections/<method>.html.j2``; the
module holds `TITLE` and ``section(experiment, settings)``, which returns what the
template shows. It may hold ``score_name(metric)``, what a row of its score.tsv is
called, ``findings(experiments)``, which says in words what was found of the truth, and
``overview(experiments, settings)``, which sums up the seeds of one network.
A method without a module is shown by its caption, its figures and the head of its
table.
"""

import base64
import functools
import importlib
import importlib.util
import os
import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from proofread.report.names import heading, words
from proofread.report.network import NOTHING
from proofread.report.numbers import exact, is_missing, significant

CAPTIONS = Path(__file__).parents[3] / "report"
REPOSITORY = Path(__file__).resolve().parents[4]
_ROWS = 20  # of a table without a section of its own
_SHORT = 12  # rows of such a table that is open from the start
_MAX_FIGURE = 100_000  # bytes; a larger one is linked, not shown


@functools.cache
def load(method):
    """The method's own module of `sections`, or None."""
    name = f"proofread.report.sections.{method}"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def title(method):
    """What a method is called on the page."""
    return getattr(load(method), "TITLE", heading(method))


def findings(experiments):
    """What the methods found of one dataset's truth, in words.

    Parameters
    ----------
    experiments : list of proofread.report.results.Experiment
        All networks of the dataset.

    Returns
    -------
    list of dict
        title, kind (ok or warn), tag, texts, details and cautions: one per statement.
        No statement is about a network that is not better than GC content and chance.
    """
    stated = [item for item in experiments if item.standing["stated"]]
    able = [
        load(method)
        for method in experiments[0].methods
        if hasattr(load(method), "findings")
    ]
    result = [
        finding for method in able if stated for finding in method.findings(stated)
    ]
    said = cautions(experiments)
    if able and not stated:
        result = [
            {"title": "Findings", "tag": "none", "details": []}
            # Nobody is warned of a network that rightly predicts nothing.
            | (
                {"kind": "warn", "texts": []}
                if said
                else {"kind": "ok", "texts": [NOTHING]}
            )
        ]
    return [{**finding, "cautions": said} for finding in result]


def cautions(experiments):
    """Why networks have no finding, or are worse than 6-mers: a sentence for each.

    Parameters
    ----------
    experiments : list of proofread.report.results.Experiment
    """
    several_models = len({item.model for item in experiments}) > 1
    result = []
    for item in experiments:
        name = f"{item.model}, seed" if several_models else "Seed"
        of = f"{name} {item.seed}: " if len(experiments) > 1 else ""
        if item.standing["sentence"]:
            result.append(f"{of}{item.standing['sentence']}")
    return result


def has_overview(method):
    """Whether a method says what a network learned."""
    return hasattr(load(method), "overview")


def overviews(experiments, settings):
    """What the methods say of all seeds of one network together.

    Parameters
    ----------
    experiments : list of proofread.report.results.Experiment
        The seeds of one dataset and model.
    settings : dict
        By method: its entry of the configuration.

    Returns
    -------
    list of dict
        title and texts, and families where the method has them. Empty where no network
        is better than GC content and chance.
    """
    stated = [item for item in experiments if item.standing["stated"]]
    return [
        load(method).overview(stated, settings[method])
        for method in experiments[0].methods
        if stated and has_overview(method)
    ]


def render(templates, experiment, method, settings):
    """The section of one method of one experiment.

    Parameters
    ----------
    templates : jinja2.Environment
    experiment : proofread.report.results.Experiment
    method : str
    settings : dict
        The method's entry of the configuration.

    Returns
    -------
    dict
        method, title, doc_page, html and files.
    """
    own = load(method)
    if own is None:
        template, values = "sections/any.html.j2", plain(experiment, method, settings)
    else:
        template = f"sections/{method}.html.j2"
        values = own.section(experiment, settings)
    return {
        "method": method,
        "title": title(method),
        "doc_page": doc_page(experiment, method),
        "html": Markup(templates.get_template(template).render(values)),
        "files": experiment.files(method),
    }


def doc_page(experiment, method):
    """Path of a method's page in the repository, and the link to it.

    Returns
    -------
    str
    str or None
        Relative to the page of results. None if these lie outside the repository: the
        page would name a folder of this machine.
    """
    name = f"docs/methods/{method}.md"
    folder = experiment.results.folder.resolve()
    if folder.is_relative_to(REPOSITORY) and (REPOSITORY / name).is_file():
        return name, quote(Path(os.path.relpath(REPOSITORY / name, folder)).as_posix())
    return name, None


def plain(experiment, method, settings, folder=()):
    """What `sections/any.html.j2` shows of a method without knowing what it does.

    Parameters
    ----------
    experiment : proofread.report.results.Experiment
    method : str
    settings : dict
        The method's entry of the configuration.
    folder : tuple of str
        Where in the method's folder its files are.
    """
    values = {"caption": caption(experiment, method, settings), "columns": []}
    if experiment.has(method, *folder, "table.tsv"):
        table = experiment.table(method, *folder, "table.tsv")
        if not experiment.simulated:
            table = table.drop(columns=list(filter(_of_truth, table.columns)))
            if "verdict" in table and table["verdict"].isna().all():
                table = table.drop(columns="verdict")
        values["columns"] = list(table.columns)
        values["rows"] = [
            [_shown(value) for value in row]
            for row in table.head(_ROWS).itertuples(index=False, name=None)
        ]
        values["total"] = len(table)
        values["open"] = len(table) <= _SHORT
    names = [name for name, _ in experiment.files(method, *folder)]
    names = [name.removesuffix(".svg") for name in names if name.endswith(".svg")]
    values["figures"] = captioned(experiment, method, names, settings, folder)
    return values


def _of_truth(column):
    """Whether a column of a table compares with the planted truth."""
    return column in ("expected", "role") or column.startswith("planted")


def _shown(value):
    """A cell of an unknown column: what is shown, and the exact number if it is one."""
    if is_missing(value):
        return "", ""
    if isinstance(value, float):
        return significant(value), exact(value)
    return str(value), "" if isinstance(value, str) else str(value)


def figure(experiment, *parts):
    """A figure of a method's folder; the page shows those of one seed."""
    return figure_of(experiment, *parts, shown=experiment.shown)


def figure_of(files, *parts, shown=True, most=_MAX_FIGURE):
    """A figure of the disk, embedded as an image so that its ids stay its own.

    Parameters
    ----------
    files : Experiment or proofread.report.results.Results
    *parts : str
        The figure's path below it.
    shown : bool
        False: linked only.
    most : int
        Bytes of the largest figure that is embedded; larger ones are linked.
    """
    path, name = files.path(*parts), parts[-1]
    source, why = None, ""
    if shown and path.stat().st_size > most:
        why = "too large to show here: open the file"
    elif shown:
        encoded = base64.b64encode(path.read_bytes()).decode()
        source = f"data:image/svg+xml;base64,{encoded}"
    return {
        "name": words(name.removesuffix(".svg")),
        "source": source,
        "why": why,
        "caption": "",
        "link": files.link(*parts),
    }


def captioned(experiment, method, names, settings, folder=()):
    """Figures of a method, each with its own caption of Snakemake's report.

    Parameters
    ----------
    experiment : proofread.report.results.Experiment
    method : str
    names : iterable of str
        ``<name>.svg`` with the caption ``<method>_<name>.rst``; a figure that the rule
        did not declare is left out.
    settings : dict
    folder : tuple of str
        Where in the method's folder they are.
    """
    return [
        {
            **figure(experiment, method, *folder, f"{name}.svg"),
            "caption": caption(experiment, f"{method}_{name}", settings),
        }
        for name in names
        if experiment.has(method, *folder, f"{name}.svg")
    ]


def caption(experiment, name, settings):
    """A caption of Snakemake's own report, as paragraphs of HTML."""
    path = CAPTIONS / f"{name}.rst"
    if not path.is_file():
        return Markup("")
    # A simulated dataset without motifs (rule gc) has nothing planted, as users' files.
    source = "simulate" if experiment.simulated else "files"
    job = SimpleNamespace(
        config={"datasets": {experiment.dataset: {"source": source}}},
        wildcards=SimpleNamespace(
            dataset=experiment.dataset, model=experiment.model, seed=experiment.seed
        ),
        params=settings,
    )
    text = jinja2.Template(path.read_text(encoding="utf-8")).render(snakemake=job)
    return Markup("").join(
        Markup("<p>{}</p>").format(_marked(paragraph))
        for paragraph in re.split(r"\n\s*\n", text.strip())
    )


def _marked(text):
    """Turn reStructuredText's ``code``, `names` and *emphasis* into HTML."""
    html = str(escape(" ".join(text.split())))
    html = re.sub(r"(``?)(.+?)\1", r"<code>\2</code>", html)
    return Markup(re.sub(r"\*\*?(.+?)\*\*?", r"<em>\1</em>", html))
