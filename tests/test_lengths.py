"""The shortest sequence of each architecture, as the configuration counts it."""

import pytest

from proofread.configuration.lengths import check_length, min_length
from proofread.errors import InputError
from proofread.models.checkpoint import build_model, known_architectures


def built(architecture, settings, length):
    """Whether the network itself takes sequences of this length."""
    try:
        build_model(architecture, settings, length, ["one"])
    except InputError:
        return False
    return True


# Settings whose sizes are all different, so that none is taken for another.
CHANGED = {
    "basset": {"width": 5, "width2": 3, "width3": 2, "pool": 2, "pool2": 3},
    "basset padded": {"padding": "same", "pool": 2, "pool2": 3, "pool3": 5},
    "conv_attention": {"width": 6, "pool": 5},
    "deepg_cnn_lstm": {"pool": 4},
    "eraslan2019": {"width": 7, "width2": 4, "pool": 3},
    "kmer_embedding": {"k": 2, "stride": 3, "width": 5, "pool": 2},
    "koo_cnn": {"pool": 7},
    "koo_cnn2": {"pool": 3, "pool2": 5},
    "koo_dist": {"width3": 4, "width4": 2, "pool2": 2, "pool3": 3, "pool4": 5},
    "koo_local": {"pool": 9, "pool2": 3},
    "motif_counts": {"width": 6, "pool": 5},
    "recommended": {"width": 6, "pool": 5, "pool2": 3},
    "residual_dilated": {"width": 6, "pool": 3, "layers": 2},
}


@pytest.mark.parametrize("changed", [False, True], ids=["defaults", "changed"])
@pytest.mark.parametrize("name", CHANGED)
def test_one_base_less_is_too_short_for_the_network_itself(name, changed):
    architecture = name.split()[0]
    settings = CHANGED[name] if changed else {}
    least = min_length({"architecture": architecture, "settings": settings})
    assert built(architecture, settings, least)
    assert not built(architecture, settings, least - 1)


def test_every_architecture_is_counted():
    assert {name.split()[0] for name in CHANGED} == set(known_architectures())


def test_two_filters_and_two_pools_are_counted_backwards():
    # 1 position, 2 before the pool, 21 before the filter, 42, 61.
    model = {"architecture": "eraslan2019", "settings": {}}
    assert min_length(model) == 61
    for length in (None, 61):
        check_length(model, length, "it", "there")
    with pytest.raises(InputError, match="at least 61 bp"):
        check_length(model, 60, "it", "there")
