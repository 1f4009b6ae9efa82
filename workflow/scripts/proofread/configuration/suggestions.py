"""Words of a message: the name that was probably meant, a value as it was written."""

import difflib


def suggest(name, known):
    """The known name closest to a misspelt one, or None."""
    close = difflib.get_close_matches(str(name), [str(each) for each in known], n=1)
    return close[0] if close else None


def advice(name, known, otherwise):
    """'did you mean ...?' where a known name is close, else `otherwise`."""
    close = suggest(name, known)
    return f"did you mean {close!r}?" if close else otherwise


def shown(value):
    """A value as the user would write it, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        keys = ", ".join(map(str, value))
        return f"a mapping with {keys}" if keys else "an empty mapping"
    if isinstance(value, list):
        return _shortened("[" + ", ".join(map(str, value)) + "]")
    return _shortened(repr(value))


def _shortened(text, limit=80):
    return text if len(text) <= limit else text[: limit - 3] + "..."
