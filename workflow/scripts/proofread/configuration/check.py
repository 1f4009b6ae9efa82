"""The whole configuration, checked before any job runs.

Imported by the Snakefile's own process, so it costs milliseconds: no torch, no
pandas, and no data is read.
"""

import ast
import csv
import os
import re
from pathlib import Path

from proofread.configuration.adapter import check_adapter
from proofread.configuration.anchors import check_anchor
from proofread.configuration.foreign_formats import conversion_for
from proofread.configuration.logic import parse
from proofread.configuration.names import planted_names, target_names
from proofread.configuration.negative_controls import kind_of
from proofread.configuration.schema import check, read_schema
from proofread.configuration.suggestions import advice, shown
from proofread.configuration.user_files import paths_of
from proofread.errors import InputError

ARCHITECTURES = Path(__file__).parents[1] / "models" / "architectures"
SCHEMAS = Path(__file__).parents[3] / "schemas"
DOWNLOADS_FOLDER = "resources/data"

# Names become folders and parts of file names.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
# Names of the workflow's own folders, where a user's would stand beside them.
_TAKEN = {
    "datasets": ["databases"],
    "models": [
        "baselines",
        "ideal_explainer",
        "long_sequence_scan",
        "preview",
        "shards",
        "summary",
    ],
}


def check_configuration(config, schemas_folder, *, config_path="the configuration"):
    """Check the merged configuration and fill in every default.

    Parameters
    ----------
    config : dict
        As Snakemake merged it; left unchanged.
    schemas_folder : str or path
        workflow/schemas.
    config_path : str
        What to call it in a message: the path of the configuration file.

    Returns
    -------
    dict
        Complete: no key that a rule reads is absent.

    Raises
    ------
    InputError
        For the first mistake.
    """
    schemas = Path(schemas_folder)
    checked = check(config, _schema(schemas, "config"), config_path)
    for section in ("datasets", "models", "databases", "downloads"):
        _check_names(checked[section], section, config_path)
    _fill_datasets(checked["datasets"], schemas, config_path)
    _fill_models(checked["models"], schemas, config_path)
    for section in ("databases", "downloads"):
        schema = _schema(schemas, section.removesuffix("s"))
        _fill_each(checked[section], schema, config_path, section)
    _fill_methods(checked, schemas, config_path)
    _check_files(checked, config_path)
    return checked


def scored(methods):
    """Those of the methods that compare their answer with a truth.

    A schema says ``scored: false`` of the others; they need no negative control.
    """
    folder = SCHEMAS / "methods"
    return [name for name in methods if _schema(folder, name).get("scored", True)]


def read_experiments(path, config):
    """Read the experiments table: one row for each network to train.

    Parameters
    ----------
    path : str or path
        Tab-separated, with the columns dataset, model and seed.
    config : dict
        From `check_configuration`; its datasets and models are the known ones.

    Returns
    -------
    list of dict of str to str
        The rows, in the order of the file.

    Raises
    ------
    InputError
        With the file and the row; the header is row 1, as in a spreadsheet.
    """
    schema = _schema(SCHEMAS, "experiments")
    rows = _read_tsv(path, sorted(schema["properties"]))
    first_seen = {}
    for number, row in rows:
        where = f"{path}, row {number}"
        _check_known(row["dataset"], "dataset", config["datasets"], where)
        _check_known(row["model"], "model", config["models"], where)
        check(row, schema, where)
        _check_own_row(row, config, where)
        _check_unique(row, number, first_seen, where)
    for number, row in rows:
        where = f"{path}, row {number}"
        _check_databases_of_row(row, config, where)
        _check_motifs(row, config, where)
        _check_targets(row, config, where)
        _check_anchors_of_row(row, config, where)
    return [row for _, row in rows]


def _schema(schemas, name):
    return read_schema(schemas / f"{name}.schema.yaml")


def _known(folder):
    """Names of the schemas in a folder."""
    return sorted(file.name.split(".")[0] for file in folder.glob("*.schema.yaml"))


def _fill_each(entries, schema, where, section):
    for name, entry in entries.items():
        entries[name] = check(entry, schema, where, f"{section}.{name}")


def _check_names(entries, section, config_path):
    for name in entries:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            expected = (
                "letters, digits, _ - and . after a letter or digit: it names a file"
            )
            remedy = "rename it; a number or a word such as no or on goes in quotes"
        elif name in _TAKEN.get(section, []):
            expected = f"a name other than that of the results' own folder {name}"
            remedy = "rename it"
        elif section == "models" and kind_of(name):
            expected = (
                f"a name that does not end in .{kind_of(name)}: negative controls' do"
            )
            remedy = "rename it"
        elif (section, name) == ("databases", "planted"):
            expected = "a name other than that of the motifs planted in simulated data"
            remedy = "rename it"
        else:
            continue
        raise InputError(
            f"{config_path}: {section}", f"the name {name!r}", expected, remedy
        )


