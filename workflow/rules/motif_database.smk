"""The configuration in, known motifs as a MEME file out."""


rule motif_database:
    """Gather the known motifs that filters are compared with, as one MEME file."""
    input:
        # JASPAR comes with pyjaspar and needs no file.
        motifs=of_wildcard("database", config["databases"], "file"),
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
        database=of_wildcard("database", config["databases"]),
        library=library("motif_database"),
    script:
        "../scripts/motif_database.py"
