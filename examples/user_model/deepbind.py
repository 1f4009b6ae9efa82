"""A published DeepBind model, from its parameter file."""

from deepbind_network import DeepBind, parse


def load(settings, weights):
    """`weights`: the text of the file; `settings`: those of DeepBind."""
    return DeepBind(parse(weights), **settings)
