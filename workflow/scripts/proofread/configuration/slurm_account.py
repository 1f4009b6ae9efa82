"""Words of ours for warnings of Snakemake's SLURM plugin that frighten for nothing."""

# Without an account the plugin (2.8.0) guesses one with a command that sacct refuses.
NOISE = (
    "No SLURM account given, trying to guess.",
    "No account was given, not able to get a SLURM account via sacct:",
)
OUTCOME = "Unable to guess SLURM account."
IN_WORDS = "The profile names no slurm_account: SLURM charges your default account."


def in_words(record):
    """Filter of Snakemake's logger: one sentence instead of a failed guess.

    Parameters
    ----------
    record : logging.LogRecord

    Returns
    -------
    bool
        False for the messages about the guess, True for all others. That which says
        how the guess ended gets the words of ours.
    """
    message = record.getMessage()
    if message.startswith(OUTCOME):
        record.msg, record.args = IN_WORDS, ()
    return not message.startswith(NOISE)
