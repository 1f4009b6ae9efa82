"""Filters as motifs and known motifs in; the matches of each filter out.

See docs/methods/tomtom.md.
"""


rule untrained_filters:
    """Make the motifs of untrained networks' filters, which match by chance."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        choice=choice_of,
    output:
        meme="<results>/{dataset}/{model}.untrained/filters.meme",
    log:
        "<logs>/untrained_filters/{dataset}_{model}.log",
    benchmark:
        "<benchmarks>/untrained_filters/{dataset}_{model}.tsv"
    wildcard_constraints:
        model=TRAINED,
    group:
        "checks_{dataset}"
    conda:
        "../../../envs/untrained_filters.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(20),
        gpu=0,
    params:
        **config["methods"]["filter_pfms"],
        model=of_wildcard("model", config["models"]),
        networks=config["methods"]["tomtom"]["untrained_networks"],
        library=library("untrained_filters"),
    script:
        "../../scripts/untrained_filters.py"


rule tomtom:
    """Align each filter with known motifs, by Tomtom's statistics (Gupta 2007)."""
    input:
        filters="<network>/filter_pfms/filters.meme",
        table="<network>/filter_pfms/table.tsv",
        dataset="<results>/{dataset}/dataset.h5",
        databases=collect(
            "<results>/databases/{database}.meme",
            database=config["methods"]["tomtom"]["databases"],
        ),
        background=files_of(config["methods"]["tomtom"]),
        # Of untrained networks: they match by chance.
        untrained=untrained_of("filters.meme"),
    output:
        table=report(
            "<network>/tomtom/table.tsv",
            caption="../../report/tomtom.rst",
            category="4. Tomtom",
            subcategory="{dataset}",
            labels={"table": "best hits", "model": "{model}", "seed": "{seed}"},
        ),
        hits="<network>/tomtom/tomtom.tsv",
        score="<network>/tomtom/score.tsv",
        figure=report(
            "<network>/tomtom/alignments.svg",
            caption="../../report/tomtom.rst",
            category="4. Tomtom",
            subcategory="{dataset}",
            labels={"figure": "alignments", "model": "{model}", "seed": "{seed}"},
        ),
        families="<network>/tomtom/families.tsv",
        similar="<network>/tomtom/similar.tsv",
        calibration="<network>/tomtom/calibration.tsv",
        null="<network>/tomtom/null.tsv",
        null_figure=report(
            "<network>/tomtom/null.svg",
            caption="../../report/tomtom_null.rst",
            category="4. Tomtom",
            subcategory="{dataset}",
            labels={"figure": "null queries", "model": "{model}", "seed": "{seed}"},
        ),
        formats=other_formats("<network>/tomtom", "alignments", "null"),
    log:
        "<logs>/tomtom/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/tomtom/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/tomtom.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        **config["methods"]["tomtom"],
        figures=config["figures"],
        library=library("tomtom"),
    script:
        "../../scripts/tomtom.py"


use rule tomtom as tomtom_control with:
    output:
        table="<network>/tomtom/table.tsv",
        score="<network>/tomtom/score.tsv",
    wildcard_constraints:
        model=CONTROLS,
