"""Run the default and the real configurations and check every promised number.

    python tools/accept.py [NAME ...]

One line per number: what was wanted, what was found. Without names every
configuration runs. Exit status 1 if any number falls short.
The default configuration is run anew, whatever was there, to be timed. Full runs of the
studies take hours: the tables of the last ones, in docs/studies/, are read, or those in
the folder that PROOFREAD_STUDIES names.
Not part of the tests: it takes the better part of an hour on two cores.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

import control_limits
import faithfulness_checks
import readme_table
import scale
import scale_dry_run
import study_checks
import study_pages

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from proofread.datasets.dataset import read_dataset  # noqa: E402
from proofread.files.download import mirror_folder  # noqa: E402
from proofread.tables import read_table  # noqa: E402  needs the path above

MOTIFS = ["STAT_known2", "CTCF_known1"]
DEFAULT_SECONDS = 300  # on two idle cores
DEFAULT_CORES = 2
DEFAULT_MEGABYTES = 4096
NULL_DATASETS = 240  # of five tests each
RULE_AUROC = {"presence": 0.97, "order": 0.90, "distance": 0.95}  # at least
POSITION_AUROC = 0.9  # of absolute scores of planted positions, at least
# A training on another type of processor ends with other numbers than README's.
README_TOLERANCE = 0.05
BELOW_KMERS = 0.01  # AUROC that `recommended` may be below 6-mers
ABOVE_KMERS = 4  # data sets on which it is above them
SCALE = {"datasets": 100, "seeds": 10}  # of every method, with negative controls
SCALE_SECONDS = 60  # of CPU time, to plan these
SCALE_GIGABYTES = 2
# E. coli's known boxes (docs/data.md). Integrated Gradients: of three networks, whose
# training ends with other numbers on another processor, as README's. The others need no
# network, and differ by rounding alone.
BOXES = {"position_auroc": 0.89, "position_auprc": 0.66}
BOXES_IDEAL = {"position_auroc": 0.984, "position_auprc": 0.926}
BOXES_POSITIONS = {"position_auroc": 0.973, "position_auprc": 0.864}
BOXES_TOLERANCE = 0.001
# Plant promoters, on the test split, of each network.
PLANT_LEAF = {"pearson": 0.75, "r2": 0.55}
TATA_WORDS = ("TATAAA", "TATATA")
TATA_PEAK = (125, 145)  # index of the highest mean contribution, in 170 bp
TATA_Q = 1e-3  # of motif tests: TBP's instances are replaced
TATA_CONTROL = 0.05  # min_effect_fraction of motif tests
TATA_MATRIX = "POL012.1"  # JASPAR2020, POLII
TATA_MATCH_Q = 0.05  # of a pattern with JASPAR's TATA-Box
TATA_SAID = (
    "match a known motif: TATA-Box (raises the output",
    "the largest is presence of TBP (MA0108.3): it adds",
)
# Planted effects, of each network.
EFFECTS_CEILING = 0.9  # fraction of the noise ceiling of the test split, R2
EFFECTS_SPEARMAN = {"motif_insertion": 0.95, "motif_tests": 0.9}
EFFECTS_SLOPE = (0.8, 1.25)  # of the measured on the planted effects
EFFECTS_SIZES = 0.9  # intervals between half and twice the planted effect, fraction
EFFECTS_ERROR = 0.05  # motifs without effect that a method calls, fraction: of 6, none
EFFECTS_FORMS = ["additive", "multiplicative"]  # that are planted
# Kind and size of tools/scale.py, and GB of memory that each of its rules may take.
SCALE_OF_JOBS = (("sequences", 10_000, 1), ("contigs", 250, 1), ("filters", 128, 1))


class Checks:
    """Prints one line per number and remembers whether all held."""

    def __init__(self):
        self.failed = 0
        self.left_out = []

    def __call__(self, what, wanted, got, holds):
        """One line: ok or FAIL, what was measured, what was wanted, what was found."""
        self.failed += not holds
        print(f"{'ok  ' if holds else 'FAIL'}  {what}: wanted {wanted}, got {got}")
        sys.stdout.flush()

    def at_least(self, what, wanted, got):
        """A number that must not be lower."""
        self(what, f">= {wanted}", f"{got:.4g}", got >= wanted)

    def leave_out(self, part, how):
        """A part that was not run: none of its numbers is asserted."""
        self.left_out.append(part)
        print(f"note  {part}: not run, so no number of it is asserted. {how}")


def run(configuration, cores, *options):
    """Make a configuration's results; seconds it took."""
    began = time.monotonic()
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores)]
    if configuration != "config":
        command += ["--configfile", f"config/{configuration}.yaml"]
    subprocess.run([*command, *options], cwd=ROOT, check=True)
    return time.monotonic() - began


def experiments(table, results):
    """Dataset, seed and folder of every experiment of a table."""
    for row in read_table(ROOT / "config" / table).itertuples():
        yield (
            row.dataset,
            row.seed,
            ROOT / results / row.dataset / row.model / f"seed{row.seed}",
        )


