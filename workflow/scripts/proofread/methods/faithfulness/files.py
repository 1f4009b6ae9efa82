"""Which sequences are judged, and their maps in the files of the methods."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from proofread.configuration.names import known_targets
from proofread.datasets.dataset import read_dataset, rows_of_split
from proofread.datasets.sampling import balanced_rows
from proofread.errors import MAKE_ANEW, InputError
from proofread.hdf5 import intact
from proofread.methods.faithfulness.maps import (
    ATTRIBUTIONS,
    KMERS,
    MUTAGENESIS,
    Explainer,
    mean_drop,
)
from proofread.methods.faithfulness.sample import Maps
from proofread.progress import log

# Which array of values.h5 names the sequences, and which holds the maps.
_ARRAYS = {MUTAGENESIS: ("sequence", "delta"), KMERS: ("sequence", "importance")}


def choose(dataset, splits, kinds, settings):
    """The sequences that are judged: some of those that every kind explains.

    Parameters
    ----------
    dataset, splits : str or path
    kinds : list of proofread.methods.faithfulness.maps.Kind
    settings : namespace
        `max_sequences`, `remade_sequences` and `seed`.

    Returns
    -------
    sample : proofread.datasets.dataset.Dataset
    remade : numpy.ndarray of int
        Rows of the sample whose maps are made anew.

    Raises
    ------
    InputError
        If no sequence is explained by every kind.
    """
    whole = read_dataset(dataset, streamed=True)
    common = None
    for kind in kinds:
        rows = rows_of_split(whole, splits, kind.settings.split)
        # As the method chooses them, so that its files hold these sequences.
        own = kind.settings.targets if kind.method == ATTRIBUTIONS else None
        chosen = balanced_rows(
            whole.subset(rows),
            kind.max_sequences,
            kind.settings.seed,
            target=own,
            classes=kind.settings.classes,
        )
        rows = rows[chosen]
        common = rows if common is None else np.intersect1d(common, rows)
    if len(common) == 0:
        said = [f"{kind.title}: split {kind.settings.split}" for kind in kinds]
        raise InputError(
            "methods.faithfulness",
            f"no sequence has a map of every kind ({', '.join(said)})",
            "methods that explain the same sequences",
            "give the methods that it reads the same split and the same seed",
        )
    number = settings.max_sequences
    rows = common[balanced_rows(whole.subset(common), number, settings.seed)]
    sample = whole.subset(rows)
    sample.index = np.asarray(sample.index)
    remade = balanced_rows(sample, settings.remade_sequences, settings.seed)
    log.info("%d sequences; maps of %d made anew", len(sample), len(remade))
    return sample, remade


@dataclass(frozen=True, eq=False)
class Stored:
    """The maps of one kind in a file.

    Attributes
    ----------
    path : str
    sequence, target : list of str
    values : numpy.ndarray, shape (targets, n, length), float64
        High: the base raises the prediction. Of saliency, that it changes it.
    """

    path: str
    sequence: list
    target: list
    values: np.ndarray
    _row: dict = field(init=False)

    def __post_init__(self):
        row = {name: number for number, name in enumerate(self.sequence)}
        object.__setattr__(self, "_row", row)

    def of(self, names, target):
        """Maps of the named sequences to a target: (sequences, length)."""
        missing = [name for name in names if name not in self._row]
        if missing:
            raise InputError(
                self.path, f"no sequence {missing[0]!r}", "its map", MAKE_ANEW
            )
        rows = [self._row[name] for name in names]
        return self.values[self.target.index(target), rows]


def read_maps(path, kind):
    """The maps of one kind in a method's file.

    Parameters
    ----------
    path : str or path
        Its values.h5.
    kind : proofread.methods.faithfulness.maps.Kind

    Returns
    -------
    Stored

    Raises
    ------
    InputError
        If the file is damaged, or has no such maps.
    """
    names, arrays = _ARRAYS.get(
        kind.method, (f"name_{kind.name}", f"projected_{kind.name}")
    )
    with intact(path, "maps of importance", (names, arrays, "target")) as file:
        sequence, target = (
            [name.decode() for name in file[array][()]] for array in (names, "target")
        )
        values = file[arrays][()].astype(np.float64)
    if kind.method == MUTAGENESIS:
        values = mean_drop(values)
    if kind.method == KMERS:
        values = -values
    if kind.method != ATTRIBUTIONS:
        values = values.swapaxes(0, 1)
    return Stored(str(path), sequence, target, values)


def read_all(paths, kinds):
    """The maps of every kind that some files have.

    Parameters
    ----------
    paths : iterable of str
        ``<method>/values.h5`` of one network.
    kinds : list of proofread.methods.faithfulness.maps.Kind

    Returns
    -------
    dict of str to Stored
        By the name of the kind.
    """
    by_method = {Path(path).parent.name: path for path in paths}
    return {
        kind.name: read_maps(by_method[kind.method], kind)
        for kind in kinds
        if kind.method in by_method
    }


def read_seeds(paths, kinds):
    """The maps of other seeds of a network: a list of dicts as of `read_all`."""
    by_seed = {}
    for path in paths:
        by_seed.setdefault(Path(path).parents[1].name, []).append(path)
    return [read_all(of_seed, kinds) for of_seed in by_seed.values()]


def judged_targets(predictor, kinds, stored, wanted):
    """The targets that every kind explains, or the wanted ones among them.

    Parameters
    ----------
    predictor : proofread.models.predictor.Predictor
    kinds : list of proofread.methods.faithfulness.maps.Kind
    stored : dict of str to Stored
    wanted : list of str or None
        None: all.

    Returns
    -------
    list of str
    """
    explained = predictor.targets
    for kind in kinds:
        own = getattr(kind.settings, "targets", None) or predictor.targets
        own = stored[kind.name].target if kind.name in stored else own
        explained = [name for name in explained if name in own]
    return known_targets(wanted, explained, "methods.faithfulness.targets")


def maps_of(predictor, target, kinds, sample, remade, stored, of_seeds):
    """The maps of one target: read where there is a file, else made.

    Parameters
    ----------
    predictor : proofread.models.predictor.Predictor
    target : str
    kinds : list of proofread.methods.faithfulness.maps.Kind
    sample, remade
        From `choose`.
    stored : dict of str to Stored
    of_seeds : list of dict
        From `read_seeds`.

    Returns
    -------
    proofread.methods.faithfulness.sample.Maps
    """
    explainer = Explainer(predictor, predictor.targets.index(target))
    values = {}
    for kind in kinds:
        if kind.name in stored:
            values[kind.name] = stored[kind.name].of(sample.name, target)
            continue
        log.info("%s: there is no file of its maps, they are made here", kind.title)
        seed = kind.settings.seed
        values[kind.name] = explainer.map(kind, sample.index, sample.length, seed=seed)
    return Maps(
        kinds,
        sample.index,
        np.asarray(sample.length),
        values,
        [
            {name: item.of(sample.name, target) for name, item in of_seed.items()}
            for of_seed in of_seeds
        ],
        remade,
    )
