"""The dataset file: labelled sequences and, where there is one, the truth.

One HDF5 file, uncompressed and contiguous, so that any batch is one read:
``index`` (n, length) uint8, ``length`` (n), ``name`` (n), ``label`` (n, targets)
float32, ``target`` (targets), ``group`` (n), ``stratum`` (n), the planted instances or
known sites in ``truth`` and their matrices in ``motifs/``; of sequences from a genome
``place`` (n); of rule effects ``noiseless`` (n, targets) float32.
Settings, seed and versions are attributes.
"""

import json
from dataclasses import dataclass, field, replace
from functools import partial

import h5py
import numpy as np
import pandas as pd

from proofread.configuration.labels import is_quantitative
from proofread.datasets.on_disk import Rows, blocks, in_memory
from proofread.dna.encoding import decode, one_hot
from proofread.errors import MAKE_ANEW, InputError
from proofread.hdf5 import intact, written

SPLITS = ("train", "validation", "test")

_TEXTS = ("name", "group", "stratum")
_REPEATED = ("stratum", "motif", "strand", "role")  # columns whose texts repeat
_ROWS = 50_000  # texts read at once
_KIND = "a dataset file"
_ARRAYS = ("index", "length", "label", "target", *_TEXTS, "truth", "motifs")

KNOWN = "known"  # the role of a site that nobody planted

# One row per planted instance or known site; 0-based, half-open, forward coordinates.
TRUTH_COLUMNS = {
    "sequence": np.int64,  # row of the dataset
    "motif": object,
    "start": np.int64,
    "end": np.int64,
    "strand": object,  # + or -, or . of a known site whose strand is not known
    "role": object,  # causal or decoy; known
    "instance": object,  # its bases, on the motif's own strand
}
# Columns of some datasets only.
OPTIONAL_TRUTH_COLUMNS = {
    # What the instance adds to the value of its sequence (log scale); rule effects.
    "effect": np.float64,
}


def empty_truth():
    """A truth table without rows, as for a user's own sequences."""
    return pd.DataFrame({k: pd.Series(dtype=t) for k, t in TRUTH_COLUMNS.items()})


class _Late:
    """A field of `Dataset` that may be a function, which is called when first read."""

    def __init__(self, default=None):
        self.default = default

    def __set_name__(self, _, name):
        self.slot = f"_{name}"

    def __get__(self, dataset, _=None):
        if dataset is None:  # the dataclass asks for the field's default
            if self.default is None:
                raise AttributeError(self.slot)
            return self.default
        value = getattr(dataset, self.slot)
        if callable(value):
            value = value()
            setattr(dataset, self.slot, value)
        return value

    def __set__(self, dataset, value):
        setattr(dataset, self.slot, value)


