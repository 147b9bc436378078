"""Reshape(Transpose(P(q k) v))  ->  ConcatV2(P(q₁ k₁) v₁, P(q₂ k₂) v₂, …)

Attention whose heads are computed one by one. What a head asks, and what it is asked with, is a product with its own columns of
the weights, so that nothing is cut out of tensors, and only keys are transposed. The wasm backend multiplies one matrix with
another in XNNPACK, and several at once in plain loops that take ten times as long a multiplication (tfjs-backend-wasm,
``batch_mat_mul_impl.cc``). On a GPU more kernels are more to start: it is done where no GPU's backend is wanted.
"""

from __future__ import annotations

from tfjsci.graph.graph import AttrValue, DType
from tfjsci.rewrite.apart import Apart
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.permuted import order_of
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule
from tfjsci.rewrite.symbolic.sizes import sizes_of

MOST = 32
"""Heads: each takes eight kernels or more."""

LEAST = 65_536
"""Multiplications of a head's larger product: with smaller ones, starting the kernels takes as long."""

_INT = DType("int32")


def rewrite(match: Match) -> Replacement | Declined:
    """Each head by itself, and their results side by side."""
    graph, root = match.graph, match.root
    sizes = sizes_of(graph)
    dims, whole = sizes.shape(match.tensors["attended"]), sizes.shape(root.name)
    if dims is None or len(dims) != 4 or order_of(graph, match.nodes["transpose"]) != (0, 2, 1, 3) or not whole:
        return Declined(reason="it isn't attention with several heads", moot=True)
    batch, heads, rows, size = dims
    if not (isinstance(heads, int) and isinstance(rows, int) and isinstance(size, int)) or whole[-1] != heads * size:
        return Declined(reason="the number of heads or of tokens isn't known, or they aren't put side by side")
    if isinstance(batch, int) and batch != 1:
        return Declined(reason="the batch is larger than one, which plain loops do anyway")
    if not 1 < heads <= MOST:
        return Declined(reason="there are too many heads, or one alone")
    apart = Apart(graph=graph, sizes=sizes, root=root, heads=heads)
    made = apart.of(match.tensors["attended"])
    if made is None or not apart.laid_out or apart.products < 2:
        return Declined(reason="what the heads are made of can't be told apart, or others read it")
    if apart.largest < LEAST:
        return Declined(reason="the heads' products are small")
    dtype: dict[str, AttrValue] = {"T": root.attrs["T"]}
    joined = NewNode(
        name="",
        op="ConcatV2",
        inputs=(*made, new_integers(2)),
        attrs={**dtype, "N": heads, "Tidx": _INT},
    )
    shape = {"Tshape": root.attrs.get("Tshape", _INT)}
    return Replacement(
        root=NewNode(name=root.name, op="Reshape", inputs=(joined, root.inputs[1]), attrs={**dtype, **shape})
    )


RULE = Rule(
    name="heads_apart",
    equation="Reshape(Transpose(P(q k) v)) -> ConcatV2(P(q₁ k₁) v₁, P(q₂ k₂) v₂, …)",
    pattern=op(
        "Reshape",
        op("Transpose", any_tensor("attended"), constant("order"), name="transpose"),
        any_tensor("shape"),
        name="joined",
    ),
    rewrite=rewrite,
    where="no GPU's backend is wanted, and the heads' products are large",
)
