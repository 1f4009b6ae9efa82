"""Bounds of `epochs: auto`, for the configuration and for the training."""

MIN_AUTO_EPOCHS = 5  # whatever the number of sequences
MAX_AUTO_EPOCHS = 15
