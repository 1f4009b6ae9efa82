"""The figures and tables of a study, which compares many networks."""

from proofread.configuration import pair_study
from proofread.configuration.companions import files_of
from proofread.configuration.method_settings import settings_of
from proofread.configuration.recovered import recovered_datasets

OF_EXPERIMENTS = {name: config["datasets"][name] for name in DATASETS}
PAIR_DATASETS = pair_study.pair_datasets(OF_EXPERIMENTS)
PAIR_EXPERIMENTS, PAIR_CONTROLS = (
    [row for row in rows if row["dataset"] in PAIR_DATASETS]
    for rows in (experiments, CONTROL_EXPERIMENTS)
)
PAIR_TABLES = [
    f"{name}/pairs.tsv" for name in pair_study.METHODS if name in config["analyses"]
]
# Label-free numbers are compared with the truth on networks and negative controls.
LABEL_FREE_NETWORKS = [
    row
    for row in [*experiments, *CONTROL_EXPERIMENTS]
    if SOURCES[row["dataset"]] == "simulate"
]
LABEL_FREE = config["leaderboard"] and "faithfulness" in config["analyses"]


rule published:
    """Compare the scores over seeds with published ones."""
    input:
        scorecard="<results>/scorecard.tsv",
        metrics=rules.summary.input.metrics,
        predictions=files_of(experiments, "predictions.tsv"),
        published=config["published"] or [],
    output:
        table="<results>/figures/published.tsv",
        runs="<results>/figures/published_runs.tsv",
        markdown="<results>/figures/published.md",
        figure="<results>/figures/published.svg",
        formats=other_formats("<results>/figures", "published"),
    log:
        "<logs>/published.log",
    benchmark:
        "<benchmarks>/published.tsv"
    conda:
        "../../envs/published.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        figures=config["figures"],
        library=library("published"),
    script:
        "../scripts/published.py"


rule leaderboard:
    """Rank the methods on all networks, and say when one may interpret."""
    input:
        scorecard="<results>/scorecard.tsv",
        metrics=rules.summary.input.metrics,
    output:
        table="<results>/figures/leaderboard.tsv",
        markdown="<results>/figures/leaderboard.md",
        ranks="<results>/figures/ranks.tsv",
        ranks_without_mean="<results>/figures/ranks_without_mean.tsv",
        wins="<results>/figures/win_matrix.tsv",
        preferences="<results>/figures/preferences.tsv",
        interpretable="<results>/figures/interpretable.tsv",
        curve="<results>/figures/interpretable_curve.tsv",
        thresholds="<results>/figures/interpretable_thresholds.tsv",
        by_rule="<results>/figures/interpretable_rules.tsv",
        figure="<results>/figures/leaderboard.svg",
        ranks_figure="<results>/figures/ranks.svg",
        interpretable_figure="<results>/figures/interpretable.svg",
        formats=other_formats(
            "<results>/figures", "leaderboard", "ranks", "interpretable"
        ),
    log:
        "<logs>/leaderboard.log",
    benchmark:
        "<benchmarks>/leaderboard.tsv"
    conda:
        "../../envs/leaderboard.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        rules={
            name: config["datasets"][name]["rule"]
            for name in dict.fromkeys(DATASETS)
            if SOURCES[name] == "simulate"
        },
        figures=config["figures"],
        library=library("leaderboard"),
    script:
        "../scripts/leaderboard.py"


rule label_free:
    """Say which numbers that need no truth rank maps as the planted truth does."""
    input:
        tables=files_of(LABEL_FREE_NETWORKS, "faithfulness/table.tsv"),
        scores=files_of(
            LABEL_FREE_NETWORKS,
            *[
                f"{method}/score.tsv"
                for method in (
                    "attributions",
                    "saturation_mutagenesis",
                    "kmer_perturbation",
                )
                if method in config["analyses"]
            ],
        ),
    output:
        table="<results>/figures/label_free.tsv",
        points="<results>/figures/label_free_points.tsv",
        markdown="<results>/figures/label_free.md",
        figure="<results>/figures/label_free.svg",
        formats=other_formats("<results>/figures", "label_free"),
    log:
        "<logs>/label_free.log",
    benchmark:
        "<benchmarks>/label_free.tsv"
    conda:
        "../../envs/label_free.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        figures=config["figures"],
        library=library("label_free"),
    script:
        "../scripts/label_free.py"


rule provenance:
    """Record the networks, seeds, methods and versions of a study."""
    input:
        metrics=rules.summary.input.metrics,  # the record is of trained networks
    output:
        table="<results>/figures/provenance.tsv",
    log:
        "<logs>/provenance.log",
    benchmark:
        "<benchmarks>/provenance.tsv"
    conda:
        "../../envs/provenance.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        experiments=experiments,
        configuration=config,
        library=library("provenance"),
    script:
        "../scripts/provenance.py"