def metric(folder, predictor, name, target=None):
    """One value of an experiment's metrics; of its only target unless one is named."""
    rows = read_table(folder / "metrics.tsv")
    if target is not None:
        rows = rows[rows["target"] == target]
    (value,) = rows.loc[
        (rows["predictor"] == predictor) & (rows["metric"] == name), "value"
    ]
    return value


def lowest(folder, target, column):
    """Smallest value of a column over an experiment's hits of one target."""
    hits = pd.read_csv(folder / "tomtom" / "tomtom.tsv", sep="\t", comment="#")
    return hits.loc[hits["Target_ID"] == target, column].min()


def check_default(check):
    """The first page: motifs at a distance, in minutes."""
    seconds = run("config", DEFAULT_CORES, "--forceall")
    check(
        f"default run on {DEFAULT_CORES} cores, seconds",
        f"<= {DEFAULT_SECONDS}",
        f"{seconds:.0f}",
        seconds <= DEFAULT_SECONDS,
    )
    check_memory(check, "default run", ROOT / "benchmarks")
    for dataset, seed, folder in experiments("experiments.tsv", "results"):
        check_rule(check, dataset, seed, folder)
    check_negative_controls(check, read_table(ROOT / "results" / "scorecard.tsv"))
    check_report(check, "results")
    check_readme(check)


def check_readme(check):
    """README's table of results is that of this run."""
    made = readme_table.rows(ROOT / "results")
    written = readme_table.written_rows(readme_table.README.read_text(encoding="utf-8"))
    for name in made:
        wanted, got = (
            readme_table.numbers(table.get(name, ())) for table in (written, made)
        )
        check(
            f"README: {name}",
            f"{wanted} +- {README_TOLERANCE}",
            got,
            len(wanted) == len(got)
            and all(
                abs(one - other) <= README_TOLERANCE
                for one, other in zip(wanted, got, strict=True)
            ),
        )
    if written != made:
        print("note  README's table differs: python tools/readme_table.py renews it")


def check_rules(check):
    """The three simulated rules."""
    run("rules", DEFAULT_CORES)
    check_memory(check, "rules", ROOT / "benchmarks/rules")
    for dataset, seed, folder in experiments("rules.tsv", "results/rules"):
        check_rule(check, dataset, seed, folder)
    check_shuffled(check, ROOT / "results/rules/presence/eraslan2019.shuffled/seed1")
    check_negative_controls(check, read_table(ROOT / "results/rules/scorecard.tsv"))
    check_report(check, "results/rules")


def check_memory(check, what, benchmarks):
    """The largest job of a configuration, as often as there are cores."""
    largest = max(
        pd.read_csv(path, sep="\t")["max_rss"].astype(float).max()
        for path in benchmarks.glob("*/*.tsv")
    )
    check(
        f"{what}, memory of {DEFAULT_CORES} jobs like the largest, MB",
        f"<= {DEFAULT_MEGABYTES}",
        f"{DEFAULT_CORES * largest:.0f}",
        DEFAULT_CORES * largest <= DEFAULT_MEGABYTES,
    )


def check_rule(check, dataset, seed, folder):
    """How well a network learned a rule, and whether its filters show the motifs."""
    check.at_least(
        f"{dataset} seed {seed}: test AUROC",
        RULE_AUROC[dataset],
        metric(folder, "network", "auroc"),
    )
    check.at_least(
        f"{dataset} seed {seed}: test AUROC against hard negatives alone",
        RULE_AUROC[dataset],
        metric(folder, "network", "auroc_hard"),
    )
    causal = ["STAT_known2"] if dataset == "presence" else MOTIFS
    for motif in causal:
        q = lowest(folder, f"planted:{motif}", "q-value")
        check(
            f"{dataset} seed {seed}: lowest q of planted {motif} for any filter",
            "< 0.05",
            f"{q:.2g}",
            q < 0.05,
        )
    check_default_methods(check, dataset, seed, folder)


def score(folder, method, name, variant=None):
    """One value of a method's score.tsv; of its only variant unless one is named."""
    rows = read_table(folder / method / "score.tsv")
    rows = rows[rows["metric"] == name]
    if variant is not None:
        rows = rows[rows["variant"] == variant]
    (value,) = rows["value"]
    return value


def check_default_methods(check, dataset, seed, folder):
    """What the methods must find of the planted rules."""
    of = f"{dataset} seed {seed}:"
    check.at_least(
        f"{of} causal motifs whose filters are in the top 3 by grouped influence",
        1,
        score(folder, "filter_nullification", "causal_groups_in_top_3"),
    )
    check_verdicts(check, dataset, seed, folder)
    correlations = read_table(folder / "filter_nullification" / "correlations.tsv")
    rho = correlations.set_index("with").loc["std", "rho"]
    print(f"note  {of} Spearman's rho of influence and std is {rho:.2f}")
    if dataset == "presence":
        check_presence(check, of, folder)
        for method in ("saturation_mutagenesis", "kmer_perturbation"):
            value = score(folder, method, "position_auroc", variant="absolute")
            check.at_least(
                f"{of} {method}: AUROC of planted positions", POSITION_AUROC, value
            )
        for row in centred_aurocs(folder).itertuples():
            check.at_least(
                f"{of} attributions: {row.variant}", POSITION_AUROC, row.value
            )
    calibration = read_table(folder / "tomtom" / "calibration.tsv")
    for row in calibration.drop_duplicates("null").itertuples():
        check(
            f"{of} empirical FDR of the filters' matches ({row.null})",
            "<= 0.05",
            f"{row.empirical_fdr:.3g} ({row.ci_low:.3g} to {row.ci_high:.3g})",
            row.empirical_fdr <= 0.05,
        )
    chance = calibration[calibration["threshold"] == 0.05]
    for row in chance.itertuples():
        check(
            f"{of} filters matching at q <= 0.05 by chance ({row.null})",
            f"< {row.match_rate:.3g}, the match rate",
            f"{row.null_match_rate:.3g} (empirical FDR {row.empirical_fdr:.3g})",
            row.null_match_rate < row.match_rate,
        )


