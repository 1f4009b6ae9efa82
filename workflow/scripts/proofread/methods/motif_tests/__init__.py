"""Whether predictions depend on motifs, their order and their distance."""
