"""What a dataset is, as a biologist reads it."""

from itertools import combinations
from pathlib import PurePath

import numpy as np

from proofread.configuration.labels import ALL
from proofread.configuration.logic import parse
from proofread.configuration.user_files import files_of
from proofread.datasets.dataset import SPLITS
from proofread.datasets.kmer_weights import kmer_motif
from proofread.dna.composition import gc_content
from proofread.motifs.motif import relative_entropy
from proofread.motifs.targets import is_planted
from proofread.report import charts
from proofread.report.measures import NUMBERS, measure_of
from proofread.report.methods import figure_of
from proofread.report.network import cell
from proofread.report.numbers import (
    count,
    counted,
    decimal,
    exact,
    interval,
    is_missing,
    listed,
    scientific,
)

STRATA = {
    "positive": "positive",
    "negative": "negative",
    "hard_negative": "hard negative",
}
_SHOWN = 3  # example sequences per stratum
_LARGEST_PREVIEW = 1_000_000  # bytes; one figure of a dataset, not one of many
_SHOWN_MOTIFS = 8  # motifs of the 6-mer model, of each target
_SHOWN_TARGETS = 6  # all are in the tables


def describe(results, name, settings, metrics, q_threshold):
    """What the page says of one dataset.

    Parameters
    ----------
    results : proofread.report.results.Results
    name : str
    settings : dict
        The dataset's entry of the configuration.
    metrics : pandas.DataFrame
        metrics.tsv of one of its networks, for the baselines.
    q_threshold : float
        Of a 6-mer's match with a known motif.
    """
    dataset = results.dataset(name)
    strata = _strata(dataset)
    return {
        "name": name,
        "simulated": settings["source"] == "simulate",
        "planted": dataset.simulated,
        "known": _known(dataset, settings),
        "sentence": sentence(dataset, settings),
        "motifs": _motifs(dataset, strata),
        "strata": [STRATA.get(stratum, stratum) for stratum in strata],
        "composition": _composition(dataset, strata),
        "splits": _splits(results.table(name, "splits.tsv")),
        "split_sentence": split_sentence(
            settings["split"],
            results.table(name, "splits.tsv"),
            quantitative=dataset.quantitative,
        ),
        "similar": _similar(results, name, settings["split"]),
        "preview": _preview(results, name, dataset.known),
        "quantitative": dataset.quantitative,
        "value_figure": _value_figure(results, name),
        "tracks": _tracks(dataset, strata),
        "kmers": _kmers(results, name, metrics),
        "q_threshold": f"{q_threshold:g}",
        "files": results.files(name),
        "preview_files": results.files(name, "preview"),
        "baselines": results.files(name, "baselines"),
    }


def sentence(dataset, settings):
    """What makes a sequence positive, or what its values are, in words."""
    lengths = dataset.length
    bases = (
        f"{lengths.min():,} bp"
        if lengths.min() == lengths.max()
        else f"{lengths.min():,}–{lengths.max():,} bp"
    )
    size = f"{counted(len(dataset), 'sequence')} of {bases}"
    if settings["source"] != "simulate":
        return f"{size}. {_of_files(dataset, settings)}"
    words = f"{size}, simulated. {_RULES[settings['rule']](settings)}"
    names = [name for name in dataset.motifs if name not in settings["motifs"]]
    if names:
        words += f" {listed(names)} {'is' if len(names) == 1 else 'are'} planted by"
        words += " chance, independently of the label."
    return words


def _of_files(dataset, settings):
    """Where a user's classes come from."""
    if settings.get("positives") is None:
        return _of_targets(dataset, settings)
    positive = int(dataset.label[:, 0].sum())
    negatives = settings["negatives"]
    if "match" in negatives:
        others = "genome windows, each with the GC content of one positive"
    elif "column" in negatives:
        others = f"rows of the same file, by its column {negatives['column']}"
    elif "shuffle" in negatives:
        kept = negatives["shuffle"]
        others = f"shuffled positives with the same {kept} counts"
    else:
        others = f"from {PurePath(negatives['path']).name}"
    return (
        f"{count(positive)} are labelled {settings['target']}, from"
        f" {PurePath(settings['positives']['path']).name}; the other"
        f" {count(len(dataset) - positive)} are {others}."
    )


