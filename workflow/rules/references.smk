"""A simulated dataset in, the scores of an ideal explainer and of chance out."""


rule references:
    """Score the planted matrices, a scan with them, and chance, as methods are."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        score="<results>/{dataset}/references/score.tsv",
    log:
        "<logs>/references/{dataset}.log",
    benchmark:
        "<benchmarks>/references/{dataset}.tsv"
    conda:
        "../../envs/references.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        settings=config["references"],
        library=library("references"),
    script:
        "../scripts/references.py"
