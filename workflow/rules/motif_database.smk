"""The configuration in, known motifs as a MEME file out."""


rule motif_database:
    """Gather the known motifs that filters are compared with, as one MEME file."""
    input:
        # JASPAR comes with pyjaspar and needs no file.
        motifs=branch(
            lookup(dpath="databases/{database}/file", within=config, default=None),
            then=lookup(
                dpath="databases/{database}/file", within=config, default=None
            ),
        ),
    output:
        motifs=ensure("<results>/databases/{database}.meme", non_empty=True),
    log:
        "<logs>/motif_database/{database}.log",
    benchmark:
        "<benchmarks>/motif_database/{database}.tsv"
    group:
        "databases"
    conda:
        "../../envs/motif_database.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        database=lookup(dpath="databases/{database}", within=config),
        library=library("motif_database"),
    script:
        "../scripts/motif_database.py"
