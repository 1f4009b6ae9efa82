"""Which patterns recur in attributions (TF-MoDISco)."""
