"""Networks whose numbers are not finite for some sequences are refused, by name."""

import numpy as np
import pytest
import torch
from torch import nn

import proofread
from proofread.datasets.dataset import Dataset
from proofread.dna.encoding import encode
from proofread.errors import InputError
from proofread.methods.attributions.explain import explain
from proofread.models.finite import check_finite
from proofread.models.local_edits import EditedLogits
from proofread.models.predictor import predictor_of

NAMES = ["good", "bad", "fine"]
TEXTS = ["ACGT" * 10, "AATT" * 10, "CCGG" * 10]


def dataset():
    index = np.stack([encode(text) for text in TEXTS])
    return Dataset(
        index=index,
        length=np.full(3, 40),
        name=NAMES,
        label=np.array([[1], [0], [1]], dtype=np.float32),
        target=["t"],
        group=NAMES,
        stratum=["positive", "negative", "positive"],
    )


class DividesByGC(nn.Module):
    """Logit = filter outputs / (number of C and G): infinite without any."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 2, 3)
        self.relu = nn.ReLU()
        self.head = nn.Linear(2, 1)
        nn.init.ones_(self.head.weight)
        nn.init.ones_(self.head.bias)

    def forward(self, one_hot):
        hidden = self.relu(self.conv(one_hot)).amax(dim=2)
        return self.head(hidden) / one_hot[:, 1:3].sum(dim=(1, 2))[:, None]


class SteepAtZero(nn.Module):
    """Logit = sqrt(number of C and G): finite, with an infinite gradient at 0."""

    def __init__(self):
        super().__init__()
        self.one = nn.Parameter(torch.ones(1))

    def forward(self, one_hot):
        return (self.one * one_hot[:, 1:3].sum(dim=(1, 2))).sqrt()[:, None]


def test_a_message_has_the_number_and_the_names():
    values = np.zeros((8, 2))
    check_finite(values, "net")
    check_finite(values[:0], "net")  # no sequence, nothing wrong
    values[1:, 0] = np.nan
    values[2, 1] = np.inf
    with pytest.raises(InputError) as error:
        check_finite(values, "net", names=list("abcdefgh"))
    assert error.value.where == "net"
    assert error.value.found == (
        "its predictions of 7 of 8 sequences are not finite numbers: "
        "b, c, d, e, f and 2 more"
    )
    with pytest.raises(InputError) as error:
        check_finite(values[:6], "net", names=list("abcdef"))
    assert error.value.found.endswith(": b, c, d, e, f")  # no more than are named
    with pytest.raises(InputError) as error:
        check_finite(values[:2], "net")
    assert error.value.found.endswith("not finite numbers: number (from 0) 1")


@pytest.mark.parametrize(
    ("function", "settings"),
    [
        ("predict", {}),
        ("attributions", {"kind": "saliency"}),
        ("attributions", {"kind": "integrated_gradients", "baselines": 2}),
        ("saturation_mutagenesis", {}),
        ("kmer_perturbation", {"lengths": [3]}),
        ("greedy_substitution", {"steps": 1}),
        ("faithfulness", {}),
        ("filter_nullification", {"convolution": "conv", "activation": "relu"}),
    ],
)
def test_every_function_names_the_sequence(function, settings):
    with pytest.raises(InputError) as error:
        getattr(proofread, function)(DividesByGC(), dataset(), **settings)
    assert "of 1 of 3 sequences are not finite numbers: bad" in error.value.found


def test_attributions_that_are_not_finite_are_refused_though_predictions_are():
    one_hot = torch.from_numpy(dataset().one_hot())
    assert proofread.predict(SteepAtZero(), dataset()).ravel()[1] == 0
    for names, said in ((NAMES, ": bad"), (None, r"number \(from 0\) 1")):
        with pytest.raises(InputError, match=rf"the attributions of 1 of 3 .*{said}"):
            explain("saliency", SteepAtZero().eval(), one_hot, [0], names=names)


def test_edits_that_are_computed_anew_are_checked():
    """A convolution, a dense layer and 1 / x: infinite where the edit gives 0."""

    class Inverse(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(4, 1, 1, bias=False)
            self.conv.weight.data = torch.tensor([[[0.0], [1], [1], [0]]])
            self.flat, self.head = nn.Flatten(), nn.Linear(8, 1, bias=False)
            nn.init.ones_(self.head.weight)
            self.length, self.targets = 8, ["t"]

        def forward(self, one_hot):
            return 1 / self.head(self.flat(self.conv(one_hot)))

    network = Inverse().eval()
    editor = EditedLogits(predictor_of(network, "net"))
    index = encode("ACTTTTAA")[None]
    assert editor.intact(index).tolist() == [[1.0]]
    with pytest.raises(InputError, match="with a replaced k-mer"):
        # Its only C becomes T.
        editor.edited(index, [0], [1], np.array([[3]]))
    with pytest.raises(InputError, match="not finite numbers: flat"):
        editor.intact(encode("AATTTTAA")[None], names=["flat"])


def test_a_scan_names_the_window():
    model = DividesByGC()
    good, bad, unknown = "ACGT" * 10, "A" * 40, "N" * 40
    with pytest.raises(InputError, match=r"not finite numbers: c:40-80"):
        proofread.long_sequence_scan(model, {"c": good + bad}, length=40, stride=40)
    # A window that is left out for its unknown bases is not looked at.
    scan = proofread.long_sequence_scan(
        model, {"c": good + unknown}, length=40, stride=40, strands="forward"
    )
    assert np.isnan(scan.tracks[0].raw).tolist() == [False, True]
