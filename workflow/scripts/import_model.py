"""Import a user model, which is used instead of training."""

import hashlib

import pandas as pd

from proofread.datasets.dataset import read_dataset
from proofread.job import start
from proofread.models.predictor import Predictor
from proofread.models.user_model import (
    LAYERS,
    build_user_model,
    save_user_model,
    weights_content,
)
from proofread.progress import log
from proofread.tables import write_table


def about(imported, content, model):
    """Describe an imported model in a table of `property` and `value`.

    Parameters
    ----------
    imported : dict
        `import` of the model's configuration.
    content : bytes
        Of the weights file; empty if there is none.
    model : proofread.models.user_model.UserNetwork or
        proofread.models.predictor.Predictor
    """
    callable_only = isinstance(model, Predictor)
    parameters = (
        None
        if callable_only
        else sum(parameter.numel() for parameter in model.parameters())
    )
    rows = {
        "adapter": imported["adapter"],
        "function": imported["function"],
        "weights": imported["weights"],
        "weights_sha256": hashlib.sha256(content).hexdigest() if content else None,
        "kind": "callable" if callable_only else "network",
        "parameters": parameters,
        **{layer: imported[layer] for layer in LAYERS},
        "length_bp": model.length,
        "targets": ", ".join(model.targets),
    }
    return pd.DataFrame(
        [(key, "" if value is None else str(value)) for key, value in rows.items()],
        columns=["property", "value"],
    )


def main(job):
    """Read, build, test, write."""
    start(job)
    imported = job.params.imported
    dataset = read_dataset(job.input.dataset, streamed=True)
    length, targets = dataset.index.shape[1], dataset.target
    content = weights_content(imported)
    kind = {"quantitative": dataset.quantitative}
    model = build_user_model(imported, content, length, targets, **kind)
    table = about(imported, content, model)
    for row in table.itertuples():
        log.info("%s: %s", row.property, row.value)
    save_user_model(job.output.model, imported, content, length, targets, **kind)
    write_table(job.output.about, table)


if "snakemake" in globals():
    main(snakemake)
