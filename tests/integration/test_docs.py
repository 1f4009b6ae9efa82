"""Commands, configurations and file names of the pages: each is run, or found.

A page with steps is followed by a test of its own. The commands of the others are run
here in a clean clone, in their order. Of a command that trains networks the plan is
made; `make accept` and the slow tests run such commands.
"""

import re
import subprocess
from pathlib import Path

import pytest

from pages import copied, shell

ROOT = Path(__file__).resolve().parents[2]
# Pages with blocks, and the tests that do what they say.
FOLLOWED = {
    "CONTRIBUTING.md": ["integration/test_docs.py"],
    "README.md": ["integration/test_docs.py"],
    "config/README.md": ["integration/test_docs.py", "test_configuration.py"],
    "docs/adding_a_method.md": ["integration/test_adding_a_method.py"],
    "docs/compare.md": ["integration/test_compare.py"],
    "docs/cluster.md": ["slurm/test_page.py"],
    "docs/data.md": ["test_simulation_pool.py"],
    "docs/faults.md": ["faults/test_clock.py"],
    "docs/methods/long_sequence_scan.md": ["test_mistakes.py"],
    "docs/methods/tomtom.md": ["integration/test_motif_files.py"],
    "docs/models.md": ["test_tuning.py"],
    "docs/module.md": ["integration/test_module.py"],
    "docs/own_data.md": ["integration/test_own_data.py", "test_sources.py"],
    "docs/python.md": ["test_python.py"],
    "docs/report.md": ["integration/test_docs.py", "test_report.py"],
    "docs/user_model.md": ["integration/test_user_model.py"],
}
HERE = ("README.md", "config/README.md", "CONTRIBUTING.md", "docs/report.md")
PROGRAMS = (
    "awk|cd|find|git|head|make|mkdir|pip|pytest|python|snakedeploy|snakemake|source"
)
# `shell` has the environment on, and `-n` is what all others are run with. The rest
# needs a finished run, or conda: test_workflow.py and test_module.py have them.
ELSEWHERE = (
    "snakemake -n",
    "source .venv/bin/activate",
    "snakemake --report report.zip",
    "snakemake --cores 2 --sdm conda",
)


def pages():
    """Path and text of every page of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in listed}


def blocks(page):
    """Language and text of each block."""
    return re.findall(r"^ *```(\w*)\n(.*?)^ *```$", page, re.M | re.S)


def commands(page):
    """Lines of a page's blocks of shell, without comments."""
    lines = "".join(text for language, text in blocks(page) if language == "sh")
    return [line.split("  #")[0].strip() for line in lines.splitlines()]


PAGES = pages()


def test_every_page_with_a_block_is_followed():
    assert {name for name, page in PAGES.items() if blocks(page)} == set(FOLLOWED)
    for page, tests in FOLLOWED.items():
        for test in tests:
            assert page in (ROOT / "tests" / test).read_text(), f"{test}: {page}"


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_block_of_commands_is_marked_as_such(name):
    for language, text in blocks(PAGES[name]):
        begins = re.match(rf"(\w+=\S+ )?({PROGRAMS})\b", text) is not None
        assert begins == (language == "sh"), text


def run_instead(command):
    """The command to run in place of a page's: its plan, if it takes minutes."""
    if re.match(r"make\b", command):
        return command.replace("make", "make --dry-run", 1)
    if command.startswith("pytest "):
        return f"{command} --collect-only"
    if command == "snakemake --list":
        return command
    return f"{command} --dry-run --cores 2"


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    return copied(tmp_path_factory.mktemp("docs") / "proofread")


ALL = list(dict.fromkeys(line for name in HERE for line in commands(PAGES[name])))


def test_the_commands_are_found():
    assert {"make", "snakemake --cores 2", "snakemake --list", "make test"} <= set(ALL)


@pytest.mark.parametrize(
    "command", [line for line in ALL if not line.startswith(ELSEWHERE)]
)
def test_a_command_of_the_pages_is_right(command, clone):
    ran = shell(clone, run_instead(command))
    assert ran.returncode == 0, ran.stdout
    if "--dry-run" in run_instead(command) and command.startswith("snakemake"):
        assert re.search(r"^train +\d", ran.stdout, re.MULTILINE), ran.stdout
    if command == "make":
        assert "snakemake --logger proofread" in ran.stdout


@pytest.mark.parametrize("name", PAGES)
def test_a_tool_that_a_page_names_exists(name):
    for tool in re.findall(r"python\s+(tools/\w+\.py)", PAGES[name]):
        assert (ROOT / tool).is_file(), tool


@pytest.mark.parametrize("name", PAGES)
def test_a_configuration_that_a_page_names_exists(name):
    """Or the page itself, or the page that it refers to, says how to write it."""
    own = set(re.findall(r"[Ss]ave as `(config/\S+)`", " ".join(PAGES[name].split())))
    for path in re.findall(r"config/\w+\.(?:yaml|tsv)", PAGES[name]):
        written = path in own or path.startswith(("config/own", "config/my_"))
        assert written or (ROOT / path).is_file(), path


@pytest.mark.parametrize("name", PAGES)
def test_a_line_of_text_fits_into_100_columns(name):
    """A table's row, a block and an image cannot be wrapped."""
    text = re.sub(r"^ *```.*?^ *```$", "", PAGES[name], flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in text.splitlines() if not re.match(r" *\||!\[", line)]
    # A link longer than a line stands alone.
    wide = [line for line in lines if len(line) > 100 and " " in line.strip()]
    assert wide == []


def slugs(page):
    """What a link to a heading of a page ends with, after the #."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("name", PAGES)
def test_a_link_leads_to_a_file_and_its_heading(name):
    text = re.sub(r"^ *```.*?^ *```$", "", PAGES[name], flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        path, _, heading = link.partition("#")
        target = ROOT / name if not path else (ROOT / name).parent / path
        assert target.exists(), link
        if heading:
            assert heading in slugs(target.read_text(encoding="utf-8")), link


# -- which method ------------------------------------------------------------------

WHICH = PAGES["docs/which_method.md"]
ROWS = [line.split("|")[1:4] for line in WHICH.splitlines() if line.startswith("| ")]
ANSWERS = [row for row in ROWS if row[2].strip() and not row[0].startswith(" I want")]
METHODS = {
    file.name.split(".")[0]
    for file in (ROOT / "workflow/schemas/methods").glob("*.schema.yaml")
}


def outputs():
    """All paths that rules write, as they stand in the rules."""
    for file in (ROOT / "workflow/rules").rglob("*.smk"):
        yield from re.findall(r'"((?:<results>|<network>)/[^"]+)"', file.read_text())


def test_every_method_answers_a_question():
    named = {name for row in ANSWERS for name in re.findall(r"`(\w+)`", row[1])}
    assert named >= METHODS


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row[0].strip())
def test_what_a_question_is_answered_with_is_written_by_a_rule(row):
    _, run, read = row
    methods = [name for name in re.findall(r"`(\w+)`", run) if name in METHODS]
    folders = [f"/{name}/" for name in methods]
    for file in re.findall(r"`([\w/]+\.(?:svg|tsv|html))`", read):
        written = [path for path in outputs() if path.endswith(f"/{file}")]
        if methods and file not in ("scorecard.tsv", "report.html"):
            written = [path for path in written if any(map(path.count, folders))]
        assert written, file


def test_the_page_of_questions_is_reached_from_the_readme():
    assert "(docs/which_method.md)" in PAGES["README.md"]
