"""Questions that a map alone does not answer: it is made anew to answer them.

Each kind is made again with other random numbers, of sequences with neutral
substitutions, and of the network with its layers drawn anew.
"""

import numpy as np

from proofread.errors import InputError
from proofread.methods.faithfulness.maps import Explainer
from proofread.methods.faithfulness.parameters import randomised, why_not
from proofread.methods.faithfulness.sample import (
    CONSTANT_MAP,
    COPY,
    NEW_MAP,
    NO_BASE,
    degenerate,
    generator,
)
from proofread.methods.faithfulness.similarity import is_constant, spearman_rows
from proofread.methods.faithfulness.stability import max_sensitivity, neutral_copies
from proofread.methods.faithfulness.tables import left_out
from proofread.models.predictor import predictor_of, without_rounding
from proofread.progress import log, progress

OWN = "a map of your own is not made anew"
_OF_MAPS_ANEW = ("agreement_over_backgrounds", "max_sensitivity", "neutral_change")


class Remaker:
    """Makes the maps of some sequences anew.

    Parameters
    ----------
    predictor : proofread.models.predictor.Predictor
    column : int
        Of the target.
    maps : proofread.methods.faithfulness.sample.Maps
    settings : namespace
        The settings of the method.
    size : float
        As of `without_rounding`.
    """

    def __init__(self, predictor, column, maps, settings, *, size):
        self.predictor, self.column, self.settings = predictor, column, settings
        self.size = size
        self.kinds = maps.kinds
        self.index, self.length, self.known = (
            item[maps.remade] for item in (maps.index, maps.length, maps.known)
        )
        self.explainer = self._explainer(predictor)
        # Made here, as all others are: a file's may have other baselines and k-mers.
        self.values = {
            kind.name: self._map(self.explainer, kind)
            for kind in progress(self._remade(), "maps made anew")
        }

    def _explainer(self, predictor):
        replicates = self.settings.kmer_replicates
        return Explainer(predictor, self.column, kmer_replicates=replicates)

    def _map(self, explainer, kind, step=0):
        seed = self.settings.seed + step
        return explainer.map(kind, self.index, self.length, seed=seed)

    def _remade(self):
        return [kind for kind in self.kinds if kind.method is not None]

    def vary(self, summary):
        """Add the agreement over backgrounds, and the effects of neutral substitutions.

        Parameters
        ----------
        summary : proofread.methods.faithfulness.tables.Summary
        """
        for kind in progress(self._remade(), "maps with other draws and substitutions"):
            values = self.values[kind.name]
            reasons = degenerate(values, self.known)
            agreement, note = None, "nothing of it is drawn at random"
            if kind.drawn:
                other = self._map(self.explainer, kind, step=1)
                agreement, note = spearman_rows(values, other, self.known), ""
            sensitivity, change = self._neutral(kind, values)
            nothing = reasons[NO_BASE] | reasons[CONSTANT_MAP]
            sensitivity, change = (
                np.where(nothing, np.nan, item) for item in (sensitivity, change)
            )
            numbers = (agreement, sensitivity, change)
            for quantity, item in zip(_OF_MAPS_ANEW, numbers, strict=True):
                said = note if item is agreement else ""
                summary.add(kind.name, quantity, item, reasons=reasons, note=said)
        for kind in self.kinds:
            if kind.method is None:
                for quantity in _OF_MAPS_ANEW:
                    summary.add(kind.name, quantity, None, note=OWN)

    def _neutral(self, kind, values):
        """Max-sensitivity, and the mean absolute change of the output: (n,) each."""
        settings = self.settings
        copies, kept = neutral_copies(
            self.index,
            values,
            fraction=settings.neutral_fraction,
            copies=settings.copies,
            rng=generator(settings.seed, COPY),
        )
        # One call for each copy, so that all have the backgrounds, noise and k-mers of
        # their sequence, and do not differ by these.
        of_copies = np.stack(
            [
                self.explainer.map(
                    kind,
                    copy,
                    self.length,
                    seed=settings.seed,
                    baselines_of=self.index,
                )
                for copy in copies
            ]
        )
        flat = copies.reshape(-1, copies.shape[2])
        intact, outputs = (
            self.predictor.outputs(item)[:, self.column].astype(np.float64)
            for item in (self.index, flat)
        )
        outputs = without_rounding(outputs.reshape(copies.shape[:2]), intact, self.size)
        change = np.abs(outputs - intact).mean(axis=0)
        return max_sensitivity(values, of_copies, kept), change

    def randomise(self, summary):
        """Add the similarity of maps with those of networks drawn anew, by layer.

        Parameters
        ----------
        summary : proofread.methods.faithfulness.tables.Summary
        """
        why = why_not(self.predictor)
        if why:
            log.warning("parameter randomisation is left out: %s", why)
        networks = ()
        if not why:
            networks = randomised(
                self.predictor.network, self.predictor.length, self.settings.seed
            )
        last = {}
        for number, (layer, network) in enumerate(networks, start=1):
            log.info("layers drawn anew: %d, down to %s", number, layer)
            explainer = self._explainer(predictor_of(network))
            for kind in self._remade():
                similarity, reasons = self._similarity(explainer, kind)
                note = left_out(similarity, reasons)
                summary.add_randomisation(kind.name, layer, number, similarity, note)
                last[kind.name] = similarity, reasons
        for kind in self.kinds:
            similarity, reasons = last.get(kind.name, (None, None))
            summary.add(
                kind.name,
                "randomisation_similarity",
                similarity,
                reasons=reasons,
                note=why or (OWN if kind.method is None else ""),
            )

    def _similarity(self, explainer, kind):
        """Spearman's correlation of the sizes of the maps, (n,), and reasons of NaN."""
        try:
            values = np.abs(self._map(explainer, kind))
        except InputError as error:  # weights drawn anew may overflow
            log.warning("%s, layers drawn anew: %s", kind.name, error.found)
            values = np.full(self.index.shape, np.nan)
        own = np.abs(self.values[kind.name])
        reasons = degenerate(own, self.known)
        reasons[NEW_MAP] = is_constant(np.where(self.known, values, np.nan))
        return spearman_rows(own, values, self.known), reasons