def centred_aurocs(folder):
    """Rows of attributions' score.tsv: AUROC of centred scores, a mean over 9 bp."""
    rows = read_table(folder / "attributions" / "score.tsv")
    return rows[
        (rows["metric"] == "position_auroc")
        & rows["variant"].str.endswith(" absolute_centred_window9")
    ]


def check_verdicts(check, dataset, seed, folder):
    """What the tests of motifs say of the planted rule."""
    of = f"{dataset} seed {seed}:"
    recovered = score(folder, "motif_tests", "tests_recovered")
    false = score(folder, "motif_tests", "tests_false")
    check.at_least(f"{of} motif tests of the rule that are recovered", 1, recovered)
    check(f"{of} motif tests that find what is not there", 0, false, false == 0)


def check_presence(check, of, folder):
    """The motif that makes a positive is used; the other and its filters are not."""
    tests = read_table(folder / "motif_tests" / "table.tsv").set_index("test")
    used, other = (tests.loc[f"presence_of_{motif}"] for motif in MOTIFS)
    check(
        f"{of} q of the presence of {MOTIFS[0]}",
        "< 1e-3, with an effect above 0",
        f"{used['q']:.2g}, effect {used['effect']:.3g}",
        used["q"] < 1e-3 and used["effect"] > 0,
    )
    fraction = abs(other["effect"]) / used["effect"]
    check(
        f"{of} q of the presence of {MOTIFS[1]}",
        f"> 0.05, or an effect below 10 % of that of {MOTIFS[0]}",
        f"{other['q']:.2g}, {100 * fraction:.2g} %",
        other["q"] > 0.05 or fraction < 0.1,
    )
    quiet = score(folder, "filter_nullification", "decoys_with_influence_0")
    groups = read_table(folder / "filter_nullification" / "groups.tsv")
    shown = groups[(groups["kind"] == "planted") & (groups["group"] == MOTIFS[1])]
    ends = shown[["ci_low", "ci_high"]].to_numpy().tolist()
    check(
        f"{of} interval of the influence of the filters that match {MOTIFS[1]}",
        "covers 0",
        ends or "no filter matches it",
        quiet == 1,
    )


def check_shuffled(check, folder):
    """A network trained on shuffled labels: no test is significant."""
    q = read_table(folder / "motif_tests" / "table.tsv")["q"]
    check(
        "presence, labels shuffled: lowest q of a motif test",
        ">= 0.05",
        f"{q.min():.2g} of {len(q)}",
        len(q) == 5 and q.min() >= 0.05,
    )


def check_negative_controls(check, scorecard):
    """Untrained networks and those of shuffled labels find nothing of the rules."""
    tests = scorecard[scorecard["metric"] == "tests_recovered"]
    check(
        "motif tests that a network without knowledge recovers, at most",
        0,
        tests["negative_control"].max(),
        len(tests) > 0 and tests["negative_control"].max() == 0,
    )
    positions = scorecard[
        (scorecard["metric"] == "position_auroc")
        & scorecard["variant"].str.contains("absolute", na=False)
    ]
    below = positions[positions["value"] <= positions["negative_control"]]
    check(
        "absolute position scores that are no better than their negative control",
        f"0 of {len(positions)}",
        len(below),
        len(below) == 0,
    )


def check_null(check):
    """Motif tests where there is nothing: what they find, how often p is below 0.05."""
    run("null", DEFAULT_CORES)
    for dataset, seed, folder in experiments("null.tsv", "results/null"):
        result = read_table(folder / "motif_tests" / "table.tsv")["verdict"]
        check(
            f"{dataset} seed {seed}: verdicts of {len(result)} motif tests",
            "true_negative",
            ", ".join(sorted(set(result))),
            set(result) == {"true_negative"},
        )
    check_report(check, "results/null")
    # torch is needed here alone.
    import torch

    import check_motif_tests_null as null

    torch.set_num_threads(1)
    errors = null.type_one_errors(null.null_p(NULL_DATASETS, "placebo")).loc["all"]
    for name in ("wilcoxon", "sign_flip"):
        check(
            f"{errors['tests']:.0f} motif tests of nothing: share with p < {null.LEVEL}"
            f" ({name})",
            f"{null.LEVEL} +- {null.TOLERANCE}",
            f"{errors[name]:.3f}",
            abs(errors[name] - null.LEVEL) <= null.TOLERANCE,
        )


