"""Two sets of outputs against each other, in numbers."""
