"""proofread: what a network learned about DNA, checked against the planted truth."""
