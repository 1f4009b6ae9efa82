"""What the page says first, and of each method, on tables made by hand."""

import math
import re
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd
import pytest

from proofread.datasets.dataset import Dataset
from proofread.report import (
    cautions,
    label_free,
    matrix,
    methods,
    methods_text,
    network,
    numbers,
    sentence,
)
from proofread.report.measures import CLASSES, NUMBERS
from proofread.report.sections import (
    attributions,
    faithfulness,
    filter_pfms,
    greedy_substitution,
)
from proofread.report.verdicts import KINDS, SIGNIFICANT
from proofread.tables import write_table
from proofread.truth.at_fault import ENOUGH
from proofread.truth.label_free import AGREES, UNDECIDED, WITHIN
from proofread.truth.label_free import COLUMNS as STUDY
from proofread.truth.recovery import recoveries
from proofread.truth.scorecard import COLUMNS, OF_POSITIVE_CONTROLS

ROOT = Path(__file__).parents[1]
METHODS = sorted(
    path.name
    for path in (ROOT / "workflow/scripts/proofread/methods").iterdir()
    if (path / "__init__.py").is_file()
)
SETTINGS = {
    "saturation_mutagenesis": {"scale": "logit"},
    "motif_tests": {"q_threshold": 0.001, "databases": []},
    "tomtom": {
        "q_threshold": 0.01,
        "e_threshold": None,
        "max_empirical_fdr": 0.1,
        "databases": ["jaspar"],
    },
}


class Results:
    """A dataset with STAT causal and CTCF a decoy, or a user's without a truth."""

    def __init__(self, simulated, tables):
        self.simulated, self.tables = simulated, tables

    def dataset(self, name):
        truth = pd.DataFrame({"motif": ["STAT", "CTCF"], "role": ["causal", "decoy"]})
        motifs = {"STAT": np.eye(4), "CTCF": np.eye(4)}
        return Dataset(
            **dict.fromkeys(("index", "length", "label"), np.zeros((0, 1))),
            **{key: [] for key in ("name", "target", "group", "stratum")},
            truth=truth if self.simulated else truth[:0],
            motifs=motifs if self.simulated else {},
        )

    def has(self, *parts):
        return "/".join(parts) in self.tables

    def table(self, *parts):
        return pd.DataFrame(self.tables["/".join(parts)])


class Network:
    """A network whose tables are given, as `proofread.report.results.Experiment`."""

    dataset, model, recoveries, random_labels = "data", "cnn", None, False
    quantitative = False

    def __init__(self, tables=(), *, seed="1", simulated=False, scores=(), **metrics):
        self.tables = {"metrics.tsv": metrics_of(**metrics)} | dict(tables)
        self.seed, self.simulated = seed, simulated
        self.results = Results(simulated, self.tables)
        self.methods = METHODS
        self.scorecard = scorecard_of(scores)
        self.random_labels = metrics.get("random_labels", False)
        self.standing = network.standing(self.table("metrics.tsv"), self.random_labels)

    def has(self, *parts):
        return "/".join(parts) in self.tables

    def table(self, *parts, texts=()):
        return pd.DataFrame(self.tables["/".join(parts)])


def metrics_of(auroc=0.95, gc_gain=0.3, targets=("label",), random_labels=False):
    """metrics.tsv: each interval is 0.02 on either side; no targets: no labels."""
    columns = ["predictor", "target", "metric", "value", "ci_low", "ci_high", "n"]
    rows = []
    for target in targets:
        values = [
            ("network", "auroc", auroc),
            ("gc", "auroc", auroc - gc_gain),
            ("kmer6", "auroc", auroc - 0.1),
            ("gc", "auroc_gain", gc_gain),
            ("kmer6", "auroc_gain", 0.1),
        ]
        rows += [
            (predictor, target, metric, value, value - 0.02, value + 0.02, 100)
            for predictor, metric, value in values
        ]
    return pd.DataFrame(rows, columns=columns)


def scorecard_of(rows):
    """A scorecard: of each row method, metric and value, and what else is given."""
    fixed = {"dataset": "data", "model": "cnn", "seed": 1, "better": "higher"}
    rows = [
        {**fixed, "method": method, "metric": metric, "value": value, **others}
        for method, metric, value, others in rows
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS, *OF_POSITIVE_CONTROLS])


def bounds(low, control, ideal, **others):
    """Lower end of the interval, negative control, ideal explainer."""
    return {
        "ci_low": low,
        "negative_control": control,
        "ideal_explainer": ideal,
    } | others


def said(item, method):
    return methods.verdict(item, method, SETTINGS.get(method, {}))


# --- The word of a score -------------------------------------------------------------

WORDS = [
    # value, lower end, negative control, ideal explainer, positive control
    ((0.95, 0.9, 0.6, 1.0, math.nan), "recovered"),  # 95 % of 1
    ((0.94, 0.9, 0.6, 1.0, math.nan), "partly"),
    ((0.62, 0.6, 0.6, 1.0, math.nan), "not"),  # the interval reaches the control
    ((0.96, 0.9, 0.97, 1.0, math.nan), "not"),  # controls find it as well
    ((0.94, 0.9, 0.6, 1.0, 0.95), "partly"),  # it is better than the control
    ((0.94, 0.9, 0.6, 1.0, 0.94), "partly"),
    ((0.62, 0.6, 0.6, 1.0, 0.95), "network"),
    ((0.62, 0.6, 0.6, 1.0, 0.94), "method limit"),
    ((0.95, 0.9, math.nan, 1.0, math.nan), "no control"),
]


@pytest.mark.parametrize(
    ("numbers_", "word"), WORDS, ids=[f"{w} {n[0]} {n[4]}" for n, w in WORDS]
)
def test_the_word_of_a_score_follows_from_its_controls(numbers_, word):
    value, low, control, ideal, positive = numbers_
    row = ("toy", "f1", value, bounds(low, control, ideal, positive_control=positive))
    (result,) = recoveries(scorecard_of([row]), lambda method: ((), None))
    assert result.word == word
    assert word in KINDS


def test_the_level_is_0_at_the_control_and_1_at_the_ideal():
    rows = [("toy", "f1", 0.8, bounds(0.7, 0.6, 1.0))]
    (result,) = recoveries(scorecard_of(rows), lambda method: ((), None))
    assert result.level == pytest.approx(0.5)


def test_seeds_are_averaged():
    rows = [
        ("toy", "f1", value, bounds(value, 0.5, 1.0, seed=seed))
        for seed, value in ((1, 1.0), (2, 0.92))
    ]
    (result,) = recoveries(scorecard_of(rows), lambda method: ((), None))
    assert (result.value, result.word) == (pytest.approx(0.96), "recovered")


