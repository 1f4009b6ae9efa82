"""How far maps of importance say what a network does."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pandas as pd

from proofread.api.arguments import (
    InputError,
    as_sequences,
    at_least,
    between,
    column_of,
    one_of,
    whole_numbers,
)
from proofread.api.networks import check_gradients, prepared
from proofread.configuration.method_settings import settings_of
from proofread.dna.null_sequences import KINDS as BACKGROUNDS
from proofread.methods.faithfulness.maps import (
    ATTRIBUTIONS,
    KMERS,
    MUTAGENESIS,
    TITLES,
    Explainer,
    Kind,
    kinds_of,
)
from proofread.methods.faithfulness.measure import measure
from proofread.methods.faithfulness.sample import Maps
from proofread.methods.faithfulness.tables import tables_of
from proofread.models.predictor import predictor_of


class Faithfulness(NamedTuple):
    """What the network says about its maps.

    Parameters
    ----------
    table : pandas.DataFrame
        A row for each kind and quantity; the columns of the workflow's
        faithfulness/table.tsv, without negative controls. Of a network for quantities
        the unit of changes is `output` instead of `logit`.
    curves : pandas.DataFrame
        The deletion and insertion curves.
    agreement : pandas.DataFrame
        The agreement of each pair of kinds.
    randomisation : pandas.DataFrame
        The similarity of maps with those of randomised networks, by layer.
    """

    table: pd.DataFrame
    curves: pd.DataFrame
    agreement: pd.DataFrame
    randomisation: pd.DataFrame


def faithfulness(
    model,
    sequences,
    *,
    kinds=("integrated_gradients", "deeplift_shap", "saturation_mutagenesis"),
    maps=None,
    target=0,
    windows=(1, 9),
    background="dinucleotide_shuffled",
    backgrounds=3,
    keep=0.2,
    remade_sequences=16,
    resamples=1000,
    seed=1,
):
    """Judge maps of importance by the network alone, where no truth is known.

    docs/methods/faithfulness.md explains the quantities and names their sources. The
    settings that are no arguments are the defaults of the configuration.

    Parameters
    ----------
    model, sequences
        See `proofread.predict`. At least two sequences.
    kinds : list of str
        Maps that are made, with the default settings of their methods: a kind of
        `proofread.attributions`, saturation_mutagenesis or kmer_perturbation. Empty:
        only those of `maps`.
    maps : dict of str to array (n, length), optional
        Maps of your own, by name: high where a base raises the prediction. They are not
        made anew, so that what needs that is left out.
    target : int or str
        The target: its column, 0-based, or its name.
    windows : list of int
        Lengths of the windows that are replaced, bp.
    background : str
        What replaces them: uniform, shuffled, dinucleotide_shuffled or profile.
    backgrounds : int
        Of each sequence, averaged.
    keep : float
        Fraction of the windows that is kept for sufficiency.
    remade_sequences : int
        Sequences, the first ones, whose maps are made anew.
    resamples : int
        Of the sequences, for the 95 % intervals.
    seed : int
        Of everything that is random.

    Returns
    -------
    Faithfulness

    Raises
    ------
    InputError
        If an argument is not one of those above, or there are fewer than two sequences.
    """
    for kind in kinds:
        one_of("kinds", kind, TITLES)
    one_of("background", background, BACKGROUNDS)
    windows = whole_numbers("windows", windows)
    for argument, value, minimum in (
        *(("windows", width, 1) for width in windows),
        ("backgrounds", backgrounds, 1),
        ("remade_sequences", remade_sequences, 1),
        ("resamples", resamples, 10),
        ("seed", seed, 0),
    ):
        at_least(argument, value, minimum)
    between("keep", keep, 0, 1, excluded=(0, 1))
    index, length, names = as_sequences(sequences)
    if len(index) < 2:
        raise InputError(
            "sequences",
            "one sequence",
            "at least two: numbers are means, and deviations are between sequences",
            "pass more sequences",
        )
    own = _own_maps(maps or {}, kinds, index.shape)
    settings = settings_of("faithfulness", {"methods": {}}) | {
        "windows": windows,
        "background": background,
        "backgrounds": backgrounds,
        "keep": keep,
        "resamples": resamples,
        "seed": seed,
    }
    judged = _kinds(kinds)
    with prepared(model, index, sequences) as network:
        column = column_of(target, network.targets)
        if any(kind.method == ATTRIBUTIONS for kind in judged):
            check_gradients(network, index)
        predictor = predictor_of(network, "model")
        predictor.outputs(index, names=names)  # one that is not finite is named
        explainer = Explainer(predictor, column)
        values = {
            kind.name: explainer.map(kind, index, length, seed=seed) for kind in judged
        }
        summary = measure(
            predictor,
            column,
            Maps(
                judged + [Kind(name) for name in own],
                index,
                length,
                values | own,
                [],
                np.arange(min(remade_sequences, len(index))),
            ),
            SimpleNamespace(**settings),
        )
    tables = tables_of([summary])
    return Faithfulness(**{name: tables[name] for name in Faithfulness._fields})


def _kinds(names):
    """The kinds of these names, with the default settings of their methods."""
    names = list(dict.fromkeys(names))
    others = [name for name in names if name in (MUTAGENESIS, KMERS)]
    methods = {name: settings_of(name, {"methods": {}}) for name in others}
    if len(others) < len(names):
        settings = settings_of(ATTRIBUTIONS, {"methods": {}})
        kinds = [name for name in names if name not in others]
        methods[ATTRIBUTIONS] = settings | {"kinds": kinds}
    found = {kind.name: kind for kind in kinds_of(methods)}
    return [found[name] for name in names]


def _own_maps(maps, kinds, shape):
    """The caller's maps as float64, if they fit the sequences and have other names."""
    if not maps and not kinds:
        raise InputError(
            "kinds", "none, and no maps", "one kind or map at least", "name a kind"
        )
    own = {}
    for name, values in maps.items():
        values = np.asarray(values, dtype=np.float64)
        if values.shape != shape:
            raise InputError(
                f"maps[{name!r}]",
                f"an array of shape {values.shape}",
                f"a number for each base: shape {shape}",
                "pass one number for each base of each sequence",
            )
        if not np.isfinite(values).all():
            raise InputError(
                f"maps[{name!r}]",
                "numbers that are not finite",
                "numbers",
                "correct it",
            )
        if name in kinds or name == "random":
            raise InputError(
                "maps",
                f"the name {name!r}, which another kind has",
                "a name of its own",
                "call it otherwise",
            )
        own[str(name)] = values
    return own
