"""What a study was made with, so that its numbers can be made again."""

import re

import pandas as pd

from proofread import __version__
from proofread.report.run import used, versions

COLUMNS = ["item", "text"]


def provenance(configuration, experiments):
    """Networks, seeds, methods and versions of a study.

    Parameters
    ----------
    configuration : dict
        The checked configuration.
    experiments : list of dict
        Dataset, model and seed of each network.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, both text; nothing in it depends on when or where the study ran. The
        versions are those of the environment that writes the table.
    """
    names = {
        name: list(dict.fromkeys(row[name] for row in experiments))
        for name in ("dataset", "model")
    }
    ran = used(configuration, names["dataset"], names["model"])
    rows = [
        ("datasets", _numbered(names["dataset"])),
        ("models", ", ".join(names["model"])),
        ("networks", str(len(experiments))),
        ("seeds", _seeds(experiments)),
        ("methods", ", ".join(configuration["analyses"])),
        ("proofread", __version__),
        *versions(ran),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _numbered(names):
    """``order1 to order3`` of names that are numbered without a gap, else all names."""
    groups = {}
    for name in names:
        stem = re.sub(r"[1-9][0-9]*$", "", name)
        groups.setdefault(stem, []).append(name.removeprefix(stem))
    parts = []
    for stem, numbers in groups.items():
        listed = _listed(numbers) if all(numbers) else ""
        if " to " in listed:
            parts.append(stem + listed.replace(" to ", f" to {stem}"))
        else:
            parts += [stem + number for number in numbers]
    return ", ".join(parts)


def _seeds(experiments):
    """Seeds of all networks; or, if they differ, of each group of networks."""
    seeds = {}
    for row in experiments:
        network = (row["dataset"], row["model"])
        seeds.setdefault(network, []).append(str(row["seed"]))
    groups = {}
    for network, numbers in seeds.items():
        groups.setdefault(_listed(numbers), []).append(network)
    if len(groups) == 1:
        return next(iter(groups))
    models = {model for _, model in seeds}
    if len(models) == 1 and all(
        numbers == re.findall(r"[1-9][0-9]*$", dataset)
        for (dataset, _), numbers in seeds.items()
    ):
        every = {number for (number,) in seeds.values()}
        return f"{_listed(every)}, the number of the dataset"
    several = len({dataset for dataset, _ in seeds}) > 1
    return "; ".join(
        f"{numbers}: "
        + ", ".join(
            f"{model} on {dataset}" if several else model for dataset, model in networks
        )
        for numbers, networks in groups.items()
    )


def _listed(numbers):
    """``1 to 10`` of numbers without a gap, else all of them."""
    numbers = sorted(map(int, numbers))
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers))
