"""A predictor and sequences in; what motifs do to shuffled ones, out.

See docs/methods/motif_insertion.md.
"""


rule motif_insertion:
    """Put motifs, alone and in pairs, into sequences that have none."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        # A user's file, or databases; none where all motifs were planted.
        motifs=[
            path
            for path in (
                config["methods"]["motif_insertion"]["motifs_file"],
                *collect(
                    "<results>/databases/{database}.meme",
                    database=config["methods"]["motif_insertion"]["databases"],
                ),
            )
            if path
        ],
    output:
        table=report(
            "<network>/motif_insertion/table.tsv",
            caption="../../report/motif_insertion.rst",
            category="4. Motif insertion",
            subcategory="{dataset}",
            labels={"table": "effects", "model": "{model}", "seed": "{seed}"},
        ),
        score="<network>/motif_insertion/score.tsv",
        pairs="<network>/motif_insertion/pairs.tsv",
        positions="<network>/motif_insertion/positions.tsv",
        spacing="<network>/motif_insertion/spacing.tsv",
        positions_figure=report(
            "<network>/motif_insertion/positions.svg",
            caption="../../report/motif_insertion_positions.rst",
            category="4. Motif insertion",
            subcategory="{dataset}",
            labels={"figure": "positions", "model": "{model}", "seed": "{seed}"},
        ),
        spacing_figure=report(
            "<network>/motif_insertion/spacing.svg",
            caption="../../report/motif_insertion_spacing.rst",
            category="4. Motif insertion",
            subcategory="{dataset}",
            labels={"figure": "spacing", "model": "{model}", "seed": "{seed}"},
        ),
        formats=other_formats("<network>/motif_insertion", "positions", "spacing"),
    log:
        "<logs>/motif_insertion/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/motif_insertion/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/motif_insertion.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        settings=config["methods"]["motif_insertion"],
        figures=config["figures"],
        device=config["device"],
        library=library("motif_insertion"),
    script:
        "../../scripts/motif_insertion.py"


use rule motif_insertion as motif_insertion_control with:
    output:
        table="<network>/motif_insertion/table.tsv",
        score="<network>/motif_insertion/score.tsv",
        pairs="<network>/motif_insertion/pairs.tsv",
    wildcard_constraints:
        model=CONTROLS,
