"""A user's own model in; the checkpoint that all methods read out, without training."""


rule adopt:
    """Take a user's own model, through its adapter, in place of a trained one."""
    input:
        adapter=lookup(dpath="models/{model}/own/adapter", within=config),
        # A model may have no weights of its own.
        weights=branch(
            lookup(dpath="models/{model}/own/weights", within=config, default=None),
            then=lookup(
                dpath="models/{model}/own/weights", within=config, default=None
            ),
        ),
        dataset="<results>/{dataset}/dataset.h5",
    output:
        model=ensure("<network>/model.ckpt", non_empty=True),
        about="<network>/adopted.tsv",
    log:
        "<logs>/adopt/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/adopt/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=OWN,
    conda:
        "../../envs/adopt.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=20,
    params:
        own=lookup(dpath="models/{model}/own", within=config),
        # Of the adapter and of what it imports from beside it.
        adapter=lookup(dpath="{model}", within=ADAPTERS),
        library=library("adopt"),
    script:
        "../scripts/adopt.py"
