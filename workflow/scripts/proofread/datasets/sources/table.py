"""A table of labels: with the sequences in a column of it, or in a FASTA file."""

import csv
import io
from collections import Counter

from proofread.configuration.foreign_formats import refuse_foreign
from proofread.configuration.labels import has_labels, is_quantitative
from proofread.configuration.suggestions import advice, shown
from proofread.datasets.assembly import Sequence, assemble, log_labels, log_unknown
from proofread.datasets.known_sites import own_places, with_known_sites
from proofread.datasets.labels import MISSING, binary_label
from proofread.datasets.negatives import with_shuffles
from proofread.datasets.quantities import ask_about_fractions, quantity
from proofread.dna.encoding import AMBIGUOUS, BASES, encode
from proofread.errors import InputError
from proofread.files.fasta import read_fasta
from proofread.files.gzipped import check_line, read_bytes
from proofread.files.headers import (
    check_block,
    header_group,
    header_pattern,
    parse_header,
)
from proofread.progress import log

DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";"}
_RENAME = "remove table.id: rows are then numbered"


def read(settings, where):
    """Read a dataset from a table of labels.

    Parameters
    ----------
    settings : dict
        As described by ``workflow/schemas/datasets/table.schema.yaml``, with every
        default filled in.
    where : str
        The settings' place in the configuration, for error messages.

    Returns
    -------
    Dataset
        In the order of the table, then shuffles of its positives. The truth has the
        known sites, if any.

    Raises
    ------
    InputError
        With file and line.
    """
    columns, rows = _read_table(settings["table"], where)
    _check_columns(settings, columns, where)
    labelled = [(line, cells, _labels(line, cells, settings)) for line, cells in rows]
    _ask_about_fractions(rows, settings, where)
    if "column" in settings["sequences"]:
        sequences = _from_column(labelled, settings, where)
    else:
        sequences = _from_fasta(labelled, columns[0], settings, where)
    dataset = assemble(
        sequences,
        settings["targets"],
        settings,
        where,
        length=settings["length"],
        trim=settings["trim"],
        rename=_RENAME,
        labelled=has_labels(settings),
    )
    negatives = settings["negatives"]
    if negatives is not None:
        dataset = with_shuffles(
            dataset, negatives, f"{where}.negatives", rename=_RENAME
        )
    log_labels(dataset)
    places = own_places(sequences, settings["length"])
    return with_known_sites(dataset, settings, where, *places)


def _read_table(table, where):
    """Names of the columns, and (file and line, cells by column) of each row.

    A column may have no name; nobody refers to it, but for the first column with the
    names of the records.
    """
    path = table["path"]
    raw = read_bytes(path, "a table as text")
    refuse_foreign(path, raw, "a table with a line of column names")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            path,
            f"not plain text ({error.reason} at byte {error.start})",
            "TSV or CSV",
            "save the table as TSV or CSV (UTF-8); a spreadsheet file is neither",
        ) from error
    delimiter = DELIMITERS[table["delimiter"] or _delimiter_by_name(path)]
    check_line(text[: text.find("\n")], path, 1)  # the names of the columns
    lines = _lines(path, text, delimiter)
    if not lines:
        raise InputError(path, "nothing in it", "a line of column names", "check it")
    number, columns = lines[0]
    _check_header(columns, delimiter, f"{path}, line {number}")
    unnamed = columns.count("")
    if unnamed:
        # Such as the index of pandas, and the empty columns of a spreadsheet.
        log.info("%s: %d columns without a name are passed over", path, unnamed)
    rows = []
    for number, cells in lines[1:]:
        line = f"{path}, line {number}"
        if len(cells) != len(columns):
            raise InputError(
                line,
                f"{len(cells)} cells: {shown(cells)}",
                f"{len(columns)}, as many as there are column names",
                "complete the row; quote a cell that contains the delimiter",
            )
        # Backwards, so that the first of several columns without a name stays.
        pairs = zip(reversed(columns), reversed(cells), strict=True)
        rows.append((line, dict(pairs)))
    if not rows:
        raise InputError(path, "no row below the header", "at least one", "add rows")
    return columns, rows


def _delimiter_by_name(path):
    name = path.lower().removesuffix(".gz")
    return "comma" if name.endswith(".csv") else "tab"


def _lines(path, text, delimiter):
    """Line number, counted from 1, and cells of each line that is not blank."""
    # newline="": the reader handles line ends, also those inside quotes.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines, first = [], 1
    # By default a cell has at most 131,072 characters; a sequence may have more.
    limit = csv.field_size_limit(max(len(text), csv.field_size_limit()))
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((first, [cell.strip() for cell in cells]))
            first = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}, line {first}",
            f"a row that does not end ({error})",
            "cells whose quotes are closed",
            "close or remove the quotation mark",
        ) from error
    finally:
        csv.field_size_limit(limit)
    return lines


def _check_header(columns, delimiter, where):
    other = next(
        (
            name
            for name, character in DELIMITERS.items()
            if character != delimiter and character in columns[0]
        ),
        None,
    )
    used = next(name for name in DELIMITERS if DELIMITERS[name] == delimiter)
    if len(columns) == 1 and other:
        raise InputError(
            where,
            f"one column, {columns[0][:60]!r}, if cells are separated by {used}",
            "the columns of the table",
            f"set delimiter: {other} below the dataset's 'table'",
        )
    times = Counter(columns)
    for column in columns:
        if column and times[column] > 1:
            raise InputError(
                where,
                f"the column name {column!r} twice",
                "a unique name for each column",
                "rename the column",
            )


