"""Whether maps of importance say what a network does, where no truth is known.

A map has a number for each base of a sequence. The formulas are those of the papers in
the table of docs/methods/faithfulness.md, which also says how they differ from Quantus
(Hedstroem et al. 2023, JMLR 24:34, arXiv:2202.06861).
"""
