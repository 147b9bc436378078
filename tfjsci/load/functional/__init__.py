"""Control flow of TensorFlow 1, nodes of the graph itself, made TensorFlow 2's: loops and branches that run functions."""
