"""Checks a user's settings against a schema, and fills in defaults.

The schemas are JSON Schema (Draft 2020-12) written in YAML, under
workflow/schemas. They are closed, so a misspelt key is a mistake and not a setting
without effect.
"""

import functools
import math
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.validators import extend

from proofread.configuration.suggestions import advice, shown, suggest
from proofread.errors import InputError

SCHEMAS = Path(__file__).parents[3] / "schemas"

_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping (indented lines of 'key: value')",
    "string": "text",
}


@functools.cache  # hundreds of experiments ask for the same schemas
def read_schema(path):
    """A schema as a dictionary, not to be changed; it is part of the workflow."""
    schema = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return schema


def schema_of(name, folder=SCHEMAS):
    """The schema of a section, a source or a method, by its name."""
    return read_schema(Path(folder) / f"{name}.schema.yaml")


def schema_names(folder):
    """Names of the schemas in a folder, sorted."""
    return sorted(file.name.split(".")[0] for file in folder.glob("*.schema.yaml"))


def check(value, schema, where, key=""):
    """Fill in the defaults and check the result.

    Parameters
    ----------
    value : object
        The user's settings; left unchanged.
    schema : dict
        From `read_schema`.
    where : str
        The user's file, for the message.
    key : str
        Dotted key of `value` in that file; empty for the whole of it.

    Returns
    -------
    object
        A copy of `value`, in the order of the schema, with every default filled,
        also below a mapping that is absent or empty (a bare ``training:``).

    Raises
    ------
    InputError
        For the first mistake: unknown keys first, since a misspelt key is also a
        missing one, then in the order of the file.
    """
    result = fill(value, schema)
    validator = _Validator(schema, format_checker=FormatChecker(["regex"]))
    errors = list(validator.iter_errors(result))
    if errors:
        raise _message(min(map(_innermost, errors), key=_urgency), where, key)
    return result


def fill(value, schema):
    """A copy of `value` with the defaults of `schema`; nothing is checked."""
    if value is None and schema.get("type") == "object":
        value = {}
    if schema.get("type") == "integer" and _is_whole(value):
        return int(value)
    if isinstance(value, list):
        return [fill(item, schema.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    result = _fill_mapping(value, schema)
    for part in _applicable(result, schema):
        result = fill(result, part)
    return result


def described(schema):
    """The values that a schema allows, as text."""
    alternatives = schema.get("oneOf") or schema.get("anyOf")
    if alternatives:
        text = ", or ".join(map(described, alternatives))
    elif "const" in schema:
        text = _plain(schema["const"])
    elif "enum" in schema:
        text = "one of " + ", ".join(map(_plain, schema["enum"]))
    else:
        text = _described_type(schema)
    description = schema.get("description", "").strip().rstrip(".")
    if "pattern" in schema:  # only the description explains the form
        return description
    return f"{text}: {description}" if text and description else text or description


def _is_number(_, value):
    # Unlike JSON, YAML has .inf and .nan, which pass every bound.
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)


_Validator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("number", _is_number),
)


def _is_whole(value):
    return isinstance(value, float) and value.is_integer()


def _fill_mapping(value, schema):
    result = {}
    for key, part in schema.get("properties", {}).items():
        if key in value:
            result[key] = fill(value[key], part)
        elif "default" in part:
            result[key] = fill(part["default"], part)
        elif "properties" in part and key not in schema.get("required", []):
            result[key] = fill({}, part)
    others = schema.get("additionalProperties", {})
    others = others if isinstance(others, dict) else {}
    for key in value:
        if key not in result:
            result[key] = fill(value[key], others)
    return result


def _applicable(value, schema):
    """The parts of a schema that apply to this value: branches and conditions."""
    alternatives = schema.get("oneOf") or schema.get("anyOf")
    if alternatives:
        yield alternatives[_closest(value, alternatives)]
    yield from schema.get("allOf", [])
    if "if" in schema:
        holds = _Validator(schema["if"]).is_valid(value)
        yield schema.get("then" if holds else "else", {})


def _closest(value, alternatives):
    """Index of the alternative that the user probably meant."""

    def distance(index):
        schema = alternatives[index]
        if not isinstance(value, dict):
            return not _Validator({"type": schema.get("type", [])}).is_valid(value)
        keys = schema.get("properties", {})
        # A misspelt key suggests the alternative that has the correct one.
        unknown = sum(
            1 if suggest(key, keys) else 2 for key in value if key not in keys
        )
        missing = sum(key not in value for key in schema.get("required", []))
        return (schema.get("type", "object") != "object", unknown, missing)

    return min(range(len(alternatives)), key=distance)


def _innermost(error):
    """The mistake inside the alternative that the user probably meant."""
    if error.validator not in ("oneOf", "anyOf"):
        return error
    value, alternatives = error.instance, error.validator_value
    chosen = _closest(value, alternatives)
    kind = alternatives[chosen].get("type")
    if kind and not _Validator({"type": kind}).is_valid(value):
        return error  # no alternative has this type: name them all
    inside = [nested for nested in error.context if nested.schema_path[0] == chosen]
    return min(map(_innermost, inside), key=_urgency) if inside else error


