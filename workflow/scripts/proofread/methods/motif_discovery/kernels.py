"""Compiled code of modisco-lite, kept between jobs.

numba compiles the package's functions when they are first called, which takes more time
than the search itself. It can keep the code in files, but numbers the files of a
function: two jobs that write at once can give one number to two kinds of code. Here
each kind has a file of its own.
"""

import contextlib
import hashlib
import sys
from pathlib import Path

import numba
from modiscolite import affinitymat, aggregator, gapped_kmer, util
from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    IndexDataCacheFile,
    UserProvidedCacheLocator,
)
from numba.core.dispatcher import Dispatcher

from proofread.configuration.caches import cache_folder
from proofread.progress import log


@contextlib.contextmanager
def kept_kernels():
    """Load the package's compiled code instead of compiling it, and keep what is new.

    The folder is ``NUMBA_CACHE_DIR``, or ``proofread/kernels`` in the user's cache.
    Code is found by its source, its types, its processor and the version of numba, and
    each file appears when it is complete: jobs of one or of several machines may use
    the folder side by side. Where no file can be written, nothing is kept.
    """
    functions = list(_functions())
    folder = numba.config.CACHE_DIR or cache_folder("proofread/kernels")
    kernels = _kernels(functions, folder) if folder else None
    if kernels is None:
        log.info("no cache folder can be written: code is compiled anew")
        yield
        return
    caches = [function._cache for function in functions]
    try:
        for function, kernel in zip(functions, kernels, strict=True):
            function._cache = kernel
        yield
    finally:
        for function, cache in zip(functions, caches, strict=True):
            function._cache = cache


def _functions():
    """The package's functions that numba compiles."""
    for module in (affinitymat, aggregator, gapped_kmer, util):
        for value in vars(module).values():
            own = getattr(value, "__module__", None) == module.__name__
            if own and isinstance(value, Dispatcher):
                yield value


def _kernels(functions, folder):
    """The kept code of each function; None if the folder cannot be written."""
    source = _digest(Path(util.__file__).parent)
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)  # is read when a cache is made
    try:
        return [_Kernels(function.py_func, source) for function in functions]
    except RuntimeError:
        return None
    finally:
        numba.config.CACHE_DIR = before


def _digest(folder):
    """Digest of a package's source: compiled code contains functions of other files."""
    content = hashlib.sha256(sys.version.encode())
    for path in sorted(Path(folder).glob("*.py")):
        content.update(path.name.encode() + b"\0" + path.read_bytes())
    return content.hexdigest()


class _InFolder(CompileResultCacheImpl):
    """Code in the folder that is given, and never beside the package."""

    _locator_classes = (UserProvidedCacheLocator,)


class _Kernels(FunctionCache):
    """The compiled code of a function: kept if it can be, compiled if not."""

    _impl_class = _InFolder

    def __init__(self, function, source):
        super().__init__(function)
        self._cache_file = _Files(self.cache_path, self._impl.filename_base, source)

    def load_overload(self, sig, target_context):
        """The code for these types; None where there is none, or a damaged file."""
        try:
            return super().load_overload(sig, target_context)
        except Exception as error:
            log.info("%s is compiled anew: %r", self._py_func.__name__, error)
            return None

    def save_overload(self, sig, data):
        """Keep the code, unless the disk is full or the like."""
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)


class _Files:
    """Files of compiled code, one for each kind (types and processor)."""

    def __init__(self, folder, name, source):
        self._folder, self._name, self._source = folder, name, source

    def _file(self, key):
        kind = hashlib.sha256(repr((self._source, key)).encode()).hexdigest()[:16]
        return IndexDataCacheFile(self._folder, f"{self._name}.{kind}", self._source)

    def load(self, key):
        """The code; None where there is none."""
        return self._file(key).load(key)

    def save(self, key, data):
        """Write the code, in place of what was there."""
        file = self._file(key)
        file.flush()  # the old index may be damaged
        file.save(key, data)
