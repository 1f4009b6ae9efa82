"""config/plant_promoters.yaml as it is shipped, and the page that makes its table.

The authors' files are stood in for by three sequences: one measured in both assays, one
in each alone. The joined table is written out by hand.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import accept
from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.configuration.files import ConfigurationFiles
from proofread.errors import InputError
from read import read
from test_configuration import SCHEMAS, load

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = "config/plant_promoters.yaml"
TABLE = "resources/data/plant_promoters.tsv.gz"
SECTION = "Plant promoters"
PAGE = (ROOT / "docs/own_data.md").read_text(encoding="utf-8")
BOTH, LEAF, PROTOPLAST = ("A" * 170, "ACGTA" * 34, "TTGCA" * 34)


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A folder in which the page's program has joined the authors' two files."""
    monkeypatch.chdir(tmp_path)
    Path("my").mkdir()
    rows = {
        "leaf": [("Zm", "Z1", LEAF, "-1.5"), ("At", "AT1", BOTH, "2.25")],
        "proto": [("At", "AT1", BOTH, "0.5"), ("Sb", "S1", PROTOPLAST, "-3")],
    }
    for name, given in rows.items():
        lines = ["set\tsp\tgene\tsequence\tenrichment"]
        lines += ["\t".join(("test", *row)) for row in given]
        Path(f"my/CNN_test_{name}.tsv").write_text("\n".join(lines) + "\n")
    section = PAGE.split(f"\n## {SECTION}\n")[1].split("\n## ")[0]
    (program,) = re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S)
    exec(program, {})
    return tmp_path


def test_a_missing_table_is_named_with_the_page_that_makes_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = ConfigurationFiles.read([ROOT / "config/config.yaml", ROOT / CONFIGURATION])
    with pytest.raises(InputError) as caught:
        check_configuration(
            load("plant_promoters.yaml"), SCHEMAS, config_path=str(files)
        )
    error = files.located(caught.value)
    assert error.where.endswith(f"{CONFIGURATION}: datasets.plant_promoters.table.path")
    assert error.found == f"{TABLE!r} is not a file"
    assert f"docs/own_data.md, '{SECTION}'" in error.remedy
    assert f"\n## {SECTION}\n" in PAGE


def test_the_page_s_table_is_read_with_its_missing_values(made):
    config = check_configuration(load("plant_promoters.yaml"), SCHEMAS)
    dataset = read(config["datasets"]["plant_promoters"])
    assert dataset.target == ["tobacco_leaf", "maize_protoplast"]
    assert list(dataset.name) == ["At_AT1", "Sb_S1", "Zm_Z1"]
    assert [dataset.sequence(row) for row in range(3)] == [BOTH, PROTOPLAST, LEAF]
    expected = [[2.25, 0.5], [np.nan, -3], [-1.5, np.nan]]
    np.testing.assert_array_equal(dataset.label, expected)


def test_the_shipped_configuration_trains_three_seeds_on_one_strand(made, monkeypatch):
    config = check_configuration(load("plant_promoters.yaml"), SCHEMAS)
    monkeypatch.chdir(ROOT)
    rows = read_experiments(config["experiments"], config)
    assert [row["seed"] for row in rows] == ["1", "2", "3"]
    own = yaml.safe_load((ROOT / CONFIGURATION).read_text())
    assert {row["dataset"] for row in rows} == set(own["datasets"])
    assert {row["model"] for row in rows} == set(own["models"])
    for name in own["models"]:
        assert not config["models"][name]["training"]["reverse_complement"]


