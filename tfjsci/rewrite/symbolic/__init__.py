"""Sizes that only a run tells, as expressions over the inputs' sizes: what shapes and shape arithmetic come to."""
