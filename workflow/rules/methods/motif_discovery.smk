"""Contributions of bases in; sequence patterns that recur where they are high out.

See docs/methods/motif_discovery.md.
"""

SOURCE = config["methods"]["motif_discovery"]["source"]


rule motif_discovery:
    """Find recurring patterns by TF-MoDISco and name them by Tomtom."""
    input:
        values=f"<network>/{SOURCE}/values.h5",
        dataset="<results>/{dataset}/dataset.h5",
        databases=collect(
            "<results>/databases/{database}.meme",
            database=config["methods"]["motif_discovery"]["databases"],
        ),
    output:
        table=report(
            "<network>/motif_discovery/table.tsv",
            caption="../../report/motif_discovery.rst",
            category="4. Motif discovery",
            subcategory="{dataset}",
            labels={"table": "patterns", "model": "{model}", "seed": "{seed}"},
        ),
        score="<network>/motif_discovery/score.tsv",
        seqlets="<network>/motif_discovery/seqlets.tsv",
        bed="<network>/motif_discovery/seqlets.bed.gz",
        patterns="<network>/motif_discovery/patterns.meme",
        hits="<network>/motif_discovery/tomtom.tsv",
        values="<network>/motif_discovery/values.h5",
        alignments=report(
            "<network>/motif_discovery/alignments.svg",
            caption="../../report/motif_discovery_alignments.rst",
            category="4. Motif discovery",
            subcategory="{dataset}",
            labels={"figure": "alignments", "model": "{model}", "seed": "{seed}"},
        ),
        contributions=report(
            "<network>/motif_discovery/contributions.svg",
            caption="../../report/motif_discovery_contributions.rst",
            category="4. Motif discovery",
            subcategory="{dataset}",
            labels={"figure": "contributions", "model": "{model}", "seed": "{seed}"},
        ),
        formats=other_formats(
            "<network>/motif_discovery", "alignments", "contributions"
        ),
    log:
        "<logs>/motif_discovery/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/motif_discovery/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/motif_discovery.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(20),
        gpu=0,
    params:
        **config["methods"]["motif_discovery"],
        figures=config["figures"],
        library=library("motif_discovery"),
    script:
        "../../scripts/motif_discovery.py"


use rule motif_discovery as motif_discovery_control with:
    output:
        table="<network>/motif_discovery/table.tsv",
        score="<network>/motif_discovery/score.tsv",
        seqlets="<network>/motif_discovery/seqlets.tsv",
        patterns="<network>/motif_discovery/patterns.meme",
        hits="<network>/motif_discovery/tomtom.tsv",
        values="<network>/motif_discovery/values.h5",
    wildcard_constraints:
        model=CONTROLS,
