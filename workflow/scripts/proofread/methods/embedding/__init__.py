"""Whether k-mers with the same bases lie together in a network's first layer."""
