"""Candidates, each trained by its own job, in; the chosen one out: a table, a figure."""

TUNED = any_of(tuning.tuned_models(config["models"]))
CANDIDATES = tuning.candidate_models(config["models"])
WITH_CANDIDATES = MODELS_AND_CONTROLS | CANDIDATES
candidate_files = partial(tuning.candidate_files, config["models"])
choice_of = tuning.choice_file(WITH_CANDIDATES)
already_trained = tuning.already_trained(WITH_CANDIDATES)
IN_WORDS = {
    name: {
        candidate: tuning.settings_in_words(model)
        for candidate, model in tune["candidates"].items()
    }
    for name, tune in tuning.tuned_models(config["models"]).items()
}


rule tune:
    """Choose the settings of a model by the predictions of the validation split."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        models=candidate_files("model.ckpt"),
        histories=candidate_files("history.tsv"),
    output:
        table=report(
            "<results>/{dataset}/{model}/tune/tune.tsv",
            caption="../report/tune.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={"table": "candidates", "model": "{model}"},
        ),
        choice="<results>/{dataset}/{model}/tune/choice.json",
        figure=report(
            "<results>/{dataset}/{model}/tune/tune.svg",
            caption="../report/tune.rst",
            category="3. Networks",
            subcategory="{dataset}",
            labels={"figure": "candidates", "model": "{model}"},
        ),
        formats=other_formats("<results>/{dataset}/{model}/tune", "tune"),
    log:
        "<logs>/tune/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/tune/{dataset}/{model}.tsv"
    wildcard_constraints:
        model=TUNED,
    conda:
        "../../envs/tune.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(20),
        gpu=0,
    params:
        tune=of_wildcard("model", config["models"], "tune"),
        in_words=of_wildcard("model", IN_WORDS),
        target_type=of_wildcard("dataset", TYPES),
        evaluation=config["evaluation"],
        figures=config["figures"],
        library=library("tune"),
    script:
        "../scripts/tune.py"
