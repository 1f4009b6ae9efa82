"""One section of the page per method, found by the method's name.

A method may bring ``sections/<method>.py`` and ``sections/<method>.html.j2``. All that
the module may hold is optional:

- `TITLE` (`PLURAL`: it names several things), and
  ``section(experiment, settings)``, which returns what the template shows;
  without it the method is shown by its caption, its figures and the head of its table;
- ``verdict(experiment, settings)``: a `proofread.report.verdicts.Verdict` of a network
  where no truth is known, and `TABLES`, the files of the method that it reads;
- `HEADLINE`: the metrics of which the first that the method has is compared with the
  truth, `FINDS`: what it should find, `MEASURES`: names of metrics in a sentence,
  `NEEDED`: the score from which on it counts as recovered, and
  ``also(experiment, settings)``: a sentence more;
- ``clause(experiments, settings)``: a part of the sentence of the dataset, and
  ``warnings(experiment, settings)``: what a reader has to know first;
- ``notes(experiment, settings)``: what stands below the verdict;
- `FIGURES`: pairs of a figure and how to read it; the first that is there is shown
  (`FIGURES_OF_NUMBERS`: of quantitative targets, where these read otherwise);
  ``drawn(experiment, settings)`` instead: logos of the page's own, how to read them;
- ``score_name(metric)``: what a row of its score.tsv is called;
- ``findings(experiments)``: what was found of the truth, and
  ``overview(experiments, settings)``, which sums up the seeds of one network.
"""

import base64
import functools
import importlib
import importlib.util
import os
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from proofread.configuration.labels import QUANTITATIVE
from proofread.report.names import heading, within, words
from proofread.report.network import NOTHING
from proofread.report.numbers import exact, is_missing, listed, significant
from proofread.report.verdicts import no_finding, of_truth
from proofread.truth.recovery import NO_CONTROL, recoveries
from proofread.truth.roles import motif_roles

CAPTIONS = Path(__file__).parents[3] / "report"
REPOSITORY = Path(__file__).resolve().parents[4]
_ROWS = 20  # of a table without a section of its own
_SHORT = 12  # rows of such a table that is open from the start
_MAX_FIGURE = 100_000  # bytes; a larger one is linked, not shown
_MAX_FIRST = 130_000  # of the figure that stands beside the verdict
_FINDS = "the truth"


@functools.cache
def load(method):
    """The method's own module of `sections`, or None."""
    name = f"proofread.report.sections.{method}"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def title(method):
    """What a method is called on the page."""
    return getattr(load(method), "TITLE", heading(method))


def label(method, kind=""):
    """What a method is called beside others: a kind by its own name."""
    return heading(kind) if kind else title(method)


def named(row):
    """The same in a sentence, of a `proofread.truth.recovery.Recovery`."""
    return words(row.kind) if row.kind else within(title(row.method))


def plural(rows):
    """Whether a verb after these names is that of several, as "motif tests do"."""
    if len(rows) != 1:
        return True
    return not rows[0].kind and getattr(load(rows[0].method), "PLURAL", False)


def headline(method):
    """The metrics that may be a method's headline, and the score that recovers."""
    own = load(method)
    return getattr(own, "HEADLINE", ()), getattr(own, "NEEDED", None)


def recovered(experiments):
    """The headline scores of networks of one model, judged.

    Parameters
    ----------
    experiments : list of proofread.report.results.Experiment
        Seeds of one dataset and model.

    Returns
    -------
    list of proofread.truth.recovery.Recovery
        Of a motif that the label does not depend on there is no score.
    """
    first = experiments[0]
    scores = first.scorecard
    if scores.empty:
        return []
    rows = scores[
        (scores["dataset"] == first.dataset)
        & (scores["model"] == first.model)
        & scores["seed"].astype(str).isin([item.seed for item in experiments])
        & scores["method"].isin(first.methods)
    ]
    weak = set.intersection(*(set(item.standing["weak"]) for item in experiments))
    rows = rows[~rows["target"].isin(weak)]
    if first.simulated:
        roles = motif_roles(first.results.dataset(first.dataset))
        decoys = [name for name, role in roles.items() if role != "causal"]
        rows = rows[~rows["motif"].isin(decoys)]
    return recoveries(rows, headline)


