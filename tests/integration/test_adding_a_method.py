"""docs/adding_a_method.md followed: its method runs up to the report."""

import re
from pathlib import Path

import pandas as pd
import pytest

from pages import copied, shell, steps

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/adding_a_method.md").read_text(encoding="utf-8")
CONFIGURATION = """
analyses: [occlusion]
methods: {occlusion: {max_sequences: 10, width: 5, resamples: 50}}
"""


def run(folder, command):
    done = shell(folder, command)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.slow
def test_the_method_of_the_page_runs(tmp_path):
    folder = copied(tmp_path / "proofread")
    for path, text in steps(PAGE):
        file = folder / path
        assert not file.exists(), f"{path} is there already: a method adds files only"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    run(folder, "ruff check && ruff format --check && snakefmt --check workflow")
    run(folder, "pytest -q -p no:cacheprovider tests/test_occlusion.py")
    (folder / "occlusion.yaml").write_text(CONFIGURATION)
    run(
        folder,
        "snakemake --cores 2 --directory .test"
        " --configfile .test/config/config.yaml occlusion.yaml",
    )
    results = folder / ".test/results"
    network = results / "presence/tiny/seed1/occlusion"
    table = pd.read_csv(network / "table.tsv", sep="\t")
    assert len(table) == 10
    assert table["position"].between(0, 79).all()
    score = pd.read_csv(network / "score.tsv", sep="\t")
    metrics = ("auroc", "auprc", "decoy_fraction")  # CTCF is a decoy
    assert set(score["metric"]) == {f"position_{metric}" for metric in metrics}
    # Negative controls have the same scores and no figure.
    control = results / "presence/tiny.untrained/seed1/occlusion"
    assert len(pd.read_csv(control / "score.tsv", sep="\t")) == len(score)
    assert (network / "profile.svg").is_file()
    assert not (control / "profile.svg").exists()
    scorecard = pd.read_csv(results / "scorecard.tsv", sep="\t")
    assert scorecard["negative_control"].notna().all()
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "5 bp around each position" in " ".join(page.split())
    (section,) = re.findall(r'data-method="occlusion".*?</section>', page, re.S)
    (verdict,) = re.findall(r'<p class="finding">(.*?)</p>', section)
    assert "bases of causal motifs" in verdict or verdict.startswith("No finding: the")
    assert "Each window of 5 bp of at most 10 test sequences (seed 1)" in page
    assert "<li>Zeiler MD, Fergus R. Visualizing" in page


def test_the_method_of_the_page_is_laid_out_like_the_others(tmp_path):
    folder = copied(tmp_path / "proofread")
    for path, text in steps(PAGE):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    run(
        folder,
        # A method that is shipped also runs in a configuration of config/.
        "pytest -q -p no:cacheprovider tests/test_layout.py"
        " -k 'occlusion and not shipped'",
    )
