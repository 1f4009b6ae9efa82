"""A user's FASTA files in, a dataset out."""


rule read:
    """Read a user's own sequences, one FASTA file per class or positives alone."""
    input:
        positives=lookup(dpath="datasets/{dataset}/positives/path", within=config),
        # Negatives may be shuffled positives, which have no file.
        negatives=branch(
            lookup(
                dpath="datasets/{dataset}/negatives/path", within=config, default=None
            ),
            then=lookup(
                dpath="datasets/{dataset}/negatives/path", within=config, default=None
            ),
        ),
    output:
        dataset=ensure("<results>/{dataset}/dataset.h5", non_empty=True),
        sequences="<results>/{dataset}/sequences.tsv",
        truth="<results>/{dataset}/truth.json",
    log:
        "<logs>/read/{dataset}.log",
    benchmark:
        "<benchmarks>/read/{dataset}.tsv"
    wildcard_constraints:
        dataset=READ,
    conda:
        "../../envs/read.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=20,
    params:
        settings=lookup(dpath="datasets/{dataset}", within=config),
        library=library("read"),
    script:
        "../scripts/read.py"
