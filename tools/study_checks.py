"""The promised numbers of the studies, checked in the tables of their full runs.

Parts of tools/accept.py. The full runs take hours, so the tables of the last ones,
which are in docs/studies/, are checked. Where the environment variable
PROOFREAD_STUDIES names the folder of a run (tools/study_pages.py), its tables are, and
docs/ must have the same.
"""

import numpy as np

import faithfulness_checks
import study_networks
import study_pages
from proofread.configuration.pair_study import METHODS as PAIR_METHODS
from proofread.configuration.recovered import RULES as RECOVERED_RULES
from proofread.errors import InputError
from proofread.studies.leaderboard import NO_VALUE, NOTHING
from proofread.studies.published import AS_GOOD, SCORE, WITHIN, read_published
from proofread.studies.recovered import TEST
from proofread.tables import read_table

KOO2021 = ("local_relu", "local_exponential", "dist_relu", "dist_exponential")
REACHED = 0.9  # fraction of the scores that are no worse than one sd
PLAIN = "integrated_gradients signed_raw"
CENTRED = "integrated_gradients signed_centred_window9"
# Model and variant: AUROC of planted positions, mean of all networks, at least.
POSITIONS = {
    ("dist_relu", PLAIN): 0.7706,
    ("local_exponential", PLAIN): 0.8203,
    ("dist_relu", "l2"): 0.8940,
    ("dist_exponential", "l2"): 0.9077,
    **{(model, CENTRED): 0.93 for model in KOO2021},
}
# Fraction of filters that match a planted motif, mean of the best 3 of 10 networks:
# the published one, and by how much ours may be below it, and above it.
FILTERS = {
    "cnn_relu": (0.906, 0.044, np.inf),
    "cnn2_exponential": (0.844, 0.026, np.inf),
    "cnn2_relu": (0.40, 0.10, 0.10),
}
BEST_RUNS = 3
# The leaderboard.
RULES, ARCHITECTURES, SEEDS = 6, 5, 5  # at least
LEADERBOARD_HOURS = 12  # of CPU time: 6 hours on 2 cores
# Of a job, before its CPU time begins: PyTorch alone, and all libraries, measured on a
# machine without other work.
LOADING = (1.4, 3.3)  # s
# Scores that a network may lack: the AUROC of influence needs filters with and without
# a causal motif, the rate of false patterns needs a pattern.
MAY_LACK = ("influence_auroc", "pattern_match_rate")
SIMULATIONS = 10  # of each rule


def kept_tables(check, name):
    """Tables of a study's full run; None, and a line that says so, without them."""
    try:
        kept = study_pages.kept_folder()
    except InputError as error:
        check(f"{name}: kept results", "a folder", " ".join(str(error).split()), False)
        return None
    if kept is None:
        return shipped_tables(check, name)
    folder = kept / name / "figures"
    tables = {
        table: study_pages.read(name, folder, table)
        for table in (*study_pages.STUDIES[name].tables, "provenance")
        if (folder / f"{table}.tsv").is_file()
    }
    missing = [
        path for path in study_pages.copied(name) if not (kept / name / path).is_file()
    ]
    check(f"{name}: files that are missing in {kept / name}", [], missing, not missing)
    if missing:
        return None
    check_copies(check, name, kept)
    for part in study_pages.STUDIES:
        if study_pages.run_of(part) == name != part and study_pages.has_run(part, kept):
            check_copies(check, part, kept)
    return tables


def shipped_tables(check, name):
    """Tables of a study's last full run in docs/; None, and a line, without them."""
    folder = study_pages.DOCS / "studies" / name
    if not folder.is_dir():
        check.leave_out(
            name,
            f"snakemake figures --cores 2 --configfile config/{name}.yaml runs it, "
            f"for hours; then {study_pages.VARIABLE}=results names its results",
        )
        return None
    study = study_pages.STUDIES[name]
    names = (*study.tables, study.record, "cpu_time")
    missing = [table for table in names if not (folder / f"{table}.tsv").is_file()]
    check(f"{name}: tables that are missing in docs/", [], missing, not missing)
    if missing:
        return None
    return {table: study_pages.read(name, folder, table) for table in names}


