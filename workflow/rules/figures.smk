"""The figures and tables of a study, which compares many networks."""

if config["published"]:

    rule published:
        """Compare the scores over seeds with published ones."""
        input:
            scorecard="<results>/scorecard.tsv",
            metrics=rules.summary.input.metrics,
            published=config["published"],
        output:
            table="<results>/figures/published.tsv",
            markdown="<results>/figures/published.md",
            figure="<results>/figures/published.svg",
            formats=other_formats("<results>/figures", "published"),
        log:
            "<logs>/published.log",
        benchmark:
            "<benchmarks>/published.tsv"
        conda:
            "../../envs/summary.yaml"
        threads: 1
        resources:
            mem_mb=growing(1000),
            runtime=growing(10),
            gpu=0,
        params:
            figures=config["figures"],
            library=library("published"),
        script:
            "../scripts/published.py"


rule figures:
    """The figures and tables that compare networks, without a page."""
    input:
        "<results>/scorecard.svg",
        "<results>/summary.svg",
        "<results>/figures/published.tsv" if config["published"] else [],
