"""The shipped studies at a size for tests, made from their own configurations.

Only sizes are lowered: what a study does is read from `config/`, so that a change of a
shipped configuration is tested.
"""

import csv
import shutil

import yaml

import runs
from proofread.tables import read_table

CONFIG = runs.ROOT / "config"
# Below what any study has. Keys of methods, which have them in the shipped
# configuration or as a default of their schema.
SIZES = {
    "max_sequences": 30,
    "max_sequences_per_test": 30,
    "max_seqlets": 200,
    "resamples": 20,
    "permutations": 100,
    "replicates": 2,
    "baselines": 2,
    "steps": 2,
}
SEQUENCES, EPOCHS = 400, 2


def prepare(
    folder,
    name,
    *,
    models,
    datasets,
    seeds,
    sequences=SEQUENCES,
    controls=None,
    analyses=None,
):
    """A working folder with a study of some of its datasets, models and seeds.

    Parameters
    ----------
    folder : path
    name : str
        Of the shipped configuration, without its suffix.
    models, datasets : list of str
        That are kept.
    seeds : int
        How many of each network are kept.
    sequences : int
        Of each dataset.
    controls : list of str or None
        Kinds of negative controls; None: those of the study.
    analyses : list of str or None
        Methods that run; None: those of the study.

    Returns
    -------
    path
        The folder.
    """
    (folder / "config").mkdir(parents=True)
    (folder / "resources").symlink_to(runs.ROOT / "resources")
    for file in ("config.yaml", "experiments.tsv"):
        shutil.copyfile(CONFIG / file, folder / "config" / file)
    study = yaml.safe_load((CONFIG / f"{name}.yaml").read_text())
    study["models"] = {key: study["models"][key] for key in models}
    study["datasets"] = {key: study["datasets"][key] for key in datasets}
    for dataset in study["datasets"].values():
        dataset["sequences"] = sequences
    for model in study["models"].values():
        # Anchors of YAML make one mapping of two trainings.
        model["training"] = model["training"] | {"epochs": EPOCHS}
    if analyses is not None:
        assert set(analyses) <= set(study["analyses"])
        study["analyses"] = analyses
    given = study.get("methods", {})
    study["methods"] = {
        method: lowered(given.get(method, {}), schema_of(method))
        for method in study["analyses"]
    }
    study |= {"device": "cpu", "evaluation": {"resamples": SIZES["resamples"]}}
    study["figures"] = study.get("figures", {}) | {"networks": False}
    if controls is not None:
        study["negative_controls"] = controls
    study["ideal_explainer"] = {"max_sequences": 60, "resamples": SIZES["resamples"]}
    (folder / "config" / f"{name}.yaml").write_text(yaml.safe_dump(study))

    def kept(row):
        return (
            row["model"] in models
            and row["dataset"] in datasets
            and int(row.get("seed", 1)) <= seeds
        )

    for key in ("experiments", "published"):
        if key in study:
            copy_rows(runs.ROOT / study[key], folder / study[key], kept, seeds)
    return folder


def schema_of(method):
    path = runs.ROOT / f"workflow/schemas/methods/{method}.schema.yaml"
    return yaml.safe_load(path.read_text())["properties"]


def lowered(settings, schema):
    """Settings of a method with the sizes of its schema, and below, lowered."""
    sizes = {key: SIZES[key] for key in SIZES if key in schema}
    below = {
        key: lowered(value, schema[key]["properties"])
        for key, value in settings.items()
        if isinstance(value, dict) and "properties" in schema[key]
    }
    return settings | below | sizes


def copy_rows(source, target, kept, seeds):
    """A table with some of its rows; the best of more runs than there are, of all."""
    with source.open(newline="") as file:
        header, *rows = csv.reader(file, delimiter="\t")
    lines = []
    for cells in rows:
        row = dict(zip(header, cells, strict=True))
        if kept(row):
            if row.get("best_runs"):
                row["best_runs"] = str(min(int(row["best_runs"]), seeds))
            lines.append("\t".join(row.values()))
    target.write_text("\n".join(["\t".join(header), *lines, ""]))


def run(folder, name, *arguments, logger=True):
    """`snakemake figures` of a study in its folder; what it printed."""
    file = f"config/{name}.yaml"
    arguments = [*arguments, "--configfile", file, "--", "figures"]
    return runs.finish(
        folder,
        runs.command(*arguments, logger=logger),
        env=runs.surroundings(folder),
        timeout=3600,
    )


def figures(folder, name):
    """The folder of the figures and tables of a study."""
    study = yaml.safe_load((CONFIG / f"{name}.yaml").read_text())
    return folder / study["pathvars"]["results"] / "figures"


def table(folder, name, file):
    return read_table(figures(folder, name) / file)
