"""Training: each option does what it says, and an interruption changes nothing."""

import copy
import logging
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from proofread.datasets.dataset import Dataset
from proofread.dna.encoding import encode, one_hot, reverse_strand
from proofread.errors import InputError
from proofread.models.channels_last import fast_network
from proofread.models.checkpoint import (
    build_model,
    load_model,
    predict_logits,
    save_model,
)
from proofread.models.device import expand
from proofread.training.batches import Batches, EpochSampler
from proofread.training.losses import class_weights, cross_entropy
from proofread.training.resume import NAME, identity_of, read_state, write_state
from proofread.training.train import (
    Training,
    batch_size,
    learning_rate,
    number_of_epochs,
    smoothed,
    train,
)
from training_settings import training_defaults

SCRIPTS = Path(__file__).resolve().parents[1] / "workflow" / "scripts"
SETTINGS = {"filters": 8, "filters2": 4, "width": 8, "width2": 3, "dropout": 0.2}
TRAINING = training_defaults() | {
    "epochs": 4,
    "patience": 4,
    "monitor": "validation_loss",
    "batch_size": 16,
    "learning_rate": 0.003,
}


def model(architecture="eraslan2019", settings=None, **training):
    return {
        "architecture": architecture,
        "settings": SETTINGS if settings is None else settings,
        "training": TRAINING | training,
    }


def made(index, label, target=None, length=None):
    n, width = index.shape
    return Dataset(
        index,
        np.full(n, width) if length is None else np.asarray(length),
        [f"s{row}" for row in range(n)],
        np.asarray(label, dtype=np.float32),
        target or [f"t{column}" for column in range(np.shape(label)[1])],
        [""] * n,
        [""] * n,
    )


def poly_a(n, seed, *, every=2):
    """Every second (or later) sequence is positive and has AAAAAAAA in its middle."""
    index = np.random.default_rng(seed).integers(0, 4, size=(n, 30)).astype(np.uint8)
    positive = np.arange(n) % every == every - 1
    index[positive, 11:19] = 0
    return made(index, positive[:, None])


def homopolymers(n, seed):
    """Three classes: a run of A, of C or of G in the middle."""
    index = np.random.default_rng(seed).integers(0, 4, size=(n, 30)).astype(np.uint8)
    kind = np.arange(n) % 3
    index[:, 11:19] = kind[:, None]
    return made(index, np.eye(3)[kind])


def weights_of(network):
    return [values.numpy().tobytes() for values in network.state_dict().values()]


# -- the recipe -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained():
    return train(poly_a(60, 1), poly_a(20, 2), model(), 3)


def recipe(layout):
    """Written out: seeds of weights, order and dropout, mean cross-entropy, Adam.

    Returns each epoch's loss and the network after it.
    """
    training = poly_a(60, 1)
    torch.manual_seed(3)
    plain = build_model("eraslan2019", SETTINGS, 30, training.target)
    forward = layout(plain)
    adam = torch.optim.Adam(plain.parameters(), lr=0.003)
    losses, networks = [], []
    for epoch in range(4):
        state = np.random.SeedSequence([3, epoch]).generate_state(1)[0]
        torch.manual_seed(int(state))
        order = np.random.default_rng([3, epoch]).permutation(60)
        total = 0.0
        for rows in np.split(order, range(16, 60, 16)):
            logits = forward(expand(torch.from_numpy(training.index[rows])))
            label = torch.from_numpy(training.label[rows])
            loss = nn.functional.binary_cross_entropy_with_logits(logits, label)
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += float(loss.detach()) * len(rows)
        losses.append(total / 60)
        networks.append(copy.deepcopy(plain))
    return losses, networks


def test_a_training_leaves_the_caller_s_random_numbers_as_they_were():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    train(poly_a(60, 1), poly_a(20, 2), model(epochs=1), 3)
    assert torch.equal(torch.rand(3), expected)


def test_the_defaults_are_the_recipe_to_the_last_bit(trained):
    network, history = trained
    losses, networks = recipe(fast_network)
    kept = networks[int(history.loc[history["best"] == 1, "epoch"].item())]
    assert weights_of(network) == weights_of(kept)
    assert history["train_loss"].tolist() == losses


