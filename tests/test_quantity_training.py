"""Training on quantities: losses, scales, and predictions in the user's units."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from proofread.api.explain import predict
from proofread.datasets.dataset import Dataset, write_dataset, write_splits
from proofread.dna.encoding import encode, one_hot
from proofread.errors import InputError
from proofread.models.channels_last import fast_network
from proofread.models.checkpoint import (
    build_model,
    known_architectures,
    load_model,
    load_predictor,
    predict_logits,
    save_model,
)
from proofread.models.device import expand
from proofread.models.local_edits import EditedLogits
from proofread.models.output_scale import OutputScale, fit_scale, restored, set_scale
from proofread.models.predictor import predictor_of
from proofread.models.user_model import (
    build_user_model,
    load_user_model,
    save_user_model,
)
from proofread.statistics.quantities import r2
from proofread.statistics.transforms import Transform, fit_transform
from proofread.training.controls import untrained, with_shuffled_labels
from proofread.training.losses import quantity_loss, quantity_metrics
from proofread.training.resume import NAME, identity_of
from proofread.training.train import train
from train import make_network
from training_settings import training_defaults

SETTINGS = {"filters": 8, "filters2": 4, "width": 8, "width2": 3, "dropout": 0.2}
TRAINING = training_defaults() | {
    "epochs": 4,
    "patience": 4,
    "batch_size": 16,
    "learning_rate": 0.003,
}
NAN = np.nan


def model(architecture="eraslan2019", settings=None, **training):
    return {
        "architecture": architecture,
        "settings": SETTINGS if settings is None else settings,
        "training": TRAINING | training,
    }


def made(index, label, transform="none"):
    label = np.asarray(label, dtype=np.float32)
    n, width = index.shape
    return Dataset(
        index,
        np.full(n, width),
        [f"s{row}" for row in range(n)],
        label,
        [f"t{column}" for column in range(label.shape[1])],
        [""] * n,
        [""] * n,
        settings={"target_type": "quantitative", "transform": transform},
    )


def counts_of_a(n, seed, transform="none", targets=1):
    """The first value is the number of A of 30 bases; others are multiples of it."""
    index = np.random.default_rng(seed).integers(0, 4, size=(n, 30)).astype(np.uint8)
    label = (index == 0).sum(axis=1)[:, None] * 10.0 ** np.arange(targets)
    return made(index, label, transform)


def weights_of(network):
    return [values.numpy().tobytes() for values in network.state_dict().values()]


# -- the loss -------------------------------------------------------------------------


def loss_of(outputs, values, loss):
    return float(quantity_loss(torch.tensor(outputs), torch.tensor(values), loss))


def test_the_losses_by_hand():
    outputs, values = [[0.0], [3.0]], [[0.5], [1.0]]
    # Differences 1/2 and 2: squares 1/4 and 4.
    assert loss_of(outputs, values, "mse") == pytest.approx((0.25 + 4) / 2)
    # Delta 1: (1/2)² / 2, and 1 (2 - 1/2).
    assert loss_of(outputs, values, "huber") == pytest.approx((0.125 + 1.5) / 2)
    # exp(0) - 0.5 x 0 and exp(3) - 1 x 3.
    expected = (1 + np.exp(3) - 3) / 2
    assert loss_of(outputs, values, "poisson") == pytest.approx(expected)


def test_delta_is_where_huber_becomes_a_straight_line():
    # Difference 2: up to 2 it is 2² / 2; with delta 0.5 it is 0.5 (2 - 0.25).
    outputs, values = torch.tensor([[2.0]]), torch.tensor([[0.0]])
    for delta, expected in ((2.0, 2.0), (0.5, 0.875)):
        loss = quantity_loss(outputs, values, "huber", delta=delta)
        assert float(loss) == pytest.approx(expected)


@pytest.mark.parametrize("loss", ["mse", "huber", "poisson"])
def test_missing_values_have_no_part_in_the_loss(loss):
    known = loss_of([[0.0], [3.0]], [[0.5], [1.0]], loss)
    # 800 would be infinite under the exponential.
    outputs = torch.tensor([[0.0, 800.0], [7.0, 3.0]], requires_grad=True)
    values = torch.tensor([[0.5, NAN], [NAN, 1.0]])
    result = quantity_loss(outputs, values, loss)
    assert float(result.detach()) == pytest.approx(known)
    result.backward()
    assert outputs.grad[0, 1] == outputs.grad[1, 0] == 0
    assert torch.isfinite(outputs.grad).all()
    nothing = quantity_loss(outputs.detach(), torch.full((2, 2), NAN), loss)
    assert float(nothing) == 0


def test_poisson_is_the_likelihood_of_counts():
    # The same as the negative logarithm of the Poisson probability, but for ln y!.
    from scipy import stats

    counts, log_rates = np.array([0.0, 2, 5]), np.array([-1.0, 0.5, 1.7])
    expected = -stats.poisson.logpmf(counts, np.exp(log_rates)) - [0, np.log(2), 0]
    expected[2] -= np.log(120)
    for count, rate, value in zip(counts, log_rates, expected, strict=True):
        assert loss_of([[rate]], [[count]], "poisson") == pytest.approx(value)


# -- the recipe -----------------------------------------------------------------------


def values_with_gaps(n, seed, transform="none"):
    dataset = counts_of_a(n, seed, transform, targets=2)
    dataset.label[::5, 1] = NAN
    return dataset


@pytest.fixture(scope="module")
def trained():
    return train(values_with_gaps(60, 1), values_with_gaps(20, 2), model(), 3)


def recipe(layout):
    """Written out: seeds of weights, order and dropout, masked mean square, Adam."""
    training = values_with_gaps(60, 1)
    torch.manual_seed(3)
    plain = build_model("eraslan2019", SETTINGS, 30, training.target)
    forward = layout(plain)
    adam = torch.optim.Adam(plain.parameters(), lr=0.003)
    losses, networks = [], []
    for epoch in range(4):
        torch.manual_seed(int(np.random.SeedSequence([3, epoch]).generate_state(1)[0]))
        order = np.random.default_rng([3, epoch]).permutation(60)
        total = known = 0
        for rows in np.split(order, range(16, 60, 16)):
            outputs = forward(expand(torch.from_numpy(training.index[rows])))
            label = torch.from_numpy(training.label[rows])
            there = ~label.isnan()
            loss = (outputs[there] - label[there]).square().mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += float(loss.detach()) * int(there.sum())
            known += int(there.sum())
        losses.append(total / known)
        networks.append(copy.deepcopy(plain))
    return losses, networks


def test_the_fast_path_trains_as_written_out(trained):
    network, history = trained
    losses, networks = recipe(fast_network)
    kept = networks[int(history.loc[history["best"] == 1, "epoch"].item())]
    assert history["train_loss"].tolist() == pytest.approx(losses, rel=1e-5)
    for values, expected in zip(
        network.state_dict().values(), kept.state_dict().values(), strict=True
    ):
        assert torch.allclose(values, expected, rtol=1e-4, atol=1e-6)


def test_the_network_as_it_is_written_learns_the_same(trained):
    losses, _ = recipe(lambda plain: plain)
    assert trained[1]["train_loss"].tolist() == pytest.approx(losses, rel=1e-3)


def test_the_kept_epoch_has_the_highest_correlation(trained):
    _, history = trained
    assert list(history.columns) == [
        *("epoch", "train_loss", "validation_loss"),
        *("validation_pearson", "validation_spearman", "learning_rate", "best"),
    ]
    best = history[history["best"] == 1]
    assert best["validation_pearson"].item() == history["validation_pearson"].max()


def test_the_metrics_of_the_validation_by_hand():
    # One target is predicted as 1, 2, 3 for 1, 3, 2: r = 1/2, squares 0, 1, 1. The
    # other has one known value, 5 for 4, and so no correlation.
    class Fixed(torch.nn.Module):
        targets = ("a", "b")

        def forward(self, one_hot):
            self.weight = None
            return torch.tensor([[1.0, 9], [2, 5], [3, 9]])[: len(one_hot)]

    validation = made(np.zeros((3, 5), np.uint8), [[1, NAN], [3, 4], [2, NAN]], "none")
    network = Fixed()
    network.weights = torch.nn.Parameter(torch.zeros(1))
    scale = OutputScale("mse", Transform("none", [{}, {}]), [0.0, 0.0])
    metrics = quantity_metrics(
        network, validation, scale, {"loss": "mse", "huber_delta": 1}
    )
    assert metrics["validation_loss"] == pytest.approx((0 + 1 + 1 + 1) / 4)
    assert metrics["validation_pearson"] == pytest.approx(0.5)
    assert metrics["validation_spearman"] == pytest.approx(0.5)


def test_an_interrupted_training_ends_with_the_same_bytes(tmp_path, monkeypatch):
    training, validation = (
        values_with_gaps(60, seed, "standardize") for seed in (1, 2)
    )
    whole, history = train(training, validation, model(), 3)
    from proofread.training import train as module

    def interrupted(path, identity, state, write=module.write_state):
        write(path, identity, state)
        if len(state["history"]) == 2:
            raise KeyboardInterrupt

    path = tmp_path / NAME
    with monkeypatch.context() as patch:
        patch.setattr(module, "write_state", interrupted)
        with pytest.raises((KeyboardInterrupt, SystemExit)):
            train(training, validation, model(), 3, unfinished=path)
    assert path.exists()
    resumed, again = train(training, validation, model(), 3, unfinished=path)
    assert weights_of(resumed) == weights_of(whole)
    assert again.equals(history)
    assert not path.exists()


def test_another_transform_is_another_training():
    one, other = counts_of_a(20, 1), counts_of_a(20, 1, "standardize")
    digests = {
        identity_of(dataset, dataset, model(), 3, "cpu") for dataset in (one, other)
    }
    assert len(digests) == 2


# -- the scale ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transform", "loss", "unit"),
    [
        ("standardize", "huber", "user"),
        ("log1p", "mse", "log1p"),
        ("rank_normal", "mse", "rank_normal"),
        ("none", "poisson", "log rate"),
    ],
)
def test_a_count_of_bases_is_learned_and_predicted_in_its_own_unit(
    transform, loss, unit, tmp_path
):
    training, validation, test = (
        counts_of_a(n, seed, transform) for n, seed in ((300, 1), (60, 2), (200, 3))
    )
    # It averages over positions, so that it can count.
    name = "residual_dilated"
    counts = {"filters": 8, "width": 1, "pool": 1, "layers": 1}
    settings = {"epochs": 12, "patience": 12, "learning_rate": 0.03, "loss": loss}
    given = model(name, counts, monitor="validation_loss", **settings)
    network, history = train(training, validation, given, 1)
    save_model(tmp_path / "model.ckpt", network, name, counts)
    predictor = load_predictor(tmp_path / "model.ckpt")
    predicted = predictor.predict(test.index)
    assert predicted.dtype == np.float32
    assert r2(test.label[:, 0], predicted[:, 0]) > 0.8
    assert (
        predictor.output_unit == load_model(tmp_path / "model.ckpt").output_unit == unit
    )
    # As it was trained, so it is stored.
    assert np.array_equal(predictor_of(network).predict(test.index), predicted)
    outputs = predictor.outputs(test.index)
    back = {
        "user": lambda x: x,
        "log1p": np.expm1,
        "log rate": np.exp,
        "rank_normal": fit_transform("rank_normal", training.label, ["t"]).undo,
    }[unit]
    np.testing.assert_allclose(predicted, back(outputs.astype(float)), rtol=1e-5)
    # The kept epoch's correlation is that of the predictions in the user's units.
    of_validation = predictor.predict(validation.index)[:, 0]
    expected = np.corrcoef(validation.label[:, 0], of_validation)[0, 1]
    kept = history.loc[history["best"] == 1, "validation_pearson"].item()
    assert kept == pytest.approx(expected, abs=1e-5)


class CountA(torch.nn.Module):
    """Two outputs: the number of A, and of C."""

    length, targets = 6, ("a", "c")

    def __init__(self):
        super().__init__()
        self.one = torch.nn.Parameter(torch.ones(1))

    def forward(self, one_hot):
        return self.one * one_hot[:, :2].sum(dim=2)


def test_standardize_is_undone_within_the_network_so_gradients_are_in_user_units():
    network = CountA().eval()
    numbers = [{"mean": 100.0, "sd": 7.0}, {"mean": -1.0, "sd": 0.5}]
    scale = OutputScale("mse", Transform("standardize", numbers), [0.0, 0.0])
    set_scale(network, scale)
    index = np.array([[0, 0, 1, 2, 3, 3]], dtype=np.uint8)  # AACGTT
    batch = torch.from_numpy(one_hot(index)).requires_grad_()
    outputs = network(batch)
    assert outputs.tolist() == [[100 + 2 * 7, -1 + 1 * 0.5]]
    outputs[0, 0].backward()
    assert batch.grad[0, 0].tolist() == [7.0] * 6  # one more A adds 7
    assert predictor_of(network).predict(index).tolist() == [[114.0, -0.5]]
    assert restored(scale.stored()) == scale


def test_a_rate_starts_at_the_mean_count():
    # A network that puts out 0 predicts the mean of the training split.
    training = made(np.zeros((3, 6), np.uint8), [[2, 10], [4, NAN], [6, 30]])
    scale = fit_scale(training, "poisson")
    assert np.exp(scale.offset) == pytest.approx([4, 20])
    network = CountA().eval()
    network.one.data[:] = 0
    set_scale(network, scale)
    assert predict_logits(network, training.index[:1]).tolist()[0] == pytest.approx(
        np.log([4, 20]).tolist()
    )
    assert predictor_of(network).predict(training.index[:1])[0] == pytest.approx(
        [4, 20]
    )


def test_a_rate_beyond_all_numbers_is_refused_without_a_word_of_logits():
    network = CountA().eval()
    set_scale(
        network, OutputScale("poisson", Transform("none", [{}, {}]), [999.0, 0.0])
    )
    index = np.zeros((1, 6), dtype=np.uint8)
    with pytest.raises(InputError, match="not finite numbers") as caught:
        predictor_of(network).predict(index)
    assert "logit" not in str(caught.value)


def test_edits_of_a_network_for_quantities_are_computed_fast_and_equal():
    training = counts_of_a(40, 1, "standardize")
    network, _ = train(training, counts_of_a(20, 2), model(epochs=1), 1)
    predictor = predictor_of(network)
    fast, whole = EditedLogits(predictor), EditedLogits(predictor, fast=False)
    assert fast.fast
    row, start = np.arange(4), np.array([0, 5, 11, 27])
    kmer = np.tile([0, 1, 2], (4, 1)).astype(np.uint8)
    question = (training.index[:4], row, start, kmer)
    np.testing.assert_allclose(
        fast.edited(*question), whole.edited(*question), rtol=1e-4
    )
    np.testing.assert_allclose(
        fast.intact(training.index[:4]),
        predictor.predict(training.index[:4]),
        rtol=1e-4,
    )


@pytest.mark.parametrize("name", sorted(known_architectures()))
def test_every_architecture_learns_two_targets_with_gaps(name, tmp_path):
    rng = np.random.default_rng(1)
    index = rng.integers(0, 4, size=(40, 200)).astype(np.uint8)
    label = rng.normal(50, 10, size=(40, 2))
    label[::3, 0] = NAN
    dataset = made(index, label, "standardize")
    network, _ = train(dataset, dataset, model(name, {}, epochs=1), 1)
    save_model(tmp_path / "model.ckpt", network, name, {})
    predicted = load_predictor(tmp_path / "model.ckpt").predict(index)
    assert predicted.shape == (40, 2)
    # Untrained or nearly so, it is near the mean of 50 and not near 0.
    assert abs(np.median(predicted) - 50) < 25
    np.testing.assert_allclose(predict(network, index), predicted, rtol=1e-4)


def test_from_python_too_predictions_are_in_the_user_s_units():
    network = CountA().eval()
    set_scale(network, OutputScale("mse", Transform("log1p", [{}, {}]), [0.0, 0.0]))
    # Two A and one C: exp(2) - 1 and exp(1) - 1; the network itself puts out 2 and 1.
    expected = [np.e**2 - 1, np.e - 1]
    assert predict(network, ["AACGTT"])[0] == pytest.approx(expected)
    assert network(torch.from_numpy(one_hot(encode("AACGTT")[None]))).tolist() == [
        [2, 1]
    ]


# -- negative controls and user models ------------------------------------------------


def test_negative_controls_have_the_scale_of_the_training_split():
    training, validation = (counts_of_a(40, seed, "standardize") for seed in (1, 2))
    network, history = untrained(training, validation, model(), 3)
    assert network.output_scale == fit_scale(training, "mse")
    assert history["validation_pearson"].notna().all()
    shuffled = with_shuffled_labels(training, 1)
    assert shuffled.quantitative
    assert fit_scale(shuffled, "mse").transform.numbers[0]["mean"] == pytest.approx(
        training.label.mean()
    )


def test_a_user_model_of_quantities_predicts_in_the_user_s_units(tmp_path):
    adapter = tmp_path / "mine.py"
    adapter.write_text(
        "def load(settings, weights):\n    return lambda x: x[:, 0].sum(1)[:, None]\n"
    )
    imported = {
        "adapter": str(adapter),
        "function": "load",
        "weights": None,
        "sha256": None,
        "settings": {},
        "first_convolution": None,
        "first_activation": None,
    }
    built = build_user_model(imported, b"", 6, ["t"], quantitative=True)
    assert built.output_unit == "user"
    assert build_user_model(imported, b"", 6, ["t"]).output_unit == "logit"
    save_user_model(tmp_path / "m.ckpt", imported, b"", 6, ["t"], quantitative=True)
    kept = torch.load(tmp_path / "m.ckpt", weights_only=True)
    again = load_user_model(kept, tmp_path / "m.ckpt")
    assert again.output_unit == "user"
    assert again.predict(np.zeros((2, 6), np.uint8)).tolist() == [[6], [6]]


# -- refusals -------------------------------------------------------------------------


def test_negative_values_are_no_counts():
    training = counts_of_a(40, 1)
    training.label[7] = -2
    with pytest.raises(InputError, match=r"poisson, and 's7' has the value -2 of 't0'"):
        train(training, counts_of_a(20, 2), model(loss="poisson"), 1)
    # The untrained network has the same scale: its offset would not be a number.
    with pytest.raises(InputError, match=r"poisson, and 's7' has the value -2 of 't0'"):
        untrained(training, counts_of_a(20, 2), model(loss="poisson"), 1)
    validation = counts_of_a(20, 2)
    validation.label[3] = -1
    with pytest.raises(InputError, match=r"poisson, and 's3' has the value -1 of 't0'"):
        train(counts_of_a(40, 1), validation, model(loss="poisson"), 1)


@pytest.mark.parametrize("control", [None, "untrained", "shuffled"])
def test_negative_values_of_the_test_split_are_no_counts(tmp_path, control):
    dataset = counts_of_a(60, 1)
    dataset.label[59] = -3
    rows = {"train": range(40), "validation": range(40, 50), "test": range(50, 60)}
    write_dataset(tmp_path / "dataset.h5", dataset)
    write_splits(
        tmp_path / "splits.h5", {key: np.array(value) for key, value in rows.items()}
    )
    job = SimpleNamespace(
        input=SimpleNamespace(
            dataset=tmp_path / "dataset.h5", splits=tmp_path / "splits.h5"
        ),
        output=SimpleNamespace(
            model=tmp_path / "model.ckpt", history=tmp_path / "history.tsv"
        ),
        params=SimpleNamespace(library="", device="cpu"),
        wildcards=SimpleNamespace(seed="1"),
    )
    settings = model(loss="poisson", epochs=1) | {"negative_control": control}
    with pytest.raises(InputError, match="'s59' has the value -3 of 't0'"):
        make_network(job, settings)
    # Another loss takes them.
    make_network(job, model(loss="mse", epochs=1) | {"negative_control": control})


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ({"loss": "cross_entropy"}, "cross_entropy, and the targets .* quantitative"),
        ({"monitor": "validation_auroc"}, "validation_auroc, and the targets"),
        ({"class_weights": "balanced"}, "balanced, and the targets"),
        ({"sampler": "weighted"}, "weighted, and the targets"),
        ({"classes": "exclusive"}, "exclusive, and the targets"),
    ],
)
def test_settings_of_classes_are_refused(setting, found):
    with pytest.raises(InputError, match=found):
        train(counts_of_a(40, 1), counts_of_a(20, 2), model(**setting), 1)


def test_error_is_squared_on_the_scale_of_the_outputs():
    values = np.array([[3.0, np.nan], [0.0, 1.0]])
    outputs = np.array([[1.0, 5.0], [2.0, 4.0]])
    plain = OutputScale("mse", Transform("none", [{}, {}]), [0.0, 0.0])
    # (1 - 3)^2 = 4; missing; (2 - 0)^2 = 4; (4 - 1)^2 = 9.
    np.testing.assert_allclose(plain.error(outputs, values), [[4, NAN], [4, 9]])
    # The outputs are ln(1 + value): ln 4, ln 1 = 0 and ln 2 are compared with them.
    log1p = OutputScale("mse", Transform("log1p", [{}, {}]), [0.0, 0.0])
    expected = [[(1 - np.log(4)) ** 2, NAN], [4, (4 - np.log(2)) ** 2]]
    np.testing.assert_allclose(log1p.error(outputs, values), expected)
    # Replicates come first.
    assert log1p.error(np.stack([outputs] * 3), values).shape == (3, 2, 2)


def test_error_of_a_log_rate_is_the_poisson_loss():
    rate = OutputScale("poisson", Transform("none", [{}]), [0.5])
    assert rate.unit == "log rate"
    # exp(0) - 2 * 0 = 1; exp(1) - 0 = e.
    error = rate.error(np.array([[0.0], [1.0]]), np.array([[2.0], [0.0]]))
    np.testing.assert_allclose(error, [[1], [np.e]])
