"""Boolean expressions over motifs, as a configuration writes them.

An expression is a motif's name, or a mapping with one of the operators::

    STAT_known2
    {all: [STAT_known2, CTCF_known1]}
    {any: [STAT_known2, {not: CTCF_known1}]}
    {at_least: 2, of: [STAT_known2, CTCF_known1, GATA_known1]}

Pure Python, because the configuration is checked with it at each start of Snakemake.
"""

from dataclasses import dataclass

from proofread.configuration.suggestions import advice
from proofread.errors import InputError

# An alias of YAML can make an expression contain itself.
MAX_LEVELS = 20
_FORMS = (
    "a motif's name, {all: [...]}, {any: [...]}, {not: ...} or {at_least: 2, of: [...]}"
)


@dataclass(frozen=True)
class Present:
    """True where the motif is planted."""

    motif: str

    def names(self):
        """Motifs of the expression, in its order, each once."""
        return [self.motif]

    def holds(self, present):
        """Look the motif up: `present` maps names to True and False, or to arrays."""
        return present[self.motif]

    def words(self):
        """Say the expression in English."""
        return self.motif


@dataclass(frozen=True)
class Not:
    """True where the part is false."""

    part: object

    def names(self):
        """Motifs of the expression, in its order, each once."""
        return self.part.names()

    def holds(self, present):
        """Negate a boolean or an array of booleans."""
        return self.part.holds(present) ^ True

    def words(self):
        """Say the expression in English."""
        return f"not {_in_brackets(self.part)}"


@dataclass(frozen=True)
class AtLeast:
    """True where at least `minimum` of the parts are; all and any are cases of it."""

    minimum: int
    parts: tuple

    def names(self):
        """Motifs of the expression, in its order, each once."""
        return list(dict.fromkeys(name for part in self.parts for name in part.names()))

    def holds(self, present):
        """Count the parts that hold."""
        # Plus 0, because the sum of NumPy's booleans alone would be an "or".
        return sum(part.holds(present) + 0 for part in self.parts) >= self.minimum

    def words(self):
        """Say the expression in English."""
        parts = [_in_brackets(part) for part in self.parts]
        if len(parts) == 1:
            return parts[0]
        if self.minimum == len(parts):
            return " and ".join(parts)
        if self.minimum == 1:
            return " or ".join(parts)
        return f"at least {self.minimum} of {', '.join(parts)}"


def _in_brackets(part):
    compound = isinstance(part, AtLeast) and len(part.parts) > 1
    return f"({part.words()})" if compound else part.words()


def parse(value, motifs, where, level=1):
    """Read an expression.

    Parameters
    ----------
    value : str or dict
        As the configuration has it.
    motifs : list of str
        The planted motifs; the expression names some of them.
    where : str
        Its position in the configuration, for messages.
    level : int
        1 for the whole expression, 2 for its parts, and so on.

    Returns
    -------
    Present, Not or AtLeast
        With `names()`, `holds(present)` and `words()`.

    Raises
    ------
    InputError
        At the first part that is not an expression or names no planted motif.
    """
    if level > MAX_LEVELS:
        raise InputError(
            where,
            f"an expression of more than {MAX_LEVELS} nested levels",
            f"at most {MAX_LEVELS} levels",
            "simplify it; check that no alias of YAML contains itself",
        )
    if isinstance(value, str):
        if value not in motifs:
            raise InputError(
                where,
                f"{value!r} is not among the planted motifs",
                f"some of {', '.join(motifs)}" if motifs else "names under motifs",
                advice(value, motifs, "add it to motifs, or correct the name"),
            )
        return Present(value)
    keys = set(value) if isinstance(value, dict) else None
    if keys == {"not"}:
        return Not(parse(value["not"], motifs, f"{where}.not", level + 1))
    for key in ("all", "any"):
        if keys == {key}:
            parts = _parts(value[key], motifs, f"{where}.{key}", level)
            return AtLeast(len(parts) if key == "all" else 1, parts)
    if keys == {"at_least", "of"}:
        parts = _parts(value["of"], motifs, f"{where}.of", level)
        minimum = value["at_least"]
        if not isinstance(minimum, int) or isinstance(minimum, bool):
            minimum = 0
        if not 1 <= minimum <= len(parts):
            raise InputError(
                f"{where}.at_least",
                _shown(value["at_least"]),
                f"a whole number from 1 to {len(parts)}, the number of parts",
                "correct the number, or list more",
            )
        return AtLeast(minimum, parts)
    raise _not_an_expression(value, where)


def _parts(value, motifs, where, level):
    if not isinstance(value, list) or not value:
        raise InputError(
            where,
            _shown(value),
            f"a list of at least 1, each {_FORMS}",
            f"write it as a list: [{value}]" if value else "name at least one motif",
        )
    return tuple(
        parse(part, motifs, f"{where}, item {number}", level + 1)
        for number, part in enumerate(value, start=1)
    )


def _not_an_expression(value, where):
    operators = ("all", "any", "not", "at_least", "of")
    remedy = "write one of these forms; nest two operators"
    if isinstance(value, dict):
        unknown = [key for key in value if key not in operators]
        if unknown:
            remedy = advice(unknown[0], operators, remedy)
        elif set(value) == {"at_least"} or set(value) == {"of"}:
            remedy = "write both, at_least and of: {at_least: 2, of: [...]}"
    return InputError(where, _shown(value), _FORMS, remedy)


def _shown(value):
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