def check_ecoli(check):
    """E. coli promoters, on genome blocks that were held out."""
    run("ecoli", DEFAULT_CORES)
    boxes = []
    for dataset, seed, folder in experiments("ecoli.tsv", "results/ecoli"):
        check.at_least(
            f"{dataset} seed {seed}: test AUROC",
            0.88,
            metric(folder, "network", "auroc"),
        )
        composition = metric(folder, "gc", "auroc")
        print(f"note  {dataset} seed {seed}: AUROC of GC content is {composition:.4g}")
        consensus = read_table(folder / "filter_pfms" / "table.tsv")["consensus_ppm"]
        boxes.append(consensus.dropna().str.contains("TATAAT").any())
        check_scan(check, dataset, seed, folder)
        check_minus_10(check, dataset, seed, folder)
    check_boxes(check, read_table(ROOT / "results/ecoli/scorecard.tsv"))
    check(
        "seeds with TATAAT in some filter's consensus",
        ">= 2",
        sum(boxes),
        sum(boxes) >= 2,
    )
    check_report(check, "results/ecoli")


def check_scan(check, dataset, seed, folder):
    """Windows at true starts of transcription against circular shifts of them."""
    table = read_table(folder / "long_sequence_scan" / "table.tsv")
    p = table.set_index(["sites", "metric"])["p"]
    for sites in ("all", "unseen"):
        result = p[(sites, "site_score")]
        check(
            f"{dataset} seed {seed}: p of the scan's windows at {sites} true TSS",
            "< 0.01",
            f"{result:.2g}",
            result < 0.01,
        )
    jobs = [
        pd.read_csv(path, sep="\t")
        for path in (ROOT / "benchmarks/ecoli").glob("long_sequence_scan*/*.tsv")
        if path.stem.startswith(f"{dataset}_{folder.parent.name}_seed{seed}")
    ]
    seconds = sum(job["cpu_time"].astype(float).sum() for job in jobs)
    largest = max(job["max_rss"].astype(float).max() for job in jobs)
    check(
        f"{dataset} seed {seed}: scan of MG1655, CPU seconds of its {len(jobs)} jobs",
        "<= 240 (2 minutes on 2 cores)",
        f"{seconds:.0f}",
        seconds <= 240,
    )
    check(
        f"{dataset} seed {seed}: memory of the scan's largest job, MB",
        "<= 1500",
        f"{largest:.0f}",
        largest <= 1500,
    )


def check_minus_10(check, dataset, seed, folder):
    """Where the mean attribution over promoters is largest."""
    table = read_table(folder / "attributions" / "profile.tsv")
    whole = table[table["aligned_on"] == "sequence"]
    promoters = whole[whole["class"] == "positive"]
    peak = promoters.loc[promoters["mean"].idxmax(), "position"]
    check(
        f"{dataset} seed {seed}: peak of the mean attribution over promoters, index",
        "46-56, the -10 box",
        peak,
        46 <= peak <= 56,
    )


def check_boxes(check, scorecard):
    """Known sites of promoters: Integrated Gradients, the ideal, position alone."""
    chosen = (scorecard["method"] == "attributions") & (
        scorecard["variant"] == "integrated_gradients absolute_centred_window9"
    )
    for metric in BOXES:
        rows = scorecard[chosen & (scorecard["metric"] == metric)]
        for row in rows.to_dict("records"):
            of = f"{row['dataset']} seed {row['seed']}: known boxes, {metric}"
            for what, column, wanted, tolerance in (
                ("Integrated Gradients", "value", BOXES, README_TOLERANCE),
                ("ideal", "ideal_explainer", BOXES_IDEAL, BOXES_TOLERANCE),
                (
                    "position alone",
                    "ideal_explainer_positions",
                    BOXES_POSITIONS,
                    BOXES_TOLERANCE,
                ),
            ):
                check(
                    f"{of}, {what}",
                    f"{wanted[metric]} +- {tolerance}",
                    f"{row[column]:.4g}",
                    abs(row[column] - wanted[metric]) <= tolerance,
                )
            check(
                f"{of}, Integrated Gradients against negative controls",
                f"> {row['negative_control']:.4g}",
                f"{row['value']:.4g}",
                row["value"] > row["negative_control"],
            )
        check(f"known boxes, {metric}: networks", 3, len(rows), len(rows) == 3)


def check_pu1(check):
    """PU.1 peaks against their dinucleotide shuffles."""
    run("pu1", DEFAULT_CORES)
    for dataset, seed, folder in experiments("pu1.tsv", "results/pu1"):
        check.at_least(
            f"{dataset} seed {seed}: test AUROC",
            0.96,
            metric(folder, "network", "auroc"),
        )
        table = read_table(folder / "tomtom" / "table.tsv").dropna(subset=["best_hit"])
        spi1 = table.loc[table["best_hit"].str.startswith("MA0080"), "E"]
        check(
            f"{dataset} seed {seed}: E of SPI1 (MA0080) as some filter's best match",
            "< 1e-3",
            f"{spi1.min():.2g}" if len(spi1) else "no such filter",
            len(spi1) > 0 and spi1.min() < 1e-3,
        )
    check_report(check, "results/pu1")


