"""Words of a message: the name that was probably meant, a value as it was written."""

import difflib

# Other words for a key, whose spelling does not lead to the key's name.
SYNONYMS = {
    "attributions": ["kind"],
    "bring": ["external_files"],
    "control_places": ["control_positions"],
    "draws": ["replicates", "insert", "smoothgrad"],
    "draws_from": ["kmers_from"],
    "examined": ["max_sequences"],
    "faithful": ["integrated_gradients"],
    "fewest_seqlets": ["min_seqlets"],
    "flips": ["permutations"],
    "floors": ["negative_controls"],
    "gap_sequences": ["max_gap_sequences"],
    "guided_substitution": ["greedy_substitution"],
    "implant": ["insert"],
    "integrated_gradients": ["attributions"],
    "largest_figure": ["max_shown"],
    "largest_gap": ["max_gap"],
    "least_gain": ["min_gain"],
    "least_limit": ["min_limit"],
    "least_passing": ["min_passing_fraction"],
    "least_share": ["min_effect_fraction"],
    "letters": ["affix_length", "letter_height"],
    "minimum_overlap": ["min_overlap"],
    "most_motifs": ["max_motifs"],
    "most_passing": ["max_passing_fraction"],
    "most_seqlets": ["max_seqlets"],
    "motif_file": ["motifs_file"],
    "motif_implants": ["motif_insertion"],
    "noise": ["smoothgrad"],
    "output": ["scale"],
    "own": ["import"],
    "p": ["p_threshold"],
    "references": ["ideal_explainer"],
    "sequences": ["max_sequences_per_test", "max_sequences"],
    "smallest_pattern": ["min_pattern_seqlets"],
    "steps": ["integrated_gradients"],
    "threshold": [
        "label_threshold",
        "activation_threshold",
        "probability_threshold",
        "q_threshold",
    ],
    "threshold_on": ["q_threshold"],
}


def suggest(name, known):
    """The known name that was probably meant by another, or None."""
    names = [str(name) for name in known]
    for synonym in SYNONYMS.get(str(name), []):
        if synonym in names:
            return synonym
    close = difflib.get_close_matches(str(name), names, n=1)
    return close[0] if close else None


def advice(name, known, otherwise):
    """'did you mean ...?' where a known name is close, else `otherwise`."""
    close = suggest(name, known)
    return f"did you mean {close!r}?" if close else otherwise


def shown(value):
    """A value as the user would write it, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        keys = ", ".join(map(str, value))
        return f"a mapping with {keys}" if keys else "an empty mapping"
    if isinstance(value, list):
        return _shortened("[" + ", ".join(map(str, value)) + "]")
    return _shortened(repr(value))


def _shortened(text):
    return text if len(text) <= 80 else text[:77] + "..."
