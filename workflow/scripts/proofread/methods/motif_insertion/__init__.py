"""How a motif changes the prediction of a sequence without it."""
