"""``quantize: auto``: the smallest download that meets thresholds, weight by weight."""