def test_the_network_as_it_is_written_learns_the_same(trained):
    # eraslan2019 draws its dropout after flattening, so only last bits differ.
    losses, _ = recipe(lambda plain: plain)
    assert trained[1]["train_loss"].tolist() == pytest.approx(losses, rel=1e-3)


# -- the loss -------------------------------------------------------------------------


def test_balanced_weights_are_sklearn_s():
    # 1 positive of 4: n / (2 count) = 4 / 2 and 4 / 6. Half of them: 1 and 1.
    label = np.array([[1, 1], [0, 1], [0, 0], [0, 0]])
    negative, positive = class_weights(label)
    assert positive.tolist() == [2.0, 1.0]
    assert negative.tolist() == pytest.approx([2 / 3, 1.0])


def test_balanced_weights_of_exclusive_classes():
    # 2, 1 and 1 of 4 in three classes: 4 / 6, 4 / 3, 4 / 3.
    label = np.eye(3)[[0, 0, 1, 2]]
    weights = class_weights(label, exclusive=True)
    assert weights[1].tolist() == pytest.approx([2 / 3, 4 / 3, 4 / 3])


def test_a_weighted_loss_is_the_weighted_mean():
    # Logit 0 costs ln 2 either way: (3 + 1) / 2 x ln 2.
    weights = torch.tensor([[1.0], [3.0]])
    loss = cross_entropy(torch.zeros(2, 1), torch.tensor([[1.0], [0.0]]), weights)
    assert float(loss) == pytest.approx(2 * math.log(2))


def test_the_loss_of_exclusive_classes_is_the_softmax_s():
    units = torch.tensor([[2.0, 0.0, -1.0], [0.5, 0.5, 0.5]])
    network = build_model("eraslan2019", SETTINGS, 30, ["a", "b", "c"], exclusive=True)
    (hook,) = network._forward_hooks.values()
    logits = hook(network, (), units)
    # Three equal units: 1/3 each, and ln 3. The first row: softmax of 2, 0, -1.
    total = math.exp(2) + 1 + math.exp(-1)
    expected = [math.exp(2) / total, 1 / total, math.exp(-1) / total] + [1 / 3] * 3
    assert torch.sigmoid(logits).flatten().tolist() == pytest.approx(expected)
    label = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    loss = cross_entropy(logits, label, exclusive=True)
    assert float(loss) == pytest.approx((math.log(total) + math.log(3)) / 2)


def test_missing_labels_have_no_part_in_loss_and_weights():
    # Known are 1 at logit 0 and 0 at logit log 3: -log 1/2 and -log (1 - 3/4).
    logits = torch.tensor([[0.0, 7.0], [np.log(3), -7.0]])
    label = torch.tensor([[1.0, np.nan], [0.0, np.nan]])
    expected = (np.log(2) + np.log(4)) / 2
    assert float(cross_entropy(logits, label)) == pytest.approx(expected)
    assert float(cross_entropy(logits, torch.full((2, 2), np.nan))) == 0
    logits.requires_grad_()
    cross_entropy(logits, label).backward()
    assert logits.grad[:, 1].tolist() == [0, 0]
    # Of the second target three are known: 3 / (2 x 1) and 3 / (2 x 2).
    label = np.array([[1, 1], [0, 0], [1, np.nan], [0, 0]], dtype=np.float32)
    assert class_weights(label).tolist() == [[1, 0.75], [1, 1.5]]


def test_exclusive_classes_are_learned_saved_and_sum_to_one(tmp_path):
    training, validation = homopolymers(180, 1), homopolymers(60, 2)
    given = model(classes="exclusive", epochs=12, monitor="validation_auroc")
    network, history = train(training, validation, given, 1)
    # Lightning's switch is not left on.
    assert not torch.are_deterministic_algorithms_enabled()
    assert history["validation_auroc"].max() > 0.95
    save_model(tmp_path / "model.ckpt", network, "eraslan2019", SETTINGS)
    logits = predict_logits(load_model(tmp_path / "model.ckpt"), validation.index)
    assert torch.equal(logits, predict_logits(network, validation.index))
    total = torch.sigmoid(logits).sum(dim=1)
    assert torch.allclose(total, torch.ones(60), atol=1e-5)


