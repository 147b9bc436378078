"""An artifact and the one it follows: what changed in size, ops and numbers, and whether it became faster."""
