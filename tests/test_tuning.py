"""Choosing among candidates: by the validation split, and by nothing else."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

import train as train_script
import tune as tune_script
from perturbation_runs import Outputs
from proofread.configuration import tuning
from proofread.configuration.candidates import CANDIDATES
from proofread.configuration.check import check_configuration
from proofread.configuration.lengths import min_length
from proofread.datasets.dataset import write_dataset, write_splits
from proofread.errors import InputError
from proofread.figures.candidates import draw_candidates
from proofread.models.checkpoint import build_model, load_model
from proofread.tables import read_table
from proofread.training.tuning import (
    COLUMNS,
    compare,
    described,
    file_of,
    ranking,
    read_choice,
    write_choice,
)
from test_configuration import SCHEMAS, SMALL
from test_train import MODEL, poly_a

PAGE = (Path(__file__).parents[1] / "docs/models.md").read_text()
NAN = np.nan


# -- the choice ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aurocs", "losses", "order"),
    [
        ([0.7, 0.9, 0.8], [0.1, 0.3, 0.2], [1, 2, 0]),
        # The lower loss decides between equal AUROCs, then the order.
        ([0.9, 0.9, 0.9], [0.4, 0.3, 0.3], [1, 2, 0]),
        # Equal to six digits is equal.
        ([0.9000001, 0.9], [0.4, 0.3], [1, 0]),
        ([0.90001, 0.9], [0.4, 0.3], [0, 1]),
        # What is not a number is the worst.
        ([NAN, 0.2], [0.1, 0.9], [1, 0]),
        ([0.5, 0.5], [NAN, 0.9], [1, 0]),
        ([NAN, NAN, NAN], [NAN, 0.4, 0.3], [2, 1, 0]),
        ([0.6], [0.7], [0]),
    ],
    ids=[
        "highest AUROC",
        "tie",
        "tie of six digits",
        "fifth digit",
        "no AUROC",
        "no loss",
        "no AUROC at all",
        "one candidate",
    ],
)
def test_ranking(aurocs, losses, order):
    assert ranking(aurocs, losses).tolist() == order


def candidate(name, loss):
    """What is known of a candidate before its predictions are compared."""
    return {
        "candidate": name,
        "architecture": "eraslan2019",
        "settings": "",
        "parameters": 5,
        "epochs": 3,
        "kept_epoch": 1,
        "validation_loss": loss,
    }


def compared(logits, losses, label, resamples=200, **kind):
    names = "abcdef"[: len(logits)]
    return compare(
        [candidate(name, loss) for name, loss in zip(names, losses, strict=True)],
        [np.array(scores, dtype=float).T for scores in logits],
        np.array(label, dtype=float).T,
        resamples=resamples,
        seed=1,
        **kind,
    )


def test_the_table_has_the_chosen_candidate_first():
    # a and c separate the classes, b has 3 of 4 pairs right; c has the lower loss.
    label = [[0, 0, 1, 1]]
    logits = [[[1, 2, 3, 4]], [[1, 3, 2, 4]], [[10, 20, 30, 40]]]
    table = compared(logits, [0.3, 0.1, 0.2], label)
    assert list(table.columns) == COLUMNS[False]
    assert table["candidate"].tolist() == ["c", "a", "b"]
    assert table["validation_auroc"].tolist() == [1.0, 1.0, 0.75]
    assert table["chosen"].tolist() == [1, 0, 0]
    # Every resample with both classes separates them: no width.
    assert table.loc[:1, ["ci_low", "ci_high"]].to_numpy().tolist() == [[1, 1], [1, 1]]
    difference = table.filter(like="difference")
    assert difference.loc[0].isna().all()
    assert difference.loc[1].tolist() == [0, 0, 0]
    assert difference.loc[2, "difference"] == 0.25
    # A resample without the pair that b has wrong has no difference; one of that pair
    # alone has the whole.
    assert difference.loc[2].tolist()[1:] == [0, 1]


def test_auroc_is_the_mean_over_targets_with_both_classes():
    # 1 and 0.75; the third target has one class only, and a label is missing.
    label = [[0, 0, 1, 1, NAN], [0, 0, 1, 1, 0], [1, 1, 1, 1, 1]]
    logits = [[1, 2, 3, 4, 9], [1, 3, 2, 4, 0], [0, 0, 0, 0, 0]]
    # The second target: 2 against 1, 3, 0 and 4 against the same: 5 of 6 pairs.
    table = compared([logits], [0.5], label)
    assert table["validation_auroc"].tolist() == pytest.approx([(1 + 5 / 6) / 2])


def test_without_a_target_of_both_classes_the_loss_decides():
    table = compared([[[1, 2]], [[2, 1]]], [0.3, 0.2], [[1, 1]])
    assert table["candidate"].tolist() == ["b", "a"]
    numbers = ["validation_auroc", "ci_low", "ci_high", "difference"]
    assert table[numbers].isna().all(axis=None)


def test_candidates_for_quantities_are_compared_by_pearson_s_correlation():
    # a: deviations -1, 0, 1 against the same; b: -1, 1, 0: products 1 of 2. The second
    # target has one value only, and the first misses one.
    label = [[1, 2, 3, NAN], [7, 7, NAN, NAN]]
    outputs = [[[10, 20, 30, 0], [1, 2, 3, 4]], [[1, 3, 2, 0], [1, 2, 3, 4]]]
    table = compared(outputs, [0.1, 0.2], label, quantitative=True)
    assert list(table.columns) == COLUMNS[True]
    assert "validation_auroc" not in table
    assert table["candidate"].tolist() == ["a", "b"]
    assert table["validation_pearson"].tolist() == pytest.approx([1.0, 0.5])
    assert table["difference"][1] == pytest.approx(0.5)
    (axes,) = draw_candidates(table).axes
    assert axes.get_xlabel() == "Pearson's correlation of the validation split"


def test_a_constant_prediction_counts_as_no_correlation():
    # As in training: of two targets, the first is exact and the second constant.
    label = [[1, 2, 3], [1, 2, 3]]
    outputs = [[[1, 2, 3], [5, 5, 5]], [[1, 3, 2], [5, 5, 5]], [[1, 2, 3], [NAN] * 3]]
    table = compared(outputs, [0.1, 0.2, 0.3], label, quantitative=True)
    assert table["candidate"].tolist() == ["a", "b", "c"]
    assert table["validation_pearson"][:2].tolist() == pytest.approx([0.5, 0.25])
    assert np.isnan(table["validation_pearson"][2])
    assert table["ci_low"][:2].notna().all()


def test_a_candidate_is_described_by_its_kept_epoch():
    network = torch.nn.Linear(3, 2)
    network.bias.requires_grad_(False)
    history = pd.DataFrame(
        {"epoch": [0, 1, 2], "validation_loss": [0.7, 0.5, 0.6], "best": [0, 1, 0]}
    )
    assert described(network, history) == {
        "parameters": 6,
        "epochs": 3,
        "kept_epoch": 1,
        "validation_loss": 0.5,
    }


def test_the_figure_has_a_row_for_each_candidate():
    label = [[0, 0, 1, 1]]
    logits = [[[1, 2, 3, 4]], [[1, 3, 2, 4]], [[NAN, 1, 1, 1]]]
    (axes,) = draw_candidates(compared(logits, [0.3, 0.1, 0.2], label)).axes
    assert [item.get_text() for item in axes.get_yticklabels()] == ["a", "b", "c"]
    assert list(axes.get_yticks()) == [0, -1, -2]
    dots = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1]
    assert dots[:2] == [1.0, 0.75] and np.isnan(dots[2])


# -- the configuration --------------------------------------------------------------

TUNED = {
    "tune": {
        "seed": 3,
        "candidates": {
            "one": {"architecture": "eraslan2019"},
            "two": {"architecture": "recommended", "settings": {"filters": 8}},
        },
    }
}
MODELS = {
    "plain": {"architecture": "basset"},
    "tuned": TUNED,
    "tuned.shuffled": {**TUNED, "negative_control": "shuffled"},
    "tuned.one": {"architecture": "eraslan2019"},
}


def wildcards(model, seed="3"):
    return SimpleNamespace(dataset="d", model=model, seed=seed)


def test_candidates_are_models_of_their_own_name():
    models = {name: MODELS[name] for name in ("plain", "tuned")}
    assert tuning.tuned_models(models) == {"tuned": TUNED["tune"]}
    assert tuning.candidate_models(models) == {
        "tuned.one": {"architecture": "eraslan2019"},
        "tuned.two": {"architecture": "recommended", "settings": {"filters": 8}},
    }
    files = tuning.candidate_files(models, "model.ckpt")
    assert files(wildcards("tuned")) == [
        "<results>/d/tuned.one/seed3/model.ckpt",
        "<results>/d/tuned.two/seed3/model.ckpt",
    ]


def test_a_tuned_model_and_its_controls_read_one_choice():
    choice = tuning.choice_file(MODELS)
    path = "<results>/d/tuned/tune/choice.json"
    assert choice(wildcards("tuned")) == choice(wildcards("tuned.shuffled")) == path
    assert choice(wildcards("plain")) == choice(wildcards("tuned.one")) == []


def test_with_the_candidates_seed_a_network_is_already_trained():
    already = tuning.already_trained(MODELS)
    paths = already(wildcards("tuned"))
    assert paths == [
        f"<results>/d/tuned.{name}/seed3/{file}"
        for file in ("model.ckpt", "history.tsv")
        for name in ("one", "two")
    ]
    result = file_of(paths, "tuned.two", "history.tsv")
    assert result.as_posix() == "<results>/d/tuned.two/seed3/history.tsv"
    assert already(wildcards("tuned", "4")) == already(wildcards("plain")) == []
    assert already(wildcards("tuned.shuffled")) == []


def test_candidates_are_completed_like_models():
    config = check_configuration(SMALL | {"models": {"tuned": TUNED}}, SCHEMAS)
    candidates = config["models"]["tuned"]["tune"]["candidates"]
    alone = check_configuration(
        SMALL | {"models": TUNED["tune"]["candidates"]}, SCHEMAS
    )
    assert candidates == alone["models"]
    assert check_configuration(config, SCHEMAS) == config
    assert tuning.settings_in_words(candidates["one"]) == ""
    assert tuning.settings_in_words(candidates["two"]) == "filters: 8"


@pytest.mark.parametrize("tune", [{}, None, {"candidates": None}], ids=repr)
def test_a_tuned_model_without_candidates_has_the_list(tune):
    config = check_configuration(SMALL | {"models": {"m": {"tune": tune}}}, SCHEMAS)
    alone = check_configuration(SMALL | {"models": CANDIDATES}, SCHEMAS)
    tune = config["models"]["m"]["tune"]
    assert tune == {"seed": 1, "candidates": alone["models"]}
    assert len(tune["candidates"]) == 12


def test_the_list_is_for_sequences_of_72_bases():
    models = {name: {"settings": {}} | model for name, model in CANDIDATES.items()}
    assert max(map(min_length, models.values())) == 72
    assert "for sequences of at least 72 bp" in " ".join(PAGE.split())
    for model in models.values():
        build_model(model["architecture"], model["settings"], 72, ["one"])


def test_the_page_has_the_list():
    section = PAGE.split("\n## Tune\n")[1]
    rows = [
        tuple(cell.strip(" `") for cell in line.split("|")[1:5])
        for line in section.split("| candidate |")[1].split("\n\n")[0].splitlines()
        if line.startswith("| `")
    ]
    assert rows == [
        (
            name,
            model["architecture"],
            written(model.get("settings", {})),
            written(model.get("training", {})),
        )
        for name, model in CANDIDATES.items()
    ]


def written(settings):
    return ", ".join(f"{key}: {value}" for key, value in settings.items())


def test_the_configuration_of_the_page_is_right():
    """docs/models.md."""
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    config = check_configuration(SMALL | yaml.safe_load(block), SCHEMAS)
    assert len(config["models"]["tuned"]["tune"]["candidates"]) == 3


def test_the_page_has_every_column():
    names = re.findall(r"^\| (`.+?) \|", PAGE.split("column of `tune.tsv`")[1], re.M)
    assert re.findall(r"`(\w+)`", " ".join(names)) == COLUMNS[False]


# -- the scripts --------------------------------------------------------------------


@pytest.fixture(autouse=True, scope="module")
def own_process():
    """`start` takes over the process: its log, its warnings, its exceptions."""
    with pytest.MonkeyPatch.context() as patch:
        for script in (train_script, tune_script):
            patch.setattr(script, "start", lambda job: None)
        yield


FEW = {**MODEL, "training": {**MODEL["training"], "epochs": 2}}
FAST = {**MODEL, "training": {**FEW["training"], "learning_rate": 0.01}}


def prepared(folder, dataset):
    """A dataset of which the last 20 rows are for the test, and its splits."""
    folder.mkdir()
    write_dataset(folder / "dataset.h5", dataset)
    rows = np.arange(len(dataset))
    parts = {"train": rows[:80], "validation": rows[80:-20], "test": rows[-20:]}
    write_splits(folder / "splits.h5", parts)
    return folder


def trained(folder, name, model, *, choice=(), candidates=(), seed=1):
    """The folder of a network, made as the rule does."""
    network = folder / name / f"seed{seed}"
    network.mkdir(parents=True)
    train_script.main(
        SimpleNamespace(
            input=SimpleNamespace(
                dataset=folder / "dataset.h5",
                splits=folder / "splits.h5",
                choice=choice,
                candidates=candidates,
            ),
            output=Outputs(
                model=network / "model.ckpt", history=network / "history.tsv"
            ),
            params=SimpleNamespace(model=model, library="", device="cpu"),
            wildcards=SimpleNamespace(model=name, seed=str(seed)),
        )
    )
    return network


def tuned(folder):
    """The bytes of the table and of the choice between two candidates."""
    candidates = {"few": FEW, "fast": FAST}
    networks = [
        trained(folder, f"tuned.{name}", model) for name, model in candidates.items()
    ]
    output = {
        "table": folder / "tune.tsv",
        "choice": folder / "choice.json",
        "figure": folder / "tune.svg",
    }
    tune_script.main(
        SimpleNamespace(
            input=SimpleNamespace(
                dataset=folder / "dataset.h5",
                splits=folder / "splits.h5",
                models=[network / "model.ckpt" for network in networks],
                histories=[network / "history.tsv" for network in networks],
            ),
            output=Outputs(**output),
            params=SimpleNamespace(
                tune={"seed": 1, "candidates": candidates},
                in_words={"few": "", "fast": "learning_rate: 0.01"},
                evaluation={"resamples": 20, "seed": 1},
            ),
        )
    )
    return {name: path.read_bytes() for name, path in output.items()}


@pytest.fixture(scope="module")
def run(own_process, tmp_path_factory):
    folder = prepared(tmp_path_factory.mktemp("tune") / "run", poly_a(140, 1))
    return SimpleNamespace(folder=folder, files=tuned(folder))


def test_the_test_sequences_do_not_change_the_choice(run, tmp_path):
    # Other sequences with the opposite labels.
    dataset, other = poly_a(140, 1), poly_a(140, 9)
    index, label = dataset.index.copy(), dataset.label.copy()
    index[-20:], label[-20:] = other.index[-20:], 1 - other.label[-20:]
    changed = replace(dataset, index=index, label=label)
    assert tuned(prepared(tmp_path / "changed", changed)) == run.files


def test_the_choice_is_the_first_row_with_its_whole_model(run):
    table = read_table(run.folder / "tune.tsv")
    choice = read_choice(run.folder / "choice.json")
    assert sorted(table["candidate"]) == ["fast", "few"]
    assert choice == {
        "candidate": table["candidate"][0],
        "seed": 1,
        "model": {"few": FEW, "fast": FAST}[table["candidate"][0]],
    }
    values = table["validation_auroc"]
    assert values[0] > values[1] or (
        values[0] == values[1] and table["validation_loss"].is_monotonic_increasing
    )
    # As each training measured its kept epoch.
    for row in table.itertuples():
        history = read_table(
            run.folder / f"tuned.{row.candidate}" / "seed1" / "history.tsv"
        )
        kept = history[history["best"] == 1].iloc[0]
        assert row.validation_auroc == pytest.approx(kept["validation_auroc"], abs=1e-6)
        assert row.validation_loss == kept["validation_loss"]


def test_the_chosen_network_is_that_of_a_training_with_its_seed(run, tmp_path):
    folder = prepared(tmp_path / "chosen", poly_a(140, 1))
    choice = folder / "choice.json"
    write_choice(choice, "few", 1, FEW)
    candidates = [
        str(run.folder / f"tuned.{name}" / "seed1" / file)
        for file in ("model.ckpt", "history.tsv")
        for name in ("few", "fast")
    ]
    taken = trained(folder, "tuned", TUNED, choice=choice, candidates=candidates)
    alone = trained(folder, "alone", FEW)
    for file in ("model.ckpt", "history.tsv"):
        assert (taken / file).read_bytes() == (alone / file).read_bytes()


def test_a_control_of_a_tuned_model_has_the_settings_of_the_choice(tmp_path):
    folder = prepared(tmp_path / "control", poly_a(140, 1))
    choice = folder / "choice.json"
    write_choice(choice, "few", 1, FEW)
    control = {**TUNED, "negative_control": "untrained"}
    network = trained(folder, "tuned.untrained", control, choice=choice, seed=2)
    assert load_model(network / "model.ckpt").convolution1.out_channels == 8
    assert read_table(network / "history.tsv")["epoch"].tolist() == [0]


@pytest.mark.parametrize("damage", ["cut", "empty", "no text", "other content", "list"])
def test_a_damaged_choice_is_named(damage, tmp_path):
    path = tmp_path / "choice.json"
    write_choice(path, "few", 1, FEW)
    assert read_choice(path) == {"candidate": "few", "seed": 1, "model": FEW}
    content = path.read_bytes()
    changed = {
        "cut": content[: len(content) // 2],
        "empty": b"",
        "no text": content.replace(b"few", b"\xff", 1),
        "other content": b'{"candidate": "few"}',
        "list": b"[1]",
    }
    path.write_bytes(changed[damage])
    with pytest.raises(InputError, match="not readable") as caught:
        read_choice(path)
    assert caught.value.where == str(path)
    assert caught.value.remedy.startswith("delete it and run again")
