"""tools/check_gpu.py: it runs every method, and sees what differs or is too slow."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import check_gpu
from check_gpu import METHODS, Method, compare, difference, on_one_core
from test_layout import ROOT, methods

# Of the methods with a room of their own, these run no network.
WITHOUT = {"tomtom", "motif_discovery"}


class Sequences:
    """n sequences, each its number."""

    def __init__(self, rows):
        self.rows = list(rows)

    def __len__(self):
        return len(self.rows)

    def subset(self, rows):
        return Sequences(self.rows[row] for row in rows)


def doubled(factor, dataset):
    return {"twice": factor * np.array(dataset.rows, dtype=np.float32)}


def test_a_difference_is_a_fraction_of_the_largest_number_or_of_1():
    assert difference({"a": [10, 5]}, {"a": [10, 5.002]}) == pytest.approx(0.0002)
    assert difference({"a": [0.1, 0.2]}, {"a": [0.1, 0.25]}) == pytest.approx(0.05)
    assert difference({"a": [np.nan, 1]}, {"a": [np.nan, 1]}) == 0
    assert difference({"a": [np.nan, 1]}, {"a": [0, 1]}) == np.inf
    assert difference({"a": [1, 2]}, {"a": [1]}) == np.inf


def test_numbers_that_differ_fail(capsys):
    method, dataset = Method("m", doubled), Sequences(range(4))
    assert compare(method, (2, 2), dataset, 1, judged=True)
    assert capsys.readouterr().out.split()[-1] == "ok"
    assert not compare(method, (2, 2.001), dataset, 1, judged=True)
    assert capsys.readouterr().out.split()[-1] == "DIFFERS"


@pytest.mark.parametrize("judged", [True, False])
def test_a_goal_that_is_missed_fails_on_a_gpu(judged, capsys, monkeypatch):
    # Each call takes a second: 4 sequences on the device as on the core.
    clock = SimpleNamespace(perf_counter=iter(range(100)).__next__)
    monkeypatch.setattr(check_gpu, "time", clock)
    method = Method("m", doubled, goal=20)
    good = compare(method, (2, 2), Sequences(range(4)), 1, judged=judged)
    assert good != judged
    assert capsys.readouterr().out.split()[-1] == ("SLOW" if judged else "ok")


def test_the_core_gets_as_many_sequences_as_fit(monkeypatch):
    # A second for each call: 2 sequences, then the 16 that 8 more seconds seem to hold.
    clock = SimpleNamespace(perf_counter=iter(range(100)).__next__)
    monkeypatch.setattr(check_gpu, "time", clock)
    spent, result, n = on_one_core(Method("m", doubled), 2, Sequences(range(16)), 9)
    assert (spent, n) == (1 / 16, 16)
    assert result["twice"].tolist() == list(range(0, 32, 2))


def test_every_method_that_runs_a_network_is_compared():
    names = {method.name for method in METHODS}
    kinds = {"integrated_gradients", "deeplift_shap", "gradient_shap", "smoothgrad"}
    kinds |= {"gradient_x_input", "evaluate"}
    assert names - kinds == set(methods()) - WITHOUT - {"attributions"}


@pytest.mark.slow
def test_the_script_runs_without_a_gpu():
    done = subprocess.run(
        [sys.executable, ROOT / "tools/check_gpu.py", "--device", "cpu", "--small"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for method in METHODS:
        assert f"\n{method.name} " in done.stdout
    assert "No GPU was used" in done.stdout


def test_a_gpu_is_asked_for_and_missed(monkeypatch):
    monkeypatch.setattr("torch.version.cuda", None)
    with pytest.raises(check_gpu.InputError, match="built without CUDA"):
        check_gpu.main([])
