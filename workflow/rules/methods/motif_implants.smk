"""A predictor and sequences in; what motifs do to shuffled ones, out.

See docs/methods/motif_implants.md.
"""


rule motif_implants:
    """Put motifs, alone and in pairs, into sequences that have none."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        # A user's file, or a database; none where all motifs were planted.
        motifs=[
            path
            for path in (
                config["methods"]["motif_implants"]["motifs_file"],
                config["methods"]["motif_implants"]["database"]
                and f"<results>/databases/{config['methods']['motif_implants']['database']}.meme",
            )
            if path
        ],
    output:
        table=report(
            "<network>/motif_implants/table.tsv",
            caption="../../report/motif_implants.rst",
            category="4. Motif implants",
            subcategory="{dataset}",
            labels={"table": "effects", "model": "{model}", "seed": "{seed}"},
        ),
        score="<network>/motif_implants/score.tsv",
        positions="<network>/motif_implants/positions.tsv",
        spacing="<network>/motif_implants/spacing.tsv",
        positions_figure=report(
            "<network>/motif_implants/positions.svg",
            caption="../../report/motif_implants_positions.rst",
            category="4. Motif implants",
            subcategory="{dataset}",
            labels={"figure": "positions", "model": "{model}", "seed": "{seed}"},
        ),
        spacing_figure=report(
            "<network>/motif_implants/spacing.svg",
            caption="../../report/motif_implants_spacing.rst",
            category="4. Motif implants",
            subcategory="{dataset}",
            labels={"figure": "spacing", "model": "{model}", "seed": "{seed}"},
        ),
    log:
        "<logs>/motif_implants/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/motif_implants/{dataset}_{model}_seed{seed}.tsv"
    conda:
        "../../../envs/motif_implants.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        **config["methods"]["motif_implants"],
        library=library("motif_implants"),
    script:
        "../../scripts/motif_implants.py"
