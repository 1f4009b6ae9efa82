"""The candidates of a tuned model: their names, and the default list.

`recommended`, one change at a time, and three networks of other kinds. The changes:
numbers of filters and a width as of published networks (24 of Koo and Ploenzke 2021,
doi:10.1038/s42256-020-00291-x; 128 is twice the default; 19 bases of Basset, Kelley et
al. 2016, doi:10.1101/gr.200535.115; 8 bases are a short motif), half and about twice
the learning rate, less dropout, and a weight decay. `koo_dist` has the exponential
activation and the weight decay with which Koo and Ploenzke trained it (Keras's l2 of
1e-6 adds twice that to a gradient).
"""

CANDIDATES = {
    "recommended": {"architecture": "recommended"},
    "filters_24": {"architecture": "recommended", "settings": {"filters": 24}},
    "filters_128": {"architecture": "recommended", "settings": {"filters": 128}},
    "width_8": {"architecture": "recommended", "settings": {"width": 8}},
    "width_19": {"architecture": "recommended", "settings": {"width": 19}},
    "slower": {"architecture": "recommended", "training": {"learning_rate": 0.001}},
    "faster": {"architecture": "recommended", "training": {"learning_rate": 0.005}},
    "less_dropout": {
        "architecture": "recommended",
        "settings": {"dropout": 0.0, "dropout2": 0.2},
    },
    "weight_decay": {
        "architecture": "recommended",
        "training": {"weight_decay": 0.0001},
    },
    "eraslan2019": {"architecture": "eraslan2019"},
    "koo_cnn2": {"architecture": "koo_cnn2"},
    "koo_dist": {
        "architecture": "koo_dist",
        "settings": {"activation": "exponential"},
        "training": {"weight_decay": 0.000002},
    },
}


def candidate_name(model, candidate):
    """The name under which a candidate of a tuned model is trained."""
    return f"{model}.{candidate}"
