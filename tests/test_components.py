"""Principal components of points whose directions are known."""

import numpy as np
import pytest

from proofread.statistics.components import oriented, principal_components

CROSS = np.array([[3.0, 0], [-3, 0], [0, 1], [0, -1]]) + 5


def test_principal_components_of_a_cross():
    scores, directions, fraction = principal_components(CROSS)
    np.testing.assert_allclose(fraction, [18 / 20, 2 / 20])
    np.testing.assert_allclose(np.abs(scores[:, 0]), [3, 3, 0, 0], atol=1e-12)
    np.testing.assert_allclose(np.abs(directions), np.eye(2), atol=1e-12)
    np.testing.assert_allclose(scores @ directions, CROSS - 5, atol=1e-12)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_deciding_number_is_positive(sign):
    scores = sign * np.array([[1.0, -1.0], [-4.0, 2.0]])
    assert oriented(scores, scores).tolist() == [[-1, -1], [4, 2]]
    deciding = np.array([[1.0, -1.0]])
    assert oriented(scores, deciding).tolist() == (scores * [1, -1]).tolist()


def test_nothing_varies():
    scores, _, fraction = principal_components(np.ones((5, 3)))
    assert not scores.any()
    assert not fraction.any()
    # Three points on a line: the second component is rounding.
    line = np.array([[0.1, 0.2], [0.3, 0.6], [0.7, 1.4]])
    assert principal_components(line)[2].tolist() == [1, 0]


def test_no_vector_has_no_component():
    scores, directions, fraction = principal_components(np.zeros((0, 3)))
    assert (scores.shape, directions.shape, len(fraction)) == ((0, 0), (0, 3), 0)
    assert oriented(scores, scores).shape == (0, 0)
