"""Whether a convolution pads, and so whether adding to its input is the same as adding to its output."""

from __future__ import annotations

from tfjsci.graph.graph import Array, Graph, Node
from tfjsci.rewrite.channels import TRANSPOSED
from tfjsci.rewrite.pattern import ops_in


def pads(graph: Graph, node: Node, kernel: Array) -> str | None:
    """Why what is added to every value of the node's input isn't met by every weight at each place, or None if it is.

    A convolution that pads puts zeros where the input ends, to which nothing was added; a transposed one meets fewer weights
    there.
    """
    if "MatMul" in node.op:
        return None
    taps = kernel.shape[:-2]
    if node.op in ops_in(TRANSPOSED):
        strides = _spatial(node, "strides", len(taps))
        return (
            None if set(taps) == {1} == set(strides) else "at the borders a transposed convolution meets fewer weights"
        )
    padding = node.attrs.get("padding")
    if padding == b"VALID":
        return None
    if padding == b"EXPLICIT":
        around = node.attrs.get("explicit_paddings")
        return "the convolution pads" if isinstance(around, tuple) and any(around) else None
    known = graph.type_of(node.inputs[0])
    sizes = known.shape[1:-1] if known is not None and known.shape is not None else (None,) * len(taps)
    steps, apart = _spatial(node, "strides", len(taps)), _spatial(node, "dilations", len(taps))
    reached = ((n - 1) * d + 1 for n, d in zip(taps, apart, strict=True))
    if all(_fits(size, step, reach) for size, step, reach in zip(sizes, steps, reached, strict=True)):
        return None
    return "the convolution pads"


def _fits(size: int | None, step: int, reach: int) -> bool:
    """Whether SAME adds nothing along a dimension."""
    if reach <= 1:
        return True
    return size is not None and (-(-size // step) - 1) * step + reach <= size


def _spatial(node: Node, name: str, dimensions: int) -> tuple[int, ...]:
    """Strides or dilations without those of the batch and the channels."""
    numbers = node.attrs.get(name)
    if not isinstance(numbers, tuple) or len(numbers) != dimensions + 2:
        return (1,) * dimensions
    return tuple(n for n in numbers[1:-1] if isinstance(n, int))
