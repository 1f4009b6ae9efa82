"""The studies' pages: their numbers are those of the tables, their figures are there.

The pages are written from the tables of full runs; toy tables show how. Of the pages
in docs/ every cell is compared with the tables that lie beside them.
"""

import re
import subprocess
from types import SimpleNamespace

import pandas as pd
import pytest

import published as script
import study_pages
import test_leaderboard
from proofread.errors import InputError
from proofread.studies.published import GIVEN
from proofread.tables import write_table
from proofread.truth import scorecard as truth_scorecard
from seed_scores import scores_of
from study_pages import DOCS, PAGES, STUDIES

PLAIN, CENTRED = (
    f"integrated_gradients signed_{answer}" for answer in ("raw", "centred_window9")
)
# Two networks: sd 0.0707107 and 0.0141421.
VALUES = {
    ("attributions", PLAIN): [0.8, 0.9],
    ("attributions", CENTRED): [0.96, 0.98],
}
BOUNDS = {"negative_control": 0.5, "ideal_explainer": 0.995, "chance": 0.5}
PUBLISHED = [
    ("Plain", PLAIN, "0.7706", "0.0354", "", ""),
    ("Centred", CENTRED, "0.7706", "0.0354", "", PLAIN),
    ("Best", PLAIN, "0.950", "", "1", ""),
]
PROVENANCE = {
    "datasets": "a",
    "models": "cnn",
    "networks": "2",
    "seeds": "1, 2",
    "methods": "attributions",
    "proofread": "1.2",
    "torch": "3.4",
}
BENCHMARK = "s\th:m:s\tcpu_time\n{seconds}\t0:00:00\t{cpu}\n"
PAGE = """# Published

Above.

{opening}
{closing}

Below.
"""


