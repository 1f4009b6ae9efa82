"""How few substitutions raise, and lower, a prediction, and which ones they are."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from proofread.attribution_figures import (
    Bases,
    Letters,
    Panel,
    Span,
    Spans,
    draw_tracks,
)
from proofread.dataset import read_split
from proofread.errors import InputError
from proofread.examined import examined
from proofread.figures import (
    CATEGORIES,
    CONTEXT,
    TWO_COLUMNS,
    WIDE,
    new_figure,
    save_figure,
)
from proofread.gradients import cut
from proofread.guided_edits import (
    Trajectories,
    area_between,
    baselines_of,
    best_moves,
    exact_gains,
    first_base_moves,
    gradient_gains,
    random_edits,
    share_planted,
    substitute,
)
from proofread.job import atomic, log, start
from proofread.local_edits import EditedLogits, probability
from proofread.metrics import bootstrap
from proofread.model import load_predictor
from proofread.position_scores import causal_motifs, planted_columns
from proofread.sequence_tracks import example_rows
from proofread.sequences import BASES, UNKNOWN
from proofread.tables import write_score, write_table

WHERE = "methods.guided_substitution"
EXACT, PATH, INTEGRATED, FAITHFUL = (
    *("exact", "path_gradient"),
    *("integrated_gradients", "faithful"),
)
FAITHFUL_STEPS = 50  # deepG's m_steps
COMPOSED = "composition"  # name of the sequence of the setting
_DIRECTIONS = ("improve", "destroy")
_PERCENTILES = (2.5, 97.5)
_COLOURS = {
    EXACT: CATEGORIES[0],
    PATH: CATEGORIES[5],
    INTEGRATED: CATEGORIES[2],
    FAITHFUL: "black",
}


@dataclass(frozen=True)
class Search:
    """What one rule did to one target of every sequence.

    Attributes
    ----------
    rule, target : str
    found : Trajectories
        2 n rows: the n sequences to raise, and the same to lower.
    control : numpy.ndarray, shape (n, controls, steps + 1)
        Logits of the random trajectories.
    """

    rule: str
    target: str
    found: Trajectories
    control: np.ndarray


# --- What is asked --------------------------------------------------------------------


def composed(composition, length, seed):
    """A sequence with given numbers of each base, in random order.

    Parameters
    ----------
    composition : dict of str to int
    length : int
        Of the model's input.
    seed : int

    Returns
    -------
    numpy.ndarray, shape (length,), uint8

    Raises
    ------
    InputError
        If the numbers do not sum to the length.
    """
    counts = [composition[base] for base in BASES]
    if sum(counts) != length:
        raise InputError(
            f"{WHERE}.composition",
            f"{sum(counts)} bases",
            f"{length}, the length of the model's input",
            "change the numbers of A, C, G and T",
        )
    bases = np.repeat(np.arange(4, dtype=np.uint8), counts)
    return np.random.default_rng(seed).permutation(bases)


def with_composed(dataset, index):
    """A dataset with one more sequence at its end, of which nothing is known.

    Raises
    ------
    InputError
        If a sequence has its name already.
    """
    if COMPOSED in dataset.name:
        raise InputError(
            f"{WHERE}.composition",
            f"a sequence of the dataset is called {COMPOSED!r}, too",
            "names that differ",
            "rename that sequence, or leave 'composition' out",
        )
    return replace(
        dataset,
        index=np.vstack([dataset.index, index[None]]),
        length=np.append(dataset.length, len(index)),
        name=[*dataset.name, COMPOSED],
        label=np.vstack(
            [dataset.label, np.full((1, len(dataset.target)), np.nan, np.float32)]
        ),
        group=[*dataset.group, COMPOSED],
        stratum=[*dataset.stratum, COMPOSED],
    )


def asked(params, dataset, predictor):
    """The sequences and the targets that the settings name.

    Returns
    -------
    dataset : proofread.dataset.Dataset
    targets : list of str

    Raises
    ------
    InputError
        If there is no such target, a rule needs gradients that the model has not, or no
        sequence is asked for.
    """
    if params.target is not None and params.target not in predictor.targets:
        raise InputError(
            f"{WHERE}.target",
            f"the model has no target {params.target!r}",
            "one of " + ", ".join(predictor.targets),
            "correct the name, or leave it out for all",
        )
    by_gradient = [rule for rule in params.rules if rule != EXACT]
    if by_gradient and predictor.network is None:
        raise InputError(
            f"{WHERE}.rules",
            f"{by_gradient[0]} needs gradients, and {predictor.name} is a callable",
            f"{EXACT} alone, which asks for predictions only",
            f"write 'rules: [{EXACT}]', or take the model out of the experiments",
        )
    if params.sequences == 0 and params.composition is None:
        raise InputError(
            f"{WHERE}.sequences",
            "0, and no composition",
            "at least one sequence to change",
            "raise it, or give a composition",
        )
    targets = list(predictor.targets) if params.target is None else [params.target]
    chosen = examined(dataset, params.sequences, params.seed, target=params.target)
    dataset = dataset.subset(chosen)
    if params.composition is not None:
        one = composed(params.composition, predictor.length, params.composition_seed)
        dataset = with_composed(dataset, one)
    return dataset, targets


# --- The search -----------------------------------------------------------------------


def search(params, editor, index, rule, column, label):
    """Both directions of one rule.

    Parameters
    ----------
    params : namespace
        The settings.
    editor : proofread.local_edits.EditedLogits
    index : numpy.ndarray, shape (n, length), uint8
    rule : str
    column : int
        Of the logits.
    label : str
        Of the progress bar.

    Returns
    -------
    Trajectories
        2 n rows: all sequences to raise, then all to lower.
    """
    both = np.concatenate([index, index])
    up = np.arange(len(both)) < len(index)
    options = {
        "steps": params.steps,
        "revisit": params.revisit,
        "improving": params.improving,
        "least_gain": params.least_gain,
    }
    if rule == EXACT:
        guide = exact_gains(editor, column)
    else:
        # Both directions of a sequence start from the same baselines.
        kind, repeats, steps = {
            PATH: ("zero", 1, params.path_steps),
            INTEGRATED: (params.baseline, params.baselines, params.path_steps),
            FAITHFUL: ("zero", 1, FAITHFUL_STEPS),
        }[rule]
        baselines = baselines_of(kind, index, repeats, params.seed)
        baselines = _Twice(baselines, len(index))
        network = cut(editor.predictor.network)
        size = {"steps": steps, "megabytes": params.megabytes}
    if rule == FAITHFUL:
        moves = first_base_moves(network, column, baselines, **size)
        options |= {"revisit": True, "improving": False}
    else:
        if rule != EXACT:
            guide = gradient_gains(network, column, baselines, **size)
        moves = best_moves(guide, params.candidates)
    return substitute(editor, moves, both, up, column, label=label, **options)


class _Twice:
    """Baselines of sequences that stand in the rows of a first and a second half."""

    def __init__(self, baselines, n):
        self.baselines, self.n = baselines, n

    def __getitem__(self, rows):
        return self.baselines[rows % self.n]


# --- Tables ---------------------------------------------------------------------------


def _direction(m):
    return np.repeat(_DIRECTIONS, m // 2)


def summary_table(dataset, label, each):
    """One row per sequence and direction of a `Search`."""
    found, n = each.found, len(dataset)
    up = np.arange(2 * n) < n
    certain = probability(found.logit)
    control = each.control.mean(axis=1)
    control_p = probability(each.control).mean(axis=1)
    control, control_p = (np.tile(part, (2, 1)) for part in (control, control_p))
    beyond = np.where(up[:, None], certain >= 0.5, certain < 0.5)
    return pd.DataFrame(
        {
            "sequence": [*dataset.name, *dataset.name],
            "target": each.target,
            "label": np.tile(label, 2),
            "rule": each.rule,
            "direction": _direction(2 * n),
            "start": certain[:, 0],
            "end": certain[:, -1],
            "control_end": control_p[:, -1],
            "steps": found.made,
            "changed": (found.index != np.tile(dataset.index, (2, 1))).sum(axis=1),
            "steps_to_half": pd.array(
                np.where(beyond.any(axis=1), beyond.argmax(axis=1), -1), dtype="Int64"
            ),
            "area": area_between(certain, control_p, up),
            "start_logit": found.logit[:, 0],
            "end_logit": found.logit[:, -1],
            "control_end_logit": control[:, -1],
            "area_logit": area_between(found.logit, control, up),
        }
    ).assign(steps_to_half=lambda table: table["steps_to_half"].replace(-1, pd.NA))


def step_table(dataset, each):
    """One row per step that was made, and one for the start, of a `Search`."""
    found = each.found
    m, steps = found.position.shape
    row, step = np.nonzero(np.arange(steps + 1) <= found.made[:, None])
    before = np.maximum(step - 1, 0)
    is_start = step == 0
    logit = found.logit[row, step]
    letters = np.array([*BASES, ""])
    names = np.array([*dataset.name, *dataset.name], dtype=object)
    position = pd.array(found.position[row, before], dtype="Int64")
    rank = pd.array(found.rank[row, before], dtype="Int64")
    position[is_start] = rank[is_start] = pd.NA
    return pd.DataFrame(
        {
            "sequence": names[row],
            "target": each.target,
            "rule": each.rule,
            "direction": _direction(m)[row],
            "step": step,
            "position": position,
            "old": np.where(is_start, "", letters[found.old[row, before]]),
            "new": np.where(is_start, "", letters[found.new[row, before]]),
            "predicted_gain": np.where(is_start, np.nan, found.predicted[row, before]),
            "realised_gain": np.where(
                is_start, np.nan, logit - found.logit[row, before]
            ),
            "rank": rank,
            "logit": logit,
            "probability": probability(logit),
        }
    )


def control_table(dataset, target, control):
    """One row per sequence and step: mean and spread of the random trajectories."""
    n, _, points = control.shape
    columns = {
        "sequence": np.repeat(np.array(dataset.name, dtype=object), points),
        "target": target,
        "step": np.tile(np.arange(points), n),
    }
    for name, values in (("logit", control), ("probability", probability(control))):
        low, high = np.percentile(values, _PERCENTILES, axis=1)
        columns |= {
            name: values.mean(axis=1).ravel(),
            f"{name}_low": low.ravel(),
            f"{name}_high": high.ravel(),
        }
    return pd.DataFrame(columns)


def scores(dataset, searches, *, first, resamples, seed):
    """How many of the first substitutions that lower a positive hit what was planted.

    Returns
    -------
    list of tuple
        (metric, value, n, ci_low, ci_high): ``destroy_edits_planted``, the mean over
        the positives that hold a causal instance; of rules after the first with
        ``_<rule>``, of several targets with the target in brackets.
    """
    rows = []
    for each in searches:
        planted = planted_columns(dataset, each.target)
        label = np.asarray(dataset.label)[:, dataset.target.index(each.target)]
        positive = np.flatnonzero((label >= 0.5) & planted.any(axis=1))
        if len(positive) == 0:
            continue
        # The second half of the rows was lowered.
        share = share_planted(each.found, np.tile(planted, (2, 1)), first)
        share = share[len(dataset) + positive]
        suffix = "" if each.rule == searches[0].rule else f"_{each.rule}"
        suffix += f"[{each.target}]" if len(dataset.target) > 1 else ""
        interval = bootstrap(np.mean, (share,), resamples=resamples, seed=seed)
        metric = f"destroy_edits_planted{suffix}"
        rows.append((metric, float(share.mean()), len(share), *interval))
    return rows


# --- Figures --------------------------------------------------------------------------


def examples(dataset, targets, most):
    """Sequences to draw: that of the composition, then positives and negatives.

    Returns
    -------
    list of tuple
        (row, target).
    """
    columns = [dataset.target.index(target) for target in targets]
    chosen = []
    rows = np.arange(len(dataset))
    if dataset.name[-1] == COMPOSED:
        chosen.append((len(dataset) - 1, targets[0]))
        rows = rows[:-1]
    shown = replace(
        dataset, label=np.asarray(dataset.label)[np.ix_(rows, columns)], target=targets
    )
    chosen += [(row, targets[column]) for row, column in example_rows(shown, most)]
    return chosen[:most]


def _title(dataset, row, target):
    column = dataset.target.index(target)
    label = float(dataset.label[row, column])
    of = f", {target}" if len(dataset.target) > 1 else ""
    known = "" if np.isnan(label) else f", label {label:g}"
    return f"{dataset.name[row]}{of}{known}"


def draw_curves(dataset, searches, chosen):
    """The probability of each example step by step, and of its random controls."""
    columns = min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    figure, axes = new_figure(
        {1: WIDE, 2: TWO_COLUMNS}.get(columns, TWO_COLUMNS),
        8 + 55 * rows,
        rows=rows,
        columns=columns,
        squeeze=False,
        sharex=True,
        sharey=True,
    )
    panels = axes.ravel()
    for unused in panels[len(chosen) :]:
        unused.set_axis_off()
    n = len(dataset)
    for axes_of, (row, target) in zip(panels, chosen, strict=False):
        of_target = [each for each in searches if each.target == target]
        control = probability(of_target[0].control[row])
        steps = np.arange(control.shape[1])
        low, high = np.percentile(control, _PERCENTILES, axis=0)
        axes_of.fill_between(
            *(steps, low, high), color=CONTEXT, alpha=0.35, linewidth=0
        )
        axes_of.plot(steps, control.mean(axis=0), color="#5F6668", linewidth=1.0)
        axes_of.axhline(0.5, color="black", linewidth=0.5, linestyle=(0, (3, 2)))
        for place, each in enumerate(of_target):
            for at, marker in ((row, "^"), (n + row, "v")):
                made = each.found.made[at]
                curve = probability(each.found.logit[at])
                # Rules may agree: each line a little thinner than the one below it.
                style = {
                    "color": _COLOURS[each.rule],
                    "linewidth": 2.2 - 0.5 * place,
                    "clip_on": False,
                }
                axes_of.plot(steps[: made + 1], curve[: made + 1], **style)
                axes_of.plot(
                    steps[made], curve[made], marker=marker, markersize=3.5, **style
                )
        axes_of.set_title(_title(dataset, row, target), loc="left", fontsize=7)
        axes_of.set_ylim(0, 1)
        axes_of.set_xlim(0, steps[-1])
        axes_of.xaxis.get_major_locator().set_params(integer=True)
    handles = [
        panels[0].plot([], [], color=_COLOURS[rule], label=rule.replace("_", " "))[0]
        for rule in dict.fromkeys(each.rule for each in searches)
    ]
    handles.append(panels[0].plot([], [], color="#5F6668", label="random")[0])
    figure.legend(handles=handles, loc="outside upper left", ncols=5, fontsize=7)
    figure.supxlabel("substitutions", fontsize=7.5)
    figure.supylabel("probability", fontsize=7.5)
    return figure


def made_heights(found, row, length):
    """The realised gains of one sequence's substitutions as letters.

    Parameters
    ----------
    found : Trajectories
    row : int
    length : int
        Bases of the sequence.

    Returns
    -------
    numpy.ndarray, shape (length, 4)
        Summed where a substitution was made more than once.
    """
    heights = np.zeros((length, 4))
    made = found.made[row]
    gains = np.diff(found.logit[row])[:made]
    np.add.at(heights, (found.position[row, :made], found.new[row, :made]), gains)
    return heights


def draw_edits(dataset, searches, chosen):
    """Which substitutions were made: the new bases, as high as they moved the logit."""
    panels = []
    n = len(dataset)
    for row, target in chosen:
        length = int(dataset.length[row])
        tracks = []
        truth = dataset.truth[dataset.truth["sequence"] == row]
        if len(truth):
            causal = causal_motifs(dataset, target)
            spans = [
                Span(each.start, each.end, each.motif, each.motif in causal)
                for each in truth.itertuples()
            ]
            tracks.append(Spans(spans))
        # deepG's rule changes one position again and again: see steps.tsv.
        shown = [each for each in searches if each.rule != FAITHFUL]
        moved = False
        for each in shown:
            if each.target != target:
                continue
            heights = made_heights(each.found, row, length)
            heights += made_heights(each.found, n + row, length)
            if heights.any():
                moved = True
                name = each.rule.replace("_", "\n", 1)
                tracks.append(Letters(heights, f"{name}\n(logit)"))
        tracks.append(Bases(np.asarray(dataset.index[row, :length])))
        title = _title(dataset, row, target)
        if not moved:
            title += ": no substitution that was tried moves it"
        if shown:
            panels.append(Panel(tracks, title))
    if not panels:
        figure, axes = new_figure(TWO_COLUMNS, 20)
        axes.set_axis_off()
        axes.text(0, 0.5, "Only the faithful rule was run: see steps.tsv.", va="center")
        return figure
    return draw_tracks(panels)


# --- The job --------------------------------------------------------------------------


def edited_fasta(dataset, searches):
    """FASTA text of the sequences at the end of each search, without padding."""
    lines = []
    letters = np.array([*BASES, "N"])
    for each in searches:
        for place, index in enumerate(each.found.index):
            row = place % len(dataset)
            direction = _DIRECTIONS[place // len(dataset)]
            bases = letters[np.minimum(index[: dataset.length[row]], UNKNOWN)]
            lines.append(
                f">{dataset.name[row]} target={each.target} rule={each.rule} "
                f"direction={direction} steps={each.found.made[place]}\n"
                + "".join(bases)
            )
    return "".join(f"{line}\n" for line in lines)


def main(job):
    """Read, search, write tables, score and figures."""
    start(job)
    params, output = job.params, job.output
    predictor = load_predictor(job.input.model)
    split = read_split(job.input.dataset, job.input.splits, params.split)
    dataset, targets = asked(params, split, predictor)
    editor = EditedLogits(predictor)
    log.info("%d sequences; local recompute: %s", len(dataset), editor.fast)
    index = np.asarray(dataset.index)
    searches = []
    for target in targets:
        column = predictor.targets.index(target)
        control = random_edits(
            *(editor, index, column),
            steps=params.steps,
            controls=params.controls,
            rng=np.random.default_rng(params.seed),
        )
        for rule in params.rules:
            label = f"{rule}, {target}"
            found = search(params, editor, index, rule, column, label)
            searches.append(Search(rule, target, found, control))
    columns = [dataset.target.index(each.target) for each in searches]
    label = np.asarray(dataset.label)
    write_table(
        output.table,
        pd.concat(
            [
                summary_table(dataset, label[:, column], each)
                for column, each in zip(columns, searches, strict=True)
            ],
            ignore_index=True,
        ),
    )
    write_table(
        output.steps,
        pd.concat([step_table(dataset, each) for each in searches], ignore_index=True),
    )
    first_rule = [each for each in searches if each.rule == params.rules[0]]
    write_table(
        output.controls,
        pd.concat(
            [control_table(dataset, each.target, each.control) for each in first_rule],
            ignore_index=True,
        ),
    )
    with atomic(output.sequences) as temporary:
        Path(temporary).write_text(edited_fasta(dataset, searches), encoding="utf-8")
    found = []
    if dataset.simulated:
        found = scores(
            dataset,
            searches,
            first=params.first,
            resamples=params.resamples,
            seed=params.seed,
        )
    write_score(output.score, found)
    chosen = examples(dataset, targets, params.examples)
    save_figure(draw_curves(dataset, searches, chosen), output.curves)
    save_figure(draw_edits(dataset, searches, chosen), output.edits)


if "snakemake" in globals():
    main(snakemake)
