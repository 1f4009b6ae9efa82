"""Whether k-mers with the same bases are close in a network's first layer."""