def check_plant_promoters(check):
    """Measured strength of plant promoters; the TATA box, found by three methods."""
    if not bring_plant_promoters():
        how = "docs/own_data.md, 'Plant promoters', says how to make its table."
        check.leave_out("plant_promoters", how)
        return
    results = "results/plant_promoters"
    run("plant_promoters", DEFAULT_CORES)
    networks = list(experiments("plant_promoters.tsv", results))
    for dataset, seed, folder in networks:
        of = f"{dataset} seed {seed}:"
        for name, wanted in PLANT_LEAF.items():
            value = metric(folder, "network", name, "tobacco_leaf")
            check.at_least(f"{of} test {name} of tobacco_leaf", wanted, value)
        check_above_kmers(check, of, folder)
        check_tata_contributions(check, of, folder)
        check_tata_replaced(check, of, folder)
        check_tata_pattern(check, of, folder)
    check_tata_controls(check, networks[0][2], results)
    check_report(check, results)
    page = (ROOT / results / "report.html").read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for words in TATA_SAID:
        times = text.count(words)
        check(
            f"{results}/report.html: times that it says '{words}'",
            f">= {len(networks)}, once for each network",
            times,
            times >= len(networks),
        )


def bring_plant_promoters():
    """The table that the configuration expects of its user; whether it is there."""
    file = ROOT / "resources" / "data" / "plant_promoters.tsv.gz"
    if not file.exists() and mirror_folder() is not None:
        source = mirror_folder() / "plant_promoters_mpra" / "promoters.tsv.gz"
        if source.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, file)
    return file.exists()


def check_above_kmers(check, of, folder):
    """Each target is predicted better than by ridge regression on 6-mers."""
    rows = read_table(folder / "metrics.tsv")
    gains = rows[(rows["predictor"] == "kmer6") & (rows["metric"] == "r2_gain")]
    gains = gains.set_index("target")
    for target in ("tobacco_leaf", "maize_protoplast"):
        gain = gains.loc[target]
        check(
            f"{of} gain of R2 over 6-mers, {target}, lower end of its 95 % interval",
            "> 0",
            f"{gain['ci_low']:.4g} (gain {gain['value']:.4g})",
            gain["ci_low"] > 0,
        )


def check_tata_contributions(check, of, folder):
    """The mean contribution to the leaf output, over promoters with a TATA word."""
    arrays = []
    targets = read_table(folder / "metrics.tsv")["target"]
    check(
        f"{of} first target, whose contributions are exported",
        "tobacco_leaf",
        targets.iloc[0],
        targets.iloc[0] == "tobacco_leaf",
    )
    for name in ("one_hot", "hypothetical"):
        path = folder / "attributions" / f"{name}_deeplift_shap.npz"
        with np.load(path, allow_pickle=False) as file:
            arrays.append(file["arr_0"])
    one_hot, hypothetical = arrays
    bases = np.array(list("ACGT"))[one_hot.argmax(axis=1)]
    texts = ["".join(row) for row in bases]
    chosen = np.array([any(word in text for word in TATA_WORDS) for text in texts])
    mean = (one_hot * hypothetical).sum(axis=1)[chosen].mean(axis=0)
    low, high = TATA_PEAK
    check(
        f"{of} position of the highest mean contribution, {chosen.sum()} promoters "
        f"with {' or '.join(TATA_WORDS)}",
        f"{low} to {high}",
        int(mean.argmax()),
        low <= mean.argmax() <= high,
    )


def tata_replaced(folder):
    """The row of the test of TBP's instances in the leaf output."""
    rows = read_table(folder / "motif_tests" / "table.tsv")
    (row,) = rows[rows["target"] == "tobacco_leaf"].to_dict("records")
    return row


def check_tata_replaced(check, of, folder):
    """Without its TATA boxes a promoter is weaker in leaves."""
    row = tata_replaced(folder)
    check(
        f"{of} q of replaced instances of TBP, leaf output",
        f"< {TATA_Q:g}, with an effect above 0",
        f"{row['q']:.2g}, effect {row['effect']:.3g}, n {row['n']}",
        row["q"] < TATA_Q and row["effect"] > 0,
    )


def check_tata_pattern(check, of, folder):
    """A pattern of TF-MoDISco is JASPAR's TATA box."""
    hits = pd.read_csv(folder / "motif_discovery" / "tomtom.tsv", sep="\t", comment="#")
    q = hits.loc[hits["Target_ID"] == TATA_MATRIX, "q-value"].min()
    check(
        f"{of} lowest q of a pattern with the TATA box ({TATA_MATRIX})",
        f"< {TATA_MATCH_Q}",
        f"{q:.2g}",
        q < TATA_MATCH_Q,
    )


