"""config/human_promoters.yaml as it is shipped, on stand-ins of the user's files.

A k-mer like a TATA box stands 30 bp before the start of every promoter:
the answer is worked out by hand. The promoters of 250 bp go through the workflow with a
small network that is trained on them; those of 1,000 bp through the method itself, with
a network that looks for the k-mer.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

import kmer_perturbation
from perturbation_runs import tiny_job
from proofread.configuration.anchors import with_anchor
from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.configuration.files import ConfigurationFiles
from proofread.errors import InputError
from proofread.figures.style import CATEGORIES
from proofread.tables import read_values
from read import read
from test_configuration import SCHEMAS, load
from test_kmer_perturbation import OUTPUTS

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = "config/human_promoters.yaml"
WORD, BEFORE = "GCTATAAAAGGC", 30  # its first base is so far before the TSS
TSS = {250: 200, 1000: 500}
FILES = [
    f"resources/data/human_{kind}_{length}.fa"
    for length in TSS
    for kind in ("promoters", "others")
]
# Smaller than shipped, so that it takes seconds; the lengths are Genomic-ULMFiT's, of
# which the number of windows is known.
LENGTHS = [1, 3, 5, 7, 9, 11, 13, 15]
REPLICATES = 2
METHOD = {
    "lengths": LENGTHS,
    "replicates": REPLICATES,
    "max_sequences": 6,
    "resamples": 10,
}
SMALL = {
    "experiments": "small.tsv",
    "analyses": ["kmer_perturbation"],
    "models": {
        "small": {
            "architecture": "eraslan2019",
            "settings": {"filters": 4, "filters2": 2, "width": 12, "width2": 1},
            "training": {"epochs": 12, "learning_rate": 0.01, "batch_size": 20},
        }
    },
    "methods": {"kmer_perturbation": METHOD},
}


def bring_files(folder):
    """120 random sequences in each file; those of promoters hold the k-mer."""
    rng = np.random.default_rng(5)
    for path in FILES:
        length = int(path.removesuffix(".fa").split("_")[-1])
        index = rng.choice(list("ACGT"), (120, length))
        if "promoters" in path:
            start = TSS[length] - BEFORE
            index[:, start : start + len(WORD)] = list(WORD)
        records = [
            f">{Path(path).stem}_{n}\n{''.join(r)}\n" for n, r in enumerate(index)
        ]
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("".join(records))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A working directory with the shipped configurations and all files."""
    folder = tmp_path_factory.mktemp("promoters")
    shutil.copytree(ROOT / "config", folder / "config")
    bring_files(folder)
    return folder


@pytest.fixture(scope="module")
def trained(folder):
    """Results on the promoters of 250 bp, by the whole workflow."""
    (folder / "small.yaml").write_text(yaml.safe_dump(SMALL))
    (folder / "small.tsv").write_text(
        "dataset\tmodel\tseed\nhuman_promoters_250\tsmall\t1\n"
    )
    result = (
        "results/human_promoters/human_promoters_250/small/seed1/kmer_perturbation/"
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "snakemake", "--cores", "1"),
            *("--snakefile", ROOT / "Snakefile", "--directory", folder),
            *("--configfile", CONFIGURATION, "small.yaml", "--", f"{result}table.tsv"),
        ],
        cwd=folder,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / result


