"""The one error a user sees: where, what was found, what was expected, what to do."""

import unicodedata

# What to do about a damaged file that a rule has written.
MAKE_ANEW = "delete it and run again: the workflow makes it anew"
_LONGEST = 2000  # characters of each part of a message
# Control characters, and those that are not to be seen or turn the direction of a line.
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def plain(text):
    """A text that a terminal shows as it is: names come from files of any origin.

    Parameters
    ----------
    text : str
        A line end stays; any other control character is written as its number.
    """
    return "".join(
        character
        if character in "\n\t" or unicodedata.category(character) not in _HIDDEN
        else character.encode("unicode_escape").decode()
        for character in text
    )


def _part(text):
    """A part of a message, without its middle if it is long."""
    text = str(text)
    if len(text) > _LONGEST:
        half = _LONGEST // 2
        left_out = f" ... ({len(text) - 2 * half:,} characters) ... "
        text = text[:half] + left_out + text[-half:]
    return plain(text)


class InputError(Exception):
    """A mistake in a configuration, a table or a data file.

    Parameters
    ----------
    where : str
        The user's own file, with its row, line, record or key.
    found : str
        What stands there.
    expected : str
        What would have been right; the known names, the bounds, the format.
    remedy : str
        What to do about it, as an instruction.
    """

    def __init__(self, where, found, expected, remedy):
        self.where = _part(where)
        self.found = _part(found)
        self.expected = _part(expected)
        self.remedy = _part(remedy)
        super().__init__(
            f"{self.where}: {self.found}\n  expected: {self.expected}\n"
            f"  what to do: {self.remedy}"
        )

    def __reduce__(self):
        # Exceptions rebuild from their message alone unless told otherwise.
        return (
            type(self),
            (self.where, self.found, self.expected, self.remedy),
        )
