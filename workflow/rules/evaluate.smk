"""A network, its test split and the baselines in; predictions and metrics out."""


rule evaluate:
    """Measure how well a network predicts the test split, compared with the baselines."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        baselines="<results>/{dataset}/baselines/predictions.tsv",
    output:
        predictions="<network>/predictions.tsv",
        metrics=report(
            "<network>/metrics.tsv",
            caption="../report/evaluate.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={"table": "metrics", "model": "{model}", "seed": "{seed}"},
        ),
        summary="<network>/metrics.json",
        curves="<network>/curves.tsv",
        roc=report(
            "<network>/roc.svg",
            caption="../report/evaluate.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={"figure": "ROC curve", "model": "{model}", "seed": "{seed}"},
        ),
        precision_recall=report(
            "<network>/precision_recall.svg",
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
            "<network>/calibration.svg",
            caption="../report/evaluate.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={"figure": "calibration", "model": "{model}", "seed": "{seed}"},
        ),
        formats=other_formats("<network>", "roc", "precision_recall", "calibration"),
    log:
        "<logs>/evaluate/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/evaluate/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        dataset=OF_CLASSES,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../envs/evaluate.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        evaluation=config["evaluation"],
        figures=config["figures"],
        device=config["device"],
        library=library("evaluate"),
    script:
        "../scripts/evaluate.py"


use rule evaluate as evaluate_quantitative with:
    output:
        predictions="<network>/predictions.tsv",
        metrics=report(
            "<network>/metrics.tsv",
            caption="../report/evaluate.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={"table": "metrics", "model": "{model}", "seed": "{seed}"},
        ),
        summary="<network>/metrics.json",
        residuals="<network>/residuals.tsv",
        measured_predicted=report(
            "<network>/measured_predicted.svg",
            caption="../report/evaluate.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={
                "figure": "measured against predicted",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        residuals_figure=report(
            "<network>/residuals.svg",
            caption="../report/evaluate.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={
                "figure": "residuals against GC",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        formats=other_formats("<network>", "measured_predicted", "residuals"),
    wildcard_constraints:
        dataset=OF_NUMBERS,
