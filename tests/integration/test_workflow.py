"""The whole workflow on tiny data: simulated, a user's own, the same bytes twice."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import fake_conda
from proofread.datasets.dataset import read_dataset, read_splits
from proofread.dna.encoding import decode
from proofread.models.checkpoint import load_model, predict_logits
from proofread.tables import SCORE_COLUMNS, read_table

ROOT = Path(__file__).resolve().parents[2]
MODEL = {
    "architecture": "eraslan2019",
    "settings": {"filters": 8, "filters2": 4, "width": 12, "width2": 6},
    "training": {"epochs": 4, "learning_rate": 0.003},
}
SIMULATED = {
    "source": "simulate",
    "motifs": ["STAT_known2", "CTCF_known1"],
    "sequences": 400,
    "length": 80,
}


PRESENCE = {
    "presence": SIMULATED
    | {"rule": "presence", "positive_motifs": ["STAT_known2"], "strand": "either"}
}


def prepare(folder, datasets):
    """A working directory with a configuration of these datasets, one seed each."""
    shutil.copytree(ROOT / "config", folder / "config")
    (folder / "resources").symlink_to(ROOT / "resources")
    rows = [f"{name}\ttiny\t1\n" for name in datasets]
    (folder / "tiny.tsv").write_text("dataset\tmodel\tseed\n" + "".join(rows))
    configuration = {
        "experiments": "tiny.tsv",
        "datasets": datasets,
        "models": {"tiny": MODEL},
        "evaluation": {"resamples": 50},
        "figures": {"formats": ["svg", "pdf"]},
        # Another training would cost more than it shows.
        "negative_controls": ["untrained"],
    }
    (folder / "tiny.yaml").write_text(yaml.safe_dump(configuration))
    return folder


def snakemake(folder, *arguments, environment=None):
    """Run the workflow as a user does; fail with what it printed.

    Snakemake is that of `environment`, variables with a PATH, or of this Python.
    """
    own = [sys.executable, "-m", "snakemake"]
    done = subprocess.run(
        [
            *(["snakemake"] if environment else own),
            *("--snakefile", ROOT / "Snakefile"),
            *("--directory", folder, "--configfile", folder / "tiny.yaml"),
            *arguments,
        ],
        cwd=folder,
        env={**(environment or os.environ), "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def files_of(folder):
    """Bytes of every file under a folder, by relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = prepare(tmp_path_factory.mktemp("simulated") / "run", PRESENCE)
    snakemake(folder, "--cores", "2")
    return folder


def test_every_promised_file_is_there(simulated):
    results = simulated / "results"
    experiment = results / "presence" / "tiny" / "seed1"
    untrained = results / "presence" / "tiny.untrained" / "seed1"
    analyses = yaml.safe_load((ROOT / "config/config.yaml").read_text())["analyses"]
    for path in (
        results / "report.html",
        results / "scorecard.tsv",
        results / "summary.tsv",
        results / "comparisons.tsv",
        results / "summary.svg",
        results / "presence" / "sequences.tsv",
        results / "presence" / "truth.json",
        experiment / "model.ckpt",
        experiment / "metrics.json",
        experiment / "filter_pfms" / "filters.meme",
        *(
            network / method / file
            for network in (experiment, untrained)
            for method in analyses
            for file in ("table.tsv", "score.tsv")
            if network == experiment or method != "embedding"  # which is not scored
        ),
    ):
        assert path.stat().st_size > 0, path


def figures_of(folder, suffix):
    """Paths of the figures in one format, without the suffix."""
    return {path.with_suffix("") for path in folder.rglob(f"*.{suffix}")}


def test_every_figure_has_a_sibling_in_the_format_that_is_asked_for(simulated):
    drawings = figures_of(simulated / "results", "svg")
    assert len(drawings) > 30
    assert figures_of(simulated / "results", "pdf") == drawings


def test_what_the_page_of_the_results_names_is_there(simulated):
    page = (ROOT / "results/README.md").read_text()
    named = re.findall(r"^- (.+?): ", page, re.MULTILINE)
    paths = [path for names in named for path in re.findall(r"`(.+?)`", names)]
    assert len(paths) == 9
    for path in paths:
        path = path.format(dataset="presence", model="tiny", seed=1)
        assert (simulated / "results" / path).exists(), path


def test_saved_predictions_are_those_of_the_saved_network(simulated):
    folder = simulated / "results" / "presence"
    dataset = read_dataset(folder / "dataset.h5")
    test = dataset.subset(read_splits(folder / "splits.h5")["test"])
    saved = pd.read_csv(folder / "tiny" / "seed1" / "predictions.tsv", sep="\t")
    logits = predict_logits(
        load_model(folder / "tiny" / "seed1" / "model.ckpt"), test.index
    )
    assert saved["id"].tolist() == test.name
    assert saved["true"].tolist() == test.label[:, 0].astype(int).tolist()
    assert np.array_equal(saved["logit"].to_numpy(np.float32), logits[:, 0].numpy())
    # The predicted class is the sign of the logit, in every row.
    assert ((saved["logit"] >= 0) == (saved["predicted"] == 1)).all()


