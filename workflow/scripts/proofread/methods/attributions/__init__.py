"""How much each base adds to a prediction."""