rule interacting_pairs:
    """Score the pairs of motifs that interact, among all pairs."""
    input:
        pairs=files_of(PAIR_EXPERIMENTS, *PAIR_TABLES),
        controls=files_of(PAIR_CONTROLS, *PAIR_TABLES),
        predictions=files_of(PAIR_EXPERIMENTS, "predictions.tsv"),
        datasets=[
            f"<results>/{dataset}/dataset.h5"
            for dataset in dict.fromkeys(DATASETS)
            if dataset in PAIR_DATASETS
        ],
        metrics=rules.summary.input.metrics,
    output:
        table="<results>/figures/interacting_pairs.tsv",
        scores="<results>/figures/interacting_pairs_scores.tsv",
        summary="<results>/figures/interacting_pairs_summary.tsv",
        markdown="<results>/figures/interacting_pairs.md",
        figure="<results>/figures/interacting_pairs.svg",
        formats=other_formats("<results>/figures", "interacting_pairs"),
    log:
        "<logs>/interacting_pairs.log",
    benchmark:
        "<benchmarks>/interacting_pairs.tsv"
    conda:
        "../../envs/interacting_pairs.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        datasets=PAIR_DATASETS,
        figures=config["figures"],
        library=library("interacting_pairs"),
    script:
        "../scripts/interacting_pairs.py"


rule recovered:
    """Predict the rule of each simulated dataset from the answers of two methods."""
    input:
        metrics=rules.summary.input.metrics,
        tests=files_of(experiments, "motif_tests/table.tsv"),
        gaps=files_of(experiments, "motif_tests/gaps.tsv"),
        insertions=files_of(experiments, "motif_insertion/table.tsv"),
        spacing=files_of(experiments, "motif_insertion/spacing.tsv"),
    output:
        features="<results>/figures/recovered_features.tsv",
        cuts="<results>/figures/recovered_cuts.tsv",
        table="<results>/figures/recovered.tsv",
        confusion="<results>/figures/recovered_confusion.tsv",
        accuracy="<results>/figures/recovered_accuracy.tsv",
        markdown="<results>/figures/recovered.md",
        figure="<results>/figures/recovered.svg",
        formats=other_formats("<results>/figures", "recovered"),
    log:
        "<logs>/recovered.log",
    benchmark:
        "<benchmarks>/recovered.tsv"
    conda:
        "../../envs/recovered.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        datasets=recovered_datasets(OF_EXPERIMENTS),
        max_gap=settings_of("motif_tests", config)["max_gap"],
        figures=config["figures"],
        library=library("recovered"),
    script:
        "../scripts/recovered.py"


rule positive_control:
    """Compare what methods reach on the positive controls with the ideal."""
    input:
        scores=files_of(POSITIVE_EXPERIMENTS, *SCORED),
        metrics=files_of(POSITIVE_EXPERIMENTS, "metrics.tsv"),
        ideal=[
            f"<results>/{row['dataset']}/ideal_explainer/score.tsv"
            for row in POSITIVE_EXPERIMENTS
        ],
        datasets=[
            f"<results>/{row['dataset']}/dataset.h5" for row in POSITIVE_EXPERIMENTS
        ],
        splits=[f"<results>/{row['dataset']}/splits.h5" for row in POSITIVE_EXPERIMENTS],
    output:
        table="<results>/figures/positive_control.tsv",
        predictions="<results>/figures/positive_control_auroc.tsv",
        markdown="<results>/figures/positive_control.md",
        provenance="<results>/figures/positive_control_provenance.tsv",
    log:
        "<logs>/positive_control.log",
    benchmark:
        "<benchmarks>/positive_control.tsv"
    conda:
        "../../envs/positive_control.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
        gpu=0,
    params:
        simulated={
            row["dataset"]: config["datasets"][row["dataset"]]
            for row in POSITIVE_EXPERIMENTS
        },
        experiments=POSITIVE_EXPERIMENTS,
        configuration=config,
        library=library("positive_control"),
    script:
        "../scripts/positive_control.py"


rule figures:
    """The figures and tables that compare networks, without a page."""
    input:
        "<results>/figures/provenance.tsv",
        "<results>/scorecard.svg",
        "<results>/summary.svg",
        "<results>/figures/published.tsv" if config["published"] else [],
        "<results>/figures/leaderboard.tsv" if config["leaderboard"] else [],
        "<results>/figures/label_free.tsv" if LABEL_FREE else [],
        "<results>/figures/interacting_pairs.tsv" if config["interacting_pairs"] else [],
        "<results>/figures/recovered.tsv" if config["recovered"] else [],
        "<results>/figures/positive_control.tsv" if POSITIVE_EXPERIMENTS else [],