def test_controls_that_found_nothing_are_at_chance():
    nothing = "not defined for the controls (no match, pattern or peak)"
    rows = [
        ("one", "pattern_true_rate", 0.5, {"control_note": nothing}),
        ("two", "influence_auroc", 0.5, {"control_note": nothing, "ci_low": 0.4}),
    ]
    for metric in ("spacing_auroc", "order_auroc", "window_auroc"):
        chance = {"control_note": nothing, "ci_low": 0.45, "chance": 0.5}
        rows.append((metric, metric, 0.48, chance))
        rows.append((f"{metric} alone", metric, 0.48, {"control_note": nothing}))
    one, two, *others = recoveries(scorecard_of(rows), lambda method: ((), None))
    assert (one.floor, one.word, one.silent) == (0, "partly", True)
    assert (two.floor, two.word, two.silent) == (0.5, "not", False)
    assert [(item.floor, item.word) for item in others] == [(0.5, "not")] * 6


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            0.5,
            "Partly recovers the causal motifs as patterns: fraction of the motifs"
            " found 0.50 (the negative controls found nothing, best possible value 1).",
        ),
        (
            0.0,
            "Does not recover the causal motifs as patterns: fraction of the motifs"
            " found 0 is not shown to be better than the negative controls, which found"
            " nothing.",
        ),
    ],
)
def test_controls_that_found_nothing_are_not_called_chance(value, text):
    note = "not defined for the controls (no match, pattern or peak)"
    row = ("motif_discovery", "planted_motifs_found", value, {"control_note": note})
    item = Network(simulated=True, scores=[row])
    assert said(item, "motif_discovery").text == text


def test_a_score_that_is_better_if_lower_is_no_headline():
    rows = [("toy", "tests_false", 0.0, bounds(0, 0, 0, better="lower"))]
    assert recoveries(scorecard_of(rows), lambda method: ((), None)) == []


def test_decoys_do_not_count():
    """The network may ignore CTCF, on which the label does not depend."""
    rows = [
        ("filter_pfms", "f1", 0.9, bounds(0.8, 0.3, None, motif="STAT")),
        ("filter_pfms", "f1", 0.1, bounds(0.0, 0.3, None, motif="CTCF")),
    ]
    (result,) = methods.recovered([Network(simulated=True, scores=rows)])
    assert (result.value, result.word) == (0.9, "recovered")


# --- With a truth --------------------------------------------------------------------

POSITION = {"target": "label", "variant": "absolute_window9"}
TRUTH = [
    (
        "filter_pfms",
        ("f1", 0.84, bounds(0.8, 0.3, None)),
        "Recovers the causal motifs as filters: F1 of the best filter's sites, mean"
        " over motifs 0.84 (best negative control 0.30, best possible value 1).",
    ),
    (
        "tomtom",
        ("planted_motifs_found", 1.0, bounds(None, 0.0, None)),
        "Recovers the causal motifs among the matches of its filters: fraction of the"
        " motifs found 1 (best negative control 0, best possible value 1).",
    ),
    (
        "tomtom",
        ("planted_motifs_found", 1.0, bounds(None, 1.0, None)),
        "Does not recover the causal motifs among the matches of its filters: fraction"
        " of the motifs found 1 is not shown to be better than the best negative"
        " control (1).",
    ),
    (
        "filter_nullification",
        ("influence_auroc", 0.77, bounds(0.6, 0.55, None)),
        "Partly recovers the filters of causal motifs: influence AUROC 0.77 (best"
        " negative control 0.55, best possible value 1).",
    ),
    (
        "kmer_perturbation",
        ("position_auroc", 0.997, bounds(0.99, 0.54, 0.999, **POSITION)),
        "Recovers the bases of causal motifs: position AUROC 0.997 (best negative"
        " control 0.54, ideal explainer 0.999).",
    ),
    (
        "saturation_mutagenesis",
        ("position_auroc", 0.8, bounds(0.7, 0.6, 1.0, **POSITION)),
        "Partly recovers the bases of causal motifs: position AUROC 0.80 (best negative"
        " control 0.60, ideal explainer 1).",
    ),
    (
        "greedy_substitution",
        ("destroy_edits_planted", 0.97, bounds(0.9, 0.17, None)),
        "Recovers the causal motifs by substitution: fraction of the substitutions in"
        " motifs 0.97 (best negative control 0.17, best possible value 1).",
    ),
    (
        "long_sequence_scan",
        ("window_auroc", 0.98, bounds(None, 0.51, None)),
        "Recovers the sites in longer sequences: window AUROC 0.98 (best negative"
        " control 0.51, best possible value 1).",
    ),
    (
        "motif_tests",
        ("tests_recovered", 0.5, bounds(None, 0.0, None)),
        "Partly recovers the effects of the rule: fraction of the effects found 0.50"
        " (best negative control 0, best possible value 1).",
    ),
    (
        "motif_insertion",
        ("insertions_recovered", 1.0, bounds(None, 0.0, None)),
        "Recovers the rule by inserted motifs: fraction of the motifs found 1 (best"
        " negative control 0, best possible value 1).",
    ),
    (
        "motif_discovery",
        ("planted_motifs_found", 0.5, bounds(None, 0.5, None)),
        "Does not recover the causal motifs as patterns: fraction of the motifs found"
        " 0.50 is not shown to be better than the best negative control (0.50).",
    ),
]


@pytest.mark.parametrize(("method", "row", "text"), TRUTH, ids=range(len(TRUTH)))
def test_a_truth_is_compared_in_a_sentence(method, row, text):
    assert said(Network(simulated=True, scores=[(method, *row)]), method).text == text


def kinds(*values, **others):
    return [
        (
            "attributions",
            "position_auroc",
            value,
            bounds(value - 0.01, 0.6, 1.0, **others)
            | {"variant": f"{kind} absolute_centred_window9"},
        )
        for kind, value in zip(("deeplift_shap", "saliency"), values, strict=True)
    ]


def test_of_several_kinds_those_that_fail_are_named():
    item = Network(simulated=True, scores=kinds(0.97, 0.7))
    assert said(item, "attributions").text == (
        "1 of 2 kinds recovers the bases of causal motifs; saliency (0.70) recovers a"
        " part. Position AUROC 0.70 to 0.97; best negative control at most 0.60, ideal"
        " explainer 1."
    )
    assert said(item, "attributions").tag == "partly recovered"


@pytest.mark.parametrize(
    ("positive", "words"),
    [
        (0.99, "does (0.99), so that this network has not learned it."),
        (0.7, "does not either (0.70): a limit of the method."),
    ],
)
def test_a_positive_control_says_who_is_at_fault(positive, words):
    row = bounds(0.7, 0.75, 1.0, positive_control=positive, **POSITION)
    item = Network(
        simulated=True, scores=[("kmer_perturbation", "position_auroc", 0.8, row)]
    )
    text = said(item, "kmer_perturbation").text
    assert text.startswith(
        "Does not recover the bases of causal motifs: position AUROC"
    )
    assert text.endswith(f"In the network that is the rule itself it {words}")


