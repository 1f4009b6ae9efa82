"""One FASTA file per class, positives alone, or sequences without labels."""

from proofread.configuration.names import target_names
from proofread.datasets.assembly import (
    Sequence,
    assemble,
    drawn,
    log_labels,
    log_unknown,
)
from proofread.datasets.known_sites import own_places, with_known_sites
from proofread.datasets.negatives import with_shuffles, with_windows
from proofread.errors import InputError
from proofread.files.fasta import read_fasta
from proofread.files.genome import open_genome
from proofread.files.headers import (
    check_block,
    header_group,
    header_pattern,
    parse_header,
    position_of,
)

LABELS = {"positives": (1.0,), "negatives": (0.0,)}
_RENAME = (
    "write names: number to number the records, or give the dataset a header pattern "
    "whose group 'name' tells them apart"
)


def read(settings, where):
    """Read a dataset from FASTA.

    Parameters
    ----------
    settings : dict
        As described by ``workflow/schemas/datasets/fasta.schema.yaml``, with every
        default filled in.
    where : str
        The settings' place in the configuration, for error messages.

    Returns
    -------
    Dataset
        Positives in the order of their file, then negatives; or sequences without
        labels. The truth has the known sites, if any.

    Raises
    ------
    InputError
        With file, line and record.
    """
    targets = target_names(settings)
    labels = LABELS
    if settings["sequences"] is not None:
        labels = {"sequences": (None,) * len(targets)}
    sequences = []
    for key, label in labels.items():
        if "path" in settings[key]:
            sequences += _read_class(settings, key, label, where)
    dataset = assemble(
        sequences,
        targets,
        settings,
        where,
        rename=_RENAME,
        length=settings["length"],
        trim=settings["trim"],
        labelled=labels is LABELS,
    )
    if dataset.labelled and "shuffle" in settings["negatives"]:
        dataset = with_shuffles(
            dataset, settings["negatives"], f"{where}.negatives", rename=_RENAME
        )
    elif dataset.labelled and "match" in settings["negatives"]:
        dataset = _with_windows(dataset, settings, where)
    log_labels(dataset)
    places = own_places(sequences, settings["length"])
    return with_known_sites(dataset, settings, where, *places)


def _read_class(settings, key, label, where):
    chosen = settings[key]
    records = read_fasta(chosen["path"])
    log_unknown(
        chosen["path"],
        [record.index for record in records],
        sum(record.soft_masked for record in records),
    )
    pattern = header_pattern(chosen["header"], f"{where}.{key}.header")
    check_block(settings["block"], pattern, f"{key}.header", where)
    sequences = []
    for number, record in enumerate(records, start=1):
        header = parse_header(record, pattern)
        group = header_group(header, settings["block"], record.where)
        name = header.name
        if settings["names"] == "number":
            # A group that is only the name becomes the new name.
            name = f"{key.removesuffix('s')}{number}"
            group = name if group == header.name else group
        sequences.append(Sequence(record.where, name, group, record.index, label))
    return drawn(sequences, chosen)


def _with_windows(dataset, settings, where):
    """Add windows of a genome with the positives' GC content, none overlapping them."""
    negatives, positives = settings["negatives"], settings["positives"]
    where = f"{where}.negatives"
    pattern = header_pattern(positives["header"], where)
    groups = pattern.groupindex
    with open_genome(negatives["genome"]["path"]) as genome:
        excluded = [
            _around(genome, record, pattern, where)
            for record in read_fasta(positives["path"])
        ]
        return with_windows(
            dataset,
            genome,
            excluded,
            negatives,
            where,
            stranded=True,
            block=settings["block"],
            keep_group="chromosome" not in groups or "group" in groups,
        )


def _around(genome, record, pattern, where):
    """The interval that no negative overlaps: a record and its length on either side.

    The position in the header may be the start, the middle or the end of the record,
    counted from 0 or from 1.
    """
    header = parse_header(record, pattern)
    contigs = list(genome.lengths)
    contig = header.chromosome or (contigs[0] if len(contigs) == 1 else None)
    if contig is None or header.position is None:
        raise InputError(
            where,
            "positives.header has no group 'position' or no group 'chromosome'",
            "the position of each positive, so that no negative overlaps it",
            "add (?P<chromosome>\\w+) and (?P<position>\\d+) to the pattern, or use "
            "negatives: {shuffle: dinucleotide}",
        )
    genome.check_contig(contig, record.where)
    position, size = position_of(header, record.where), len(record.index)
    return contig, max(0, position - size), position + size + 1
