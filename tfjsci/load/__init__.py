"""Sources: one format a file."""
