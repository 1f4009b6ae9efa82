"""A tiny run on a user's sequences with known sites: scores, controls, page."""

from copy import deepcopy

import numpy as np
import pytest

from proofread.datasets.dataset import read_dataset
from proofread.tables import read_table
from runs import TINY, prepare, run

pytestmark = pytest.mark.slow

SITE = "TTGACATTAT"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = prepare(tmp_path_factory.mktemp("known"), configuration())
    rng = np.random.default_rng(1)
    sequences = {
        name: ["".join(row) for row in rng.choice(list("ACGT"), (200, 60))]
        for name in ("positives", "negatives")
    }
    lines = []
    for row, start in enumerate(rng.integers(0, 50, 200)):
        text = sequences["positives"][row]
        sequences["positives"][row] = text[:start] + SITE + text[start + 10 :]
        if row % 4:  # a quarter of the sites is not known
            lines.append(f"p{row}\t{start}\t{start + 10}\tbox\t0\t+")
    for name, texts in sequences.items():
        (folder / f"{name}.fa").write_text(
            "".join(f">{name[0]}{row}\n{text}\n" for row, text in enumerate(texts))
        )
    (folder / "sites.bed").write_text("\n".join(lines))
    (folder / "config/experiments.tsv").write_text(
        "dataset\tmodel\tseed\nown\ttiny\t1\n"
    )
    run(folder, "--cores", 1)
    return folder / "results"


def configuration():
    own = deepcopy(TINY)
    own["datasets"] = {
        "own": {
            "source": "fasta",
            "target": "bound",
            "positives": {"path": "positives.fa"},
            "negatives": {"path": "negatives.fa"},
            "truth": {"sites": "sites.bed"},
        }
    }
    own["analyses"] = ["filter_pfms", "saturation_mutagenesis"]
    own["negative_controls"] = ["untrained"]
    return own


def test_scores_stand_beside_controls_and_the_ideal_explainer(results):
    assert read_dataset(results / "own/dataset.h5").settings["known_sites"] == {
        "sites": 150,
        "in_sequences": 150,
        "over_edges": 0,
        "elsewhere": 0,
    }
    table = read_table(results / "scorecard.tsv").fillna({"variant": ""})
    positions = table[
        (table["metric"] == "position_auroc") & (table["variant"] == "absolute_window9")
    ]
    (row,) = positions.to_dict("records")
    # The sites are the same ten bases; the log-odds of the other bases are 0.
    assert row["ideal_explainer"] > 0.95
    # Sites are anywhere, so that those of others say little.
    assert row["ideal_explainer_positions"] < 0.75
    assert 0 < row["negative_control_untrained"] < 1 and 0 < row["value"] < 1
    (f1,) = table[table["metric"] == "f1"].to_dict("records")
    assert f1["motif"] == "box" and np.isnan(f1["ideal_explainer"])


def test_the_page_never_says_planted(results):
    text = (results / "report.html").read_text()
    assert "planted" not in text.lower()
    assert "from sites.bed" in text and "Agreement with known sites" in text
