"""JASPAR's matrices from the copy inside pyjaspar: nothing is downloaded."""

from pyjaspar import JASPAR_LATEST_RELEASE, jaspardb  # noqa: F401