@pytest.mark.parametrize(("peak", "failed"), [(124, 1), (125, 0), (145, 0), (146, 1)])
def test_the_highest_contribution_is_that_of_promoters_with_a_tata_word(
    peak, failed, tmp_path
):
    # Of two sequences the first has a TATA word; the other has more, at index 10.
    index = np.zeros((2, 170), dtype=int)
    index[0, 30:36] = ["ACGT".index(base) for base in "TATATA"]
    one_hot = np.eye(4, dtype=np.float32)[index].transpose(0, 2, 1)
    hypothetical = np.zeros_like(one_hot)
    hypothetical[0, :, peak], hypothetical[1, :, 10] = 1, 9
    first = pd.DataFrame({"target": ["tobacco_leaf", "maize_protoplast"]})
    first.to_csv(tmp_path / "metrics.tsv", sep="\t", index=False)
    (tmp_path / "attributions").mkdir()
    for name, array in (("one_hot", one_hot), ("hypothetical", hypothetical)):
        path = tmp_path / "attributions" / f"{name}_deeplift_shap.npz"
        np.savez(path, arr_0=array)
    check = accept.Checks()
    accept.check_tata_contributions(check, "plants", tmp_path)
    assert check.failed == failed


def written(folder, effect, q):
    (folder / "motif_tests").mkdir(parents=True)
    rows = {"target": ["tobacco_leaf", "maize_protoplast"], "q": [q, 0.9], "n": 500}
    table = pd.DataFrame(rows | {"effect": [effect, 7], "verdict": "found"})
    table.to_csv(folder / "motif_tests/table.tsv", sep="\t", index=False)
    return folder


@pytest.mark.parametrize(
    ("effect", "q", "failed"),
    [(1, 9e-4, 0), (1, 2e-3, 1), (-1, 1e-80, 1), (0, np.nan, 1)],
)
def test_replaced_tata_boxes_lower_the_leaf_output(effect, q, failed, tmp_path):
    check = accept.Checks()
    accept.check_tata_replaced(check, "plants", written(tmp_path, effect, q))
    assert check.failed == failed


@pytest.mark.parametrize(
    ("effect", "q", "failed"),
    [
        (-0.09, 1e-9, 0),  # it raises the output, a little
        (-0.11, 1e-9, 1),
        (0.09, 2e-3, 0),
        (0.09, 1e-9, 1),
        (0.11, 2e-3, 1),
    ],
)
def test_a_control_responds_by_less_than_a_twentieth(
    effect, q, failed, tmp_path, monkeypatch
):
    monkeypatch.setattr(accept, "ROOT", tmp_path)
    asked = []
    monkeypatch.setattr(accept, "run", lambda *options: asked.extend(options))
    network = written(tmp_path / "plants/net/seed1", 2, 1e-80)
    written(tmp_path / "plants/net.shuffled/seed1", 0, 0.5)
    written(tmp_path / "plants/net.untrained/seed1", effect, q)
    check = accept.Checks()
    accept.check_tata_controls(check, network, "results")
    assert check.failed == failed
    assert asked[-2:] == [
        "plants/net.untrained/seed1/motif_tests/table.tsv",
        "plants/net.shuffled/seed1/motif_tests/table.tsv",
    ]


@pytest.mark.parametrize(("low", "failed"), [(0.01, 0), (0, 1), (-0.01, 1)])
def test_the_whole_interval_of_the_gain_is_above_0(low, failed, tmp_path):
    targets = ["tobacco_leaf", "maize_protoplast"]
    rows = {"predictor": "kmer6", "metric": "r2_gain", "target": targets, "value": 0.2}
    table = pd.DataFrame(rows | {"ci_low": [0.1, low]})
    table.to_csv(tmp_path / "metrics.tsv", sep="\t", index=False)
    check = accept.Checks()
    accept.check_above_kmers(check, "plants", tmp_path)
    assert check.failed == failed


@pytest.mark.parametrize(
    ("matrix", "q", "failed"),
    [(accept.TATA_MATRIX, 0.049, 0), (accept.TATA_MATRIX, 0.05, 1), ("POL002.1", 0, 1)],
)
def test_a_pattern_matches_the_tata_box(matrix, q, failed, tmp_path):
    (tmp_path / "motif_discovery").mkdir()
    table = pd.DataFrame({"Target_ID": [matrix, "POL003.1"], "q-value": [q, 0.001]})
    table.to_csv(tmp_path / "motif_discovery/tomtom.tsv", sep="\t", index=False)
    check = accept.Checks()
    accept.check_tata_pattern(check, "plants", tmp_path)
    assert check.failed == failed
