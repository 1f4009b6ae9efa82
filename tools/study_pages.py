"""The pages of the studies, written from the tables of their full runs.

    snakemake figures --cores 2 --configfile config/koo2021.yaml
    PROOFREAD_STUDIES=results python tools/study_pages.py

Copies the tables of each study that was run into docs/studies/ and its figures into
docs/figures/, and writes the parts of docs/published.md, docs/leaderboard.md and
docs/recovered.md, and of docs/faithfulness.md and docs/evaluate.md, that stand between
markers. The table that the report quotes is also copied into the library. The CPU time
is the sum of the benchmarks, which lie in benchmarks/ beside the results. Without the
variable the pages are written again from the tables in docs/studies/. The text around
the markers is written by hand: read it again afterwards. `tools/accept.py` compares the
copies with the results. `make files` lists a new file of the library.
"""

import csv
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from control_limits import control_markdown

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

import study_networks  # noqa: E402  needs the path above
from proofread.errors import InputError  # noqa: E402
from proofread.studies import (  # noqa: E402
    interacting_pairs_table,
    label_free_table,
    leaderboard_table,
    published_table,
    recovered_table,
)
from proofread.tables import read_table, write_table  # noqa: E402

DOCS = ROOT / "docs"
VARIABLE = "PROOFREAD_STUDIES"
COLUMNS = 100  # of a line of text
# Columns of text, some or all of whose cells may be empty.
TEXTS = ("variant", "compared_with", "note", "without", "method")
STAGES = 3  # whose CPU time the page has
NETWORKS = "networks.tsv"  # of published scores, from `study_networks`


@dataclass(frozen=True)
class Study:
    """A study: its page, its tables and figures, and how the tables are written."""

    page: str
    tables: tuple[str, ...]
    figures: tuple[str, ...]
    markdown: Callable[..., str]  # of the tables, in their order
    texts: tuple[str, ...] = ()  # further columns of text with gaps
    run: str = ""  # the study whose run makes its tables; empty: its own
    quoted: str = ""  # path in the repository of the copy that the report quotes
    rule: str = "figures"  # that makes them
    record: str = "provenance"  # the table that says how


STUDIES = {
    "koo2021": Study(
        "published.md",
        ("published", "published_runs"),
        ("published",),
        published_table.markdown,
    ),
    "koo2021_activations": Study(
        "published.md",
        ("published", "published_runs"),
        ("published",),
        published_table.markdown,
    ),
    "ghotra2021": Study(
        "published.md",
        ("published", "published_runs"),
        ("published",),
        published_table.markdown,
    ),
    "ghotra2021_task2": Study(
        "published.md",
        ("published", "published_runs"),
        ("published",),
        published_table.markdown,
    ),
    "leaderboard": Study(
        "leaderboard.md",
        (
            *("leaderboard", "ranks", "ranks_without_mean", "win_matrix"),
            *("preferences", "interpretable", "interpretable_thresholds"),
            "interpretable_rules",
        ),
        ("leaderboard", "ranks", "interpretable"),
        leaderboard_table.markdown,
    ),
    "pairs": Study(
        "recovered.md",
        ("interacting_pairs", "interacting_pairs_summary"),
        ("interacting_pairs",),
        interacting_pairs_table.markdown,
        ("negative_control",),
    ),
    "recovered": Study(
        "recovered.md",
        (
            *("recovered_features", "recovered_cuts"),
            *("recovered_confusion", "recovered_accuracy"),
        ),
        ("recovered",),
        recovered_table.markdown,
    ),
    "label_free": Study(
        "faithfulness.md",
        ("label_free",),
        ("label_free",),
        label_free_table.markdown,
        run="leaderboard",
        quoted="workflow/scripts/proofread/report/label_free.tsv",
    ),
    "positive_control": Study(
        "evaluate.md",
        ("positive_control", "positive_control_auroc"),
        (),
        control_markdown,
        rule="positive_control",
        record="positive_control_provenance",
    ),
}
PAGES = tuple(dict.fromkeys(study.page for study in STUDIES.values()))


