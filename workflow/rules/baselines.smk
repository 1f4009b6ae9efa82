"""Dataset and splits in; predictions from GC content and 6-mers out."""

from proofread.configuration.known_motifs import kmer_comparison

KMERS = kmer_comparison(config)


rule baselines:
    """Predict from GC content and from 6-mers, for comparison with every network."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        # The 6-mers are compared with the same motifs as the filters.
        databases=collect(
            "<results>/databases/{database}.meme", database=KMERS["databases"]
        ),
    output:
        predictions="<results>/{dataset}/baselines/predictions.tsv",
        kmers="<results>/{dataset}/baselines/kmers.tsv",
        motifs="<results>/{dataset}/baselines/motifs.tsv",
    log:
        "<logs>/baselines/{dataset}.log",
    benchmark:
        "<benchmarks>/baselines/{dataset}.tsv"
    group:
        "checks_{dataset}"
    conda:
        "../../envs/baselines.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
        gpu=0,
    params:
        **KMERS,
        library=library("baselines"),
    script:
        "../scripts/baselines.py"
