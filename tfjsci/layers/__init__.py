"""Keras' configs and weights as TensorFlow.js layers models, without TensorFlow or Keras."""
