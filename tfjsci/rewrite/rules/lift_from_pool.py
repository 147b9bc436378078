"""f(Pool(linear(x, w)), c)  ->  Pool(f(linear(x, w), c))

where f is batch norm, a bias or an activation behind a pool: before it, the kernel takes f in. A maximum takes what keeps
the order of numbers, a mean what is a factor or an addend.
"""

from __future__ import annotations

from tfjsci.rewrite.affine import ADDITIONS, along_channels, flat, positive
from tfjsci.rewrite.channels import LINEAR, not_linear, other_axis, output_channels
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source, again, kept

ACTIVATIONS = "Elu|LeakyRelu|Relu|Relu6|Sigmoid"
"""What can be fused, none of which turns the order of numbers round (a LeakyRelu of negative slope does)."""


def rewrite(match: Match) -> Replacement | Declined:
    """The pool last."""
    f, pool, linear = match.root, match.nodes["pool"], match.nodes["linear"]
    kernel = match.value("kernel").value
    if reason := not_linear(linear, kernel) or other_axis(f) or other_axis(match.nodes.get("inner", linear)):
        return Declined(reason=reason)
    if "c" in match.tensors:
        value = match.value("c").value
        if not along_channels(value) or value.ndim > 4 or value.size not in (1, output_channels(linear, kernel)):
            return Declined(reason=f"the constant's shape {value.shape} isn't one number for each channel")
        if f.op == "BiasAdd" and f.inputs[0] != pool.name:
            return Declined(reason="it is the bias that is pooled")
        if f.op == "Mul" and pool.op == "MaxPool" and not positive(flat(value)):
            return Declined(reason="a factor that isn't positive would turn the order of the numbers round")
    elif pool.op != "MaxPool":
        return Declined(reason="the activation of a mean isn't the mean of the activations")
    if f.op == "LeakyRelu" and not _rises(f.attrs.get("alpha", 0.2)):
        return Declined(reason="a negative slope turns the order of the numbers round")
    before: Source = again(linear)
    if "inner" in match.nodes:
        inner = match.nodes["inner"]
        sides: list[Source] = [before if tensor == linear.name else tensor for tensor in inner.inputs]
        before = NewNode(name=inner.name, op=inner.op, inputs=tuple(sides), attrs=kept(inner))
    operands: list[Source] = [before if tensor == pool.name else tensor for tensor in f.inputs]
    made = NewNode(name="", op=f.op, inputs=tuple(operands), attrs=kept(f))
    return Replacement(root=NewNode(name=f.name, op=pool.op, inputs=(made,), attrs=kept(pool)))


def _rises(alpha: object) -> bool:
    return isinstance(alpha, float | int) and alpha >= 0


def _rules(name: str, before: OpPattern) -> tuple[Rule, ...]:
    pool = op("MaxPool|AvgPool", before, name="pool")
    patterns = {
        "": op(ACTIVATIONS, pool, name="f"),
        "_with_constant": op(f"Mul|{ADDITIONS}", pool, constant("c"), name="f", either_order=True),
    }
    return tuple(
        Rule(
            name=f"{name}{suffix}",
            equation="f(Pool(linear(x, w)), c) -> Pool(f(linear(x, w), c))",
            pattern=pattern,
            rewrite=rewrite,
            where="of a maximum f keeps the order of numbers, of a mean it is a factor or an addend",
        )
        for suffix, pattern in patterns.items()
    )


_LINEAR = op(LINEAR, any_tensor("x"), constant("kernel"), name="linear")

RULES = (
    *_rules("lift_from_pool", _LINEAR),
    *_rules("lift_from_pool_after_bias", op(ADDITIONS, _LINEAR, constant("b"), name="inner", either_order=True)),
)
