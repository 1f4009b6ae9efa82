"""The library modules that a script uses, which Snakemake does not track.

Snakemake runs a rule again if its script changes, but not if a module that the script
imports changes. A digest of those modules is a parameter of the rule, so a change of a
module reruns exactly the rules that use it.
"""

import ast
import functools
import hashlib
from pathlib import Path

PACKAGE = "proofread"
# Modules that find others, and templates, by a name from the configuration.
_BY_NAME = {
    "models/checkpoint.py": "models/architectures/*.py",
    "report/__init__.py": "report/**/*.*",
    "datasets/sources/__init__.py": "datasets/sources/*.py",
}


def library_digest(script_path):
    """Digest of the library modules that a script imports, directly or not.

    Parameters
    ----------
    script_path : str or path
        A script with the package `proofread` beside it.

    Returns
    -------
    str
        Sixteen hexadecimal digits of the sha256 over names and contents; no path
        and no date.
    """
    script = Path(script_path)
    digest = hashlib.sha256()
    for module in library_modules(script):
        content = (script.parent / module).read_bytes()
        digest.update(f"{module}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def library_modules(script_path):
    """Files of the library that a script imports, directly or not.

    Imports inside functions count. The networks belong to `models.checkpoint`, the
    page's sections and templates to `report` and the readers to `datasets.sources`,
    which find them by name.

    Parameters
    ----------
    script_path : str or path

    Returns
    -------
    list of str
        Paths relative to the script's folder, sorted.
    """
    folder = Path(script_path).parent
    result, waiting = set(), [Path(script_path)]
    while waiting:
        for file in _imported(waiting.pop(), folder):
            if file not in result:
                result.add(file)
                waiting.append(file)
    return sorted(file.relative_to(folder).as_posix() for file in result)


def _imported(file, folder):
    """Files of the library that one file imports itself."""
    if file.suffix != ".py":  # a template, a style sheet
        return
    for name in _names_in(file.read_text(encoding="utf-8")):
        yield from _files(name, folder)
    package = folder / PACKAGE
    if file.is_relative_to(package):
        pattern = _BY_NAME.get(file.relative_to(package).as_posix())
        files = package.glob(pattern) if pattern else ()
        yield from sorted(path for path in files if path.suffix != ".pyc")


@functools.cache  # the scripts share most of their modules
def _names_in(source):
    """Dotted names of the library that the imports of a module may mean, sorted."""
    names = {name for node in ast.walk(ast.parse(source)) for name in _names(node)}
    return sorted(name for name in names if name.split(".")[0] == PACKAGE)


def _names(node):
    """Dotted names that an import may mean: `from a import b` is a or a.b."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(name, folder):
    """The module of a dotted name, where it is one, and the packages above it."""
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        path = folder.joinpath(*parts[:depth])
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                yield file
