"""Networks on a GPU: which device is taken, in what batches, and the same results.

No test needs a GPU: see fake_device.py.
"""

import contextlib
import copy
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

import proofread
from fake_device import fake_device
from perturbation_runs import tiny_dataset
from proofread.errors import InputError
from proofread.methods.attributions.baselines import draw_baselines
from proofread.methods.attributions.explain import explain
from proofread.methods.embedding.kmers import network_vectors
from proofread.methods.filter_nullification.null_values import NULLS
from proofread.methods.filter_nullification.nullify import nullify
from proofread.methods.filter_pfms.pfms import filter_pfms
from proofread.methods.greedy_substitution.search import greedy_search
from proofread.methods.kmer_perturbation.kmers import kmer_maker
from proofread.methods.kmer_perturbation.windows import perturb_windows
from proofread.methods.motif_insertion.measure import insert_motifs
from proofread.methods.saturation_mutagenesis.substitutions import (
    saturation_mutagenesis,
)
from proofread.models import checkpoint
from proofread.models import device as devices
from proofread.models.checkpoint import build_model, predict_logits, save_model
from proofread.models.local_edits import EditedLogits
from proofread.models.predictor import predictor_of
from proofread.models.shared_windows import exact_scan, load_scan
from proofread.motifs.motif import Motif
from test_layout import COMPUTING, ROOT, RULES

LENGTH = 40
NETWORKS = {
    "eraslan2019": {"filters": 6, "filters2": 3, "width": 7, "width2": 3},
    "deepg_cnn_lstm": {"filters": 6, "filters2": 4, "width": 7, "width2": 3},
    "kmer_embedding": {"k": 2, "dimensions": 3, "filters": 6},
    "motif_counts": {"filters": 3, "width": 7},
    "residual_dilated": {"filters": 6, "width": 7, "layers": 2},
    "conv_attention": {"filters": 6, "width": 7, "heads": 2, "dense": 5},
}
KINDS = {
    "integrated_gradients": "shuffled",
    "deeplift_shap": "shuffled",
    "gradient_shap": "noise",
    "saliency": None,
    "gradient_x_input": None,
    "smoothgrad": None,
}


class Normalised(nn.Module):
    """A normalisation stands before the activation: no table of k-mers applies."""

    first_convolution, first_activation = "convolution", "activation"

    def __init__(self):
        super().__init__()
        self.length, self.targets = LENGTH, ["a", "b"]
        self.convolution = nn.Conv1d(4, 6, 7, padding="same")
        self.norm = nn.BatchNorm1d(6)
        self.activation = nn.ReLU()
        self.pool, self.second = nn.MaxPool1d(4), nn.Conv1d(6, 5, 3)
        self.last = nn.Linear(5 * 8, 2)

    def forward(self, one_hot):
        hidden = self.activation(self.norm(self.convolution(one_hot)))
        return self.last(self.second(self.pool(hidden)).relu().flatten(1))


class BothStrands(Normalised):
    """The same layers read the sequence and its reverse complement."""

    def forward(self, one_hot):
        forward = super().forward
        return torch.maximum(forward(one_hot), forward(one_hot.flip(1, 2)))


class Beside(Normalised):
    """Makes a tensor on the CPU in its forward pass."""

    def forward(self, one_hot):
        return super().forward(one_hot) + torch.ones(1, 2)


def network(name):
    torch.manual_seed(0)
    own = {"Normalised": Normalised, "BothStrands": BothStrands}
    if name in own:
        return own[name]().eval()
    return build_model(name, NETWORKS[name], LENGTH, ["a", "b"]).eval()


def index_of(n=9):
    index = np.random.default_rng(1).integers(0, 4, (n, LENGTH)).astype(np.uint8)
    index[0, 5] = 4
    index[1, 30:] = 4
    return index


LENGTHS = np.array([LENGTH, 30, *[LENGTH] * 7])


