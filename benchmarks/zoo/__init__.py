"""Nets as people use them, and what tfjsci makes of them beside upstream: ``python -m benchmarks.zoo``."""
