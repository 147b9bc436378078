"""f(Squeeze(x), c)  ->  Squeeze(f(x, c))

where f works element by element and c is one number for each channel: the convolution of a sequence stands between ExpandDims
and Squeeze, which keeps its bias, batch norm and activation from it. Of two squeezed operands alike, one Squeeze is left.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.channels import other_axis
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, Source, kept

UNARY = "Abs|Elu|Erf|Exp|LeakyRelu|Neg|Relu|Relu6|Rsqrt|Selu|Sigmoid|Softplus|Sqrt|Square|Tanh"
BINARY = "Add|AddV2|BiasAdd|Maximum|Minimum|Mul|Prelu|RealDiv|Sub"


def rewrite(match: Match) -> Replacement | Declined:
    """f on 4 dimensions, and the Squeeze behind it."""
    squeeze, f = match.nodes["squeeze"], match.root
    if reason := _unfit(match) or other_axis(f):
        return Declined(reason=reason)
    given: Source = match.tensors["x"]
    operands: list[Source] = [given]
    if "c" in match.tensors:
        value = match.value("c")
        if any(size != 1 for size in value.value.shape[:-1]) or value.value.ndim > _rank(match):
            return Declined(reason=f"the operand's shape {value.value.shape} isn't one number for each channel")
        flat = Constant(value=np.array(value.value.reshape(-1)), sources=value.sources)
        operands.append(NewConst(name=match.tensors["c"], constant=flat))
    elif "other" in match.nodes:
        if match.nodes["other"].attrs.get("squeeze_dims") != squeeze.attrs.get("squeeze_dims"):
            return Declined(reason="the operands lose other dimensions")
        operands.append(match.tensors["y"])
    if len(operands) == 2 and f.inputs[0] != squeeze.name:
        if f.op == "BiasAdd":
            return Declined(reason="it is the bias that is squeezed")
        operands.reverse()
    made = NewNode(name="", op=f.op, inputs=tuple(operands), attrs=kept(f))
    return Replacement(root=NewNode(name=f.name, op="Squeeze", inputs=(made,), attrs=kept(squeeze)))


def _rank(match: Match) -> int:
    """Of what is squeezed: a constant of more dimensions would lift the result."""
    known = match.graph.type_of(match.nodes["squeeze"].name)
    return len(known.shape) if known is not None and known.shape is not None else 0


def _unfit(match: Match) -> str | None:
    squeeze = match.nodes["squeeze"]
    known, gone = match.graph.type_of(squeeze.name), squeeze.attrs.get("squeeze_dims")
    if known is None or known.shape is None or not isinstance(gone, tuple) or not gone:
        return "which dimensions it loses isn't known"
    rank = len(known.shape) + len(gone)
    if rank > 4:
        return f"f would work on {rank} dimensions"
    if any(int(n) % rank == rank - 1 for n in gone if isinstance(n, int)):
        return "it is the channels that are squeezed away"
    return None


def _rule(name: str, pattern: OpPattern) -> Rule:
    return Rule(
        name=name,
        equation="f(Squeeze(x), c) -> Squeeze(f(x, c))",
        pattern=pattern,
        rewrite=rewrite,
        where="c is one number a channel",
    )


_SQUEEZE = op("Squeeze", any_tensor("x"), name="squeeze")

RULE = _rule("sink_squeeze", op(UNARY, _SQUEEZE, name="f"))
WITH_CONSTANT = _rule("sink_squeeze_with_constant", op(BINARY, _SQUEEZE, constant("c"), name="f", either_order=True))
OF_BOTH = _rule("sink_squeeze_of_both", op(BINARY, _SQUEEZE, op("Squeeze", any_tensor("y"), name="other"), name="f"))

RULES = (RULE, WITH_CONSTANT, OF_BOTH)