def measure(method, metric):
    """What a metric is called in a sentence."""
    own = load(method)
    if metric in getattr(own, "MEASURES", ()):
        return own.MEASURES[metric]
    return own.score_name(metric) if hasattr(own, "score_name") else words(metric)


def verdict(experiment, method, settings):
    """What one method found in one network, in a sentence.

    Parameters
    ----------
    experiment : proofread.report.results.Experiment
    method : str
    settings : dict
        The method's entry of the configuration.

    Returns
    -------
    proofread.report.verdicts.Verdict
        With the truth where one is known, else by the method's own tables. Nothing is
        stated of a network that is not better than GC content and chance, or whose
        labels are random.
    """
    if experiment.random_labels:
        return no_finding("the labels are random, so that there is nothing to find")
    if not experiment.standing["stated"]:
        return no_finding(unstated(experiment))
    own = load(method)
    if experiment.recoveries is None:
        experiment.recoveries = recovered([experiment])
    rows = [row for row in experiment.recoveries if row.method == method]
    files = getattr(own, "TABLES", ())
    missing = [name for name in files if not experiment.has(method, name)]
    compared = [row for row in rows if row.word != NO_CONTROL]
    if compared or (rows and (experiment.simulated or not hasattr(own, "verdict"))):
        finds, name = getattr(own, "FINDS", _FINDS), partial(measure, method)
        if not experiment.simulated:
            finds = finds.replace("causal", "known")
        result = of_truth(compared or rows, finds, name)
        if missing or not hasattr(own, "also"):
            return result
        more = own.also(experiment, settings)
        return replace(result, text=f"{result.text} {more}".strip())
    if not hasattr(own, "verdict"):
        return no_finding("this method has no verdict; see its figures and tables")
    if missing:
        return no_finding(f"{missing[0]} is not among the results")
    if experiment.simulated and headline(method)[0]:
        return no_finding("no score of this method is defined for these sequences")
    return own.verdict(experiment, settings)


def unstated(experiment):
    """Why nothing is stated of a network, as the rest of a sentence."""
    sentence = experiment.standing["sentence"]
    return sentence.removeprefix("No finding is stated: ").rstrip(".") or (
        "the network predicts nothing"
    )


def clauses(experiments, settings):
    """What the methods add to the sentence of a dataset.

    Parameters
    ----------
    experiments : list of proofread.report.results.Experiment
        Seeds of one model that are better than GC content and chance.
    settings : dict
        By method: its entry of the configuration.
    """
    return _of_rooms("clause", experiments[0], experiments, settings)


def warnings(experiment, settings):
    """What a reader has to know before the results of one network."""
    lists = _of_rooms("warnings", experiment, experiment, settings)
    return [text for texts in lists for text in texts]


def _of_rooms(name, experiment, subject, settings):
    """What the methods of a network say, those whose files are there."""
    result = []
    for method in experiment.methods:
        own = load(method)
        if hasattr(own, name) and all(
            experiment.has(method, file) for file in getattr(own, "TABLES", ())
        ):
            result.append(getattr(own, name)(subject, settings[method]))
    return [item for item in result if item]


