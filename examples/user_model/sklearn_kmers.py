"""A scikit-learn pipeline on k-mer counts, rebuilt from its arrays."""

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from proofread.dna.encoding import letters


def load(settings, weights):
    """`weights`: kmers, coefficients and intercept; `settings`: k."""
    k, kmers = settings["k"], weights["kmers"]
    counter = CountVectorizer(
        analyzer="char", lowercase=False, ngram_range=(k, k), vocabulary=kmers
    )
    model = LogisticRegression()
    model.coef_, model.intercept_ = weights["coefficients"], weights["intercept"]

    def predict(batch):
        logits = model.decision_function(counter.transform(letters(batch)))
        return logits[:, None]  # (n,) -> (n, targets)

    return predict