def check_copies(check, name, kept):
    """The documentation shows this run."""
    run = kept / study_pages.run_of(name)
    for source, target in study_pages.copied(name).items():
        copy = study_pages.DOCS / target
        same = copy.is_file() and copy.read_bytes() == (run / source).read_bytes()
        check(f"{name}: docs/{target}", "the bytes of the run", same, same)
    if study_pages.is_published(name):
        copy = study_pages.DOCS / "studies" / name / study_pages.NETWORKS
        same = study_networks.is_kept(study_networks.networks(run), copy)
        check(f"{name}: docs/studies/{name}/{copy.name}", "of the run", same, same)
    if study_pages.STUDIES[name].quoted:
        table, copy = study_pages.quoted(name, study_pages.DOCS)
        same = copy.is_file() and copy.read_bytes() == table.read_bytes()
        check(f"{name}: the report's {copy.name}", "the bytes of docs/", same, same)


def check_networks(check, name, tables):
    """The record names every network of the experiments; jobs and CPU time."""
    record = dict(tables["provenance"][["item", "text"]].to_numpy())
    experiments = read_table(study_pages.ROOT / "config" / f"{name}.tsv")
    wanted, networks = len(experiments), int(record["networks"])
    check(f"{name}: networks", wanted, networks, networks == wanted)
    if "cpu_time" in tables:
        times = tables["cpu_time"]
        trained = times.loc[times["stage"] == "train", "jobs"].sum()
        check.at_least(f"{name}: trainings with CPU time", wanted, trained)
    else:
        times = kept_times(check, name, experiments)
    hours = times["cpu_seconds"].sum() / 3600
    print(f"note  {name}: {hours:.2f} CPU hours")
    return times


def kept_times(check, name, experiments):
    """CPU time of a run that is kept, which has that of every training."""
    benchmarks = study_pages.kept_folder().resolve().parent / "benchmarks" / name
    missing = [
        network
        for network in (
            f"{row.dataset}_{row.model}_seed{row.seed}"
            for row in experiments.itertuples()
        )
        if not (benchmarks / "train" / f"{network}.tsv").is_file()
    ]
    check(f"{name}: trainings without CPU time", [], missing, not missing)
    return study_pages.cpu_time(benchmarks)


def check_reached(check, name, published):
    """Most scores are as good as published, or worse by at most one sd; the others."""
    reached = published["verdict"].isin([AS_GOOD, WITHIN])
    check.at_least(
        f"{name}: fraction of {len(published)} scores that are {AS_GOOD}, or {WITHIN}",
        REACHED,
        reached.mean(),
    )
    for row in published[~reached].to_dict("records"):
        best = row["best_mean"]
        ours = row["mean"] if np.isnan(best) else best
        print(
            f"note  {name}: {row['model']}, {row['score']}: {row['verdict']}, "
            f"{ours:.4g}, published {row['published']:.4g}"
        )


def check_koo2021(check):
    """Attributions against planted positions: task 3 of Koo and Ploenzke 2021."""
    table = check_published(check, "koo2021")
    if table is None:
        return
    for (model, variant), wanted in POSITIONS.items():
        row = _only(table, model=model, variant=variant)
        check.at_least(
            f"koo2021: {model}, {variant}, mean AUROC of {row['n']}",
            wanted,
            round(row["mean"], 4),  # published numbers have four digits
        )


def check_koo2021_activations(check):
    """The same task with the other activations of the first layer."""
    check_published(check, "koo2021_activations")


def check_ghotra2021(check):
    """First-layer filters against planted motifs: task 1 of Ghotra et al. 2021."""
    table = check_published(check, "ghotra2021")
    if table is None:
        return
    for model, (published, below, above) in FILTERS.items():
        row = _only(table, model=model, metric="filter_true_rate")
        low, high = published - below, published + above
        check(
            f"ghotra2021: {model}, filters that match a planted motif, mean of the "
            f"best {BEST_RUNS} (of all: {row['mean']:.3f})",
            f"{low:.3f} or more" if np.isinf(high) else f"{low:.3f} to {high:.3f}",
            f"{row['best_mean']:.3f}",
            row["best_runs"] == BEST_RUNS and low <= row["best_mean"] <= high,
        )


def check_ghotra2021_task2(check):
    """Gradient x input against planted positions: task 2 of Ghotra et al. 2021."""
    check_published(check, "ghotra2021_task2")


