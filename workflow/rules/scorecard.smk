"""The score table of every method in; one table and one figure of all scores out."""

from proofread.configuration.companions import files_of
from proofread.configuration.truth import has_truth

SCORED = [f"{method}/score.tsv" for method in scored(config["analyses"])]


rule scorecard:
    """Collect how much of the truth, planted or known, each method found."""
    input:
        scores=collect(
            collect(
                "<results>/{dataset}/{model}/seed{seed}/{method}/score.tsv",
                zip,
                dataset=DATASETS,
                model=MODELS,
                seed=SEEDS,
                allow_missing=True,
            ),
            method=config["analyses"],
        ),
        controls=files_of(CONTROL_EXPERIMENTS, *SCORED),
        positive=files_of(POSITIVE_EXPERIMENTS, *SCORED),
        ideal=[
            f"<results>/{dataset}/ideal_explainer/score.tsv"
            for dataset in dict.fromkeys(DATASETS)
            if has_truth(config["datasets"][dataset]) and SCORED
        ],
    output:
        table=report(
            "<results>/scorecard.tsv",
            caption="../report/scorecard.rst",
            category="1. Truth",
            labels={"table": "all scores"},
        ),
        figure=report(
            "<results>/scorecard.svg",
            caption="../report/scorecard.rst",
            category="1. Truth",
            labels={"figure": "all scores"},
        ),
        formats=other_formats("<results>", "scorecard"),
    log:
        "<logs>/scorecard.log",
    benchmark:
        "<benchmarks>/scorecard.tsv"
    conda:
        "../../envs/scorecard.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        figures=config["figures"],
        simulated={
            row["dataset"]: config["datasets"][row["dataset"]]
            for row in POSITIVE_EXPERIMENTS
        },
        library=library("scorecard"),
    script:
        "../scripts/scorecard.py"
