"""A tuned model through the workflow: candidates, choice, networks, report."""

import pytest
import yaml

from proofread.models.checkpoint import load_model
from proofread.tables import read_table
from proofread.training.tuning import read_choice

from .test_workflow import MODEL, PRESENCE, prepare, snakemake

SHORT = {**MODEL["training"], "epochs": 1}
CANDIDATES = {
    "small": {**MODEL, "training": SHORT},
    "other": {"architecture": "koo_cnn", "training": SHORT},
}


@pytest.mark.slow
def test_a_tuned_model_enters_the_experiments(tmp_path):
    folder = prepare(tmp_path / "run", PRESENCE)
    configuration = yaml.safe_load((folder / "tiny.yaml").read_text())
    configuration["analyses"] = []
    configuration["models"] = {"tuned": {"tune": {"candidates": CANDIDATES}}}
    (folder / "tiny.yaml").write_text(yaml.safe_dump(configuration, sort_keys=False))
    rows = "presence\ttuned\t1\npresence\ttuned\t2\n"
    (folder / "tiny.tsv").write_text("dataset\tmodel\tseed\n" + rows)
    control = "results/presence/tuned.untrained/seed1/model.ckpt"
    targets = ("results/report.html", control)
    snakemake(folder, "--cores", "2", *targets)
    results = folder / "results" / "presence"
    choice = read_choice(results / "tuned/tune/choice.json")
    table = read_table(results / "tuned/tune/tune.tsv")
    assert sorted(table["candidate"]) == ["other", "small"]
    assert table["candidate"][0] == choice["candidate"]
    architecture = CANDIDATES[choice["candidate"]]["architecture"]
    assert choice["model"]["architecture"] == architecture
    # The seed of the candidates: the very network. Another seed: another network.
    first, second, chosen, untrained = (
        results / path / "model.ckpt"
        for path in (
            *("tuned/seed1", "tuned/seed2", f"tuned.{choice['candidate']}/seed1"),
            "tuned.untrained/seed1",
        )
    )
    assert first.read_bytes() == chosen.read_bytes() != second.read_bytes()
    sizes = {
        tuple(values.shape for values in load_model(path).state_dict().values())
        for path in (first, second, untrained)
    }
    assert len(sizes) == 1
    page = (folder / "results/report.html").read_text()
    assert f"Chosen: {choice['candidate']} ({architecture}," in page
    assert "Nothing to be done" in snakemake(folder, "-n", *targets)
    # The untrained networks of tomtom have the chosen settings, too.
    configuration["analyses"] = ["filter_pfms", "tomtom"]
    (folder / "tiny.yaml").write_text(yaml.safe_dump(configuration, sort_keys=False))
    filters = "results/presence/tuned.untrained/filters.meme"
    snakemake(folder, "--cores", "2", filters)
    ((first_layer, *_),) = sizes
    last = f"MOTIF filter{first_layer[0] - 1}_untrained"
    assert last in (folder / filters).read_text()
