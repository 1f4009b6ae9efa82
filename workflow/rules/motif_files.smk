"""Motif files or aligned sites in, named by --config; matches or a motif out.

Commands for files alone: they need no dataset and no network. See
docs/methods/tomtom.md.
"""

from proofread.configuration.method_settings import settings_of
from proofread.configuration.user_files import given

COMPARE = "compare_motifs --config query=a.meme target=b.meme"
FROM_SITES = {
    "motif": "<results>/motif_from_sites/motif.meme",
    "counts": "<results>/motif_from_sites/motif.jaspar",
}
if config["sites"] is None:
    # An earlier motif may be a query, and is not made again without its sites.
    FROM_SITES = {}


rule compare_motifs:
    """Compare the motifs of one file with those of another (Gupta 2007)."""
    input:
        query=given(config, WorkflowError, "query", COMPARE),
        target=given(config, WorkflowError, "target", COMPARE),
        background=files_of(settings_of("tomtom", config)),
    output:
        hits="<results>/compare_motifs/tomtom.tsv",
        figure="<results>/compare_motifs/alignments.svg",
        formats=other_formats("<results>/compare_motifs", "alignments"),
    log:
        "<logs>/compare_motifs.log",
    benchmark:
        "<benchmarks>/compare_motifs.tsv"
    conda:
        "../../envs/compare_motifs.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        **settings_of("tomtom", config),
        figures=config["figures"],
        library=library("compare_motifs"),
    script:
        "../scripts/compare_motifs.py"


rule motif_from_sites:
    """Count the bases of aligned sites at each position."""
    input:
        sites=given(
            config, WorkflowError, "sites", "motif_from_sites --config sites=sites.fa"
        ),
    output:
        **FROM_SITES,
    log:
        "<logs>/motif_from_sites.log",
    benchmark:
        "<benchmarks>/motif_from_sites.tsv"
    conda:
        "../../envs/motif_from_sites.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        library=library("motif_from_sites"),
    script:
        "../scripts/motif_from_sites.py"
