"""A trained network and sequences in; substitutions that change its predictions out.

See docs/methods/greedy_substitution.md.
"""


rule greedy_substitution:
    """Change sequences base by base to raise and to lower each prediction (deepG)."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        table=report(
            "<network>/greedy_substitution/table.tsv",
            caption="../../report/greedy_substitution.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "table": "greedy substitution",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        steps="<network>/greedy_substitution/steps.tsv",
        controls="<network>/greedy_substitution/controls.tsv",
        sequences="<network>/greedy_substitution/sequences.fa",
        score="<network>/greedy_substitution/score.tsv",
        curves=report(
            "<network>/greedy_substitution/curves.svg",
            caption="../../report/greedy_substitution_curves.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "greedy substitution, step by step",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        edits=report(
            "<network>/greedy_substitution/edits.svg",
            caption="../../report/greedy_substitution_edits.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "greedy substitution, along the sequence",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        formats=other_formats("<network>/greedy_substitution", "curves", "edits"),
    log:
        "<logs>/greedy_substitution/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/greedy_substitution/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/greedy_substitution.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        **config["methods"]["greedy_substitution"],
        figures=config["figures"],
        device=config["device"],
        library=library("greedy_substitution"),
    script:
        "../../scripts/greedy_substitution.py"


use rule greedy_substitution as greedy_substitution_control with:
    output:
        table="<network>/greedy_substitution/table.tsv",
        score="<network>/greedy_substitution/score.tsv",
    wildcard_constraints:
        model=CONTROLS,