@dataclass
class Dataset:
    """Sequences, labels and truth, in memory or, if streamed, on disk.

    A list or a table may be given as a function without arguments, which is called when
    the attribute is first read.

    Attributes
    ----------
    index : numpy.ndarray, shape (n, length), uint8
        0-3 for A, C, G, T; 4 for anything else and for padding. A streamed dataset has
        a numpy.memmap, its subsets have `Rows` and joined datasets `Stacked`. All give
        copies; `proofread.datasets.on_disk.blocks` reads them with little memory.
    length : numpy.ndarray, shape (n,), int64
        Bases of each sequence, without padding (which is at the end).
    name : list of str, n
        Unique.
    label : numpy.ndarray, shape (n, targets), float32
        0 or 1, or, if the targets are quantitative, their values in the user's own
        units. NaN is a missing label; all are, if the sequences have no labels.
    target : list of str
        Names of the targets.
    group : list of str, n
        Groups that a split by group never divides; the name itself if none is known.
    stratum : list of str, n
        Strata that a stratified split keeps in proportion: `positive`, `negative` and,
        in simulated data, `hard_negative`; `unlabelled` without labels. Of quantitative
        targets `quantile_1` (the smallest values) to `quantile_5`.
    truth : pandas.DataFrame
        Columns of `TRUTH_COLUMNS`, and some of `OPTIONAL_TRUTH_COLUMNS`; no rows for a
        user's sequences without known sites.
    motifs : dict of str to numpy.ndarray, shape (width, 4)
        Probabilities each planted motif was sampled from; of known sites, those of the
        names that have a matrix (`proofread.datasets.known_sites`).
    settings : dict
        The configuration that made the dataset, its seed and library versions.
    place : list of str, n
        The window of a genome that each sequence is, such as chr1:10-20(-), which is
        read as its reverse complement; empty text for a sequence without one, such as a
        shuffle. The list is empty if no sequence has one.
    noiseless : numpy.ndarray, shape (n, targets), float32, or None
        The expected label of each sequence, where noise of a known kind was added (rule
        effects); None elsewhere.
    """

    index: np.ndarray
    length: np.ndarray
    name: _Late = _Late()
    label: np.ndarray
    target: list
    group: _Late = _Late()
    stratum: _Late = _Late()
    truth: _Late = _Late(empty_truth)
    motifs: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    place: _Late = _Late(list)
    noiseless: np.ndarray | None = None

    def __len__(self):
        return len(self.index)

    @property
    def simulated(self):
        """Whether motifs were planted, so that the whole truth is known."""
        return bool(self.motifs) and not self.known

    @property
    def known(self):
        """Whether the truth is known sites, which are not all sites there are."""
        return bool(self.settings.get("truth"))

    @property
    def has_truth(self):
        """Whether there is something that methods should find."""
        return self.simulated or self.known

    @property
    def truth_names(self):
        """Names of the motifs of the truth, those with a matrix first."""
        names = [*self.motifs, *sorted(set(self.truth["motif"]))]
        return list(dict.fromkeys(names))

    @property
    def planted(self):
        """Matrices of the planted motifs; none of known sites."""
        return {} if self.known else self.motifs

    @property
    def labelled(self):
        """Whether any sequence has a label."""
        return len(self.label) == 0 or not np.isnan(self.label).all()

    @property
    def quantitative(self):
        """Whether the targets are numbers, and not classes."""
        return is_quantitative(self.settings)

    def one_hot(self, rows=slice(None)):
        """Float32 (n, 4, length) of the given rows."""
        return one_hot(self.index[rows])

    def sequence(self, row):
        """Text of one sequence, without its padding."""
        return decode(self.index[row, : self.length[row]])

    def subset(self, rows):
        """The given rows as another dataset; the truth is renumbered.

        Parameters
        ----------
        rows : numpy.ndarray, shape (m,), int
            Unique row numbers.
        """
        rows = np.asarray(rows, dtype=np.int64)
        on_disk = isinstance(self.index, np.memmap | Rows)

        def chosen(name):
            values = getattr(self, name)
            return [values[row] for row in rows] if values else []

        return replace(
            self,
            index=Rows(self.index, rows) if on_disk else self.index[rows],
            length=self.length[rows],
            name=partial(chosen, "name"),
            label=self.label[rows],
            group=partial(chosen, "group"),
            stratum=partial(chosen, "stratum"),
            place=partial(chosen, "place"),
            truth=partial(self._truth_of, rows),
            noiseless=None if self.noiseless is None else self.noiseless[rows],
        )

    def _truth_of(self, rows):
        new_row = np.full(len(self), -1)
        new_row[rows] = np.arange(len(rows))
        truth = self.truth.assign(
            sequence=new_row[self.truth["sequence"].to_numpy(dtype=np.int64)]
        )
        return truth[truth["sequence"] >= 0].sort_values(
            ["sequence", "start"], kind="stable", ignore_index=True
        )


def write_dataset(path, dataset):
    """Write a dataset file; the same dataset always gives the same bytes.

    Sequences that are on disk are copied a block at a time.
    """
    text = h5py.string_dtype()
    with written(path) as file:
        index = file.create_dataset("index", dataset.index.shape, dtype=np.uint8)
        for first, block in blocks(dataset.index):
            index[first : first + len(block)] = block
        file["length"] = np.asarray(dataset.length, dtype=np.int64)
        file["label"] = dataset.label.astype(np.float32)
        for key in ("name", "target", "group", "stratum", "place"):
            values = getattr(dataset, key)
            if key == "place" and not values:
                continue
            file.create_dataset(key, data=np.array(values, dtype=object), dtype=text)
        if dataset.noiseless is not None:
            file["noiseless"] = dataset.noiseless.astype(np.float32)
        truth = file.create_group("truth")
        for column, kind in _truth_columns(dataset.truth):
            values = dataset.truth[column].to_numpy(dtype=kind)
            truth.create_dataset(
                column, data=values, dtype=text if kind is object else kind
            )
        motifs = file.create_group("motifs", track_order=True)
        for name, matrix in dataset.motifs.items():
            motifs[name] = np.asarray(matrix, dtype=np.float64)
        file.attrs["settings"] = json.dumps(dataset.settings, sort_keys=True)