def test_several_targets_that_do_not_exclude_each_other_are_learned():
    index = np.random.default_rng(1).integers(0, 4, size=(240, 30)).astype(np.uint8)
    label = np.stack([np.arange(240) % 2, np.arange(240) // 2 % 2], axis=1)
    index[label[:, 0] == 1, 3:11] = 0
    index[label[:, 1] == 1, 18:26] = 2
    whole = made(index, label)
    _, history = train(
        whole.subset(np.arange(180)),
        whole.subset(np.arange(180, 240)),
        model(epochs=12, monitor="validation_auroc"),
        1,
    )
    assert history["validation_auroc"].max() > 0.95


def test_balanced_weights_raise_what_is_predicted_for_the_rare_class():
    # With 1 positive of 10 and too few steps to learn more than the share, a network
    # predicts the share: 0.1 or, balanced, about 0.5.
    training, validation = poly_a(200, 1, every=10), poly_a(50, 2, every=10)
    mean = {}
    for weights in ("none", "balanced"):
        # At 0.0005, the convolutions hardly move within these steps.
        given = model(class_weights=weights, epochs=40, patience=40, learning_rate=5e-4)
        network, _ = train(training, validation, given, 1)
        logits = predict_logits(network, validation.index[validation.label[:, 0] == 0])
        mean[weights] = float(torch.sigmoid(logits).mean())
    assert mean["none"] < mean["balanced"]


# -- what is drawn --------------------------------------------------------------------


def test_the_other_strand_keeps_its_padding_at_the_end():
    # AACGT -> ACGTT; ACG and two of padding -> CGT and two of padding.
    index = np.stack([encode("AACGT"), encode("ACGNN")])
    turned = reverse_strand(index, [5, 3])
    assert turned.tolist() == [encode("ACGTT").tolist(), encode("CGTNN").tolist()]


def test_a_row_beyond_the_last_is_the_other_strand():
    dataset = made(np.stack([encode("AACG"), encode("TTTT")]), [[0], [1]])
    index, label = Batches(dataset).__getitems__([1, 2, 3])
    assert [row.tolist() for row in index] == [
        encode("TTTT").tolist(),
        encode("CGTT").tolist(),
        encode("AAAA").tolist(),
    ]
    assert label.tolist() == [[1], [0], [1]]
    assert dataset.index[0].tolist() == encode("AACG").tolist()  # left as it was


def test_strands_are_a_coin_toss_of_the_seed_and_the_epoch():
    label = np.zeros((1000, 1))
    plain = EpochSampler(label, False, 1)
    tossed = EpochSampler(label, False, 1, reverse_complement=True)
    first = np.array(list(tossed))
    # The same order, of which about half (+-4 x 15.8) is turned.
    assert (first % 1000).tolist() == list(plain)
    assert 437 < np.sum(first >= 1000) < 563
    assert first.tolist() == list(tossed)
    tossed.set_epoch(1)
    second = np.array(list(tossed))
    assert set(second[second >= 1000]) != set(first[first >= 1000])


def test_a_strand_the_training_never_saw_is_learned_from_the_other():
    # Positives have AAAAAAAA in training; in validation it stands on the other strand.
    training, forward = poly_a(200, 1), poly_a(80, 2)
    validation = made(reverse_strand(forward.index, forward.length), forward.label)
    best = {}
    for turned in (False, True):
        given = model(reverse_complement=turned, epochs=12, patience=12)
        _, history = train(training, validation, given, 1)
        best[turned] = history.loc[history["best"] == 1, "validation_auroc"].item()
    assert best[True] > 0.95 > best[False]


def test_one_hot_on_the_device_is_the_same():
    index = np.array([[0, 1, 2, 3, 4], [4, 3, 3, 0, 1]], dtype=np.uint8)
    assert torch.equal(
        expand(torch.from_numpy(index)), torch.from_numpy(one_hot(index))
    )


def test_a_single_sequence_is_not_left_over_for_a_normalisation():
    # 33 = 2 x 16 + 1: BatchNorm1d refuses a batch of one.
    small = {"filters": 4, "filters2": 4, "pool": 10, "width": 5, "dense": 4}
    given = model("koo_local", small, epochs=2)
    _, history = train(poly_a(33, 1), poly_a(20, 2), given, 1)
    assert len(history) == 2


# -- the learning rate ----------------------------------------------------------------


def test_the_learning_rate_warms_up_linearly():
    settings = TRAINING | {"learning_rate": 0.4, "warmup_epochs": 0.5}
    rates = [learning_rate(settings, step, 8, 0) for step in range(6)]
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.4, 0.4])


