"""A trained network and sequences in; what every window's exchange does, out.

See docs/methods/kmer_perturbation.md.
"""


rule kmer_perturbation:
    """Exchange every window of k bases and predict again (Heyer 2019)."""
    input:
        model="<results>/{dataset}/{model}/seed{seed}/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        table=report(
            "<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/table.tsv",
            caption="../../report/kmer_perturbation.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "table": "windows of k bases",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        windows="<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/windows.tsv.gz",
        variants="<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/variants.tsv.gz",
        bases="<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/bases.tsv",
        values=ensure(
            "<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/values.h5",
            non_empty=True,
        ),
        score="<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/score.tsv",
        examples=report(
            "<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/examples.svg",
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
            "<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/map.svg",
            caption="../../report/kmer_perturbation_map.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "windows by place and length",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        robustness=report(
            "<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/robustness.svg",
            caption="../../report/kmer_perturbation_robustness.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "robustness to noise",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        robustness_table="<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/robustness.tsv",
        aligned=report(
            "<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/aligned.svg",
            caption="../../report/kmer_perturbation_aligned.rst",
            category="5. Sequences",
            subcategory="{dataset}",
            labels={
                "figure": "windows around an anchor",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        aligned_table="<results>/{dataset}/{model}/seed{seed}/kmer_perturbation/aligned.tsv",
    log:
        "<logs>/kmer_perturbation/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/kmer_perturbation/{dataset}_{model}_seed{seed}.tsv"
    conda:
        "../../../envs/kmer_perturbation.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        **with_anchor(config["methods"]["kmer_perturbation"], config["datasets"]),
        library=library("kmer_perturbation"),
    script:
        "../../scripts/kmer_perturbation.py"