def check_tata_controls(check, network, results):
    """Networks that know nothing of promoters hardly respond to the TATA box.

    The verdict cannot say it. It compares an effect with the largest of the same
    network, and here there is one motif: any effect of a fixed network that 500
    sequences tell from 0, however small, has the verdict `found`.
    """
    largest = abs(tata_replaced(network)["effect"])
    controls = [
        network.parents[1] / f"{network.parent.name}.{kind}" / network.name
        for kind in ("untrained", "shuffled")
    ]
    tables = [folder / "motif_tests" / "table.tsv" for folder in controls]
    paths = [str(table.relative_to(ROOT)) for table in tables]
    run("plant_promoters", DEFAULT_CORES, "--", *paths)
    for folder in controls:
        row = tata_replaced(folder)
        of = f"{results}, {folder.parent.name}:"
        check(
            f"{of} effect of TBP's instances on the leaf output, as a fraction of that "
            "in the trained network",
            f"< {TATA_CONTROL}",
            f"{abs(row['effect'])} of {largest}",
            abs(row["effect"]) < TATA_CONTROL * largest,
        )
        check(
            f"{of} q of replaced instances of TBP, leaf output",
            f">= {TATA_Q:g}, or an effect of 0 or less",
            f"{row['q']:.2g}, effect {row['effect']:.3g}, verdict {row['verdict']}",
            row["q"] >= TATA_Q or row["effect"] <= 0,
        )


def check_effects(check):
    """Twenty planted effects, measured by two methods; a pair that interacts."""
    results = "results/effects"
    run("effects", DEFAULT_CORES)
    networks = list(experiments("effects.tsv", results))
    check("effects: networks", "3 or more", len(networks), len(networks) >= 3)
    for dataset, seed, folder in networks:
        of = f"{dataset} seed {seed}:"
        ceiling = metric(folder, "noise_ceiling", "r2")
        check.at_least(
            f"{of} test R2, as a fraction of the noise ceiling ({ceiling:.3f})",
            EFFECTS_CEILING,
            metric(folder, "network", "r2") / ceiling,
        )
        for method, wanted in EFFECTS_SPEARMAN.items():
            what = f"{of} Spearman's correlation of planted effects and {method}"
            value = score(folder, method, "effect_spearman")
            check.at_least(what, wanted, value)
            check_above_controls(check, what, value, networks[0][2], method)
            slope = score(folder, method, "effect_slope")
            low, high = EFFECTS_SLOPE
            what = f"{of} slope of the effects of {method} on the planted ones"
            check(what, f"{low} to {high}", f"{slope:.3g}", low <= slope <= high)
            check.at_least(
                f"{of} effects whose size {method} recovers, fraction",
                EFFECTS_SIZES,
                score(folder, method, "size_recovered"),
            )
            error = score(folder, method, "type_i_error")
            check(
                f"{of} motifs without effect that {method} calls, fraction",
                f"<= {EFFECTS_ERROR}",
                f"{error:.3g}",
                error <= EFFECTS_ERROR,
            )
            check_forms(check, of, folder / method)
    check_report(check, results)


def check_above_controls(check, what, value, network, method):
    """No network without knowledge measures the planted effects as well."""
    for kind in ("untrained", "shuffled"):
        control = network.parents[1] / f"{network.parent.name}.{kind}" / network.name
        highest = score(control, method, "effect_spearman")
        check(f"{what}, above {kind}", f"> {highest:.3g}", value, value > highest)


def check_forms(check, of, folder):
    """A multiplicative and an additive pair are told from each other."""
    pairs = read_table(folder / "pairs.tsv")
    named = pairs[pairs["planted_form"].fillna("") != ""]
    found = sorted(zip(named["planted_form"], named["form"], strict=True))
    check(
        f"{of} planted forms of pairs, and those by {folder.name}",
        [(form, form) for form in EFFECTS_FORMS],
        found,
        found == [(form, form) for form in EFFECTS_FORMS],
    )


def check_logic(check):
    """Two of three motifs, and three targets at once."""
    run("logic", DEFAULT_CORES)
    wanted = {"logic": 0.93, "factors": 0.95}
    for dataset, seed, folder in experiments("logic.tsv", "results/logic"):
        targets = read_table(folder / "metrics.tsv")["target"].unique()
        for target in targets:
            check.at_least(
                f"{dataset} seed {seed}: test AUROC of {target}",
                wanted[dataset],
                metric(folder, "network", "auroc", target),
            )
        check_verdicts(check, dataset, seed, folder)
    check_report(check, "results/logic")


def check_enhancers(check):
    """Human enhancers, in which no network finds more than composition."""
    run("enhancers", DEFAULT_CORES)
    for dataset, seed, folder in experiments("enhancers.tsv", "results/enhancers"):
        network, gc = (metric(folder, item, "auroc") for item in ("network", "gc"))
        rows = read_table(folder / "metrics.tsv").set_index(["predictor", "metric"])
        gain = rows.loc[("gc", "auroc_gain")]
        check(
            f"{dataset} seed {seed}: AUROC no better than GC content, lower end of "
            "the gain's 95 % interval",
            "<= 0",
            f"{gain['ci_low']:.4g} ({network:.4g} against {gc:.4g})",
            gain["ci_low"] <= 0,
        )
        page = (ROOT / "results/enhancers/report.html").read_text(encoding="utf-8")
        said = "no better than GC" in page
        check(f"{dataset} seed {seed}: the page says so", True, said, said)
    check_report(check, "results/enhancers")


