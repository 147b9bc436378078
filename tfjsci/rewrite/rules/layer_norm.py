"""x * g + (b - m * g)  ->  (x - m) * r * c + b,   where g = r * c, r = rsqrt(variance + epsilon), m = Mean(x)

LayerNormalization and GroupNormalization as Keras 3 and tf.nn write them, also as TensorFlow joins their sum with what
is added to it (AddN). Factor and shift are as large as x there, and m is subtracted three times; here once, which is
also what the variance is made of. The constants come last, where the next kernel can take them in; or first, where r *
c is smaller than x. More exact where the mean is large against the deviation: x * g - m * g cancels.
"""

from __future__ import annotations

from itertools import permutations

from tfjsci.rewrite.pattern import Match, OpPattern, Pattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source, again, kept


def rewrite(match: Match) -> Replacement | Declined:
    """Mean, Sub, Square, Mean, AddV2, Rsqrt, Mul, and what there is of constants."""
    mean, variance, root = match.nodes["mean"], match.nodes["variance"], match.root
    addends = [match.tensors[name] for name in ("offset", "rest") if name in match.tensors]
    if root.op == "AddN" and len(root.inputs) != 2 + len(addends):
        return Declined(reason="there are more addends")
    if not (mean.attrs.get("keep_dims") and variance.attrs.get("keep_dims")):
        return Declined(reason="the mean hasn't the dimensions of what it is subtracted from")
    dtype = {"T": root.attrs["T"]}
    middle = again(mean)
    x = match.tensors["x"]
    apart = NewNode(name=f"{root.name}/sub", op="Sub", inputs=(x, middle), attrs=dtype)
    squares = NewNode(name=match.nodes["squares"].name, op="Square", inputs=(apart,), attrs=dtype)
    spread = NewNode(name=variance.name, op="Mean", inputs=(squares, variance.inputs[1]), attrs=kept(variance))
    shifted = match.nodes["shifted"]
    inner = NewNode(name=shifted.name, op="AddV2", inputs=(spread, match.tensors["epsilon"]), attrs=dtype)
    inverse: Source = NewNode(name=match.nodes["inverse"].name, op="Rsqrt", inputs=(inner,), attrs=dtype)
    made: Source = apart
    factors: list[Source] = [inverse]
    if "scale" in match.tensors:
        factors.append(match.tensors["scale"])
        if _smaller(match):
            factors = [NewNode(name=match.nodes["factor"].name, op="Mul", inputs=tuple(factors), attrs=dtype)]
    steps: list[tuple[str, Source]] = [*(("Mul", factor) for factor in factors), *(("AddV2", each) for each in addends)]
    for i, (name, operand) in enumerate(steps, 1):
        wanted = root.name if i == len(steps) else f"{root.name}/{name.lower()}"
        made = NewNode(name=wanted, op=name, inputs=(made, operand), attrs=dtype)
    assert isinstance(made, NewNode)
    return Replacement(root=made)


def _smaller(match: Match) -> bool:
    """Whether r * c has fewer values than x: a dimension is reduced along which c is one number, too."""
    known = match.graph.type_of(match.tensors["x"])
    reduced = match.graph.type_of(match.nodes["mean"].name)
    if known is None or known.shape is None or reduced is None or reduced.shape is None:
        return False
    scale = match.value("scale").value.shape
    if len(scale) > len(known.shape):
        return False
    aligned = (1,) * (len(known.shape) - len(scale)) + scale
    return any(
        one == other == 1 and size != 1 for one, other, size in zip(reduced.shape, aligned, known.shape, strict=True)
    )


MEAN = op("Mean", any_tensor("x"), constant("axes"), name="mean")
INVERSE = op(
    "Rsqrt",
    op(
        "AddV2|Add",
        op(
            "Mean",
            op("SquaredDifference", any_tensor("x"), MEAN, name="squares", either_order=True),
            constant("variance_axes"),
            name="variance",
        ),
        constant("epsilon"),
        name="shifted",
        either_order=True,
    ),
    name="inverse",
)
SCALED = op("Mul", INVERSE, constant("scale"), name="factor", either_order=True)


def _spellings(factor: OpPattern) -> tuple[OpPattern, ...]:
    """The ways to write it: Keras adds the mean's negative, tf.nn subtracts; with an offset, and without one; and in one sum."""
    scaled = op("Mul", any_tensor("x"), factor, name="scaled", either_order=True)
    times_mean = op("Mul", MEAN, factor, name="scaled_mean", either_order=True)
    negative = op("Mul", op("Neg", MEAN, name="negative"), factor, name="scaled_mean", either_order=True)
    offset, rest = constant("offset"), any_tensor("rest")
    sums: tuple[tuple[Pattern, ...], ...] = (
        (scaled, negative, offset),
        (scaled, negative, rest),
        (scaled, negative, offset, rest),
    )
    return (
        *(op("AddN", *order, name="normed") for addends in sums for order in permutations(addends)),
        op(
            "AddV2|Add",
            scaled,
            op("AddV2|Add", negative, offset, name="shift", either_order=True),
            name="normed",
            either_order=True,
        ),
        op("AddV2|Add", scaled, op("Sub", offset, times_mean, name="shift"), name="normed", either_order=True),
        op("AddV2|Add|AddN", scaled, negative, name="normed", either_order=True),  # an offset may stand behind it
        op("Sub", scaled, times_mean, name="normed"),
    )


RULES = tuple(
    Rule(
        name=name,
        equation="x * g + (b - m * g) -> (x - m) * r * c + b",
        pattern=pattern,
        rewrite=rewrite,
        where="g = r * c, r = rsqrt(variance + epsilon) and m is the mean",
    )
    for name, factor in (("layer_norm", SCALED), ("layer_norm_without_scale", INVERSE))
    for pattern in _spellings(factor)
)