def test_a_cosine_begins_at_the_rate_halves_in_the_middle_and_ends_near_zero():
    settings = TRAINING | {"learning_rate": 0.4, "schedule": "cosine", "epochs": 10}
    rates = [learning_rate(settings, step, 10, 0) for step in (0, 50, 99)]
    assert rates[:2] == pytest.approx([0.4, 0.2])
    assert rates[2] == pytest.approx(0.2 * (1 + math.cos(math.pi * 0.99)))


def test_a_cosine_begins_after_the_warm_up():
    settings = TRAINING | {
        "learning_rate": 0.4,
        "schedule": "cosine",
        "epochs": 10,
        "warmup_epochs": 2,
    }
    rates = [learning_rate(settings, step, 1, 0) for step in (0, 1, 2, 6)]
    assert rates == pytest.approx([0.2, 0.4, 0.4, 0.2])


def test_a_plateau_lowers_the_rate_until_patience_ends():
    # A rate of 1e-30 changes nothing: no epoch after the first is an improvement.
    given = model(
        schedule="plateau",
        plateau_patience=2,
        plateau_factor=0.1,
        patience=5,
        epochs=50,
        learning_rate=1e-30,
    )
    _, history = train(poly_a(40, 1), poly_a(20, 2), given, 1)
    # Epochs 1 and 2 wait, 3 and 4 at a tenth, 5 at a hundredth; then patience ends.
    expected = [1e-30, 1e-30, 1e-30, 1e-31, 1e-31, 1e-32]
    assert history["learning_rate"].tolist() == pytest.approx(expected, rel=1e-9, abs=0)


def test_a_rate_is_not_lowered_below_the_least():
    settings = TRAINING | {
        "learning_rate": 0.4,
        "schedule": "plateau",
        "plateau_factor": 0.1,
        "min_learning_rate": 0.01,
    }
    rates = [learning_rate(settings, 0, 1, drops) for drops in range(4)]
    assert rates == pytest.approx([0.4, 0.04, 0.01, 0.01])


def judged(values, **settings):
    """The epochs at whose end the rate was lowered, and the one that was kept."""
    given = {"schedule": "plateau", "monitor": "validation_auroc", "smoothing": 0}
    given = TRAINING | given | {"patience": 99, **settings}
    module = Training(nn.Linear(1, 1), None, given, 1, 1)
    lowered = []
    for epoch, value in enumerate(values):
        module.first_epoch, before = epoch, module.drops
        module._judge({"validation_auroc": value})
        lowered += [epoch] * (module.drops - before)
    return lowered, module.best_epoch


def test_a_small_improvement_is_kept_and_ends_no_plateau():
    # As in Keras's ReduceLROnPlateau, epochs are compared with the last improvement by
    # more than 0.1: 0.55 and 0.6 are none beside 0.5, 0.65 is one.
    values = [0.5, 0.55, 0.6, 0.65, 0.66, 0.67]
    options = {"plateau_patience": 2, "plateau_min_change": 0.1}
    assert judged(values, **options) == ([2, 5], 5)
    assert judged(values, plateau_patience=2) == ([], 5)
    # And with the last drop: 0.5 at epoch 0, drops at 2 and 4.
    assert judged([0.5, 0.5, 0.5, 0.5, 0.5], plateau_patience=2) == ([2, 4], 0)


def test_the_penalty_is_on_weights_alone():
    network = build_model("koo_cnn", {"dense": 4}, 60, ["bound"])
    module = Training(network, None, TRAINING | {"weight_decay": 0.5}, 1, 1)
    decays = {
        id(values): group["weight_decay"]
        for group in module.configure_optimizers().param_groups
        for values in group["params"]
    }
    result = {
        name for name, values in network.named_parameters() if decays[id(values)] == 0.5
    }
    assert result == {
        "features.convolution1.weight",
        "head.dense.weight",
        "head.output.weight",
    }
    assert set(decays.values()) == {0, 0.5}


