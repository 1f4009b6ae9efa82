"""The house: one name in ten places, and what every rule has.

Each test says which path or rule is at fault.
"""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
RULE_FILES = [
    ROOT / "Snakefile",
    ROOT / "workflow/Snakefile",
    *sorted((ROOT / "workflow/rules").rglob("*.smk")),
]
SCHEMAS = sorted((ROOT / "workflow/schemas").rglob("*.schema.yaml"))
# Rules that only name files to make.
TARGETS = ("all", "default", "figures")

PLACES = {
    "rule": "workflow/rules/methods/{method}.smk",
    "script": "workflow/scripts/{method}.py",
    "environment": "envs/{method}.yaml",
    "schema": "workflow/schemas/methods/{method}.schema.yaml",
    "caption": "workflow/report/{method}*.rst",
    "doc page": "docs/methods/{method}.md",
    "text for a paper": "workflow/scripts/proofread/report/sections/{method}.txt",
    "test": "tests/test_{method}.py",
    "library room": "workflow/scripts/proofread/methods/{method}/__init__.py",
}
LIBRARY = ROOT / "workflow/scripts/proofread"
MODULES = sorted(LIBRARY.rglob("[!_]*.py"))
SOURCES = sorted(LIBRARY.parent.rglob("*.py"))
MAX_SCRIPT_LINES = 150
MAX_CAPTION_WORDS = 40
# Keys that have another name now.
OLD_KEYS = {
    "both_strands",
    "bring",
    "control_places",
    "database",
    "draws",
    "draws_from",
    "examined",
    "fewest_seqlets",
    "flips",
    "floors",
    "gap_sequences",
    "heat_map_sequences",
    "implant",
    "largest_figure",
    "largest_gap",
    "least_gain",
    "least_limit",
    "least_passing",
    "least_share",
    "letters",
    "minimum_overlap",
    "most_motifs",
    "most_passing",
    "most_seqlets",
    "motif_file",
    "own",
    "p",
    "references",
    "smallest_pattern",
    "threshold",
    "threshold_on",
}
# Right in a dataset, where they do not mean the same.
OLD_KEYS_OF_METHODS = OLD_KEYS | {"output", "sequences", "target"}


def methods():
    """Names of methods that stand in any of the folders of methods."""
    folders = ("workflow/rules/methods", "workflow/schemas/methods", "docs/methods")
    files = [file for folder in folders for file in (ROOT / folder).iterdir()]
    return sorted({file.name.split(".")[0] for file in files})


def rules():
    """Name to (file, text) of every rule; the text ends where the next begins."""
    result = {}
    for file in RULE_FILES:
        parts = re.split(r"^rule (\w+):$", file.read_text(), flags=re.MULTILINE)[1:]
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            result[name] = (file, text)
    return result


def analyses():
    """Methods that some shipped configuration runs."""
    configurations = [
        yaml.safe_load(file.read_text()) for file in (ROOT / "config").glob("*.yaml")
    ]
    return {
        name
        for configuration in configurations
        for name in configuration.get("analyses", [])
    }


