"""Ops that TensorFlow.js doesn't have, said in ops that it has: one a file."""
