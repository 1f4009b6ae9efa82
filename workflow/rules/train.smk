"""Dataset and splits in, one trained network out: model.ckpt, its history."""


rule train:
    """Train one network on one dataset with one seed, and keep its best epoch."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        # Of tuned models: the settings, and the network that is trained already.
        choice=choice_of,
        candidates=already_trained,
    output:
        model=ensure("<network>/model.ckpt", non_empty=True),
        history="<network>/history.tsv",
        figure=report(
            "<network>/history.svg",
            caption="../report/train.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={"figure": "learning curves", "model": "{model}", "seed": "{seed}"},
        ),
        formats=other_formats("<network>", "history"),
    log:
        "<logs>/train/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/train/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=TRAINED,
    conda:
        "../../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(120),
    params:
        model=of_wildcard("model", WITH_CANDIDATES),
        target_type=of_wildcard("dataset", TYPES),
        figures=config["figures"],
        device=config["device"],
        library=library("train"),
    script:
        "../scripts/train.py"


use rule train as train_control with:
    output:
        model=ensure("<network>/model.ckpt", non_empty=True),
        history="<network>/history.tsv",
    wildcard_constraints:
        model=any_of(CONTROL_MODELS),


use rule train_control as train_candidate with:
    wildcard_constraints:
        model=any_of(CANDIDATES),
