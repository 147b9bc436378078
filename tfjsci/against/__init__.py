"""Getting a base to hold a run against, from a folder or out of git, and holding a model against it."""
