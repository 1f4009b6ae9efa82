"""Motifs whose instances are always the same k-mer."""


def write_kmers(path, kmers):
    """Write k-mers as motifs in MEME format: each column has one base.

    Parameters
    ----------
    path : path
    kmers : dict of str to str
        By the name of the motif.

    Returns
    -------
    str
        The path.
    """
    lines = ["MEME version 4", "ALPHABET= ACGT", "strands: + -"]
    for name, kmer in kmers.items():
        lines.append(f"MOTIF {name}")
        lines.append(f"letter-probability matrix: alength= 4 w= {len(kmer)}")
        lines += [" ".join(str(int(base == b)) for b in "ACGT") for base in kmer]
    path.write_text("\n".join(lines) + "\n")
    return str(path)
