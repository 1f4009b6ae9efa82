"""No file is ever run: the calls that could, and commands of the shell, are nowhere."""

import ast
import contextlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    file
    for folder in ("workflow", "tools", "examples")
    for file in (ROOT / folder).rglob("*.py")
)
RULES = [
    *(ROOT / "Snakefile", ROOT / "workflow/Snakefile"),
    *sorted((ROOT / "workflow/rules").rglob("*.smk")),
]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
# Calls that run what they read, whatever their arguments.
FORBIDDEN = {
    *("eval", "exec", "compile", "os.system", "os.popen", "yaml.load", "yaml.load_all"),
    *("yaml.full_load", "yaml.unsafe_load", "pickle.load", "pickle.loads"),
    *("pickle.Unpickler", "marshal.loads", "shelve.open", "joblib.load", "dill.load"),
    *("torch.jit.load", "torch.hub.load", "pd.read_pickle", "pd.eval"),
}
# Calls that do unless they are told otherwise.
REQUIRED = {
    "torch.load": ("weights_only", True),
    "np.load": ("allow_pickle", False),
}


def problems(source):
    """Line and call of all that may run what it reads."""
    result = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).replace("numpy.", "np.")
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        shell = given.get("shell")
        key, value = REQUIRED.get(name, (None, None))
        told = given.get(key)
        if (
            name in FORBIDDEN
            or (key and not (isinstance(told, ast.Constant) and told.value is value))
            or (shell and not (isinstance(shell, ast.Constant) and not shell.value))
        ):
            result.append((node.lineno, name))
    return result


def test_no_module_runs_a_file():
    assert len(FILES) > 200
    assert {
        str(file.relative_to(ROOT)): calls
        for file in FILES
        if (calls := problems(file.read_text(encoding="utf-8")))
    } == {}


@pytest.mark.parametrize(
    "call",
    [
        *("torch.load(path)", "torch.load(path, weights_only=False)"),
        *("np.load(path)", "numpy.load(path, allow_pickle=True)"),
        *("yaml.load(text, Loader=yaml.SafeLoader)", "pickle.loads(content)"),
        *("subprocess.run(command, shell=True)", "eval(text)", "os.system(command)"),
    ],
)
def test_what_may_run_a_file_is_seen(call):
    assert [line for line, _ in problems(f"\n{call}\n")] == [2]


@pytest.mark.parametrize(
    "call",
    [
        *("torch.load(path, weights_only=True)", "np.load(path, allow_pickle=False)"),
        *("yaml.safe_load(text)", "re.compile(text)", "network.eval()"),
        *("ast.literal_eval(text)", "subprocess.run(command, shell=False)"),
    ],
)
def test_what_runs_no_file_is_taken(call):
    assert problems(call) == []


@pytest.mark.parametrize("file", RULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_rule_has_a_command_of_the_shell(file):
    """So that no name, whatever its characters, is ever read by one."""
    text = file.read_text(encoding="utf-8")
    assert re.search(r"^\s*(shell|run)\s*:|\bshell\(", text, re.MULTILINE) is None


def test_no_page_teaches_an_unsafe_call():
    for page in sorted((ROOT / "docs").rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        for block in re.findall(
            r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE
        ):
            with contextlib.suppress(SyntaxError):  # a rule of Snakemake
                assert problems(block) == [], page
