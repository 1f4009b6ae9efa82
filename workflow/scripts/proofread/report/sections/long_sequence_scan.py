"""The scan of each genome: its agreement with sites and signal, and its figures."""

from dataclasses import replace
from pathlib import Path

from proofread.report import methods
from proofread.report.numbers import count, is_missing, scientific, short
from proofread.report.verdicts import SIGNIFICANT, Verdict, no_finding

TITLE = "Long sequence scan"
METHOD = "long_sequence_scan"
FINDS = "the sites in longer sequences"
HEADLINE = ("window_auroc",)
_TRACKS = {
    "forward": "the track of the forward strand",
    "reverse": "the track of the reverse strand",
    "both": "the track of both strands",
}
TABLES = ("table.tsv",)
SIGNAL = "signal.tsv"  # where a measured signal was given
FIGURES = (
    (
        "signal",
        "A line right of the grey shifts: predictions are higher where the measured"
        " signal is.",
    ),
    (
        "profile",
        "A peak at 0 above the grey band: predictions are higher at the sites than"
        " elsewhere.",
    ),
)


def verdict(experiment, settings):
    """Whether predictions are higher at the sites, and follow a measured signal."""
    result, signal = _of_sites(experiment), _signals(experiment)
    if not signal:
        return result
    first = signal[0]  # one of several tracks, whatever it says: the best would be luck
    if experiment.table(METHOD, "table.tsv")["metric"].eq(HEADLINE[0]).any():
        return replace(result, text=f"{result.text} {also(experiment, settings)}")
    text, number = _said(first), short(first["value"])
    if not _follows(first):
        return no_finding(text, number=number)
    text = f"Predictions follow the measured signal: {text}."
    return Verdict(text, "above shifted signals", "ok", number)


def also(experiment, settings):
    """A sentence on the measured signal; empty without one."""
    signal = _signals(experiment)
    if not signal:
        return ""
    follow = "follow" if _follows(signal[0]) else "are not shown to follow"
    return f"Predictions {follow} the measured signal: {_said(signal[0])}."


def _follows(row):
    return bool(row["p"] <= SIGNIFICANT and row["value"] > row["null_high"])


def _said(row):
    """One correlation in words."""
    text = f"{_TRACKS[row['track']]} and the signal have Spearman’s correlation"
    text += f" {short(row['value'])} ({count(row['n'])} windows)"
    if is_missing(row["p"]):
        return f"{text}, without shifted signals to compare with"
    return (
        f"{text}; with a signal that is shifted at random {short(row['null_mean'])}"
        f" (p {scientific(row['p'])})"
    )


def _signals(experiment, folder=()):
    """Spearman's correlations of all contigs together: a row for each track."""
    if not experiment.has(METHOD, *folder, SIGNAL):
        return []
    table = experiment.table(METHOD, *folder, SIGNAL)
    rows = table[table["contig"].isna() & (table["metric"] == "signal_spearman")]
    return rows.dropna(subset="value").to_dict("records")


def _of_sites(experiment):
    """Whether windows at the sites have higher predictions than shifted sites."""
    table = experiment.table(METHOD, "table.tsv")
    of_scan = table[table["sites"] == "scan"].set_index("metric")["value"]
    areas = table[table["metric"] == HEADLINE[0]].set_index("sites")
    if areas.empty:
        peaks = of_scan.get("peaks")
        called = "" if is_missing(peaks) else f"; {count(peaks)} peaks were called"
        return no_finding(f"no sites were given to compare the scan with{called}")
    # Sites that the network has not seen in training count most.
    which = "unseen" if "unseen" in areas.index else areas.index[0]
    row = areas.loc[which]
    value = short(row["value"])
    sites = "sites that were not in training" if which == "unseen" else "sites"
    text = f"windows at {sites} and elsewhere have AUROC {value}"
    if is_missing(row["p"]):
        return no_finding(
            f"{text}, without shifted sites to compare with", number=value
        )
    text += f"; sites that are shifted at random {short(row['null_mean'])}"
    text += f" (p {scientific(row['p'])})"
    if not (row["p"] <= SIGNIFICANT and row["value"] > row["null_high"]):
        return no_finding(text, number=value)
    return Verdict(
        f"Predictions are higher at sites: {text}.", "above shifted sites", "ok", value
    )


def section(experiment, settings):
    """What the template shows of one experiment.

    Each genome has the table and the figures of a scan. Their names stand above them
    where there are several.
    """
    others = {
        name: (("genomes", name), settings | entry)
        for name, entry in settings["genomes"].items()
    }
    path = settings["genome"]
    first = Path(path).name if path else "simulated contigs"
    scans = [(first, ((), settings)), *others.items()]
    return {
        "genomes": [
            {
                "name": name if others else "",
                "files": experiment.files(METHOD, *folder) if folder else [],
                "signals": [
                    f"Of the measured signal: {_said(row)}."
                    for row in _signals(experiment, folder)
                ],
                **methods.plain(experiment, METHOD, of_genome, folder),
            }
            for name, (folder, of_genome) in scans
        ]
    }
