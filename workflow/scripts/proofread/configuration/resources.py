"""What a job asks a cluster for, and asks for when it is tried again."""


def growing(amount):
    """Resource of a rule that doubles with each attempt.

    A job that ran out of memory or time is tried again by ``retries`` of a profile.

    Parameters
    ----------
    amount : int
        What the first attempt gets: MB of memory, or minutes.

    Returns
    -------
    callable
        Of Snakemake's wildcards and attempt (1, 2, ...); returns `amount`, twice it,
        four times it, and so on.
    """

    def at(wildcards, attempt):
        return amount * 2 ** (attempt - 1)

    return at
