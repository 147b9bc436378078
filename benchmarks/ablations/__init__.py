"""Ideas for better rounding, each measured with and without: ``python -m benchmarks.ablations``."""
