"""What the model is fed, from files or a seed."""
