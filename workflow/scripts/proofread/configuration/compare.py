"""The finished runs that `snakemake compare` sets side by side, and their tables.

The tables are no input of the rule, so that nothing makes or refreshes a run that is
compared; a digest of each makes the comparison anew where one has changed. Looked for
only when the comparison is asked for: the folder of a run may not be there before.
"""

import hashlib
from pathlib import Path

from proofread.configuration.suggestions import advice
from proofread.errors import InputError

SCORECARD = "scorecard.tsv"
# Of each network; of faithfulness where it ran.
METRICS = "*/*/seed*/metrics.tsv"
FAITHFULNESS = "*/*/seed*/faithfulness/table.tsv"
PROVENANCE = "figures/provenance.tsv"  # of `snakemake figures`
# Parts of a run that an entry may choose.
PARTS = ("dataset", "model", "seed")
COMMAND = (
    "snakemake --cores 1 compare "
    "--config 'compare={before: results/old, after: results/new}'"
)


def compared_runs(config, refusal):
    """A parameter function: the runs to compare, with digests of their tables.

    Parameters
    ----------
    config : dict
        The checked configuration.
    refusal : type
        Exception for a mistake; its message says where it is and what to do.
    """

    def runs(_):
        try:
            return find_runs(config["compare"])
        except InputError as error:
            raise refusal(str(error)) from None

    return runs


def find_runs(entries):
    """The runs to compare, each with its tables.

    Parameters
    ----------
    entries : dict
        The section `compare`: a results folder, or a mapping of folder, dataset, model
        and seed, by name.

    Returns
    -------
    list of dict
        name, folder, dataset, model, seed (None: all) and tables: the digest of each
        table by its path, in an order that no file system decides.

    Raises
    ------
    InputError
        If there are fewer than two entries or two are the same, or if a folder is not
        that of a finished run, or has not the dataset, model or seed.
    """
    if len(entries) < 2:
        raise InputError(
            "the configuration: compare",
            f"{len(entries)} of at least 2 runs",
            "two or more results folders of finished runs, by names of your choice",
            f"write: {COMMAND}",
        )
    runs, names = [], {}
    for name, entry in entries.items():
        given = {"folder": entry} if isinstance(entry, str) else entry
        run = {"name": name, **dict.fromkeys(PARTS), **given}
        same = (Path(run["folder"]).resolve(), *(run[part] for part in PARTS))
        if same in names:
            raise InputError(
                f"the configuration: compare.{name}",
                f"the same as compare.{names[same]}",
                "another folder, dataset, model or seed",
                "correct or remove one of them",
            )
        names[same] = name
        runs.append({**run, "tables": _tables(run)})
    return runs


def _tables(run):
    """Digests of the tables of a run, by path."""
    key, folder = f"the configuration: compare.{run['name']}", Path(run["folder"])
    if not (folder / SCORECARD).is_file():
        what = f"no {SCORECARD} in it" if folder.is_dir() else "not a folder"
        raise InputError(
            key,
            f"{run['folder']!r}, {what}",
            "the results folder of a finished run (pathvars.results)",
            "correct the path, which is relative to the working directory, or finish "
            "the run",
        )
    networks = sorted(folder.glob(METRICS), key=_order)
    _check_parts(run, networks, key)
    more = sorted(folder.glob(FAITHFULNESS)), [folder / PROVENANCE]
    files = [folder / SCORECARD, *networks, *more[0], *more[1]]
    return {
        str(file): hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        for file in files
        if file.is_file()
    }


def _order(path):
    """Networks by name, their seeds as numbers."""
    dataset, model, seed = path.parts[-4:-1]
    return dataset, model, len(seed), seed


def _check_parts(run, networks, key):
    """The dataset, model and seed that an entry chooses are in its folder."""
    known = [
        dict(zip(PARTS, (*path.parts[-4:-2], path.parts[-2][4:]), strict=True))
        for path in networks
    ]
    for part in PARTS:
        if run[part] is None:
            continue
        names = list(dict.fromkeys(network[part] for network in known))
        wanted = str(run[part])
        if wanted not in names:
            raise InputError(
                f"{key}.{part}",
                f"no {part} {wanted!r} in {run['folder']}",
                "one of " + ", ".join(names) if names else "a folder with networks",
                advice(wanted, names, "correct it, or name another folder"),
            )
