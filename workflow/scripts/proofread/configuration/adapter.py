"""An adapter: the user's Python file that makes a model.

The configuration names it. It is the user's code and is imported as such; its arguments
(settings, weights) are data only. No torch here, because the configuration is checked
with this module too.
"""

import ast
import contextlib
import hashlib
import importlib.util
import logging
import sys
import traceback
from pathlib import Path

from proofread.configuration.suggestions import advice
from proofread.errors import InputError

log = logging.getLogger("proofread")
# Packages that a module next to an adapter would hide.
_TAKEN = {
    *sys.stdlib_module_names,
    "proofread",
    "torch",
    "numpy",
    "scipy",
    "pandas",
    "h5py",
    "sklearn",
}


def adapter_files(path):
    """The adapter and the modules in its folder that it imports, directly or not.

    Parameters
    ----------
    path : str or path
        The adapter, a Python file.

    Returns
    -------
    list of pathlib.Path
        The adapter first, then the others, sorted.

    Raises
    ------
    InputError
        If a file is not Python, or would hide an installed package.
    """
    path = Path(path)
    result, waiting = set(), [path]
    while waiting:
        file = waiting.pop()
        if file in result:
            continue
        result.add(file)
        for name in _imported(file):
            module, package = path.parent / f"{name}.py", path.parent / name
            if module.is_file():
                waiting.append(module)
            elif (package / "__init__.py").is_file():
                waiting.extend(package.rglob("*.py"))
    for file in result:
        taken = file.relative_to(path.parent).parts[0].removesuffix(".py")
        if taken in _TAKEN:
            raise InputError(
                file,
                f"the name {taken!r} would hide the package {taken}",
                "a name that no package has",
                "rename the file",
            )
    return [path, *sorted(result - {path})]


def adapter_digest(path):
    """Digest of an adapter and of the modules in its folder that it imports.

    Returns
    -------
    str
        Sixteen hexadecimal digits of the sha256 over names and contents; it does not
        depend on the folder.
    """
    folder, digest = Path(path).parent, hashlib.sha256()
    for file in adapter_files(path):
        content = file.read_bytes()
        name = file.relative_to(folder).as_posix()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def check_adapter(path, function):
    """Check that an adapter is Python and has the function, without running it."""
    known = _top_level(_parsed(path))
    if function not in known:
        raise InputError(
            path,
            f"no function {function!r}",
            f"def {function}(settings, weights): ..."
            + (f"; it has {', '.join(known)}" if known else ""),
            advice(function, known, "add the function, or name it under 'function'"),
        )
    adapter_files(path)


def call_adapter(path, function, settings, weights):
    """Call the adapter's function and return its model.

    Parameters
    ----------
    path : str or path
        The adapter; it can import modules in its folder by their name.
    function : str
        Called as ``function(settings, weights)``.
    settings : dict
    weights : object
        From `proofread.models.weights.read_weights`.

    Raises
    ------
    InputError
        If the adapter cannot be imported or its function fails, with the line.
    """
    check_adapter(path, function)
    with _importable(path) as name:
        spec = importlib.util.spec_from_file_location(name, Path(path).resolve())
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        # The last line of the log, should this code end the process.
        log.info("%s: importing it, then calling %s", path, function)
        with explained(path, "the import fails", "correct the adapter"):
            spec.loader.exec_module(module)
        remedy = "correct the adapter, its settings or its weights"
        with explained(path, f"{function}(settings, weights) fails", remedy):
            return getattr(module, function)(settings, weights)


@contextlib.contextmanager
def explained(path, what, remedy):
    """Turn any failure of the user's code into a message; log the traceback."""
    try:
        yield
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        log.info("%s", "".join(traceback.format_exception(error)))
        own = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if Path(frame.filename).is_relative_to(Path(path).resolve().parent)
        ]
        at = f" at {Path(own[-1].filename).name}, line {own[-1].lineno}" if own else ""
        reason = " ".join(str(error).split()) or "no message"
        raise InputError(
            path,
            f"{what}{at}: {type(error).__name__}: {reason}",
            "code that runs (docs/user_model.md describes adapters)",
            f"{remedy}; the log has the whole traceback",
        ) from error


@contextlib.contextmanager
def _importable(path):
    """Import from the adapter's folder first, and forget its modules afterwards.

    Two adapters may each have a module `network` in their folder.
    """
    folder = Path(path).resolve().parent
    names = {
        file.relative_to(Path(path).parent).parts[0].removesuffix(".py")
        for file in adapter_files(path)
    }

    def take_out():
        mine = [name for name in sys.modules if name.split(".")[0] in names]
        return {name: sys.modules.pop(name) for name in mine}

    others, bytecode = take_out(), sys.dont_write_bytecode
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True  # no __pycache__ in the user's folder
    importlib.invalidate_caches()
    try:
        yield Path(path).stem
    finally:
        sys.dont_write_bytecode = bytecode
        sys.path.remove(str(folder))
        take_out()
        sys.modules.update(others)


def _parsed(path):
    try:
        # Of bytes Python finds the encoding as for any module: UTF-8, or as declared.
        return ast.parse(Path(path).read_bytes())
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise InputError(
            path,
            f"not Python{f' (line {line}: {error.msg})' if line else ''}",
            "a Python file with the function load(settings, weights)",
            "correct the syntax",
        ) from error


def _top_level(tree):
    """Names that a module's top level defines or imports."""
    names = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.ImportFrom):
            names += [alias.asname or alias.name for alias in node.names]
        elif isinstance(node, ast.Assign):
            names += [
                target.id for target in node.targets if isinstance(target, ast.Name)
            ]
    return names


def _imported(file):
    """First parts of the names that a file imports."""
    for node in ast.walk(_parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]
