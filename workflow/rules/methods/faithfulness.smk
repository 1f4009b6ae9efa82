"""The maps of a network in; how far each says what the network does out.

See docs/methods/faithfulness.md.
"""

from proofread.configuration.companions import controls_of, other_seeds

# Methods with a map for each sequence, of which some or all run.
EXPLAINED = [
    method
    for method in ("attributions", "saturation_mutagenesis", "kmer_perturbation")
    if method in config["analyses"]
]
# Methods that name motifs, whose names are compared if two or more run.
NAMING = [
    method
    for method in ("tomtom", "motif_discovery", "motif_tests", "motif_insertion")
    if method in config["analyses"]
]
FAMILIES = "<results>/{dataset}/motif_families.tsv" if len(NAMING) > 1 else []
OF_NAMES = {
    method: {
        key: config["methods"][method].get(key) for key in ("databases", "motifs_file")
    }
    for method in NAMING
}


rule motif_families:
    """Cluster all motifs that methods may name into families of similar ones."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
        databases=collect(
            "<results>/databases/{database}.meme",
            database=dict.fromkeys(
                name for names in OF_NAMES.values() for name in names["databases"]
            ),
        ),
        motifs=list(
            dict.fromkeys(
                names["motifs_file"]
                for names in OF_NAMES.values()
                if names["motifs_file"]
            )
        ),
    output:
        table="<results>/{dataset}/motif_families.tsv",
    log:
        "<logs>/motif_families/{dataset}.log",
    benchmark:
        "<benchmarks>/motif_families/{dataset}.tsv"
    group:
        "checks_{dataset}"
    conda:
        "../../../envs/motif_families.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
        gpu=0,
    params:
        library=library("motif_families"),
    script:
        "../../scripts/motif_families.py"


rule faithfulness:
    """Judge maps by deletion, insertion, randomisation and stability (Samek 2017)."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        maps=collect("<network>/{method}/values.h5", method=EXPLAINED),
        named=collect("<network>/{method}/table.tsv", method=NAMING),
        families=FAMILIES,
        seeds=other_seeds(experiments, [f"{name}/values.h5" for name in EXPLAINED]),
        controls=controls_of(experiments, CONTROL_MODELS, "faithfulness/table.tsv"),
        control_agreement=controls_of(
            experiments, CONTROL_MODELS, "faithfulness/families_agreement.tsv"
        ),
        control_precision=controls_of(
            experiments, CONTROL_MODELS, "faithfulness/families_precision.tsv"
        ),
    output:
        table=report(
            "<network>/faithfulness/table.tsv",
            caption="../../report/faithfulness.rst",
            category="4. Faithfulness",
            subcategory="{dataset}",
            labels={"table": "all numbers", "model": "{model}", "seed": "{seed}"},
        ),
        score="<network>/faithfulness/score.tsv",
        curves="<network>/faithfulness/curves.tsv",
        agreement="<network>/faithfulness/agreement.tsv",
        randomisation="<network>/faithfulness/randomisation.tsv",
        families="<network>/faithfulness/families.tsv",
        families_agreement="<network>/faithfulness/families_agreement.tsv",
        families_precision="<network>/faithfulness/families_precision.tsv",
        summary=report(
            "<network>/faithfulness/summary.svg",
            caption="../../report/faithfulness_summary.rst",
            category="4. Faithfulness",
            subcategory="{dataset}",
            labels={"figure": "summary", "model": "{model}", "seed": "{seed}"},
        ),
        curves_figure=report(
            "<network>/faithfulness/curves.svg",
            caption="../../report/faithfulness_curves.rst",
            category="4. Faithfulness",
            subcategory="{dataset}",
            labels={
                "figure": "deletion and insertion",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        agreement_figure=report(
            "<network>/faithfulness/agreement.svg",
            caption="../../report/faithfulness_agreement.rst",
            category="4. Faithfulness",
            subcategory="{dataset}",
            labels={"figure": "agreement", "model": "{model}", "seed": "{seed}"},
        ),
        randomisation_figure=report(
            "<network>/faithfulness/randomisation.svg",
            caption="../../report/faithfulness_randomisation.rst",
            category="4. Faithfulness",
            subcategory="{dataset}",
            labels={
                "figure": "randomised layers",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        families_figure=report(
            "<network>/faithfulness/families.svg",
            caption="../../report/faithfulness_families.rst",
            category="4. Faithfulness",
            subcategory="{dataset}",
            labels={
                "figure": "families of motifs",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        formats=other_formats(
            "<network>/faithfulness",
            "summary",
            "curves",
            "agreement",
            "randomisation",
            "families",
        ),
    log:
        "<logs>/faithfulness/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/faithfulness/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    # In no group: the groups of two seeds would wait for each other.
    conda:
        "../../../envs/faithfulness.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        **config["methods"]["faithfulness"],
        explained={method: config["methods"][method] for method in EXPLAINED},
        naming=OF_NAMES,
        figures=config["figures"],
        device=config["device"],
        library=library("faithfulness"),
    script:
        "../../scripts/faithfulness.py"


# Of a negative control attributions alone keep their maps; the others are made anew.
use rule faithfulness as faithfulness_control with:
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        maps=[
            f"<network>/{method}/values.h5"
            for method in EXPLAINED
            if method == "attributions"
        ],
        named=collect("<network>/{method}/table.tsv", method=NAMING),
        families=FAMILIES,
        seeds=[],
        controls=[],
        control_agreement=[],
        control_precision=[],
    output:
        table="<network>/faithfulness/table.tsv",
        score="<network>/faithfulness/score.tsv",
        curves="<network>/faithfulness/curves.tsv",
        agreement="<network>/faithfulness/agreement.tsv",
        randomisation="<network>/faithfulness/randomisation.tsv",
        families="<network>/faithfulness/families.tsv",
        families_agreement="<network>/faithfulness/families_agreement.tsv",
        families_precision="<network>/faithfulness/families_precision.tsv",
    wildcard_constraints:
        model=CONTROLS,
