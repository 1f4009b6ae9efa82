"""Place E. coli's promoters on the genome: resources/ecoli_tss.bed.

    python tools/ecoli_tss.py positive2860.raw.txt genome.fna.gz > ecoli_tss.bed

The promoters are Dataset/Benchmark_dataset/promoter_and_non-promoter/positive2860.txt
of github.com/occasumlux/Promoters (MIT; RegulonDB 9.3), 81 bp with the start of
transcription, in upper case, at index 60; the genome is MG1655's, NC_000913.3. A
promoter stands where its 81 bases do, on either strand; of several places the one
nearest to the position in its header counts. Copies are left out. Standard library
only.
"""

import gzip
import re
import sys

TSS = 60  # index of +1
_HEADER = re.compile(r"ECK\d+_(?P<name>\S+?)_(?:forward|reverse)_(?P<position>\d+)_")
_COMPLEMENT = str.maketrans("ACGT", "TGCA")


def read_fasta(lines):
    """Yield header and sequence, in upper case."""
    header, parts = None, []
    for line in lines:
        if line.startswith(">"):
            if header is not None:
                yield header, "".join(parts).upper()
            header, parts = line[1:].rstrip(), []
        else:
            parts.append(line.strip())
    yield header, "".join(parts).upper()


def place(sequence, genome, stated):
    """Start of transcription (0-based) and strand, nearest to where it is stated.

    Most stand exactly there; only for the others the genome is searched.
    """
    reverse = sequence.translate(_COMPLEMENT)[::-1]
    ways = [(sequence, "+", TSS), (reverse, "-", len(sequence) - 1 - TSS)]
    for bases, strand, offset in ways:
        if genome.startswith(bases, stated - offset):
            return stated, strand
    result = []
    for bases, strand, offset in ways:
        start = genome.find(bases)
        while start >= 0:
            result.append((start + offset, strand))
            start = genome.find(bases, start + 1)
    return min(result, key=lambda item: abs(item[0] - stated))


def main(promoters, genome):
    """Print one line of BED for each promoter, by position."""
    with gzip.open(genome, "rt") as file:
        header, bases = next(read_fasta(file))
    contig = header.split()[0]
    with open(promoters, encoding="utf-8") as file:
        records = {sequence: header for header, sequence in read_fasta(file)}
    rows = []
    for sequence, header in records.items():
        match = _HEADER.match(header)
        position, strand = place(sequence, bases, int(match["position"]) - 1)
        rows.append((position, strand, match["name"]))
    for position, strand, name in sorted(rows):
        print(contig, position, position + 1, name, 0, strand, sep="\t")


if __name__ == "__main__":
    main(*sys.argv[1:])
