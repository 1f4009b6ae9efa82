"""A network in; its vectors of k-mers, compared and mapped, out."""


rule embedding:
    """Test whether k-mers with the same bases have similar vectors, and map them."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        table=report(
            "<network>/embedding/table.tsv",
            caption="../../report/embedding.rst",
            category="4. Embedding",
            subcategory="{dataset}",
            labels={"table": "purity", "model": "{model}", "seed": "{seed}"},
        ),
        score="<network>/embedding/score.tsv",
        coordinates="<network>/embedding/coordinates.tsv",
        variance="<network>/embedding/variance.tsv",
        values=ensure(
            "<network>/embedding/values.h5",
            non_empty=True,
        ),
        prefix=report(
            "<network>/embedding/prefix.svg",
            caption="../../report/embedding_prefix.rst",
            category="4. Embedding",
            subcategory="{dataset}",
            labels={"figure": "by prefix", "model": "{model}", "seed": "{seed}"},
        ),
        suffix=report(
            "<network>/embedding/suffix.svg",
            caption="../../report/embedding_suffix.rst",
            category="4. Embedding",
            subcategory="{dataset}",
            labels={"figure": "by suffix", "model": "{model}", "seed": "{seed}"},
        ),
        gc=report(
            "<network>/embedding/gc.svg",
            caption="../../report/embedding_gc.rst",
            category="4. Embedding",
            subcategory="{dataset}",
            labels={"figure": "by GC content", "model": "{model}", "seed": "{seed}"},
        ),
        purity=report(
            "<network>/embedding/purity.svg",
            caption="../../report/embedding_purity.rst",
            category="4. Embedding",
            subcategory="{dataset}",
            labels={
                "figure": "purity and silhouette",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        formats=other_formats("<network>/embedding", "prefix", "suffix", "gc", "purity"),
    log:
        "<logs>/embedding/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/embedding/{dataset}_{model}_seed{seed}.tsv"
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/embedding.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(10),
    params:
        **config["methods"]["embedding"],
        figures=config["figures"],
        device=config["device"],
        library=library("embedding"),
    script:
        "../../scripts/embedding.py"
