"""Settings of methods that quantitative targets do not allow (`binary_only`, schema).

Apart from `quantities`, which the report imports: its environment has no jsonschema.
"""

from proofread.configuration.labels import is_quantitative
from proofread.configuration.schema import SCHEMAS, schema_of
from proofread.errors import InputError


def check_row(row, config, where):
    """Refuse a setting that needs classes, for a dataset without them.

    Parameters
    ----------
    row : dict of str to str
        Of the experiments table.
    config : dict
        From `check_configuration`.
    where : str
        The table and the row.

    Raises
    ------
    InputError
        With the setting and the remedy.
    """
    if is_quantitative(config["datasets"][row["dataset"]]):
        for method in config["analyses"]:
            _check_settings(method, row["dataset"], config, where)


def _check_settings(method, name, config, where):
    """Refuse settings that need classes or probabilities (`binary_only`, schema)."""
    schema = schema_of(method, SCHEMAS / "methods")
    for rule in schema.get("binary_only", []):
        value = config["methods"][method]
        for part in rule["key"].split("."):
            value = value[part]
        of_list = isinstance(value, list)
        if rule["value"] not in (value if of_list else [value]):
            continue
        wrong, name_of_setting = _written(rule["value"]), rule["key"].split(".")[-1]
        # No value of some settings is in the words of a number: their default holds.
        expected, change = f"no {name_of_setting}", f"remove {name_of_setting}"
        if "instead" in rule:
            expected = instead = _written(rule["instead"])
            change = f"write {name_of_setting}: {instead} there"
            if of_list:
                change = f"write {instead} in its place"
        raise InputError(
            where,
            f"methods.{method}.{rule['key']}: {wrong}, and the targets of {name!r} are "
            "quantitative",
            f"{expected}: {rule['why']}",
            f"{change}, or explain this dataset with a configuration of its own",
        )


def _written(value):
    """A value as YAML has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
