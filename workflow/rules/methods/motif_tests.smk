"""A predictor and sequences with motifs in; the increase of the loss without each, out.

See docs/methods/motif_tests.md.
"""


rule motif_tests:
    """Test which motifs, orders and distances the predictions depend on."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        # A user's file, or databases; none where all motifs were planted.
        motifs=[
            path
            for path in (
                config["methods"]["motif_tests"]["motifs_file"],
                *collect(
                    "<results>/databases/{database}.meme",
                    database=config["methods"]["motif_tests"]["databases"],
                ),
            )
            if path
        ],
    output:
        table=report(
            "<network>/motif_tests/table.tsv",
            caption="../../report/motif_tests.rst",
            category="4. Motif tests",
            subcategory="{dataset}",
            labels={"table": "tests", "model": "{model}", "seed": "{seed}"},
        ),
        score="<network>/motif_tests/score.tsv",
        pairs="<network>/motif_tests/pairs.tsv",
        same_side="<network>/motif_tests/same_side.tsv",
        groups="<network>/motif_tests/groups.tsv",
        sequences="<network>/motif_tests/sequences.tsv",
        gaps="<network>/motif_tests/gaps.tsv",
        ranges="<network>/motif_tests/ranges.tsv",
        figure=report(
            "<network>/motif_tests/effects.svg",
            caption="../../report/motif_tests_effects.rst",
            category="4. Motif tests",
            subcategory="{dataset}",
            labels={"figure": "effects", "model": "{model}", "seed": "{seed}"},
        ),
        gaps_figure=report(
            "<network>/motif_tests/gaps.svg",
            caption="../../report/motif_tests_gaps.rst",
            category="4. Motif tests",
            subcategory="{dataset}",
            labels={"figure": "distances", "model": "{model}", "seed": "{seed}"},
        ),
        formats=other_formats("<network>/motif_tests", "effects", "gaps"),
    log:
        "<logs>/motif_tests/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/motif_tests/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/motif_tests.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        **config["methods"]["motif_tests"],
        figures=config["figures"],
        device=config["device"],
        library=library("motif_tests"),
    script:
        "../../scripts/motif_tests.py"


use rule motif_tests as motif_tests_control with:
    output:
        table="<network>/motif_tests/table.tsv",
        score="<network>/motif_tests/score.tsv",
        pairs="<network>/motif_tests/pairs.tsv",
    wildcard_constraints:
        model=CONTROLS,
