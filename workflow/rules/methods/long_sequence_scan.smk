"""A network and contigs in; its prediction for every window, as tracks and peaks, out.

`chunks` jobs split the windows between them. Without a genome of the user's the contigs
are simulated. More `genomes` are scanned in the same way, each in its own folder. A
measured `signal` of a genome is compared with the tracks.
"""

SCAN_TRACKS = (
    ["forward"]
    if config["methods"]["long_sequence_scan"]["faithful"]
    else {
        "separate": ["forward", "reverse"],
        "max": ["both"],
        "forward": ["forward"],
    }[config["methods"]["long_sequence_scan"]["strands"]]
)
SCAN_GENOMES = config["methods"]["long_sequence_scan"]["genomes"]
SCAN_SIGNAL = (
    config["methods"]["long_sequence_scan"]["signal"] or []
    if config["methods"]["long_sequence_scan"]["genome"]
    else []
)
# Further genomes have the files of a signal if one of them has a signal.
SCAN_SIGNALS = [item["signal"] for item in SCAN_GENOMES.values() if item.get("signal")]
# One more genome does not repeat the scans of the others.
SCAN_SETTINGS = {
    key: value
    for key, value in config["methods"]["long_sequence_scan"].items()
    if key != "genomes"
}


# A setting of the wildcard's genome, which is a file of the user or a region.
of_genome = partial(of_wildcard, "genome", SCAN_GENOMES)


rule long_sequence_scan_contigs:
    """Plant a dataset's test sequences into contigs of shuffled negatives."""
    input:
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
    output:
        genome="<results>/{dataset}/long_sequence_scan/contigs.fa",
        sites="<results>/{dataset}/long_sequence_scan/sites.bed",
    log:
        "<logs>/long_sequence_scan_contigs/{dataset}.log",
    benchmark:
        "<benchmarks>/long_sequence_scan_contigs/{dataset}.tsv"
    group:
        "checks_{dataset}"
    conda:
        "../../../envs/long_sequence_scan_contigs.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        gpu=0,
    params:
        **with_anchor(
            {
                key: config["methods"]["long_sequence_scan"][key]
                for key in (
                    "targets",
                    "strands",
                    "anchor",
                    "seed",
                    "faithful",
                    "simulated",
                )
            },
            config["datasets"],
        ),
        library=library("long_sequence_scan_contigs"),
    script:
        "../../scripts/long_sequence_scan_contigs.py"


rule long_sequence_scan_chunk:
    """Predict one job's part of the windows of all contigs, on each strand."""
    input:
        model="<network>/model.ckpt",
        genome=config["methods"]["long_sequence_scan"]["genome"]
        or "<results>/{dataset}/long_sequence_scan/contigs.fa",
    output:
        values="<network>/long_sequence_scan/chunks/{chunk}.h5",
    log:
        "<logs>/long_sequence_scan_chunk/{dataset}_{model}_seed{seed}_{chunk}.log",
    benchmark:
        "<benchmarks>/long_sequence_scan_chunk/{dataset}_{model}_seed{seed}_{chunk}.tsv"
    wildcard_constraints:
        chunk=r"\d+",
    # Several chunks are to run beside each other: then each is a job of the cluster.
    group:
        (
            "network_{dataset}_{model}_seed{seed}"
            if config["methods"]["long_sequence_scan"]["chunks"] == 1
            else "scan_{dataset}_{model}_seed{seed}_{chunk}"
        )
    conda:
        "../../../envs/long_sequence_scan_chunk.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        **{
            key: config["methods"]["long_sequence_scan"][key]
            for key in (
                "targets",
                "stride",
                "strands",
                "max_unknown",
                "chunks",
                "faithful",
            )
        },
        device=config["device"],
        library=library("long_sequence_scan_chunk"),
    script:
        "../../scripts/long_sequence_scan_chunk.py"


