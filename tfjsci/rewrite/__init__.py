"""Rewriting a graph: engine, rules, and the order of the stages."""
