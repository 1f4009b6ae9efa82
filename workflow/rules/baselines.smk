"""Input: dataset and splits. Output: predictions from GC content and 6-mers."""


rule baselines:
    """Predict from GC content and from 6-mers, for comparison with every network."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        predictions="<results>/{dataset}/baselines/predictions.tsv",
    log:
        "<logs>/baselines/{dataset}.log",
    benchmark:
        "<benchmarks>/baselines/{dataset}.tsv"
    conda:
        "../../envs/baselines.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        library=library("baselines"),
    script:
        "../scripts/baselines.py"
