"""Names: those that a setting asks for, and odd ones from files."""

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from proofread.configuration.check import check_configuration
from proofread.configuration.names import check_visible, known_targets
from proofread.datasets.assembly import Sequence, assemble
from proofread.datasets.dataset import read_dataset, write_dataset
from proofread.datasets.export import write_sequences
from proofread.errors import InputError
from proofread.figures.style import (
    figure_style,
    new_figure,
    save_figure,
    short_name,
)
from proofread.files.bed import read_bed
from proofread.files.features import read_features
from proofread.motifs.files import read_motifs
from proofread.tables import read_table, write_table
from test_configuration import SCHEMAS
from test_unpacking import of_genome

TARGETS = ["liver", "brain", "heart"]


def test_null_is_every_target():
    assert known_targets(None, TARGETS, "key") == TARGETS


def test_targets_keep_the_order_of_the_dataset():
    assert known_targets(["heart", "liver"], TARGETS, "key") == ["liver", "heart"]


def test_an_unknown_target_is_refused_with_the_known_ones():
    with pytest.raises(InputError) as caught:
        known_targets(["liver", "hart"], TARGETS, "methods.x.targets")
    assert caught.value.where == "methods.x.targets"
    assert caught.value.found == "no target 'hart'"
    assert caught.value.expected == "some of liver, brain, heart"
    assert caught.value.remedy == "did you mean 'heart'?"
    with pytest.raises(InputError, match="correct or remove the name; null is all"):
        known_targets(["xyz"], TARGETS, "methods.x.targets")


def test_a_message_does_not_list_hundreds_of_targets():
    targets = [f"t{number}" for number in range(164)]
    with pytest.raises(InputError) as caught:
        known_targets(["zebra"], targets, "methods.x.targets")
    assert caught.value.expected.endswith("t19, ...")


ODD = {
    "../../etc/passwd": "../../etc/passwd",
    "spaces": "chr1:1-200 (+)  forward",
    "spaces of spreadsheets": "T\u00a0cells\u3000(liver)",
    "quotes": '5\'-"a"`b`;$(id)',
    "300 characters": "x" * 300,
    "letters of the world": "Größe_5′_配列_🧬",
    "a dash": "-rf",
    "CON": "CON",
    "a formula": r"$\frac$ and $x_1$",
    "a page": "<script>alert('x')</script>&amp;--",
}


@pytest.mark.parametrize("kind", ODD)
def test_a_name_that_can_be_seen_is_kept(kind):
    check_visible(ODD[kind], "name", "own.fa", "rename it")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("x" * 1001, "a name of 1,001 characters"),
        ("a\nb", r"the name 'a\nb', with an invisible character"),
        ("a\tb", r"the name 'a\tb', with an invisible character"),
        ("a\0b", r"the name 'a\x00b', with an invisible character"),
        ("\x1b[31mred", r"the name '\x1b[31mred', with an invisible character"),
        ("a\u2028b", r"the name 'a\u2028b', with an invisible character"),
        ("a\u202eb", r"the name 'a\u202eb', with an invisible character"),
    ],
)
def test_a_name_that_breaks_tables_and_figures_is_refused(name, found):
    with pytest.raises(InputError) as caught:
        check_visible(name, "name", "own.fa", "rename it")
    assert caught.value.found == found
    assert caught.value.remedy == "rename it"


def assembled(name, group="g", target="t"):
    bases = np.arange(8, dtype=np.uint8) % 4
    sequence = Sequence("own.tsv, line 2", name, group, bases, (1.0,))
    settings = {"identical": "keep"}
    return assemble(
        *([sequence], [target], settings, "own"),
        length=None,
        trim="error",
        rename="rename it",
    )


@pytest.mark.filterwarnings("ignore:Glyph")  # its font has no letters of Chinese
@pytest.mark.parametrize("kind", ODD)
def test_tables_and_figures_take_odd_names(kind, tmp_path):
    name = ODD[kind]
    dataset = assembled(name, group=name, target=name)
    write_dataset(tmp_path / "d.h5", dataset)
    read = read_dataset(tmp_path / "d.h5")
    assert (read.name, read.group, read.target) == ([name], [name], [name])
    write_sequences(tmp_path / "sequences.tsv", read)
    table = pd.read_csv(tmp_path / "sequences.tsv", sep="\t", keep_default_na=False)
    assert table["name"].tolist() == table["group"].tolist() == [name]
    assert f"label_{name}" in table.columns
    write_table(tmp_path / "table.tsv", pd.DataFrame({"name": [name], "value": [1]}))
    assert read_table(tmp_path / "table.tsv")["name"].tolist() == [name]
    save_figure(titled(name), tmp_path / "figure.svg", editable_text=True)
    drawing = ElementTree.parse(tmp_path / "figure.svg")
    assert short_name(name) in ["".join(item.itertext()) for item in drawing.iter()]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("d.h5", "figure.svg", "sequences.tsv", "table.tsv")
    ]


def test_a_title_has_the_first_characters_of_a_name():
    assert short_name("x" * 40) == "x" * 40
    assert short_name("x" * 41) == "x" * 37 + "…"


@figure_style()
def titled(name):
    figure, axes = new_figure(60, 40)
    axes.text(0, 0, short_name(name))
    return figure


@pytest.mark.parametrize("part", ["name", "group", "target"])
def test_a_dataset_refuses_a_name_on_two_lines(part):
    with pytest.raises(InputError, match="with an invisible character"):
        assembled(**{"name": "a", part: "a\nb"})


@pytest.mark.parametrize(
    ("file", "text", "read"),
    [
        ("genome.fa", ">chr\x1b1\nACGT\n", of_genome),
        ("own.bed", "chr1\t1\t2\ta\x1bb\n", read_bed),
        ("sites.gff", "c\tx\tgene\t1\t2\t.\t+\t.\tID=a\x07\n", read_features),
        ("own.jaspar", ">a\x1b\n1 2\n2 1\n1 1\n1 1\n", read_motifs),
    ],
)
def test_a_control_character_in_a_file_is_refused(file, text, read, tmp_path):
    (tmp_path / file).write_text(text)
    with pytest.raises(InputError, match=r"invisible character|control character"):
        read(tmp_path / file)


def test_names_of_the_configuration_are_names_of_folders():
    config = {"experiments": "e.tsv", "models": {"cnn": {"architecture": "basset"}}}
    for name in (
        "../up",
        "a b",
        "a'b",
        "a\nb",
        "x" * 101,
        "é",
        "-rf",
        "",
        "a/b",
        "a\0",
    ):
        datasets = {name: {"source": "fasta"}}
        with pytest.raises(InputError, match="names a file"):
            check_configuration({**config, "datasets": datasets}, SCHEMAS)