rule long_sequence_scan:
    """Join a scan's chunks into tracks and peaks and compare these with the sites."""
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        chunks=collect(
            "<network>/long_sequence_scan/chunks/{chunk}.h5",
            chunk=range(config["methods"]["long_sequence_scan"]["chunks"]),
            allow_missing=True,
        ),
        genome=rules.long_sequence_scan_chunk.input.genome,
        sites=(
            config["methods"]["long_sequence_scan"]["sites"] or []
            if config["methods"]["long_sequence_scan"]["genome"]
            else "<results>/{dataset}/long_sequence_scan/sites.bed"
        ),
        genes=(
            config["methods"]["long_sequence_scan"]["genes"] or []
            if config["methods"]["long_sequence_scan"]["genome"]
            else []
        ),
        signal=SCAN_SIGNAL,
    output:
        **(
            {
                "signal_table": "<network>/long_sequence_scan/signal.tsv",
                "signal_figure": report(
                    "<network>/long_sequence_scan/signal.svg",
                    caption="../../report/long_sequence_scan_signal.rst",
                    category="Long sequences",
                    subcategory="{dataset}",
                    labels={
                        "figure": "signal",
                        "model": "{model}",
                        "seed": "{seed}",
                    },
                ),
                "signal_formats": other_formats(
                    "<network>/long_sequence_scan", "signal"
                ),
            }
            if SCAN_SIGNAL
            else {}
        ),
        table=report(
            "<network>/long_sequence_scan/table.tsv",
            caption="../../report/long_sequence_scan.rst",
            category="Long sequences",
            subcategory="{dataset}",
            labels={"table": "agreement", "model": "{model}", "seed": "{seed}"},
        ),
        score="<network>/long_sequence_scan/score.tsv",
        metrics="<network>/long_sequence_scan/metrics.json",
        positions=ensure(
            "<network>/long_sequence_scan/positions.tsv.gz",
            non_empty=True,
        ),
        peaks="<network>/long_sequence_scan/peaks.bed",
        peak_table="<network>/long_sequence_scan/peaks.tsv",
        bedgraph=collect(
            "<network>/long_sequence_scan/{track}.bedGraph",
            track=SCAN_TRACKS,
            allow_missing=True,
        ),
        bigwig=collect(
            "<network>/long_sequence_scan/{track}.bw",
            track=SCAN_TRACKS,
            allow_missing=True,
        ),
        raw_bigwig=collect(
            "<network>/long_sequence_scan/{track}_raw.bw",
            track=SCAN_TRACKS,
            allow_missing=True,
        ),
        profile="<network>/long_sequence_scan/profile.tsv",
        null="<network>/long_sequence_scan/null.tsv",
        region_figure=report(
            "<network>/long_sequence_scan/region.svg",
            caption="../../report/long_sequence_scan_region.rst",
            category="Long sequences",
            subcategory="{dataset}",
            labels={"figure": "region", "model": "{model}", "seed": "{seed}"},
        ),
        profile_figure=report(
            "<network>/long_sequence_scan/profile.svg",
            caption="../../report/long_sequence_scan_profile.rst",
            category="Long sequences",
            subcategory="{dataset}",
            labels={"figure": "around sites", "model": "{model}", "seed": "{seed}"},
        ),
        formats=other_formats("<network>/long_sequence_scan", "region", "profile"),
    log:
        "<logs>/long_sequence_scan/{dataset}_{model}_seed{seed}.log",
    benchmark:
        "<benchmarks>/long_sequence_scan/{dataset}_{model}_seed{seed}.tsv"
    wildcard_constraints:
        model=NETWORKS,
    group:
        "network_{dataset}_{model}_seed{seed}"
    conda:
        "../../../envs/long_sequence_scan.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    params:
        **with_anchor(SCAN_SETTINGS, config["datasets"]),
        figures=config["figures"],
        library=library("long_sequence_scan"),
    script:
        "../../scripts/long_sequence_scan.py"


# Only the scores of a negative control are compared with a network's.
use rule long_sequence_scan as long_sequence_scan_control with:
    output:
        table="<network>/long_sequence_scan/table.tsv",
        score="<network>/long_sequence_scan/score.tsv",
    wildcard_constraints:
        model=CONTROLS,


use rule long_sequence_scan_chunk as long_sequence_scan_genome_chunk with:
    input:
        model="<network>/model.ckpt",
        genome=of_genome("genome"),
    output:
        values="<network>/long_sequence_scan/genomes/{genome}/chunks/{chunk}.h5",
    log:
        "<logs>/long_sequence_scan_genome_chunk/{dataset}_{model}_seed{seed}_{genome}_{chunk}.log",
    benchmark:
        "<benchmarks>/long_sequence_scan_genome_chunk/{dataset}_{model}_seed{seed}_{genome}_{chunk}.tsv"
    wildcard_constraints:
        chunk=r"\d+",
        genome=any_of(SCAN_GENOMES),


