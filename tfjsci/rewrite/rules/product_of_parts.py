"""MatMul(x[0], w), MatMul(x[1], w), …  ->  Unpack(MatMul(x, w)), with the bias behind each

where x is unpacked, and each part is multiplied with w, as a recurrent layer does it that Keras has unrolled: one product of all
rows takes one kernel where there was one for each step. (Of a loop the same is ``product_before_loop``.) What is cut out
then are parts of the product, which are larger: of several examples, whose steps lie apart, that takes longer than it saves.
An open batch is taken to be one.
"""

from __future__ import annotations

from tfjsci.graph.graph import AttrValue, DType, Graph, Node, index_of, node_of
from tfjsci.rewrite.channels import not_linear, other_axis, output_channels
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.passing import only_reader
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, NewOutput, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """A part of the product of all. The products of all parts are the same, and become one."""
    graph, root, product = match.graph, match.root, match.nodes["product"]
    unpack = graph[node_of(match.tensors["part"])]
    if unpack.op != "Unpack" or unpack.control:
        return Declined(reason="it isn't a part that is multiplied", moot=True)
    if "bias" not in match.nodes and _bias_behind(graph, product) is not None:
        return Declined(reason="its bias goes with it, or other parts have another", moot=True)
    kernel = match.value("kernel").value
    if reason := not_linear(product, kernel) or ("bias" in match.nodes and other_axis(match.nodes["bias"])):
        return Declined(reason=reason)
    known = graph.type_of(unpack.inputs[0])
    if known is None or known.shape is None or len(known.shape) != 3 or known.shape[-1] is None:
        return Declined(reason="the parts aren't known to be rows of so many columns")
    num, along = unpack.attrs["num"], unpack.attrs.get("axis", 0)
    assert isinstance(num, int)
    assert isinstance(along, int)
    if along % 3 == 2:
        return Declined(reason="the parts are columns of what is unpacked")
    if along % 3 == 1 and known.shape[0] not in (None, 1):
        return Declined(
            reason=f"the parts of {known.shape[0]} examples lie apart: to cut them out takes longer than is saved"
        )
    if known.shape.count(None) > 1:
        return Declined(reason="more than one size is unknown")
    if num < 2 or _multiplied(graph, unpack, match) != set(range(num)):
        return Declined(reason="not every part is multiplied with the same weight")
    dtype: dict[str, AttrValue] = {"T": root.attrs["T"]}
    reshaping = {**dtype, "Tshape": DType("int32")}
    rows = NewNode(
        name="", op="Reshape", inputs=(unpack.inputs[0], new_integers((-1, known.shape[-1]))), attrs=reshaping
    )
    made = NewNode(name="", op="MatMul", inputs=(rows, match.tensors["kernel"]), attrs=kept(product))
    if "bias" in match.nodes:
        made = NewNode(name="", op="BiasAdd", inputs=(made, match.tensors["b"]), attrs=kept(match.nodes["bias"]))
    sizes = [-1 if size is None else size for size in (*known.shape[:-1], output_channels(product, kernel))]
    whole = NewNode(name="", op="Reshape", inputs=(made, new_integers(sizes)), attrs=reshaping)
    parts = NewNode(name="", op="Unpack", inputs=(whole,), attrs=kept(unpack))
    part = NewOutput(node=parts, index=index_of(match.tensors["part"]))
    return Replacement(root=NewNode(name=root.name, op="Identity", inputs=(part,), attrs=dtype))


def _multiplied(graph: Graph, unpack: Node, match: Match) -> set[int]:
    """The parts of which the same is made, the bias included."""
    product, bias = match.nodes["product"], match.nodes.get("bias")
    return {
        index_of(node.inputs[0])
        for node in graph.readers[unpack.name]
        if _same(node, product) and _same(_bias_behind(graph, node), bias)
    }


def _same(node: Node | None, other: Node | None) -> bool:
    """Whether two do the same with the same constants, or neither is there."""
    if node is None or other is None:
        return node is other
    return node.op == other.op and node.inputs[1:] == other.inputs[1:] and node.attrs == other.attrs


def _bias_behind(graph: Graph, product: Node) -> Node | None:
    """The BiasAdd that alone reads the product."""
    reader = only_reader(graph, product.name)
    return reader if reader is not None and reader.op == "BiasAdd" else None


def _rule(name: str, equation: str, pattern: OpPattern) -> Rule:
    return Rule(
        name=name,
        equation=equation,
        pattern=pattern,
        rewrite=rewrite,
        where="x is unpacked, and the same is made of every part",
    )


_PRODUCT = op("MatMul", any_tensor("part"), constant("kernel"), name="product")

RULES = (
    _rule(
        "product_of_parts_with_bias",
        "BiasAdd(MatMul(x[i], w), b) -> Unpack(BiasAdd(MatMul(x, w), b))[i]",
        op("BiasAdd", _PRODUCT, constant("b"), name="bias"),
    ),
    _rule("product_of_parts", "MatMul(x[i], w) -> Unpack(MatMul(x, w))[i]", _PRODUCT),
)
