"""A dataset in, out which of its rows train, validate and test."""


rule split:
    """Divide a dataset into train, validation and test without cutting a group."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
    output:
        splits=ensure("<results>/{dataset}/splits.h5", non_empty=True),
        table=report(
            "<results>/{dataset}/splits.tsv",
            caption="../report/split.rst",
            category="2. Data",
            subcategory="{dataset}",
            labels={"table": "splits"},
        ),
    log:
        "<logs>/split/{dataset}.log",
    benchmark:
        "<benchmarks>/split/{dataset}.tsv"
    conda:
        "../../envs/split.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        settings=lookup(dpath="datasets/{dataset}/split", within=config),
        library=library("split"),
    script:
        "../scripts/split.py"
