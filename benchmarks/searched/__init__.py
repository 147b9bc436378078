"""``quantize: auto`` beside upstream's schemes: ``python -m benchmarks.searched``."""
