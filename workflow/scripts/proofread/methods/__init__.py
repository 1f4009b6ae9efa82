"""The interpretation methods, a room each."""
