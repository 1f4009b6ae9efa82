"""The scan of each genome: its agreement with the sites, and its figures."""

from pathlib import Path

from proofread.report import methods

TITLE = "Long sequence scan"
METHOD = "long_sequence_scan"


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
