"""Dividing a dataset into train, validation and test, and the leaks between them."""
