"""The adapters under examples/: short, and right to what others computed."""

import ast
import gzip
import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from proofread.dna.encoding import encode, one_hot
from proofread.models.checkpoint import load_predictor
from proofread.models.first_layer import FirstLayer
from proofread.models.predictor import predictor_of
from proofread.models.user_model import (
    build_user_model,
    save_user_model,
    weights_content,
)

EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "user_model"
ADAPTERS = ("deepbind.py", "dragonn.py", "sklearn_kmers.py")


def code_lines(text):
    """Numbers of the lines that hold code: no comments, docstrings or blank lines."""
    tree = ast.parse(text)
    documented = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and ast.get_docstring(node)
    ]
    docstrings = {
        line
        for node in documented
        for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)
    }
    return [
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.strip().startswith("#")
        if number not in docstrings
    ]


def test_lines_of_code_are_counted():
    text = '"""A\n\nB."""\n\nimport x  # why\n\n\ndef f():\n    "C"\n    # D\n    y\n'
    assert code_lines(text) == [5, 8, 11]


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_has_at_most_fifteen_lines_of_code(name):
    assert len(code_lines((EXAMPLES / name).read_text())) <= 15


def imported(adapter, weights, **changes):
    return {
        "adapter": str(EXAMPLES / adapter),
        "function": "load",
        "weights": str(weights),
        "sha256": None,
        "settings": {},
        "first_convolution": None,
        "first_activation": None,
    } | changes


def built(adapter, weights, length, **changes):
    item = imported(adapter, weights, **changes)
    return build_user_model(item, weights_content(item), length, ["bound"])


# -- DeepBind: what its own program computed ------------------------------------------

MODELS = ("D00210.001", "D00120.001", "D00410.003", "D00328.003")


def deepbind(folder, model, length, **settings):
    path = folder / "deepbind_models" / f"{model}.txt"
    return built("deepbind.py", path, length, settings=settings)


def scores(path, columns):
    lines = path.read_text().splitlines()
    assert lines[0].split() == list(columns)
    return np.array([line.split() for line in lines[1:]], dtype=float)


def scored(folder, **settings):
    """Scores of the four example sequences, each of its own length, by four models."""
    texts = (folder / "deepbind_models" / "example.seq").read_text().split()
    return np.array(
        [
            [
                predictor_of(deepbind(folder, model, len(text), **settings)).predict(
                    encode(text)[None]
                )[0, 0]
                for model in MODELS
            ]
            for text in texts
        ]
    )


def test_deepbind_gives_its_reference_scores_of_the_peaks(data_folder):
    folder = data_folder / "deepbind_models"
    index = np.stack(
        [encode(line) for line in (folder / "pu1_100.seq").read_text().split()]
    )
    models = ("D00655.002", "D00328.003", "D00410.003")
    expected = scores(folder / "reference_scores_pu1_first100.tsv", models)
    assert expected.shape == (100, 3)
    for column, model in enumerate(models):
        result = predictor_of(deepbind(data_folder, model, 100)).predict(index)
        assert np.abs(result[:, 0] - expected[:, column]).max() < 1e-5


def test_deepbind_gives_its_reference_scores_of_the_examples(data_folder):
    """The program that made them scores both strands, of RNA too."""
    path = data_folder / "deepbind_models" / "reference_scores_example.tsv"
    expected = scores(path, MODELS)
    assert np.abs(scored(data_folder, both_strands=True) - expected).max() < 1e-5


def test_deepbind_gives_the_published_scores(data_folder):
    """README.TXT, but for two: the program of 2014 left out the last window."""
    text = (data_folder / "deepbind_models" / "README.TXT").read_text()
    rows = text.split("D00328.003\n")[1].splitlines()[:4]
    expected = np.array([row.split() for row in rows], dtype=float)
    near = np.abs(scored(data_folder) - expected) < 1e-5
    assert np.argwhere(~near).tolist() == [[2, 0], [2, 1]]


def test_padding_is_no_part_of_a_sequence_for_deepbind(data_folder):
    """GATA3's score of 20 bases, alone and padded to 60."""
    text = "GAGGTTACGCGGCAAGATAA"
    alone = predictor_of(deepbind(data_folder, "D00410.003", 20)).predict(
        encode(text)[None]
    )
    padded = predictor_of(deepbind(data_folder, "D00410.003", 60)).predict(
        encode(text + "N" * 40)[None]
    )
    assert alone[0, 0] == pytest.approx(5.885349, abs=1e-5)
    assert padded[0, 0] == pytest.approx(5.885349, abs=1e-5)


def test_an_unknown_base_is_a_quarter_of_each_for_deepbind(data_folder):
    """A detector's activation over N: by hand from the file's numbers."""
    folder = data_folder / "deepbind_models"
    model = deepbind(data_folder, "D00655.002", 40).network
    text = (folder / "D00655.002.txt").read_text()
    values = dict(line.split(" = ") for line in text.splitlines()[1:] if "= " in line)
    detectors = np.array(values["detectors"].split(","), dtype=float)
    # (width, 4, filters): the sum over the positions of the mean over the bases
    expected = detectors.reshape(-1, 4, 16).mean(axis=1).sum(axis=0)
    expected += np.array(values["thresholds"].split(","), dtype=float)
    seen = []
    model.rectify.register_forward_hook(lambda _, __, out: seen.append(out))
    predictor_of(built_like(model, 40)).predict(encode("N" * 40)[None])
    result = seen[0][0].numpy()  # (filters, windows)
    assert np.allclose(result, np.maximum(expected, 0)[:, None], atol=1e-5)


