"""The results of a run: their type, their file, its JSON Schema."""
