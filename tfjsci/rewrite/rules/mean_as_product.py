"""Mean(x, last axis) + e  ->  x · [1/n, …] + e;   Sum(x, last axis)  ->  x · [1, …];   Mean(x, steps)  ->  [1/n, …] · x

The reductions of norms, and the mean over a sequence, where webgl alone is wanted: four shader runs are one (``packed.py``), and
one more is spared where a number that is added becomes the product's bias. The sum of squares gets no larger than it was on the
way: 1/n is in the column, so that 16 bit textures hold what they held.
"""

from __future__ import annotations

from tfjsci.graph.graph import Constant, Graph, Node
from tfjsci.rewrite.packed import not_summed, row_sums, shares
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule

_ADDING = frozenset({"Add", "AddV2"})

MOST_WITH_BIAS = 2048
"""A product with a bias is one however long its rows are; raced up to here."""


def rewrite_sum(match: Match) -> Replacement | Declined:
    """A product, and a Squeeze where steps drop their dimension."""
    root = match.root
    found = _reduced(match)
    if isinstance(found, Declined):
        return found
    shape, axis = found
    rank, dtype, n = len(shape), root.attrs["T"], shape[axis]
    if rank == 2 and any(_lifted(match.graph, reader) for reader in match.graph.readers.get(root.name, ())):
        return Declined(reason="what is added to it is a bias of the product", moot=True)
    if axis == rank - 1 and not root.attrs.get("keep_dims"):
        return Declined(reason="the dimension is dropped")
    if reason := not_summed(n):
        return Declined(reason=reason)
    assert n is not None
    share = 1 / n if root.op == "Mean" else 1.0
    if axis == rank - 1:
        column = shares((n, 1), share)
        return Replacement(root=row_sums(root.name, match.tensors["x"], rank=rank, column=column, dtype=dtype))
    keeps = bool(root.attrs.get("keep_dims"))
    made = NewNode(
        name=root.name if keeps else "",
        op="BatchMatMulV2",
        inputs=(shares((1, n), share), match.tensors["x"]),
        attrs={"T": dtype, "adj_x": False, "adj_y": False},
    )
    if keeps:
        return Replacement(root=made)
    squeezing = {"T": dtype, "squeeze_dims": (axis,)}
    return Replacement(root=NewNode(name=root.name, op="Squeeze", inputs=(made,), attrs=squeezing))


def rewrite_biased(match: Match) -> Replacement | Declined:
    """A product of a matrix and its bias, which are fused."""
    reduction, root = match.nodes["reduction"], match.root
    found = _reduced(match)
    if isinstance(found, Declined):
        return found
    shape, axis = found
    added = match.value("added")
    if (len(shape), axis) != (2, 1) or not _lifted(match.graph, root):
        return Declined(reason="it isn't one number that is added to a matrix' rows", moot=True)
    if not reduction.attrs.get("keep_dims"):
        return Declined(reason="the dimension is dropped")
    n = shape[1]
    if reason := not_summed(n, most=MOST_WITH_BIAS):
        return Declined(reason=reason)
    assert n is not None
    dtype = root.attrs["T"]
    column = shares((n, 1), 1 / n if reduction.op == "Mean" else 1.0)
    product = row_sums(reduction.name, match.tensors["x"], rank=2, column=column, dtype=dtype)
    vector = Constant(value=added.value.reshape(1), sources=added.sources)
    bias = NewConst(name=match.tensors["added"], constant=vector)
    attrs = {"T": dtype, "data_format": b"NHWC"}
    return Replacement(root=NewNode(name=root.name, op="BiasAdd", inputs=(product, bias), attrs=attrs))


def _lifted(graph: Graph, node: Node) -> bool:
    """Whether it adds one number that is known."""
    if node.op not in _ADDING or len(node.inputs) != 2:
        return False
    known = [graph.constant(tensor) for tensor in node.inputs]
    return any(each is not None and each.value.size == 1 and each.value.ndim <= 2 for each in known)


def _reduced(match: Match) -> tuple[tuple[int | None, ...], int] | Declined:
    """The shape of what is reduced, and along which dimension: the last one, or the steps of a sequence."""
    known, axes = match.graph.type_of(match.tensors["x"]), match.value("axes").value.reshape(-1)
    if known is None or known.shape is None or known.dtype != "float32":
        return Declined(reason="it isn't float32 of a known rank")
    rank = len(known.shape)
    if rank < 2 or len(axes) != 1:
        return Declined(reason="it isn't along one dimension of several", moot=True)
    axis = int(axes[0]) % rank
    if axis != rank - 1 and (rank, axis) != (3, 1):
        return Declined(reason="it isn't along the last dimension, or the steps of a sequence", moot=True)
    return known.shape, axis


REDUCTION = op("Mean|Sum", any_tensor("x"), constant("axes"), name="reduction")

RULES = (
    Rule(
        name="mean_as_product_with_bias",
        equation="Mean(x, last axis) + e -> BiasAdd(MatMul(x, [1/n, ...]), e)",
        pattern=op("AddV2|Add", REDUCTION, constant("added"), name="sum", either_order=True),
        rewrite=rewrite_biased,
        where="x is a matrix of an even number of columns, and webgl alone is wanted",
    ),
    Rule(
        name="mean_as_product",
        equation="Mean(x, last axis) -> MatMul(x, [1/n, ...])",
        pattern=REDUCTION,
        rewrite=rewrite_sum,
        where="or over a sequence; n is even, and webgl alone is wanted",
    ),
)