def check_published(check, name):
    """Every score has all its networks, most reach the published ones; the scores."""
    tables = kept_tables(check, name)
    if tables is None:
        return None
    check_networks(check, name, tables)
    table, runs = tables["published"], tables["published_runs"]
    experiments = read_table(study_pages.ROOT / "config" / f"{name}.tsv")
    networks = experiments.groupby(["dataset", "model"], sort=False)["seed"]
    seeds = networks.apply(sorted).to_dict()
    given = study_pages.ROOT / "config" / f"{name}_published.tsv"
    wanted = read_published(given, list(seeds))
    for title, rows in wanted.groupby("table", sort=False):
        n = int((table["table"] == title).sum())
        check(f"{name}: scores of {title}", len(rows), n, n == len(rows))
    for network, numbers in seeds.items():
        check_scores(check, name, network, numbers, (wanted, table, runs))
    check_reached(check, name, table[table["compared_with"] == ""])
    return table


def check_scores(check, name, network, seeds, tables):
    """A model has the scores of the published table, each of all its networks."""
    wanted, scores, runs = (
        table[(table["dataset"] == network[0]) & (table["model"] == network[1])]
        for table in tables
    )
    name = f"{name}: {network[1]}"
    methods, found = (sorted(set(table["method"])) for table in (wanted, scores))
    check(f"{name}, methods", methods, found, found == methods)
    names, found = (
        set(table[SCORE].itertuples(index=False, name=None))
        for table in (wanted, scores)
    )
    others = sorted(map(" ".join, names ^ found))
    check(f"{name}, scores of one table only", [], others, not others)
    n = scores["n"].tolist()
    check(f"{name}, networks of each score", len(seeds), n, set(n) == {len(seeds)})
    of_score = runs.groupby(SCORE)["seed"].apply(sorted).to_dict()
    unlike = {
        " ".join(score): of_score.get(score, [])
        for score in sorted(names)
        if of_score.get(score) != seeds
    }
    check(f"{name}, scores without a run of each seed", {}, unlike, not unlike)


def check_leaderboard(check):
    """All methods on six rules and at least five architectures."""
    tables = kept_tables(check, "leaderboard")
    if tables is None:
        return
    times = check_networks(check, "leaderboard", tables)
    if (kept := study_pages.kept_folder()) is not None:  # not copied into docs/
        faithfulness_checks.check_agreeing(check, kept / "leaderboard")
    jobs = times["jobs"].sum()
    low, high = ((times["cpu_seconds"].sum() + jobs * s) / 3600 for s in LOADING)
    check(
        f"leaderboard: CPU hours, with loading the libraries in {jobs} jobs",
        f"<= {LEADERBOARD_HOURS}",
        f"{low:.2f} to {high:.2f}",
        high <= LEADERBOARD_HOURS,
    )
    board = tables["leaderboard"]
    check.at_least("leaderboard: rules", RULES, board["rule"].nunique())
    for rule, rows in board.groupby("rule", sort=False):
        check.at_least(
            f"leaderboard: architectures on {rule}",
            ARCHITECTURES,
            rows["model"].nunique(),
        )
    scored = board[board["rule"] != NOTHING]
    check.at_least(
        "leaderboard: seeds of each dataset, model and method",
        SEEDS,
        (scored["n"] + scored["missing"]).min(),
    )
    certain = board[~board["metric"].isin(MAY_LACK) & (board["note"] != NO_VALUE)]
    check.at_least(
        "leaderboard: seeds with a value, of each dataset, model and method with any",
        SEEDS,
        certain["n"].min(),
    )
    for method, rows in scored.groupby("method", sort=False):
        full = int((rows["note"] != NO_VALUE).sum())
        check(
            f"leaderboard: {method}, datasets and models with a value",
            f"> 0 of {len(rows)}",
            full,
            full > 0,
        )
    check_ranks(check, tables)


