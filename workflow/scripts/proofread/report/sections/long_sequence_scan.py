"""The scan of each genome: its agreement with the sites, and its figures."""

from pathlib import Path

from proofread.report import methods
from proofread.report.numbers import count, is_missing, scientific, short
from proofread.report.verdicts import SIGNIFICANT, Verdict, no_finding

TITLE = "Long sequence scan"
METHOD = "long_sequence_scan"
FINDS = "the sites in longer sequences"
HEADLINE = ("window_auroc",)
TABLES = ("table.tsv",)
FIGURES = (
    (
        "profile",
        "A peak at 0 above the grey band: predictions are higher at the sites than"
        " elsewhere.",
    ),
)


def verdict(experiment, settings):
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
                **methods.plain(experiment, METHOD, of_genome, folder),
            }
            for name, (folder, of_genome) in scans
        ]
    }
