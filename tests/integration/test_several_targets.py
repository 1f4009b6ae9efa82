"""Two targets from a FASTA file and a table, through every stage to the report."""

import numpy as np
import pandas as pd

from proofread.datasets.dataset import read_dataset
from proofread.dna.encoding import decode

from .test_workflow import prepare, snakemake


def test_two_targets_through_the_whole_workflow(tmp_path):
    rng = np.random.default_rng(7)
    records, rows = [], []
    for number in range(240):
        first, second = number % 2, number // 2 % 2
        text = decode(rng.integers(0, 4, 60).astype(np.uint8))
        text = text[:10] + ("TTTCCGGGAA" if first else text[10:20]) + text[20:]
        text = text[:40] + ("TGACGTCATG" if second else text[40:50]) + text[50:]
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
