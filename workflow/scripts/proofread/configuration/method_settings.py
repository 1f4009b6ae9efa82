"""The settings of methods, and what a method needs in order to run."""

from proofread.configuration.discovery import fill_source
from proofread.configuration.schema import SCHEMAS, check, fill, schema_names, schema_of
from proofread.configuration.suggestions import advice
from proofread.errors import InputError


def fill_methods(checked, schemas, config_path):
    """Check the settings of methods and fill in their defaults, in place.

    Settings of methods that do not run are checked, too.

    Parameters
    ----------
    checked : dict
        The configuration; `analyses` names the methods that run.
    schemas : path
        workflow/schemas.
    config_path : str
        What to call the configuration in a message.

    Raises
    ------
    InputError
        For the first mistake.
    """
    known = schema_names(schemas / "methods")
    methods, analyses = checked["methods"], checked["analyses"]
    named = [("analyses", name) for name in analyses]
    for section, name in named + [("methods", name) for name in methods]:
        if name not in known:
            raise InputError(
                f"{config_path}: {section}",
                f"unknown method {name!r}",
                "one of " + ", ".join(known),
                advice(name, known, "correct or remove it"),
            )
    for name in dict.fromkeys([*analyses, *methods]):
        schema = schema_of(name, schemas / "methods")
        key = f"methods.{name}"
        methods[name] = check(methods.get(name), schema, config_path, key)
        if name in analyses:
            _check_needs(name, schema, checked, config_path)
            _check_alternatives(schema, methods[name], f"{config_path}: {key}")
            _check_partners(schema, methods[name], f"{config_path}: {key}")
    fill_source(checked, config_path)
    for name in analyses:
        _check_listed(name, schema_of(name, schemas / "methods"), methods, config_path)


def settings_of(name, checked):
    """Settings of a method; its defaults where the configuration does not name it."""
    schema = schema_of(name, SCHEMAS / "methods")
    return fill(checked["methods"].get(name, {}), schema)


def scored(methods):
    """Those of the methods that score their results against the planted truth.

    A schema says ``scored: false`` of the others; they need no negative control.
    """
    folder = SCHEMAS / "methods"
    return [name for name in methods if schema_of(name, folder).get("scored", True)]


def _check_needs(name, schema, checked, config_path):
    """Check that the methods and databases that a method needs are there."""
    settings, known = checked["methods"][name], list(checked["databases"])
    for needed in schema.get("needs", []):
        if needed not in checked["analyses"]:
            raise InputError(
                f"{config_path}: analyses",
                f"{name} without {needed}",
                f"{needed} as well, whose results {name} reads",
                f"add {needed} to analyses, or remove {name}",
            )
    any_of = schema.get("needs_one_of", [])
    if any_of and not set(any_of) & set(checked["analyses"]):
        raise InputError(
            f"{config_path}: analyses",
            f"{name} without any of {', '.join(any_of)}",
            f"one of them or more, whose results {name} reads",
            f"add one to analyses, or remove {name}",
        )
    for database in settings.get("databases", []):
        if database not in known:
            raise InputError(
                f"{config_path}: methods.{name}.databases",
                f"database {database!r} is not under 'databases'",
                "one of " + ", ".join(known) if known else "a name under 'databases'",
                advice(
                    database, known, "add it under 'databases', or correct the name"
                ),
            )


def _check_listed(name, schema, methods, config_path):
    """Check settings that name entries of another method's list (`listed_in`)."""
    for key, where in schema.get("listed_in", {}).items():
        method, setting = where.split(".")
        if methods[name].get("source", method) != method:
            continue  # it reads the results of another method
        values, listed = methods[name][key], methods[method][setting]
        for value in values if isinstance(values, list) else [values]:
            if value not in listed:
                raise InputError(
                    f"{config_path}: methods.{name}.{key}",
                    f"{value} is not in methods.{where}",
                    "one of " + ", ".join(listed),
                    f"add it to methods.{where}, or name another",
                )


def _check_partners(schema, settings, where):
    """Refuse a setting without the one it belongs to (`only_with` in the schema)."""
    for key, partner in schema.get("only_with", {}).items():
        if settings[key] is not None and settings[partner] is None:
            raise InputError(
                f"{where}.{key}",
                f"{key} without {partner}",
                f"{partner} as well, which {key} belongs to",
                f"give the {partner}, or remove {key}",
            )


def _check_alternatives(schema, settings, where):
    """Refuse two of the settings that give the motifs (`motifs_from` in the schema)."""
    given = [key for key in schema.get("motifs_from", []) if settings[key]]
    if len(given) > 1:
        raise InputError(
            where,
            f"both {given[0]} and {given[1]}",
            "one of them, or neither where all motifs were planted",
            f"remove {given[0]} or {given[1]}",
        )
