"""The SLURM plugin's warnings about a missing account, in words."""

import logging

import pytest

from proofread.configuration.slurm_account import in_words

SACCT = (
    "No account was given, not able to get a SLURM account via sacct: "
    "sacct: invalid option -- '1'\n"
)
OUTCOME = "Unable to guess SLURM account. Trying to proceed without."


@pytest.fixture
def logger():
    logger = logging.Logger("snakemake.logging")
    logger.addFilter(in_words)
    logger.addFilter(in_words)  # as by a workflow and a module of it
    return logger


@pytest.fixture
def messages(logger):
    """What reaches a handler, as a list that grows."""
    shown = []
    handler = logging.Handler()
    handler.emit = lambda record: shown.append(record.getMessage())
    logger.addHandler(handler)
    return shown


def test_a_failed_guess_is_one_sentence(logger, messages):
    for message in ("No SLURM account given, trying to guess.", SACCT, OUTCOME):
        logger.warning(message)
    assert messages == [
        "The profile names no slurm_account: SLURM charges your default account."
    ]


def test_all_else_stays(logger, messages):
    logger.warning("Guessed SLURM account: lab")
    logger.error("The given account %s appears to be invalid.", "lab")
    assert messages == [
        "Guessed SLURM account: lab",
        "The given account lab appears to be invalid.",
    ]
