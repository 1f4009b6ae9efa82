"""A trained network and sequences in; the effect of replacing every window out.

See docs/methods/kmer_perturbation.md.
"""


rule kmer_perturbation:
    """Replace every window of k bases and predict again (Heyer 2019)."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        table=report(
            "<network>/kmer_perturbation/table.tsv",
            caption="../../report/kmer_perturbation.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "table": "windows of k bases",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        windows="<network>/kmer_perturbation/windows.tsv.gz",
        variants="<network>/kmer_perturbation/variants.tsv.gz",
        bases="<network>/kmer_perturbation/bases.tsv",
        values=ensure(
            "<network>/kmer_perturbation/values.h5",
            non_empty=True,
        ),
        score="<network>/kmer_perturbation/score.tsv",
        examples=report(
            "<network>/kmer_perturbation/examples.svg",
            caption="../../report/kmer_perturbation_examples.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "windows along a sequence",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        map=report(
            "<network>/kmer_perturbation/map.svg",
            caption="../../report/kmer_perturbation_map.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "windows by position and length",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        robustness=report(
            "<network>/kmer_perturbation/robustness.svg",
            caption="../../report/kmer_perturbation_robustness.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "robustness to noise",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        robustness_table="<network>/kmer_perturbation/robustness.tsv",
        aligned=report(
            "<network>/kmer_perturbation/aligned.svg",
            caption="../../report/kmer_perturbation_aligned.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "windows around an anchor",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        aligned_table="<network>/kmer_perturbation/aligned.tsv",
        formats=other_formats(
            "<network>/kmer_perturbation", "examples", "map", "robustness", "aligned"
        ),
    log:
        "<logs>/kmer_perturbation/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/kmer_perturbation/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/kmer_perturbation.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        **with_anchor(config["methods"]["kmer_perturbation"], config["datasets"]),
        figures=config["figures"],
        device=config["device"],
        library=library("kmer_perturbation"),
    script:
        "../../scripts/kmer_perturbation.py"


use rule kmer_perturbation as kmer_perturbation_control with:
    output:
        table="<network>/kmer_perturbation/table.tsv",
        score="<network>/kmer_perturbation/score.tsv",
    wildcard_constraints:
        model=CONTROLS,
