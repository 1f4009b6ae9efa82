"""Every method on kinds of networks that the architectures here do not have."""

import numpy as np
import pytest
import torch
from torch import nn

import proofread

LENGTH = 24
INDEX = np.random.default_rng(3).integers(4, size=(6, LENGTH))
LABELS = np.arange(6) % 2


class Transformer(nn.Module):
    """A convolution, a transformer layer on its positions, and their mean."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv1d(4, 8, 5), nn.ReLU()
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(8, 2, 16, batch_first=True),
            num_layers=1,
            enable_nested_tensor=False,
        )
        self.head = nn.Linear(8, 1)

    def forward(self, one_hot):
        hidden = self.relu(self.conv(one_hot)).transpose(1, 2)
        return self.head(self.encoder(hidden).mean(dim=1))


class Block(nn.Module):
    """A dilated convolution, added to what it reads."""

    def __init__(self, dilation):
        super().__init__()
        self.norm, self.relu = nn.BatchNorm1d(8), nn.ReLU()
        self.conv = nn.Conv1d(8, 8, 3, padding="same", dilation=dilation)

    def forward(self, hidden):
        return hidden + self.conv(self.relu(self.norm(hidden)))


class Residual(nn.Module):
    """Residual blocks between the first convolution and the mean."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv1d(4, 8, 5), nn.ReLU()
        self.blocks = nn.Sequential(Block(1), Block(2))
        self.head = nn.Linear(8, 1)

    def forward(self, one_hot):
        hidden = self.blocks(self.relu(self.conv(one_hot)))
        return self.head(hidden.mean(dim=2))


@pytest.fixture(params=[Transformer, Residual])
def network(request):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return request.param().eval()


@pytest.fixture
def logits(network):
    """The network's own logits of sequences."""

    @torch.no_grad()
    def predict(index):
        return network(torch.from_numpy(proofread.one_hot(index))).numpy()

    return predict


@pytest.mark.filterwarnings("ignore:.* do not sum to the change")
@pytest.mark.parametrize(
    "kind",
    [
        *("integrated_gradients", "saliency", "gradient_x_input", "smoothgrad"),
        *("deeplift_shap", "gradient_shap"),
    ],
)
def test_every_kind_of_attributions(network, kind):
    values = proofread.attributions(network, INDEX[:2], kind=kind)
    assert values.shape == (2, LENGTH) and np.isfinite(values).all()
    assert values.any()


def test_the_attention_of_a_transformer_is_told():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = Transformer().eval()
    with pytest.warns(UserWarning, match="do not sum to the change"):
        proofread.attributions(network, INDEX[:2], kind="deeplift_shap")


def test_the_nonlinear_layers_of_residual_blocks_have_rules(recwarn):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = Residual().eval()
    proofread.attributions(network, INDEX[:2], kind="deeplift_shap")
    assert not [item for item in recwarn if "do not sum" in str(item.message)]


def test_edits_are_those_of_the_network(network, logits):
    delta = proofread.saturation_mutagenesis(network, INDEX[:2])
    changed = INDEX[:1].copy()
    changed[0, 7] = (changed[0, 7] + 1) % 4
    expected = (logits(changed) - logits(INDEX[:1]))[0, 0]
    assert delta[0, changed[0, 7], 7] == pytest.approx(expected, abs=1e-5)
    _, effects = proofread.kmer_perturbation(network, INDEX[:2], lengths=[3])
    assert effects.shape == (2, LENGTH) and np.isfinite(effects).all()
    steps = proofread.greedy_substitution(network, INDEX[:2])
    assert len(steps) > 0


def test_filters_are_those_of_the_network(network, logits):
    table, motifs = proofread.filter_pfms(
        network, INDEX, convolution="conv", activation="relu", min_sites=1
    )
    assert len(table) == 8
    ablated = proofread.filter_nullification(
        network, INDEX, LABELS, convolution="conv", activation="relu", null_value="zero"
    )
    # Filter 2 set to 0 by a hook of the test's own.
    handle = network.relu.register_forward_hook(
        lambda module, inputs, output: (
            output.index_fill(1, torch.tensor([2]), 0) if output.shape[1] == 8 else None
        )
    )
    without = logits(INDEX)
    handle.remove()
    expected = (logits(INDEX) - without).mean()
    assert ablated.signed[2] == pytest.approx(expected, abs=1e-5)
    if motifs:
        tests = proofread.motif_tests(network, INDEX, LABELS, motifs[:1])
        assert len(tests) > 0
        inserted = proofread.motif_insertion(
            network, INDEX, motifs[:1], background="observed", controls=2, resamples=10
        )
        assert np.isfinite(inserted.table["effect"]).all()
