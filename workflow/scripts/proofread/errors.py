"""The one error a user sees: where, what was found, what was expected, what to do."""


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
        self.where = str(where)
        self.found = found
        self.expected = expected
        self.remedy = remedy
        super().__init__(
            f"{where}: {found}\n  expected: {expected}\n  what to do: {remedy}"
        )

    def __reduce__(self):
        # Exceptions rebuild from their message alone unless told otherwise.
        return (
            type(self),
            (self.where, self.found, self.expected, self.remedy),
        )
