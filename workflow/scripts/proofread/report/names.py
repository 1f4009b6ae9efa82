"""Names of files and tables, as a reader writes them."""

import re

_SPELLED = {
    "auprc": "AUPRC",
    "auroc": "AUROC",
    "deeplift": "DeepLIFT",
    "f1": "F1",
    "kmer": "k-mer",
    "shap": "SHAP",
    "smoothgrad": "SmoothGrad",
    "x": "×",
}
# As truth.position_scores names them: of which kind, how, smoothed, of a target.
_POSITIONS = re.compile(
    r"(?:(?P<kind>\w+)_)?position_auroc_(?P<answer>signed|absolute)(?:_(?P<form>raw|centred))?"
    r"(?:_window(?P<window>\d+))?(?P<target>\[.*\])?"
)
# What a name is made of: ours, and a motif's or a target's if it ends in one.
_OWN = re.compile(r"(.*?_matching_|rank_grouped_influence_|[^[]*)(.*)")


def words(name):
    """A name with underscores, as words: ``kmer_auroc`` is a "k-mer AUROC"."""
    return " ".join(_SPELLED.get(part, part) for part in name.split("_"))


def heading(name):
    """The same with a capital at its beginning."""
    text = words(name)
    return text[:1].upper() + text[1:]


def metric(name):
    """What a row of score.tsv is called where its method has no words of its own."""
    position = _POSITIONS.fullmatch(name)
    if not position:
        # The user's own names stay as they are: of a motif, of a target in brackets.
        ours, users = _OWN.fullmatch(name).groups()
        return words(ours) + users
    parts = [
        words(position["kind"]) if position["kind"] else "positions",
        " ".join(filter(None, (position["answer"], position["form"]))),
        f"{position['window']} bp" if position["window"] else "",
    ]
    target = f" {position['target']}" if position["target"] else ""
    return ", ".join(filter(None, parts)) + target