def kept_folder():
    """The folder of results that PROOFREAD_STUDIES names; None without it."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return None
    if not Path(folder).is_dir():
        raise InputError(
            VARIABLE,
            repr(folder),
            "the folder that holds the results of the studies, each in its own",
            "correct the variable, or leave it out",
        )
    return Path(folder)


def cpu_time(benchmarks):
    """CPU time of a study, from Snakemake's benchmarks.

    Parameters
    ----------
    benchmarks : path
        The folder of the study's benchmarks.

    Returns
    -------
    pandas.DataFrame
        stage (the rule), jobs, cpu_seconds. A job that was interrupted has the time
        since it went on.
    """
    jobs = [
        (path.relative_to(benchmarks).parts[0].removesuffix(".tsv"), _seconds(path))
        for path in sorted(benchmarks.rglob("*.tsv"))
    ]
    by_stage = pd.DataFrame(jobs, columns=["stage", "seconds"]).groupby("stage")
    return by_stage["seconds"].agg(jobs="size", cpu_seconds="sum").reset_index()


def _seconds(path):
    with path.open(encoding="utf-8", newline="") as file:
        cells = [row["cpu_time"] for row in csv.DictReader(file, delimiter="\t")]
    # A job that is over at once has no number.
    return sum(float(cell) for cell in cells if cell not in ("NA", "-", ""))


def run_of(name):
    """The study whose run, and configuration, a study's tables are of."""
    return STUDIES[name].run or name


def has_run(name, kept):
    """Whether a study has results; a part of another study need not have run."""
    folder = kept / run_of(name)
    if run_of(name) == name:
        return folder.is_dir()
    return (folder / "figures" / f"{STUDIES[name].tables[0]}.tsv").is_file()


def copied(name):
    """Files of a study: where they lie below its run's results, and below docs/."""
    study = STUDIES[name]
    tables = [f"{table}.tsv" for table in (*study.tables, study.record)]
    figures = {
        figure: figure if figure == name else f"{name}_{figure}"
        for figure in study.figures
    }
    return {
        **{f"figures/{table}": f"studies/{name}/{table}" for table in tables},
        **{f"figures/{own}.svg": f"figures/{new}.svg" for own, new in figures.items()},
    }


def copy(name, kept, docs=DOCS):
    """Copy tables and figures of a study into the documentation, and for the report."""
    files = [
        (kept / run_of(name) / source, docs / target)
        for source, target in copied(name).items()
    ]
    files += [quoted(name, docs)] if STUDIES[name].quoted else []
    for source, target in files:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    benchmarks = kept.resolve().parent / "benchmarks" / run_of(name)
    if is_published(name):
        networks = study_networks.networks(kept / run_of(name))
        target = docs / "studies" / name / NETWORKS
        target.unlink(missing_ok=True)
        if len(networks):
            write_table(target, networks)
    write_table(docs / "studies" / name / "cpu_time.tsv", cpu_time(benchmarks))


def is_published(name):
    """Whether a study is one of published scores."""
    return STUDIES[name].markdown is published_table.markdown


def quoted(name, docs=DOCS):
    """The copy of a study's first table in the library: (table, copy), or None."""
    study = STUDIES[name]
    if not study.quoted:
        return None
    return (
        docs / "studies" / name / f"{study.tables[0]}.tsv",
        docs.parent / study.quoted,
    )


def read(name, folder, table):
    """A table of a study as the workflow had it: a gap in a column of text is ""."""
    texts = (*TEXTS, *STUDIES[name].texts)
    table = read_table(folder / f"{table}.tsv", texts)
    for column in set(texts) & set(table.columns):
        table[column] = table[column].astype(object).fillna("")
    return table


