"""Kept tables of a study: a round trip, parts, and the same bytes."""

import pytest

from proofread.errors import InputError
from study_tables import archive, keep, main, restore

KEPT = {
    "results/leaderboard/order/cnn/seed1/tomtom/score.tsv": "a\n1\n",
    "results/leaderboard/order/cnn/seed1/metrics.tsv": "b\n2\n",
    "results/leaderboard/order/cnn/seed1/faithfulness/table.tsv": "c\n3\n",
    "results/leaderboard/order/ideal_explainer/score.tsv": "d\n4\n",
    "benchmarks/leaderboard/train/order_cnn_seed1.tsv": "s\tcpu_time\n1\t2\n",
}
LEFT = {
    "results/leaderboard/order/cnn/seed1/model.ckpt": "weights",
    "results/leaderboard/order/cnn/seed1/predictions.tsv": "e\n5\n",
    "results/leaderboard/figures/score.tsv": "of all networks\n",
    "results/pairs/order/cnn/seed1/metrics.tsv": "of another study\n",
}


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def read(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def docs(tmp_path):
    return tmp_path / "docs"


def test_the_tables_of_networks_come_back(tmp_path, docs):
    run = write(tmp_path / "run", KEPT | LEFT)
    assert keep("leaderboard", run, docs) == len(KEPT)
    assert restore("leaderboard", tmp_path / "new", docs) == len(KEPT)
    assert read(tmp_path / "new") == KEPT


def test_no_table_that_comes_back_is_newer_than_another(tmp_path, docs):
    # Else Snakemake would run the job of the older one again, and train for it.
    keep("leaderboard", write(tmp_path / "run", KEPT), docs)
    restore("leaderboard", tmp_path / "new", docs)
    times = {(tmp_path / "new" / path).stat().st_mtime_ns for path in KEPT}
    assert len(KEPT) > 1 and len(times) == 1


def test_a_second_part_adds_its_networks(tmp_path, docs):
    keep("leaderboard", write(tmp_path / "first", KEPT), docs)
    second = {
        "results/leaderboard/pool/cnn/seed1/metrics.tsv": "new\n",
        "results/leaderboard/order/cnn/seed1/metrics.tsv": "again\n",
    }
    keep("leaderboard", write(tmp_path / "second", second), docs)
    restore("leaderboard", tmp_path / "new", docs)
    assert read(tmp_path / "new") == KEPT | second


def test_what_is_there_is_not_written_over(tmp_path, docs):
    keep("leaderboard", write(tmp_path / "run", KEPT), docs)
    own = {"results/leaderboard/order/cnn/seed1/metrics.tsv": "newer\n"}
    write(tmp_path / "new", own)
    assert restore("leaderboard", tmp_path / "new", docs) == len(KEPT) - 1
    assert read(tmp_path / "new") == KEPT | own


def test_the_same_tables_give_the_same_bytes(tmp_path, docs):
    keep("leaderboard", write(tmp_path / "one", KEPT), docs)
    first = archive("leaderboard", docs).read_bytes()
    reverse = dict(reversed(KEPT.items()))
    keep("leaderboard", write(tmp_path / "two", reverse), tmp_path / "others")
    assert archive("leaderboard", tmp_path / "others").read_bytes() == first


def test_without_results_or_an_archive_an_error_says_what_to_do(tmp_path, docs):
    with pytest.raises(InputError, match="run snakemake figures"):
        keep("leaderboard", tmp_path, docs)
    with pytest.raises(InputError, match=r"networks\.tar\.xz"):
        restore("leaderboard", tmp_path, docs)


@pytest.mark.parametrize("name", ["koo2021", "pairs", "recovered"])
def test_a_study_whose_figures_read_other_tables_is_not_kept(name, capsys):
    with pytest.raises(SystemExit):
        main(["restore", name])
    assert f"invalid choice: '{name}'" in capsys.readouterr().err
