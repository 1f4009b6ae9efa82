"""A trained network and sequences in; what each base adds to each prediction out.

See docs/methods/integrated_gradients.md.
"""


rule integrated_gradients:
    """Attribute each prediction to the bases of its sequence (Sundararajan 2017)."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        intervals=config["methods"]["integrated_gradients"]["intervals"] or [],
    output:
        table=report(
            "<network>/integrated_gradients/table.tsv",
            caption="../../report/integrated_gradients.rst",
            category="4. Integrated gradients",
            subcategory="{dataset}",
            labels={"table": "sequences", "model": "{model}", "seed": "{seed}"},
        ),
        score="<network>/integrated_gradients/score.tsv",
        values=ensure(
            "<network>/integrated_gradients/values.h5",
            non_empty=True,
        ),
        logos=report(
            "<network>/integrated_gradients/logos.svg",
            caption="../../report/integrated_gradients.rst",
            category="4. Integrated gradients",
            subcategory="{dataset}",
            labels={"figure": "logos", "model": "{model}", "seed": "{seed}"},
        ),
        heat_map_figure=report(
            "<network>/integrated_gradients/heat_map.svg",
            caption="../../report/integrated_gradients_heat_map.rst",
            category="4. Integrated gradients",
            subcategory="{dataset}",
            labels={"figure": "heat maps", "model": "{model}", "seed": "{seed}"},
        ),
        heat_map="<network>/integrated_gradients/heat_map.tsv",
        profile_figure=report(
            "<network>/integrated_gradients/profile.svg",
            caption="../../report/integrated_gradients_profile.rst",
            category="4. Integrated gradients",
            subcategory="{dataset}",
            labels={
                "figure": "mean by position",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        profile="<network>/integrated_gradients/profile.tsv",
        completeness=report(
            "<network>/integrated_gradients/completeness.svg",
            caption="../../report/integrated_gradients_completeness.rst",
            category="4. Integrated gradients",
            subcategory="{dataset}",
            labels={"figure": "completeness", "model": "{model}", "seed": "{seed}"},
        ),
        components_figure=report(
            "<network>/integrated_gradients/components.svg",
            caption="../../report/integrated_gradients_components.rst",
            category="4. Integrated gradients",
            subcategory="{dataset}",
            labels={"figure": "components", "model": "{model}", "seed": "{seed}"},
        ),
        components="<network>/integrated_gradients/components.tsv",
        intervals="<network>/integrated_gradients/intervals.tsv",
        layer="<network>/integrated_gradients/layer.tsv",
        one_hot="<network>/integrated_gradients/one_hot.npz",
        hypothetical="<network>/integrated_gradients/hypothetical.npz",
    log:
        "<logs>/integrated_gradients/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/integrated_gradients/{dataset}_{model}_seed{seed}.tsv"
    conda:
        "../../../envs/integrated_gradients.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        **with_anchor(config["methods"]["integrated_gradients"], config["datasets"]),
        library=library("integrated_gradients"),
    script:
        "../../scripts/integrated_gradients.py"