@contextlib.contextmanager
def elsewhere(model, monkeypatch, megabytes=100, **memory):
    """A copy of a network on the fake device, and that device."""
    monkeypatch.setattr(devices, "free_bytes", lambda _: 4e6 * megabytes)
    with fake_device(**memory) as fake:
        yield copy.deepcopy(model).to(fake.device), fake


def same_on_both(name, monkeypatch, run):
    """Numbers of a method on the fake device are those of the CPU, to 1e-4."""
    model = network(name)
    expected = run(model)
    with elsewhere(model, monkeypatch) as (copied, fake):
        result = run(copied)
        assert fake.batches() or fake.batches("mm"), "nothing was run on the device"
    assert expected.keys() == result.keys()
    for key, values in expected.items():
        assert type(result[key]) is type(values) is np.ndarray, key
        np.testing.assert_allclose(
            result[key], values, rtol=1e-4, atol=1e-4, err_msg=key
        )
    return fake


# -- the methods --------------------------------------------------------------------

NAMES = [*NETWORKS, "Normalised", "BothStrands"]


@pytest.mark.parametrize("name", NAMES)
def test_predictions_are_the_same(name, monkeypatch):
    def run(model):
        predictor, index = predictor_of(model), index_of()
        return {
            "logits": predict_logits(model, index).numpy(),
            "predictor": predictor.predict(index),
            "none": predictor.predict(index[:0]),
        }

    fake = same_on_both(name, monkeypatch, run)
    # All nine in one pass, twice; the trials of one sequence are of its layers' size.
    assert fake.batches()[-1] == 9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["deepg_cnn_lstm", "Normalised"])
def test_attributions_are_the_same(kind, name, monkeypatch):
    index = index_of(5)
    drawn = None
    if KINDS[kind]:
        rng = np.random.default_rng(0)
        drawn = draw_baselines(KINDS[kind], index, 3, rng)
    sequences = torch.from_numpy(np.eye(5, 4, dtype=np.float32)[index]).transpose(1, 2)
    layer = "second" if name == "Normalised" else None

    def run(model):
        result = explain(
            kind,
            model,
            sequences,
            [1, 0],
            baselines=drawn,
            steps=4,
            noise=(3, 0.1),
            layer=layer,
        )
        values = vars(result)
        # One network calls a function that DeepLIFT has no rule for.
        unruled = (kind, name) == ("deeplift_shap", "Normalised")
        assert values.pop("functions") == (("relu",) if unruled else ())
        return {key: item for key, item in values.items() if item is not None}

    same_on_both(name, monkeypatch, run)


@pytest.mark.parametrize(
    "name, strands", [("deepg_cnn_lstm", "forward"), ("Normalised", "both")]
)
def test_edits_are_the_same(name, strands, monkeypatch):
    index, mutated = index_of(), index_of() < 4

    def run(model):
        editor = EditedLogits(predictor_of(model))
        intact, delta = saturation_mutagenesis(
            editor, index, LENGTHS, mutated, strands=strands
        )
        rng = np.random.default_rng(3)
        maker = kmer_maker(
            index,
            5,
            rng,
            mode="repeated",
            kmers_from="background",
            force_change=True,
        )
        windows, _ = perturb_windows(
            editor,
            index,
            LENGTHS,
            5,
            start=np.arange(0, LENGTH - 4, 3),
            kmers=maker,
            replicates=2,
            strands=strands,
        )
        return {
            "intact": intact,
            "delta": delta,
            "mean": windows.mean["logit"],
            "sd": windows.sd["probability"],
        }

    fake = same_on_both(name, monkeypatch, run)
    # 9 x 40 x 3 substitutions, but for 11 unknown bases, in one pass.
    assert max(fake.batches()) == 1047


@pytest.mark.parametrize(
    "name, null",
    [("eraslan2019", "mean"), *(("BothStrands", null) for null in NULLS)],
)
def test_nullified_filters_are_the_same(name, null, monkeypatch):
    ways = []

    def run(model):
        sets = [[0], [1, 2], []]
        result = nullify(model, index_of(), sets, null=null, null_batch=4)
        ways.append(result.way)
        return {
            key: getattr(result, key) for key in ("logit", "ablated", "mean", "std")
        }

    same_on_both(name, monkeypatch, run)
    assert ways[0] == ways[1]


