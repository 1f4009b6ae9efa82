"""A trained network and sequences in; the effect of every single substitution out.

See docs/methods/saturation_mutagenesis.md.
"""

from proofread.configuration.discovery import discovers_in

# Motifs are discovered in the substitutions of negative controls, too.
DISCOVERED = (
    {"values": "<network>/saturation_mutagenesis/values.h5"}
    if discovers_in(config, "saturation_mutagenesis")
    else {}
)


rule saturation_mutagenesis:
    """Predict every single substitution of each sequence (Kelley 2016)."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        table=report(
            "<network>/saturation_mutagenesis/table.tsv",
            caption="../../report/saturation_mutagenesis.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "table": "saturation mutagenesis",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        positions="<network>/saturation_mutagenesis/positions.tsv.gz",
        values=ensure(
            "<network>/saturation_mutagenesis/values.h5",
            non_empty=True,
        ),
        score="<network>/saturation_mutagenesis/score.tsv",
        figure=report(
            "<network>/saturation_mutagenesis/examples.svg",
            caption="../../report/saturation_mutagenesis_examples.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "saturation mutagenesis",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        formats=other_formats("<network>/saturation_mutagenesis", "examples"),
    log:
        "<logs>/saturation_mutagenesis/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/saturation_mutagenesis/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/saturation_mutagenesis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(20),
    params:
        **config["methods"]["saturation_mutagenesis"],
        figures=config["figures"],
        device=config["device"],
        library=library("saturation_mutagenesis"),
    script:
        "../../scripts/saturation_mutagenesis.py"


use rule saturation_mutagenesis as saturation_mutagenesis_control with:
    output:
        **DISCOVERED,
        table="<network>/saturation_mutagenesis/table.tsv",
        score="<network>/saturation_mutagenesis/score.tsv",
    wildcard_constraints:
        model=CONTROLS,
