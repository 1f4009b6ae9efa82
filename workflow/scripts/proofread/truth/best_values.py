"""The best value that a score can have, and scores whose controls need a note."""

# Fractions of the n answers that are false findings. A network that finds nothing has
# none, so that its 0 is no achievement: its counts are told.
FALSE_FINDINGS = (
    "tests_false",
    "insertions_false",
    "filter_other_rate",
    "pattern_other_rate",
    "type_i_error",
)
# Why a negative control that ran has no score.
NOTHING_FOUND = "not defined for the controls (no match, pattern or peak)"
# Of such scores: what a ranking without knowledge has. All others would be 0.
CHANCE_LEVELS = dict.fromkeys(
    (
        "absolute_change_auroc",
        "influence_auroc",
        "order_auroc",
        "spacing_auroc",
        "window_auroc",
    ),
    0.5,
) | {"effect_spearman": 0}
EMPIRICAL_FDR = "empirical_fdr"  # of null queries, which are controls themselves
# The best value that a method can have. A rank of one of several motifs, or the filters
# that match one of them, has none that is the same for all.
BEST_VALUES = dict.fromkeys(
    (*FALSE_FINDINGS, EMPIRICAL_FDR, "decay_length_error"), 0
) | dict.fromkeys(
    (
        "absolute_change_auroc",
        "decoys_with_influence_0",
        "destroy_edits_known",
        "destroy_edits_planted",
        "effect_spearman",
        "f1",
        "filter_true_rate",
        "gap_range_overlap",
        "influence_auroc",
        "insertions_recovered",
        "interaction_form_recovered",
        "order_auroc",
        "pattern_true_rate",
        "peak_f1",
        "peak_precision",
        "peak_recall",
        "planted_motifs_found",
        "precision",
        "recall",
        "seqlet_precision",
        "seqlet_recall",
        "sign_recovered",
        "sign_significant",
        "size_recovered",
        "spacing_auroc",
        "tests_recovered",
        "window_auprc",
        "window_auroc",
    ),
    1,
)
