"""Artifacts: from a graph to a folder."""
