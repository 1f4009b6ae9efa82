"""Networks of public reports, read in place: right answers, or messages that help."""

from pathlib import Path

import numpy as np
import pytest
import torch

from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.methods.filter_nullification.nullify import nullify
from proofread.methods.filter_pfms.pfms import filter_pfms, motifs_of
from proofread.models.checkpoint import predict_logits
from proofread.models.first_layer import FirstLayer
from proofread.models.user_model import build_user_model, weights_content

MOTIF = "AAAGAGGAAGTG"  # of the networks of A04


def imported(folder, **changes):
    """`import` of a case's configuration."""
    return {
        "adapter": str(folder / "adapter.py"),
        "function": "load",
        "weights": None,
        "sha256": None,
        "settings": {},
        "first_convolution": "conv",
        "first_activation": "relu",
    } | changes


def built(folder, **changes):
    return build_user_model(imported(folder, **changes), b"", 100, ["bound"])


def read(path):
    lines = path.read_text().splitlines()
    return np.stack([encode(line) for line in lines if not line.startswith(">")])


@pytest.fixture
def both_strands(cases_folder):
    """Positives and negatives that hold the motif on either strand."""
    folder = cases_folder / "shared/strands"
    return np.concatenate([read(folder / "p.fa"), read(folder / "n.fa")])


@pytest.mark.parametrize("case", ["A04g", "related/A04h"])
def test_a_filter_has_its_motif_whichever_strand_is_read_first(
    case, cases_folder, both_strands
):
    network = built(cases_folder / case)
    length = np.full(len(both_strands), 100)
    result = filter_pfms(network, both_strands, length)
    consensus = motifs_of(result)[0].matrix.argmax(axis=1)
    assert consensus.tolist() == encode(MOTIF).tolist()


def test_without_its_only_filter_all_sequences_have_one_logit(
    cases_folder, both_strands
):
    network = built(cases_folder / "A04e")
    result = nullify(network, both_strands, [[0]])
    assert np.unique(result.logit).size > 1
    assert np.unique(result.ablated).size == 1
    # 2 * activation - 6 with the mean activation of both strands, by the network itself
    with torch.no_grad():
        batch = FirstLayer(network, 100).batch(both_strands)
        both = torch.cat([batch, batch.flip(1, 2)])
        mean = network.network.relu(network.network.conv(both)).double().mean()
    assert result.ablated[0, 0, 0] == pytest.approx(2 * float(mean) - 6)


def test_a_filter_of_deepbind_is_ablated_on_both_strands(data_folder, both_strands):
    weights = str(data_folder / "deepbind_models/D00655.002.txt")
    folder = Path(__file__).parents[1] / "examples/user_model"
    layers = {"first_convolution": "detectors", "first_activation": "rectify"}
    item = imported(folder, adapter=str(folder / "deepbind.py"), weights=weights)
    network = build_user_model(item | layers, weights_content(item), 100, ["bound"])
    index, rectify = both_strands[:6], network.network.rectify
    result = nullify(network, index, [[10]], null="zero")

    def without(module, inputs, output):
        return output.index_fill(1, torch.tensor([10]), 0)

    handle = rectify.register_forward_hook(without)  # on whichever strand
    expected = predict_logits(network, index)
    handle.remove()
    assert np.abs(result.ablated[:, 0] - result.logit).max() > 0
    np.testing.assert_allclose(result.ablated[:, 0], expected, atol=1e-6)


def test_both_strands_in_one_batch_are_refused_with_a_remedy(cases_folder):
    with pytest.raises(InputError, match=r"both strands[\s\S]*once for each strand"):
        FirstLayer(built(cases_folder / "A04c"), 100)
