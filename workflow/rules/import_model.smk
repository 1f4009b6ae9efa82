"""In: a user model. Out: the checkpoint that all methods read, without training."""


rule import_model:
    """Import a user model through its adapter, instead of training a network."""
    input:
        adapter=of_wildcard("model", config["models"], "import", "adapter"),
        # A model may have no weights file.
        weights=of_wildcard("model", config["models"], "import", "weights"),
        dataset="<results>/{dataset}/dataset.h5",
    output:
        model=ensure("<network>/model.ckpt", non_empty=True),
        about="<network>/import.tsv",
    log:
        "<logs>/import_model/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/import_model/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=IMPORTED,
    conda:
        "../../envs/import_model.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(20),
        gpu=0,
    params:
        imported=of_wildcard("model", config["models"], "import"),
        # Of the adapter and of the modules in its folder that it imports.
        adapter=of_wildcard("model", ADAPTER_DIGESTS),
        library=library("import_model"),
    script:
        "../scripts/import_model.py"
