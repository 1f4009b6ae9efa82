"""How every single substitution changes a prediction."""