def _check_columns(settings, columns, where):
    """Refuse a column in the settings that the table does not have."""
    table, sequences = settings["table"], settings["sequences"]
    named = []
    if has_labels(settings):
        names = enumerate(settings["targets"], start=1)
        named += [(f"targets, item {number}", name) for number, name in names]
    named += [("table.id", table["id"]), ("table.group", table["group"])]
    named += [("sequences.column", sequences.get("column"))]
    for key, column in named:
        if column is not None and column not in columns:
            raise InputError(
                f"{where}.{key}",
                f"no column {column!r} in {table['path']}",
                "one of " + ", ".join(filter(None, columns)),
                advice(column, columns, "correct the name of the column"),
            )


def _labels(line, cells, settings):
    if not has_labels(settings):
        return (None,) * len(settings["targets"])
    if is_quantitative(settings):
        return tuple(
            quantity(cells[target], f"{line}, column {target!r}")
            for target in settings["targets"]
        )
    return tuple(
        binary_label(
            cells[target],
            settings["label_threshold"],
            f"{line}, column {target!r}",
            missing=settings["missing_labels"],
        )
        for target in settings["targets"]
    )


def _ask_about_fractions(rows, settings, where):
    threshold = settings["label_threshold"]
    if threshold is None:
        return
    for target in settings["targets"]:
        texts = [cells[target] for _, cells in rows]
        values = [float(text) for text in texts if text.lower() not in MISSING]
        ask_about_fractions(values, target, threshold, where)


def _from_column(labelled, settings, where):
    table, column = settings["table"], settings["sequences"]["column"]
    if settings["block"] is not None:
        raise InputError(
            f"{where}.block",
            f"{settings['block']}, but the sequences are in a table",
            "FASTA headers with a position, which determines the block",
            "set block: null and name a column with the groups as table.group",
        )
    sequences, soft_masked = [], 0
    for number, (line, cells, label) in enumerate(labelled, start=1):
        text = cells[column]
        soft_masked += not text.isupper()
        name = cells[table["id"]] if table["id"] else f"row{number}"
        _check_filled(name, line, table["id"])
        _check_filled(text, line, column)
        try:
            index = encode(text)
        except ValueError as error:
            raise InputError(
                f"{line}, column {column!r}",
                str(error).split(" is not ")[0],
                f"{', '.join(BASES)} or U in either case, or an IUPAC code "
                f"({AMBIGUOUS})",
                "correct the letter, or write N for an unknown base",
            ) from None
        group = _stated_group(cells, line, table) or name
        sequences.append(Sequence(line, name, group, index, label))
    log_unknown(table["path"], [row.index for row in sequences], soft_masked)
    return sequences


def _from_fasta(labelled, first_column, settings, where):
    """Join the labels with the records of the same name, one to one."""
    table, fasta = settings["table"], settings["sequences"]
    records = read_fasta(fasta["path"])
    log_unknown(
        fasta["path"],
        [record.index for record in records],
        sum(record.soft_masked for record in records),
    )
    pattern = header_pattern(fasta["header"], f"{where}.sequences.header")
    check_block(settings["block"], pattern, "sequences.header", where)
    by_name = {}
    for record in records:
        header = parse_header(record, pattern)
        earlier, _ = by_name.setdefault(header.name, (record, header))
        if earlier is not record:
            raise InputError(
                record.where,
                f"the name {header.name!r} again; first in {earlier.where}",
                "a unique name for each record, to which the table can refer",
                "rename the record, or give a header pattern whose group 'name' "
                "tells the records apart",
            )
    identifier = table["id"] or first_column
    lines, sequences = {}, []
    for line, cells, label in labelled:
        name = cells[identifier]
        _check_filled(name, line, identifier)
        if lines.setdefault(name, line) != line:
            raise InputError(
                line,
                f"the id {name!r} again; first in {lines[name]}",
                "each id once",
                "remove one of the two rows",
            )
        if name not in by_name:
            raise InputError(
                f"{line}, column {identifier!r}",
                f"the id {name!r}, which no record of {fasta['path']} has",
                "the name of a record",
                advice(
                    name,
                    by_name,
                    "add the sequence or remove the row; sequences.header defines "
                    "which part of a header is the name",
                ),
            )
        record, header = by_name[name]
        group = _stated_group(cells, line, table)
        group = group or header_group(header, settings["block"], record.where)
        sequences.append(Sequence(line, name, group, record.index, label))
    for name, (record, _) in by_name.items():
        if name not in lines:
            raise InputError(
                record.where,
                f"a sequence without a label: {name!r} is not in {table['path']}",
                f"its name in the column {identifier!r}",
                "add a row for it, or remove the record",
            )
    return sequences


def _stated_group(cells, line, table):
    if table["group"] is None:
        return None
    group = cells[table["group"]]
    _check_filled(group, line, table["group"])
    return group


def _check_filled(text, line, column):
    if not text:
        raise InputError(
            f"{line}, column {column!r}",
            "an empty cell",
            "text",
            "fill the cell, or remove the row",
        )
