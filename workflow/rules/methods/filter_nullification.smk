"""A network and motif matches in; the influence of each filter and group out.

See docs/methods/filter_nullification.md.
"""


rule filter_nullification:
    """Ablate filters, alone and by motif, and measure the loss (Kelley 2016)."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        filters="<network>/filter_pfms/table.tsv",
        matches="<network>/tomtom/table.tsv",
    output:
        table=report(
            "<network>/filter_nullification/table.tsv",
            caption="../../report/filter_nullification.rst",
            category="4. Filter nullification",
            subcategory="{dataset}",
            labels={"table": "filters", "model": "{model}", "seed": "{seed}"},
        ),
        groups=report(
            "<network>/filter_nullification/groups.tsv",
            caption="../../report/filter_nullification_influence.rst",
            category="4. Filter nullification",
            subcategory="{dataset}",
            labels={"table": "groups", "model": "{model}", "seed": "{seed}"},
        ),
        targets="<network>/filter_nullification/targets.tsv",
        correlations="<network>/filter_nullification/correlations.tsv",
        values=ensure(
            "<network>/filter_nullification/values.h5",
            non_empty=True,
        ),
        score="<network>/filter_nullification/score.tsv",
        influence=report(
            "<network>/filter_nullification/influence.svg",
            caption="../../report/filter_nullification_influence.rst",
            category="4. Filter nullification",
            subcategory="{dataset}",
            labels={"figure": "groups", "model": "{model}", "seed": "{seed}"},
        ),
        relations=report(
            "<network>/filter_nullification/relations.svg",
            caption="../../report/filter_nullification_relations.rst",
            category="4. Filter nullification",
            subcategory="{dataset}",
            labels={
                "figure": "information and spread",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        heat_maps=report(
            "<network>/filter_nullification/targets.svg",
            caption="../../report/filter_nullification_targets.rst",
            category="4. Filter nullification",
            subcategory="{dataset}",
            labels={"figure": "targets", "model": "{model}", "seed": "{seed}"},
        ),
        sequences=report(
            "<network>/filter_nullification/sequences.svg",
            caption="../../report/filter_nullification_sequences.rst",
            category="4. Filter nullification",
            subcategory="{dataset}",
            labels={"figure": "sequences", "model": "{model}", "seed": "{seed}"},
        ),
        formats=other_formats(
            "<network>/filter_nullification",
            "influence",
            "relations",
            "targets",
            "sequences",
        ),
    log:
        "<logs>/filter_nullification/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/filter_nullification/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/filter_nullification.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(10),
    params:
        **config["methods"]["filter_nullification"],
        figures=config["figures"],
        device=config["device"],
        library=library("filter_nullification"),
    script:
        "../../scripts/filter_nullification.py"


use rule filter_nullification as filter_nullification_control with:
    output:
        table="<network>/filter_nullification/table.tsv",
        score="<network>/filter_nullification/score.tsv",
    wildcard_constraints:
        model=CONTROLS,
