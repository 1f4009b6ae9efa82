"""Where the workflow's own files are: beside the rules, or in Snakemake's cache.

Snakemake fetches the rules and scripts of a remote workflow, but not what they read.
That is listed in files.txt (by tools/remote_files.py) and fetched here.
"""

import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

HOME = workflow.current_basedir.join("..")
if str(HOME).startswith("git+file:"):
    raise WorkflowError(
        "proofread does not run from gitfile(): Snakemake's copies of a local "
        "repository's files have no folder in common. Clone the version you want and "
        'name its file: snakefile: "<clone>/workflow/Snakefile"'
    )
if HOME.is_local:
    WORKFLOW = Path(str(HOME)).resolve()
else:
    listing = Path(workflow.sourcecache.get_path(HOME.join("files.txt")))
    for name in listing.read_text().split():
        workflow.sourcecache.get_path(HOME.join(name))
    WORKFLOW = listing.parent
sys.path.insert(0, str(WORKFLOW / "scripts"))

from proofread.configuration.caches import make_caches_writable

make_caches_writable(Path(".snakemake"))
# The name of a folder may have letters that the terminal lacks.
if hasattr(sys.stdout, "reconfigure"):
    sys.stdout.reconfigure(errors="backslashreplace")
