"""A trained network and sequences in; what each base adds, by several methods, out.

See docs/methods/attributions.md.
"""


rule attributions:
    """Attribute each prediction to its bases in every other established way."""
    input:
        model="<results>/{dataset}/{model}/seed{seed}/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        intervals=config["methods"]["attributions"]["intervals"] or [],
    output:
        table=report(
            "<results>/{dataset}/{model}/seed{seed}/attributions/table.tsv",
            caption="../../report/attributions.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={"table": "sequences", "model": "{model}", "seed": "{seed}"},
        ),
        score="<results>/{dataset}/{model}/seed{seed}/attributions/score.tsv",
        values=ensure(
            "<results>/{dataset}/{model}/seed{seed}/attributions/values.h5",
            non_empty=True,
        ),
        logos=report(
            "<results>/{dataset}/{model}/seed{seed}/attributions/logos.svg",
            caption="../../report/attributions.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={"figure": "logos", "model": "{model}", "seed": "{seed}"},
        ),
        heat_map_figure=report(
            "<results>/{dataset}/{model}/seed{seed}/attributions/heat_map.svg",
            caption="../../report/attributions_heat_map.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={"figure": "heat maps", "model": "{model}", "seed": "{seed}"},
        ),
        heat_map="<results>/{dataset}/{model}/seed{seed}/attributions/heat_map.tsv",
        profile_figure=report(
            "<results>/{dataset}/{model}/seed{seed}/attributions/profile.svg",
            caption="../../report/attributions_profile.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={
                "figure": "mean by position",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        profile="<results>/{dataset}/{model}/seed{seed}/attributions/profile.tsv",
        completeness=report(
            "<results>/{dataset}/{model}/seed{seed}/attributions/completeness.svg",
            caption="../../report/attributions_completeness.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={"figure": "completeness", "model": "{model}", "seed": "{seed}"},
        ),
        components_figure=report(
            "<results>/{dataset}/{model}/seed{seed}/attributions/components.svg",
            caption="../../report/attributions_components.rst",
            category="4. Attributions",
            subcategory="{dataset}",
            labels={"figure": "components", "model": "{model}", "seed": "{seed}"},
        ),
        components="<results>/{dataset}/{model}/seed{seed}/attributions/components.tsv",
        intervals="<results>/{dataset}/{model}/seed{seed}/attributions/intervals.tsv",
        layer="<results>/{dataset}/{model}/seed{seed}/attributions/layer.tsv",
        one_hot="<results>/{dataset}/{model}/seed{seed}/attributions/one_hot.npz",
        hypothetical="<results>/{dataset}/{model}/seed{seed}/attributions/hypothetical.npz",
    log:
        "<logs>/attributions/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/attributions/{dataset}_{model}_seed{seed}.tsv"
    conda:
        "../../../envs/attributions.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        **with_anchor(config["methods"]["attributions"], config["datasets"]),
        library=library("attributions"),
    script:
        "../../scripts/attributions.py"
