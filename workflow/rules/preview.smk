"""Input: a dataset and its splits. Output: tables and a figure of their contents."""


rule preview:
    """Show the contents of a dataset before any training."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        leakage="<results>/{dataset}/leakage.tsv",
    output:
        table=report(
            "<results>/{dataset}/preview/table.tsv",
            caption="../report/preview.rst",
            category="2. Data",
            subcategory="{dataset}",
            labels={"table": "sequences by class and split"},
        ),
        motifs=report(
            "<results>/{dataset}/preview/motifs.tsv",
            caption="../report/preview.rst",
            category="2. Data",
            subcategory="{dataset}",
            labels={"table": "motifs"},
        ),
        matrices="<results>/{dataset}/preview/matrices.tsv",
        positions="<results>/{dataset}/preview/positions.tsv",
        gaps="<results>/{dataset}/preview/gaps.tsv",
        composition="<results>/{dataset}/preview/composition.tsv",
        figure=report(
            "<results>/{dataset}/preview/preview.svg",
            caption="../report/preview.rst",
            category="2. Data",
            subcategory="{dataset}",
            labels={"figure": "preview"},
        ),
        formats=other_formats("<results>/{dataset}/preview", "preview"),
    log:
        "<logs>/preview/{dataset}.log",
    benchmark:
        "<benchmarks>/preview/{dataset}.tsv"
    group:
        "checks_{dataset}"
    conda:
        "../../envs/preview.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(20),
        gpu=0,
    params:
        figures=config["figures"],
        library=library("preview"),
    script:
        "../scripts/preview.py"
