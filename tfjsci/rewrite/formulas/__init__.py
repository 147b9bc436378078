"""What several lowerings compute with: contractions, windows, diagonals, Fourier matrices, and how a rank or size is known."""
