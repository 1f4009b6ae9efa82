"""The scores of all networks in; what they say over seeds, and which method is better."""


rule summary:
    """Summarise each score over seeds and compare the methods that share a score."""
    input:
        scorecard="<results>/scorecard.tsv",
        metrics=collect(
            "<results>/{dataset}/{model}/seed{seed}/metrics.tsv",
            zip,
            dataset=DATASETS,
            model=MODELS,
            seed=SEEDS,
        ),
    output:
        table=report(
            "<results>/summary.tsv",
            caption="../report/summary.rst",
            category="1. Truth",
            labels={"table": "scores over seeds"},
        ),
        comparisons=report(
            "<results>/comparisons.tsv",
            caption="../report/summary.rst",
            category="1. Truth",
            labels={"table": "comparisons of methods"},
        ),
        figure=report(
            "<results>/summary.svg",
            caption="../report/summary.rst",
            category="1. Truth",
            labels={"figure": "scores over seeds"},
        ),
        formats=other_formats("<results>", "summary"),
    log:
        "<logs>/summary.log",
    benchmark:
        "<benchmarks>/summary.tsv"
    conda:
        "../../envs/summary.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        figures=config["figures"],
        library=library("summary"),
    script:
        "../scripts/summary.py"