def test_gradients_are_clipped():
    # Adam's step does not depend on the gradient's length, unless it is so short that
    # the 1e-8 in its denominator counts: then nearly nothing moves.
    torch.manual_seed(1)
    start = build_model("eraslan2019", SETTINGS, 30, ["t0"])
    moved = {}
    for limit in (0, 1e-12):
        given = model(gradient_clip=limit, epochs=1)
        network, _ = train(poly_a(40, 1), poly_a(20, 2), given, 1)
        moved[limit] = float(
            (network.linear.weight - start.linear.weight).abs().max().detach()
        )
    assert moved[1e-12] < 1e-5 < 1e-3 < moved[0]


def test_half_precision_learns_and_predicts_in_32_bits():
    given = model(precision="bf16-mixed", epochs=12, patience=12)
    network, history = train(poly_a(200, 1), poly_a(60, 2), given, 3)
    assert history["validation_auroc"].max() > 0.95
    assert predict_logits(network, poly_a(4, 1).index).dtype == torch.float32


# -- the size of a batch --------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "expected"), [(10, 10), (700, 16), (4096, 64), (40_413, 128)]
)
def test_an_automatic_batch_is_a_64th_within_bounds(n, expected):
    assert batch_size({"batch_size": "auto"}, n) == expected
    assert batch_size({"batch_size": 100}, n) == 100


# 400,000 / 40,000 is 10, and 400,000 / 60,000 is 6.7.
@pytest.mark.parametrize(
    ("n", "expected"), [(500, 15), (40_000, 10), (60_000, 7), (1_000_000, 5)]
)
def test_automatic_epochs_see_as_many_sequences_within_bounds(n, expected):
    assert number_of_epochs({"epochs": "auto"}, n) == expected
    assert number_of_epochs({"epochs": 3}, n) == 3


def test_a_training_has_its_automatic_epochs():
    given = model(epochs="auto", patience=15, schedule="cosine")
    _, history = train(poly_a(40, 1), poly_a(20, 2), given, 1)
    assert len(history) == 15
    # The last of 15 times 3 steps, of 40 sequences in batches of 16.
    last = TRAINING["learning_rate"] * (1 + math.cos(math.pi * 44 / 45)) / 2
    assert history["learning_rate"].iloc[-1] == pytest.approx(last)


# -- the best epoch -------------------------------------------------------------------


def test_a_smoothed_value_is_a_moving_average():
    # 0.25 of 0.8 and 0.75 of 0.4.
    assert smoothed(0.4, None, 0.25) == 0.4
    assert smoothed(0.4, 0.8, 0.25) == pytest.approx(0.5)
    assert smoothed(0.4, 0.8, 0) == 0.4


def test_a_diverged_epoch_does_not_spoil_those_after_it():
    assert smoothed(0.4, math.nan, 0.25) == 0.4
    assert math.isnan(smoothed(math.nan, 0.4, 0.25))


def test_the_best_epoch_is_that_of_the_smoothed_loss():
    settings = {"epochs": 8, "patience": 8, "learning_rate": 0.03, "smoothing": 0.8}
    _, history = train(poly_a(60, 1), poly_a(20, 2), model(**settings), 3)
    average, averages = None, []
    for loss in history["validation_loss"]:
        average = loss if average is None else 0.8 * average + 0.2 * loss
        averages.append(average)
    assert history["best"].to_numpy().argmax() == np.argmin(averages)


# -- the fast layout ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "settings", "length"),
    [
        ("eraslan2019", {}, 100),
        ("basset", {"filters": 8, "filters2": 6, "filters3": 4, "dense": 10}, 200),
        ("deepg_cnn_lstm", {}, 50),
        ("koo_local", {"activation": "exponential"}, 200),
        ("koo_dist", {}, 200),
        ("koo_cnn2", {"dense": 16}, 200),
        ("residual_dilated", {"filters": 6}, 100),
        ("conv_attention", {"filters": 8}, 100),
    ],
)
def test_the_fast_layout_is_the_same_network(name, settings, length):
    torch.manual_seed(1)
    plain = build_model(name, settings, length, ["a", "b"], exclusive=True).double()
    for module in plain.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0  # drawn in another order in memory
    other = copy.deepcopy(plain)
    fast = fast_network(other)
    assert fast is not other
    index = np.random.default_rng(1).integers(0, 5, (6, length)).astype(np.uint8)
    sequences = torch.from_numpy(one_hot(index)).double()
    expected, result = plain(sequences), fast(sequences)
    assert torch.allclose(result, expected, rtol=0, atol=1e-12)
    expected.square().sum().backward()
    result.square().sum().backward()
    for one, two in zip(plain.parameters(), other.parameters(), strict=True):
        assert one.grad is None or torch.allclose(one.grad, two.grad, atol=1e-9)
    # Statistics of normalisations are shared, and so is the mode.
    for key, values in plain.state_dict().items():
        assert torch.allclose(values, other.state_dict()[key], atol=1e-12)
    plain.eval(), other.eval()
    assert torch.allclose(fast(sequences), plain(sequences), rtol=0, atol=1e-12)


