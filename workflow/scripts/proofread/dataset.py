"""The dataset file: labelled sequences and, where they were simulated, the truth.

One HDF5 file, uncompressed and contiguous, so that any batch is one read:
``index`` (n, length) uint8, ``length`` (n), ``name`` (n), ``label`` (n, targets)
float32, ``target`` (targets), ``group`` (n), ``stratum`` (n), the planted
instances in ``truth`` and the matrices they were drawn from in ``motifs/``.
Settings, seed and versions are attributes. A sha256 of the arrays is kept and
checked, because contiguous storage has no checksum of its own.
"""

import hashlib
import json
from dataclasses import dataclass, field, replace

import h5py
import numpy as np
import pandas as pd

from proofread.errors import InputError
from proofread.job import atomic
from proofread.sequences import decode, one_hot

SPLITS = ("train", "validation", "test")

# One row per planted instance; 0-based, half-open, forward coordinates.
TRUTH_COLUMNS = {
    "sequence": np.int64,  # row of the dataset
    "motif": object,
    "start": np.int64,
    "end": np.int64,
    "strand": object,  # + or -
    "role": object,  # causal or decoy
    "instance": object,  # as sampled from the matrix, on the motif's own strand
}


def empty_truth():
    """A truth table without rows, as for a user's own sequences."""
    return pd.DataFrame({k: pd.Series(dtype=t) for k, t in TRUTH_COLUMNS.items()})


@dataclass
class Dataset:
    """Sequences, labels and truth, in memory.

    Attributes
    ----------
    index : numpy.ndarray, shape (n, length), uint8
        0-3 for A, C, G, T; 4 for anything else and for padding.
    length : numpy.ndarray, shape (n,), int64
        Bases of each sequence, without padding (which is at the end).
    name : list of str, n
        Unique.
    label : numpy.ndarray, shape (n, targets), float32
    target : list of str
        Names of the targets.
    group : list of str, n
        What a split by group must not cut; the name itself where nothing is known.
    stratum : list of str, n
        What a stratified split keeps in proportion: `positive`, `negative` and,
        where the simulation planted them, `hard_negative`.
    truth : pandas.DataFrame
        Columns of `TRUTH_COLUMNS`; no rows for a user's sequences.
    motifs : dict of str to numpy.ndarray, shape (width, 4)
        Probabilities each planted motif was sampled from.
    settings : dict
        The configuration that made the dataset, its seed and library versions.
    """

    index: np.ndarray
    length: np.ndarray
    name: list
    label: np.ndarray
    target: list
    group: list
    stratum: list
    truth: pd.DataFrame = field(default_factory=empty_truth)
    motifs: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)

    def __len__(self):
        return len(self.index)

    @property
    def simulated(self):
        """Whether the planted truth is known."""
        return bool(self.motifs)

    def one_hot(self, rows=slice(None)):
        """Float32 (n, 4, length) of the given rows."""
        return one_hot(self.index[rows])

    def sequence(self, row):
        """Letters of one sequence, without its padding."""
        return decode(self.index[row, : self.length[row]])

    def subset(self, rows):
        """The given rows as a dataset of their own; the truth is renumbered.

        Parameters
        ----------
        rows : numpy.ndarray, shape (m,), int
            Unique row numbers.
        """
        rows = np.asarray(rows, dtype=np.int64)
        new_row = np.full(len(self), -1)
        new_row[rows] = np.arange(len(rows))
        truth = self.truth.assign(
            sequence=new_row[self.truth["sequence"].to_numpy(dtype=np.int64)]
        )
        truth = truth[truth["sequence"] >= 0].sort_values(
            ["sequence", "start"], kind="stable", ignore_index=True
        )
        return replace(
            self,
            index=self.index[rows],
            length=self.length[rows],
            name=[self.name[row] for row in rows],
            label=self.label[rows],
            group=[self.group[row] for row in rows],
            stratum=[self.stratum[row] for row in rows],
            truth=truth,
        )


