"""The settings of a training that a user leaves out."""

from pathlib import Path

import yaml

SCHEMAS = Path(__file__).resolve().parents[1] / "workflow" / "schemas"


def training_defaults():
    """Every key of `models.<name>.training` with its default, from the schema."""
    schema = yaml.safe_load((SCHEMAS / "training.schema.yaml").read_text())
    return {key: value["default"] for key, value in schema["properties"].items()}
