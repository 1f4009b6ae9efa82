"""The header of a FASTA record: its name, and the group that a split never divides."""

import re
from dataclasses import dataclass

from proofread.errors import InputError

HEADER_GROUPS = ("name", "chromosome", "position", "group")
# Without a chromosome in the headers, all positions are on one.
ONE_CHROMOSOME = "genome"


@dataclass(frozen=True)
class Header:
    """The named groups of one header; None for groups that the pattern lacks."""

    name: str
    chromosome: str | None
    position: str | None
    group: str | None


def header_pattern(header, where):
    """Compile a header pattern.

    Parameters
    ----------
    header : str or None
        A regular expression; None takes the first word as the name.
    where : str
        The pattern's position in the configuration.

    Raises
    ------
    InputError
        If it is not a regular expression, or has an unknown named group.
    """
    try:
        pattern = re.compile(r"^(?P<name>\S+)" if header is None else header)
    except re.error as error:
        raise InputError(
            where,
            f"{header!r} ({error})",
            "a regular expression of Python",
            "correct it, and put it in single quotes",
        ) from error
    unknown = set(pattern.groupindex) - set(HEADER_GROUPS)
    if unknown:
        raise InputError(
            where,
            f"group {', '.join(sorted(unknown))}",
            f"named groups among {', '.join(HEADER_GROUPS)}",
            "rename it, or write (?:...) for a group without a name",
        )
    return pattern


def parse_header(record, pattern):
    """Read a record's header with a pattern.

    Raises
    ------
    InputError
        If the header does not match.
    """
    if not record.header:
        raise _nameless(record, "name the record")
    match = pattern.search(record.header)
    if match is None:
        raise InputError(
            record.where,
            "the header does not match the pattern of the configuration",
            f"a match of {pattern.pattern!r}",
            "correct the header pattern of this dataset, or the record",
        )
    parts = match.groupdict()
    name = parts.get("name") or (record.header.split() or [""])[0]
    if not name:
        remedy = "name the record, or add a group 'name' to the header pattern"
        raise _nameless(record, remedy)
    return Header(name, *(parts.get(key) for key in HEADER_GROUPS[1:]))


def _nameless(record, remedy):
    return InputError(record.where, "a header without a name", "a name after >", remedy)


def check_block(block, pattern, key, where):
    """Refuse a block size without positions in the headers.

    Parameters
    ----------
    block : int or None
        Size of a genome block, bp.
    pattern : re.Pattern
        Of the headers.
    key : str
        The pattern's key within its dataset.
    where : str
        The dataset's position in the configuration.
    """
    if block is not None and "position" not in pattern.groupindex:
        raise InputError(
            f"{where}.block",
            f"{block}, but {key} has no group 'position'",
            "a position in each header, which determines the block",
            "add (?P<position>\\d+) to the pattern, or set block: null",
        )


def header_group(header, block, where):
    """The group of a record: as stated, else block, else chromosome, else name.

    Parameters
    ----------
    header : Header
    block : int or None
        Size of a genome block, bp.
    where : str
        File, line and record, for the message.
    """
    if header.group:
        return header.group
    if block is None:
        return header.chromosome or header.name
    return genome_group(
        header.chromosome or ONE_CHROMOSOME, position_of(header, where), block
    )


def position_of(header, where):
    """The position as a number."""
    try:
        return int(header.position)
    except (TypeError, ValueError):
        raise InputError(
            where,
            f"position {header.position!r}",
            "a whole number",
            "correct the header pattern: (?P<position>\\d+)",
        ) from None


def genome_group(chromosome, position, block):
    """The chromosome, or the block of it that a position lies in."""
    return chromosome if block is None else f"{chromosome}:{position // block}"
