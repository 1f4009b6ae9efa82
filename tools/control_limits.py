"""Why a method stays below 95 % of the ideal on the positive control.

Each limit is one of the method, and the method's page says more, with the number. A
score that is below and has no limit here is a mistake of the method: `tools/accept.py`
fails.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from proofread.configuration.positive_control import ORACLE  # noqa: E402  the path
from proofread.studies.positive_control_table import key, markdown  # noqa: E402
from proofread.truth.at_fault import ENOUGH  # noqa: E402

RULES = ("presence", "order", "distance", "either", "two_of_three", "blocked", "pool")
SYMMETRIC = ("presence", "either", "two_of_three")  # STAT or SRF is positive
SEVERAL = ("order", "distance", "two_of_three", "blocked", "pool")
GRADIENTS = ("saliency", "gradient_x_input", "smoothgrad")
# Method, scores and rules of each reason, in a few words.
REASONS = {
    "weak instances activate a filter less than half as much as the best one": [
        ("filter_pfms", ("f1", "recall"), RULES)
    ],
    "instances near the ends of sequences are left out": [
        ("motif_discovery", ("seqlet_recall",), RULES),
    ],
    "weak windows outside instances are seqlets, too": [
        ("motif_discovery", ("pattern_true_rate",), ("presence",)),
        ("motif_discovery", ("seqlet_precision",), ("presence", "either")),
    ],
    "near matches of the motif that blocks the rule count, anywhere": [
        *(
            (
                f"attributions, {kind}",
                ("position_auroc", "position_auprc"),
                ("blocked",),
            )
            for kind in GRADIENTS
        ),
        ("saturation_mutagenesis", ("position_auprc",), ("blocked",)),
    ],
    "near matches of the negatives' motifs count against a positive": [
        *(
            (f"attributions, {kind}", ("position_auprc",), ("pool",))
            for kind in (*GRADIENTS, "integrated_gradients")
        ),
        ("kmer_perturbation", ("position_auprc",), ("pool",)),
    ],
    "a core motif has less than 5 % of the effect of a motif of the negatives": [
        ("motif_tests", ("tests_recovered",), ("pool",)),
    ],
    "a substitution may create a motif that lowers the logit": [
        ("greedy_substitution", ("destroy_edits_planted",), ("blocked", "pool")),
    ],
    "windows beside a site hold its motifs, too": [
        ("long_sequence_scan", ("window_auprc",), RULES),
        ("long_sequence_scan", ("window_auroc",), ("order", "either")),
    ],
    "a part of a negative is a positive": [
        ("long_sequence_scan", ("window_auroc",), ("blocked", "pool")),
        ("long_sequence_scan", ("peak_precision", "peak_f1"), ("blocked", "pool")),
    ],
    "a motif that is nearly its own reverse complement has peaks on both strands": [
        ("long_sequence_scan", ("peak_precision", "peak_f1"), SYMMETRIC),
    ],
    "smoothed peaks of weak instances and wide pairs stay below the threshold": [
        ("long_sequence_scan", ("peak_recall",), SEVERAL),
        ("long_sequence_scan", ("peak_f1",), ("order", "distance")),
    ],
}
# By dataset of config/positive_control.yaml, method and metric.
LIMITS = {
    (rule, method, metric): reason
    for reason, scores in REASONS.items()
    for method, metrics, rules in scores
    for metric in metrics
    for rule in rules
}
PREDICTS = 0.99  # fraction of the attainable AUROC
SAME = 0.005  # of a value in the documentation: another processor has other last digits


def control_markdown(scores, predictions):
    """The tables of the positive control, each mark with its reason."""
    return markdown(scores, predictions, LIMITS)


def check_control(check, analyses, scores, predictions, written):
    """Every method finds the rule, or has a limit; each control predicts its rule.

    Parameters
    ----------
    check : accept.Checks
    analyses : iterable of str
        The methods that ran.
    scores, predictions : pandas.DataFrame
        The tables of this run.
    written : pandas.DataFrame
        The scores in the documentation.
    """
    for row in predictions.to_dict("records"):
        check.at_least(
            f"{row['dataset']}, {row['target']}: test AUROC of {ORACLE} "
            f"({row['auroc']:.4f}), fraction of the attainable",
            PREDICTS,
            row["fraction"],
        )
    rows = {key(row): row for row in scores.to_dict("records")}
    of_methods = {method.partition(",")[0] for _, method, _ in rows}
    missing = sorted(set(analyses) - of_methods)
    check("positive control: methods without a score", [], missing, not missing)
    for name, row in rows.items():
        if name not in LIMITS:
            of = f"{row['value']:.4f} of {row['ideal']:.4f}"
            check.at_least(
                f"{', '.join(name)}: {of}, fraction", ENOUGH, row["fraction"]
            )
    gone = [
        name
        for name in LIMITS
        if name not in rows or rows[name]["fraction"] >= ENOUGH + SAME
    ]
    check("limits that are none any more", [], gone, not gone)
    docs = {key(row): row["value"] for row in written.to_dict("records")}
    other = [
        name
        for name in sorted(rows.keys() | docs.keys())
        if name not in rows
        or name not in docs
        or abs(rows[name]["value"] - docs[name]) > SAME
    ]
    check("docs/evaluate.md: scores that this run does not have", [], other, not other)
    for name, reason in LIMITS.items():
        if name in rows:
            fraction = f"{rows[name]['fraction']:.3f} of the ideal"
            print(f"note  limit of {', '.join(name)}: {fraction}, {reason}")
