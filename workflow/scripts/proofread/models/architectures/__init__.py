"""One network per module: a `Settings` dataclass and a `Network`."""
