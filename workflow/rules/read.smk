"""Input: files of the user. Output: a dataset."""


rule read:
    """Read a user's own sequences from FASTA, BED, a table or Basset's HDF5."""
    input:
        files=of_wildcard("dataset", FILES),
    output:
        dataset=ensure("<results>/{dataset}/dataset.h5", non_empty=True),
        sequences="<results>/{dataset}/sequences.tsv",
        truth="<results>/{dataset}/truth.json",
    log:
        "<logs>/read/{dataset}.log",
    benchmark:
        "<benchmarks>/read/{dataset}.tsv"
    wildcard_constraints:
        dataset=READ,
    group:
        "data_{dataset}"
    conda:
        "../../envs/read.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(20),
        gpu=0,
    params:
        settings=without_split,
        library=library("read"),
    script:
        "../scripts/read.py"
