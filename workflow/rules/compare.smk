"""Tables of finished runs in; the differences of their scores beyond seed noise out.

See docs/compare.md.
"""

from proofread.configuration.compare import compared_runs


rule compare:
    """Compare the scores of finished runs over their seeds."""
    output:
        table="<results>/compare/compare.tsv",
        markdown="<results>/compare/compare.md",
        figure="<results>/compare/compare.svg",
        formats=other_formats("<results>/compare", "compare"),
    log:
        "<logs>/compare.log",
    benchmark:
        "<benchmarks>/compare.tsv"
    conda:
        "../../envs/compare.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        runs=compared_runs(config, WorkflowError),
        figures=config["figures"],
        library=library("compare"),
    script:
        "../scripts/compare.py"
