"""A graph before and after rewriting, run in TensorFlow: rewriting must not change a number beyond float noise."""