def _of_targets(dataset, settings):
    """How many sequences of a table or an array each target has, and of what files."""
    sequences = {key: value for key, value in settings.items() if key != "truth"}
    files = listed([PurePath(path).name for path in files_of(sequences)])
    if not dataset.labelled:
        return f"They are from {files} and have no labels."
    if dataset.quantitative:
        return f"{_of_values(dataset)} The sequences are from {files}."
    counts = (dataset.label == 1).sum(axis=0)
    shown = [
        f"{count(positive)} {target}"
        for target, positive in zip(dataset.target, counts, strict=True)
    ]
    words = f"Positives: {_listed_targets(shown)}. The sequences are from {files}."
    if settings.get("label_threshold") is not None:
        words += f" Positive: a value of at least {settings['label_threshold']:g}."
    if settings.get("negatives"):
        kept = settings["negatives"]["shuffle"]
        words += f" Shuffled positives with the same {kept} counts are negatives."
    return words + _missing_labels(dataset)


def _missing_labels(dataset):
    """How many labels of binary targets are missing; empty if none is."""
    counts = np.isnan(dataset.label).sum(axis=0)
    shown = [
        f"{count(missing)} {target}"
        for target, missing in zip(dataset.target, counts, strict=True)
        if missing
    ]
    words = f" Missing labels: {_listed_targets(shown)}." if shown else ""
    left_out = dataset.settings.get("without_label", 0)
    if left_out:
        are = "is" if left_out == 1 else "are"
        words += (
            f" {counted(left_out, 'sequence')} of the input without any label"
            f" {are} left out."
        )
    return words


def _of_values(dataset):
    """How many values each quantitative target has, and their mean and spread."""
    shown = []
    for target, values in zip(dataset.target, dataset.label.T, strict=True):
        known = values[~np.isnan(values)]
        mean, spread = (
            decimal(float(value), 2) for value in (known.mean(), known.std())
        )
        shown.append(f"{count(len(known))} {target} (mean {mean}, SD {spread})")
    return f"Values: {_listed_targets(shown)}."


def _listed_targets(shown):
    """What is said of each target, of the first ones only."""
    if len(shown) > _SHOWN_TARGETS:
        more = len(shown) - _SHOWN_TARGETS
        shown = [*shown[:_SHOWN_TARGETS], f"{counted(more, 'target')} more"]
    return listed(shown)


def _presence(settings):
    motifs = settings["motifs"]
    positive = settings["positive_motifs"] or motifs
    others = [name for name in motifs if name not in positive]
    words = [f"A sequence is positive if it contains {listed(positive)}."]
    if others:
        are = "is a decoy" if len(others) == 1 else "are decoys"
        words.append(f"{listed(others)} {are}, which the rule ignores.")
    if len(positive) > 1:
        words.append("Hard negatives contain all positive motifs but one.")
    elif others:
        words.append("Hard negatives contain another motif instead.")
    return " ".join(words)


def _order(settings):
    first, second = settings["motifs"]
    return (
        f"A sequence is positive if {first} is before {second}; hard negatives"
        " contain the same two motifs in reverse order."
    )


def _distance(settings):
    first, second = settings["motifs"]
    return (
        f"A sequence is positive if {first} is before {second} with a gap of"
        f" {settings['min_gap']}–{settings['max_gap']} bp; hard negatives contain"
        " the same pair in the same order with a gap outside that range."
    )


def _logic(settings):
    motifs = settings["motifs"]
    if settings["targets"] is None:
        return (
            "A sequence is positive if it contains"
            f" {parse(settings['logic'], motifs, 'logic').words()}; in hard negatives"
            " one motif more or less would make them positive."
        )
    return _expressions_in_words(settings)


def _gc(settings):
    positive, negative = (
        decimal(100 * settings[key], 0) for key in ("positive_gc", "negative_gc")
    )
    return (
        f"Positives are random bases of {positive} % GC, negatives of {negative} %;"
        " they do not differ otherwise."
    )


def _none(settings):
    motifs = settings["motifs"]
    are = "is" if len(motifs) == 1 else "are"
    return (
        f"{listed(motifs)} {are} planted, but the labels are random: there is"
        " nothing to learn, and a network should stay at AUROC 0.5."
    )


def _pool(settings):
    motifs, number = settings["motifs"], settings["motifs_per_sequence"]
    drawn = f"{number['min']}–{number['max']} motifs are drawn with replacement"
    if settings["targets"] is not None:
        return (
            f"Of {listed(motifs)}, {drawn} for each sequence."
            f" {_expressions_in_words(settings)}"
        )
    return (
        f"For each sequence {drawn}: for positives, of {listed(motifs)}; for"
        f" negatives, of these and {len(settings['negative_motifs'])} further motifs."
        " Hard negatives contain at least one motif of the positives."
    )


