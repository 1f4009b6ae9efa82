"""Which known motifs each filter resembles."""
