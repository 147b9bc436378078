"""The TensorFlow.js formats as bytes and JSON."""
