"""Place the -35 and -10 boxes in E. coli's sigma-70 promoters, as BED.

    python tools/sigma70_boxes.py sigma70.raw.txt resources/ecoli_sigma70.meme \
        > resources/ecoli_sigma70_boxes.bed

The promoters are those whose boxes `tools/sigma70_motifs.py` counts (strong or
confirmed evidence). In each, the pair of hexamers that the two counted matrices score
highest is taken, of the pairs that it allows. Column 1 is the name that
`config/ecoli.yaml` reads from the header; positions count from the first of the 81
bases, 0-based and half-open. Standard library only.
"""

import re
import sys

from sigma70_motifs import BASES, PAIRS, pair_probabilities

_NAME = re.compile(r">(?P<name>\S+?_(?:forward|reverse)_\d+)_")


def read_matrices(path):
    """Odds against the background of each motif of a MEME file, by its name."""
    with open(path, encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip()]
    background = [float(cell) for cell in lines[3][1::2]]
    matrices = {}
    for cells in lines[4:]:
        if cells[0] == "MOTIF":
            columns = matrices.setdefault(cells[1], [])
        elif len(cells) == len(BASES):
            odds = zip(BASES, map(float, cells), background, strict=True)
            columns.append({base: value / of for base, value, of in odds})
    return matrices


def read_reliable(path):
    """Names and sequences of the promoters with strong or confirmed evidence."""
    records = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith(">"):
                reliable = line.rstrip().rsplit("_", 1)[-1] in ("Strong", "Confirmed")
                records.append((_NAME.match(line)["name"], reliable, []))
            else:
                records[-1][2].append(line.strip().upper())
    return [(name, "".join(lines)) for name, reliable, lines in records if reliable]


def main(promoters, motifs):
    """Print the two boxes of each promoter."""
    matrices = read_matrices(motifs)
    odds = matrices["minus_35"], matrices["minus_10"]
    for name, sequence in read_reliable(promoters):
        probabilities = pair_probabilities(sequence, *odds)
        best = PAIRS[probabilities.index(max(probabilities))]
        for motif, start in zip(("minus_35", "minus_10"), best, strict=True):
            print(name, start, start + 6, motif, 0, "+", sep="\t")


if __name__ == "__main__":
    main(*sys.argv[1:])
