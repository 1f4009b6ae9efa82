"""Files of networks, and of those whose results stand beside those of a network.

The latter are the same model of the same dataset with other seeds, and its negative
controls. Pure Python: the rules import it.
"""


def files_of(experiments, *files):
    """Files of networks: the first file of all networks, then the next.

    Parameters
    ----------
    experiments : iterable of dict of str to str
        dataset, model and seed.
    *files : str
        Their paths below the folder of a network.

    Returns
    -------
    list of str
    """
    return [
        f"<results>/{row['dataset']}/{row['model']}/seed{row['seed']}/{file}"
        for file in files
        for row in experiments
    ]


def other_seeds(experiments, files):
    """An input function: files of the same network with other seeds.

    Parameters
    ----------
    experiments : list of dict of str to str
        dataset, model and seed.
    files : list of str
        Their paths below the folder of the network.
    """

    def paths(wildcards):
        same = [
            row
            for row in experiments
            if (row["dataset"], row["model"]) == (wildcards.dataset, wildcards.model)
            and row["seed"] != wildcards.seed
        ]
        return [path for row in same for path in files_of([row], *files)]

    return paths


def controls_of(experiments, controls, file):
    """An input function: a file of each negative control of a network.

    Networks of sequences without a truth have them, too. They are those of the
    network's first seed.

    Parameters
    ----------
    experiments : list of dict of str to str
        dataset, model and seed.
    controls : iterable of str
        Names of the models that are negative controls.
    file : str
        Its path below the folder of the network.
    """

    def paths(wildcards):
        seed = next(
            row["seed"]
            for row in experiments
            if (row["dataset"], row["model"]) == (wildcards.dataset, wildcards.model)
        )
        return [
            f"<results>/{wildcards.dataset}/{name}/seed{seed}/{file}"
            for name in controls
            if name.rpartition(".")[0] == wildcards.model
        ]

    return paths
