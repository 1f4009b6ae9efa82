"""What a job asks of a cluster: more when it is tried again, a GPU where it has use."""

import re

import pytest

from proofread.configuration.resources import growing
from test_layout import COMPUTING, RULES

# Of the rules that read or make a network, these have no use for a GPU.
WITHOUT = {"import_model", "oracle"}


def test_each_attempt_asks_for_twice_as_much():
    memory = growing(1500)
    assert [memory(None, attempt) for attempt in (1, 2, 3)] == [1500, 3000, 6000]


@pytest.mark.parametrize("name", COMPUTING)
def test_a_rule_asks_for_more_when_it_is_tried_again(name):
    _, text = RULES[name]
    for resource in ("mem_mb", "runtime"):
        assert re.search(rf"^        {resource}=growing\(\d+\),$", text, re.M), name


@pytest.mark.parametrize("name", COMPUTING)
def test_a_rule_without_a_network_refuses_the_gpu_of_a_profile(name):
    _, text = RULES[name]
    has_network = "<network>/model.ckpt" in text and name not in WITHOUT
    assert has_network != ("        gpu=0,\n" in text), name


@pytest.mark.parametrize("name", COMPUTING)
def test_what_reads_a_network_shares_its_job_on_a_cluster(name):
    _, text = RULES[name]
    inputs = text.split("output:")[0]
    if "seeds=other_seeds(" in inputs:
        # Two seeds that read each other's maps cannot each wait for the other's group.
        assert "    group:\n" not in text, name
    elif 'model="<network>/model.ckpt",' in inputs:
        assert '"network_{dataset}_{model}_seed{seed}"' in text, name
