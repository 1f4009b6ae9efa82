"""Which stretches of a sequence a prediction depends on: windows exchanged."""

import numpy as np
import pandas as pd

from proofread.errors import InputError
from proofread.examined import read_examined
from proofread.figures import save_figure
from proofread.job import log, progress, start
from proofread.kmer_figures import (
    draw_aligned,
    draw_examples,
    draw_map,
    draw_robustness,
)
from proofread.kmer_windows import (
    SCALES,
    aligned_effects,
    anchors_of,
    base_frequencies,
    base_importance,
    draw_words,
    mean_importance,
    perturb_windows,
    robustness,
    starts_of,
    transition_frequencies,
)
from proofread.local_edits import EditedLogits
from proofread.model import load_predictor
from proofread.position_scores import effect_answers, position_scores
from proofread.sequence_tracks import example_rows
from proofread.sequences import BASES, decode, encode
from proofread.tables import write_score, write_table, write_values

_STATISTICS = ("mean", "sd", "low", "high", "least")
_WHERE = "methods.kmer_perturbation"


def read_inserts(inserts, lengths):
    """Fixed words as indices, one for each length.

    Parameters
    ----------
    inserts : list of str
    lengths : list of int

    Returns
    -------
    dict of int to numpy.ndarray, shape (length,), uint8

    Raises
    ------
    InputError
        If they are not as many as the lengths, each of its length, of A, C, G and T.
    """
    if [len(word) for word in inserts] != list(lengths):
        raise InputError(
            f"{_WHERE}.inserts",
            f"words of {', '.join(str(len(word)) for word in inserts)} bases",
            f"one for each of 'lengths', {', '.join(map(str, lengths))}, in that order",
            "add, remove or correct words, or leave 'inserts' out to draw them",
        )
    for word in inserts:
        if set(word.upper()) - set(BASES):
            raise InputError(
                f"{_WHERE}.inserts",
                f"the word {word!r}",
                "the letters A, C, G and T",
                "correct it",
            )
    return {len(word): encode(word) for word in inserts}


def word_maker(index, size, rng, *, mode, draws_from, force_change, insert=None):
    """What stands in the windows of one length instead.

    Parameters
    ----------
    index : numpy.ndarray, shape (n, length), uint8
        Whose bases, or dinucleotides, are drawn from.
    size : int
    rng : numpy.random.Generator
    mode : str
        `repeated`, or one of Genomic-ULMFiT's (Heyer et al. 2019): `faithful_fresh`,
        one uniform word for each window, and `faithful_reused`, one for each sequence,
        in all its windows; both may draw the bases that stand there.
    draws_from : str
        `uniform`, `background` or `dinucleotide`; of `repeated`.
    force_change : bool
        Whether each base is another than the one that stands there; of `repeated`.
    insert : numpy.ndarray or None
        This word, always.

    Returns
    -------
    callable
        As `proofread.kmer_windows.perturb_windows` takes it.
    """
    frequencies = {
        "uniform": lambda: np.full(4, 0.25),
        "background": lambda: base_frequencies(index),
        "dinucleotide": lambda: transition_frequencies(index),
    }["uniform" if mode.startswith("faithful") else draws_from]()
    reused = rng.integers(4, size=(len(index), size), dtype=np.uint8)

    def words(row, _, old, before):
        if insert is not None:
            return np.broadcast_to(insert, old.shape)
        if mode == "faithful_reused":
            return reused[row]
        change = force_change and mode == "repeated"
        return draw_words(
            old, before, rng, frequencies=frequencies, force_change=change
        )

    return words


# --- Tables ---------------------------------------------------------------------------


