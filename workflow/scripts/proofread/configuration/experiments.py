"""The experiments table: which networks are trained, on which dataset."""

from proofread.configuration.binary_only import check_row as check_settings_of_row
from proofread.configuration.label_checks import check_row as check_labels_of_row
from proofread.configuration.lengths import check_length
from proofread.configuration.names import planted_names, target_names
from proofread.configuration.objectives import check_objective_of_row
from proofread.configuration.pair_study import check_pair_rows
from proofread.configuration.recovered import check_recovered_rows
from proofread.configuration.schema import SCHEMAS, check, schema_of
from proofread.configuration.suggestions import advice, shown
from proofread.configuration.tsv import read_cells
from proofread.errors import InputError


def read_experiments(path, config):
    """Read the experiments table: one row for each network to train.

    Parameters
    ----------
    path : str or path
        Tab-separated, with the columns dataset, model and seed.
    config : dict
        From `check_configuration`; the rows name its datasets and models.

    Returns
    -------
    list of dict of str to str
        The rows, in the order of the file.

    Raises
    ------
    InputError
        With the file and the row; the header is row 1, as in a spreadsheet.
    """
    schema = schema_of("experiments")
    rows = _read_tsv(path, sorted(schema["properties"]))
    first_seen = {}
    for number, row in rows:
        where = f"{path}, row {number}"
        _check_known(row["dataset"], "dataset", config["datasets"], where)
        _check_known(row["model"], "model", config["models"], where)
        check(row, schema, where)
        _check_imported(row, config, where)
        _check_unique(row, number, first_seen, where)
    for number, row in rows:
        where = f"{path}, row {number}"
        check_settings_of_row(row, config, where)
        check_labels_of_row(row, config, where)
        check_objective_of_row(row, config, where)
        _check_databases_of_row(row, config, where)
        _check_motifs(row, config, where)
        _check_targets(row, config, where)
        _check_anchors_of_row(row, config, where)
        _check_length(row, config, where)
    check_pair_rows(rows, config, path)
    check_recovered_rows(rows, config, path)
    return [row for _, row in rows]


def _read_tsv(path, columns):
    """Rows of a table with their numbers, the header being row 1."""
    expected = "the columns " + ", ".join(columns) + ", separated by tabs"
    lines = read_cells(
        path,
        "a tab-separated table of experiments, text in UTF-8",
        "correct 'experiments' in the configuration, or save the table as TSV",
    )
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


def _check_imported(row, config, where):
    """An imported model has one seed, and names the layers that a method reads."""
    model = config["models"][row["model"]]
    if "import" not in model:
        return
    if row["seed"] != "0":
        raise InputError(
            where,
            f"seed {row['seed']} of the imported model {row['model']!r}",
            "seed 0: an imported model is not trained and has one seed",
            "write 0",
        )
    for method in config["analyses"]:
        reads = schema_of(method, SCHEMAS / "methods").get("reads")
        if reads is not None and model["import"][reads] is None:
            raise InputError(
                where,
                f"{method} reads the {reads} of {row['model']!r}, which is not named",
                f"{reads} and first_activation under models.{row['model']}.import",
                "name the network's modules there; if it has none, take "
                f"{method} and the methods that need it out of 'analyses'",
            )


def _check_databases_of_row(row, config, where):
    """Refuse a method that compares motifs where there are none to compare with."""
    if config["datasets"][row["dataset"]]["source"] == "simulate":
        return  # the planted ones
    for method in config["analyses"]:
        alternatives = schema_of(method, SCHEMAS / "methods").get("motifs_from")
        if not alternatives and config["methods"][method].get("databases") == []:
            raise InputError(
                where,
                f"{method} on {row['dataset']!r}, with no motifs to compare with "
                f"(methods.{method}.databases: [])",
                "a database for sequences of your own, which have no planted motifs",
                f"name one under methods.{method}.databases, or take {method} out of "
                "'analyses'",
            )


def _check_motifs(row, config, where):
    """Check that a method has motifs, and that those it names are in the dataset."""
    dataset = row["dataset"]
    planted = planted_names(config["datasets"][dataset])
    for method in config["analyses"]:
        keys = schema_of(method, SCHEMAS / "methods").get("motifs_from", [])
        settings = config["methods"][method]
        if not keys:
            continue
        if planted is not None:
            key = f"methods.{method}.motifs"
            _check_names(settings["motifs"], planted, key, "motif", dataset, where)
        elif not any(settings[key] for key in keys):
            raise InputError(
                where,
                f"{method} on {dataset!r}, whose motifs are not known",
                f"{' or '.join(keys)} under methods.{method}: the motifs to look for",
                f"add one of them, or take {method} out of 'analyses'",
            )


def _check_targets(row, config, where):
    """Check that the targets that a method names are in the dataset.

    Targets that only the data name, and those of a user model, are not checked.
    """
    dataset = row["dataset"]
    targets = target_names(config["datasets"][dataset])
    if targets is None or "import" in config["models"][row["model"]]:
        return
    for method in config["analyses"]:
        names = config["methods"][method].get("targets")
        key = f"methods.{method}.targets"
        _check_names(names, targets, key, "target", dataset, where)


def _check_names(names, known, key, kind, dataset, where):
    """Refuse a name in a method's setting that the dataset does not have."""
    for name in names or []:
        if name is not None and name not in known:
            raise InputError(
                where,
                f"{key}: {dataset!r} has no {kind} {name!r}",
                "some of " + ", ".join(known) if known else f"null: it has no {kind}",
                advice(name, known, f"correct or remove it in {key}"),
            )


def _check_anchors_of_row(row, config, where):
    """Refuse a method's anchor beyond the end of the sequences."""
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
                "correct it, or give each dataset an 'anchor'; a method uses that one "
                "if its own is null",
            )


def _check_length(row, config, where):
    """Refuse a network, or a candidate, for which the sequences are too short."""
    name, length = row["model"], config["datasets"][row["dataset"]].get("length")
    model = config["models"][name]
    for candidate, settings in model.get("tune", {}).get("candidates", {}).items():
        what = f"candidate {candidate!r} of {name!r}"
        check_length(settings, length, what, where)
    if "architecture" in model:
        check_length(model, length, f"model {name!r}", where)


def _check_unique(row, number, first_seen, where):
    """Refuse two rows of the same network, or of networks with the same log file."""
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
