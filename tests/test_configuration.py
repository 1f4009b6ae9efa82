"""The whole configuration: complete afterwards, and the shipped ones are right."""

import copy
import gzip
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from proofread.configuration import method_settings
from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.configuration.files import ConfigurationFiles
from proofread.errors import InputError
from proofread.models.architectures.recommended import TRAINING
from read import read

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = ROOT / "workflow" / "schemas"
# Without effect on a training as it was before they existed.
DEFAULTS = {
    "smoothing": 0,
    "classes": "independent",
    "class_weights": "none",
    "reverse_complement": False,
    "schedule": "constant",
    "warmup_epochs": 0,
    "plateau_patience": 3,
    "plateau_factor": 0.5,
    "plateau_min_change": 0,
    "min_learning_rate": 0,
    "gradient_clip": 0,
    "precision": 32,
}
SMALL = {
    "datasets": {
        "presence": {
            "source": "simulate",
            "rule": "presence",
            "motifs": ["STAT_known2"],
        }
    },
    "models": {"eraslan2019": {"architecture": "eraslan2019"}},
}


def merged(below, above):
    """Two configurations as Snakemake merges them: mappings, at every depth."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    both = {key: merged(below[key], above[key]) for key in below.keys() & above.keys()}
    return below | above | both


def load(name):
    """A shipped configuration, laid over the default one."""
    default = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    return merged(default, yaml.safe_load((ROOT / "config" / name).read_text()))


def test_the_smallest_configuration_is_made_complete():
    config = check_configuration(SMALL, SCHEMAS)
    assert config["pathvars"] == {
        "results": "results",
        "logs": "logs",
        "benchmarks": "benchmarks",
    }
    assert config["analyses"] == []
    assert config["databases"] == config["downloads"] == config["methods"] == {}
    assert config["datasets"]["presence"]["length"] == 200
    assert config["datasets"]["presence"]["split"]["test"] == 0.15
    assert config["models"]["eraslan2019"]["settings"] == {}
    assert config["models"]["eraslan2019"]["training"] == {
        "epochs": 40,
        "patience": 8,
        "loss": "auto",
        "huber_delta": 1,
        "monitor": "auto",
        "batch_size": 100,
        "learning_rate": 0.001,
        "weight_decay": 0,
        "sampler": "shuffled",
        **DEFAULTS,
    }


def test_an_architecture_may_recommend_a_training():
    # What the user writes prevails.
    models = {
        "all": {"architecture": "recommended"},
        "some": {"architecture": "recommended", "training": {"epochs": 7}},
        "none": {"architecture": "koo_cnn"},
    }
    checked = check_configuration(SMALL | {"models": models}, SCHEMAS)["models"]
    schema = yaml.safe_load((SCHEMAS / "training.schema.yaml").read_text())
    properties = schema["properties"]
    defaults = {key: item["default"] for key, item in properties.items()}
    assert checked["none"]["training"] == defaults
    assert checked["all"]["training"] == defaults | TRAINING
    assert checked["some"]["training"] == defaults | TRAINING | {"epochs": 7}


def test_what_is_given_is_left_unchanged():
    given = copy.deepcopy(SMALL)
    check_configuration(given, SCHEMAS)
    assert given == SMALL


def test_checking_twice_changes_nothing():
    once = check_configuration(SMALL, SCHEMAS)
    assert check_configuration(once, SCHEMAS) == once


def test_settings_of_a_method_are_filled_where_it_only_is_named():
    config = check_configuration(SMALL | {"analyses": ["filter_pfms"]}, SCHEMAS)
    schema = yaml.safe_load((SCHEMAS / "methods/filter_pfms.schema.yaml").read_text())
    assert list(config["methods"]["filter_pfms"]) == list(schema["properties"])


def test_a_declared_download_need_not_be_there_yet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load("pu1.yaml")
    assert not Path("resources/data/pu1.fa.gz").exists()
    assert check_configuration(config, SCHEMAS)["datasets"]["pu1"]["target"] == "pu1"


@pytest.mark.parametrize(
    "name",
    [
        "config.yaml",
        "ecoli.yaml",
        "enhancers.yaml",
        "ghotra2021.yaml",
        "ghotra2021_task2.yaml",
        "koo2021.yaml",
        "koo2021_activations.yaml",
        "leaderboard.yaml",
        "logic.yaml",
        "motif_discovery.yaml",
        "nfe2.yaml",
        "null.yaml",
        "user_model.yaml",
        "pu1.yaml",
        "rules.yaml",
    ],
)
def test_the_shipped_configurations_are_right(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    config = check_configuration(load(name), SCHEMAS, config_path=name)
    experiments = read_experiments(config["experiments"], config)
    trained = {row["dataset"] for row in experiments}
    own = yaml.safe_load((ROOT / "config" / name).read_text())["datasets"]
    assert trained == set(own)


def test_the_recommended_architecture_is_measured_with_three_seeds(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    given = yaml.safe_load((ROOT / "config/recommended.yaml").read_text())
    with pytest.raises(InputError, match="one random window inside each CDS"):
        check_configuration(load("recommended.yaml"), SCHEMAS)
    Path("my").mkdir()
    for name in given["external_files"]:
        Path(name).touch()
    config = check_configuration(load("recommended.yaml"), SCHEMAS)
    table = (ROOT / config["experiments"]).read_text().splitlines()
    # Promoters and start codons have a strand, and so have motifs planted on one.
    stranded = {"ecoli_promoters", "cds", "own"}
    assert table[1:] == [
        f"{name}\t{'recommended' if name in stranded else 'both_strands'}\t{seed}"
        for name in given["datasets"]
        for seed in (1, 2, 3)
    ]
    for name in given["models"]:
        assert config["models"][name]["architecture"] == "recommended"


def test_a_method_is_scored_unless_it_says_otherwise(tmp_path, monkeypatch):
    (tmp_path / "methods").mkdir()
    for name, text in {"judged": "{}", "not_judged": "{scored: false}"}.items():
        (tmp_path / "methods" / f"{name}.schema.yaml").write_text(text)
    monkeypatch.setattr(method_settings, "SCHEMAS", tmp_path)
    assert method_settings.scored(["not_judged", "judged"]) == ["judged"]


def test_rows_come_in_the_order_of_the_file_as_text(tmp_path):
    table = tmp_path / "experiments.tsv"
    # A byte order mark, Windows line ends, another order of columns, a blank line.
    table.write_bytes(
        b"\xef\xbb\xbfseed\tdataset\tmodel\r\n7\tpresence\teraslan2019\r\n\r\n"
        b"0\tpresence\teraslan2019\r\n"
    )
    assert read_experiments(table, check_configuration(SMALL, SCHEMAS)) == [
        {"dataset": "presence", "model": "eraslan2019", "seed": "7"},
        {"dataset": "presence", "model": "eraslan2019", "seed": "0"},
    ]


def test_neither_torch_nor_pandas_is_imported():
    # Snakemake imports the module at each start; torch alone costs a second.
    code = (
        "import sys, proofread.configuration.check, proofread.configuration.provenance;"
        "import proofread.configuration.experiments;"
        "print(sorted({'torch', 'pandas', 'numpy', 'h5py'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "workflow/scripts",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def headers(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [line[1:].rstrip("\n") for line in file if line.startswith(">")]


def parsed(pattern, path):
    return [re.search(pattern, header).groupdict() for header in headers(path)]


def test_every_header_of_the_ecoli_files_gives_a_unique_name(data_folder):
    dataset = load("ecoli.yaml")["datasets"]["ecoli_promoters"]
    folder = data_folder / "ecoli_promoters_81bp"
    both = [
        parsed(dataset[side]["header"], folder / Path(dataset[side]["path"]).name)
        for side in ("positives", "negatives")
    ]
    assert [len(side) for side in both] == [2860, 2860]
    assert len({record["name"] for side in both for record in side}) == 5720
    assert both[0][0] == {
        "name": "ECK125137714_aaeBp3_reverse_3388263",
        "position": "3388263",
    }
    assert both[1][0] == {"name": "3292866_3292947", "position": "3292866"}
    # The chromosome has 4,641,652 bp: 24 blocks of 200 kb, and each has promoters.
    assert {int(record["position"]) // 200_000 for record in both[0]} == set(range(24))


def test_every_header_of_the_pu1_file_gives_its_chromosome(data_folder):
    pattern = load("pu1.yaml")["datasets"]["pu1"]["positives"]["header"]
    records = parsed(pattern, data_folder / "pu1_chip" / "pu1.fa.gz")
    assert len(records) == len({record["name"] for record in records}) == 28_677
    chromosomes = {f"chr{n}" for n in [*range(1, 23), "X"]}
    assert {record["chromosome"] for record in records} == chromosomes


def test_the_sigma70_matrices_come_from_their_recipe(data_folder):
    done = subprocess.run(
        [
            sys.executable,
            ROOT / "tools/sigma70_motifs.py",
            data_folder / "ecoli_promoters_81bp" / "sigma70.raw.txt",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (ROOT / "resources/ecoli_sigma70.meme").read_text()


def test_the_sigma70_boxes_come_from_their_recipe(data_folder):
    done = subprocess.run(
        [
            sys.executable,
            ROOT / "tools/sigma70_boxes.py",
            data_folder / "ecoli_promoters_81bp" / "sigma70.raw.txt",
            ROOT / "resources/ecoli_sigma70.meme",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (ROOT / "resources/ecoli_sigma70_boxes.bed").read_text()
    # The start of transcription is at index 60.
    boxes = [line.split("\t") for line in done.stdout.splitlines()]
    ends = {int(end) for _, _, end, motif, *_ in boxes if motif == "minus_10"}
    starts = {int(start) for _, start, _, motif, *_ in boxes if motif == "minus_35"}
    assert min(ends) >= 60 - 8 and max(ends) <= 60 - 3
    assert min(starts) >= 60 - 39 and max(starts) <= 60 - 30


def readme_blocks(language):
    """Code blocks of the README in one language, in order."""
    text = (ROOT / "config/README.md").read_text()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [content for item, content in blocks if item == language]


def test_the_readme_s_own_sequences_are_read(tmp_path, monkeypatch):
    # As told: over the default configuration, with two files and a table.
    monkeypatch.chdir(tmp_path)
    for name, sequence in (("positives", "ACGTACGTAC"), ("negatives", "TTTTACGTAC")):
        Path("my").mkdir(exist_ok=True)
        Path(f"my/{name}.fa").write_text(f">{name}1\n{sequence}\n")
    default = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    own = yaml.safe_load(readme_blocks("yaml")[0])
    config = check_configuration(merged(default, own), SCHEMAS)
    (table,) = [block for block in readme_blocks("") if block.startswith("dataset\t")]
    Path("own.tsv").write_text(table)
    assert read_experiments("own.tsv", config) == [
        {"dataset": "own", "model": "eraslan2019", "seed": "1"}
    ]
    dataset = read(config["datasets"]["own"])
    assert dataset.label.tolist() == [[1.0], [0.0]]
    assert dataset.target == ["enhancer"]


def test_the_readme_s_groups_are_read_from_headers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my").mkdir()
    Path("my/positives.fa").write_text(
        ">chr6:47210442-47210452\nACGTACGTAC\n>chr7:5-15\nACGTACGTAA\n"
    )
    # The block is indented, within a list.
    text = (ROOT / "config/README.md").read_text()
    (block,) = re.findall(r"^  ```yaml\n(.*?)^  ```$", text, re.MULTILINE | re.DOTALL)
    own = yaml.safe_load(readme_blocks("yaml")[0])
    own["datasets"]["own"] |= yaml.safe_load(block)
    own["datasets"]["own"]["negatives"] = {"shuffle": "dinucleotide", "seed": 1}
    default = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    config = check_configuration(merged(default, own), SCHEMAS)
    dataset = read(config["datasets"]["own"])
    assert dataset.name[:2] == ["chr6:47210442-47210452", "chr7:5-15"]
    assert dataset.group[:2] == ["chr6", "chr7"]


def test_the_readme_s_message_about_a_mistake_is_the_one_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (shown,) = [block for block in readme_blocks("") if "unknown key" in block]
    Path("config").mkdir()
    Path("config/own.yaml").write_text("datasets: {presence: {lenght: 100}}\n")
    files = ConfigurationFiles.read(["config/own.yaml"])
    config = yaml.safe_load(Path("config/own.yaml").read_text())
    config["datasets"]["presence"] |= {"source": "simulate", "rule": "presence"}
    default = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    with pytest.raises(InputError) as caught:
        check_configuration(default | config, SCHEMAS, config_path=str(files))
    pattern = re.escape(shown.rstrip()).replace(r"\.\.\.", ".*")
    assert re.fullmatch(pattern, str(files.located(caught.value)))


def test_the_checksums_of_the_resources_are_right():
    sources = (ROOT / "resources/SOURCES.md").read_text()
    rows = re.findall(r"^\| (\S+) \| ([0-9a-f]{64}) \|$", sources, re.MULTILINE)
    assert [name for name, _ in rows] == [
        "ecoli_sigma70.meme",
        "ecoli_sigma70_boxes.bed",
        "ecoli_tss.bed",
    ]
    for name, stated in rows:
        content = (ROOT / "resources" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == stated


def test_two_experiments_never_share_a_log_file(tmp_path):
    table = tmp_path / "experiments.tsv"
    table.write_text("dataset\tmodel\tseed\na_b\tc\t1\na\tb_c\t1\n")
    config = {"datasets": {"a": {}, "a_b": {}}, "models": {"c": {}, "b_c": {}}}
    with pytest.raises(InputError, match=r"row 3: the log file a_b_c_seed1\.log"):
        read_experiments(table, config)
