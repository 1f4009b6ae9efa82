"""Edited sequences: what is computed anew equals the network run whole, in float64."""

import numpy as np
import pytest
import torch
from torch import nn

from proofread.dna.encoding import decode, encode, one_hot, reverse_strand
from proofread.models import changed_values
from proofread.models.checkpoint import build_model
from proofread.models.local_edits import EditedLogits, on_scale, strand_logits
from proofread.models.predictor import Predictor, predictor_of
from proofread.models.stages import Unsupported, take_apart
from proofread.models.tracing import traced
from proofread.statistics.logits import probability


def network(architecture, settings, length, targets=1, *, exclusive=False):
    """A preset with drawn weights and statistics, in float64."""
    torch.manual_seed(0)
    names = [f"target{i}" for i in range(targets)]
    net = build_model(architecture, settings, length, names, exclusive=exclusive)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.BatchNorm1d):
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
                module.weight.normal_()  # of either sign
                module.bias.normal_()
    return net.double().eval()


def chain(*layers, length):
    """A network of one target from layers."""
    torch.manual_seed(0)
    net = nn.Sequential(*layers)
    net(torch.zeros(1, 4, length))
    net.length, net.targets = length, ["target"]
    return net.double().eval()


def edits(index, size, number=60):
    """Drawn edits, the first and the last place of each sequence among them."""
    rng = np.random.default_rng(size)
    last = index.shape[1] - size
    row = rng.integers(len(index), size=number)
    start = rng.integers(last + 1, size=number)
    start[:4], start[4:8] = 0, last
    return row, start, rng.integers(5, size=(number, size), dtype=np.uint8)


def run_whole(net, index, row, start, kmer):
    """The same edits by one forward pass of each edited sequence."""
    edited = index[row]
    for which, (begin, bases) in enumerate(zip(start, kmer, strict=True)):
        edited[which, begin : begin + len(bases)] = bases
    with torch.no_grad():
        return net(torch.from_numpy(one_hot(edited)).double()).numpy()


def check(net, length, sizes=(1, 3, 8)):
    """Compare; sequences hold unknown bases."""
    editor = EditedLogits(predictor_of(net))
    assert editor.fast
    index = np.random.default_rng(1).integers(5, size=(3, length), dtype=np.uint8)
    with torch.no_grad():
        whole = net(torch.from_numpy(one_hot(index)).double()).numpy()
    assert np.abs(editor.intact(index) - whole).max() < 1e-10 * (1 + abs(whole).max())
    for size in sizes:
        row, start, kmer = edits(index, size)
        result = editor.edited(index, row, start, kmer)
        expected = run_whole(net, index, row, start, kmer)
        assert np.abs(result - expected).max() < 1e-10 * (1 + np.abs(expected).max())


@pytest.mark.parametrize(
    ("architecture", "settings", "length", "targets", "exclusive"),
    [
        ("eraslan2019", {}, 100, 1, False),
        ("eraslan2019", {"filters": 5, "filters2": 7}, 97, 3, True),
        ("basset", {"filters": 9, "filters2": 6, "filters3": 5}, 260, 2, False),
        (
            "basset",
            {"filters": 9, "filters2": 6, "filters3": 5, "padding": "same"},
            101,
            3,
            True,
        ),
        ("koo_cnn", {"filters": 7, "dense": 6}, 110, 1, False),
        ("koo_cnn2", {"activation": "exponential", "dense": 6}, 105, 1, False),
        ("koo_dist", {"filters": 5, "dense": 6}, 150, 2, False),
        ("koo_local", {"dense": 6}, 230, 1, False),
    ],
)
def test_presets_come_out_as_if_run_whole(
    architecture, settings, length, targets, exclusive
):
    check(network(architecture, settings, length, targets, exclusive=exclusive), length)


