"""Networks: a module has `Settings`, a dataclass, and `Network`.

A module is one architecture of its name, or, with `PRESETS`, one of each name in it.
"""
