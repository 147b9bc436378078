"""What a model file says of itself, original or converted: read as data, nothing of it run."""
