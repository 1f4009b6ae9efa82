"""Studies: many networks compared, with each other and with published numbers."""
