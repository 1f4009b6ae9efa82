"""Take a user's own model in place of a trained one."""

import hashlib

import pandas as pd

from proofread.datasets.dataset import read_dataset
from proofread.job import start
from proofread.models.predictor import Predictor
from proofread.models.user_model import LAYERS, build_own, read_own, save_own
from proofread.progress import log
from proofread.tables import write_table


def about(own, content, model):
    """What was adopted: a table of `property` and `value`.

    Parameters
    ----------
    own : dict
        `own` of the model's configuration.
    content : bytes
        Of the weights file; empty where there is none.
    model : proofread.models.user_model.OwnNetwork or
        proofread.models.predictor.Predictor
    """
    callable_only = isinstance(model, Predictor)
    parameters = (
        None if callable_only else sum(each.numel() for each in model.parameters())
    )
    rows = {
        "adapter": own["adapter"],
        "function": own["function"],
        "weights": own["weights"],
        "weights_sha256": hashlib.sha256(content).hexdigest() if content else None,
        "kind": "callable" if callable_only else "network",
        "parameters": parameters,
        **{layer: own[layer] for layer in LAYERS},
        "length_bp": model.length,
        "targets": ", ".join(model.targets),
    }
    return pd.DataFrame(
        [(key, "" if value is None else str(value)) for key, value in rows.items()],
        columns=["property", "value"],
    )


def main(job):
    """Read, build, try, write."""
    start(job)
    own = job.params.own
    dataset = read_dataset(job.input.dataset, streamed=True)
    length, targets = dataset.index.shape[1], dataset.target
    content = read_own(own)
    table = about(own, content, build_own(own, content, length, targets))
    for row in table.itertuples():
        log.info("%s: %s", row.property, row.value)
    save_own(job.output.model, own, content, length, targets)
    write_table(job.output.about, table)


if "snakemake" in globals():
    main(snakemake)
