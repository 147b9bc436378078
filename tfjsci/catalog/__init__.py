"""Which TensorFlow ops TensorFlow.js runs, on which backends, and a graph held against that."""
