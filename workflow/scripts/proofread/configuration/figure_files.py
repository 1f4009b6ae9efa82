"""Which files a figure is written to: an SVG, and siblings in other formats."""


def siblings(formats, folder, *names):
    """Paths of the siblings of a rule's figures: none if only SVG is asked for.

    Parameters
    ----------
    formats : list of str
        `figures.formats` of the configuration.
    folder : str
        Folder of the figures, as the rule writes it.
    *names : str
        Names of the figures without ``.svg``.

    Returns
    -------
    list of str
        A figure's paths follow each other.
    """
    others = [suffix for suffix in formats if suffix != "svg"]
    return [f"{folder}/{name}.{suffix}" for name in names for suffix in others]
