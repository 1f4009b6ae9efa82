"""Maps of own sequences are judged: two seeds, negative controls, the page."""

import numpy as np
import pytest

from proofread.dna.encoding import decode
from proofread.motifs.files import write_meme
from proofread.tables import read_table
from runs import TINY, prepare, run
from test_motif_families import of_bases

# Half of the sequences hold it; they are the positives.
SITE = "TTTCCGGGAA"


@pytest.mark.slow
def test_own_sequences_are_judged_beside_negative_controls(tmp_path):
    rng = np.random.default_rng(7)
    rows = []
    for number in range(240):
        text = decode(rng.integers(0, 4, 60).astype(np.uint8))
        if number % 2:
            text = text[:20] + SITE + text[30:]
        rows.append(f"s{number}\t{text}\t{number % 2}\n")
    settings = {
        "analyses": [
            *("attributions", "saturation_mutagenesis"),
            *("motif_tests", "motif_insertion", "faithfulness"),
        ],
        "negative_controls": ["untrained", "shuffled"],
        "datasets": {
            "mine": {
                "source": "table",
                "table": {"path": "mine.tsv"},
                "sequences": {"column": "sequence"},
                "targets": ["bound"],
                "split": {"by": "stratified"},
            }
        },
        "methods": {
            "attributions": {"kinds": ["saliency", "deeplift_shap"]},
            "faithfulness": {"resamples": 100, "remade_sequences": 8},
            "motif_tests": {"motifs_file": "sites.meme", "resamples": 20},
            "motif_insertion": {
                "motifs_file": "sites.meme",
                "backgrounds": 10,
                "step": 5,
                "resamples": 20,
            },
        },
    }
    folder = prepare(tmp_path / "own", TINY | settings)
    (folder / "config/experiments.tsv").write_text(
        "dataset\tmodel\tseed\nmine\ttiny\t1\nmine\ttiny\t2\n"
    )
    motifs = [of_bases("site", SITE), of_bases("other", "GAGCTCGAGC")]
    write_meme(folder / "sites.meme", motifs)
    (folder / "mine.tsv").write_text("id\tsequence\tbound\n" + "".join(rows))
    run(folder, "--cores", "2")
    results = folder / "results/mine"
    tables = [
        read_table(results / f"tiny/seed{seed}/faithfulness/table.tsv")
        for seed in (1, 2)
    ]
    for table in tables:
        own = table[(table["unit"] != "sd") & (table["kind"] != "random")]
        deletion = own[own["quantity"] == "deletion_above_random"]
        assert (deletion["ci_low"] > 0).all()
        # Those of the first seed are beside both seeds.
        assert own.loc[own["n"] > 0, "untrained"].notna().sum() > 20
        assert deletion["shuffled"].notna().all()
    over = [
        table[table["quantity"] == "agreement_over_seeds"].set_index("kind")["value"]
        for table in tables
    ]
    # Each of two seeds is compared with the other.
    np.testing.assert_allclose(over[0], over[1], rtol=1e-4)
    assert not (results / "tiny.untrained/seed2").exists()
    log = (folder / "logs/faithfulness/mine_tiny_seed1.log").read_text()
    assert "layers drawn anew: 3, down to convolution1" in log
    for network in ("tiny/seed1", "tiny.untrained/seed1"):
        pairs = read_table(results / network / "faithfulness/families_agreement.tsv")
        assert pairs[["first", "second"]].to_numpy().tolist() == [
            ["motif_tests", "motif_insertion"]
        ]
    # Neither motif is like the other.
    assert read_table(results / "motif_families.tsv")["family"].tolist() == [1, 2]
    page = (folder / "results/report.html").read_text()
    assert "Families of motifs that both name" in page
    assert "agreement over seeds" in page
    assert "deeplift shap" in page