@pytest.mark.parametrize("way", ["linear", "tail", "network"])
def test_every_way_to_nullify_filters_works_on_a_device(way, monkeypatch):
    def run(model):
        result = nullify(model, index_of(), [[0], [3, 4]], way=way)
        return {"ablated": result.ablated}

    same_on_both("Normalised", monkeypatch, run)


@pytest.mark.parametrize(
    "name, rule",
    [("eraslan2019", "mean_max"), ("Normalised", "quantile"), ("Normalised", "top_n")],
)
def test_filters_are_the_same(name, rule, monkeypatch):
    def run(model):
        result = filter_pfms(model, index_of(), LENGTHS, rule=rule, quantile=0.9)
        return {
            "counts": result.counts,
            "threshold": result.limits.value,
            "mean": result.statistics.mean,
        }

    same_on_both(name, monkeypatch, run)


def test_kmer_vectors_are_the_same(monkeypatch):
    def run(model):
        (vectors,) = network_vectors(
            model, index_of(), lengths=[2], response="mean", backgrounds=3, seed=1
        )
        return {"vectors": vectors.vectors}

    same_on_both("eraslan2019", monkeypatch, run)


@pytest.mark.parametrize(
    "rule", ["exact", "path_gradient", "integrated_gradients", "faithful"]
)
def test_searches_are_the_same(rule, monkeypatch):
    def run(model):
        result = greedy_search(
            EditedLogits(predictor_of(model)),
            index_of(4),
            0,
            rule,
            steps=2,
            revisit=False,
            improving=True,
            min_gain=0.0,
            candidates=3,
            baseline="shuffled",
            baselines=2,
            path_steps=3,
            megabytes=16,
            seed=1,
            label=rule,
        )
        return {"logit": result.logit, "position": result.position}

    same_on_both("deepg_cnn_lstm", monkeypatch, run)


def test_inserted_motifs_are_the_same(monkeypatch):
    matrix = np.eye(4)[[0, 1, 2, 3]]

    def run(model):
        result = insert_motifs(
            predictor_of(model).predict,
            tiny_dataset(targets=2, short=False),
            [Motif("m", matrix), Motif("n", matrix[::-1])],
            background="shuffled",
            backgrounds=3,
            insert="consensus",
            step=5,
            controls=2,
            control_positions=2,
            faithful=False,
            seed=1,
        )
        return {"none": result.none, "changes": result.changes[0]}

    same_on_both("Normalised", monkeypatch, run)


def test_scans_are_the_same(monkeypatch):
    stretch = np.random.default_rng(2).integers(0, 4, 120).astype(np.uint8)
    starts = np.arange(0, 80, 3)

    def run(model):
        return {
            "logits": exact_scan(model, predictor_of(model), 3, 27)(stretch, starts)
        }

    fake = same_on_both("eraslan2019", monkeypatch, run)
    assert max(fake.batches()) == len(starts)


def test_a_network_of_the_caller_stays_on_its_device(monkeypatch):
    index = index_of(4)

    def run(model):
        return {
            "gradients": proofread.attributions(
                model, index, kind="integrated_gradients"
            ),
            "edits": proofread.saturation_mutagenesis(model, index),
        }

    same_on_both("Normalised", monkeypatch, run)


# -- memory -------------------------------------------------------------------------


def test_a_batch_on_the_cpu_stays_as_it_is():
    model = network("eraslan2019")
    assert devices.megabytes_at_once(torch.device("cpu"), 16) == 16
    assert devices.sequences_at_once(model, LENGTH, 128) == 128
    assert predictor_of(model).batch_size == 128


