"""Weights in fewer bits: schemes, the ranges that cost least, and rounding. Pure numpy."""