def test_fast_dropout_keeps_the_fraction_and_the_mean():
    network = nn.Sequential(nn.Conv1d(4, 4, 1, bias=False), nn.Dropout(0.3))
    nn.init.dirac_(network[0].weight)
    fast = fast_network(network)
    ones = torch.ones(50, 4, 101, requires_grad=True)
    torch.manual_seed(1)
    result = fast(ones)
    # round(0.3 * 65,536) = 19,661 of 65,536 are dropped.
    scale = 65536 / (65536 - 19661)
    assert result.detach().unique().tolist() == [0.0, pytest.approx(scale)]
    kept = (result > 0).double()
    # 20,200 draws: five standard deviations of the mean are 0.016; of each base, 0.032.
    assert kept.mean().item() == pytest.approx(0.7, abs=0.016)
    assert kept.mean((0, 2)).tolist() == pytest.approx([0.7] * 4, abs=0.033)
    # Neighbours are independent: both kept at a rate of .49, whichever way they lie.
    for one, other in (
        (kept[:, :, 1:], kept[:, :, :-1]),
        (kept[:, 1:], kept[:, :-1]),
        (kept[1:], kept[:-1]),
    ):
        assert (one * other).mean().item() == pytest.approx(0.49, abs=0.02)
    result.sum().backward()
    assert torch.equal(ones.grad, result.detach())
    torch.manual_seed(1)
    assert torch.equal(fast(ones), result)
    assert not torch.equal(fast(ones), result)
    network.eval()
    assert torch.equal(fast(ones), ones)


@pytest.mark.parametrize(
    ("fraction", "expected"), [(0.0, 1.0), (1e-6, 1.0), (1.0, 0.0)]
)
def test_fast_dropout_of_next_to_nothing_and_of_all(fraction, expected):
    network = nn.Sequential(nn.Conv1d(4, 4, 1, bias=False), nn.Dropout(fraction))
    nn.init.dirac_(network[0].weight)
    torch.manual_seed(1)
    result = fast_network(network)(torch.ones(2, 4, 5))
    assert result.flatten().tolist() == pytest.approx([expected] * 40, rel=1e-5)


def test_residual_sums_stay_in_the_fast_layout():
    network = build_model("residual_dilated", {"filters": 4}, 60, ["a"])
    fast = fast_network(network).fast
    nodes = [node for node in fast.graph.nodes if node.op == "call_module"]
    kinds = [type(fast.get_submodule(node.target)) for node in nodes]
    assert len(kinds) > 13 and nn.Conv1d not in kinds


def test_attention_trains_to_the_same_bytes():
    given = model("conv_attention", {"filters": 8, "width": 7, "dense": 4}, epochs=2)
    one, other = (train(poly_a(40, 1), poly_a(20, 2), given, 1) for _ in range(2))
    assert weights_of(one[0]) == weights_of(other[0])


@pytest.mark.parametrize(
    "convolution",
    [
        nn.Conv1d(4, 20, 5),
        nn.Conv1d(20, 3, 5, padding=2),
        nn.Conv1d(20, 3, 5, padding=4, bias=False),
        nn.Conv1d(20, 3, 3, padding=7),
        nn.Conv1d(20, 3, 4, padding="same"),
        nn.Conv1d(20, 3, 5, padding="same", dilation=2),
        nn.Conv1d(20, 4, 5, stride=2, groups=4),
    ],
)
def test_gradients_of_a_convolution_are_those_of_pytorch(convolution):
    convolution = convolution.double()
    fast = fast_network(nn.Sequential(convolution))
    channels = convolution.in_channels
    read = torch.rand(3, channels, 30, dtype=torch.double, requires_grad=True)
    factor = torch.rand_like(convolution(read))
    wanted = [read, *convolution.parameters()]
    expected = torch.autograd.grad((convolution(read) * factor).sum(), wanted)
    result = torch.autograd.grad((fast(read) * factor).sum(), wanted)
    for one, other in zip(result, expected, strict=True):
        assert torch.allclose(one, other, rtol=0, atol=1e-12)