def test_a_quarter_of_the_free_memory_is_for_the_layers(monkeypatch):
    device = torch.device("cuda")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (6_000_000, 9_000_000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 5_000_000)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: 3_000_000)
    # 6 MB, and 2 MB that PyTorch keeps for its next tensors.
    assert devices.megabytes_at_once(device, 16) == 2
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (10**12, 10**12))
    assert devices.megabytes_at_once(device, 16) == 4000
    # Of other devices it is not asked: 1 GB.
    assert devices.megabytes_at_once(torch.device("mps"), 16) == 250


def test_a_batch_is_as_large_as_the_memory_allows(monkeypatch):
    # The outputs of one sequence: 6 x 40 twice and a third time after the ReLU, 6 x 10,
    # 5 x 8, 2: 822 numbers, 3288 bytes. 256 x 40 numbers, 40,960 bytes, are the least.
    model = network("Normalised")
    with elsewhere(model, monkeypatch, megabytes=1) as (copied, _):
        assert devices.sequences_at_once(copied, LENGTH, 128) == 24


@pytest.mark.parametrize(
    "full",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublas`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ],
    ids=["PyTorch", "cuBLAS", "cuDNN"],
)
def test_a_full_memory_halves_the_batch(full):
    tried = []

    def run(part):
        tried.append(part.stop - part.start)
        if tried[-1] > 3:
            raise full
        return list(range(part.start, part.stop))

    parts = [result for _, result in devices.in_batches(10, 8, run)]
    assert [row for part in parts for row in part] == list(range(10))
    assert tried == [8, 4, 2, 2, 2, 2, 2]


def test_another_error_is_not_taken_for_a_full_memory():
    def run(_):
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        list(devices.in_batches(10, 8, run))


def test_no_room_for_one_sequence_is_an_error():
    def run(_):
        raise torch.OutOfMemoryError

    with pytest.raises(torch.OutOfMemoryError):
        list(devices.in_batches(10, 8, run))
    with pytest.raises(torch.OutOfMemoryError):
        devices.halved(run, 100)


def test_results_do_not_depend_on_the_memory(monkeypatch):
    """A tensor of more than 7 kB finds no room: 7 sequences' first layer, of 40 x 6."""
    index = index_of()
    sequences = torch.from_numpy(np.eye(5, 4, dtype=np.float32)[index]).transpose(1, 2)
    model = network("Normalised")

    def run(model):
        attributions = explain(
            "integrated_gradients",
            model,
            sequences,
            [0],
            baselines=draw_baselines("zero", index, 1, np.random.default_rng(0)),
            steps=4,
        )
        return predictor_of(model).predict(index), attributions.attribution

    expected = run(model)
    with elsewhere(model, monkeypatch, largest=7000) as (copied, fake):
        result = run(copied)
        assert 1 < max(fake.batches()) < 9
    for one, other in zip(expected, result, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


# -- the choice ---------------------------------------------------------------------


@pytest.fixture
def gpu(monkeypatch):
    """A GPU that PyTorch finds; `ones` is the first thing that is asked of it."""
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    flags = [torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32]
    ones = torch.ones
    state = SimpleNamespace(ones=lambda *size, device: ones(*size))
    monkeypatch.setattr(
        torch, "ones", lambda *size, device: state.ones(*size, device=device)
    )
    yield state
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = flags


def test_the_cpu_is_taken_where_pytorch_has_no_cuda(monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", None)
    assert devices.choose("auto") == devices.choose("cpu") == torch.device("cpu")
    with pytest.raises(InputError, match="built without CUDA") as error:
        devices.choose("cuda")
    assert "GPU=1 make env" in str(error.value)


def test_a_gpu_that_works_is_taken_and_computes_in_float32(gpu):
    torch.backends.cudnn.allow_tf32 = True
    assert devices.choose("auto").type == devices.choose("cuda").type == "cuda"
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32
    assert devices.choose("cpu").type == "cpu"


def test_a_gpu_that_does_not_compute_is_not_taken(gpu, caplog):
    def fails(*_, device):
        raise RuntimeError("no kernel image is available\nmore")

    gpu.ones = fails
    assert devices.choose("auto").type == "cpu"
    assert "no kernel image is available" in caplog.text
    with pytest.raises(InputError, match="no kernel image is available"):
        devices.choose("cuda")


def test_the_driver_s_complaint_is_reported(gpu, monkeypatch):
    def complain():
        warnings.warn("CUDA initialization: the driver is too old", stacklevel=1)
        return False

    monkeypatch.setattr(torch.cuda, "is_available", complain)
    assert devices.choose("auto").type == "cpu"
    with pytest.raises(InputError, match=r"no GPU; CUDA init.* driver is too old"):
        devices.choose("cuda")


def test_another_word_is_refused():
    with pytest.raises(ValueError, match="expected one of"):
        devices.choose("gpu")


def test_a_checkpoint_is_loaded_to_the_device(tmp_path, monkeypatch):
    model = network("eraslan2019")
    path = tmp_path / "model.ckpt"
    save_model(path, model, "eraslan2019", NETWORKS["eraslan2019"])
    monkeypatch.setattr(devices, "free_bytes", lambda _: 1e9)
    assert devices.on_cpu(checkpoint.load_model(path))
    with fake_device() as fake:
        monkeypatch.setattr(devices, "choose", lambda _: fake.device)
        _, scanned = load_scan(path, 1, 10, "cuda")
        for loaded in (
            checkpoint.load_model(path, "cuda"),
            checkpoint.load_predictor(path, "cuda").network,
            scanned.network,
        ):
            assert devices.device_of(loaded) == fake.device


def test_a_scan_does_not_pass_over_a_gpu_that_is_missing(tmp_path, monkeypatch):
    path = tmp_path / "model.ckpt"
    model = network("eraslan2019")
    save_model(path, model, "eraslan2019", NETWORKS["eraslan2019"])
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="an NVIDIA GPU that PyTorch can use"):
        load_scan(path, 1, 10, "cuda")


def test_a_network_that_fails_on_a_device_stays_or_is_refused(monkeypatch, caplog):
    with fake_device() as fake:
        monkeypatch.setattr(devices, "choose", lambda _: fake.device)
        with pytest.raises(InputError, match="fails on a GPU") as error:
            devices.moved(Beside().eval(), "cuda", "mine.py")
        assert "device=one_hot.device" in str(error.value)
        stays = devices.moved(Beside().eval(), "auto", "mine.py")
        assert devices.on_cpu(stays)
    assert "mine.py stays on the CPU" in caplog.text


def test_recurrent_layers_have_gradients_without_cudnn(monkeypatch):
    """As cuDNN has none in evaluation mode; other layers are run with it."""
    seen = {}

    def note(name):
        def hook(*_):
            seen[name] = torch.backends.cudnn.enabled

        return hook

    with elsewhere(network("deepg_cnn_lstm"), monkeypatch) as (model, fake):
        for name, module in model.named_modules():
            if name:
                module.register_forward_hook(note(name))
        with devices.differentiable(model):
            batch = torch.zeros(1, 4, LENGTH, device=fake.device)
            # Within the layer: a hook of the test would come after that which switches.
            (recurrent,) = (m for m in model.modules() if isinstance(m, nn.LSTM))
            inner = recurrent.forward
            recurrent.forward = lambda *args: (note("within")(), inner(*args))[1]
            model(batch)
    assert not seen.pop("within")
    assert len(seen) > 3 and torch.backends.cudnn.enabled
    assert all(enabled for name, enabled in seen.items() if "recurrent" not in name)


# -- the workflow -------------------------------------------------------------------


@pytest.mark.parametrize("name", COMPUTING)
def test_a_rule_that_runs_a_network_says_where(name):
    """Nobody has to remember it: a rule that may have a GPU is given the device."""
    _, text = RULES[name]
    # It joins what its chunks have predicted.
    joins = name == "long_sequence_scan"
    may = "        gpu=0,\n" not in text and not joins
    assert ('        device=config["device"],\n' in text) == may, name
    script = (ROOT / f"workflow/scripts/{name}.py").read_text()
    uses = "params.device" in script or 'settings["device"]' in script
    assert uses == may, name
