"""The settings of models: architectures, training, user models and tuned models."""

import ast
import functools
from pathlib import Path

from proofread.configuration.adapter import check_adapter
from proofread.configuration.auto_epochs import MIN_AUTO_EPOCHS
from proofread.configuration.candidates import CANDIDATES
from proofread.configuration.existing_files import check_file
from proofread.configuration.schema import SCHEMAS, check, schema_of
from proofread.configuration.suggestions import advice, suggest
from proofread.configuration.weights_formats import weights_format
from proofread.errors import InputError

ARCHITECTURES = Path(__file__).parents[1] / "models" / "architectures"


def fill_models(models, schemas, config_path):
    """Check the models and fill in their defaults, in place.

    Parameters
    ----------
    models : dict of str to dict
        By name, as the user wrote them.
    schemas : path
        workflow/schemas.
    config_path : str
        What to call the configuration in a message.

    Raises
    ------
    InputError
        For the first mistake.
    """
    training = schema_of("training", schemas)
    for name in models:
        key = f"models.{name}"
        schema = schema_of(_schema_name(models[name]), schemas)
        model = models[name] = check(models[name], schema, config_path, key)
        if "import" in model:
            _check_import(model["import"], config_path, f"{key}.import")
        elif "tune" in model:
            plain = schema_of("model", schemas)
            _fill_candidates(model["tune"], plain, training, config_path, f"{key}.tune")
        else:
            _fill_model(model, training, config_path, key)


def _schema_name(model):
    """A user model has the key `import`, and a tuned one `tune`.

    Another spelling of these keys is a mistake there.
    """
    keys = model if isinstance(model, dict) else ()
    for own, schema in (("import", "user_model"), ("tune", "tuned_model")):
        if any(suggest(key, [own]) for key in keys):
            return schema
    return "model"


def _fill_model(model, training, config_path, key):
    """Check architecture, settings and training, and fill in the defaults, in place."""
    _check_architecture(model, config_path, key)
    recommended = training_recommendations()[model["architecture"]]
    model["training"] = check(
        recommended | model["training"], training, config_path, f"{key}.training"
    )
    _check_training(model["training"], f"{config_path}: {key}.training")


def _fill_candidates(tune, schema, training, config_path, key):
    """Check the candidates of a tuned model, and fill in their defaults, in place."""
    candidates = tune["candidates"]
    tune["candidates"] = candidates = dict(
        CANDIDATES if candidates is None else candidates
    )
    for name in candidates:
        own = f"{key}.candidates.{name}"
        model = candidates[name] = check(candidates[name], schema, config_path, own)
        _fill_model(model, training, config_path, own)
    classes = {model["training"]["classes"] for model in candidates.values()}
    if len(classes) > 1:
        raise InputError(
            f"{config_path}: {key}.candidates",
            "training.classes independent in some and exclusive in others",
            "the same in all, since it says what the targets are",
            "correct the training of the candidates",
        )


def _check_training(training, where):
    """Refuse settings of a training that cancel each other."""
    epochs = training["epochs"]
    if training["warmup_epochs"] >= (MIN_AUTO_EPOCHS if epochs == "auto" else epochs):
        raise InputError(
            f"{where}.warmup_epochs",
            f"{training['warmup_epochs']:g}, with {epochs} epochs"
            + (f" (at least {MIN_AUTO_EPOCHS})" if epochs == "auto" else ""),
            "a warm-up that is shorter than the training",
            "lower warmup_epochs, or raise epochs",
        )
    plateau_patience = training["plateau_patience"]
    plateau = training["schedule"] == "plateau"
    if plateau and plateau_patience >= training["patience"]:
        raise InputError(
            f"{where}.plateau_patience",
            f"{plateau_patience}, with a patience of {training['patience']}",
            "a plateau_patience below patience, after which training stops",
            "lower plateau_patience, or raise patience",
        )
    if plateau and training["min_learning_rate"] > training["learning_rate"]:
        raise InputError(
            f"{where}.min_learning_rate",
            f"{training['min_learning_rate']:g}, with a learning_rate of "
            f"{training['learning_rate']:g}",
            "a min_learning_rate that is not above learning_rate",
            "lower min_learning_rate, or raise learning_rate",
        )


