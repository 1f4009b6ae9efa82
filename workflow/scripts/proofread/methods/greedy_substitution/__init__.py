"""Which few substitutions change a prediction most."""
