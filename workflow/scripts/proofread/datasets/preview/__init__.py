"""The contents of a dataset before any training: tables and a figure."""
