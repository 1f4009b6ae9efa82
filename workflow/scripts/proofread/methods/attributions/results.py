"""From attributions to tables, arrays and figures: the same for every kind of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from proofread.datasets.dataset import Dataset, read_dataset
from proofread.datasets.sampling import read_examined
from proofread.dna.encoding import UNKNOWN
from proofread.errors import InputError
from proofread.figures.letters import letter_limits
from proofread.figures.style import save_figure
from proofread.figures.tracks import (
    Bases,
    Cells,
    Letters,
    Lines,
    Panel,
    Span,
    Spans,
    draw_tracks,
    letter_heights,
    message,
)
from proofread.methods.attributions.figures import (
    draw_completeness,
    draw_components,
    draw_profiles,
)
from proofread.methods.attributions.gradients import Attributions
from proofread.methods.attributions.tables import (
    HEAT_ROWS,
    SALIENCY,
    aligned,
    answers_of,
    attribution_components,
    completeness,
    heat_rows,
    heat_table,
    interval_table,
    per_base,
    planted_intervals,
    profile_table,
    read_intervals,
    write_npz,
)
from proofread.progress import log
from proofread.tables import write_score, write_table, write_values
from proofread.truth.position_scores import position_scores, smoothed
from proofread.truth.roles import causal_motifs

_LETTERS = 200  # in a row of a figure; more cannot be read
_PROFILE_ROWS = 5


@dataclass(frozen=True)
class Explained:
    """Attributions of one kind.

    Attributes
    ----------
    kind : str
        `integrated_gradients`, `saliency`, ...
    complete : bool
        Whether they should sum to the change of the output from a baseline.
    attributions : proofread.methods.attributions.gradients.Attributions
    """

    kind: str
    complete: bool
    attributions: Attributions


@dataclass(frozen=True)
class Question:
    """What is explained.

    Attributes
    ----------
    dataset : proofread.datasets.dataset.Dataset
        The sequences that are examined.
    rows : numpy.ndarray, shape (n,), int
        Their rows in the dataset file.
    one_hot : torch.Tensor, shape (n, 4, length), float32
    targets : list of str
    columns : list of int
        Of the targets among the logits.
    """

    dataset: Dataset
    rows: np.ndarray
    one_hot: torch.Tensor
    targets: list
    columns: list


def ask(job, network):
    """Which sequences and targets a job's settings name.

    Raises
    ------
    InputError
        If there is no such target.
    """
    params = job.params
    targets = list(network.targets) if params.target is None else [params.target]
    if params.target is not None and params.target not in network.targets:
        raise InputError(
            "target",
            f"the network has no target {params.target!r}",
            "one of " + ", ".join(network.targets),
            "correct the name, or leave it out to explain all",
        )
    dataset, rows = read_examined(
        *(job.input.dataset, job.input.splits, params.split),
        *(params.sequences, params.seed),
        target=params.target,
    )
    columns = [network.targets.index(name) for name in targets]
    log.info("%d sequences of %s", len(dataset), params.split)
    one_hot = torch.from_numpy(dataset.one_hot())
    return Question(dataset, rows, one_hot, targets, columns)


def write_results(job, question, explained, *, output, several):
    """Write every file of the rule.

    Parameters
    ----------
    job : snakemake.script.Snakemake
    question : Question
    explained : list of Explained
    output : str
        What was explained: ``logit`` or ``probability``.
    several : bool
        Whether tables have a column `kind`, and metrics begin with it.
    """
    writer = _Writer(job, question, explained, output, several)
    writer.table()
    writer.score()
    writer.values()
    writer.profiles()
    writer.intervals()
    writer.components()
    writer.layers()
    writer.hand_over()
    writer.sequences()


class _Writer:
    """The parts of `write_results`."""

    def __init__(self, job, question, explained, output, several):
        self.job, self.params, self.files = job, job.params, job.output
        self.question, self.dataset = question, question.dataset
        self.explained, self.unit, self.several = explained, output, several
        self.index = np.asarray(self.dataset.index)
        self.label = np.asarray(self.dataset.label)
        self.kinds = {each.kind: each for each in explained}
        # One number per base, as the settings want it drawn and summed up.
        self.numbers = {
            (each.kind, target): per_base(
                each.kind,
                each.attributions.hypothetical[place],
                self.index,
                correct=self.params.correct,
                window=self.params.window,
            )
            for each in explained
            for place, target in enumerate(question.targets)
        }
        self.annotated = self._intervals()

    def _intervals(self):
        tables = [planted_intervals(self.dataset)]
        if self.job.input.intervals:
            names = read_dataset(self.job.input.dataset, streamed=True).name
            path = str(self.job.input.intervals)
            tables.append(read_intervals(path, self.dataset, names))
        return pd.concat(tables, ignore_index=True)

    def _groups(self):
        """Kind, target, its place and its positives, for each of them."""
        for kind in self.kinds:
            for place, target in enumerate(self.question.targets):
                column = self.dataset.target.index(target)
                yield kind, target, place, self.label[:, column] >= 0.5

    def _key(self, kind, target, table):
        """A table with its leading columns."""
        table.insert(0, "target", target)
        if self.several:
            table.insert(0, "kind", kind)
        return table

    def _title(self, kind, target):
        parts = [kind.replace("_", " ")] if self.several else []
        if len(self.question.targets) > 1 or not parts:
            parts.append(target)
        return ", ".join(parts)

    def table(self):
        """One row per sequence, target and kind; the figure of completeness."""
        tables, groups = [], []
        for kind, target, place, _ in self._groups():
            found = self.kinds[kind].attributions
            table = pd.DataFrame(
                {
                    "sequence": self.dataset.name,
                    "label": self.label[:, self.dataset.target.index(target)],
                    "unit": self.unit,
                    "output": found.output[:, place],
                    "baseline_output": found.baseline_output[:, place],
                }
            )
            checked = completeness(
                found.attribution[place],
                found.output[:, place],
                found.baseline_output[:, place],
                self.params.tolerance,
            )
            if not self.kinds[kind].complete:
                # The sum is a number, but there is nothing it should be equal to.
                checked[["error", "relative_error"]] = np.nan
                checked["flag"] = ""
            else:
                groups.append(
                    {
                        "title": self._title(kind, target),
                        "difference": found.output[:, place]
                        - found.baseline_output[:, place],
                        "sum": checked["sum"].to_numpy(),
                        "flagged": (checked["flag"] == "red").to_numpy(),
                    }
                )
                log.info(
                    "%s, %s: %d of %d sequences above the tolerance of completeness",
                    *(kind, target, (checked["flag"] == "red").sum(), len(checked)),
                )
            table = pd.concat([table, checked], axis=1)
            tables.append(self._key(kind, target, table))
        write_table(self.files.table, pd.concat(tables, ignore_index=True))
        drawn = (
            draw_completeness(groups, tolerance=self.params.tolerance, unit=self.unit)
            if groups
            else message("None of the kinds sums to the change of the output.")
        )
        save_figure(drawn, self.files.completeness)

    def score(self):
        """How well each answer finds what was planted."""
        rows = []
        if self.dataset.simulated:
            for kind, target, place, _ in self._groups():
                hypothetical = self.kinds[kind].attributions.hypothetical[place]
                found = position_scores(
                    answers_of(kind, hypothetical, self.index),
                    self.dataset,
                    target,
                    resamples=self.params.resamples,
                    seed=self.params.seed,
                )
                prefix = f"{kind}_" if self.several else ""
                rows += [(prefix + metric, *rest) for metric, *rest in found]
        write_score(self.files.score, rows)

    def values(self):
        """The arrays."""
        arrays = {
            "index": self.index,
            "row": np.asarray(self.question.rows, dtype=np.int64),
            "name": np.array(self.dataset.name, dtype=object),
            "target": np.array(self.question.targets, dtype=object),
        }
        for kind, each in self.kinds.items():
            end = f"_{kind}" if self.several else ""
            found = each.attributions
            arrays[f"hypothetical{end}"] = found.hypothetical
            if each.complete:
                arrays[f"attribution{end}"] = found.attribution
            arrays[f"projected{end}"] = np.stack(
                [self.numbers[kind, target] for target in self.question.targets]
            ).astype(np.float32)
            if found.layer is not None:
                arrays[f"layer{end}"] = found.layer
        write_values(self.files.values, arrays)

    def profiles(self):
        """Mean numbers by position: of the sequence, and around planted motifs."""
        tables, drawn = [], []
        motifs = list(self.dataset.motifs) if self.dataset.simulated else []
        for kind, target, _, positive in self._groups():
            values = self.numbers[kind, target]
            parts = {"sequence": (values, self.index, positive, 0, None)}
            for motif in motifs:
                instances = self.dataset.truth[self.dataset.truth["motif"] == motif]
                if len(instances) == 0:
                    continue
                flank = self.params.flank
                at, bases, rows = aligned(values, self.index, instances, flank)
                span = (0, at.shape[1] - 2 * flank)
                parts[motif] = (at, bases, positive[rows], -flank, span)
            for on, (at, bases, chosen, first, span) in parts.items():
                table = profile_table(at, bases, chosen)
                table["position"] += first
                # Where motifs are planted at random, the whole sequence's is flat.
                if on != "sequence" or len(parts) == 1:
                    drawn.append(
                        {
                            "row": self._title(kind, target),
                            "column": "" if on == "sequence" else f"at {on}",
                            "table": table.copy(),
                            "span": span,
                        }
                    )
                table.insert(0, "aligned_on", on)
                tables.append(self._key(kind, target, table))
        write_table(self.files.profile, pd.concat(tables, ignore_index=True))
        # A row for each kind and target, if it is not too long.
        columns = min(max(1, len(parts) - 1), 3)
        marks = {} if self.params.anchor is None else {self.params.anchor: "anchor"}
        figure = draw_profiles(
            drawn[: _PROFILE_ROWS * columns],
            total=len(drawn),
            columns=columns,
            marks=marks,
        )
        save_figure(figure, self.files.profile_figure)

    def intervals(self):
        """What each interval adds."""
        tables = [
            self._key(
                kind,
                target,
                interval_table(
                    self.numbers[kind, target], self.dataset, self.annotated
                ),
            )
            for kind, target, *_ in self._groups()
        ]
        write_table(self.files.intervals, pd.concat(tables, ignore_index=True))

    def components(self):
        """Principal components of the attributions."""
        tables, groups = [], []
        for kind, target, _, positive in self._groups():
            scores, explained = attribution_components(
                self.numbers[kind, target], self.index, self.params.components
            )
            table = pd.DataFrame({"sequence": self.dataset.name, "positive": positive})
            table["positive"] = table["positive"].astype(int)
            for column in range(self.params.components):
                there = column < scores.shape[1]
                table[f"component{column + 1}"] = scores[:, column] if there else 0.0
            tables.append(self._key(kind, target, table))
            shares = [f"{share:.3f}" for share in explained]
            log.info("%s, %s: variance by component %s", kind, target, " ".join(shares))
            groups.append(
                {
                    "title": self._title(kind, target),
                    "scores": scores,
                    "explained": explained,
                    "positive": positive,
                }
            )
        write_table(self.files.components, pd.concat(tables, ignore_index=True))
        save_figure(draw_components(groups), self.files.components_figure)

    def layers(self):
        """What each unit of the named layer adds; a header where none is named."""
        tables = []
        for kind, target, place, positive in self._groups():
            layer = self.kinds[kind].attributions.layer
            if layer is None:
                continue
            values = layer[place].astype(np.float64)
            # (n, units, ...) -> (n, units)
            values = values.reshape(*values.shape[:2], -1).sum(axis=2)

            def mean(rows, values=values):
                return values[rows].mean(axis=0) if rows.any() else np.nan

            table = pd.DataFrame(
                {
                    "layer": self.params.layer,
                    "unit": np.arange(values.shape[1]),
                    "mean_positive": mean(positive),
                    "mean_negative": mean(~positive),
                    "mean_absolute": np.abs(values).mean(axis=0),
                }
            )
            tables.append(self._key(kind, target, table))
        names = ["target", "layer", "unit"]
        names += ["mean_positive", "mean_negative", "mean_absolute"]
        empty = pd.DataFrame(columns=["kind", *names] if self.several else names)
        whole = pd.concat(tables, ignore_index=True) if tables else empty
        write_table(self.files.layer, whole)

    def hand_over(self):
        """One-hot sequences and hypothetical scores as TF-MoDISco reads them."""
        kind = self.params.export if self.several else next(iter(self.kinds))
        found = self.kinds[kind].attributions.hypothetical[0]
        write_npz(self.files.one_hot, self.question.one_hot.numpy())
        write_npz(self.files.hypothetical, found.astype(np.float32))

    def sequences(self):
        """Logos and heat maps of example sequences, and the table of the latter."""
        examples = self._examples()
        drawn = examples[: self.params.examples]
        # Letters of one kind have one scale: a quiet sequence looks quiet.
        limits = {
            kind: letter_limits([self._heights(kind, *each) for each in drawn])
            for kind in self.kinds
        }
        panels = [self._logos(row, target, limits) for row, target in drawn]
        tables, maps = [], []
        for row, target in examples[: 1 if self.several else 2]:
            found = {
                kind: each.attributions.attribution[
                    self.question.targets.index(target), row
                ]
                for kind, each in self.kinds.items()
            }
            for kind, attribution in found.items():
                table = heat_table(attribution, self.index[row])
                table.insert(0, "sequence", self.dataset.name[row])
                tables.append(self._key(kind, target, table))
            maps.append(self._heat(row, target, found))
        write_table(self.files.heat_map, pd.concat(tables, ignore_index=True))
        save_figure(draw_tracks(panels), self.files.logos)
        save_figure(draw_tracks(maps), self.files.heat_map_figure)

    def _examples(self):
        """Rows and targets to draw, the clearest first.

        Of each target in turn: the positive and the negative with the highest output,
        then those with the median output of their class.
        """
        by_target = []
        first = next(iter(self.kinds.values())).attributions
        for place, target in enumerate(self.question.targets):
            positive = self.label[:, self.dataset.target.index(target)] >= 0.5
            ranked = np.argsort(-first.output[:, place], kind="stable")
            classes = [ranked[members[ranked]] for members in (positive, ~positive)]
            rows = [each[0] for each in classes if len(each)]
            rows += [each[len(each) // 2] for each in classes if len(each)]
            by_target.append([(int(row), target) for row in dict.fromkeys(rows)])
        most = max(len(each) for each in by_target)
        return [
            each[turn] for turn in range(most) for each in by_target if turn < len(each)
        ]

    def _stretch(self, row, target):
        """The part of a sequence that is drawn: all, or around its highest numbers."""
        length = int(self.dataset.length[row])
        if length <= _LETTERS:
            return 0, length
        kind = next(iter(self.kinds))
        numbers = self.numbers[kind, target][row : row + 1, :length]
        known = self.index[row : row + 1, :length] != UNKNOWN
        heights = smoothed(np.abs(numbers), known=known)
        middle = int(heights.argmax())
        begin = min(max(0, middle - _LETTERS // 2), length - _LETTERS)
        return begin, begin + _LETTERS

    def _spans(self, row, target, begin, end):
        """Bars of what was planted or annotated, or no track."""
        causal = set()
        if self.dataset.simulated:
            causal = set(causal_motifs(self.dataset, target))
        here = self.annotated[
            (self.annotated["row"] == row)
            & (self.annotated["start"] < end)
            & (self.annotated["end"] > begin)
        ]
        spans = [
            Span(
                max(each.start, begin),
                min(each.end, end),
                each.name + (" (−)" if each.strand == "-" else ""),
                each.role == "" or each.name in causal,
            )
            for each in here.itertuples()
        ]
        return [Spans(spans)] if spans else []

    def _marks(self, begin, end):
        anchor = self.params.anchor
        return (
            {anchor: "anchor"} if anchor is not None and begin <= anchor < end else {}
        )

    def _heading(self, kind, row, target):
        place = self.question.targets.index(target)
        each = self.kinds[kind]
        found = each.attributions
        column = self.dataset.target.index(target)
        side = "positive" if self.label[row, column] >= 0.5 else "negative"
        name = self.dataset.name[row]
        name = name if len(name) <= 40 else f"{name[:37]}…"
        text = f"{name} ({target} {side}): {self.unit} {found.output[row, place]:.2f}"
        if each.complete:
            before = found.baseline_output[row, place]
            total = found.attribution[place, row].sum(dtype=np.float64)
            error = total - (found.output[row, place] - before)
            text += f", baseline {before:.2f}; sum {total:.2f}, error {error:.1g}"
        return text

    def _heights(self, kind, row, target):
        begin, end = self._stretch(row, target)
        numbers = self.numbers[kind, target][row, begin:end]
        return letter_heights(numbers, self.index[row, begin:end])

    def _logos(self, row, target, limits):
        begin, end = self._stretch(row, target)
        tracks = self._spans(row, target, begin, end)
        for kind in self.kinds:
            name = kind.replace("_", "\n") if self.several else self.unit
            heights = self._heights(kind, row, target)
            # Saliency is of a position, not of the base that is there.
            tracks.append(
                Lines({kind: heights.sum(axis=1)}, name, limits[kind])
                if kind == SALIENCY
                else Letters(heights, name, limits[kind])
            )
        return Panel(
            tracks,
            self._heading(next(iter(self.kinds)), row, target),
            first=begin,
            marks=self._marks(begin, end),
        )

    def _heat(self, row, target, found):
        begin, end = self._stretch(row, target)
        return Panel(
            [
                *self._spans(row, target, begin, end),
                *(
                    Cells(
                        HEAT_ROWS,
                        heat_rows(attribution[:, begin:end]),
                        kind.replace("_", " ") if self.several else self.unit,
                    )
                    for kind, attribution in found.items()
                ),
                Bases(self.index[row, begin:end]),
            ],
            self._heading(next(iter(self.kinds)), row, target),
            first=begin,
            marks=self._marks(begin, end),
        )
