"""proofread: what a network learned about DNA, checked against the planted truth."""

__version__ = "0.1.0"