def summary_table(dataset, many):
    """One row per sequence, target and length: the window that changes most."""
    tables = []
    rows = np.arange(len(dataset))
    for column, target in enumerate(dataset.target):
        for windows in many:
            mean = windows.mean["logit"][:, column]
            exchanged = (~np.isnan(mean)).sum(axis=1)
            table = pd.DataFrame(
                {
                    "sequence": dataset.name,
                    "target": target,
                    "label": np.asarray(dataset.label)[:, column],
                    **{scale: windows.intact[scale][:, column] for scale in SCALES},
                    "length": windows.size,
                    "windows": exchanged,
                    "draws": windows.draws,
                    "mean_delta_logit": _mean(mean),
                    "mean_delta_probability": _mean(
                        windows.mean["probability"][:, column]
                    ),
                }
            )
            found = exchanged > 0
            place = np.zeros(len(dataset), dtype=np.int64)
            if len(windows.start):
                place = np.where(np.isnan(mean), -1, np.abs(mean)).argmax(axis=1)
                strongest = windows.start[place]
                table["strongest_start"] = pd.array(strongest, dtype="Int64")
                table["strongest_end"] = table["strongest_start"] + windows.size
                for scale in SCALES:
                    for name in _STATISTICS:
                        values = getattr(windows, name)[scale][rows, column, place]
                        table[f"strongest_{scale}_{name}"] = values
                table.loc[~found, ["strongest_start", "strongest_end"]] = pd.NA
            tables.append(table)
    table = pd.concat(tables)
    order = np.argsort(np.tile(rows, len(tables)), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def _mean(values):
    """Means of rows without their NaN; NaN where there is nothing else."""
    count = (~np.isnan(values)).sum(axis=1)
    total = np.nansum(values, axis=1, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def window_table(dataset, chosen, many):
    """One row per window of each example, with all statistics."""
    tables = []
    for row, column in chosen:
        for windows in many:
            table = {
                "sequence": dataset.name[row],
                "target": dataset.target[column],
                "length": windows.size,
                "position": windows.start,
                "plot_position": windows.centre,
            }
            for scale in SCALES:
                table[scale] = windows.intact[scale][row, column]
                for name in _STATISTICS:
                    values = getattr(windows, name)[scale][row, column]
                    table[f"{scale}_delta_{name}"] = values
            tables.append(pd.DataFrame(table))
    table = pd.concat(tables) if tables else pd.DataFrame(columns=["sequence"])
    if len(table):
        table = table[table["logit_delta_mean"].notna()]
    return table


def variant_table(dataset, chosen, many, kept):
    """One row per variant of each example, as Genomic-ULMFiT's frame has them."""
    tables = []
    for row, column in chosen:
        for windows, variants in zip(many, kept, strict=True):
            part = variants[variants["row"] == row]
            tables.append(
                pd.DataFrame(
                    {
                        "sequence": dataset.name[row],
                        "target": dataset.target[column],
                        "label": float(dataset.label[row, column]),
                        "length": windows.size,
                        "position": part["start"].to_numpy(),
                        "plot_position": part["start"].to_numpy() + windows.size / 2,
                        "insert": [decode(word) for word in part["word"]],
                        **{
                            scale: part[f"{scale}_{column}"].to_numpy()
                            for scale in SCALES
                        },
                    }
                )
            )
    return pd.concat(tables) if tables else pd.DataFrame(columns=["sequence"])


def base_table(dataset, chosen, importance):
    """One row per base of each example: the mean effect of windows that cover it."""
    tables = [
        pd.DataFrame(
            {
                "sequence": dataset.name[row],
                "target": dataset.target[column],
                "position": np.arange(int(dataset.length[row])),
                "base": list(dataset.sequence(row)),
                "mean_delta_logit": importance[row, column, : dataset.length[row]],
            }
        )
        for row, column in chosen
    ]
    return pd.concat(tables) if tables else pd.DataFrame(columns=["sequence"])


def aligned_table(dataset, many, position, flank):
    """Means over the positives of each target, aligned on each of its anchors.

    Returns
    -------
    pandas.DataFrame
    dict of (str, str) to int
        By target and anchor: bases that the anchor covers.
    """
    tables, widths = [], {}
    for column, target in enumerate(dataset.target):
        for name, anchor in anchors_of(dataset, target, position).items():
            widths[target, name] = int(anchor["width"].max()) if len(anchor) else 0
            for windows in many:
                effects = aligned_effects(windows, column, anchor, flank)
                effects.insert(0, "target", target)
                effects.insert(1, "anchor", name)
                tables.append(effects)
    columns = ["target", "anchor", "length", "offset", "n"]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=columns)
    return table, widths


def values_of(dataset, many, importances, importance):
    """Arrays of values.h5."""
    arrays = {
        "sequence": dataset.name,
        "target": dataset.target,
        "index": np.asarray(dataset.index),
        "length": [windows.size for windows in many],
        "importance": importance,
    }
    for windows, each in zip(many, importances, strict=True):
        arrays[f"start_{windows.size}"] = windows.start
        arrays[f"importance_{windows.size}"] = each.astype(np.float32)
        for scale in SCALES:
            for name in _STATISTICS:
                values = getattr(windows, name)[scale]
                arrays[f"{scale}_delta_{name}_{windows.size}"] = values
    return arrays


def words_of_a_window(params):
    """How many words are put in each window.

    Raises
    ------
    InputError
        If a single window would have more variants than are allowed.
    """
    if params.mode != "repeated" or params.inserts:
        return 1
    if params.max_variants is not None and params.max_variants < params.draws:
        raise InputError(
            f"{_WHERE}.max_variants",
            f"{params.max_variants} variants, less than the {params.draws} words"
            " ('draws') of a single window",
            f"at least {params.draws}",
            "raise it, or lower 'draws'",
        )
    return params.draws


def exchange_windows(editor, dataset, params, keep):
    """All windows of all lengths.

    Returns
    -------
    list of proofread.kmer_windows.Windows
    list of pandas.DataFrame
        Single variants of the rows in `keep`.
    """
    index = np.asarray(dataset.index)
    inserts = read_inserts(params.inserts, params.lengths) if params.inserts else {}
    draws = words_of_a_window(params)
    many, kept = [], []
    for size in params.lengths:
        # Each length has draws of its own, whatever the others are.
        rng = np.random.default_rng([params.seed, size])
        most = params.max_variants and params.max_variants // draws
        windows, variants = perturb_windows(
            editor,
            index,
            dataset.length,
            size,
            start=starts_of(index.shape[1], size, stride=params.stride, most=most),
            words=word_maker(
                index,
                size,
                rng,
                mode=params.mode,
                draws_from=params.draws_from,
                force_change=params.force_change,
                insert=inserts.get(size),
            ),
            draws=draws,
            strands=params.strands,
            label=f"windows of {size}",
            progress=progress,
            keep=keep,
        )
        many.append(windows)
        kept.append(variants)
    return many, kept


def main(job):
    """Read, exchange windows, write tables, arrays, score and figures."""
    start(job)
    params, output = job.params, job.output
    words_of_a_window(params)  # a mistake there is said before anything is read
    dataset, _ = read_examined(
        *(job.input.dataset, job.input.splits, params.split),
        *(params.sequences, params.seed),
    )
    longest = dataset.index.shape[1]
    if params.anchor is not None and params.anchor >= longest:
        raise InputError(
            f"{_WHERE}.anchor",
            f"position {params.anchor}",
            f"0 to {longest - 1}, a position of the sequences",
            "correct it; positions are 0-based",
        )
    editor = EditedLogits(load_predictor(job.input.model))
    log.info("%d sequences; local recompute: %s", len(dataset), editor.fast)
    chosen = example_rows(dataset, params.examples)
    many, kept = exchange_windows(editor, dataset, params, {row for row, _ in chosen})
    importances = [base_importance(windows, longest) for windows in many]
    importance = mean_importance(importances)
    covered = ~np.isnan(importances).all(axis=0)

    write_table(output.table, summary_table(dataset, many))
    write_table(output.windows, window_table(dataset, chosen, many))
    write_table(output.variants, variant_table(dataset, chosen, many, kept))
    write_table(output.bases, base_table(dataset, chosen, importance))
    robust = robustness(many, dataset.label, dataset.target)
    write_table(output.robustness_table, robust)
    aligned, widths = aligned_table(dataset, many, params.anchor, params.flank)
    write_table(output.aligned_table, aligned)
    write_values(output.values, values_of(dataset, many, importances, importance))
    score = []
    if dataset.simulated:
        for column, target in enumerate(dataset.target):
            score += position_scores(
                effect_answers(-importance[:, column], covered[:, column]),
                dataset,
                target,
                resamples=params.resamples,
                seed=params.seed,
                scored=covered[:, column],
            )
    write_score(output.score, score)
    save_figure(
        draw_examples(dataset, chosen, many, anchor=params.anchor), output.examples
    )
    save_figure(draw_map(dataset, chosen, many, importance), output.map)
    save_figure(draw_robustness(robust, dataset.target[0]), output.robustness)
    save_figure(draw_aligned(aligned, widths), output.aligned)


if "snakemake" in globals():
    main(snakemake)
