"""Input: a dataset and its splits. Output: tables and figures of their contents."""

from proofread.configuration.labels import target_types

TYPES = target_types(config["datasets"])
OF_CLASSES = any_of(name for name in TYPES if TYPES[name] == "binary")
OF_NUMBERS = any_of(name for name in TYPES if TYPES[name] == "quantitative")


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


rule preview_values:
    """Show the values of quantitative targets, and what GC and length say of them."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        values=report(
            "<results>/{dataset}/preview/values.tsv",
            caption="../report/preview_values.rst",
            category="2. Data",
            subcategory="{dataset}",
            labels={"table": "values by target and split"},
        ),
        bins="<results>/{dataset}/preview/value_bins.tsv",
        pairs=report(
            "<results>/{dataset}/preview/value_pairs.tsv",
            caption="../report/preview_values.rst",
            category="2. Data",
            subcategory="{dataset}",
            labels={"table": "correlations between targets"},
        ),
        density="<results>/{dataset}/preview/value_density.tsv",
        figure=report(
            "<results>/{dataset}/preview/values.svg",
            caption="../report/preview_values.rst",
            category="2. Data",
            subcategory="{dataset}",
            labels={"figure": "values"},
        ),
        formats=other_formats("<results>/{dataset}/preview", "values"),
    log:
        "<logs>/preview_values/{dataset}.log",
    benchmark:
        "<benchmarks>/preview_values/{dataset}.tsv"
    wildcard_constraints:
        dataset=OF_NUMBERS,
    group:
        "checks_{dataset}"
    conda:
        "../../envs/preview_values.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(20),
        gpu=0,
    params:
        figures=config["figures"],
        library=library("preview_values"),
    script:
        "../scripts/preview_values.py"
