"""A simulated dataset in; the scores of an ideal explainer, a scan and chance out."""


rule ideal_explainer:
    """Score the planted matrices, a scan with them, and chance, as methods are."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        score="<results>/{dataset}/ideal_explainer/score.tsv",
    log:
        "<logs>/ideal_explainer/{dataset}.log",
    benchmark:
        "<benchmarks>/ideal_explainer/{dataset}.tsv"
    group:
        "checks_{dataset}"
    conda:
        "../../envs/ideal_explainer.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(20),
        gpu=0,
    params:
        settings=config["ideal_explainer"],
        library=library("ideal_explainer"),
    script:
        "../scripts/ideal_explainer.py"