def run_published(folder):
    """The rule `published` on two networks; seed 2 predicts better."""
    metrics = []
    for seed in (1, 2):
        path = folder / "a" / "cnn" / f"seed{seed}" / "metrics.tsv"
        path.parent.mkdir(parents=True)
        row = {"predictor": "network", "target": "t", "metric": "auprc"}
        write_table(path, pd.DataFrame([row | {"value": 0.9 + seed / 100}]))
        metrics.append(str(path))
    table = scores_of(VALUES, **BOUNDS).assign(n=9, ci_low=0.1, ci_high=0.9)
    write_table(
        folder / "scorecard.tsv", table.reindex(columns=truth_scorecard.COLUMNS)
    )
    lines = [[*GIVEN, "compared_with"]]
    for title, variant, published, sd, best, other in PUBLISHED:
        score = ("attributions", "position_auroc", variant, "IG")
        lines.append([title, "a", "cnn", *score, published, sd, best, other])
    given = folder / "given.tsv"
    given.write_text("".join("\t".join(line) + "\n" for line in lines))
    figures = folder / "figures"
    figures.mkdir()
    script.main(
        SimpleNamespace(
            input=SimpleNamespace(
                scorecard=str(folder / "scorecard.tsv"),
                metrics=metrics,
                predictions=[],
                published=str(given),
            ),
            output=SimpleNamespace(
                table=str(figures / "published.tsv"),
                runs=str(figures / "published_runs.tsv"),
                markdown=str(figures / "published.md"),
                figure=str(figures / "published.svg"),
            ),
            params=SimpleNamespace(figures={}),
            log=[str(folder / "log.txt")],
        )
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Kept results of two studies, and the benchmarks of one beside them."""
    folder = tmp_path_factory.mktemp("kept") / "results"
    run_published(folder / "koo2021")
    board = folder / "leaderboard"
    board.mkdir()
    metrics = test_leaderboard.study(board)
    rules = {name: name for name in test_leaderboard.MEASURED}
    test_leaderboard.run(board / "figures", board / "scorecard.tsv", metrics, rules)
    record = pd.DataFrame(PROVENANCE.items(), columns=["item", "text"])
    for name in ("koo2021", "leaderboard"):
        write_table(folder / name / "figures" / "provenance.tsv", record)
    for job, cpu in {
        "train/one.tsv": 3600,
        "train/two.tsv": 1800,
        "saliency/one.tsv": 360,
        "saliency/deep/two.tsv": "NA",
        "summary.tsv": 36,
        "evaluate/one.tsv": 0,
    }.items():
        path = folder.parent / "benchmarks" / "koo2021" / job
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(BENCHMARK.format(seconds=1, cpu=cpu))
    return folder


def page_of(*names):
    return "".join(
        PAGE.format(
            opening=f"<!-- {name}: written by tools/study_pages.py -->",
            closing=f"<!-- end of {name} -->",
        )
        for name in names
    )


@pytest.fixture
def docs(kept, tmp_path, monkeypatch):
    """The documentation after the kept results were copied."""
    (tmp_path / "published.md").write_text(page_of("koo2021"))
    (tmp_path / "leaderboard.md").write_text(page_of("leaderboard"))
    monkeypatch.setenv("PROOFREAD_STUDIES", str(kept))
    study_pages.main(tmp_path)
    return tmp_path


def test_a_page_has_the_numbers_of_the_tables(docs):
    text = (docs / "published.md").read_text()
    assert text.startswith("# Published\n\nAbove.\n\n<!-- koo2021: written by")
    assert text.endswith("<!-- end of koo2021 -->\n\nBelow.\n")
    # 0.85 - 0.7706 is 2.24 of 0.0354.
    plain = "0.8500 ± 0.0707 | 2 | +2.2 | 0.5000 | 0.9950 | as good or better |"
    assert f"| cnn | IG | 0.7706 ± 0.0354 | {plain}\n" in text
    # Differences 0.16 and 0.08: mean 0.12, sd 0.0565685, t(0.975; 1) = 12.7062.
    paired = f"{PLAIN} | 0.8500 ± 0.0707 | 0.1200 (-0.3882 to 0.6282) |"
    assert paired in text
    assert "| cnn | IG | 0.800 | **0.900** |" in text  # every run, the best in bold
    made = [line for line in text.splitlines() if line.startswith("| versions")]
    assert made == ["| versions | proofread 1.2, torch 3.4 |"]
    # 3600 + 1800, 360 and 36 seconds.
    assert (
        "| CPU time | 1.61 h in 6 jobs; most: train 1.50 h, saliency 0.10 h, "
        "summary 0.01 h |"
    ) in text


def test_the_leaderboard_has_headings_below_the_page_s_title(docs):
    text = (docs / "leaderboard.md").read_text()
    assert re.findall("^# .+", text, re.M) == ["# Published"]
    assert "\n## Leaderboard\n" in text
    assert "\n### When may one interpret?\n" in text
    rows = [line for line in text.splitlines() if not line.startswith("|")]
    assert max(map(len, rows)) <= 100


def test_the_page_is_the_workflow_s_own_markdown(docs, kept):
    """Written from tables with fewer digits, it has the same numbers."""
    for name in ("koo2021", "leaderboard"):
        file = STUDIES[name].markdown.__module__.rpartition(".")[2]
        own = kept / name / "figures" / f"{file.removesuffix('_table')}.md"
        wanted = own.read_text().split()
        if name == "leaderboard":  # one level of headings lower
            wanted = [f"#{word}" if set(word) == {"#"} else word for word in wanted]
        assert study_pages.part(name, docs).split()[: len(wanted)] == wanted


def test_tables_and_figures_are_copied(docs, kept):
    for name in ("koo2021", "leaderboard"):
        for source, target in study_pages.copied(name).items():
            assert (docs / target).read_bytes() == (kept / name / source).read_bytes()
    assert not (docs / "studies" / "ghotra2021").exists()


def test_without_the_variable_the_pages_are_written_from_their_tables(
    docs, monkeypatch
):
    page = docs / "published.md"
    before = page.read_text()
    page.write_text(before.replace("0.8500", "0.9500").replace("Above.", "By hand."))
    monkeypatch.delenv("PROOFREAD_STUDIES")
    study_pages.main(docs)
    assert page.read_text() == before.replace("Above.", "By hand.")


def test_a_folder_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PROOFREAD_STUDIES", str(tmp_path / "absent"))
    with pytest.raises(InputError, match="PROOFREAD_STUDIES"):
        study_pages.main(tmp_path)


@pytest.mark.parametrize("text", [None, "# Without markers\n"])
def test_a_study_without_its_place_on_the_page_is_named(docs, text):
    page = docs / "published.md"
    page.unlink() if text is None else page.write_text(text)
    with pytest.raises(InputError, match="no part of koo2021"):
        study_pages.main(docs)


def differing(page, docs):
    """Lines of a page that its tables do not give, beside those that they give."""
    return [
        lines
        for name, text in study_pages.parts_of(page).items()
        for lines in zip(
            *(parts.splitlines() for parts in (text, study_pages.part(name, docs))),
            strict=False,
        )
        if lines[0] != lines[1]
    ]


def test_another_number_on_a_page_is_seen(docs):
    page = (docs / "published.md").read_text()
    assert differing(page, docs) == []
    for number in ("0.8500", "**0.900**", "1.50 h", "0.6282"):
        changed = page.replace(number, number.replace("0", "1", 1), 1)
        assert len(differing(changed, docs)) == 1, number


def test_another_number_in_a_table_is_seen(docs):
    page = (docs / "leaderboard.md").read_text()
    table = docs / "studies" / "leaderboard" / "leaderboard.tsv"
    line = table.read_text().splitlines()[1]
    fraction = line.split("\t")[14]
    table.write_text(table.read_text().replace(fraction, "0.123", 1))
    assert differing(page, docs) != []


# -- the pages in docs/ ----------------------------------------------------------------


def links():
    """Paths of all files of documentation, and where each links to."""
    root = DOCS.parent
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in filter(lambda name: (root / name).is_file(), listed):
        text = (root / name).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#\s]+)", text):
            yield (root / name).parent.joinpath(link).resolve()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_all_studies_that_have_run(page):
    """Without a full run a page has nothing to say, and no page leads there."""
    names = [
        name
        for name, study in STUDIES.items()
        if study.page == page and (DOCS / "studies" / name).exists()
    ]
    path = DOCS / page
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert study_pages.marked(text) == names
    if names:
        assert path in set(links()), "no page links to it"
    else:
        assert not path.is_file()
        assert path not in set(links())


@pytest.mark.parametrize("page", PAGES)
def test_every_cell_of_a_page_is_that_of_the_tables(page):
    path = DOCS / page
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert differing(text, DOCS) == [], "python tools/study_pages.py writes it anew"
    assert study_pages.with_parts(text) == text


@pytest.mark.parametrize("page", sorted({path.name for path in DOCS.glob("*.md")}))
def test_a_heading_is_one_line(page):
    # A second line would be text below it.
    text = (DOCS / page).read_text(encoding="utf-8")
    outside = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    assert re.findall(r"^#+ .*\n[^\n]+", outside, re.M) == []


@pytest.mark.parametrize("name", STUDIES)
def test_a_page_shows_the_figures_of_its_studies(name):
    path = DOCS / STUDIES[name].page
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    assert [figure for figure in shown if not (DOCS / figure).is_file()] == []
    if name in study_pages.marked(text):
        copies = study_pages.copied(name).values()
        assert {path for path in copies if path.endswith(".svg")} <= set(shown)
