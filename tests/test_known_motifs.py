"""The known motifs that 6-mers are compared with."""

import pytest

from proofread.configuration.known_motifs import kmer_comparison


@pytest.mark.parametrize(
    ("analyses", "threshold", "expected"),
    [
        (["tomtom"], 0.2, (["mine"], 0.2)),
        (["tomtom"], 0, (["mine"], 0)),
        # A threshold on E.
        (["tomtom"], None, (["mine"], 0.01)),
        ([], 0.2, ([], 0.01)),
    ],
)
def test_databases_and_threshold_are_those_of_tomtom(analyses, threshold, expected):
    settings = {"databases": ["mine"], "q_threshold": threshold}
    found = kmer_comparison({"analyses": analyses, "methods": {"tomtom": settings}})
    assert (found["databases"], found["q_threshold"]) == expected