class Deciding(nn.Module):
    """A forward pass that depends on values: it cannot be laid out anew."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv1d(4, 2, 3)

    def forward(self, one_hot):
        hidden = self.convolution(one_hot)
        return hidden.amax(2) if hidden.sum() > 0 else hidden.amin(2)


def test_a_network_that_cannot_be_followed_is_run_as_it_is():
    network = Deciding()
    assert fast_network(network) is network


class Mixed(nn.Module):
    """A known beginning, an unknown function, a branch that sees the input itself."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv1d(4, 3, 5, stride=2, padding=2, dilation=2)
        self.activation = nn.ReLU()
        self.pool = nn.MaxPool1d(3, stride=2, padding=1)

    def forward(self, one_hot):
        hidden = self.activation(self.convolution(one_hot))
        pooled = self.pool(hidden)
        return torch.cumsum(pooled, dim=2)[:, :2, -1] + one_hot.mean((1, 2))[:, None]


def test_known_and_unknown_operations_mix():
    network = Mixed().double()
    fast = fast_network(network)
    assert fast is not network
    sequences = torch.rand(3, 4, 40).double()
    assert torch.allclose(fast(sequences), network(sequences), rtol=0, atol=1e-12)


# -- interruptions --------------------------------------------------------------------

KILLED = """
import os, sys
sys.path[:0] = [{scripts!r}, {tests!r}]
import test_training
from proofread.training.train import Training

step = Training.training_step
def dying(self, batch, number):
    if self.epoch == 2 and number == 1:
        os._exit(9)
    return step(self, batch, number)
Training.training_step = dying
test_training.interruptible({unfinished!r})
"""


def interruptible(unfinished):
    """A training with all that has a state: draws, dropout, Adam, plateaus."""
    torch.set_num_threads(1)  # as every job does: another number sums in another order
    given = model(
        epochs=5,
        patience=5,
        reverse_complement=True,
        schedule="plateau",
        plateau_patience=1,
        warmup_epochs=1.5,
        class_weights="balanced",
    )
    return train(poly_a(60, 1), poly_a(20, 2), given, 3, unfinished=unfinished)


