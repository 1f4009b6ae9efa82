"""A network, its test split and the baselines in; predictions and metrics out."""


rule evaluate:
    """Measure how well a network predicts the test split, beside the baselines."""
    input:
        model="<results>/{dataset}/{model}/seed{seed}/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        baselines="<results>/{dataset}/baselines/predictions.tsv",
    output:
        predictions="<results>/{dataset}/{model}/seed{seed}/predictions.tsv",
        metrics=report(
            "<results>/{dataset}/{model}/seed{seed}/metrics.tsv",
            caption="../report/evaluate.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={"table": "metrics", "model": "{model}", "seed": "{seed}"},
        ),
        summary="<results>/{dataset}/{model}/seed{seed}/metrics.json",
        curves="<results>/{dataset}/{model}/seed{seed}/curves.tsv",
        roc=report(
            "<results>/{dataset}/{model}/seed{seed}/roc.svg",
            caption="../report/evaluate.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={"figure": "ROC curve", "model": "{model}", "seed": "{seed}"},
        ),
        precision_recall=report(
            "<results>/{dataset}/{model}/seed{seed}/precision_recall.svg",
            caption="../report/evaluate.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={
                "figure": "precision and recall",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        calibration=report(
            "<results>/{dataset}/{model}/seed{seed}/calibration.svg",
            caption="../report/evaluate.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={"figure": "calibration", "model": "{model}", "seed": "{seed}"},
        ),
    log:
        "<logs>/evaluate/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/evaluate/{dataset}_{model}_seed{seed}.tsv"
    conda:
        "../../envs/evaluate.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        evaluation=config["evaluation"],
        library=library("evaluate"),
    script:
        "../scripts/evaluate.py"
