"""The files a configuration was merged from: read strictly, and found again.

Snakemake merges the files and keeps only the result. A key that is written twice in one
file is then lost silently, and a mistake cannot be located.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from proofread.configuration.suggestions import shown
from proofread.errors import InputError

# A value that is text, as a message shows it.
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_UNKNOWN_KEY = re.compile(r"unknown key '([^']+)'")


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that occurs twice in one mapping, and keys that are no names."""

    def construct_object(self, node, deep=False):
        """The value of a node; YAML's own error where its tag does not fit."""
        try:
            return super().construct_object(node, deep)
        except (yaml.YAMLError, InputError):
            raise
        except Exception as error:  # of whatever int(), date() and others raise
            problem = f"{str(node.value)[:40]!r} is not of the type {node.tag}"
            raise yaml.constructor.ConstructorError(
                None, None, problem, node.start_mark
            ) from error


def _mapping(loader, node):
    lines = {}
    for key, _ in node.value:
        if key.tag == _MERGE:  # `<<: *name` brings the keys of another mapping
            continue
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise InputError(
                f"{loader.name}, line {line}",
                "a list or a mapping as a key",
                "a name before each colon",
                "put a text that begins with [ or { in quotes, and correct the colon",
            )
        name = loader.construct_object(key)
        if name in lines:
            raise InputError(
                f"{loader.name}, line {line}",
                f"the key {name!r} again; first in line {lines[name]}",
                "each key once: YAML keeps only the last of two",
                "remove one of them",
            )
        lines[name] = line
    return loader.construct_mapping(node, deep=True)


_MERGE = "tag:yaml.org,2002:merge"
_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _read(path, named):
    """The content of a file: a mapping, empty if there is nothing in it."""
    where, text = named, ""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        loader = _StrictLoader(text)
        loader.name = named
        content = loader.get_single_data()
    except OSError as error:
        result = f"not readable ({error.strerror})"
        remedy = "correct the path or the permissions"
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        where = f"{named}, line {line}"
        result = f"the byte 0x{error.object[error.start]:02x}, which is not UTF-8"
        remedy = "save the file as UTF-8 text"
    except yaml.reader.ReaderError as error:
        where = f"{named}, line {text.count(chr(10), 0, error.position) + 1}"
        result = f"not YAML (the character U+{error.character:04X})"
        remedy = "remove this character"
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(
            error, "context_mark", None
        )
        where = f"{named}, line {mark.line + 1}" if mark else named
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        result = f"not YAML ({reason})"
        remedy = (
            "correct this line or those before it: indent with spaces, close every "
            "bracket and quote, put a space after each colon"
        )
    else:
        if isinstance(content or {}, dict):
            return content or {}
        result, remedy = f"{type(content).__name__} {str(content)[:40]!r}", "add a key"
    raise InputError(where, result, "a configuration: keys and values in YAML", remedy)


@dataclass(frozen=True)
class ConfigurationFiles:
    """Configuration files in the order in which they were merged, the user's last.

    Attributes
    ----------
    contents : dict of str to dict
        Content of each file, by its path as messages show it.
    title : str
        Name of the configuration if no file holds it.
    """

    contents: dict
    title: str

    @classmethod
    def read(cls, paths, section=(), title="the configuration"):
        """Read the files; `InputError` if one is not YAML, or a key occurs twice.

        Parameters
        ----------
        paths : iterable of str or path
        section : sequence of str, or None
            Keys under which the files hold the configuration, as of `section_of`;
            None if they do not hold it.
        title : str
        """
        contents = {}
        for path in dict.fromkeys(map(str, [] if section is None else paths)):
            named = path.removeprefix(f"{Path.cwd()}/")
            content = _read(path, named)
            if _depth(content, section) == len(section):
                for key in section:
                    content = content[key]
                contents[", ".join([named, *section])] = content or {}
        return cls(contents, title)

    def __str__(self):
        return " + ".join(self.contents) or self.title

    def located(self, error):
        """The same mistake, located in the file that holds its key.

        Parameters
        ----------
        error : InputError
            With `where` as ``<these files>: dotted.key``, or ``<these files>`` for an
            unknown key at the top.
        """
        before, separator, key = f"{error.where}: ".partition(f"{self}: ")
        if before or not separator or len(self.contents) == 0:
            return error
        key = key.removesuffix(": ")
        unknown = _UNKNOWN_KEY.match(error.found)
        parts = key.split(".") if key else []
        if unknown:
            parts.append(unknown[1])
        elif not parts:  # a key that is in none of the files
            return error
        # Of files that hold the key equally deep, the last one prevails.
        depths = {
            file: _depth(content, parts) for file, content in self.contents.items()
        }
        is_text = _TEXT.fullmatch(error.found) and ", item" not in key
        if is_text and len(parts) > 1 and not self._hold(parts, error.found):
            # No file has it: Snakemake was given it on the command line.
            return InputError(
                f"--config: {key}",
                f"the text {error.found}",
                error.expected,
                "write it into a configuration file: Snakemake passes nested values of "
                "--config as text",
            )
        file = max(reversed(depths), key=depths.get)
        own = list(self.contents)[-1]
        remedy = error.remedy
        if file != own:
            remedy += (
                f"; if you did not write it: {own} is merged with {file}, so choose a "
                "name that is not used there"
            )
        where = f"{file}: {key}" if key else file
        return InputError(where, error.found, error.expected, remedy)

    def _hold(self, parts, text):
        """Whether a file has this text, as a message shows it, at a key."""
        for content in self.contents.values():
            if _depth(content, parts) == len(parts):
                for part in parts:
                    content = content[part]
                if shown(content) == text:
                    return True
        return False


def section_of(config, whole):
    """The keys of a module's configuration in that of the workflow that uses it.

    Parameters
    ----------
    config, whole : dict
        `config` is the same object as in `whole`, not an equal one.

    Returns
    -------
    tuple of str, or None
        The keys that lead to it; empty if it is the whole, None if it is not there.
    """
    if config is whole:
        return ()
    for key, value in whole.items() if isinstance(whole, dict) else ():
        keys = section_of(config, value)
        if keys is not None:
            return (str(key), *keys)
    return None


def _depth(value, parts):
    """How many of the keys, one after the other, exist in nested mappings."""
    for depth, part in enumerate(parts):
        if not isinstance(value, dict) or part not in value:
            return depth
        value = value[part]
    return len(parts)
