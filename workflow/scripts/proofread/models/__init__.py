"""Networks: architectures, checkpoints, the user's own, and how to run them fast."""
