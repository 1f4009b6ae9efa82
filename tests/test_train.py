"""Training: what is drawn, what is kept, and that a seed decides everything."""

import numpy as np
import pandas as pd
import pytest
import torch

from proofread.datasets.dataset import Dataset
from proofread.errors import InputError
from proofread.models.checkpoint import build_model, predict_logits
from proofread.statistics.evaluation import curves, evaluate
from proofread.training.batches import EpochSampler
from proofread.training.train import train
from training_settings import training_defaults

MODEL = {
    "architecture": "eraslan2019",
    "settings": {"filters": 8, "filters2": 4, "width": 8, "width2": 3},
    "training": {
        **training_defaults(),
        "epochs": 12,
        "patience": 12,
        "batch_size": 20,
        "learning_rate": 0.003,
    },
}


def poly_a(n, seed):
    """Sequences that are positive where AAAAAAAA was written over the middle."""
    index = np.random.default_rng(seed).integers(0, 4, size=(n, 30)).astype(np.uint8)
    label = np.tile([[0.0], [1.0]], (n // 2, 1)).astype(np.float32)
    index[1::2, 11:19] = 0
    return Dataset(
        index,
        np.full(n, 30),
        [f"s{row}" for row in range(n)],
        label,
        ["bound"],
        [""] * n,
        ["negative", "positive"] * (n // 2),
    )


@pytest.fixture(scope="module")
def trained():
    return train(poly_a(200, 1), poly_a(60, 2), MODEL, seed=3)


def test_a_simple_rule_is_learned(trained):
    _, history = trained
    assert history["validation_auroc"].max() > 0.95
    assert history["validation_loss"].iloc[-1] < history["validation_loss"].iloc[0]


def test_the_kept_weights_are_those_of_the_best_epoch(trained):
    network, history = trained
    validation = poly_a(60, 2)
    logits = predict_logits(network, validation.index)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        logits.double(), torch.from_numpy(validation.label).double()
    )
    best = history[history["best"] == 1]
    assert len(best) == 1
    assert best["validation_auroc"].item() == history["validation_auroc"].max()
    assert best["validation_loss"].item() == pytest.approx(float(loss), abs=1e-9)


def test_a_seed_decides_the_weights(trained):
    again, history = train(poly_a(200, 1), poly_a(60, 2), MODEL, seed=3)
    other, _ = train(poly_a(200, 1), poly_a(60, 2), MODEL, seed=4)
    state, first = again.state_dict(), trained[0].state_dict()
    assert all(torch.equal(state[key], first[key]) for key in first)
    pd.testing.assert_frame_equal(history, trained[1])
    assert not torch.equal(other.linear.weight, again.linear.weight)


def test_training_stops_when_patience_ends():
    # A learning rate of zero never improves on the first epoch.
    settings = MODEL["training"] | {"patience": 2, "learning_rate": 0.0, "epochs": 50}
    _, history = train(
        poly_a(40, 1), poly_a(20, 2), MODEL | {"training": settings}, seed=1
    )
    assert len(history) == 3
    assert history["best"].tolist() == [1, 0, 0]


def test_a_shuffled_epoch_has_every_row_once():
    sampler = EpochSampler(np.zeros((50, 1)), weighted=False, seed=1)
    first = list(sampler)
    assert sorted(first) == list(range(50))
    assert list(sampler) == first  # the same epoch again
    sampler.set_epoch(1)
    assert list(sampler) != first


def test_a_weighted_epoch_draws_both_classes_alike():
    # 10 positives of 1,000: each class is expected 500 times, +-4 x 15.8.
    label = np.zeros((1000, 1))
    label[:10] = 1
    drawn = np.array(list(EpochSampler(label, weighted=True, seed=1)))
    assert 437 < np.sum(drawn < 10) < 563


def test_a_weighted_epoch_draws_exclusive_classes_alike():
    # 20, 80 and 900 of 1,000: each class is expected 1000 / 3 times, +-4 x 14.9.
    label = np.eye(3)[[0] * 20 + [1] * 80 + [2] * 900]
    sampler = EpochSampler(label, weighted=True, seed=1, exclusive=True)
    drawn = label[list(sampler)].sum(axis=0)
    assert (np.abs(drawn - 1000 / 3) < 60).all()


def table(label, score, names=None):
    return pd.DataFrame(
        {
            "id": names or [f"s{row}" for row in range(len(label))],
            "target": "bound",
            "true": label,
            "logit": np.log(score) - np.log1p(-np.array(score)),
            "probability": score,
        }
    )


def test_evaluation_puts_the_network_beside_its_baselines():
    label = [1, 0, 1, 0, 1, 0]
    predictions = {
        "network": table(label, [0.9, 0.1, 0.8, 0.2, 0.7, 0.3]),
        "gc": table(label, [0.5] * 6),
    }
    rows = evaluate(predictions, {"s1", "s3"}, resamples=50, seed=1)
    value = rows.set_index(["predictor", "metric"])["value"]
    assert value["network", "auroc"] == 1.0
    assert value["gc", "auroc"] == 0.5
    assert value["gc", "auroc_gain"] == 0.5
    assert value["network", "auroc_hard"] == 1.0
    assert ("network", "auroc_gain") not in value.index
    n = rows.set_index(["predictor", "metric"])["n"]
    assert n["network", "auroc_hard"] == 5  # three positives, two hard negatives


def test_long_curves_are_thinned_with_their_ends_kept():
    generator = np.random.default_rng(1)
    label = generator.integers(2, size=3000)
    points = curves({"network": table(label, generator.random(3000))})
    roc = points[points["curve"] == "roc"]
    assert len(roc) == 200
    assert roc[["x", "y"]].iloc[[0, -1]].values.tolist() == [[0, 0], [1, 1]]


def test_a_training_that_never_gives_a_number_is_an_error():
    # Steps of 1e30 make every logit infinite or not a number from the first epoch.
    settings = MODEL["training"] | {
        "learning_rate": 1e30,
        "monitor": "validation_loss",
        "patience": 2,
        "epochs": 9,
    }
    with pytest.raises(InputError, match=r"diverged.*\n.*\n.*lower learning_rate"):
        train(poly_a(40, 1), poly_a(20, 2), MODEL | {"training": settings}, seed=1)


def test_a_full_memory_of_a_gpu_says_what_to_do(monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("pytorch_lightning.Trainer.fit", full)
    model = MODEL | {"training": MODEL["training"] | {"batch_size": 16}}
    with pytest.raises(InputError, match=r"full with batches of 16\n") as caught:
        train(poly_a(40, 1), poly_a(20, 2), model, seed=1)
    assert "lower batch_size" in caught.value.remedy


def test_ranking_is_by_logit_where_probabilities_tie():
    # Both logits give a probability of 1 in nine digits; their order is right.
    label = [1, 0, 1, 0]
    rows = table(label, [0.5] * 4).assign(logit=[40.0, 30.0, 35.0, -40.0])
    rows["probability"] = [1.0, 1.0, 1.0, 0.0]
    value = evaluate({"network": rows}, set(), resamples=20, seed=1)
    assert value.set_index("metric")["value"]["auroc"] == 1.0


def test_validation_follows_the_network_to_its_device():
    # The meta device computes nothing, but refuses tensors of another device.
    network = build_model("eraslan2019", MODEL["settings"], 30, ["bound"]).to("meta")
    with pytest.raises(NotImplementedError, match="out of meta tensor"):
        predict_logits(network, poly_a(4, 1).index)
