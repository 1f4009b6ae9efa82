"""The sites that a scan is compared with."""

import numpy as np

from proofread.datasets.dataset import read_dataset, read_splits
from proofread.datasets.on_disk import Rows, blocks
from proofread.dna.encoding import reverse_complement
from proofread.files.features import read_features, sites_of

# Splits that a network was fitted to: training, and the choice of its best epoch.
_FITTED = ("train", "validation")


def fitted_sites(sites, genome, dataset, splits, anchor, width):
    """Which sites' own windows the network was fitted to, by contig.

    A site's window is the one that has the site at its anchor, on the site's strand (on
    either where it is not known). It was seen if the same bases are among the
    training or validation sequences. These are read from disk, a block at a time:
    memory grows with the sites only.

    Parameters
    ----------
    sites : dict of str to proofread.files.features.Sites
    genome : proofread.files.genome.Genome
    dataset, splits : str
        Paths.
    anchor, width : int

    Returns
    -------
    dict of str to numpy.ndarray of bool
    """
    seen, windows = {}, {}
    for contig, own in sites.items():
        length = genome.lengths[contig]
        seen[contig] = np.zeros(len(own), dtype=bool)
        for number, (position, strand) in enumerate(
            zip(own.position, own.strand, strict=True)
        ):
            for reverse in (False, True):
                first = int(position) - (width - 1 - anchor if reverse else anchor)
                other = strand == ("+" if reverse else "-")
                if other or first < 0 or first + width > length:
                    continue
                bases = genome.fetch(contig, first, first + width)
                bases = reverse_complement(bases) if reverse else bases
                text = np.ascontiguousarray(bases).tobytes()
                windows.setdefault(text, []).append((contig, number))
    whole = read_dataset(dataset, streamed=True)
    rows_of = read_splits(splits, len(whole))
    for split in _FITTED if windows else ():
        rows = rows_of[split]
        rows = rows[whole.length[rows] == width]
        for _, block in blocks(Rows(whole.index, rows)):
            for row in block:
                for contig, number in windows.get(row.tobytes(), ()):
                    seen[contig][number] = True
    return seen


def read_sites(path, genome, params):
    """The sites by contig; None where no file is given.

    Raises
    ------
    InputError
        If a site is not on the genome.
    """
    if not path:
        return None
    if params.genome is None:
        with open(path, encoding="utf-8", errors="replace") as file:
            if all(line.startswith("#") for line in file):
                features = []  # no positive test sequence found room
            else:
                features = read_features(path)
    else:
        features = read_features(path, params.feature)
    check_contigs(features, genome)
    return sites_of(features, genome.lengths, faithful=params.faithful)


def check_contigs(features, genome):
    """Refuse a feature on a contig that the genome does not have."""
    first = {feature.contig: feature.where for feature in reversed(features)}
    for contig, where in first.items():
        genome.check_contig(contig, where)
