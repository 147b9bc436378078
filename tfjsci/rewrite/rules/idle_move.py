"""Pad by 0, Slice of everything, Tile by 1, Transpose by 0, 1, 2 …, AddN of one  ->  x

What moves or copies numbers without changing one of them: left behind by what was folded, or written by whoever exports a layer
for any setting.
"""

from __future__ import annotations

from collections.abc import Callable

from tfjsci.graph.graph import DType
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule
from tfjsci.rewrite.symbolic.sizes import sizes_of


def rewrite(match: Match) -> Replacement | Declined:
    """An Identity, which falls away."""
    root, tensor = match.root, match.tensors["x"]
    sizes = sizes_of(match.graph)
    before, after = sizes.shape(tensor), sizes.shape(root.name)
    known = match.graph.type_of(root.name)
    if known is None or not IDLE[root.op](match):
        return Declined(reason="it isn't known to change nothing", moot=True)
    if root.op != "AddN" and (before is None or before != after):
        return Declined(reason="the result isn't known to have the shape of the operand", moot=True)
    attrs = {"T": DType(known.dtype)}
    return Replacement(root=NewNode(name="", op="Identity", inputs=(tensor,), attrs=attrs))


def _numbers(match: Match, index: int) -> list[int] | None:
    value = match.graph.constant(match.root.inputs[index])
    return None if value is None else [int(n) for n in value.value.reshape(-1)]


def _unpadded(match: Match) -> bool:
    around = _numbers(match, 1)
    return around is not None and not any(around)


def _same_shape(_: Match) -> bool:
    """A part that is as large as the whole is the whole."""
    return True


def _unstepped(match: Match) -> bool:
    steps = _numbers(match, 3)
    moved = any(match.root.attrs.get(f"{name}_mask") for name in ("new_axis", "shrink_axis"))
    return steps is not None and all(step == 1 for step in steps) and not moved


def _once(match: Match) -> bool:
    times = _numbers(match, 1)
    return times is not None and all(n == 1 for n in times)


def _in_order(match: Match) -> bool:
    order = _numbers(match, 1)
    return order is not None and [n % len(order) for n in order] == list(range(len(order)))


IDLE: dict[str, Callable[[Match], bool]] = {
    "AddN": lambda match: len(match.root.inputs) == 1,
    "BroadcastTo": _same_shape,
    "MirrorPad": _unpadded,
    "Pad": _unpadded,
    "PadV2": _unpadded,
    "Slice": _same_shape,
    "StridedSlice": _unstepped,
    "Tile": _once,
    "Transpose": _in_order,
}
"""By op whether nothing changes, where the shape stays what it was."""

RULE = Rule(
    name="idle_move",
    equation="Pad(x, 0), Slice(x, all), Tile(x, 1), Transpose(x, in order), AddN(x) -> x",
    pattern=op("|".join(IDLE), any_tensor("x"), name="f"),
    rewrite=rewrite,
)
