"""A trained network and sequences in; the substitutions that move its predictions, out.

See docs/methods/guided_substitution.md.
"""


rule guided_substitution:
    """Change sequences base by base to raise and to lower each prediction (deepG)."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        table=report(
            "<network>/guided_substitution/table.tsv",
            caption="../../report/guided_substitution.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "table": "guided substitution",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        steps="<network>/guided_substitution/steps.tsv",
        controls="<network>/guided_substitution/controls.tsv",
        sequences="<network>/guided_substitution/sequences.fa",
        score="<network>/guided_substitution/score.tsv",
        curves=report(
            "<network>/guided_substitution/curves.svg",
            caption="../../report/guided_substitution_curves.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "guided substitution, step by step",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        edits=report(
            "<network>/guided_substitution/edits.svg",
            caption="../../report/guided_substitution_edits.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "guided substitution, along the sequence",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
    log:
        "<logs>/guided_substitution/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/guided_substitution/{dataset}_{model}_seed{seed}.tsv"
    conda:
        "../../../envs/guided_substitution.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        **config["methods"]["guided_substitution"],
        library=library("guided_substitution"),
    script:
        "../../scripts/guided_substitution.py"