@pytest.mark.parametrize(
    ("positive", "words"),
    [
        (
            0.99,
            " In the network that is the rule itself it recovers them (0.99), so that"
            " this network has learned the rule only in part.",
        ),
        (
            0.9,
            " In the network that is the rule itself it is not complete either (0.90):"
            " a limit of the method.",
        ),
        (math.nan, ""),
    ],
)
def test_a_score_above_the_negative_controls_is_recovered_in_part(positive, words):
    row = bounds(0.7, 0.5, 1.0, positive_control=positive, **POSITION)
    scores = [("kmer_perturbation", "position_auroc", 0.8, row)]
    result = said(Network(simulated=True, scores=scores), "kmer_perturbation")
    assert result.text == (
        "Partly recovers the bases of causal motifs: position AUROC 0.80 (best negative"
        f" control 0.50, ideal explainer 1).{words}"
    )
    assert result.tag == "partly recovered"


@pytest.mark.parametrize(
    ("floor", "ideal", "lacks"),
    [(0.6, None, "ideal score"), (None, 1.0, "negative control")],
)
def test_kinds_without_a_comparison_have_no_verdict(floor, ideal, lacks):
    both = {"negative_control": floor, "ideal_explainer": ideal}
    scores = [(*row[:3], row[3] | both) for row in kinds(0.97, 0.96)]
    result = said(Network(simulated=True, scores=scores), "attributions")
    assert result.text == (
        "No verdict on the bases of causal motifs: position AUROC 0.96 to 0.97, but"
        f" there is no {lacks} to compare them with."
    )
    assert (result.tag, result.kind, result.number) == ("no control", "", "0.96–0.97")
    one = said(Network(simulated=True, scores=scores[:1]), "attributions")
    assert one.text == (
        "No verdict on the bases of causal motifs: position AUROC 0.97, but there is no"
        f" {lacks} to compare it with."
    )


def test_known_sites_are_not_called_planted_or_causal():
    item = Network(scores=kinds(0.97, 0.7))
    assert said(item, "attributions").text.startswith(
        "1 of 2 kinds recovers the bases of known motifs; saliency (0.70) recovers a"
        " part."
    )
    (text,) = sentence_of(item)
    assert text.endswith(
        "1 of 2 methods recovers the known sites; saliency recovers a part."
    )


def test_an_imported_network_without_controls_has_no_verdict():
    scores = [("motif_tests", "tests_recovered", 1.0, {})]
    assert said(Network(simulated=True, scores=scores), "motif_tests").text == (
        "No verdict on the effects of the rule: fraction of the effects found 1, but"
        " there is no negative control to compare it with."
    )


# --- Without a truth -----------------------------------------------------------------


def table(columns, *rows):
    return pd.DataFrame(rows, columns=columns.split())


