"""DNA as arrays."""
