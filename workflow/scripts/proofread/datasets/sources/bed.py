"""Intervals of a genome: BED and FASTA, read through an index."""

from collections import Counter

import pyfaidx

from proofread.configuration.labels import is_quantitative
from proofread.datasets.assembly import (
    Sequence,
    assemble,
    drawn,
    log_labels,
    log_unknown,
)
from proofread.datasets.known_sites import Place, with_known_sites
from proofread.datasets.labels import binary_label
from proofread.datasets.negatives import with_shuffles, with_windows
from proofread.datasets.quantities import ask_about_fractions, quantity
from proofread.dna.encoding import reverse_complement
from proofread.errors import InputError
from proofread.files.bed import (
    PEAK_COLUMNS,
    has_summits,
    is_peak_file,
    read_bed,
)
from proofread.files.genome import open_genome
from proofread.files.headers import genome_group
from proofread.files.windows import parsed_window, window_name
from proofread.progress import log

POSITIVE, NEGATIVE = 1.0, 0.0
_RENAME = (
    "remove 'name' of positives and negatives: windows are then named by their place"
)
_RENAME_INTERVALS = "remove 'name' of intervals: windows are then named by their place"
# Columns in which -1 says that the value is missing (ENCODE). A column that is given by
# its number may be of a file of any origin, where -1 is a value.
_WITH_MISSING = ("pValue", "qValue")


def read(settings, where):
    """Read a dataset from BED files and their genome.

    Parameters
    ----------
    settings : dict
        As described by ``workflow/schemas/datasets/bed.schema.yaml``, with every
        default filled in.
    where : str
        The settings' place in the configuration, for error messages.

    Returns
    -------
    Dataset
        Positives in the order of their file, then negatives; in the order of the file
        if a column of it holds the label or the value. The truth has the known sites,
        if any.

    Raises
    ------
    InputError
        With file and line.
    """
    _check_length(settings, where)
    with open_genome(settings["genome"]["path"]) as genome:
        read_all = _read_values if is_quantitative(settings) else _read_classes
        dataset, places = read_all(settings, genome, where)
        sizes = dict(genome.lengths)
    dataset.settings["versions"]["pyfaidx"] = pyfaidx.__version__
    log_labels(dataset)
    return with_known_sites(dataset, settings, where, places, sizes)


def _read_values(settings, genome, where):
    """The dataset of intervals with a number each, and the place of each sequence."""
    chosen = settings["intervals"]
    sequences, _, places = _read_class(
        chosen["path"],
        chosen,
        _value_from_column(chosen["column"], where),
        genome,
        settings,
        where,
    )
    dataset = assemble(
        sequences, [settings["target"]], settings, where, rename=_RENAME_INTERVALS
    )
    return dataset, places


def _read_classes(settings, genome, where):
    """The dataset of two classes, and the place of each sequence by its name."""
    positives, negatives = settings["positives"], settings["negatives"]
    labelled, texts = "column" in negatives, []
    sequences, excluded, places = _read_class(
        positives["path"],
        positives,
        _label_from_column(negatives, where, texts) if labelled else lambda _: POSITIVE,
        genome,
        settings,
        where,
    )
    if labelled and negatives["label_threshold"] is not None:
        ask_about_fractions(
            [float(text) for text in texts],
            settings["target"],
            negatives["label_threshold"],
            where,
        )
    if "path" in negatives:
        negative_sequences, _, negative_places = _read_class(
            negatives["path"],
            negatives,
            lambda _: NEGATIVE,
            genome,
            settings,
            where,
        )
        sequences += negative_sequences
        places |= negative_places
    dataset = assemble(
        sequences,
        [settings["target"]],
        settings,
        where,
        rename=_RENAME,
    )
    if "shuffle" in negatives:
        dataset = with_shuffles(
            dataset, negatives, f"{where}.negatives", rename=_RENAME
        )
    if "match" in negatives:
        positive = len(dataset)
        dataset = with_windows(
            dataset,
            genome,
            [(interval.contig, interval.start, interval.end) for interval in excluded],
            negatives,
            f"{where}.negatives",
            stranded=any(interval.strand != "." for interval in excluded),
            block=settings["block"],
        )
        names = dataset.name[positive:]
        places |= {name: Place(*parsed_window(name)) for name in names}
    return dataset, places


def window_of(interval, length, upstream, summit=None):
    """The window of an interval.

    Its centre is the summit, or the base (start + end) // 2 of a forward interval and
    the mirror image of it on the reverse strand. The centre is at index `upstream` of
    the sequence as it is read, on either strand.

    Parameters
    ----------
    interval : proofread.files.bed.Interval
    length : int or None
        bp; None takes the interval as it is.
    upstream : int or None
        bp before the centre, in the direction of the strand; None is half of
        `length`, rounded down.
    summit : int or None
        The base that is the centre, 0-based; None is the middle.

    Returns
    -------
    proofread.datasets.known_sites.Place
        It may extend beyond its contig.
    """
    if length is None:
        return Place(interval.contig, interval.start, interval.end, interval.strand)
    upstream = length // 2 if upstream is None else upstream
    if interval.strand == "-":
        middle = (interval.start + interval.end - 1) // 2
        start = (middle if summit is None else summit) + upstream - length + 1
    else:
        middle = (interval.start + interval.end) // 2
        start = (middle if summit is None else summit) - upstream
    return Place(interval.contig, start, start + length, interval.strand)


