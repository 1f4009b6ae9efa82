"""How predictions change when the k-mer at each position is replaced."""
