"""Which motifs a method should find, and which are decoys."""

from proofread.configuration.logic import parse
from proofread.datasets.dataset import KNOWN
from proofread.datasets.simulation.subsets import dependent_motifs


def causal_motifs(dataset, target):
    """Names of the motifs that a method should find for a target.

    They are the planted motifs that its labels depend on, or all known ones.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    target : str

    Returns
    -------
    list of str
    """
    # Of a table or an HDF5 file, `targets` are names of columns or tasks.
    expressions = dataset.settings.get("targets")
    if expressions and "rule" in dataset.settings:
        where = f"the settings of the dataset, targets.{target}"
        return parse(expressions[target], dataset.settings["motifs"], where).names()
    causal = dataset.truth["motif"][dataset.truth["role"].isin(["causal", KNOWN])]
    return sorted(set(causal))


def causal_instances(dataset, target):
    """The instances that a method should find for a target.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    target : str

    Returns
    -------
    pandas.DataFrame
        Rows of the truth: those of the target's `causal_motifs`, without instances
        whose effect is known to be 0, since the value does not depend on them.
    """
    truth = dataset.truth[dataset.truth["motif"].isin(causal_motifs(dataset, target))]
    return truth[truth["effect"] != 0] if "effect" in truth else truth


def motif_roles(dataset):
    """The role of each motif of the truth, whatever the target.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
        A whole split: a motif may be rare.

    Returns
    -------
    dict of str to str
        `causal` or `decoy`, by name, in the order of `dataset.motifs`; `known` of the
        names of known sites.
    """
    roles = dict(zip(dataset.truth["motif"], dataset.truth["role"], strict=True))
    if dataset.known:
        return dict.fromkeys(dataset.truth_names, KNOWN)
    return {name: roles.get(name, "decoy") for name in dataset.motifs}


def by_role(dataset, target=None):
    """Names of the motifs that a method should find, and of the decoys.

    A motif that no rule looks at, but whose presence tells a label, is neither: a
    network may use it (`dependent_motifs`). Of known sites none is a decoy.

    Parameters
    ----------
    dataset : proofread.datasets.dataset.Dataset
    target : str, optional
        The target that they are causal of; None: of any.

    Returns
    -------
    causal, decoys : list of str
    """
    if dataset.known:
        return dataset.truth_names, []
    if target is None:
        roles = motif_roles(dataset)
        causal = [name for name, role in roles.items() if role == "causal"]
    else:
        causal = causal_motifs(dataset, target)
    told = set()
    if "rule" in dataset.settings:
        for name in dataset.target if target is None else [target]:
            told |= dependent_motifs(dataset.settings, name)
    decoys = [name for name in dataset.motifs if name not in {*causal, *told}]
    return causal, decoys
