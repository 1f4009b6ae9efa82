"""In what the outputs of a network are, and what they are called."""

LOGIT = "logit"
USER, LOG_RATE = "user", "log rate"
OUTPUT = "output"  # of a network of quantities


def output_column(unit, scale=LOGIT):
    """The column of a table with outputs.

    Parameters
    ----------
    unit : str
        In what the outputs are: ``logit``; of quantities ``user`` (the user's units),
        ``log1p``, ``rank_normal`` or ``log rate``.
    scale : str
        ``logit`` or ``probability``: what logits are shown as.

    Returns
    -------
    str
        The scale, or ``output``: quantities have no other scale.
    """
    return scale if unit == LOGIT else OUTPUT


def output_name(unit, scale=LOGIT):
    """The same in a sentence, with the unit of quantities if it is not the user's."""
    return with_unit(output_column(unit, scale), unit)


def with_unit(text, unit):
    """Words for outputs, such as the label of an axis, with the unit in brackets.

    Parameters
    ----------
    text : str
    unit : str
        As of `output_column`; a logit and the user's own unit need no word.
    """
    return text if unit in (USER, LOGIT) else f"{text} ({unit.replace('_', ' ')})"
