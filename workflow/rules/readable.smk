"""Words of ours for two messages of Snakemake.

A default configuration that is not YAML stops the run with its file and line: Snakemake
reads the file next, and its own message has neither. Jobs of a SLURM cluster without an
account are no failure.
"""

from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

from proofread.configuration.files import ConfigurationFiles
from proofread.configuration.slurm_account import in_words
from proofread.errors import InputError

logger.addFilter(in_words)

DEFAULT = Path("config/config.yaml")
# As a module, the calling workflow gives the configuration.
if DEFAULT.is_file() and not workflow.modifier.skip_configfile:
    try:
        ConfigurationFiles.read([DEFAULT])
    except InputError as error:
        raise WorkflowError(str(error)) from None
