"""Input: a dataset. Output: the rows of train, validation and test."""


rule split:
    """Divide a dataset into train, validation and test, similar sequences together."""
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
        leakage=report(
            "<results>/{dataset}/leakage.tsv",
            caption="../report/leakage.rst",
            category="2. Data",
            subcategory="{dataset}",
            labels={"table": "similar sequences"},
        ),
    log:
        "<logs>/split/{dataset}.log",
    benchmark:
        "<benchmarks>/split/{dataset}.tsv"
    group:
        "data_{dataset}"
    conda:
        "../../envs/split.yaml"
    threads: 1
    resources:
        mem_mb=growing(2500),
        runtime=growing(30),
        gpu=0,
    params:
        settings=of_wildcard("dataset", config["datasets"], "split"),
        library=library("split"),
    script:
        "../scripts/split.py"
