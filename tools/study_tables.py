"""The tables of every network of the leaderboard, kept in one file.

    python tools/study_tables.py keep leaderboard
    python tools/study_tables.py restore leaderboard
    snakemake figures --configfile config/leaderboard.yaml --rerun-triggers mtime

`keep` puts the tables that the rule figures reads of each network, and the CPU time of
each job, into docs/studies/NAME/networks.tar.xz. What the file has of other networks
stays, so that a study can be run in parts. `restore` writes what is not there into
results/NAME and benchmarks/NAME: the figures are then made again without training, or a
run goes on where the last one ended. The other studies are not kept: their figures also
read predictions and tables of single methods.
"""

import argparse
import io
import os
import sys
import tarfile
import time

import study_pages
from proofread.atomic import atomic
from proofread.errors import InputError

# The studies whose figures read no other tables of a network than those below.
STUDIES = ("leaderboard",)
# Of each network, beside the CPU time of its jobs.
TABLES = (
    *("**/score.tsv", "**/metrics.tsv"),
    *("**/faithfulness/table.tsv", "**/faithfulness/families_precision.tsv"),
)
# Of the whole study: made again from the others.
WHOLE = ("figures",)


def archive(name, docs=study_pages.DOCS):
    """The file with the tables of a study."""
    return docs / "studies" / name / "networks.tar.xz"


def of_run(name, folder):
    """The files of a run that are kept: bytes by their path below the folder."""
    results, benchmarks = (folder / part / name for part in ("results", "benchmarks"))
    paths = [path for pattern in TABLES for path in results.glob(pattern)]
    paths += benchmarks.glob("**/*.tsv")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        if path.relative_to(folder).parts[2] not in WHOLE
    }


def read(path):
    """The files that are kept; none without an archive."""
    if not path.is_file():
        return {}
    with tarfile.open(path, "r:xz") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def keep(name, folder=study_pages.ROOT, docs=study_pages.DOCS):
    """Add the tables of a run to those that are kept; the number of files in all."""
    found = of_run(name, folder)
    if not found:
        raise InputError(
            folder / "results" / name,
            "no table of a network",
            f"the results of config/{name}.yaml",
            f"run snakemake figures --configfile config/{name}.yaml first",
        )
    files = read(archive(name, docs)) | found
    archive(name, docs).parent.mkdir(parents=True, exist_ok=True)
    with (
        atomic(archive(name, docs)) as temporary,
        tarfile.open(temporary, "w:xz", preset=9) as tar,
    ):
        # The same files give the same bytes: no time and no owner.
        for path, content in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return len(files)


def restore(name, folder=study_pages.ROOT, docs=study_pages.DOCS):
    """Write the kept tables that are not there; the number of files written."""
    files = read(archive(name, docs))
    if not files:
        raise InputError(
            archive(name, docs),
            "no file",
            "the kept tables of a study",
            f"run snakemake figures --configfile config/{name}.yaml, then "
            f"python tools/study_tables.py keep {name}",
        )
    missing = {path: files[path] for path in files if not (folder / path).exists()}
    # All get one time: Snakemake runs a job again if an input is newer than an output.
    now = time.time()
    for path, content in missing.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        os.utime(folder / path, (now, now))
    return len(missing)


def main(arguments=None):
    """Keep or restore the tables of one study."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("action", choices=("keep", "restore"))
    parser.add_argument("study", choices=STUDIES)
    chosen = parser.parse_args(arguments)
    action = {"keep": keep, "restore": restore}[chosen.action]
    print(f"{chosen.action}: {action(chosen.study)} files")


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(str(error))