def _check_length(settings, where):
    """Refuse settings of a window's centre where the windows have no length."""
    length, upstream = settings["length"], settings["upstream"]
    if settings["centre"] is not None and length is None:
        raise InputError(
            f"{where}.centre",
            f"{settings['centre']} with length null, which takes intervals as they are",
            "a length in bp of the windows around the centre",
            "set length, or remove centre",
        )
    if upstream is not None and (length is None or upstream >= length):
        raise InputError(
            f"{where}.upstream",
            f"{upstream} with length {'null' if length is None else length}",
            "a window of a fixed length that extends beyond its centre",
            "set length above upstream, or remove upstream",
        )


def _read_class(path, chosen, label_of, genome, settings, where):
    """Sequences drawn of one file, all its intervals and windows, and their places."""
    sequences, intervals, places, beyond = [], [], {}, 0
    times = Counter()
    all_intervals = read_bed(path)
    section = "intervals" if is_quantitative(settings) else "negatives"
    _check_named_column(
        path,
        all_intervals,
        settings[section].get("column"),
        f"{where}.{section}.column",
    )
    at_summit = _at_summits(path, all_intervals, settings, where)
    for interval in all_intervals:
        label = (label_of(interval),)
        _check_interval(interval, genome)
        window = window_of(
            interval,
            settings["length"],
            settings["upstream"],
            interval.summit if at_summit else None,
        )
        size = genome.lengths[window.contig]
        if window.start < 0 or window.end > size:
            _check_outside(interval, window, size, settings, where)
            beyond += 1
            continue
        name = _name(interval, window, chosen["name"], times)
        places[name] = window
        sequences.append(_sequence(interval, window, name, label, genome, settings))
        intervals += [interval, window]
    log.info("%s: dropped %d windows that extend beyond a contig", path, beyond)
    if not sequences:
        raise InputError(
            path,
            f"no window within the genome; {beyond} extend beyond a contig",
            "at least one",
            "lower length, or check that the genome is that of the intervals",
        )
    log_unknown(path, [sequence.index for sequence in sequences])
    # No negative may overlap an interval, drawn or not.
    return drawn(sequences, chosen), intervals, places


def _at_summits(path, intervals, settings, where):
    """Whether the windows of a file are centred on its summits."""
    centre, length = settings["centre"], settings["length"]
    if length is None or centre == "middle":
        return False
    if not has_summits(path, intervals):
        if centre == "summit":
            raise InputError(
                path,
                f"no summit, but {where}.centre is summit",
                "narrowPeak: ten columns, the last one the distance of the summit from "
                "the start",
                "give the narrowPeak file, or remove centre for the middle of each "
                "interval",
            )
        return False
    missing = sum(interval.summit is None for interval in intervals)
    log.info(
        "%s: windows are centred on the summit of each peak (column 10); %d without a "
        "summit are centred on their middle",
        path,
        missing,
    )
    return True


def _label_from_column(negatives, where, texts):
    """The function that reads an interval's label, and adds its text to `texts`."""

    def label_of(interval):
        column = PEAK_COLUMNS.get(negatives["column"], negatives["column"])
        texts.append(interval.column(column, f"{where}.negatives.column"))
        return binary_label(
            texts[-1],
            negatives["label_threshold"],
            f"{interval.where}, column {column}",
            "negatives.label_threshold",
        )

    return label_of


def _value_from_column(name, where):
    """The function that reads an interval's value from a column of its file."""
    column = PEAK_COLUMNS.get(name, name)

    def value_of(interval):
        text = interval.column(column, f"{where}.intervals.column")
        value = quantity(text, f"{interval.where}, column {column}")
        return None if name in _WITH_MISSING and value == -1 else value

    return value_of


def _check_named_column(path, intervals, column, where):
    """Refuse the name of a column of narrowPeak for another kind of file."""
    # 'score' is column 5 of any BED file.
    named = column in PEAK_COLUMNS and column != "score"
    if named and not is_peak_file(path, intervals):
        raise InputError(
            where,
            f"{column}, but {path} is neither narrowPeak nor broadPeak",
            "a file of 9 or 10 columns, of which 7 to 9 are numbers, or with the "
            "ending .narrowPeak or .broadPeak",
            "write the number of the column",
        )


def _check_interval(interval, genome):
    genome.check_contig(interval.contig, interval.where)
    size = genome.lengths[interval.contig]
    if interval.end > size:
        raise InputError(
            interval.where,
            f"the end {interval.end}, beyond the contig {interval.contig}",
            f"at most {size}, its length in {genome.path}",
            "correct the interval, or give the genome of the intervals",
        )


def _check_outside(interval, window, size, settings, where):
    if settings["outside"] == "error":
        raise InputError(
            interval.where,
            f"the window {window.start}-{window.end} extends beyond the contig "
            f"{window.contig} of {size} bp",
            f"room for {settings['length']} bp ({where}.length)",
            "set outside: drop to drop such intervals, or lower length",
        )


def _name(interval, window, column, times):
    """The name in a column, or the window's place; a place again is place_2, _3, ..."""
    if column is not None:
        return interval.column(column, "the key 'name'")
    place = window_name(window.contig, window.start, window.end, window.strand)
    times[place] += 1
    return place if times[place] == 1 else f"{place}_{times[place]}"


def _sequence(interval, window, name, label, genome, settings):
    index = genome.fetch(window.contig, window.start, window.end)
    if window.strand == "-":
        index = reverse_complement(index)
    group = genome_group(window.contig, window.start, settings["block"])
    place = window_name(window.contig, window.start, window.end, window.strand)
    return Sequence(interval.where, name, group, index, label, place)
