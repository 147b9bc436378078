"""Rounding with the model's own activations: what each weight is multiplied with, and so which errors it can afford."""
