"""A simulated dataset in; the network that is its rule out, as a positive control."""

from proofread.configuration.positive_control import positive_experiments

POSITIVE_EXPERIMENTS = positive_experiments(
    experiments, config["datasets"], config["positive_control"]
)


rule oracle:
    """Make the network that is the rule of a dataset, instead of training one."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
    output:
        model=ensure("<network>/model.ckpt", non_empty=True),
    log:
        "<logs>/oracle/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/oracle/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        dataset=SIMULATED,
        model="oracle",
    conda:
        "../../envs/oracle.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
        gpu=0,
    params:
        library=library("oracle"),
    script:
        "../scripts/oracle.py"