def _check_import(imported, config_path, key):
    """The adapter has the function; both first layers are named, or neither."""
    given, missing = "first_convolution", "first_activation"
    if (imported[given] is None) != (imported[missing] is None):
        if imported[given] is None:
            given, missing = missing, given
        raise InputError(
            f"{config_path}: {key}",
            f"{given} without {missing}",
            "both, or neither",
            f"add {missing}: the methods that read filters need both",
        )
    if imported["weights"] is not None:
        weights_format(imported["weights"], f"{config_path}: {key}.weights")
    check_file(imported["adapter"], config_path, f"{key}.adapter")
    check_adapter(imported["adapter"], imported["function"])


def _check_architecture(model, config_path, key):
    """Check the architecture's name and the names, types and bounds of its settings.

    They are read from the source code, because importing an architecture imports torch,
    which takes a second at each start of Snakemake.
    """
    schemas = settings_schemas()
    known = sorted(schemas)
    architecture = model["architecture"]
    if architecture not in known:
        raise InputError(
            f"{config_path}: {key}.architecture",
            f"unknown architecture {architecture!r}",
            "one of " + ", ".join(known),
            advice(
                architecture,
                known,
                f"choose one, or add the file {architecture}.py",
            ),
        )
    model["settings"] = check(
        model["settings"], schemas[architecture], config_path, f"{key}.settings"
    )


@functools.cache
def settings_schemas():
    """A schema of the settings of each architecture, from the fields of its `Settings`.

    The metadata of a field are keywords of JSON Schema: minimum, maximum, description.
    A module with `PRESETS` holds several architectures, each with some of the fields.

    Returns
    -------
    dict of str to dict
    """
    schemas = {}
    for file in sorted(ARCHITECTURES.glob("[!_]*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        properties = _properties(tree)
        for name, settings in _presets(tree, {file.stem: list(properties)}).items():
            schemas[name] = {
                "type": "object",
                "properties": {setting: properties[setting] for setting in settings},
                "additionalProperties": False,
            }
    return schemas


@functools.cache
def training_recommendations():
    """The literal `TRAINING` of each architecture's module; {} where there is none.

    Returns
    -------
    dict of str to dict
    """
    result = {}
    for file in sorted(ARCHITECTURES.glob("[!_]*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = _presets(tree, {file.stem: None})
        result |= dict.fromkeys(names, _literal(tree, "TRAINING", {}))
    return result


@functools.cache
def training_defaults(architecture):
    """The training of an architecture if the user writes nothing of it."""
    return check(
        training_recommendations()[architecture], schema_of("training", SCHEMAS), ""
    )


@functools.cache
def settings_defaults():
    """The default of each setting of each architecture.

    Returns
    -------
    dict of str to dict
    """
    result = {}
    for file in sorted(ARCHITECTURES.glob("[!_]*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        result |= _presets(tree, {file.stem: _defaults(tree)})
    return result


@functools.cache
def shortened_by():
    """The literal `SHORTENED_BY` of each architecture's module; None if there is none.

    Returns
    -------
    dict of str to list of tuple of str
        From the first layer on: the kind of a layer (filter, pool or step) and the
        setting with its size.
    """
    result = {}
    for file in sorted(ARCHITECTURES.glob("[!_]*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = _presets(tree, {file.stem: None})
        result |= dict.fromkeys(names, _literal(tree, "SHORTENED_BY", None))
    return result


def _presets(tree, otherwise):
    """The literal `PRESETS` of a module: the settings of each of its architectures."""
    return _literal(tree, "PRESETS", otherwise)


def _literal(tree, name, otherwise):
    """The value of a literal that a module assigns to a name."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    return otherwise


def _properties(tree):
    """Type, bounds and description of each field of a module's `Settings`."""
    types = {"int": "integer", "float": "number", "str": "string", "bool": "boolean"}
    properties = {}
    for field in _fields(tree):
        kind = types.get(ast.unparse(field.annotation))
        properties[field.target.id] = {
            **({"type": kind} if kind else {}),
            **_keyword(field.value, "metadata", {}),
        }
    return properties


def _defaults(tree):
    """The default of each field of a module's `Settings`; None where it has none."""
    return {
        field.target.id: _keyword(field.value, "default", None)
        if isinstance(field.value, ast.Call) or field.value is None
        else ast.literal_eval(field.value)
        for field in _fields(tree)
    }


def _fields(tree):
    """The fields of a module's `Settings`."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Settings":
            yield from (item for item in node.body if isinstance(item, ast.AnnAssign))


def _keyword(value, name, otherwise):
    """What ``field(...)`` is given under a keyword, such as its metadata."""
    for keyword in value.keywords if isinstance(value, ast.Call) else ():
        if keyword.arg == name:
            return ast.literal_eval(keyword.value)
    return otherwise
