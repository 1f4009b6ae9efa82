"""Whether the files that a configuration names exist."""

import os

from proofread.configuration.foreign_formats import (
    check_fasta,
    interval_format,
    refuse_pointer,
    signal_format,
)
from proofread.configuration.schema import SCHEMAS, schema_of
from proofread.configuration.suggestions import advice
from proofread.configuration.user_files import paths_of
from proofread.errors import InputError

DOWNLOADS_FOLDER = "resources/data"


def check_files(checked, config_path):
    """Every file that a configuration names is there, or will be downloaded.

    Parameters
    ----------
    checked : dict
        The configuration with every default filled in.
    config_path : str
        What to call it in a message.

    Raises
    ------
    InputError
        For the first file that is missing.
    """
    known = {"made": checked["downloads"], "external": checked["external_files"]}
    for section in ("datasets", "databases"):
        for key, path in paths_of(checked[section], section):
            check_file(path, config_path, key, **known)
    for name, model in checked["models"].items():
        if "import" in model and model["import"]["weights"] is not None:
            key, path = f"models.{name}.import.weights", model["import"]["weights"]
            check_file(path, config_path, key, **known)
    for key in ("query", "target", "sites", "published"):
        if checked[key] is not None:
            check_file(checked[key], config_path, key, **known)
    for method in checked["analyses"]:
        schema = schema_of(method, SCHEMAS / "methods")
        settings, section = checked["methods"][method], f"methods.{method}"
        for key, path in paths_of(settings, section):
            check_file(path, config_path, key, **known)
        for key, path, content in _marked(schema, settings, section):
            check_file(path, config_path, key, **known)
            if content:
                _check_content(path, content, f"{config_path}: {key}")


def _marked(schema, settings, key):
    """Dotted key, path and content of each file that a schema marks (format: file)."""
    if schema.get("format") == "file" and settings is not None:
        yield key, settings, schema.get("content")
    if isinstance(settings, dict):
        others = schema.get("additionalProperties") or {}
        for name, value in settings.items():
            part = schema.get("properties", {}).get(name, others)
            yield from _marked(part, value, f"{key}.{name}")


def _check_content(path, content, where):
    """Refuse a file of another format before any job runs.

    A job that reads it may come hours later, after the training of networks.

    Parameters
    ----------
    path : str
        A file that is not there is downloaded, and not looked at.
    content : str
        ``fasta``, ``intervals`` or ``signal``.
    where : str
        The key with the path, for the message.
    """
    try:
        if content == "intervals":
            interval_format(path)
        elif content == "signal":
            signal_format(path)
        elif os.path.isfile(path):
            check_fasta(path)
    except InputError as error:
        result = f"{path}: {error.found}"
        raise InputError(where, result, error.expected, error.remedy) from None


def check_file(path, config_path, key, *, made=(), external=None):
    """A file is there, or the workflow downloads it.

    Parameters
    ----------
    path : str
    config_path, key : str
        The position of the path in the configuration.
    made : iterable of str
        Names of the files that the workflow downloads.
    external : dict of str to str
        How to get the files that the user provides, by path.

    Raises
    ------
    InputError
        If the file is missing, not readable or only a pointer of Git LFS, or if its
        path has braces.
    """
    if "{" in path or "}" in path:
        raise InputError(
            f"{config_path}: {key}",
            f"{path!r}, with a brace",
            "a path without { and }, which Snakemake reads as wildcards",
            "rename the file or its folder, or link to it",
        )
    files = [f"{DOWNLOADS_FOLDER}/{name}" for name in made]
    if os.path.normpath(path) in files:
        return
    if os.path.isfile(path):
        try:
            with open(path, "rb") as file:
                beginning = file.read(200)
        except OSError as error:
            raise InputError(
                f"{config_path}: {key}",
                f"{path}, not readable ({error.strerror})",
                "a file that can be read",
                "correct the permissions or the path",
            ) from error
        refuse_pointer(f"{config_path}: {key}: {path}", beginning)
        return
    expected = (
        f"a file that exists, or one under 'downloads' ({DOWNLOADS_FOLDER}/<name>)"
    )
    if external and path in external:
        expected, remedy = "a file of your own", external[path]
    elif path.startswith(f"{DOWNLOADS_FOLDER}/") and made:
        name = path.removeprefix(f"{DOWNLOADS_FOLDER}/")
        otherwise = f"add {name!r} under 'downloads', or put the file there"
        remedy = advice(name, list(made), otherwise)
    else:
        remedy = "correct the path; it is relative to the working directory"
    raise InputError(
        f"{config_path}: {key}",
        f"{path!r} is not a file",
        expected,
        remedy,
    )
