"""Learning, ROC, precision-recall and calibration curves."""

from proofread.figures.style import (
    ACCENT,
    CONTEXT,
    ONE_COLUMN,
    WIDE,
    figure_style,
    new_figure,
)
from proofread.figures.tracks import message
from proofread.statistics.evaluation import PREDICTORS

# What a history is drawn by, beside the loss: the front one last.
_AREAS = {"validation_auprc": "AUPRC", "validation_auroc": "AUROC"}
_CORRELATIONS = {"validation_spearman": "Spearman", "validation_pearson": "Pearson"}


@figure_style()
def draw_curves(points, metrics, curve):
    """One curve per predictor; the network in the accent, baselines in grey.

    Without labels there is none, and the figure says so.
    """
    targets = list(points["target"].unique())
    if not targets:
        return message("The sequences have no labels to compare the predictions with.")
    figure, axes = new_figure(
        ONE_COLUMN * min(len(targets), 2),
        70 * -(-len(targets) // 2),
        rows=-(-len(targets) // 2),
        columns=min(len(targets), 2),
        squeeze=False,
    )
    x_label, y_label, metric, legend = {
        "roc": ("false positive rate", "true positive rate", "auroc", "lower right"),
        "precision_recall": ("recall", "precision", "auprc", "lower left"),
        "calibration": (
            "mean predicted probability",
            "fraction of positives",
            "brier",
            "upper left",
        ),
    }[curve]
    styles = {"network": (ACCENT, "-"), "kmer6": (CONTEXT, "-"), "gc": (CONTEXT, ":")}
    for panel, target in zip(axes.flat, targets, strict=False):
        for name, title in PREDICTORS.items():
            if name not in set(metrics["predictor"]):
                continue  # a baseline that could not be trained
            rows = points.query(
                "predictor == @name and target == @target and curve == @curve"
            )
            value = metrics.query(
                "predictor == @name and target == @target and metric == @metric"
            )["value"].iloc[0]
            colour, line = styles[name]
            panel.plot(
                rows["x"],
                rows["y"],
                color=colour,
                linestyle=line,
                marker="o" if curve == "calibration" else None,
                markersize=3,
                label=f"{title}: {metric.upper() if metric != 'brier' else 'Brier'}"
                f" {value:.3f}",
            )
        if curve != "precision_recall":
            panel.plot([0, 1], [0, 1], color=CONTEXT, linewidth=0.5)
        panel.set(
            xlabel=x_label, ylabel=y_label, xlim=(-0.01, 1.01), ylim=(-0.01, 1.01)
        )
        panel.set_aspect("equal")
        panel.legend(loc=legend)
        if len(targets) > 1:
            panel.set_title(target)
    for panel in axes.flat[len(targets) :]:
        panel.set_visible(False)
    return figure


@figure_style()
def draw_history(history, monitor):
    """Learning curves: the loss on the left, two metrics on the right.

    Parameters
    ----------
    history : pandas.DataFrame
        Of a training; of quantitative targets it has `validation_pearson`.
    monitor : str
        The value that decided which epoch was kept.
    """
    figure, (left, right) = new_figure(WIDE, 48, columns=2)
    quantitative = "validation_pearson" in history
    metrics = _CORRELATIONS if quantitative else _AREAS
    best = history.loc[history["best"] == 1].iloc[0]
    for axes, columns in (
        (left, {"train_loss": "training", "validation_loss": "validation"}),
        (right, metrics),
    ):
        axes.axvline(best["epoch"], color=CONTEXT, linewidth=0.6, linestyle=":")
        for (column, label), colour in zip(
            columns.items(), (CONTEXT, ACCENT), strict=True
        ):
            axes.plot(history["epoch"], history[column], color=colour)
            higher = history[column].iloc[-1] == history[list(columns)].iloc[-1].max()
            axes.annotate(
                label,
                (history["epoch"].iloc[-1], history[column].iloc[-1]),
                # Two curves that end together still have two readable names.
                xytext=(3, 4 if higher else -4),
                textcoords="offset points",
                color=colour,
                va="center",
                annotation_clip=False,
            )
        axes.set_xlabel("epoch")
    left.set_ylabel("loss" if quantitative else "cross-entropy (nats)")
    right.set_ylabel(
        "validation correlation" if quantitative else "area under the validation curve"
    )
    right.set_title(f"kept: epoch {best['epoch']:.0f}, by {monitor}", loc="right")
    return figure