use rule long_sequence_scan as long_sequence_scan_genome with:
    input:
        model="<network>/model.ckpt",
        dataset="<results>/{dataset}/dataset.h5",
        splits="<results>/{dataset}/splits.h5",
        chunks=collect(
            "<network>/long_sequence_scan/genomes/{genome}/chunks/{chunk}.h5",
            chunk=range(config["methods"]["long_sequence_scan"]["chunks"]),
            allow_missing=True,
        ),
        genome=of_genome("genome"),
        sites=of_genome("sites"),
        genes=of_genome("genes"),
        signal=of_genome("signal"),
    output:
        **(
            {
                "signal_table": "<network>/long_sequence_scan/genomes/{genome}/signal.tsv",
                "signal_figure": report(
                    "<network>/long_sequence_scan/genomes/{genome}/signal.svg",
                    caption="../../report/long_sequence_scan_signal.rst",
                    category="Long sequences",
                    subcategory="{dataset}",
                    labels={
                        "figure": "signal",
                        "genome": "{genome}",
                        "model": "{model}",
                        "seed": "{seed}",
                    },
                ),
                "signal_formats": other_formats(
                    "<network>/long_sequence_scan/genomes/{genome}", "signal"
                ),
            }
            if SCAN_SIGNALS
            else {}
        ),
        table=report(
            "<network>/long_sequence_scan/genomes/{genome}/table.tsv",
            caption="../../report/long_sequence_scan.rst",
            category="Long sequences",
            subcategory="{dataset}",
            labels={
                "table": "agreement",
                "genome": "{genome}",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        score="<network>/long_sequence_scan/genomes/{genome}/score.tsv",
        metrics="<network>/long_sequence_scan/genomes/{genome}/metrics.json",
        positions=ensure(
            "<network>/long_sequence_scan/genomes/{genome}/positions.tsv.gz",
            non_empty=True,
        ),
        peaks="<network>/long_sequence_scan/genomes/{genome}/peaks.bed",
        peak_table="<network>/long_sequence_scan/genomes/{genome}/peaks.tsv",
        bedgraph=collect(
            "<network>/long_sequence_scan/genomes/{genome}/{track}.bedGraph",
            track=SCAN_TRACKS,
            allow_missing=True,
        ),
        bigwig=collect(
            "<network>/long_sequence_scan/genomes/{genome}/{track}.bw",
            track=SCAN_TRACKS,
            allow_missing=True,
        ),
        raw_bigwig=collect(
            "<network>/long_sequence_scan/genomes/{genome}/{track}_raw.bw",
            track=SCAN_TRACKS,
            allow_missing=True,
        ),
        profile="<network>/long_sequence_scan/genomes/{genome}/profile.tsv",
        null="<network>/long_sequence_scan/genomes/{genome}/null.tsv",
        region_figure=report(
            "<network>/long_sequence_scan/genomes/{genome}/region.svg",
            caption="../../report/long_sequence_scan_region.rst",
            category="Long sequences",
            subcategory="{dataset}",
            labels={
                "figure": "region",
                "genome": "{genome}",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        profile_figure=report(
            "<network>/long_sequence_scan/genomes/{genome}/profile.svg",
            caption="../../report/long_sequence_scan_profile.rst",
            category="Long sequences",
            subcategory="{dataset}",
            labels={
                "figure": "around sites",
                "genome": "{genome}",
                "model": "{model}",
                "seed": "{seed}",
            },
        ),
        formats=other_formats(
            "<network>/long_sequence_scan/genomes/{genome}", "region", "profile"
        ),
    log:
        "<logs>/long_sequence_scan_genome/{dataset}_{model}_seed{seed}_{genome}.log",
    benchmark:
        "<benchmarks>/long_sequence_scan_genome/{dataset}_{model}_seed{seed}_{genome}.tsv"
    wildcard_constraints:
        model=NETWORKS,
        genome=any_of(SCAN_GENOMES),
    params:
        **{
            **with_anchor(SCAN_SETTINGS, config["datasets"]),
            "genome": of_genome("genome"),
            "sites": of_genome("sites"),
            "genes": of_genome("genes"),
            "signal": of_genome("signal"),
            "region": of_genome("region"),
        },
        library=library("long_sequence_scan"),


# The scan of the first genome does not depend on the others; the page shows all.
ALSO_SHOWN += collect(
    as_written(rules.long_sequence_scan_genome.output),
    genome=SCAN_GENOMES,
    allow_missing=True,
)
