"""Two targets from a FASTA file and a table, through every stage to the report."""

import numpy as np
import pandas as pd
import pytest
import yaml

from proofread.datasets.dataset import read_dataset, read_splits
from proofread.dna.encoding import decode, encode
from proofread.motifs.files import write_meme
from proofread.motifs.motif import Motif
from runs import ROOT

from .test_workflow import prepare, snakemake

SITES = ("TTTCCGGGAA", "TGACGTCATG")


def with_sites(rng, first, second):
    """60 random bases, with the first site at 10 and the second at 40 if wanted."""
    text = decode(rng.integers(0, 4, 60).astype(np.uint8))
    text = text[:10] + (SITES[0] if first else text[10:20]) + text[20:]
    return text[:40] + (SITES[1] if second else text[40:50]) + text[50:]


def test_two_targets_through_the_whole_workflow(tmp_path):
    rng = np.random.default_rng(7)
    records, rows = [], []
    for number in range(240):
        first, second = number % 2, number // 2 % 2
        text = with_sites(rng, first, second)
        records.append(f">s{number}\n{text}\n")
        rows.append(f"s{number}\t{first}\t{0.9 * second}\n")
    folder = prepare(
        tmp_path / "own",
        {
            "mine": {
                "source": "table",
                "table": {"path": "labels.tsv"},
                "sequences": {"path": "own.fa"},
                "targets": ["liver", "brain"],
                "label_threshold": 0.5,
                "split": {"by": "stratified"},
            }
        },
    )
    (folder / "own.fa").write_text("".join(records))
    (folder / "labels.tsv").write_text("id\tliver\tbrain\n" + "".join(rows))
    snakemake(folder, "--cores", "2", "--config", "analyses=[filter_pfms]")
    results = folder / "results" / "mine"
    dataset = read_dataset(results / "dataset.h5")
    assert dataset.label.sum(axis=0).tolist() == [120, 120]
    strata = {name: dataset.stratum.count(name) for name in dataset.stratum}
    assert strata == dict.fromkeys(["negative", "liver", "brain", "liver+brain"], 60)
    sequences = pd.read_csv(results / "sequences.tsv", sep="\t")
    assert sequences[["label_liver", "label_brain"]].sum().tolist() == [120, 120]
    experiment = results / "tiny" / "seed1"
    predictions = pd.read_csv(experiment / "predictions.tsv", sep="\t")
    # 15 % of each of four strata of 60 are tested on, with a row for each target.
    assert predictions["target"].value_counts().to_dict() == {"liver": 36, "brain": 36}
    metrics = pd.read_csv(experiment / "metrics.tsv", sep="\t")
    result = metrics[metrics["metric"] == "auroc"][["predictor", "target"]]
    assert sorted(map(tuple, result.to_numpy())) == sorted(
        (predictor, target)
        for predictor in ("network", "gc", "kmer6")
        for target in ("liver", "brain")
    )
    page = (folder / "results" / "report.html").read_text()
    assert "Positives: 120 liver and 120 brain." in page
    assert "The sequences are from labels.tsv and own.fa." in page


@pytest.mark.slow
def test_all_methods_take_missing_labels(tmp_path):
    """Each sequence lacks one of two labels, or both: none is complete."""
    rng = np.random.default_rng(7)
    rows = []
    for number in range(320):
        first, second = number // 2 % 2, number // 4 % 2
        text = with_sites(rng, first, second)
        liver, brain = (first, "NA") if number % 2 else ("", second)
        if number % 32 == 0:
            brain = ""
        rows.append(f"s{number}\t{text}\t{liver}\t{brain}\n")
    folder = prepare(
        tmp_path / "own",
        {
            "mine": {
                "source": "table",
                "table": {"path": "labels.tsv"},
                "sequences": {"column": "sequence"},
                "targets": ["liver", "brain"],
                "missing_labels": "mask",
                "split": {"by": "stratified"},
            }
        },
    )
    (folder / "labels.tsv").write_text("id\tsequence\tliver\tbrain\n" + "".join(rows))
    methods = sorted(
        path.name.split(".")[0]
        for path in (ROOT / "workflow/schemas/methods").glob("*.yaml")
    )
    # Each base of a site has a probability of 0.97.
    matrices = 0.01 + 0.96 * np.eye(4)
    sites = [Motif(kmer, matrices[encode(kmer)]) for kmer in SITES]
    write_meme(folder / "sites.meme", sites)
    of_motifs = ("tomtom", "motif_discovery", "motif_insertion", "motif_tests")
    path = folder / "tiny.yaml"
    settings = yaml.safe_load(path.read_text()) | {
        "analyses": methods,
        "negative_controls": [],
        "databases": {"sites": {"file": "sites.meme"}},
        "methods": {name: {"databases": ["sites"]} for name in of_motifs}
        | {"long_sequence_scan": {"simulated": {"length": 5000}}},
    }
    path.write_text(yaml.safe_dump(settings))
    snakemake(folder, "--cores", "2")
    results = folder / "results" / "mine"
    dataset = read_dataset(results / "dataset.h5")
    assert len(dataset) == 310
    assert np.isnan(dataset.label).sum(axis=0).tolist() == [150, 160]
    preview = pd.read_csv(results / "preview/table.tsv", sep="\t")
    whole = preview[preview["split"] == "all"]
    assert whole[["missing_liver", "missing_brain"]].sum().tolist() == [150, 160]
    assert set(whole["left_out"]) == {10}
    page = (folder / "results" / "report.html").read_text()
    assert "Missing labels: 150 liver and 160 brain." in page
    assert "10 sequences of the input without any label are left out." in page
    own = results / "tiny" / "seed1"
    for method in methods:
        assert list((own / method).iterdir())
    splits = read_splits(results / "splits.h5", len(dataset))
    known = (~np.isnan(dataset.label[splits["test"]])).sum(axis=0)
    predictions = pd.read_csv(own / "predictions.tsv", sep="\t")
    assert predictions["target"].value_counts()[dataset.target].tolist() == list(known)
    labels = pd.DataFrame(dataset.label, index=dataset.name, columns=dataset.target)
    labels = labels.rename_axis(index="name", columns="target").stack()
    compared = {path.parent.name for path in own.rglob("*.tsv") if agrees(path, labels)}
    assert "motif_tests" in compared
    tests = pd.read_csv(own / "motif_tests" / "table.tsv", sep="\t")
    largest = tests.groupby("target")["n"].max()
    assert ((largest[dataset.target] > 0) & (largest[dataset.target] <= known)).all()


def agrees(path, labels):
    """Whether a table has labels of sequences; they are those of the dataset."""
    table = pd.read_csv(path, sep="\t", dtype={"target": str})
    if not {"name", "target", "label"} <= set(table) or table.empty:
        return False
    rows = table.drop_duplicates(["name", "target"]).set_index(["name", "target"])
    pd.testing.assert_series_equal(
        rows["label"].astype(float),
        labels.reindex(rows.index).astype(float),
        check_names=False,
    )
    return True