def first_figure(experiment, method, settings):
    """The figure beside a verdict, and how to read it; None where there is none.

    The first of the method's own choice that is small enough, or the first of all; of
    a method that chose none, the first of its folder.
    """
    if logos(experiment, method, settings)[0]:
        return None
    chosen = getattr(load(method), "FIGURES", None)
    if experiment.quantitative:
        chosen = getattr(load(method), "FIGURES_OF_NUMBERS", chosen)
    if chosen is None:
        names = [name for name, _ in experiment.files(method)]
        chosen = [(name[:-4], "") for name in names if name.endswith(".svg")]
    present = [
        (name, how) for name, how in chosen if experiment.has(method, f"{name}.svg")
    ]
    if not present:
        return None
    fitting = [
        (name, how)
        for name, how in present
        if experiment.path(method, f"{name}.svg").stat().st_size <= _MAX_FIRST
    ]
    name, how = (fitting or present)[0]
    parts = (method, f"{name}.svg")
    shown = figure_of(experiment, *parts, shown=experiment.shown, most=_MAX_FIRST)
    captions = caption(experiment, f"{method}_{name}", settings)
    return {**shown, "how": how, "about": captions, "file": name}


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
    if not hasattr(own, "section"):
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


def judged(experiment, method, settings):
    """What stands above the section of a method: its verdict and one figure.

    Returns
    -------
    dict
        id, verdict, notes, figure, which is None where there is none, and logos.
    """
    return {
        "id": anchor(experiment, method),
        "verdict": verdict(experiment, method, settings),
        "notes": notes(experiment, method, settings),
        "figure": first_figure(experiment, method, settings),
        "logos": logos(experiment, method, settings),
    }


def notes(experiment, method, settings):
    """Sentences below a verdict; empty where nothing is stated of the network."""
    own = load(method)
    if experiment.random_labels or not experiment.standing["stated"]:
        return []
    if not all(experiment.has(method, name) for name in getattr(own, "TABLES", ())):
        return []
    return own.notes(experiment, settings) if hasattr(own, "notes") else []


def logos(experiment, method, settings):
    """Logos beside a verdict: a list of dict, and how to read them; empty if none."""
    own = load(method)
    if not hasattr(own, "drawn") or not experiment.shown:
        return [], ""
    if not all(experiment.has(method, name) for name in getattr(own, "TABLES", ())):
        return [], ""
    if method not in experiment.drawn:
        experiment.drawn[method] = own.drawn(experiment, settings)
    return experiment.drawn[method]


def anchor(experiment, method):
    """The id of a method's section."""
    of_network = f"{experiment.dataset}-{experiment.model}-{experiment.seed}"
    return f"method-{of_network}-{method}"


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
    values["warnings"] = warnings_of(experiment, method, *folder)
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


def warnings_of(experiment, method, *folder):
    """The warnings of a method's checks.tsv: each once, with its kinds and targets."""
    if not experiment.has(method, *folder, "checks.tsv"):
        return []
    table = experiment.table(method, *folder, "checks.tsv").dropna(subset="warning")
    texts = []
    for text, rows in table.groupby("warning", sort=False):
        kinds = listed(dict.fromkeys(map(words, rows["kind"])))
        targets = listed(dict.fromkeys(rows["target"]))
        texts.append(f"{kinds}, {targets}: {text}")
    return texts


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
    # The one beside the verdict is not shown twice.
    first = None if folder else first_figure(experiment, method, settings)
    return [
        {
            **figure(experiment, method, *folder, f"{name}.svg"),
            "caption": caption(experiment, f"{method}_{name}", settings),
        }
        for name in names
        if experiment.has(method, *folder, f"{name}.svg")
        and not (first and first["file"] == name)
    ]


def caption(experiment, name, settings):
    """A caption of Snakemake's own report, as paragraphs of HTML."""
    path = CAPTIONS / f"{name}.rst"
    if not path.is_file():
        return Markup("")
    # A simulated dataset without motifs (rule gc) has nothing planted, as users' files.
    source = "simulate" if experiment.simulated else "files"
    dataset = {"source": source, "truth": experiment.known}
    if experiment.quantitative:
        dataset["target_type"] = QUANTITATIVE
    job = SimpleNamespace(
        config={"datasets": {experiment.dataset: dataset}},
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
