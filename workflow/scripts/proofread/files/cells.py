"""Cells of other people's tables."""


def is_number(text):
    """Whether a text is a number, as Python reads it."""
    try:
        float(text)
    except ValueError:
        return False
    return True