ROBUSTNESS = "target class scale length n mean_delta mean_delta_low mean_delta_high"
MAPS = "kind target quantity window unit value ci_low ci_high untrained shuffled note"
FAMILY = "motif protein best_filter p E q empirical_fdr"
OWN = {
    "filter_pfms": (
        {
            "filter_pfms/table.tsv": table("filter status", ("f0", "ok")),
            "filter_pfms/target_correlation.tsv": table(
                "filter target activation correlation p q",
                ("f0", "label", "max", -0.4, 0, 1e-9),
                ("f0", "label", "mean", 0.9, 0, 1e-9),
                ("f1", "label", "max", 0.1, 0, 0.3),
            ),
        },
        "The maxima of 1 of 2 filters are correlated with the label (q ≤ 0.05), that of"
        " f0 most: rank correlation −0.40 (q 1e-9). A correlation may be due to"
        " composition.",
    ),
    "tomtom": (
        {
            "tomtom/table.tsv": table("filter hits"),
            "tomtom/tomtom.tsv": table("Query_ID Target_ID"),
            "tomtom/similar.tsv": table("motif similar_motif E"),
            "tomtom/calibration.tsv": table("null threshold_on threshold"),
            "tomtom/families.tsv": table(
                FAMILY,
                ("M1", "SPI1", "f0", 1e-9, 1e-7, 4e-7, 0.02),
                ("M2", "RUNX1", "f1", 1e-4, 1e-2, 4e-3, 0.5),
            ),
        },
        "Filters match 1 family of motifs better than chance: SPI1 (q 4e-7, chance 2"
        " %).",
    ),
    "filter_nullification": (
        {
            "filter_nullification/groups.tsv": table(
                "group influence ci_low ci_high q random_mean",
                ("SPI1", 0.4, 0.3, 0.5, 1e-4, 0.1),
                ("f3", 0.01, -0.1, 0.1, 0.6, None),
                ("f4", -0.2, -0.3, -0.1, 1e-4, None),
            )
        },
        "The network needs 1 of 3 groups of filters (q ≤ 0.05): without SPI1 the loss"
        " rises most, by 0.40 [0.30, 0.50] (q 1e-4; as many random filters by 0.10).",
    ),
    "kmer_perturbation": (
        {
            "kmer_perturbation/robustness.tsv": table(
                ROBUSTNESS,
                ("label", "positive", "logit", 1, 9, -0.1, -0.2, 0.1),
                ("label", "positive", "logit", 9, 9, -2.4, -2.8, -2.0),
                ("label", "negative", "logit", 9, 9, -0.1, -0.3, 0.2),
                ("label", "negative", "probability", 9, 9, 0.0, 0.0, 0.0),
            )
        },
        "The network reads the positives: replacing 9 bp changes the logit of positives"
        " by −2.40 [−2.80, −2.00] on average, that of negatives by −0.10 [−0.30,"
        " 0.20].",
    ),
    "saturation_mutagenesis": (
        {
            "saturation_mutagenesis/table.tsv": table(
                "sequence target mean_absolute_change max_loss",
                ("a", "label", 0.5, 8.0),
                ("b", "label", 0.25, 4.0),
            )
        },
        "No finding: without a truth nothing tells a map of substitutions from chance."
        " The strongest substitution lowers the logit by 6 (median of 2 sequences), the"
        " mean substitution changes it by 0.38.",
    ),
    "attributions": (
        {
            "attributions/table.tsv": table(
                "kind target flag",
                ("deeplift_shap", "label", "ok"),
                ("deeplift_shap", "label", "ok"),
                ("saliency", "label", None),
            )
        },
        "The contributions add up to the change of the output: DeepLIFT/SHAP in 100 %"
        " of the sequences. Without a truth nothing tells whether the maps are right.",
    ),
    "greedy_substitution": (
        {
            "greedy_substitution/table.tsv": table(
                "target rule direction start end control_end steps steps_to_half",
                *[("label", "exact", "improve", 0.1, 0.8, 0.2, 20, 3)] * 3,
                *[("label", "exact", "improve", 0.2, 0.9, 0.2, 20, 5)] * 3,
                ("label", "exact", "improve", 0.3, 0.4, 0.2, 20, None),
                ("label", "exact", "improve", 0.9, 0.9, 0.9, 20, 0),
                ("label", "exact", "destroy", 0.1, 0.0, 0.2, 20, 0),
            )
        },
        # Six pairs differ, all in one direction: p = 2 / 2^6.
        "At most 20 chosen substitutions turn 6 of 7 sequences that are predicted"
        " negative into positives (median 4 steps), as many random ones 0 of 7"
        " (p 0.031): few bases decide.",
    ),
    "long_sequence_scan": (
        {
            "long_sequence_scan/table.tsv": table(
                "sites metric value n null_mean null_low null_high p",
                ("scan", "peaks", 12, None, None, None, None, None),
                ("all", "window_auroc", 0.9, 100, 0.5, 0.4, 0.6, 0.001),
                ("unseen", "window_auroc", 0.7, 100, 0.5, 0.4, 0.6, 0.01),
            )
        },
        "Predictions are higher at sites: windows at sites that were not in training"
        " and elsewhere have AUROC 0.70; sites that are shifted at random 0.50 (p"
        " 0.01).",
    ),
    "embedding": (
        {
            "embedding/table.tsv": table(
                "representation k coloured_by affix_length neighbours purity"
                " chance_purity purity_p verdict",
                ("first_layer", 3, "prefix", 2, 3, 0.06, 0.05, 0.3, "not above chance"),
                ("first_layer", 3, "gc", 3, 3, 0.83, 0.3, 0.002, "above chance"),
                ("bases", 3, "gc", 3, 3, 0.9, 0.3, 0.002, "above chance"),
            )
        },
        "K-mers with the same bases have similar vectors in 1 of 2 groupings: of the 3"
        " nearest neighbours of a 3-mer, a fraction of 0.83 has as many G and C (chance"
        " 0.30, p 0.002).",
    ),
    "motif_tests": (
        {
            "motif_tests/same_side.tsv": table("test kind"),
            "motif_tests/table.tsv": table(
                "test kind first second target verdict effect increase control q",
                ("a", "presence", "SPI1", None, "label", "found", 3, 3.1, 0.1, 1e-20),
                ("b", "presence", "MAX", None, "label", "not_found", 0, 0, 0, 0.4),
                ("c", "presence", "JUN", None, "label", "untested", 9, 0, 0, 0.4),
            ),
        },
        "1 of 2 tests finds an effect (q < 0.001); the largest is presence of SPI1: the"
        " loss rises by 3.10, with bases outside motifs by 0.10 (q 1e-20).",
    ),
    "motif_insertion": (
        {
            "motif_insertion/table.tsv": table(
                "motif target verdict effect ci_low ci_high control p_control",
                ("SPI1", "label", "found", -2.0, -2.5, -1.5, 0.1, 0.025),
                ("MAX", "label", "not_found", 0.1, 0.0, 0.2, 0.1, 0.5),
            )
        },
        "1 of 2 inserted motifs changes the logit more than control k-mers: SPI1"
        " most, by −2 [−2.50, −1.50] (control 0.10, p 0.025).",
    ),
    "motif_discovery": (
        {
            "motif_discovery/table.tsv": table(
                "pattern hits protein q seqlets",
                ("positive0", 2, "SPI1", 1e-9, 90),
                ("positive1", 0, None, None, 30),
            )
        },
        "1 of 2 patterns matches a known motif: SPI1 (q 1e-9, 90 sites).",
    ),
    "faithfulness": (
        {
            "faithfulness/table.tsv": table(
                MAPS,
                *(
                    (kind, "label", quantity, window, unit, value, low, 9, 0.1, 0.2, "")
                    for kind, quantity, window, unit, value, low in (
                        (
                            "deeplift_shap",
                            "deletion_above_random",
                            9,
                            "logit",
                            2.0,
                            1.5,
                        ),
                        (
                            "deeplift_shap",
                            "deletion_above_random",
                            1,
                            "logit",
                            7.0,
                            6.0,
                        ),
                        ("deeplift_shap", "deletion_above_random", 9, "sd", 8.0, 7.0),
                        ("saliency", "deletion_above_random", 9, "logit", 0.1, -0.1),
                        ("random", "deletion_above_random", 9, "logit", 9.0, 8.0),
                    )
                ),
            )
        },
        "1 of 2 kinds of maps is faithful: the logit falls more when their highest"
        " windows of 9 bp are replaced than in random order; most by DeepLIFT/SHAP, 2"
        " [1.50, 9.00] logits (untrained network 0.10, shuffled network 0.20).",
    ),
}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_verdict_and_a_figure(method):
    own = methods.load(method)
    assert callable(own.verdict)
    assert own.FIGURES
    assert method in OWN
    for name, how in own.FIGURES:
        assert len(how.split()) <= 40, name
        assert how.endswith("."), name


@pytest.mark.parametrize("method", list(OWN))
def test_without_a_truth_a_method_speaks_of_its_own_tables(method):
    tables, text = OWN[method]
    result = said(Network(tables), method)
    assert result.text == text
    for word in ("planted", "recover", "causal"):
        assert word not in result.text


@pytest.mark.parametrize("method", METHODS)
def test_a_missing_table_is_named(method):
    result = said(Network(), method)
    name = methods.load(method).TABLES[0]
    assert result.text == f"No finding: {name} is not among the results."
    assert (result.tag, result.kind) == ("no finding", "")


@pytest.mark.parametrize("method", list(OWN))
def test_a_network_at_chance_has_no_finding(method):
    tables, _ = OWN[method]
    item = Network(tables, auroc=0.51)
    assert said(item, method).text == (
        "No finding: the AUROC of 0.510 [0.490, 0.530] is not better than chance (0.5)."
    )


@pytest.mark.parametrize("method", list(OWN))
def test_random_labels_have_no_finding(method):
    tables, _ = OWN[method]
    item = Network(tables, simulated=True, auroc=0.6, random_labels=True)
    assert said(item, method).text == (
        "No finding: the labels are random, so that there is nothing to find."
    )


def changed(method, column, value):
    """The tables of a method with another value in a column of the deciding one."""
    tables, _ = OWN[method]
    name = methods.load(method).TABLES[-1 if method != "motif_tests" else 0]
    name = "families.tsv" if method == "tomtom" else name
    key = f"{method}/{name}"
    return {**tables, key: tables[key].assign(**{column: value})}


