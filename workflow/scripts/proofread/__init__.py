"""proofread: what a network learned about DNA, checked against the planted truth.

The functions for use from Python (docs/python.md) are attributes of this module. Each
is imported when it is first asked for, so that ``import proofread`` costs nothing.
"""

import importlib

__version__ = "0.1.0"

# Name of each function to its module in `proofread.api`.
_MODULES = {
    "InputError": "arguments",
    "attributions": "explain",
    "draw_alignments": "drawing",
    "draw_attributions": "drawing",
    "draw_logo": "drawing",
    "faithfulness": "faithfulness",
    "filter_nullification": "filters",
    "filter_pfms": "filters",
    "greedy_substitution": "explain",
    "jaspar": "motifs",
    "kmer_perturbation": "explain",
    "load_network": "networks",
    "long_sequence_scan": "long_sequence_scan",
    "motif_from_sites": "motifs",
    "motif_insertion": "motif_insertion",
    "motif_tests": "motif_tests",
    "one_hot": "arguments",
    "predict": "explain",
    "read_dataset": "truth",
    "saturation_mutagenesis": "explain",
    "score": "truth",
    "simulate": "truth",
    "tomtom": "motifs",
}
__all__ = sorted(_MODULES)


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"proofread.api.{_MODULES[name]}")
    # Kept, so that it is looked up once.
    globals()[name] = getattr(module, name)
    return globals()[name]


def __dir__():
    return sorted({*globals(), *__all__})