def _pairs(settings):
    pairs = settings["interacting_pairs"]
    number = settings["pairs_per_sequence"] or {"min": 1, "max": 1}
    low, high = number["min"], number["max"]
    planted = decimal(low, 0) if low == high else f"{low}–{high}"
    named = "; ".join(" with ".join(pair) for pair in pairs)
    return (
        f"Each sequence contains {planted} {'pair' if high == 1 else 'pairs'} of"
        f" motifs, {settings['min_gap']}–{settings['max_gap']} bp apart, in either"
        " order."
        f" Positives contain interacting pairs ({named}). In negatives no two motifs"
        " interact; each motif is as frequent as in positives."
    )


def _effects(settings):
    number, noise = settings["motifs_per_sequence"], settings["noise"]
    effects = [
        f"{name} {_signed(effect)}" for name, effect in settings["effects"].items()
    ]
    words = (
        f"The value is a number. {number['min']}–{number['max']} motifs are drawn with"
        " replacement for each sequence; each instance adds the effect of its motif"
        f" times its strength ({'; '.join(effects)})."
    )
    combined = [
        f"{' with '.join(item['motifs'])}, {item['form'].replace('_', ' ')}"
        + ("" if item["effect"] is None else f" {_signed(item['effect'])}")
        for item in settings["interactions"]
    ]
    if combined:
        words += f" Interactions: {'; '.join(combined)}."
    if settings["gc_slope"]:
        words += f" The slope on the GC content is {_signed(settings['gc_slope'])}."
    if noise is None:
        return f"{words} There is no noise."
    ratio = noise["signal_to_noise"]
    words += f" The noise is {noise['kind'].capitalize()}"
    return f"{words}." if ratio is None else f"{words}, signal to noise {ratio:g}."


def _signed(value):
    """A number of the settings, with a true minus sign."""
    return f"{value:g}".replace("-", "−")


def _expressions_in_words(settings):
    rules = [
        f"{target}: {parse(expression, settings['motifs'], target).words()}"
        for target, expression in settings["targets"].items()
    ]
    return f"Each target is positive if a sequence contains: {'; '.join(rules)}."


_RULES = {
    "presence": _presence,
    "order": _order,
    "distance": _distance,
    "logic": _logic,
    "gc": _gc,
    "pool": _pool,
    "pairs": _pairs,
    "effects": _effects,
    "none": _none,
}


def _strata(dataset):
    """Names of the strata, known ones first, each with its rows."""
    names = np.array(dataset.stratum, dtype=object)
    present = sorted(set(dataset.stratum))
    ordered = [item for item in STRATA if item in present]
    ordered += [item for item in present if item not in STRATA]
    return {item: np.flatnonzero(names == item) for item in ordered}


def _known(dataset, settings):
    """Which sites are known, in words; empty where none are."""
    if not dataset.known:
        return ""
    truth, counts = settings["truth"], dataset.settings["known_sites"]
    sequences = counted(dataset.truth["sequence"].nunique(), "sequence")
    are = "is" if len(dataset.truth) == 1 else "are"
    words = f"{counted(len(dataset.truth), 'site')} in {sequences} {are} known"
    if "motifs_file" in truth:
        return (
            f"{words}: matches of {PurePath(truth['motifs_file']).name} in"
            f" {'all sequences' if dataset.quantitative else 'the positives'} at"
            f" p < {truth['p_threshold']:g}."
        )
    words += f", from {PurePath(truth['sites']).name}."
    left_out = [
        f"{count(counts[name])} {reason}"
        for name, reason in (
            ("over_edges", "over the edge of a sequence"),
            ("elsewhere", "in none of the sequences"),
        )
        if counts[name]
    ]
    return f"{words} Left out: {listed(left_out)}." if left_out else words


