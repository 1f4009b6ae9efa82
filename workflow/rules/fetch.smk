"""Output: published data files, checked by their sha256."""


rule fetch:
    """Fetch a data file from the mirror folder or the web and check its sha256."""
    output:
        file=ensure(
            "resources/data/{file}",
            sha256=of_wildcard("file", config["downloads"], "sha256"),
        ),
    log:
        "<logs>/fetch/{file}.log",
    benchmark:
        "<benchmarks>/fetch/{file}.tsv"
    wildcard_constraints:
        # Only files under `downloads`: files of the user in the folder stay untouched.
        file="|".join(map(re.escape, config["downloads"])) or "(?!)",
    conda:
        "../../envs/fetch.yaml"
    threads: 1
    resources:
        mem_mb=growing(500),
        runtime=growing(30),
        gpu=0,
    params:
        download=of_wildcard("file", config["downloads"]),
        library=library("fetch"),
    script:
        "../scripts/fetch.py"
