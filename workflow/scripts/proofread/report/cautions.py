"""What a reader has to know before the results: the warnings of the first screen."""

from itertools import combinations

from proofread.datasets.dataset import SPLITS
from proofread.report import methods, network
from proofread.report.measures import measure_for
from proofread.report.numbers import counted, listed, short
from proofread.report.sentence import learned


def describe(results, models, settings):
    """Warnings of one dataset and its networks.

    Parameters
    ----------
    results : proofread.report.results.Results
    models : list of list of proofread.report.results.Experiment
        The seeds of each model on the dataset.
    settings : dict
        By method: its entry of the configuration.

    Returns
    -------
    list of dict
        text, and the id that it is about.
    """
    dataset = models[0][0].dataset
    of_dataset = f"dataset-{dataset}"
    found = [(text, of_dataset) for text in leakage(results, dataset)]
    for seeds in models:
        of_network = f"network-{dataset}-{seeds[0].model}"
        name = f"{seeds[0].model}: " if len(models) > 1 else ""
        found += [(f"{name}{text}", of_network) for text in _of_networks(seeds)]
        # Those of the first seed that is stated; the others are in its sections.
        for item in (learned(seeds) or seeds)[:1]:
            found += [
                (f"{name}{text}", of_network)
                for text in methods.warnings(item, settings)
            ]
    return [{"text": _ended(text), "id": anchor} for text, anchor in found]


def leakage(results, dataset):
    """Similar sequences that are in two splits, in words."""
    if not results.has(dataset, "leakage.tsv"):
        return []
    table = results.table(dataset, "leakage.tsv")
    rows = table[table["kind"] == "any"]
    if rows.empty or not rows.iloc[0]["cut"] > 0:
        return []
    row = rows.iloc[0]
    between = [
        f"{first} and {second} {int(row[name])}"
        for first, second in combinations(SPLITS, 2)
        if (name := f"cut_{first}_{second}") in row and row[name] > 0
    ]
    where = f" ({listed(between)})" if between else ""
    of_test = any(row.get(f"cut_{name}_test", 0) > 0 for name in SPLITS)
    effect = (
        "the test metrics may be too high" if of_test else "training may stop too late"
    )
    return [
        f"Leakage: {counted(row['cut'], 'pair')} of similar sequences"
        f" {'is' if row['cut'] == 1 else 'are'} in two splits{where}, so that {effect}"
    ]


def _as_good_kmers(seeds, several_seeds):
    """Networks that are neither shown to be better than 6-mers nor worse."""
    texts = []
    for item in seeds:
        table = item.table("metrics.tsv")
        targets = [
            target
            for target in table["target"].unique()
            if target not in item.standing["weak"]
            and (gain := network.cell(table, "kmer6", target, measure_for(item).gain))
            and gain["ci_low"] <= 0 <= gain["ci_high"]
        ]
        if targets:
            of = f"Seed {item.seed}: t" if several_seeds else "T"
            several = table["target"].nunique() > 1
            among = f" for {counted(len(targets), 'target')}" if several else ""
            texts.append(f"{of}he network is not shown to be better than 6-mers{among}")
    return texts


def _of_networks(seeds):
    """Seeds of which nothing is stated, or as good as 6-mers; limits of methods."""
    texts = methods.cautions(seeds) + _as_good_kmers(learned(seeds), len(seeds) > 1)
    if seeds[0].random_labels:
        texts += [
            item["text"] for item in network.verdicts(seeds) if item["kind"] == "warn"
        ]
    able = learned(seeds)
    limits = [row for row in (methods.recovered(able) if able else []) if row.limited]
    if limits:
        names = [f"{methods.named(row)} ({short(row.positive)})" for row in limits]
        verb = "do" if methods.plural(limits) else "does"
        texts.append(
            f"Limit of the method: {listed(names)} {verb}"
            " not recover the rule even in the network that is the rule itself"
        )
    return texts


def _ended(text):
    return text if text.endswith(".") else f"{text}."