def check_ranks(check, tables):
    """Ranks with intervals, also without one rule; wins; thresholds."""
    ranks = tables["ranks"]
    every = ranks[ranks["without"] == ""]
    for row in every.to_dict("records"):
        check(
            f"leaderboard: {row['method']}, mean rank by {row['metric']} with interval",
            "low <= rank <= high",
            f"{row['ci_low']:.2f} <= {row['rank']:.2f} <= {row['ci_high']:.2f}",
            row["ci_low"] <= row["rank"] <= row["ci_high"],
        )
    for metric, rows in ranks[ranks["without"] != ""].groupby("metric", sort=False):
        without = rows.groupby("without")["kendall_tau"].first().dropna()
        check.at_least(
            f"leaderboard: rules left out of the ranks by {metric}, with Kendall's tau",
            RULES - 1,  # rule none has no ranks
            len(without),
        )
    pairs = len(every) and sum(
        n * (n - 1) for n in every.groupby("metric")["method"].nunique()
    )
    wins = len(tables["win_matrix"])
    check("leaderboard: ordered pairs of methods with wins", pairs, wins, wins == pairs)
    limits = tables["interpretable_thresholds"]
    ranked = set(every.loc[every["metric"] == "position_auroc", "method"])
    check(
        "leaderboard: methods without a row in the table of thresholds",
        [],
        sorted(ranked - set(limits["method"])),
        len(ranked) > 0 and ranked <= set(limits["method"]),
    )
    networks = limits[limits["method"].isin(ranked)].set_index("method")["networks"]
    by_rule = tables["interpretable_rules"].groupby("method")["networks"].sum()
    by_rule = by_rule.reindex(networks.index)
    check(
        "leaderboard: networks of all rules, of each method",
        networks.to_dict(),
        by_rule.to_dict(),
        networks.to_dict() == by_rule.to_dict(),
    )
    tau = tables["ranks_without_mean"].set_index("method")["kendall_tau"].dropna()
    check(
        "leaderboard: methods with ranks without the moving mean",
        sorted(ranked),
        sorted(tau.index),
        ranked == set(tau.index),
    )


def check_pairs(check):
    """Interacting pairs among all pairs of twelve motifs."""
    tables = kept_tables(check, "pairs")
    if tables is None:
        return
    check_networks(check, "pairs", tables)
    summary = tables["interacting_pairs_summary"]
    for method in PAIR_METHODS:
        rows = summary[summary["method"] == method]
        check.at_least(f"pairs: models with {method}", 1, rows["model"].nunique())
        for row in rows.to_dict("records"):
            check(
                f"pairs: {row['model']}, {method}, {row['metric']} of {row['n']} "
                f"networks: 95 % interval",
                f"above {row['chance']:.3f}, by chance",
                f"{row['mean']:.3f} ({row['ci_low']:.3f} to {row['ci_high']:.3f})",
                row["ci_low"] > row["chance"] and row["n"] >= SEEDS,
            )


def check_recovered(check):
    """The rule that made the data, from the answers of one method."""
    tables = kept_tables(check, "recovered")
    if tables is None:
        return
    check_networks(check, "recovered", tables)
    features = tables["recovered_features"]
    for method, rows in features.groupby("method", sort=False):
        simulations = rows.groupby("rule")["simulation_seed"].nunique()
        check.at_least(
            f"recovered: {method}, simulations of each rule",
            SIMULATIONS,
            simulations.reindex(RECOVERED_RULES, fill_value=0).min(),
        )
    accuracy = tables["recovered_accuracy"]
    tested = accuracy[accuracy["half"] == TEST]
    check.at_least("recovered: methods tested", 2, tested["method"].nunique())
    for row in accuracy.to_dict("records"):
        if row["half"] == TEST:
            check(
                f"recovered: {row['method']}, rules {row['rules']}, accuracy of "
                f"{row['networks']} networks: 95 % interval",
                f"above {row['chance']:.3f}, by chance",
                f"{row['accuracy']:.3f} ({row['ci_low']:.3f} to {row['ci_high']:.3f})",
                row["ci_low"] > row["chance"],
            )


def _only(table, **chosen):
    """The row of a score; without numbers where the run has no such row."""
    for name, value in chosen.items():
        table = table[table[name] == value]
    (row,) = table.to_dict("records") or [dict.fromkeys(table.columns, np.nan)]
    return row


# A further study is one more line here, and in `study_pages.STUDIES`.
CHECKS = {
    "koo2021": check_koo2021,
    "koo2021_activations": check_koo2021_activations,
    "ghotra2021": check_ghotra2021,
    "ghotra2021_task2": check_ghotra2021_task2,
    "leaderboard": check_leaderboard,
    "pairs": check_pairs,
    "recovered": check_recovered,
}
