"""A trained network and sequences in; the sites and the logo of each filter out.

See docs/methods/filter_pfms.md.
"""


rule filter_pfms:
    """Collect the sites of each filter of the first convolution (Kelley 2016)."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        table=report(
            "<network>/filter_pfms/table.tsv",
            caption="../../report/filter_pfms.rst",
            category="4. Filters",
            subcategory="{dataset}",
            labels={"table": "filters", "model": "{model}", "seed": "{seed}"},
        ),
        values=ensure(
            "<network>/filter_pfms/values.h5",
            non_empty=True,
        ),
        meme=ensure(
            "<network>/filter_pfms/filters.meme",
            non_empty=True,
        ),
        trimmed_meme="<network>/filter_pfms/filters_trimmed.meme",
        possum="<network>/filter_pfms/possum.txt",
        sites="<network>/filter_pfms/sites.tsv.gz",
        bed="<network>/filter_pfms/sites.bed.gz",
        score="<network>/filter_pfms/score.tsv",
        recovery="<network>/filter_pfms/recovery.tsv",
        logos=report(
            "<network>/filter_pfms/logos.svg",
            caption="../../report/filter_pfms.rst",
            category="4. Filters",
            subcategory="{dataset}",
            labels={"figure": "logos", "model": "{model}", "seed": "{seed}"},
        ),
        weights=report(
            "<network>/filter_pfms/weights.svg",
            caption="../../report/filter_pfms_weights.rst",
            category="4. Filters",
            subcategory="{dataset}",
            labels={"figure": "weights", "model": "{model}", "seed": "{seed}"},
        ),
        weights_table="<network>/filter_pfms/weights.tsv",
        densities=report(
            "<network>/filter_pfms/densities.svg",
            caption="../../report/filter_pfms_densities.rst",
            category="4. Filters",
            subcategory="{dataset}",
            labels={"figure": "activations", "model": "{model}", "seed": "{seed}"},
        ),
        densities_table="<network>/filter_pfms/densities.tsv",
        sequences=report(
            "<network>/filter_pfms/sequences.svg",
            caption="../../report/filter_pfms_sequences.rst",
            category="4. Filters",
            subcategory="{dataset}",
            labels={"figure": "by sequence", "model": "{model}", "seed": "{seed}"},
        ),
        sequences_table="<network>/filter_pfms/sequences.tsv",
        segments=report(
            "<network>/filter_pfms/segments.svg",
            caption="../../report/filter_pfms_segments.rst",
            category="4. Filters",
            subcategory="{dataset}",
            labels={"figure": "by segment", "model": "{model}", "seed": "{seed}"},
        ),
        segments_table="<network>/filter_pfms/segments.tsv",
        segments_raw=report(
            "<network>/filter_pfms/segments_raw.svg",
            caption="../../report/filter_pfms_segments.rst",
            category="4. Filters",
            subcategory="{dataset}",
            labels={
                "figure": "by segment, not scaled",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        segments_raw_table="<network>/filter_pfms/segments_raw.tsv",
        target_correlation=report(
            "<network>/filter_pfms/target_correlation.svg",
            caption="../../report/filter_pfms_target_correlation.rst",
            category="4. Filters",
            subcategory="{dataset}",
            labels={
                "figure": "correlation with targets",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        target_correlation_table="<network>/filter_pfms/target_correlation.tsv",
        formats=other_formats(
            "<network>/filter_pfms",
            "logos",
            "weights",
            "densities",
            "sequences",
            "segments",
            "segments_raw",
            "target_correlation",
        ),
    log:
        "<logs>/filter_pfms/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/filter_pfms/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/filter_pfms.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(10),
    params:
        **config["methods"]["filter_pfms"],
        figures=config["figures"],
        device=config["device"],
        library=library("filter_pfms"),
    script:
        "../../scripts/filter_pfms.py"


use rule filter_pfms as filter_pfms_control with:
    output:
        table="<network>/filter_pfms/table.tsv",
        meme="<network>/filter_pfms/filters.meme",
        score="<network>/filter_pfms/score.tsv",
    wildcard_constraints:
        model=CONTROLS,
