"""A dataset from its settings, in one piece or as shards."""

import importlib.metadata
from functools import partial

import numpy as np
import pandas as pd

from proofread.configuration.effects import with_effects
from proofread.datasets.dataset import Dataset, empty_truth
from proofread.datasets.on_disk import Stacked
from proofread.datasets.simulation.bases import draw_bases, later_copies, truth_table
from proofread.datasets.simulation.effects import values_and_effects
from proofread.datasets.simulation.noise import add_noise
from proofread.datasets.simulation.plans import Plan, add_decoys
from proofread.datasets.simulation.rules import classify, draw_plan
from proofread.datasets.simulation.settings import KEYS_OF_RULES, design_of
from proofread.errors import InputError


def simulate(settings, where="datasets"):
    """Simulate a dataset.

    Parameters
    ----------
    settings : dict
        As described by ``workflow/schemas/datasets/simulate.schema.yaml``, with
        every default filled in.
    where : str
        The settings' place in the configuration, for error messages.

    Returns
    -------
    Dataset
        The same settings always give the same dataset. Several shards give the dataset
        of `gather` over `simulate_shard`.

    Raises
    ------
    InputError
        If the settings contradict each other, or the motifs do not fit.
    """
    settings = with_effects(settings, where)
    shards = settings["shards"]
    if shards > 1:
        parts = [simulate_shard(settings, shard, where) for shard in range(shards)]
        return gather(parts, where)
    design = design_of(settings, where)
    dataset = _draw(design, settings, np.random.SeedSequence(settings["seed"]))
    add_noise(dataset, where)
    return dataset


def simulate_shard(settings, shard, where="datasets"):
    """Simulate one of a dataset's shards, with its own random streams.

    Parameters
    ----------
    settings : dict
        Of the whole dataset, as for `simulate`.
    shard : int
        From 0 to ``settings["shards"] - 1``.
    where : str
        The dataset's position in the configuration, for messages.

    Returns
    -------
    Dataset
        Its sequences are numbered from 1; `gather` renames them. Under rule effects
        its labels are values without noise, which `gather` adds.
    """
    settings = with_effects(settings, where)
    shards = settings["shards"]
    seeds = np.random.SeedSequence(settings["seed"]).spawn(shards)
    design = design_of(settings, where).shard(shard, shards)
    return _draw(design, settings, seeds[shard])


def gather(parts, where="datasets"):
    """Put the shards of a dataset together, in their order.

    Parameters
    ----------
    parts : list of Dataset
        From `simulate_shard`. If they are streamed, their sequences stay on disk.
    where : str
        The dataset's position in the configuration, for messages.

    Raises
    ------
    InputError
        If a sequence of one shard is also in another.
    """
    index = Stacked([part.index for part in parts])
    copies = later_copies(index)
    if len(copies):
        raise InputError(
            f"{where}.shards",
            f"{len(copies)} of {len(index)} sequences are in two shards",
            "sequences so long that none is drawn twice by chance",
            "write shards: 1, which draws copies again, or make the sequences longer",
        )
    on_disk = any(isinstance(part.index, np.memmap) for part in parts)
    names = sequence_names(len(index))
    dataset = Dataset(
        index=index if on_disk else index[:],
        length=np.concatenate([part.length for part in parts]),
        name=names,
        label=np.concatenate([part.label for part in parts]),
        target=parts[0].target,
        group=names,
        stratum=[stratum for part in parts for stratum in part.stratum],
        truth=partial(_truth_of, parts),
        motifs=parts[0].motifs,
        settings=parts[0].settings,
    )
    add_noise(dataset, where)
    return dataset


def _truth_of(parts):
    """The truth of the shards, with the row numbers of the whole dataset."""
    offsets = np.cumsum([0, *(len(part) for part in parts)])
    return pd.concat(
        [
            part.truth.assign(sequence=part.truth["sequence"] + offset)
            for part, offset in zip(parts, offsets[:-1], strict=True)
        ],
        ignore_index=True,
    )


def sequence_names(n):
    """seq000001, seq000002, ... with as many digits as the last one needs."""
    digits = max(6, len(str(n)))
    return [f"seq{number:0{digits}d}" for number in range(1, n + 1)]


def _draw(design, settings, seeds):
    """Draw a dataset, or a shard of one, from its seeds."""
    if settings["engine"] == "simdna":
        plan, index, planted = _draw_with_simdna(design, settings, seeds)
    else:
        # Independent streams, so that no stage changes the random numbers of another.
        plan_rng, order_rng, base_rng, decoy_rng = map(
            np.random.default_rng, seeds.spawn(4)
        )
        plan = draw_plan(plan_rng, design)
        plan = plan.take(order_rng.permutation(len(plan)))
        if design.decoys and plan.motif is None:  # else they are placed already
            starts = add_decoys(decoy_rng, design, plan.starts)
            plan = Plan(starts, plan.label, plan.stratum)
        index, planted = draw_bases(base_rng, design, plan)
    names = sequence_names(len(plan))
    truth = truth_table(design, planted) if planted else empty_truth()
    label = plan.label
    if design.effects is not None:
        value, effect = values_and_effects(
            design.effects, truth, design.matrices, index
        )
        label, truth = value[:, None], truth.assign(effect=effect)
    return Dataset(
        index=index,
        length=np.full(len(plan), design.length),
        name=names,
        label=label.astype(np.float32),
        target=design.targets,
        group=names,
        stratum=plan.stratum.tolist(),
        truth=truth,
        motifs=design.matrices,
        settings=_provenance(settings),
    )


def _draw_with_simdna(design, settings, seeds):
    from proofread.datasets.simulation import simdna_engine

    # Without shards it is the user's seed itself, as in a run of simdna.
    seed = settings["seed"]
    if settings["shards"] > 1:
        seed = int(seeds.generate_state(1)[0])
    starts, index, planted = simdna_engine.draw(design, seed)
    if len(later_copies(index)):
        raise InputError(
            f"{design.where}.engine",
            f"simdna drew a sequence of {design.length} bp twice",
            "sequences so long that none is drawn twice by chance",
            "make them longer, or write engine: numpy, which draws copies again",
        )
    return classify(design, starts), index, planted


def _provenance(settings):
    """The settings and versions of a dataset, without the split, which comes later."""
    versions = {"numpy": np.__version__}
    if settings["jaspar"] is not None:
        versions["pyjaspar"] = importlib.metadata.version("pyjaspar")
    if (settings["motifs_file"], settings["jaspar"]) == (None, None):
        versions["simdna"] = importlib.metadata.version("simdna")
    of_rules = {key for keys in KEYS_OF_RULES.values() for key in keys}
    left_out = {"split"} | of_rules.difference(KEYS_OF_RULES.get(settings["rule"], ()))
    kept = {key: value for key, value in settings.items() if key not in left_out}
    return {**kept, "versions": versions}
