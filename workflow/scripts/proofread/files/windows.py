"""Windows of a genome as text."""


def window_name(contig, start, end, strand):
    """An interval as text, such as chr1:10-20(+); a strand of . is left out."""
    return f"{contig}:{start}-{end}" + ("" if strand == "." else f"({strand})")


def parsed_window(name):
    """Contig, start, end and strand of a name that `window_name` gave."""
    contig, _, rest = name.rpartition(":")
    span, _, strand = rest.removesuffix(")").partition("(")
    start, end = map(int, span.split("-"))
    return contig, start, end, strand or "."
