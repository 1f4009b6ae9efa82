"""Names of files and tables, as a reader writes them."""

# Names of methods of the field, which are more than their parts.
_NAMES = {
    "deeplift_shap": "DeepLIFT/SHAP",
    "gradient_shap": "GradientSHAP",
    "integrated_gradients": "Integrated Gradients",
}
_SPELLED = {
    "auprc": "AUPRC",
    "auroc": "AUROC",
    "deeplift": "DeepLIFT",
    "f1": "F1",
    "kmer": "k-mer",
    "l2": "L2",
    "pearson": "Pearson correlation",
    "shap": "SHAP",
    "smoothgrad": "SmoothGrad",
    "spearman": "Spearman correlation",
    "x": "×",
}


def words(name):
    """A name with underscores, as words: ``kmer_auroc`` is a "k-mer AUROC"."""
    if name in _NAMES:
        return _NAMES[name]
    return " ".join(_SPELLED.get(part, part) for part in name.split("_"))


def heading(name):
    """The same with a capital at its beginning."""
    text = words(name)
    return text[:1].upper() + text[1:]


def score(metric, motif, target, variant):
    """What a row of score.tsv is called; the user's own names stay as they are.

    Parameters
    ----------
    metric : str
        In words.
    motif, target, variant : str
        Cells of the row; empty ones are left out.
    """
    return ", ".join(filter(None, [metric, motif, target, variant_words(variant)]))


def variant_words(variant):
    """``saliency absolute_window9``: a "saliency, absolute, window 9 bp"."""
    parts = []
    for part in variant.split():
        name, window, width = part.partition("window")
        parts.append(words(name.strip("_")))
        if window:
            parts.append(f"window {width} bp")
    return ", ".join(filter(None, parts))


def within(title):
    """A title inside a sentence: without its capital, unless it is an acronym."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