def test_a_training_killed_in_the_middle_ends_with_the_same_bytes(tmp_path, caplog):
    unfinished = tmp_path / NAME
    code = KILLED.format(
        scripts=str(SCRIPTS),
        tests=str(Path(__file__).parent),
        unfinished=str(unfinished),
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    assert len(torch.load(unfinished, weights_only=True)["history"]) == 2
    with caplog.at_level(logging.INFO, "proofread"):
        logging.getLogger("proofread").propagate = True
        resumed, history = interruptible(unfinished)
    assert "resuming after epoch 2" in caplog.text
    whole, expected = interruptible(None)
    pd.testing.assert_frame_equal(history, expected, check_exact=True)
    for name, network in (("a/model.ckpt", resumed), ("b/model.ckpt", whole)):
        save_model(tmp_path / name, network, "eraslan2019", SETTINGS)
    first, second = (tmp_path / item / "model.ckpt" for item in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert not list(tmp_path.glob("*unfinished*")) + list(tmp_path.glob(".*"))


def test_a_training_killed_after_its_last_epoch_is_not_run_again(tmp_path, monkeypatch):
    unfinished = tmp_path / NAME
    monkeypatch.setattr("proofread.training.train.remove_state", lambda path: None)
    expected, _ = interruptible(unfinished)
    monkeypatch.setattr("proofread.training.train.Training.training_step", None)
    again, history = interruptible(unfinished)
    assert weights_of(again) == weights_of(expected)
    assert len(history) == 5


def test_the_state_of_another_training_is_left_aside(tmp_path):
    data = poly_a(40, 1), poly_a(20, 2)
    identity = identity_of(*data, model(), 1, "cpu")
    assert identity_of(*data, model(), 1, "cpu") == identity
    others = [
        identity_of(*data, model(epochs=9), 1, "cpu"),
        identity_of(*data, model(), 2, "cpu"),
        identity_of(poly_a(40, 3), data[1], model(), 1, "cpu"),
        identity_of(*data, model(), 1, "cpu", "other code"),
    ]
    assert identity not in others
    write_state(tmp_path / NAME, identity, {"history": []})
    assert read_state(tmp_path / NAME, identity)["history"] == []
    assert read_state(tmp_path / NAME, others[0]) is None


def test_a_damaged_state_is_left_aside(tmp_path):
    (tmp_path / NAME).write_bytes(b"half of a fi")
    assert read_state(tmp_path / NAME, "any") is None
    assert read_state(tmp_path / "absent", "any") is None


# -- mistakes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("training", "validation", "given", "message"),
    [
        (
            poly_a(10, 1),
            poly_a(4, 2),
            model(),
            "batch_size: 16, above the 10 training sequences",
        ),
        (
            poly_a(40, 1),
            poly_a(4, 2),
            model(classes="exclusive"),
            "exclusive, with the only target 't0'",
        ),
        (
            made(np.zeros((16, 30), np.uint8), [[1, 1], [0, 1]] * 8),
            made(np.zeros((2, 30), np.uint8), [[1, 0], [0, 1]]),
            model(classes="exclusive"),
            "exclusive, but 's0' of the training split has 2 of the 2 classes",
        ),
        (
            homopolymers(18, 1),
            made(np.zeros((2, 30), np.uint8), [[1, 0, 0], [0, 0, 0]]),
            model(classes="exclusive"),
            "'s1' of the validation split has 0 of the 3 classes",
        ),
        (
            made(np.zeros((16, 30), np.uint8), [[1.0]] * 16),
            poly_a(4, 2),
            model(class_weights="balanced"),
            "a target with only one class in the training split",
        ),
        (
            made(np.zeros((16, 30), np.uint8), [[0, 1], [1, np.nan]] * 8),
            made(np.zeros((2, 30), np.uint8), [[1, 0], [0, 1]]),
            model(classes="exclusive"),
            "exclusive, but 's1' of the training split has a missing label, of 't1'",
        ),
        (
            # 10 positives, 10 negatives and 80 missing labels of the first target.
            made(
                np.zeros((100, 30), np.uint8),
                [[1, 0]] * 10 + [[0, 1]] * 10 + [[np.nan, 1]] * 80,
            ),
            made(np.zeros((2, 30), np.uint8), [[1, 0], [0, 1]]),
            model(sampler="weighted"),
            "weighted, with 2 targets that are independent",
        ),
    ],
    ids=[
        "batch",
        "one target",
        "two classes",
        "no class",
        "one class",
        "a missing class",
        "weighted",
    ],
)
def test_settings_that_do_not_suit_the_data(training, validation, given, message):
    with pytest.raises(InputError, match=message):
        train(training, validation, given, 1)


def test_a_checkpoint_of_another_shape_is_refused(tmp_path):
    network = build_model("koo_cnn2", {"dense": 8}, 100, ["a"])
    save_model(tmp_path / "model.ckpt", network, "koo_cnn2", {"dense": 16})
    with pytest.raises(InputError, match="not readable as a model"):
        load_model(tmp_path / "model.ckpt")


@pytest.mark.parametrize("name", ["convolution", "activation", "pool"])
def test_hooks_on_layers_count_in_the_fast_layout(name):
    network, shapes = Mixed().double(), []

    def double(_, __, output):
        shapes.append(output.shape)
        return 2 * output

    getattr(network, name).register_forward_hook(double)
    sequences = torch.rand(3, 4, 40).double()
    result = fast_network(network)(sequences)
    assert torch.allclose(result, network(sequences), rtol=0, atol=1e-12)
    # The hook was called at its place, with values as the layer has them.
    assert shapes[0] == shapes[1]


def test_hooks_that_cannot_be_followed_leave_the_network_as_it_is():
    network = Mixed()
    network.register_forward_pre_hook(lambda _, given: given)
    assert fast_network(network) is network
    inner = nn.Sequential(nn.Sequential(nn.Conv1d(4, 2, 3), nn.ReLU()), nn.Flatten())
    assert fast_network(inner) is not inner
    inner[0].register_forward_hook(lambda *of_layer: 2 * of_layer[2])
    assert fast_network(inner) is inner