def tracked():
    """Text files that belong to the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: which files are tracked is unknown")
    for name in filter(None, listed.stdout.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in content:
            yield name, content.decode()


RULES = rules()
COMPUTING = sorted(set(RULES) - set(TARGETS))


def test_there_are_methods():
    assert {"filter_pfms", "tomtom"} <= set(methods())


@pytest.mark.parametrize("position", PLACES)
@pytest.mark.parametrize("method", methods())
def test_a_method_has_one_name_everywhere(method, position):
    path = PLACES[position].format(method=method)
    assert list(ROOT.glob(path)), f"{method} has no {position}: {path} is missing"


@pytest.mark.parametrize("method", methods())
def test_a_method_s_rule_and_result_folder_have_its_name(method):
    file, text = RULES[method]
    assert file.name == f"{method}.smk"
    assert f"<network>/{method}/table.tsv" in text
    assert f"<network>/{method}/score.tsv" in text
    assert f'config["methods"]["{method}"]' in text


@pytest.mark.parametrize("method", methods())
def test_a_method_runs_in_a_shipped_configuration(method):
    assert method in analyses()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_has_a_docstring_of_one_sentence(name):
    _, text = RULES[name]
    first = text.strip().splitlines()[0].strip()
    assert re.fullmatch(r'"""[A-Z].*\."""', first), f"rule {name}: {first}"


@pytest.mark.parametrize("name", COMPUTING)
@pytest.mark.parametrize(
    "line",
    [
        r"    log:",
        r"    benchmark:",
        r"    conda:",
        r"    threads: 1",
        r"    resources:",
        r"        mem_mb=.+",
        r"        runtime=.+",
        r"    script:",
        r"        library=library\(.+\),",
    ],
)
def test_a_rule_says(name, line):
    file, text = RULES[name]
    assert re.search(rf"^{line}$", text, re.MULTILINE), f"{file.name}, rule {name}"


@pytest.mark.parametrize("name", COMPUTING)
def test_a_rule_s_script_environment_and_digest_have_its_name(name):
    file, text = RULES[name]
    for path in (f"scripts/{name}.py", f"envs/{name}.yaml"):
        named = re.search(rf'"([./]+{re.escape(path)})"', text)
        assert named, f"{file.name}, rule {name} does not name {path}"
        assert (file.parent / named[1]).is_file(), f"{named[1]} is missing"
    assert f'library("{name}")' in text


@pytest.mark.parametrize("name", COMPUTING)
def test_a_rule_s_log_and_benchmark_are_named_after_it(name):
    _, text = RULES[name]
    assert re.search(rf'"<logs>/{name}[./]', text)
    assert re.search(rf'"<benchmarks>/{name}[./]', text)


@pytest.mark.parametrize("file", RULE_FILES, ids=lambda file: file.name)
def test_what_no_rules_file_has(file):
    text = file.read_text()
    for unwanted in ("run:", "message:", "config.get("):
        assert unwanted not in text, f"{file.name}: {unwanted}"


@pytest.mark.parametrize("name", COMPUTING)
def test_a_rule_declares_its_figures_in_the_other_formats(name):
    """All that it writes as SVG, so that PDF and PNG lie beside it where asked for."""
    file, text = RULES[name]
    text = text.split("\nuse rule ")[0]
    outputs = text.split("    output:\n")[1].split("    log:\n")[0]
    drawn = re.findall(r'"(<\w+>[^"]*)/(\w+)\.svg"', outputs)
    beside = []
    for arguments in re.findall(r"other_formats\((.*?)\)", outputs, re.DOTALL):
        folder, *names = re.findall(r'"([^"]+)"', arguments)
        beside += [(folder, name) for name in names]
    assert drawn == beside, f"{file.name}, rule {name}"
    assert ('figures=config["figures"]' in text) == bool(drawn), file.name


def captions():
    """Captions of figures and tables, without the text that opens the report."""
    for file in RULE_FILES:
        for caption in re.findall(r'caption="([\w./]+)"', file.read_text()):
            yield (file.parent / caption).resolve()


def longer(match):
    """The one of two texts that has more words."""
    return max(match.groups(""), key=lambda text: len(text.split()))


def longest_text(match):
    """Of a value or of several texts, the one that has most words."""
    texts = re.findall(r'"([^"]*)"', match[1])
    return max(texts, key=lambda text: len(text.split()), default="value") or "value"


@pytest.mark.parametrize("file", sorted(set(captions())), ids=lambda file: file.name)
def test_a_caption_is_short(file):
    text = re.sub(r"{{(.*?)}}", longest_text, file.read_text(), flags=re.DOTALL)
    # From the innermost condition outwards.
    plain = r"((?:(?!{%).)*)"
    either = rf"{{%-? if [^%]*%}}{plain}(?:{{%-? else -?%}}{plain})?{{%-? endif -?%}}"
    while (shorter := re.sub(either, longer, text, flags=re.DOTALL)) != text:
        text = shorter
    text = re.sub(r"{%.*?%}", "", text, flags=re.DOTALL)
    assert len(text.split()) <= MAX_CAPTION_WORDS, f"{file.name}: {len(text.split())}"


def test_every_caption_exists_and_is_used():
    used = {
        (file.parent / caption).resolve()
        for file in RULE_FILES
        for caption in re.findall(r'"([\w./]+\.rst)"', file.read_text())
    }
    assert used == set((ROOT / "workflow/report").glob("*.rst"))


def test_common_is_short():
    lines = (ROOT / "workflow/rules/common.smk").read_text().splitlines()
    assert len(lines) < 100


def test_every_module_has_a_subject():
    vague = ("utils", "util", "helpers", "misc", "common", "tools")
    modules = (ROOT / "workflow/scripts").rglob("*.py")
    assert [file.name for file in modules if file.stem in vague] == []


def test_every_source_has_a_reader_a_schema_and_a_page():
    schemas = (ROOT / "workflow/schemas/datasets").glob("*.schema.yaml")
    readers = (ROOT / "workflow/scripts/proofread/datasets/sources").glob("[!_]*.py")
    named = {file.name.split(".")[0] for file in schemas} - {"simulate"}
    assert named == {file.stem for file in readers}
    page = (ROOT / "docs/own_data.md").read_text()
    assert [name for name in named if f"source: {name}\n" not in page] == []


@pytest.mark.parametrize(
    "file",
    sorted((ROOT / "workflow/scripts").glob("*.py")),
    ids=lambda file: file.name,
)
def test_a_script_is_short(file):
    lines = file.read_text().splitlines()
    assert len(lines) <= MAX_SCRIPT_LINES, f"{file.name}: move science to the library"


def imported_by_tests():
    """Dotted names of all that the tests import."""
    for file in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


IMPORTED = set(imported_by_tests())


@pytest.mark.parametrize(
    "file", MODULES, ids=lambda file: str(file.relative_to(LIBRARY))
)
def test_a_module_has_a_test_file_that_names_it_or_its_room(file):
    dotted = ".".join(file.relative_to(LIBRARY.parent).with_suffix("").parts)
    subjects = (file.stem, file.parent.name)
    named = [test for name in subjects for test in ROOT.glob(f"tests/test_{name}*.py")]
    assert named or dotted in IMPORTED, f"no test imports {dotted}"


def parameters(function):
    """Names of a function's arguments, except self and those that it does not use."""
    arguments = function.args
    several = [arguments.vararg, arguments.kwarg]
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *several]
    names = {argument.arg for argument in every if argument is not None}
    return {name for name in names if name.strip("_")} - {"self", "cls"}