NOTHING = [
    (
        "filter_pfms",
        "q",
        0.3,
        "none of 2 filters has a maximum that is correlated with a label (q ≤ 0.05)",
    ),
    (
        "tomtom",
        "empirical_fdr",
        0.5,
        "2 families match, but more than 10 % of such matches are expected by chance",
    ),
    (
        "filter_nullification",
        "q",
        0.3,
        "no one of 3 groups of filters raises the loss when ablated, at q ≤ 0.05",
    ),
    (
        "embedding",
        "verdict",
        "not above chance",
        "in none of 2 groupings do k-mers with"
        " the same bases have more similar vectors than by chance",
    ),
    (
        "motif_tests",
        "verdict",
        "not_found",
        "none of 3 tests finds an effect of a motif (q < 0.001)",
    ),
    (
        "motif_insertion",
        "verdict",
        "not_found",
        "none of 2 motifs changes the logit more than its control k-mers",
    ),
    ("motif_discovery", "hits", 0, "2 patterns, and no known motif matches one"),
    (
        "greedy_substitution",
        "control_end",
        0.6,
        "at most 20 chosen substitutions turn 6 of 7 sequences that are predicted"
        " negative into positives, as many random ones 7 of 7 (p 1)",
    ),
    (
        "kmer_perturbation",
        "mean_delta_high",
        0.1,
        "replacing 9 bp changes the logit of positives by −2.40 [−2.80, 0.10] on"
        " average, that of negatives by −0.10 [−0.30, 0.10]",
    ),
    (
        "long_sequence_scan",
        "p",
        0.3,
        "windows at sites that were not in training and"
        " elsewhere have AUROC 0.70; sites that are shifted at random 0.50 (p 0.3)",
    ),
]


@pytest.mark.parametrize(
    ("method", "column", "value", "why"), NOTHING, ids=[row[0] for row in NOTHING]
)
def test_what_is_not_shown_is_no_finding(method, column, value, why):
    result = said(Network(changed(method, column, value)), method)
    assert (result.text, result.tag) == (f"No finding: {why}.", "no finding")


def test_maps_no_better_than_a_random_order_are_no_finding():
    result = said(Network(changed("faithfulness", "ci_low", -0.1)), "faithfulness")
    assert result.text.startswith("No finding: 0 of 2 kinds of maps are faithful")


def test_maps_that_are_all_faithful_are_called_so():
    tables, _ = OWN["faithfulness"]
    some = said(Network(tables), "faithfulness")
    every = said(Network(changed("faithfulness", "ci_low", 0.1)), "faithfulness")
    assert (some.tag, some.kind) == ("partly faithful", "")
    assert (every.tag, every.kind) == ("faithful", "ok")


@pytest.mark.parametrize(
    ("turned", "n", "finding", "p", "few"),
    [
        (6, 13, True, "0.031", False),  # less than half of the sequences
        (6, 12, True, "0.031", True),
        (5, 5, False, "0.062", False),  # 2 / 2^5
        (1, 100, False, "1", False),
    ],
)
def test_few_bases_decide_where_many_sequences_are_turned(turned, n, finding, p, few):
    rows = [
        (
            "label",
            "exact",
            "improve",
            0.1,
            *((0.9, 0.2, 20, 3) if yes else (0.3,) * 2 + (20, None)),
        )
        for yes in [True] * turned + [False] * (n - turned)
    ]
    columns = "target rule direction start end control_end steps steps_to_half"
    item = Network({"greedy_substitution/table.tsv": table(columns, *rows)})
    result = said(item, "greedy_substitution")
    assert (result.tag == "negatives turned") == finding
    assert f"as many random ones 0 of {n} (p {p})" in result.text
    assert result.text.endswith(": few bases decide.") == few


def test_the_sign_test_is_that_of_the_binomial_distribution():
    # 2 (1 + 10 + 45) / 2^10, and no overflow of many pairs.
    assert greedy_substitution._sign_test(8, 2) == pytest.approx(112 / 1024)
    assert greedy_substitution._sign_test(0, 0) == 1
    assert 0 < greedy_substitution._sign_test(2600, 2400) < SIGNIFICANT


def test_substitutions_are_told_on_their_own_scale():
    tables, _ = OWN["saturation_mutagenesis"]
    settings = {"scale": "probability"}
    text = methods.verdict(Network(tables), "saturation_mutagenesis", settings).text
    assert "lowers the probability by 6 (median" in text
    nothing = {name: rows[:0] for name, rows in tables.items()}
    assert said(Network(nothing), "saturation_mutagenesis").text == (
        "No finding: no sequence was searched."
    )


def test_a_few_sequences_are_neither_none_nor_all():
    kinds_ = ["saliency"] * 250
    flags = ["red", *["ok"] * 249]  # 0.4 %
    tables = {
        "attributions/table.tsv": pd.DataFrame(
            {"kind": kinds_, "target": "label", "flag": flags}
        )
    }
    text = said(Network(tables), "attributions").text
    assert ": saliency in more than 99 % of the sequences." in text


def test_contributions_that_do_not_add_up_are_a_warning():
    tables = changed("attributions", "flag", ["ok", "red", None])
    item = Network(tables)
    assert said(item, "attributions").text == (
        "The contributions do not add up to the change of the output: DeepLIFT/SHAP in"
        " 50 % of the sequences (at most 5 % are allowed). Without a truth nothing"
        " tells whether the maps are right."
    )
    assert attributions.warnings(item, {}) == [
        "The contributions of DeepLIFT/SHAP (50 % of the sequences) do not add up to"
        " the change of the output"
    ]


WITH_TARGETS = [
    method
    for method, (tables, _) in OWN.items()
    if any("target" in frame and len(frame) for frame in tables.values())
]


@pytest.mark.parametrize("method", WITH_TARGETS)
def test_weak_targets_are_left_out(method):
    tables, _ = OWN[method]
    item = Network(tables, targets=("other",))
    item.standing = {"stated": True, "weak": ["label"], "sentence": ""}
    result = said(item, method)
    assert result.text.startswith("No finding: ")
    assert (result.tag, result.kind) == ("no finding", "")
    assert "–" not in result.text  # no number of an empty table


def test_a_correlation_names_its_target_where_there_are_several():
    rows = [("f0", name, "max", 0.5, 0, 1e-9) for name in ("label", "other", "weak")]
    columns = "filter target activation correlation p q"
    tables = OWN["filter_pfms"][0] | {
        "filter_pfms/target_correlation.tsv": table(
            columns, *rows[1:], ("f0", "label", "max", 0.4, 0, 1e-8)
        )
    }
    item = Network(tables, targets=("label", "other", "weak"))
    item.standing["weak"] = ["weak"]
    assert said(item, "filter_pfms").text == (
        "The maxima of 1 of 1 filters are correlated with a label (q ≤ 0.05), that of"
        " f0 most, with other: rank correlation 0.50 (q 1e-9). A correlation may be due"
        " to composition."
    )


