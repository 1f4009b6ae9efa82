"""Which sequences each filter of the first layer recognises."""