def write_dataset(path, dataset):
    """Write a dataset file; the same dataset always gives the same bytes."""
    text = h5py.string_dtype()
    with atomic(path) as temporary, h5py.File(temporary, "w") as file:
        file["index"] = dataset.index.astype(np.uint8)
        file["length"] = np.asarray(dataset.length, dtype=np.int64)
        file["label"] = dataset.label.astype(np.float32)
        for key in ("name", "target", "group", "stratum"):
            values = getattr(dataset, key)
            file.create_dataset(key, data=np.array(values, dtype=object), dtype=text)
        truth = file.create_group("truth")
        for column, kind in TRUTH_COLUMNS.items():
            values = dataset.truth[column].to_numpy(dtype=kind)
            truth.create_dataset(
                column, data=values, dtype=text if kind is object else kind
            )
        motifs = file.create_group("motifs", track_order=True)
        for name, matrix in dataset.motifs.items():
            motifs[name] = np.asarray(matrix, dtype=np.float64)
        file.attrs["settings"] = json.dumps(dataset.settings, sort_keys=True)
        file.attrs["sha256"] = _digest(file)


def read_dataset(path):
    """Read a dataset file and check that it is whole.

    Raises
    ------
    InputError
        If the file is not a dataset or its arrays are not those written.
    """
    try:
        with h5py.File(path, "r") as file:
            if _digest(file) != file.attrs["sha256"]:
                raise InputError(
                    path,
                    "the arrays are not those whose sha256 the file states",
                    "an intact dataset file",
                    "delete it and run again: the workflow makes it anew",
                )
            texts = {
                key: [value.decode() for value in file[key][()]]
                for key in ("name", "target", "group", "stratum")
            }
            truth = pd.DataFrame(
                {
                    column: (
                        [value.decode() for value in file["truth"][column][()]]
                        if kind is object
                        else file["truth"][column][()]
                    )
                    for column, kind in TRUTH_COLUMNS.items()
                }
            ).astype(TRUTH_COLUMNS)
            return Dataset(
                index=file["index"][()],
                length=file["length"][()],
                label=file["label"][()],
                truth=truth,
                motifs={name: file["motifs"][name][()] for name in file["motifs"]},
                settings=json.loads(file.attrs["settings"]),
                **texts,
            )
    except (OSError, KeyError) as error:
        raise InputError(
            path,
            f"not readable as a dataset file ({error})",
            "HDF5 with index, label, name, ... as written by simulate or read",
            "delete it and run again: the workflow makes it anew",
        ) from error


def _digest(file):
    """sha256 over the names, shapes and bytes of all arrays of an HDF5 file."""
    digest = hashlib.sha256()

    def add(name, item):
        if isinstance(item, h5py.Dataset):
            values = item[()]
            digest.update(f"{name}{item.shape}".encode())
            if values.dtype == object:
                for value in values.ravel():
                    digest.update(value + b"\0")
            else:
                digest.update(np.ascontiguousarray(values).tobytes())

    file.visititems(add)
    return digest.hexdigest()


def write_splits(path, rows):
    """Write which rows train, validate and test.

    Parameters
    ----------
    rows : dict of str to numpy.ndarray
        Sorted row numbers under each name of `SPLITS`.
    """
    with atomic(path) as temporary, h5py.File(temporary, "w") as file:
        for split in SPLITS:
            file[split] = np.asarray(rows[split], dtype=np.int64)


def read_splits(path):
    """Row numbers of every split, by name."""
    with h5py.File(path, "r") as file:
        return {split: file[split][()] for split in SPLITS}


def read_split(dataset, splits, split):
    """The rows of one split, as a dataset of their own.

    Parameters
    ----------
    dataset : str or path
        The dataset file.
    splits : str or path
        The splits file beside it.
    split : str
        `train`, `validation`, `test`, or `all` for every row.
    """
    whole = read_dataset(dataset)
    return whole if split == "all" else whole.subset(read_splits(splits)[split])
