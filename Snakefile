"""proofread: what networks learn about DNA, checked against the planted truth."""

from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


pathvars:
    network="<results>/{dataset}/{model}/seed{seed}",


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/read.smk"
include: "workflow/rules/split.smk"
include: "workflow/rules/preview.smk"
include: "workflow/rules/baselines.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/adopt.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/motif_database.smk"


for method in config["analyses"]:

    include: f"workflow/rules/methods/{method}.smk"


include: "workflow/rules/references.smk"
include: "workflow/rules/scorecard.smk"
include: "workflow/rules/report.smk"


# After the rules: earlier, Snakemake would not see the wildcards within <network>.
wildcard_constraints:
    dataset=r"[A-Za-z0-9_.-]+",
    model=r"[A-Za-z0-9_.-]+",
    seed=r"\d+",


rule all:
    """Everything the configuration asks for, summed up in one page."""
    default_target: True
    input:
        "<results>/report.html",
        "<results>/scorecard.tsv",
