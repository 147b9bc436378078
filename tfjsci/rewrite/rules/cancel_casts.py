"""Cast(Cast(x))  ->  x, or Cast(x)

where the inner one keeps every value, so that the outer one finds what x holds: bool to float and back, an integer to a wider
one. A float made an integer, or an int32 made a float32, loses values: those stay.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import DType
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule

_WIDER: dict[str, frozenset[str]] = {
    "bool": frozenset(
        {"int8", "uint8", "int16", "uint16", "int32", "int64", "float16", "bfloat16", "float32", "float64"}
    ),
    "int8": frozenset({"int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"}),
    "uint8": frozenset({"int16", "uint16", "int32", "int64", "float16", "bfloat16", "float32", "float64"}),
    "int16": frozenset({"int32", "int64", "float32", "float64"}),
    "uint16": frozenset({"int32", "int64", "float32", "float64"}),
    "int32": frozenset({"int64", "float64"}),
    "float16": frozenset({"float32", "float64"}),
    "bfloat16": frozenset({"float32", "float64"}),
    "float32": frozenset({"float64"}),
}
"""By dtype those that hold all its values: floats have 11 (float16), 8 (bfloat16), 24 (float32) or 53 bits for whole numbers."""


def keeps_all(source: str, target: str) -> bool:
    """Whether every value of one dtype is one of the other."""
    return source == target or target in _WIDER.get(source, ())


def rewrite(match: Match) -> Replacement | Declined:
    """One Cast, or none."""
    inner, outer = match.nodes["inner"], match.root
    source, between, target = (
        _dtype(inner.attrs.get("SrcT")),
        _dtype(inner.attrs.get("DstT")),
        _dtype(outer.attrs.get("DstT")),
    )
    if not keeps_all(source, between):
        return Declined(reason=f"{between} doesn't hold every {source}")
    if source == target:
        return _identity(match, target)
    if not keeps_all(source, target):
        return Declined(reason=f"{target} doesn't hold every {source}: what is made of one may differ by the way")
    attrs = {**outer.attrs, "SrcT": DType(source)}
    return Replacement(root=NewNode(name="", op="Cast", inputs=(match.tensors["x"],), attrs=attrs))


def left_out(match: Match) -> Replacement | Declined:
    """An Identity, which falls away."""
    source, target = (_dtype(match.root.attrs.get(name)) for name in ("SrcT", "DstT"))
    if source != target:
        return Declined(reason=f"it makes {target} of {source}", moot=True)
    return _identity(match, target)


def compared(match: Match) -> Replacement | Declined:
    """The bool itself."""
    if _dtype(match.nodes["inner"].attrs.get("SrcT")) != "bool":
        return Declined(reason="it is no bool that was cast", moot=True)
    zero = match.value("zero").value
    if zero.ndim or np.any(zero != 0):
        return Declined(reason="it isn't compared with 0")
    return _identity(match, "bool")


def _identity(match: Match, dtype: str) -> Replacement:
    return Replacement(root=NewNode(name="", op="Identity", inputs=(match.tensors["x"],), attrs={"T": DType(dtype)}))


def _dtype(attr: object) -> str:
    return attr.name if isinstance(attr, DType) else ""


_CAST = op("Cast", any_tensor("x"), name="inner")

RULE = Rule(
    name="cancel_casts",
    equation="Cast(Cast(x)) -> Cast(x)",
    pattern=op("Cast", _CAST, name="outer"),
    rewrite=rewrite,
    where="or x; no value is lost between",
)
IDLE = Rule(
    name="idle_cast",
    equation="Cast(x, dtype of x) -> x",
    pattern=op("Cast", any_tensor("x"), name="cast"),
    rewrite=left_out,
)
COMPARED = Rule(
    name="cancel_casts_compared",
    equation="NotEqual(Cast(x), 0) -> x",
    pattern=op("NotEqual", _CAST, constant("zero"), name="different", either_order=True),
    rewrite=compared,
    where="x is a bool",
)

RULES = (RULE, IDLE, COMPARED)