def documented_parameters(function):
    """Names in a docstring's section "Parameters", or None if there is none."""
    docstring = ast.get_docstring(function) or ""
    section = re.search(
        r"^Parameters\n-+\n(.*?)(?=^\w[^\n]*\n-+$|\Z)", docstring, re.M | re.S
    )
    if section is None:
        return None
    heads = re.findall(r"^(\S[^:\n]*)", section[1], re.MULTILINE)
    return {name.strip(" *") for head in heads for name in head.split(",")}


@pytest.mark.parametrize(
    "file", SOURCES, ids=lambda file: str(file.relative_to(LIBRARY.parent))
)
def test_a_list_of_parameters_in_a_docstring_is_complete(file):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef):
            names = documented_parameters(node)
            assert names in (None, parameters(node)), f"{node.name}, line {node.lineno}"


def test_a_shortened_list_of_parameters_is_seen():
    (function,) = ast.parse(
        '''def f(self, a, b, *rest, c=1, **others):
    """Do.

    Parameters
    ----------
    a, b : int
        A text: with a colon.
    *rest
        More.

    Returns
    -------
    d : int
    """
'''
    ).body
    assert documented_parameters(function) == {"a", "b", "rest"}
    assert parameters(function) == {"a", "b", "rest", "c", "others"}


def test_every_script_belongs_to_a_rule():
    scripts = {file.stem for file in (ROOT / "workflow/scripts").glob("*.py")}
    assert scripts == set(COMPUTING)


def test_no_host_of_packages_and_no_path_of_a_machine():
    # Put together here, so that this file does not hold them itself.
    hosts = ["pypi" + ".org", "python" + "hosted.org", "ana" + "conda.org"]
    folders = ["/" + folder + "/" for folder in ("work", "root", "Users")]
    result = [
        f"{name}: {item}"
        for name, text in tracked()
        for item in hosts + folders
        if re.search(rf"(?<![\w.]){re.escape(item)}", text)
    ]
    assert result == []


# -- schemas ------------------------------------------------------------------------


def mappings(schema, key=""):
    """Dotted key and schema of every mapping with named keys, at any depth."""
    if not isinstance(schema, dict):
        return
    if "properties" in schema:
        yield key, schema
    for name, part in schema.get("properties", {}).items():
        yield from mappings(part, f"{key}.{name}")
    for keyword in ("oneOf", "anyOf", "allOf"):
        for part in schema.get(keyword, []):
            yield from mappings(part, key)


@pytest.mark.parametrize("file", SCHEMAS, ids=lambda file: file.name)
def test_a_schema_is_closed_and_describes_every_key(file):
    for key, schema in mappings(yaml.safe_load(file.read_text())):
        assert schema.get("additionalProperties") is False, f"{file.name}{key} is open"
        for name, part in schema["properties"].items():
            assert part.get("description"), f"{file.name}{key}.{name}: no description"


@pytest.mark.parametrize("file", SCHEMAS, ids=lambda file: file.name)
def test_a_schema_has_no_old_key(file):
    old = OLD_KEYS_OF_METHODS if file.parent.name == "methods" else OLD_KEYS
    keys = {
        name
        for _, schema in mappings(yaml.safe_load(file.read_text()))
        for name in schema["properties"]
    }
    assert sorted(keys & old) == []


def documented(schema, key=""):
    """Dotted key and default of every key that a user may write."""
    for part in schema.get("oneOf", []):
        yield from documented(part, key)
    for name, part in schema.get("properties", {}).items():
        dotted = f"{key}.{name}".lstrip(".")
        inner = list(documented(part, dotted))
        if inner and not part.get("default"):
            yield from inner
        else:
            yield dotted, part.get("default", "required")


def as_written(value):
    return yaml.safe_dump(value, default_flow_style=True).split("\n")[0].strip()


# Methods have pages of their own, and the experiments table is no mapping.
IN_README = [
    file
    for file in SCHEMAS
    if file.parent.name != "methods" and file.name != "experiments.schema.yaml"
]


@pytest.mark.parametrize("file", IN_README, ids=lambda file: file.name)
def test_the_readme_has_every_key_with_its_default(file):
    readme = (ROOT / "config/README.md").read_text()
    rows = [line.split("|") for line in readme.splitlines() if line.startswith("| `")]
    stated = {(row[1].strip(" `"), row[3].strip(" `")) for row in rows}
    for key, default in documented(yaml.safe_load(file.read_text())):
        assert (key, as_written(default)) in stated, f"{file.name}: {key}, {default}"
