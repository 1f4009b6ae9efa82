"""How numbers are written for a reader: the same everywhere on the page."""

import math

MISSING = "–"


def is_missing(value):
    """Whether a cell of a table is empty."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def count(value):
    """An integer with thousands separated: 8,000."""
    return MISSING if is_missing(value) else f"{int(value):,}"


def decimal(value, digits=3):
    """A number with fixed decimals and a true minus sign: 0.991, −0.020."""
    if is_missing(value):
        return MISSING
    text = f"{value:.{digits}f}"
    # A rounded −0.000 would claim a direction that is not there.
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def significant(value):
    """A number of unknown size with three significant digits: 0.0412, 12.3, 3e-14."""
    if is_missing(value):
        return MISSING
    if value == 0 or not 1e-3 <= abs(value) < 1e5:
        return scientific(value)
    text = f"{value:#.3g}" if abs(value) < 100 else f"{value:.0f}"
    return text.rstrip(".").replace("-", "−")


def scientific(value):
    """A p, q or E value: 3e-14; from 0.001 on as a decimal: 0.04, 9.6."""
    if is_missing(value):
        return MISSING
    if value == 0:
        return "0"
    if abs(value) < 1e-3 or abs(value) >= 1e5:
        mantissa, exponent = f"{value:.0e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        text = f"{value:.2g}" if abs(value) < 100 else f"{value:,.0f}"
    # The minus of an exponent is that of a computer.
    return f"−{text[1:]}" if value < 0 else text


def interval(low, high, digits=3):
    """A 95 % interval: [0.988, 0.994]; nothing where there is none."""
    if is_missing(low) or is_missing(high):
        return ""
    return f"[{decimal(low, digits)}, {decimal(high, digits)}]"


def exact(value):
    """The table's own six digits, which a column is sorted by."""
    return "" if is_missing(value) else f"{value:.6g}"


def listed(names, last="and"):
    """Names as a sentence says them: a, b and c."""
    names = [str(name) for name in names]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def counted(number, singular, plural=None):
    """A number with its noun: 1 sequence, 8,000 sequences."""
    return f"{count(number)} {singular if number == 1 else plural or singular + 's'}"


def short(value):
    """A score in two digits: 0.93; in three where two would round to 0 or 1."""
    text = decimal(value, 2)
    rounded = text in ("0.00", "1.00", "−1.00") and value not in (0, 1, -1)
    return decimal(value, 3) if rounded else text.removesuffix(".00")
