"""Jobs and times in a user's words."""

# A model's name ends with the kind of its negative control.
CONTROLS = {
    ".untrained": " (negative control: untrained)",
    ".shuffled": " (negative control: shuffled labels)",
}


def job_name(rule, wildcards):
    """A job in a user's words: its rule, dataset, network and seed."""
    parts = [rule.removesuffix("_control").removesuffix("_candidate")]
    for key, value in wildcards.items():
        if key == "seed":
            value = f"seed {value}"
        for ending, meaning in CONTROLS.items():
            if key == "model" and value.endswith(ending):
                value = value.removesuffix(ending) + meaning
        parts.append(value)
    return " · ".join(map(str, parts))


def duration(seconds):
    """Seconds as a person says them: 8 s, 2 min, 1.5 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def printable(text):
    """A text without control characters, which could steer the terminal."""
    return "".join(
        letter if letter.isprintable() else " " for letter in text.expandtabs(4)
    )
