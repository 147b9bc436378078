"""What each scheme costs in accuracy and saves in bytes, beside upstream's: ``python -m benchmarks.quantized``."""
