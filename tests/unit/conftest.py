"""The stage on which the line is played, for the tests that ask for it."""

from pipeline_stage import stage

__all__ = ["stage"]
