"""Loops and branches: their functions typed, simplified, unrolled and written so that the runtime keeps what they need."""
