"""Results in, text out. Nothing is judged here."""
