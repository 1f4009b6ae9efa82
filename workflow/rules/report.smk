"""All tables and figures in; one page that opens offline out."""

from hashlib import sha256

# What rule evaluate makes of targets of either type alone.
EVALUATED = {
    "binary": ["curves.tsv", "roc.svg", "precision_recall.svg", "calibration.svg"],
    "quantitative": ["residuals.tsv", "measured_predicted.svg", "residuals.svg"],
}


rule report:
    """Write results/report.html: every table and figure on one page."""
    input:
        scorecard="<results>/scorecard.tsv",
        summary="<results>/summary.tsv",
        comparisons="<results>/comparisons.tsv",
        datasets=collect(
            "<results>/{dataset}/{file}",
            dataset=list(dict.fromkeys(DATASETS)),
            file=[
                "dataset.h5",
                "sequences.tsv",
                "truth.json",
                "splits.h5",
                "splits.tsv",
                "leakage.tsv",
                "preview/table.tsv",
                "preview/motifs.tsv",
                "preview/matrices.tsv",
                "preview/positions.tsv",
                "preview/gaps.tsv",
                "preview/composition.tsv",
                "preview/preview.svg",
                "baselines/predictions.tsv",
                "baselines/kmers.tsv",
                "baselines/motifs.tsv",
            ],
        ),
        values=collect(
            "<results>/{dataset}/preview/{file}",
            dataset=[
                name
                for name in dict.fromkeys(DATASETS)
                if TYPES[name] == "quantitative"
            ],
            file=[
                "values.tsv",
                "value_bins.tsv",
                "value_pairs.tsv",
                "value_density.tsv",
                "values.svg",
            ],
        ),
        networks=[
            f"<results>/{row['dataset']}/{row['model']}/seed{row['seed']}/{file}"
            for row in experiments
            for file in [
                "model.ckpt",
                "metrics.tsv",
                "metrics.json",
                "predictions.tsv",
                *EVALUATED[TYPES[row["dataset"]]],
            ]
        ],
        # Imported models were not trained here; the others have a history.
        training=[
            f"<results>/{row['dataset']}/{row['model']}/seed{row['seed']}/{file}"
            for row in experiments
            for file in (
                ["import.tsv"]
                if row["model"] in ADAPTER_DIGESTS
                else ["history.tsv", "history.svg"]
            )
        ],
        tuning=[
            f"<results>/{row['dataset']}/{row['model']}/tune/{file}"
            for row in experiments
            if "tune" in config["models"][row["model"]]
            for file in ["tune.tsv", "choice.json", "tune.svg"]
        ],
        # Whatever each method reads and writes: a new method needs no change here.
        # A zip of no wildcards would be empty, hence the databases as they are.
        methods=[
            (
                collect(file, zip, dataset=DATASETS, model=MODELS, seed=SEEDS)
                if "{" in file
                else file
            )
            # Most methods read the same files.
            for file in dict.fromkeys(
                [
                    *(
                        file
                        for method in config["analyses"]
                        for file in as_written(
                            [
                                *getattr(rules, method).input,
                                *getattr(rules, method).output,
                            ]
                        )
                    ),
                    *ALSO_SHOWN,
                ]
            )
            # What a function chooses is another network's, and not shown.
            if not callable(file)
        ],
    output:
        page=ensure("<results>/report.html", non_empty=True),
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
        gpu=0,
    params:
        experiments=experiments,
        configuration=config,
        captions=sha256(
            b"".join(
                path.read_bytes()
                for name in [*config["analyses"], "tune"]
                for path in sorted((WORKFLOW / "report").glob(f"{name}*.rst"))
            )
        ).hexdigest(),
        library=library("report"),
    script:
        "../scripts/report.py"