def searches(metric, *values, **others):
    """Scores of greedy_substitution, one for each of its rules."""
    return [
        (
            "greedy_substitution",
            metric,
            value,
            bounds(value, 0.2, None, **others) | rule,
        )
        for value, rule in zip(
            values, ({"variant": "exact"}, {"variant": "greedy"}), strict=False
        )
    ]


@pytest.mark.parametrize(
    ("metric", "simulated", "what", "where"),
    [
        ("destroy_edits_planted", True, "causal", "motifs"),
        ("destroy_edits_known", False, "known", "known sites"),
    ],
)
def test_of_several_rules_the_first_is_compared(metric, simulated, what, where):
    scores = searches(metric, 0.97, 0.3)
    item = Network(simulated=simulated, scores=scores)
    assert said(item, "greedy_substitution").text == (
        f"Recovers the {what} motifs by substitution: fraction of the substitutions in"
        f" {where} 0.97 (best negative control 0.20, best possible value 1)."
    )


def test_a_method_without_a_room_has_the_sentence_of_its_score():
    row = ("occlusion", "position_auroc", 0.97, bounds(0.9, 0.6, 1.0, **POSITION))
    item = Network(simulated=True, scores=[row])
    item.methods = ["occlusion"]
    assert said(item, "occlusion").text == (
        "Recovers the truth: position AUROC 0.97 (best negative control 0.60, ideal"
        " explainer 1)."
    )
    assert said(Network(), "occlusion").text == (
        "No finding: this method has no verdict; see its figures and tables."
    )


# --- The sentence of a dataset -------------------------------------------------------

TESTS = "test kind first second target expected verdict"


def effects_of(**verdicts):
    rows = [
        (kind, kind, "STAT", second, "label", "found", verdicts[kind])
        for kind, second in (
            ("presence", None),
            ("order", "CTCF"),
            ("distance", "CTCF"),
        )
        if kind in verdicts
    ]
    return {
        "motif_tests/table.tsv": table(TESTS, *rows),
        "motif_tests/same_side.tsv": table(TESTS),
    }


def sentence_of(*seeds):
    return sentence.describe(
        [list(seeds)], SETTINGS | {name: {} for name in METHODS if name not in SETTINGS}
    )


def test_the_sentence_of_a_simulated_dataset():
    tables = effects_of(presence="recovered", order="recovered", distance="recovered")
    scores = [
        *kinds(0.97, 0.55),
        ("motif_tests", "tests_recovered", 1.0, bounds(None, 0, None)),
    ]
    assert sentence_of(Network(tables, simulated=True, scores=scores)) == [
        "The network predicts label well (AUROC 0.95, GC content 0.65, 6-mers 0.85) and"
        " uses the order and the gap of STAT and CTCF; 2 of 3 methods recover what was"
        " planted; saliency does not."
    ]


def test_what_is_missed_is_said():
    tables = effects_of(order="recovered", distance="missed")
    seeds = [Network(tables, simulated=True, seed=seed) for seed in ("1", "2")]
    assert sentence_of(*seeds) == [
        "The 2 networks predict label well (AUROC 0.95, GC content 0.65, 6-mers 0.85)"
        " and use the order of STAT and CTCF but do not use the gap of STAT and CTCF"
        " in every seed."
    ]


SENSITIVE = [
    (
        {"order": "false_positive"},
        ["is sensitive to the order of STAT and CTCF", "are sensitive to the order"],
    ),
    (
        {"presence": "recovered", "order": "false_positive"},
        [
            "uses STAT and is also sensitive to the order of STAT and CTCF",
            "use STAT and are also sensitive to the order of STAT and CTCF",
        ],
    ),
    (
        {"presence": "missed", "order": "false_positive"},
        [
            "does not use STAT and is sensitive to the order of STAT and CTCF",
            "do not use STAT in every seed and are sensitive to the order of STAT and"
            " CTCF",
        ],
    ),
    (
        {
            "presence": "recovered",
            "order": "false_positive",
            "distance": "false_positive",
        },
        [
            "uses STAT and is also sensitive to the order of STAT and CTCF and the"
            " distance of STAT and CTCF",
            "use STAT and are also sensitive to the order of STAT and CTCF and the"
            " distance of STAT and CTCF",
        ],
    ),
]


@pytest.mark.parametrize(("verdicts", "texts"), SENSITIVE, ids=range(len(SENSITIVE)))
def test_what_the_rule_does_not_have_is_said(verdicts, texts):
    seeds = [Network(effects_of(**verdicts), simulated=True, seed=s) for s in "12"]
    baselines = "label well (AUROC 0.95, GC content 0.65, 6-mers 0.85) and"
    (one,), (two,) = sentence_of(*seeds[:1]), sentence_of(*seeds)
    assert one == f"The network predicts {baselines} {texts[0]}."
    assert two.startswith(f"The 2 networks predict {baselines} {texts[1]}")


def test_more_than_four_false_positives_are_counted():
    rows = [
        (f"order {name}", "order", name, "CTCF", "label", "open", "false_positive")
        for name in "ABCDEF"
    ]
    tables = effects_of() | {"motif_tests/table.tsv": table(TESTS, *rows)}
    (text,) = sentence_of(Network(tables, simulated=True))
    assert text.endswith(
        " and is sensitive to the order of A and CTCF, the order of B and CTCF, the"
        " order of C and CTCF, the order of D and CTCF and 2 more."
    )


def test_more_than_four_motifs_are_counted():
    rows = [
        (f"presence {name}", "presence", name, None, "label", "closed", "recovered")
        for name in "ABCDEF"
    ]
    tables = effects_of() | {"motif_tests/table.tsv": table(TESTS, *rows)}
    (text,) = sentence_of(Network(tables, simulated=True))
    assert text.endswith(" and uses A, B, C, D and 2 more.")


def test_weak_targets_count_neither_for_the_grade_nor_for_the_mean():
    item = Network(targets=("a", "b"))
    metrics = item.tables["metrics.tsv"]
    weak = metrics["target"] == "b"
    metrics.loc[weak & (metrics["metric"] == "auroc"), "value"] = 0.5
    item.standing = {"stated": True, "weak": ["b"], "sentence": ""}
    assert sentence_of(item) == [
        "The network predicts 1 of 2 targets of data well (AUROC 0.95, GC content 0.65,"
        " 6-mers 0.85)."
    ]