def part(name, docs=DOCS):
    """What a page says of a study: its tables, and how they were made."""
    folder = docs / "studies" / name
    tables = [read(name, folder, table) for table in STUDIES[name].tables]
    records = (STUDIES[name].record, "cpu_time")
    record, times = (read_table(folder / f"{item}.tsv") for item in records)
    text = STUDIES[name].markdown(*tables)
    if text.startswith("# "):  # the page has a title of its own
        text = re.sub(r"^#", "##", text, flags=re.MULTILINE)
    if (folder / NETWORKS).is_file():
        networks = read_table(folder / NETWORKS)
        text += f"\n{study_networks.markdown(networks, tables[1])}\n"
    return f"{_wrapped(text).rstrip()}\n\n{_made_with(name, record, times)}"


def _made_with(name, record, times):
    """Command, networks, versions and CPU time, as a table."""
    named = dict(zip(record["item"], record["text"], strict=True))
    file = f"config/{run_of(name)}.yaml"
    rows = {
        "command": f"`snakemake {STUDIES[name].rule} --cores 2 --configfile {file}`",
        "data": named.pop("datasets"),
        "models": named.pop("models"),
        "networks": named.pop("networks"),
        "seeds": named.pop("seeds"),
        "methods": named.pop("methods"),
        "versions": ", ".join(f"{item} {version}" for item, version in named.items()),
    }
    if len(times):  # benchmarks were kept
        rows["CPU time"] = _hours(times)
    lines = ["| made with | |", "|---|---|"]
    return "\n".join([*lines, *(f"| {key} | {text} |" for key, text in rows.items())])


def _hours(times):
    """All hours, and those of the stages that take most."""
    hours = times.set_index("stage")["cpu_seconds"] / 3600
    most = hours.sort_values(ascending=False, kind="stable")[:STAGES]
    stages = ", ".join(f"{stage} {value:.2f} h" for stage, value in most.items())
    return f"{hours.sum():.2f} h in {times['jobs'].sum()} jobs; most: {stages}"


def _wrapped(text):
    """Lines of text at most 100 columns wide; a heading or row has to be one line."""
    lines = [
        line
        if line.startswith(("|", "#"))
        else textwrap.fill(
            line, COLUMNS, break_long_words=False, break_on_hyphens=False
        )
        for line in text.splitlines()
    ]
    return "\n".join(lines)


def marked(text):
    """Names of the studies whose parts a page has, in its order."""
    return re.findall(r"^<!-- (\w+): written by tools/study_pages.py -->$", text, re.M)


def parts_of(text):
    """What a page has between its markers, by study."""
    return {
        name: re.search(rf"{_opening(name)}\n\n(.*?)\n\n{_closing(name)}", text, re.S)[
            1
        ]
        for name in marked(text)
    }


def _opening(name):
    return f"<!-- {name}: written by tools/study_pages.py -->"


def _closing(name):
    return f"<!-- end of {name} -->"


def with_parts(text, docs=DOCS):
    """A page with its parts written anew from the tables in docs/studies/."""
    for name in marked(text):
        before, rest = text.split(_opening(name), 1)
        _, after = rest.split(_closing(name), 1)
        new = f"{_opening(name)}\n\n{part(name, docs)}\n\n{_closing(name)}"
        text = f"{before}{new}{after}"
    return text


def main(docs=DOCS):
    """Copy what is kept, write the pages that are there."""
    kept = kept_folder()
    for name in STUDIES:
        if kept is not None and has_run(name, kept):
            copy(name, kept, docs)
    for page in map(docs.joinpath, PAGES):
        if page.is_file():
            text = with_parts(page.read_text(encoding="utf-8"), docs)
            page.write_text(text, encoding="utf-8")
    for name, study in STUDIES.items():
        page = docs / study.page
        text = page.read_text(encoding="utf-8") if page.is_file() else ""
        if (docs / "studies" / name).is_dir() and name not in marked(text):
            raise InputError(
                page,
                f"no part of {name}, whose tables are in docs/studies/",
                f"the lines {_opening(name)} and {_closing(name)}",
                "write them, and the text around them, then run again",
            )


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(str(error))
