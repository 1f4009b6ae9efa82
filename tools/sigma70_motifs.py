"""Count the -35 and -10 boxes of E. coli's sigma-70 promoters: resources/*.meme.

    python tools/sigma70_motifs.py sigma70.raw.txt > resources/ecoli_sigma70.meme

The input is Dataset/Benchmark_dataset/sigma_subtypes/sigma70.txt of
github.com/occasumlux/Promoters (MIT), 81 bp with the start of transcription at
index 60; its promoters are RegulonDB 9.3's. Those whose evidence RegulonDB calls
strong or confirmed are counted.

Expectation maximisation (Lawrence and Reilly 1990, doi:10.1002/prot.340070105) with
one pair of hexamers in every promoter: each allowed pair of places has the
probability that the two matrices and the background give it, and counts as much.
It begins with the textbook's TTGACA and TATAAT. Standard library only.
"""

import sys
from collections import Counter

BASES = "ACGT"
TSS = 60  # index of +1
ROUNDS = 60  # 40 more change no frequency by more than 0.001
# The -10 hexamer ends 3 to 8 bases before +1; 15 to 19 bases lie between the two.
STARTS_10 = range(TSS - 14, TSS - 8)
SPACERS = range(15, 20)
PAIRS = [(start - spacer - 6, start) for start in STARTS_10 for spacer in SPACERS]
STARTS_35 = sorted({start for start, _ in PAIRS})


def read_reliable(path):
    """Sequences of a FASTA file by the evidence in the header, in upper case."""
    records = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith(">"):
                evidence = line.rstrip().rsplit("_", 1)[-1]
                records.append((evidence in ("Strong", "Confirmed"), []))
            else:
                records[-1][1].append(line.strip().upper())
    return ["".join(lines) for reliable, lines in records if reliable]


def frequencies(words, pseudocount=0.0):
    """Columns of base frequencies of weighted words: a list of (word, weight)."""
    columns = [Counter() for _ in words[0][0]]
    for word, weight in words:
        for column, base in zip(columns, word, strict=True):
            column[base] += weight
    total = sum(weight for _, weight in words) + 4 * pseudocount
    return [{b: (column[b] + pseudocount) / total for b in BASES} for column in columns]


def pair_probabilities(sequence, odds_35, odds_10):
    """Probability of each of `PAIRS`, given that one of them is the promoter's."""
    scores_35 = {start: likelihood(sequence, start, odds_35) for start in STARTS_35}
    scores_10 = {start: likelihood(sequence, start, odds_10) for start in STARTS_10}
    scores = [scores_35[a] * scores_10[b] for a, b in PAIRS]
    total = sum(scores)
    return [score / total for score in scores]


def likelihood(sequence, start, odds):
    """How much likelier a matrix makes a hexamer than the background does."""
    product = 1.0
    for column, base in zip(odds, sequence[start : start + 6], strict=True):
        product *= column[base]
    return product


def weighted_words(sequences, probabilities, box, before=0):
    """Every allowed hexamer of one box, and `before` bases more, with its weight."""
    return [
        (sequence[pair[box] - before : pair[box] + 6], weight)
        for sequence, weights in zip(sequences, probabilities, strict=True)
        for pair, weight in zip(PAIRS, weights, strict=True)
    ]


def find_pairs(sequences, background):
    """Probability of each pair in each sequence, by expectation maximisation."""
    matrices = [frequencies([(word, 4)], 0.25) for word in ("TTGACA", "TATAAT")]
    for _ in range(ROUNDS):
        odds = [
            [{b: column[b] / background[b] for b in BASES} for column in matrix]
            for matrix in matrices
        ]
        probabilities = [pair_probabilities(sequence, *odds) for sequence in sequences]
        matrices = [
            frequencies(weighted_words(sequences, probabilities, box), 0.25)
            for box in (0, 1)
        ]
    return probabilities


def meme(motifs, background):
    """MEME's minimal text format."""
    letters = " ".join(f"{base} {background[base]:.4f}" for base in BASES)
    blocks = [
        "MEME version 4",
        "ALPHABET= ACGT",
        f"Background letter frequencies:\n{letters}",
    ]
    for name, words in motifs.items():
        matrix = frequencies(words)
        sites = sum(weight for _, weight in words)
        head = f"letter-probability matrix: alength= 4 w= {len(matrix)}"
        rows = [" ".join(f"{column[base]:.4f}" for base in BASES) for column in matrix]
        blocks.append(
            "\n".join([f"MOTIF {name}", f"{head} nsites= {sites:.0f}", *rows])
        )
    return "\n\n".join(blocks) + "\n"


def main(path):
    """Read, find, count, write."""
    sequences = read_reliable(path)
    background = frequencies([(base, 1) for base in "".join(sequences)])[0]
    result = find_pairs(sequences, background)
    extended = weighted_words(sequences, result, box=1, before=3)
    motifs = {
        "minus_35": weighted_words(sequences, result, box=0),
        "minus_10": weighted_words(sequences, result, box=1),
        # TG one base before the -10 hexamer makes it an extended one.
        "extended_minus_10": [item for item in extended if item[0].startswith("TG")],
    }
    sys.stdout.write(meme(motifs, background))


if __name__ == "__main__":
    main(sys.argv[1])