def _motifs(dataset, strata):
    """Motifs of the truth: matrix, role, how many sequences of a stratum hold them."""
    rows = []
    for position, name in enumerate(dataset.truth_names):
        matrix = dataset.motifs.get(name)
        instances = dataset.truth[dataset.truth["motif"] == name]
        holding = instances["sequence"].unique()
        rows.append(
            {
                "name": name,
                "colour": f"m{position % 6}",
                "logo": "" if matrix is None else charts.logo(matrix, name),
                "role": listed(sorted(set(instances["role"]))),
                "width": _width(instances) if matrix is None else len(matrix),
                "bits": None
                if matrix is None
                else _measured(relative_entropy(matrix).sum(), 1),
                "instances": count(len(instances)),
                "holding": [
                    _measured(np.isin(members, holding).mean(), 2)
                    for members in strata.values()
                ],
            }
        )
    return rows


def _width(sites):
    """Widths of sites, smallest and largest."""
    width = sites["end"] - sites["start"]
    low, high = width.min(), width.max()
    return f"{low}" if low == high else f"{low}–{high}"


def _measured(value, digits, beside=""):
    """A number as it is shown, its digits, and what stands below it in small type."""
    value = float(value)
    return {
        "shown": decimal(value, digits),
        "exact": exact(value),
        "interval": beside,
    }


def _composition(dataset, strata):
    """Length, GC content and unknown bases of each stratum."""
    rows = []
    for stratum, members in strata.items():
        index, length = dataset.index[members], dataset.length[members]
        # Padding is 4 as well; it is not a base of the sequence.
        bases = np.arange(index.shape[1])[None, :] < length[:, None]
        gc = gc_content(index)
        low, median, high = np.percentile(length, [0, 50, 100])
        rows.append(
            {
                "stratum": STRATA.get(stratum, stratum),
                "sequences": count(len(members)),
                "length": f"{median:,.0f}"
                if low == high
                else f"{median:,.0f} ({low:,.0f}–{high:,.0f})",
                "gc": _measured(gc.mean(), 3, f"± {decimal(float(gc.std()))}"),
                "unknown": count(int((bases & (index == 4)).sum())),
            }
        )
    return rows


def _splits(table):
    """Sequences of each stratum in each split."""
    counts = {
        (row["split"], row["stratum"]): row["sequences"]
        for row in table.to_dict("records")
    }
    present = list(dict.fromkeys(table["stratum"]))
    strata = [item for item in STRATA if item in present]
    strata += [item for item in present if item not in STRATA]
    return [
        (
            STRATA.get(stratum, stratum),
            [count(counts.get((split, stratum), 0)) for split in SPLITS],
        )
        for stratum in strata
    ]


def split_sentence(split, table, *, quantitative=False):
    """How the sequences were split, in words.

    Parameters
    ----------
    split : dict
        The split of the dataset's settings.
    table : pandas.DataFrame
        splits.tsv.
    quantitative : bool
        Whether the targets are numbers.
    """
    if split["by"] == ALL:
        return (
            "All sequences are in the test split, so that none is left to train a"
            " network or a baseline on."
        )
    fractions = (
        f"{decimal(100 * split['validation'], 0)} % for validation and "
        f"{decimal(100 * split['test'], 0)} % for testing"
    )
    if split["by"] == "given":
        return (
            "The input files give the splits; validation is taken from train if they "
            "name none."
        )
    if split["by"] == "group":
        grouped = (table["groups"] < table["sequences"]).any()
        how = (
            "each group of sequences stays in one split"
            if grouped
            else "each sequence is a group of its own"
        )
        return f"{fractions}; {how} (seed {split['seed']})."
    what = (
        "fractions of each fifth of the values" if quantitative else "class fractions"
    )
    return f"{fractions}, with the same {what} (seed {split['seed']})."


def _similar(results, name, split):
    """What the split found alike, in a sentence; nothing where it did not look."""
    if not results.has(name, "leakage.tsv"):
        return ""
    table = results.table(name, "leakage.tsv")
    if table.empty:
        return ""
    row = table.set_index("kind").loc["any"]
    what = (
        f"{decimal(100 * split['similarity'], 0)} % identity over"
        f" {decimal(100 * split['coverage'], 0)} % of the shorter, either strand"
    )
    if row["pairs"] == 0:
        return f"No two sequences are similar ({what})."
    said = f"{counted(row['sequences'], 'sequence')} are similar to another ({what})."
    if split["by"] == "given":
        between = [
            f"{counted(row[f'cut_{one}_{other}'], 'pair')} in {one} and {other}"
            for one, other in combinations(SPLITS, 2)
        ]
        return f"{said} Similar sequences in two splits: {listed(between)}."
    said += (
        f" Without this check {counted(row['cut_without'], 'pair')} would be in two"
        f" splits; now {count(row['cut'])} are."
    )
    if split["by"] == "group" and row["cut_without"] > 0:
        said += (
            " Where groups were too large to join, similar sequences stay together and"
            " leave their groups."
        )
    return said