def test_a_seed_that_failed_is_counted_and_states_nothing():
    good = Network(effects_of(presence="recovered"), simulated=True)
    failed = Network(simulated=True, seed="2", auroc=0.5)
    assert sentence_of(good, failed) == [
        "1 of 2 networks predicts label well (AUROC 0.95, GC content 0.65, 6-mers 0.85)"
        " and uses STAT."
    ]


@pytest.mark.parametrize(
    ("metrics", "text"),
    [
        (
            {"auroc": 0.51},
            "The network predicts label no better than chance (AUROC 0.51, GC content"
            " 0.21, 6-mers 0.41), so that no finding is stated.",
        ),
        (
            {"gc_gain": 0.01},
            "The network predicts label no better than GC content (AUROC 0.95, GC"
            " content 0.94, 6-mers 0.85), so that no finding is stated.",
        ),
        (
            {"targets": ()},
            "The sequences have no labels: how well the network predicts them is"
            " unknown, and no finding is stated.",
        ),
        (
            {"auroc": 0.5, "random_labels": True},
            "The labels are random, and the network rightly predicts nothing (AUROC"
            " 0.50): there is nothing to find.",
        ),
        (
            {"auroc": 0.6, "random_labels": True},
            "The labels are random, but the network does not stay at chance (AUROC"
            " 0.60): this is by chance or an error, and no finding is stated.",
        ),
        (
            {"auroc": 0.8},
            "The network predicts label fairly well (AUROC 0.80, GC content 0.50,"
            " 6-mers 0.70) and uses STAT.",
        ),
    ],
    ids=["chance", "gc", "unlabelled", "random", "random, not at chance", "fairly"],
)
def test_a_sentence_states_no_more_than_was_shown(metrics, text):
    item = Network(effects_of(presence="recovered"), simulated=True, **metrics)
    assert sentence_of(item) == [text]


def test_the_sentence_of_a_users_data_speaks_of_no_truth():
    tables = OWN["tomtom"][0] | effects_of(presence="found")
    item = Network(tables)
    item.methods = ["tomtom"]
    assert sentence_of(item) == [
        "The network predicts label well (AUROC 0.95, GC content 0.65, 6-mers 0.85);"
        " its filters match SPI1 better than chance."
    ]


def test_a_family_of_one_seed_is_not_one_of_all_seeds():
    tables = OWN["tomtom"][0]
    families = tables["tomtom/families.tsv"]
    other = tables | {
        "tomtom/families.tsv": families.assign(empirical_fdr=[0.02, 0.01])
    }
    seeds = [Network(tables), Network(other, seed="2")]
    for item in seeds:
        item.methods = ["tomtom"]
    (text,) = sentence_of(*seeds)
    assert text.endswith(
        "; their filters match SPI1 and RUNX1 (1 of 2 seeds) better than chance."
    )


# --- Warnings ------------------------------------------------------------------------


def test_leakage_is_a_warning():
    item = Network(
        {"data/leakage.tsv": table("kind cut cut_train_test", ("any", 3, 3))}
    )
    item.methods = []
    (warning,) = cautions.describe(item.results, [[item]], {})
    assert warning == {
        "text": "Leakage: 3 pairs of similar sequences are in two splits (train and"
        " test 3), so that the test metrics may be too high.",
        "id": "dataset-data",
    }


@pytest.mark.parametrize(
    ("splits", "effect"),
    [
        (
            {"cut_train_validation": 1, "cut_train_test": 0},
            "training may stop too late",
        ),
        (
            {"cut_train_validation": 0, "cut_validation_test": 1},
            "the test metrics may be too high",
        ),
    ],
)
def test_leakage_names_what_it_spoils(splits, effect):
    row = pd.DataFrame([{"kind": "any", "cut": 1, **splits}])
    item = Network({"data/leakage.tsv": row})
    (text,) = cautions.leakage(item.results, "data")
    assert text.endswith(f", so that {effect}")


@pytest.mark.parametrize(
    ("metrics", "said_", "left_out"),
    [
        (metrics_of(), "6-mer counts", "no labels"),
        (metrics_of()[:1], "AUROC", "6-mer counts"),
        (metrics_of(targets=()), "no labels", "AUROC"),
    ],
    ids=["baselines", "split: all", "unlabelled"],
)
def test_a_paper_is_told_what_was_measured(metrics, said_, left_out):
    item = Network()
    item.tables["metrics.tsv"] = metrics
    _, text, _ = methods_text._evaluation([item], {"resamples": 10, "seed": 1})
    assert said_ in text
    assert left_out not in text


@pytest.mark.parametrize(
    ("method", "metric", "verb"),
    [
        ("motif_tests", "tests_recovered", "motif tests recover a part"),
        ("filter_pfms", "f1", "filters of the first layer recover a part"),
        (
            "greedy_substitution",
            "destroy_edits_planted",
            "greedy substitution recovers a part",
        ),
    ],
)
def test_a_verb_follows_the_number_of_its_subject(method, metric, verb):
    scores = [(method, metric, 0.4, bounds(0.3, 0.1, None))]
    item = Network(simulated=True, scores=scores)
    item.methods = [method]
    (text,) = sentence_of(item)
    assert text.endswith(f"; no method recovers what was planted; {verb}.")


def test_a_network_no_better_than_gc_content_is_a_warning():
    item = Network(gc_gain=0.01)
    (warning,) = cautions.describe(item.results, [[item]], {})
    assert warning["text"] == (
        "No finding is stated: the network is no better than GC content (difference"
        " 0.010 [−0.010, 0.030])."
    )
    assert warning["id"] == "network-data-cnn"


def test_a_network_as_good_as_6_mers_is_a_warning():
    item = Network()
    metrics = item.tables["metrics.tsv"]
    gain = (metrics["predictor"] == "kmer6") & (metrics["metric"] == "auroc_gain")
    metrics.loc[gain, "ci_low"] = -0.01
    (warning,) = cautions.describe(item.results, [[item]], {})
    assert warning["text"] == "The network is not shown to be better than 6-mers."


def test_a_limit_of_a_method_is_a_warning():
    item = Network(simulated=True, scores=kinds(0.97, 0.8, positive_control=0.8))
    (warning,) = cautions.describe(item.results, [[item]], {})
    assert warning["text"] == (
        "Limit of the method: saliency (0.80) does not recover the rule even in the"
        " network that is the rule itself."
    )


def test_dead_filters_are_a_warning():
    rows = [("f0", "dead"), ("f1", "constant"), ("f2", "ok")]
    item = Network({"filter_pfms/table.tsv": table("filter status", *rows)})
    assert filter_pfms.warnings(item, {}) == ["2 of 3 filters are dead or constant"]


# --- The matrix ----------------------------------------------------------------------


def cells(column, name):
    (row,) = [row for row in column["rows"] if row["name"] == name]
    return row["cells"]


