"""A trained network and sequences in; the contribution of each base by several kinds out.

See docs/methods/attributions.md.
"""

EXPORTED = config["methods"]["attributions"]["export"]


rule attributions:
    """Attribute each prediction to the bases of its sequence."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        intervals=config["methods"]["attributions"]["intervals"] or [],
    output:
        table=report(
            "<network>/attributions/table.tsv",
            caption="../../report/attributions.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={"table": "sequences", "model": "{model}", "seed": "{seed}"},
        ),
        score="<network>/attributions/score.tsv",
        values=ensure(
            "<network>/attributions/values.h5",
            non_empty=True,
        ),
        logos=report(
            "<network>/attributions/logos.svg",
            caption="../../report/attributions_logos.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={"figure": "logos", "model": "{model}", "seed": "{seed}"},
        ),
        heat_map_figure=report(
            "<network>/attributions/heat_map.svg",
            caption="../../report/attributions_heat_map.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={"figure": "heat maps", "model": "{model}", "seed": "{seed}"},
        ),
        heat_map="<network>/attributions/heat_map.tsv",
        profile_figure=report(
            "<network>/attributions/profile.svg",
            caption="../../report/attributions_profile.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={
                "figure": "mean by position",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        profile="<network>/attributions/profile.tsv",
        completeness=report(
            "<network>/attributions/completeness.svg",
            caption="../../report/attributions_completeness.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={"figure": "completeness", "model": "{model}", "seed": "{seed}"},
        ),
        components_figure=report(
            "<network>/attributions/components.svg",
            caption="../../report/attributions_components.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={"figure": "components", "model": "{model}", "seed": "{seed}"},
        ),
        components="<network>/attributions/components.tsv",
        checks="<network>/attributions/checks.tsv",
        intervals="<network>/attributions/intervals.tsv",
        layer="<network>/attributions/layer.tsv",
        one_hot=collect("<network>/attributions/one_hot_{kind}.npz", kind=EXPORTED),
        hypothetical=collect(
            "<network>/attributions/hypothetical_{kind}.npz", kind=EXPORTED
        ),
        formats=other_formats(
            "<network>/attributions",
            "logos",
            "heat_map",
            "profile",
            "completeness",
            "components",
        ),
    log:
        "<logs>/attributions/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/attributions/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/attributions.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        **with_anchor(config["methods"]["attributions"], config["datasets"]),
        figures=config["figures"],
        device=config["device"],
        library=library("attributions"),
    script:
        "../../scripts/attributions.py"


use rule attributions as attributions_control with:
    output:
        table="<network>/attributions/table.tsv",
        score="<network>/attributions/score.tsv",
        values="<network>/attributions/values.h5",
    wildcard_constraints:
        model=CONTROLS,