@pytest.fixture(scope="module")
def looked_for(folder):
    """Results on the promoters of 1,000 bp, of a network that looks for the k-mer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        config = check_configuration(load("human_promoters.yaml"), SCHEMAS)
        dataset = read(config["datasets"]["human_promoters_1000"])
    settings = with_anchor(
        config["methods"]["kmer_perturbation"] | METHOD, config["datasets"]
    )
    settings["anchor"] = settings["anchor"](
        SimpleNamespace(dataset="human_promoters_1000")
    )
    job = tiny_job(
        folder / "long", "kmer_perturbation", OUTPUTS, dataset, motif=WORD, **settings
    )
    (folder / "long/out").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kmer_perturbation, "start", lambda job: None)
        kmer_perturbation.main(job)
    return folder / "long/out"


@pytest.fixture(params=TSS)
def length(request):
    return request.param


@pytest.fixture
def results(length, request):
    return request.getfixturevalue({250: "trained", 1000: "looked_for"}[length])


def test_every_window_of_an_example_has_a_row_for_each_draw(results, length):
    # methods.md 7b.27: 1,944 windows of 250 bp, 7,944 of 1,000 bp.
    windows = {250: 1944, 1000: 7944}[length]
    assert windows == sum(length - size + 1 for size in LENGTHS)
    table = pd.read_csv(results / "variants.tsv.gz", sep="\t")
    assert table.groupby("sequence").size().tolist() == [windows * REPLICATES] * 2
    assert sorted(table["label"].unique()) == [0, 1]


def test_windows_of_the_kmer_matter_most_at_its_distance_from_the_tss(results, length):
    table = pd.read_csv(results / "aligned.tsv", sep="\t")
    assert set(table["anchor"]) == {f"position {TSS[length]}"}
    before, after = table["offset"].min(), table["offset"].max()
    # Centres of odd windows are half positions; 1,000 bp have the whole flank of 100.
    assert (before, after) == {250: (-99.5, 49.5), 1000: (-99.5, 99.5)}[length]
    for size, windows in table.groupby("length"):
        start = windows["offset"] - size / 2
        shared = np.minimum(start + size, len(WORD) - BEFORE) - np.maximum(
            start, -BEFORE
        )
        change = windows["mean_delta_logit"]
        whole = change[shared == min(size, len(WORD))]
        assert len(whole) == abs(size - len(WORD)) + 1
        assert shared[change.idxmin()] > 0  # the deepest dip is a window of the k-mer
        assert whole.mean() < -5 * change[shared <= 0].abs().mean()


def test_bases_of_the_kmer_matter_most(results, length):
    values = read_values(results / "values.h5")
    table = pd.read_csv(results / "table.tsv", sep="\t")
    label = table.groupby("sequence", sort=False)["label"].first()
    assert list(label.index) == list(values["sequence"])
    fall = -values["importance"][label.to_numpy() == 1, 0].mean(axis=0)
    assert fall.shape == (length,)
    start = TSS[length] - BEFORE
    # Half of its bases before all others: the ranks, not only the first.
    half = np.argsort(-fall)[: len(WORD) // 2]
    assert set(half) <= set(range(start, start + len(WORD)))


def test_the_tss_is_a_line_at_its_place(results, length):
    figure = (results / "examples.svg").read_text()
    line = (
        r'd="M([\d.]+) [\d.]+L([\d.]+) [^"]*" clip-path="url\(#(\w+)\)"'
        rf' style="[^"]*{CATEGORIES[5]}'
    )
    lines = re.findall(line, figure, re.IGNORECASE)
    assert len(lines) == 4  # the logit and the probability of two sequences
    for first, last, panel in lines:
        left, width = re.search(
            rf'id="{panel}">\s*<rect x="([\d.]+)" [^>]*?width="([\d.]+)"', figure
        ).groups()
        assert first == last
        position = (float(first) - float(left)) / float(width)
        assert position == pytest.approx(TSS[length] / length, abs=1e-3)


@pytest.mark.parametrize("missing", FILES)
def test_a_missing_file_is_named_with_how_to_get_it(missing, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in FILES:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if path != missing:
            Path(path).touch()
    files = ConfigurationFiles.read([ROOT / "config/config.yaml", ROOT / CONFIGURATION])
    with pytest.raises(InputError) as caught:
        check_configuration(
            load("human_promoters.yaml"), SCHEMAS, config_path=str(files)
        )
    error = files.located(caught.value)
    side = "negatives" if "others" in missing else "positives"
    number = missing.removesuffix(".fa").split("_")[-1]
    key = f"datasets.human_promoters_{number}.{side}.path"
    assert error.where.endswith(f"{CONFIGURATION}: {key}")
    assert error.found == f"{missing!r} is not a file"
    section = "Promoters around a TSS"
    assert f"docs/own_data.md, '{section}'" in error.remedy
    assert f"\n## {section}\n" in (ROOT / "docs/own_data.md").read_text()


def test_the_shipped_configuration_is_right_once_the_files_are_there(
    folder, monkeypatch
):
    monkeypatch.chdir(folder)
    config = check_configuration(load("human_promoters.yaml"), SCHEMAS)
    experiments = read_experiments(config["experiments"], config)
    own = yaml.safe_load((ROOT / CONFIGURATION).read_text())
    assert [row["dataset"] for row in experiments] == list(own["datasets"])
    for length, tss in TSS.items():
        dataset = config["datasets"][f"human_promoters_{length}"]
        assert (dataset["length"], dataset["anchor"]) == (length, tss)
    assert sorted(own["external_files"]) == sorted(FILES)
    anchored = [m for m in config["analyses"] if "anchor" in config["methods"][m]]
    assert anchored == ["kmer_perturbation", "attributions"]
    assert all(config["methods"][method]["anchor"] is None for method in anchored)