@pytest.mark.parametrize(
    "layers",
    [
        # Padding on one's own, a pool that keeps what is left over, no activation.
        lambda: (nn.Conv1d(4, 5, 6, padding=4), nn.MaxPool1d(7, ceil_mode=True)),
        # An even filter, whose padding is longer on the right.
        lambda: (nn.Conv1d(4, 5, 4, padding="same"), nn.ReLU(), nn.MaxPool1d(3)),
        # Not monotone, so it has to stay before the pool; and one that works in place.
        lambda: (nn.Conv1d(4, 5, 5), nn.GELU(), nn.MaxPool1d(4), nn.ELU(inplace=True)),
        # Normalised after the activation, and by scales of either sign.
        lambda: (
            *(nn.Conv1d(4, 5, 5), nn.ReLU(), nn.BatchNorm1d(5), nn.MaxPool1d(2)),
            *(nn.Conv1d(5, 4, 3, bias=False), nn.BatchNorm1d(4), nn.Tanh()),
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_other_chains_come_out_as_if_run_whole(layers):
    net = chain(*layers(), nn.Flatten(), nn.LazyLinear(3), nn.ReLU(), length=53)
    net.targets = ["a", "b", "c"]
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.weight.data.normal_()
            module.running_mean.normal_()
    check(net, 53, sizes=(1, 4, 53))


class Mean(nn.Module):
    def forward(self, values):
        return values.mean(dim=2)


class Skip(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, values):
        return values + self.inner(values)


@pytest.mark.parametrize(
    "make",
    [
        lambda: network("deepg_cnn_lstm", {}, 60),
        lambda: network("kmer_embedding", {}, 60),
        lambda: network("residual_dilated", {"filters": 5, "layers": 2}, 60),
        lambda: network("conv_attention", {"filters": 4, "dense": 5}, 60),
        lambda: chain(
            nn.Conv1d(4, 3, 5), nn.ReLU(), Mean(), nn.Linear(3, 1), length=60
        ),
        lambda: chain(
            *(nn.Conv1d(4, 3, 5, stride=2), nn.Flatten(), nn.LazyLinear(1)), length=60
        ),
        lambda: chain(
            nn.Conv1d(4, 3, 1),
            Skip(nn.Conv1d(3, 3, 5, padding="same")),
            nn.Flatten(),
            nn.LazyLinear(1),
            length=60,
        ),
    ],
    ids=[
        *("recurrent", "k-mers", "residual", "attention"),
        *("mean over positions", "stride", "branch"),
    ],
)
def test_what_is_no_such_chain_is_run_whole(make):
    net = make().float()
    editor = EditedLogits(predictor_of(net))
    assert not editor.fast
    index = np.random.default_rng(1).integers(5, size=(2, 60), dtype=np.uint8)
    row, start, kmer = edits(index, 3, number=20)
    expected = run_whole(net.double(), index, row, start, kmer)
    net.float()
    for batch_size in (7, 128):
        result = editor.edited(index, row, start, kmer, batch_size=batch_size)
        assert np.abs(result - expected).max() < 1e-5


def test_a_hook_on_a_layer_is_seen():
    net = chain(nn.Conv1d(4, 3, 5), nn.Flatten(), nn.LazyLinear(1), length=20)
    assert EditedLogits(predictor_of(net)).fast
    net[0].register_forward_hook(lambda _, __, values: 2 * values)
    assert not EditedLogits(predictor_of(net)).fast


def test_a_layer_that_computes_something_else_is_seen():
    class Doubled(nn.Linear):
        def forward(self, values):
            return 2 * super().forward(values)

    net = chain(nn.Conv1d(4, 3, 5), nn.Flatten(), Doubled(48, 1), length=20)
    assert not EditedLogits(predictor_of(net)).fast


def test_a_callable_is_asked_for_the_edited_sequences():
    def count_a(batch):
        return batch[:, :1].sum(axis=2)  # (n, 1)

    predictor = Predictor(count_a, 5, ["a"], "counts")
    editor = EditedLogits(predictor)
    index = np.stack([encode("AACGT"), encode("CCCCC")])
    logits = editor.edited(
        index, [0, 1, 1], [0, 3, 0], np.stack([encode(w) for w in ("CC", "AA", "GA")])
    )
    assert logits.tolist() == [[0], [2], [1]]
    assert editor.intact(index).tolist() == [[2], [0]]


def test_a_kmer_beyond_the_end_is_refused():
    editor = EditedLogits(predictor_of(network("eraslan2019", {}, 100)))
    index = np.zeros((1, 100), dtype=np.uint8)
    with pytest.raises(ValueError, match="expected 0 to 98"):
        editor.edited(index, [0], [99], np.zeros((1, 2), dtype=np.uint8))


def test_the_batch_never_changes_the_result(monkeypatch):
    net = network("eraslan2019", {}, 100)
    index = np.random.default_rng(1).integers(4, size=(5, 100), dtype=np.uint8)
    row, start, kmer = edits(index, 3, number=200)
    editor = EditedLogits(predictor_of(net))
    expected = editor.edited(index, row, start, kmer)
    monkeypatch.setattr(changed_values, "_MAX_SEQUENCES", 2)
    monkeypatch.setattr(changed_values, "_TILE_BYTES", 1)
    result = editor.edited(index, row, start, kmer)
    assert np.abs(result - expected).max() < 1e-12


def test_no_edits_and_no_sequences():
    editor = EditedLogits(predictor_of(network("eraslan2019", {}, 100)))
    nothing = np.zeros((0, 100), dtype=np.uint8)
    assert editor.intact(nothing).shape == (0, 1)
    assert editor.edited(nothing, [], [], np.zeros((0, 3), np.uint8)).shape == (0, 1)


def test_an_edit_that_changes_nothing_changes_nothing():
    net = network("basset", {"filters": 9, "filters2": 6, "filters3": 5}, 260)
    editor = EditedLogits(predictor_of(net))
    index = np.random.default_rng(1).integers(4, size=(1, 260), dtype=np.uint8)
    start = np.arange(258)
    kmer = np.lib.stride_tricks.sliding_window_view(index[0], 3)
    result = editor.edited(index, np.zeros(258, int), start, kmer)
    assert np.abs(result - editor.intact(index)).max() < 1e-12


def test_the_network_is_left_unchanged():
    net = network("koo_dist", {}, 150)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    index = np.random.default_rng(1).integers(4, size=(2, 150), dtype=np.uint8)
    EditedLogits(predictor_of(net)).edited(index, *edits(index, 2))
    assert all(torch.equal(before[name], v) for name, v in net.state_dict().items())


def test_tangermeme_gives_the_same_numbers():
    from tangermeme.saturation_mutagenesis import saturation_mutagenesis

    settings = {"filters": 6, "filters2": 4, "width": 7, "width2": 5}
    net = network("eraslan2019", settings, 60)
    index = np.random.default_rng(1).integers(4, size=(2, 60), dtype=np.uint8)
    batch = torch.from_numpy(one_hot(index)).double()
    theirs = saturation_mutagenesis(
        net, batch, raw_outputs=True, device="cpu"
    ).y_hat.numpy()  # (n, 4, length, targets)
    row, base, position = (item.ravel() for item in np.indices((2, 4, 60)))
    mine = EditedLogits(predictor_of(net)).edited(
        index, row, position, base[:, None].astype(np.uint8)
    )
    assert np.abs(mine - theirs[row, base, position]).max() < 1e-12


# Strands and scales ------------------------------------------------------------------


def test_the_other_strand_is_padded_at_the_same_end():
    index = np.stack([encode("AACNN"), encode("ACGTN")])
    other = reverse_strand(index, np.array([3, 4]))
    assert [decode(item) for item in other] == ["GTTNN", "ACGTN"]


def test_an_edit_is_made_on_both_strands():
    def weigh(batch):  # the first base: A 1, C 2, G 3, T 4
        return batch[:, :, 0] @ np.array([[1.0], [2.0], [3.0], [4.0]])

    editor = EditedLogits(Predictor(weigh, 4, ["first"], "weighs"))
    # AAC and padding; its other strand is GTT. Changed: AGC, GCT, first bases A and G.
    index, length = np.stack([encode("AACN")]), np.array([3])
    kmer = np.stack([encode("G"), encode("T")])
    parts = strand_logits(editor, index, length, [0, 0], [1, 2], kmer, strands="both")
    intact, edited = on_scale(parts, "logit")
    assert intact.tolist() == [[2.0]]  # (1 + 3) / 2
    # Position 2 becomes T: the other strand then starts with A.
    assert edited.tolist() == [[2.0], [1.0]]
    one = strand_logits(editor, index, length, [0, 0], [1, 2], kmer, strands="forward")
    assert on_scale(one, "logit")[1].tolist() == [[1.0], [1.0]]
    mean = (probability(1.0) + probability(3.0)) / 2
    assert on_scale(parts, "probability")[0] == pytest.approx(mean)


def test_a_predictor_says_its_network():
    net = network("eraslan2019", {}, 100)
    assert predictor_of(net).network is net


def test_a_network_is_taken_apart_into_stages():
    stages, dense, _ = take_apart(traced(network("eraslan2019", {}, 200)))
    # (taps, channels, filters); 200 -> 181 -> 90 -> 71 -> 35 positions.
    assert [tuple(stage.weight.shape) for stage in stages] == [
        (20, 4, 32),
        (20, 32, 12),
    ]
    assert [
        stage.cells(stage.positions(length))
        for stage, length in zip(stages, (200, 90), strict=True)
    ] == [90, 35]
    # The pool comes before the ReLU.
    assert [(len(stage.before), len(stage.after)) for stage in stages] == [(0, 1)] * 2
    assert dense.in_features == 12 * 35


def test_a_recurrent_network_has_no_stages():
    with pytest.raises(Unsupported):
        take_apart(traced(network("deepg_cnn_lstm", {}, 60)))
