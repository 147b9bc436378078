"""Split(Sigmoid(y + (h w + b))) beside (h w + b)[k] and y[k]  ->  Split(Sigmoid(h w[…] + (y[…] + b[…]))), h w[k] + b[k], y[k]

where […] are the columns of the parts that are read of the Split, and [k] others: a GRU whose reset gate follows the product.
Its two gates take the sum in as the bias of a product of their own, and so the Sigmoid; what the third part is made of is a
product, too, where it was cut out of one of all three. Weights, and y, which has all steps, are cut once in each inference, so
that weights stay as they were stored. A fused product of wasm adds nothing but a vector, so it is done for GPUs alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tfjsci.graph.graph import AttrValue, Constant, DType, Graph, Node, index_of, node_of
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.of_weights import is_of_weights
from tfjsci.rewrite.passing import only_reader
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, NewOutput, Replacement, Rule, Source, kept
from tfjsci.rewrite.symbolic.sizes import sizes_of

_SUMS = frozenset({"AddV2", "Add"})
_BIASED = _SUMS | {"BiasAdd"}
_PRODUCTS = frozenset({"MatMul", "BatchMatMulV2"})
_LEAST = 2


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """``split`` has ``count`` parts that are read, the first ones, of ``columns`` each.

    ``biased`` is the ``product`` and ``bias``, ``added`` is part ``step`` of what ``unpack`` takes apart.
    """

    split: Node
    count: int
    columns: int
    biased: Node
    product: Node
    bias: str
    added: str
    unpack: Node


def rewrite_split(match: Match) -> Replacement | Declined:
    """The parts that are read, of a product of their own."""
    cell = _cell(match.graph, match.root)
    if isinstance(cell, Declined):
        return cell
    graph, dtype, wide = match.graph, _dtype(cell), cell.count * cell.columns
    product = _product(graph, cell, 0, wide)
    steps = _cut(graph, cell.unpack.inputs[0], 0, wide, dtype)
    shifted = NewNode(name="", op="AddV2", inputs=(steps, _bias(graph, cell, 0, wide)), attrs=dtype)
    total = NewNode(name="", op="AddV2", inputs=(product, _step(cell, shifted)), attrs=dtype)
    gates = NewNode(name="", op="Sigmoid", inputs=(total,), attrs=dtype)
    attrs = {**kept(match.root), "num_split": cell.count}
    root = NewNode(name=match.root.name, op="Split", inputs=(match.root.inputs[0], gates), attrs=attrs)
    return Replacement(root=root, others=tuple(NewOutput(node=root, index=i) for i in range(1, cell.count)))


def rewrite_slice(match: Match) -> Replacement | Declined:
    """A product of these columns alone, or the part of what is cut already."""
    graph, root = match.graph, match.root
    cell = _cell_beside(graph, match.tensors["whole"])
    if isinstance(cell, Declined):
        return cell
    columns = _columns(graph, root)
    if columns is None:
        return Declined(reason="it isn't columns that are cut out, as far as is known")
    dtype = _dtype(cell)
    if node_of(match.tensors["whole"]) == cell.biased.name:
        bias = _bias(graph, cell, *columns)
        made = NewNode(
            name=root.name,
            op=cell.biased.op,
            inputs=(_product(graph, cell, *columns), bias),
            attrs=kept(cell.biased),
        )
        return Replacement(root=made)
    steps = _cut(graph, cell.unpack.inputs[0], *columns, dtype)
    return Replacement(root=NewNode(name=root.name, op="Identity", inputs=(_step(cell, steps),), attrs=dtype))


def _dtype(cell: _Cell) -> dict[str, AttrValue]:
    return {"T": cell.biased.attrs["T"]}


def _product(graph: Graph, cell: _Cell, begin: int, size: int) -> NewNode:
    x, weights = cell.product.inputs
    inputs = (x, _cut(graph, weights, begin, size, _dtype(cell)))
    return NewNode(name="", op=cell.product.op, inputs=inputs, attrs=kept(cell.product))


def _bias(graph: Graph, cell: _Cell, begin: int, size: int) -> Source:
    """So many numbers of it: another constant, where it is one, as a kernel that is read at each step is to have it packed."""
    constant = graph.constant(cell.bias)
    if constant is None:
        return _cut(graph, cell.bias, begin, size, _dtype(cell))
    part = Constant(value=np.array(constant.value[..., begin : begin + size]), sources=constant.sources)
    return NewConst(name=cell.bias, constant=part)


def _step(cell: _Cell, steps: NewNode) -> Source:
    """The part of this step."""
    parts = NewNode(name="", op="Unpack", inputs=(steps,), attrs=kept(cell.unpack))
    index = index_of(cell.added)
    return NewOutput(node=parts, index=index) if index else parts


def _cut(graph: Graph, tensor: str, begin: int, size: int, dtype: dict[str, AttrValue]) -> NewNode:
    """So many columns of a tensor."""
    shape = sizes_of(graph).shape(tensor)
    assert shape is not None
    before = [0] * (len(shape) - 1)
    inputs = (tensor, new_integers([*before, begin]), new_integers([*(-1 for _ in before), size]))
    return NewNode(name="", op="Slice", inputs=inputs, attrs={**dtype, "Index": DType("int32")})


def _cell_beside(graph: Graph, tensor: str) -> _Cell | Declined:
    """The cell in whose sum ``tensor`` is."""
    for total in graph.readers[node_of(tensor)]:
        gates = only_reader(graph, total.name) if total.op in _SUMS and tensor in total.inputs else None
        split = only_reader(graph, gates.name) if gates is not None and gates.op == "Sigmoid" else None
        if split is not None and split.op == "Split":
            return _cell(graph, split)
    return Declined(reason="it isn't a recurrent cell's", moot=True)


def _cell(graph: Graph, split: Node) -> _Cell | Declined:
    gates = graph[node_of(split.inputs[1])]
    if gates.op != "Sigmoid" or only_reader(graph, gates.name) is None or split.control:
        return Declined(reason="it isn't the Sigmoid of a sum that is taken apart", moot=True)
    total = graph[node_of(gates.inputs[0])]
    if total.op not in _SUMS or only_reader(graph, total.name) is None or total.attrs.get("T") != DType("float32"):
        return Declined(reason="it isn't the Sigmoid of a sum that is taken apart", moot=True)
    for tensor, added in (total.inputs, total.inputs[::-1]):
        biased, unpack = graph[node_of(tensor)], graph[node_of(added)]
        found = _biased_product(graph, biased)
        if found is not None and unpack.op == "Unpack":
            break
    else:
        return Declined(reason="it isn't the sum of a product with a bias and a part of all steps' tensor", moot=True)
    product, bias = found
    sizes = sizes_of(graph)
    shape, axis = sizes.shape(total.name), graph.constant(split.inputs[0])
    kernel, shift = sizes.shape(product.inputs[1]), sizes.shape(bias)
    if shape is None or axis is None or int(axis.value.reshape(-1)[0]) not in (-1, len(shape) - 1):
        return Declined(reason="it isn't the last dimension that is taken apart, as far as is known")
    if sizes.shape(added) != shape or sizes.shape(tensor) != shape or not isinstance(shape[-1], int):
        return Declined(reason="what is added isn't known to be of the product's shape")
    if kernel is None or shift is None or len(kernel) < _LEAST or not shift or shift[-1] != shape[-1]:
        return Declined(reason="the bias isn't one number for each column")
    along = unpack.attrs.get("axis", 0)
    if not isinstance(along, int) or along % (len(shape) + 1) == len(shape):
        return Declined(reason="what is added are columns of all steps' tensor")
    if product.attrs.get("transpose_b") or product.attrs.get("adj_y"):
        return Declined(reason="the kernel is transposed")
    parts = split.attrs["num_split"]
    assert isinstance(parts, int)
    count = _read(graph, split)
    if not _LEAST <= count < parts:
        return Declined(reason="every part is read, or not the first ones", moot=True)
    others = [reader for name in (biased.name, node_of(added)) for reader in graph.readers[name]]
    beside = [reader for reader in others if reader.name != total.name and _reads(reader, tensor, added)]
    if not beside or any(_columns(graph, reader) is None for reader in beside):
        return Declined(reason="of the product or what is added, others read more than some columns")
    if {tensor, added} & set(graph.outputs) or not any(tensor in reader.inputs for reader in beside):
        return Declined(reason="of the product no part is wanted as it is, or all of it is an output")
    return _Cell(
        split=split,
        count=count,
        columns=shape[-1] // parts,
        biased=biased,
        product=product,
        bias=bias,
        added=added,
        unpack=unpack,
    )


def _reads(reader: Node, *tensors: str) -> bool:
    return not set(tensors).isdisjoint(reader.inputs)


def _biased_product(graph: Graph, node: Node) -> tuple[Node, str] | None:
    """The product with weights, and its bias of weights, of which ``node`` is the sum."""
    if node.op not in _BIASED:
        return None
    product, bias = graph[node_of(node.inputs[0])], node.inputs[1]
    if product.op not in _PRODUCTS or only_reader(graph, product.name) is None:
        return None
    of_weights = is_of_weights(graph, product.inputs[1]) and is_of_weights(graph, bias)
    return (product, bias) if of_weights else None


def _read(graph: Graph, split: Node) -> int:
    """How many parts are read, where they are the first ones; else 0."""
    if any(node_of(tensor) == split.name for tensor in graph.outputs):
        return 0
    tensors = {tensor for reader in graph.readers[split.name] for tensor in reader.inputs}
    read = {index_of(tensor) for tensor in tensors if node_of(tensor) == split.name}
    return len(read) if read == set(range(len(read))) else 0


def _columns(graph: Graph, node: Node) -> tuple[int, int] | None:
    """Where it begins and how many it takes, where it is a Slice of the last dimension of float32."""
    if node.op != "Slice" or node.control or node.attrs.get("T") != DType("float32"):
        return None
    sizes, begin = sizes_of(graph), graph.constant(node.inputs[1])
    whole, part = sizes.shape(node.inputs[0]), sizes.shape(node.name)
    if begin is None or whole is None or part is None or whole[:-1] != part[:-1] or not isinstance(part[-1], int):
        return None
    at = begin.value.reshape(-1).tolist()
    return None if any(at[:-1]) else (int(at[-1]), part[-1])


RULES = (
    Rule(
        name="gates_apart",
        equation="Split(Sigmoid(y + (h w + b))) -> Split(Sigmoid(h w[...] + (y + b)[...]))",
        pattern=op("Split", any_tensor("axis"), any_tensor("gates"), name="split"),
        rewrite=rewrite_split,
        where="some parts aren't read, y is a part of a tensor, columns of h w + b are read as they are, and no wasm is wanted",
        all_outputs=True,
    ),
    Rule(
        name="gates_apart_beside",
        equation="(h w + b)[k] -> h w[k] + b[k]; Unpack(y, i)[k] -> Unpack(y[k], i)",
        pattern=op("Slice", any_tensor("whole"), name="slice"),
        rewrite=rewrite_slice,
        where="it is beside such gates",
    ),
)
