"""The graph type, and its edges to TensorFlow."""