def test_a_cell_has_a_number_a_word_a_colour_and_a_link():
    item = Network(simulated=True, scores=kinds(0.97, 0.7))
    (cell,) = cells(matrix.of_truth([[item]]), "Saliency")
    assert cell == {
        "number": "0.70",
        "word": "partly",
        "kind": "",
        "level": "25",  # (0.7 - 0.6) / (1 - 0.6)
        "note": "control 0.60 · ideal 1",
        "link": "method-data-cnn-1-attributions",
    }


def test_a_network_that_learned_nothing_has_no_number():
    good = Network(simulated=True, scores=kinds(0.97, 0.7))
    weak = Network(simulated=True, scores=kinds(0.97, 0.7), auroc=0.5)
    random = Network(simulated=True, scores=kinds(0.97, 0.7), random_labels=True)
    row = cells(matrix.of_truth([[good], [weak], [random]]), "Saliency")
    assert [(cell["number"], cell["word"]) for cell in row] == [
        ("0.70", "partly"),
        ("", "no finding"),
        ("", "nothing to find"),
    ]


def test_a_network_that_learned_but_has_no_score_is_not_scored():
    good = Network(simulated=True, scores=kinds(0.97, 0.7))
    other = Network(simulated=True)
    other.dataset = "other"
    row = cells(matrix.of_truth([[good], [other]]), "Saliency")
    assert [cell["word"] for cell in row] == ["partly", "not scored"]


def test_own_data_have_baselines_maps_and_verdicts():
    tables, _ = OWN["faithfulness"]
    item = Network(tables)
    item.methods = ["faithfulness"]
    settings = {"data": {"faithfulness": {}}}
    result = matrix.without_truth([[item]], settings)
    said_ = {
        row["name"]: (row["cells"][0]["number"], row["cells"][0]["word"])
        for row in result["rows"]
    }
    assert said_ == {
        "network against GC content": ("+0.30", "better"),
        "network against 6-mers": ("+0.10", "better"),
        "map: DeepLIFT/SHAP": ("2", "faithful"),
        "map: saliency": ("0.10", "not faithful"),
        "Faithfulness": ("1 of 2", "partly faithful"),
    }


# --- Rules and numbers ---------------------------------------------------------------


def test_the_thresholds_of_the_page_are_those_of_the_code():
    page = " ".join((ROOT / "docs/report.md").read_text().split())
    for text in (
        f"at least {100 * ENOUGH:.0f} % of the ideal",
        f"F1 of at least {filter_pfms.NEEDED:g}",
        f"p or q is at most {SIGNIFICANT:g}",
        f"at most {100 * attributions.MAX_INCOMPLETE:.0f} % of the sequences",
        f"from AUROC {CLASSES.well:g} on, fairly well from {CLASSES.fairly:g} on",
        f"from R² {NUMBERS.well:g} on, fairly well from {NUMBERS.fairly:g} on",
        f"more than {100 * filter_pfms.MAX_DEAD:.0f} % of the filters",
        f"probability of {greedy_substitution.DECIDED:g}",
        f"`{faithfulness.DECIDES}`",
    ):
        assert text in page, text


@pytest.mark.parametrize("method", list(OWN))
def test_every_method_is_in_the_table_of_rules(method):
    page = (ROOT / "docs/report.md").read_text()
    assert re.search(rf"^\| `{method}` \|", page, re.M)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.934, "0.93"), (0.997, "0.997"), (0.001, "0.001"), (1.0, "1"), (-2, "−2")],
)
def test_a_score_that_is_not_perfect_is_not_rounded_to_1(value, text):
    assert numbers.short(value) == text


# --- Which number may be believed ----------------------------------------------------


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study that supports max-sensitivity, and not what decides whether a map is."""
    path = tmp_path / "label_free.tsv"
    rows = [
        ("deletion_above_random", 9, "sd", "higher", 0.1, -0.2, 0.3, UNDECIDED),
        ("max_sensitivity", math.nan, "ratio", "lower", 0.6, 0.4, 0.8, AGREES),
    ]
    rows = [(WITHIN, *row[:4], 8, 60, 5, *row[4:]) for row in rows]
    write_table(path, pd.DataFrame(rows, columns=STUDY))
    monkeypatch.setattr(label_free, "TABLE", path)


def judged_maps():
    """Two kinds of maps with all the numbers that the page shows, for two windows."""
    windows = dict.fromkeys(faithfulness._SHOWN, ((math.nan, "ratio"),))
    for quantity in windows:
        if quantity.endswith("_random"):
            windows[quantity] = ((1, "logit"), (1, "sd"), (9, "logit"), (9, "sd"))
    rows = [
        (kind, "label", quantity, window, unit, value, 0.1, 9, 0.1, 0.2, "")
        for kind, value in (("deeplift_shap", 2.0), ("saliency", 0.5))
        for quantity, of_quantity in windows.items()
        for window, unit in of_quantity
    ]
    return {"faithfulness/table.tsv": table(MAPS, *rows)}


def test_a_section_quotes_the_study_and_marks_its_columns(study):
    item = Network(judged_maps())
    item.shown = False
    (note,) = methods.judged(item, "faithfulness", {})["notes"]
    assert (
        "A study of 60 networks, negative controls among them, on 5 simulated datasets"
        in note
    )
    assert note.endswith(
        "Deletion above random, 9 bp: nothing is shown when comparing the kinds of maps"
        " of one network (Spearman 0.10, −0.20 to 0.30, 60 networks)."
    )
    result = faithfulness.section(item, {})
    heads = [title for title, _ in result["columns"]]
    assert "deletion, above random (sd): not supported" in heads
    assert "max-sensitivity" in heads
    assert len(result["said"]) == 2
    assert (
        "Max-sensitivity: maps with a lower number also found more" in result["said"][1]
    )
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(methods.__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    text = templates.get_template("sections/faithfulness.html.j2").render(result)
    assert text.count("<li>") == 2
    assert "above random (sd): not supported</th>" in text
    # Nothing is stated of a network at chance.
    assert methods.notes(Network(judged_maps(), auroc=0.51), "faithfulness", {}) == []


def test_the_first_screen_of_own_data_says_which_number_to_believe(study):
    item = Network(judged_maps())
    item.methods = ["faithfulness"]
    result = matrix.without_truth([[item]], {"data": {"faithfulness": {}}})
    assert "believe max-sensitivity (Spearman 0.60" in result["advice"]
    (row,) = [row for row in result["rows"] if row["name"] == "map: saliency"]
    assert row["measure"] == "deletion above random, logits: not supported"
    assert "max-sensitivity 0.50" in row["cells"][0]["note"]
    # Without maps there is nothing to believe.
    item.methods = []
    assert matrix.without_truth([[item]], {"data": {}})["advice"] == ""
