"""f(x * s)  ->  f(x) * s';   f(x * s + t)  ->  f(x + t / s) * s

where f passes a factor on (a Relu, a pool, a mean, a Pad, a Reshape …) and it ends in the kernel of a layer behind, or f
makes the tensor smaller. A batch norm before Relu and Dense is an addition then. (Of images it is one kernel with the Relu:
``affine_as_depthwise``.) A Relu and a maximum pass on positive factors only.
"""

from __future__ import annotations

from tfjsci.graph.graph import Array
from tfjsci.rewrite.affine import (
    along_channels,
    beside,
    depthwise_channels,
    flat,
    new_constant,
    plus,
    stretched,
    times,
    unknown_rank,
    unscaled,
)
from tfjsci.rewrite.channels import made_of, other_axis
from tfjsci.rewrite.passing import (
    RECTIFIERS,
    SCALE_PASSES,
    SHRINKING,
    is_linear,
    scale_behind,
    scale_ends_in_kernel,
)
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source, kept


def rewrite(match: Match) -> Replacement | Declined:
    """f on what was scaled, and the Mul behind it."""
    f, scale, x = match.root, match.value("scale"), match.tensors["x"]
    behind = _behind(match)
    if isinstance(behind, str):
        return Declined(reason=behind)
    if reason := unknown_rank(match.graph, f.name, behind):
        return Declined(reason=reason)
    if f.op not in SHRINKING and not scale_ends_in_kernel(match.graph, f.name, behind):
        return Declined(reason="no kernel behind could take the factor in")
    before: Source = x
    if "shift" in match.tensors:
        if reason := other_axis(match.nodes["addition"]):
            return Declined(reason=reason)
        if f.op == "Relu" and isinstance(depthwise_channels(match.graph, x), int):
            return Declined(reason="factor, shift and Relu are one depthwise convolution, which is a kernel less")
        shift = match.value("shift")
        quotient = unscaled(flat(shift.value), flat(scale.value), shift.value.dtype)
        if isinstance(quotient, str):
            return Declined(reason=quotient)
        moved = new_constant(match.tensors["shift"], beside(match.graph, x, quotient), made_of(shift, scale))
        name = match.nodes["addition"].name
        before = NewNode(name=name, op="AddV2", inputs=(x, moved), attrs={"T": match.nodes["scaled"].attrs["T"]})
    made = NewNode(name="", op=f.op, inputs=(before, *f.inputs[1:]), attrs=kept(f))
    again = new_constant(match.tensors["scale"], beside(match.graph, f.name, behind), scale.sources)
    return Replacement(
        root=NewNode(name=f.name, op="Mul", inputs=(made, again), attrs={"T": match.nodes["scaled"].attrs["T"]})
    )


def _behind(match: Match) -> Array | str:
    f, scale, x = match.root, match.value("scale"), match.tensors["x"]
    for name in ("scale", "shift"):
        if name not in match.tensors:
            continue
        value = match.value(name).value
        if not along_channels(value):
            return f"the constant's shape {value.shape} isn't one number for each channel"
        if reason := stretched(match.graph, x, value):
            return reason
    if is_linear(match.graph, x):
        return "what is scaled is the result of a kernel, which takes the factor in"
    if scale.value.dtype.kind != "f":
        return "the factor isn't floating"
    return scale_behind(match.graph, f, flat(scale.value))


_SCALED = times(any_tensor("x"), "scale", name="scaled")

RULES = (
    Rule(
        name="sink_scale",
        equation="f(x * s) -> f(x) * s'",
        pattern=op("|".join(sorted(SCALE_PASSES)), _SCALED, name="f"),
        rewrite=rewrite,
        where="a kernel behind takes the factor in, or f makes less of the tensor; a Relu and a maximum: s is positive",
    ),
    Rule(
        name="sink_scale_with_shift",
        equation="f(x * s + t) -> f(x + t / s) * s",
        pattern=op("|".join(sorted(RECTIFIERS)), plus(_SCALED, "shift", name="addition"), name="f"),
        rewrite=rewrite,
        where="a kernel behind takes the factor in, s is positive, and affine_as_depthwise doesn't take all of it",
    ),
)