def _fill_datasets(datasets, schemas, config_path):
    known = _known(schemas / "datasets")
    for name, entry in datasets.items():
        key = f"datasets.{name}"
        source = entry.get("source") if isinstance(entry, dict) else None
        if source not in known:
            found = f"source {source!r}" if source else "no 'source'"
            raise InputError(
                f"{config_path}: {key}",
                found,
                "source: one of " + ", ".join(known),
                conversion_for(source)
                or advice(source, known, "say where the sequences come from"),
            )
        schema = _schema(schemas / "datasets", source)
        datasets[name] = check(entry, schema, config_path, key)
        if source == "simulate":
            _check_logic(datasets[name], f"{config_path}: {key}")
        checked = datasets[name]
        check_anchor(
            *(checked.get("anchor"), checked.get("length")), f"{config_path}: {key}"
        )


def _check_logic(settings, where):
    """The expressions of rule logic, whose form no schema can say."""
    for target, expression in (settings["targets"] or {}).items():
        parse(expression, settings["motifs"], f"{where}.targets.{target}")
    if settings["logic"] is not None:
        parse(settings["logic"], settings["motifs"], f"{where}.logic")


def _fill_models(models, schemas, config_path):
    own = [
        name
        for name, model in models.items()
        if isinstance(model, dict) and "own" in model
    ]
    training = _schema(schemas, "training")
    for name in models:
        key = f"models.{name}"
        schema = _schema(schemas, "own_model" if name in own else "model")
        model = models[name] = check(models[name], schema, config_path, key)
        if name in own:
            _check_own(model["own"], config_path, f"{key}.own")
            continue
        _check_architecture(model, config_path, key)
        model["training"] = check(
            model["training"], training, config_path, f"{key}.training"
        )
        _check_training(model["training"], f"{config_path}: {key}.training")


def _check_training(training, where):
    """Settings of a training that leave each other without effect."""
    if training["warmup_epochs"] >= training["epochs"]:
        raise InputError(
            f"{where}.warmup_epochs",
            f"{training['warmup_epochs']:g}, with {training['epochs']} epochs",
            "fewer epochs of warming up than of training",
            "lower warmup_epochs, or raise epochs",
        )
    waits = training["plateau_patience"]
    if training["schedule"] == "plateau" and waits >= training["patience"]:
        raise InputError(
            f"{where}.plateau_patience",
            f"{waits}, with a patience of {training['patience']}",
            "a plateau_patience below patience, after which training stops",
            "lower plateau_patience, or raise patience",
        )


def _check_own(own, config_path, key):
    """The adapter has the function; both first layers are named, or neither."""
    named = [own["first_convolution"] is None, own["first_activation"] is None]
    if len(set(named)) == 2:
        given, missing = "first_convolution", "first_activation"
        if named[0]:
            given, missing = missing, given
        raise InputError(
            f"{config_path}: {key}",
            f"{given} without {missing}",
            "both, or neither",
            f"add {missing}: the methods that read filters need both",
        )
    _check_file(own["adapter"], config_path, f"{key}.adapter")
    check_adapter(own["adapter"], own["function"])


def _check_architecture(model, config_path, key):
    """The architecture's name, and its settings' names, types and bounds.

    Read from the source, because importing an architecture imports torch: a
    second for each start of Snakemake.
    """
    known = sorted(file.stem for file in ARCHITECTURES.glob("[!_]*.py"))
    architecture = model["architecture"]
    if architecture not in known:
        raise InputError(
            f"{config_path}: {key}.architecture",
            f"unknown architecture {architecture!r}",
            "one of " + ", ".join(known),
            advice(
                architecture, known, f"choose one, or add {architecture}.py beside them"
            ),
        )
    schema = _settings_schema(ARCHITECTURES / f"{architecture}.py")
    model["settings"] = check(model["settings"], schema, config_path, f"{key}.settings")


