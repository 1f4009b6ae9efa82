"""A network's predictions along contigs."""
