"""Arrays for TF-MoDISco."""

import zipfile

import numpy as np

from proofread.atomic import atomic


def write_npz(path, array):
    """Write one array as .npz under the name that TF-MoDISco reads, ``arr_0``.

    The same array always gives the same bytes, which numpy.savez does not promise: the
    entries of its archives bear the time.
    """
    entry = zipfile.ZipInfo("arr_0.npy", date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    with (
        atomic(path) as temporary,
        zipfile.ZipFile(temporary, "w") as archive,
        archive.open(entry, "w") as file,
    ):
        np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
