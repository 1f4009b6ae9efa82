"""Sources of a user's sequences: a module for each `source`, found by name.

A source is two files: `<source>.py` here, whose ``read(settings, where)`` returns a
`Dataset`, and `workflow/schemas/datasets/<source>.schema.yaml`, which describes the
settings. A file of the user is under a key `path`, so that rule `read` waits for it.
"""

import importlib


def source_module(source):
    """The module of a source.

    Parameters
    ----------
    source : str
        A name that the configuration was checked to have a schema for.
    """
    return importlib.import_module(f"{__name__}.{source}")
