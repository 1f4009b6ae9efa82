"""Input: files of the user. Output: a dataset."""


rule read:
    """Read a user's own sequences from FASTA, BED, a table or Basset's HDF5."""
    input:
        files=lookup(dpath="{dataset}", within=FILES),
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
    conda:
        "../../envs/read.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=20,
    params:
        settings=without_split,
        library=library("read"),
    script:
        "../scripts/read.py"