def _urgency(error):
    return error.validator != "additionalProperties", len(error.absolute_path)


def _message(error, where, key):
    path = _dotted(key, error.absolute_path)
    if error.validator == "additionalProperties":
        return _unknown_key(error, where, path)
    if error.validator == "required":
        return _missing_key(error, where, path)
    if error.validator == "minProperties":
        result, remedy = "nothing in it", "add an entry below it"
    elif error.validator == "maxProperties":
        more = len(error.instance) - error.validator_value
        entries = "an entry" if more == 1 else f"{more} entries"
        result, remedy = f"{len(error.instance)} entries", f"remove {entries}"
    else:
        result, remedy = shown(error.instance), _remedy(error)
    return InputError(_place(where, path), result, described(error.schema), remedy)


def _unknown_key(error, where, path):
    known = list(error.schema.get("properties", {}))
    name = next(key for key in error.instance if key not in known)
    remedy = advice(name, known, "remove it")
    if not isinstance(name, str):
        remedy = f"YAML reads it as {name!r}: put the key in quotes, or remove it"
    return InputError(
        _place(where, path),
        f"unknown key {name!r}",
        "one of " + ", ".join(known) if known else "nothing below it",
        remedy,
    )


def _missing_key(error, where, path):
    name = next(key for key in error.validator_value if key not in error.instance)
    expected = described(error.schema.get("properties", {}).get(name, {}))
    return InputError(
        _place(where, path),
        f"no {name!r}",
        f"{name}: {expected}" if expected else f"a key {name!r}",
        f"add a line '{name}: ...' there",
    )


def _remedy(error):
    """What to do about a value of the wrong kind."""
    value, schema, limit = error.instance, error.schema, error.validator_value
    match error.validator:
        case "minimum" | "minLength":
            return f"raise it to {limit} or more"
        case "maximum" | "maxLength":
            return f"lower it to {limit} or less"
        case "exclusiveMinimum":
            return f"raise it above {limit}"
        case "exclusiveMaximum":
            return f"lower it below {limit}"
        case "enum":
            return advice(value, limit, "choose one of them")
        case "uniqueItems":
            return "remove the repeated item"
        case "contains":
            return f"add {limit['const']}"
        case "minItems":
            return f"list at least {limit}"
        case "maxItems":
            return f"list at most {limit}"
    if value is None:
        remedy = "write a value after the colon"
    elif _wants_number(schema) and _reads_as_number(value):
        # YAML 1.1 takes 1e-3, without a point, for text.
        return (
            f"write {_plain_number(value)} without quotes (1e-3 needs a point: 1.0e-3)"
        )
    elif schema.get("type") == "array" and not isinstance(value, dict | list):
        return f"write it as a list: [{value}]"
    else:
        remedy = "correct it"
    if "default" in schema:
        remedy += f", or remove the line to get {_plain(schema['default'])}"
    return remedy


def _described_type(schema):
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    bounds = _described_bounds(schema)
    if not kinds:  # a condition that narrows another part of the schema
        return f"a value{bounds}" if bounds else ""
    names = [_TYPES[kind] for kind in kinds]
    text = (f"{bounds}, or " if bounds else " or ").join(names)
    text += bounds if len(names) == 1 else ""
    if "array" in kinds:
        items = described(schema.get("items", {}))
        text += f", each {items}" if items else ""
        text += ", none twice" if schema.get("uniqueItems") else ""
        text += f", with {schema['contains']['const']}" if "contains" in schema else ""
    if "object" in kinds and schema.get("properties"):
        text = "a mapping of " + ", ".join(schema["properties"])
    return text


def _described_bounds(schema):
    """Bounds of a number or a length, to follow its type."""
    if "minimum" in schema and "maximum" in schema:
        return f" from {schema['minimum']} to {schema['maximum']}"
    if "minProperties" in schema and "maxProperties" in schema:
        return f" with {schema['minProperties']} to {schema['maxProperties']} entries"
    phrases = {
        "minimum": "of at least",
        "exclusiveMinimum": "above",
        "maximum": "of at most",
        "exclusiveMaximum": "below",
        "minItems": "of at least",
        "minProperties": "with at least",
        "maxItems": "of at most",
    }
    parts = [f"{phrases[key]} {schema[key]}" for key in phrases if key in schema]
    return " " + " and ".join(parts) if parts else ""


def _dotted(key, path):
    """Dotted key with list items counted from 1: 'datasets.a.motifs, item 2'."""
    for step in path:
        if isinstance(step, int):
            key = f"{key}, item {step + 1}"
        else:
            key = f"{key}.{step}" if key else str(step)
    return key


def _place(where, path):
    return f"{where}: {path}" if path else str(where)


def _plain(value):
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wants_number(schema):
    return schema.get("type") in ("integer", "number")


def _reads_as_number(value):
    try:
        return isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        return False


def _plain_number(text):
    value = float(text)
    return int(value) if value.is_integer() else value
