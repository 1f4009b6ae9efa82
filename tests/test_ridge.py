"""Ridge baselines: by hand, against scikit-learn, and over the whole of a dataset."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from proofread.datasets.baselines import fit_baselines
from proofread.datasets.dataset import Dataset
from proofread.datasets.ridge import STRENGTHS, fit_ridge, predictions
from proofread.statistics.quantities import r2


def test_one_feature_by_hand(monkeypatch):
    # Feature 0 and 2: mean 1, sd 1, so z = -1, 1. Values 10 and 30: mean 20. The slope
    # is sum z y / (sum z² + strength) = 20 / (2 + 2) = 5 of strength 2.
    monkeypatch.setattr("proofread.datasets.ridge.STRENGTHS", (2,))
    feature = np.array([[0.0], [2.0], [4.0]])
    values = np.array([[10.0], [30.0], [0.0]])
    splits = {"train": np.array([0, 1]), "validation": np.array([2])}
    (fitted,) = fit_ridge(feature.__getitem__, values, splits, batch=1)
    assert fitted.weights == pytest.approx([5])
    # At feature 4, z = 3: 20 + 3 x 5.
    assert fitted.predict(np.array([[4.0]])) == pytest.approx([35])


@pytest.mark.parametrize("layout", [np.asarray, csr_matrix])
def test_equal_to_scikit_learn_on_standardised_features(layout):
    rng = np.random.default_rng(1)
    features = rng.poisson(1.0, size=(200, 12)).astype(float) * (1 + np.arange(12))
    features[:, 3] = 0  # never there
    values = (features[:, :2] @ [0.5, -0.2] + rng.normal(size=200))[:, None]
    rows = {"train": np.arange(120), "validation": np.arange(120, 160)}
    given = layout(features)
    (fitted,) = fit_ridge(lambda chosen: given[chosen], values, rows, batch=7)
    scaler = StandardScaler().fit(features[:120])
    errors, peers = [], []
    for strength in STRENGTHS:
        peer = Ridge(alpha=strength).fit(scaler.transform(features[:120]), values[:120])
        difference = peer.predict(scaler.transform(features[120:160]))
        errors.append(np.mean((difference.ravel() - values[120:160, 0]) ** 2))
        peers.append(peer)
    best = int(np.argmin(errors))
    assert fitted.strength == STRENGTHS[best]
    np.testing.assert_allclose(fitted.weights, peers[best].coef_.ravel(), atol=1e-4)
    assert fitted.weights[3] == 0
    result = predictions(lambda chosen: given[chosen], [fitted], np.arange(160, 200), 9)
    expected = peers[best].predict(scaler.transform(features[160:]))
    np.testing.assert_allclose(result[:, 0], expected.ravel(), atol=1e-3)


def test_missing_values_are_left_out_of_each_target_s_fit():
    rng = np.random.default_rng(2)
    feature = rng.normal(size=(150, 1))
    values = np.hstack([feature, -3 * feature]) + rng.normal(size=(150, 2))
    rows = {"train": np.arange(100), "validation": np.arange(100, 150)}
    gaps = values.copy()
    gaps[::3, 0] = np.nan
    first, second = fit_ridge(feature.__getitem__, gaps, rows, batch=50)
    known = {name: part[~np.isnan(gaps[part, 0])] for name, part in rows.items()}
    (alone,) = fit_ridge(feature.__getitem__, values[:, :1], known, batch=50)
    (whole,) = fit_ridge(feature.__getitem__, values[:, 1:], rows, batch=50)
    assert first.weights == pytest.approx(alone.weights)
    assert second.weights == pytest.approx(whole.weights)


@pytest.mark.parametrize("transform", ["none", "standardize", "log1p"])
def test_baselines_predict_in_the_user_s_units(transform):
    # The value is 100 times the number of G and C of 40 bases, plus 1,000.
    index = np.random.default_rng(3).integers(0, 4, size=(300, 40)).astype(np.uint8)
    gc = ((index == 1) | (index == 2)).sum(axis=1)
    value = (1000 + 100 * gc).astype(np.float32)
    dataset = Dataset(
        index,
        np.full(300, 40),
        [f"s{row}" for row in range(300)],
        value[:, None],
        ["activity"],
        [""] * 300,
        [""] * 300,
        settings={"target_type": "quantitative", "transform": transform},
    )
    rows = np.arange(300)
    splits = {"train": rows[:200], "validation": rows[200:250], "test": rows[250:]}
    results = {name: rest for name, *rest in fit_baselines(dataset, splits)}
    assert list(results) == ["gc", "kmer6"]
    predicted, weights = results["gc"]
    assert r2(value[250:], predicted[:, 0]) > 0.98
    assert predicted.shape == (50, 1) and weights.shape == (1, 1)
    assert weights[0, 0] > 0
    assert results["kmer6"][1].shape == (1, 4096)