def check_nfe2(check):
    """Peaks of different lengths, padded to the longest."""
    run("nfe2", DEFAULT_CORES)
    for dataset, seed, folder in experiments("nfe2.tsv", "results/nfe2"):
        length = read_dataset(folder.parents[1] / "dataset.h5", streamed=True).length
        check(
            f"{dataset}: lengths of sequences, bp",
            (59, 247),
            (int(length.min()), int(length.max())),
            (length.min(), length.max()) == (59, 247),
        )
        check.at_least(
            f"{dataset} seed {seed}: test AUROC",
            0.75,
            metric(folder, "network", "auroc"),
        )
        words = metric(folder, "kmer6", "auroc")
        print(f"note  {dataset} seed {seed}: AUROC of 6-mers is {words:.4g}")
    check_report(check, "results/nfe2")


def check_recommended(check):
    """`recommended` against 6-mers on eight data sets, the mean of its seeds."""
    make_own_files()
    run("recommended", DEFAULT_CORES)
    rows = []
    names = {}
    for dataset, _, folder in experiments("recommended.tsv", "results/recommended"):
        names[dataset] = folder.parent.name
        network, kmers = (metric(folder, key, "auroc") for key in ("network", "kmer6"))
        rows.append({"dataset": dataset, "network": network, "kmer6": kmers})
    means = pd.DataFrame(rows).groupby("dataset", sort=False).mean()
    for dataset, row in means.iterrows():
        check(
            f"{dataset}: test AUROC of {names[dataset]}, mean of its seeds",
            f">= {row['kmer6'] - BELOW_KMERS:.3f}, {BELOW_KMERS} below 6-mers",
            f"{row['network']:.3f}",
            row["network"] >= row["kmer6"] - BELOW_KMERS,
        )
    above = means.index[means["network"] > means["kmer6"]]
    check(
        f"data sets of {len(means)} on which recommended is above 6-mers",
        f">= {ABOVE_KMERS}",
        f"{len(above)}: {', '.join(above)}",
        len(above) >= ABOVE_KMERS,
    )
    check_report(check, "results/recommended")


def make_own_files():
    """The files that config/recommended.yaml expects of its user, where missing."""
    folder = ROOT / "my"
    folder.mkdir(exist_ok=True)
    if not (folder / "positives.fa").exists():
        page = (ROOT / "docs" / "own_data.md").read_text(encoding="utf-8")
        script = re.search(r"```python\n(.*?)```", page, re.S).group(1)
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
    for name, mirrored in (("starts", "positives"), ("others", "negatives")):
        file = folder / f"cds_{name}.fa.gz"
        if not file.exists() and mirror_folder() is not None:
            source = mirror_folder() / "ecoli_cds_start_150bp" / f"{mirrored}.fa.gz"
            shutil.copyfile(source, file)


def check_user_model(check):
    """Two published models of DeepBind, imported from their weights."""
    run("user_model", DEFAULT_CORES)
    folder = ROOT / "results/user_model/pu1"
    spi1, ctcf = (
        metric(folder / model / "seed0", "network", "auroc")
        for model in ("deepbind_spi1", "deepbind_ctcf")
    )
    check.at_least("PU.1 peaks: AUROC of DeepBind's model of SPI1", 0.9, spi1)
    check(
        "PU.1 peaks: AUROC of DeepBind's model of CTCF",
        f"< {spi1:.4g}, that of SPI1",
        f"{ctcf:.4g}",
        ctcf < spi1,
    )
    table = read_table(folder / "deepbind_spi1/seed0/tomtom/table.tsv")
    table = table.dropna(subset=["best_hit"])
    lowest_e = table.loc[table["best_hit"].str.startswith("MA0080"), "E"].min()
    check(
        "E of SPI1 (MA0080) as a DeepBind filter's best match",
        "< 1e-3",
        f"{lowest_e:.2g}",
        lowest_e < 1e-3,
    )
    check_report(check, "results/user_model")


def check_gc(check):
    """GC content alone, and sequences changed base by base in both directions."""
    run("gc", DEFAULT_CORES)
    for dataset, seed, folder in experiments("gc.tsv", "results/gc"):
        name = f"{dataset} seed {seed}"
        history = read_table(folder / "history.tsv")
        best = history.loc[history["best"] == 1, "validation_accuracy"].iloc[0]
        check.at_least(f"{name}: validation accuracy", 0.95, best)
        table = read_table(folder / "greedy_substitution" / "table.tsv")
        fixed = table[table["rule"] != "faithful"]
        down = fixed[fixed["direction"] == "destroy"]
        moved = down[(down["sequence"] == "composition") | (down["label"] == 1)]
        check(
            f"{name}: maximum probability of the composition and the positives "
            "after destroy",
            "< 0.5",
            f"{moved['end'].max():.4g}",
            len(moved) > 0 and moved["end"].max() < 0.5,
        )
        up = fixed[fixed["direction"] == "improve"]
        check.at_least(
            f"{name}: minimum gain of probability by improve",
            0,
            (up["end"] - up["start"]).min(),
        )
    check_report(check, "results/gc")


def check_embedding(check):
    """Neighbourhoods of k-mers, compared with one-hot k-mers and one-hot bases."""
    run("embedding", DEFAULT_CORES)
    for dataset, seed, folder in experiments("embedding.tsv", "results/embedding"):
        table = read_table(folder / "embedding" / "table.tsv")
        print(f"note  {dataset} {folder.parent.name} seed {seed}: neighbourhoods")
        print(table.to_string(index=False, max_colwidth=12))
    check_report(check, "results/embedding")


