"""Cases from public reports about datasets: each is read as its users wrote it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from proofread.configuration.schema import check, schema_of
from proofread.datasets.similarity import find_similar
from proofread.datasets.splitting.split import split
from proofread.errors import InputError
from proofread.files.features import read_features
from proofread.files.genome import open_genome
from proofread.methods.long_sequence_scan.tables import compare_all, profile_around
from proofread.methods.long_sequence_scan.windows import Layout
from proofread.tables import read_table, write_table
from read import read

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Read the dataset of a case, with some settings changed; files lie under my/."""
    cases = ROOT.parent / "shared" / "cases"
    if not cases.is_dir():
        pytest.skip(f"no public cases: {cases} is absent")
    monkeypatch.chdir(tmp_path)
    folder = Path("my")
    folder.mkdir()
    for case in [*cases.iterdir(), *(cases / "related").iterdir()]:
        (folder / case.name).symlink_to(case)

    def settings_of(name, **changes):
        text = (folder / name / "config.yaml").read_text()
        settings = yaml.safe_load(text)["datasets"]["own"] | changes
        schema = schema_of(f"datasets/{settings['source']}")
        return check(settings, schema, "config.yaml", "datasets.own")

    def read_case(name, **changes):
        return read(settings_of(name, **changes), "config.yaml: datasets.own")

    read_case.settings = settings_of
    return read_case


def mistake(own, case, **changes):
    with pytest.raises(InputError) as caught:
        own(case, **changes)
    return str(caught.value)


# The site at each summit of B01.
SITE = "AAAGAGGAAGTG"


def with_site(data):
    return sum(
        SITE in data.sequence(row) for row in range(len(data)) if data.label[row, 0]
    )


def test_b01_windows_are_centred_on_the_summits_of_narrowpeak(own):
    """Each holds the site, as do windows around the same places in BED3 (B00)."""
    data, same = own("B01"), own("B00")
    positives = int(data.label.sum())
    assert positives == int(same.label.sum()) > 0
    assert with_site(data) == with_site(same) == positives
    assert with_site(own("B01", centre="middle")) == 0


def test_b02k_one_region_with_two_summits_gives_two_windows(own):
    data = own("B02k")
    assert data.name[:2] == ["chr1:156-256", "chr1:290-390"]  # 206 and 340 at 50
    again = own("B02k", centre="middle")
    assert again.name[:2] == ["chr1:240-340", "chr1:240-340_2"]


def test_b14_an_empty_record_is_named(own):
    text = mistake(own, "B14")
    assert "the record 'chrEmpty' has no sequence" in text
    assert "pyfaidx" not in text


def test_b17r_no_other_chromosome_is_suggested(own):
    text = mistake(own, "B17r")
    assert "did you mean" not in text
    assert "give the genome that the intervals are of: NC_000001.11" in text
    # Its neighbour names the chromosomes without a version.
    assert "did you mean" not in mistake(own, "B17s")


def test_f03_a_record_without_a_name(own):
    text = mistake(own, "F03")
    assert "a header without a name" in text
    assert "pattern" not in text


@pytest.mark.parametrize(("case", "n_groups"), [("G01", 3), ("G03", 4)])
def test_g01_and_g03_few_groups_leave_no_part_empty(own, case, n_groups):
    data, settings = own(case), own.settings(case)["split"]
    similar = find_similar(
        data.index,
        data.length,
        identity=settings["similarity"],
        coverage=settings["coverage"],
    )
    rows = split(data, settings, similar=similar)
    groups = [{data.group[row] for row in rows[part]} for part in rows]
    assert min(map(len, groups)) == 1
    assert sum(map(len, groups)) == len(set.union(*groups)) == n_groups


def test_h01_labels_as_a_vector(own):
    for case in ("H01", "H01b"):
        text = mistake(own, case)
        assert "train_out: shape (200,)" in text
        assert "(200, targets)" in text


def test_h02_one_hot_in_keras_order(own):
    """The arrays of H11 are those of H02, in Basset's shape."""
    keras, basset = own("H02"), own("H11", data={"path": "my/H11/d.h5"})
    assert (keras.index == basset.index).all()
    assert (keras.label == basset.label).all()


def test_h11_hdf5_may_be_gzip(own):
    packed, plain = own("H11"), own("H11", data={"path": "my/H11/d.h5"})
    assert (packed.index == plain.index).all()


def test_t01_a_cell_may_be_longer_than_131072_letters(own):
    data = own("T01")
    assert data.length.max() == 140_000
    assert len(data) == 2


def test_t02_and_t09_columns_without_a_name_are_passed_over(own):
    for case in ("T02", "T09"):
        data = own(case)
        assert data.target == ["label"]
        assert set(data.label[:, 0]) == {0, 1}


def test_t10_other_names_of_validation(own):
    data, settings = own("T10"), own.settings("T10")
    rows = split(data, settings["split"])
    named = {"train": {"train"}, "validation": {"val"}, "test": {"test"}}
    assert {
        part: {data.group[row] for row in of_part} for part, of_part in rows.items()
    } == named


def test_t21_class_numbers_need_a_column_for_each_class(own):
    text = mistake(own, "T21")
    assert "a column of 0 and 1 for each class" in text
    assert "classes: exclusive" in text
    assert "set the configuration" not in text


def test_t22_a_table_with_a_name_twice(own):
    text = mistake(own, "T22")
    assert "remove table.id: rows are then numbered" in text
    assert "header pattern" not in text
    assert own("T22", table={"path": "my/T22/data.csv"}).name[0] == "row1"


def test_p07_narrowpeak_is_a_file_of_sites(own):
    # 280, 980, ... + 26
    sites = [feature.site() for feature in read_features("my/P07/sites.narrowPeak")]
    assert sites[:3] == [306, 1006, 1706]


def test_t07_missing_labels_are_an_error_or_masked(own):
    text = mistake(own, "T07")
    assert "an empty label" in text
    assert "missing_labels: mask" in text
    data = own("T07", missing_labels="mask")
    cells = [
        line.split(",")[1:]
        for line in Path("my/T07/data.csv").read_text().splitlines()[1:]
    ]
    missing = np.array([[cell == "" for cell in row] for row in cells])
    assert missing.any()
    assert np.isnan(data.label).sum() == missing.sum()


def test_p08_a_scan_without_sites_has_tables_with_headers(own, tmp_path):
    with open_genome("my/P08/genome.fa") as genome:
        assert genome.lengths
    layout = Layout(100, 10)
    table, shifted, agreement = compare_all(
        [], [], None, {}, None, layout=layout, tolerance=25
    )
    around = profile_around(agreement, table, layout.stride)
    for name, written in {"null": shifted, "profile": around}.items():
        write_table(tmp_path / name, written)
        columns = read_table(tmp_path / name).columns
        assert {"null": "site_score", "profile": "offset"}[name] in columns
    with pytest.raises(ValueError, match="a table without columns"):
        write_table(tmp_path / "none", pd.DataFrame())
