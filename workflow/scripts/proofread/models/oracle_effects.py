"""The positive control of rule effects: a network that adds up planted effects.

It is not trained. Its filters are the log-odds of the planted matrices, its activation
opens where a planted site is as likely as none, and its head computes the value of the
rule. `truth.oracle_effects` sets its weights; docs/models.md has the formulas.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from proofread.models.layers import MIN_CHANCE


@dataclass(frozen=True)
class Settings:
    """Sizes of the network; the numbers are in its weights.

    Attributes
    ----------
    filters, width, padding : int
        As of `proofread.models.oracle.Settings`.
    widths : int
        Different widths of motifs.
    motifs : int
        Motifs under `effects`.
    curves : int
        Hill curves.
    pairs : int
        Pairs of motifs that add an effect together.
    composition : bool
        Whether the value depends on the GC content.
    """

    filters: int
    width: int
    padding: int
    widths: int
    motifs: int
    curves: int
    pairs: int
    composition: bool


class Network(nn.Module):
    """Log-odds of the planted matrices, an activation, the value.

    Parameters
    ----------
    settings : Settings
    length : int
    targets : int
        1, as rule effects has.
    """

    first_convolution = "convolution1"
    first_activation = "activation1"

    def __init__(self, settings, length, targets):
        super().__init__()
        self.convolution1 = nn.Conv1d(
            4, settings.filters, settings.width, padding=settings.padding
        )
        self.activation1 = nn.Softplus()
        positions = length + 2 * settings.padding - settings.width + 1
        self.doses = Doses(settings.filters, positions, settings.widths, settings.width)
        self.value = Value(settings, positions, targets)
        self.composition = None
        if settings.composition:
            # What each base of a sequence adds.
            self.composition = nn.Conv1d(4, targets, length, bias=False)

    def forward(self, one_hot):
        """Outputs (n, targets) of one-hot sequences (n, 4, length)."""
        doses = self.doses(self.activation1(self.convolution1(one_hot)))
        value = self.value(doses)
        if self.composition is not None:
            value = value + self.composition(one_hot)[:, :, 0]
        return value


class Doses(nn.Module):
    """The expected strength of a site at each position.

    An activation ``a = log(1 + exp(z))`` gives the odds ``exp(z)`` of a site against
    none, where z is the score plus the log-odds that a site starts there at all. Two
    sites do not overlap, so that the probability of a site is its odds, divided by 1
    plus the odds of all sites that overlap it, itself included. The expected strength
    is this probability times the score relative to the best one, from 0 to 1.

    Parameters
    ----------
    filters, positions : int
    widths : int
        Different widths of motifs.
    width : int
        Of the widest motif.
    """

    path_nodes = 32  # for DeepLIFT: the probability is steep in its activation

    def __init__(self, filters, positions, widths, width):
        super().__init__()
        # 1 where a site can start, else 0.
        self.register_buffer("inside", torch.zeros(filters, positions))
        self.register_buffer("prior", torch.zeros(filters, 1))
        self.register_buffer("best", torch.ones(filters, 1))
        # Filters that have each width, and the width that each filter has.
        self.register_buffer("of_width", torch.zeros(widths, filters))
        # 1 where a site of one width and one of another, this far ahead, overlap.
        self.register_buffer("overlap", torch.zeros(widths, widths, 2 * width - 1))

    def forward(self, activation):
        """(n, filters, positions) -> (n, filters, positions)."""
        odds = torch.expm1(activation) * self.inside
        others = functional.conv1d(
            self.of_width @ odds, self.overlap, padding=self.overlap.shape[2] // 2
        )
        score = torch.log(odds + MIN_CHANCE) - self.prior
        strength = (score / self.best).clamp(0, 1)
        return strength * odds / (1 + self.of_width.T @ others)


class Value(nn.Module):
    """The value of the rule, of the doses of the sites of its motifs.

    Parameters
    ----------
    settings : Settings
    positions : int
        Of the filters.
    targets : int
    """

    def __init__(self, settings, positions, targets):
        super().__init__()
        self.register_buffer("of_motif", torch.zeros(settings.motifs, settings.filters))
        self.register_buffer("factor", torch.ones(settings.motifs, positions))
        self.effects = nn.Linear(settings.motifs, targets)
        self.curves = self.pairs = None
        if settings.curves:
            self.summed = nn.Linear(settings.motifs, settings.curves, bias=False)
            self.curves = HillCurves(settings.curves)
        if settings.pairs:
            self.pairs = PairEffects(settings.pairs, positions)

    def forward(self, doses):
        """(n, filters, positions) -> (n, targets)."""
        doses = (self.of_motif @ doses) * self.factor  # (n, motifs, positions)
        total = doses.sum(dim=2)
        value = self.effects(total)
        if self.curves is not None:
            value = value + self.curves(self.summed(total)).sum(dim=1, keepdim=True)
        if self.pairs is not None:
            value = value + self.pairs(doses).sum(dim=1, keepdim=True)
        return value


class HillCurves(nn.Module):
    """What the effects of saturating motifs come to, of their sums in units.

    ``unit (1 + half ** hill) x ** hill / (half ** hill + x ** hill)``: 0 of 0, and the
    unit of 1. `at_half` is half ** hill.

    Parameters
    ----------
    curves : int
    """

    def __init__(self, curves):
        super().__init__()
        for name in ("unit", "at_half", "hill"):
            self.register_buffer(name, torch.ones(curves))

    def forward(self, summed):
        """(n, curves) -> (n, curves)."""
        # The slope of x ** hill at 0 is infinite where hill is below 1.
        dose = summed.clamp(min=1e-6) ** self.hill
        return self.unit * (1 + self.at_half) * dose / (self.at_half + dose)


class PairEffects(nn.Module):
    """What pairs of motifs add together: effect times both doses, by their gap.

    Parameters
    ----------
    pairs, positions : int
    """

    def __init__(self, pairs, positions):
        super().__init__()
        for name in ("first", "second"):
            self.register_buffer(name, torch.zeros(pairs, dtype=torch.int64))
        # The effect, by the start of the second motif minus that of the first, from
        # 1 - positions to positions - 1; 0 where the two overlap.
        self.register_buffer("effect", torch.zeros(pairs, 2 * positions - 1))

    def forward(self, doses):
        """(n, motifs, positions) -> (n, pairs)."""
        first, second = doses[:, self.first], doses[:, self.second]
        reach = doses.shape[2] - 1
        ahead = functional.pad(second, (reach, reach))
        # At each start of the first motif, the effect with all of the second.
        others = functional.conv1d(ahead, self.effect[:, None], groups=len(self.effect))
        return (first * others).sum(dim=2)
