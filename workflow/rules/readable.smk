"""Stops at a default configuration that is not YAML, with its file and line.

Snakemake reads the file next, and its own message has neither.
"""

from pathlib import Path

from snakemake.exceptions import WorkflowError

from proofread.configuration.files import ConfigurationFiles
from proofread.errors import InputError

DEFAULT = Path("config/config.yaml")
# As a module, the calling workflow gives the configuration.
if DEFAULT.is_file() and not workflow.modifier.skip_configfile:
    try:
        ConfigurationFiles.read([DEFAULT])
    except InputError as error:
        raise WorkflowError(str(error)) from None
