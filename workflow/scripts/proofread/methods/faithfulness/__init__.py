"""Whether maps of importance say what a network does, where no truth is known.

A map has a number for each base of a sequence. Names and formulas are those of Quantus
(Hedstroem et al. 2023, JMLR 24:34, arXiv:2202.06861) and of the papers that it names;
docs/methods/faithfulness.md lists where DNA makes a difference.
"""
