"""A positive control: a network that is the rule of a simulated dataset.

It is not trained. Its filters are the log-odds of the planted matrices, its activation
opens at the threshold of a site, and its head computes the rule. `truth.oracle` sets
its weights; docs/models.md has the formulas.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from proofread.configuration.positive_control import ORACLE
from proofread.models import oracle_effects
from proofread.models.layers import LogOdds

NAME = ORACLE  # of its architecture in a checkpoint


@dataclass(frozen=True)
class Settings:
    """Sizes of the network; the numbers are in its weights.

    Attributes
    ----------
    filters, width : int
        Of the first convolution.
    padding : int
        Positions added at either end, so that filters of narrower motifs, which start
        at the first of their `width` columns, reach the last start of a motif.
    groups : int
        Groups of filters whose sites count as one: a motif, or all motifs of a pool.
    events : int
        What the rule combines: the presence of each group, or one pair in order; 0
        where each site counts.
    reach : int
        Largest distance in bp of the starts of a pair; 0 where the rule has no pair.
    temperature : float
        Of the rule: at 1 its logit is the log-odds of independent events; the higher,
        the more of the gradient reaches the event that decides less.
    """

    filters: int
    width: int
    padding: int
    groups: int
    events: int
    reach: int
    temperature: float


class Network(nn.Module):
    """Log-odds of the planted matrices, an activation, the rule.

    Parameters
    ----------
    settings : Settings
    length : int
    targets : int
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
        self.rule = Rule(settings, positions, targets)

    def forward(self, one_hot):
        """Logits (n, targets) of one-hot sequences (n, 4, length)."""
        return self.rule(self.activation1(self.convolution1(one_hot)))


class Composition(nn.Module):
    """The log-odds of rule gc: each base adds its own.

    The two filters weigh the bases that speak for a positive, and those that speak
    against it, as positive numbers that the ReLU leaves as they are.
    """

    first_convolution = "convolution1"
    first_activation = "activation1"

    def __init__(self):
        super().__init__()
        self.convolution1 = nn.Conv1d(4, 2, 1)
        self.activation1 = nn.ReLU()
        self.output = nn.Linear(2, 1)

    def forward(self, one_hot):
        """Logits (n, 1) of one-hot sequences (n, 4, length)."""
        return self.output(self.activation1(self.convolution1(one_hot)).sum(dim=2))


class Rule(nn.Module):
    """Log-odds of each target's rule, of the activations of the filters.

    An activation ``a = log(1 + exp(z))`` is ``-log(1 - p)`` of the probability p of a
    site, whose log-odds z are the score less the threshold. So activations add up where
    any of several sites is enough. Such a sum is called evidence here.

    Parameters
    ----------
    settings : Settings
    positions : int
        Of the filters.
    targets : int
    """

    def __init__(self, settings, positions, targets):
        super().__init__()
        shapes = {
            "inside": (settings.filters, positions),
            "of_group": (settings.groups, settings.filters),
        }
        for name, shape in shapes.items():
            self.register_buffer(name, torch.zeros(shape))
        self.pairs = self.sites = None
        if settings.reach:
            self.pairs = Pairs(settings.reach, settings.temperature)
        if settings.events:
            self.log_odds = LogOdds()
            self.expressions = Expressions(
                settings.events, targets, settings.temperature
            )
        else:
            self.sites = nn.Linear(settings.groups, targets)

    def forward(self, activation):
        """(n, filters, positions) -> (n, targets)."""
        evidence = self.of_group @ (activation * self.inside)  # (n, groups, positions)
        if self.pairs is not None:
            evidence = self.pairs(evidence)
        evidence = evidence.sum(dim=2)
        if self.sites is not None:
            return self.sites(evidence)
        return self.expressions(self.log_odds(evidence))


class Pairs(nn.Module):
    """Evidence of pairs in order, of that of both motifs at each position.

    A pair is a site of the first motif and any site of the second at one of the
    distances that the rule allows. Both are needed, so it is as `Expressions` has two
    events that both have to hold.

    Parameters
    ----------
    reach : int
        Largest distance of the two starts, in bp.
    temperature : float
    """

    def __init__(self, reach, temperature):
        super().__init__()
        self.temperature = temperature
        self.log_odds = LogOdds()
        self.register_buffer("distances", torch.zeros(reach + 1))

    def forward(self, evidence):
        """(n, 2, positions) -> (n, 1, positions)."""
        first, second = evidence[:, :1], evidence[:, 1:]
        ahead = functional.pad(second, (0, len(self.distances) - 1))
        later = functional.conv1d(ahead, self.distances[None, None])
        one, other = (self.log_odds(item) / self.temperature for item in (first, later))
        neither = torch.stack([-one, -other, -one - other])
        return functional.softplus(-self.temperature * neither.logsumexp(0))


class Expressions(nn.Module):
    """Log-odds of each target's expression, of those of independent events.

    The odds of an expression are the sum of the odds of all subsets of events that
    fulfil it, divided by the sum of those of the others. At temperature 1 they are
    exact. A higher temperature divides the log-odds before, and multiplies them
    afterwards: the smaller of two log-odds then hides the larger one less.

    Parameters
    ----------
    events, targets : int
    temperature : float
    """

    def __init__(self, events, targets, temperature):
        super().__init__()
        self.temperature = temperature
        self.register_buffer("subsets", torch.zeros(2**events, events))
        self.register_buffer("holds", torch.zeros(targets, 2**events))

    def forward(self, log_odds):
        """(n, events) -> (n, targets)."""
        subsets = (log_odds / self.temperature) @ self.subsets.T  # (n, subsets)
        # The logarithms are 0 or minus infinity: (n, 1, subsets) + (targets, subsets).
        true = (subsets[:, None] + self.holds.log()).logsumexp(2)
        false = (subsets[:, None] + (1 - self.holds).log()).logsumexp(2)
        return (true - false) * self.temperature


def build(settings, length, targets):
    """The network of a checkpoint, whose weights are loaded afterwards.

    Parameters
    ----------
    settings : dict
        Fields of `Settings`; of `oracle_effects.Settings` for rule effects; empty for
        rule gc.
    length : int
    targets : list of str

    Returns
    -------
    Network, oracle_effects.Network or Composition
        With random weights, or with buffers of 0.
    """
    if "motifs" in settings:
        sizes = oracle_effects.Settings(**settings)
        model = oracle_effects.Network(sizes, length, len(targets))
    elif settings:
        model = Network(Settings(**settings), length, len(targets))
    else:
        model = Composition()
    model.length, model.targets = length, list(targets)
    return model