def check_motif_discovery(check):
    """TF-MoDISco's patterns are the motifs of the rule and no other."""
    run("motif_discovery", DEFAULT_CORES)
    results = "results/motif_discovery"
    for dataset, seed, folder in experiments("motif_discovery.tsv", results):
        of = f"{dataset} seed {seed}:"
        check.at_least(
            f"{of} fraction of the rule's motifs among the patterns",
            1,
            score(folder, "motif_discovery", "planted_motifs_found"),
        )
        other = score(folder, "motif_discovery", "pattern_other_rate")
        check(f"{of} fraction of patterns of other motifs", 0, other, other == 0)
    scorecard = read_table(ROOT / results / "scorecard.tsv")
    result = scorecard[scorecard["metric"] == "planted_motifs_found"]
    check(
        "fraction of the rule's motifs that networks without knowledge find, at most",
        0,
        result["negative_control"].max(),
        len(result) > 0 and result["negative_control"].max() == 0,
    )
    check_report(check, results)


def check_faithfulness(check):
    """Maps judged without the truth, in time; motifs that three methods agree on."""
    run("faithfulness", DEFAULT_CORES)
    faithfulness_checks.check_seconds(
        check, "the default's network", ROOT / "benchmarks/faithfulness"
    )
    for dataset, seed, folder in experiments("experiments.tsv", "results/faithfulness"):
        faithfulness_checks.check_precision(check, f"{dataset} seed {seed}:", folder)
    check_report(check, "results/faithfulness")


def check_positive_control(check):
    """Every method on the network that is the rule, under seven rules."""
    name = "positive_control"
    run(name, DEFAULT_CORES, "--", name)
    kept, written = ROOT / "results" / name, study_pages.DOCS / "studies" / name
    tables = [
        study_pages.read(name, kept / "figures", table)
        for table in study_pages.STUDIES[name].tables
    ]
    settings = yaml.safe_load((ROOT / f"config/{name}.yaml").read_text("utf-8"))
    docs = study_pages.read(name, written, name)
    control_limits.check_control(check, settings["analyses"], *tables, docs)


def check_scale(check):
    """Snakemake's plan of a large run, and the memory of large jobs: docs/scale.md."""
    for _ in range(2):  # a busy machine may need more CPU time: the quicker one counts
        with tempfile.TemporaryDirectory() as folder:
            seconds, memory = scale_dry_run.build(Path(folder), **SCALE)
        if seconds <= SCALE_SECONDS:
            break
    plan = "plan of {datasets} datasets x {seeds} seeds".format(**SCALE)
    check(
        f"{plan}, CPU seconds",
        f"<= {SCALE_SECONDS}",
        f"{seconds:.0f}",
        seconds <= SCALE_SECONDS,
    )
    check(
        f"{plan}, memory in GB",
        f"<= {SCALE_GIGABYTES}",
        f"{memory:.2f}",
        memory <= SCALE_GIGABYTES,
    )
    for kind, size, limit in SCALE_OF_JOBS:
        measured = {rule: memory for rule, _, memory in scale.measure(kind, size)}
        rule = max(measured, key=measured.get)
        check(
            f"{size:,} {kind}: memory of the largest job in GB ({rule})",
            f"<= {limit}",
            f"{measured[rule]:.2f}",
            measured[rule] <= limit,
        )


def check_report(check, results):
    """The page is there, opens offline and has every verdict."""
    page = (ROOT / results / "report.html").read_text(encoding="utf-8")
    # A link may lead outside (href of <a>); nothing may be fetched from there.
    outside = re.findall(
        r"""(?:src|srcset|xlink:href|data)\s*=\s*["']?(?:https?:)?//|"""
        r"""(?:url\(|@import\s+)["']?(?:https?:)?//|<(?:link|iframe|object)\b""",
        page,
    )
    check(
        f"{results}/report.html: parts loaded from outside",
        0,
        len(outside),
        not outside,
    )
    faithfulness_checks.check_page(check, f"{results}/report.html", page)


CONFIGURATIONS = {
    "default": check_default,
    "rules": check_rules,
    "null": check_null,
    "motif_discovery": check_motif_discovery,
    "ecoli": check_ecoli,
    "pu1": check_pu1,
    "plant_promoters": check_plant_promoters,
    "effects": check_effects,
    "logic": check_logic,
    "enhancers": check_enhancers,
    "nfe2": check_nfe2,
    "recommended": check_recommended,
    "user_model": check_user_model,
    "gc": check_gc,
    "embedding": check_embedding,
    "faithfulness": check_faithfulness,
    "degenerate": faithfulness_checks.check_degenerate,
    "positive_control": check_positive_control,
    "scale": check_scale,
    **study_checks.CHECKS,
}


def main():
    """Check the configurations named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=", ".join(CONFIGURATIONS))
    names = parser.parse_args().names or list(CONFIGURATIONS)
    if unknown := set(names) - set(CONFIGURATIONS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    os.chdir(ROOT)
    check = Checks()
    for name in names:
        print(f"-- {name}")
        CONFIGURATIONS[name](check)
    print("all numbers hold" if not check.failed else f"{check.failed} fall short")
    if check.left_out:
        print(f"not asserted: {', '.join(check.left_out)}")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