def read_dataset(path, *, streamed=False):
    """Read a dataset file and check that it is intact.

    Parameters
    ----------
    path : str or path
    streamed : bool
        Whether the sequences stay on disk, and names, groups, strata and truth are read
        when first used. Memory then grows only with labels and lengths.

    Raises
    ------
    InputError
        If the file is not a dataset, or its arrays have changed.
    """
    with intact(path, _KIND, _ARRAYS) as file:
        late = {
            **{key: partial(_read_texts, path, key) for key in _TEXTS},
            "truth": partial(_read_truth, path),
        }
        if "place" in file:
            late["place"] = partial(_read_texts, path, "place")
        if not streamed:
            late = {key: read() for key, read in late.items()}
        return Dataset(
            index=_on_disk(path, file["index"]) if streamed else file["index"][()],
            length=file["length"][()],
            label=file["label"][()],
            target=_texts(file["target"]),
            motifs={name: file["motifs"][name][()] for name in file["motifs"]},
            settings=json.loads(file.attrs["settings"]),
            noiseless=file["noiseless"][()] if "noiseless" in file else None,
            **late,
        )


def _on_disk(path, array):
    """A contiguous array as a view of its file; any other is read."""
    offset = array.id.get_offset()
    if offset is None or array.size == 0:
        return array[()]
    return np.memmap(path, array.dtype, mode="r", offset=offset, shape=array.shape)


def _texts(array, *, repeated=False):
    """A column of texts; if they are `repeated`, equal ones are one object."""
    texts, unique = [], {}
    for first in range(0, len(array), _ROWS):
        part = [value.decode() for value in array[first : first + _ROWS]]
        texts += [unique.setdefault(text, text) for text in part] if repeated else part
    return texts


def _read_texts(path, key):
    with h5py.File(path, "r") as file:
        return _texts(file[key], repeated=key in _REPEATED)


def _read_truth(path):
    with h5py.File(path, "r") as file:
        return pd.DataFrame(
            {
                column: pd.Series(
                    _texts(file["truth"][column], repeated=column in _REPEATED)
                    if kind is object
                    else file["truth"][column][()],
                    dtype=kind,
                )
                for column, kind in _truth_columns(file["truth"])
            }
        )


def _truth_columns(present):
    """Names and types of the columns of a truth, given what holds them."""
    return [
        (column, kind)
        for column, kind in (TRUTH_COLUMNS | OPTIONAL_TRUTH_COLUMNS).items()
        if column in present or column in TRUTH_COLUMNS
    ]


def write_splits(path, rows):
    """Write the rows of train, validation and test.

    Parameters
    ----------
    path : str or path
    rows : dict of str to numpy.ndarray
        Sorted row numbers under each name of `SPLITS`.
    """
    with written(path) as file:
        for split in SPLITS:
            file[split] = np.asarray(rows[split], dtype=np.int64)


def read_splits(path, sequences=None):
    """Row numbers of every split, by name.

    Parameters
    ----------
    path : str or path
    sequences : int, optional
        Number of sequences in the dataset.

    Raises
    ------
    InputError
        If the file is damaged, or has rows that the dataset does not have.
    """
    with intact(path, "a file of splits", SPLITS) as file:
        rows = {split: file[split][()] for split in SPLITS}
    last = max(part.max(initial=-1) for part in rows.values())
    if sequences is not None and last >= sequences:
        raise InputError(
            path,
            f"the row {last} of a dataset with {sequences} sequences",
            "the splits of this dataset",
            MAKE_ANEW,
        )
    return rows


def read_split(dataset, splits, split):
    """The rows of one split, as another dataset.

    Parameters
    ----------
    dataset : str or path
        The dataset file.
    splits : str or path
        The splits file beside it.
    split : str
        `train`, `validation`, `test`, or `all` for every row.

    Returns
    -------
    Dataset
        Some of its labels may be missing.
    """
    whole = read_dataset(dataset, streamed=True)
    rows = rows_of_split(whole, splits, split)
    if len(rows) == len(whole):
        return read_dataset(dataset)
    chosen = whole.subset(rows)
    return replace(chosen, index=in_memory(chosen.index))


def rows_of_split(whole, splits, split):
    """Row numbers of a split.

    Parameters
    ----------
    whole : Dataset
    splits, split
        As of `read_split`.

    Returns
    -------
    numpy.ndarray, int64
        Sorted.
    """
    if split == "all":
        return np.arange(len(whole))
    return read_splits(splits, len(whole))[split]
