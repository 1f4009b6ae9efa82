"""What queries are compared with: databases and planted matrices as one pool.

Targets of all sources are tested together, as the MEME Suite does with several files:
they share the null distribution and the list of q-values, and the order of the sources
only breaks ties.
"""

from dataclasses import replace

from proofread.motifs.motif import Motif

# The source of planted motifs; no database bears this name.
PLANTED = "planted"


def pool_targets(databases, planted):
    """All targets under names that tell them apart.

    Parameters
    ----------
    databases : dict of str to list of Motif
        Known motifs by the name of their database.
    planted : dict of str to numpy.ndarray, shape (width, 4)
        Matrices that were planted in simulated sequences.

    Returns
    -------
    list of Motif
        The databases' in their order, then the planted ones; `source` is the name of
        the database, or `PLANTED`. A planted motif is called ``planted:<name>``, a
        known one as in its file; but where two databases share a name, or one has a
        name that begins with ``planted:``, all known ones are ``<database>:<name>``.
    """
    known = [
        replace(motif, source=database)
        for database, motifs in databases.items()
        for motif in motifs
    ]
    names = [motif.name for motif in known]
    if len(set(names)) < len(names) or any(map(is_planted, names)):
        known = [replace(m, name=f"{m.source}:{m.name}") for m in known]
    return [
        *known,
        *(
            Motif(f"{PLANTED}:{name}", matrix, alternative_name=name, source=PLANTED)
            for name, matrix in planted.items()
        ),
    ]


def is_planted(name):
    """Whether the name of a target is that of a planted motif."""
    return name.startswith(f"{PLANTED}:")


def own_name(target):
    """The name of a target in its own database."""
    return target.name.removeprefix(f"{target.source}:")


def protein_name(target):
    """The protein a known motif belongs to.

    CIS-BP writes ``(TFAP2E)_(Mus_musculus)_(DBD_0.99)`` as the second name: the first
    parentheses hold the protein. JASPAR's files put the identifier and a dot in front
    of it. Where there is no second name it is the identifier.
    """
    name, second = own_name(target), target.alternative_name
    if second.startswith("(") and ")" in second:
        return second[1 : second.index(")")]
    return second.removeprefix(f"{name}.") or name


def readable_name(motif):
    """A motif as a reader knows it: ``Spi1 (MA0080.7)``; its name where that is all."""
    protein = protein_name(motif)
    return motif.name if protein in motif.name else f"{protein} ({motif.name})"


def readable(table, columns, motifs):
    """A table for a figure, with the names of motifs as a reader knows them.

    Parameters
    ----------
    table : pandas.DataFrame
    columns : list of str
        Those that hold names of motifs; others in them stay as they are.
    motifs : list of Motif
    """
    names = {motif.name: readable_name(motif) for motif in motifs}
    return table.assign(
        **{
            column: [names.get(name, name) for name in table[column]]
            for column in columns
        }
    )
