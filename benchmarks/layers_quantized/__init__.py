"""Layers models in eight bits: what ranges and rounding are worth there, in the browser."""