def _settings_schema(path):
    """A schema made of the fields of an architecture's `Settings`.

    A field's metadata are keywords of JSON Schema: minimum, maximum, description, ...
    """
    types = {"int": "integer", "float": "number", "str": "string", "bool": "boolean"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    fields = next(
        node.body
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    properties = {}
    for field in fields:
        if isinstance(field, ast.AnnAssign):
            kind = types.get(ast.unparse(field.annotation))
            properties[field.target.id] = {
                **({"type": kind} if kind else {}),
                **_metadata(field.value),
            }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _metadata(value):
    """Bounds and description of a setting: the metadata of ``field(metadata=...)``."""
    keywords = value.keywords if isinstance(value, ast.Call) else ()
    for keyword in keywords:
        if keyword.arg == "metadata":
            return ast.literal_eval(keyword.value)
    return {}


def _fill_methods(checked, schemas, config_path):
    """Settings of every method that runs; those of others are checked too."""
    known = _known(schemas / "methods")
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
        schema = _schema(schemas / "methods", name)
        key = f"methods.{name}"
        methods[name] = check(methods.get(name), schema, config_path, key)
        if name in analyses:
            _check_needs(name, schema, checked, config_path)
            _check_alternatives(schema, methods[name], f"{config_path}: {key}")


def _check_needs(name, schema, checked, config_path):
    """What a method uses: other methods and databases.

    The schema names the methods under `needs`, or under `needs_from` the settings
    whose values they are.
    """
    settings, known = checked["methods"][name], list(checked["databases"])
    chosen = [settings[key] for key in schema.get("needs_from", [])]
    for needed in [*schema.get("needs", []), *chosen]:
        if needed not in checked["analyses"]:
            raise InputError(
                f"{config_path}: analyses",
                f"{name} without {needed}",
                f"{needed} as well, whose results {name} reads",
                f"add {needed} to analyses, or remove {name}",
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


def _check_alternatives(schema, settings, where):
    """Where motifs may come from several places (`motifs_from`), at most one is set."""
    given = [key for key in schema.get("motifs_from", []) if settings[key]]
    if len(given) > 1:
        raise InputError(
            where,
            f"both {given[0]} and {given[1]}",
            "one of them, or neither where all motifs were planted",
            f"remove {given[0]} or {given[1]}",
        )


def _check_files(checked, config_path):
    """Every file of the user's is there or is one that the workflow downloads."""
    known = {"made": checked["downloads"], "bring": checked["bring"]}
    for section in ("datasets", "databases"):
        for key, path in paths_of(checked[section], section):
            _check_file(path, config_path, key, **known)
    for name, model in checked["models"].items():
        if "own" in model and model["own"]["weights"] is not None:
            key, path = f"models.{name}.own.weights", model["own"]["weights"]
            _check_file(path, config_path, key, **known)
    for method in checked["analyses"]:
        schema = _schema(SCHEMAS / "methods", method)
        settings, section = checked["methods"][method], f"methods.{method}"
        marked = [
            (f"{section}.{name}", settings[name])
            for name, part in schema["properties"].items()
            if part.get("format") == "file" and settings[name] is not None
        ]
        for key, path in [*marked, *paths_of(settings, section)]:
            _check_file(path, config_path, key, **known)


def _check_file(path, config_path, key, *, made=(), bring=None):
    """A file is there or is one of those that the workflow downloads.

    `bring` says, by path, how to get those that the user has to bring.
    """
    files = [f"{DOWNLOADS_FOLDER}/{name}" for name in made]
    if os.path.normpath(path) in files or os.path.isfile(path):
        return
    expected = (
        f"a file that exists, or one under 'downloads' ({DOWNLOADS_FOLDER}/<name>)"
    )
    if bring and path in bring:
        expected, remedy = "a file of your own", bring[path]
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


def _read_tsv(path, columns):
    """Rows of a table with their numbers, the header being row 1."""
    expected = "the columns " + ", ".join(columns) + ", separated by tabs"
    try:
        # utf-8-sig: spreadsheets put a byte order mark first.
        with open(path, encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, delimiter="\t"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not plain text"
        raise InputError(
            path,
            f"not readable ({reason})",
            "a tab-separated table of experiments",
            "correct 'experiments' in the configuration, or save the table as TSV",
        ) from error
    lines = [[cell.strip() for cell in line] for line in lines]
    header = lines[0] if lines else []
    _check_header(header, columns, f"{path}, row 1", expected)
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cells):
            continue
        if len(cells) != len(columns) or not all(cells):
            filled = sum(map(bool, cells))
            raise InputError(
                f"{path}, row {number}",
                f"{filled} filled cells: {shown(cells)}",
                expected,
                "fill every cell, and separate the cells by one tab",
            )
        row = dict(zip(header, cells, strict=True))
        rows.append((number, {column: row[column] for column in columns}))
    if not rows:
        raise InputError(
            path, "no experiments", "at least one row below the header", "add a row"
        )
    return rows


def _check_header(header, columns, where, expected):
    if sorted(header) == columns:
        return
    unknown = [cell for cell in header if cell not in columns]
    remedy = f"write the header as {'<tab>'.join(columns)}"
    if len(header) == 1 and sorted(header[0].replace(",", " ").split()) == columns:
        remedy = "separate the cells by tabs instead of spaces or commas"
    elif unknown and len(unknown) < len(header):  # else it is no header at all
        remedy = advice(unknown[0], columns, f"remove the column {unknown[0]!r}")
    raise InputError(where, f"the columns {shown(header)}", expected, remedy)


def _check_known(name, column, known, where):
    if name not in known:
        raise InputError(
            where,
            f"{column} {name!r} is not under '{column}s' in the configuration",
            "one of " + ", ".join(known),
            advice(name, known, "add it there, or correct the row"),
        )


def _check_own_row(row, config, where):
    """An own model has one seed, and layers where a method reads them."""
    model = config["models"][row["model"]]
    if "own" not in model:
        return
    if row["seed"] != "0":
        raise InputError(
            where,
            f"seed {row['seed']} of the own model {row['model']!r}",
            "seed 0: it is not trained, so that there is one of it",
            "write 0",
        )
    for method in config["analyses"]:
        reads = _schema(SCHEMAS / "methods", method).get("reads")
        if reads is not None and model["own"][reads] is None:
            raise InputError(
                where,
                f"{method} reads the {reads} of {row['model']!r}, which names none",
                f"{reads} and first_activation under models.{row['model']}.own",
                f"name the network's modules there; for a model that has none, take "
                f"{method} and what needs it out of 'analyses'",
            )


def _check_databases_of_row(row, config, where):
    """A method that compares motifs has some to compare with."""
    if config["datasets"][row["dataset"]]["source"] == "simulate":
        return  # the planted ones
    for method in config["analyses"]:
        if "motifs_from" in _schema(SCHEMAS / "methods", method):
            continue  # see _check_motifs
        if config["methods"][method].get("databases") == []:
            raise InputError(
                where,
                f"{method} on {row['dataset']!r}, with no motifs to compare with "
                f"(methods.{method}.databases: [])",
                "a database for sequences of your own, which have no planted motifs",
                f"name one under methods.{method}.databases, or take {method} out of "
                "'analyses'",
            )


def _check_motifs(row, config, where):
    """Motifs that a method needs are given or planted, and those it names exist."""
    planted = planted_names(config["datasets"][row["dataset"]])
    for method in config["analyses"]:
        keys = _schema(SCHEMAS / "methods", method).get("motifs_from", [])
        settings = config["methods"][method]
        if not keys:
            continue
        if planted is not None:
            _check_each_known(
                *(settings["motifs"], planted, f"methods.{method}.motifs"),
                *("motif", row["dataset"], where),
            )
        elif not any(settings[key] for key in keys):
            raise InputError(
                where,
                f"{method} on {row['dataset']!r}, whose motifs are not known",
                f"{' or '.join(keys)} under methods.{method}: the motifs to look for",
                f"add one of them, or take {method} out of 'analyses'",
            )


def _check_targets(row, config, where):
    """Targets that a method names are those of the dataset, as far as these are known.

    An own model has names of its own for them.
    """
    known = target_names(config["datasets"][row["dataset"]])
    if known is None or "own" in config["models"][row["model"]]:
        return
    for method in config["analyses"]:
        settings = config["methods"][method]
        named = {"target": [settings.get("target")], "targets": settings.get("targets")}
        for key, names in named.items():
            _check_each_known(
                *(names, known, f"methods.{method}.{key}"),
                *("target", row["dataset"], where),
            )


def _check_each_known(names, known, key, kind, dataset, where):
    """Names that a method's setting has are among a dataset's; null is none."""
    for name in names or []:
        if name is not None and name not in known:
            raise InputError(
                where,
                f"{key}: {dataset!r} has no {kind} {name!r}",
                "some of " + ", ".join(known) if known else f"null: it has no {kind}",
                advice(name, known, f"correct or remove it in {key}"),
            )


def _check_anchors_of_row(row, config, where):
    """A method's own anchor is a position of sequences whose length is known."""
    length = config["datasets"][row["dataset"]].get("length")
    if length is None:
        return
    for method in config["analyses"]:
        anchor = config["methods"][method].get("anchor")
        if anchor is not None and anchor >= length:
            raise InputError(
                where,
                f"methods.{method}.anchor {anchor}, and {row['dataset']!r} has "
                f"sequences of {length} bp",
                f"0 to {length - 1}, a position of these sequences: it counts from 0",
                "correct it, or give each dataset an 'anchor', which a method takes "
                "where its own is null",
            )


def _check_unique(row, number, first_seen, where):
    """No two rows of the same network, nor of networks with the same log file."""
    log = "{dataset}_{model}_seed{seed}".format(**row)
    earlier, same = first_seen.setdefault(log, (number, row))
    if earlier == number:
        return
    if same == row:
        raise InputError(
            where,
            f"the same experiment as row {earlier}",
            "each combination of dataset, model and seed once",
            "delete the row, or give it another seed",
        )
    raise InputError(
        where,
        f"the log file {log}.log, which is that of row {earlier}",
        "dataset and model whose names joined by _ differ from those of other rows",
        "rename the dataset or the model",
    )
