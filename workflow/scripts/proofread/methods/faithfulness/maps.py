"""The kinds of maps that are judged, and how each is made."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import torch

from proofread.dna.encoding import one_hot
from proofread.methods.attributions.answers import COMPLETE, NAMES, SALIENCY
from proofread.methods.attributions.baselines import CONSTANT, draw_baselines
from proofread.methods.attributions.explain import explain, rule_of
from proofread.methods.attributions.per_base import per_base
from proofread.methods.kmer_perturbation.kmers import kmers_per_window, read_inserts
from proofread.methods.kmer_perturbation.windows import (
    base_importance,
    mean_importance,
    perturb_lengths,
)
from proofread.methods.saturation_mutagenesis.substitutions import (
    positions_to_mutate,
    saturation_mutagenesis,
)
from proofread.models.local_edits import EditedLogits

ATTRIBUTIONS = "attributions"
MUTAGENESIS = "saturation_mutagenesis"
KMERS = "kmer_perturbation"
TITLES = NAMES | {MUTAGENESIS: "saturation mutagenesis", KMERS: "k-mer perturbation"}


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of map, and how it is made.

    Attributes
    ----------
    name : str
        A kind of attributions, `MUTAGENESIS`, `KMERS`, or the name of a caller's map.
    method : str or None
        The method that makes it; None of a caller's map, which is not made anew.
    settings : namespace or None
        The settings of that method.
    """

    name: str
    method: str | None = None
    settings: SimpleNamespace | None = None

    @property
    def title(self):
        """As figures and messages have it."""
        return TITLES.get(self.name, self.name)

    @property
    def signed(self):
        """Whether its numbers tell bases that raise the output from others."""
        return self.name != SALIENCY

    @property
    def max_sequences(self):
        """Of the sequences that its method chooses."""
        if self.method == ATTRIBUTIONS:
            return rule_of(self.name, self.settings).max_sequences
        return self.settings.max_sequences

    @property
    def drawn(self):
        """Whether its backgrounds, its noise or its k-mers are random."""
        if self.method == ATTRIBUTIONS:
            if self.name in COMPLETE:
                baseline = rule_of(self.name, self.settings).baseline
                return self.name == "gradient_shap" or baseline not in CONSTANT
            return self.name == "smoothgrad"
        return self.method == KMERS and not self.settings.inserts


def kinds_of(methods):
    """The kinds of maps that some methods make.

    Parameters
    ----------
    methods : dict of str to dict
        Settings of `ATTRIBUTIONS`, `MUTAGENESIS` and `KMERS`, or of some of them.

    Returns
    -------
    list of Kind
    """
    kinds = []
    for method, settings in methods.items():
        settings = SimpleNamespace(**settings)
        names = settings.kinds if method == ATTRIBUTIONS else [method]
        kinds += [Kind(name, method, settings) for name in names]
    return kinds


def mean_drop(delta):
    """Mean drop of the prediction over the three substitutions of each position.

    Parameters
    ----------
    delta : numpy.ndarray, shape (..., 4, length)
        Changes of the prediction; 0 for the present base.

    Returns
    -------
    numpy.ndarray, shape (..., length), float64
    """
    return -np.asarray(delta, dtype=np.float64).sum(axis=-2) / 3


class Explainer:
    """Makes the maps of one network and target.

    Parameters
    ----------
    predictor : proofread.models.predictor.Predictor
    column : int
        Of the target.
    kmer_replicates : int, optional
        K-mers of each window of `KMERS`; None: as many as its settings say.
    """

    def __init__(self, predictor, column, *, kmer_replicates=None):
        self.predictor, self.column = predictor, column
        self.kmer_replicates = kmer_replicates
        self.editor = EditedLogits(predictor)

    def map(self, kind, index, length, *, seed, baselines_of=None):
        """The map of a kind.

        Parameters
        ----------
        kind : Kind
        index : numpy.ndarray, shape (n, length), uint8
        length : numpy.ndarray, shape (n,), int
            Bases of each sequence, without padding.
        seed : int
            Of its baselines, noise and k-mers.
        baselines_of : numpy.ndarray, shape (n, length), uint8, optional
            The sequences whose baselines are drawn; None: `index`.

        Returns
        -------
        numpy.ndarray, shape (n, length), float64
                High: the base raises the prediction. Of saliency, that it changes it.
        """
        if kind.method == ATTRIBUTIONS:
            source = index if baselines_of is None else baselines_of
            values = self._attributions(kind, index, source, seed)
        elif kind.method == MUTAGENESIS:
            values = self._mutagenesis(kind, index, length)
        else:
            values = self._kmers(kind, index, length, seed)
        return np.asarray(values, dtype=np.float64)

    def _attributions(self, kind, index, baselines_of, seed):
        settings = kind.settings
        rule = rule_of(kind.name, settings)
        baselines = None
        if kind.name in COMPLETE:
            rng = np.random.default_rng(seed)
            baselines = draw_baselines(rule.baseline, baselines_of, rule.baselines, rng)
        attributions = explain(
            kind.name,
            self.predictor.network,
            torch.from_numpy(one_hot(index)),
            [self.column],
            baselines=baselines,
            seed=seed,
            correct=rule.correct,
            scale=rule.scale,
            steps=settings.integrated_gradients["steps"],
            noise=(settings.smoothgrad["replicates"], settings.smoothgrad["noise"]),
            megabytes=settings.megabytes,
        )
        return per_base(
            kind.name,
            attributions.hypothetical[0],
            index,
            correct=rule.correct,
            window=settings.window,
        )

    def _mutagenesis(self, kind, index, length):
        _, delta = saturation_mutagenesis(
            self.editor,
            index,
            length,
            positions_to_mutate(index, length, kind.settings.centre),
            columns=[self.column],
            strands=kind.settings.strands,
            scale=kind.settings.scale,
        )
        return mean_drop(delta[:, 0])

    def _kmers(self, kind, index, length, seed):
        settings = kind.settings
        replicates = min(settings.replicates, self.kmer_replicates or np.inf)
        inserts = read_inserts(settings.inserts, settings.lengths)
        per_length, _ = perturb_lengths(
            self.editor,
            index,
            length,
            lengths=settings.lengths,
            stride=settings.stride,
            max_variants=settings.max_variants,
            replicates=kmers_per_window(
                settings.mode,
                replicates,
                fixed=bool(inserts),
                max_variants=settings.max_variants,
            ),
            mode=settings.mode,
            kmers_from=settings.kmers_from,
            force_change=settings.force_change,
            inserts=inserts,
            strands=settings.strands,
            seed=seed,
            keep=(),
        )
        importance = mean_importance(
            [base_importance(windows, index.shape[1]) for windows in per_length]
        )
        return -importance[:, self.column]