@pytest.mark.slow
def test_the_same_bytes_on_one_core_with_an_environment_per_rule(simulated, tmp_path):
    """As with two cores and the environment of the lock. See fake_conda.py."""
    again = prepare(tmp_path / "again", PRESENCE)
    environment = fake_conda.stand_in(tmp_path)
    snakemake(again, "--cores", "1", "--sdm", "conda", environment=environment)
    first, second = files_of(simulated / "results"), files_of(again / "results")
    assert first.keys() == second.keys()
    # The page lists what is installed beside it: the report's own environment has less.
    packages = re.compile(
        rb"<dt>packages</dt><dd>.*?</dd>|<p><strong>Workflow.</strong>.*?</p>"
    )
    for files in (first, second):
        files["report.html"], n = packages.subn(b"", files["report.html"])
        assert n == 2
    assert [path for path in first if first[path] != second[path]] == []


def test_a_second_call_has_nothing_to_do(simulated):
    assert "Nothing to be done" in snakemake(simulated, "--cores", "1")


def test_another_seed_of_the_split_leaves_the_sequences_as_they_are(simulated):
    split = {"datasets": {"presence": {"split": {"seed": 2}}}}
    (simulated / "split.yaml").write_text(yaml.safe_dump(split))
    said = snakemake(
        simulated,
        *("--configfile", simulated / "tiny.yaml", simulated / "split.yaml"),
        *("--dry-run", "--cores", "1", "--", "results/presence/splits.h5"),
    )
    jobs = said.split("Job stats:")[1].split("total")[0]
    assert "split" in jobs and "simulate" not in jobs


def test_snakemake_can_list_and_report(simulated):
    assert "train" in snakemake(simulated, "--list")
    snakemake(simulated, "--report", str(simulated / "report.zip"))
    assert (simulated / "report.zip").stat().st_size > 0


def test_a_leaderboard_of_networks_that_are_there(simulated, tmp_path):
    """`leaderboard: true` later trains nothing and runs no method again."""
    folder = tmp_path / "run"
    shutil.copytree(simulated, folder, symlinks=True)
    (folder / "board.yaml").write_text(yaml.safe_dump({"leaderboard": True}))
    said = snakemake(
        folder,
        *("--configfile", folder / "tiny.yaml", folder / "board.yaml"),
        *("--cores", "2", "--", "figures"),
    )
    jobs = said.split("Job stats:")[1].split("total")[0]
    assert "leaderboard" in jobs
    assert not {"train", "attributions", "evaluate", "scorecard"} & set(jobs.split())
    figures = folder / "results/figures"
    board = read_table(figures / "leaderboard.tsv").set_index("method")
    # The headline answer of a method, and the same number in the scorecard.
    scores = read_table(folder / "results/scorecard.tsv")
    chosen = scores[
        (scores["model"] == "tiny")
        & (scores["metric"] == "position_auroc")
        & (scores["variant"] == "integrated_gradients absolute_centred_window9")
    ]
    assert board.loc["integrated_gradients", "mean"] == chosen["value"].item()
    assert "## When may one interpret?" in (figures / "leaderboard.md").read_text()
    assert figures_of(figures, "svg") == figures_of(figures, "pdf")


def test_a_users_own_sequences(tmp_path):
    """Positives only, of unequal length, gzip, soft-masked, wrapped and with N."""
    generator = np.random.default_rng(5)
    folder = prepare(
        tmp_path / "own",
        {
            "mine": {
                "source": "fasta",
                "target": "bound",
                "positives": {"path": "mine.fa.gz"},
                "negatives": {"shuffle": "dinucleotide", "seed": 1},
            }
        },
    )
    records = []
    for number in range(150):
        bases = generator.integers(0, 4, size=70 + number % 11).astype(np.uint8)
        text = decode(bases)
        text = text[:30] + "tttccgggaa" + text[40:]
        text = text[:5] + "N" + text[6:]
        records.append(f">peak{number} a comment\n{text[:50]}\n{text[50:]}\n")
    with gzip.open(folder / "mine.fa.gz", "wt") as file:
        file.write("".join(records))
    # motif_tests would ask which motifs to look for.
    methods = ["filter_pfms", "tomtom", "kmer_perturbation", "long_sequence_scan"]
    analyses = f"analyses=[{', '.join(methods)}]"
    figures = {"formats": ["svg", "png"], "editable_text": True}
    (folder / "figures.yaml").write_text(yaml.safe_dump({"figures": figures}))
    snakemake(
        folder,
        *("--configfile", folder / "tiny.yaml", folder / "figures.yaml"),
        *("--cores", "2", "--config", analyses),
    )
    dataset = read_dataset(folder / "results" / "mine" / "dataset.h5")
    assert len(dataset) == 300
    assert dataset.label.sum() == 150
    assert dataset.index.shape[1] == 80
    assert len(dataset.truth) == 0
    experiment = folder / "results" / "mine" / "tiny" / "seed1"
    for method in set(methods) - {"long_sequence_scan"}:  # whose sites are planted
        score = (experiment / method / "score.tsv").read_text()
        assert score == "\t".join(SCORE_COLUMNS) + "\n", method
    assert (folder / "results" / "report.html").stat().st_size > 0
    drawings = figures_of(folder / "results", "svg")
    assert figures_of(folder / "results", "png") == drawings
    assert any(b"<text" in path.read_bytes() for path in experiment.glob("*.svg"))