def _preview(results, name, known=False):
    """The preview's figure, as methods' figures are shown, and what it says."""
    if not results.has(name, "preview", "preview.svg"):
        return None
    motifs = results.table(name, "preview", "motifs.tsv")
    chance = [
        f"{row.motif} has {count(row.chance_found)} chance matches outside the"
        f" {'known sites' if known else 'planted positions'}"
        f" ({count(row.chance_expected)} expected)"
        for row in motifs.itertuples()
        if not is_missing(row.chance_expected)
    ]
    return {
        **figure_of(results, name, "preview", "preview.svg", most=_LARGEST_PREVIEW),
        "chance": "; ".join(chance),
    }


def _value_figure(results, name):
    """The figure of quantitative targets; None of binary ones."""
    if not results.has(name, "preview", "values.svg"):
        return None
    return figure_of(results, name, "preview", "values.svg", most=_LARGEST_PREVIEW)


def _kmers(results, name, metrics):
    """The motifs of the 6-mer model, heaviest first; none where it has none.

    A target that 6-mers predict no better than chance has a row that says so.
    """
    if not results.has(name, "baselines", "motifs.tsv"):
        return []
    motifs = results.table(name, "baselines", "motifs.tsv")
    kmers = results.table(name, "baselines", "kmers.tsv")
    shown = list(dict.fromkeys(motifs["target"]))[:_SHOWN_TARGETS]
    rows = []
    for target in shown:
        of = target if len(shown) > 1 else ""
        if weak := weak_kmers(metrics, target):
            rows.append({"target": of, "weak": weak})
            continue
        own = motifs[motifs["target"] == target].head(_SHOWN_MOTIFS)
        rows += [{"target": of, **row} for row in _kmer_rows(own, kmers)]
    return rows


def weak_kmers(metrics, target):
    """Why the 6-mers of a target are no finding; empty if they may be."""
    measure = measure_of(metrics)
    found = cell(metrics, "kmer6", target, measure.metric)
    if found is None or is_missing(found["value"]):
        return f"The {measure.name} of 6-mers is not defined."
    if is_missing(found["ci_low"]) or found["ci_low"] <= measure.nothing:
        bounds = interval(found["ci_low"], found["ci_high"])
        value = f"{measure.name} {decimal(found['value'])} {bounds}".strip()
        if measure == NUMBERS:
            return (
                f"6-mers do not predict better than the mean of the values ({value})."
            )
        return f"6-mers do not tell the classes apart ({value})."
    return ""


def _kmer_rows(motifs, kmers):
    """The motifs of one target, ready to be written."""
    rows = []
    for row in motifs.to_dict("records"):
        members = (kmers["target"] == row["target"]) & (kmers["motif"] == row["motif"])
        members = kmers[members]
        matched = not is_missing(row["best_hit"])
        rows.append(
            {
                "weak": "",
                "logo": charts.logo(kmer_motif(members).matrix, row["consensus"]),
                "kmers": ", ".join(
                    f"{kmer} {decimal(weight, 2)}"
                    for kmer, weight in zip(
                        members["kmer"], members["weight"], strict=True
                    )
                ),
                "weight": {
                    "shown": decimal(row["weight"], 2),
                    "exact": exact(row["weight"]),
                },
                "match": row["protein"] if matched else "",
                "planted": matched and is_planted(row["best_hit"]),
                "q": scientific(row["q"]) if matched else "",
            }
        )
    return rows


def _tracks(dataset, strata):
    """The first sequences of each stratum with their planted motifs or known sites."""
    if not dataset.has_truth:
        return None
    rows = []
    for stratum, members in strata.items():
        for row in members[:_SHOWN]:
            planted = dataset.truth[dataset.truth["sequence"] == row]
            rows.append(
                (
                    f"{STRATA.get(stratum, stratum)}, {dataset.name[row]}",
                    list(
                        planted[["motif", "start", "end", "strand"]].itertuples(
                            index=False, name=None
                        )
                    ),
                )
            )
    return charts.tracks(
        rows,
        int(dataset.length.max()),
        dataset.truth_names,
        label=f"{'Known sites' if dataset.known else 'Planted motifs'} in the first"
        " sequences of each stratum",
    )
