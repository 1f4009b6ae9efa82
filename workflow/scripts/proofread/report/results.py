"""The results on disk, read only through the files the rule declared."""

import os
from collections import defaultdict
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import pandas as pd

from proofread.datasets.dataset import read_dataset
from proofread.tables import read_table


class Results:
    """The folder of the results.

    Only declared files can be read: what the page shows and what Snakemake made
    before it are then the same, also where files are fetched from a remote store.

    Parameters
    ----------
    folder : str or path
        Where the page stands; links are relative to it.
    declared : iterable of str
        The files that may be read.
    """

    def __init__(self, folder, declared):
        self.folder = Path(os.path.abspath(folder))
        self.declared = {os.path.abspath(path) for path in declared}
        # Of a thousand networks there are a hundred thousand: looked through once.
        self._names = defaultdict(list)
        for path in self.declared:
            parent, name = os.path.split(path)
            self._names[parent].append(name)
        self._read = {}

    def has(self, *parts):
        """Whether a file was declared."""
        return str(self.folder.joinpath(*parts)) in self.declared

    def path(self, *parts):
        """Where a declared file is."""
        if not self.has(*parts):
            raise ValueError(f"{'/'.join(parts)} is not an input of the report")
        return self.folder.joinpath(*parts)

    def table(self, *parts, texts=()):
        """A declared table; `texts` as of `read_table`."""
        return read_table(self.path(*parts), texts)

    def once(self, reader, *parts):
        """What a reader makes of a declared file that many sections need."""
        path = self.path(*parts)
        if path not in self._read:
            self._read[path] = reader(path)
        return self._read[path]

    def dataset(self, name):
        """A dataset."""
        return self.once(read_dataset, name, "dataset.h5")

    def files(self, *parts):
        """Declared files directly in a folder: (name, link); figures come first."""
        names = sorted(
            self._names.get(str(self.folder.joinpath(*parts)), []),
            key=lambda name: (not name.endswith(".svg"), name),
        )
        return [(name, self.link(*parts, name)) for name in names]

    def link(self, *parts):
        """The link to a declared file, relative to the page."""
        return quote(self.path(*parts).relative_to(self.folder).as_posix())


class Experiment:
    """One trained network: its names, and its files by their name in its folder.

    Attributes
    ----------
    shown : bool
        Whether the page shows its figures; it links those of the other seeds.
    standing : dict
        Whether its motifs may be called findings: from `report.network.standing`.
    random_labels : bool
        Whether its sequences hold nothing to find (rule none).
    monitor : str
        What the training for quantitative targets watched; of others it is empty.
    databases : dict
        The motif databases of the configuration.
    scorecard : pandas.DataFrame
        The scores of all networks.
    recoveries : list of proofread.truth.recovery.Recovery or None
        Its own headline scores, once they are judged.
    drawn : dict
        By method: its logos, once they are drawn.
    """

    shown = True
    standing = MappingProxyType({"stated": True, "weak": (), "sentence": ""})
    random_labels = False
    monitor = ""
    recoveries = None
    databases = MappingProxyType({})
    scorecard = pd.DataFrame(columns=["dataset", "model", "seed", "method"])

    def __init__(self, results, dataset, model, seed, methods):
        self.results = results
        self.dataset, self.model, self.seed = dataset, model, seed
        self.methods = methods
        self.folder = (dataset, model, f"seed{seed}")
        self.drawn = {}

    @property
    def simulated(self):
        """Whether motifs were planted in its sequences, so that the truth is known."""
        return self.results.dataset(self.dataset).simulated

    @property
    def known(self):
        """Whether known sites are the truth of its sequences."""
        return self.results.dataset(self.dataset).known

    @property
    def quantitative(self):
        """Whether its targets are numbers."""
        return self.results.dataset(self.dataset).quantitative

    def has(self, *parts):
        """Whether a file was declared."""
        return self.results.has(*self.folder, *parts)

    def path(self, *parts):
        """Where a declared file is."""
        return self.results.path(*self.folder, *parts)

    def table(self, *parts, texts=()):
        """A declared table; `texts` as of `read_table`."""
        return self.results.table(*self.folder, *parts, texts=texts)

    def files(self, *parts):
        """Declared files directly in a folder: (name, link)."""
        return self.results.files(*self.folder, *parts)

    def link(self, *parts):
        """The link to a declared file."""
        return self.results.link(*self.folder, *parts)