def built_like(network, length):
    network.length, network.targets = length, ["bound"]
    return network


# -- DragoNN: its layers once more, in NumPy, as Theano defines them ----------------


def theano(folder, name, text):
    """The logit by loops over what the files say: a convolution turns its kernel."""
    layers = json.loads((folder / f"{name}.arch.json").read_text())["layers"]
    value = one_hot(encode(text)[None])[0].astype(float)[None]  # (1, 4, length)
    with h5py.File(folder / f"{name}.weights.h5") as file:
        for number, layer in enumerate(layers):
            if layer["name"] == "Convolution2D":
                kernel = file[f"layer_{number}/param_0"][()].astype(float)
                value = true_convolution(value, kernel)
                value += file[f"layer_{number}/param_1"][()][:, None, None]
            elif layer["name"] == "Activation" and layer["activation"] == "relu":
                value = np.maximum(value, 0)
            elif layer["name"] == "MaxPooling2D":
                size = layer["pool_size"][1]
                assert layer["strides"] == [1, size]
                whole = value.shape[2] // size
                value = value[:, :, : whole * size]
                value = value.reshape(*value.shape[:2], whole, size).max(axis=3)
            elif layer["name"] == "Dense":
                weight = file[f"layer_{number}/param_0"][()].astype(float)
                value = value.ravel() @ weight + file[f"layer_{number}/param_1"][()]
    return value[0]


def true_convolution(value, kernel):
    """out[f, i, j] = sum of kernel[f, c, r, s] * value[c, i + R-1 - r, j + S-1 - s]."""
    _, _, rows, columns = kernel.shape
    height, width = value.shape[1] - rows + 1, value.shape[2] - columns + 1
    out = np.zeros((len(kernel), height, width))
    for r in range(rows):
        for s in range(columns):
            i, j = rows - 1 - r, columns - 1 - s
            seen = value[:, i : i + height, j : j + width]
            out += np.tensordot(kernel[:, :, r, s], seen, axes=1)
    return out


def test_the_oracle_turns_kernels():
    # As numpy.convolve does: [1, 2] and [1, 0, 0] give 1 * [1, 2, 0 ...], valid part.
    value, kernel = np.array([[[5.0, 7, 11]]]), np.array([[[[1.0, 2]]]])
    assert true_convolution(value, kernel).tolist() == [[[7 + 10, 11 + 14]]]


@pytest.mark.parametrize(
    ("name", "filters"),
    [
        ("one_filter_dragonn", 1),
        ("multi_filter_dragonn", 15),
        ("multi_layer_dragonn", 15),
        ("regularized_multi_layer_dragonn", 15),
    ],
)
def test_dragonn_computes_what_its_files_say(name, filters, data_folder):
    folder = data_folder / "dragonn_models"
    with gzip.open(folder / "example_neg_sequences.fa.gz", "rt") as file:
        texts = [line.strip() for line in file if not line.startswith(">")]
    with_n = [text for text in texts if "N" in text.upper()]
    assert with_n
    texts = texts[:3] + with_n[:2]
    model = built(
        "dragonn.py",
        folder / f"{name}.weights.h5",
        1000,
        settings={"pool": 35},
        first_convolution="0",
        first_activation="1",
    )
    result = predictor_of(model).predict(np.stack([encode(text) for text in texts]))
    expected = [theano(folder, name, text) for text in texts]
    assert np.allclose(result[:, 0], expected, rtol=0, atol=1e-5)
    assert len(set(np.round(expected, 4))) == len(texts)
    layer = FirstLayer(model, 1000)
    assert (layer.filters, layer.geometry.width) == (filters, 10)


# -- scikit-learn: the pipeline before it was taken apart ------------------------------


def test_scikit_learn_predicts_as_it_did_before(tmp_path):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    generator = np.random.default_rng(1)
    texts = ["".join(item) for item in generator.choice(list("ACGT"), (60, 50))]
    texts[::2] = [f"{text[:20]}GATAAG{text[26:]}" for text in texts[::2]]
    label = np.arange(60) % 2 == 0
    counter = CountVectorizer(analyzer="char", lowercase=False, ngram_range=(6, 6))
    pipeline = make_pipeline(counter, LogisticRegression()).fit(texts, label)
    np.savez(
        tmp_path / "w.npz",
        kmers=counter.get_feature_names_out().astype(str),
        coefficients=pipeline[-1].coef_,
        intercept=pipeline[-1].intercept_,
    )
    item = imported("sklearn_kmers.py", tmp_path / "w.npz", settings={"k": 6})
    save_user_model(tmp_path / "model.ckpt", item, weights_content(item), 50, ["bound"])
    result = load_predictor(tmp_path / "model.ckpt").predict(
        np.stack([encode(text) for text in texts])
    )
    expected = pipeline.decision_function(texts)
    assert np.allclose(result[:, 0], expected, rtol=0, atol=1e-5)
    assert ((result[:, 0] > 0) == label).all()
