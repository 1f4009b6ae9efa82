"""Measure what Snakemake needs to plan a large run, without running a job.

    python tools/scale_dry_run.py [--datasets N] [--seeds N] [--profile FOLDER]

The configuration has simulated datasets, one model, some seeds, every method and the
negative controls. CPU time and peak memory are printed of `--rulegraph`, which stops
when the plan is made, and of `--dry-run`, which goes through all jobs as well; then
those of Snakemake alone: of plain rules with as many jobs, inputs and outputs, but
without parameters, functions, groups and checks of the configuration.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
LINE = re.compile(r" *(?:(?:local)?rule (\w+):|(input|output): (.+))$", re.M)
CHUNKS = ("long_sequence_scan_chunk",)
# The only job of these rules reads or writes files of all networks.
FINAL = ("report", "scorecard", "summary", "default")


def methods():
    """Names of all methods."""
    return sorted(path.stem for path in (ROOT / "workflow/rules/methods").glob("*.smk"))


def prepare(folder, datasets, seeds):
    """Write the configuration into a folder in which the workflow can run."""
    names = [f"set{number:03d}" for number in range(datasets)]
    configuration = {
        "experiments": "large.tsv",
        "analyses": methods(),
        "negative_controls": ["untrained", "shuffled"],
        "datasets": {
            name: {
                "source": "simulate",
                "rule": "presence",
                "motifs": ["STAT_known2", "CTCF_known1"],
                "positive_motifs": ["STAT_known2"],
                "sequences": 8000,
                "length": 200,
                "seed": number,
            }
            for number, name in enumerate(names)
        },
        # A network with k-mers for `embedding`, which has no controls.
        "models": {"words": {"architecture": "kmer_embedding", "settings": {"k": 3}}},
        "databases": {"jaspar": {"release": "JASPAR2026"}},
        "methods": {"tomtom": {"databases": ["jaspar"]}},
    }
    rows = [f"{name}\twords\t{seed}" for name in names for seed in range(1, seeds + 1)]
    (folder / "large.tsv").write_text("\n".join(["dataset\tmodel\tseed", *rows, ""]))
    (folder / "large.yaml").write_text(yaml.safe_dump(configuration))
    (folder / "config").mkdir(exist_ok=True)
    # workflow/Snakefile reads the default first.
    (folder / "config/config.yaml").write_text("{}\n")


def plan(folder, snakefile, *options):
    """Plan a run; the options say what comes of the plan.

    Returns
    -------
    text : str
        What it printed.
    seconds : float
        CPU time.
    gigabytes : float
        Peak resident memory, GB (10^9 bytes).
    """
    command = [
        *(sys.executable, "-m", "snakemake", "--snakefile", snakefile),
        *("--directory", folder, *options),
    ]
    with (folder / "snakemake.log").open("w+") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
        log.seek(0)
        text = log.read()
    if status:
        raise SystemExit(text)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes or kibibytes
    return text, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e9


def rules_of(text):
    """Each rule in the printed plan of one network: jobs, inputs, outputs of a job."""
    result = {}
    for rule, key, files in LINE.findall(text):
        if rule:
            name = rule
            jobs = result[name]["jobs"] + 1 if name in result else 1
            result[name] = {"jobs": jobs, "input": 0, "output": 0}
        else:
            result[name][key] = len(files.split(", "))
    return result


def plain(folder, rules, datasets, seeds):
    """Write plain rules with as many jobs, inputs and outputs as ours.

    Parameters
    ----------
    folder : path
    rules : dict of str to dict
        From `rules_of`, of one dataset and one seed.
    datasets, seeds : int

    Returns
    -------
    path
        The Snakefile.
    """
    lines, files = [], []
    for name, sizes in rules.items():
        if name in FINAL:
            continue
        # Rules of networks have a job for each seed, and one for each negative control.
        of_networks = name in ("train", "evaluate", *methods(), *CHUNKS)
        parts = datasets * (seeds + sizes["jobs"] - 1 if of_networks else sizes["jobs"])
        each = [
            f"results/{{part}}/{name}/{number}.txt" for number in range(sizes["output"])
        ]
        first = ["simulate/0", "simulate/1", "simulate/2", "split/0", "split/1"]
        read = [
            f"results/0/{file}.txt" for file in [*first, "split/2"][: sizes["input"]]
        ]
        lines += [
            f"rule {name}:",
            f"    input: {[] if name in ('simulate', 'split') else read}",
            f"    output: {each}",
            f"    log: 'logs/{name}/{{part}}.log'",
            f"    benchmark: 'benchmarks/{name}/{{part}}.tsv'",
            "    conda: 'plain.yaml'",
            "    threads: 1",
            "    resources: mem_mb=1000, runtime=10",
            "    script: 'plain.py'",
        ]
        files.append((each, parts))
    lines += [
        f"FILES = {files}",
        "rule all:",
        "    default_target: True",
        "    input: [file.format(part=part) for each, parts in FILES "
        "for part in range(parts) for file in each]",
    ]
    (folder / "plain.py").write_text("")
    (folder / "plain.yaml").write_text("dependencies: []\n")
    snakefile = folder / "plain.smk"
    snakefile.write_text("\n".join([*lines, ""]))
    return snakefile


def build(folder, datasets, seeds, *options):
    """Make the plan and stop: CPU seconds and GB."""
    prepare(folder, datasets, seeds)
    options = (*options, "--configfile", "large.yaml", "--rulegraph")
    _, *used = plan(folder, ROOT / "Snakefile", *options)
    return used


def main():
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datasets", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--profile", help="such as profiles/slurm")
    given = parser.parse_args()
    size = given.datasets, given.seeds
    options = ["--cores", "1"]
    if given.profile:
        # Planned as for the cluster, which need not be there.
        options = ["--profile", Path(given.profile).resolve()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds, memory = build(folder, *size, *options)
        print(
            f"plan alone              {seconds:6.1f} CPU s {memory:5.2f} GB", flush=True
        )
        ours = ("--configfile", "large.yaml")
        all_jobs(folder, ROOT / "Snakefile", "proofread", *options, *ours)
        prepare(folder, 1, 1)
        one, *_ = plan(
            *(folder, ROOT / "Snakefile", "--cores", "1", *ours),
            *("--dry-run", "--quiet", "host"),
        )
        snakefile = plain(folder, rules_of(one), *size)
        all_jobs(folder, snakefile, "plain rules", "--cores", "1")


def all_jobs(folder, snakefile, what, *options):
    """Print what a dry run needs."""
    options = (*options, "--dry-run", "--quiet", "rules", "host")
    text, seconds, memory = plan(folder, snakefile, *options)
    jobs = re.findall(r"^total +(\d+)$", text, re.M)[-1]
    print(
        f"dry run of {what:11} {seconds:7.1f} CPU s {memory:5.2f} GB  {jobs} jobs",
        flush=True,
    )


if __name__ == "__main__":
    main()
