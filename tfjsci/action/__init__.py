"""The action: a step of a workflow, or the image run by hand. Inputs in; report, comment, annotations and outputs out."""

from tfjsci.action.act import act, main

__all__ = ["act", "main"]
